/* witnesses.c - for each rule of a host a search finds a scene in which it makes a difference: a way along which, with
 * another value of the rule, another event happens or a move is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../engine/engine.h"

enum { A, B, PORT_A = 7777, PORT_B = 80, LONGEST = 20, MOST_POINTS = 1500, MOST_INPUTS = 200 };
static const Addr addr_a = {0x7f000001}, addr_b = {0x7f000002};

/* ---- Where the searches begin ---- */

static void must(World *world, Input input) { assert_int_equal(world_step(world, &input, NULL), STATUS_OK); }

static void set(World *world, HostRule rule, int64_t value) {
    for (HostId host = A; host <= B; host++)
        must(world, (Input){.kind = INPUT_RULE, .host = host, .rule = rule, .value = value});
}

static World *listening(uint32_t backlog) {
    World *world = world_new(&(Config){.conns = 32, .packets = 256, .store = 256 << 10, .seed = 1});
    assert_non_null(world);
    must(world, (Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = PORT_B}, .count = backlog});
    return world;
}

static void connect_from(World *world, uint16_t port) {
    must(world, (Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = port}, .remote = {addr_b, PORT_B}});
}

static World *plain(void) { return listening(5); }

static World *with_options(void) {
    World *world = plain();
    set(world, HOST_RULE_window_scale, 1);
    set(world, HOST_RULE_timestamps, 1);
    set(world, HOST_RULE_sack, 1);
    return world;
}

/* All that A sends is lost where these conditions hold, too: some text in it, a retransmission or a probe. */
static void lose(World *world, uint32_t conditions) {
    Order order;
    memset(&order, 0, sizeof order);
    order.does = INPUT_DROP;
    order.conditions = 1u << ORDER_FROM | conditions;
    order.from.addr = addr_a;
    order.least = 1;
    order.most = UINT32_MAX;
    order.again = 1;
    must(world, (Input){.kind = INPUT_ORDER, .bytes = (const uint8_t *)&order, .length = sizeof order});
}

static World *lost_syns(void) {
    World *world = plain();
    lose(world, 0);
    return world;
}

static World *lost_text(void) {
    World *world = plain();
    lose(world, 1u << ORDER_LEN);
    return world;
}

static World *silent(void) {
    World *world = plain();
    lose(world, 1u << ORDER_AGAIN);
    must(world, (Input){.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_keepalive, .value = MICROS_PER_SECOND});
    return world;
}

static World *crowded(void) {
    World *world = listening(1);
    for (uint16_t port = 1; port <= 4; port++) connect_from(world, port);
    return world;
}

static void inject_rst(World *world, Endpoint from, Endpoint to, uint32_t seq) {
    uint8_t bytes[64];
    Segment rst = {.src = from, .dst = to, .seq = {seq}, .flags = FLAG_RST, .ttl = 64, .options = OPTIONS_NONE};
    uint32_t length = (uint32_t)segment_encode(&rst, bytes, sizeof bytes);
    must(world, (Input){.kind = INPUT_INJECT, .bytes = bytes, .length = length, .value = MICROS_PER_SECOND});
}

/* An open connection, and forged RSTs under way: in B's window, right after A's FIN, right after B's FIN. */
static World *attacked(void) {
    enum { ISN_A = 1000, ISN_B = 5000 };
    World *world = plain();
    Input next;
    must(world, (Input){.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_isn, .value = ISN_A});
    must(world, (Input){.kind = INPUT_RULE, .host = B, .rule = HOST_RULE_isn, .value = ISN_B});
    connect_from(world, PORT_A);
    while (world_next(world, &next)) must(world, next);
    const Endpoint a = {addr_a, PORT_A}, b = {addr_b, PORT_B};
    inject_rst(world, a, b, ISN_A + 10);
    inject_rst(world, a, b, ISN_A + 2);
    inject_rst(world, b, a, ISN_B + 2);
    return world;
}

/* ---- What is explored ---- */

#define TEXT(text) .bytes = (const uint8_t *)(text), .length = sizeof(text) - 1
static const uint8_t much[20000];
#define CONNECT                                                                                         \
    {                                                                                                   \
        .kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = { {0x7f000002}, PORT_B } \
    }
static const Input life[] = {CONNECT,
                             {.kind = INPUT_SEND, .host = A, TEXT("ab")},
                             {.kind = INPUT_SEND, .host = A, TEXT("c")},
                             {.kind = INPUT_CLOSE, .host = A},
                             {.kind = INPUT_SHUTDOWN, .host = B}};
static const Input bulk[] = {CONNECT, {.kind = INPUT_SEND, .host = A, .bytes = much, .length = sizeof much}};
static const Input closes[] = {{.kind = INPUT_CLOSE, .host = A}, {.kind = INPUT_CLOSE, .host = B}};

