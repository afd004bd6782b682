/* timestamps.c - timestamps, PAWS, and the window scale (RFC 7323). */
#include "segments.h"

enum { PEER_CLOCK = 5000 };

/* Both offer what `rules` of A says; the peer's clock stands at PEER_CLOCK. */
static void opens_with(Options answer, uint32_t window) {
    connects();
    answer.mss = 1460;
    arrives_with(line("SYN,ACK seq=0 ack=1 win=%u", window), answer);
    moves("SYN_SENT > ESTABLISHED");
    sends("ACK seq=1 ack=1");
}

static void opens_with_timestamps(void) {
    option_rules(true, false, false);
    opens_with(timestamp(PEER_CLOCK, 1), 65535);
    assert_true(look().timestamps);
    assert_int_equal(look().srtt, 1); /* less than a tick, yet a measurement */
}

/* ---- Window scale ---- */

static Options scale(uint8_t shift) {
    Options options = OPTIONS_NONE;
    options.wscale = shift;
    return options;
}

/* 2.2: only where both SYNs had it. */
TEST(scale_needs_both) {
    option_rules(false, false, false);
    opens_with(scale(3), 1000);
    assert_false(look().scaling);
    arrives("ACK seq=1 ack=1 win=1000");
    assert_int_equal(look().snd.wnd, 1000);
    afresh();
    option_rules(false, false, true);
    opens_with(OPTIONS_NONE, 1000);
    assert_false(look().scaling);
    arrives("ACK seq=1 ack=1 win=1001");
    assert_int_equal(look().snd.wnd, 1001);
}

/* 2.2: a SYN,ACK answers an offer, and a scale on anything but a SYN is no offer. */
TEST(scale_is_answered) {
    static const bool offers[] = {true, false};
    for (int i = 0; i < 2; i++) {
        afresh();
        listens();
        option_rules(false, false, true);
        sets(HOST_RULE_isn, X);
        arrives_with("SYN seq=0 win=500", offers[i] ? scale(2) : OPTIONS_NONE);
        moves("LISTEN > SYN_RCVD");
        Segment answer = takes_sent();
        assert_int_equal(answer.options.wscale, offers[i] ? 0 : OPTION_NO_WSCALE);
        newest();
        arrives_with("ACK seq=1 ack=1 win=500", scale(7));
        moves("SYN_RCVD > ESTABLISHED");
        assert_int_equal(look().scaling, offers[i]);
        assert_int_equal(look().snd.wnd, offers[i] ? 2000 : 500);
    }
}

/* 2.2: in a SYN and a SYN,ACK the window is never scaled, in no direction. */
TEST(scale_not_in_a_syn) {
    option_rules(false, false, true);
    sets(HOST_RULE_recv_buffer, 1 << 20);
    connects();
    Segment again;
    passes(SECOND);
    again = takes_sent();
    assert_int_equal(again.window, 65535);
    assert_int_equal(again.options.wscale, 5);
    arrives_with("SYN,ACK seq=0 ack=1 win=400 mss=1460", scale(4));
    moves("SYN_SENT > ESTABLISHED");
    sends("ACK seq=1 ack=1 win=32768"); /* 2^20 >> 5 */
    assert_int_equal(look().snd.wnd, 400);
    arrives("ACK seq=1 ack=1 win=400");
    assert_int_equal(look().snd.wnd, 6400);
    afresh();
    option_rules(false, false, true);
    sets(HOST_RULE_recv_buffer, 1 << 20);
    sets(HOST_RULE_isn, X);
    listens();
    arrives_with("SYN seq=0 win=300", scale(4));
    moves("LISTEN > SYN_RCVD");
    sends("SYN,ACK seq=0 ack=1 win=65535");
    newest();
    assert_int_equal(look().snd.wnd, 300);
}

