/* world.c - the one door: what is refused has not happened, room grows, limits have names, handles are never somebody
 * else's. */
#include "../growing.h"
#include "pair.h"

/* ---- What is refused ---- */

typedef struct Picture {
    World *copy;
    uint64_t digest;
    uint32_t events, packets;
    ConnView conns[16];
    uint32_t conn_count;
} Picture;

static Picture take_picture(void) {
    Picture p = {.copy = world_copy(lab.world),
                 .digest = world_digest(lab.world),
                 .events = trace_count(lab.trace),
                 .packets = world_packets(lab.world)};
    for (ConnId id = world_conn_after(lab.world, HOST_NONE, CONN_NONE); conn_is(id);
         id = world_conn_after(lab.world, HOST_NONE, id)) {
        assert_true(p.conn_count < 16);
        p.conns[p.conn_count++] = view_of(id);
    }
    return p;
}

static void same_picture(const Picture *p, const char *what) {
    if (world_digest(lab.world) != p->digest) fail_msg("%s changed the digest", what);
    if (trace_count(lab.trace) != p->events) fail_msg("%s is in the trace", what);
    if (world_packets(lab.world) != p->packets) fail_msg("%s changed what is in flight", what);
    for (uint32_t i = 0; i < p->conn_count; i++) {
        ConnView now = view_of(p->conns[i].id);
        if (memcmp(&now, &p->conns[i], sizeof now)) fail_msg("%s changed a connection", what);
    }
    if (!world_same(lab.world, p->copy)) fail_msg("%s left a mark", what);
}

static const uint8_t text[] = "text";

PAIR_TEST(refused_inputs_change_nothing) {
    Pair p = open_pair();
    send_text(p.client, "hello");
    PacketId flying = packet_at(0), gone = {999, 0}, other = {flying.id, flying.born + 1};
    const struct {
        Input input;
        Status status;
    } table[] = {
        {{.kind = INPUT_NONE}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_KINDS}, STATUS_BAD_ARGUMENT},
        {{.kind = (InputKind)1000}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}}, STATUS_CONNECTION_EXISTS},
        {{.kind = INPUT_LISTEN, .host = 2, .local = {.port = 80}}, STATUS_NO_HOST},
        {{.kind = INPUT_CONNECT, .host = HOST_NONE, .remote = {ADDR_B, 80}}, STATUS_NO_HOST},
        {{.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {ADDR_B, 80}},
         STATUS_CONNECTION_EXISTS},
        {{.kind = INPUT_ACCEPT, .conn = p.listener}, STATUS_NOTHING_YET},
        {{.kind = INPUT_ACCEPT, .conn = p.client}, STATUS_NOT_A_LISTENER},
        {{.kind = INPUT_SEND, .conn = p.listener, .bytes = text, .length = 4}, STATUS_A_LISTENER},
        {{.kind = INPUT_SEND, .conn = p.client, .length = 4}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_RECV, .conn = p.client, .count = 1}, STATUS_NOTHING_YET},
        {{.kind = INPUT_CLOSE, .conn = {p.client.slot, p.client.generation + 1}}, STATUS_NO_CONNECTION},
        {{.kind = INPUT_CLOSE}, STATUS_NO_CONNECTION},
        {{.kind = INPUT_CRASH, .host = 77}, STATUS_NO_HOST},
        {{.kind = INPUT_DELIVER, .packet = gone}, STATUS_NO_PACKET},
        {{.kind = INPUT_DELIVER, .packet = other}, STATUS_NO_PACKET},
        {{.kind = INPUT_DROP}, STATUS_NO_PACKET},
        {{.kind = INPUT_DUP, .packet = gone}, STATUS_NO_PACKET},
        {{.kind = INPUT_RELEASE, .packet = flying}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_EXPIRE, .packet = flying}, STATUS_TOO_EARLY},
        {{.kind = INPUT_CORRUPT, .packet = flying, .count = 100000}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_EDIT, .packet = flying, .bytes = text, .length = 4}, STATUS_BAD_DATAGRAM},
        {{.kind = INPUT_INJECT, .bytes = text, .length = 4}, STATUS_BAD_DATAGRAM},
        {{.kind = INPUT_INJECT, .bytes = text, .length = 1u << 31}, STATUS_BAD_DATAGRAM},
        {{.kind = INPUT_DELAY, .packet = flying, .value = INT64_MAX}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_TIMER, .conn = p.client, .timer = TIMER_TIME_WAIT, .at = MICROS_NEVER}, STATUS_NO_TIMER},
        {{.kind = INPUT_TIMER, .conn = p.client, .timer = (TimerKind)99, .at = MICROS_NEVER}, STATUS_NO_TIMER},
        {{.kind = INPUT_TIMER, .conn = p.client, .timer = TIMER_RETRANSMIT}, STATUS_TOO_EARLY},
        {{.kind = INPUT_WAIT, .at = 1000 * SECOND}, STATUS_TOO_EARLY},
        {{.kind = INPUT_WAIT, .at = MICROS_NEVER}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_WAIT, .at = MICROS_NEVER - 1}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_DROP, .packet = flying, .at = 1000 * SECOND}, STATUS_TOO_EARLY},
        {{.kind = INPUT_HOST, .bytes = (const uint8_t *)"A", .length = 1}, STATUS_NAME_TAKEN},
        {{.kind = INPUT_HOST, .bytes = text, .length = 0}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_HOST, .bytes = (const uint8_t *)"sixteen letters.", .length = 16}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_HOST, .bytes = (const uint8_t *)"a\0b", .length = 3}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_COUNT}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_msl, .value = 0}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_msl, .value = HOST_RULE_OFF}, STATUS_BAD_ARGUMENT},
        {{.kind = INPUT_RULE, .host = 5, .rule = HOST_RULE_msl, .value = SECOND}, STATUS_NO_HOST},
        {{.kind = INPUT_PATH, .path = PATH_LOSS, .value = 1000001}, STATUS_BAD_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char what[60];
        Picture before = take_picture();
        Status status = attempt(table[i].input);
        snprintf(what, sizeof what, "row %zu, %s", i, call_name(table[i].input.kind));
        if (status != table[i].status)
            fail_msg("%s: \"%s\", not \"%s\"", what, status_text(status), status_text(table[i].status));
        same_picture(&before, what);
        world_free(before.copy);
    }
}

