/* memory.h - what a script may take: its values, the history it makes, and the texts that are made for it, together.
 *
 * Texts (repl/text) do not belong to Lua: between TEXT_EMPTY and push_text() nothing is called that could raise an
 * error, or the text would be lost. */
#ifndef TWOMSL_LUA_MEMORY_H
#define TWOMSL_LUA_MEMORY_H

#include "../text/text.h"
#include "running.h"

/* Lua's allocator; `self` is the Lab. */
void *memory_allocate(void *self, void *block, size_t old_size, size_t new_size);
/* Texts ask this Lab from now on; NULL: nobody. */
void memory_counts_texts(Lab *lab);

/* Bytes a script may take. */
size_t memory_limit(const Lab *lab);
/* Bytes it may take besides what it has. */
size_t memory_left(const Lab *lab);
/* From now on the limit holds; between jobs it does not: our own calls there are not protected and must not fail. */
void memory_begin(Lab *lab);
void memory_end(Lab *lab);
/* Leaves the history what the rest does not take, before a step. */
void memory_limit_session(const Lab *lab);

/* Pushes the text as a string and frees it; raises where there was no memory for all of it. */
void push_text(lua_State *L, Text *text);
/* Where the program itself had no memory for what a script asked: the next memory_describe() says where that was. */
void memory_note_shortage(Lab *lab);
/* Raises Lua's own error, "not enough memory". */
int memory_error(lua_State *L);
/* Where memory ran out, what took it and what to do: the message for that error. The history's part begins with `what`
 * ("step: "). */
void memory_describe(const Lab *lab, Text *message);
void memory_describe_history(const Lab *lab, Text *message);

#endif
