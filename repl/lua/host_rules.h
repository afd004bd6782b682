/* host_rules.h - h.rules and c.rules. */
#ifndef TWOMSL_LUA_HOST_RULES_H
#define TWOMSL_LUA_HOST_RULES_H

#include "handles.h"

extern const Kind rules_kind;
/* Sets the host's rules that the table at `table` names; none where one of them is wrong. */
void rules_assign(lua_State *L, const HostHandle *host, int table);

#endif
