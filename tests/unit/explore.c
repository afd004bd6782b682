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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_order),       cmocka_unit_test(cheapest_first), cmocka_unit_test(finds_the_nearest),
        cmocka_unit_test(pairs_of_states), cmocka_unit_test(limits),         cmocka_unit_test(world_without_room)};
    return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
