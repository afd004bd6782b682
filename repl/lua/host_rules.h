/* host_rules.h - h.rules and c.rules. */
#ifndef TWOMSL_LUA_HOST_RULES_H
#define TWOMSL_LUA_HOST_RULES_H

#include "objects.h"

extern const Kind rules_kind;
/* Sets the rule of the host whose name stands at `name` to what stands at `value`. */
void rules_assign(lua_State *L, HostId host, int name, int value);

#endif
