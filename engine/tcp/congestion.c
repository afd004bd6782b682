/* congestion.c - how much may be in flight: slow start, congestion avoidance, fast retransmit and recovery (RFC
 * 5681), with RFC 6582's handling of partial ACKs. */
#include "mechanisms.h"

enum { DUPLICATES = 3, SSTHRESH_HIGH = 1 << 30 };

static uint32_t initial_window(const Env *env, const Tcb *tcb) {
    uint32_t mss = effective_mss(env, tcb);
    int64_t segments = tcb_rule(env, tcb, HOST_RULE_initial_window);
    if (segments != HOST_RULE_OFF) return (uint32_t)segments * mss;
    if (mss > 2190) return 2 * mss;
    return mss > 1095 ? 3 * mss : 4 * mss;
}

static uint32_t flight(const Tcb *tcb) { return seq_distance(tcb->snd.una, tcb->snd.nxt); }

static uint32_t half(uint32_t bytes, uint32_t mss) { return bytes / 2 > 2 * mss ? bytes / 2 : 2 * mss; }

static bool uncontrolled(const Env *env, const Tcb *tcb) { return !tcb_rule(env, tcb, HOST_RULE_congestion); }

void congestion_open(const Env *env, Tcb *tcb) {
    uint32_t mss = effective_mss(env, tcb);
    tcb->cwnd = tcb->syn_timed_out ? mss : initial_window(env, tcb);
    tcb->ssthresh = SSTHRESH_HIGH;
    if (uncontrolled(env, tcb)) tcb->cwnd = SSTHRESH_HIGH;
}

/* A partial ACK deflates the window by what it acknowledges, and one segment is added (RFC 6582 3.2 step 3). With SACK
 * the pipe decides instead. */
static void recovery_acked(const Env *env, Tcb *tcb, uint32_t acked) {
    if (seq_geq(tcb->snd.una, tcb->recover)) {
        tcb->cwnd = tcb->ssthresh;
        tcb->recovering = false;
        return;
    }
    if (tcb->sacking) return;
    tcb->cwnd = tcb->cwnd > acked ? tcb->cwnd - acked : 0;
    tcb->cwnd += effective_mss(env, tcb);
}

void congestion_acked(const Env *env, Tcb *tcb, uint32_t acked) {
    uint32_t mss = effective_mss(env, tcb);
    tcb->dup_acks = 0;
    if (tcb->recovering) {
        recovery_acked(env, tcb, acked);
        return;
    }
    if (uncontrolled(env, tcb) || tcb->cwnd >= SSTHRESH_HIGH) return;
    if (tcb->cwnd < tcb->ssthresh) {
        tcb->cwnd += acked < mss ? acked : mss;
    } else {
        uint32_t step = (uint32_t)((uint64_t)mss * mss / tcb->cwnd);
        tcb->cwnd += step ? step : 1;
    }
}

/* After a timeout duplicate ACKs may come from our own retransmissions (RFC 6582 4.1). */
static bool resending(const Tcb *tcb) { return seq_lt(tcb->snd.resend, tcb->snd.nxt); }

uint32_t congestion_spare(const Env *env, const Tcb *tcb) {
    if (tcb->recovering || tcb->dup_acks == 0 || resending(tcb) || !tcb_rule(env, tcb, HOST_RULE_limited_transmit))
        return 0;
    if (!tcb->sacking) return (tcb->dup_acks < DUPLICATES ? tcb->dup_acks : DUPLICATES - 1) * effective_mss(env, tcb);
    return pieces_length(env->store,
                         &tcb->sacked); /* RFC 6675 5 (3): what was selectively acknowledged has left the network */
}

/* Data sent beyond the window by limited transmit does not count (RFC 5681 3.2, step 2). */
static uint32_t flight_within(const Tcb *tcb) { return flight(tcb) < tcb->cwnd ? flight(tcb) : tcb->cwnd; }

static bool begin_recovery(const Env *env, Tcb *tcb) {
    uint32_t mss = effective_mss(env, tcb);
    tcb->recover = tcb->snd.nxt;
    tcb->high_rxt = tcb->snd.una;
    tcb->recovering = true;
    if (uncontrolled(env, tcb)) {
        tcb->ssthresh = tcb->cwnd;
        return true;
    }
    tcb->ssthresh = half(flight_within(tcb), mss);
    tcb->cwnd = tcb->sacking ? tcb->ssthresh : tcb->ssthresh + DUPLICATES * mss;
    return true;
}

bool congestion_duplicate(const Env *env, Tcb *tcb) {
    tcb->dup_acks++;
    if (tcb->recovering) {
        if (!tcb->sacking && !uncontrolled(env, tcb)) tcb->cwnd += effective_mss(env, tcb);
        return false;
    }
    if (resending(tcb)) return false;
    if (tcb->dup_acks != DUPLICATES && !sack_first_lost(env, tcb)) return false;
    return begin_recovery(env, tcb);
}

bool congestion_sacked(const Env *env, Tcb *tcb) {
    if (tcb->recovering || resending(tcb) || !sack_first_lost(env, tcb)) return false;
    return begin_recovery(env, tcb);
}

void congestion_idle(const Env *env, Tcb *tcb) {
    if (seq_lt(tcb->snd.una, tcb->snd.nxt) || env->now - tcb->last_sent <= tcb->rto || uncontrolled(env, tcb)) return;
    uint32_t restart = initial_window(env, tcb);
    if (tcb->cwnd > restart) tcb->cwnd = restart;
}

void congestion_timeout(const Env *env, Store *store, Tcb *tcb) {
    uint32_t mss = effective_mss(env, tcb);
    tcb->recovering = false;
    tcb->dup_acks = 0;
    pieces_clear(store, &tcb->sacked); /* the peer may have discarded what it reported (RFC 2018 8) */
    tcb->high_rxt = tcb->snd.una;
    if (uncontrolled(env, tcb)) return;
    if (tcb->retransmissions == 0) tcb->ssthresh = half(flight(tcb), mss);
    tcb->cwnd = mss;
}

bool congestion_partial(const Tcb *tcb) {
    return tcb->recovering && !tcb->sacking && seq_lt(tcb->snd.una, tcb->recover);
}
