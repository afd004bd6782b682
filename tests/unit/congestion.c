/* congestion.c - slow start, congestion avoidance, fast retransmit and recovery (RFC 5681, RFC 6582), in segments of
 * 1000 bytes. */
#include "lab.h"

enum { MSS = 1000 };

static void expect(uint32_t cwnd, uint32_t ssthresh) {
    ConnView v = look();
    if (v.cwnd != cwnd || v.ssthresh != ssthresh)
        fail_msg("step %u: cwnd %u ssthresh %u, not %u %u", lab.step, v.cwnd, v.ssthresh, cwnd, ssthresh);
}
static void expect_cwnd(uint32_t cwnd) { expect(cwnd, look().ssthresh); }

static void opens(void) {
    sets(HOST_RULE_send_buffer, 1 << 20);
    establishes_with(65535, MSS);
}

static uint32_t flight(void) { return look().snd.nxt.value - look().snd.una.value; }

/* ---- The beginning ---- */

/* 3.1: 4, 3 or 2 segments, by their size. */
TEST(initial_window) {
    static const struct {
        uint32_t mss, window;
    } table[] = {{536, 2144}, {1095, 4380}, {1096, 3288}, {1460, 4380}, {2190, 6570}, {2191, 4382}, {5000, 10000}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        lab_teardown(NULL);
        lab_setup(NULL);
        sets(HOST_RULE_mss, 9000);
        stimulus();
        accepted_input((Input){.kind = INPUT_PATH, .path = PATH_MTU, .value = 9040});
        establishes_with(65535, table[i].mss);
        expect_cwnd(table[i].window);
        assert_true(look().ssthresh > 1 << 20); /* arbitrarily high */
    }
}

TEST(initial_window_is_what_goes_out_first) {
    opens();
    hands_over(20 * MSS);
    sends_segments(1, 4, MSS);
    sends_nothing();
}

/* ---- Slow start ---- */

/* Each ACK of a segment lets two more go. */
TEST(slow_start) {
    opens();
    hands_over(30 * MSS);
    sends_segments(1, 4, MSS);
    for (uint32_t i = 0; i < 4; i++) {
        arrives(line("ACK seq=1 ack=%u", 1 + (i + 1) * MSS));
        expect_cwnd((5 + i) * MSS);
        sends_segments(1 + (4 + 2 * i) * MSS, 2, MSS);
    }
    assert_int_equal(flight(), 8 * MSS);
}

/* By what was acknowledged, at most one segment per ACK: dividing ACKs gains nothing. */
TEST(slow_start_counts_bytes) {
    opens();
    hands_over(4 * MSS);
    sends_segments(1, 3, MSS);
    sends("PSH,ACK seq=3001 len=1000");
    arrives("ACK seq=1 ack=101");
    expect_cwnd(4 * MSS + 100);
    arrives("ACK seq=1 ack=3001");
    expect_cwnd(5 * MSS + 100);
}

/* ---- A timeout ---- */

TEST(timeout_goes_back_to_one_segment) {
    opens();
    hands_over(20 * MSS);
    sends_segments(1, 4, MSS);
    arrives("ACK seq=1 ack=4001");
    sends_segments(4001, 5, MSS);
    passes(SECOND);
    sends("ACK seq=4001 len=1000");
    expect(MSS, 2500); /* half of the five in flight */
    passes(2 * SECOND);
    sends("ACK seq=4001 len=1000");
    expect(MSS, 2500); /* once per loss */
}

/* Another loss, after an ACK of something new, counts anew. */
TEST(every_loss_halves) {
    opens();
    hands_over(20 * MSS);
    sends_segments(1, 4, MSS);
    passes(SECOND);
    sends("ACK seq=1 len=1000");
    assert_int_equal(look().retransmissions, 1);
    expect(MSS, 2000);
    arrives("ACK seq=1 ack=4001");
    assert_int_equal(look().retransmissions, 0);
    sends_segments(4001, 2, MSS);
    for (uint32_t i = 5; i < 9; i++) {
        arrives(line("ACK seq=1 ack=%u", 1 + i * MSS));
        for (Segment seg; next_sent(&seg, false);) sends("ACK len=1000");
    }
    uint32_t flying = flight();
    assert_true(flying > 2 * MSS);
    passes(look().timers[TIMER_RETRANSMIT] - world_now(lab.world));
    sends("ACK seq=8001 len=1000");
    expect(MSS, flying / 2 > 2 * MSS ? flying / 2 : 2 * MSS);
}