/* 2.3: more than 14 counts as 14, and the trace says so; a window of a gigabyte fits 32 bits (REC-1). */
TEST(scale_is_at_most_fourteen) {
    static const uint8_t shifts[] = {13, 14, 15, 200, 254};
    for (size_t i = 0; i < sizeof shifts; i++) {
        uint32_t used = shifts[i] < 14 ? shifts[i] : 14;
        afresh();
        option_rules(false, false, true);
        connects();
        arrives_with("SYN,ACK seq=0 ack=1 mss=1460", scale(shifts[i]));
        moves("SYN_SENT > ESTABLISHED");
        sends("ACK seq=1 ack=1");
        if (shifts[i] > 14) by_rule(RULE_SCALE_TOO_LARGE);
        else not_by_rule(RULE_SCALE_TOO_LARGE);
        arrives("ACK seq=1 ack=1 win=65535");
        assert_int_equal(look().snd_shift, used);
        assert_int_equal(look().snd.wnd, UINT32_C(65535) << used);
    }
}

/* 2.3: a receive buffer of a gigabyte is offered whole; what lies far ahead in it is kept. */
TEST(a_gigabyte_is_offered) {
    option_rules(false, false, true);
    sets(HOST_RULE_recv_buffer, 1 << 30);
    opens_with(scale(14), 65535);
    assert_int_equal(look().rcv_shift, 14);
    assert_int_equal(look().rcv.wnd, UINT32_C(65535) << 14);
    uint32_t edge = 1 + (UINT32_C(65535) << 14);
    arrives(line("ACK seq=%u ack=1", edge - 1));
    sends_nothing();
    arrives(line("ACK seq=%u ack=1", edge));
    sends("ACK seq=1 ack=1 win=65535");
    by_rule(RULE_SEQUENCE_UNACCEPTABLE);
}

/* ---- Timestamps: who carries them ---- */

/* 3.2: in a SYN,ACK only where the SYN had it; the echo of a segment without ACK is 0. */
TEST(timestamps_are_answered) {
    option_rules(true, false, false);
    connects();
    passes(SECOND);
    Segment syn = takes_sent();
    assert_true(syn.options.timestamps);
    assert_int_equal(syn.options.ts_echo, 0);
    for (int offered = 0; offered < 2; offered++) {
        afresh();
        option_rules(true, false, false);
        listens();
        arrives_with("SYN seq=0", offered ? timestamp(PEER_CLOCK, 0) : OPTIONS_NONE);
        moves("LISTEN > SYN_RCVD");
        Segment answer = takes_sent();
        assert_int_equal(answer.options.timestamps, offered);
        if (offered) assert_int_equal(answer.options.ts_echo, PEER_CLOCK);
    }
}

/* 3.2: once agreed on, every segment carries one, a RST too. */
TEST(timestamps_are_on_every_segment) {
    opens_with_timestamps();
    hands_over(10);
    Segment data = takes_sent();
    assert_true(data.options.timestamps && data.options.ts_echo == PEER_CLOCK);
    calls(INPUT_SHUTDOWN);
    moves("ESTABLISHED > FIN_WAIT_1");
    Segment fin = takes_sent();
    assert_true(fin.options.timestamps && fin.options.ts_echo == PEER_CLOCK);
    calls(INPUT_ABORT);
    moves("FIN_WAIT_1 > CLOSED");
    Segment rst = takes_sent();
    assert_true(rst.options.timestamps && !(rst.flags & FLAG_ACK));
    assert_int_equal(rst.options.ts_echo, 0);
}

/* 3.2: missing on a segment that should have it: silence, and the connection goes on; on a RST it may be missing. */
TEST(timestamp_missing) {
    opens_with_timestamps();
    arrives("ACK seq=1 ack=1 len=10");
    by_rule(RULE_TIMESTAMP_MISSING);
    sends_nothing();
    assert_int_equal(look().unread, 0);
    arrives("FIN,ACK seq=1 ack=1");
    by_rule(RULE_TIMESTAMP_MISSING);
    in_state(STATE_ESTABLISHED);
    arrives("RST seq=1");
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
}

/* 5.4: one tick is a millisecond. */
TEST(timestamp_clock) {
    opens_with_timestamps();
    hands_over(10);
    uint32_t first = takes_sent().options.ts_value;
    sets(HOST_RULE_nagle, 0);
    passes(999);
    hands_over(10);
    assert_int_equal(takes_sent().options.ts_value, first);
    passes(1);
    hands_over(10);
    assert_int_equal(takes_sent().options.ts_value, first + 1);
    passes(500 * MILLISECOND);
    hands_over(10);
    assert_int_equal(takes_sent().options.ts_value, first + 501);
}

