/* arrive.c - SEGMENT ARRIVES while a connection opens: CLOSED, LISTEN, SYN_SENT, SYN_RCVD (RFC 9293 3.10.7.1-4), row by
 * row. */
#include "lab.h"

/* ---- CLOSED ---- */

TEST(closed_rst) {
    arrives("RST seq=5");
    arrives("RST,ACK seq=5 ack=1");
    by_rule(RULE_CLOSED_RST);
}

TEST(closed_syn) {
    arrives("SYN seq=0");
    sends("RST,ACK seq=#0 ack=1");
    by_rule(RULE_CLOSED_RESET);
}

TEST(closed_without_ack_counts_data_and_fin) {
    arrives("FIN seq=10 len=7");
    sends("RST,ACK seq=#0 ack=18");
}

TEST(closed_ack) {
    arrives("ACK seq=10 ack=#77 len=4");
    sends("RST seq=#77");
    arrives("SYN,ACK seq=10 ack=#77");
    sends("RST seq=#77");
}

/* The listener is another port's business. */
TEST(closed_beside_a_listener) {
    stimulus();
    accepted_input((Input){.kind = INPUT_LISTEN, .host = A, .local = {.port = 80}, .count = 1});
    moves("CLOSED > LISTEN");
    arrives("SYN seq=0");
    sends("RST,ACK seq=#0 ack=1");
}

/* ---- LISTEN ---- */

TEST(listen_rst) {
    listens();
    arrives("RST seq=0");
    arrives("RST,ACK seq=0 ack=0");
    by_rule(RULE_LISTEN_RST);
    in_state(STATE_LISTEN);
}

TEST(listen_ack) {
    listens();
    arrives("ACK seq=3 ack=#99");
    sends("RST seq=#99");
    by_rule(RULE_LISTEN_ACK);
    arrives("SYN,ACK seq=3 ack=#98");
    sends("RST seq=#98");
    in_state(STATE_LISTEN);
}

TEST(listen_syn) {
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 win=1000 mss=700");
    sends("SYN,ACK seq=0 ack=1 win=65535 mss=1460");
    moves("LISTEN > SYN_RCVD");
    by_rule(RULE_LISTEN_SYN);
    in_state(STATE_LISTEN); /* the listener stays */
    newest();
    ConnView v = look();
    assert_true(v.passive && !v.accepted && conn_eq(v.listener, lab.listener));
    assert_int_equal(v.state, STATE_SYN_RCVD);
    assert_int_equal(v.iss.value, X);
    assert_int_equal(v.irs.value, Y);
    assert_int_equal(v.snd.una.value, X);
    assert_int_equal(v.snd.nxt.value, X + 1);
    assert_int_equal(v.rcv.nxt.value, Y + 1);
    assert_int_equal(v.snd.wnd, 1000);
    assert_int_equal(v.mss, 700);
    assert_true(endpoint_eq(v.remote, PEER) && endpoint_eq(v.local, LOCAL));
    runs(TIMER_RETRANSMIT, SECOND);
    runs(TIMER_USER, 180 * SECOND);
}

/* MUST-15 */
TEST(listen_syn_without_mss) {
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    assert_int_equal(look().mss, 536);
}

TEST(listen_neither_syn_nor_ack) {
    listens();
    arrives("none seq=0 len=5");
    arrives("FIN seq=0");
    arrives("PSH,URG seq=0 urg=1 len=1");
    by_rule(RULE_LISTEN_OTHER);
}

/* MUST-57, MUST-63 */
TEST(listen_syn_from_no_single_host) {
    static const uint32_t strangers[] = {0x00000000, 0x00000001, 0xe0000001, 0xefffffff, 0xffffffff};
    listens();
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        uint8_t bytes[100];
        Segment syn = {
            .src = {addr_of(strangers[i]), 9}, .dst = LOCAL, .flags = FLAG_SYN, .ttl = 64, .options = OPTIONS_NONE};
        stimulus();
        PacketId packet = inject_now(bytes, segment_encode(&syn, bytes, sizeof bytes));
        accepted_input((Input){.kind = INPUT_DELIVER, .packet = packet});
        by_rule(RULE_LISTEN_BAD_ADDRESS);
    }
    arrives("SYN seq=0 port=0");
    by_rule(RULE_LISTEN_BAD_ADDRESS);
}

/* RFC 9293 3.10.7.2: text that comes with the SYN waits until the connection is open. */
TEST(listen_syn_with_text) {
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 data=hello");
    by_rule(RULE_TEXT_WITH_SYN);
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    assert_int_equal(look().unread, 0);
    arrives("ACK seq=1 ack=1");
    moves("SYN_RCVD > ESTABLISHED");
    by_rule(RULE_TEXT_IN_ORDER);
    uint8_t text[20];
    assert_int_equal(world_peek(lab.world, lab.conn, text, sizeof text), 5);
    assert_memory_equal(text, "hello", 5);
}

