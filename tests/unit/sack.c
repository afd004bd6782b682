/* sack.c - selective acknowledgment: what is reported, and what is sent again (RFC 2018, RFC 6675). */
#include "segments.h"

enum { MSS = 1000 };

static void opens(bool timestamps) {
    Options answer = timestamps ? timestamp(1, 1) : OPTIONS_NONE;
    answer.sack_permitted = true;
    answer.mss = MSS;
    option_rules(timestamps, true, false);
    sets(HOST_RULE_send_buffer, 1 << 20);
    connects();
    arrives_with("SYN,ACK seq=0 ack=1", answer);
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    assert_true(look().sacking);
}

static void piece(uint32_t at, uint32_t length) { arrives(line("ACK seq=%u ack=1 len=%u", at, length)); }

/* ---- The receiver ---- */

/* 2, 4: SACK-permitted answers an offer, and without both no block is ever sent. */
TEST(sack_needs_both) {
    for (int i = 0; i < 4; i++) {
        bool ours = i & 1, theirs = i & 2;
        Options offer = OPTIONS_NONE;
        offer.sack_permitted = theirs;
        afresh();
        option_rules(false, ours, false);
        sets(HOST_RULE_isn, X);
        listens();
        arrives_with("SYN seq=0 mss=1460", offer);
        moves("LISTEN > SYN_RCVD");
        assert_int_equal(takes_sent().options.sack_permitted, ours && theirs);
        newest();
        arrives("ACK seq=1 ack=1");
        moves("SYN_RCVD > ESTABLISHED");
        piece(11, 10);
        assert_int_equal(takes_sent().options.sack_count, ours && theirs);
        assert_int_equal(look().sacking, ours && theirs);
    }
}

/* 3, 4: the latest first, then those reported before, as many as fit; each arrival beyond a hole has its ACK. */
TEST(latest_block_first) {
    opens(false);
    piece(101, 50);
    sends_blocks("ACK ack=1", EDGES({101, 151}));
    piece(301, 50);
    sends_blocks("ACK ack=1", EDGES({301, 351}, {101, 151}));
    piece(201, 50);
    sends_blocks("ACK ack=1", EDGES({201, 251}, {301, 351}, {101, 151}));
    piece(401, 50);
    sends_blocks("ACK ack=1", EDGES({401, 451}, {201, 251}, {301, 351}, {101, 151}));
    piece(501, 50);
    sends_blocks("ACK ack=1", EDGES({501, 551}, {401, 451}, {201, 251}, {301, 351}));
    piece(151, 50); /* it joins two: the block that holds it is first */
    sends_blocks("ACK ack=1", EDGES({101, 251}, {501, 551}, {401, 451}, {301, 351}));
    piece(401, 50); /* here already: still the one that is asked about */
    sends_blocks("ACK ack=1", EDGES({401, 451}, {101, 251}, {501, 551}, {301, 351}));
}

/* 3: beside timestamps there is room for three. */
TEST(three_blocks_beside_timestamps) {
    opens(true);
    for (uint32_t i = 0; i < 5; i++) {
        arrives_with(line("ACK seq=%u ack=1 len=10", 101 + 100 * i), timestamp(2 + i, 1));
        Segment ack = takes_sent();
        assert_int_equal(ack.options.sack_count, i < 3 ? i + 1 : 3);
        assert_int_equal(ack.options.sack[0].left.value, Y + 101 + 100 * i);
    }
}

/* The smallest MTU leaves room for data beside all options a segment can carry. */
TEST(smallest_mtu_with_all_options) {
    opens(true);
    accepted_input((Input){.kind = INPUT_PATH, .path = PATH_MTU, .value = path_rule_info(PATH_MTU)->low});
    for (uint32_t i = 0; i < 3; i++) {
        arrives_with(line("ACK seq=%u ack=1 len=10", 101 + 100 * i), timestamp(2 + i, 1));
        takes_sent();
    }
    hands_over(48);
    for (uint32_t at = 1; at < 49; at += 24) {
        Segment data = takes_sent();
        assert_int_equal(data.options.sack_count, 3);
        assert_true(data.options.timestamps);
        assert_int_equal(data.seq.value, X + at);
        assert_int_equal(data.data_length, 24);
        assert_int_equal(segment_size(&data), path_rule_info(PATH_MTU)->low);
    }
}

