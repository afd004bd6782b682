/* patterns.h - string.find, match, gmatch and gsub of the sandbox. */
#ifndef TWOMSL_LUA_PATTERNS_H
#define TWOMSL_LUA_PATTERNS_H

#include <lua.h>

/* Replaces find, match, gmatch and gsub in the table on top of the stack. They do what the Lua 5.4 manual, 6.4.1, says,
 * with the messages of Lua's own library; but a search can be interrupted and counts against the budget of
 * instructions (lab_spend). A pattern may be as long and as nested as memory allows. */
void patterns_open(lua_State *L);

#endif
