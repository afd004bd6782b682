/* histories.c - the same inputs make the same world and the same trace; going back and forth gives the same worlds;
 * growing changes nothing. */
#include "../growing.h"
#include "chaos.h"
#include "same.h"

enum { STEPS = 250, MOST_PACKETS = 1200, MOST_STORE = 128 << 20 };

/* More room for connections would give them other handles: their places are taken again later. */
static void grow_somehow(Chance *chance, World **world) {
    Config config = *world_config(*world);
    config.packets += draw(chance, 20);
    config.store += 64 * draw(chance, 2000);
    World *grown = world_grow(*world, &config);
    if (!grown) broken("cannot grow");
    if (world_digest(grown) != world_digest(*world)) broken("growing changed the digest");
    world_free(*world);
    *world = grown;
}

/* ---- Two worlds, one of which grows again and again ---- */

static void play_twice(Chance *chance) {
    const Config most = {.hosts = LIMIT_HOSTS, .conns = LIMIT_CONNS, .packets = MOST_PACKETS, .store = MOST_STORE};
    Chance apart = {draw64(chance)};
    World *one = world_new(
        &(Config){.hosts = LIMIT_HOSTS, .conns = 4, .packets = MOST_PACKETS, .store = 32 << 20, .seed = playing.seed});
    World *two = world_new(&(Config){.hosts = 2, .conns = 4, .packets = 1, .store = 64, .seed = playing.seed});
    Trace *trace_one = trace_new(), *trace_two = trace_new();
    playing.trace = trace_one;
    for (uint32_t step = 0; step < STEPS; step++) {
        playing.step = step;
        Input input = some_input(chance, one);
        Status a = step_growing(&one, &input, trace_one, &most);
        if (one_in(&apart, 10)) grow_somehow(&apart, &two);
        if (a >= STATUS_LIMIT_HOSTS) continue; /* too large for this test */
        Status b = step_growing(&two, &input, trace_two, &most);
        if (a != b) broken("%s: \"%s\" here, \"%s\" there", call_name(input.kind), status_text(a), status_text(b));
        if (world_digest(one) != world_digest(two)) broken("%s: another world there", call_name(input.kind));
        if (world_now(one) != world_now(two)) broken("%s: another time there", call_name(input.kind));
    }
    uint32_t differs = first_difference(trace_one, trace_two, 0);
    if (differs != EVENT_NONE) broken("event %u differs", differs);
    world_free(one);
    world_free(two);
    trace_free(trace_one);
    trace_free(trace_two);
}

/* ---- Back and forth ---- */

typedef struct Place {
    uint64_t digest;
    Micros now;
    uint32_t events, hosts;
    uint64_t handles;
} Place;

static uint64_t handles_of(const World *world) {
    uint64_t sum = 0;
    for (ConnId id = world_conn_after(world, HOST_NONE, CONN_NONE); conn_is(id);
         id = world_conn_after(world, HOST_NONE, id))
        sum = (sum + ((uint64_t)id.slot << 32 | id.generation)) * UINT64_C(0x9e3779b97f4a7c15);
    return sum;
}

static Place here(const Session *session) {
    const World *world = session_world(session);
    return (Place){world_digest(world), world_now(world), session_events(session), world_hosts(world),
                   handles_of(world)};
}

static void met_again(const Session *session, const Place *then) {
    Place now = here(session);
    if (now.digest != then->digest || now.now != then->now || now.hosts != then->hosts)
        broken("step %u is another world", session_step(session));
    if (now.handles != then->handles) broken("step %u has other handles", session_step(session));
    if (now.events != then->events)
        broken("step %u has %u events, not %u", session_step(session), now.events, then->events);
}

