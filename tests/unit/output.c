/* output.c - what is sent when: segment sizes, Nagle, silly windows, PSH, FIN, window updates (RFC 9293 3.7, 3.8.6). */
#include "lab.h"

/* ---- How large ---- */

TEST(segments_are_as_large_as_the_peer_takes) {
    establishes_with(65535, 700);
    hands_over(1500);
    sends("ACK seq=1 ack=1 len=700");
    sends("ACK seq=701 ack=1 len=700");
    sends_nothing(); /* Nagle keeps the rest */
    arrives("ACK seq=1 ack=1401");
    sends("PSH,ACK seq=1401 ack=1 len=100");
}

TEST(segments_are_as_large_as_the_host_says) {
    sets(HOST_RULE_mss, 500);
    establishes_with(65535, 1460);
    hands_over(500);
    sends("PSH,ACK seq=1 ack=1 len=500");
    assert_int_equal(look().mss, 500);
}

TEST(segments_are_as_large_as_the_path_takes) {
    stimulus();
    accepted_input((Input){.kind = INPUT_PATH, .path = PATH_MTU, .value = 576});
    establishes();
    hands_over(536);
    sends("PSH,ACK seq=1 ack=1 len=536");
}

/* MUST-15: without an option, 536. */
TEST(segments_without_an_mss) {
    connects();
    assert_int_equal(look().mss, 536); /* nothing said yet */
    arrives("SYN,ACK seq=0 ack=1");
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    hands_over(1072);
    sends("ACK seq=1 len=536");
    sends("PSH,ACK seq=537 len=536");
}

/* An absurd MSS does not drown the path in headers. */
TEST(segments_with_a_tiny_mss) {
    establishes_with(65535, 1);
    hands_over(64);
    sends("PSH,ACK seq=1 len=64");
}

/* RFC 6691: options take their place from the data. */
TEST(timestamps_make_segments_smaller) {
    sets(HOST_RULE_timestamps, 1);
    receives_syn();
    assert_int_equal(look().mss, 1460); /* the peer offered none */
}

/* ---- How much ---- */

TEST(no_more_than_the_window) {
    establishes_with(2000, 1460);
    hands_over(5000);
    sends("ACK seq=1 len=1460");
    sends_nothing(); /* 540 are left: a silly window while 1460 are on the way */
    arrives("ACK seq=1 ack=1461 win=2000");
    sends("ACK seq=1461 len=1460");
    arrives("ACK seq=1 ack=2921 win=2080");
    sends("ACK seq=2921 len=1460");
    arrives("ACK seq=1 ack=4381 win=2080");
    sends("PSH,ACK seq=4381 len=620");
}

TEST(half_of_the_largest_window_is_worth_a_segment) {
    establishes_with(600, 1460);
    hands_over(2000);
    sends("ACK seq=1 len=600");
    arrives("ACK seq=1 ack=601 win=299");
    sends_nothing();
    runs(TIMER_PERSIST, 200 * MILLISECOND);
    arrives("ACK seq=1 ack=601 win=300");
    sends("ACK seq=601 len=300");
}

/* The sender's patience ends: what fits goes out, not one byte of it. */
TEST(a_silly_window_is_filled_in_the_end) {
    establishes_with(65535, 1460);
    arrives("ACK seq=1 ack=1 win=100");
    hands_over(500);
    sends_nothing();
    passes(200 * MILLISECOND); /* 0.1 to 1 s */
    sends("ACK seq=1 len=100");
    by_rule(RULE_SILLY_WINDOW_OVERRIDE);
    runs(TIMER_RETRANSMIT, SECOND);
    runs_not(TIMER_PERSIST);
}

/* However long the retransmission timeout is; and a window that closes altogether is probed after one timeout. */
TEST(a_silly_window_does_not_wait_for_the_retransmission_timeout) {
    establishes_with(65535, 1460);
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    passes(7 * SECOND);
    for (int i = 0; i < 3; i++) sends("PSH,ACK seq=1 len=10");
    troubles();
    arrives("ACK seq=1 ack=11 win=100");
    assert_int_equal(look().rto, 8 * SECOND);
    hands_over(500);
    sends_nothing();
    runs(TIMER_PERSIST, 200 * MILLISECOND);
    arrives("ACK seq=1 ack=11 win=0");
    runs(TIMER_PERSIST, 8 * SECOND);
    arrives("ACK seq=1 ack=11 win=100");
    passes(200 * MILLISECOND);
    sends("ACK seq=11 len=100");
}

