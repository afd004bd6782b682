/* estimate.c - how long to wait for an ACK: the numbers of RFC 6298, worked out by hand. */
#include "lab.h"

static void expect(Micros srtt, Micros rttvar, Micros rto) {
    ConnView v = look();
    if (v.srtt != srtt || v.rttvar != rttvar || v.rto != rto)
        fail_msg("srtt %lld rttvar %lld rto %lld, not %lld %lld %lld", (long long)v.srtt, (long long)v.rttvar,
                 (long long)v.rto, (long long)srtt, (long long)rttvar, (long long)rto);
}

/* The SYN's round trip is the first measurement. */
static void establishes_after(Micros rtt) {
    connects();
    expect(0, 0, SECOND);
    passes(rtt);
    arrives("SYN,ACK seq=0 ack=1 mss=1460");
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
}

/* Ten bytes go out, and are acknowledged after `rtt`. */
static void round_trip(Micros rtt) {
    uint32_t at = lab.handed_length + 1;
    hands_over(10);
    sends(line("PSH,ACK seq=%u len=10", at));
    passes(rtt);
    arrives(line("ACK seq=1 ack=%u", at + 10));
}

/* 2.2: SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 RTTVAR. */
TEST(first_measurement) {
    sets(HOST_RULE_rto_min, MILLISECOND);
    establishes_after(300 * MILLISECOND);
    expect(300000, 150000, 900000);
}

/* 2.3: RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R'|, then SRTT = 7/8 SRTT + 1/8 R'. */
TEST(next_measurements) {
    sets(HOST_RULE_rto_min, MILLISECOND);
    establishes_after(300 * MILLISECOND);
    round_trip(100 * MILLISECOND); /* 112.5 + 50; 262.5 + 12.5; 275 + 650 */
    expect(275000, 162500, 925000);
    round_trip(275 * MILLISECOND); /* 121.875 + 0; 275; 275 + 487.5 */
    expect(275000, 121875, 762500);
    round_trip(675 * MILLISECOND); /* 91.40625 + 100; 240.625 + 84.375; 325 + 765.624 */
    expect(325000, 191406, 1090624);
}

