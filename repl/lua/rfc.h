/* rfc.h - what scripts/rfc.lua reads the requirements of the RFCs with. */
#ifndef TWOMSL_LUA_RFC_H
#define TWOMSL_LUA_RFC_H

#include <lua.h>

/* Pushes the table of functions that rfc.lua gets as its argument. */
void rfc_push_machinery(lua_State *L);
/* Takes the function on top of the stack, which rfc.lua returns: it lists the names that rfc() knows. */
void rfc_keep_names(lua_State *L);

#endif
