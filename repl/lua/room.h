/* room.h - what state.c, job.c, errors.c, values.c and complete.c tell each other; the vocabulary needs only libs.h. */
#ifndef TWOMSL_LAB_ROOM_H
#define TWOMSL_LAB_ROOM_H

#include "libs.h"

enum {
    SCRIPT_MEMORY = 64 << 20, /* bytes a script may take, where the config does not say */
    ENDLESS_DEPTH = 100000,   /* calls within calls: nobody means that */
    HOOK_COUNT = 1000         /* instructions between two looks at Ctrl-C and the window */
};

/* state.c */
/* Bytes a script may take. */
size_t lab_limit(const Lab *lab);

/* job.c: the count hook; set on the main thread before any other exists, so that all inherit it. */
void lab_hook(lua_State *L, lua_Debug *activation);
/* Like lab_file(), for a file of the lab's own: in the environment of the prelude. */
JobResult lab_own_file(Lab *lab, const char *path, int argc, char *const argv[]);
/* Message handler of every job: gives error values that are no strings a position. */
int lab_message_handler(lua_State *L);

/* sandbox.c: opens Lua's own libraries without what reaches outside, and bounded. */
void lab_open_sandbox(lua_State *L);

/* errors.c */
/* Makes the error value on top of the stack (status LUA_ERR...) the lab's last error. Leaves the stack as it is. */
void lab_describe(Lab *lab, lua_State *L, int status);
/* Keeps the names that a typed line makes local: a later line that misses them gets a hint. */
void lab_note_locals(lua_State *L, const char *line);
/* Sets the lab's last error. */
void lab_say_error(Lab *lab, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* errors.c: how many slips of the pen lie between two words; most + 1 where there are more than `most`. */
size_t lab_distance(const char *a, const char *b, size_t most);

#endif
