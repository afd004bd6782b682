/* replay.h - does the inputs of one session in another one, and compares what comes of it. */
#ifndef TWOMSL_TESTS_PROPERTY_REPLAY_H
#define TWOMSL_TESTS_PROPERTY_REPLAY_H

#include "chaos.h"
#include "same.h"

/* Some input. Where many packets are under way already, what comes next by itself. */
static inline Input some_input_but_crowds(Chance *chance, const World *world, uint32_t crowd) {
    Input next;
    if (world_packets(world) > crowd && world_next(world, &next)) return next;
    return some_input(chance, world);
}

static inline void do_again(const Session *from, uint32_t step, Session *to) {
    Input input;
    playing.step = step;
    if (!session_input(from, step, &input)) broken("no input");
    Status status = session_do(to, &input);
    if (status != STATUS_OK)
        broken("%s: \"%s\" again: %s", call_name(input.kind), status_text(status), session_link_error(to));
}

static inline uint8_t *pack_of(const World *world, size_t *length) {
    *length = world_pack(world, NULL, 0);
    uint8_t *pack = malloc(*length);
    if (!pack || world_pack(world, pack, *length) != *length) broken("no pack");
    return pack;
}

/* The world after the first `step` inputs, and the one at which the other session is now. */
static inline void same_world(const Session *from, uint32_t step, const Session *to) {
    size_t length = 0, other_length = 0;
    World *world = session_world_at(from, step);
    if (!world) broken("no world");
    uint8_t *pack = pack_of(world, &length), *other = pack_of(session_world(to), &other_length);
    if (length != other_length || memcmp(pack, other, length) != 0) broken("after step %u the packs differ", step);
    if (world_now(world) != world_now(session_world(to))) broken("after step %u the times differ", step);
    free(pack);
    free(other);
    world_free(world);
}

static inline void same_traces(const Session *from, const Session *to) {
    uint32_t differs = first_difference(session_trace(from), session_trace(to), 0);
    if (session_events(from) != session_events(to))
        broken("%u and %u events", session_events(from), session_events(to));
    if (differs < session_events(from)) broken("event %u differs", differs);
}

#endif
