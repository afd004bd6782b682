/* what_if.c - the rules fin_counts and ack_acks: what breaks where the standard is not followed. */
#include "pair.h"

static bool followed(RuleId rule) {
    for (uint32_t i = 0; i < trace_count(lab.trace); i++)
        if (trace_at(lab.trace, i).rule == rule) return true;
    return false;
}

/* The connection of two hosts of which each has the rule as given. */
static Pair pair_with(HostRule rule, int64_t a, int64_t b) {
    Pair p = open_pair();
    set_rule(A, rule, a);
    set_rule(B, rule, b);
    return p;
}

/* Both FINs take no number, and where nothing is lost both sides close all the same. */
PAIR_TEST(fins_without_numbers_close) {
    Pair p = pair_with(HOST_RULE_fin_counts, 0, 0);
    Seq una = view_of(p.client).snd.una;
    call_on(INPUT_CLOSE, p.client);
    runs_on();
    expect_state(p.client, STATE_FIN_WAIT_2);
    expect_state(p.server, STATE_CLOSE_WAIT);
    assert_true(seq_eq(view_of(p.client).snd.nxt, una) && seq_eq(view_of(p.server).rcv.nxt, una));
    assert_true(followed(RULE_WHAT_IF_FIN_UNCOUNTED) && !followed(RULE_ACK_FIN) && !followed(RULE_FIN_SENT));
    call_on(INPUT_CLOSE, p.server);
    runs_on();
    expect_state(p.client, STATE_TIME_WAIT);
    expect_state(p.server, STATE_CLOSED);
}

/* The FIN is lost, and the ACK of the text before it passes for its own: A believes that B knows. */
PAIR_TEST(an_ack_of_the_text_passes_for_that_of_the_fin) {
    Pair p = pair_with(HOST_RULE_fin_counts, 0, 0);
    send_text(p.client, "x");
    call_on(INPUT_CLOSE, p.client);
    on_packet(INPUT_DROP, packet_at(1));
    runs_on();
    expect_state(p.client, STATE_FIN_WAIT_2);
    expect_state(p.server, STATE_ESTABLISHED);
    assert_int_equal(view_of(p.server).unread, 1);
}

/* By the standard that ACK is none of the FIN, which is sent again. */
PAIR_TEST(a_fin_with_a_number_is_sent_again) {
    Pair p = pair_with(HOST_RULE_fin_counts, 1, 1);
    send_text(p.client, "x");
    call_on(INPUT_CLOSE, p.client);
    on_packet(INPUT_DROP, packet_at(1));
    runs_on();
    expect_state(p.server, STATE_CLOSE_WAIT);
    assert_true(followed(RULE_TIMEOUT_RETRANSMIT) && followed(RULE_ACK_FIN));
}

/* Two that count differently never agree; the throttle ends the exchange. */
PAIR_TEST(only_one_side_counts) {
    Pair p = pair_with(HOST_RULE_fin_counts, 0, 1);
    call_on(INPUT_CLOSE, p.client);
    runs_on();
    expect_state(p.client, STATE_FIN_WAIT_1);
    expect_state(p.server, STATE_CLOSE_WAIT);
    assert_true(followed(RULE_ACK_TOO_FAR) && followed(RULE_CHALLENGE_THROTTLED));
}

PAIR_TEST(the_fin_is_no_byte_to_read) {
    Pair p = pair_with(HOST_RULE_fin_counts, 0, 0);
    accepted_input(
        (Input){.kind = INPUT_SEND, .conn = p.client, .bytes = (const uint8_t *)"xyz", .length = 3, .urgent = true});
    call_on(INPUT_CLOSE, p.client);
    runs_on();
    expect_state(p.server, STATE_CLOSE_WAIT);
    assert_int_equal(view_of(p.server).urgent, 3);
    accepted_input((Input){.kind = INPUT_RECV, .conn = p.server, .count = 3});
    assert_int_equal(view_of(p.server).urgent, 0);
}

static uint32_t storms(void) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < trace_count(lab.trace); i++) count += trace_at(lab.trace, i).rule == RULE_ORACLE_STORM;
    return count;
}

/* The throttle is for segments that are not acceptable; these are, so only the oracle says that nothing comes of it. */
PAIR_TEST(acks_of_acks_never_end) {
    Pair p = pair_with(HOST_RULE_ack_acks, 1, 1);
    send_text(p.client, "x");
    for (int i = 0; i < 200; i++) assert_true(step());
    assert_true(world_busy(lab.world));
    assert_int_equal(storms(), 3);
    assert_true(followed(RULE_WHAT_IF_ACK_OF_ACK) && !followed(RULE_CHALLENGE_THROTTLED));
    expect_state(p.client, STATE_ESTABLISHED);
}

/* An ACK that nobody acknowledges ends it. */
PAIR_TEST(acks_of_acks_of_one_side_end) {
    Pair p = pair_with(HOST_RULE_ack_acks, 1, 0);
    send_text(p.client, "x");
    runs_on();
    assert_true(followed(RULE_WHAT_IF_ACK_OF_ACK));
    assert_int_equal(storms(), 0);
}

/* What goes round comes to the same worlds again: there are no more of them however long it goes on. */
PAIR_TEST(a_storm_meets_the_same_worlds) {
    enum { ROUND = 64 };
    Pair p = pair_with(HOST_RULE_ack_acks, 1, 1);
    send_text(p.client, "x");
    for (int i = 0; i < 2 * ROUND; i++) assert_true(step());
    uint64_t digest = world_digest(lab.world);
    for (int i = 0; i < ROUND; i++) assert_true(step());
    assert_true(world_digest(lab.world) == digest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(fins_without_numbers_close),        lab_test(an_ack_of_the_text_passes_for_that_of_the_fin),
        lab_test(a_fin_with_a_number_is_sent_again), lab_test(only_one_side_counts),
        lab_test(the_fin_is_no_byte_to_read),        lab_test(acks_of_acks_never_end),
        lab_test(acks_of_acks_of_one_side_end),      lab_test(a_storm_meets_the_same_worlds),
    };
    return cmocka_run_group_tests_name("what_if", tests, NULL, NULL);
}
