/* timeout.c - what a timer does when it fires (RFC 9293 3.10.8, RFC 6298 5). */
#include <assert.h>

#include "tcp.h"

enum { R1 = 3 }; /* SHLD-10 */

static void fired(Turn *turn, const Tcb *tcb, TimerKind timer, RuleId rule) {
    turn->cause = tcb->timer_causes[timer];
    Event *event = turn_note(turn, tcb, EVENT_TIMER, rule);
    event->timer = timer;
    event->due = tcb->timer_lengths[timer];
    turn->cause = event->index;
}

static bool opening(const Tcb *tcb) { return seq_eq(tcb->snd.una, tcb->iss); }

static void retransmission_timeout(Turn *turn, Tcb *tcb) {
    RuleId rule = opening(tcb) ? RULE_TIMEOUT_SYN : RULE_TIMEOUT_RETRANSMIT;
    fired(turn, tcb, TIMER_RETRANSMIT, rule);
    if (opening(tcb)) tcb->syn_timed_out = true;
    else congestion_timeout(&turn->env, &turn->store, tcb);
    if (++tcb->retransmissions == R1) report_soft_error(turn, tcb, STATUS_DELIVERY_TROUBLE, RULE_TIMEOUT_R1);
    estimate_backoff(&turn->env, tcb);
    send_again(turn, tcb, rule);
    if (!timer_runs(tcb, TIMER_RETRANSMIT)) timer_start(turn, tcb, TIMER_RETRANSMIT, tcb->rto);
}

static void user_timeout(Turn *turn, Tcb *tcb) {
    RuleId rule = opening(tcb) ? RULE_TIMEOUT_SYN_USER : RULE_TIMEOUT_USER;
    fired(turn, tcb, TIMER_USER, rule);
    fail(turn, tcb, STATUS_CONNECTION_TIMED_OUT, rule);
}

/* The window is open, but too small for a segment worth sending. */
static void silly_window_override(Turn *turn, Tcb *tcb) {
    fired(turn, tcb, TIMER_PERSIST, RULE_SILLY_WINDOW_OVERRIDE);
    send_probe(turn, tcb, RULE_SILLY_WINDOW_OVERRIDE);
    output(turn, tcb);
}

static void persist_timeout(Turn *turn, Tcb *tcb) {
    if (tcb->snd.wnd > 0) {
        silly_window_override(turn, tcb);
        return;
    }
    fired(turn, tcb, TIMER_PERSIST, RULE_TIMEOUT_PERSIST);
    send_probe(turn, tcb, RULE_TIMEOUT_PERSIST);
    /* Runs from the first probe until the peer answers (MUST-37). */
    if (!timer_runs(tcb, TIMER_USER))
        timer_start(turn, tcb, TIMER_USER, tcb_rule(&turn->env, tcb, HOST_RULE_user_timeout));
    Micros high = tcb_rule(&turn->env, tcb, HOST_RULE_rto_max);
    Micros interval = tcb->rto;
    tcb->probes++;
    for (uint32_t i = 0; i < tcb->probes && interval < high; i++) interval *= 2; /* SHLD-30 */
    timer_start(turn, tcb, TIMER_PERSIST, interval < high ? interval : high);
}

/* MUST-24 to MUST-29. */
static void keepalive_timeout(Turn *turn, Tcb *tcb) {
    bool outstanding = tcb->send_queue.length > 0; /* no FIN: where one was sent, nothing watches */
    fired(turn, tcb, TIMER_KEEPALIVE, RULE_KEEPALIVE);
    if (!keepalive_watches(&turn->env, tcb) || outstanding) { /* MUST-26: a probe only where nothing is outstanding */
        keepalive_restart(turn, tcb);
        return;
    }
    if (tcb->keepalive_probes >= (uint32_t)tcb_rule(&turn->env, tcb, HOST_RULE_keepalive_probes)) {
        fail(turn, tcb, STATUS_CONNECTION_TIMED_OUT, RULE_KEEPALIVE_DEAD);
        return;
    }
    tcb->keepalive_probes++;
    send_keepalive(turn, tcb);
    timer_start(turn, tcb, TIMER_KEEPALIVE, tcb_rule(&turn->env, tcb, HOST_RULE_keepalive_interval));
}

void timeout(Turn *turn, Tcb *tcb, TimerKind timer) {
    assert(timer_runs(tcb, timer));
    timer_stop(turn, tcb, timer);
    switch (timer) {
    case TIMER_RETRANSMIT: retransmission_timeout(turn, tcb); break;
    case TIMER_PERSIST: persist_timeout(turn, tcb); break;
    case TIMER_DELAYED_ACK:
        fired(turn, tcb, timer, RULE_TIMEOUT_DELAYED_ACK);
        send_ack(turn, tcb, RULE_TIMEOUT_DELAYED_ACK);
        break;
    case TIMER_TIME_WAIT:
        fired(turn, tcb, timer, RULE_TIMEOUT_TIME_WAIT);
        enter(turn, tcb, STATE_CLOSED, RULE_TIMEOUT_TIME_WAIT);
        break;
    case TIMER_FIN_WAIT_2:
        fired(turn, tcb, timer, RULE_TIMEOUT_FIN_WAIT_2);
        enter(turn, tcb, STATE_CLOSED, RULE_TIMEOUT_FIN_WAIT_2);
        break;
    case TIMER_USER: user_timeout(turn, tcb); break;
    case TIMER_KEEPALIVE: keepalive_timeout(turn, tcb); break;
    case TIMER_COUNT: assert(!"no such timer");
    }
}
