/* turn.h - one turn: the data and functions of the world that TCP uses while one Input is done.
 *
 * TCP includes no header of the world and calls its functions only through TurnOps.
 */
#ifndef TWOMSL_TURN_H
#define TWOMSL_TURN_H

#include "env.h"

typedef struct Turn Turn;

/* The functions of the world that TCP calls. */
typedef struct TurnOps {
    Event *(*event)(Turn *turn, EventKind kind, RuleId rule);
    Tcb *(*find)(Turn *turn, Endpoint local, Endpoint remote);
    Tcb *(*open)(Turn *turn, HostId host, Endpoint local, Endpoint remote);
    void (*gone)(Turn *turn, Tcb *tcb);
    Tcb *(*next)(Turn *turn, HostId host, const Tcb *after);
    void (*reschedule)(Turn *turn, Tcb *tcb);
    void (*emit)(Turn *turn, HostId host, const Tcb *tcb, Segment *segment, RuleId rule, bool again);
    void (*accepted)(Turn *turn, const Tcb *tcb, ConnId origin);
} TurnOps;

struct Turn {
    const TurnOps *ops;
    World *world;
    Env env;     /* what may be read */
    Store store; /* and what may be changed */
    Host *hosts;
    Tcb *tcbs;
    Trace *trace;    /* may be NULL */
    Event *unread;   /* where events are written when there is no trace */
    uint64_t *seen;  /* a set of rules, to which those followed are added when there is no trace; may be NULL */
    uint32_t events; /* how many there have been in this world */
    uint32_t serial; /* the generation of what is made in this turn */
    uint32_t step;
    uint32_t cause;   /* the event that causes those recorded now */
    uint32_t first;   /* where this turn's events begin in the trace */
    uint32_t answers; /* the delivered segment is the last of so many empty ones that answered each other */
    uint32_t ended;   /* record of the first connection that ended in this turn; SLOT_NONE */
    bool strange;     /* the oracle has reported whose bytes were accepted in this turn */
    Tcb *unscheduled; /* its timers changed, and its agenda entry is not yet updated; or NULL */
};

/* Appends an event and returns it, with index, step, cause, time, kind and rule filled in and all else 0. Without a
 * trace only its index is set. Valid until the next event. */
static inline Event *turn_event(Turn *turn, EventKind kind, RuleId rule) {
    if (turn->trace) return turn->ops->event(turn, kind, rule);
    if (turn->seen) turn->seen[rule / 64] |= UINT64_C(1) << rule % 64;
    turn->unread->index = turn->events++;
    return turn->unread;
}

/* The same for a connection: host, handle, state and endpoints are filled in too. */
static inline Event *turn_note(Turn *turn, const Tcb *tcb, EventKind kind, RuleId rule) {
    Event *event = turn_event(turn, kind, rule);
    if (!turn->trace) return event;
    event->host = tcb->host;
    event->conn = tcb->id;
    event->from = event->to = tcb->state;
    event->src = tcb->local;
    event->dst = tcb->remote;
    return event;
}

/* The connection with these endpoints; ENDPOINT_NONE as `remote` finds a listener. NULL: none. */
static inline Tcb *turn_find(Turn *turn, Endpoint local, Endpoint remote) {
    return turn->ops->find(turn, local, remote);
}
/* A new record in CLOSED, which turn_find() finds. Where there is no room it is a scratch record: the turn is done to
 * its end, and the world is spent. */
static inline Tcb *turn_open(Turn *turn, HostId host, Endpoint local, Endpoint remote) {
    return turn->ops->open(turn, host, local, remote);
}
/* The connection has ended; its record stays readable until its slot is used again. */
static inline void turn_gone(Turn *turn, Tcb *tcb) { turn->ops->gone(turn, tcb); }
/* The next connection of a host that is not gone, in order of creation; `after` NULL: the first. NULL: no more. */
static inline Tcb *turn_next_tcb(Turn *turn, HostId host, const Tcb *after) {
    return turn->ops->next(turn, host, after);
}
/* Its timers changed. */
static inline void turn_reschedule(Turn *turn, Tcb *tcb) { turn->ops->reschedule(turn, tcb); }
/* Puts a segment in flight: encodes the datagram and records the event. `tcb` is NULL where no connection sends it.
 * Called by output.c only. */
static inline void turn_emit(Turn *turn, HostId host, const Tcb *tcb, Segment *segment, RuleId rule, bool again) {
    turn->ops->emit(turn, host, tcb, segment, rule, again);
}
/* For the oracle: tcb accepted text of a segment that `origin` sent (CONN_NONE: a forged segment). */
static inline void turn_accepted(Turn *turn, const Tcb *tcb, ConnId origin) { turn->ops->accepted(turn, tcb, origin); }

#endif
