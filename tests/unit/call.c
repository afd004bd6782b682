/* call.c - what the application asks, state by state (RFC 9293 3.10.1-6). */
#include "lab.h"

static Input listen_on(uint16_t port) {
    return (Input){.kind = INPUT_LISTEN, .host = A, .local = {.port = port}, .count = 5};
}
static Input connect_to(Endpoint remote, uint16_t port) {
    return (Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = port}, .remote = remote};
}

/* ---- OPEN ---- */

TEST(passive_open) {
    listens();
    by_rule(RULE_OPEN_PASSIVE);
    ConnView v = look();
    assert_true(endpoint_eq(v.local, LOCAL) && endpoint_eq(v.remote, ENDPOINT_NONE));
    assert_int_equal(v.backlog, 5);
    no_timer_runs();
}

/* MUST-41 */
TEST(passive_open_where_somebody_listens) {
    listens();
    refuses(listen_on(PORT_A), STATUS_CONNECTION_EXISTS);
}

/* MUST-42 */
TEST(passive_open_beside_a_connection) {
    connects();
    ConnId client = lab.conn;
    listens();
    lab.conn = client;
    in_state(STATE_SYN_SENT);
}

TEST(passive_open_refused) {
    refuses(listen_on(0), STATUS_BAD_ARGUMENT);
    Input elsewhere = listen_on(80);
    elsewhere.local.addr = ADDR_B;
    refuses(elsewhere, STATUS_BAD_ADDRESS);
    Input greedy = listen_on(80);
    greedy.count = LIMIT_BACKLOG + 1;
    refuses(greedy, STATUS_BAD_ARGUMENT);
    Input nowhere = listen_on(80);
    nowhere.host = 2;
    refuses(nowhere, STATUS_NO_HOST);
}

TEST(active_open) {
    connects();
    by_rule(RULE_OPEN_ACTIVE);
    ConnView v = look();
    assert_int_equal(v.iss.value, X);
    assert_int_equal(v.snd.una.value, X);
    assert_int_equal(v.snd.nxt.value, X + 1);
    assert_true(v.accepted && !v.passive);
    runs(TIMER_RETRANSMIT, SECOND);
    runs(TIMER_USER, 180 * SECOND);
}

/* MUST-46 */
TEST(active_open_to_no_single_host) {
    refuses(connect_to(ENDPOINT_NONE, 0), STATUS_REMOTE_UNSPECIFIED);
    refuses(connect_to((Endpoint){ADDR_PEER, 0}, 0), STATUS_REMOTE_UNSPECIFIED);
    refuses(connect_to((Endpoint){.port = 80}, 0), STATUS_REMOTE_UNSPECIFIED);
    refuses(connect_to((Endpoint){{0x00000001}, 80}, 0), STATUS_BAD_ADDRESS);
    refuses(connect_to((Endpoint){{0xe0000001}, 80}, 0), STATUS_BAD_ADDRESS);
    refuses(connect_to((Endpoint){{0xffffffff}, 80}, 0), STATUS_BAD_ADDRESS);
}

TEST(active_open_twice) {
    connects();
    refuses(connect_to(PEER, PORT_A), STATUS_CONNECTION_EXISTS);
    stimulus();
    accepted_input(connect_to((Endpoint){ADDR_PEER, 81}, PORT_A)); /* another remote end is another connection */
    sends("SYN port=81");
    moves("CLOSED > SYN_SENT");
}

static void exists_already(const Place *p) {
    (void)p;
    refuses(connect_to(PEER, PORT_A), STATUS_CONNECTION_EXISTS);
}
TEST(active_open_in_any_state) { everywhere(exists_already); }

TEST(ephemeral_ports) {
    uint16_t ports[3];
    for (int i = 0; i < 3; i++) {
        stimulus();
        lab.conn = accepted_input(connect_to(PEER, 0))->conn;
        sends("SYN");
        moves("CLOSED > SYN_SENT");
        ports[i] = look().local.port;
        assert_true(ports[i] >= 49152);
        for (int k = 0; k < i; k++) assert_int_not_equal(ports[i], ports[k]);
    }
}

/* One connection, not two: it hears itself. */
TEST(active_open_to_itself) {
    sets(HOST_RULE_isn, X);
    stimulus();
    lab.conn = accepted_input(connect_to(LOCAL, PORT_A))->conn;
    moves("CLOSED > SYN_SENT");
    sends("SYN seq=0 port=7777");
    passes(50 * MILLISECOND);
    moves("SYN_SENT > SYN_RCVD");
    sends(line("SYN,ACK seq=0 ack=%d port=7777", (int)(X - Y) + 1));
    passes(50 * MILLISECOND);
    moves("SYN_RCVD > ESTABLISHED");
    no_timer_runs();
}

