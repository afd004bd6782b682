/* running.h - the Lab behind a lua_State: what it knows, printing, interrupts, the budget of instructions, waiting.
 *
 * The lowest layer of this room: every file may use it.
 */
#ifndef TWOMSL_LUA_RUNNING_H
#define TWOMSL_LUA_RUNNING_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <signal.h>

#include "lab.h"

/* What every library may read: config (session, scripts, language, port). `failed` is set by check() and its like,
 * `misused` by drill. The rest belongs to memory.c, state.c, job.c and running.c. */
struct Lab {
    LabConfig config;
    bool failed;
    bool misused; /* a command was asked for what it does not know */
    /* `twomsl explore`; see reports.h. */
    bool reports, print_aside;
    double reports_every;
    uint32_t part, parts; /* of explorations that do not say which part they are; 0: all of it */
    uint32_t searches;    /* reported so far */

    lua_State *main;
    size_t used;  /* bytes the Lua state has now */
    size_t limit; /* what it may have together with history and texts; 0: no limit, between jobs */
    struct {
        char where[80];     /* "FILE:LINE: " */
        bool deep;          /* while calls were nested very deep */
        bool calls;         /* by tables that call tables */
        bool system;        /* it gave no memory although the script might have taken more */
        size_t values;      /* bytes that the Lua state had then */
    } shortage;             /* of memory, the last */
    bool refused;           /* the newest request was beyond what the script may take */
    lua_State *job;         /* the thread of the job, NULL: none */
    bool running;           /* lua_resume is on the C stack */
    bool asks;              /* the job waits for the user, not for the window */
    char *prompt;           /* what it asks */
    char *answer;           /* what the user typed; NULL: nothing */
    char *error;            /* the last message */
    char *folder;           /* of the script that runs: dofile opens nothing outside; NULL: somebody types */
    const World *elsewhere; /* a check of a search looks at this world instead of the session's; mostly NULL */
    volatile sig_atomic_t interrupted;
    uint64_t spent;      /* instructions of this job so far, about */
    uint64_t look_at;    /* when so many are spent: look at the interrupt, the budget and the window */
    uint64_t doubled_at; /* what was spent when a stack last doubled, */
    size_t stack_bytes;  /* of the last large stack, */
    int doublings;       /* and how often in a row it did so with nothing spent between */
    bool exhausted;      /* the job has spent its budget: like an interrupt, until it is unwound */
    void (*tick)(void *self);
    void *tick_self;
};

enum { HOOK_COUNT = 1000 /* instructions between two looks at Ctrl-C and the window */ };

Lab *lab_of(lua_State *L);
static inline Session *lab_session_of(lua_State *L) { return lab_of(L)->config.session; }
static inline const World *world_of(lua_State *L) {
    const Lab *lab = lab_of(L);
    return lab->elsewhere ? lab->elsewhere : session_world(lab->config.session);
}
void lab_print(Lab *lab, const char *text, size_t length);

/* ---- Interrupts and the budget ---- */
/* The count hook; set on the main thread before any other exists, so that all inherit it. */
void lab_hook(lua_State *L, lua_Debug *activation);
/* Once per round in loops of C (run, settle): keeps the window alive; raises an error after Ctrl-C and where the budget
 * of instructions is spent. */
void lab_poll(lua_State *L);
/* Counts work done in C as so many instructions; now and then does what lab_poll() does. Cheap. */
void lab_spend(lua_State *L, uint64_t instructions);
/* The job is being unwound after Ctrl-C or at the end of its budget: no handler of a script may run. */
bool lab_unwinds(const Lab *lab);

/* ---- Waiting: only in C functions called from Lua ---- */
/* The window shows an earlier moment, and this thread may wait for it. Then end with
 *     return lua_yieldk(L, 0, context, k);
 * and ask again in k: the loop resumes the job when the window has caught up. False in a coroutine of the script,
 * under a sort or __tostring (nothing to yield to), and without a window: just go on. */
bool lab_lags(lua_State *L);
/* `return lab_catch_up(L, n);` returns the topmost n values once the window has caught up (at once where it does not
 * lag). */
int lab_catch_up(lua_State *L, int results);
/* A user is there to answer: then end with `return lua_yieldk(L, 0, context, k);`, and in k read lab_answered().
 * False: go on without. `prompt` stands where the answer is typed: "[Enter] ", "1, 2 or 3: ". */
bool lab_asks(lua_State *L, const char *prompt);
/* What was typed (without its newline); NULL or "": just Enter, or a key in the window. Valid until the next
 * lab_asks(). */
const char *lab_answered(lua_State *L);
/* `return lab_pause(L, "[Enter] ");` returns nothing after the user has gone on. */
int lab_pause(lua_State *L, const char *prompt);

#endif
