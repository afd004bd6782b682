/* files.h - sessions in files: the word save(), and load() of what is no Lua. */
#ifndef TWOMSL_LUA_FILES_H
#define TWOMSL_LUA_FILES_H

#include "running.h"

int save_file(lua_State *L);
/* Argument 1 is the name of a file and no Lua: load() is to read it. */
bool names_file(lua_State *L);
int load_file_named(lua_State *L);

#endif
