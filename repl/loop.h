/* loop.h - the program's one loop: terminal, window, signals, and the job that Lua runs. One thread, one poll.
 *
 * loop_run() is the whole of it. Where somebody else owns the loop (a browser, a test), it is called turn by turn:
 * loop_begin(), then loop_turn() whenever there is time, then loop_end().
 */
#ifndef TWOMSL_LOOP_H
#define TWOMSL_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "lua/lab.h"
#include "signals.h"
#include "stage/stage.h"

typedef enum ActionKind {
    ACTION_LINE,   /* text, as if typed at the prompt: values are shown */
    ACTION_CHUNK,  /* text, with its arguments */
    ACTION_FILE,   /* text is what stands in the file `name`, with its arguments */
    ACTION_DRILL,  /* packetdrill scripts: its arguments */
    ACTION_EXPLORE /* the searches of the script that follows: its arguments */
} ActionKind;

/* What is to be done before the prompt, in order. */
typedef struct Action {
    ActionKind kind;
    const char *text, *name; /* name: for messages, "=stdin" */
    size_t length;
    int argc;
    char *const *argv;
} Action;

typedef struct LoopConfig {
    Lab *lab;
    const Action *actions;
    size_t action_count;
    bool stay;           /* after the actions: at the prompt, or until the window is closed */
    const char *history; /* file of the prompt's history, or NULL */
} LoopConfig;

/* Before the lab is made: the window and the terminal. The loop closes the stage (NULL: no window) where the person
 * does. `terminal`: stdin is one. */
void loop_open(Stage *stage, bool terminal);
/* The program around the lab, for LabConfig.port, after loop_open(). */
LabPort loop_port(void);
/* Runs a line from the window as if it were typed, for StageConfig.command. */
void loop_command(void *self, const char *line);
/* Prints a line as if it were typed, for StageConfig.echo: the window has done already what it says. */
void loop_echo(void *self, const char *line);
/* The lesson that waits goes on, for StageConfig.go_on. */
void loop_go_on(void *self);
/* For signals_open(). */
Interrupt loop_interrupt(void);

/* What the loop waits for: a signal, the terminal, the display, or whatever else has a descriptor. */
typedef struct LoopSource {
    int (*fd)(void *self);      /* to wait for input on; -1: not now. Asked before each wait */
    int (*timeout)(void *self); /* ms after which there is to be a turn though nothing came in; -1 (or NULL): never */
    void (*ready)(void *self);  /* there is input; NULL: loop_turn() looks for itself */
    void *self;
} LoopSource;
/* Waits for this one, too, after loop_open(). Earlier ones are called first. False: there are too many (8). */
bool loop_add_source(LoopSource source);

typedef enum LoopTurn {
    LOOP_AGAIN, /* something was done: more may be to do at once */
    LOOP_WAITS, /* there is nothing to do before a source is ready */
    LOOP_ENDED  /* all is done, the person leaves, or a signal ends the program */
} LoopTurn;

/* Before the first turn. */
void loop_begin(const LoopConfig *config);
/* One turn: the window's events and its next frame, signals, then one job or a part of one. Does not wait. */
LoopTurn loop_turn(void);
/* Waits until a source is ready or wants a turn, without a limit where none does. */
void loop_wait(void);
/* After the last turn. Returns the exit status; where a signal ended the program, its number negative. */
int loop_end(void);
/* All of it: begins, takes turns and waits between them, ends. */
int loop_run(const LoopConfig *config);
/* Closes the prompt, and the stage where it is still open. */
void loop_close(void);

#endif
