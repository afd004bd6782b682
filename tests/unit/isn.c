/* isn.c - initial sequence numbers: a clock of 4 microseconds plus a secret function of the two ends (RFC 6528). */
#include "../../engine/tcp/tcp.h"
#include "lab.h"

static uint32_t isn_of(uint16_t port, Endpoint remote) {
    Input input = {.kind = INPUT_CONNECT, .host = A, .local = {.port = port}, .remote = remote};
    ConnId id = accepted_input(input)->conn;
    ConnView view;
    assert_true(world_conn(lab.world, id, &view));
    accepted_input((Input){.kind = INPUT_ABORT, .conn = id});
    lab.seen = lab.heard = trace_count(lab.trace);
    return view.iss.value;
}

TEST(the_clock_ticks_every_four_microseconds) {
    uint32_t first = isn_of(1000, PEER);
    assert_int_equal(isn_of(1000, PEER), first);
    passes(3);
    assert_int_equal(isn_of(1000, PEER), first);
    passes(1);
    assert_int_equal(isn_of(1000, PEER), first + 1);
    passes(4 * SECOND);
    assert_int_equal(isn_of(1000, PEER), first + 1 + 1000000);
}

/* 2^32 ticks: four hours and 46 minutes. */
TEST(the_clock_comes_around) {
    uint32_t first = isn_of(1000, PEER);
    passes(INT64_C(4) << 32);
    assert_int_equal(isn_of(1000, PEER), first);
}

/* Each of the four parts of the name counts. */
TEST(other_ends_other_numbers) {
    uint32_t base = isn_of(1000, PEER);
    assert_int_not_equal(isn_of(1001, PEER), base);
    assert_int_not_equal(isn_of(1000, (Endpoint){ADDR_PEER, 81}), base);
    assert_int_not_equal(isn_of(1000, (Endpoint){addr_add(ADDR_PEER, 1), 80}), base);
    Input input = {.kind = INPUT_CONNECT, .host = B, .local = {.port = 1000}, .remote = PEER};
    ConnView view;
    assert_true(world_conn(lab.world, accepted_input(input)->conn, &view));
    lab.seen = lab.heard = trace_count(lab.trace);
    assert_int_not_equal(view.iss.value, base);
}

/* The numbers of many connections fall everywhere: each bit is set about every other time. */
TEST(numbers_are_spread) {
    enum { MANY = 2000 };
    uint32_t set[32] = {0};
    for (uint16_t port = 1; port <= MANY; port++) {
        uint32_t isn = isn_of(port, PEER);
        for (int bit = 0; bit < 32; bit++) set[bit] += isn >> bit & 1;
    }
    for (int bit = 0; bit < 32; bit++)
        if (set[bit] < MANY * 44 / 100 || set[bit] > MANY * 56 / 100)
            fail_msg("bit %d is set %u times of %d", bit, set[bit], MANY);
}

/* The secret is the world's seed's: other worlds, other numbers; the same seed, the same. */
TEST(the_secret_comes_from_the_seed) {
    uint32_t numbers[3];
    for (int i = 0; i < 3; i++) {
        world_free(lab.world);
        trace_cut(lab.trace, 0);
        lab.mark = lab.seen = lab.heard = 0;
        Config config = roomy();
        config.seed = i == 2 ? 5 : 4;
        lab.world = world_new(&config);
        numbers[i] = isn_of(1000, PEER);
    }
    assert_int_equal(numbers[0], numbers[1]);
    assert_int_not_equal(numbers[0], numbers[2]);
}

/* A number given by hand serves the next connection only. */
TEST(given_by_hand) {
    uint32_t chosen = isn_of(1000, PEER);
    sets(HOST_RULE_isn, 4294967295);
    assert_int_equal(isn_of(1000, PEER), 4294967295u);
    assert_int_equal(isn_of(1000, PEER), chosen);
    HostView host;
    assert_true(world_host(lab.world, A, &host));
    assert_int_equal(host.rules[HOST_RULE_isn], HOST_RULE_OFF);
    sets(HOST_RULE_isn, 0);
    assert_int_equal(isn_of(1000, PEER), 0);
}

/* The passive side chooses in the same way. */
TEST(given_by_hand_to_a_listener) {
    listens();
    sets(HOST_RULE_isn, 12345);
    arrives("SYN seq=0 port=1");
    sends("SYN,ACK seq=#12345 port=1");
    moves("LISTEN > SYN_RCVD");
    arrives("SYN seq=0 port=2");
    moves("LISTEN > SYN_RCVD");
    Segment seg;
    assert_true(next_sent(&seg, true));
    assert_int_not_equal(seg.seq.value, 12345);
}

/* The reference values of SipHash-2-4: key 00 01 ... 0f, messages 00 01 02 ... of 0, 8 and 16 bytes. */
TEST(the_hash_is_siphash) {
    static const uint8_t bytes[24] = {[8] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const uint8_t *key = bytes + 8; /* before it lies what looks like no part of it */
    static const uint64_t message[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    assert_true(siphash(key, message, 0) == UINT64_C(0x726fdb47dd0e0e31));
    assert_true(siphash(key, message, 1) == UINT64_C(0x93f5f5799a932462));
    assert_true(siphash(key, message, 2) == UINT64_C(0x3f2acc7f57c29bdb));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(the_clock_ticks_every_four_microseconds),
        lab_test(the_clock_comes_around),
        lab_test(other_ends_other_numbers),
        lab_test(numbers_are_spread),
        lab_test(the_secret_comes_from_the_seed),
        lab_test(given_by_hand),
        lab_test(given_by_hand_to_a_listener),
        lab_test(the_hash_is_siphash),
    };
    return cmocka_run_group_tests_name("isn", tests, NULL, NULL);
}
