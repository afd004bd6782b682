/* timeout.c - timers: retransmission and giving up, the closed window, delayed ACKs, TIME_WAIT and FIN_WAIT_2 (RFC
 * 9293 3.8, 3.10.8; RFC 6298 5). */
#include "segments.h"

/* ---- SYN ---- */

/* 1, 2, 4 ... s, never more than 60; given up after 180 s (MUST-23). */
TEST(syn_sent_retransmits_and_gives_up) {
    static const int64_t at[] = {1, 3, 7, 15, 31, 63, 123};
    connects();
    Micros begin = world_now(lab.world);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        passes(begin + at[i] * SECOND - 1 - world_now(lab.world));
        sends_nothing();
        passes(1);
        sends("SYN seq=0");
        by_rule(RULE_TIMEOUT_SYN);
        if (i == 2) troubles();
        assert_int_equal(look().retransmissions, i + 1);
    }
    passes(begin + 180 * SECOND - 1 - world_now(lab.world));
    in_state(STATE_SYN_SENT);
    passes(1);
    moves_failing("SYN_SENT > CLOSED", STATUS_CONNECTION_TIMED_OUT);
    by_rule(RULE_TIMEOUT_SYN_USER);
    no_timer_runs();
}

TEST(syn_rcvd_retransmits) {
    receives_syn();
    passes(SECOND);
    sends("SYN,ACK seq=0 ack=1 mss=1460");
    passes(2 * SECOND);
    sends("SYN,ACK seq=0 ack=1");
    arrives("ACK seq=1 ack=1");
    moves("SYN_RCVD > ESTABLISHED");
    no_timer_runs();
}

TEST(syn_rcvd_gives_up) {
    receives_syn();
    sets(HOST_RULE_syn_timeout, 5 * SECOND); /* too late: its timer runs already */
    passes(179 * SECOND);
    for (int i = 0; i < 7; i++) sends("SYN,ACK seq=0 ack=1");
    troubles();
    passes(SECOND);
    moves_failing("SYN_RCVD > CLOSED", STATUS_CONNECTION_TIMED_OUT);
    lab.conn = lab.listener;
    assert_int_equal(look().syn_queue, 0);
}

/* RFC 6298 5.7 */
TEST(a_lost_syn_makes_the_first_timeout_three_seconds) {
    connects();
    passes(SECOND);
    sends("SYN seq=0");
    arrives("SYN,ACK seq=0 ack=1 mss=1460");
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    assert_int_equal(look().rto, 3 * SECOND);
    assert_int_equal(look().srtt, 0);    /* Karn: which SYN was it? */
    assert_int_equal(look().cwnd, 1460); /* RFC 5681 3.1 */
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

/* ---- Data ---- */

TEST(established_retransmits_the_oldest) {
    sets(HOST_RULE_nagle, 0);
    establishes();
    hands_over(100);
    sends("PSH,ACK seq=1 ack=1 len=100");
    hands_over(50);
    sends("PSH,ACK seq=101 ack=1 len=50");
    passes(SECOND - 1);
    sends_nothing();
    passes(1);
    sends("PSH,ACK seq=1 len=150"); /* as one segment where they fit */
}

TEST(established_backs_off_and_gives_up) {
    static const int64_t at[] = {1, 3, 7, 15, 31, 63};
    establishes();
    hands_over(100);
    sends("PSH,ACK seq=1 ack=1 len=100");
    Micros begin = world_now(lab.world);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        passes(begin + at[i] * SECOND - world_now(lab.world));
        sends("PSH,ACK seq=1 ack=1 len=100");
        by_rule(RULE_TIMEOUT_RETRANSMIT);
        if (i == 2) troubles();
    }
    passes(begin + 100 * SECOND - 1 - world_now(lab.world));
    in_state(STATE_ESTABLISHED);
    passes(1);
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_TIMED_OUT);
    by_rule(RULE_TIMEOUT_USER);
}

/* An ACK of something new starts both again. */
TEST(progress_restarts_the_user_timeout) {
    establishes();
    hands_over(100);
    sends("PSH,ACK seq=1 ack=1 len=100");
    passes(500 * MILLISECOND);
    arrives("ACK seq=1 ack=51");
    runs(TIMER_RETRANSMIT, SECOND);
    runs(TIMER_USER, 100 * SECOND);
    arrives("ACK seq=1 ack=51 win=60000"); /* nothing new */
    runs(TIMER_USER, 100 * SECOND);
    passes(SECOND);
    sends("PSH,ACK seq=51 ack=1 len=50");
}

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

