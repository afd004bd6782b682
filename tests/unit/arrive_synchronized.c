/* arrive_synchronized.c - SEGMENT ARRIVES in the seven synchronized states (RFC 9293 3.10.7.4), step by step and state
 * by state. */
#include "lab.h"

static const char *ack_of(const Place *p) { return line("ACK seq=%u ack=%u", p->nxt, p->expected); }

/* ---- First: the sequence number ---- */

static void outside_the_window(const Place *p) {
    static const int outside[] = {-1, -1000, 65536, 100000, -(1 << 30)};
    bool waits = p->state == STATE_TIME_WAIT;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        int seq = (int)p->expected + outside[i];
        arrives(line("ACK seq=%d ack=%u", seq, p->una));
        sends(ack_of(p));
        by_rule(i == 0 ? RULE_SEQUENCE_BEHIND_PROBE : RULE_SEQUENCE_UNACCEPTABLE);
        arrives(line("SYN,ACK seq=%d ack=%u", seq, p->una));
        sends(ack_of(p));
        arrives(line("RST seq=%d", seq));
        by_rule(RULE_SEQUENCE_UNACCEPTABLE_RST);
        in_state(p->state);
    }
    if (waits) runs(TIMER_TIME_WAIT, 60 * SECOND);
}
TEST(unacceptable) { everywhere(outside_the_window); }

/* 65535 bytes of window, from what is expected next. */
static void at_the_right_edge(const Place *p) {
    uint32_t edge = p->expected + 65535;
    arrives(line("ACK seq=%u ack=%u", edge - 1, p->una));
    sends_nothing();
    arrives(line("ACK seq=%u ack=%u", edge, p->una));
    sends(ack_of(p));
    arrives(line("ACK seq=%u ack=%u len=1", edge, p->una));
    sends(ack_of(p));
    arrives(line("RST seq=%u", edge));
    in_state(p->state);
}
TEST(window_edge) { everywhere(at_the_right_edge); }

/* Behind a hole it is clear that the peer has filled the window: what it acknowledges from the right edge counts. */
TEST(window_edge_beyond_a_hole) {
    sets(HOST_RULE_recv_buffer, 1000);
    establishes();
    hands_over(10);
    sends("PSH,ACK seq=1 ack=1 len=10");
    arrives("ACK seq=501 ack=1 len=500");
    sends("ACK seq=11 ack=1");
    arrives("ACK seq=1001 ack=11");
    sends_nothing();
    by_rule(RULE_SEQUENCE_FILLED);
    assert_int_equal(look().unacked, 0);
}

/* Two sides that find each other's ACKs unacceptable answer ten times in five seconds, not for ever. */
TEST(unacceptable_acks_are_answered_ten_times) {
    establishes();
    for (int i = 0; i < 10; i++) {
        arrives("ACK seq=70000 ack=1");
        sends("ACK seq=1 ack=1");
    }
    arrives("ACK seq=70000 ack=1");
    sends_nothing();
    by_rule(RULE_CHALLENGE_THROTTLED);
    passes(5 * SECOND);
    arrives("ACK seq=70000 ack=1");
    sends("ACK seq=1 ack=1");
}

/* However slowly they come: twenty in a row are enough, until something acceptable arrives. */
TEST(unacceptable_acks_are_answered_twenty_times_in_a_row) {
    establishes();
    for (int i = 0; i < 20; i++) {
        passes(SECOND);
        arrives("ACK seq=70000 ack=1");
        sends("ACK seq=1 ack=1");
    }
    passes(SECOND);
    arrives("ACK seq=70000 ack=1");
    sends_nothing();
    by_rule(RULE_CHALLENGE_THROTTLED);
    arrives("ACK seq=1 ack=1");
    sends_nothing();
    arrives("ACK seq=70000 ack=1");
    sends("ACK seq=1 ack=1");
}