/* ---- SEND ---- */

TEST(send_in_listen) {
    listens();
    refuses((Input){.kind = INPUT_SEND, .conn = lab.conn, .bytes = (const uint8_t *)"x", .length = 1},
            STATUS_A_LISTENER);
}

TEST(send_before_open) {
    connects();
    assert_int_equal(hands_over(10), 10);
    by_rule(RULE_SEND_BEFORE_OPEN);
    assert_int_equal(look().unsent, 10);
}

TEST(send_in_syn_rcvd_waits) {
    receives_syn();
    hands_over(1460); /* Nagle would let a full segment go */
    sends_nothing();
    arrives("ACK seq=1 ack=1");
    sends("PSH,ACK seq=1 ack=1 len=1460");
    moves("SYN_RCVD > ESTABLISHED");
}

TEST(send_in_close_wait) {
    enters_close_wait();
    hands_over(10);
    sends("PSH,ACK seq=1 ack=2 len=10");
    by_rule(RULE_SEND_QUEUED);
}

static void cannot_send(const Place *p) {
    if (p->state == STATE_ESTABLISHED || p->state == STATE_CLOSE_WAIT) return;
    refuses((Input){.kind = INPUT_SEND, .conn = lab.conn, .bytes = (const uint8_t *)"x", .length = 1},
            STATUS_CONNECTION_CLOSING);
}
TEST(send_after_close) { everywhere(cannot_send); }

TEST(send_takes_what_fits) {
    sets(HOST_RULE_send_buffer, 1000);
    establishes_with(0, 1460);
    assert_int_equal(hands_over(600), 600);
    assert_int_equal(hands_over(600), 400);
    refuses((Input){.kind = INPUT_SEND, .conn = lab.conn, .bytes = lab.handed, .length = 1}, STATUS_NO_RESOURCES);
    assert_int_equal(hands_over(0), 0);
    arrives("ACK seq=1 ack=1 win=500");
    sends("ACK seq=1 len=500");
    arrives("ACK seq=1 ack=501 win=0");
    assert_int_equal(hands_over(600), 500);
}

TEST(send_nothing_from_nowhere) {
    establishes();
    refuses((Input){.kind = INPUT_SEND, .conn = lab.conn, .length = 5}, STATUS_BAD_ARGUMENT);
}

/* ---- RECEIVE ---- */

TEST(recv_in_listen) {
    listens();
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_A_LISTENER);
}

TEST(recv_before_anything_came) {
    connects();
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_NOTHING_YET);
}

TEST(recv_takes_in_order) {
    establishes();
    arrives("ACK seq=1 ack=1 len=30");
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 31}, STATUS_BAD_ARGUMENT);
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 0}, STATUS_BAD_ARGUMENT);
    takes(10);
    takes(20);
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_NOTHING_YET);
    passes(SECOND);
    sends("ACK seq=1 ack=31");
}

/* CLOSE_WAIT: what is left may be read, then it is the end. */
TEST(recv_after_the_fin) {
    establishes();
    arrives("FIN,ACK seq=1 ack=1 len=5");
    sends("ACK seq=1 ack=7");
    moves("ESTABLISHED > CLOSE_WAIT");
    takes(5);
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_END_OF_DATA);
}

/* What arrived in order can be read when the connection has gone. */
TEST(recv_after_the_end) {
    enters_last_ack();
    arrives("ACK seq=2 ack=2");
    moves("LAST_ACK > CLOSED");
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_END_OF_DATA);
}

TEST(recv_after_the_end_of_a_connection_with_unread_data) {
    enters_fin_wait_2();
    arrives("FIN,ACK seq=1 ack=2 len=7");
    sends("ACK seq=2 ack=9");
    moves("FIN_WAIT_2 > TIME_WAIT");
    passes(60 * SECOND);
    moves("TIME_WAIT > CLOSED");
    takes(7);
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_END_OF_DATA);
}

/* ---- CLOSE ---- */

TEST(close_listen) {
    listens();
    calls(INPUT_CLOSE);
    moves("LISTEN > CLOSED");
    by_rule(RULE_CLOSE_LISTEN);
    arrives("SYN seq=0");
    sends("RST,ACK seq=#0 ack=1");
}

