/* keepalive.c - is anybody there? (RFC 9293 3.8.4) */
#include "segments.h"

enum { IDLE = 7200, INTERVAL = 75, PROBES = 9 };

static void watches(void) {
    sets(HOST_RULE_keepalive, IDLE * SECOND);
    sets(HOST_RULE_keepalive_interval, INTERVAL * SECOND);
    sets(HOST_RULE_keepalive_probes, PROBES);
    establishes();
}

/* MUST-25, MUST-28: unasked, never; so the default interval is longer than any. */
TEST(never_unless_asked) {
    establishes();
    runs_not(TIMER_KEEPALIVE);
    passes(INT64_C(10000) * 86400 * SECOND);
    sends_nothing();
    in_state(STATE_ESTABLISHED);
}

/* MUST-26, MUST-27, SHLD-12, RFC 1122 4.2.3.6: SEQ = SND.NXT-1, no data, after exactly the time asked for. */
TEST(a_probe_after_silence) {
    static const int64_t idle[] = {1, 60, IDLE};
    for (size_t i = 0; i < 3; i++) {
        afresh();
        sets(HOST_RULE_keepalive, idle[i] * SECOND);
        establishes();
        passes(idle[i] * SECOND - 1);
        sends_nothing();
        passes(1);
        sends("ACK seq=0 ack=1 len=0");
        by_rule(RULE_KEEPALIVE);
    }
}

/* MUST-26: whatever is heard, data or a bare ACK, starts the time anew. */
TEST(what_is_heard_restarts) {
    watches();
    passes((IDLE - 1) * SECOND);
    arrives("ACK seq=1 ack=1");
    runs(TIMER_KEEPALIVE, IDLE * SECOND);
    passes((IDLE - 1) * SECOND);
    arrives("ACK seq=1 ack=1 len=1");
    runs(TIMER_KEEPALIVE, IDLE * SECOND);
    passes(SECOND);
    sends("ACK ack=2");
}

/* MUST-26: with something outstanding the retransmission asks. */
TEST(no_probe_while_something_is_outstanding) {
    sets(HOST_RULE_keepalive, 10 * SECOND);
    establishes();
    passes(5 * SECOND);
    hands_over(10);
    sends("PSH,ACK seq=1 len=10");
    passes(6 * SECOND);
    for (int i = 0; i < 2; i++) sends("PSH,ACK seq=1 len=10"); /* 1 s and 3 s later */
    sends_nothing();
}

/* MUST-29: one unanswered probe proves nothing; nine do here, and then the application is told. */
TEST(one_silence_proves_nothing) {
    watches();
    passes(IDLE * SECOND);
    for (int i = 0; i < PROBES; i++) {
        sends("ACK seq=0 ack=1");
        in_state(STATE_ESTABLISHED);
        passes(INTERVAL * SECOND - 1);
        sends_nothing();
        if (i + 1 < PROBES) passes(1);
    }
    passes(1);
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_TIMED_OUT);
    by_rule(RULE_KEEPALIVE_DEAD);
}

/* An answer, even to the last probe, and all is forgotten. */
TEST(an_answer_forgives) {
    watches();
    passes(IDLE * SECOND);
    sends("ACK seq=0 ack=1");
    for (int i = 1; i < PROBES; i++) {
        passes(INTERVAL * SECOND);
        sends("ACK seq=0 ack=1");
    }
    arrives("ACK seq=1 ack=1");
    runs(TIMER_KEEPALIVE, IDLE * SECOND);
    passes(IDLE * SECOND);
    for (int i = 0; i < 5; i++) {
        sends("ACK seq=0 ack=1");
        passes(INTERVAL * SECOND);
    }
    sends("ACK seq=0 ack=1");
    in_state(STATE_ESTABLISHED);
}