TEST(ssthresh_is_at_least_two_segments) {
    opens();
    hands_over(MSS);
    sends("PSH,ACK seq=1 len=1000");
    passes(SECOND);
    sends("PSH,ACK seq=1 len=1000");
    expect(MSS, 2 * MSS);
}

/* After a timeout: slow start up to ssthresh, then one segment per round trip. */
TEST(congestion_avoidance) {
    opens();
    hands_over(40 * MSS);
    sends_segments(1, 4, MSS);
    arrives("ACK seq=1 ack=4001");
    sends_segments(4001, 5, MSS);
    passes(SECOND);
    sends("ACK seq=4001 len=1000");
    expect(MSS, 2500);
    arrives("ACK seq=1 ack=5001");
    expect(2 * MSS, 2500);
    sends_segments(5001, 2, MSS);
    arrives("ACK seq=1 ack=6001");
    expect(3 * MSS, 2500); /* 2000 was below: still slow start */
    sends_segments(7001, 2, MSS);
    arrives("ACK seq=1 ack=7001");
    expect(3 * MSS + 333, 2500); /* 1000 * 1000 / 3000 */
    sends("ACK seq=9001 len=1000");
    arrives("ACK seq=1 ack=8001");
    expect(3333 + 300, 2500); /* 1000 * 1000 / 3333 */
    sends("ACK seq=10001 len=1000");
}

/* ---- Fast retransmit and recovery ---- */

/* Without limited transmit, so that each duplicate ACK is seen for itself. */
static void ten_in_flight(void) {
    sets(HOST_RULE_limited_transmit, 0);
    opens();
    hands_over(30 * MSS);
    sends_segments(1, 4, MSS);
    for (uint32_t i = 0; i < 6; i++) {
        arrives(line("ACK seq=1 ack=%u", 1 + (i + 1) * MSS));
        sends_segments(1 + (4 + 2 * i) * MSS, 2, MSS);
    }
    assert_int_equal(flight(), 10 * MSS); /* 6001 .. 16000 */
    expect_cwnd(10 * MSS);
}

TEST(two_duplicates_are_not_enough) {
    ten_in_flight();
    arrives("ACK seq=1 ack=6001");
    arrives("ACK seq=1 ack=6001");
    by_rule(RULE_ACK_DUPLICATE_COUNTED);
    expect_cwnd(10 * MSS);
    passes(SECOND - 1);
    sends_nothing();
}

/* RFC 3042: each of the first two duplicates sets one new segment free; what it adds does not count as flight at the
 * third. */
TEST(limited_transmit) {
    ten_in_flight();
    sets(HOST_RULE_limited_transmit, 1);
    arrives("ACK seq=1 ack=6001");
    sends("ACK seq=16001 len=1000");
    by_rule(RULE_LIMITED_TRANSMIT);
    arrives("ACK seq=1 ack=6001");
    sends("ACK seq=17001 len=1000");
    expect_cwnd(10 * MSS);
    arrives("ACK seq=1 ack=6001");
    sends("ACK seq=6001 len=1000");
    expect(5 * MSS + 3 * MSS, 5 * MSS);
}

TEST(fast_retransmit_on_the_third) {
    ten_in_flight();
    for (int i = 0; i < 3; i++) arrives("ACK seq=1 ack=6001");
    sends("ACK seq=6001 len=1000");
    by_rule(RULE_FAST_RETRANSMIT);
    expect(5 * MSS + 3 * MSS, 5 * MSS);
    arrives("ACK seq=1 ack=6001");
    expect_cwnd(9 * MSS);
    arrives("ACK seq=1 ack=6001");
    expect_cwnd(10 * MSS);
    arrives("ACK seq=1 ack=6001");
    expect_cwnd(11 * MSS);
    sends("ACK seq=16001 len=1000"); /* each duplicate means that one has left the network */
    arrives("ACK seq=1 ack=17001");
    expect_cwnd(5 * MSS); /* all of it: recovery is over */
    sends_segments(17001, 5, MSS);
}

