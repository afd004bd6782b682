/* act.h - the one way in which Lua changes the world: an input becomes one step of the history. */
#ifndef TWOMSL_LUA_ACT_H
#define TWOMSL_LUA_ACT_H

#include "running.h"

/* Does the input as one step of the history. Raises an error where a limit is reached or the raw wire fails; any other
 * status is returned. */
Status act(lua_State *L, const Input *input);
/* The same, where a refusal can only be a mistake of the caller: raises "WHAT: <status>". */
void act_surely(lua_State *L, const Input *input, const char *what);
/* Going to another moment keeps to the limit of memory, and is nothing that a check of a search may do. */
void act_may_go(lua_State *L, const char *what);
/* Raises "WHAT: the history of 9 steps takes 61 MB of ...". Does not return. */
void history_memory_error(lua_State *L, const char *what);
const Result *act_result(lua_State *L);

#endif
