/* window.c - the peer's window and ours: shrinking, closed, small (RFC 9293 3.8.6). */
#include "segments.h"

/* ---- The peer's window ---- */

/* SHLD-15, SHLD-16, MAY-7: shrunk below what is in flight: nothing new goes out, and what lies before the edge goes
 * again, the rest not. */
TEST(a_window_that_shrank_below_what_is_in_flight) {
    establishes_with(4000, 1000);
    hands_over(5000);
    sends_segments(1, 4, 1000);
    arrives("ACK seq=1 ack=1 win=1500"); /* usable window: -2500 */
    sends_nothing();
    arrives("ACK seq=1 ack=1001 win=500");
    sends_nothing();
    in_state(STATE_ESTABLISHED);
    passes(SECOND);
    sends("ACK seq=1001 len=500");
    arrives("ACK seq=1 ack=1501 win=4000");
    sends("ACK seq=1501 len=1000");
    sends("ACK seq=2501 len=500"); /* the congestion window ends here */
}

/* MUST-34, MUST-35, SHLD-17: to nothing, with data in flight: probed as any closed window, and the connection lasts as
 * long as the probes are answered. */
TEST(a_window_that_shrank_to_nothing) {
    establishes_with(4000, 1000);
    hands_over(4000);
    sends_segments(1, 3, 1000);
    sends("PSH,ACK seq=3001 len=1000");
    arrives("ACK seq=1 ack=1001 win=0");
    Micros until = world_now(lab.world) + 1000 * SECOND; /* ten times R2 */
    while (world_now(lab.world) < until) {
        runs_not(TIMER_RETRANSMIT);
        Micros wait = look().timers[TIMER_PERSIST] - world_now(lab.world);
        passes(wait);
        sends("ACK seq=1001 len=1");
        by_rule(RULE_TIMEOUT_PERSIST);
        arrives("ACK seq=1 ack=1001 win=0");
    }
    in_state(STATE_ESTABLISHED);
    arrives("ACK seq=1 ack=4001 win=4000");
    no_timer_runs();
}

/* MUST-60: without a PUSH flag in SEND nothing is held for ever: not by Nagle, not by a silly window, not by a closed
 * one. */
TEST(nothing_is_held_for_ever) {
    establishes_with(65535, 1460);
    hands_over(1);
    sends("PSH,ACK seq=1 len=1");
    hands_over(1);
    sends_nothing();
    arrives("ACK seq=1 ack=2");
    sends("PSH,ACK seq=2 len=1");
    arrives("ACK seq=1 ack=3 win=10");
    hands_over(100);
    sends_nothing();
    passes(SECOND);
    sends("ACK seq=3 len=10");
}

/* SHLD-27, SHLD-28, MAY-16: many small SENDs make few large segments. */
TEST(small_sends_make_large_segments) {
    establishes_with(65535, 1000);
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    for (uint32_t i = 1; i <= 300; i++) {
        hands_over(10);
        if (i % 100 == 0) sends(line("PSH,ACK seq=%u len=1000", 11 + (i - 100) * 10)); /* full: Nagle lets it go */
    }
    arrives("ACK seq=1 ack=3011");
    no_timer_runs();
}

/* ---- Our window ---- */

/* SHLD-14: whatever happens to the buffer, what was once offered stays acceptable, and no ACK draws the edge back. */
TEST(our_edge_stays) {
    sets(HOST_RULE_recv_buffer, 10000);
    establishes();
    uint32_t edge = 1 + 10000;
    sets(HOST_RULE_recv_buffer, 256);
    for (uint32_t at = 0; at < 9000; at += 1000) {
        arrives(line("ACK seq=%u ack=1 len=1000", 1 + at));
        Segment ack;
        while (next_sent(&ack, true)) {
            uint32_t said = ack.ack.value - Y + ack.window;
            assert_true(said >= edge);
        }
        takes(1000);
        while (next_sent(&ack, true)) assert_true(ack.ack.value - Y + ack.window >= edge);
        assert_int_equal(look().rcv.nxt.value - Y + look().rcv.wnd, edge);
    }
    arrives("ACK seq=9001 ack=1 len=1001");
    assert_int_equal(look().unread, 1000);
    passes(SECOND);
    takes_sent();
}

/* MAY-8: it may stay closed as long as the application pleases; every probe is answered. */
TEST(our_window_stays_closed) {
    sets(HOST_RULE_recv_buffer, 1000);
    establishes();
    arrives("ACK seq=1 ack=1 len=1000");
    passes(SECOND);
    sends("ACK ack=1001 win=0");
    for (int i = 0; i < 100; i++) {
        passes(60 * SECOND);
        arrives("ACK seq=1001 ack=1 len=1");
        sends("ACK seq=1 ack=1001 win=0");
    }
    takes(1000);
    sends("ACK seq=1 ack=1001 win=1000");
}

