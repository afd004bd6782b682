/* act.h - the one way in which Lua changes the world: an input becomes one step of the history. */
#ifndef TWOMSL_LUA_ACT_H
#define TWOMSL_LUA_ACT_H

#include "running.h"

/* Does the input as one step of the history. Raises an error where a limit is reached or the raw wire fails; any other
 * status is returned. */
Status act(lua_State *L, const Input *input);
/* The same, where a refusal can only be a mistake of the caller: raises "WHAT: <status>". */
void act_surely(lua_State *L, const Input *input, const char *what);
const Result *act_result(lua_State *L);

#endif
