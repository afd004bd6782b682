/* keepalive.c - is anybody there? Off unless asked for (RFC 9293 3.8.4, MUST-24 to MUST-29). */
#include "tcp.h"

static bool watches(Turn *turn, const Tcb *tcb) {
    return tcb_rule(turn, tcb, HOST_RULE_keepalive) != HOST_RULE_OFF &&
           (tcb->state == STATE_ESTABLISHED || tcb->state == STATE_CLOSE_WAIT);
}

void keepalive_restart(Turn *turn, Tcb *tcb) {
    tcb->keepalive_probes = 0;
    if (watches(turn, tcb)) timer_start(turn, tcb, TIMER_KEEPALIVE, tcb_rule(turn, tcb, HOST_RULE_keepalive));
    else timer_stop(turn, tcb, TIMER_KEEPALIVE);
}

void keepalive_timeout(Turn *turn, Tcb *tcb) {
    bool outstanding = seq_lt(tcb->snd.una, tcb->snd.nxt) || tcb->send_queue.length > 0;
    if (!watches(turn, tcb) || outstanding) { /* MUST-26: what is in flight asks the same question */
        keepalive_restart(turn, tcb);
        return;
    }
    if (tcb->keepalive_probes >= (uint32_t)tcb_rule(turn, tcb, HOST_RULE_keepalive_probes)) {
        fail(turn, tcb, STATUS_CONNECTION_TIMED_OUT, RULE_KEEPALIVE_DEAD);
        return;
    }
    tcb->keepalive_probes++;
    send_keepalive(turn, tcb);
    timer_start(turn, tcb, TIMER_KEEPALIVE, tcb_rule(turn, tcb, HOST_RULE_keepalive_interval));
}

void keepalive_rules(Turn *turn, HostId host) {
    for (Tcb *tcb = turn_next_tcb(turn, host, NULL); tcb; tcb = turn_next_tcb(turn, host, tcb))
        if (tcb->state == STATE_ESTABLISHED || tcb->state == STATE_CLOSE_WAIT) keepalive_restart(turn, tcb);
}
