/* turn.h - one turn of the world, as TCP sees it: the data and functions that the world hands in while one Input is
 * done.
 *
 * TCP includes nothing of the world and calls nothing of it by name.
 */
#ifndef TWOMSL_TURN_H
#define TWOMSL_TURN_H

#include "env.h"

typedef struct Turn Turn;

/* What the world does for TCP. */
typedef struct TurnOps {
    Event *(*event)(Turn *turn, EventKind kind, RuleId rule);
    Tcb *(*find)(Turn *turn, Endpoint local, Endpoint remote);
    Tcb *(*open)(Turn *turn, HostId host, Endpoint local, Endpoint remote);
    void (*gone)(Turn *turn, Tcb *tcb);
    Tcb *(*next)(Turn *turn, HostId host, const Tcb *after);
    void (*reschedule)(Turn *turn, Tcb *tcb);
    void (*emit)(Turn *turn, HostId host, const Tcb *tcb, Segment *segment, RuleId rule, bool again);
    void (*witness)(Turn *turn, const Tcb *tcb, ConnId origin, Seq seq, const uint8_t *data, uint32_t length);
} TurnOps;

struct Turn {
    const TurnOps *ops;
    World *world;
    Env env;     /* what may be read */
    Store store; /* and what may be changed */
    Host *hosts;
    Tcb *tcbs;
    Trace *trace;    /* may be NULL */
    Event *unread;   /* takes what would be written where there is none */
    uint32_t serial; /* the generation of what is made in this turn */
    uint32_t step;
    uint32_t cause;   /* the event under which things happen now */
    uint32_t answers; /* what is delivered ends a chain of so many empty segments that answered each other */
    Tcb *late;        /* its timers changed, and the agenda does not know yet; NULL */
};

/* Appends an event and returns it, so that more can be said in it: index, step, cause, time, kind and rule stand there,
 * the rest is 0. Without a trace only its index counts. Valid until the next event. */
static inline Event *turn_event(Turn *turn, EventKind kind, RuleId rule) { return turn->ops->event(turn, kind, rule); }

/* The same about a connection: whose it is, its state and endpoints stand there too. */
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

/* By its two ends; ENDPOINT_NONE as `remote` finds a listener. NULL: none. */
static inline Tcb *turn_find(Turn *turn, Endpoint local, Endpoint remote) {
    return turn->ops->find(turn, local, remote);
}
/* A new record in CLOSED, known by its two ends. Where there is no room for one it is a scratch record: the turn goes
 * on, and the world is spent. */
static inline Tcb *turn_open(Turn *turn, HostId host, Endpoint local, Endpoint remote) {
    return turn->ops->open(turn, host, local, remote);
}
/* The connection does not exist any more; its record is remembered until its place is needed. */
static inline void turn_gone(Turn *turn, Tcb *tcb) { turn->ops->gone(turn, tcb); }
/* Visits the connections of a host that exist, in order of creation; NULL starts, NULL ends. */
static inline Tcb *turn_next_tcb(Turn *turn, HostId host, const Tcb *after) {
    return turn->ops->next(turn, host, after);
}
/* Its timers changed. */
static inline void turn_reschedule(Turn *turn, Tcb *tcb) { turn->ops->reschedule(turn, tcb); }
/* Puts a segment in flight: writes the datagram and the event. `tcb` may be NULL (a RST from nowhere). For output.c. */
static inline void turn_emit(Turn *turn, HostId host, const Tcb *tcb, Segment *segment, RuleId rule, bool again) {
    turn->ops->emit(turn, host, tcb, segment, rule, again);
}
/* For the oracle: `length` bytes at `seq` were accepted by tcb out of a segment that `origin` sent (CONN_NONE: nobody
 * did). */
static inline void turn_witness(Turn *turn, const Tcb *tcb, ConnId origin, Seq seq, const uint8_t *data,
                                uint32_t length) {
    turn->ops->witness(turn, tcb, origin, seq, data, length);
}

#endif
