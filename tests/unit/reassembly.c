/* reassembly.c - bytes that arrive ahead of a hole: in every order, overlapping, too many pieces. */
#include "lab.h"

static void piece(uint32_t at, uint32_t length) { arrives(line("ACK seq=%u ack=1 len=%u", 1 + at, length)); }

/* After this, nothing is owed: the ACK that tells of the bytes in order, now or in a while. */
static void acknowledged(uint32_t bytes) {
    Segment seg;
    if (!next_sent(&seg, false)) passes(SECOND / 2);
    sends(line("ACK seq=1 ack=%u", 1 + bytes));
    passes(60 * MILLISECOND); /* the ACK leaves the path */
    sends_nothing();
}

static void fresh(void) {
    lab_teardown(NULL);
    assert_int_equal(lab_setup(NULL), 0);
    establishes();
}

TEST(a_hole) {
    establishes();
    piece(100, 50);
    sends("ACK seq=1 ack=1"); /* at once */
    by_rule(RULE_SEQUENCE_LATER);
    ConnView v = look();
    assert_int_equal(v.out_of_order, 50);
    assert_int_equal(v.pieces, 1);
    assert_int_equal(v.piece[0].left.value, Y + 101);
    assert_int_equal(v.piece[0].right.value, Y + 151);
    assert_int_equal(v.unread, 0);
    piece(0, 100);
    sends("ACK seq=1 ack=151"); /* it fills a hole: at once */
    assert_int_equal(look().pieces, 0);
    takes(150);
}

/* Five pieces in each of their 120 orders. */
static void in_order(const uint32_t *order, uint32_t count) {
    bool here[5] = {false};
    fresh();
    for (uint32_t i = 0; i < count; i++) {
        piece(order[i] * 10, 10);
        here[order[i]] = true;
        uint32_t edge = 0, beyond = 0, stretches = 0;
        while (edge < count && here[edge]) edge++;
        for (uint32_t k = edge; k < count; k++) {
            beyond += here[k];
            stretches += here[k] && (k == 0 || !here[k - 1]);
        }
        acknowledged(edge * 10);
        assert_int_equal(look().unread, edge * 10);
        assert_int_equal(look().out_of_order, beyond * 10);
        assert_int_equal(look().pieces, stretches);
    }
    takes(count * 10);
}

static void permute(uint32_t *order, uint32_t from, uint32_t count) {
    if (from == count) in_order(order, count);
    for (uint32_t i = from; i < count; i++) {
        uint32_t saved = order[from];
        order[from] = order[i], order[i] = saved;
        permute(order, from + 1, count);
        order[i] = order[from], order[from] = saved;
    }
}

TEST(every_order) {
    uint32_t order[5] = {0, 1, 2, 3, 4};
    permute(order, 0, 5);
    fresh();
}

/* By chance, over and over each other. */
TEST(overlaps) {
    enum { LENGTH = 400 };
    uint64_t random = 7;
    for (int round = 0; round < 200; round++) {
        bool here[LENGTH] = {false};
        uint32_t edge = 0;
        fresh();
        while (edge < LENGTH) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            uint32_t at = (uint32_t)(random >> 33) % LENGTH, length = 1 + (uint32_t)(random >> 40) % 60;
            if (at + length > LENGTH) length = LENGTH - at;
            piece(at, length);
            for (uint32_t i = at; i < at + length; i++) here[i] = true;
            while (edge < LENGTH && here[edge]) edge++;
            acknowledged(edge);
            assert_int_equal(look().unread, edge);
            assert_int_equal(look().rcv.nxt.value, Y + 1 + edge);
        }
        assert_int_equal(look().pieces, 0);
        takes(LENGTH);
    }
    fresh();
}

/* LIMIT_REASSEMBLY pieces are kept, one more is not; it counts as lost. */
TEST(too_many_pieces) {
    establishes();
    for (uint32_t i = 0; i < LIMIT_REASSEMBLY; i++) {
        piece(10 + 20 * i, 10);
        sends("ACK ack=1");
    }
    assert_int_equal(look().pieces, LIMIT_REASSEMBLY);
    piece(10 + 20 * LIMIT_REASSEMBLY, 10);
    sends("ACK ack=1");
    assert_int_equal(look().pieces, LIMIT_REASSEMBLY);
    piece(20, 10); /* it joins two */
    sends("ACK ack=1");
    assert_int_equal(look().pieces, LIMIT_REASSEMBLY - 1);
    piece(0, 10);
    sends("ACK ack=41");
    takes(40);
}

/* What can be read at once is never refused, though the list is full. */
TEST(too_many_pieces_and_the_next_byte) {
    establishes();
    for (uint32_t i = 0; i < LIMIT_REASSEMBLY; i++) {
        piece(10 + 20 * i, 10);
        sends("ACK ack=1");
    }
    piece(0, 5);
    acknowledged(5);
    takes(5);
    piece(5, 5);
    sends("ACK ack=21");
    takes(15);
}

TEST(only_within_the_window) {
    sets(HOST_RULE_recv_buffer, 1000);
    establishes();
    piece(900, 200);
    sends("ACK ack=1");
    assert_int_equal(look().out_of_order, 100);
    piece(1000, 50);
    sends("ACK ack=1");
    by_rule(RULE_SEQUENCE_UNACCEPTABLE);
    piece(0, 900);
    sends("ACK ack=1001 win=0");
    takes(1000);
    sends("ACK ack=1001 win=1000");
}

/* The oldest copy stays: what is readable does not change under the reader. */
TEST(the_same_place_twice) {
    establishes();
    arrives("ACK seq=1 ack=1 data=hello");
    arrives("ACK seq=1 ack=1 data=HELLO-world");
    acknowledged(11);
    uint8_t text[11];
    assert_int_equal(world_peek(lab.world, lab.conn, text, sizeof text), 11);
    assert_memory_equal(text, "hello-world", 11);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(a_hole),
        lab_test(every_order),
        lab_test(overlaps),
        lab_test(too_many_pieces),
        lab_test(too_many_pieces_and_the_next_byte),
        lab_test(only_within_the_window),
        lab_test(the_same_place_twice),
    };
    return cmocka_run_group_tests_name("reassembly", tests, NULL, NULL);
}