TEST(fin_is_retransmitted) {
    static void (*const ways[])(void) = {enters_fin_wait_1, enters_closing, enters_last_ack};
    static const char *const fins[] = {"FIN,ACK seq=1 ack=1", "FIN,ACK seq=1 ack=2", "FIN,ACK seq=1 ack=2"};
    for (int i = 0; i < 3; i++) {
        lab_teardown(NULL);
        lab_setup(NULL);
        ways[i]();
        passes(SECOND);
        sends(fins[i]);
        passes(2 * SECOND);
        sends(fins[i]);
    }
}

TEST(data_and_fin_go_again_together) {
    establishes();
    hands_over(10);
    sends("PSH,ACK seq=1 ack=1 len=10");
    calls(INPUT_SHUTDOWN);
    sends("FIN,ACK seq=11 ack=1");
    moves("ESTABLISHED > FIN_WAIT_1");
    passes(SECOND);
    sends("FIN,PSH,ACK seq=1 ack=1 len=10");
}

/* ---- The closed window ---- */

static void closed_by_the_peer(void) {
    establishes();
    arrives("ACK seq=1 ack=1 win=0");
    hands_over(3000);
    sends_nothing();
    runs(TIMER_PERSIST, SECOND); /* SHLD-29 */
    runs_not(TIMER_RETRANSMIT);
}

/* SHLD-30: 1, 2, 4 ... s, at most 60. One byte each. */
TEST(persist_probes_with_growing_intervals) {
    static const int64_t intervals[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    closed_by_the_peer();
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        passes(intervals[i] * SECOND - 1);
        sends_nothing();
        passes(1);
        sends("ACK seq=1 ack=1 len=1");
        by_rule(RULE_TIMEOUT_PERSIST);
        arrives("ACK seq=1 ack=1 win=0");
        assert_int_equal(look().snd.una.value, X + 1);
    }
    in_state(STATE_ESTABLISHED); /* MUST-37: 243 s, and no user timeout */
}

TEST(persist_gives_up_where_nobody_answers) {
    closed_by_the_peer();
    passes(100 * SECOND); /* the first probe goes out after 1 s */
    for (int i = 0; i < 6; i++) sends("ACK seq=1 ack=1 len=1");
    in_state(STATE_ESTABLISHED);
    passes(SECOND);
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_TIMED_OUT);
}

/* MUST-37: one probe after a long interval is lost, the next one is answered. */
TEST(persist_survives_a_lost_probe) {
    closed_by_the_peer();
    for (int i = 0; i < 6; i++) {
        passes((1 << i) * SECOND);
        sends("ACK seq=1 ack=1 len=1");
        arrives("ACK seq=1 ack=1 win=0");
        by_rule(RULE_ACK_PROBE_ANSWERED);
        runs_not(TIMER_USER);
    }
    passes(60 * SECOND);
    sends("ACK seq=1 ack=1 len=1"); /* lost */
    passes(60 * SECOND);
    sends("ACK seq=1 ack=1 len=1");
    arrives("ACK seq=1 ack=1 win=0");
    in_state(STATE_ESTABLISHED);
    runs_not(TIMER_USER);
}

/* Too small a window is not a closed one: what fits is sent in a moment. */
TEST(silly_window_is_busy) {
    establishes();
    arrives("ACK seq=1 ack=1 win=1");
    hands_over(3000);
    passes(50 * MILLISECOND);
    assert_true(world_busy(lab.world));
}

/* A peer that answers each probe keeps nobody waiting; a probe that is not answered does. */
TEST(persist_is_not_busy_while_probes_are_answered) {
    const Micros latency = 50 * MILLISECOND; /* until what A sends is out of the way */
    closed_by_the_peer();
    passes(latency);
    assert_false(world_busy(lab.world));
    passes(SECOND - latency);
    sends("ACK seq=1 ack=1 len=1");
    passes(latency);
    assert_true(world_busy(lab.world));
    arrives("ACK seq=1 ack=1 win=0");
    assert_false(world_busy(lab.world));
}

TEST(persist_ends_with_a_window_update) {
    closed_by_the_peer();
    arrives("ACK seq=1 ack=1 win=2000");
    sends("ACK seq=1 ack=1 len=1460");
    runs_not(TIMER_PERSIST);
    runs(TIMER_RETRANSMIT, SECOND);
}

