/* storm.c - two TCPs that find each other's segments unacceptable fall silent; and windows that must open again. */
#include "pair.h"

/* A forged segment from one end of the connection to the other. */
static void forge(ConnId from, Segment seg) {
    static uint8_t bytes[256];
    ConnView view = view_of(from);
    seg.src = view.local;
    seg.dst = view.remote;
    seg.seq = view.snd.nxt;
    seg.ack = view.rcv.nxt;
    seg.window = 65535;
    seg.ttl = 64;
    size_t length = segment_encode(&seg, bytes, sizeof bytes);
    assert_true(length > 0);
    PacketId packet = accepted_input((Input){.kind = INPUT_INJECT, .bytes = bytes, .length = (uint32_t)length})->packet;
    accepted_input((Input){.kind = INPUT_DELIVER, .packet = packet});
}

/* Ends, and says how many packets were delivered until then. */
static uint32_t packets_until_silence(void) {
    Input next;
    uint32_t count = 0;
    while (world_busy(lab.world) && world_next(lab.world, &next)) {
        if (next.kind == INPUT_DELIVER && ++count > 1000) fail_msg("1000 packets, and no end");
        accepted_input(next);
    }
    return count;
}

static void forged_on_both_sides(Micros latency, Segment seg) {
    Pair p = open_pair();
    set_path(PATH_LATENCY, latency);
    /* Both at once: the answers cross. */
    forge(p.client, seg);
    forge(p.server, seg);
    assert_true(packets_until_silence() <= 100);
}

PAIR_TEST(a_forged_byte_on_both_sides) {
    forged_on_both_sides(
        1000, (Segment){.flags = FLAG_ACK, .options = OPTIONS_NONE, .data = (const uint8_t *)"x", .data_length = 1});
}
PAIR_TEST(a_forged_fin_on_both_sides) {
    forged_on_both_sides(1000, (Segment){.flags = FLAG_FIN | FLAG_ACK, .options = OPTIONS_NONE});
}
/* So slowly that ten in five seconds would never be reached. */
PAIR_TEST(a_forged_byte_on_a_slow_path) {
    forged_on_both_sides(
        2 * SECOND,
        (Segment){.flags = FLAG_ACK, .options = OPTIONS_NONE, .data = (const uint8_t *)"x", .data_length = 1});
}

PAIR_TEST(a_forged_timestamp_on_both_sides) {
    for (HostId host = A; host <= B; host++) set_rule(host, HOST_RULE_timestamps, 1);
    Segment seg = {.flags = FLAG_ACK, .options = OPTIONS_NONE, .data = (const uint8_t *)"x", .data_length = 1};
    seg.options.timestamps = true;
    seg.options.ts_value = 1 << 30;
    forged_on_both_sides(1000, seg);
}

/* ---- Windows that must open ---- */

/* Reads whatever has come; returns how much that was. */
static uint32_t read_all(ConnId conn) {
    uint32_t unread = view_of(conn).unread;
    if (unread) accepted_input((Input){.kind = INPUT_RECV, .conn = conn, .count = unread});
    return unread;
}

static void bytes_pass(Pair p, uint32_t amount) {
    static const uint8_t text[10000];
    uint32_t sent = 0, taken = 0;
    for (uint32_t turns = 0; taken < amount; turns++) {
        if (turns > 10000) fail_msg("%u bytes of %u have arrived", taken, amount);
        uint32_t more = amount - sent < sizeof text ? amount - sent : (uint32_t)sizeof text;
        Input send = {.kind = INPUT_SEND, .conn = p.client, .bytes = text, .length = more};
        if (more && attempt(send) == STATUS_OK) sent += world_result(lab.world)->count;
        if (!step()) fail_msg("nothing happens any more; %u bytes of %u have arrived", taken, amount);
        taken += read_all(p.server);
    }
}

/* A window scale that is too coarse for the buffer: 3000 bytes in units of 4096. */
PAIR_TEST(a_coarse_scale_and_a_small_buffer) {
    static const int64_t shifts[] = {0, 9, 10, 11, 12, 14}, buffers[] = {256, 3000, 5000};
    for (size_t i = 0; i < 18; i++) {
        if (i) assert_int_equal(lab_teardown(NULL) || lab_setup((void **)&lab), 0);
        for (HostId host = A; host <= B; host++) set_rule(host, HOST_RULE_window_scale, 1);
        set_rule(B, HOST_RULE_window_shift, shifts[i % 6]);
        set_rule(B, HOST_RULE_recv_buffer, buffers[i / 6]);
        Pair p = open_pair();
        bytes_pass(p, 50000);
    }
}

/* The buffer shrinks under an open connection. */
PAIR_TEST(a_buffer_that_shrinks) {
    for (HostId host = A; host <= B; host++) set_rule(host, HOST_RULE_window_scale, 1);
    set_rule(B, HOST_RULE_recv_buffer, 4 << 20);
    Pair p = open_pair();
    set_rule(B, HOST_RULE_recv_buffer, 256);
    bytes_pass(p, 100000);
}

/* The limit counts anew from five seconds to five seconds, not only once. */
TEST(the_limit_holds_later_too) {
    establishes();
    passes(100 * SECOND);
    uint32_t answers = 0;
    for (int i = 0; i < 15; i++) {
        arrives("SYN seq=9");
        by_rule(RULE_SYN_CHALLENGE); /* whether it is answered or not */
        answers += next_sent(&(Segment){0}, true);
    }
    assert_int_equal(answers, 10);
}

/* Twenty answers in a row; a segment that is acceptable ends the row. */
TEST(the_row_of_answers_begins_anew) {
    establishes();
    for (int round = 0; round < 2; round++) {
        uint32_t answers = 0;
        for (int i = 0; i < 25; i++) {
            passes(SECOND);
            arrives("SYN seq=9");
            answers += next_sent(&(Segment){0}, true);
        }
        assert_int_equal(answers, 20);
        arrives("ACK seq=1 ack=1");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(a_forged_byte_on_both_sides),       lab_test(a_forged_fin_on_both_sides),
        lab_test(a_forged_byte_on_a_slow_path),      lab_test(a_forged_timestamp_on_both_sides),
        lab_test(a_coarse_scale_and_a_small_buffer), lab_test(a_buffer_that_shrinks),
        lab_test(the_limit_holds_later_too),         lab_test(the_row_of_answers_begins_anew),
    };
    return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
