/* tcp.h - the functions of the tcp room for each other and for the world. */
#ifndef TWOMSL_TCP_H
#define TWOMSL_TCP_H

#include "turn.h"

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
/* The connection's own, or its host's. */
int64_t tcb_rule(Turn *turn, const Tcb *tcb, HostRule rule);
/* From now on it is the connection's own. */
void tcb_set_rule(Turn *turn, Tcb *tcb, HostRule rule, int64_t value);

/* The application is told of trouble that does not end the connection (MUST-47). */
void tell_trouble(Turn *turn, Tcb *tcb, Status error, RuleId rule);

/* ---- icmp.c: RFC 9293 3.9.2.2 ---- */
void icmp_arrives(Turn *turn, HostId host, const Icmp *icmp);

/* ---- timer.c ---- */
void timer_start(Turn *turn, Tcb *tcb, TimerKind timer, Micros length);
void timer_stop(Turn *turn, Tcb *tcb, TimerKind timer);
void timer_stop_all(Turn *turn, Tcb *tcb);
bool timer_runs(const Tcb *tcb, TimerKind timer);
/* When the first of them fires; MICROS_NEVER. */
Micros timer_earliest(const Tcb *tcb);

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

/* ---- listen.c: a listener's two queues ---- */
void join_syn_queue(Turn *turn, Tcb *tcb);
void leave_syn_queue(Turn *turn, Tcb *tcb);
/* Its handshake is complete: it waits to be accepted. */
void join_accept_queue(Turn *turn, Tcb *tcb);
void leave_accept_queue(Turn *turn, Tcb *tcb);
bool syn_queue_full(const Tcb *listener);
bool accept_queue_full(const Tcb *listener);

/* ---- arrive.c: RFC 9293 3.10.7 ---- */
typedef struct Arrival {
    HostId host;
    const Segment *seg;
    ConnId origin;    /* who sent it: for the oracle only */
    const Seq *above; /* it opens anew what was in TIME_WAIT: our numbers begin past the old ones (MAY-2); else NULL */
} Arrival;
void segment_arrives(Turn *turn, const Arrival *arrival);

/* ---- timeout.c: RFC 9293 3.10.8 ---- */
void timeout(Turn *turn, Tcb *tcb, TimerKind timer);

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
uint32_t window_gain(Turn *turn, const Tcb *tcb);
uint32_t effective_mss(Turn *turn, const Tcb *tcb);
/* The largest segment a host says it takes. */
uint16_t offered_mss(Turn *turn, HostId host);
/* Bytes of data that fit a segment sent now: what the options of the moment take is gone (RFC 6691 2). */
uint32_t segment_room(Turn *turn, const Tcb *tcb);
/* The sequence number after the last byte handed over: the FIN's. */
Seq fin_seq(const Tcb *tcb);

/* ---- estimate.c: RFC 6298 ---- */
void estimate_reset(Turn *turn, Tcb *tcb);
void estimate_sample(Turn *turn, Tcb *tcb, Micros rtt);
void estimate_backoff(Turn *turn, Tcb *tcb);
/* Measures the segment that ends at `end`, unless another is being measured. */
void estimate_begin(Turn *turn, Tcb *tcb, Seq end);
void estimate_end(Turn *turn, Tcb *tcb, Seq ack);
void estimate_cancel(Tcb *tcb);

/* ---- congestion.c: RFC 5681, RFC 6582 ---- */
void congestion_open(Turn *turn, Tcb *tcb);
void congestion_acked(Turn *turn, Tcb *tcb, uint32_t acked);
/* A duplicate ACK, or news of what arrived beyond a hole; true where it asks for a fast retransmit. */
bool congestion_duplicate(Turn *turn, Tcb *tcb);
/* An ACK moved on and told of more beyond: RFC 6675 5 may start recovery on the strength of that alone. */
bool congestion_news(Turn *turn, Tcb *tcb);
/* Bytes by which what is in flight may pass the congestion window: limited transmit (RFC 3042). */
uint32_t congestion_spare(Turn *turn, const Tcb *tcb);
/* Before sending: after a pause longer than the RTO what is known of the network is old (RFC 5681 4.1). */
void congestion_idle(Turn *turn, Tcb *tcb);
void congestion_timeout(Turn *turn, Tcb *tcb);
/* A partial ACK in fast recovery: the next hole is to be sent again. */
bool congestion_partial(const Tcb *tcb);

/* ---- reassembly.c ---- */
/* Keeps `length` bytes at `seq` (within the window). Returns how many bytes became readable in order. */
uint32_t reassemble(Turn *turn, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length);
/* Keeps them without making them readable: what came with a SYN waits for the connection. */
void reassemble_later(Turn *turn, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length);
/* Makes readable what waits at rcv.nxt; returns how many bytes. */
uint32_t reassemble_waiting(Turn *turn, Tcb *tcb);