/* ---- Looking changes nothing ---- */

PAIR_TEST(looking_changes_nothing) {
    Pair p = open_pair();
    send_text(p.client, "hello");
    Picture before = take_picture();
    Input inputs[32];
    uint8_t bytes[10];
    HostView host;
    world_choices(lab.world, inputs, 32);
    world_next(lab.world, inputs);
    world_peek(lab.world, p.server, bytes, sizeof bytes);
    world_host(lab.world, A, &host);
    world_busy(lab.world);
    packet_view(packet_at(0));
    same_picture(&before, "looking");
    world_free(before.copy);
}

/* ---- Copies ---- */

PAIR_TEST(a_copy_is_independent) {
    Pair p = open_pair();
    World *copy = world_copy(lab.world);
    uint64_t digest = world_digest(copy);
    assert_true(digest == world_digest(lab.world));
    call_on(INPUT_CLOSE, p.client);
    runs_on();
    assert_true(world_digest(copy) == digest);
    ConnView view;
    assert_true(world_conn(copy, p.client, &view));
    assert_int_equal(view.state, STATE_ESTABLISHED);
    Input close = {.kind = INPUT_CLOSE, .conn = p.client};
    assert_int_equal(world_step(copy, &close, NULL), STATUS_OK);
    Input next;
    while (world_busy(copy) && world_next(copy, &next)) assert_int_equal(world_step(copy, &next, NULL), STATUS_OK);
    assert_true(world_digest(copy) == world_digest(lab.world)); /* the same inputs, the same world */
    world_free(copy);
}

/* ---- Growing ---- */

static void small_world(uint32_t conns, uint32_t packets, uint32_t store) {
    world_free(lab.world);
    lab.world = world_new(&(Config){.hosts = 2, .conns = conns, .packets = packets, .store = store});
    assert_non_null(lab.world);
}

static void grow(Config config) {
    World *grown = world_grow(lab.world, &config);
    assert_non_null(grown);
    assert_true(world_digest(grown) == world_digest(lab.world));
    world_free(lab.world);
    lab.world = grown;
}