static void play_history(Chance *chance) {
    static Place places[STEPS + 1];
    Config config = {.conns = 1 + draw(chance, 4), .packets = 1 + draw(chance, 10), .store = 64, .seed = playing.seed};
    Session *session = session_new(&config, NULL);
    places[0] = here(session);
    playing.trace = session_trace(session);
    for (playing.step = 0; playing.step < STEPS; playing.step++) {
        if (one_in(chance, 8)) {
            uint32_t to = draw(chance, session_steps(session) + 1);
            if (session_seek(session, to) != STATUS_OK) broken("cannot go to step %u", to);
            met_again(session, &places[to]);
            if (!one_in(chance, 4)) session_seek(session, session_steps(session));
            continue;
        }
        if (world_packets(session_world(session)) > 200) continue;
        Input input = some_input(chance, session_world(session));
        uint32_t steps = session_steps(session), step = session_step(session), epoch = session_epoch(session);
        Status status = session_do(session, &input);
        if (status == STATUS_OK) {
            if (session_step(session) != step + 1 || session_steps(session) != step + 1)
                broken("one input is not one step");
            if (trace_count(session_trace(session)) != session_events(session))
                broken("the trace goes on past the end");
            places[step + 1] = here(session);
            continue;
        }
        if (session_steps(session) != steps || session_step(session) != step)
            broken("%s was refused and cost a step", call_name(input.kind));
        if (session_epoch(session) != epoch) broken("%s was refused and cost the future", call_name(input.kind));
        met_again(session, &places[step]);
    }
    for (uint32_t step = session_steps(session) + 1; step-- > 0;) {
        session_seek(session, step);
        met_again(session, &places[step]);
    }
    session_free(session);
}

/* ---- A session that grows at every turn, and one that never has to ---- */

/* The same connection in the other world, where it has another slot. */
static bool same_conn(const World *world, ConnId *id) {
    if (!conn_is(*id)) return true;
    for (ConnId there = world_conn_after(world, HOST_NONE, CONN_NONE); conn_is(there);
         there = world_conn_after(world, HOST_NONE, there)) {
        if (there.generation != id->generation) continue;
        *id = there;
        return true;
    }
    return false; /* it is gone, and its slot is used again */
}

static void both_seek(Chance *chance, Session *tiny, Session *huge) {
    uint32_t to = draw(chance, session_steps(huge) + 1);
    if (session_seek(tiny, to) != STATUS_OK || session_seek(huge, to) != STATUS_OK) broken("cannot go to step %u", to);
}

static void play_tiny_and_huge(Chance *chance) {
    Session *tiny = session_new(&(Config){.hosts = 2, .conns = 1, .packets = 1, .store = 64, .seed = playing.seed},
                                NULL);
    Session *huge = session_new(
        &(Config){.hosts = LIMIT_HOSTS, .conns = 128, .packets = 256, .store = 1 << 16, .seed = playing.seed}, NULL);
    playing.trace = session_trace(tiny);
    for (playing.step = 0; playing.step < STEPS; playing.step++) {
        if (one_in(chance, 10)) both_seek(chance, tiny, huge);
        if (world_packets(session_world(huge)) > 200) break;
        Input input = some_input(chance, session_world(huge)), other = input;
        ConnView view;
        if (conn_is(input.conn) && !world_conn(session_world(huge), input.conn, &view)) continue;
        if (!same_conn(session_world(tiny), &other.conn)) continue;
        Status a = session_do(huge, &input), b = session_do(tiny, &other);
        if (a != b) broken("%s: \"%s\", but \"%s\" there", call_name(input.kind), status_text(b), status_text(a));
        if (session_steps(tiny) != session_steps(huge)) broken("%s: another number of steps", call_name(input.kind));
        if (world_digest(session_world(tiny)) != world_digest(session_world(huge)))
            broken("%s: another world there", call_name(input.kind));
    }
    uint32_t differs = first_difference(session_trace(tiny), session_trace(huge), 0);
    if (differs != EVENT_NONE) broken("event %u differs", differs);
    session_free(tiny);
    session_free(huge);
}

static void the_same_inputs_make_the_same_world(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(150), play_twice);
}
static void the_size_makes_no_difference(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(fewer_if_sanitized(100)), play_tiny_and_huge);
}
static void history_meets_the_same_worlds(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(100), play_history);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_inputs_make_the_same_world),
                                       cmocka_unit_test(the_size_makes_no_difference),
                                       cmocka_unit_test(history_meets_the_same_worlds)};
    return cmocka_run_group_tests_name("histories", tests, NULL, NULL);
}
