/* state.c - the only place where the state of a connection changes. */
#include <assert.h>

#include "tcp.h"

bool state_synchronized(State state) {
    switch (state) {
    case STATE_CLOSED:
    case STATE_LISTEN:
    case STATE_SYN_SENT:
    case STATE_SYN_RCVD:
    case STATE_COUNT: return false;
    case STATE_ESTABLISHED:
    case STATE_FIN_WAIT_1:
    case STATE_FIN_WAIT_2:
    case STATE_CLOSE_WAIT:
    case STATE_CLOSING:
    case STATE_LAST_ACK:
    case STATE_TIME_WAIT: return true;
    }
    return false;
}

bool state_receives(State state) {
    return state == STATE_ESTABLISHED || state == STATE_FIN_WAIT_1 || state == STATE_FIN_WAIT_2;
}

bool state_sends(State state) { return state == STATE_ESTABLISHED || state == STATE_CLOSE_WAIT; }

void set_rule(Turn *turn, Tcb *tcb, HostRule rule, int64_t value) {
    own_rule_set(&turn->store, tcb, rule, value);
    if (rule == HOST_RULE_keepalive) keepalive_restart(turn, tcb);
}

/* ---- Keep-alive (RFC 9293 3.8.4): timeout.c handles its timer ---- */

bool keepalive_watches(const Env *env, const Tcb *tcb) {
    return tcb_rule(env, tcb, HOST_RULE_keepalive) != HOST_RULE_OFF &&
           (tcb->state == STATE_ESTABLISHED || tcb->state == STATE_CLOSE_WAIT);
}

void keepalive_restart(Turn *turn, Tcb *tcb) {
    tcb->keepalive_probes = 0;
    if (keepalive_watches(&turn->env, tcb))
        timer_start(turn, tcb, TIMER_KEEPALIVE, tcb_rule(&turn->env, tcb, HOST_RULE_keepalive));
    else timer_stop(turn, tcb, TIMER_KEEPALIVE);
}

void keepalive_rules(Turn *turn, HostId host) {
    for (Tcb *tcb = turn_next_tcb(turn, host, NULL); tcb; tcb = turn_next_tcb(turn, host, tcb))
        keepalive_restart(turn, tcb);
}

/* ---- States ---- */

/* Stops the timers and frees the buffers; unread bytes stay readable. */
static void delete_tcb(Turn *turn, Tcb *tcb) {
    leave_accept_queue(turn->tcbs, tcb);
    timer_stop_all(turn, tcb);
    bytes_free(&turn->store, &tcb->send_queue);
    pieces_clear(&turn->store, &tcb->kept);
    pieces_clear(&turn->store, &tcb->sacked);
    own_rules_free(&turn->store, tcb);
    turn_gone(turn, tcb);
}

void enter(Turn *turn, Tcb *tcb, State state, RuleId rule) {
    assert(arrow_find(tcb->state, state) != NULL);
    State from = tcb->state;
    if (from == STATE_SYN_RCVD) leave_syn_queue(turn->tcbs, tcb);
    tcb->state = state;
    turn_note(turn, tcb, EVENT_STATE, rule)->from = from;
    if (state == STATE_SYN_RCVD) join_syn_queue(turn->tcbs, tcb);
    if (state == STATE_ESTABLISHED) join_accept_queue(turn->tcbs, tcb);
    if (state == STATE_ESTABLISHED || timer_runs(tcb, TIMER_KEEPALIVE)) keepalive_restart(turn, tcb);
    if (state == STATE_CLOSED || (state == STATE_LISTEN && from == STATE_SYN_RCVD)) delete_tcb(turn, tcb);
}

void enter_time_wait(Turn *turn, Tcb *tcb, RuleId rule) {
    int64_t thousandths = tcb_rule(&turn->env, tcb, HOST_RULE_time_wait);
    if (thousandths <= 0) {
        enter(turn, tcb, STATE_CLOSED, RULE_WHAT_IF_NO_TIME_WAIT);
        return;
    }
    enter(turn, tcb, STATE_TIME_WAIT, rule);
    timer_stop_all(turn, tcb);
    timer_start(turn, tcb, TIMER_TIME_WAIT, tcb_rule(&turn->env, tcb, HOST_RULE_msl) * thousandths / 1000);
}

void begin_sequence(Turn *turn, Tcb *tcb, const Seq *above) {
    tcb->iss = initial_sequence(&turn->env, &turn->hosts[tcb->host], tcb->local, tcb->remote, above);
    tcb->snd.una = tcb->iss;
    tcb->snd.nxt = tcb->snd.resend = tcb->snd.base = tcb->snd.up = tcb->high_rxt = seq_add(tcb->iss, 1);
    int64_t buffer = tcb_rule(&turn->env, tcb, HOST_RULE_recv_buffer);
    tcb->rcv.wnd = buffer < 65535 ? (uint32_t)buffer : 65535; /* a SYN's window is never scaled (RFC 7323 2.2) */
    options_learn(&turn->env, tcb, &OPTIONS_NONE);            /* until the peer's options are known */
    estimate_reset(&turn->env, tcb);
    congestion_open(&turn->env, tcb);
}

void start_fin_wait_2_timer(Turn *turn, Tcb *tcb) {
    int64_t length = tcb_rule(&turn->env, tcb, HOST_RULE_fin_wait_2_timeout);
    if (tcb->closed && length != HOST_RULE_OFF) timer_start(turn, tcb, TIMER_FIN_WAIT_2, length);
}

static void report_error(Turn *turn, const Tcb *tcb, Status error, RuleId rule) {
    turn_note(turn, tcb, EVENT_ERROR, rule)->error = error;
}

void report_soft_error(Turn *turn, Tcb *tcb, Status error, RuleId rule) {
    tcb->soft_error = error;
    report_error(turn, tcb, error, rule);
}

void fail(Turn *turn, Tcb *tcb, Status error, RuleId rule) {
    tcb->error = error; /* what was received before stays readable */
    enter(turn, tcb, STATE_CLOSED, rule);
    report_error(turn, tcb, error, rule);
}
