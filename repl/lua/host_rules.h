/* host_rules.h - h.rules and c.rules. */
#ifndef TWOMSL_LUA_HOST_RULES_H
#define TWOMSL_LUA_HOST_RULES_H

#include "handles.h"

extern const Kind rules_kind;

/* Values for some of the rules, in the units of the engine. */
typedef struct RuleChanges {
    bool set[HOST_RULE_COUNT];
    int64_t values[HOST_RULE_COUNT];
} RuleChanges;
/* Adds the rule named at index `name` with the value at index `value`; raises where one of them is wrong. */
void read_rule_change(lua_State *L, int name, int value, RuleChanges *changes);
/* Pushes the value as it is written in Lua. */
void push_rule_value(lua_State *L, HostRule rule, const HostView *view);
/* Sets the host's rules that the table at `table` names; none where one of them is wrong. */
void rules_assign(lua_State *L, const HostHandle *host, int table);

#endif