/* The same limit for an ACK one number too low, and for what PAWS refuses. */
TEST(keep_alive_probes_are_answered_ten_times) {
    establishes();
    for (int i = 0; i < 10; i++) {
        arrives("ACK seq=0 ack=1");
        sends("ACK seq=1 ack=1");
        by_rule(RULE_SEQUENCE_BEHIND_PROBE);
    }
    arrives("ACK seq=0 ack=1");
    sends_nothing();
    by_rule(RULE_CHALLENGE_THROTTLED);
}

/* A closed window: only RCV.NXT without data is acceptable, but ACK, RST and URG of what stands there count (MUST-66).
 */
static void with_a_closed_window(void) {
    sets(HOST_RULE_recv_buffer, 1000);
    establishes();
    arrives("ACK seq=1 ack=1 len=1000");
    passes(SECOND);
    sends("ACK seq=1 ack=1001 win=0");
}
TEST(closed_window_text) {
    with_a_closed_window();
    arrives("ACK seq=1001 ack=1 len=1");
    sends("ACK seq=1 ack=1001 win=0");
    by_rule(RULE_SEQUENCE_CLOSED_WINDOW);
    arrives("ACK seq=1002 ack=1");
    sends("ACK seq=1 ack=1001 win=0");
    assert_int_equal(look().unread, 1000);
}
TEST(closed_window_ack_counts) {
    with_a_closed_window();
    hands_over(10);
    sends("PSH,ACK seq=1 ack=1001 len=10");
    arrives("ACK seq=1001 ack=11 len=5");
    sends("ACK seq=11 ack=1001 win=0");
    assert_int_equal(look().unacked, 0);
}
TEST(closed_window_urgent_counts) {
    with_a_closed_window();
    arrives("ACK,URG seq=1001 ack=1 len=5 urg=5");
    sends("ACK seq=1 ack=1001");
    by_rule(RULE_URGENT);
}
TEST(closed_window_rst_counts) {
    with_a_closed_window();
    arrives("RST seq=1001 len=5");
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
}
TEST(closed_window_fin_waits) {
    with_a_closed_window();
    arrives("FIN,ACK seq=1001 ack=1");
    sends("ACK seq=1 ack=1001 win=0");
    in_state(STATE_ESTABLISHED);
    takes(1000);
    sends("ACK seq=1 ack=1001 win=1000");
    arrives("FIN,ACK seq=1001 ack=1");
    sends("ACK seq=1 ack=1002");
    moves("ESTABLISHED > CLOSE_WAIT");
}

TEST(text_past_the_window_is_cut) {
    sets(HOST_RULE_recv_buffer, 1000);
    establishes();
    arrives("FIN,ACK seq=1 ack=1 len=1400");
    assert_int_equal(look().unread, 1000);
    in_state(STATE_ESTABLISHED);
    passes(SECOND);
    sends("ACK seq=1 ack=1001 win=0");
}

/* The FIN has a number of its own, and that one lies past the edge. */
TEST(fin_past_the_window_is_cut) {
    sets(HOST_RULE_recv_buffer, 1000);
    establishes();
    arrives("FIN,ACK seq=1 ack=1 len=1000");
    assert_int_equal(look().unread, 1000);
    in_state(STATE_ESTABLISHED);
    passes(SECOND);
    sends("ACK seq=1 ack=1001 win=0");
}

TEST(text_before_the_window_is_cut) {
    establishes();
    arrives("ACK seq=1 ack=1 len=100");
    arrives("FIN,ACK seq=51 ack=1 len=100");
    sends("ACK seq=1 ack=152");
    moves("ESTABLISHED > CLOSE_WAIT");
    takes(150);
}

/* ---- Second: RST ---- */

static void exact_rst(const Place *p) {
    bool both_closed = p->state == STATE_CLOSING || p->state == STATE_LAST_ACK || p->state == STATE_TIME_WAIT;
    char chain[40];
    snprintf(chain, sizeof chain, "%s > CLOSED", p->name);
    arrives(line("RST seq=%u", p->expected));
    if (both_closed) moves(chain);
    else moves_failing(chain, STATUS_CONNECTION_RESET);
    by_rule(both_closed ? RULE_RST_CLOSING : RULE_RST_RESET);
    assert_true(look().gone);
    no_timer_runs();
}
TEST(rst_at_the_edge) { everywhere(exact_rst); }