/* SHLD-15, SHLD-16 */
TEST(a_window_that_shrank) {
    establishes();
    hands_over(2000);
    sends("ACK seq=1 len=1460");
    arrives("ACK seq=1 ack=1 win=1000");
    hands_over(1000);
    sends_nothing();
    passes(SECOND);
    sends("ACK seq=1 len=1000");
}

/* ---- Nagle ---- */

TEST(nagle_waits_while_something_is_unacknowledged) {
    establishes();
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    hands_over(10);
    hands_over(10);
    sends_nothing();
    arrives("ACK seq=1 ack=11");
    sends("PSH,ACK seq=11 len=20");
}

TEST(nagle_lets_full_segments_go) {
    establishes();
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    hands_over(1465);
    sends("ACK seq=11 len=1460");
    sends_nothing();
}

/* MUST-17 */
TEST(nagle_switched_off) {
    sets(HOST_RULE_nagle, 0);
    establishes();
    for (uint32_t i = 0; i < 5; i++) {
        hands_over(10);
        sends(line("PSH,ACK seq=%u len=10", 1 + 10 * i));
    }
}

TEST(nagle_does_not_hold_the_fin) {
    establishes();
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    hands_over(10);
    calls(INPUT_CLOSE);
    sends("FIN,PSH,ACK seq=11 len=10");
    moves("ESTABLISHED > FIN_WAIT_1");
}

/* Nagle counts for small windows too: 3.8.6.2.1 (3) stands in its brackets. */
TEST(nagle_and_a_small_window) {
    establishes_with(600, 1460);
    hands_over(300);
    sends("PSH,ACK seq=1 len=300");
    hands_over(300);
    sends_nothing();
    arrives("ACK seq=1 ack=301 win=600");
    sends("PSH,ACK seq=301 len=300");
}

/* ---- PSH and FIN ---- */

/* MUST-61 */
TEST(push_ends_what_was_handed_over) {
    establishes();
    hands_over(2920);
    sends("ACK seq=1 len=1460");
    sends("PSH,ACK seq=1461 len=1460");
}

TEST(fin_after_the_last_byte) {
    establishes();
    hands_over(1470);
    sends("ACK seq=1 len=1460");
    calls(INPUT_CLOSE);
    sends("FIN,PSH,ACK seq=1461 len=10");
    moves("ESTABLISHED > FIN_WAIT_1");
    assert_int_equal(look().snd.nxt.value, X + 1472);
    assert_int_equal(look().unacked, 1470); /* the FIN is no byte */
    assert_int_equal(look().unsent, 0);
}

TEST(fin_waits_for_the_window) {
    establishes_with(100, 1460);
    hands_over(100);
    sends("PSH,ACK seq=1 len=100");
    calls(INPUT_CLOSE);
    moves("ESTABLISHED > FIN_WAIT_1");
    sends_nothing(); /* it has a number of its own */
    arrives("ACK seq=1 ack=101 win=100");
    sends("FIN,ACK seq=101 ack=1");
}

/* MUST-62: the pointer names the byte after the urgent data. */
TEST(urgent_data) {
    establishes();
    stimulus();
    lab.handed_length = 5;
    memcpy(lab.handed, "help!", 5);
    accepted_input((Input){.kind = INPUT_SEND, .conn = lab.conn, .bytes = lab.handed, .length = 5, .urgent = true});
    sends("PSH,ACK,URG seq=1 len=5 urg=5 data=help!");
    arrives("ACK seq=1 ack=6");
    hands_over(5);
    sends("PSH,ACK seq=6 len=5");
}

/* ---- The window offered ---- */

/* SHLD-14: bytes that arrive close it from the left, its right edge stays. */
TEST(window_closes_as_bytes_arrive) {
    sets(HOST_RULE_recv_buffer, 4000);
    establishes();
    arrives("ACK seq=1 ack=1 len=1460");
    arrives("ACK seq=1461 ack=1 len=1460");
    sends("ACK seq=1 ack=2921 win=1080");
    assert_int_equal(look().rcv.wnd, 1080);
}

/* MUST-39: it opens again in steps of a segment, or half the buffer. */
TEST(window_opens_in_steps) {
    sets(HOST_RULE_recv_buffer, 4000);
    establishes();
    arrives("ACK seq=1 ack=1 len=1460");
    arrives("ACK seq=1461 ack=1 len=1460");
    sends("ACK seq=1 ack=2921 win=1080");
    takes(1000);
    sends_nothing();
    takes(459);
    sends_nothing();
    takes(1);
    sends("ACK seq=1 ack=2921 win=2540");
    by_rule(RULE_WINDOW_UPDATE);
}

