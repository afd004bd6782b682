/* no_memory.c - a lifetime in which each allocation fails in turn, once or for good: what a session holds agrees
 * afterwards, and it goes on. */
#include "../property/same.h"
#include "pair.h"

/* ---- Allocations that fail: the linker puts these in place of the library's ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);

static uint32_t allocations, fails_at; /* counted from 1; 0: none fails */
static bool for_good;

static bool fails(void) {
    allocations++;
    return fails_at && (for_good ? allocations >= fails_at : allocations == fails_at);
}
void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return fails() ? NULL : __real_calloc(count, size); }
void *__wrap_realloc(void *block, size_t size) { return fails() ? NULL : __real_realloc(block, size); }

/* ---- What must agree ---- */

static const Config config = {.seed = 5, .hosts = 2, .conns = 2, .packets = 2, .store = 1024};
static Session *session;

/* The limit that was met, doubled, as a session does it. */
static void double_limit(Config *c, Status status) {
    switch ((int)status) {
    case STATUS_LIMIT_HOSTS: c->hosts = c->hosts < LIMIT_HOSTS / 2 ? c->hosts * 2 : LIMIT_HOSTS; return;
    case STATUS_LIMIT_CONNS: c->conns *= 2; return;
    case STATUS_LIMIT_PACKETS: c->packets *= 2; return;
    case STATUS_LIMIT_STORE: c->store *= 2; return;
    default: fail_msg("an input of the past is refused: %s", status_text(status));
    }
}

/* Does an input on a world that grows where it must. */
static World *step_on(World *world, const Input *input, Trace *trace) {
    Config larger = *world_config(world);
    for (World *tried = world_copy(world);; tried = world_grow(world, &larger)) {
        assert_non_null(tried);
        Status status = world_step(tried, input, trace);
        if (status == STATUS_OK) {
            world_free(world);
            return tried;
        }
        world_free(tried);
        double_limit(&larger, status);
    }
}

static void same_flights(const Trace *trace) {
    Flights *fresh = flights_new(trace);
    assert_true(fresh && flights_update(fresh));
    const Flights *kept = session_flights(session);
    assert_non_null(kept);
    uint32_t count = flights_count(fresh, EVENT_NONE);
    assert_int_equal(flights_count(kept, EVENT_NONE), count);
    for (uint32_t i = 0; i < count; i++) {
        FlightView one, other;
        assert_true(flights_view(fresh, i, EVENT_NONE, &one) && flights_view(kept, i, EVENT_NONE, &other));
        assert_true(one.packet.id == other.packet.id && one.last == other.last && one.outcomes == other.outcomes);
    }
    flights_free(fresh);
}

/* The whole journal done again from the beginning gives each world and each event that the session has. */
static void agrees(void) {
    uint32_t steps = session_steps(session), here = session_step(session), every = steps / 7 + 1;
    assert_true(here <= steps && world_spent(session_world(session)) == STATUS_OK);
    World *world = world_new(&config);
    Trace *trace = trace_new();
    assert_true(world && trace);
    for (uint32_t step = 0;; step++) {
        if (step == here) assert_true(world_digest(world) == world_digest(session_world(session)));
        if (step % every == 0 || step == steps) {
            World *past = session_world_at(session, step);
            if (!past || world_digest(past) != world_digest(world)) fail_msg("step %u of %u is another", step, steps);
            assert_int_equal(world_now(past), world_now(world));
            world_free(past);
        }
        assert_int_equal(session_events_at(session, step), trace_count(trace));
        if (step == steps) break;
        Input input;
        assert_true(session_input(session, step, &input));
        world = step_on(world, &input, trace);
    }
    assert_int_equal(first_difference(session_trace(session), trace, 0), EVENT_NONE);
    same_flights(trace);
    world_free(world);
    trace_free(trace);
}

/* ---- The lifetime ---- */

static bool checked; /* once after the first failure; and at the end */

static void check_once(void) {
    if (checked || !fails_at || allocations < fails_at) return;
    uint32_t before = fails_at;
    checked = true;
    fails_at = 0;
    agrees();
    fails_at = for_good ? before : 0;
}