/* The byte of a probe was not taken: it comes again, first. */
TEST(persist_then_a_window_update) {
    closed_by_the_peer();
    passes(SECOND);
    sends("ACK seq=1 ack=1 len=1");
    arrives("ACK seq=1 ack=1 win=0");
    arrives("ACK seq=1 ack=1 win=65535");
    sends("ACK seq=1 ack=1 len=1460");
    sends("ACK seq=1461 ack=1 len=1460");
    runs_not(TIMER_PERSIST);
    arrives("ACK seq=1 ack=2921");
    sends("PSH,ACK seq=2921 ack=1 len=80"); /* Nagle let it wait */
}

TEST(persist_probe_that_is_taken) {
    closed_by_the_peer();
    passes(SECOND);
    sends("ACK seq=1 ack=1 len=1");
    arrives("ACK seq=1 ack=2 win=1460");
    sends("ACK seq=2 ack=1 len=1460");
    assert_int_equal(look().snd.una.value, X + 2);
}

/* An ACK stands where the peer's closed window takes it, not behind the byte of the probe. */
TEST(persist_and_data_the_other_way) {
    closed_by_the_peer();
    passes(SECOND);
    sends("ACK seq=1 ack=1 len=1");
    arrives("ACK seq=1 ack=1 len=100 win=0");
    passes(SECOND / 5);
    sends("ACK seq=1 ack=101");
}

/* The byte was taken and the ACK of it lost: our ACK stands one too low. What such an ACK of the peer says must be
 * heard, or where both sides are in this place neither ever hears the other. */
TEST(persist_on_both_sides) {
    closed_by_the_peer();
    passes(SECOND);
    sends("ACK seq=1 ack=1 len=1");
    arrives("ACK seq=1 ack=1 len=1 win=0"); /* the peer's own probe; it is taken */
    passes(SECOND / 5);
    sends("ACK seq=1 ack=2");
    arrives("ACK seq=1 ack=2 win=0"); /* it took ours, and has not heard that we took its own */
    sends("ACK seq=2 ack=2");
    by_rule(RULE_ACK_NEW);
    assert_int_equal(look().snd.una.value, X + 2);
}

TEST(persist_probes_with_a_fin) {
    establishes();
    arrives("ACK seq=1 ack=1 win=0");
    calls(INPUT_SHUTDOWN);
    moves("ESTABLISHED > FIN_WAIT_1");
    passes(SECOND);
    sends("FIN,ACK seq=1 ack=1");
    arrives("ACK seq=1 ack=2 win=0");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
    no_timer_runs();
}

/* No round trip is measured with a byte that was sent twice. */
TEST(persist_probes_are_not_measured) {
    closed_by_the_peer();
    Micros srtt = look().srtt;
    passes(7 * SECOND);
    for (int i = 0; i < 3; i++) sends("ACK seq=1 ack=1 len=1");
    arrives("ACK seq=1 ack=2 win=0");
    assert_int_equal(look().srtt, srtt);
    assert_int_equal(look().rto, SECOND);
}

/* MUST-34, MUST-35: the window shrinks over what is in flight. */
TEST(window_shrinks_to_nothing) {
    establishes();
    hands_over(1000);
    sends("PSH,ACK seq=1 ack=1 len=1000");
    arrives("ACK seq=1 ack=1 win=0");
    runs_not(TIMER_RETRANSMIT);
    runs(TIMER_PERSIST, SECOND);
    passes(SECOND);
    sends("ACK seq=1 ack=1 len=1");
    arrives("ACK seq=1 ack=1001 win=0");
    no_timer_runs();
}

/* ---- Delayed ACK ---- */

TEST(delayed_ack_waits) {
    establishes();
    arrives("ACK seq=1 ack=1 len=100");
    runs(TIMER_DELAYED_ACK, SECOND / 5);
    passes(SECOND / 5 - 1);
    sends_nothing();
    passes(1);
    sends("ACK seq=1 ack=101");
    by_rule(RULE_TIMEOUT_DELAYED_ACK);
    no_timer_runs();
}

TEST(delayed_ack_rides_on_data) {
    establishes();
    arrives("ACK seq=1 ack=1 len=100");
    passes(100 * MILLISECOND);
    hands_over(5);
    sends("PSH,ACK seq=1 ack=101 len=5");
    runs_not(TIMER_DELAYED_ACK);
}

/* SHLD-19 */
TEST(delayed_ack_of_every_second_segment) {
    establishes();
    arrives("ACK seq=1 ack=1 len=1460");
    arrives("ACK seq=1461 ack=1 len=1460");
    sends("ACK seq=1 ack=2921");
    by_rule(RULE_ACK_SECOND);
    runs_not(TIMER_DELAYED_ACK);
    arrives("ACK seq=2921 ack=1 len=1460");
    runs(TIMER_DELAYED_ACK, SECOND / 5);
}

