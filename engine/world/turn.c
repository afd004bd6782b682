/* turn.c - what the world provides to TCP during a turn: data to read, and functions. */
#include "world.h"

static Event *append_event(Turn *turn, EventKind kind, RuleId rule) {
    Event *event = trace_append(turn->trace);
    if (!event) { /* out of memory */
        run_out(turn->world, STATUS_LIMIT_MEMORY);
        event = turn->unread;
    }
    *event = (Event){.index = turn->events++,
                     .cause = turn->cause,
                     .step = turn->step,
                     .time = turn->env.now,
                     .kind = kind,
                     .rule = rule};
    return event;
}

const TurnOps world_ops = {.event = append_event,
                           .find = record_find,
                           .open = record_open,
                           .gone = record_gone,
                           .next = record_next,
                           .reschedule = record_reschedule,
                           .emit = path_emit,
                           .accepted = oracle_accepted};

Env env_of(const World *world, Micros now) {
    return (Env){.now = now,
                 .mtu = (uint32_t)world->path[PATH_MTU],
                 .hosts = hosts_in(world),
                 .store = store_in(world),
                 .secret = world->secret};
}
