/* tcp.h - the parts of TCP that act: they change states, start timers, send segments, and record events. They use the
 * mechanisms; listed in the order of their layers. */
#ifndef TWOMSL_TCP_H
#define TWOMSL_TCP_H

#include "mechanisms.h"
#include "turn.h"

/* ---- timer.c ---- */
void timer_start(Turn *turn, Tcb *tcb, TimerKind timer, Micros length);
void timer_stop(Turn *turn, Tcb *tcb, TimerKind timer);
void timer_stop_all(Turn *turn, Tcb *tcb);
bool timer_runs(const Tcb *tcb, TimerKind timer);
/* When the first of them fires; MICROS_NEVER: none runs. */
Micros timer_earliest(const Tcb *tcb);

/* ---- state.c: the one place where a state changes ---- */
/* Changes the state, along a transition of states.def, and records the event. Entering CLOSED ends the connection. */
void enter(Turn *turn, Tcb *tcb, State state, RuleId rule);
/* TIME_WAIT with its timer, all others stopped (RFC 9293 3.6.1); or CLOSED where the rule time_wait is off. */
void enter_time_wait(Turn *turn, Tcb *tcb, RuleId rule);
/* Chooses the initial sequence number, not below `above` where that is not NULL; nothing is sent yet. */
void begin_sequence(Turn *turn, Tcb *tcb, const Seq *above);
/* In FIN_WAIT_2 after close(): starts the timer where the rule fin_wait_2_timeout is set. */
void start_fin_wait_2_timer(Turn *turn, Tcb *tcb);
/* CLOSED, with an error that is reported to the application. */
void fail(Turn *turn, Tcb *tcb, Status error, RuleId rule);
bool state_synchronized(State state);
/* The application may still get bytes: the peer's FIN has not been processed. */
bool state_receives(State state);
/* New data may be sent. */
bool state_sends(State state);
/* Sets the connection's own value of a rule, and restarts the keep-alive timer where it depends on it. */
void set_rule(Turn *turn, Tcb *tcb, HostRule rule, int64_t value);

/* Keep-alive (RFC 9293 3.8.4). */
bool keepalive_watches(const Env *env, const Tcb *tcb);
/* A segment arrived, or the connection has just been established: the idle time starts again. */
void keepalive_restart(Turn *turn, Tcb *tcb);
/* The host's rule changed: restarts the timers of its open connections. */
void keepalive_rules(Turn *turn, HostId host);

/* Reports an error that does not end the connection (MUST-47). */
void report_soft_error(Turn *turn, Tcb *tcb, Status error, RuleId rule);

/* ---- output.c: the only place where segments are built ---- */
void send_syn(Turn *turn, Tcb *tcb, RuleId rule, bool again);
void send_syn_ack(Turn *turn, Tcb *tcb, RuleId rule, bool again);
void send_ack(Turn *turn, Tcb *tcb, RuleId rule);
/* SEQ=SND.NXT-1 and no data: the peer must answer (RFC 9293 3.8.4). */
void send_keepalive(Turn *turn, Tcb *tcb);
void send_rst(Turn *turn, Tcb *tcb, RuleId rule);
/* A RST in answer to `seg` (RFC 9293 3.5.2), which must not be a RST. `tcb` may be NULL. */
void send_rst_to(Turn *turn, HostId host, const Tcb *tcb, const Segment *seg, RuleId rule);
/* A SYN,ACK of a listener that makes no TCB for the SYN. */
void send_cookie(Turn *turn, HostId host, const Segment *syn, Seq cookie);
/* Sends what fits the window, one byte where it is closed (RFC 9293 3.8.6.1, 3.8.6.2.1). */
void send_probe(Turn *turn, Tcb *tcb, RuleId rule);
/* Retransmits the oldest unacknowledged segment. */
void send_again(Turn *turn, Tcb *tcb, RuleId rule);
/* Sends what may be sent now: data, FIN, and the ACK that is due. */
void output(Turn *turn, Tcb *tcb);
/* Why output() sends nothing new. */
SendHold send_hold(const Env *env, const Tcb *tcb);
/* An ACK is due, at once or at the latest when the delayed-ACK timer fires. */
void ack_now(Tcb *tcb, RuleId rule);
void ack_later(Turn *turn, Tcb *tcb);
/* Bytes by which the offered window may grow now; 0 where silly-window avoidance holds it back (RFC 9293 3.8.6.2.2). */
uint32_t window_gain(const Env *env, const Tcb *tcb);
/* The sequence number of the FIN: the one after the last byte in the send queue. */
Seq fin_seq(const Tcb *tcb);
/* How many sequence numbers a FIN takes on this host: 1, or 0 by the rule fin_counts. */
uint32_t fin_length(const Env *env, const Tcb *tcb);
/* The rule by which this side's FIN is sent or acknowledged: `rule`, unless it takes no number. */
RuleId fin_rule(const Env *env, const Tcb *tcb, RuleId rule);

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
/* Closes the sending side: for close() and shutdown(), and on the peer's FIN with on_fin="close". */
void close_sending(Turn *turn, Tcb *tcb);

/* ---- arrive.c: RFC 9293 3.10.7 ---- */
typedef struct Arrival {
    HostId host;
    Tcb *tcb; /* the connection, or else the listener; NULL: neither */
    const Segment *seg;
    ConnId origin;    /* the connection that sent it: for the oracle only */
    const Seq *above; /* a SYN that ends a TIME_WAIT: the new ISS is not below this (MAY-2); else NULL */
} Arrival;
void segment_arrives(Turn *turn, const Arrival *arrival);

/* ---- timeout.c: RFC 9293 3.10.8 ---- */
void timeout(Turn *turn, Tcb *tcb, TimerKind timer);

/* ---- icmp.c: RFC 9293 3.9.2.2 ---- */
void icmp_arrives(Turn *turn, HostId host, const Icmp *icmp);

#endif
