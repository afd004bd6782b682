/* session_inside.h - what a session is made of, for the files that share it: session.c, branches.c, save.c. */
#ifndef TWOMSL_SESSION_INSIDE_H
#define TWOMSL_SESSION_INSIDE_H

#include "futures.h"
#include "journal.h"
#include "present.h"
#include "snapshots.h"

enum { LINK_ERROR = 256 };

struct Session {
    Config config;
    Link link;
    bool linked;
    World *world;
    Trace *trace;
    Flights *flights;
    Present *present;
    Journal journal; /* of the present future */
    Snapshots snapshots;
    Futures futures;
    size_t limit;  /* of session_bytes(); 0: none */
    uint32_t step; /* inputs done up to now */
    uint32_t serial, epoch;
    char link_error[LINK_ERROR];
};

/* Within the limit there is room for `more` bytes. For that, snapshots and then left futures are given up, unless even
 * that is not enough. */
bool session_room(Session *session, size_t more);
/* Forgets the inputs after the present step. */
void session_cut(Session *session);
/* Does an input again, after the newest: on a world that has grown before, where `growth` is not NULL. Anything but
 * STATUS_OK has changed nothing, unless there was no memory to take it back: then the session is at an earlier step. */
Status session_append(Session *session, const Input *input, const Config *growth);
/* Replaces a world by a larger copy. */
Status grow_world(World **world, const Config *config);

/* ---- branches.c ---- */
/* A new input comes in place of those undone: the future with them is left. LIMIT_MEMORY: nothing changed. */
Status session_leave(Session *session);
/* That input was done: a new future has begun, unless the present one goes on. */
void session_branched(Session *session);

#endif