PAIR_TEST(limits_have_names) {
    small_world(1, 64, 65536);
    listen_at(B, 80, 5);
    assert_int_equal(attempt((Input){.kind = INPUT_CONNECT, .host = A, .remote = {ADDR_B, 80}}), STATUS_LIMIT_CONNS);
    small_world(8, 64, 65536);
    assert_int_equal(attempt((Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)"C", .length = 1}),
                     STATUS_LIMIT_HOSTS);
    small_world(8, 1, 65536);
    connect_from(A, 1, ADDR_B, 80);
    assert_int_equal(attempt((Input){.kind = INPUT_CONNECT, .host = A, .remote = {ADDR_B, 80}}), STATUS_LIMIT_PACKETS);
    small_world(8, 64, 64);
    connect_from(A, 1, ADDR_B, 80);
    assert_int_equal(attempt((Input){.kind = INPUT_CONNECT, .host = A, .remote = {ADDR_B, 80}}), STATUS_LIMIT_STORE);
    assert_null(world_new(&(Config){.hosts = LIMIT_HOSTS + 1}));
    assert_null(world_new(&(Config){.conns = LIMIT_CONNS + 1}));
    assert_null(world_new(&(Config){.packets = LIMIT_PACKETS + 1}));
    assert_null(world_grow(lab.world, &(Config){.hosts = LIMIT_HOSTS + 1}));
}

PAIR_TEST(growing_keeps_everything) {
    Pair p = open_pair();
    send_text(p.client, "hello");
    on_packet(INPUT_DUP, packet_at(0));
    on_packet(INPUT_HOLD, packet_at(1));
    ConnView before = view_of(p.client);
    PacketView packet = packet_view(packet_at(0));
    size_t length = packet.length;
    uint8_t bytes[200];
    memcpy(bytes, packet.bytes, length);
    grow((Config){.hosts = 8, .conns = 1000, .packets = 5000, .store = 64 << 20});
    ConnView after = view_of(p.client);
    assert_memory_equal(&before, &after, sizeof before);
    packet = packet_view(packet_at(0));
    assert_int_equal(packet.length, length);
    assert_memory_equal(packet.bytes, bytes, length);
    assert_int_equal(world_config(lab.world)->conns, 1000);
    grow((Config){.hosts = 2, .conns = 2, .packets = 2, .store = 2}); /* never less */
    assert_int_equal(world_config(lab.world)->conns, 1000);
    runs_on();
    assert_int_equal(view_of(p.server).unread, 5);
    accepted_input((Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)"C", .length = 1});
}

/* One segment may set free a great deal: where there is no room for all of it the step is repeated on a larger world.
 */
PAIR_TEST(a_syn_ack_opens_a_large_window) {
    const Config most = {.conns = 4, .packets = 64, .store = 1 << 20};
    small_world(4, 40, 1 << 16);
    set_path(PATH_MTU, 65535);
    for (HostId host = A; host <= B; host++) set_rule(host, HOST_RULE_mss, 60000);
    listen_at(B, 80, 5);
    ConnId client = connect_from(A, PORT_A, ADDR_B, 80);
    static uint8_t bytes[60000];
    Input send = {.kind = INPUT_SEND, .conn = client, .bytes = bytes, .length = sizeof bytes}, next;
    assert_int_equal(step_growing(&lab.world, &send, lab.trace, &most), STATUS_OK);
    for (int i = 0; i < 20 && world_next(lab.world, &next); i++)
        assert_int_equal(step_growing(&lab.world, &next, lab.trace, &most), STATUS_OK);
    assert_int_equal(view_of(client).state, STATE_ESTABLISHED);
    assert_int_equal(view_of(client).unacked, 0);
}

/* ---- Handles ---- */

/* Its place serves another connection: the old handle is an error. */
PAIR_TEST(stale_handles) {
    small_world(2, 64, 65536);
    ConnId first = connect_from(A, PORT_A, ADDR_B, 80);
    call_on(INPUT_ABORT, first);
    assert_true(view_of(first).gone); /* remembered, until its place is needed */
    ConnId second = connect_from(A, PORT_A, ADDR_B, 80);
    assert_true(view_of(first).gone);
    call_on(INPUT_ABORT, second);
    ConnId third = connect_from(A, PORT_A, ADDR_B, 80);
    assert_int_equal(third.slot, first.slot);
    ConnView view;
    assert_false(world_conn(lab.world, first, &view));
    assert_int_equal(attempt((Input){.kind = INPUT_CLOSE, .conn = first}), STATUS_NO_CONNECTION);
    assert_int_equal(attempt((Input){.kind = INPUT_TIMER, .conn = first, .at = MICROS_NEVER}), STATUS_NO_CONNECTION);
    assert_int_equal(world_peek(lab.world, first, (uint8_t[1]){0}, 1), 0);
    assert_false(conn_is(world_conn_after(lab.world, HOST_NONE, first)));
    expect_state(third, STATE_SYN_SENT);
    assert_true(conn_eq(world_conn_after(lab.world, A, second), third)); /* in order of creation */
}

