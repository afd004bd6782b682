/* mechanisms.h - the parts of TCP that decide and do not act: each takes a TCB and what it needs of its environment,
 * changes at most that TCB, and sends no segment, records no event and starts no timer. */
#ifndef TWOMSL_MECHANISMS_H
#define TWOMSL_MECHANISMS_H

#include "env.h"

/* ---- options.c: RFC 9293 3.7.1, RFC 7323 ---- */
/* Bytes of data in the largest segment, less the options that every segment carries. */
uint32_t effective_mss(const Env *env, const Tcb *tcb);
/* The MSS a host announces. */
uint16_t offered_mss(const Env *env, HostId host);
void options_offer(const Env *env, const Tcb *tcb, Options *options);  /* on a SYN */
void options_answer(const Env *env, const Tcb *tcb, Options *options); /* on a SYN,ACK: only what the SYN had */
void options_learn(const Env *env, Tcb *tcb, const Options *peer);     /* from a SYN or SYN,ACK */
/* On any later segment; `ack`: it has an ACK. */
void options_carry(const Env *env, const Tcb *tcb, Options *options, bool ack);
/* Bytes of every data segment that options take. */
uint32_t options_length(const Tcb *tcb);
/* PAWS: older than TS.Recent, and TS.Recent is still valid. */
bool timestamp_old(const Env *env, const Tcb *tcb, const Options *options);
void timestamp_learn(const Env *env, Tcb *tcb, const Segment *seg);
/* The round trip that an echo measures, in microseconds; negative: none. */
Micros timestamp_age(const Env *env, const Tcb *tcb, const Segment *seg);

/* ---- estimate.c: RFC 6298 ---- */
void estimate_reset(const Env *env, Tcb *tcb);
void estimate_sample(const Env *env, Tcb *tcb, Micros rtt);
void estimate_backoff(const Env *env, Tcb *tcb);
/* Measures the segment that ends at `end`, unless another is being measured. */
void estimate_begin(const Env *env, Tcb *tcb, Seq end);
void estimate_end(const Env *env, Tcb *tcb, Seq ack);
void estimate_cancel(Tcb *tcb);

/* ---- congestion.c: RFC 5681, RFC 6582 ---- */
void congestion_open(const Env *env, Tcb *tcb);
void congestion_acked(const Env *env, Tcb *tcb, uint32_t acked);
/* A duplicate ACK, or one with new SACK information; true where a fast retransmit is due. */
bool congestion_duplicate(const Env *env, Tcb *tcb);
/* An ACK advanced SND.UNA and carried new SACK information, which alone may start recovery (RFC 6675 5); true where a
 * fast retransmit is due. */
bool congestion_sacked(const Env *env, Tcb *tcb);
/* Bytes that may be in flight beyond the congestion window: limited transmit (RFC 3042). */
uint32_t congestion_spare(const Env *env, const Tcb *tcb);
/* Before sending: after an idle time longer than the RTO the congestion window is reduced (RFC 5681 4.1). */
void congestion_idle(const Env *env, Tcb *tcb);
void congestion_timeout(const Env *env, Store *store, Tcb *tcb);
/* A partial ACK in fast recovery: the next hole is to be retransmitted. */
bool congestion_partial(const Tcb *tcb);

/* ---- sack.c: RFC 2018, RFC 6675 ---- */
void sack_report(const Env *env, const Tcb *tcb, Options *options);
/* Bytes that the report takes. */
uint32_t sack_length(const Tcb *tcb);
/* Bytes of data that fit a segment sent now, less all its options (RFC 6691 2). */
uint32_t segment_room(const Env *env, const Tcb *tcb);
/* True where the segment selectively acknowledged more. */
bool sack_learn(Store *store, Tcb *tcb, const Segment *seg);
bool sack_first_lost(const Env *env, const Tcb *tcb);
/* Bytes believed to be in the network. */
uint32_t sack_pipe(const Env *env, const Tcb *tcb);
/* The next range to retransmit; `lost_only`: only what counts as lost. False: none. */
bool sack_next(const Env *env, const Tcb *tcb, bool lost_only, Seq *from, uint32_t *length);

/* ---- reassembly.c ---- */
/* Keeps `length` bytes at `seq` (within the window). Returns how many bytes became readable in order. */
uint32_t reassemble(Store *store, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length);
/* Keeps them without making them readable: text that came with a SYN. */
void reassemble_later(Store *store, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length);
/* Makes readable what was kept at rcv.nxt; returns how many bytes. */
uint32_t reassemble_waiting(Store *store, Tcb *tcb);

/* ---- isn.c: RFC 6528 ---- */
/* Not below `above`, where that is not NULL. A number given by hand is used up. */
Seq initial_sequence(const Env *env, Host *host, Endpoint local, Endpoint remote, const Seq *above);
/* SipHash-2-4 of a message of `count` whole words. */
uint64_t siphash(const uint8_t key[16], const uint64_t *words, size_t count);
/* A hash of two endpoints and a number, keyed with the secret (RFC 6528 3). */
uint64_t secret_hash(const Env *env, Endpoint local, Endpoint remote, uint64_t number);

/* ---- cookie.c: RFC 4987 3.6 ---- */
/* The initial sequence number that encodes a SYN. */
Seq cookie_make(const Env *env, const Segment *syn);
/* True where `ack` acknowledges a cookie made in this minute or the last; `mss` is the SYN's, rounded down. */
bool cookie_check(const Env *env, const Segment *ack, uint16_t *mss);

/* ---- listen.c: a listener's two queues; `tcbs` are all records ---- */
void join_syn_queue(Tcb *tcbs, const Tcb *tcb);
void leave_syn_queue(Tcb *tcbs, const Tcb *tcb);
/* The handshake is complete, and accept() may take it. */
void join_accept_queue(Tcb *tcbs, Tcb *tcb);
void leave_accept_queue(Tcb *tcbs, Tcb *tcb);
bool syn_queue_full(const Tcb *listener);
bool accept_queue_full(const Tcb *listener);

#endif