/* ---- What is measured ---- */

/* 4.1: an echo measures where SND.UNA advances, and only there; a segment sent twice is measured too (RFC 6298 3). */
TEST(an_echo_measures) {
    sets(HOST_RULE_rto_min, MILLISECOND);
    opens_with_timestamps();
    Micros srtt = look().srtt;
    hands_over(10);
    uint32_t stamp = takes_sent().options.ts_value;
    passes(300 * MILLISECOND); /* the timeout of a path without any delay comes soon */
    while (next_sent(&(Segment){0}, false)) stamp = takes_sent().options.ts_value;
    while (next_report(true, &(Event){0})) troubles();
    Micros late = world_now(lab.world);
    passes(40 * MILLISECOND);
    while (next_sent(&(Segment){0}, false)) takes_sent();
    arrives_with("ACK seq=1 ack=1", timestamp(PEER_CLOCK + 1, stamp)); /* nothing new */
    assert_int_equal(look().srtt, srtt);
    arrives_with("ACK seq=1 ack=11", timestamp(PEER_CLOCK + 1, stamp));
    Micros age = (world_now(lab.world) - late) / MILLISECOND * MILLISECOND;
    assert_true(look().srtt > srtt);
    assert_true(look().srtt >= (7 * srtt + age) / 8);
}

/* 4.3 R3: what is echoed is the timestamp of the segment at the left edge, not of one ahead of a hole. */
TEST(what_is_echoed) {
    opens_with_timestamps();
    arrives_with("ACK seq=101 ack=1 len=10", timestamp(PEER_CLOCK + 20, 1));
    assert_int_equal(takes_sent().options.ts_echo, PEER_CLOCK); /* SEG.SEQ > Last.ACK.sent */
    arrives_with("ACK seq=1 ack=1 len=100", timestamp(PEER_CLOCK + 10, 1));
    assert_int_equal(takes_sent().options.ts_echo, PEER_CLOCK + 10);
    arrives_with("ACK seq=111 ack=1 len=10", timestamp(PEER_CLOCK + 30, 1));
    arrives_with("ACK seq=121 ack=1 len=10",
                 timestamp(PEER_CLOCK + 40, 1)); /* while its ACK is delayed: the earlier one */
    passes(SECOND / 5);
    assert_int_equal(takes_sent().options.ts_echo, PEER_CLOCK + 30);
}

/* ---- PAWS ---- */

/* 5.3 R1: older than what was seen: an ACK, and dropped, whatever its number says; not so a RST (5.2), whose timestamp
 * counts for nothing. */
TEST(paws) {
    opens_with_timestamps();
    arrives_with("ACK seq=1 ack=1 len=10", timestamp(PEER_CLOCK + 100, 1));
    passes(SECOND / 5);
    sends("ACK ack=11");
    arrives_with("ACK seq=11 ack=1 len=10", timestamp(PEER_CLOCK + 99, 1));
    by_rule(RULE_TIMESTAMP_OLD);
    sends("ACK ack=11");
    assert_int_equal(look().unread, 10);
    arrives_with("ACK seq=11 ack=1 len=10", timestamp(PEER_CLOCK + 100, 1)); /* equal is not older */
    assert_int_equal(look().unread, 20);
    passes(SECOND / 5);
    assert_int_equal(takes_sent().options.ts_echo, PEER_CLOCK + 100);
    arrives_with("RST seq=22", timestamp(PEER_CLOCK + 9000, 0)); /* in the window, not exact */
    by_rule(RULE_RST_CHALLENGE);
    assert_int_equal(takes_sent().options.ts_echo, PEER_CLOCK + 100);
    arrives_with("RST seq=21", timestamp(PEER_CLOCK, 0));
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
}

