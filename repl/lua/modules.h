/* modules.h - C modules of Lua for the lab's own scripts: a person's script has neither them nor require. */
#ifndef TWOMSL_LUA_MODULES_H
#define TWOMSL_LUA_MODULES_H

#include <lua.h>

/* Pushes the module of that name ("lpeg"), found where Lua's own package library looks for it, or nil and why not;
 * returns how many values. */
int module_open(lua_State *L, const char *name);
/* Pushes Lua's own library for files. */
void module_open_io(lua_State *L);

#endif
