/* profiles.h - h:profile "linux". */
#ifndef TWOMSL_LUA_PROFILES_H
#define TWOMSL_LUA_PROFILES_H

#include "host_rules.h"

/* The rules of the profile named at `index`, all but isn; raises where there is none. */
void read_profile(lua_State *L, int index, int argument, RuleChanges *changes);
/* The method of a host. */
int host_profile(lua_State *L);

#endif
