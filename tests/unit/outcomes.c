/* outcomes.c - what events say became of a segment. */
#include "lab.h"

/* ---- What events say of a segment ---- */

/* The last judgement since the stimulus. */
static const Event *judged(Outcome outcome, RuleId rule) {
    for (uint32_t i = trace_count(lab.trace); i > lab.mark; i--) {
        const Event *event = trace_at(lab.trace, i - 1);
        if (event->outcome == OUTCOME_NONE) continue;
        if (event->outcome != outcome || event->rule != rule)
            fail_msg("step %u: %s (%s), not %s (%s)", lab.step, outcome_name(event->outcome),
                     rule_info(event->rule)->name, outcome_name(outcome), rule_info(rule)->name);
        return event;
    }
    fail_msg("step %u: nothing is said of the segment", lab.step);
    return NULL;
}

TEST(outcomes) {
    establishes();
    sets(HOST_RULE_limited_transmit, 0);
    arrives("ACK seq=1 ack=1 win=30000");
    assert_int_equal(judged(OUTCOME_WINDOW_UPDATE, RULE_ACK_WINDOW_UPDATE)->value, 30000);
    arrives("ACK seq=1 ack=1 win=30000");
    judged(OUTCOME_REFUSED, RULE_ACK_DUPLICATE);
    arrives("ACK seq=1 ack=1 len=10");
    assert_int_equal(judged(OUTCOME_TAKEN, RULE_TEXT_IN_ORDER)->value, 10);
    arrives("ACK seq=31 ack=1 len=10");
    sends("ACK seq=1 ack=11");
    judged(OUTCOME_KEPT, RULE_SEQUENCE_LATER);
    arrives("FIN,ACK seq=51 ack=1");
    sends("ACK seq=1 ack=11");
    judged(OUTCOME_KEPT, RULE_SEQUENCE_LATER);
    hands_over(1460);
    sends("PSH,ACK seq=1 ack=11 len=1460");
    for (int n = 1; n <= 3; n++) {
        arrives("ACK seq=11 ack=1");
        assert_int_equal(judged(OUTCOME_DUPLICATE_ACK, RULE_ACK_DUPLICATE_COUNTED)->value, n);
    }
    sends("PSH,ACK seq=1 ack=11 len=1460");
    arrives("ACK seq=11 ack=1461");
    assert_int_equal(judged(OUTCOME_TAKEN, RULE_ACK_NEW)->value, 0); /* it brings no text */
    arrives("RST seq=12");
    sends("ACK seq=1461 ack=11");
    judged(OUTCOME_ANSWERED, RULE_RST_CHALLENGE);
    arrives("RST seq=1000000");
    judged(OUTCOME_REFUSED, RULE_SEQUENCE_UNACCEPTABLE_RST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(outcomes),
    };
    return cmocka_run_group_tests_name("outcomes", tests, NULL, NULL);
}