/* RFC 6582 3.2 step 3: the ACK stops at a second hole. */
TEST(partial_ack) {
    ten_in_flight();
    for (int i = 0; i < 3; i++) arrives("ACK seq=1 ack=6001");
    sends("ACK seq=6001 len=1000");
    arrives("ACK seq=1 ack=8001");
    by_rule(RULE_PARTIAL_ACK);
    sends("ACK seq=8001 len=1000");
    expect(8 * MSS - 2 * MSS + MSS, 5 * MSS);
    arrives("ACK seq=1 ack=16001");
    expect_cwnd(5 * MSS);
    sends_segments(16001, 5, MSS);
}

/* What is no duplicate: another window, data, nothing in flight (RFC 5681 2). */
TEST(not_duplicates) {
    ten_in_flight();
    for (uint32_t i = 0; i < 5; i++) arrives(line("ACK seq=1 ack=6001 win=%u", 60000 + i));
    expect_cwnd(10 * MSS);
    for (uint32_t i = 0; i < 4; i++) arrives(line("ACK seq=%u ack=6001 win=60004 len=1", 1 + i));
    expect_cwnd(10 * MSS);
    passes(200 * MILLISECOND);
    sends("ACK seq=16001 ack=5");
}

TEST(duplicates_of_an_idle_connection) {
    opens();
    for (int i = 0; i < 10; i++) arrives("ACK seq=1 ack=1");
    sends_nothing();
    expect_cwnd(4 * MSS);
}

/* RFC 6582 4.1: duplicates of what a timeout has sent again. */
TEST(no_fast_retransmit_while_resending) {
    ten_in_flight();
    passes(SECOND);
    sends("ACK seq=6001 len=1000");
    for (int i = 0; i < 5; i++) arrives("ACK seq=1 ack=6001");
    sends_nothing();
    expect(MSS, 5 * MSS);
}

TEST(timeout_in_recovery) {
    ten_in_flight();
    for (int i = 0; i < 3; i++) arrives("ACK seq=1 ack=6001");
    sends("ACK seq=6001 len=1000");
    passes(SECOND);
    sends("ACK seq=6001 len=1000");
    expect_cwnd(MSS);
    arrives("ACK seq=1 ack=16001");
    expect_cwnd(2 * MSS);
    sends_segments(16001, 2, MSS);
}

/* ---- None at all ---- */

TEST(no_congestion_control) {
    sets(HOST_RULE_congestion, 0);
    opens();
    hands_over(30 * MSS);
    sends_segments(1, 29, MSS);
    sends("PSH,ACK seq=29001 len=1000");
}

/* RFC 5681 4.1: after a pause longer than the timeout the window starts small again. */
TEST(idle) {
    opens();
    hands_over(8 * MSS);
    sends_segments(1, 4, MSS);
    arrives("ACK seq=1 ack=1001");
    sends_segments(4001, 2, MSS);
    arrives("ACK seq=1 ack=2001");
    sends("ACK seq=6001 len=1000");
    sends("PSH,ACK seq=7001 len=1000");
    for (uint32_t i = 3; i <= 8; i++) arrives(line("ACK seq=1 ack=%u", 1 + i * MSS));
    expect_cwnd(12 * MSS);
    passes(SECOND + 1);
    hands_over(10 * MSS);
    sends_segments(8001, 4, MSS);
    expect_cwnd(4 * MSS);
}

/* The pause counts from the last segment that was sent. */
TEST(not_idle) {
    opens();
    passes(10 * SECOND);
    hands_over(8 * MSS);
    sends_segments(1, 4, MSS);
    arrives("ACK seq=1 ack=4001");
    sends_segments(4001, 3, MSS);
    sends("PSH,ACK seq=7001 len=1000");
    arrives("ACK seq=1 ack=8001");
    uint32_t grown = look().cwnd;
    assert_true(grown > 4 * MSS);
    hands_over(4 * MSS);
    sends_segments(8001, 3, MSS);
    sends("PSH,ACK seq=11001 len=1000");
    expect_cwnd(grown);
}

