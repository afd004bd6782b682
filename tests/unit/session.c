/* session.c - a world with its history: going back and forth, other futures, and a wire that cannot be undone. */
#include "pair.h"

static Session *session;

static int setup(void **state) {
    (void)state;
    session = session_new(&(Config){.seed = 3}, NULL);
    return session ? 0 : -1;
}
static int teardown(void **state) {
    (void)state;
    session_free(session);
    session = NULL;
    return 0;
}

static Status try(Input input) { return session_do(session, &input); }
static const Result *done(Input input) {
    Status status = try(input);
    if (status != STATUS_OK) fail_msg("%s: %s", call_name(input.kind), status_text(status));
    return world_result(session_world(session));
}
static bool next(void) {
    Input input;
    return world_next(session_world(session), &input) && (done(input), true);
}
static ConnView conn(ConnId id) {
    ConnView view;
    assert_true(world_conn(session_world(session), id, &view));
    return view;
}
static uint64_t digest(void) { return world_digest(session_world(session)); }
static void seek(uint32_t step) { assert_int_equal(session_seek(session, step), STATUS_OK); }

static ConnId connects_now(uint16_t port) {
    return done((Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = port}, .remote = {ADDR_B, 80}})->conn;
}

/* A whole life, several hundred steps long. */
static void a_life(void) {
    ConnId listener = done((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5})->conn;
    for (PathRule rule = PATH_LOSS; rule <= PATH_REORDER; rule++)
        done((Input){.kind = INPUT_PATH, .path = rule, .value = 50000});
    ConnId client = connects_now(PORT_A), server;
    while (try((Input){.kind = INPUT_ACCEPT, .conn = listener}) != STATUS_OK) assert_true(next());
    server = world_result(session_world(session))->conn;
    static uint8_t bytes[30000];
    for (int i = 0; i < 8; i++) {
        done((Input){.kind = INPUT_SEND, .conn = client, .bytes = bytes, .length = sizeof bytes});
        for (int k = 0; k < 60; k++) next();
        if (conn(server).unread) done((Input){.kind = INPUT_RECV, .conn = server, .count = conn(server).unread});
    }
    done((Input){.kind = INPUT_SHUTDOWN, .conn = client});
    done((Input){.kind = INPUT_SHUTDOWN, .conn = server});
    while (next()) continue;
}

/* Worlds of other moments, while the session stays where it is. */
static void a_world_of_another_moment(void **state) {
    (void)state;
    a_life();
    uint32_t middle = session_steps(session) / 2;
    seek(middle);
    uint64_t here = digest();
    for (uint32_t step = 0; step <= session_steps(session); step += 37) {
        World *world = session_world_at(session, step);
        assert_non_null(world);
        assert_true(world_digest(session_world(session)) == here);
        seek(step);
        assert_true(world_same(world, session_world(session)));
        seek(middle);
        world_free(world);
    }
    assert_null(session_world_at(session, session_steps(session) + 1));
}

static void to_every_step_and_back(void **state) {
    (void)state;
    a_life();
    uint32_t count = session_steps(session);
    assert_true(count > 200);
    uint64_t *digests = malloc((count + 1) * sizeof *digests);
    Micros *times = malloc((count + 1) * sizeof *times);
    for (uint32_t i = 0; i <= count; i++) {
        seek(i);
        assert_int_equal(session_step(session), i);
        digests[i] = digest();
        times[i] = world_now(session_world(session));
    }
    assert_int_equal(world_now(session_world(session)), times[count]);
    for (uint32_t i = count + 1; i-- > 0;) {
        seek(i);
        if (digest() != digests[i]) fail_msg("step %u is another world on the way back", i);
        assert_int_equal(world_now(session_world(session)), times[i]);
    }
    for (uint32_t i = 0; i < 500; i++) { /* by leaps */
        uint32_t step = i * 7919 % (count + 1);
        seek(step);
        if (digest() != digests[step]) fail_msg("step %u is another world after a leap", step);
    }
    free(digests);
    free(times);
}