/* A record that is taken for another connection gives back the bytes that nobody read. */
PAIR_TEST(unread_bytes_are_freed) {
    small_world(3, 64, 1 << 20);
    set_rule(A, HOST_RULE_time_wait, 0), set_rule(B, HOST_RULE_time_wait, 0);
    ConnId listener = listen_at(B, 80, 1);
    static char many[2000];
    memset(many, 'x', sizeof many - 1);
    size_t most = 0;
    for (int i = 0; i < 50; i++) {
        ConnId client = connect_from(A, 0, ADDR_B, 80);
        runs_on();
        ConnId server = accept_at(listener);
        send_text(client, many);
        call_on(INPUT_CLOSE, client);
        call_on(INPUT_SHUTDOWN, server);
        runs_on();
        assert_true(view_of(client).gone && view_of(server).gone);
        assert_int_equal(view_of(server).unread, sizeof many - 1);
        if (i == 2) most = world_bytes(lab.world);
    }
    assert_int_equal(world_bytes(lab.world), most);
}

PAIR_TEST(stale_packets) {
    connect_from(A, PORT_A, ADDR_B, 80);
    PacketId id = packet_at(0);
    PacketView view;
    assert_true(world_packet(lab.world, (PacketId){id.id, 0}, &view)); /* whatever future it is from */
    assert_false(world_packet(lab.world, (PacketId){id.id, id.born + 1}, &view));
    assert_false(world_packet(lab.world, PACKET_NONE, &view));
    on_packet(INPUT_DROP, id);
    assert_false(world_packet(lab.world, id, &view));
    connect_from(A, 7778, ADDR_B, 80);
    assert_int_equal(packet_at(0).id, id.id + 1); /* a number is never used again */
    assert_false(world_packet(lab.world, id, &view));
}

/* ---- What is next ---- */

/* At the same instant packets come before timers, older ones before younger. */
PAIR_TEST(ties) {
    set_path(PATH_LATENCY, SECOND);
    ConnId one = connect_from(A, 1, ADDR_PEER, 80), two = connect_from(A, 2, ADDR_PEER, 80);
    Input next;
    static const InputKind kinds[] = {INPUT_DELIVER, INPUT_DELIVER, INPUT_TIMER, INPUT_TIMER};
    for (int i = 0; i < 4; i++) {
        assert_true(world_next(lab.world, &next));
        assert_int_equal(next.kind, kinds[i]);
        assert_int_equal(next.at, SECOND);
        if (i < 2) assert_int_equal(next.packet.id, 1 + i);
        else assert_true(conn_eq(next.conn, i == 2 ? one : two));
        accepted_input(next);
    }
}

PAIR_TEST(nothing_is_next_in_an_idle_world) {
    Input next;
    assert_false(world_next(lab.world, &next));
    assert_false(world_busy(lab.world));
    assert_int_equal(world_choices(lab.world, NULL, 0), 0);
    Pair p = open_pair();
    assert_false(world_next(lab.world, &next)); /* an open connection that says nothing has no timer */
    call_on(INPUT_CLOSE, p.client);
    call_on(INPUT_CLOSE, p.server);
    runs_on();
    assert_false(world_busy(lab.world)); /* TIME_WAIT is waiting, not work */
    assert_true(world_next(lab.world, &next));
    assert_int_equal(next.timer, TIMER_TIME_WAIT);
    accepted_input(next);
}

PAIR_TEST(choices_are_all_that_can_happen) {
    for (uint16_t port = 1; port <= 3; port++) connect_from(A, port, ADDR_B, 80);
    on_packet(INPUT_HOLD, packet_at(0));
    Input inputs[16];
    size_t count = world_choices(lab.world, inputs, 16); /* two packets, and two timers of each of three connections */
    assert_int_equal(count, 2 + 3 * 2);
    assert_int_equal(world_choices(lab.world, inputs, 1), count);
    for (size_t i = 0; i < world_choices(lab.world, inputs, 16); i++) {
        World *copy = world_copy(lab.world);
        assert_int_equal(world_step(copy, &inputs[i], NULL), STATUS_OK);
        assert_true(world_digest(copy) != world_digest(lab.world));
        world_free(copy);
    }
}