/* As Linux does. */
TEST(rst_in_closing_is_told_where_the_rule_says_so) {
    sets(HOST_RULE_closing_reset, 1);
    enters_closing();
    arrives("RST seq=2");
    moves_failing("CLOSING > CLOSED", STATUS_CONNECTION_RESET);
    by_rule(RULE_RST_CLOSING_TOLD);
}
TEST(rst_in_last_ack_is_told_where_the_rule_says_so) {
    sets(HOST_RULE_closing_reset, 1);
    enters_last_ack();
    arrives("RST seq=2");
    moves_failing("LAST_ACK > CLOSED", STATUS_CONNECTION_RESET);
}

/* RFC 5961 3.2 */
static void near_rst(const Place *p) {
    arrives(line("RST seq=%u", p->expected + 1));
    sends(ack_of(p));
    by_rule(RULE_RST_CHALLENGE);
    arrives(line("RST,ACK seq=%u ack=%u", p->expected + 60000, p->nxt));
    sends(ack_of(p));
    in_state(p->state);
}
TEST(rst_in_the_window) { everywhere(near_rst); }

static void near_rst_unchallenged(const Place *p) {
    char chain[40];
    snprintf(chain, sizeof chain, "%s > CLOSED", p->name);
    sets(HOST_RULE_challenge_ack, 0);
    arrives(line("RST seq=%u", p->expected + 1));
    if (p->state == STATE_TIME_WAIT || p->state == STATE_CLOSING || p->state == STATE_LAST_ACK) moves(chain);
    else moves_failing(chain, STATUS_CONNECTION_RESET);
}
TEST(rst_in_the_window_without_challenges) { everywhere(near_rst_unchallenged); }

/* What was acknowledged is there: first the bytes, then the error. */
TEST(reset_keeps_what_was_unread) {
    establishes();
    arrives("ACK seq=1 ack=1 len=10");
    arrives("RST seq=11");
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
    assert_int_equal(look().unread, 10);
    takes(10);
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_CONNECTION_RESET);
}

/* A clean end is told only where it was one. */
TEST(reset_after_the_fin) {
    establishes();
    arrives("FIN,ACK seq=1 ack=1 len=5");
    sends("ACK seq=1 ack=7");
    moves("ESTABLISHED > CLOSE_WAIT");
    arrives("RST seq=7");
    moves_failing("CLOSE_WAIT > CLOSED", STATUS_CONNECTION_RESET);
    takes(5);
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_CONNECTION_RESET);
}

/* ---- Fourth: SYN ---- */

static void syn_in_window(const Place *p) {
    arrives(line("SYN seq=%u", p->expected));
    sends(ack_of(p));
    by_rule(RULE_SYN_CHALLENGE);
    arrives(line("SYN,ACK seq=%u ack=%u", p->expected + 10, p->nxt));
    sends(ack_of(p));
    in_state(p->state);
}
TEST(syn) { everywhere(syn_in_window); }

static void syn_unchallenged(const Place *p) {
    char chain[40];
    snprintf(chain, sizeof chain, "%s > CLOSED", p->name);
    sets(HOST_RULE_challenge_ack, 0);
    arrives(line("SYN,ACK seq=%u ack=%u", p->expected, p->nxt));
    sends(line("RST seq=%u", p->nxt));
    moves_failing(chain, STATUS_CONNECTION_RESET);
    by_rule(RULE_SYN_RESET);
}
TEST(syn_without_challenges) { everywhere(syn_unchallenged); }

/* ---- Fifth: ACK ---- */

static void no_ack(const Place *p) {
    arrives(line("none seq=%u len=4", p->expected));
    by_rule(RULE_ACK_MISSING);
    arrives(line("FIN seq=%u", p->expected));
    by_rule(RULE_ACK_MISSING);
    in_state(p->state);
    assert_int_equal(look().unread, 0);
}
TEST(ack_missing) { everywhere(no_ack); }

