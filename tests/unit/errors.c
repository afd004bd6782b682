/* errors.c - what the application is told: errors from the network, trouble on the way, how it ended (RFC
 * 9293 3.6, 3.8.3, 3.9.1.8, 3.9.2.2). */
#include "segments.h"
#include "pair.h"

static const uint8_t soft[][2] = {{ICMP_UNREACHABLE, 0},   {ICMP_UNREACHABLE, 1},   {ICMP_UNREACHABLE, 5},
                                  {ICMP_TIME_EXCEEDED, 0}, {ICMP_TIME_EXCEEDED, 1}, {ICMP_PARAMETER_PROBLEM, 0}};
enum { SOFT = sizeof soft / sizeof *soft };

static void something_in_flight(void) {
    establishes();
    hands_over(100);
    sends("PSH,ACK seq=1 len=100");
}

/* MUST-54, MUST-56, MUST-47, SHLD-25: the connection that sent it is told, and goes on. */
TEST(soft_errors) {
    something_in_flight();
    for (size_t i = 0; i < SOFT; i++) {
        network_reports(soft[i][0], soft[i][1], 1);
        reports(STATUS_UNREACHABLE);
        by_rule(RULE_ICMP_SOFT);
        assert_int_equal(look().soft_error, STATUS_UNREACHABLE);
        assert_int_equal(look().error, STATUS_OK);
        in_state(STATE_ESTABLISHED);
    }
    arrives("ACK seq=1 ack=101"); /* it arrived all the same */
    no_timer_runs();
}

/* While it opens, a soft error does not end the attempt either: the SYN goes again. */
TEST(soft_errors_while_opening) {
    connects();
    for (size_t i = 0; i < SOFT; i++) {
        network_reports(soft[i][0], soft[i][1], 0);
        reports(STATUS_UNREACHABLE);
        in_state(STATE_SYN_SENT);
    }
    passes(SECOND);
    sends("SYN seq=0");
}

/* SHLD-26 */
TEST(hard_errors) {
    for (uint8_t code = 2; code <= 4; code++) {
        afresh();
        something_in_flight();
        network_reports(ICMP_UNREACHABLE, code, 1);
        moves_failing("ESTABLISHED > CLOSED", STATUS_UNREACHABLE);
        by_rule(RULE_ICMP_HARD);
        afresh();
        connects();
        network_reports(ICMP_UNREACHABLE, code, 0);
        moves_failing("SYN_SENT > CLOSED", code == 3 ? STATUS_CONNECTION_REFUSED : STATUS_UNREACHABLE);
    }
}

/* An ignored report names the ends that it quotes. */
static void ignored(RuleId rule, Endpoint src, Endpoint dst) {
    uint32_t index = lab.mark;
    const Event event = event_after(&index, EVENT_IGNORE);
    assert_int_not_equal(event.index, EVENT_NONE);
    assert_int_equal(event.rule, rule);
    assert_true(endpoint_eq(event.src, src));
    assert_true(endpoint_eq(event.dst, dst));
}

/* MUST-55 */
TEST(source_quench) {
    something_in_flight();
    uint32_t cwnd = look().cwnd;
    network_reports(ICMP_SOURCE_QUENCH, 0, 1);
    ignored(RULE_ICMP_QUENCH, LOCAL, PEER);
    sends_nothing();
    assert_int_equal(look().cwnd, cwnd);
    assert_int_equal(look().soft_error, STATUS_OK);
}

/* MUST-54: to the connection it quotes and to no other; and it must quote what is in flight. */
TEST(errors_about_nothing) {
    something_in_flight();
    static const uint32_t elsewhere[] = {0, 101, 5000, (uint32_t)-1};
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        network_reports(ICMP_UNREACHABLE, 2, elsewhere[i]);
        by_rule(RULE_ICMP_STRANGE);
    }
    Icmp other = {.src = ADDR_PEER,
                  .dst = ADDR_A,
                  .type = ICMP_UNREACHABLE,
                  .code = 2,
                  .about_src = LOCAL,
                  .about_dst = {ADDR_PEER, 81},
                  .about_seq = {X + 1}};
    uint8_t bytes[100];
    arrives_bytes(bytes, icmp_encode(&other, bytes, sizeof bytes));
    ignored(RULE_ICMP_STRANGE, LOCAL, other.about_dst);
    other.about_dst = PEER;
    other.dst = ADDR_B; /* sent to a host that is not the connection's */
    arrives_bytes(bytes, icmp_encode(&other, bytes, sizeof bytes));
    by_rule(RULE_ICMP_STRANGE);
    in_state(STATE_ESTABLISHED);
    assert_int_equal(look().soft_error, STATUS_OK);
}

/* SHLD-9, SHLD-10, MUST-20: told at the third retransmission, once; given up at R2, which is later. */
TEST(trouble_before_the_end) {
    something_in_flight();
    passes(SECOND);
    sends("PSH,ACK seq=1 len=100");
    passes(2 * SECOND);
    sends("PSH,ACK seq=1 len=100");
    assert_int_equal(look().soft_error, STATUS_OK);
    passes(4 * SECOND);
    sends("PSH,ACK seq=1 len=100");
    troubles();
    by_rule(RULE_TIMEOUT_R1);
    assert_int_equal(look().soft_error, STATUS_DELIVERY_TROUBLE);
    passes(8 * SECOND);
    sends("PSH,ACK seq=1 len=100");
    in_state(STATE_ESTABLISHED);
}

