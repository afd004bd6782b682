/* values.h - how the prompt shows a value. */
#ifndef TWOMSL_LUA_VALUES_H
#define TWOMSL_LUA_VALUES_H

#include <lua.h>
#include <stddef.h>

/* Pushes the text with which the prompt shows the value at `index`: its __tostring where it has one, tables readably
 * and in stable order (nested, cut off, cycles safe), strings as they are. May call __tostring, so only inside a job or
 * a protected call. `length` may be NULL. */
const char *lab_readable(lua_State *L, int index, size_t *length);
/* The same with a string in quotes: what a message says of a wrong value. */
const char *lab_literal(lua_State *L, int index);

#endif