/* Refusals are no matter: after a failure the rest of the lifetime is another one. */
static ConnId does(Input input) {
    Status status = session_do(session, &input);
    ConnId conn = status == STATUS_OK ? world_result(session_world(session))->conn : CONN_NONE;
    check_once();
    return conn;
}
static void goes_on(uint32_t steps) {
    Input input;
    while (steps-- > 0 && world_next(session_world(session), &input)) does(input);
}
static void goes_to(uint32_t step) {
    session_seek(session, step);
    check_once();
}

static void goes_to_branch(uint32_t number) {
    session_go_to_branch(session, number);
    check_once();
}

static void connections_and_hosts(void) {
    does((Input){.kind = INPUT_PATH, .path = PATH_LOSS, .value = 100000});
    ConnId listener = does((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5});
    for (uint16_t i = 0; i < 9; i++) {
        does((Input){.kind = INPUT_CONNECT, .host = A, .remote = {ADDR_B, 80}});
        goes_on(4);
        does((Input){.kind = INPUT_ACCEPT, .conn = listener});
    }
    for (char name = 'C'; name < 'H'; name++)
        does((Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)&name, .length = 1});
    goes_on(40);
}

static void bytes_and_copies(void) {
    static uint8_t bytes[100000];
    ConnId client = world_conn_after(session_world(session), A, CONN_NONE);
    does((Input){.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_send_buffer, .value = 60000});
    does((Input){.kind = INPUT_SEND, .conn = client, .bytes = bytes, .length = sizeof bytes, .urgent = true});
    for (uint32_t i = 0; i < 20; i++) {
        PacketId packet = PACKET_NONE;
        if (world_packet_list(session_world(session), &packet, 1)) does((Input){.kind = INPUT_DUP, .packet = packet});
        if (i % 3 == 0) does((Input){.kind = INPUT_CORRUPT, .packet = packet, .count = CORRUPT_ANYWHERE});
        goes_on(i % 2);
    }
    goes_on(70);
}

static void reads_all(void) {
    session_flights(session);
    uint64_t digest = world_digest(session_world(session));
    size_t length = world_pack(session_world(session), NULL, 0);
    assert_true(length > 0 || allocations >= fails_at);
    assert_true(world_digest(session_world(session)) == digest);
    world_free(session_world_at(session, session_steps(session) / 2));
    check_once();
}

static void a_lifetime(void) {
    session = session_new(&config, NULL);
    if (!session) return;
    connections_and_hosts();
    bytes_and_copies();
    reads_all();
    goes_to(session_steps(session) / 2);
    reads_all();
    goes_to(session_steps(session) - session_steps(session) / 4);
    bytes_and_copies();
    reads_all();
    goes_to(3);
    connections_and_hosts();
    session_limit(session, session_bytes(session) + 50000);
    bytes_and_copies();
    goes_on(100);
    session_limit(session, 0);
    goes_to_branch(1);
    goes_to(session_steps(session) / 3);
    goes_on(3);
    goes_to_branch(2);
    goes_to(0);
    goes_to(session_steps(session));
    session_reset(session);
    check_once();
    connections_and_hosts();
    reads_all();
}

/* Returns how many allocations there were. */
static uint32_t lives(uint32_t failing, bool from_then_on) {
    allocations = 0, fails_at = failing, for_good = from_then_on, checked = false;
    a_lifetime();
    uint32_t count = allocations;
    fails_at = 0;
    if (session) {
        agrees();
        goes_to(session_steps(session) / 2);
        connections_and_hosts(); /* it goes on */
        agrees();
    }
    session_free(session);
    session = NULL;
    return count;
}

static uint32_t now_fails;

static void each_fails(bool from_then_on) {
    uint32_t count = lives(0, false);
    assert_true(count > 200);
    for (now_fails = 1; now_fails <= count; now_fails++) lives(now_fails, from_then_on);
    now_fails = 0;
}

static int says_which(void **state) {
    (void)state;
    if (now_fails) print_error("where allocation %u fails\n", now_fails);
    now_fails = fails_at = 0;
    return 0;
}

static void each_fails_once(void **state) {
    (void)state;
    each_fails(false);
}
static void from_each_on_all_fail(void **state) {
    (void)state;
    each_fails(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(each_fails_once, says_which),
        cmocka_unit_test_teardown(from_each_on_all_fail, says_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