TEST(listen_syn_with_text_and_then_more) {
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 len=10");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    arrives("ACK,URG seq=2 ack=1 len=50 urg=3");
    moves("SYN_RCVD > ESTABLISHED");
    assert_int_equal(look().rcv.nxt.value, Y + 52);
    assert_int_equal(look().unread, 51);
}

TEST(listen_syn_with_text_and_fin) {
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN,FIN seq=0 data=hello");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    arrives("ACK seq=7 ack=1");
    sends("ACK seq=1 ack=7");
    moves("SYN_RCVD > ESTABLISHED > CLOSE_WAIT");
    assert_int_equal(look().unread, 5);
}

/* With the two-way handshake nothing waits. */
TEST(listen_syn_with_text_and_fin_two_way) {
    sets(HOST_RULE_handshake, 2);
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN,FIN seq=0 data=hello");
    sends("SYN,ACK seq=0 ack=1");
    sends("ACK seq=1 ack=7");
    moves("LISTEN > ESTABLISHED > CLOSE_WAIT");
}

/* It fills the window: the FIN that comes again with it has no room. */
TEST(listen_syn_with_a_window_of_text) {
    sets(HOST_RULE_recv_buffer, 256);
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 len=256");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    arrives("FIN,ACK seq=1 ack=1 len=256");
    moves("SYN_RCVD > ESTABLISHED");
    assert_int_equal(look().rcv.nxt.value, Y + 257);
}

/* The application had closed before: the text is there all the same. */
TEST(listen_syn_with_text_and_a_close) {
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 data=hello");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    calls(INPUT_SHUTDOWN);
    sends("FIN,ACK seq=1 ack=1");
    moves("SYN_RCVD > FIN_WAIT_1");
    arrives("ACK seq=6 ack=1");
    assert_int_equal(look().unread, 5);
    assert_int_equal(look().rcv.nxt.value, Y + 6);
}

/* ---- SYN_SENT ---- */

TEST(syn_sent_bad_ack) {
    static const int bad[] = {0, -1, 2, 1000, -100000};
    connects();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        arrives(line("ACK seq=0 ack=%d", bad[i]));
        sends(line("RST seq=%d", bad[i]));
        by_rule(RULE_SYN_SENT_BAD_ACK);
        arrives(line("SYN,ACK seq=0 ack=%d", bad[i]));
        sends(line("RST seq=%d", bad[i]));
        arrives(line("RST,ACK seq=0 ack=%d", bad[i]));
        by_rule(RULE_SYN_SENT_BAD_ACK_RST);
    }
    in_state(STATE_SYN_SENT);
    runs(TIMER_RETRANSMIT, SECOND);
}

TEST(syn_sent_rst) {
    connects();
    arrives("RST,ACK seq=0 ack=1");
    moves_failing("SYN_SENT > CLOSED", STATUS_CONNECTION_REFUSED);
    by_rule(RULE_SYN_SENT_REFUSED);
    no_timer_runs();
}

TEST(syn_sent_rst_without_ack) {
    connects();
    arrives("RST seq=0");
    by_rule(RULE_SYN_SENT_RST_NO_ACK);
    in_state(STATE_SYN_SENT);
}

TEST(syn_sent_neither_syn_nor_rst) {
    connects();
    arrives("ACK seq=1 ack=1");
    by_rule(RULE_SYN_SENT_OTHER);
    arrives("FIN,ACK seq=1 ack=1");
    arrives("none seq=1 len=10");
    in_state(STATE_SYN_SENT);
}

TEST(syn_sent_syn_ack) {
    connects();
    arrives("SYN,ACK seq=0 ack=1 win=5000 mss=800");
    sends("ACK seq=1 ack=1 win=65535");
    moves("SYN_SENT > ESTABLISHED");
    by_rule(RULE_SYN_SENT_SYN_ACK);
    ConnView v = look();
    assert_int_equal(v.irs.value, Y);
    assert_int_equal(v.rcv.nxt.value, Y + 1);
    assert_int_equal(v.snd.una.value, X + 1);
    assert_int_equal(v.snd.wnd, 5000);
    assert_int_equal(v.snd.wl1.value, Y);
    assert_int_equal(v.snd.wl2.value, X + 1);
    assert_int_equal(v.mss, 800);
    no_timer_runs();
}

TEST(syn_sent_syn_ack_with_data_and_fin) {
    connects();
    arrives("SYN,ACK,FIN seq=0 ack=1 len=3 data=abc");
    sends("ACK seq=1 ack=5");
    moves("SYN_SENT > ESTABLISHED > CLOSE_WAIT");
    assert_int_equal(look().unread, 3);
    assert_true(look().remote_closed);
}