TEST(window_opens_from_nothing) {
    sets(HOST_RULE_recv_buffer, 1000);
    establishes();
    arrives("ACK seq=1 ack=1 len=1000");
    passes(SECOND);
    sends("ACK seq=1 ack=1001 win=0");
    takes(499);
    sends_nothing();
    takes(1);
    sends("ACK seq=1 ack=1001 win=500");
}

TEST(no_window_update_after_the_fin) {
    sets(HOST_RULE_recv_buffer, 2000);
    enters_fin_wait_2();
    arrives("FIN,ACK seq=1 ack=2 len=1460");
    sends("ACK seq=2 ack=1462");
    moves("FIN_WAIT_2 > TIME_WAIT");
    takes(1460);
    sends_nothing();
}

/* RFC 7323: offered and answered, the window is scaled; in a SYN it never is. */
TEST(window_scale) {
    sets(HOST_RULE_window_scale, 1);
    sets(HOST_RULE_recv_buffer, 1000000);
    connects();
    uint8_t bytes[100];
    Segment answer = {.src = PEER,
                      .dst = LOCAL,
                      .seq = {Y},
                      .ack = {X + 1},
                      .flags = FLAG_SYN | FLAG_ACK,
                      .window = 1000,
                      .ttl = 64,
                      .options = OPTIONS_NONE};
    answer.options.wscale = 3;
    answer.options.mss = 1460;
    stimulus();
    PacketId packet = inject_now(bytes, segment_encode(&answer, bytes, sizeof bytes));
    accepted_input((Input){.kind = INPUT_DELIVER, .packet = packet});
    moves("SYN_SENT > ESTABLISHED");
    sends("ACK seq=1 ack=1 win=62500"); /* 1000000 >> 4 */
    assert_true(look().scaling);
    assert_int_equal(look().snd.wnd, 1000);
    arrives("ACK seq=1 ack=1 win=1000");
    assert_int_equal(look().snd.wnd, 8000);
}

static bool marked_again(void) {
    uint32_t index = lab.mark;
    const Event event = event_after(&index, EVENT_SEND);
    assert_int_not_equal(event.index, EVENT_NONE);
    return event.again;
}

/* The trace marks what is sent again, and nothing else. */
TEST(what_is_sent_again_is_marked) {
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 mss=1460");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    assert_false(marked_again());
    newest();
    passes(SECOND);
    sends("SYN,ACK seq=0 ack=1");
    assert_true(marked_again());
    arrives("ACK seq=1 ack=1");
    moves("SYN_RCVD > ESTABLISHED");
    arrives("ACK seq=100 ack=1 len=1");
    sends("ACK ack=1");
    assert_false(marked_again());
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    assert_false(marked_again());
    passes(3 * SECOND);
    sends("PSH,ACK seq=1 len=10");
    assert_true(marked_again());
    calls(INPUT_ABORT);
    sends("RST seq=11");
    moves("ESTABLISHED > CLOSED");
    assert_false(marked_again());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(segments_are_as_large_as_the_peer_takes),
        lab_test(segments_are_as_large_as_the_host_says),
        lab_test(segments_are_as_large_as_the_path_takes),
        lab_test(segments_without_an_mss),
        lab_test(segments_with_a_tiny_mss),
        lab_test(timestamps_make_segments_smaller),
        lab_test(no_more_than_the_window),
        lab_test(half_of_the_largest_window_is_worth_a_segment),
        lab_test(a_silly_window_is_filled_in_the_end),
        lab_test(a_silly_window_does_not_wait_for_the_retransmission_timeout),
        lab_test(a_window_that_shrank),
        lab_test(nagle_waits_while_something_is_unacknowledged),
        lab_test(nagle_lets_full_segments_go),
        lab_test(nagle_switched_off),
        lab_test(nagle_does_not_hold_the_fin),
        lab_test(nagle_and_a_small_window),
        lab_test(push_ends_what_was_handed_over),
        lab_test(fin_after_the_last_byte),
        lab_test(fin_waits_for_the_window),
        lab_test(urgent_data),
        lab_test(window_closes_as_bytes_arrive),
        lab_test(window_opens_in_steps),
        lab_test(window_opens_from_nothing),
        lab_test(no_window_update_after_the_fin),
        lab_test(window_scale),
        lab_test(what_is_sent_again_is_marked),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