/* MUST-21, MUST-23, SHLD-11: R2 is what is asked for; unasked 100 s, for a SYN 180. */
TEST(r2_is_settable) {
    static const int64_t asked[] = {0, 5, 500};
    for (size_t i = 0; i < 3; i++) {
        afresh();
        if (asked[i]) sets(HOST_RULE_user_timeout, asked[i] * SECOND);
        if (asked[i]) sets(HOST_RULE_syn_timeout, (asked[i] + 1) * SECOND);
        connects();
        runs(TIMER_USER, (asked[i] ? asked[i] + 1 : 180) * SECOND);
        arrives("SYN,ACK seq=0 ack=1 mss=1460");
        sends("ACK");
        moves("SYN_SENT > ESTABLISHED");
        hands_over(10);
        sends("PSH,ACK seq=1 len=10");
        runs(TIMER_USER, (asked[i] ? asked[i] : 100) * SECOND);
    }
}

/* MUST-12: an orderly end and an abort are told apart. */
TEST(how_it_ended) {
    establishes();
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK ack=2");
    moves("ESTABLISHED > CLOSE_WAIT");
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_END_OF_DATA);
    assert_int_equal(look().error, STATUS_OK);
    afresh();
    establishes();
    arrives("RST seq=1");
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
    refuses((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = 1}, STATUS_CONNECTION_RESET);
    refuses((Input){.kind = INPUT_SEND, .conn = lab.conn, .bytes = (const uint8_t *)"x", .length = 1},
            STATUS_CONNECTION_RESET);
}

/* ---- Challenges (RFC 5961) ---- */

/* 7: ten in five seconds, then silence, then again. */
TEST(challenges_are_throttled) {
    establishes();
    for (int i = 0; i < 10; i++) {
        arrives(i & 1 ? "SYN seq=5" : "RST seq=5");
        sends("ACK seq=1 ack=1");
    }
    for (int i = 0; i < 20; i++) {
        arrives(i & 1 ? "SYN seq=5" : "RST seq=5");
        by_rule(RULE_CHALLENGE_THROTTLED);
        sends_nothing();
    }
    passes(5 * SECOND);
    arrives("RST seq=5");
    sends("ACK seq=1 ack=1");
    arrives("RST seq=1"); /* the real one is never throttled */
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
}

/* 3.2, 4.2: a peer that lost its state is not locked out: its SYN draws a challenge, the challenge an exact RST, and
 * the SYN sent again opens. */
PAIR_TEST(a_real_peer_passes_the_challenge) {
    Pair p = open_pair();
    accepted_input((Input){.kind = INPUT_CRASH, .host = A});
    ConnId again = connect_from(A, PORT_A, ADDR_B, 80);
    on_packet(INPUT_DELIVER, packet_at(0));
    assert_int_equal(count_rule(RULE_SYN_CHALLENGE, 0), 2); /* ignored, answered */
    on_packet(INPUT_DELIVER, packet_at(0));
    assert_int_equal(packet_view(packet_at(0)).segment.flags, FLAG_RST);
    on_packet(INPUT_DELIVER, packet_at(0));
    expect_state(p.server, STATE_CLOSED);
    assert_int_equal(view_of(p.server).error, STATUS_CONNECTION_RESET);
    expect_state(again, STATE_SYN_SENT);
    runs_on();
    expect_state(again, STATE_ESTABLISHED);
    expect_state(accept_at(p.listener), STATE_ESTABLISHED);
}

/* 5.2: data behind an ACK that nobody could have sent is not taken, wherever in the window it lies. */
TEST(blind_data) {
    establishes();
    static const int acks[] = {-70000, -1000000, 2, 1 << 30};
    for (size_t i = 0; i < sizeof acks / sizeof *acks; i++) {
        for (uint32_t seq = 1; seq < 60000; seq += 29000) {
            arrives(line("ACK seq=%u ack=%d len=100", seq, acks[i]));
            while (next_sent(&(Segment){0}, false)) sends("ACK seq=1 ack=1");
        }
    }
    assert_int_equal(look().unread, 0);
    assert_int_equal(look().out_of_order, 0);
}

/* 5.2: what counts is the largest window the peer ever offered, scaled; not that of the moment. */
TEST(the_largest_window_counts) {
    Options scale = OPTIONS_NONE;
    scale.wscale = 3;
    option_rules(false, false, true);
    connects();
    arrives_with("SYN,ACK seq=0 ack=1 win=1000 mss=1460", scale);
    sends("ACK ack=1");
    moves("SYN_SENT > ESTABLISHED");
    arrives("ACK seq=1 ack=1 win=20000"); /* 160000 */
    arrives("ACK seq=1 ack=1 win=10");
    arrives(line("ACK seq=1 ack=%d len=5", 1 - 160000));
    assert_int_equal(look().unread, 5);
    arrives(line("ACK seq=6 ack=%d len=5", 1 - 160001));
    sends("ACK ack=6");
    assert_int_equal(look().unread, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(soft_errors),
        lab_test(soft_errors_while_opening),
        lab_test(hard_errors),
        lab_test(source_quench),
        lab_test(errors_about_nothing),
        lab_test(trouble_before_the_end),
        lab_test(r2_is_settable),
        lab_test(how_it_ended),
        lab_test(challenges_are_throttled),
        lab_test(a_real_peer_passes_the_challenge),
        lab_test(blind_data),
        lab_test(the_largest_window_counts),
    };
    return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
