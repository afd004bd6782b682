/* arrive.h - SEGMENT ARRIVES: what arrive.c (RFC 9293 3.10.7, step by step) and arrive_opening.c (what opens a
 * connection) share. */
#ifndef TWOMSL_ARRIVE_H
#define TWOMSL_ARRIVE_H

#include "tcp.h"

/* What of the segment lies inside the window, after step 1. */
typedef struct Part {
    Seq seq;
    const uint8_t *data;
    uint32_t length;
    bool fin;
    bool outside;     /* nothing of it is in the window: only its ACK, RST and URG count */
    bool repeats_syn; /* the crossing SYN,ACK of a simultaneous open: its SYN was seen, its ACK was not */
} Part;

/* ---- What became of the segment, or of a part of it ---- */
void taken(Turn *turn, const Tcb *tcb, RuleId rule, uint32_t count); /* `count` bytes became readable; or 0 */
void kept(Turn *turn, const Tcb *tcb, RuleId rule);                  /* for later */
void answered(Turn *turn, const Tcb *tcb, RuleId rule);              /* not used; the caller answers it */
void refused(Turn *turn, const Tcb *tcb, RuleId rule);               /* not used, not answered */

/* ---- arrive.c: the states, the steps that an opening shares, and their helpers ---- */
void arrive_closed(Turn *turn, const Arrival *arrival);
void arrive_listen(Turn *turn, Tcb *listener, const Arrival *arrival);
void arrive_syn_sent(Turn *turn, Tcb *tcb, const Arrival *arrival);
void arrive_other(Turn *turn, Tcb *tcb, const Arrival *arrival);
void arrive_urg(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* False: the connection is gone, text came after close(). */
bool arrive_text(Turn *turn, Tcb *tcb, const Part *part, const Arrival *arrival);
void arrive_fin(Turn *turn, Tcb *tcb, const Part *part);
/* SND.UNA moves to SEG.ACK; what it covers leaves the send queue. */
void acknowledge(Turn *turn, Tcb *tcb, const Segment *seg);
void learn_window(Tcb *tcb, const Segment *seg);
/* The part of text and FIN that the window takes. */
Part trim(const Tcb *tcb, const Segment *seg);

/* ---- arrive_opening.c: what opens a connection ---- */
/* A SYN to a listener. */
void listen_syn(Turn *turn, Tcb *listener, const Arrival *arrival);
/* True where the ACK is that of a SYN cookie (RFC 4987): the connection exists now, or the accept queue is full. */
bool accept_cookie(Turn *turn, Tcb *listener, const Arrival *arrival);
/* IRS, RCV.NXT and options from a SYN or SYN,ACK. */
void learn_peer(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* Text and FIN that came with a SYN wait until the connection is open (RFC 9293 3.10.7.2, 3.10.7.3). */
void keep_until_open(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* The acceptable SYN,ACK in SYN_SENT, and what else it brings. */
void syn_sent_established(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* The congestion window and the first timeout of a connection that is open now. */
void open_established(Turn *turn, Tcb *tcb);
/* A SYN that finds TIME_WAIT (RFC 6191 2). False: it is for the eight steps. */
bool time_wait_syn(Turn *turn, Tcb *tcb, const Arrival *arrival);

#endif
