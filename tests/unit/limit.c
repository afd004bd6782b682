/* limit.c - what a session keeps, counted, and the limit of it. */
#include "../property/same.h"
#include "pair.h"

static Session *session;
static ConnId client, server;
static Input refused; /* by fills_up() */

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
static void drain(void) {
    Input next;
    while (world_packets(session_world(session)) && world_next(session_world(session), &next)) done(next);
}

static void opens_on(uint64_t seed, const Link *link) {
    session = session_new(&(Config){.seed = seed}, link);
    assert_non_null(session);
    ConnId listener = done((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5})->conn;
    client = done((Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {ADDR_B, 80}})->conn;
    drain();
    server = done((Input){.kind = INPUT_ACCEPT, .conn = listener})->conn;
    assert_non_null(session_flights(session));
}

static void opens(uint64_t seed) { opens_on(seed, NULL); }

/* A byte there, a byte back, and what is due: the input that comes next in an exchange without end. */
static Input exchange(void) {
    Input next;
    const World *world = session_world(session);
    if (world_packets(world) && world_next(world, &next)) return next;
    ConnId ends[] = {client, server};
    for (int i = 0; i < 2; i++) {
        ConnView view;
        assert_true(world_conn(world, ends[i], &view));
        if (view.unread) return (Input){.kind = INPUT_RECV, .conn = ends[i], .count = view.unread};
    }
    static const uint8_t byte = 'x';
    return (Input){.kind = INPUT_SEND, .conn = ends[session_step(session) % 2], .bytes = &byte, .length = 1};
}

/* ---- How much it is ---- */

/* With worlds of the past, inputs, events, datagrams and flights. */
static void a_step_takes_few_bytes(void **state) {
    (void)state;
    enum { STEPS = 100000, MOST = 300 };
    opens(1);
    for (int i = 0; i < STEPS; i++) done(exchange());
    assert_non_null(session_flights(session));
    size_t each = session_bytes(session) / STEPS;
    if (each > MOST) fail_msg("%zu bytes a step of small segments, at most %d", each, MOST);
    Input next;
    while (world_next(session_world(session), &next)) done(next);
    size_t before = session_bytes(session);
    for (int i = 0; i < STEPS; i++)
        done((Input){.kind = INPUT_WAIT, .at = world_now(session_world(session)) + i % 1000});
    each = (session_bytes(session) - before) / STEPS;
    if (each > MOST) fail_msg("%zu bytes a wait, at most %d", each, MOST);
    assert_int_equal(session_reset(session), STATUS_OK);
    assert_true(session_bytes(session) < 300000); /* a session that is new */
}

/* Of what is handed over the journal keeps what was taken; done again, that gives the same world. */
static void bytes_that_were_not_taken(void **state) {
    (void)state;
    enum { SENDS = 200, TAKEN = 3000, OFFERED = 1 << 20 };
    static uint8_t bytes[OFFERED];
    for (uint32_t i = 0; i < OFFERED; i++) bytes[i] = (uint8_t)(i * 7);
    opens(1);
    done((Input){.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_send_buffer, .value = TAKEN});
    size_t before = session_bytes(session);
    for (int i = 0; i < SENDS; i++) {
        Input send = {.kind = INPUT_SEND, .conn = client, .bytes = bytes, .length = OFFERED, .urgent = i % 9 == 0};
        assert_int_equal(done(send)->count, TAKEN);
        for (Input next = exchange(); next.kind != INPUT_SEND; next = exchange()) done(next);
        Input next;
        ConnView view;
        while (world_conn(session_world(session), client, &view) && view.unacked) {
            assert_true(world_next(session_world(session), &next));
            done(next);
        }
    }
    size_t each = (session_bytes(session) - before) / SENDS; /* the input, and its segments */
    if (each > 4 * TAKEN) fail_msg("%zu bytes for %d taken", each, TAKEN);
    uint32_t steps = session_steps(session);
    uint64_t digest = world_digest(session_world(session));
    session_limit(session, 1); /* snapshots are given up */
    assert_int_equal(try(exchange()), STATUS_LIMIT_MEMORY);
    assert_int_equal(session_seek(session, 1), STATUS_OK);
    assert_int_equal(session_seek(session, steps), STATUS_OK);
    assert_true(world_digest(session_world(session)) == digest);
}

