/* conn_rules.c - what the application chooses for one connection and no other (RFC
 * 9293 3.7.4, 3.8.3, 3.8.4, 3.9.1.9). */
#include "segments.h"
#include "pair.h"

static Status choose(ConnId conn, HostRule rule, int64_t value) {
    return attempt((Input){.kind = INPUT_RULE, .conn = conn, .rule = rule, .value = value});
}

/* Two connections of A to B. */
typedef struct Two {
    ConnId one, other;
} Two;

static Two open_two(void) {
    ConnId listener = listen_at(B, 80, 5);
    Two two = {.one = connect_from(A, 1, ADDR_B, 80), .other = connect_from(A, 2, ADDR_B, 80)};
    runs_on();
    accept_at(listener);
    accept_at(listener);
    expect_state(two.one, STATE_ESTABLISHED);
    expect_state(two.other, STATE_ESTABLISHED);
    return two;
}

static PacketView newest_packet(void) { return packet_view(packet_at(world_packets(lab.world) - 1)); }

/* MUST-17 */
PAIR_TEST(nagle) {
    Two two = open_two();
    assert_int_equal(choose(two.one, HOST_RULE_nagle, 0), STATUS_OK);
    assert_int_equal(world_conn_rule(lab.world, two.one, HOST_RULE_nagle), 0);
    assert_int_equal(world_conn_rule(lab.world, two.other, HOST_RULE_nagle), 1);
    for (int i = 0; i < 3; i++) send_text(two.one, "x");
    assert_int_equal(world_packets(lab.world), 3);
    for (int i = 0; i < 3; i++) send_text(two.other, "x");
    assert_int_equal(world_packets(lab.world), 4);
}

/* MUST-21 */
PAIR_TEST(user_timeout) {
    Two two = open_two();
    assert_int_equal(choose(two.one, HOST_RULE_user_timeout, 7 * SECOND), STATUS_OK);
    send_text(two.one, "x");
    send_text(two.other, "x");
    assert_int_equal(view_of(two.one).timer_lengths[TIMER_USER], 7 * SECOND);
    assert_int_equal(view_of(two.other).timer_lengths[TIMER_USER], 100 * SECOND);
}

/* MUST-24: on, at once; and off, though the host has it on. */
PAIR_TEST(keepalive) {
    Two two = open_two();
    assert_int_equal(choose(two.one, HOST_RULE_keepalive, 5 * SECOND), STATUS_OK);
    assert_int_equal(view_of(two.one).timer_lengths[TIMER_KEEPALIVE], 5 * SECOND);
    assert_int_equal(view_of(two.other).timers[TIMER_KEEPALIVE], MICROS_NEVER);
    set_rule(A, HOST_RULE_keepalive, 9 * SECOND);
    assert_int_equal(view_of(two.one).timer_lengths[TIMER_KEEPALIVE], 5 * SECOND);
    assert_int_equal(view_of(two.other).timer_lengths[TIMER_KEEPALIVE], 9 * SECOND);
    assert_int_equal(choose(two.one, HOST_RULE_keepalive, HOST_RULE_OFF), STATUS_OK);
    assert_int_equal(view_of(two.one).timers[TIMER_KEEPALIVE], MICROS_NEVER);
}

/* MUST-48, SHLD-21, MUST-49 */
PAIR_TEST(diffserv_and_ttl) {
    Two two = open_two();
    assert_int_equal(choose(two.one, HOST_RULE_diffserv, 10), STATUS_OK);
    assert_int_equal(choose(two.one, HOST_RULE_ttl, 9), STATUS_OK);
    send_text(two.one, "x");
    assert_int_equal(newest_packet().segment.tos, 10 << 2);
    assert_int_equal(newest_packet().segment.ttl, 9);
    send_text(two.other, "x");
    assert_int_equal(newest_packet().segment.tos, 0);
    assert_int_equal(newest_packet().segment.ttl, 64);
    assert_int_equal(choose(two.one, HOST_RULE_diffserv, 11), STATUS_OK);
    call_on(INPUT_ABORT, two.one);
    assert_int_equal(newest_packet().segment.flags, FLAG_RST);
    assert_int_equal(newest_packet().segment.tos, 11 << 2);
}