/* 4: the segment that advances the ACK has no block of its own; what lies beyond is told as long as it does. */
TEST(blocks_while_a_hole_is_left) {
    opens(false);
    piece(101, 50);
    sends_blocks("ACK ack=1", EDGES({101, 151}));
    piece(301, 50);
    sends_blocks("ACK ack=1", EDGES({301, 351}, {101, 151}));
    piece(1, 100);
    sends_blocks("ACK ack=151", EDGES({301, 351}));
    hands_over(10); /* data is an ACK too */
    sends_blocks("PSH,ACK seq=1 ack=151 len=10", EDGES({301, 351}));
    arrives("ACK seq=0 ack=11"); /* so is the answer to what is unacceptable */
    sends_blocks("ACK ack=151", EDGES({301, 351}));
    arrives("ACK seq=151 ack=11 len=150");
    sends_blocks("ACK ack=351", NO_EDGES);
    arrives("ACK seq=351 ack=11 len=10");
    passes(SECOND / 5);
    sends_blocks("ACK ack=361", NO_EDGES);
}

/* 8: what was reported stays. The list of pieces is bounded, but nothing is reported that is not kept. */
TEST(what_is_reported_is_kept) {
    opens(false);
    for (uint32_t i = 0; i <= LIMIT_REASSEMBLY; i++) {
        piece(101 + 20 * i, 10);
        Segment ack = takes_sent();
        for (uint32_t k = 0; k < ack.options.sack_count; k++) {
            bool kept = false;
            ConnView v = look();
            for (uint32_t p = 0; p < v.pieces; p++) kept |= seq_eq(v.piece[p].left, ack.options.sack[k].left);
            assert_true(kept);
        }
    }
}

/* ---- The sender ---- */

static void ten_in_flight(void) {
    sets(HOST_RULE_initial_window, 10);
    opens(false);
    hands_over(30 * MSS);
    sends_segments(1, 10, MSS);
}

/* 3, 5: of what is in flight only the holes go again; buffers are freed by the ACK alone. */
TEST(only_holes_are_sent_again) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1", blocks(1001, 2001, 0, 0));
    sends("ACK seq=10001 len=1000"); /* limited transmit */
    arrives_with("ACK seq=1 ack=1", blocks(3001, 4001, 1001, 2001));
    sends("ACK seq=11001 len=1000");
    arrives_with("ACK seq=1 ack=1", blocks(3001, 6001, 1001, 2001));
    sends("ACK seq=1 len=1000");
    by_rule(RULE_FAST_RETRANSMIT);
    sends_nothing(); /* 7000 bytes are in the network, 5000 may be */
    arrives_with("ACK seq=1 ack=1", blocks(3001, 9001, 1001, 2001));
    sends("ACK seq=2001 len=1000");
    by_rule(RULE_SACK_HOLE);
    ConnView v = look();
    assert_int_equal(v.unacked, 12 * MSS);
    assert_int_equal(v.snd.una.value, X + 1);
    arrives("ACK seq=1 ack=12001");
    assert_int_equal(look().unacked, 5 * MSS);
    sends_segments(12001, 5, MSS);
}

/* 12: recovery halves what may be in flight, as it does without SACK. */
TEST(congestion_control_stays) {
    ten_in_flight();
    assert_int_equal(look().cwnd, 10 * MSS);
    for (uint32_t i = 0; i < 3; i++) {
        arrives_with("ACK seq=1 ack=1", blocks(1001, 2001 + i * MSS, 0, 0));
        while (next_sent(&(Segment){0}, false)) takes_sent();
    }
    assert_int_equal(look().ssthresh, 5 * MSS);
    assert_int_equal(look().cwnd, 5 * MSS);
}

