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
    bool outside;     /* nothing of it is in the window: only its ACK, RST and URG are processed */
    bool repeats_syn; /* the SYN,ACK of a simultaneous open: its SYN was processed before, its ACK was not */
} Part;

/* ---- Events that record the outcome of the segment, or of a part of it ---- */
void taken(Turn *turn, const Tcb *tcb, RuleId rule, uint32_t count); /* `count` bytes became readable; or 0 */
void kept(Turn *turn, const Tcb *tcb, RuleId rule);     /* beyond a hole, or before the connection is open */
void answered(Turn *turn, const Tcb *tcb, RuleId rule); /* not used; the caller answers it */
void refused(Turn *turn, const Tcb *tcb, RuleId rule);  /* not used, not answered */

/* ---- arrive.c: the states, and the steps and functions that an opening shares ---- */
void arrive_closed(Turn *turn, const Arrival *arrival);
void arrive_listen(Turn *turn, Tcb *listener, const Arrival *arrival);
void arrive_syn_sent(Turn *turn, Tcb *tcb, const Arrival *arrival);
void arrive_other(Turn *turn, Tcb *tcb, const Arrival *arrival);
void arrive_urg(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* False: text came after close(), and the connection is CLOSED. */
bool arrive_text(Turn *turn, Tcb *tcb, const Part *part, const Arrival *arrival);
void arrive_fin(Turn *turn, Tcb *tcb, const Part *part);
/* SND.UNA advances to SEG.ACK; acknowledged bytes leave the send queue. */
void acknowledge(Turn *turn, Tcb *tcb, const Segment *seg);
void learn_window(Tcb *tcb, const Segment *seg);
/* The part of text and FIN that lies in the window. */
Part trim(const Tcb *tcb, const Segment *seg);

/* ---- arrive_opening.c: what opens a connection ---- */
/* A SYN to a listener. */
void listen_syn(Turn *turn, Tcb *listener, const Arrival *arrival);
/* True where the ACK is that of a SYN cookie (RFC 4987): the connection exists now, or the accept queue is full. */
bool accept_cookie(Turn *turn, Tcb *listener, const Arrival *arrival);
/* Takes IRS, RCV.NXT and options from a SYN or SYN,ACK. */
void learn_peer(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* Keeps text and FIN of a SYN until the connection is open (RFC 9293 3.10.7.2, 3.10.7.3). */
void keep_until_open(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* An acceptable SYN,ACK in SYN_SENT, with its text and FIN. */
void syn_sent_established(Turn *turn, Tcb *tcb, const Arrival *arrival);
/* Sets the congestion window and, after a lost SYN, the first timeout of a connection that has just opened. */
void open_established(Turn *turn, Tcb *tcb);
/* A SYN in TIME_WAIT (RFC 6191 2). False: the eight steps process it. */
bool time_wait_syn(Turn *turn, Tcb *tcb, const Arrival *arrival);

#endif
