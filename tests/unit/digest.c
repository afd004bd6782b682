/* digest.c - equal worlds share a pack and a digest, whatever the order they were reached in; worlds that differ in
 * anything do not. */
#include "pair.h"

static void fresh(void) {
    lab_teardown(NULL);
    assert_int_equal(lab_setup(NULL), 0);
}

static uint64_t after(void (*story)(void)) {
    fresh();
    story();
    return world_digest(lab.world);
}

/* Do two stories make the same world? Pack and digest must say the same. */
static bool same(void (*one)(void), void (*two)(void)) {
    static uint8_t packs[2][1 << 16];
    size_t length[2];
    uint64_t digests[2];
    for (int i = 0; i < 2; i++) {
        digests[i] = after(i ? two : one);
        length[i] = world_pack(lab.world, packs[i], sizeof packs[i]);
        assert_in_range(length[i], 1, sizeof packs[i]);
    }
    bool packs_same = length[0] == length[1] && memcmp(packs[0], packs[1], length[0]) == 0;
    assert_int_equal(packs_same, digests[0] == digests[1]);
    return packs_same;
}

#define SAME(a, b)                                                         \
    do {                                                                   \
        if (!same(a, b)) fail_msg(#a " and " #b " make different worlds"); \
    } while (0)
#define DIFFERENT(a, b)                                               \
    do {                                                              \
        if (same(a, b)) fail_msg(#a " and " #b " make equal worlds"); \
    } while (0)

/* ---- The order does not count ---- */

static void opens(HostId host, uint16_t port, uint32_t isn) {
    set_rule(host, HOST_RULE_isn, isn);
    connect_from(host, port, ADDR_PEER, 80);
}
static void one_two_three(void) { opens(A, 1, 100), opens(B, 2, 200), opens(A, 3, 300); }
static void three_one_two(void) { opens(A, 3, 300), opens(A, 1, 100), opens(B, 2, 200); }
static void with_other_numbers(void) { opens(A, 1, 100), opens(B, 2, 201), opens(A, 3, 300); }

/* Handles, packet numbers, IP ids and what is gone do not count. */
static void after_one_that_is_gone(void) {
    set_rule(A, HOST_RULE_isn, 7);
    ConnId gone = connect_from(A, 9, ADDR_PEER, 80);
    on_packet(INPUT_DROP, packet_at(0));
    call_on(INPUT_ABORT, gone);
    one_two_three();
}

/* Nor does the time of day. */
static void later(void) {
    accepted_input((Input){.kind = INPUT_WAIT, .at = 12345 * SECOND});
    one_two_three();
}
static void a_little_apart(void) {
    opens(A, 1, 100);
    accepted_input((Input){.kind = INPUT_WAIT, .at = 1});
    opens(B, 2, 200), opens(A, 3, 300);
}

static void nothing(void) {}
static void a_setting_and_back(void) {
    set_rule(A, HOST_RULE_msl, 7 * SECOND);
    set_rule(A, HOST_RULE_msl, 30 * SECOND);
}

PAIR_TEST(the_order_does_not_count) {
    SAME(one_two_three, three_one_two);
    DIFFERENT(one_two_three, with_other_numbers);
    SAME(one_two_three, after_one_that_is_gone);
    SAME(one_two_three, later);
    DIFFERENT(one_two_three, a_little_apart);
    SAME(nothing, a_setting_and_back);
}

/* Two packets for two hosts: who is first does not count. */
static void crossing(bool a_first) {
    Pair p = open_pair();
    send_text(p.client, "from A");
    send_text(p.server, "from B");
    PacketId to_b = packet_at(0), to_a = packet_at(1);
    on_packet(INPUT_DELIVER, a_first ? to_a : to_b);
    on_packet(INPUT_DELIVER, a_first ? to_b : to_a);
}
static void crossing_a(void) { crossing(true); }
static void crossing_b(void) { crossing(false); }

static void two_pieces(int first) {
    Pair p = open_pair();
    set_rule(A, HOST_RULE_nagle, 0);
    send_text(p.client, "0123456789"), send_text(p.client, "abcdefghij"), send_text(p.client, "ABCDEFGHIJ");
    PacketId second = packet_at(1), third = packet_at(2);
    on_packet(INPUT_DELIVER, first == 1 ? second : third);
    if (first != 3) on_packet(INPUT_DELIVER, first == 1 ? third : second);
    for (size_t i = 0; i < world_packets(lab.world);)
        if (packet_view(packet_at(i)).from == B) on_packet(INPUT_DROP, packet_at(i));
        else i++;
}
static void second_then_third(void) { two_pieces(1); }
static void third_then_second(void) { two_pieces(2); }
static void only_third(void) { two_pieces(3); }

PAIR_TEST(different_ways_to_the_same_world) {
    SAME(crossing_a, crossing_b);
    SAME(second_then_third, third_then_second);
    DIFFERENT(second_then_third, only_third);
}

/* ---- Everything counts ---- */

static Pair base(void) {
    set_rule(A, HOST_RULE_isn, 1000), set_rule(B, HOST_RULE_isn, 2000);
    Pair p = open_pair();
    send_text(p.client, "hello"), send_text(p.server, "world!");
    return p;
}
static void at_base(void) { base(); }
static void dropped(void) { base(), on_packet(INPUT_DROP, packet_at(0)); }
static void dropped_the_other(void) { base(), on_packet(INPUT_DROP, packet_at(1)); }
static void doubled(void) { base(), on_packet(INPUT_DUP, packet_at(0)); }
static void tripled(void) { doubled(), on_packet(INPUT_DUP, packet_at(0)); }
static void held(void) { base(), on_packet(INPUT_HOLD, packet_at(0)); }
static void delayed(void) { base(), accepted_input((Input){.kind = INPUT_DELAY, .packet = packet_at(0), .value = 1}); }
static void corrupted(void) {
    base(), accepted_input((Input){.kind = INPUT_CORRUPT, .packet = packet_at(0), .count = 41});
}
static void delivered(void) { base(), on_packet(INPUT_DELIVER, packet_at(0)); }
static void delivered_the_other(void) { base(), on_packet(INPUT_DELIVER, packet_at(1)); }
static void waited(void) { base(), accepted_input((Input){.kind = INPUT_WAIT, .at = world_now(lab.world) + 1}); }
static void closed(void) { call_on(INPUT_CLOSE, base().client); }
static void shut(void) { call_on(INPUT_SHUTDOWN, base().client); }
static void closed_there(void) { call_on(INPUT_CLOSE, base().server); }
static void aborted(void) { call_on(INPUT_ABORT, base().client); }
static void no_listener(void) { call_on(INPUT_CLOSE, base().listener); }
static void crashed(void) { base(), accepted_input((Input){.kind = INPUT_CRASH, .host = A}); }
static void more(void) { send_text(base().client, "?"); }
static void other_text(void) {
    set_rule(A, HOST_RULE_isn, 1000), set_rule(B, HOST_RULE_isn, 2000);
    Pair p = open_pair();
    send_text(p.client, "hellO"), send_text(p.server, "world!");
}
static void read_some(void) {
    Pair p = base();
    on_packet(INPUT_DELIVER, packet_at(0));
    accepted_input((Input){.kind = INPUT_RECV, .conn = p.server, .count = 2});
}
static void retransmitted(void) {
    accepted_input((Input){.kind = INPUT_TIMER, .conn = base().client, .timer = TIMER_RETRANSMIT, .at = MICROS_NEVER});
}
static void slower(void) { base(), set_path(PATH_LATENCY, 60 * MILLISECOND); }
static void lossy(void) { base(), set_path(PATH_LOSS, 1); }
static void other_msl(void) { base(), set_rule(A, HOST_RULE_msl, 20 * SECOND); }
static void other_msl_there(void) { base(), set_rule(B, HOST_RULE_msl, 20 * SECOND); }
static void a_third_host(void) {
    base(), accepted_input((Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)"C", .length = 1});
}
static void another_listener(void) { base(), listen_at(B, 81, 5); }
static void another_backlog(void) { base(), listen_at(B, 81, 6); }
static void an_ephemeral_port_used(void) {
    base();
    ConnId id = connect_from(A, 0, ADDR_PEER, 80);
    on_packet(INPUT_DROP, packet_at(2));
    call_on(INPUT_ABORT, id);
}

PAIR_TEST(everything_counts) {
    void (*const stories[])(void) = {at_base,
                                     dropped,
                                     dropped_the_other,
                                     doubled,
                                     tripled,
                                     held,
                                     delayed,
                                     corrupted,
                                     delivered,
                                     delivered_the_other,
                                     waited,
                                     closed,
                                     shut,
                                     closed_there,
                                     aborted,
                                     no_listener,
                                     crashed,
                                     more,
                                     other_text,
                                     read_some,
                                     retransmitted,
                                     slower,
                                     lossy,
                                     other_msl,
                                     other_msl_there,
                                     a_third_host,
                                     another_listener,
                                     another_backlog,
                                     an_ephemeral_port_used};
    enum { STORIES = sizeof stories / sizeof *stories };
    uint64_t digests[STORIES];
    for (int i = 0; i < STORIES; i++) {
        digests[i] = after(stories[i]);
        for (int k = 0; k < i; k++)
            if (digests[i] == digests[k]) fail_msg("stories %d and %d make equal worlds", k, i);
    }
}

/* The same bytes in flight, but nobody sent them: delivering them breaks the oracle's law in one world only. */
static uint32_t oracles;
static void hello(bool forged) {
    static uint8_t bytes[200];
    Pair p = open_pair();
    send_text(p.client, "hello");
    PacketView view = packet_view(packet_at(0));
    memcpy(bytes, view.bytes, view.length);
    if (!forged) return;
    on_packet(INPUT_DROP, view.id);
    accepted_input(
        (Input){.kind = INPUT_INJECT, .bytes = bytes, .length = view.length, .value = view.due - world_now(lab.world)});
}
static void deliver_hello(void) {
    uint32_t begin = trace_count(lab.trace);
    on_packet(INPUT_DELIVER, packet_at(0));
    oracles = 0;
    for (uint32_t i = begin; i < trace_count(lab.trace); i++) oracles += trace_at(lab.trace, i).kind == EVENT_ORACLE;
}
static void genuine_hello(void) { hello(false); }
static void forged_hello(void) { hello(true); }

PAIR_TEST(a_forgery_is_another_world) {
    DIFFERENT(genuine_hello, forged_hello);
    after(genuine_hello);
    deliver_hello();
    assert_int_equal(oracles, 0);
    after(forged_hello);
    deliver_hello();
    assert_int_equal(oracles, 1);
}

/* What came last beyond a hole is reported first (RFC 2018 4). */
static void beyond_a_hole(bool third_first) {
    set_rule(A, HOST_RULE_sack, 1), set_rule(B, HOST_RULE_sack, 1), set_rule(A, HOST_RULE_nagle, 0);
    Pair p = open_pair();
    for (int i = 0; i < 5; i++) send_text(p.client, "0123456789");
    PacketId third = packet_at(2), fifth = packet_at(4);
    on_packet(INPUT_DELIVER, third_first ? third : fifth);
    on_packet(INPUT_DELIVER, third_first ? fifth : third);
    for (size_t i = 0; i < world_packets(lab.world);)
        if (packet_view(packet_at(i)).from == B) on_packet(INPUT_DROP, packet_at(i));
        else i++;
}
static void third_then_fifth(void) { beyond_a_hole(true); }
static void fifth_then_third(void) { beyond_a_hole(false); }

/* Whose bytes these are: those of a connection that crashed, or those of the one that is there now. */
static void again(bool old_arrives) {
    for (int i = 0; i < 2; i++) {
        set_rule(A, HOST_RULE_isn, 1000), set_rule(B, HOST_RULE_isn, 2000);
        Pair p = open_pair();
        send_text(p.client, "hello");
        if (i == 0) on_packet(INPUT_HOLD, packet_at(0));
        if (i == 0) accepted_input((Input){.kind = INPUT_CRASH, .host = A});
        if (i == 0) accepted_input((Input){.kind = INPUT_CRASH, .host = B});
    }
    on_packet(INPUT_HOLD, packet_at(0));
    PacketView first = packet_view(packet_at(0)), second = packet_view(packet_at(1));
    bool first_is_old = first.id.id < second.id.id;
    on_packet(INPUT_DROP, first_is_old == old_arrives ? second.id : first.id);
    PacketView left = packet_view(packet_at(0)); /* as far ahead, and as long to live */
    accepted_input((Input){.kind = INPUT_RELEASE, .packet = left.id});
    Micros ahead = packet_view(left.id).due - world_now(lab.world);
    accepted_input((Input){.kind = INPUT_DELAY, .packet = left.id, .value = 50 * MILLISECOND - ahead});
}
static void old_hello(void) { again(true); }
static void new_hello(void) { again(false); }

/* TIME_WAIT begins again with the length it had. */
static void time_wait(bool shorter) {
    set_rule(A, HOST_RULE_time_wait, shorter ? 1000 : 2000);
    Pair p = open_pair();
    call_on(INPUT_CLOSE, p.client);
    runs_on();
    call_on(INPUT_CLOSE, p.server);
    runs_on();
    expect_state(p.client, STATE_TIME_WAIT);
    if (!shorter) accepted_input((Input){.kind = INPUT_WAIT, .at = world_now(lab.world) + 30 * SECOND});
    set_rule(A, HOST_RULE_time_wait, 1000);
}
static void long_time_wait(void) { time_wait(false); }
static void short_time_wait(void) { time_wait(true); }

static void own_nagle(void) {
    accepted_input((Input){.kind = INPUT_RULE, .conn = base().client, .rule = HOST_RULE_nagle, .value = 0});
}

PAIR_TEST(what_is_not_in_sight_counts) {
    DIFFERENT(third_then_fifth, fifth_then_third);
    DIFFERENT(old_hello, new_hello);
    DIFFERENT(long_time_wait, short_time_wait);
    DIFFERENT(at_base, own_nagle);
}

/* Remembering changes nothing that can be seen, and what is remembered is forgotten where a step changes it. */
PAIR_TEST(remembering) {
    Pair p = base();
    uint64_t before = world_digest(lab.world);
    World *copy = world_copy(lab.world);
    world_remember(lab.world);
    assert_true(world_digest(lab.world) == before);
    assert_true(world_same(lab.world, copy));
    call_on(INPUT_CLOSE, p.client);
    Input close = {.kind = INPUT_CLOSE, .conn = p.client};
    assert_int_equal(world_step(copy, &close, NULL), STATUS_OK);
    assert_true(world_digest(lab.world) != before);
    assert_true(world_digest(lab.world) == world_digest(copy));
    world_free(copy);
}

PAIR_TEST(the_pack_needs_room) {
    uint8_t bytes[4] = {1, 2, 3, 4};
    base();
    size_t length = world_pack(lab.world, NULL, 0);
    assert_true(length > sizeof bytes);
    assert_true(world_pack(lab.world, bytes, sizeof bytes) == length);
    assert_memory_equal(bytes, ((uint8_t[]){1, 2, 3, 4}), sizeof bytes);
}

/* The order in a listener's queue will be told by accept(). */
static void queue(bool one_first) {
    listen_at(B, 80, 5);
    for (uint16_t port = 10; port <= 11; port++) {
        set_rule(A, HOST_RULE_isn, port), set_rule(B, HOST_RULE_isn, 100 + port);
        connect_from(A, port, ADDR_B, 80);
    }
    for (int i = 0; i < 4; i++) on_packet(INPUT_DELIVER, packet_at(0)); /* SYNs, SYN,ACKs */
    PacketId one = packet_at(0), two = packet_at(1);
    on_packet(INPUT_DELIVER, one_first ? one : two);
    on_packet(INPUT_DELIVER, one_first ? two : one);
}
static void one_is_first(void) { queue(true); }
static void two_is_first(void) { queue(false); }

PAIR_TEST(the_order_of_a_queue_counts) { DIFFERENT(one_is_first, two_is_first); }

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(the_order_does_not_count),
        lab_test(different_ways_to_the_same_world),
        lab_test(everything_counts),
        lab_test(the_order_of_a_queue_counts),
        lab_test(a_forgery_is_another_world),
        lab_test(what_is_not_in_sight_counts),
        lab_test(remembering),
        lab_test(the_pack_needs_room),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