/* ---- pieces.c ---- */
/* False where there is no room for another piece. */
bool pieces_add(Turn *turn, Pieces *pieces, Seq left, Seq right);
void pieces_drop_first(Turn *turn, Pieces *pieces);
void pieces_drop_last(Turn *turn, Pieces *pieces);
void pieces_clear(Turn *turn, Pieces *pieces);
/* Nothing before `edge` remains. */
void pieces_trim(Turn *turn, Pieces *pieces, Seq edge);
bool pieces_cover(Turn *turn, const Pieces *pieces, Seq left, Seq right);
/* Valid until pieces are added or dropped. */
const Piece *pieces_at(Turn *turn, const Pieces *pieces, uint32_t i);
/* Sequence numbers in all of them. */
uint32_t pieces_length(Turn *turn, const Pieces *pieces);

/* ---- options.c: RFC 9293 3.7.1, RFC 7323 ---- */
void options_offer(Turn *turn, const Tcb *tcb, Options *options);  /* on a SYN */
void options_answer(Turn *turn, const Tcb *tcb, Options *options); /* on a SYN,ACK: only what the SYN had */
void options_learn(Turn *turn, Tcb *tcb, const Options *peer);     /* from a SYN or SYN,ACK */
void options_carry(Turn *turn, const Tcb *tcb, Options *options, bool ack);
/* Bytes of every data segment that options take. */
uint32_t options_length(const Tcb *tcb);
/* PAWS: older than the last one seen, and that one is not too long ago to tell. */
bool timestamp_old(const Turn *turn, const Tcb *tcb, const Options *options);
void timestamp_learn(const Turn *turn, Tcb *tcb, const Segment *seg);
/* The round trip that an echo measures; negative: none. */
Micros timestamp_age(const Turn *turn, const Tcb *tcb, const Segment *seg);

/* ---- sack.c: RFC 2018, RFC 6675 ---- */
void sack_report(Turn *turn, const Tcb *tcb, Options *options);
/* Bytes that the report takes. */
uint32_t sack_length(const Tcb *tcb);
/* True where the segment told something new. */
bool sack_learn(Turn *turn, Tcb *tcb, const Segment *seg);
bool sack_first_lost(Turn *turn, const Tcb *tcb);
uint32_t sack_pipe(Turn *turn, const Tcb *tcb);
bool sack_next(Turn *turn, const Tcb *tcb, bool lost_only, Seq *from, uint32_t *length);

/* ---- keepalive.c: RFC 9293 3.8.4 ---- */
/* Something arrived, or the connection has just been established: the peer lives. */
void keepalive_restart(Turn *turn, Tcb *tcb);
void keepalive_timeout(Turn *turn, Tcb *tcb);
/* The host's rules about it changed: connections that are open follow them from now on. */
void keepalive_rules(Turn *turn, HostId host);

/* ---- cookie.c: RFC 4987 3.6 ---- */
/* The initial sequence number that remembers a SYN. */
Seq cookie_make(Turn *turn, const Segment *syn);
/* The ACK of a cookie made not long ago; `mss` is what the SYN said, rounded down. */
bool cookie_check(Turn *turn, const Segment *ack, uint16_t *mss);

/* ---- bytes.c: rings in the store ---- */
/* Room for `need` bytes in all; at most doubles a few times. Where the store has no room the ring stays as it is: in
 * the rest of the turn what is written past its capacity is lost, and what is read there is 0. */
void bytes_reserve(Turn *turn, Bytes *bytes, uint32_t need);
/* Writes at `offset` from the head, within the capacity. Does not change the length. */
void bytes_write(Turn *turn, Bytes *bytes, uint32_t offset, const uint8_t *data, uint32_t length);
void bytes_read(Turn *turn, const Bytes *bytes, uint32_t offset, uint8_t *data, uint32_t length);
/* `length` bytes at `offset` as they lie there, or, where they go around the ring's end, copied to `scratch`. Valid
 * until the ring changes. */
const uint8_t *bytes_look(Turn *turn, const Bytes *bytes, uint32_t offset, uint32_t length, uint8_t *scratch);
/* Are these the same? */
bool bytes_equal(Turn *turn, const Bytes *bytes, uint32_t offset, const uint8_t *data, uint32_t length);
void bytes_skip(Bytes *bytes, uint32_t count);
void bytes_free(Turn *turn, Bytes *bytes);

/* ---- isn.c: RFC 6528 ---- */
Seq initial_sequence(Turn *turn, HostId host, Endpoint local, Endpoint remote, const Seq *above);
/* SipHash-2-4 of a message of `count` whole words. */
uint64_t siphash(const uint8_t key[16], const uint64_t *words, size_t count);
/* A keyed hash of two ends and a number, that outsiders cannot compute (RFC 6528 3). */
uint64_t secret_hash(Turn *turn, Endpoint local, Endpoint remote, uint64_t number);

#endif
