/* path.c - the path between the hosts: packets in flight, faults, arrival, and changes by hand. */
#include <assert.h>
#include <string.h>

#include "world.h"

enum { MILLION = 1000000 };

uint64_t mix64(uint64_t x) {
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t draw(World *world) {
    world->random += UINT64_C(0x9e3779b97f4a7c15);
    return mix64(world->random);
}

/* Draws only where the fault is possible: a path without faults does not advance the random numbers. */
static bool fault_occurs(World *world, PathRule rule) {
    return world->path[rule] > 0 && draw(world) % MILLION < (uint64_t)world->path[rule];
}

/* ---- Packets by number ---- */

static uint32_t *head_of(World *world, uint32_t id) { return &packet_heads_of(world)[id & world->packet_mask]; }

void packet_hash(World *world, Packet *packet) {
    uint32_t *head = head_of(world, packet->id.id);
    packet->hash_next = *head;
    *head = (uint32_t)(packet - packets_of(world));
}

const Packet *packet_look(const World *world, PacketId id) {
    if (id.id == 0) return NULL;
    const Packet *packets = packets_in(world);
    for (uint32_t slot = packet_heads_in(world)[id.id & world->packet_mask]; slot != SLOT_NONE;
         slot = packets[slot].hash_next)
        if (packets[slot].id.id == id.id)
            return id.born == 0 || packets[slot].id.born == id.born ? &packets[slot] : NULL;
    return NULL;
}

Packet *packet_find(World *world, PacketId id) {
    const Packet *packet = packet_look(world, id);
    return packet ? touch_packet(world, (uint32_t)(packet - packets_in(world))) : NULL;
}

/* A new packet with room for its bytes; the caller writes them and updates the agenda. NULL: no room. */
static Packet *place(Turn *turn, uint32_t length) {
    World *world = turn->world;
    uint32_t slot = world->packet_free, capacity = store_capacity(length);
    if (slot == SLOT_NONE && world->packet_fresh == world->config.packets) {
        run_out(world, STATUS_LIMIT_PACKETS);
        return NULL;
    }
    uint32_t block = store_take(&turn->store, capacity);
    if (!block) return NULL;
    if (slot != SLOT_NONE) world->packet_free = packets_of(world)[slot].free_next;
    else slot = world->packet_fresh++;
    Packet *packet = touch_packet(world, slot);
    memset(packet, 0, sizeof *packet);
    packet->id = (PacketId){world->next_packet++, turn->serial};
    packet->order = world->next_order++;
    packet->length = length;
    packet->capacity = capacity;
    packet->block = block;
    packet_hash(world, packet);
    world->packet_count++;
    return packet;
}

static Packet *add(Turn *turn, const uint8_t *bytes, uint32_t length) {
    Packet *packet = place(turn, length);
    if (packet) memcpy(store_block(&turn->store, packet->block), bytes, length);
    return packet;
}

/* Removes a packet from flight; the caller returns its block to the store. */
static void take_off(World *world, Packet *packet) {
    uint32_t slot = (uint32_t)(packet - packets_of(world));
    agenda_packet_out(world, packet);
    uint32_t *link = head_of(world, packet->id.id);
    while (*link != slot) link = &packets_of(world)[*link].hash_next;
    *link = packet->hash_next;
    if (packet->held) world->held_count--;
    packet->id = PACKET_NONE;
    packet->free_next = world->packet_free;
    world->packet_free = slot;
    world->packet_count--;
}

/* ---- Events of packets ---- */

static Event *packet_event(Turn *turn, const Packet *packet, const Segment *seg, EventKind kind, RuleId rule) {
    Event *event = turn_event(turn, kind, rule);
    if (!turn->trace) return event;
    event->host = HOST_NONE;
    event->conn = packet->conn;
    event->packet = packet->id;
    event->src = seg->src;
    event->dst = seg->dst;
    event->flags = seg->flags;
    event->again = packet->again;
    event->window = seg->window;
    event->seq = seg->seq;
    event->ack = seg->ack;
    event->data_length = seg->data_length;
    event->due = packet->held ? MICROS_NEVER : packet->due;
    return event;
}

/* Attaches the datagram as it is now to the event just recorded. */
static void attach(Turn *turn, Event *event, const uint8_t *bytes, uint32_t length) {
    if (!turn->trace || event == turn->unread) return;
    Icmp icmp;
    if (!event->src.port && !event->dst.port && icmp_decode(bytes, length, &icmp)) {
        event->icmp_type = icmp.type;
        event->icmp_code = icmp.code;
    }
    if (!trace_attach(turn->trace, bytes, length)) run_out(turn->world, STATUS_LIMIT_MEMORY);
}

/* An event about a packet as it is now; `order`: the number of the order that did it, 0: none did. */
static uint32_t note_packet(Turn *turn, const Packet *packet, EventKind kind, RuleId rule, DropReason reason,
                            int64_t value, uint32_t order) {
    const uint8_t *bytes = store_look(store_in(turn->world), packet->block);
    Segment seg;
    segment_decode(bytes, packet->length, &seg);
    Event *event = packet_event(turn, packet, &seg, kind, rule);
    event->reason = reason;
    event->value = value;
    event->copy_of = packet->copy_of;
    event->setting = order;
    attach(turn, event, bytes, packet->length);
    return event->index;
}

static void remove_packet(Turn *turn, Packet *packet) {
    uint32_t block = packet->block, capacity = packet->capacity;
    take_off(turn->world, packet);
    store_give(&turn->store, block, capacity);
}

static void drop_packet(Turn *turn, Packet *packet, RuleId rule, DropReason reason) {
    note_packet(turn, packet, EVENT_DROP, rule, reason, 0, 0);
    remove_packet(turn, packet);
}

static void flip(Turn *turn, Packet *packet, uint32_t offset) {
    World *world = turn->world;
    uint8_t *bytes = store_block(&turn->store, packet->block);
    if (offset == CORRUPT_ANYWHERE) {
        uint32_t start = (uint32_t)datagram_parts(bytes, packet->length).segment;
        if (start == packet->length) start = 0;
        offset = start + (uint32_t)(draw(world) % (packet->length - start));
    }
    bytes[offset] ^= (uint8_t)(1u << draw(world) % 8);
    packet->corrupted = true;
}

/* NULL: no room. */
static Packet *copy_packet(Turn *turn, const Packet *packet) {
    const Packet original = *packet;
    Packet *copy = add(turn, store_look(store_in(turn->world), original.block), original.length);
    if (!copy) return NULL;
    const Packet made = *copy;
    *copy = original;
    copy->id = made.id;
    copy->order = made.order;
    copy->block = made.block;
    copy->hash_next = made.hash_next;
    copy->heap_at = AGENDA_NONE;
    copy->copy_of = original.id.id;
    if (copy->held) turn->world->held_count++;
    agenda_packet(turn->world, copy);
    return copy;
}

static void put_off(Turn *turn, Packet *packet, Micros by) {
    Micros ahead = (packet->held ? packet->left : packet->due - turn->env.now) + by;
    ahead = ahead < 0 ? 0 : ahead > LATEST ? LATEST : ahead;
    if (packet->held) {
        packet->left = ahead;
    } else {
        packet->due = turn->env.now + ahead;
        agenda_packet(turn->world, packet);
    }
}

static void hold(Turn *turn, Packet *packet) {
    packet->held = true;
    turn->world->held_count++;
    packet->left = packet->due - turn->env.now;
    agenda_packet(turn->world, packet);
}

/* ---- Into flight ---- */

static void launch(Turn *turn, Packet *packet, Micros delay) {
    World *world = turn->world;
    HostId owner = packet->from == HOST_NONE ? 0 : packet->from;
    packet->sent = turn->env.now;
    packet->due = turn->env.now + delay;
    packet->dies = turn->env.now + hosts_of(world)[owner].rules[HOST_RULE_msl];
    if (fault_occurs(world, PATH_REORDER))
        packet->due += (Micros)(draw(world) % (uint64_t)(2 * world->path[PATH_LATENCY] + 1));
    agenda_packet(world, packet);
}

/* Why: the order that was given. */
static void note_order(Turn *turn, const Packet *packet, EventKind kind, const OrderView *order, int64_t value) {
    const uint32_t cause = turn->cause;
    turn->cause = order->event;
    note_packet(turn, packet, kind, RULE_PATH_ORDER, kind == EVENT_DROP ? DROP_ORDER : DROP_NONE, value, order->id);
    turn->cause = cause;
}

static void carry_out(Turn *turn, Packet *packet, const OrderView *order) {
    const Packet *copy;
    switch (order->order.does) {
    case INPUT_HOLD:
        if (!packet->held) hold(turn, packet);
        note_order(turn, packet, EVENT_HOLD, order, 0);
        return;
    case INPUT_DELAY:
        put_off(turn, packet, order->order.by);
        note_order(turn, packet, EVENT_DELAY, order, order->order.by);
        return;
    case INPUT_CORRUPT:
        flip(turn, packet, CORRUPT_ANYWHERE);
        note_order(turn, packet, EVENT_CORRUPT, order, 0);
        return;
    case INPUT_DUP:
        copy = copy_packet(turn, packet);
        if (copy) note_order(turn, copy, EVENT_DUP, order, 0);
        return;
    default: note_order(turn, packet, EVENT_DROP, order, 0); remove_packet(turn, packet);
    }
}

/* All orders count the packet, also those given after one that drops it. False: it is dropped. */
static bool obey_orders(Turn *turn, Packet *packet, const Segment *seg) {
    OrderView acting[LIMIT_ORDERS];
    if (!turn->world->order_count) return true;
    uint32_t count = orders_for(turn, seg, packet->again, acting);
    for (uint32_t i = 0; i < count; i++) {
        carry_out(turn, packet, &acting[i]);
        if (acting[i].order.does == INPUT_DROP) return false;
    }
    return true;
}

static void apply_path_faults(Turn *turn, Packet *packet, const Segment *seg) {
    World *world = turn->world;
    if (packet->length > world->path[PATH_MTU]) {
        drop_packet(turn, packet, RULE_PATH_NO_FRAGMENTS, DROP_TOO_BIG);
        return;
    }
    if (!obey_orders(turn, packet, seg)) return;
    if (fault_occurs(world, PATH_LOSS)) {
        drop_packet(turn, packet, RULE_PATH_CHANCE, DROP_LOSS);
        return;
    }
    if (fault_occurs(world, PATH_CORRUPT)) {
        flip(turn, packet, CORRUPT_ANYWHERE);
        note_packet(turn, packet, EVENT_CORRUPT, RULE_PATH_CHANCE, DROP_NONE, 0, 0);
    }
    if (!fault_occurs(world, PATH_DUPLICATE)) return;
    const Packet *copy = copy_packet(turn, packet);
    if (copy) note_packet(turn, copy, EVENT_DUP, RULE_PATH_CHANCE, DROP_NONE, 0, 0);
}

void path_emit(Turn *turn, HostId host, const Tcb *tcb, Segment *segment, RuleId rule, bool again) {
    World *world = turn->world;
    Host *from = &hosts_of(world)[host];
    if (++from->ip_id == 0) from->ip_id = 1;
    segment->ip_id = from->ip_id;
    size_t length = segment_size(segment);
    assert(length > 0);
    Packet *packet = place(turn, (uint32_t)length);
    if (!packet) return;
    uint8_t *bytes = store_block(&turn->store, packet->block);
    segment_encode(segment, bytes, length);
    packet->from = host;
    packet->to = world_host_by_addr(world, segment->dst.addr);
    packet->conn = tcb ? tcb->id : CONN_NONE;
    packet->again = again;
    launch(turn, packet, world->path[PATH_LATENCY]);
    Event *event = packet_event(turn, packet, segment, EVENT_SEND, rule);
    event->host = host;
    event->from = event->to = tcb ? tcb->state : STATE_CLOSED;
    attach(turn, event, bytes, (uint32_t)length);
    packet->event = event->index;
    oracle_answers(turn, tcb, packet, segment);
    apply_path_faults(turn, packet, segment);
}

/* A segment of a TCP outside the laboratory: it takes the same path as those of our hosts. */
static Status send_foreign(Turn *turn, const Input *input, const Segment *seg, Result *result) {
    World *world = turn->world;
    HostId host = world_host_by_addr(world, seg->src.addr);
    if (host == HOST_NONE || !hosts_of(world)[host].foreign) return STATUS_BAD_ADDRESS;
    Packet *packet = add(turn, input->bytes, input->length);
    if (!packet) return STATUS_OK; /* the world is spent */
    packet->from = host;
    packet->to = world_host_by_addr(world, seg->dst.addr);
    packet->foreign = true;
    launch(turn, packet, input->value < 0 ? world->path[PATH_LATENCY] : input->value);
    Event *event = packet_event(turn, packet, seg, EVENT_SEND, RULE_PATH_FOREIGN);
    event->host = host;
    event->from = event->to = STATE_CLOSED;
    attach(turn, event, input->bytes, input->length);
    packet->event = event->index;
    result->packet = packet->id;
    apply_path_faults(turn, packet, seg);
    return STATUS_OK;
}

Status path_inject(Turn *turn, const Input *input, Result *result) {
    World *world = turn->world;
    Segment seg;
    DecodeResult decoded = segment_decode(input->bytes, input->length, &seg);
    Icmp icmp;
    if (input->value > LATEST) return STATUS_BAD_ARGUMENT;
    if (decoded == DECODE_NOT_TCP && icmp_decode(input->bytes, input->length, &icmp)) decoded = DECODE_OK;
    if (decoded != DECODE_OK && decoded != DECODE_TCP_CHECKSUM && decoded != DECODE_OPTIONS) return STATUS_BAD_DATAGRAM;
    if (input->foreign) return send_foreign(turn, input, &seg, result);
    Packet *packet = add(turn, input->bytes, input->length);
    if (!packet) return STATUS_OK; /* the world is spent */
    packet->from = world_host_by_addr(world, seg.src.addr);
    packet->to = world_host_by_addr(world, seg.dst.addr);
    packet->forged = true;
    launch(turn, packet, input->value < 0 ? world->path[PATH_LATENCY] : input->value);
    packet->event = note_packet(turn, packet, EVENT_INJECT, RULE_PATH_BY_HAND, DROP_NONE, 0, 0);
    result->packet = packet->id;
    return STATUS_OK;
}

/* ---- Arrival ---- */

static DropReason unreadable(DecodeResult decoded) {
    switch (decoded) {
    case DECODE_OK: return DROP_NONE;
    case DECODE_TCP_CHECKSUM:
    case DECODE_IP_CHECKSUM: return DROP_CHECKSUM;
    case DECODE_SHORT:
    case DECODE_NOT_IPV4:
    case DECODE_NOT_TCP:
    case DECODE_FRAGMENT:
    case DECODE_OPTIONS: return DROP_MALFORMED;
    }
    return DROP_MALFORMED;
}

static uint32_t arrival_event(Turn *turn, const Packet *packet, const Reading *reading, EventKind kind, RuleId rule,
                              DropReason reason) {
    Event *event = packet_event(turn, packet, &reading->seg, kind, rule);
    if (!turn->trace) return event->index;
    event->host = packet->to;
    event->conn = reason ? CONN_NONE : reading->conn;
    const Tcb *tcb = record_look(turn->world, event->conn);
    event->from = event->to = tcb ? tcb->state : STATE_CLOSED;
    event->due = turn->env.now;
    event->copy_of = packet->copy_of;
    event->reason = kind == EVENT_DROP ? reason : DROP_NONE;
    attach(turn, event, reading->bytes, reading->length);
    return event->index;
}

/* `packet` is a copy: its slot may be used again by segments sent in answer. */
static void arrive(Turn *turn, const Packet *packet, const Reading *reading) {
    const Segment *seg = &reading->seg;
    Icmp icmp;
    bool report = reading->decoded == DECODE_NOT_TCP && icmp_decode(reading->bytes, reading->length, &icmp);
    DropReason reason = packet->to == HOST_NONE ? DROP_NO_HOST : unreadable(report ? DECODE_OK : reading->decoded);
    turn->cause = packet->event;
    if (reason != DROP_NO_HOST)
        turn->cause = arrival_event(turn, packet, reading, EVENT_DELIVER, RULE_PATH_ARRIVES, reason);
    if (reason) {
        RuleId rule = reason == DROP_NO_HOST    ? RULE_PATH_NO_HOST
                      : reason == DROP_CHECKSUM ? RULE_PATH_CHECKSUM
                                                : RULE_PATH_MALFORMED;
        arrival_event(turn, packet, reading, EVENT_DROP, rule, reason);
        return;
    }
    if (hosts_in(turn->world)[packet->to].foreign) return; /* its TCP is not ours: only what it sends is seen */
    if (report) {
        icmp_arrives(turn, packet->to, &icmp);
        return;
    }
    Arrival arrival = {.host = packet->to,
                       .tcb = record(turn->world, reading->conn),
                       .seg = seg,
                       .origin = packet->forged    ? CONN_NONE
                                 : packet->foreign ? CONN_FOREIGN
                                                   : packet->conn};
    turn->answers = packet->answers;
    const Watch before = oracle_watch(turn, arrival.tcb, arrival.origin);
    segment_arrives(turn, &arrival);
    oracle_arrived(turn, &before, seg);
}

Status path_deliver(Turn *turn, const Input *input, const Reading *reading) {
    World *world = turn->world;
    Packet *found = packet_find(world, input->packet);
    Packet packet = *found;
    take_off(world, found);
    arrive(turn, &packet, reading);
    store_give(&turn->store, packet.block, packet.capacity);
    return STATUS_OK;
}

/* ---- Changes by hand ---- */

static Packet *target(Turn *turn, const Input *input) {
    Packet *packet = packet_find(turn->world, input->packet);
    turn->cause = packet->event;
    return packet;
}

Status path_drop(Turn *turn, const Input *input) {
    drop_packet(turn, target(turn, input), RULE_PATH_BY_HAND, DROP_USER);
    return STATUS_OK;
}

Status path_expire(Turn *turn, const Input *input) {
    Packet *packet = target(turn, input);
    if (packet->dies > turn->env.now) return STATUS_TOO_EARLY;
    drop_packet(turn, packet, RULE_PATH_LIFETIME, DROP_LIFETIME);
    return STATUS_OK;
}

Status path_dup(Turn *turn, const Input *input, Result *result) {
    const Packet *copy = copy_packet(turn, target(turn, input));
    if (!copy) return STATUS_OK; /* the world is spent */
    note_packet(turn, copy, EVENT_DUP, RULE_PATH_BY_HAND, DROP_NONE, 0, 0);
    result->packet = copy->id;
    return STATUS_OK;
}

Status path_delay(Turn *turn, const Input *input) {
    Packet *packet = target(turn, input);
    if (input->value > LATEST || input->value < -LATEST) return STATUS_BAD_ARGUMENT;
    put_off(turn, packet, input->value);
    note_packet(turn, packet, EVENT_DELAY, RULE_PATH_BY_HAND, DROP_NONE, input->value, 0);
    return STATUS_OK;
}

Status path_hold(Turn *turn, const Input *input) {
    Packet *packet = target(turn, input);
    if (packet->held) return STATUS_BAD_ARGUMENT;
    hold(turn, packet);
    note_packet(turn, packet, EVENT_HOLD, RULE_PATH_BY_HAND, DROP_NONE, 0, 0);
    return STATUS_OK;
}

Status path_release(Turn *turn, const Input *input) {
    Packet *packet = target(turn, input);
    if (!packet->held) return STATUS_BAD_ARGUMENT;
    packet->held = false;
    turn->world->held_count--;
    packet->due = turn->env.now + packet->left;
    agenda_packet(turn->world, packet);
    note_packet(turn, packet, EVENT_RELEASE, RULE_PATH_BY_HAND, DROP_NONE, 0, 0);
    return STATUS_OK;
}

Status path_corrupt(Turn *turn, const Input *input) {
    Packet *packet = target(turn, input);
    if (input->count != CORRUPT_ANYWHERE && input->count >= packet->length) return STATUS_BAD_ARGUMENT;
    flip(turn, packet, input->count);
    note_packet(turn, packet, EVENT_CORRUPT, RULE_PATH_BY_HAND, DROP_NONE, 0, 0);
    return STATUS_OK;
}

Status path_edit(Turn *turn, const Input *input) {
    World *world = turn->world;
    Packet *packet = target(turn, input);
    Segment seg;
    if (segment_decode(input->bytes, input->length, &seg) != DECODE_OK) return STATUS_BAD_DATAGRAM;
    uint32_t capacity = store_capacity(input->length);
    store_give(&turn->store, packet->block, packet->capacity);
    uint32_t block = store_take(&turn->store, capacity);
    if (!block) return STATUS_OK; /* the world is spent */
    packet->length = input->length;
    packet->capacity = capacity;
    packet->block = block;
    memcpy(store_block(&turn->store, packet->block), input->bytes, input->length);
    packet->to = world_host_by_addr(world, seg.dst.addr);
    packet->forged = true;
    packet->foreign = false;
    note_packet(turn, packet, EVENT_EDIT, RULE_PATH_BY_HAND, DROP_NONE, 0, 0);
    return STATUS_OK;
}
