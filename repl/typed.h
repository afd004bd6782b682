/* typed.h - what a person types at the prompt that is not Lua. Scripts and the window's lines know nothing of it. */
#ifndef TWOMSL_TYPED_H
#define TWOMSL_TYPED_H

#include <stdbool.h>

/* "exit" and "quit". */
bool typed_leave(const char *line);
/* "help x" and "x?" as a call of help(), where x is a name or the like of "c.snd.nxt" and "wire:inject"; to be freed.
 * NULL: the line is none of those, or there is no memory. */
char *typed_help(const char *line);

#endif
