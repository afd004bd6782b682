/* why.h - why(): the rule behind an event, a step, a packet, a connection or a timer, and what caused it. */
#ifndef TWOMSL_LUA_WHY_H
#define TWOMSL_LUA_WHY_H

#include "objects.h"

int explain(lua_State *L); /* the word why */

#endif
