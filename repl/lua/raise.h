/* raise.h - errors of the vocabulary. Each is one line that says what was wrong and what to do; the position
 * (FILE:LINE) is added. */
#ifndef TWOMSL_LUA_RAISE_H
#define TWOMSL_LUA_RAISE_H

#include <lua.h>

#include "../../engine/engine.h"

/* Raises "NAME: <format>" with the name of the function in which argument `argument` was wrong: "send: the data must be
 * a string, not a number"; where it was called without a name "argument N: ", or nothing for 0. Does not return;
 * `return lab_argument_error(...)` reads well. */
int lab_argument_error(lua_State *L, int argument, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Pushes nil and status_text(status); returns 2. */
int lab_refuse(lua_State *L, Status status);

/* ---- "did you mean" ---- */
enum { LAB_WORD = 40 }; /* longer names are not compared */
/* How many typing errors lie between two words; most + 1 where there are more than `most`. */
size_t lab_distance(const char *a, const char *b, size_t most);
/* How many are forgiven in a word of that length: none in a single letter, one in a short word, two in
 * a long one. */
size_t lab_slips(const char *word);
/* The word of `words` (ends with NULL) nearest to `word`; NULL where none is near. */
const char *lab_nearest(const char *word, const char *const *words);

#endif
