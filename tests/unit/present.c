/* present.c - what exists by number: session_packets() and session_conns() agree with the world, whatever is done and
 * undone between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka.h needs those above */
#include <cmocka.h>

#include "../../engine/engine.h"

enum { MANY = 4096, LIVES = 40, INPUTS = 300 };

static Session *session;
static uint64_t chance;

static uint32_t draw(uint32_t below) {
    chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(chance >> 33) % below;
}

/* ---- The same as the world says ---- */

static void check_packets(void) {
    static PacketId expected[MANY], listed[MANY];
    const World *world = session_world(session);
    uint32_t count = (uint32_t)world_packet_list(world, expected, MANY), from = count ? draw(count) : 0;
    assert_true(count <= MANY);
    assert_int_equal(session_packets(session, 0, listed, MANY), count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(listed[i].id, expected[i].id);
        assert_int_equal(listed[i].born, expected[i].born);
    }
    assert_int_equal(session_packets(session, count, listed, MANY), 0);
    if (count == 0) return;
    uint32_t room = 1 + draw(8), some = count - from < room ? count - from : room;
    assert_int_equal(session_packets(session, from, listed, room), some);
    for (uint32_t i = 0; i < some; i++) assert_int_equal(listed[i].id, expected[from + i].id);
}

static void check_conns(HostId host) {
    const World *world = session_world(session);
    HostConns conns;
    uint32_t count = 0;
    assert_true(session_conns(session, host, &conns));
    for (ConnId id = world_conn_after(world, host, CONN_NONE); conn_is(id); id = world_conn_after(world, host, id)) {
        ConnView conn;
        assert_true(world_conn(world, id, &conn));
        if (conn.gone) continue;
        assert_true(count < conns.count);
        assert_true(conn_eq(conns.ids[count++], id));
    }
    assert_int_equal(count, conns.count);
}

/* ---- Lives: anything done and undone, looked at now and then ---- */

static Input on_a_packet(void) {
    static const InputKind kinds[] = {INPUT_DELIVER, INPUT_DROP, INPUT_DUP,     INPUT_DUP,
                                      INPUT_DELAY,   INPUT_HOLD, INPUT_RELEASE, INPUT_CORRUPT};
    PacketId id = PACKET_NONE;
    for (uint32_t i = draw(8) + 1; i-- > 0;) {
        PacketId next = world_packet_after(session_world(session), id);
        if (next.id) id = next;
    }
    return (Input){.kind = kinds[draw(sizeof kinds / sizeof *kinds)],
                   .packet = id,
                   .value = (Micros)draw(3) * 100000,
                   .count = CORRUPT_ANYWHERE};
}

static Input any_input(void) {
    Input next;
    HostConns conns;
    HostId host = draw(2);
    assert_true(session_conns(session, host, &conns));
    ConnId conn = conns.count ? conns.ids[draw(conns.count)] : CONN_NONE;
    switch (draw(10)) {
    case 0: return (Input){.kind = INPUT_LISTEN, .host = host, .local = {.port = (uint16_t)(80 + draw(3))}, .count = 5};
    case 1:
    case 2:
        return (Input){.kind = INPUT_CONNECT,
                       .host = host,
                       .remote = {.addr = {0x7f000001 + draw(2)}, .port = (uint16_t)(80 + draw(3))}};
    case 3: return (Input){.kind = INPUT_SEND, .conn = conn, .bytes = (const uint8_t *)"hello", .length = 5};
    case 4: return (Input){.kind = draw(2) ? INPUT_CLOSE : INPUT_ABORT, .conn = conn};
    case 5: return (Input){.kind = draw(20) ? INPUT_ACCEPT : INPUT_CRASH, .conn = conn, .host = host};
    case 6:
    case 7: return on_a_packet();
    default: return world_next(session_world(session), &next) ? next : (Input){.kind = INPUT_WAIT, .at = MICROS_NEVER};
    }
}

static void live(void) {
    for (int i = 0; i < INPUTS; i++) {
        Input input = any_input();
        session_do(session, &input);
        if (draw(12) == 0) session_seek(session, draw(session_steps(session) + 1));
        if (draw(100) == 0) session_reset(session);
        if (draw(4)) continue;
        check_packets();
        check_conns(draw(2));
    }
}

static void it_agrees_with_the_world(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= LIVES; seed++) {
        chance = seed;
        session = session_new(&(Config){.seed = seed}, NULL);
        assert_non_null(session);
        assert_int_equal(session_do(session, &(Input){.kind = INPUT_PATH, .path = PATH_REORDER, .value = 300000}), 0);
        live();
        session_free(session);
    }
}

static void what_does_not_exist(void **state) {
    (void)state;
    HostConns conns;
    PacketId id;
    session = session_new(&(Config){0}, NULL);
    assert_int_equal(session_packets(session, 0, &id, 1), 0);
    assert_true(session_conns(session, 0, &conns));
    assert_int_equal(conns.count, 0);
    assert_false(session_conns(session, LIMIT_HOSTS, &conns));
    session_free(session);
}

/* The version says whether the list is still the same. */
static void the_version_counts_changes(void **state) {
    (void)state;
    HostConns before, same, other;
    session = session_new(&(Config){0}, NULL);
    Input listen = {.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 5};
    assert_int_equal(session_do(session, &listen), STATUS_OK);
    assert_true(session_conns(session, 1, &before));
    assert_int_equal(before.count, 1);
    assert_int_equal(session_do(session, &(Input){.kind = INPUT_WAIT, .at = 1000}), STATUS_OK);
    assert_true(session_conns(session, 1, &same));
    assert_int_equal(same.version, before.version);
    assert_int_equal(session_seek(session, 0), STATUS_OK);
    assert_true(session_conns(session, 1, &other));
    assert_int_equal(other.count, 0);
    assert_int_not_equal(other.version, before.version);
    session_free(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_agrees_with_the_world),
                                       cmocka_unit_test(what_does_not_exist),
                                       cmocka_unit_test(the_version_counts_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