static void ack_ahead(const Place *p) {
    arrives(line("ACK seq=%u ack=%u len=3", p->expected, p->nxt + 1));
    sends(ack_of(p));
    by_rule(RULE_ACK_TOO_FAR);
    arrives(line("ACK seq=%u ack=%u", p->expected, p->nxt + (1 << 30)));
    sends(ack_of(p));
    in_state(p->state);
    assert_int_equal(look().unread, 0);
}
TEST(ack_too_far) { everywhere(ack_ahead); }

/* RFC 5961 5.2: MAX.SND.WND is 65535 here. SND.UNA is the number after our SYN, or after our FIN where that was
 * acknowledged. */
static void ack_behind(const Place *p) {
    arrives(line("ACK seq=%u ack=%d", p->expected, (int)p->una - 65535));
    sends_nothing();
    arrives(line("ACK seq=%u ack=%d", p->expected, (int)p->una - 65536));
    sends(ack_of(p));
    by_rule(RULE_ACK_OUT_OF_RANGE);
    in_state(p->state);
}
TEST(ack_out_of_range) { everywhere(ack_behind); }

static void ack_behind_unchallenged(const Place *p) {
    sets(HOST_RULE_challenge_ack, 0);
    arrives(line("ACK seq=%u ack=%d", p->expected, -1000000));
    not_by_rule(RULE_ACK_OUT_OF_RANGE);
    in_state(p->state);
}
TEST(ack_out_of_range_without_challenges) { everywhere(ack_behind_unchallenged); }

TEST(established_ack_of_data) {
    establishes();
    hands_over(100);
    sends("PSH,ACK seq=1 ack=1 len=100");
    arrives("ACK seq=1 ack=61");
    by_rule(RULE_ACK_NEW);
    assert_int_equal(look().snd.una.value, X + 61);
    assert_int_equal(look().unacked, 40);
    runs(TIMER_RETRANSMIT, SECOND);
    arrives("ACK seq=1 ack=101");
    assert_int_equal(look().unacked, 0);
    no_timer_runs();
}

/* SND.WND follows newer segments only. */
TEST(established_window_update) {
    establishes();
    arrives("ACK seq=1 ack=1 win=2000");
    assert_int_equal(look().snd.wnd, 2000);
    arrives("ACK seq=5 ack=1 win=3000"); /* WL1 < SEG.SEQ */
    assert_int_equal(look().snd.wnd, 3000);
    assert_int_equal(look().snd.wl1.value, Y + 5);
    arrives("ACK seq=1 ack=1 win=100"); /* older */
    assert_int_equal(look().snd.wnd, 3000);
    hands_over(10);
    sends("PSH,ACK seq=1 ack=1 len=10");
    arrives("ACK seq=5 ack=11 win=4000"); /* WL1 = SEG.SEQ, WL2 < SEG.ACK */
    assert_int_equal(look().snd.wnd, 4000);
    arrives("ACK seq=5 ack=1 win=50"); /* an old ACK */
    assert_int_equal(look().snd.wnd, 4000);
}

TEST(fin_wait_1_ack) {
    enters_fin_wait_1();
    arrives("ACK seq=1 ack=2");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
    by_rule(RULE_ACK_FIN);
    no_timer_runs();
}

TEST(fin_wait_1_ack_of_data_only) {
    establishes();
    hands_over(10);
    sends("PSH,ACK seq=1 ack=1 len=10");
    calls(INPUT_SHUTDOWN);
    sends("FIN,ACK seq=11 ack=1");
    moves("ESTABLISHED > FIN_WAIT_1");
    arrives("ACK seq=1 ack=11");
    in_state(STATE_FIN_WAIT_1);
    arrives("ACK seq=1 ack=12");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
}

/* RFC 1122 4.2.2.8 (c) */
TEST(fin_wait_1_fin_that_acknowledges) {
    enters_fin_wait_1();
    arrives("FIN,ACK seq=1 ack=2");
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_1 > TIME_WAIT");
    by_rule(RULE_ACK_FIN_AND_FIN);
    runs(TIMER_TIME_WAIT, 60 * SECOND);
    runs_not(TIMER_RETRANSMIT);
}