/* A passive open counts its first window by the peer's segment size, too; the ACK of the SYN adds nothing to it. */
TEST(initial_window_of_a_passive_open) {
    listens();
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 mss=1000");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    expect_cwnd(4 * MSS);
    arrives("ACK seq=1 ack=1");
    moves("SYN_RCVD > ESTABLISHED");
    expect_cwnd(4 * MSS);
}

/* Without congestion control a loss changes nothing of the window. */
TEST(no_congestion_control_and_a_loss) {
    sets(HOST_RULE_congestion, 0);
    opens();
    hands_over(10 * MSS);
    sends_segments(1, 9, MSS);
    sends("PSH,ACK seq=9001 len=1000");
    uint32_t before = look().cwnd;
    for (int i = 0; i < 3; i++) arrives("ACK seq=1 ack=1");
    sends("ACK seq=1 len=1000");
    by_rule(RULE_FAST_RETRANSMIT);
    expect_cwnd(before);
    passes(SECOND);
    sends("ACK seq=1 len=1000");
    expect_cwnd(before);
}

/* The pause must be longer than the timeout. */
TEST(not_quite_idle) {
    opens();
    hands_over(8 * MSS);
    sends_segments(1, 4, MSS);
    arrives("ACK seq=1 ack=4001");
    sends_segments(4001, 3, MSS);
    sends("PSH,ACK seq=7001 len=1000");
    arrives("ACK seq=1 ack=8001");
    uint32_t grown = look().cwnd;
    passes(look().rto);
    hands_over(MSS);
    sends("PSH,ACK seq=8001 len=1000");
    expect_cwnd(grown);
}

/* It ends where recovery begins: from there on duplicates are counted in the congestion window. */
TEST(no_limited_transmit_in_recovery) {
    ten_in_flight();
    sets(HOST_RULE_limited_transmit, 1);
    arrives("ACK seq=1 ack=6001");
    sends("ACK seq=16001 len=1000");
    arrives("ACK seq=1 ack=6001");
    sends("ACK seq=17001 len=1000");
    arrives("ACK seq=1 ack=6001");
    sends("ACK seq=6001 len=1000");
    for (int i = 0; i < 4; i++) arrives("ACK seq=1 ack=6001");
    sends_nothing(); /* 12000 bytes are in flight, and so many may be */
    arrives("ACK seq=1 ack=6001");
    sends("ACK seq=18001 len=1000");
}

/* RFC 5681 3.1: the ACK of the SYN adds nothing to the window, also after an early close. */
TEST(the_ack_of_the_syn_after_a_close) {
    receives_syn();
    calls(INPUT_SHUTDOWN);
    sends("FIN,ACK seq=1 ack=1");
    moves("SYN_RCVD > FIN_WAIT_1");
    uint32_t cwnd = look().cwnd;
    arrives("ACK seq=1 ack=1");
    expect_cwnd(cwnd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(initial_window),
        lab_test(initial_window_is_what_goes_out_first),
        lab_test(slow_start),
        lab_test(slow_start_counts_bytes),
        lab_test(timeout_goes_back_to_one_segment),
        lab_test(every_loss_halves),
        lab_test(ssthresh_is_at_least_two_segments),
        lab_test(congestion_avoidance),
        lab_test(two_duplicates_are_not_enough),
        lab_test(limited_transmit),
        lab_test(fast_retransmit_on_the_third),
        lab_test(partial_ack),
        lab_test(not_duplicates),
        lab_test(duplicates_of_an_idle_connection),
        lab_test(no_fast_retransmit_while_resending),
        lab_test(timeout_in_recovery),
        lab_test(no_congestion_control),
        lab_test(idle),
        lab_test(not_idle),
        lab_test(initial_window_of_a_passive_open),
        lab_test(no_congestion_control_and_a_loss),
        lab_test(not_quite_idle),
        lab_test(no_limited_transmit_in_recovery),
        lab_test(the_ack_of_the_syn_after_a_close),
    };
    return cmocka_run_group_tests_name("congestion", tests, NULL, NULL);
}