/* 5.2: nor is anything learned from a RST that TIME_WAIT ignores (RFC 1337 3). */
TEST(paws_learns_nothing_from_a_rst) {
    sets(HOST_RULE_rfc1337, 1);
    opens_with_timestamps();
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=1");
    moves("ESTABLISHED > FIN_WAIT_1");
    arrives_with("FIN,ACK seq=1 ack=2", timestamp(PEER_CLOCK, 1));
    sends("ACK ack=2");
    moves("FIN_WAIT_1 > TIME_WAIT");
    arrives_with("RST seq=2", timestamp(PEER_CLOCK + 9000, 0));
    by_rule(RULE_RST_TIME_WAIT);
    not_by_rule(RULE_ACK_MISSING); /* its ACK is not looked at */
    arrives_with("ACK seq=2 ack=2", timestamp(PEER_CLOCK + 1, 1));
    not_by_rule(RULE_TIMESTAMP_OLD);
}

/* Outside the window nothing is learned (R2 stands before R3). */
TEST(paws_learns_nothing_outside_the_window) {
    opens_with_timestamps();
    arrives_with("ACK seq=0 ack=1", timestamp(PEER_CLOCK + 7000, 1));
    sends("ACK ack=1");
    arrives_with("ACK seq=1 ack=1 len=1", timestamp(PEER_CLOCK + 1, 1));
    assert_int_equal(look().unread, 1);
}

/* Nor from a segment whose ACK is absurd: it was not the peer's. */
TEST(paws_learns_nothing_from_an_absurd_ack) {
    opens_with_timestamps();
    arrives_with("ACK seq=1 ack=70000", timestamp(PEER_CLOCK + 1000000, 1));
    sends("ACK seq=1 ack=1");
    by_rule(RULE_ACK_TOO_FAR);
    arrives_with("ACK seq=1 ack=1 len=1", timestamp(PEER_CLOCK + 1, 1));
    not_by_rule(RULE_TIMESTAMP_OLD);
    assert_int_equal(look().unread, 1);
}

/* Answers to what PAWS refuses are limited too, where it brings nothing. */
TEST(paws_answers_ten_times) {
    opens_with_timestamps();
    for (int i = 0; i < 10; i++) {
        arrives_with("ACK seq=1 ack=1", timestamp(PEER_CLOCK - 1, 1));
        sends("ACK seq=1 ack=1");
        by_rule(RULE_TIMESTAMP_OLD);
    }
    arrives_with("ACK seq=1 ack=1", timestamp(PEER_CLOCK - 1, 1));
    sends_nothing();
    by_rule(RULE_CHALLENGE_THROTTLED);
    arrives_with("ACK seq=1 ack=1 len=1", timestamp(PEER_CLOCK - 1, 1));
    sends("ACK seq=1 ack=1");
}

/* The peer's clock comes around. */
TEST(paws_across_zero) {
    option_rules(true, false, false);
    opens_with(timestamp(0xfffffff0, 1), 65535);
    arrives_with("ACK seq=1 ack=1 len=1", timestamp(5, 1));
    assert_int_equal(look().unread, 1);
    arrives_with("ACK seq=2 ack=1 len=1", timestamp(0xfffffffe, 1));
    by_rule(RULE_TIMESTAMP_OLD);
    sends("ACK ack=2");
}

/* 5.5: after 24 days of silence the last timestamp proves nothing any more; the next one takes its place. */
TEST(paws_after_a_long_silence) {
    const Micros day = 86400 * SECOND;
    opens_with_timestamps();
    passes(24 * day);
    arrives_with("ACK seq=1 ack=1 len=1", timestamp(PEER_CLOCK - 1, 1));
    by_rule(RULE_TIMESTAMP_OLD);
    sends("ACK ack=1");
    passes(day);
    arrives_with("ACK seq=1 ack=1 len=1", timestamp(PEER_CLOCK - 1000, 1));
    assert_int_equal(look().unread, 1);
    passes(SECOND / 5);
    assert_int_equal(takes_sent().options.ts_echo, PEER_CLOCK - 1000);
    arrives_with("ACK seq=2 ack=1 len=1", timestamp(PEER_CLOCK - 1001, 1));
    by_rule(RULE_TIMESTAMP_OLD);
    sends("ACK ack=2");
}

