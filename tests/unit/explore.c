/* explore.c - what a search is asked and answers: budgets, ends, the order in which points are met, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../engine/engine.h"

static const Input listen_call = {.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 5};
static const Input connect_call = {
    .kind = INPUT_CONNECT, .host = 0, .local = {.port = 7777}, .remote = {{0x7f000002}, 80}};

/* A SYN is in flight. */
static World *opening(void) {
    World *world = world_new(&(Config){.seed = 1});
    assert_non_null(world);
    assert_int_equal(world_step(world, &listen_call, NULL), STATUS_OK);
    assert_int_equal(world_step(world, &connect_call, NULL), STATUS_OK);
    return world;
}

static ExploreResult search(const World *world, ExploreConfig config) {
    Explore *explore = explore_new(world, &config);
    assert_non_null(explore);
    ExploreResult result = explore_run(explore);
    explore_free(explore);
    return result;
}

/* ---- Without faults and delays there is one order of the handshake ---- */

static void one_order(void **state) {
    (void)state;
    World *world = opening();
    uint64_t digest = world_digest(world);
    ExploreResult result = search(world, (ExploreConfig){.no_timers = true});
    assert_int_equal(result.end, EXPLORE_COMPLETE);
    assert_int_equal(result.counts.states, 4);
    assert_int_equal(result.counts.edges, 3);
    assert_int_equal(result.counts.depth, 3);
    assert_int_equal(result.counts.waiting, 0);
    assert_int_equal(result.rests, 1);
    assert_true(world_digest(world) == digest);
    world_free(world);
}

/* ---- Fewest faults first, then fewest moves ---- */

typedef struct Sequence {
    uint32_t faults, depth, count;
} Sequence;

static bool in_order(void *self, const World *world, const ExplorePoint *point) {
    Sequence *order = self;
    (void)world;
    uint32_t faults = (uint32_t)(point->drops + point->dups + point->delays);
    assert_true(faults > order->faults || (faults == order->faults && point->depth >= order->depth));
    *order = (Sequence){faults, point->depth, order->count + 1};
    return true;
}

static void cheapest_first(void **state) {
    (void)state;
    World *world = opening();
    Sequence order = {0};
    ExploreResult result = search(
        world, (ExploreConfig){
                   .drops = 2, .dups = 1, .delays = 1, .resends = EXPLORE_NO_LIMIT, .look = in_order, .self = &order});
    assert_int_equal(result.end, EXPLORE_COMPLETE);
    assert_int_equal(order.count, result.counts.states);
    assert_int_equal(order.faults, 4);
    world_free(world);
}

/* ---- What is looked for ---- */

static bool closed(void *self, const World *world, const ExplorePoint *point) {
    (void)self;
    (void)point;
    return explore_host_state(world, 0) != STATE_CLOSED;
}

static void finds_the_nearest(void **state) {
    (void)state;
    World *world = opening();
    Input way[64];
    Input abort = {.kind = INPUT_ABORT, .host = 0};
    ExploreConfig config = {.calls = &abort, .call_count = 1, .look = closed, .finds = true};
    Explore *explore = explore_new(world, &config);
    ExploreResult result = explore_run(explore);
    assert_int_equal(result.end, EXPLORE_FOUND);
    assert_int_equal(explore_found(explore, way, 64), 1);
    assert_int_equal(way[0].kind, INPUT_ABORT);
    explore_free(explore);
    config = (ExploreConfig){.goal = RULE_TIMEOUT_SYN, .drops = 1, .resends = 1};
    explore = explore_new(world, &config);
    result = explore_run(explore);
    assert_int_equal(result.end, EXPLORE_FOUND);
    assert_int_equal(result.rule, RULE_TIMEOUT_SYN);
    assert_int_equal(explore_found(explore, way, 64), 2);
    assert_int_equal(way[0].kind, INPUT_DROP);
    assert_int_equal(way[1].kind, INPUT_TIMER);
    explore_free(explore);
    world_free(world);
}

/* With a delay the timer fires at once; the search looks for a way without faults first, and comes to its limit. */
static void keeps_what_it_has_found(void **state) {
    (void)state;
    World *world = opening();
    ExploreConfig config = {.goal = RULE_TIMEOUT_SYN, .delays = 1, .resends = 1, .states = 3};
    ExploreResult result = search(world, config);
    assert_int_equal(result.end, EXPLORE_FOUND);
    assert_int_equal(result.rule, RULE_TIMEOUT_SYN);
    config.goal = RULE_NONE;
    assert_int_equal(search(world, config).end, EXPLORE_CUT_STATES);
    world_free(world);
}