/* 8, 5.1: after a timeout nothing reported is believed any more, and the first segment goes again. */
TEST(a_timeout_forgets_the_blocks) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1", blocks(1001, 2001, 0, 0));
    sends("ACK seq=10001 len=1000");
    passes(SECOND);
    sends("ACK seq=1 len=1000");
    by_rule(RULE_TIMEOUT_RETRANSMIT);
    arrives("ACK seq=1 ack=1001"); /* the peer has thought better of it */
    sends("ACK seq=1001 len=1000");
    sends("ACK seq=2001 len=1000");
}

/* Whether this number is sent among whatever is. */
static bool sends_from(uint32_t seq) {
    bool found = false;
    while (next_sent(&(Segment){0}, false)) found |= takes_sent().seq.value == X + seq;
    return found;
}

/* ... nor later: what was reported before the timeout is a hole like any other when the peer does not report it again.
 */
TEST(a_forgotten_block_is_a_hole) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1", blocks(8001, 9001, 0, 0));
    sends("ACK seq=10001 len=1000");
    passes(SECOND);
    sends("ACK seq=1 len=1000");
    for (uint32_t at = 1001; at <= 5001; at += MSS) { /* slow start: all of it goes again */
        arrives(line("ACK seq=1 ack=%u", at));
        bool last = sends_from(10001);
        assert_int_equal(last, at == 5001);
    }
    assert_int_equal(look().snd.nxt.value, X + 11001);
    arrives_with("ACK seq=1 ack=5001", blocks(6001, 8001, 9001, 11001));
    assert_true(sends_from(5001));
    arrives_with("ACK seq=1 ack=5001", blocks(6001, 8001, 9001, 12001));
    assert_true(sends_from(8001));
}

/* 4: blocks nobody asked for, and blocks of what was never sent, mean nothing. */
TEST(strange_blocks) {
    ten_in_flight();
    static const uint32_t odd[][2] = {{20001, 21001}, {5001, 4001}, {1, 1001}, {9001, 10002}, {5001, 5001}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        arrives_with(line("ACK seq=1 ack=1 win=%u", 60000 + (unsigned)i),
                     blocks(odd[i][0], odd[i][1], 0, 0)); /* no duplicates */
    sends_nothing();
    afresh();
    sets(HOST_RULE_initial_window, 10);
    establishes_with(65535, MSS); /* nothing permitted */
    hands_over(10 * MSS);
    sends_segments(1, 9, MSS);
    sends("PSH,ACK seq=9001 len=1000");
    for (uint32_t i = 0; i < 6; i++)
        arrives_with(line("ACK seq=1 ack=1 win=%u", 60000 + i), blocks(1001, 2001 + i * MSS, 0, 0));
    sends_nothing();
}

/* RFC 6675 5 (2): one ACK that reports more than two segments beyond the hole is enough. */
TEST(one_report_of_three_segments) {
    opens(false);
    hands_over(10 * MSS);
    sends_segments(1, 4, MSS);
    arrives_with("ACK seq=1 ack=1", blocks(1 + MSS, 1 + 3 * MSS, 0, 0));
    not_by_rule(RULE_FAST_RETRANSMIT);
    while (next_sent(&(Segment){0}, true)) continue;
    arrives_with("ACK seq=1 ack=1 len=1", blocks(1 + MSS, 2 + 3 * MSS, 0, 0)); /* with data: no duplicate ACK */
    by_rule(RULE_FAST_RETRANSMIT);
    sends("ACK seq=1 len=1000");
    while (next_sent(&(Segment){0}, true)) continue;
}

/* RFC 6675 4 IsLost(): three stretches are enough, however small. */
TEST(one_report_of_three_stretches) {
    opens(false);
    hands_over(4 * MSS);
    sends_segments(1, 3, MSS);
    sends("PSH,ACK seq=3001 len=1000");
    Options report = blocks(1101, 1111, 1201, 1211);
    arrives_with("ACK seq=1 ack=1 len=1", report);
    not_by_rule(RULE_FAST_RETRANSMIT);
    report.sack[report.sack_count++] = (SackBlock){{X + 1301}, {X + 1311}};
    arrives_with("ACK seq=2 ack=1 len=1", report);
    by_rule(RULE_FAST_RETRANSMIT);
    sends("ACK seq=1 len=1000");
    while (next_sent(&(Segment){0}, true)) continue;
}

/* A hole that went again does not move the place where new data goes on. */
TEST(new_data_follows_a_hole) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1", blocks(1001, 2001, 0, 0));
    sends("ACK seq=10001 len=1000");
    arrives_with("ACK seq=1 ack=1", blocks(3001, 4001, 1001, 2001));
    sends("ACK seq=11001 len=1000");
    arrives_with("ACK seq=1 ack=1", blocks(3001, 9001, 1001, 2001));
    sends("ACK seq=1 len=1000");
    sends("ACK seq=2001 len=1000");
    arrives_with("ACK seq=1 ack=1", blocks(3001, 10001, 1001, 2001));
    sends("ACK seq=12001 len=1000");
    by_rule(RULE_DATA_WINDOW);
    not_by_rule(RULE_SACK_HOLE);
}

