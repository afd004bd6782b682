/* scripts.h - the history as a script. */
#ifndef TWOMSL_LUA_SCRIPTS_H
#define TWOMSL_LUA_SCRIPTS_H

#include "../text/text.h"

/* Replaces the world by the one after the input; it grows where it must, as in a session. False: the input was refused
 * or there is no memory, and the world is what it was. */
bool step_copy(World **world, const Input *input, Trace *trace);
/* Writes the Lua that makes the present history, up to now, in any program. Returns the number of steps, or less where
 * there are no words for the step after these; -1: no memory. */
int64_t add_script(Text *text, const Session *session);

#endif