/* The world that was lived through is the one that is come back to. */
static void replay_gives_the_same_worlds(void **state) {
    (void)state;
    enum { STEPS = 100 };
    uint64_t lived[STEPS + 1];
    uint32_t events[STEPS + 1];
    done((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5});
    ConnId client = connects_now(PORT_A);
    while (conn(client).state != STATE_ESTABLISHED) next();
    static uint8_t bytes[60000];
    done((Input){.kind = INPUT_SEND, .conn = client, .bytes = bytes, .length = sizeof bytes});
    uint32_t from = session_step(session);
    for (int i = 0; i <= STEPS; i++) {
        lived[i] = digest();
        events[i] = session_events(session);
        if (i < STEPS && !next()) done((Input){.kind = INPUT_WAIT, .at = world_now(session_world(session)) + 1});
    }
    for (uint32_t i = 0; i <= STEPS; i++) {
        seek(from + i);
        assert_true(digest() == lived[i]);
        assert_int_equal(session_events(session), events[i]);
        assert_int_equal(session_events_at(session, from + i), events[i]);
    }
}

static void views_come_back_too(void **state) {
    (void)state;
    a_life();
    uint32_t middle = session_steps(session) / 2;
    seek(middle);
    ConnId id = world_conn_after(session_world(session), A, CONN_NONE);
    ConnView before = conn(id);
    PacketId packets[8];
    size_t flying = world_packet_list(session_world(session), packets, 8);
    PacketView packet = {0};
    uint8_t bytes[2000];
    if (flying) {
        assert_true(world_packet(session_world(session), packets[0], &packet));
        memcpy(bytes, packet.bytes, packet.length);
    }
    seek(session_steps(session));
    seek(middle);
    ConnView after = conn(id);
    assert_memory_equal(&before, &after, sizeof before);
    PacketId again[8];
    assert_int_equal(world_packet_list(session_world(session), again, 8), flying);
    assert_memory_equal(packets, again, (flying < 8 ? flying : 8) * sizeof *packets);
    PacketView same;
    if (flying && world_packet(session_world(session), packets[0], &same))
        assert_memory_equal(bytes, same.bytes, packet.length);
}

static void seeking_nowhere(void **state) {
    (void)state;
    connects_now(PORT_A);
    assert_int_equal(session_seek(session, 2), STATUS_BAD_ARGUMENT);
    assert_int_equal(session_seek(session, UINT32_MAX), STATUS_BAD_ARGUMENT);
    assert_int_equal(session_step(session), 1);
    Input input;
    assert_false(session_input(session, 1, &input));
    assert_true(session_input(session, 0, &input));
    assert_int_equal(input.kind, INPUT_CONNECT);
}

/* ---- Another future ---- */

static void a_new_future_replaces_the_old(void **state) {
    (void)state;
    ConnId first = connects_now(1);
    next();
    next();
    uint32_t epoch = session_epoch(session), events = session_events_at(session, 0);
    seek(0);
    assert_int_equal(session_steps(session), 3);
    assert_int_equal(session_epoch(session), epoch); /* looking back forgets nothing */
    assert_int_equal(session_events(session), events);
    assert_true(trace_count(session_trace(session)) > events); /* the future is still there to be seen */
    ConnId second = connects_now(2);
    for (uint32_t i = 0; i < trace_count(session_trace(session)); i++) {
        const Event e = trace_at(session_trace(session), i);
        assert_int_equal(e.index, i);
        assert_false(conn_eq(e.conn, first)); /* nothing is left of it */
    }
    assert_int_not_equal(session_epoch(session), epoch);
    assert_int_equal(session_steps(session), 1);
    assert_int_equal(trace_count(session_trace(session)), session_events(session));
    assert_int_equal(session_seek(session, 2), STATUS_BAD_ARGUMENT);
    ConnView view;
    assert_false(world_conn(session_world(session), first, &view)); /* stale, never another connection */
    assert_int_equal(second.slot, first.slot);
    assert_int_not_equal(second.generation, first.generation);
    assert_int_equal(try((Input){.kind = INPUT_CLOSE, .conn = first}), STATUS_NO_CONNECTION);
    assert_int_equal(conn(second).state, STATE_SYN_SENT);
}

/* A packet of the old future carries the number of one of the new, and is not it. */
static void packets_of_undone_inputs(void **state) {
    (void)state;
    connects_now(1);
    PacketId old = {1, 0};
    PacketView view;
    assert_true(world_packet(session_world(session), old, &view));
    old = view.id;
    seek(0);
    connects_now(2);
    assert_false(world_packet(session_world(session), old, &view));
    assert_int_equal(try((Input){.kind = INPUT_DROP, .packet = old}), STATUS_NO_PACKET);
    assert_true(world_packet(session_world(session), (PacketId){old.id, 0}, &view));
    assert_int_equal(view.segment.src.port, 2);
}