/* 2.4: never less than a second (or what the host says). */
TEST(lower_bound) {
    establishes_after(300 * MILLISECOND);
    expect(300000, 150000, SECOND);
    round_trip(300 * MILLISECOND);
    expect(300000, 112500, SECOND);
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

/* 2.5: what is measured is bounded, too. */
TEST(upper_bound_of_a_measurement) {
    sets(HOST_RULE_rto_initial, 10 * SECOND);
    sets(HOST_RULE_rto_max, 2 * SECOND);
    connects();
    passes(1500 * MILLISECOND);
    arrives("SYN,ACK seq=0 ack=1 mss=1460");
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    expect(1500000, 750000, 2 * SECOND);
}

/* 2.5, 5.5: doubled at each timeout, never more than 60 s. */
TEST(upper_bound) {
    sets(HOST_RULE_user_timeout, 1000 * SECOND);
    static const int64_t rto[] = {2, 4, 8, 16, 32, 60, 60, 60};
    establishes_after(0);
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    for (size_t i = 0; i < sizeof rto / sizeof *rto; i++) {
        passes(look().timers[TIMER_RETRANSMIT] - world_now(lab.world));
        sends("PSH,ACK seq=1 len=10");
        if ((i + 1) % 3 == 0 && next_report(true, &(Event){0})) troubles();
        assert_int_equal(look().rto, rto[i] * SECOND);
        runs(TIMER_RETRANSMIT, rto[i] * SECOND);
    }
}

TEST(bounds_the_host_says) {
    sets(HOST_RULE_rto_initial, 5 * SECOND);
    sets(HOST_RULE_rto_max, 8 * SECOND);
    connects();
    runs(TIMER_RETRANSMIT, 5 * SECOND);
    passes(5 * SECOND);
    sends("SYN seq=0");
    runs(TIMER_RETRANSMIT, 8 * SECOND);
}

/* 3, Karn: what was sent twice is not measured, and the doubled timeout stays until something is. */
TEST(karn) {
    sets(HOST_RULE_rto_min, MILLISECOND);
    establishes_after(200 * MILLISECOND); /* 200, 100, 600 */
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    passes(600 * MILLISECOND);
    sends("PSH,ACK seq=1 len=10");
    expect(200000, 100000, 1200000);
    passes(10 * MILLISECOND);
    arrives("ACK seq=1 ack=11");
    expect(200000, 100000, 1200000);
    hands_over(10);
    sends("PSH,ACK seq=11 len=10");
    runs(TIMER_RETRANSMIT, 1200 * MILLISECOND);
    passes(200 * MILLISECOND);
    arrives("ACK seq=1 ack=21"); /* 75 + 0; 200; 200 + 300 */
    expect(200000, 75000, 500000);
}

/* One measurement at a time: the second segment is not measured while the first is. */
TEST(one_at_a_time) {
    sets(HOST_RULE_rto_min, MILLISECOND);
    sets(HOST_RULE_nagle, 0);
    establishes_after(200 * MILLISECOND);
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    passes(100 * MILLISECOND);
    hands_over(10);
    sends("PSH,ACK seq=11 len=10");
    passes(100 * MILLISECOND);
    arrives("ACK seq=1 ack=11"); /* 200 ms for the first */
    expect(200000, 75000, 500000);
    passes(100 * MILLISECOND);
    arrives("ACK seq=1 ack=21"); /* nothing for the second */
    expect(200000, 75000, 500000);
}

/* An ACK of less than what is measured says nothing yet. */
TEST(half_an_ack) {
    sets(HOST_RULE_rto_min, MILLISECOND);
    establishes_after(200 * MILLISECOND);
    hands_over(100);
    sends("PSH,ACK seq=1 len=100");
    passes(50 * MILLISECOND);
    arrives("ACK seq=1 ack=51");
    expect(200000, 100000, 600000);
    passes(150 * MILLISECOND);
    arrives("ACK seq=1 ack=101");
    expect(200000, 75000, 500000);
}

/* 5.3: an ACK of something new starts the timer again. */
TEST(timer_restarts) {
    establishes_after(0);
    hands_over(100);
    sends("PSH,ACK seq=1 len=100");
    passes(700 * MILLISECOND);
    arrives("ACK seq=1 ack=1"); /* nothing new */
    runs(TIMER_RETRANSMIT, 300 * MILLISECOND);
    arrives("ACK seq=1 ack=51");
    runs(TIMER_RETRANSMIT, SECOND);
    arrives("ACK seq=1 ack=101"); /* 5.2 */
    runs_not(TIMER_RETRANSMIT);
}

/* 5.5, 2.5: doubled each time, up to the bound and not sooner. */
TEST(doubled_up_to_the_bound) {
    sets(HOST_RULE_rto_max, 5 * SECOND);
    connects();
    static const Micros next[] = {2, 4, 5, 5};
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        passes(look().rto);
        sends("SYN seq=0");
        expect(0, 0, next[i] * SECOND);
        while (lab.seen < trace_count(lab.trace) && next_report(true, &(Event){0})) troubles();
    }
}

/* 5.7: who began with three seconds keeps what the lost SYN made of them. */
TEST(rto_after_a_lost_syn_where_it_began_with_three_seconds) {
    sets(HOST_RULE_rto_initial, 3 * SECOND);
    connects();
    passes(3 * SECOND);
    sends("SYN seq=0");
    arrives("SYN,ACK seq=0 ack=1");
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    expect(0, 0, 6 * SECOND);
}

/* The round trip of a SYN,ACK is measured, too. */
TEST(measurement_of_a_passive_open) {
    receives_syn();
    passes(300 * MILLISECOND);
    arrives("ACK seq=1 ack=1");
    moves("SYN_RCVD > ESTABLISHED");
    expect(300000, 150000, SECOND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(first_measurement),
        lab_test(next_measurements),
        lab_test(lower_bound),
        lab_test(granularity),
        lab_test(upper_bound),
        lab_test(bounds_the_host_says),
        lab_test(karn),
        lab_test(upper_bound_of_a_measurement),
        lab_test(one_at_a_time),
        lab_test(half_an_ack),
        lab_test(timer_restarts),
        lab_test(doubled_up_to_the_bound),
        lab_test(rto_after_a_lost_syn_where_it_began_with_three_seconds),
        lab_test(measurement_of_a_passive_open),
    };
    return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
