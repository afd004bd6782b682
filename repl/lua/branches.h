/* branches.h - the futures of the session: the present one, and those that were left by acting in the past. */
#ifndef TWOMSL_LUA_BRANCHES_H
#define TWOMSL_LUA_BRANCHES_H

#include "objects.h"

#define BRANCH "branch"
extern const Kind branch_kind;

/* The words branches() and branch(). */
int list_branches(lua_State *L);
int go_to_branch(lua_State *L);

#endif
