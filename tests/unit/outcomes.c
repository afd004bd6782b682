/* outcomes.c - what events say became of a segment. */
#include "pair.h"

/* ---- What events say of a segment ---- */

/* The last judgement since the stimulus. */
static Event judged(Outcome outcome, RuleId rule) {
    for (uint32_t i = trace_count(lab.trace); i > lab.mark; i--) {
        const Event event = trace_at(lab.trace, i - 1);
        if (event.outcome == OUTCOME_NONE) continue;
        if (event.outcome != outcome || event.rule != rule)
            fail_msg("step %u: %s (%s), not %s (%s)", lab.step, outcome_name(event.outcome),
                     rule_info(event.rule)->name, outcome_name(outcome), rule_info(rule)->name);
        return event;
    }
    fail_msg("step %u: nothing is said of the segment", lab.step);
    return (Event){0};
}

/* A value stands only where text, a window or a count is told. */
static void says_nothing_more(Event event) { assert_int_equal(event.value, 0); }

TEST(outcomes) {
    establishes();
    sets(HOST_RULE_limited_transmit, 0);
    arrives("ACK seq=1 ack=1 win=30000");
    assert_int_equal(judged(OUTCOME_WINDOW_UPDATE, RULE_ACK_WINDOW_UPDATE).value, 30000);
    arrives("ACK seq=1 ack=1 win=30000");
    says_nothing_more(judged(OUTCOME_REFUSED, RULE_ACK_DUPLICATE));
    arrives("ACK seq=1 ack=1 len=10");
    assert_int_equal(judged(OUTCOME_TAKEN, RULE_TEXT_IN_ORDER).value, 10);
    arrives("ACK seq=31 ack=1 len=10");
    sends("ACK seq=1 ack=11");
    says_nothing_more(judged(OUTCOME_KEPT, RULE_SEQUENCE_LATER));
    arrives("FIN,ACK seq=51 ack=1");
    sends("ACK seq=1 ack=11");
    judged(OUTCOME_KEPT, RULE_SEQUENCE_LATER);
    hands_over(1460);
    sends("PSH,ACK seq=1 ack=11 len=1460");
    for (int n = 1; n <= 3; n++) {
        arrives("ACK seq=11 ack=1");
        assert_int_equal(judged(OUTCOME_DUPLICATE_ACK, RULE_ACK_DUPLICATE_COUNTED).value, n);
    }
    sends("PSH,ACK seq=1 ack=11 len=1460");
    arrives("ACK seq=11 ack=1461");
    says_nothing_more(judged(OUTCOME_TAKEN, RULE_ACK_NEW));
    arrives("RST seq=12");
    sends("ACK seq=1461 ack=11");
    says_nothing_more(judged(OUTCOME_ANSWERED, RULE_RST_CHALLENGE));
    arrives("RST seq=1000000");
    judged(OUTCOME_REFUSED, RULE_SEQUENCE_UNACCEPTABLE_RST);
}

/* No connection takes it. */
TEST(outcomes_without_a_connection) {
    arrives("ACK seq=1 ack=1");
    sends("RST seq=1");
    judged(OUTCOME_ANSWERED, RULE_CLOSED_RESET);
    arrives("RST seq=1");
    const Event event = judged(OUTCOME_REFUSED, RULE_CLOSED_RST);
    assert_int_equal(event.host, A);
    assert_true(endpoint_eq(event.src, LOCAL));
    assert_true(endpoint_eq(event.dst, PEER));
}

TEST(outcomes_of_an_answered_probe) {
    establishes();
    arrives("ACK seq=1 ack=1 win=0");
    hands_over(10);
    passes(SECOND);
    sends("ACK seq=1 len=1");
    arrives("ACK seq=1 ack=1 win=0");
    says_nothing_more(judged(OUTCOME_TAKEN, RULE_ACK_PROBE_ANSWERED));
    arrives("ACK seq=1 ack=1 win=0");
    judged(OUTCOME_REFUSED, RULE_ACK_DUPLICATE); /* once is enough */
}

TEST(outcomes_of_urgent_data) {
    establishes();
    arrives("ACK,URG seq=1 ack=1 urg=300");
    says_nothing_more(judged(OUTCOME_TAKEN, RULE_URGENT));
}

/* A bare ACK at the right edge of a window that has a hole. */
TEST(outcomes_at_the_right_edge) {
    establishes();
    arrives("ACK seq=2 ack=1 len=1");
    sends("ACK seq=1 ack=1");
    uint32_t edge = 1 + look().rcv.wnd;
    arrives(line("ACK seq=%u ack=1", edge));
    for (uint32_t i = lab.mark; i < trace_count(lab.trace); i++)
        if (trace_at(lab.trace, i).rule == RULE_SEQUENCE_FILLED) says_nothing_more(trace_at(lab.trace, i));
    by_rule(RULE_SEQUENCE_FILLED);
}

TEST(outcomes_in_listen) {
    listens();
    arrives("ACK seq=1 ack=1");
    sends("RST seq=1");
    judged(OUTCOME_ANSWERED, RULE_LISTEN_ACK);
}

TEST(outcomes_in_syn_sent) {
    connects();
    arrives("ACK seq=0 ack=5");
    sends("RST seq=5");
    judged(OUTCOME_ANSWERED, RULE_SYN_SENT_BAD_ACK);
}

/* Events that belong to no connection name the host. */
PAIR_TEST(events_of_a_host) {
    connect_from(A, PORT_A, ADDR_B, 99);
    lab.mark = trace_count(lab.trace);
    step();
    assert_int_equal(judged(OUTCOME_ANSWERED, RULE_CLOSED_RESET).host, B);
    accepted_input((Input){.kind = INPUT_CRASH, .host = B});
    assert_int_equal(last_event().rule, RULE_CRASH);
    assert_int_equal(last_event().host, B);
}

/* Where one segment asks for an ACK twice, the ACK names the first reason. */
TEST(the_first_reason_of_an_ack) {
    establishes();
    arrives("FIN,ACK seq=11 ack=1 len=10");
    sends("ACK seq=1 ack=1");
    arrives("ACK seq=1 ack=1 len=10");
    sends("ACK seq=1 ack=22");
    moves("ESTABLISHED > CLOSE_WAIT");
    uint32_t index = lab.mark;
    assert_int_equal(event_after(&index, EVENT_SEND).rule, RULE_ACK_NOW);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(outcomes),
        lab_test(outcomes_without_a_connection),
        lab_test(outcomes_of_an_answered_probe),
        lab_test(outcomes_of_urgent_data),
        lab_test(outcomes_at_the_right_edge),
        lab_test(outcomes_in_listen),
        lab_test(outcomes_in_syn_sent),
        lab_test(events_of_a_host),
        lab_test(the_first_reason_of_an_ack),
    };
    return cmocka_run_group_tests_name("outcomes", tests, NULL, NULL);
}
