/* tcb.h - one end of a connection: the transmission control block (RFC 9293 3.3.1), and its host.
 *
 * Part of a World: no pointers. Buffers are named by their block in the world's store.
 */
#ifndef TWOMSL_TCB_H
#define TWOMSL_TCB_H

#include "../engine.h"
#include "bytes.h"
#include "pieces.h"

#define SLOT_NONE UINT32_MAX

/* The rules in which a connection differs from its host. */
typedef struct OwnRules {
    bool set[HOST_RULE_COUNT];
    int64_t value[HOST_RULE_COUNT];
} OwnRules;

typedef struct Tcb {
    ConnId id;
    State state;
    HostId host;
    Endpoint local, remote;
    ConnId listener; /* the listener that made it, or CONN_NONE */
    ConnId peer;     /* whose SYN it accepted: for the oracle only, TCP does not use it */
    Status error, soft_error;
    bool gone;
    bool passive, accepted;
    bool waits; /* in its listener's accept queue */
    bool close_on_fin;
    bool fin_queued; /* the application has closed; the FIN follows the last byte */
    bool fin_sent;
    bool closed;    /* the application has called close(), not only shutdown(): it reads no more */
    bool fin_known; /* the peer's FIN has arrived, perhaps ahead of a hole; its number is rcv.fin */
    bool fin_seen;  /* the peer's FIN has been processed */

    Seq iss, irs;
    struct {
        Seq una, nxt, wl1, wl2, up;
        uint32_t wnd, max_wnd;
        Seq resend; /* after a timeout: the next number to retransmit, up to nxt; else nxt */
        Seq base;   /* the sequence number of the first byte in send_queue */
    } snd;
    struct {
        Seq nxt, up;
        uint32_t wnd; /* offered: nxt + wnd is the right edge, which never moves back (SHLD-14) */
        Seq fin;
    } rcv;
    Bytes send_queue; /* from snd.base: unacknowledged, then unsent */
    Bytes recv_queue; /* unread bytes in order, and after them those out of order */
    Pieces kept;      /* received beyond a hole */

    uint16_t peer_mss; /* the MSS it announced (RFC 9293 3.7.1) */
    /* RFC 7323 and RFC 2018: negotiated by the SYNs */
    bool scaling, timestamps, sacking;
    uint8_t snd_shift, rcv_shift;
    uint32_t ts_recent;
    Micros ts_recent_at;
    Seq last_ack_sent;
    Pieces sacked; /* of the bytes in flight, those selectively acknowledged */
    Seq high_rxt;  /* RFC 6675 HighRxt: retransmitted up to here in this recovery */

    bool ack_now;
    RuleId ack_rule;
    uint32_t ack_bytes; /* received since the last ACK */

    /* RFC 6298 */
    Micros rto, srtt, rttvar;
    bool rtt_running;
    Seq rtt_seq; /* the ACK that ends the measurement */
    Micros rtt_start;
    uint32_t retransmissions;
    bool syn_timed_out; /* rule 5.7 */
    uint32_t probes;    /* zero-window probes sent in a row */

    /* RFC 5681 */
    uint32_t cwnd, ssthresh;
    uint32_t dup_acks;
    bool recovering;
    Seq recover;
    Micros last_sent; /* when data was last sent (RFC 5681 4.1); MICROS_NEVER */
    uint32_t keepalive_probes;
    uint32_t challenges; /* ACKs sent since challenge_since, RFC 5961 7 */
    Micros challenge_since;
    uint32_t answers_in_row; /* ACKs sent to unacceptable segments since the last acceptable one */

    Micros timers[TIMER_COUNT];
    Micros timer_lengths[TIMER_COUNT];
    uint32_t timer_causes[TIMER_COUNT];
    Micros deadline; /* the earliest of them */

    uint32_t backlog, syn_queue, accept_queue; /* of a listener */
    ConnId accept_next, accept_before;         /* in that queue; of the listener: its oldest, its newest */
    uint32_t own;                              /* OwnRules in the world's store; 0: none */

    /* the links of the world's lists */
    uint32_t hash_next, older, newer, gone_next, heap_at;
} Tcb;

typedef struct Host {
    char name[LIMIT_HOST_NAME + 1];
    Addr addr;
    bool foreign; /* its TCP is not ours */
    int64_t rules[HOST_RULE_COUNT];
    uint16_t ip_id;
    uint16_t ephemeral; /* the next port to try */
} Host;

/* The record of a handle. NULL: none, or the connection is gone, or its slot was used again. The slot must be one of
 * this world's. */
/* The sequence number after the last byte of text taken: that of the FIN, once it has been processed. */
static inline Seq text_end(const Tcb *tcb) { return tcb->fin_seen ? tcb->rcv.fin : tcb->rcv.nxt; }

static inline Tcb *tcb_at(Tcb *tcbs, ConnId id) {
    if (!conn_is(id)) return NULL;
    Tcb *tcb = &tcbs[id.slot];
    return tcb->id.generation == id.generation && !tcb->gone ? tcb : NULL;
}

#endif