/* The third segment of the handshake and what follows it, with a loss: both sides' states as they are met. */
static void pairs_of_states(void **state) {
    (void)state;
    World *world = opening();
    ExploreConfig config = {.drops = 1};
    Input way[64];
    Explore *explore = explore_new(world, &config);
    assert_int_equal(explore_run(explore).end, EXPLORE_COMPLETE);
    assert_int_equal(explore_way(explore, explore_pair(explore, STATE_SYN_SENT, STATE_LISTEN), way, 64), 0);
    assert_int_equal(explore_way(explore, explore_pair(explore, STATE_ESTABLISHED, STATE_ESTABLISHED), way, 64), 3);
    assert_int_equal(explore_pair(explore, STATE_SYN_SENT, STATE_ESTABLISHED), EXPLORE_NONE);
    assert_int_equal(explore_way(explore, EXPLORE_NONE, way, 64), 0);
    explore_free(explore);
    world_free(world);
}

/* ---- Parts of a swarm ---- */

typedef struct Met {
    ExploreResult result;
    uint8_t sketch[EXPLORE_SKETCH];
} Met;

static Met part(const World *world, ExploreConfig config, uint64_t salt, uint8_t draws) {
    Met met;
    config.salt = salt;
    config.draws = draws;
    Explore *explore = explore_new(world, &config);
    assert_non_null(explore);
    met.result = explore_run(explore);
    explore_sketch(explore, met.sketch);
    explore_free(explore);
    return met;
}

static void backwards(void *self, void (*work)(void *argument, uint32_t i), void *argument, uint32_t count) {
    (void)self;
    while (count-- > 0) work(argument, count);
}

static void parts_that_meet_everything(void **state) {
    (void)state;
    World *world = opening();
    ExploreConfig config = {.drops = 2, .dups = 1, .delays = 1, .resends = EXPLORE_NO_LIMIT};
    Met whole = part(world, config, 0, 0);
    assert_int_equal(whole.result.end, EXPLORE_COMPLETE);
    for (uint64_t salt = 1; salt <= 3; salt++) {
        for (uint8_t draws = 0; draws <= 8; draws = (uint8_t)(draws * 2 + !draws)) {
            config.exact = salt == 3;
            Met met = part(world, config, salt, draws);
            assert_int_equal(met.result.end, EXPLORE_COMPLETE);
            assert_int_equal(met.result.counts.waiting, 0);
            assert_memory_equal(met.sketch, whole.sketch, sizeof met.sketch);
            if (draws == 0) assert_int_equal(met.result.counts.states, whole.result.counts.states);
            else assert_true(met.result.counts.states >= whole.result.counts.states);
        }
    }
    world_free(world);
}

/* Given less room than there are points, other parts meet others, and the same part the same. */
static void parts_that_end_at_a_limit(void **state) {
    (void)state;
    World *world = opening();
    ExploreConfig config = {.drops = 4, .dups = 1, .delays = 2, .resends = EXPLORE_NO_LIMIT, .states = 2000};
    Met whole = part(world, config, 0, 0);
    for (uint64_t salt = 1; salt <= 3; salt++) {
        config.together = NULL;
        Met met = part(world, config, salt, 8), other = part(world, config, salt + 1, 8);
        assert_int_equal(met.result.end, EXPLORE_CUT_STATES);
        assert_true(met.result.counts.depth > whole.result.counts.depth); /* whole: cheapest first */
        assert_true(memcmp(met.sketch, other.sketch, sizeof met.sketch) != 0);
        config.together = backwards;
        config.workers = 3;
        Met again = part(world, config, salt, 8);
        assert_memory_equal(again.sketch, met.sketch, sizeof met.sketch);
        assert_int_equal(again.result.counts.edges, met.result.counts.edges);
    }
    config.draws = EXPLORE_DRAWS + 1;
    assert_null(explore_new(world, &config));
    world_free(world);
}

/* What a part finds can be walked in the world where it began. */
static void way_of_a_part(void **state) {
    (void)state;
    World *world = opening();
    enum { LONGEST = 400 };
    static Input way[LONGEST];
    ExploreConfig config = {.drops = 3, .resends = EXPLORE_NO_LIMIT, .goal = RULE_TIMEOUT_SYN, .salt = 5, .draws = 16};
    Explore *explore = explore_new(world, &config);
    assert_int_equal(explore_run(explore).end, EXPLORE_FOUND);
    size_t length = explore_found(explore, way, LONGEST);
    assert_true(length >= 2 && length < LONGEST);
    World *here = world_grow(world, &(Config){.conns = 32, .packets = 256, .store = 256 << 10});
    ExploreWalk walk = {way, length, 0};
    for (Input input; explore_walk(&walk, here, &input);) assert_int_equal(world_step(here, &input, NULL), STATUS_OK);
    explore_free(explore);
    world_free(here);
    world_free(world);
}

