/* estimate.c - the retransmission timeout (RFC 6298), with Karn's rule: retransmitted segments are not measured. */
#include "mechanisms.h"

/* The virtual clock's granularity G. */
enum { GRANULARITY = 1 };

static Micros bounded(const Env *env, const Tcb *tcb, Micros rto) {
    Micros low = tcb_rule(env, tcb, HOST_RULE_rto_min), high = tcb_rule(env, tcb, HOST_RULE_rto_max);
    if (rto < low) rto = low;
    return rto > high ? high : rto;
}

void estimate_reset(const Env *env, Tcb *tcb) {
    tcb->srtt = tcb->rttvar = 0;
    tcb->rto = tcb_rule(env, tcb, HOST_RULE_rto_initial);
    tcb->rtt_running = false;
}

void estimate_sample(const Env *env, Tcb *tcb, Micros rtt) {
    if (tcb->srtt == 0) {
        tcb->srtt = rtt > 0 ? rtt : GRANULARITY;
        tcb->rttvar = rtt / 2;
    } else {
        Micros difference = tcb->srtt > rtt ? tcb->srtt - rtt : rtt - tcb->srtt;
        tcb->rttvar = (3 * tcb->rttvar + difference) / 4;
        tcb->srtt = (7 * tcb->srtt + rtt) / 8;
    }
    Micros spread = 4 * tcb->rttvar;
    tcb->rto = bounded(env, tcb, tcb->srtt + (spread > GRANULARITY ? spread : GRANULARITY));
}

void estimate_backoff(const Env *env, Tcb *tcb) {
    Micros high = tcb_rule(env, tcb, HOST_RULE_rto_max);
    tcb->rto = tcb->rto * 2 < high ? tcb->rto * 2 : high;
}

void estimate_begin(const Env *env, Tcb *tcb, Seq end) {
    if (tcb->rtt_running || tcb->timestamps) return; /* with timestamps, echoes measure every segment */
    tcb->rtt_running = true;
    tcb->rtt_seq = end;
    tcb->rtt_start = env->now;
}

void estimate_end(const Env *env, Tcb *tcb, Seq ack) {
    if (!tcb->rtt_running || seq_lt(ack, tcb->rtt_seq)) return;
    tcb->rtt_running = false;
    estimate_sample(env, tcb, env->now - tcb->rtt_start);
}

void estimate_cancel(Tcb *tcb) { tcb->rtt_running = false; }
