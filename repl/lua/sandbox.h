/* sandbox.h - Lua's own libraries, without what reaches outside, and bounded. */
#ifndef TWOMSL_LUA_SANDBOX_H
#define TWOMSL_LUA_SANDBOX_H

#include <lua.h>

void lab_open_sandbox(lua_State *L);

#endif