PAIR_TEST(time_passes) {
    accepted_input((Input){.kind = INPUT_WAIT, .at = 5 * SECOND});
    assert_int_equal(world_now(lab.world), 5 * SECOND);
    accepted_input((Input){.kind = INPUT_WAIT, .at = 2 * SECOND}); /* the past means now */
    assert_int_equal(world_now(lab.world), 5 * SECOND);
    connect_from(A, PORT_A, ADDR_B, 80);
    accepted_input(
        (Input){.kind = INPUT_WAIT, .at = 5 * SECOND + 50 * MILLISECOND}); /* up to what is due, not past it */
    assert_int_equal(attempt((Input){.kind = INPUT_WAIT, .at = 5 * SECOND + 50 * MILLISECOND + 1}), STATUS_TOO_EARLY);
}

/* ---- Hosts and their rules ---- */

PAIR_TEST(hosts) {
    HostView view;
    assert_int_equal(world_hosts(lab.world), 2);
    assert_true(world_host(lab.world, A, &view));
    assert_string_equal(view.name, "A");
    assert_true(addr_eq(view.addr, ADDR_A));
    assert_false(world_host(lab.world, 2, &view));
    HostId c =
        accepted_input((Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)"fifteen letters", .length = 15})->host;
    assert_int_equal(c, 2);
    assert_true(world_host(lab.world, c, &view));
    assert_string_equal(view.name, "fifteen letters");
    assert_true(addr_eq(view.addr, addr_of(0x7f000003)));
    assert_int_equal(world_host_by_addr(lab.world, addr_of(0x7f000003)), c);
    assert_int_equal(world_host_by_addr(lab.world, addr_of(0x7f000004)), HOST_NONE);
    for (int i = 0; i < HOST_RULE_COUNT; i++) assert_int_equal(view.rules[i], host_rule_info((HostRule)i)->initial);
}

/* Each rule takes its ends, and `off` where it may be off, and nothing beyond. */
PAIR_TEST(rules_keep_their_range) {
    HostView view;
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        const HostRuleInfo *info = host_rule_info((HostRule)i);
        const int64_t good[] = {info->low, info->high, info->initial};
        for (int k = 0; k < 3; k++) {
            set_rule(A, (HostRule)i, good[k]);
            assert_true(world_host(lab.world, A, &view));
            assert_int_equal(view.rules[i], good[k]);
        }
        const int64_t bad[] = {info->low - 1, info->high + 1, INT64_MIN, INT64_MAX};
        for (int k = 0; k < 4; k++) {
            Status status = attempt((Input){.kind = INPUT_RULE, .host = A, .rule = (HostRule)i, .value = bad[k]});
            bool off = info->off && bad[k] == HOST_RULE_OFF;
            if ((status == STATUS_OK) != off) fail_msg("%s takes %lld", info->name, (long long)bad[k]);
        }
        if (!info->off && info->low > HOST_RULE_OFF)
            assert_int_equal(
                attempt((Input){.kind = INPUT_RULE, .host = A, .rule = (HostRule)i, .value = HOST_RULE_OFF}),
                STATUS_BAD_ARGUMENT);
    }
}

PAIR_TEST(connections_of_a_host) {
    Pair p = open_pair();
    assert_true(conn_eq(world_conn_after(lab.world, A, CONN_NONE), p.client));
    assert_false(conn_is(world_conn_after(lab.world, A, p.client)));
    assert_true(conn_eq(world_conn_after(lab.world, B, CONN_NONE), p.listener));
    assert_true(conn_eq(world_conn_after(lab.world, B, p.listener), p.server));
    assert_true(conn_eq(world_conn_after(lab.world, HOST_NONE, CONN_NONE), p.listener));
    assert_true(conn_eq(world_conn_after(lab.world, HOST_NONE, p.listener), p.client));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(refused_inputs_change_nothing),
        lab_test(looking_changes_nothing),
        lab_test(a_copy_is_independent),
        lab_test(limits_have_names),
        lab_test(growing_keeps_everything),
        lab_test(a_syn_ack_opens_a_large_window),
        lab_test(stale_handles),
        lab_test(unread_bytes_are_freed),
        lab_test(stale_packets),
        lab_test(ties),
        lab_test(nothing_is_next_in_an_idle_world),
        lab_test(choices_are_all_that_can_happen),
        lab_test(time_passes),
        lab_test(hosts),
        lab_test(rules_keep_their_range),
        lab_test(connections_of_a_host),
    };
    return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