TEST(syn_sent_queued_data_rides_the_ack) {
    connects();
    hands_over(10);
    by_rule(RULE_SEND_BEFORE_OPEN);
    arrives("SYN,ACK seq=0 ack=1 mss=1460");
    sends("PSH,ACK seq=1 ack=1 len=10");
    moves("SYN_SENT > ESTABLISHED");
}

/* MUST-10 */
TEST(syn_sent_syn) {
    connects();
    arrives("SYN seq=0 win=2222 mss=900");
    sends("SYN,ACK seq=0 ack=1");
    moves("SYN_SENT > SYN_RCVD");
    by_rule(RULE_SYN_SENT_SYN);
    assert_int_equal(look().snd.wnd, 2222);
    assert_int_equal(look().mss, 900);
    assert_false(look().passive);
}

/* ---- SYN_RCVD ---- */

TEST(syn_rcvd_ack) {
    receives_syn();
    arrives("ACK seq=1 ack=1 win=4321");
    moves("SYN_RCVD > ESTABLISHED");
    by_rule(RULE_ACK_SYN_RCVD);
    assert_int_equal(look().snd.wnd, 4321);
    no_timer_runs();
}

TEST(syn_rcvd_ack_with_data) {
    receives_syn();
    arrives("ACK seq=1 ack=1 len=5");
    moves("SYN_RCVD > ESTABLISHED");
    assert_int_equal(look().unread, 5);
    runs(TIMER_DELAYED_ACK, SECOND / 5);
}

TEST(syn_rcvd_ack_with_fin) {
    receives_syn();
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK seq=1 ack=2");
    moves("SYN_RCVD > ESTABLISHED > CLOSE_WAIT");
}

TEST(syn_rcvd_bad_ack) {
    static const int bad[] = {0, -1, 2, 500};
    receives_syn();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        arrives(line("ACK seq=1 ack=%d", bad[i]));
        sends(line("RST seq=%d", bad[i]));
        by_rule(RULE_ACK_SYN_RCVD_BAD);
    }
    in_state(STATE_SYN_RCVD);
}

TEST(syn_rcvd_without_ack) {
    receives_syn();
    arrives("none seq=1 len=3");
    by_rule(RULE_ACK_MISSING);
    arrives("FIN seq=1");
    in_state(STATE_SYN_RCVD);
}

TEST(syn_rcvd_unacceptable) {
    receives_syn();
    arrives("ACK seq=0 ack=1");
    sends("ACK seq=1 ack=1");
    by_rule(RULE_SEQUENCE_UNACCEPTABLE);
    arrives("ACK seq=65537 ack=1");
    sends("ACK seq=1 ack=1");
    arrives("RST seq=0");
    by_rule(RULE_SEQUENCE_UNACCEPTABLE_RST);
    arrives("RST seq=65536");
    in_state(STATE_SYN_RCVD);
}

/* By the letter: the SYN lies left of the window and draws an ACK. */
TEST(syn_rcvd_syn_again) {
    receives_syn();
    arrives("SYN seq=0 mss=1460");
    sends("ACK seq=1 ack=1");
    in_state(STATE_SYN_RCVD);
}

TEST(syn_rcvd_passive_rst) {
    receives_syn();
    arrives("RST seq=1");
    moves("SYN_RCVD > LISTEN");
    by_rule(RULE_RST_PASSIVE);
    assert_true(look().gone);
    assert_int_equal(look().error, STATUS_OK);
    no_timer_runs();
    lab.conn = lab.listener;
    in_state(STATE_LISTEN);
    assert_int_equal(look().syn_queue, 0);
}

TEST(syn_rcvd_passive_syn_in_window) {
    receives_syn();
    arrives("SYN seq=10");
    moves("SYN_RCVD > LISTEN");
    by_rule(RULE_SYN_PASSIVE);
}

TEST(syn_rcvd_active_rst) {
    opens_simultaneously();
    arrives("RST seq=1");
    moves_failing("SYN_RCVD > CLOSED", STATUS_CONNECTION_REFUSED);
    by_rule(RULE_RST_ACTIVE);
}

TEST(syn_rcvd_active_syn_in_window) {
    opens_simultaneously();
    arrives("SYN seq=10");
    sends("ACK seq=1 ack=1");
    by_rule(RULE_SYN_CHALLENGE);
    in_state(STATE_SYN_RCVD);
}

/* RFC 5961 3.2 */
TEST(syn_rcvd_rst_beside_the_edge) {
    receives_syn();
    arrives("RST seq=2");
    sends("ACK seq=1 ack=1");
    by_rule(RULE_RST_CHALLENGE);
    in_state(STATE_SYN_RCVD);
}

