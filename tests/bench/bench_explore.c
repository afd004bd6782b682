/* bench_explore.c - what a search costs: points a second, moves a second, bytes for each point with all memory counted.
 * The work: one side opens, each sends a byte and reads one, both close, in every order; 1 loss, 1 duplicate, 2
 * retransmissions a side.
 *
 *   bench_explore [SCALE]     SCALE 1 by default; below 1 without the duplicate, as in the smoke run of the tests
 *
 * The figures are for people; the exit status only says whether the search was complete.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../../engine/engine.h"

enum { WORKERS = 8 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now); /* several threads: not processor time */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

typedef struct Part {
    pthread_t thread;
    void (*work)(void *argument, uint32_t i);
    void *argument;
    uint32_t number;
} Part;

static void *run_part(void *self) {
    Part *part = self;
    part->work(part->argument, part->number);
    return NULL;
}

static void together(void *self, void (*work)(void *argument, uint32_t i), void *argument, uint32_t count) {
    Part parts[WORKERS];
    (void)self;
    for (uint32_t i = 1; i < count; i++) {
        parts[i] = (Part){.work = work, .argument = argument, .number = i};
        if (pthread_create(&parts[i].thread, NULL, run_part, &parts[i])) exit(1);
    }
    work(argument, 0);
    for (uint32_t i = 1; i < count; i++) pthread_join(parts[i].thread, NULL);
}

static ExploreResult search(const World *world, ExploreConfig config, const char *name) {
    double start = seconds();
    Explore *explore = explore_new(world, &config);
    if (!explore) {
        fprintf(stderr, "bench_explore: no memory\n");
        exit(1);
    }
    ExploreResult result = explore_run(explore);
    double took = seconds() - start, states = (double)result.counts.states;
    explore_free(explore);
    printf("  %-28s %10.0f states %8.0f states/s %9.0f moves/s %6.1f bytes/state  depth %u\n", name, states,
           states / took, (double)result.counts.edges / took, (double)result.counts.bytes / states,
           result.counts.depth);
    if (result.end == EXPLORE_COMPLETE) return result;
    fprintf(stderr, "bench_explore: %s was not complete (%d)\n", name, (int)result.end);
    exit(1);
}

int main(int argc, char **argv) {
    double scale = argc > 1 ? strtod(argv[1], NULL) : 1;
    static const Input listen = {.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 5};
    static const Input calls[] = {
        {.kind = INPUT_CONNECT, .host = 0, .local = {.port = 7777}, .remote = {{0x7f000002}, 80}},
        {.kind = INPUT_SEND, .host = 0, .bytes = (const uint8_t *)"x", .length = 1},
        {.kind = INPUT_RECV, .host = 1, .count = 1},
        {.kind = INPUT_SEND, .host = 1, .bytes = (const uint8_t *)"y", .length = 1},
        {.kind = INPUT_RECV, .host = 0, .count = 1},
        {.kind = INPUT_CLOSE, .host = 0},
        {.kind = INPUT_CLOSE, .host = 1}};
    World *world = world_new(&(Config){.seed = 1});
    if (!world || world_step(world, &listen, NULL) != STATUS_OK) return 1;
    ExploreConfig config = {.drops = 1,
                            .dups = scale >= 1,
                            .resends = 2,
                            .calls = calls,
                            .call_count = sizeof calls / sizeof *calls,
                            .in_order = true};
    printf("Every order of opening, a byte each way and closing:\n");
    ExploreResult one = search(world, config, "one worker");
    config.together = together;
    config.workers = 2;
    ExploreResult two = search(world, config, "two workers");
    if (scale < 1) {
        config.exact = true;
        search(world, config, "two workers, worlds compared");
    }
    double states = (double)one.counts.states;
    printf("  %-28s %.3g\n", "odds that a state is missed", states * states / 2 / 18446744073709551616.0);
    world_free(world);
    if (one.counts.states == two.counts.states && one.counts.edges == two.counts.edges) return 0;
    fprintf(stderr, "bench_explore: two workers do not find what one does\n");
    return 1;
}