/* RFC 6298 5.7: a SYN was lost, so the timeout is 3 s, whatever the timestamps of its ACK measure. */
TEST(rto_after_a_lost_syn_ack) {
    listens();
    option_rules(true, false, false);
    sets(HOST_RULE_isn, X);
    arrives_with("SYN seq=0 mss=1460", timestamp(PEER_CLOCK, 0));
    moves("LISTEN > SYN_RCVD");
    takes_sent();
    newest();
    passes(SECOND);
    takes_sent();
    passes(100 * MILLISECOND);
    arrives_with("ACK seq=1 ack=1", timestamp(PEER_CLOCK + 1100, 1001));
    moves("SYN_RCVD > ESTABLISHED");
    assert_true(look().srtt > 0);
    assert_int_equal(look().rto, 3 * SECOND);
}
TEST(rto_after_a_lost_syn) {
    option_rules(true, false, false);
    connects();
    passes(SECOND);
    sends("SYN seq=0");
    passes(100 * MILLISECOND);
    arrives_with("SYN,ACK seq=0 ack=1 mss=1460", timestamp(PEER_CLOCK, 1001));
    moves("SYN_SENT > ESTABLISHED");
    sends("ACK seq=1 ack=1");
    assert_int_equal(look().rto, 3 * SECOND);
}

/* The clock is never 0: an echo of 0 is none. */
TEST(the_first_value) {
    option_rules(true, false, false);
    connects();
    uint32_t index = 0, length;
    Segment syn;
    const Event event = event_after(&index, EVENT_SEND);
    const uint8_t *bytes = trace_bytes(lab.trace, event.index, &length);
    assert_int_equal(segment_decode(bytes, length, &syn), DECODE_OK);
    assert_true(syn.options.timestamps);
    assert_int_equal(syn.options.ts_value, 1);
}

/* RFC 7323 3.2: an echo of 0 is no echo. */
TEST(an_echo_of_nothing_is_not_measured) {
    opens_with_timestamps();
    hands_over(10);
    takes_sent();
    passes(100 * MILLISECOND);
    arrives_with("ACK seq=1 ack=6", timestamp(PEER_CLOCK + 1, 0));
    assert_int_equal(look().srtt, 1);
    arrives_with("ACK seq=1 ack=11", timestamp(PEER_CLOCK + 1, 5000)); /* still to come */
    assert_int_equal(look().srtt, 1);
}

/* RFC 6298 5.7: where an echo has measured the round trip, only a timeout below three seconds is raised. */
TEST(measured_though_a_syn_was_lost) {
    sets(HOST_RULE_rto_max, 60 * SECOND);
    sets(HOST_RULE_rto_min, 5 * SECOND);
    option_rules(true, false, false);
    connects();
    passes(look().rto);
    sends("SYN seq=0");
    Options answer = timestamp(PEER_CLOCK, (uint32_t)(world_now(lab.world) / MILLISECOND) + 1);
    arrives_with("SYN,ACK seq=0 ack=1", answer);
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    assert_int_equal(look().srtt, 1);
    assert_int_equal(look().rto, 5 * SECOND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(scale_needs_both),
        lab_test(scale_is_answered),
        lab_test(scale_not_in_a_syn),
        lab_test(scale_is_at_most_fourteen),
        lab_test(a_gigabyte_is_offered),
        lab_test(timestamps_are_answered),
        lab_test(timestamps_are_on_every_segment),
        lab_test(timestamp_missing),
        lab_test(timestamp_clock),
        lab_test(an_echo_measures),
        lab_test(what_is_echoed),
        lab_test(paws),
        lab_test(paws_learns_nothing_from_a_rst),
        lab_test(paws_learns_nothing_outside_the_window),
        lab_test(paws_learns_nothing_from_an_absurd_ack),
        lab_test(paws_answers_ten_times),
        lab_test(rto_after_a_lost_syn_ack),
        lab_test(rto_after_a_lost_syn),
        lab_test(paws_across_zero),
        lab_test(paws_after_a_long_silence),
        lab_test(the_first_value),
        lab_test(an_echo_of_nothing_is_not_measured),
        lab_test(measured_though_a_syn_was_lost),
    };
    return cmocka_run_group_tests_name("timestamps", tests, NULL, NULL);
}
