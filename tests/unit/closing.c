/* closing.c - the two FINs where they do not come in order, and what close() and shutdown() mean for what comes later.
 */
#include "lab.h"

/* ---- FIN_WAIT_1: the peer's FIN lies beyond a hole ---- */

TEST(fin_beyond_a_hole_and_the_ack_of_ours) {
    enters_fin_wait_1();
    arrives("FIN,ACK seq=21 ack=1 len=10");
    sends("ACK seq=2 ack=1");
    by_rule(RULE_SEQUENCE_LATER);
    arrives("ACK seq=1 ack=2 len=10"); /* fills part of the hole */
    sends("ACK seq=2 ack=11");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
    by_rule(RULE_ACK_FIN);
    arrives("ACK seq=11 ack=2 len=10");
    sends("ACK seq=2 ack=32");
    moves("FIN_WAIT_2 > TIME_WAIT");
    takes(30);
}

/* RFC 1122 4.2.2.8 (c): one arrow where one segment does both. */
TEST(fin_beyond_a_hole_that_fills_with_the_ack_of_ours) {
    enters_fin_wait_1();
    arrives("FIN,ACK seq=11 ack=1 len=10");
    sends("ACK seq=2 ack=1");
    arrives("ACK seq=1 ack=2 len=10");
    sends("ACK seq=2 ack=22");
    moves("FIN_WAIT_1 > TIME_WAIT");
    by_rule(RULE_ACK_FIN_AND_FIN);
}

/* ---- A second FIN, beyond the first one ---- */

TEST(a_second_fin_in_close_wait) {
    enters_close_wait();
    arrives("FIN,ACK seq=2 ack=1");
    sends("ACK seq=1 ack=2");
    by_rule(RULE_FIN_AGAIN);
    in_state(STATE_CLOSE_WAIT);
}
TEST(a_second_fin_in_time_wait) {
    enters_time_wait();
    passes(10 * SECOND);
    arrives("FIN,ACK seq=2 ack=2");
    sends("ACK seq=2 ack=2");
    by_rule(RULE_TIME_WAIT_FIN_AGAIN);
    runs(TIMER_TIME_WAIT, 60 * SECOND);
}

/* ---- After close() nobody reads: RFC 9293 3.6.1, SHLD-3 ---- */

static void closes(const char *fin, const char *chain) {
    calls(INPUT_CLOSE);
    sends(fin);
    moves(chain);
}

TEST(text_after_close) {
    establishes();
    closes("FIN,ACK seq=1 ack=1", "ESTABLISHED > FIN_WAIT_1");
    arrives("ACK seq=1 ack=2");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
    arrives("ACK seq=1 ack=2 len=10");
    sends("RST seq=2");
    moves("FIN_WAIT_2 > CLOSED");
    by_rule(RULE_TEXT_AFTER_CLOSE);
    assert_int_equal(look().error, STATUS_OK);
    no_timer_runs();
}
TEST(text_after_shutdown) {
    enters_fin_wait_2();
    arrives("ACK seq=1 ack=2 len=10");
    takes(10);
    passes(SECOND);
    sends("ACK seq=2 ack=11");
    calls(INPUT_CLOSE);
    arrives("ACK seq=11 ack=2 len=10");
    sends("RST seq=2");
    moves("FIN_WAIT_2 > CLOSED");
}
TEST(fin_after_close) {
    establishes();
    closes("FIN,ACK seq=1 ack=1", "ESTABLISHED > FIN_WAIT_1");
    arrives("FIN,ACK seq=1 ack=2");
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_1 > TIME_WAIT");
}
TEST(text_with_a_fin_after_close) {
    establishes();
    closes("FIN,ACK seq=1 ack=1", "ESTABLISHED > FIN_WAIT_1");
    arrives("FIN,ACK seq=1 ack=2 len=3");
    sends("RST seq=2");
    moves("FIN_WAIT_1 > CLOSED");
}
TEST(no_reading_after_close) {
    establishes();
    closes("FIN,ACK seq=1 ack=1", "ESTABLISHED > FIN_WAIT_1");
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_CONNECTION_CLOSING);
    arrives("RST seq=1");
    moves_failing("FIN_WAIT_1 > CLOSED", STATUS_CONNECTION_RESET);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(fin_beyond_a_hole_and_the_ack_of_ours),
        lab_test(fin_beyond_a_hole_that_fills_with_the_ack_of_ours),
        lab_test(a_second_fin_in_close_wait),
        lab_test(a_second_fin_in_time_wait),
        lab_test(text_after_close),
        lab_test(text_after_shutdown),
        lab_test(fin_after_close),
        lab_test(text_with_a_fin_after_close),
        lab_test(no_reading_after_close),
    };
    return cmocka_run_group_tests_name("closing", tests, NULL, NULL);
}
