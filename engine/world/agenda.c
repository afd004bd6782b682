/* agenda.c - what is due, earliest first: a heap of packets and connections, so that ten thousand cost little more than one.
 *
 * At the same instant packets come before timers, older packets before younger, older connections before younger. An entry holds all that
 * its place depends on, and four stand below each: a comparison looks at nothing else, and those that are compared are neighbours. */
#include <assert.h>

#include "world.h"

enum { BELOW = 4 };

Micros packet_time(const Packet *packet) {
    Micros due = packet->held ? MICROS_NEVER : packet->due;
    return due < packet->dies ? due : packet->dies;
}

static bool before(const Due *a, const Due *b) {
    if (a->time != b->time) return a->time < b->time;
    uint32_t kind = a->item & AGENDA_PACKET;
    if (kind != (b->item & AGENDA_PACKET)) return kind;
    return a->order < b->order;
}

/* Places are counted from 1; 0 means not in the agenda. */
static void put(World *world, uint32_t at, Due due) {
    agenda_of(world)[at] = due;
    if (due.item & AGENDA_PACKET) packets_of(world)[due.item & ~AGENDA_PACKET].heap_at = at;
    else tcbs_of(world)[due.item].heap_at = at;
}

static uint32_t above(uint32_t at) { return (at + BELOW - 2) / BELOW; }

static void rise(World *world, uint32_t at, Due due) {
    const Due *agenda = agenda_of(world);
    while (at > 1 && before(&due, &agenda[above(at)])) {
        put(world, at, agenda[above(at)]);
        at = above(at);
    }
    put(world, at, due);
}

static uint32_t earliest_below(const World *world, uint32_t at) {
    const Due *agenda = agenda_in(world);
    uint32_t first = BELOW * at - (BELOW - 2), best = first;
    for (uint32_t i = first + 1; i < first + BELOW && i <= world->agenda_count; i++)
        if (before(&agenda[i], &agenda[best])) best = i;
    return best;
}

static void sink(World *world, uint32_t at, Due due) {
    const Due *agenda = agenda_of(world);
    while (BELOW * at - (BELOW - 2) <= world->agenda_count) {
        uint32_t child = earliest_below(world, at);
        if (!before(&agenda[child], &due)) break;
        put(world, at, agenda[child]);
        at = child;
    }
    put(world, at, due);
}

static void settle(World *world, uint32_t at, Due due) {
    if (at > 1 && before(&due, &agenda_of(world)[above(at)])) rise(world, at, due);
    else sink(world, at, due);
}

static void take_out(World *world, uint32_t at) {
    Due last = agenda_of(world)[world->agenda_count--];
    if (at <= world->agenda_count) settle(world, at, last);
}

/* `at` is where it stands now. */
static void update(World *world, uint32_t *at, Due due) {
    if (due.time == MICROS_NEVER) {
        if (*at) take_out(world, *at);
        *at = AGENDA_NONE;
    } else if (*at) {
        settle(world, *at, due);
    } else {
        rise(world, ++world->agenda_count, due);
    }
}

void agenda_tcb(World *world, Tcb *tcb) { update(world, &tcb->heap_at, (Due){tcb->deadline, tcb->id.generation, tcb->id.slot}); }

static Due due_of(const World *world, const Packet *packet, Micros time) {
    return (Due){time, packet->order, (uint32_t)(packet - packets_in(world)) | AGENDA_PACKET};
}

void agenda_packet(World *world, Packet *packet) { update(world, &packet->heap_at, due_of(world, packet, packet_time(packet))); }
void agenda_packet_out(World *world, Packet *packet) { update(world, &packet->heap_at, due_of(world, packet, MICROS_NEVER)); }

uint32_t agenda_first(const World *world) { return world->agenda_count ? agenda_in(world)[1].item : SLOT_NONE; }
Micros agenda_time(const World *world) { return world->agenda_count ? agenda_in(world)[1].time : MICROS_NEVER; }