TEST(close_syn_sent) {
    connects();
    hands_over(10);
    calls(INPUT_CLOSE);
    moves("SYN_SENT > CLOSED");
    by_rule(RULE_CLOSE_SYN_SENT);
    no_timer_runs();
}

TEST(close_syn_rcvd) {
    receives_syn();
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=1");
    moves("SYN_RCVD > FIN_WAIT_1");
    by_rule(RULE_CLOSE_SYN_RCVD);
    arrives("ACK seq=1 ack=1"); /* of the SYN only */
    in_state(STATE_FIN_WAIT_1);
    arrives("ACK seq=1 ack=2");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
}

TEST(close_syn_rcvd_and_the_syn_was_lost) {
    receives_syn();
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=1");
    moves("SYN_RCVD > FIN_WAIT_1");
    passes(SECOND);
    sends("SYN,ACK seq=0 ack=1");
    arrives("ACK seq=1 ack=2");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
}

/* The SYN has no use for a window: it is not probed, it is sent again. */
TEST(close_syn_rcvd_with_a_closed_window) {
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 win=0");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    calls(INPUT_CLOSE);
    moves("SYN_RCVD > FIN_WAIT_1");
    runs_not(TIMER_PERSIST);
    passes(SECOND);
    sends("SYN,ACK seq=0 ack=1");
    arrives("ACK seq=1 ack=1 win=100");
    sends("FIN,ACK seq=1 ack=1");
}

TEST(close_syn_rcvd_with_data) {
    receives_syn();
    hands_over(10);
    calls(INPUT_CLOSE);
    by_rule(RULE_CLOSE_WAITS_FOR_OPEN);
    in_state(STATE_SYN_RCVD);
    call_refused(INPUT_CLOSE, STATUS_CONNECTION_CLOSING);
    arrives("ACK seq=1 ack=1");
    sends("FIN,PSH,ACK seq=1 ack=1 len=10");
    moves("SYN_RCVD > ESTABLISHED > FIN_WAIT_1");
}

TEST(close_established) {
    establishes();
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=1");
    moves("ESTABLISHED > FIN_WAIT_1");
    by_rule(RULE_CLOSE_ESTABLISHED);
    runs(TIMER_RETRANSMIT, SECOND);
}

/* FIN_WAIT_1 at once, the FIN after the last byte. */
TEST(close_established_with_data_to_send) {
    establishes_with(1000, 1460);
    hands_over(1500);
    sends("ACK seq=1 len=1000");
    calls(INPUT_CLOSE);
    moves("ESTABLISHED > FIN_WAIT_1");
    arrives("ACK seq=1 ack=1001 win=1000");
    sends("FIN,PSH,ACK seq=1001 len=500");
}

TEST(close_close_wait) {
    enters_close_wait();
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=2");
    moves("CLOSE_WAIT > LAST_ACK");
    by_rule(RULE_CLOSE_CLOSE_WAIT);
}

/* LAST_ACK when the FIN goes out, not before. */
TEST(close_close_wait_with_data_to_send) {
    enters_close_wait();
    arrives("ACK seq=2 ack=1 win=0");
    hands_over(10);
    calls(INPUT_CLOSE);
    in_state(STATE_CLOSE_WAIT);
    arrives("ACK seq=2 ack=1 win=100");
    sends("FIN,PSH,ACK seq=1 ack=2 len=10");
    moves("CLOSE_WAIT > LAST_ACK");
}

static void closes_once(const Place *p) {
    if (p->state == STATE_ESTABLISHED || p->state == STATE_CLOSE_WAIT) return;
    call_refused(INPUT_SHUTDOWN, STATUS_CONNECTION_CLOSING);
    if (p->state != STATE_FIN_WAIT_1 && p->state != STATE_FIN_WAIT_2)
        call_refused(INPUT_CLOSE, STATUS_CONNECTION_CLOSING);
    in_state(p->state);
}
TEST(close_again) { everywhere(closes_once); }

/* After shutdown() the application may still say that it will not read any more: that sends nothing. */
TEST(close_after_shutdown) {
    enters_fin_wait_1();
    calls(INPUT_CLOSE);
    call_refused(INPUT_CLOSE, STATUS_CONNECTION_CLOSING);
    in_state(STATE_FIN_WAIT_1);
}

