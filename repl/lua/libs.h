/* libs.h - what the libraries of the Lua room share: the Lab behind a lua_State, waiting, errors, printing, completion.
 *
 * A library is one file with one `int lab_open_NAME(lua_State *L)` that sets its globals. state.c opens them in the
 * order of lab_libraries, then runs scripts/prelude.lua. Errors raised while opening make lab_new() fail with their
 * message.
 */
#ifndef TWOMSL_LAB_LIBS_H
#define TWOMSL_LAB_LIBS_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <signal.h>

#include "lab.h"

/* What every library may read: config (session, scripts, language, port). `failed` is set by check() and its like,
 * `misused` by drill. The rest belongs to state.c and job.c. */
struct Lab {
    LabConfig config;
    bool failed;
    bool misused; /* drill was asked for what it does not know */

    lua_State *main;
    size_t used, limit; /* bytes the Lua state has now; may have (0: no limit, between jobs) */
    struct {
        char where[80]; /* "FILE:LINE: " */
        bool deep;      /* while calls were nested very deep */
    } shortage;         /* of memory, the last */
    lua_State *job;     /* the thread of the job, NULL: none */
    bool running;       /* lua_resume is on the C stack */
    bool asks;          /* the job waits for a person, not for the picture */
    char *prompt;       /* what it asks */
    char *answer;       /* what the person said; NULL: nothing */
    char *error;        /* the last message */
    char *folder;       /* of the script that runs: dofile looks there and not outside; NULL at the prompt */
    volatile sig_atomic_t interrupted;
    uint64_t spent;   /* instructions of this job so far, about */
    uint64_t look_at; /* when so many are spent: look at the interrupt, the budget and the window */
    bool exhausted;   /* the job has spent its budget: like an interrupt, until it is unwound */
    void (*tick)(void *self);
    void *tick_self;
};

Lab *lab_of(lua_State *L);
static inline Session *lab_session_of(lua_State *L) { return lab_of(L)->config.session; }

/* ---- The libraries ---- */
typedef struct LabLibrary {
    const char *name;          /* the file's name, for messages */
    int (*open)(lua_State *L); /* called with nothing on the stack; what it returns is dropped */
} LabLibrary;
extern const LabLibrary lab_libraries[]; /* ends with name NULL */

int lab_open_hosts(lua_State *L);
int lab_open_conns(lua_State *L);
int lab_open_packets(lua_State *L);
int lab_open_clock(lua_State *L);
int lab_open_history(lua_State *L);
int lab_open_look(lua_State *L);
int lab_open_flights(lua_State *L);
int lab_open_help(lua_State *L);
int lab_open_lesson(lua_State *L);
/* Pushes the table of functions that prelude.lua gets as its argument. */
void lesson_push_machinery(lua_State *L);

/* ---- Words for the person ---- */
void lab_print(Lab *lab, const char *text, size_t length);
/* Pushes the text with which the prompt shows the value at `index`: its __tostring where it has one, tables readably
 * and in stable order (nested, cut off, cycles safe), strings as they are. May call __tostring, so only inside a job or
 * a protected call. */
const char *lab_readable(lua_State *L, int index, size_t *length);

/* ---- Waiting: only in C functions called from Lua ---- */
/* The picture shows an earlier moment, and this thread is one that may wait for it. Then end with
 *     return lua_yieldk(L, 0, context, k);
 * and ask again in k: the loop resumes the job when the picture has caught up. False in a coroutine of the script,
 * under a sort or
 * __tostring (nothing to yield to), and without a window: just go on. */
bool lab_lags(lua_State *L);
/* `return lab_catch_up(L, n);` returns the topmost n values once the picture has caught up (at once where it does not
 * lag). */
int lab_catch_up(lua_State *L, int results);
/* Somebody is there to answer: then end with `return lua_yieldk(L, 0, context, k);`, and in k read lab_answered().
 * False: go on without. `prompt` stands where the answer is typed: "[Enter] ", "1, 2 or 3: ". */
bool lab_asks(lua_State *L, const char *prompt);
/* What was typed (without its newline); NULL or "": just Enter, or a key in the window. Valid until the next
 * lab_asks(). */
const char *lab_answered(lua_State *L);
/* `return lab_pause(L, "[Enter] ");` returns nothing after the person has gone on. */
int lab_pause(lua_State *L, const char *prompt);
/* Once per round in loops of C (run, settle): keeps the window alive; raises an error after Ctrl-C and where the budget
 * of instructions is spent. */
void lab_poll(lua_State *L);
/* Counts work done in C as so many instructions; now and then does what lab_poll() does. Cheap. */
void lab_spend(lua_State *L, uint64_t instructions);

/* ---- Errors: each is one line that says what was wrong and what to do; the position (FILE:LINE) is added ---- */
/* "send: text must be a string, not a number"-like: raises "NAME: <format>" with the name of the function in which
 * argument `arg` was wrong. Does not return; `return lab_argument_error(...)` reads well. */
int lab_argument_error(lua_State *L, int arg, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Pushes nil and status_text(status); returns 2. */
int lab_refuse(lua_State *L, Status status);
/* The word of `words` (ends with NULL) nearest to `word`, for "did you mean"; NULL where none is near. */
const char *lab_nearest(const char *word, const char *const *words);

/* ---- Completion ----
 * The metatable of a userdata (or table) may have `__fields`: a list of names, methods ending with "(" ({"state",
 * "send(", ...}), or a C function that gets the value and returns such a list. Where the metatable also has a C
 * function as __index, completion follows fields through it ("c.snd.u", "wire[1].fl"); it runs outside any job, in a
 * protected call, and must change nothing. */
#define LAB_FIELDS "__fields"
/* Words in quotes after a function's name (lesson "op<Tab>): registers the C function at the top of the stack, which
 * returns a list of strings, for the global function `name`; pops it. */
void lab_complete_strings(lua_State *L, const char *name);

#endif
