/* prompt.h - the terminal: the one owner of stdout, and the one room that includes readline.
 *
 * Two ways of use. prompt_print() and prompt_error() always work, also for a script without a terminal. prompt_open()
 * adds line editing on stdin; then the loop polls stdin while prompt_wants_input(), and calls prompt_read().
 *
 * The prompt has three conditions: off (a job that was typed runs: the terminal is as the shell left it, but shows no
 * keys), shown, and hidden (something is being printed while a line is half typed; prompt_show() brings it back).
 */
#ifndef TWOMSL_PROMPT_H
#define TWOMSL_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct PromptConfig {
    const char *history; /* the history file; its folder is made. NULL: none is kept */
    /* A whole line was typed; NULL: Ctrl-D on an empty line, or the terminal is gone. The prompt is off while this
     * runs. */
    void (*line)(void *self, const char *text);
    /* Calls found() for each completion of what ends at `end` of `line`; returns where in `line` the completions start.
     */
    size_t (*complete)(void *self, const char *line, size_t end, void (*found)(void *place, const char *completion),
                       void *place);
    void *self;
} PromptConfig;

/* Takes over the terminal on stdin. Once per program. */
void prompt_open(const PromptConfig *config);
/* Gives the terminal back as it was and saves the history. Fine without prompt_open(), and twice. */
void prompt_close(void);

/* Shows the prompt, with what was half typed; `text` is "> ". Does nothing where it is shown already. */
void prompt_show(const char *text);
/* Takes the prompt away, with what was half typed. */
void prompt_drop(void);
/* Ctrl-C at the prompt: what was half typed is given up. */
void prompt_cancel(void);
/* The prompt is shown or hidden: the terminal's input is readline's. */
bool prompt_wants_input(void);
/* Reads what is there on stdin. */
void prompt_read(void);
/* The terminal's size changed. */
void prompt_resize(void);
/* Before and after the program is stopped (Ctrl-Z). */
void prompt_suspend(void);
void prompt_resume(void);

/* Adds a chunk of one or more lines to the history. */
void prompt_remember(const char *chunk);

/* To stdout; where a line is half typed, above it. */
void prompt_print(const char *text, size_t length);
/* A message to stderr, with its newline; red on a terminal, unless NO_COLOR is set. */
void prompt_error(const char *text);
/* To stderr, as it stands. */
void prompt_aside(const char *text, size_t length);
/* A line about what runs, on stderr where that is a terminal, in the place of the last one; NULL takes it away, as all
 * other output does. */
void prompt_progress(const char *text);
/* Writes what is buffered. False: stdout does not take it (a full disk, a closed pipe). */
bool prompt_flush(void);
/* The errno with which stdout has failed; 0: it has not. */
int prompt_broken(void);
/* Where `stopped` is true while something waits for the terminal to take output or for the rest of a paste, that is
 * given up. */
void prompt_watch(bool (*stopped)(void));
int prompt_columns(void);

/* Async-signal-safe: puts the terminal back as it was, for an end without prompt_close(). */
void prompt_restore(void);

#endif
