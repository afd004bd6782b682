/* netstat.h - netstat(), timers(). */
#ifndef TWOMSL_LUA_NETSTAT_H
#define TWOMSL_LUA_NETSTAT_H

#include <lua.h>

int netstat_conns(lua_State *L);
int netstat_timers(lua_State *L);

#endif
