/* tables.h - the table library of the sandbox, with a bound on every loop. */
#ifndef TWOMSL_LUA_TABLES_H
#define TWOMSL_LUA_TABLES_H

#include <lua.h>

/* Replaces insert, remove, concat, move and sort in the table on top of the stack, which is Lua's own library. */
void tables_open(lua_State *L);

#endif