TEST(fin_wait_1_data_and_fin_that_acknowledge) {
    enters_fin_wait_1();
    arrives("FIN,ACK seq=1 ack=2 len=20");
    sends("ACK seq=2 ack=22");
    moves("FIN_WAIT_1 > TIME_WAIT");
    takes(20);
}

TEST(closing_ack) {
    enters_closing();
    arrives("ACK seq=2 ack=2");
    moves("CLOSING > TIME_WAIT");
    by_rule(RULE_ACK_FIN_CLOSING);
    runs(TIMER_TIME_WAIT, 60 * SECOND);
    runs_not(TIMER_RETRANSMIT);
}

TEST(closing_old_ack) {
    enters_closing();
    arrives("ACK seq=2 ack=1");
    in_state(STATE_CLOSING);
    runs(TIMER_RETRANSMIT, SECOND);
}

TEST(last_ack_ack) {
    enters_last_ack();
    arrives("ACK seq=2 ack=2");
    moves("LAST_ACK > CLOSED");
    by_rule(RULE_ACK_FIN_LAST);
    assert_int_equal(look().error, STATUS_OK);
    assert_true(look().gone);
    no_timer_runs();
}

TEST(last_ack_ack_of_data_first) {
    enters_close_wait();
    hands_over(10);
    sends("PSH,ACK seq=1 ack=2 len=10");
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=11 ack=2");
    moves("CLOSE_WAIT > LAST_ACK");
    arrives("ACK seq=2 ack=11");
    in_state(STATE_LAST_ACK);
    arrives("ACK seq=2 ack=12");
    moves("LAST_ACK > CLOSED");
}

/* ---- Sixth: URG ---- */

static void urgent(const Place *p) {
    bool reads = p->state == STATE_ESTABLISHED || p->state == STATE_FIN_WAIT_1 || p->state == STATE_FIN_WAIT_2;
    static const struct {
        unsigned pointer;
        bool news;
    } tries[] = {{5, true}, {5, false}, {4, false}, {6, true}};
    for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++) { /* another window each time: no duplicate ACKs */
        arrives(line("ACK,URG seq=%u ack=%u win=%u urg=%u", p->expected, p->una, 9000 + i, tries[i].pointer));
        if (reads && tries[i].news) by_rule(RULE_URGENT);
        else not_by_rule(RULE_URGENT);
    }
}
TEST(urg) { everywhere(urgent); }

/* ---- Seventh: text ---- */

static void text(const Place *p) {
    bool reads = p->state == STATE_ESTABLISHED || p->state == STATE_FIN_WAIT_1 || p->state == STATE_FIN_WAIT_2;
    arrives(line("ACK seq=%u ack=%u len=30", p->expected, p->una));
    if (reads) {
        by_rule(RULE_TEXT_IN_ORDER);
        assert_int_equal(look().rcv.nxt.value, Y + 31);
        runs(TIMER_DELAYED_ACK, SECOND / 5);
        passes(SECOND / 5);
        sends("ACK");
        assert_int_equal(look().unread, 30);
    } else {
        by_rule(RULE_TEXT_AFTER_FIN);
        assert_int_equal(look().unread, 0);
        assert_int_equal(look().rcv.nxt.value, Y + 2);
    }
}
TEST(text_arrives) { everywhere(text); }

/* ---- Eighth: FIN ---- */

TEST(established_fin) {
    establishes();
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK seq=1 ack=2");
    moves("ESTABLISHED > CLOSE_WAIT");
    by_rule(RULE_FIN_ESTABLISHED);
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_END_OF_DATA);
    no_timer_runs();
}

TEST(established_fin_with_data) {
    establishes();
    arrives("FIN,PSH,ACK seq=1 ack=1 len=9");
    sends("ACK seq=1 ack=11");
    moves("ESTABLISHED > CLOSE_WAIT");
    takes(9);
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_END_OF_DATA);
}