TEST(delayed_ack_does_not_start_anew) {
    establishes();
    arrives("ACK seq=1 ack=1 len=10");
    passes(150 * MILLISECOND);
    arrives("ACK seq=11 ack=1 len=10");
    runs(TIMER_DELAYED_ACK, 50 * MILLISECOND);
}

TEST(delayed_ack_switched_off) {
    sets(HOST_RULE_delayed_ack, HOST_RULE_OFF);
    establishes();
    arrives("ACK seq=1 ack=1 len=1");
    sends("ACK seq=1 ack=2");
}

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
    arrives("ACK seq=3001 ack=1 len=1460");
    arrives("ACK seq=4461 ack=1 len=1459"); /* counted from 0 again: one byte is missing */
    sends_nothing();
    arrives("ACK seq=5920 ack=1 len=1");
    sends("ACK ack=5921");
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

/* ---- TIME_WAIT and FIN_WAIT_2 ---- */

TEST(time_wait_lasts_two_msl) {
    enters_time_wait();
    runs(TIMER_TIME_WAIT, 60 * SECOND);
    passes(60 * SECOND - 1);
    in_state(STATE_TIME_WAIT);
    passes(1);
    moves("TIME_WAIT > CLOSED");
    by_rule(RULE_TIMEOUT_TIME_WAIT);
    assert_int_equal(look().error, STATUS_OK);
}

/* RFC 9293 3.10.7.4: all other timers are switched off. */
TEST(time_wait_has_one_timer) {
    sets(HOST_RULE_keepalive, SECOND);
    enters_fin_wait_2();
    arrives("FIN,ACK seq=1 ack=2 len=5");
    sends("ACK seq=2 ack=7");
    moves("FIN_WAIT_2 > TIME_WAIT");
    for (int i = 0; i < TIMER_COUNT; i++)
        if (i != TIMER_TIME_WAIT) runs_not((TimerKind)i);
}

TEST(time_wait_lasts_what_the_host_says) {
    sets(HOST_RULE_msl, 5 * SECOND);
    sets(HOST_RULE_time_wait, 1500);
    enters_time_wait();
    runs(TIMER_TIME_WAIT, 7500 * MILLISECOND);
}

TEST(fin_wait_2_waits_for_ever) {
    enters_fin_wait_2();
    passes(100000 * SECOND);
    in_state(STATE_FIN_WAIT_2);
}

/* Only where nobody will read any more: after close(), not after shutdown(). */
TEST(fin_wait_2_ends_for_an_orphan) {
    sets(HOST_RULE_fin_wait_2_timeout, 60 * SECOND);
    establishes();
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=1");
    moves("ESTABLISHED > FIN_WAIT_1");
    arrives("ACK seq=1 ack=2");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
    runs(TIMER_FIN_WAIT_2, 60 * SECOND);
    passes(60 * SECOND);
    moves("FIN_WAIT_2 > CLOSED");
    by_rule(RULE_TIMEOUT_FIN_WAIT_2);
}

TEST(fin_wait_2_does_not_end_after_shutdown) {
    sets(HOST_RULE_fin_wait_2_timeout, 60 * SECOND);
    enters_fin_wait_2();
    no_timer_runs();
    calls(INPUT_CLOSE);
    runs(TIMER_FIN_WAIT_2, 60 * SECOND);
}

/* CLOSE_WAIT has no timer: it waits for the application, for ever if need be. */
TEST(close_wait_waits_for_ever) {
    enters_close_wait();
    no_timer_runs();
    passes(1000000 * SECOND);
    in_state(STATE_CLOSE_WAIT);
}

/* ---- Fired by hand ---- */

TEST(a_timer_fires_when_told) {
    connects();
    stimulus();
    accepted_input((Input){.kind = INPUT_TIMER, .conn = lab.conn, .timer = TIMER_RETRANSMIT, .at = MICROS_NEVER});
    sends("SYN seq=0");
    assert_int_equal(world_now(lab.world), 0);
    refuses((Input){.kind = INPUT_TIMER, .conn = lab.conn, .timer = TIMER_PERSIST, .at = MICROS_NEVER},
            STATUS_NO_TIMER);
    refuses((Input){.kind = INPUT_TIMER, .conn = lab.conn, .timer = TIMER_RETRANSMIT, .at = SECOND}, STATUS_TOO_EARLY);
    refuses((Input){.kind = INPUT_TIMER, .conn = lab.conn, .timer = TIMER_COUNT, .at = MICROS_NEVER}, STATUS_NO_TIMER);
    refuses((Input){.kind = INPUT_WAIT, .at = 1000 * SECOND}, STATUS_TOO_EARLY);
}