/* The application makes room; the peer is told when it is worth a segment (3.8.6.2.2): two segments, or half the
 * buffer, or one segment where less than one was left. */
TEST(when_more_room_is_told) {
    sets(HOST_RULE_recv_buffer, 10000);
    establishes_with(65535, 1000);
    sets(HOST_RULE_delayed_ack, HOST_RULE_OFF);
    for (uint32_t i = 0; i < 8; i++) {
        arrives(line("ACK seq=%u ack=1 len=1000", 1 + i * 1000));
        sends(line("ACK ack=%u win=%u", 1001 + i * 1000, 9000 - i * 1000));
    }
    takes(1999);
    sends_nothing();
    takes(1);
    sends("ACK ack=8001 win=4000");
    arrives("ACK seq=8001 ack=1 len=1000");
    sends("ACK ack=9001 win=3000");
    arrives("ACK seq=9001 ack=1 len=1000");
    sends("ACK ack=10001 win=2000");
    arrives("ACK seq=10001 ack=1 len=1000");
    sends("ACK ack=11001 win=1000");
    takes(1);
    sends_nothing(); /* a whole segment was left */
    arrives("ACK seq=11001 ack=1 len=1");
    sends("ACK ack=11002 win=999");
    takes(998);
    sends_nothing();
    takes(1); /* less than a segment was left, and there is room for one more */
    sends("ACK ack=11002 win=1999");
}

TEST(half_a_small_buffer_is_told) {
    sets(HOST_RULE_recv_buffer, 4000);
    establishes_with(65535, 1460);
    sets(HOST_RULE_delayed_ack, HOST_RULE_OFF);
    arrives("ACK seq=1 ack=1 len=1400");
    sends("ACK ack=1401 win=2600");
    arrives("ACK seq=1401 ack=1 len=1100");
    sends("ACK ack=2501 win=1500");
    takes(1999);
    sends_nothing();
    takes(1);
    sends("ACK ack=2501 win=3500");
}

/* The count of probes ends when the window opens: duplicate ACKs count again. */
TEST(duplicates_count_after_the_probes) {
    establishes();
    arrives("ACK seq=1 ack=1 win=0");
    hands_over(3000);
    passes(SECOND);
    sends("ACK seq=1 len=1");
    arrives("ACK seq=1 ack=1 win=60000");
    sends_segments(1, 2, 1460);
    for (int i = 0; i < 3; i++) arrives("ACK seq=1 ack=1 win=60000");
    by_rule(RULE_FAST_RETRANSMIT);
    sends("ACK seq=1 len=1460");
}

/* Less than a segment must be left for one segment more to be told, not one exactly. */
TEST(one_segment_is_left) {
    sets(HOST_RULE_recv_buffer, 10000);
    establishes_with(65535, 1000);
    sets(HOST_RULE_delayed_ack, HOST_RULE_OFF);
    for (uint32_t i = 0; i < 9; i++) {
        arrives(line("ACK seq=%u ack=1 len=1000", 1 + i * 1000));
        sends(line("ACK ack=%u win=%u", 1001 + i * 1000, 9000 - i * 1000));
    }
    takes(1000);
    sends_nothing();
}

/* At a closed window only the segment at its edge counts; one beyond teaches nothing. */
TEST(beyond_a_closed_window) {
    sets(HOST_RULE_recv_buffer, 1000);
    establishes();
    arrives("ACK seq=1 ack=1 len=1000");
    passes(SECOND);
    sends("ACK ack=1001 win=0");
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    arrives("ACK seq=1101 ack=11 len=1");
    sends("ACK ack=1001 win=0");
    by_rule(RULE_SEQUENCE_UNACCEPTABLE);
    assert_int_equal(look().unacked, 10);
}

/* A window of one byte is open, too. */
TEST(a_window_of_one_byte) {
    establishes();
    arrives("ACK seq=1 ack=1 win=1");
    hands_over(3000);
    passes(200 * MILLISECOND);
    sends("ACK seq=1 len=1");
    by_rule(RULE_SILLY_WINDOW_OVERRIDE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(a_window_that_shrank_below_what_is_in_flight),
        lab_test(a_window_that_shrank_to_nothing),
        lab_test(nothing_is_held_for_ever),
        lab_test(small_sends_make_large_segments),
        lab_test(our_edge_stays),
        lab_test(our_window_stays_closed),
        lab_test(when_more_room_is_told),
        lab_test(half_a_small_buffer_is_told),
        lab_test(duplicates_count_after_the_probes),
        lab_test(one_segment_is_left),
        lab_test(beyond_a_closed_window),
        lab_test(a_window_of_one_byte),
    };
    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
