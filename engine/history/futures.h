/* futures.h - the futures that were left: a tree whose trunk is the present history.
 *
 * A future that was left keeps its inputs from the step at which it leaves its parent's line, no events and no worlds:
 * these are made again when somebody goes there. */
#ifndef TWOMSL_FUTURES_H
#define TWOMSL_FUTURES_H

#include "records.h"

enum { TRUNK = 0 };

typedef struct Future {
    uint32_t number; /* from 1, in the order in which they began; never used again */
    uint32_t origin; /* the number of the one that was left when it began, after so many steps; 0 for the first */
    uint32_t began;
    uint32_t parent; /* where it is kept: it leaves the future of this number, or TRUNK, */
    uint32_t fork;   /* after so many steps of that one, */
    Records tail;    /* with its inputs from there on */
    char name[LIMIT_BRANCH_NAME + 1];
} Future;

typedef struct Futures {
    Future *list; /* by number */
    uint32_t count, room;
    uint32_t present; /* the number of the one that is the trunk; TRUNK: it is new, and has none yet */
    uint32_t newest;  /* the last number that was given */
    uint32_t left;    /* the one that was present last, and the step at which it was left */
    uint32_t left_at;
    uint32_t given_up;
    bool held;    /* none may be given up now */
    size_t bytes; /* of the tails */
} Futures;

void futures_free(Futures *futures);
/* Only the present one is left, number 1. False: no memory, nothing changed. */
bool futures_begin(Futures *futures);
/* Bytes of memory, and how many giving up all that were left would free. */
size_t futures_size(const Futures *futures);
size_t futures_spare(const Futures *futures);
/* NULL: there is none. Valid until one is added or given up. */
Future *futures_find(const Futures *futures, uint32_t number);
/* There is room for another future. False: no memory. */
bool futures_reserve(Futures *futures);
/* A new future, which began where the present one was left, after futures_reserve(). */
Future *futures_add(Futures *futures);
/* Takes over a future that was made elsewhere, with a number of its own. False: no memory, nothing changed. */
bool futures_insert(Futures *futures, const Future *future);
/* The oldest that nothing leaves, but for the present one, is forgotten. False: there is none. */
bool futures_give_up(Futures *futures);

/* The trunk ends after `step` steps: the present future leaves it there, with its inputs `tail` from there on. */
void futures_leave(Futures *futures, uint32_t step, const Records *tail);
/* The trunk goes on with the tail of this future up to its step `step`: it leaves there, with what remains of its tail.
 * False: no memory, nothing changed. */
bool futures_shorten(Futures *futures, Future *future, uint32_t step);
/* The trunk goes on with all of this future, which is present from now on. */
void futures_enter(Futures *futures, Future *future);
/* The one that leaves the trunk on the way to this one, or this one itself. `until`: the step up to which the way goes
 * along it. */
Future *futures_way(const Futures *futures, Future *to, uint32_t *until);

/* How many steps its whole line has; not for the present one. */
static inline uint32_t future_steps(const Future *future) { return future->fork + future->tail.count; }

#endif
