/* save.h - a session as bytes: its inputs with all its branches, no worlds and no events. */
#ifndef TWOMSL_ENGINE_SAVE_H
#define TWOMSL_ENGINE_SAVE_H

#include "session.h"

enum { SAVE_VERSION = 1 /* of the format, see history/save.c */ };

/* Takes what is written, in order. False: it cannot; nothing more is written. */
typedef bool SaveWrite(void *self, const void *bytes, size_t length);
/* Does every input of every branch again, for digests of the worlds on the way. False: `write` said so, or no memory.
 */
bool session_save(const Session *session, SaveWrite *write, void *self);

typedef enum LoadProblem {
    LOAD_GOOD,
    LOAD_FOREIGN,     /* it was never a saved session */
    LOAD_NEWER,       /* its format is `version`, newer than SAVE_VERSION */
    LOAD_TRUNCATED,   /* it ends at `byte`, in the middle of something */
    LOAD_DAMAGED,     /* the record that begins at `byte` is not what was written */
    LOAD_UNKNOWN,     /* the record at `byte` is of a kind that this version does not know, or names `name` */
    LOAD_REFUSED,     /* step `step` of branch `branch` cannot be done */
    LOAD_OTHER_WORLD, /* up to step `step` of branch `branch` another world comes about than the one that was saved */
    LOAD_NO_MEMORY
} LoadProblem;

typedef struct LoadReport {
    LoadProblem problem;
    uint32_t version;
    size_t byte;
    uint32_t branch, step; /* steps from 1 */
    char name[40];         /* of an input, a rule or a timer; "": none */
} LoadReport;

/* Replaces the session by the one in these bytes, on the same wire, which carries nothing, and within the same limit of
 * memory. Handles of before stay stale. Every branch is played and compared with its digests first: false, and the
 * session is as it was, where anything is wrong. */
bool session_load(Session *session, const uint8_t *bytes, size_t length, LoadReport *report);

#endif
