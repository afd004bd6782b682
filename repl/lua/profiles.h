/* profiles.h - h:profile "linux". */
#ifndef TWOMSL_LUA_PROFILES_H
#define TWOMSL_LUA_PROFILES_H

#include <lua.h>

/* The method of a host. */
int host_profile(lua_State *L);

#endif