/* ---- The limit ---- */

/* Goes on until a step is refused; every second packet is copied, so that the world grows too. */
static uint32_t fills_up(bool copies) {
    for (uint32_t steps = 0;; steps++) {
        Input input = exchange();
        if (copies && input.kind == INPUT_DELIVER && session_step(session) % 2) input.kind = INPUT_DUP;
        Status status = try(input);
        refused = input;
        if (status == STATUS_LIMIT_MEMORY) return steps;
        assert_int_equal(status, STATUS_OK);
        assert_true(steps < 1000000);
    }
}

static void stays_usable(size_t limit) {
    if (session_bytes(session) > limit) fail_msg("%zu bytes kept, limit %zu", session_bytes(session), limit);
    uint64_t digest = world_digest(session_world(session));
    Micros now = world_now(session_world(session));
    uint32_t step = session_step(session), steps = session_steps(session), events = session_events(session);
    assert_int_equal(try(refused), STATUS_LIMIT_MEMORY);
    assert_true(world_digest(session_world(session)) == digest && world_now(session_world(session)) == now);
    assert_int_equal(session_step(session), step);
    assert_int_equal(session_steps(session), steps);
    assert_int_equal(trace_count(session_trace(session)), events);
    assert_non_null(session_flights(session));
    assert_true(session_bytes(session) <= limit);
    assert_int_equal(session_seek(session, 0), STATUS_OK);
    assert_int_equal(session_seek(session, step), STATUS_OK);
    assert_true(world_digest(session_world(session)) == digest && world_now(session_world(session)) == now);
}

/* Whatever the limit is, the step that would pass it is refused and nothing else. */
static void a_step_beyond_is_refused(void **state) {
    (void)state;
    uint32_t before = 0;
    for (uint32_t i = 0; i < 24; i++) {
        opens(1);
        size_t limit = session_bytes(session) + (size_t)i * i * 997;
        session_limit(session, limit);
        uint32_t steps = fills_up(i % 2);
        stays_usable(limit);
        if (i > 15 && steps < 10) fail_msg("limit %zu: only %u steps", limit, steps);
        if (i == 22) before = steps;
        if (i == 23) assert_true(steps != before);
        teardown(NULL);
    }
}

static void in_place_of_what_was_undone(void **state) {
    (void)state;
    opens(2);
    size_t limit = session_bytes(session) + 500000;
    session_limit(session, limit);
    fills_up(false);
    uint32_t full = session_step(session);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(session_seek(session, full - 3), STATUS_OK);
        assert_int_equal(try(exchange()), STATUS_OK);
        assert_int_equal(session_steps(session), full - 2);
        fills_up(false);
        full = session_step(session);
        assert_true(session_bytes(session) <= limit + 1000);
    }
    assert_int_equal(session_reset(session), STATUS_OK);
    assert_int_equal(session_steps(session), 0);
    assert_true(session_bytes(session) < limit);
    done((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5});
}

static void snapshots_are_given_up_first(void **state) {
    (void)state;
    opens(3);
    for (int i = 0; i < 3000; i++) done(exchange());
    assert_non_null(session_flights(session));
    size_t all = session_bytes(session), one = world_bytes(session_world(session));
    session_limit(session, all - 2 * one);
    for (int i = 0; i < 100; i++) done(exchange());
    assert_true(session_bytes(session) <= all - 2 * one);
    session_limit(session, all / 100);
    assert_int_equal(try(exchange()), STATUS_LIMIT_MEMORY);
    session_limit(session, 0);
    for (int i = 0; i < 1000; i++) done(exchange());
}

