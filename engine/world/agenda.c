/* agenda.c - what is due, earliest first: a binary heap of packets and connections, so that ten thousand cost little more than one.
 *
 * At the same instant packets come before timers, older packets before younger, older connections before younger. */
#include <assert.h>

#include "world.h"

typedef struct Key {
    Micros time;
    uint32_t kind, order;
} Key;

Micros packet_time(const Packet *packet) {
    Micros due = packet->held ? MICROS_NEVER : packet->due;
    return due < packet->dies ? due : packet->dies;
}

static Key key_of(const World *world, uint32_t item) {
    if (item & AGENDA_PACKET) {
        const Packet *packet = &packets_in(world)[item & ~AGENDA_PACKET];
        return (Key){packet_time(packet), 0, packet->order};
    }
    const Tcb *tcb = &tcbs_in(world)[item];
    return (Key){tcb->deadline, 1, tcb->id.generation};
}

static bool before(const World *world, uint32_t a, uint32_t b) {
    Key x = key_of(world, a), y = key_of(world, b);
    if (x.time != y.time) return x.time < y.time;
    if (x.kind != y.kind) return x.kind < y.kind;
    return x.order < y.order;
}

/* Places are counted from 1; 0 means not in the agenda. */
static void put(World *world, uint32_t at, uint32_t item) {
    agenda_of(world)[at] = item;
    if (item & AGENDA_PACKET) packets_of(world)[item & ~AGENDA_PACKET].heap_at = at;
    else tcbs_of(world)[item].heap_at = at;
}

static void rise(World *world, uint32_t at, uint32_t item) {
    uint32_t *agenda = agenda_of(world);
    while (at > 1 && before(world, item, agenda[at / 2])) {
        put(world, at, agenda[at / 2]);
        at /= 2;
    }
    put(world, at, item);
}

static void sink(World *world, uint32_t at, uint32_t item) {
    uint32_t *agenda = agenda_of(world);
    for (;;) {
        uint32_t child = 2 * at;
        if (child > world->agenda_count) break;
        if (child < world->agenda_count && before(world, agenda[child + 1], agenda[child])) child++;
        if (!before(world, agenda[child], item)) break;
        put(world, at, agenda[child]);
        at = child;
    }
    put(world, at, item);
}

static void settle(World *world, uint32_t at, uint32_t item) {
    if (at > 1 && before(world, item, agenda_of(world)[at / 2])) rise(world, at, item);
    else sink(world, at, item);
}

static void take_out(World *world, uint32_t at) {
    uint32_t last = agenda_of(world)[world->agenda_count--];
    if (at <= world->agenda_count) settle(world, at, last);
}

static void update(World *world, uint32_t item, uint32_t *at, Micros time) {
    if (time == MICROS_NEVER) {
        if (*at) take_out(world, *at);
        *at = AGENDA_NONE;
    } else if (*at) {
        settle(world, *at, item);
    } else {
        rise(world, ++world->agenda_count, item);
    }
}

void agenda_tcb(World *world, Tcb *tcb) { update(world, tcb->id.slot, &tcb->heap_at, tcb->deadline); }

void agenda_packet(World *world, Packet *packet) {
    uint32_t slot = (uint32_t)(packet - packets_of(world));
    update(world, slot | AGENDA_PACKET, &packet->heap_at, packet_time(packet));
}

void agenda_packet_out(World *world, Packet *packet) {
    uint32_t slot = (uint32_t)(packet - packets_of(world));
    update(world, slot | AGENDA_PACKET, &packet->heap_at, MICROS_NEVER);
}

uint32_t agenda_first(const World *world) { return world->agenda_count ? agenda_in(world)[1] : SLOT_NONE; }
