/* differ.h - a history played with other rules, up to the first event that is different. */
#ifndef TWOMSL_LUA_DIFFER_H
#define TWOMSL_LUA_DIFFER_H

#include "host_rules.h"

/* The rules of one of the two worlds that are compared: where none is set, the history's own. */
typedef struct OtherRules {
    RuleChanges of[LIMIT_HOSTS];
    char name[160]; /* "with nagle=false" */
} OtherRules;

/* Plays the history up to now in two sessions of its own, with the rules at `rules[0]` and `rules[1]`, and pushes the
 * first difference; or nil and a sentence. Returns how many values. */
int push_difference(lua_State *L, const OtherRules rules[2]);

#endif