/* Another host rule, another connection, another value: another world; and copies and growth keep them. */
PAIR_TEST(worlds_with_other_rules_differ) {
    Two two = open_two();
    uint64_t before = world_digest(lab.world);
    assert_int_equal(choose(two.one, HOST_RULE_nagle, 0), STATUS_OK);
    uint64_t after = world_digest(lab.world);
    assert_true(before != after);
    World *grown = world_grow(lab.world, &(Config){.conns = 300, .store = 32 << 20});
    assert_non_null(grown);
    assert_true(world_digest(grown) == after);
    assert_int_equal(world_conn_rule(grown, two.one, HOST_RULE_nagle), 0);
    world_free(grown);
    assert_int_equal(choose(two.one, HOST_RULE_nagle, 1), STATUS_OK);
    assert_true(world_digest(lab.world) != after);
}

/* What is refused changes nothing; a connection that is gone gives back what it had. */
PAIR_TEST(refused) {
    Two two = open_two();
    ConnId listener = listen_at(A, 99, 1);
    uint64_t digest = world_digest(lab.world);
    assert_int_equal(choose(two.one, HOST_RULE_msl, SECOND), STATUS_BAD_ARGUMENT);
    assert_int_equal(choose(two.one, HOST_RULE_COUNT, 1), STATUS_BAD_ARGUMENT);
    assert_int_equal(choose(two.one, HOST_RULE_nagle, 2), STATUS_BAD_ARGUMENT);
    assert_int_equal(choose(two.one, HOST_RULE_nagle, HOST_RULE_OFF), STATUS_BAD_ARGUMENT);
    assert_int_equal(choose((ConnId){1000, 7}, HOST_RULE_nagle, 0), STATUS_NO_CONNECTION);
    assert_int_equal(choose(listener, HOST_RULE_nagle, 0), STATUS_A_LISTENER);
    assert_true(world_digest(lab.world) == digest);
    for (int i = 0; i < 1000; i++) {
        ConnId conn = connect_from(A, 5, ADDR_PEER, 80);
        on_packet(INPUT_DROP, packet_at(0));
        assert_int_equal(choose(conn, HOST_RULE_ttl, 5), STATUS_OK);
        assert_int_equal(world_conn_rule(lab.world, conn, HOST_RULE_ttl), 5);
        call_on(INPUT_ABORT, conn);
        assert_int_equal(world_conn_rule(lab.world, conn, HOST_RULE_ttl), 64);
        assert_int_equal(choose(conn, HOST_RULE_ttl, 5), STATUS_NO_CONNECTION);
    }
    assert_true(world_digest(lab.world) == digest);
    assert_true(world_bytes(lab.world) < 1 << 20);
}

/* By how much a world grows from its 20th connection to its 40th, one after the other. */
static size_t growth(bool with_rules, bool with_pieces) {
    size_t before = 0;
    afresh();
    for (int i = 0; i < 40; i++) {
        if (i == 20) before = world_bytes(lab.world);
        lab.handed_length = 0;
        establishes();
        if (with_rules) {
            stimulus();
            accepted_input((Input){.kind = INPUT_RULE, .conn = lab.conn, .rule = HOST_RULE_nagle, .value = 0});
        }
        arrives(with_pieces ? "ACK seq=101 ack=1 len=100" : "ACK seq=0 ack=1"); /* both draw an ACK */
        sends("ACK ack=1");
        calls(INPUT_ABORT);
        sends("RST seq=1");
        moves("ESTABLISHED > CLOSED");
    }
    return world_bytes(lab.world) - before;
}

/* What a connection took from the store it gives back: rules of its own, pieces beyond a hole. */
TEST(nothing_is_left_in_the_store) {
    size_t plain = growth(false, false); /* records that are remembered, packets in flight */
    assert_int_equal(growth(true, false), plain);
    assert_int_equal(growth(false, true), plain);
}

/* A rule of one connection changes nothing of a state in which it has no meaning. */
TEST(keepalive_of_its_own_in_any_state) {
    for (size_t i = 0; i < PLACES; i++) {
        afresh();
        places[i].reach();
        stimulus();
        accepted_input(
            (Input){.kind = INPUT_RULE, .conn = lab.conn, .rule = HOST_RULE_keepalive, .value = 10 * SECOND});
        if (places[i].state == STATE_ESTABLISHED || places[i].state == STATE_CLOSE_WAIT)
            runs(TIMER_KEEPALIVE, 10 * SECOND);
        else runs_not(TIMER_KEEPALIVE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(nagle),
        lab_test(user_timeout),
        lab_test(keepalive),
        lab_test(diffserv_and_ttl),
        lab_test(worlds_with_other_rules_differ),
        lab_test(refused),
        lab_test(nothing_is_left_in_the_store),
        lab_test(keepalive_of_its_own_in_any_state),
    };
    return cmocka_run_group_tests_name("conn_rules", tests, NULL, NULL);
}