/* RFC 6675 5 (4.1): a later recovery sends again what the one before had sent again already. */
TEST(each_recovery_begins_at_the_oldest) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1", blocks(1001, 10001, 0, 0));
    sends("ACK seq=1 len=1000");
    sends_segments(10001, 4, MSS);
    arrives_with("ACK seq=1 ack=1", blocks(11001, 12001, 1001, 10001));
    sends("ACK seq=14001 len=1000");
    arrives_with("ACK seq=1 ack=1", blocks(13001, 14001, 11001, 12001));
    sends("ACK seq=15001 len=1000");
    arrives_with("ACK seq=1 ack=1", blocks(13001, 16001, 11001, 12001));
    sends("ACK seq=10001 len=1000");
    sends("ACK seq=12001 len=1000");
    sends_segments(16001, 2, MSS);
    arrives("ACK seq=1 ack=10001");    /* all that was in flight when it began */
    not_by_rule(RULE_FAST_RETRANSMIT); /* it reports nothing more */
    while (next_sent(&(Segment){0}, true)) continue;
    arrives_with("ACK seq=1 ack=10001", blocks(13001, 18001, 11001, 12001));
    by_rule(RULE_FAST_RETRANSMIT);
    sends("ACK seq=10001 len=1000");
    assert_true(sends_from(12001));
}

/* 2: a SYN carries no blocks, though the text of the peer's SYN is kept. */
TEST(a_syn_has_no_blocks) {
    Options offer = OPTIONS_NONE;
    offer.sack_permitted = true;
    option_rules(false, true, false);
    sets(HOST_RULE_isn, X);
    listens();
    arrives_with("SYN seq=0 len=10", offer);
    moves("LISTEN > SYN_RCVD");
    sends_blocks("SYN,ACK seq=0 ack=1", NO_EDGES);
}

/* RFC 6675 4 NextSeg() (3): without anything new to send, a hole goes again before it must be missing. */
TEST(a_hole_that_may_be_missing_goes_last) {
    sets(HOST_RULE_initial_window, 10);
    opens(false);
    hands_over(6 * MSS);
    sends_segments(1, 5, MSS);
    sends("PSH,ACK seq=5001 len=1000");
    arrives_with("ACK seq=1 ack=1", blocks(1001, 4001, 0, 0));
    sends("ACK seq=1 len=1000");
    sends_nothing();
    arrives_with("ACK seq=1 ack=1", blocks(5001, 6001, 1001, 4001));
    sends("ACK seq=4001 len=1000");
    by_rule(RULE_SACK_HOLE);
}