TEST(syn_rcvd_rst_beside_the_edge_without_challenges) {
    receives_syn();
    sets(HOST_RULE_challenge_ack, 0);
    arrives("RST seq=2");
    moves("SYN_RCVD > LISTEN");
}

/* Figure 7: the crossing SYN,ACK completes both ends. */
TEST(syn_rcvd_crossing_syn_ack) {
    opens_simultaneously();
    arrives("SYN,ACK seq=0 ack=1 win=777 mss=1460");
    moves("SYN_RCVD > ESTABLISHED");
    by_rule(RULE_SIMULTANEOUS_SYN_ACK);
    assert_int_equal(look().snd.wnd, 777);
    assert_int_equal(look().rcv.nxt.value, Y + 1);
    no_timer_runs();
}

TEST(syn_rcvd_crossing_syn_ack_that_acknowledges_something_else) {
    opens_simultaneously();
    arrives("SYN,ACK seq=0 ack=2 mss=1460");
    sends("RST seq=2");
    in_state(STATE_SYN_RCVD);
}

TEST(syn_rcvd_data_ahead_of_a_hole_opens_too) {
    receives_syn();
    arrives("ACK seq=11 ack=1 len=10");
    sends("ACK seq=1 ack=1");
    moves("SYN_RCVD > ESTABLISHED");
    assert_int_equal(look().out_of_order, 10);
    arrives("ACK seq=1 ack=1 len=10");
    sends("ACK seq=1 ack=21");
    takes(20);
}

/* SHLD-2 */
TEST(rst_may_carry_data) {
    receives_syn();
    arrives("RST seq=1 len=20");
    moves("SYN_RCVD > LISTEN");
}

/* Where there is no connection the events still say which host it was, and which ends. */
TEST(closed_is_told) {
    arrives("RST seq=9");
    by_rule(RULE_CLOSED_RST);
    for (uint32_t i = lab.mark; i < trace_count(lab.trace); i++) {
        const Event event = trace_at(lab.trace, i);
        if (event.rule != RULE_CLOSED_RST) continue;
        assert_int_equal(event.host, A);
        assert_true(endpoint_eq(event.src, LOCAL) && endpoint_eq(event.dst, PEER));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(closed_rst),
        lab_test(closed_syn),
        lab_test(closed_without_ack_counts_data_and_fin),
        lab_test(closed_ack),
        lab_test(closed_beside_a_listener),
        lab_test(listen_rst),
        lab_test(listen_ack),
        lab_test(listen_syn),
        lab_test(listen_syn_without_mss),
        lab_test(listen_syn_with_text),
        lab_test(listen_syn_with_text_and_then_more),
        lab_test(listen_syn_with_text_and_fin),
        lab_test(listen_syn_with_text_and_fin_two_way),
        lab_test(listen_syn_with_a_window_of_text),
        lab_test(listen_syn_with_text_and_a_close),
        lab_test(listen_neither_syn_nor_ack),
        lab_test(listen_syn_from_no_single_host),
        lab_test(syn_sent_bad_ack),
        lab_test(syn_sent_rst),
        lab_test(syn_sent_rst_without_ack),
        lab_test(syn_sent_neither_syn_nor_rst),
        lab_test(syn_sent_syn_ack),
        lab_test(syn_sent_syn_ack_with_data_and_fin),
        lab_test(syn_sent_queued_data_rides_the_ack),
        lab_test(syn_sent_syn),
        lab_test(syn_rcvd_ack),
        lab_test(syn_rcvd_ack_with_data),
        lab_test(syn_rcvd_ack_with_fin),
        lab_test(syn_rcvd_bad_ack),
        lab_test(syn_rcvd_without_ack),
        lab_test(syn_rcvd_unacceptable),
        lab_test(syn_rcvd_syn_again),
        lab_test(syn_rcvd_passive_rst),
        lab_test(syn_rcvd_passive_syn_in_window),
        lab_test(syn_rcvd_active_rst),
        lab_test(syn_rcvd_active_syn_in_window),
        lab_test(syn_rcvd_rst_beside_the_edge),
        lab_test(syn_rcvd_rst_beside_the_edge_without_challenges),
        lab_test(syn_rcvd_crossing_syn_ack),
        lab_test(syn_rcvd_crossing_syn_ack_that_acknowledges_something_else),
        lab_test(syn_rcvd_data_ahead_of_a_hole_opens_too),
        lab_test(rst_may_carry_data),
        lab_test(closed_is_told),
    };
    return cmocka_run_group_tests_name("arrive", tests, NULL, NULL);
}
