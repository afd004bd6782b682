/* arrive.h - what the two halves of SEGMENT ARRIVES share: arrive_opening.c (RFC 9293 3.10.7.1-3) and arrive.c
 * (3.10.7.4). */
#ifndef TWOMSL_ARRIVE_H
#define TWOMSL_ARRIVE_H

#include "tcp.h"

/* What of the segment lies inside the window, after step 1. */
typedef struct Part {
    Seq seq;
    const uint8_t *data;
    uint32_t length;
    bool fin;
    bool repeats_syn; /* the crossing SYN,ACK of a simultaneous open: its SYN is old news, its ACK is not */
} Part;

/* The segment, or what it says, was not used. */
static inline void ignored(Turn *turn, const Tcb *tcb, RuleId rule) {
    turn_note(turn, tcb, EVENT_IGNORE, rule)->outcome = OUTCOME_REFUSED;
}

/* ---- arrive_opening.c ---- */
void arrive_closed(Turn *turn, const Arrival *arrival);
void arrive_listen(Turn *turn, Tcb *listener, const Arrival *arrival);
void arrive_syn_sent(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* The congestion window and the first timeout of a connection that opens now. */
void open_established(Turn *turn, Tcb *tcb);

/* ---- arrive.c ---- */
void arrive_other(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* SND.UNA moves to SEG.ACK; what it covers leaves the send queue. */
void acknowledge(Turn *turn, Tcb *tcb, const Segment *seg);
void learn_window(Tcb *tcb, const Segment *seg);
/* The part of text and FIN that the window takes. */
Part trim(const Tcb *tcb, const Segment *seg);
/* `count` bytes became readable (0: they are kept). */
void accepted(Turn *turn, const Tcb *tcb, RuleId rule, uint32_t count);
bool arrive_urg(Turn *turn, Tcb *tcb, const Arrival *arrival);
void arrive_text(Turn *turn, Tcb *tcb, const Part *part, const Arrival *arrival);
void arrive_fin(Turn *turn, Tcb *tcb, const Part *part);

#endif