/* At a point of history where it does not exist yet, a handle names nothing. */
static void a_handle_before_its_connection(void **state) {
    (void)state;
    ConnId id = connects_now(1);
    ConnView view;
    seek(0);
    assert_false(world_conn(session_world(session), id, &view));
    seek(1);
    assert_true(world_conn(session_world(session), id, &view));
}

static void a_refused_input_in_the_past_keeps_the_future(void **state) {
    (void)state;
    a_life();
    uint32_t count = session_steps(session), epoch = session_epoch(session),
             events = trace_count(session_trace(session));
    seek(count);
    uint64_t end = digest();
    seek(count / 2);
    uint64_t middle = digest();
    assert_int_equal(try((Input){.kind = INPUT_DROP, .packet = {123456, 0}}), STATUS_NO_PACKET);
    assert_int_equal(try((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}}), STATUS_CONNECTION_EXISTS);
    assert_int_equal(try((Input){.kind = INPUT_INJECT}), STATUS_BAD_DATAGRAM);
    assert_int_equal(session_steps(session), count);
    assert_int_equal(session_step(session), count / 2);
    assert_int_equal(session_epoch(session), epoch);
    assert_int_equal(trace_count(session_trace(session)), events);
    assert_true(digest() == middle);
    seek(count);
    assert_true(digest() == end);
}

/* The same inputs again make the same world, though every number in it is new. */
static void the_same_future_again(void **state) {
    (void)state;
    a_life();
    uint64_t end = digest();
    seek(0);
    a_life();
    assert_true(digest() == end);
}

/* ---- Starting afresh ---- */

static void reset(void **state) {
    (void)state;
    ConnId id = connects_now(1);
    uint32_t isn = conn(id).iss.value, epoch = session_epoch(session);
    assert_int_equal(session_reset(session), STATUS_OK);
    assert_int_equal(session_steps(session), 0);
    assert_int_equal(session_events(session), 0);
    assert_int_equal(trace_count(session_trace(session)), 0);
    assert_int_not_equal(session_epoch(session), epoch);
    ConnView view;
    assert_false(world_conn(session_world(session), id, &view));
    ConnId again = connects_now(1);
    assert_false(conn_eq(id, again));
    assert_int_equal(conn(again).iss.value, isn); /* the same seed */
    session_seed(session, 4);
    assert_int_equal(conn(again).iss.value, isn); /* not before the next reset */
    assert_int_equal(session_reset(session), STATUS_OK);
    assert_int_equal(world_seed(session_world(session)), 4);
    assert_int_not_equal(conn(connects_now(1)).iss.value, isn);
}

/* ---- Growing ---- */

static void the_world_grows_where_it_must(void **state) {
    (void)state;
    Config begin = *world_config(session_world(session));
    for (uint32_t i = 0; i < LIMIT_HOSTS - 2; i++) {
        char name[2] = {(char)('C' + i), 0};
        done((Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)name, .length = 1});
    }
    assert_int_equal(try((Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)"Z", .length = 1}), STATUS_LIMIT_HOSTS);
    for (uint16_t port = 1; port <= 300; port++) connects_now(port);
    assert_int_equal(world_packets(session_world(session)), 300);
    Config end = *world_config(session_world(session));
    assert_true(end.conns >= 300 && end.conns > begin.conns && end.packets > begin.packets && end.hosts == LIMIT_HOSTS);
    uint64_t now = digest();
    seek(0);
    seek(session_steps(session));
    assert_true(digest() == now);
}

/* A refused input must not leave a larger world behind: places, and with them handles, would be others when history is
 * gone through again. */
static void a_refused_input_does_not_grow_the_world(void **state) {
    (void)state;
    session_free(session);
    session = session_new(&(Config){.conns = 2, .packets = 64, .store = 65536}, NULL);
    done((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5});
    ConnId gone = connects_now(1);
    uint32_t conns = world_config(session_world(session))->conns;
    assert_int_equal(try((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5}),
                     STATUS_CONNECTION_EXISTS);
    assert_int_equal(world_config(session_world(session))->conns, conns);
    done((Input){.kind = INPUT_ABORT, .conn = gone});
    ConnId id = connects_now(2);
    seek(0);
    seek(session_steps(session));
    assert_int_equal(conn(id).local.port, 2);
}

/* What an input points to need not live longer than the call. */
static void inputs_are_copied(void **state) {
    (void)state;
    done((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5});
    ConnId client = connects_now(1);
    char text[] = "hello";
    done((Input){.kind = INPUT_SEND, .conn = client, .bytes = (const uint8_t *)text, .length = 5});
    memset(text, '?', 5);
    uint32_t step = session_step(session) - 1;
    Input input;
    assert_true(session_input(session, step, &input));
    assert_memory_equal(input.bytes, "hello", 5);
    uint64_t now = digest();
    seek(0);
    seek(step + 1);
    assert_true(digest() == now);
}