/* ---- A limit ends it as cut ---- */

static bool stop(void *self, const ExploreCounts *counts) {
    (void)self;
    return counts->states < 100;
}

static void limits(void **state) {
    (void)state;
    World *world = opening();
    ExploreConfig config = {.drops = 5, .dups = 5, .delays = 5};
    config.states = 50;
    assert_int_equal(search(world, config).end, EXPLORE_CUT_STATES);
    assert_int_equal(search(world, config).counts.states, 50);
    config.states = 0;
    config.memory = 1 << 20;
    ExploreResult result = search(world, config);
    assert_int_equal(result.end, EXPLORE_CUT_MEMORY);
    config.memory = 0;
    config.progress = stop;
    assert_int_equal(search(world, config).end, EXPLORE_CUT_STOPPED);
    config = (ExploreConfig){.drops = EXPLORE_FAULTS + 1};
    assert_null(explore_new(world, &config));
    config = (ExploreConfig){.call_count = EXPLORE_CALLS + 1};
    assert_null(explore_new(world, &config));
    world_free(world);
}

/* One call brings more segments than a search's world has room for: the end says that something was left out. */
static void world_without_room(void **state) {
    (void)state;
    World *world = opening();
    Input next;
    while (world_next(world, &next) && world_now(world) < MICROS_PER_SECOND) world_step(world, &next, NULL);
    static uint8_t text[60000];
    Input big = {.kind = INPUT_SEND, .host = 0, .bytes = text, .length = sizeof text};
    Input rule = {.kind = INPUT_RULE, .host = 0, .rule = HOST_RULE_congestion, .value = 0};
    assert_int_equal(world_step(world, &rule, NULL), STATUS_OK);
    rule = (Input){.kind = INPUT_RULE, .host = 0, .rule = HOST_RULE_mss, .value = 64};
    assert_int_equal(world_step(world, &rule, NULL), STATUS_OK);
    ExploreResult result = search(world, (ExploreConfig){.calls = &big, .call_count = 1, .no_timers = true});
    assert_int_equal(result.end, EXPLORE_CUT_WORLD);
    assert_true(result.limit == STATUS_LIMIT_PACKETS || result.limit == STATUS_LIMIT_STORE);
    world_free(world);
}

/* A packet that is held arrives like any other: while it is under way, the world is busy. */
static bool busy_with_packets(void *self, const World *world, const ExplorePoint *point) {
    (void)point;
    if (world_packets(world) && !world_busy(world)) ++*(uint32_t *)self;
    return true;
}

static void held_packets(void **state) {
    (void)state;
    World *world = opening();
    Input next;
    while (world_next(world, &next)) assert_int_equal(world_step(world, &next, NULL), STATUS_OK);
    ConnId last = CONN_NONE;
    for (ConnId id; conn_is(id = world_conn_after(world, 1, last));) last = id;
    assert_int_equal(world_step(world, &(Input){.kind = INPUT_ABORT, .conn = last}, NULL), STATUS_OK);
    PacketId rst;
    uint32_t idle = 0;
    assert_int_equal(world_packet_list(world, &rst, 1), 1);
    assert_int_equal(world_step(world, &(Input){.kind = INPUT_HOLD, .packet = rst}, NULL), STATUS_OK);
    ExploreResult result = search(world, (ExploreConfig){.look = busy_with_packets, .self = &idle});
    assert_int_equal(result.counts.states, 2);
    assert_int_equal(idle, 0);
    world_free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_order),
                                       cmocka_unit_test(cheapest_first),
                                       cmocka_unit_test(finds_the_nearest),
                                       cmocka_unit_test(pairs_of_states),
                                       cmocka_unit_test(limits),
                                       cmocka_unit_test(world_without_room),
                                       cmocka_unit_test(keeps_what_it_has_found),
                                       cmocka_unit_test(parts_that_meet_everything),
                                       cmocka_unit_test(parts_that_end_at_a_limit),
                                       cmocka_unit_test(way_of_a_part),
                                       cmocka_unit_test(held_packets)};
    return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
