/* urgent.c - urgent data (RFC 9293 3.8.5). */
#include "segments.h"

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

/* The sixth step holds for a SYN,ACK too (RFC 9293 3.10.7.3, fourth). */
TEST(urgent_with_the_syn_ack) {
    connects();
    arrives("SYN,ACK,URG seq=0 ack=1 mss=1460 urg=5");
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    by_rule(RULE_URGENT);
    assert_int_equal(look().urgent, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(urgent_through_a_closed_window), lab_test(urgent_data_of_any_length),
        lab_test(urgent_notice_goes_ahead),       lab_test(urgent_data_is_told),
        lab_test(urgent_with_the_syn_ack),
    };
    return cmocka_run_group_tests_name("urgent", tests, NULL, NULL);
}