static const struct {
    const char *name;
    World *(*begin)(void);
    const Input *calls;
    uint32_t call_count;
    uint8_t drops;
} scenes[] = {{"a connection", plain, life, 5, 1},
              {"a connection with options", with_options, life, 5, 0},
              {"much text", plain, bulk, 2, 0},
              {"every SYN lost", lost_syns, life, 1, 0},
              {"all text lost", lost_text, life, 2, 0},
              {"every probe lost", silent, life, 1, 0},
              {"more SYNs than the backlog", crowded, NULL, 0, 0},
              {"forged RSTs", attacked, closes, 2, 0}};
enum { SCENES = sizeof scenes / sizeof *scenes };

/* ---- Walking the same way with another rule ---- */

typedef struct Walk {
    Input inputs[MOST_INPUTS];
    size_t count;
    Trace *trace;
} Walk;

/* With all rules as they are: one is set to what it is, so that handles are those of a world in which one is set.
 * False: the way is too long. */
static bool walk_to(Explore *explore, uint32_t point, const World *start, Walk *walk) {
    static Input way[LONGEST];
    ExploreWalk along = {way, explore_way(explore, point, way, LONGEST), 0};
    if (along.length > LONGEST) return false;
    World *world = world_copy(start);
    set(world, HOST_RULE_ttl, host_rule_info(HOST_RULE_ttl)->initial);
    walk->count = 0;
    while (explore_walk(&along, world, &walk->inputs[walk->count])) {
        assert_in_range(walk->count, 0, MOST_INPUTS - 2);
        assert_int_equal(world_step(world, &walk->inputs[walk->count++], walk->trace), STATUS_OK);
    }
    world_free(world);
    return true;
}

static bool same_events(const Trace *one, const Trace *other) {
    if (trace_count(one) < trace_count(other)) return false;
    for (uint32_t i = 0; i < trace_count(other); i++) {
        const Event a = trace_at(one, i), b = trace_at(other, i);
        uint32_t n = 0, m = 0;
        const uint8_t *first = trace_bytes(one, i, &n), *second = trace_bytes(other, i, &m);
        if (!event_alike(&a, &b) || n != m || (first && memcmp(first, second, n) != 0)) return false;
    }
    return true;
}

static bool makes_a_difference(const World *start, const Walk *walk, HostRule rule, int64_t value) {
    World *world = world_copy(start);
    Trace *trace = trace_new();
    bool same = true;
    set(world, rule, value);
    for (size_t i = 0; i < walk->count && same; i++)
        same = world_step(world, &walk->inputs[i], trace) == STATUS_OK && same_events(walk->trace, trace);
    trace_free(trace);
    world_free(world);
    return !same;
}

/* ---- The search for witnesses ---- */

static bool witnessed[HOST_RULE_COUNT];

/* The lowest and the highest value, where they are others than that of the scene. */
static bool differs_by_rule(const World *start, const Walk *walk, HostRule rule) {
    const HostRuleInfo *info = host_rule_info(rule);
    HostView host;
    assert_true(world_host(start, A, &host));
    return (info->low != host.rules[rule] && makes_a_difference(start, walk, rule, info->low)) ||
           (info->high != host.rules[rule] && makes_a_difference(start, walk, rule, info->high));
}

static void look_for_witnesses(Explore *explore, uint32_t points, const World *start, const char *scene) {
    static Walk walk;
    for (uint32_t point = 0; point < points; point++) {
        walk.trace = trace_new();
        bool walked = walk_to(explore, point, start, &walk);
        for (int i = 0; i < HOST_RULE_COUNT && walked; i++) {
            if (witnessed[i] || !differs_by_rule(start, &walk, (HostRule)i)) continue;
            witnessed[i] = true;
            print_message("%s: %s, %zu moves\n", host_rule_info((HostRule)i)->name, scene, walk.count);
        }
        trace_free(walk.trace);
    }
}

static void every_rule_has_a_witness(void **state) {
    (void)state;
    for (size_t i = 0; i < SCENES; i++) {
        World *start = scenes[i].begin();
        ExploreConfig config = {.drops = scenes[i].drops,
                                .resends = EXPLORE_NO_LIMIT,
                                .calls = scenes[i].calls,
                                .call_count = scenes[i].call_count,
                                .in_order = true,
                                .states = MOST_POINTS};
        Explore *explore = explore_new(start, &config);
        assert_non_null(explore);
        ExploreResult result = explore_run(explore);
        look_for_witnesses(explore, (uint32_t)result.counts.states, start, scenes[i].name);
        explore_free(explore);
        world_free(start);
    }
    for (int i = 0; i < HOST_RULE_COUNT; i++)
        if (!witnessed[i]) fail_msg("no search finds a difference that %s makes", host_rule_info((HostRule)i)->name);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_rule_has_a_witness)};
    return cmocka_run_group_tests_name("witnesses", tests, NULL, NULL);
}