/* SHLD-3 */
TEST(close_with_unread_data) {
    establishes();
    arrives("ACK seq=1 ack=1 len=10");
    calls(INPUT_CLOSE);
    sends("RST seq=1");
    moves("ESTABLISHED > CLOSED");
    by_rule(RULE_CLOSE_UNREAD);
    assert_int_equal(look().unread, 0);
    no_timer_runs();
}

TEST(shutdown_with_unread_data_loses_nothing) {
    establishes();
    arrives("ACK seq=1 ack=1 len=10");
    calls(INPUT_SHUTDOWN);
    sends("FIN,ACK seq=1 ack=11");
    moves("ESTABLISHED > FIN_WAIT_1");
    takes(10);
}

TEST(shutdown_listen) {
    listens();
    call_refused(INPUT_SHUTDOWN, STATUS_A_LISTENER);
}

/* ---- ABORT ---- */

static void aborted(const Place *p) {
    char chain[40];
    bool loud = p->state == STATE_ESTABLISHED || p->state == STATE_FIN_WAIT_1 || p->state == STATE_FIN_WAIT_2 ||
                p->state == STATE_CLOSE_WAIT;
    snprintf(chain, sizeof chain, "%s > CLOSED", p->name);
    calls(INPUT_ABORT);
    if (loud) sends(line("RST seq=%u", p->nxt));
    moves(chain);
    by_rule(loud ? RULE_ABORT_CALL : RULE_ABORT_SILENT);
    assert_int_equal(look().error, STATUS_CONNECTION_ABORTED);
    no_timer_runs();
    call_refused(INPUT_ABORT, STATUS_CONNECTION_ABORTED);
}
TEST(abort_everywhere) { everywhere(aborted); }

TEST(abort_listen) {
    listens();
    calls(INPUT_ABORT);
    moves("LISTEN > CLOSED");
}
TEST(abort_syn_sent) {
    connects();
    calls(INPUT_ABORT);
    moves("SYN_SENT > CLOSED");
    by_rule(RULE_ABORT_SILENT);
}
TEST(abort_syn_rcvd) {
    receives_syn();
    calls(INPUT_ABORT);
    sends("RST seq=1");
    moves("SYN_RCVD > CLOSED");
}
TEST(abort_forgets_what_was_queued) {
    establishes_with(0, 1460);
    hands_over(500);
    arrives("ACK seq=1 ack=1 len=10 win=0");
    calls(INPUT_ABORT);
    sends("RST seq=1");
    moves("ESTABLISHED > CLOSED");
    assert_int_equal(look().unsent, 0);
    assert_int_equal(look().unread, 0);
}

/* ---- What is no connection ---- */

TEST(calls_on_closed) {
    static const InputKind kinds[] = {INPUT_SEND, INPUT_SHUTDOWN, INPUT_CLOSE, INPUT_ABORT, INPUT_RECV, INPUT_ACCEPT};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        lab.conn = CONN_NONE;
        call_refused(kinds[i], STATUS_NO_CONNECTION);
        lab.conn = (ConnId){7, 7};
        call_refused(kinds[i], STATUS_NO_CONNECTION);
        lab.conn = (ConnId){UINT32_MAX, UINT32_MAX};
        call_refused(kinds[i], STATUS_NO_CONNECTION);
    }
    enters_last_ack();
    arrives("ACK seq=2 ack=2");
    moves("LAST_ACK > CLOSED");
    for (size_t i = 0; i < 4; i++) call_refused(kinds[i], STATUS_NO_CONNECTION);
}

TEST(crash) {
    establishes();
    arrives("ACK seq=1 ack=1 len=10");
    listens();
    stimulus();
    accepted_input((Input){.kind = INPUT_CRASH, .host = A});
    by_rule(RULE_CRASH);
    moves("ESTABLISHED > CLOSED, LISTEN > CLOSED"); /* and not a word to anybody */
    assert_int_equal(look().error, STATUS_HOST_CRASHED);
    refuses((Input){.kind = INPUT_CRASH, .host = 9}, STATUS_NO_HOST);
    arrives("ACK seq=11 ack=1 len=1");
    sends("RST seq=1");
}

/* ---- What the trace tells of calls ---- */

