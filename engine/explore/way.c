/* way.c - walking a way that a search has found, in a world whose packets arrive by themselves. */
#include "../world/world.h"
#include "moves.h"

/* Its handles are those of the search; the endpoints say which connection is meant. */
static bool names_conn(const Input *input) {
    return input->kind == INPUT_TIMER || (input->kind >= INPUT_ACCEPT && input->kind <= INPUT_ABORT);
}

static ConnId conn_here(const World *world, const Input *input) {
    ConnId gone = CONN_NONE;
    for (uint32_t slot = world->newest; slot != SLOT_NONE; slot = tcbs_in(world)[slot].older) {
        const Tcb *tcb = &tcbs_in(world)[slot];
        if (!endpoint_eq(tcb->local, input->local) || !endpoint_eq(tcb->remote, input->remote)) continue;
        if (!tcb->gone) return tcb->id;
        if (!conn_is(gone)) gone = tcb->id;
    }
    return gone;
}

static bool passes_time(const Input *input) { return input->kind == INPUT_TIMER || input->kind == INPUT_EXPIRE; }

/* When a packet is to arrive: after all that happens in the moment in which it does so on the way, as it is delivered
 * out of turn there; after the end of its life where it dies there, and after the end of the way where nothing becomes
 * of it. */
static Micros arrival(const ExploreWalk *walk, const World *world, const Packet *packet) {
    Micros now = world->now;
    for (size_t i = walk->at; i < walk->length; i++) {
        const Input *input = &walk->way[i];
        if (passes_time(input) && input->at > now) now = input->at;
        if (input->packet.id != packet->id.id) continue;
        if (input->kind == INPUT_EXPIRE) return packet->dies + 1;
        if (input->kind == INPUT_DELIVER) return now + 1;
    }
    return now + world->path[PATH_LATENCY] + 1;
}

/* A packet that would arrive before `until` must be delayed first. */
static bool delays(const ExploreWalk *walk, const World *world, Micros until, Input *input) {
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        const Packet *packet = &packets_in(world)[slot];
        if (!packet->id.id || packet->held || packet->due > until) continue;
        Micros due = arrival(walk, world, packet);
        if (due <= packet->due) continue;
        *input = (Input){.kind = INPUT_DELAY, .packet = {.id = packet->id.id}, .value = due - packet->due};
        return true;
    }
    return false;
}

bool explore_walk(ExploreWalk *walk, const World *world, Input *input) {
    if (walk->at == walk->length) return false;
    const Input *next = &walk->way[walk->at];
    if (passes_time(next) && delays(walk, world, next->at, input)) return true;
    *input = *next;
    input->packet.born = 0;
    if (names_conn(next)) input->conn = conn_here(world, next);
    walk->at++;
    return true;
}
