/* call.c - the user calls (RFC 9293 3.10.1-6). A refused call changes nothing. */
#include <assert.h>

#include "tcp.h"

enum { EPHEMERAL_LOW = 49152, EPHEMERAL_HIGH = 65535 };

/* Records the call; it is the cause of the events that follow. */
static void called(Turn *turn, const Tcb *tcb, InputKind call, RuleId rule, int64_t value) {
    Event *event = turn_note(turn, tcb, EVENT_CALL, rule);
    event->call = call;
    event->value = value;
    turn->cause = event->index;
}

/* The error of a call on a connection that is gone. */
static Status ended(const Tcb *tcb) { return tcb->error != STATUS_OK ? tcb->error : STATUS_NO_CONNECTION; }

/* ---- OPEN, 3.10.1 ---- */

Status call_listen(Turn *turn, const Input *input, Result *result) {
    const Host *host = &turn->hosts[input->host];
    Endpoint local = {addr_is_unspecified(input->local.addr) ? host->addr : input->local.addr, input->local.port};
    if (!addr_eq(local.addr, host->addr)) return STATUS_BAD_ADDRESS;
    if (local.port == 0 || input->count > LIMIT_BACKLOG) return STATUS_BAD_ARGUMENT;
    if (turn_find(turn, local, ENDPOINT_NONE)) return STATUS_CONNECTION_EXISTS; /* MUST-41 */
    Tcb *tcb = turn_open(turn, input->host, local, ENDPOINT_NONE);
    tcb->backlog = input->count;
    tcb->close_on_fin = input->close_on_fin;
    tcb->passive = tcb->accepted = true;
    called(turn, tcb, INPUT_LISTEN, RULE_OPEN_PASSIVE, input->count);
    enter(turn, tcb, STATE_LISTEN, RULE_OPEN_PASSIVE);
    result->conn = tcb->id;
    return STATUS_OK;
}

static uint16_t free_port(Turn *turn, Host *host, Endpoint remote) {
    for (uint32_t tries = 0; tries <= EPHEMERAL_HIGH - EPHEMERAL_LOW; tries++) {
        uint16_t port = host->ephemeral;
        host->ephemeral = port == EPHEMERAL_HIGH ? EPHEMERAL_LOW : (uint16_t)(port + 1);
        Endpoint local = {host->addr, port};
        if (!turn_find(turn, local, remote) && !turn_find(turn, local, ENDPOINT_NONE) && !endpoint_eq(local, remote))
            return port;
    }
    return 0;
}

Status call_connect(Turn *turn, const Input *input, Result *result) {
    Host *host = &turn->hosts[input->host];
    if (input->remote.port == 0 || addr_is_unspecified(input->remote.addr)) return STATUS_REMOTE_UNSPECIFIED;
    if (!addr_is_unicast(input->remote.addr)) return STATUS_BAD_ADDRESS; /* MUST-46 */
    if (!addr_is_unspecified(input->local.addr) && !addr_eq(input->local.addr, host->addr))
        return STATUS_BAD_ADDRESS;                    /* MUST-43 */
    Endpoint local = {host->addr, input->local.port}; /* MUST-44 */
    if (local.port == 0) local.port = free_port(turn, host, input->remote);
    if (local.port == 0) return STATUS_NO_RESOURCES;
    if (turn_find(turn, local, input->remote)) return STATUS_CONNECTION_EXISTS;
    Tcb *tcb = turn_open(turn, input->host, local, input->remote);
    tcb->accepted = true;
    tcb->close_on_fin = input->close_on_fin;
    called(turn, tcb, INPUT_CONNECT, RULE_OPEN_ACTIVE, 0);
    begin_sequence(turn, tcb, NULL);
    send_syn(turn, tcb, RULE_OPEN_ACTIVE, false);
    enter(turn, tcb, STATE_SYN_SENT, RULE_OPEN_ACTIVE);
    result->conn = tcb->id;
    return STATUS_OK;
}

Status call_accept(Turn *turn, const Input *input, Result *result) {
    Tcb *listener = tcb_at(turn->tcbs, input->conn);
    if (!listener) return STATUS_NO_CONNECTION;
    if (listener->state != STATE_LISTEN) return STATUS_NOT_A_LISTENER;
    Tcb *tcb = tcb_at(turn->tcbs, listener->accept_next);
    if (!tcb) return STATUS_NOTHING_YET;
    leave_accept_queue(turn->tcbs, tcb);
    tcb->accepted = true;
    called(turn, tcb, INPUT_ACCEPT, RULE_ACCEPT_CALL, 0);
    result->conn = tcb->id;
    return STATUS_OK;
}

/* ---- SEND, 3.10.2 ---- */

