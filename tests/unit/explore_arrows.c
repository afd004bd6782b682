/* explore_arrows.c - every transition of states.def is taken in some order of events, and no other is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../engine/engine.h"

enum { A, B };

static const Input listen_call = {.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 5};
static const Input connect_call = {
    .kind = INPUT_CONNECT, .host = A, .local = {.port = 7777}, .remote = {{0x7f000002}, 80}};
static const Input connect_back = {
    .kind = INPUT_CONNECT, .host = B, .local = {.port = 80}, .remote = {{0x7f000001}, 7777}};
static const Input close_a = {.kind = INPUT_CLOSE, .host = A}, close_b = {.kind = INPUT_CLOSE, .host = B};
static const Input abort_a = {.kind = INPUT_ABORT, .host = A}, abort_b = {.kind = INPUT_ABORT, .host = B};
static const Input crash_a = {.kind = INPUT_CRASH, .host = A};

/* ---- What is seen: at each point of a search every input is tried that may come next ---- */

typedef struct Seen {
    const Input *calls;
    uint32_t call_count;
    bool changes[STATE_COUNT][STATE_COUNT];
} Seen;

static void try_input(Seen *seen, const World *world, Input input) {
    World *next = world_copy(world);
    Trace *trace = trace_new();
    assert_true(next && trace);
    world_step(next, &input, trace);
    for (uint32_t i = 0; i < trace_count(trace); i++) {
        Event event = trace_at(trace, i);
        if (event.kind == EVENT_STATE) seen->changes[event.from][event.to] = true;
    }
    trace_free(trace);
    world_free(next);
}

static void try_arrivals(Seen *seen, const World *world) {
    PacketId packets[64];
    uint32_t count = world_packets(world);
    assert_in_range(count, 0, 64);
    world_packet_list(world, packets, count);
    for (uint32_t i = 0; i < count; i++) try_input(seen, world, (Input){.kind = INPUT_DELIVER, .packet = packets[i]});
}

static void try_timers(Seen *seen, const World *world) {
    ConnView conn;
    for (ConnId id = CONN_NONE; conn_is(id = world_conn_after(world, HOST_NONE, id));) {
        if (!world_conn(world, id, &conn) || conn.gone) continue;
        for (int i = 0; i < TIMER_COUNT; i++)
            if (conn.timers[i] != MICROS_NEVER)
                try_input(seen, world,
                          (Input){.kind = INPUT_TIMER, .conn = id, .timer = (TimerKind)i, .at = conn.timers[i]});
    }
}

/* Without a handle a call is for the youngest connection of its host. */
static void try_calls(Seen *seen, const World *world, uint16_t made) {
    ConnView conn;
    for (uint32_t i = 0; i < seen->call_count; i++) {
        Input input = seen->calls[i];
        if (made & 1u << i) continue;
        if (input.kind == INPUT_CLOSE || input.kind == INPUT_ABORT)
            for (ConnId id = CONN_NONE; conn_is(id = world_conn_after(world, input.host, id));)
                if (world_conn(world, id, &conn) && !conn.gone) input.conn = id;
        try_input(seen, world, input);
    }
}

static bool look(void *self, const World *world, const ExplorePoint *point) {
    Seen *seen = self;
    try_arrivals(seen, world);
    try_timers(seen, world);
    try_calls(seen, world, point->calls);
    return true;
}

static void explore_from(World *world, Seen *seen, const Input *calls, uint32_t count) {
    seen->calls = calls;
    seen->call_count = count;
    ExploreConfig config = {.calls = calls, .call_count = count, .no_oracles = true, .look = look, .self = seen};
    Explore *explore = explore_new(world, &config);
    assert_non_null(explore);
    assert_int_equal(explore_run(explore).end, EXPLORE_COMPLETE);
    explore_free(explore);
    world_free(world);
}

/* ---- The searches ---- */

#define CALLS(...) (const Input[]){__VA_ARGS__}, sizeof(const Input[]){__VA_ARGS__} / sizeof(Input)

static World *world_after(const Input *inputs, uint32_t count) {
    World *world = world_new(&(Config){.seed = 1});
    assert_non_null(world);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(world_step(world, &inputs[i], NULL), STATUS_OK);
    return world;
}

static void search_all(Seen *seen) {
    static const Input two_way = {.kind = INPUT_RULE, .host = B, .rule = HOST_RULE_handshake, .value = 2};
    explore_from(world_after(NULL, 0), seen, CALLS(listen_call, connect_call, close_a, close_b, abort_a, abort_b));
    explore_from(world_after(NULL, 0), seen, CALLS(connect_call, connect_back, close_a, close_b, abort_a, abort_b));
    explore_from(world_after(CALLS(listen_call, connect_call)), seen, CALLS(crash_a));
    explore_from(world_after(CALLS(two_way, listen_call, connect_call)), seen, NULL, 0);
}

/* ---- Against states.def ---- */

/* A listener is a connection of its own: connect() from its port opens another beside it. */
static bool never_taken(State from, State to) { return from == STATE_LISTEN && to == STATE_SYN_SENT; }

static void every_arrow_and_no_other(void **state) {
    static const bool arrows[STATE_COUNT][STATE_COUNT] = {
#define ARROW(from, to, event, action) [STATE_##from][STATE_##to] = true,
#include "../../engine/tcp/states.def"
    };
    static Seen seen;
    (void)state;
    search_all(&seen);
    for (State from = 0; from < STATE_COUNT; from++)
        for (State to = 0; to < STATE_COUNT; to++) {
            bool expected = arrows[from][to] && !never_taken(from, to);
            if (seen.changes[from][to] == expected) continue;
            fail_msg("%s > %s: %s", state_name(from), state_name(to), expected ? "never seen" : "not expected");
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_arrow_and_no_other)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