/* What the ACK has passed is off the list: limited transmit counts what the peer reports now. */
TEST(blocks_end_with_the_ack) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1", blocks(1001, 2001, 0, 0));
    sends("ACK seq=10001 len=1000");
    arrives("ACK seq=1 ack=4001");
    sends_segments(11001, 4, MSS);
    arrives_with("ACK seq=1 ack=4001", blocks(5001, 6001, 0, 0));
    sends("ACK seq=15001 len=1000");
    by_rule(RULE_LIMITED_TRANSMIT);
}

/* RFC 6675 5: an ACK that moves on and reports more beyond the next hole begins recovery by itself. */
TEST(an_ack_with_a_report) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1001", blocks(2001, 5001, 0, 0));
    by_rule(RULE_FAST_RETRANSMIT);
    sends("ACK seq=1001 len=1000");
    while (next_sent(&(Segment){0}, true)) continue;
}

/* RFC 6675 2: an ACK that reports nothing new, and is no duplicate for another reason, is none. */
TEST(an_old_report_is_no_duplicate) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1", blocks(1001, 2001, 0, 0));
    sends("ACK seq=10001 len=1000");
    arrives_with("ACK seq=1 ack=1", blocks(3001, 4001, 1001, 2001));
    sends("ACK seq=11001 len=1000");
    arrives_with("ACK seq=1 ack=1 win=60000", blocks(3001, 4001, 1001, 2001));
    not_by_rule(RULE_ACK_DUPLICATE_COUNTED);
}

/* An ACK within a stretch that was reported: what is left of it does not lie beyond a hole. */
TEST(an_ack_within_a_report) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1501", blocks(1001, 5001, 0, 0));
    not_by_rule(RULE_FAST_RETRANSMIT);
    while (next_sent(&(Segment){0}, true)) continue;
}

/* In recovery a report begins no other one. */
TEST(a_report_in_recovery) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1", blocks(2001, 6001, 0, 0));
    sends("ACK seq=1 len=1000");
    while (next_sent(&(Segment){0}, true)) continue;
    uint32_t ssthresh = look().ssthresh;
    arrives_with("ACK seq=1 ack=1001", blocks(2001, 9001, 0, 0));
    not_by_rule(RULE_FAST_RETRANSMIT);
    while (next_sent(&(Segment){0}, true)) continue;
    assert_int_equal(look().ssthresh, ssthresh);
}

/* RFC 6675 5 (3): to the byte. */
TEST(limited_transmit_by_bytes) {
    ten_in_flight();
    arrives_with("ACK seq=1 ack=1", blocks(1001, 2000, 0, 0));
    sends_nothing();
    arrives_with("ACK seq=1 ack=1", blocks(1001, 2001, 0, 0));
    sends("ACK seq=10001 len=1000");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(sack_needs_both),
        lab_test(latest_block_first),
        lab_test(three_blocks_beside_timestamps),
        lab_test(smallest_mtu_with_all_options),
        lab_test(blocks_while_a_hole_is_left),
        lab_test(what_is_reported_is_kept),
        lab_test(only_holes_are_sent_again),
        lab_test(congestion_control_stays),
        lab_test(a_timeout_forgets_the_blocks),
        lab_test(a_forgotten_block_is_a_hole),
        lab_test(strange_blocks),
        lab_test(one_report_of_three_segments),
        lab_test(one_report_of_three_stretches),
        lab_test(new_data_follows_a_hole),
        lab_test(each_recovery_begins_at_the_oldest),
        lab_test(a_syn_has_no_blocks),
        lab_test(a_hole_that_may_be_missing_goes_last),
        lab_test(blocks_end_with_the_ack),
        lab_test(an_ack_with_a_report),
        lab_test(an_old_report_is_no_duplicate),
        lab_test(an_ack_within_a_report),
        lab_test(a_report_in_recovery),
        lab_test(limited_transmit_by_bytes),
    };
    return cmocka_run_group_tests_name("sack", tests, NULL, NULL);
}