static void traced(InputKind call, RuleId rule, int64_t value) {
    for (uint32_t i = lab.mark; i < trace_count(lab.trace); i++) {
        const Event event = trace_at(lab.trace, i);
        if (event.kind != EVENT_CALL) continue;
        if (event.call != call || event.rule != rule || event.value != value)
            fail_msg("step %u: %s by %s with %lld", lab.step, call_name(event.call), rule_info(event.rule)->name,
                     (long long)event.value);
        for (uint32_t k = i + 1; k < trace_count(lab.trace); k++)
            if (trace_at(lab.trace, k).cause < i) fail_msg("step %u: event %u is not caused by the call", lab.step, k);
        return;
    }
    fail_msg("step %u: no event tells of %s", lab.step, call_name(call));
}

TEST(every_call_is_told) {
    connects();
    traced(INPUT_CONNECT, RULE_OPEN_ACTIVE, 0);
    arrives("SYN,ACK seq=0 ack=1 mss=1460");
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    traced(INPUT_SEND, RULE_SEND_QUEUED, 10);
    arrives("ACK seq=1 ack=11 len=7");
    takes(5);
    traced(INPUT_RECV, RULE_RECV_TAKEN, 5);
    calls(INPUT_SHUTDOWN);
    sends("FIN,ACK seq=11 ack=8");
    moves("ESTABLISHED > FIN_WAIT_1");
    traced(INPUT_SHUTDOWN, RULE_CLOSE_ESTABLISHED, 0);
    calls(INPUT_ABORT);
    sends("RST seq=12");
    moves("FIN_WAIT_1 > CLOSED");
    traced(INPUT_ABORT, RULE_ABORT_CALL, 0);
    listens();
    traced(INPUT_LISTEN, RULE_OPEN_PASSIVE, 5);
    stimulus();
    accepted_input((Input){.kind = INPUT_CRASH, .host = A});
    moves("LISTEN > CLOSED");
    traced(INPUT_CRASH, RULE_CRASH, 0);
}

TEST(the_longest_backlog) {
    Input input = listen_on(80);
    input.count = LIMIT_BACKLOG + 1;
    refuses(input, STATUS_BAD_ARGUMENT);
    input.count = LIMIT_BACKLOG;
    stimulus();
    accepted_input(input);
    moves("CLOSED > LISTEN");
}

TEST(close_with_one_byte_unread) {
    establishes();
    arrives("ACK seq=1 ack=1 len=1");
    calls(INPUT_CLOSE);
    sends("RST seq=1");
    moves("ESTABLISHED > CLOSED");
    uint32_t index = lab.mark;
    assert_int_equal(event_after(&index, EVENT_CALL).value, 0); /* nothing was handed over */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(passive_open),
        lab_test(passive_open_where_somebody_listens),
        lab_test(passive_open_beside_a_connection),
        lab_test(passive_open_refused),
        lab_test(active_open),
        lab_test(active_open_to_no_single_host),
        lab_test(active_open_twice),
        lab_test(active_open_in_any_state),
        lab_test(ephemeral_ports),
        lab_test(active_open_to_itself),
        lab_test(send_in_listen),
        lab_test(send_before_open),
        lab_test(send_in_syn_rcvd_waits),
        lab_test(send_in_close_wait),
        lab_test(send_after_close),
        lab_test(send_takes_what_fits),
        lab_test(send_nothing_from_nowhere),
        lab_test(recv_in_listen),
        lab_test(recv_before_anything_came),
        lab_test(recv_takes_in_order),
        lab_test(recv_after_the_fin),
        lab_test(recv_after_the_end),
        lab_test(recv_after_the_end_of_a_connection_with_unread_data),
        lab_test(close_listen),
        lab_test(close_syn_sent),
        lab_test(close_syn_rcvd),
        lab_test(close_syn_rcvd_and_the_syn_was_lost),
        lab_test(close_syn_rcvd_with_a_closed_window),
        lab_test(close_syn_rcvd_with_data),
        lab_test(close_established),
        lab_test(close_established_with_data_to_send),
        lab_test(close_close_wait),
        lab_test(close_close_wait_with_data_to_send),
        lab_test(close_again),
        lab_test(close_after_shutdown),
        lab_test(close_with_unread_data),
        lab_test(shutdown_with_unread_data_loses_nothing),
        lab_test(shutdown_listen),
        lab_test(abort_everywhere),
        lab_test(abort_listen),
        lab_test(abort_syn_sent),
        lab_test(abort_syn_rcvd),
        lab_test(abort_forgets_what_was_queued),
        lab_test(calls_on_closed),
        lab_test(crash),
        lab_test(every_call_is_told),
        lab_test(the_longest_backlog),
        lab_test(close_with_one_byte_unread),
    };
    return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
