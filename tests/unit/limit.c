/* limit.c - what a session keeps, counted, and the limit of it. */
#include "pair.h"

static Session *session;
static ConnId client;

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

static void opens(uint64_t seed) {
    session = session_new(&(Config){.seed = seed}, NULL);
    assert_non_null(session);
    done((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5});
    client = done((Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {ADDR_B, 80}})->conn;
    drain();
}

/* The larger world and the one before it must both find room for a moment. */
static void a_world_that_would_not_fit(void **state) {
    (void)state;
    opens(4);
    size_t limit = session_bytes(session) + (1 << 20);
    session_limit(session, limit);
    static uint8_t bytes[1 << 20];
    done((Input){.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_send_buffer, .value = sizeof bytes});
    World *world = world_copy(session_world(session));
    Input large = {.kind = INPUT_SEND, .conn = client, .bytes = bytes, .length = sizeof bytes};
    assert_int_equal(try(large), STATUS_LIMIT_MEMORY);
    assert_true(world_same(session_world(session), world));
    assert_true(session_bytes(session) <= limit);
    world_free(world);
    large.length = 1000;
    done(large);
    session_limit(session, limit + (8 << 20));
    large.length = sizeof bytes;
    done(large);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_world_that_would_not_fit, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
