/* loop.h - the program's one loop: terminal, window, signals, and the job that Lua runs. One thread, one poll. */
#ifndef TWOMSL_LOOP_H
#define TWOMSL_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "lua/lab.h"
#include "stage/stage.h"

typedef enum ActionKind {
    ACTION_LINE,  /* text, as if typed at the prompt: values are shown */
    ACTION_CHUNK, /* text, with its arguments */
    ACTION_FILE,  /* text is its path, with its arguments */
    ACTION_DRILL  /* packetdrill scripts: its arguments */
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

/* Before the lab is made: who is there. The loop closes the stage (NULL: no window) where the person does. `terminal`:
 * stdin is one. */
void loop_open(Stage *stage, bool terminal);
/* The program around the lab, for LabConfig.port, after loop_open(). */
LabPort loop_port(void);
/* Runs a line from the window, for StageConfig.command. */
void loop_command(void *self, const char *line);
/* For signals_open(). */
void loop_interrupt(void);

/* Runs until all is done or the person leaves. Returns the exit status; where a signal ended it, its number negative.
 */
int loop_run(const LoopConfig *config);
/* Closes the stage where it is still open. */
void loop_close(void);

#endif
