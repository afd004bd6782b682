/* environment.h - who sees which globals.
 *
 * The words of the lab (step, check, A, wire ...) are not in the table of globals but behind it: a script reads them
 * like any global, and assigning to one is an error. The lab's own Lua (prelude, drill) and each file of a lesson have
 * environments of their own, with copies of Lua's libraries: no global of a script reaches them. Methods of strings are
 * copies too, and the metatables of strings and environments are protected. */
#ifndef TWOMSL_LUA_ENVIRONMENT_H
#define TWOMSL_LUA_ENVIRONMENT_H

#include <lua.h>

/* After Lua's libraries have been opened: from now on every new global is a word of the lab. */
void environment_open(lua_State *L);
/* After all words are there: from now on they keep their values. */
void environment_seal(lua_State *L);

/* Makes the table on top of the stack, which it pops, the environment of the chunk below it. */
void environment_set(lua_State *L);
/* Pushes the environment of the lab's own Lua. */
void environment_push_own(lua_State *L);
/* Pushes a new environment for the file of a lesson. */
void environment_push_lesson(lua_State *L);

/* Pushes a new table with every global and every word. */
void environment_push_names(lua_State *L);

#endif
