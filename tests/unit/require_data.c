/* require_data.c - data transfer to the letter: windows that shrink and close, urgent data, acknowledgments, timers
 * (RFC 9293 3.7, 3.8). */
#include "require.h"

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

/* MUST-66: RST and URG count with a closed window (ACK: unit.arrive_synchronized). */
TEST(urgent_through_a_closed_window) {
    sets(HOST_RULE_recv_buffer, 1000);
    establishes();
    arrives("ACK seq=1 ack=1 len=1000");
    passes(SECOND);
    sends("ACK ack=1001 win=0");
    arrives("ACK,URG seq=1001 ack=1 urg=300");
    by_rule(RULE_URGENT);
    assert_int_equal(look().urgent, 1300);
    arrives("RST seq=1001");
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
}

/* ---- Urgent data ---- */

static void hands_over_urgent(uint32_t length) {
    stimulus();
    uint8_t *at = lab.handed + lab.handed_length;
    for (uint32_t i = 0; i < length; i++) at[i] = pattern(lab.handed_length + i + 1000);
    Input input = {.kind = INPUT_SEND, .conn = lab.conn, .bytes = at, .length = length, .urgent = true};
    assert_int_equal(accepted_input(input)->count, length);
    lab.handed_length += length;
}

/* MUST-30, MUST-31, MUST-62: of any length; each segment's pointer names the byte after the last urgent one. */
TEST(urgent_data_of_any_length) {
    sets(HOST_RULE_congestion, 0);
    sets(HOST_RULE_send_buffer, 200000);
    establishes_with(65535, 1000);
    hands_over(500);
    sends("PSH,ACK seq=1 len=500");
    arrives("ACK seq=1 ack=501");
    uint32_t end = 501 + 100000, at = 501;
    hands_over_urgent(100000);
    for (int rounds = 0; at < end; rounds++) {
        Segment seg;
        while (next_sent(&seg, true)) {
            assert_int_equal(seg.seq.value, X + at);
            assert_true(seg.flags & FLAG_URG);
            uint32_t ahead = end - at;
            assert_int_equal(seg.urgent, ahead < 65535 ? ahead : 65535);
            at += seg.data_length;
        }
        arrives(line("ACK seq=1 ack=%u", at));
    }
    hands_over(10);
    sends(line("PSH,ACK seq=%u len=10", end)); /* no URG any more */
}

/* Urgent data that waits behind the window: its notice goes ahead with what may be sent. */
TEST(urgent_notice_goes_ahead) {
    establishes_with(1000, 1000);
    hands_over(1000);
    sends("PSH,ACK seq=1 len=1000");
    hands_over_urgent(10);
    sends_nothing();
    arrives("ACK seq=1 ack=1001 win=1000");
    sends("PSH,ACK,URG seq=1001 len=10 urg=10");
}

/* MUST-32, MUST-33: told at the first pointer and at each advance; how much is left to read can be asked. */
TEST(urgent_data_is_told) {
    establishes();
    arrives("ACK,URG seq=1 ack=1 len=10 urg=100");
    by_rule(RULE_URGENT);
    assert_int_equal(look().urgent, 100);
    arrives("ACK,URG seq=11 ack=1 len=10 urg=90"); /* the same byte */
    not_by_rule(RULE_URGENT);
    arrives("ACK,URG seq=21 ack=1 len=10 urg=90");
    by_rule(RULE_URGENT);
    assert_int_equal(look().urgent, 110);
    takes(30);
    assert_int_equal(look().urgent, 80);
    arrives("ACK seq=31 ack=1 len=100");
    takes(100);
    assert_int_equal(look().urgent, 0);
    arrives("ACK,URG seq=131 ack=1 len=5 urg=5");
    by_rule(RULE_URGENT);
    assert_int_equal(look().urgent, 5);
    passes(SECOND);
    while (next_sent(&(Segment){0}, false)) sends("ACK");
}

/* ---- Acknowledgments ---- */

/* MUST-58, MUST-59: what waited behind a hole is worked through before one ACK tells of all of it. */
TEST(one_ack_for_many) {
    establishes();
    for (uint32_t i = 1; i < 10; i++) {
        arrives(line("ACK seq=%u ack=1 len=100", 1 + i * 100));
        sends("ACK ack=1"); /* MAY-13, RFC 5681 4.2: ahead of a hole, at once */
        by_rule(RULE_SEQUENCE_LATER);
    }
    arrives("ACK seq=1 ack=1 len=100");
    sends("ACK ack=1001");
    sends_nothing();
    no_timer_runs();
}

