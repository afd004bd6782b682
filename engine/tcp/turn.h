/* turn.h - one turn of the world, as TCP sees it: what TCP asks of the world it lives in.
 *
 * TCP includes nothing of the world; the world defines these functions. A turn is one Input being done.
 */
#ifndef TWOMSL_TURN_H
#define TWOMSL_TURN_H

#include "tcb.h"

typedef struct Turn {
    World *world;
    Trace *trace;  /* may be NULL */
    Event *unread; /* takes what would be written where there is none */
    Micros now;
    uint32_t serial; /* the generation of what is made in this turn */
    uint32_t step;
    uint32_t cause; /* the event under which things happen now */
    Tcb *late;      /* its timers changed, and the agenda does not know yet; NULL */
} Turn;

/* ---- Events ---- */
/* Appends an event and returns it, so that more can be said in it: index, step, cause, time, kind and rule stand there,
 * the rest is 0. Without a trace only its index counts. Valid until the turn ends. */
Event *turn_event(Turn *turn, EventKind kind, RuleId rule);
/* The same about a connection: whose it is, its state and endpoints stand there too. */
Event *turn_note(Turn *turn, const Tcb *tcb, EventKind kind, RuleId rule);

/* ---- Records ---- */
Host *turn_host(Turn *turn, HostId id);
/* NULL: no such connection, or it is gone. */
Tcb *turn_tcb(Turn *turn, ConnId id);
/* The record, also of a connection that is gone. The handle was checked: never NULL. */
Tcb *turn_record(Turn *turn, ConnId id);
/* By its two ends; `remote` 0.0.0.0:0 finds a listener. NULL: none. */
Tcb *turn_find(Turn *turn, Endpoint local, Endpoint remote);
/* A new record in CLOSED, known by its two ends. Where there is no room for one it is a scratch record: the turn goes
 * on, and the world is spent. */
Tcb *turn_open(Turn *turn, HostId host, Endpoint local, Endpoint remote);
/* The connection does not exist any more; its record is remembered until its place is needed. */
void turn_gone(Turn *turn, Tcb *tcb);
/* Visits the connections of a host that exist, in order of creation; NULL starts, NULL ends. */
Tcb *turn_next_tcb(Turn *turn, HostId host, const Tcb *after);
/* Its timers changed. */
void turn_reschedule(Turn *turn, Tcb *tcb);

/* ---- The store: blocks of bytes, each a power of two ---- */
/* 0: no room. The turn goes on with what it has, and the world is spent. */
uint32_t turn_take(Turn *turn, uint32_t capacity);
void turn_give(Turn *turn, uint32_t block, uint32_t capacity);
uint8_t *turn_block(Turn *turn, uint32_t block);

/* ---- The path ---- */
/* Puts a segment in flight: writes the datagram and the event. `tcb` may be NULL (a RST from nowhere). Called by
 * output.c only. */
void turn_emit(Turn *turn, HostId host, const Tcb *tcb, Segment *segment, RuleId rule, bool again);

/* Bytes of the largest datagram the path takes. */
uint32_t turn_mtu(Turn *turn);

/* ---- The oracle ---- */
/* `length` bytes at `seq` were accepted by tcb out of a segment that `origin` sent (CONN_NONE: nobody did). */
void turn_witness(Turn *turn, const Tcb *tcb, ConnId origin, Seq seq, const uint8_t *data, uint32_t length);

/* Sixteen secret bytes for initial sequence numbers. */
const uint8_t *turn_secret(Turn *turn);

#endif