/* ---- A wire that is not memory ---- */

typedef struct Wire {
    int carried;
    int fail_at, change_at; /* 0: never */
} Wire;

static ptrdiff_t carry(void *self, const uint8_t *in, size_t length, uint8_t *out, size_t capacity, char *error,
                       size_t error_size) {
    Wire *wire = self;
    assert_true(length <= capacity);
    wire->carried++;
    if (wire->carried == wire->fail_at) {
        snprintf(error, error_size, "the wire is cut");
        return -1;
    }
    memcpy(out, in, length);
    if (wire->carried == wire->change_at) out[length - 1] ^= 1;
    return (ptrdiff_t)length;
}

static Wire wire;
static int wired_setup(void **state) {
    (void)state;
    wire = (Wire){0};
    Link link = {.self = &wire, .carry = carry, .kind = "test"};
    session = session_new(&(Config){.seed = 3}, &link);
    return session ? 0 : -1;
}

static void what_is_delivered_crosses_the_wire(void **state) {
    (void)state;
    assert_string_equal(session_wire(session), "test");
    done((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5});
    ConnId client = connects_now(PORT_A);
    for (int i = 0; i < 3; i++) next();
    assert_int_equal(wire.carried, 3);
    assert_int_equal(conn(client).state, STATE_ESTABLISHED);
    uint64_t now = digest();
    seek(0);
    seek(5);
    assert_int_equal(wire.carried, 3); /* history sends nothing */
    assert_true(digest() == now);
}

static void the_wire_fails(void **state) {
    (void)state;
    wire.fail_at = 1;
    connects_now(PORT_A);
    uint64_t before = digest();
    Input input;
    assert_true(world_next(session_world(session), &input));
    assert_int_equal(session_do(session, &input), STATUS_LINK_FAILED);
    assert_string_equal(session_link_error(session), "the wire is cut");
    assert_true(digest() == before);
    assert_int_equal(session_steps(session), 1);
    assert_int_equal(session_do(session, &input), STATUS_OK); /* it may work again */
}

/* What came out is what arrived; and it is what history knows. */
static void the_wire_changes_a_byte(void **state) {
    (void)state;
    wire.change_at = 1;
    connects_now(PORT_A);
    next();
    const Trace *trace = session_trace(session);
    assert_int_equal(trace_at(trace, trace_count(trace) - 1).reason, DROP_CHECKSUM);
    uint64_t now = digest();
    seek(0);
    seek(2);
    assert_true(digest() == now);
}

static void what_is_refused_is_not_sent(void **state) {
    (void)state;
    connects_now(PORT_A);
    PacketId id;
    world_packet_list(session_world(session), &id, 1);
    assert_int_equal(try((Input){.kind = INPUT_DELIVER, .packet = id, .at = SECOND}), STATUS_TOO_EARLY);
    assert_int_equal(try((Input){.kind = INPUT_DELIVER, .packet = {77, 0}}), STATUS_NO_PACKET);
    assert_int_not_equal(try((Input){.kind = INPUT_DELIVER, .packet = id, .at = MICROS_NEVER}), STATUS_OK);
    assert_int_equal(wire.carried, 0);
}

#define SESSION_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define WIRED_TEST(name) cmocka_unit_test_setup_teardown(name, wired_setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        SESSION_TEST(to_every_step_and_back),
        SESSION_TEST(a_world_of_another_moment),
        SESSION_TEST(replay_gives_the_same_worlds),
        SESSION_TEST(views_come_back_too),
        SESSION_TEST(seeking_nowhere),
        SESSION_TEST(a_new_future_replaces_the_old),
        SESSION_TEST(packets_of_undone_inputs),
        SESSION_TEST(a_handle_before_its_connection),
        SESSION_TEST(a_refused_input_in_the_past_keeps_the_future),
        SESSION_TEST(the_same_future_again),
        SESSION_TEST(reset),
        SESSION_TEST(the_world_grows_where_it_must),
        SESSION_TEST(a_refused_input_does_not_grow_the_world),
        SESSION_TEST(inputs_are_copied),
        WIRED_TEST(what_is_delivered_crosses_the_wire),
        WIRED_TEST(the_wire_fails),
        WIRED_TEST(the_wire_changes_a_byte),
        WIRED_TEST(what_is_refused_is_not_sent),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