/* SHLD-19: two full segments or as many bytes; small ones are counted together. */
TEST(two_full_segments_of_bytes) {
    establishes();
    for (uint32_t i = 0; i < 29; i++) {
        arrives(line("ACK seq=%u ack=1 len=100", 1 + i * 100));
        sends_nothing();
    }
    arrives("ACK seq=2901 ack=1 len=100"); /* 3000 > 2 * 1460 */
    sends("ACK ack=3001");
    by_rule(RULE_ACK_SECOND);
}

/* MUST-40: not as long as half a second, and no setting makes it so. */
TEST(an_ack_waits_less_than_half_a_second) {
    refuses((Input){.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_delayed_ack, .value = SECOND / 2},
            STATUS_BAD_ARGUMENT);
    sets(HOST_RULE_delayed_ack, SECOND / 2 - 1);
    establishes();
    arrives("ACK seq=1 ack=1 len=1");
    passes(SECOND / 2 - 1);
    sends("ACK ack=2");
}

/* ---- Timers (RFC 6298 5) ---- */

/* 5.1: data starts the timer where it is idle; more data does not start it anew. */
TEST(more_data_does_not_restart_the_timer) {
    sets(HOST_RULE_nagle, 0);
    establishes();
    runs_not(TIMER_RETRANSMIT);
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    runs(TIMER_RETRANSMIT, SECOND);
    passes(600 * MILLISECOND);
    hands_over(10);
    sends("PSH,ACK seq=11 len=10");
    runs(TIMER_RETRANSMIT, 400 * MILLISECOND);
}

/* 5: no segment goes again before its own RTO: an ACK gives the next one its whole time. */
TEST(never_too_early) {
    sets(HOST_RULE_nagle, 0);
    establishes();
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    passes(900 * MILLISECOND);
    hands_over(10);
    sends("PSH,ACK seq=11 len=10");
    arrives("ACK seq=1 ack=11");
    Micros rto = look().rto;
    runs(TIMER_RETRANSMIT, rto);
    passes(rto - 1);
    sends_nothing();
    passes(1);
    sends("PSH,ACK seq=11 len=10");
}

/* 5.7, RFC 5681 3.1: a lost SYN, or SYN,ACK, however often: three seconds and one segment to begin with. */
TEST(after_a_lost_syn) {
    for (int lost = 1; lost <= 4; lost++) {
        for (int passive = 0; passive < 2; passive++) {
            afresh();
            if (passive) receives_syn();
            else connects();
            for (int i = 0; i < lost; i++) {
                passes(SECOND << i);
                sends(passive ? "SYN,ACK seq=0 ack=1" : "SYN seq=0");
                if (i == 2) troubles();
            }
            arrives(passive ? "ACK seq=1 ack=1" : "SYN,ACK seq=0 ack=1 mss=1460");
            if (!passive) sends("ACK ack=1");
            moves(passive ? "SYN_RCVD > ESTABLISHED" : "SYN_SENT > ESTABLISHED");
            assert_int_equal(look().cwnd, 1460);
            hands_over(10);
            sends("PSH,ACK seq=1 len=10");
            runs(TIMER_RETRANSMIT, 3 * SECOND);
        }
    }
}

/* 2.3: where round trips do not vary at all, the clock's granularity of a microsecond stands in for the variation. */
TEST(granularity) {
    sets(HOST_RULE_rto_min, MILLISECOND);
    connects();
    passes(10 * MILLISECOND);
    arrives("SYN,ACK seq=0 ack=1 mss=1460");
    sends("ACK ack=1");
    moves("SYN_SENT > ESTABLISHED");
    for (uint32_t at = 1; at <= 60; at++) {
        hands_over(1);
        sends(line("PSH,ACK seq=%u len=1", at));
        passes(10 * MILLISECOND);
        arrives(line("ACK seq=1 ack=%u", at + 1));
    }
    assert_int_equal(look().rttvar, 0);
    assert_int_equal(look().srtt, 10 * MILLISECOND);
    assert_int_equal(look().rto, 10 * MILLISECOND + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(a_window_that_shrank_below_what_is_in_flight),
        lab_test(a_window_that_shrank_to_nothing),
        lab_test(nothing_is_held_for_ever),
        lab_test(small_sends_make_large_segments),
        lab_test(our_edge_stays),
        lab_test(our_window_stays_closed),
        lab_test(urgent_through_a_closed_window),
        lab_test(urgent_data_of_any_length),
        lab_test(urgent_notice_goes_ahead),
        lab_test(urgent_data_is_told),
        lab_test(one_ack_for_many),
        lab_test(two_full_segments_of_bytes),
        lab_test(an_ack_waits_less_than_half_a_second),
        lab_test(more_data_does_not_restart_the_timer),
        lab_test(never_too_early),
        lab_test(after_a_lost_syn),
        lab_test(granularity),
    };
    return cmocka_run_group_tests_name("require_data", tests, NULL, NULL);
}
