/* trace.h - trace(): events, all of them or some. */
#ifndef TWOMSL_LUA_TRACE_H
#define TWOMSL_LUA_TRACE_H

#include <lua.h>

/* trace([n | {from=, to=, kind=, host=, conn=, last=}]) */
int trace_events(lua_State *L);

#endif
