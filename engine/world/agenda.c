/* agenda.c - what is due, earliest first: a list of packets in order (the line), and a heap of all else.
 *
 * At the same instant packets come before timers, older packets before younger, older connections before younger. A
 * path delivers mostly in the order of sending: a packet due after the last one in the line is appended to it in
 * constant time, any other goes to the heap. An entry of the heap holds its own sort key, and each has four children:
 * comparisons read only the heap, and the entries compared lie side by side. */
#include <assert.h>

#include "world.h"

enum { CHILDREN = 4 };

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

/* Heap indices start at 1; AGENDA_NONE (0): not in the agenda. */
static void put(World *world, uint32_t at, Due due) {
    agenda_of(world)[at] = due;
    if (due.item & AGENDA_PACKET) packets_of(world)[due.item & ~AGENDA_PACKET].heap_at = at;
    else tcbs_of(world)[due.item].heap_at = at;
}

static uint32_t parent(uint32_t at) { return (at + CHILDREN - 2) / CHILDREN; }

static void sift_up(World *world, uint32_t at, Due due) {
    const Due *agenda = agenda_of(world);
    while (at > 1 && before(&due, &agenda[parent(at)])) {
        put(world, at, agenda[parent(at)]);
        at = parent(at);
    }
    put(world, at, due);
}

static uint32_t earliest_child(const World *world, uint32_t at) {
    const Due *agenda = agenda_in(world);
    uint32_t first = CHILDREN * at - (CHILDREN - 2), best = first;
    for (uint32_t i = first + 1; i < first + CHILDREN && i <= world->agenda_count; i++)
        if (before(&agenda[i], &agenda[best])) best = i;
    return best;
}

static void sift_down(World *world, uint32_t at, Due due) {
    const Due *agenda = agenda_of(world);
    while (CHILDREN * at - (CHILDREN - 2) <= world->agenda_count) {
        uint32_t child = earliest_child(world, at);
        if (!before(&agenda[child], &due)) break;
        put(world, at, agenda[child]);
        at = child;
    }
    put(world, at, due);
}

static void sift(World *world, uint32_t at, Due due) {
    if (at > 1 && before(&due, &agenda_of(world)[parent(at)])) sift_up(world, at, due);
    else sift_down(world, at, due);
}

static void take_out(World *world, uint32_t at) {
    Due last = agenda_of(world)[world->agenda_count--];
    if (at <= world->agenda_count) sift(world, at, last);
}

/* Inserts, moves or removes an entry; `at` is its index in the heap. */
static void update(World *world, uint32_t *at, Due due) {
    if (due.time == MICROS_NEVER) {
        if (*at) take_out(world, *at);
        *at = AGENDA_NONE;
    } else if (*at) {
        sift(world, *at, due);
    } else {
        sift_up(world, ++world->agenda_count, due);
    }
}

void agenda_tcb(World *world, Tcb *tcb) {
    update(world, &tcb->heap_at, (Due){tcb->deadline, tcb->id.generation, tcb->id.slot});
}

/* ---- The line ---- */

static Due due_of(const World *world, const Packet *packet) {
    return (Due){packet_time(packet), packet->order, (uint32_t)(packet - packets_in(world)) | AGENDA_PACKET};
}

static bool fits_in_line(const World *world, const Due *due) {
    if (due->time == MICROS_NEVER) return false;
    if (world->line_last == SLOT_NONE) return true;
    Due last = due_of(world, &packets_in(world)[world->line_last]);
    return before(&last, due);
}

static void stand_in_line(World *world, Packet *packet) {
    uint32_t slot = (uint32_t)(packet - packets_of(world));
    packet->heap_at = AGENDA_IN_LINE;
    packet->line_before = world->line_last;
    packet->line_after = SLOT_NONE;
    if (world->line_last == SLOT_NONE) world->line_first = slot;
    else packets_of(world)[world->line_last].line_after = slot;
    world->line_last = slot;
}

static void leave_line(World *world, Packet *packet) {
    Packet *packets = packets_of(world);
    if (packet->line_before == SLOT_NONE) world->line_first = packet->line_after;
    else packets[packet->line_before].line_after = packet->line_after;
    if (packet->line_after == SLOT_NONE) world->line_last = packet->line_before;
    else packets[packet->line_after].line_before = packet->line_before;
    packet->heap_at = AGENDA_NONE;
}

/* ---- Both ---- */

void agenda_packet(World *world, Packet *packet) {
    if (packet->heap_at == AGENDA_IN_LINE) leave_line(world, packet);
    Due due = due_of(world, packet);
    if (packet->heap_at == AGENDA_NONE && fits_in_line(world, &due)) stand_in_line(world, packet);
    else update(world, &packet->heap_at, due);
}

void agenda_packet_out(World *world, Packet *packet) {
    if (packet->heap_at == AGENDA_IN_LINE) leave_line(world, packet);
    else update(world, &packet->heap_at, (Due){.time = MICROS_NEVER});
}

static Due first(const World *world) {
    Due nothing = {MICROS_NEVER, 0, SLOT_NONE};
    Due heap = world->agenda_count ? agenda_in(world)[1] : nothing;
    if (world->line_first == SLOT_NONE) return heap;
    Due line = due_of(world, &packets_in(world)[world->line_first]);
    return before(&heap, &line) ? heap : line;
}

uint32_t agenda_first(const World *world) { return first(world).item; }
Micros agenda_time(const World *world) { return first(world).time; }
