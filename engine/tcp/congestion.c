/* congestion.c - how much the network may be given: slow start, congestion avoidance, fast retransmit and recovery (RFC 5681), with
 * RFC 6582's handling of partial ACKs. */
#include "tcp.h"

enum { DUPLICATES = 3, SSTHRESH_HIGH = 1 << 30 };

static uint32_t initial_window(uint32_t mss) {
    if (mss > 2190) return 2 * mss;
    return mss > 1095 ? 3 * mss : 4 * mss;
}

static uint32_t flight(const Tcb *tcb) { return seq_distance(tcb->snd.una, tcb->snd.nxt); }

static uint32_t half_flight(const Tcb *tcb, uint32_t mss) {
    uint32_t half = flight(tcb) / 2;
    return half > 2 * mss ? half : 2 * mss;
}

void congestion_open(Turn *turn, Tcb *tcb) {
    uint32_t mss = effective_mss(turn, tcb);
    tcb->cwnd = tcb->syn_timed_out ? mss : initial_window(mss);
    tcb->ssthresh = SSTHRESH_HIGH;
}

void congestion_acked(Turn *turn, Tcb *tcb, uint32_t acked) {
    uint32_t mss = effective_mss(turn, tcb);
    tcb->dup_acks = 0;
    if (tcb->recovering) {
        if (seq_geq(tcb->snd.una, tcb->recover)) {
            tcb->cwnd = tcb->ssthresh;
            tcb->recovering = false;
        } else { /* partial: deflate by what was acknowledged, and let one segment out (RFC 6582 3.2 step 3) */
            tcb->cwnd = tcb->cwnd > acked ? tcb->cwnd - acked : 0;
            tcb->cwnd += mss;
        }
        return;
    }
    if (tcb->cwnd < tcb->ssthresh) {
        tcb->cwnd += acked < mss ? acked : mss;
    } else if (tcb->cwnd < SSTHRESH_HIGH) {
        uint32_t step = (uint32_t)((uint64_t)mss * mss / tcb->cwnd);
        tcb->cwnd += step ? step : 1;
    }
}

bool congestion_duplicate(Turn *turn, Tcb *tcb) {
    uint32_t mss = effective_mss(turn, tcb);
    tcb->dup_acks++;
    if (tcb->recovering) {
        tcb->cwnd += mss;
        return false;
    }
    if (tcb->dup_acks != DUPLICATES) return false;
    /* After a timeout the duplicates may be our own resending: RFC 6582 4.1 looks at `recover`. */
    if (seq_lt(tcb->snd.resend, tcb->snd.nxt)) return false;
    tcb->ssthresh = half_flight(tcb, mss);
    tcb->cwnd = tcb->ssthresh + DUPLICATES * mss;
    tcb->recover = tcb->snd.nxt;
    tcb->recovering = true;
    return true;
}

void congestion_timeout(Turn *turn, Tcb *tcb) {
    uint32_t mss = effective_mss(turn, tcb);
    if (tcb->retransmissions == 0) tcb->ssthresh = half_flight(tcb, mss);
    tcb->cwnd = mss;
    tcb->recovering = false;
    tcb->dup_acks = 0;
}

bool congestion_partial(const Tcb *tcb) { return tcb->recovering && seq_lt(tcb->snd.una, tcb->recover); }