static void timer_told(TimerKind timer, RuleId rule) {
    for (uint32_t i = lab.mark; i < trace_count(lab.trace); i++) {
        const Event event = trace_at(lab.trace, i);
        if (event.kind == EVENT_TIMER && event.timer == timer && event.rule == rule) return;
    }
    fail_msg("step %u: no event tells of %s by %s", lab.step, timer_name(timer), rule_info(rule)->name);
}

TEST(every_timer_is_told) {
    sets(HOST_RULE_keepalive, SECOND);
    establishes();
    passes(SECOND);
    sends("ACK seq=0 ack=1 len=0");
    timer_told(TIMER_KEEPALIVE, RULE_KEEPALIVE);
    afresh();
    sets(HOST_RULE_user_timeout, 1500 * MILLISECOND);
    establishes();
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    passes(SECOND);
    sends("PSH,ACK seq=1 len=10");
    timer_told(TIMER_RETRANSMIT, RULE_TIMEOUT_RETRANSMIT);
    passes(SECOND / 2);
    timer_told(TIMER_USER, RULE_TIMEOUT_USER);
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_TIMED_OUT);
    afresh();
    sets(HOST_RULE_fin_wait_2_timeout, 60 * SECOND);
    establishes();
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=1");
    moves("ESTABLISHED > FIN_WAIT_1");
    arrives("ACK seq=1 ack=2");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
    passes(60 * SECOND);
    timer_told(TIMER_FIN_WAIT_2, RULE_TIMEOUT_FIN_WAIT_2);
    moves("FIN_WAIT_2 > CLOSED");
    afresh();
    establishes_with(1000, 1460);
    hands_over(3000);
    sends("ACK seq=1 len=1000");
    arrives("ACK seq=1 ack=1001 win=300");
    passes(SECOND);
    timer_told(TIMER_PERSIST, RULE_SILLY_WINDOW_OVERRIDE);
    while (next_sent(&(Segment){0}, true)) continue;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(syn_sent_retransmits_and_gives_up),
        lab_test(syn_rcvd_retransmits),
        lab_test(syn_rcvd_gives_up),
        lab_test(a_lost_syn_makes_the_first_timeout_three_seconds),
        lab_test(after_a_lost_syn),
        lab_test(established_retransmits_the_oldest),
        lab_test(established_backs_off_and_gives_up),
        lab_test(progress_restarts_the_user_timeout),
        lab_test(more_data_does_not_restart_the_timer),
        lab_test(never_too_early),
        lab_test(fin_is_retransmitted),
        lab_test(data_and_fin_go_again_together),
        lab_test(persist_probes_with_growing_intervals),
        lab_test(persist_gives_up_where_nobody_answers),
        lab_test(persist_survives_a_lost_probe),
        lab_test(silly_window_is_busy),
        lab_test(persist_is_not_busy_while_probes_are_answered),
        lab_test(persist_ends_with_a_window_update),
        lab_test(persist_then_a_window_update),
        lab_test(persist_probe_that_is_taken),
        lab_test(persist_and_data_the_other_way),
        lab_test(persist_on_both_sides),
        lab_test(persist_probes_with_a_fin),
        lab_test(persist_probes_are_not_measured),
        lab_test(window_shrinks_to_nothing),
        lab_test(delayed_ack_waits),
        lab_test(delayed_ack_rides_on_data),
        lab_test(delayed_ack_of_every_second_segment),
        lab_test(delayed_ack_does_not_start_anew),
        lab_test(delayed_ack_switched_off),
        lab_test(one_ack_for_many),
        lab_test(two_full_segments_of_bytes),
        lab_test(an_ack_waits_less_than_half_a_second),
        lab_test(time_wait_lasts_two_msl),
        lab_test(time_wait_has_one_timer),
        lab_test(time_wait_lasts_what_the_host_says),
        lab_test(fin_wait_2_waits_for_ever),
        lab_test(fin_wait_2_ends_for_an_orphan),
        lab_test(fin_wait_2_does_not_end_after_shutdown),
        lab_test(close_wait_waits_for_ever),
        lab_test(a_timer_fires_when_told),
        lab_test(every_timer_is_told),
    };
    return cmocka_run_group_tests_name("timeout", tests, NULL, NULL);
}
