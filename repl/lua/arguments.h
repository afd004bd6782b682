/* arguments.h - reading the arguments of words and methods; each raises an error that says what was expected. */
#ifndef TWOMSL_LUA_ARGUMENTS_H
#define TWOMSL_LUA_ARGUMENTS_H

#include "running.h"

/* Seconds at `index` as microseconds; raises where it is no number or outside `least` to `most` seconds. `what` names
 * it in the message. */
Micros check_seconds(lua_State *L, int index, int argument, const char *what, double least, double most);
/* A port, 1 to 65535. */
uint16_t check_port(lua_State *L, int index, int argument, const char *what);
/* "A", "B" or an address at `index`, with or without ":port". False: neither. */
bool read_endpoint(lua_State *L, int index, Endpoint *endpoint, bool *has_port);
/* True where the options table at `index` is there; raises where it has a name that is not `allowed` (ends with NULL).
 */
bool options_at(lua_State *L, int index, const char *const *allowed);

#endif