Status call_send(Turn *turn, const Input *input, Result *result) {
    Tcb *tcb = &turn->tcbs[input->conn.slot];
    if (tcb->gone) return ended(tcb);
    if (tcb->state == STATE_LISTEN) return STATUS_A_LISTENER;
    if (tcb->fin_queued) return STATUS_CONNECTION_CLOSING;
    bool opening = tcb->state == STATE_SYN_SENT || tcb->state == STATE_SYN_RCVD;
    assert(opening || state_sends(tcb->state));
    uint32_t buffer = (uint32_t)tcb_rule(&turn->env, tcb, HOST_RULE_send_buffer);
    uint32_t room = buffer > tcb->send_queue.length ? buffer - tcb->send_queue.length : 0;
    if (room == 0 && input->length > 0) return STATUS_NO_RESOURCES;
    uint32_t taken = input->length < room ? input->length : room;
    called(turn, tcb, INPUT_SEND, opening ? RULE_SEND_BEFORE_OPEN : RULE_SEND_QUEUED, taken);
    bytes_reserve(&turn->store, &tcb->send_queue, tcb->send_queue.length + taken);
    bytes_write(&turn->store, &tcb->send_queue, tcb->send_queue.length, input->bytes, taken);
    tcb->send_queue.length += taken;
    if (input->urgent && taken) tcb->snd.up = fin_seq(tcb);
    result->count = taken;
    output(turn, tcb);
    return STATUS_OK;
}

/* ---- RECEIVE, 3.10.3 ---- */

static Status nothing_to_read(const Tcb *tcb) {
    if (tcb->error != STATUS_OK) return tcb->error;
    if (tcb->closed) return tcb->gone ? STATUS_NO_CONNECTION : STATUS_CONNECTION_CLOSING;
    if (tcb->fin_seen) return STATUS_END_OF_DATA;
    return tcb->gone ? STATUS_NO_CONNECTION : STATUS_NOTHING_YET;
}

/* The window has opened by two segments or half the buffer, or was below one segment: an ACK is sent to say so. */
static bool window_update_due(const Env *env, const Tcb *tcb) {
    uint32_t gain = window_gain(env, tcb);
    return gain > 0 &&
           (gain >= 2 * effective_mss(env, tcb) || gain >= (uint32_t)tcb_rule(env, tcb, HOST_RULE_recv_buffer) / 2 ||
            tcb->rcv.wnd < effective_mss(env, tcb));
}

Status call_recv(Turn *turn, const Input *input, Result *result) {
    Tcb *tcb = &turn->tcbs[input->conn.slot];
    if (!tcb->gone && tcb->state == STATE_LISTEN) return STATUS_A_LISTENER;
    if (tcb->recv_queue.length == 0) return nothing_to_read(tcb);
    if (input->count == 0 || input->count > tcb->recv_queue.length) return STATUS_BAD_ARGUMENT;
    called(turn, tcb, INPUT_RECV, RULE_RECV_TAKEN, input->count);
    bytes_skip(&tcb->recv_queue, input->count);
    if (tcb->recv_queue.length == 0 && tcb->kept.count == 0) bytes_free(&turn->store, &tcb->recv_queue);
    tcb->rcv.up = seq_max(tcb->rcv.up, seq_sub(text_end(tcb), tcb->recv_queue.length));
    result->count = input->count;
    if (!state_receives(tcb->state) || !window_update_due(&turn->env, tcb)) return STATUS_OK;
    ack_now(tcb, RULE_WINDOW_UPDATE);
    output(turn, tcb);
    return STATUS_OK;
}

/* ---- CLOSE, 3.10.4 ---- */

static RuleId close_rule(const Tcb *tcb) {
    switch (tcb->state) {
    case STATE_LISTEN: return RULE_CLOSE_LISTEN;
    case STATE_SYN_SENT: return RULE_CLOSE_SYN_SENT;
    case STATE_SYN_RCVD: return tcb->send_queue.length ? RULE_CLOSE_WAITS_FOR_OPEN : RULE_CLOSE_SYN_RCVD;
    case STATE_CLOSE_WAIT: return RULE_CLOSE_CLOSE_WAIT;
    case STATE_CLOSED:
    case STATE_ESTABLISHED:
    case STATE_FIN_WAIT_1:
    case STATE_FIN_WAIT_2:
    case STATE_CLOSING:
    case STATE_LAST_ACK:
    case STATE_TIME_WAIT:
    case STATE_COUNT: return RULE_CLOSE_ESTABLISHED;
    }
    return RULE_NONE;
}

/* Connections not yet accepted are reset with their listener. */
static void close_listener(Turn *turn, Tcb *listener) {
    for (Tcb *tcb = turn_next_tcb(turn, listener->host, NULL), *next; tcb; tcb = next) {
        next = turn_next_tcb(turn, listener->host, tcb);
        if (!conn_eq(tcb->listener, listener->id) || tcb->accepted) continue;
        if (tcb->state != STATE_CLOSING && tcb->state != STATE_LAST_ACK && tcb->state != STATE_TIME_WAIT)
            send_rst(turn, tcb, RULE_CLOSE_LISTEN);
        enter(turn, tcb, STATE_CLOSED, RULE_CLOSE_LISTEN);
    }
    enter(turn, listener, STATE_CLOSED, RULE_CLOSE_LISTEN);
}

