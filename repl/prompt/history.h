/* history.h - the lines of earlier sessions. */
#ifndef TWOMSL_PROMPT_HISTORY_H
#define TWOMSL_PROMPT_HISTORY_H

/* Reads the history file, whose folder is made; where that fails there is just no history. NULL: none is kept. Returns
 * why what stands there is left alone: it is no file, cannot be read or written, or is too large; else NULL. */
const char *history_open(const char *path);
/* Adds a chunk, unless it is blank, starts with a space, or repeats the last. */
void history_keep(const char *chunk);
/* Keeps the file short. */
void history_close(void);

#endif