TEST(established_fin_ahead_of_a_hole) {
    establishes();
    arrives("FIN,ACK seq=11 ack=1 len=10");
    sends("ACK seq=1 ack=1");
    in_state(STATE_ESTABLISHED);
    arrives("ACK seq=1 ack=1 len=10");
    sends("ACK seq=1 ack=22");
    moves("ESTABLISHED > CLOSE_WAIT");
    takes(20);
}

TEST(established_bare_fin_ahead_of_a_hole) {
    establishes();
    arrives("FIN,ACK seq=11 ack=1");
    sends("ACK seq=1 ack=1");
    arrives("ACK seq=1 ack=1 len=10");
    sends("ACK seq=1 ack=12");
    moves("ESTABLISHED > CLOSE_WAIT");
}

TEST(established_fin_again_after_close_wait) {
    enters_close_wait();
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK seq=1 ack=2");
    by_rule(RULE_SEQUENCE_UNACCEPTABLE);
    in_state(STATE_CLOSE_WAIT);
}

/* The application closes in the instant in which it learns of it: one segment is enough. */
TEST(established_fin_with_an_application_that_closes) {
    receives_syn_with(true);
    arrives("ACK seq=1 ack=1");
    moves("SYN_RCVD > ESTABLISHED");
    arrives("FIN,ACK seq=1 ack=1");
    sends("FIN,ACK seq=1 ack=2");
    moves("ESTABLISHED > CLOSE_WAIT > LAST_ACK");
}

TEST(fin_wait_1_fin) {
    enters_fin_wait_1();
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_1 > CLOSING");
    by_rule(RULE_FIN_FIN_WAIT_1);
    runs(TIMER_RETRANSMIT, SECOND);
}

TEST(fin_wait_1_fin_fin) {
    enters_fin_wait_1();
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_1 > CLOSING");
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK seq=2 ack=2");
    in_state(STATE_CLOSING);
}

/* The FIN waits behind a hole, so our FIN's ACK alone comes first. */
TEST(fin_wait_1_fin_ahead_of_a_hole) {
    enters_fin_wait_1();
    arrives("FIN,ACK seq=11 ack=2");
    sends("ACK seq=2 ack=1");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
    arrives("ACK seq=1 ack=2 len=10");
    sends("ACK seq=2 ack=12");
    moves("FIN_WAIT_2 > TIME_WAIT");
    takes(10);
}

TEST(fin_wait_2_data_then_fin) {
    enters_fin_wait_2();
    arrives("ACK seq=1 ack=2 len=50");
    arrives("FIN,ACK seq=51 ack=2");
    sends("ACK seq=2 ack=52");
    moves("FIN_WAIT_2 > TIME_WAIT");
    by_rule(RULE_FIN_FIN_WAIT_2);
    runs(TIMER_TIME_WAIT, 60 * SECOND);
    runs_not(TIMER_DELAYED_ACK);
    takes(50);
}

TEST(time_wait_fin_again) {
    enters_time_wait();
    passes(10 * SECOND);
    runs(TIMER_TIME_WAIT, 50 * SECOND);
    arrives("FIN,ACK seq=1 ack=2");
    sends("ACK seq=2 ack=2");
    by_rule(RULE_TIME_WAIT_FIN_AGAIN);
    runs(TIMER_TIME_WAIT, 60 * SECOND);
}

TEST(time_wait_other_segments_do_not_restart) {
    enters_time_wait();
    passes(10 * SECOND);
    arrives("ACK seq=2 ack=2");
    arrives("ACK seq=1 ack=2");
    sends("ACK seq=2 ack=2");
    arrives("FIN,ACK seq=-5 ack=2");
    sends("ACK seq=2 ack=2");
    runs(TIMER_TIME_WAIT, 50 * SECOND);
}

