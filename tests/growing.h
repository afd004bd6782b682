/* growing.h - steps of a world that its owner lets grow: what session_do() does with its history, done with a copy. */
#ifndef TWOMSL_TESTS_GROWING_H
#define TWOMSL_TESTS_GROWING_H

#include "../engine/engine.h"

/* Twice as much of what ran out. False: that is more than `most`, or no room is missing. */
static inline bool larger_config(Config *config, Status status, const Config *most) {
    switch ((int)status) {
    case STATUS_LIMIT_HOSTS: return (config->hosts *= 2) <= most->hosts;
    case STATUS_LIMIT_CONNS: return (config->conns *= 2) <= most->conns;
    case STATUS_LIMIT_PACKETS: return (config->packets *= 2) <= most->packets;
    case STATUS_LIMIT_STORE: return (config->store *= 2) <= most->store;
    default: return false;
    }
}

/* Where `most` is not enough the world stays as it was, and the status names the limit. */
static inline Status step_growing(World **world, const Input *input, Trace *trace, const Config *most) {
    World *before = world_copy(*world);
    Config config = *world_config(before);
    Status status = world_step(*world, input, trace);
    while (larger_config(&config, status, most)) {
        world_free(*world);
        *world = world_grow(before, &config);
        if (!*world) break;
        status = world_step(*world, input, trace);
    }
    if (*world && !world_spent(*world)) {
        world_free(before);
        return status;
    }
    world_free(*world);
    *world = before;
    return status;
}

#endif