void close_sending(Turn *turn, Tcb *tcb) {
    RuleId rule = close_rule(tcb);
    tcb->fin_queued = true;
    switch (tcb->state) {
    case STATE_LISTEN: close_listener(turn, tcb); return;
    case STATE_SYN_SENT: enter(turn, tcb, STATE_CLOSED, rule); return;
    case STATE_SYN_RCVD:
        if (tcb->send_queue.length) return; /* close() is done when the connection is open */
        enter(turn, tcb, STATE_FIN_WAIT_1, rule);
        break;
    case STATE_ESTABLISHED: enter(turn, tcb, STATE_FIN_WAIT_1, rule); break;
    case STATE_CLOSE_WAIT: break; /* LAST_ACK when the FIN goes out */
    case STATE_CLOSED:
    case STATE_FIN_WAIT_1:
    case STATE_FIN_WAIT_2:
    case STATE_CLOSING:
    case STATE_LAST_ACK:
    case STATE_TIME_WAIT:
    case STATE_COUNT: assert(!"closed twice");
    }
    output(turn, tcb);
}

Status call_shutdown(Turn *turn, const Input *input) {
    Tcb *tcb = &turn->tcbs[input->conn.slot];
    if (tcb->gone) return ended(tcb);
    if (tcb->state == STATE_LISTEN) return STATUS_A_LISTENER;
    if (tcb->fin_queued) return STATUS_CONNECTION_CLOSING;
    called(turn, tcb, INPUT_SHUTDOWN, close_rule(tcb), 0);
    close_sending(turn, tcb);
    return STATUS_OK;
}

static bool aborts_with_rst(State state) {
    return state == STATE_SYN_RCVD || state == STATE_ESTABLISHED || state == STATE_FIN_WAIT_1 ||
           state == STATE_FIN_WAIT_2 || state == STATE_CLOSE_WAIT;
}

Status call_close(Turn *turn, const Input *input) {
    Tcb *tcb = &turn->tcbs[input->conn.slot];
    if (tcb->gone) return ended(tcb);
    if (tcb->closed) return STATUS_CONNECTION_CLOSING;
    bool unread = tcb->recv_queue.length > 0 && aborts_with_rst(tcb->state);
    if (!unread && tcb->fin_queued && tcb->state != STATE_FIN_WAIT_1 && tcb->state != STATE_FIN_WAIT_2)
        return STATUS_CONNECTION_CLOSING;
    tcb->closed = true;
    called(turn, tcb, INPUT_CLOSE, unread ? RULE_CLOSE_UNREAD : close_rule(tcb), 0);
    if (unread) { /* SHLD-3 */
        send_rst(turn, tcb, RULE_CLOSE_UNREAD);
        enter(turn, tcb, STATE_CLOSED, RULE_CLOSE_UNREAD);
        bytes_free(&turn->store, &tcb->recv_queue);
        return STATUS_OK;
    }
    if (!tcb->fin_queued) close_sending(turn, tcb);
    else if (tcb->state == STATE_FIN_WAIT_2) start_fin_wait_2_timer(turn, tcb);
    return STATUS_OK;
}

/* ---- ABORT, 3.10.5, and a crash, which sends nothing ---- */

Status call_abort(Turn *turn, const Input *input) {
    Tcb *tcb = &turn->tcbs[input->conn.slot];
    if (tcb->gone) return ended(tcb);
    bool sends_rst = aborts_with_rst(tcb->state);
    called(turn, tcb, INPUT_ABORT, sends_rst ? RULE_ABORT_CALL : RULE_ABORT_SILENT, 0);
    if (tcb->state == STATE_LISTEN) {
        close_listener(turn, tcb);
        return STATUS_OK;
    }
    if (sends_rst) send_rst(turn, tcb, RULE_ABORT_CALL);
    tcb->error = STATUS_CONNECTION_ABORTED;
    bytes_free(&turn->store, &tcb->recv_queue);
    enter(turn, tcb, STATE_CLOSED, sends_rst ? RULE_ABORT_CALL : RULE_ABORT_SILENT);
    return STATUS_OK;
}

Status call_crash(Turn *turn, const Input *input) {
    Event *event = turn_event(turn, EVENT_CALL, RULE_CRASH);
    event->host = input->host;
    event->call = INPUT_CRASH;
    turn->cause = event->index;
    for (Tcb *tcb = turn_next_tcb(turn, input->host, NULL), *next; tcb; tcb = next) {
        next = turn_next_tcb(turn, input->host, tcb);
        tcb->error = STATUS_HOST_CRASHED;
        bytes_free(&turn->store, &tcb->recv_queue);
        enter(turn, tcb, STATE_CLOSED, RULE_CRASH);
    }
    return STATUS_OK;
}
