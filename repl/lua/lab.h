/* lab.h - the lab: a Session with the Lua vocabulary over it.
 *
 * The only room that includes lua.h. The program (main.c, loop.c) sees this header alone; the libraries of this
 * room see it and libs.h.
 */
#ifndef TWOMSL_LAB_H
#define TWOMSL_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../engine/engine.h"
#include "../text/settings.h"

typedef struct Lab Lab;

/* What the lab needs from the program around it. All may be NULL but `print`. */
typedef struct LabPort {
    void *self;
    /* Output, whole lines as a rule; the program is the one owner of stdout. */
    void (*print)(void *self, const char *text, size_t length);
    /* The window still shows an earlier moment: step, run and wait yield until it does not. NULL or false without a
     * window. */
    bool (*lags)(void *self);
    /* A caption for the window (also printed). Either may be NULL: leave it. */
    void (*caption)(void *self, const char *title, const char *text);
    /* Waits for the user: true where there is one (the job then yields: lab_waits_for_person()). */
    bool (*pause)(void *self, const char *why);
    /* One line that says how far a long call has come, in the place of the last such line; NULL takes it away. NULL
     * where nobody would see it. */
    void (*progress)(void *self, const char *line);
    /* What is set of the window, see text/settings.h; NAN: it is closed. Both NULL where there never was one. */
    double (*setting)(void *self, StageSetting setting);
    void (*set)(void *self, StageSetting setting, double value);
    /* What is said beside the output, on stderr. */
    void (*aside)(void *self, const char *text, size_t length);
} LabPort;

typedef struct LabConfig {
    Session *session;     /* not owned */
    const char *scripts;  /* folder of prelude.lua, rfc.lua, scenes.lua, lessons/, rfc/ */
    const char *language; /* "en", "zh_CN", "zh_TW" */
    size_t memory;        /* bytes the Lua state may take; 0: 64 MB */
    uint64_t budget;      /* Lua instructions one line, script or lesson may take; 0: no limit */
    LabPort port;
} LabConfig;

Lab *lab_new(const LabConfig *config, char *error, size_t error_size);
void lab_free(Lab *lab);
Session *lab_session(const Lab *lab);

/* ---- Jobs: a line, a script or a lesson runs as a coroutine ---- */
typedef enum JobResult {
    JOB_DONE,
    JOB_WAITS,      /* yielded: waits for the window, or for the user; call lab_continue() when it may go on */
    JOB_INCOMPLETE, /* lab_line only: the chunk wants more lines */
    JOB_FAILED,     /* the message has been given by lab_error() */
    JOB_INTERRUPTED /* Ctrl-C */
} JobResult;

/* Runs a line typed at the prompt: an expression's values are printed. `name` is for messages ("=stdin"). */
JobResult lab_line(Lab *lab, const char *text, size_t length, const char *name);
/* Runs a chunk (a script); `arguments` become `...` and `arg`. */
JobResult lab_chunk(Lab *lab, const char *text, size_t length, const char *name, int argc, char *const argv[]);
/* The same for the text of the file `path`: a first line that starts with # is skipped, and dofile finds what lies
 * beside the file. */
JobResult lab_file(Lab *lab, const char *text, size_t length, const char *path, int argc, char *const argv[]);
/* Runs packetdrill scripts (scripts/drill.lua): argv are its options and files. */
JobResult lab_drill(Lab *lab, int argc, char *const argv[]);
/* Prepares `twomsl explore` (scripts/explore.lua): from now on the searches of scripts are reported; or joins reports.
 * argv are its options and files. */
JobResult lab_explore(Lab *lab, int argc, char *const argv[]);
/* Goes on with the job that waits. */
JobResult lab_continue(Lab *lab);
bool lab_waits(const Lab *lab);
/* Why it waits: true for the user (pause, ask), false for the window. */
bool lab_waits_for_person(const Lab *lab);
/* The prompt at which it is asked ("[Enter] "), while it waits for the user. */
const char *lab_waits_prompt(const Lab *lab);
/* The user's answer to pause or ask (may be NULL), before lab_continue(). */
void lab_answer(Lab *lab, const char *text);
/* The last error: one message, with file and line and a hint, without our own internals. */
const char *lab_error(const Lab *lab);
/* Async-signal-safe: Ctrl-C. Sticky until the job is unwound. False: there is no job, nothing is done. */
bool lab_interrupt(Lab *lab);
/* Called now and then while Lua runs, to keep the window alive. */
void lab_on_tick(Lab *lab, void (*tick)(void *self), void *self);

/* ---- Completion ---- */
/* Calls `found` for each completion of the word that ends at `end` of `line` ("wire[1]:de" -> "wire[1]:deliver("), in
 * order. Runs no user code. Returns where in `line` that word starts. */
size_t lab_complete(Lab *lab, const char *line, size_t end, void (*found)(void *self, const char *completion),
                    void *self);

/* A check or grade of the scripts failed (exit status 1). */
bool lab_failed(const Lab *lab);
/* Searches that were reported. */
uint32_t lab_searches(const Lab *lab);
/* What failed was how it was called (exit status 2). */
bool lab_misused(const Lab *lab);

#endif
