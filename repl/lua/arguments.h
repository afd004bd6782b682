/* arguments.h - reading the arguments of words and methods; each raises an error that says what was expected. */
#ifndef TWOMSL_LUA_ARGUMENTS_H
#define TWOMSL_LUA_ARGUMENTS_H

#include "running.h"

/* True where a number without a fraction stands at `index`; a string is none ("80"). */
bool is_whole(lua_State *L, int index, lua_Integer *value);
/* A whole number; raises where it is none or outside `least` to `most`. `what` names it in the message. */
lua_Integer check_whole(lua_State *L, int index, int argument, const char *what, lua_Integer least, lua_Integer most);
/* Seconds at `index` as microseconds; raises where it is no number or outside `least` to `most` seconds. */
Micros check_seconds(lua_State *L, int index, int argument, const char *what, double least, double most);
/* A port, 1 to 65535. */
uint16_t check_port(lua_State *L, int index, int argument, const char *what);
/* The rule of the standard with this name; raises where there is none. */
RuleId check_rule(lua_State *L, int argument, const char *name);
/* "A", "B" or an address at `index`, with or without ":port". False: neither. */
bool read_endpoint(lua_State *L, int index, Endpoint *endpoint, bool *has_port);

/* Tables of named values ({port=7777}) are read by these alone, and before the world is looked at: metamethods of the
 * table do not run, so nothing changes between reading and acting, and the values stay on the stack. */

/* Pushes the value of each of `names` (ends with NULL) in the table at `index`, in that order, nil where it has none.
 * Returns where the first stands. Raises where the table has another key: "PHRASE no field 'x'; it has: ...". */
int push_named(lua_State *L, int index, const char *phrase, const char *const *names);
/* The same for the options of a call, which may be left out: then all are nil. Raises where they are no table. */
int push_options(lua_State *L, int index, const char *const *names);

#endif