/* What if there were no TIME_WAIT: one state's worth of arrows leads to CLOSED instead. */
TEST(no_time_wait) {
    enters_closing();
    sets(HOST_RULE_time_wait, 0);
    arrives("ACK seq=2 ack=2");
    moves("CLOSING > CLOSED");
    by_rule(RULE_WHAT_IF_NO_TIME_WAIT);
    arrives("FIN,ACK seq=1 ack=2");
    sends("RST seq=2");
}

TEST(no_time_wait_after_fin_wait_2) {
    enters_fin_wait_2();
    sets(HOST_RULE_time_wait, HOST_RULE_OFF);
    arrives("FIN,ACK seq=1 ack=2");
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_2 > CLOSED");
    assert_int_equal(look().error, STATUS_OK);
}

TEST(no_time_wait_after_fin_wait_1) {
    enters_fin_wait_1();
    sets(HOST_RULE_time_wait, HOST_RULE_OFF);
    arrives("FIN,ACK seq=1 ack=2");
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_1 > CLOSED");
}

/* What if the server did not wait for the last ACK. */
TEST(two_way_handshake) {
    listens();
    sets(HOST_RULE_handshake, 2);
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 mss=1460");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > ESTABLISHED");
    by_rule(RULE_WHAT_IF_TWO_WAY);
    newest();
    no_timer_runs();
    arrives("ACK seq=1 ack=1 len=3");
    assert_int_equal(look().unread, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(unacceptable),
        lab_test(window_edge),
        lab_test(window_edge_beyond_a_hole),
        lab_test(unacceptable_acks_are_answered_ten_times),
        lab_test(closed_window_text),
        lab_test(closed_window_ack_counts),
        lab_test(closed_window_urgent_counts),
        lab_test(closed_window_rst_counts),
        lab_test(closed_window_fin_waits),
        lab_test(text_past_the_window_is_cut),
        lab_test(fin_past_the_window_is_cut),
        lab_test(text_before_the_window_is_cut),
        lab_test(rst_at_the_edge),
        lab_test(rst_in_the_window),
        lab_test(rst_in_the_window_without_challenges),
        lab_test(rst_in_closing_is_told_where_the_rule_says_so),
        lab_test(rst_in_last_ack_is_told_where_the_rule_says_so),
        lab_test(reset_keeps_what_was_unread),
        lab_test(reset_after_the_fin),
        lab_test(unacceptable_acks_are_answered_twenty_times_in_a_row),
        lab_test(keep_alive_probes_are_answered_ten_times),
        lab_test(syn),
        lab_test(syn_without_challenges),
        lab_test(ack_missing),
        lab_test(ack_too_far),
        lab_test(ack_out_of_range),
        lab_test(ack_out_of_range_without_challenges),
        lab_test(established_ack_of_data),
        lab_test(established_window_update),
        lab_test(fin_wait_1_ack),
        lab_test(fin_wait_1_ack_of_data_only),
        lab_test(fin_wait_1_fin_that_acknowledges),
        lab_test(fin_wait_1_data_and_fin_that_acknowledge),
        lab_test(closing_ack),
        lab_test(closing_old_ack),
        lab_test(last_ack_ack),
        lab_test(last_ack_ack_of_data_first),
        lab_test(urg),
        lab_test(text_arrives),
        lab_test(established_fin),
        lab_test(established_fin_with_data),
        lab_test(established_fin_ahead_of_a_hole),
        lab_test(established_bare_fin_ahead_of_a_hole),
        lab_test(established_fin_again_after_close_wait),
        lab_test(established_fin_with_an_application_that_closes),
        lab_test(fin_wait_1_fin),
        lab_test(fin_wait_1_fin_fin),
        lab_test(fin_wait_1_fin_ahead_of_a_hole),
        lab_test(fin_wait_2_data_then_fin),
        lab_test(time_wait_fin_again),
        lab_test(time_wait_other_segments_do_not_restart),
        lab_test(no_time_wait),
        lab_test(no_time_wait_after_fin_wait_2),
        lab_test(no_time_wait_after_fin_wait_1),
        lab_test(two_way_handshake),
    };
    return cmocka_run_group_tests_name("arrive_synchronized", tests, NULL, NULL);
}
