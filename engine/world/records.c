/* records.c - connection records: by handle, by their endpoints, and in order of creation, those that are gone
 * included. */
#include <assert.h>
#include <string.h>

#include "world.h"

/* The record after the last one, used where there is no room for another. It is in no list. */
static bool is_scratch(const World *world, const Tcb *tcb) { return tcb->id.slot == world->config.conns; }

/* The scratch record is in use for the rest of a step that found no room for another connection. */
static bool in_use(const World *world, uint32_t slot) {
    return slot < world->tcb_fresh || (world->spent && slot == world->config.conns);
}

const Tcb *record_look(const World *world, ConnId id) {
    if (!conn_is(id) || !in_use(world, id.slot)) return NULL;
    const Tcb *tcb = &tcbs_in(world)[id.slot];
    return tcb->id.generation == id.generation ? tcb : NULL;
}

Tcb *record(World *world, ConnId id) {
    if (!conn_is(id) || !in_use(world, id.slot)) return NULL;
    Tcb *tcb = touch_tcb(world, id.slot);
    return tcb->id.generation == id.generation ? tcb : NULL;
}

static uint32_t head_at(const World *world, Endpoint local, Endpoint remote) {
    uint64_t addrs = (uint64_t)addr_number(local.addr) << 32 | addr_number(remote.addr),
             ports = (uint64_t)local.port << 16 | remote.port;
    return (uint32_t)mix64(addrs * UINT64_C(0x9e3779b97f4a7c15) + ports) & world->tcb_mask;
}

static uint32_t *head_of(World *world, Endpoint local, Endpoint remote) {
    return &tcb_heads_of(world)[head_at(world, local, remote)];
}

void record_hash(World *world, Tcb *tcb) {
    uint32_t *head = head_of(world, tcb->local, tcb->remote);
    tcb->hash_next = *head;
    *head = tcb->id.slot;
}

static void unhash(World *world, const Tcb *tcb) {
    uint32_t *link = head_of(world, tcb->local, tcb->remote);
    while (*link != tcb->id.slot) link = &tcbs_of(world)[*link].hash_next;
    *link = tcb->hash_next;
}

static void unchain(World *world, const Tcb *tcb) {
    Tcb *tcbs = tcbs_of(world);
    if (tcb->older == SLOT_NONE) world->oldest = tcb->newer;
    else tcbs[tcb->older].newer = tcb->newer;
    if (tcb->newer == SLOT_NONE) world->newest = tcb->older;
    else tcbs[tcb->newer].older = tcb->older;
}

static void chain(World *world, Tcb *tcb) {
    tcb->older = world->newest;
    tcb->newer = SLOT_NONE;
    if (world->newest == SLOT_NONE) world->oldest = tcb->id.slot;
    else tcbs_of(world)[world->newest].newer = tcb->id.slot;
    world->newest = tcb->id.slot;
}

/* A slot never used, else that of the connection that has been gone longest. */
static uint32_t find_place(Turn *turn) {
    World *world = turn->world;
    if (world->tcb_fresh < world->config.conns) return world->tcb_fresh++;
    if (world->gone_count == 0) {
        run_out(world, STATUS_LIMIT_CONNS);
        return world->config.conns;
    }
    Tcb *tcb = &tcbs_of(world)[world->gone_head];
    world->gone_head = tcb->gone_next;
    world->gone_count--;
    unchain(world, tcb);
    bytes_free(&turn->store, &tcb->recv_queue);
    return tcb->id.slot;
}

Tcb *record_open(Turn *turn, HostId host, Endpoint local, Endpoint remote) {
    World *world = turn->world;
    uint32_t slot = find_place(turn);
    Tcb *tcb = touch_tcb(world, slot);
    memset(tcb, 0, sizeof *tcb);
    tcb->id = (ConnId){slot, turn->serial};
    tcb->host = host;
    tcb->local = local;
    tcb->remote = remote;
    tcb->deadline = tcb->last_sent = MICROS_NEVER;
    for (int i = 0; i < TIMER_COUNT; i++) tcb->timers[i] = MICROS_NEVER;
    tcb->older = tcb->newer = SLOT_NONE;
    if (is_scratch(world, tcb)) return tcb;
    chain(world, tcb);
    record_hash(world, tcb);
    return tcb;
}

void record_gone(Turn *turn, Tcb *tcb) {
    World *world = turn->world;
    assert(!tcb->gone);
    update_agenda(turn); /* its slot may be used again in this turn */
    tcb->gone = true;
    if (is_scratch(world, tcb)) return;
    if (turn->ended == SLOT_NONE) turn->ended = tcb->id.slot;
    unhash(world, tcb);
    tcb->gone_next = SLOT_NONE;
    if (world->gone_count++ == 0) world->gone_head = tcb->id.slot;
    else tcbs_of(world)[world->gone_tail].gone_next = tcb->id.slot;
    world->gone_tail = tcb->id.slot;
}

const Tcb *record_find_look(const World *world, Endpoint local, Endpoint remote) {
    const Tcb *tcbs = tcbs_in(world);
    uint32_t slot = tcb_heads_in(world)[head_at(world, local, remote)];
    for (; slot != SLOT_NONE; slot = tcbs[slot].hash_next)
        if (endpoint_eq(tcbs[slot].local, local) && endpoint_eq(tcbs[slot].remote, remote)) return &tcbs[slot];
    return NULL;
}

Tcb *record_find(Turn *turn, Endpoint local, Endpoint remote) {
    const Tcb *tcb = record_find_look(turn->world, local, remote);
    return tcb ? touch_tcb(turn->world, tcb->id.slot) : NULL;
}

Tcb *record_next(Turn *turn, HostId host, const Tcb *after) {
    Tcb *tcbs = tcbs_of(turn->world);
    uint32_t slot = after ? after->newer : turn->world->oldest;
    while (slot != SLOT_NONE && (tcbs[slot].gone || tcbs[slot].host != host)) slot = tcbs[slot].newer;
    return slot == SLOT_NONE ? NULL : touch_tcb(turn->world, slot);
}

/* One turn starts and stops many timers, mostly of one connection: the agenda is updated once. */
void record_reschedule(Turn *turn, Tcb *tcb) {
    if (turn->unscheduled != tcb) update_agenda(turn);
    turn->unscheduled = tcb;
}

void update_agenda(Turn *turn) {
    Tcb *tcb = turn->unscheduled;
    if (!tcb) return;
    turn->unscheduled = NULL;
    Micros earliest = timer_earliest(tcb);
    if (earliest == tcb->deadline || is_scratch(turn->world, tcb)) return;
    tcb->deadline = earliest;
    agenda_tcb(turn->world, tcb);
}