/* Where the limit is near, the oldest future that was left makes room; the others can still be entered. */
static void old_futures_are_given_up(void **state) {
    (void)state;
    opens(5);
    for (int i = 0; i < 100; i++) done(exchange());
    uint32_t fork = session_step(session);
    session_limit(session, session_bytes(session) + 100000);
    fills_up(false);
    for (int i = 0; i < 300 && !session_branches_lost(session); i++) {
        assert_int_equal(session_seek(session, fork), STATUS_OK);
        done(exchange());
        fills_up(false);
    }
    Branch oldest;
    assert_true(session_branches_lost(session) > 0);
    assert_true(session_branch(session, 0, &oldest));
    assert_true(oldest.number > 1);
    assert_int_equal(session_go_to_branch(session, 1), STATUS_BAD_ARGUMENT);
    assert_int_equal(session_go_to_branch(session, oldest.number), STATUS_OK);
    assert_int_equal(session_step(session), oldest.steps);
}

static void the_number_of_futures_is_bounded(void **state) {
    (void)state;
    opens(7);
    for (int i = 0; i < LIMIT_BRANCHES + 5; i++) {
        assert_int_equal(session_seek(session, 0), STATUS_OK);
        done((Input){.kind = INPUT_WAIT, .at = 1000});
    }
    assert_int_equal(session_branches(session), LIMIT_BRANCHES);
    assert_int_equal(session_branches_lost(session), 6);
}

/* The larger world and the one before it must both find room for a moment. */
static void a_world_that_would_not_fit(void **state) {
    (void)state;
    opens(4);
    size_t limit = session_bytes(session) + (1 << 20);
    session_limit(session, limit);
    static uint8_t bytes[1 << 20];
    done((Input){.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_send_buffer, .value = sizeof bytes});
    uint64_t digest = world_digest(session_world(session));
    Micros now = world_now(session_world(session));
    Input large = {.kind = INPUT_SEND, .conn = client, .bytes = bytes, .length = sizeof bytes};
    assert_int_equal(try(large), STATUS_LIMIT_MEMORY);
    assert_true(world_digest(session_world(session)) == digest && world_now(session_world(session)) == now);
    assert_true(session_bytes(session) <= limit);
    large.length = 1000;
    done(large);
    session_limit(session, limit + (8 << 20));
    large.length = sizeof bytes;
    done(large);
}

static uint32_t carried;
static ptrdiff_t carry(void *self, const uint8_t *in, size_t length, uint8_t *out, size_t capacity, char *error,
                       size_t error_size) {
    (void)self, (void)capacity, (void)error, (void)error_size;
    memcpy(out, in, length);
    carried++;
    return (ptrdiff_t)length;
}

/* What has been sent on a wire cannot be called back. */
static void a_wire_carries_nothing_that_is_refused(void **state) {
    (void)state;
    opens_on(6, &(Link){.carry = carry, .kind = "test"});
    session_limit(session, session_bytes(session) + (1 << 20));
    fills_up(false);
    assert_int_equal(refused.kind, INPUT_DELIVER);
    uint32_t before = carried;
    assert_true(before > 1000);
    assert_int_equal(try(refused), STATUS_LIMIT_MEMORY);
    assert_int_equal(carried, before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_step_takes_few_bytes, teardown),
        cmocka_unit_test_teardown(bytes_that_were_not_taken, teardown),
        cmocka_unit_test_teardown(a_step_beyond_is_refused, teardown),
        cmocka_unit_test_teardown(in_place_of_what_was_undone, teardown),
        cmocka_unit_test_teardown(snapshots_are_given_up_first, teardown),
        cmocka_unit_test_teardown(old_futures_are_given_up, teardown),
        cmocka_unit_test_teardown(the_number_of_futures_is_bounded, teardown),
        cmocka_unit_test_teardown(a_world_that_would_not_fit, teardown),
        cmocka_unit_test_teardown(a_wire_carries_nothing_that_is_refused, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