/* RFC 1122 4.2.3.6: a peer without the connection answers RST, a living one ACKs. */
TEST(the_other_end_of_a_probe) {
    establishes();
    arrives("ACK seq=0 ack=1");
    sends("ACK seq=1 ack=1");
    in_state(STATE_ESTABLISHED);
    calls(INPUT_ABORT);
    sends("RST");
    moves("ESTABLISHED > CLOSED");
    arrives("ACK seq=0 ack=1");
    sends("RST seq=1");
}

/* MUST-24: while it is open it can be switched off again. */
TEST(switched_off) {
    watches();
    passes(100 * SECOND);
    sets(HOST_RULE_keepalive, HOST_RULE_OFF);
    passes(100 * IDLE * SECOND);
    sends_nothing();
    runs_not(TIMER_KEEPALIVE);
}

/* MUST-24: and on. */
TEST(switched_on) {
    establishes();
    sets(HOST_RULE_keepalive, 10 * SECOND);
    runs(TIMER_KEEPALIVE, 10 * SECOND);
    passes(10 * SECOND);
    sends("ACK seq=0 ack=1 len=0");
}

/* Only while both may still hear: in ESTABLISHED and CLOSE_WAIT. */
TEST(where_it_runs) {
    watches();
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK ack=2");
    moves("ESTABLISHED > CLOSE_WAIT");
    passes(IDLE * SECOND);
    sends("ACK seq=0 ack=2");
    arrives("ACK seq=2 ack=1");
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=2");
    moves("CLOSE_WAIT > LAST_ACK");
    runs_not(TIMER_KEEPALIVE);
}

/* The rule may change in any state; it concerns those that are open. */
TEST(switched_on_in_any_state) {
    for (size_t i = 0; i < PLACES; i++) {
        afresh();
        places[i].reach();
        sets(HOST_RULE_keepalive, 10 * SECOND);
        if (places[i].state == STATE_ESTABLISHED || places[i].state == STATE_CLOSE_WAIT)
            runs(TIMER_KEEPALIVE, 10 * SECOND);
        else runs_not(TIMER_KEEPALIVE);
    }
}

/* A probe is sent again and again, but it is no retransmission of anything new: it repeats a number. */
TEST(a_probe_counts_as_sent_again) {
    establishes();
    sets(HOST_RULE_keepalive, 10 * SECOND);
    passes(10 * SECOND);
    sends("ACK seq=0 ack=1 len=0");
    uint32_t index = lab.mark;
    assert_true(event_after(&index, EVENT_SEND).again);
}

/* ... and so it is with what waits behind a closed window. */
TEST(no_probe_while_something_waits) {
    sets(HOST_RULE_keepalive, SECOND / 2);
    establishes();
    arrives("ACK seq=1 ack=1 win=0");
    hands_over(10);
    passes(SECOND - 1);
    sends_nothing();
    passes(1);
    sends("ACK seq=1 len=1");
}

/* A rule of the connection that has nothing to do with it leaves its time alone. */
TEST(another_rule_restarts_nothing) {
    watches();
    passes(SECOND);
    stimulus();
    accepted_input((Input){.kind = INPUT_RULE, .conn = lab.conn, .host = A, .rule = HOST_RULE_nagle, .value = 0});
    runs(TIMER_KEEPALIVE, (IDLE - 1) * SECOND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(never_unless_asked),
        lab_test(a_probe_after_silence),
        lab_test(what_is_heard_restarts),
        lab_test(no_probe_while_something_is_outstanding),
        lab_test(one_silence_proves_nothing),
        lab_test(an_answer_forgives),
        lab_test(the_other_end_of_a_probe),
        lab_test(switched_off),
        lab_test(switched_on),
        lab_test(where_it_runs),
        lab_test(switched_on_in_any_state),
        lab_test(a_probe_counts_as_sent_again),
        lab_test(no_probe_while_something_waits),
        lab_test(another_rule_restarts_nothing),
    };
    return cmocka_run_group_tests_name("keepalive", tests, NULL, NULL);
}
