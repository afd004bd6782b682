/* tcp.h - the parts of TCP that act: they change states, start timers, send, and say in events what they did. Above the
 * mechanisms; in the order of their layers. */
#ifndef TWOMSL_TCP_H
#define TWOMSL_TCP_H

#include "mechanisms.h"
#include "turn.h"

/* ---- timer.c ---- */
void timer_start(Turn *turn, Tcb *tcb, TimerKind timer, Micros length);
void timer_stop(Turn *turn, Tcb *tcb, TimerKind timer);
void timer_stop_all(Turn *turn, Tcb *tcb);
bool timer_runs(const Tcb *tcb, TimerKind timer);
/* When the first of them fires; MICROS_NEVER. */
Micros timer_earliest(const Tcb *tcb);

/* ---- state.c: the one place where a state changes ---- */
/* Moves along an arrow of states.def and says why. Entering CLOSED ends the connection. */
void enter(Turn *turn, Tcb *tcb, State state, RuleId rule);
/* TIME_WAIT with its timer, all others stopped (RFC 9293 3.6.1); or CLOSED where the host's rules know no TIME_WAIT. */
void enter_time_wait(Turn *turn, Tcb *tcb, RuleId rule);
/* The initial sequence number is chosen, not below `above` where that is not NULL; nothing is sent yet. */
void begin_sequence(Turn *turn, Tcb *tcb, const Seq *above);
/* In FIN_WAIT_2 after close(): nobody waits for the peer's FIN, so the wait ends where the host's rules say so. */
void start_fin_wait_2_timer(Turn *turn, Tcb *tcb);
/* CLOSED with an error that the application is told. */
void fail(Turn *turn, Tcb *tcb, Status error, RuleId rule);
bool state_synchronized(State state);
/* The application may still get bytes: the peer's FIN has not been processed. */
bool state_receives(State state);
/* New data may be sent. */
bool state_sends(State state);
/* From now on the rule is the connection's own, and what depends on it follows. */
void set_rule(Turn *turn, Tcb *tcb, HostRule rule, int64_t value);

/* Keep-alive (RFC 9293 3.8.4). */
bool keepalive_watches(const Env *env, const Tcb *tcb);
/* Something arrived, or the connection has just been established: the peer is there. */
void keepalive_restart(Turn *turn, Tcb *tcb);
/* The host's rules about it changed: connections that are open follow them from now on. */
void keepalive_rules(Turn *turn, HostId host);

/* The application is told of trouble that does not end the connection (MUST-47). */
void tell_trouble(Turn *turn, Tcb *tcb, Status error, RuleId rule);

/* ---- output.c: the only place where segments are built ---- */
void send_syn(Turn *turn, Tcb *tcb, RuleId rule, bool again);
void send_syn_ack(Turn *turn, Tcb *tcb, RuleId rule, bool again);
void send_ack(Turn *turn, Tcb *tcb, RuleId rule);
/* SEQ=SND.NXT-1 and no data: a live peer must answer (RFC 9293 3.8.4). */
void send_keepalive(Turn *turn, Tcb *tcb);
void send_rst(Turn *turn, Tcb *tcb, RuleId rule);
/* The answer to a segment that no connection here can explain (RFC 9293 3.5.2). Never answers a RST. */
void send_rst_to(Turn *turn, HostId host, const Tcb *tcb, const Segment *seg, RuleId rule);
/* SYN,ACK of a listener that keeps no record. */
void send_cookie(Turn *turn, HostId host, const Segment *syn, Seq cookie);
/* What the window takes, one byte where it is closed (RFC 9293 3.8.6.1, 3.8.6.2.1). */
void send_probe(Turn *turn, Tcb *tcb, RuleId rule);
/* The oldest unacknowledged segment again. */
void send_again(Turn *turn, Tcb *tcb, RuleId rule);
/* Sends what may be sent now: data, FIN, and the ACK that is owed. */
void output(Turn *turn, Tcb *tcb);
/* An ACK is owed, now or with the delayed-ACK timer. */
void ack_now(Tcb *tcb, RuleId rule);
void ack_later(Turn *turn, Tcb *tcb);
/* By how much the window offered next would open; 0 where too little to tell (RFC 9293 3.8.6.2.2). */
uint32_t window_gain(const Env *env, const Tcb *tcb);
/* The sequence number after the last byte handed over: the FIN's. */
Seq fin_seq(const Tcb *tcb);

/* ---- call.c: RFC 9293 3.10.1-6 ---- */
Status call_listen(Turn *turn, const Input *input, Result *result);
Status call_connect(Turn *turn, const Input *input, Result *result);
Status call_accept(Turn *turn, const Input *input, Result *result);
Status call_send(Turn *turn, const Input *input, Result *result);
Status call_recv(Turn *turn, const Input *input, Result *result);
Status call_shutdown(Turn *turn, const Input *input);
Status call_close(Turn *turn, const Input *input);
Status call_abort(Turn *turn, const Input *input);
Status call_crash(Turn *turn, const Input *input);
/* The application closes by itself (on_fin="close"), in the same instant. */
void close_sending(Turn *turn, Tcb *tcb);

/* ---- arrive.c: RFC 9293 3.10.7 ---- */
typedef struct Arrival {
    HostId host;
    Tcb *tcb; /* the connection it is for, or else the listener; NULL: neither */
    const Segment *seg;
    ConnId origin;    /* who sent it: for the oracle only */
    const Seq *above; /* it opens anew what was in TIME_WAIT: our numbers begin past the old ones (MAY-2); else NULL */
} Arrival;
void segment_arrives(Turn *turn, const Arrival *arrival);

/* ---- timeout.c: RFC 9293 3.10.8 ---- */
void timeout(Turn *turn, Tcb *tcb, TimerKind timer);

/* ---- icmp.c: RFC 9293 3.9.2.2 ---- */
void icmp_arrives(Turn *turn, HostId host, const Icmp *icmp);

#endif
