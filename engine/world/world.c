/* world.c - the world as a value, and the one door into it. */
#include "world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_HOSTS = 4,
    DEFAULT_CONNS = 16,
    DEFAULT_PACKETS = 32,
    DEFAULT_STORE = 16 * 1024,
    LARGEST_STORE = 1 << 30, /* in STORE_UNIT: 64 GiB */
    HEADERS = 80,
    FEW_EVENTS = 24,
    FEW_PACKETS = 6,
    EVENTS_PER_PACKET = 6
};

/* ---- Making, copying, growing ---- */

static size_t aligned(size_t n) { return (n + 63) & ~(size_t)63; }

static uint32_t power_of_two(uint32_t n) {
    uint32_t power = 1;
    while (power < n) power *= 2;
    return power;
}

static Config complete(const Config *config) {
    Config c = *config;
    if (c.hosts == 0) c.hosts = DEFAULT_HOSTS;
    if (c.hosts < 2) c.hosts = 2;
    if (c.conns == 0) c.conns = DEFAULT_CONNS;
    if (c.packets == 0) c.packets = DEFAULT_PACKETS;
    if (c.store == 0) c.store = DEFAULT_STORE;
    return c;
}

static bool within_limits(const Config *c) {
    return c->hosts <= LIMIT_HOSTS && c->conns <= LIMIT_CONNS && c->packets <= LIMIT_PACKETS;
}

/* Where everything lies for a complete config. */
static World layout(const Config *config) {
    World w = {.config = *config};
    w.tcb_mask = power_of_two(config->conns) - 1;
    w.packet_mask = power_of_two(config->packets) - 1;
    w.store_units = config->store / STORE_UNIT + 1;
    size_t at = aligned(sizeof(World));
    w.hosts_at = at;
    at = aligned(at + config->hosts * sizeof(Host));
    w.tcbs_at = at;
    at = aligned(at + config->conns * sizeof(Tcb));
    w.tcb_heads_at = at;
    at = aligned(at + (w.tcb_mask + 1) * sizeof(uint32_t));
    w.packets_at = at;
    at = aligned(at + config->packets * sizeof(Packet));
    w.packet_heads_at = at;
    at = aligned(at + (w.packet_mask + 1) * sizeof(uint32_t));
    w.agenda_at = at;
    at = aligned(at + ((size_t)config->conns + config->packets + 1) * sizeof(Due));
    w.store_at = at;
    w.bytes = at + (size_t)w.store_units * STORE_UNIT;
    return w;
}

static World *allocate(const Config *config) {
    World w = layout(config);
    World *world = malloc(w.bytes);
    if (!world) return NULL;
    *world = w;
    memset(tcb_heads_of(world), 0xff, (w.tcb_mask + 1) * sizeof(uint32_t)); /* SLOT_NONE */
    memset(packet_heads_of(world), 0xff, (w.packet_mask + 1) * sizeof(uint32_t));
    return world;
}

World *world_new(const Config *config) {
    Config c = complete(config);
    if (!within_limits(&c)) return NULL;
    World *world = allocate(&c);
    if (!world) return NULL;
    world->oldest = world->newest = SLOT_NONE;
    world->packet_free = world->line_first = world->line_last = SLOT_NONE;
    world->next_packet = 1;
    world->store_top = 1;
    uint64_t seed = mix64(c.seed + 1);
    for (int i = 0; i < 16; i++) {
        if (i % 8 == 0) seed = mix64(seed + UINT64_C(0x9e3779b97f4a7c15));
        world->secret[i] = (uint8_t)(seed >> i % 8 * 8);
    }
    world->random = mix64(seed);
    for (int i = 0; i < PATH_RULE_COUNT; i++) world->path[i] = path_rule_info((PathRule)i)->standard;
    add_host(world, "A");
    add_host(world, "B");
    return world;
}

void world_free(World *world) { free(world); }

/* What has been written to, from `at` on: the rest need not be copied. */
typedef struct Used {
    size_t at, bytes;
} Used;
enum { USED_PARTS = 4 };

static void used(const World *world, Used parts[USED_PARTS]) {
    const size_t ends[USED_PARTS] = {world->tcbs_at + world->tcb_fresh * sizeof(Tcb),
                                     world->packets_at + world->packet_fresh * sizeof(Packet),
                                     world->agenda_at + (world->agenda_count + (size_t)1) * sizeof(Due),
                                     world->store_at + (size_t)world->store_top * STORE_UNIT};
    const size_t starts[USED_PARTS] = {0, world->tcb_heads_at, world->packet_heads_at, world->store_at};
    for (int i = 0; i < USED_PARTS; i++) parts[i] = (Used){starts[i], ends[i] - starts[i]};
}

size_t world_bytes(const World *world) {
    Used parts[USED_PARTS];
    used(world, parts);
    size_t bytes = 0;
    for (int i = 0; i < USED_PARTS; i++) bytes += parts[i].bytes;
    return bytes;
}

World *world_copy(const World *world) {
    World *copy = malloc(world->bytes);
    if (!copy) return NULL;
    Used parts[USED_PARTS];
    used(world, parts);
    for (int i = 0; i < USED_PARTS; i++)
        memcpy(world_place(copy, parts[i].at), world_look(world, parts[i].at), parts[i].bytes);
    return copy;
}

bool world_same(const World *a, const World *b) {
    Used of_a[USED_PARTS], of_b[USED_PARTS];
    used(a, of_a);
    used(b, of_b);
    for (int i = 0; i < USED_PARTS; i++) {
        if (of_a[i].at != of_b[i].at || of_a[i].bytes != of_b[i].bytes) return false;
        if (memcmp(world_look(a, of_a[i].at), world_look(b, of_b[i].at), of_a[i].bytes) != 0) return false;
    }
    return true;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

static void rehash(World *world) {
    for (uint32_t slot = world->oldest; slot != SLOT_NONE; slot = tcbs_of(world)[slot].newer) {
        Tcb *tcb = &tcbs_of(world)[slot];
        if (!tcb->gone) record_hash(world, tcb);
    }
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        Packet *packet = &packets_of(world)[slot];
        if (packet->id.id) packet_hash(world, packet);
    }
}

World *world_grow(const World *world, const Config *config) {
    Config c = {.hosts = larger(config->hosts, world->config.hosts),
                .conns = larger(config->conns, world->config.conns),
                .packets = larger(config->packets, world->config.packets),
                .store = larger(config->store, world->config.store),
                .seed = world->config.seed};
    if (!within_limits(&c)) return NULL;
    World *grown = allocate(&c);
    if (!grown) return NULL;
    World places = *grown;
    *grown = *world;
    grown->config = c;
    grown->bytes = places.bytes;
    grown->hosts_at = places.hosts_at;
    grown->tcbs_at = places.tcbs_at;
    grown->tcb_heads_at = places.tcb_heads_at;
    grown->packets_at = places.packets_at;
    grown->packet_heads_at = places.packet_heads_at;
    grown->agenda_at = places.agenda_at;
    grown->store_at = places.store_at;
    grown->tcb_mask = places.tcb_mask;
    grown->packet_mask = places.packet_mask;
    grown->store_units = places.store_units;
    memcpy(hosts_of(grown), hosts_in(world), world->host_count * sizeof(Host));
    memcpy(tcbs_of(grown), tcbs_in(world), world->tcb_fresh * sizeof(Tcb));
    memcpy(packets_of(grown), packets_in(world), world->packet_fresh * sizeof(Packet));
    memcpy(agenda_of(grown), agenda_in(world), (world->agenda_count + 1) * sizeof(Due));
    memcpy(store_block(grown, 0), store_look(world, 0), (size_t)world->store_top * STORE_UNIT);
    rehash(grown);
    return grown;
}

/* ---- What TCP asks of the world ---- */

Event *turn_event(Turn *turn, EventKind kind, RuleId rule) {
    Event *event = turn->trace ? trace_append(turn->trace) : turn->unheard;
    uint32_t index = turn->world->events++;
    if (turn->trace)
        *event = (Event){.cause = turn->cause, .step = turn->step, .time = turn->now, .kind = kind, .rule = rule};
    event->index = index;
    return event;
}

Event *turn_note(Turn *turn, const Tcb *tcb, EventKind kind, RuleId rule) {
    Event *event = turn_event(turn, kind, rule);
    if (!turn->trace) return event;
    event->host = tcb->host;
    event->conn = tcb->id;
    event->from = event->to = tcb->state;
    event->src = tcb->local;
    event->dst = tcb->remote;
    return event;
}

Host *turn_host(Turn *turn, HostId id) { return &hosts_of(turn->world)[id]; }
uint32_t turn_take(Turn *turn, uint32_t capacity) { return store_take(turn->world, capacity); }
void turn_give(Turn *turn, uint32_t block, uint32_t capacity) { store_give(turn->world, block, capacity); }
uint8_t *turn_block(Turn *turn, uint32_t block) { return store_block(turn->world, block); }
const uint8_t *turn_secret(Turn *turn) { return turn->world->secret; }

/* ---- Room: checked before anything is touched ---- */

typedef struct Room {
    bool record;
    uint64_t packets, bytes;
} Room;

/* Reads what arrives. Returns the connection it is for, if any. */
static Tcb *open_datagram(Turn *turn, const Input *input, Reading *reading) {
    const Packet *packet = packet_look(turn->world, input->packet);
    reading->conn = CONN_NONE;
    reading->bytes = input->bytes ? input->bytes : store_look(turn->world, packet->block);
    reading->length = input->bytes ? input->length : packet->length;
    reading->decoded = segment_decode(reading->bytes, reading->length, &reading->seg);
    if (reading->decoded != DECODE_OK) return NULL;
    Tcb *tcb = turn_find(turn, reading->seg.dst, reading->seg.src);
    const Tcb *taker = tcb ? tcb : turn_find(turn, reading->seg.dst, ENDPOINT_NONE);
    if (taker) reading->conn = taker->id;
    return tcb;
}

/* The connection that an input is about, if any. */
static Tcb *concerned(Turn *turn, const Input *input, Reading *reading) {
    return input->kind == INPUT_DELIVER ? open_datagram(turn, input, reading) : record(turn->world, input->conn);
}

/* The congestion window bounds what one input can set free. Returns the bytes of the largest segment. */
static uint32_t room_to_send(Turn *turn, const Tcb *tcb, const Segment *seg, uint64_t more, Room *room) {
    uint64_t bytes = tcb->send_queue.length + more;
    if (bytes == 0) return 0;
    Tcb then;
    if (tcb->state == STATE_SYN_SENT || tcb->state == STATE_SYN_RCVD) {
        then = *tcb;
        if (tcb->state == STATE_SYN_SENT && seg && seg->flags & FLAG_SYN)
            options_learn(turn, &then, &seg->options); /* the peer's MSS */
        congestion_open(turn, &then);
        tcb = &then;
    }
    uint32_t mss = effective_mss(turn, tcb), least = segment_room(turn, tcb);
    uint32_t cwnd = tcb->recovering && tcb->ssthresh > tcb->cwnd ? tcb->ssthresh
                                                                 : tcb->cwnd; /* recovery may end with it */
    uint64_t free = (uint64_t)cwnd + 4 * (uint64_t)mss;
    room->packets += (bytes < free ? bytes : free) / least;
    if (tcb->sacking) room->packets += LIMIT_REASSEMBLY + 1; /* holes may be smaller than segments */
    return mss;
}

/* Connections that nobody accepted go with their listener, each with a RST. */
static uint32_t children(Turn *turn, const Tcb *listener) {
    uint32_t count = 0;
    for (const Tcb *tcb = turn_next_tcb(turn, listener->host, NULL); tcb;
         tcb = turn_next_tcb(turn, listener->host, tcb))
        count += conn_eq(tcb->listener, listener->id) && !tcb->accepted;
    return count;
}

/* Text is kept by the connection, or by one that this segment opens. */
static void room_to_keep(const Tcb *tcb, const Segment *seg, Room *room) {
    bool opens = !tcb || tcb->gone || tcb->state == STATE_SYN_SENT || tcb->state == STATE_TIME_WAIT;
    if (opens && seg->data_length) room->bytes += bytes_cost(&(Bytes){0}, seg->data_length);
    if (!tcb || tcb->state == STATE_SYN_SENT || seg->data_length == 0) return;
    Seq end = seq_add(seg->seq, segment_length(seg));
    if (!seq_gt(end, tcb->rcv.nxt)) return;
    uint32_t ahead = seq_distance(tcb->rcv.nxt, end);
    if (ahead > tcb->rcv.wnd) ahead = tcb->rcv.wnd;
    room->bytes += bytes_cost(&tcb->recv_queue, tcb->recv_queue.length + ahead);
}

static Room room_for(Turn *turn, const Input *input, Reading *reading) {
    Room room = {.packets = FEW_PACKETS};
    const Tcb *tcb = concerned(turn, input, reading);
    const Segment *seg = input->kind == INPUT_DELIVER ? &reading->seg : NULL;
    bool opens = !tcb || tcb->state == STATE_LISTEN || tcb->state == STATE_TIME_WAIT;
    room.record = input->kind == INPUT_LISTEN || input->kind == INPUT_CONNECT ||
                  (input->kind == INPUT_DELIVER && opens);
    uint64_t largest = HEADERS;
    if (input->kind == INPUT_DELIVER) {
        room_to_keep(tcb, seg, &room);
        room.bytes += 2 * PIECES_BYTES; /* what it keeps, and what it learns that its peer keeps */
    }
    if (tcb && !tcb->gone && tcb->state == STATE_LISTEN) {
        if (input->kind == INPUT_CLOSE || input->kind == INPUT_ABORT) room.packets += children(turn, tcb);
    } else if (tcb && !tcb->gone) {
        uint64_t more = 0;
        if (input->kind == INPUT_SEND) {
            uint64_t buffer = (uint64_t)tcb_rule(turn, tcb, HOST_RULE_send_buffer);
            more = input->length < buffer ? input->length : buffer;
            room.bytes += bytes_cost(&tcb->send_queue, tcb->send_queue.length + (uint32_t)more);
        }
        largest += room_to_send(turn, tcb, seg, more, &room);
    }
    if (input->kind == INPUT_RULE) room.bytes += store_capacity(sizeof(OwnRules));
    if (input->kind == INPUT_INJECT || input->kind == INPUT_EDIT) largest = input->length;
    if (input->kind == INPUT_DUP) largest = packet_look(turn->world, input->packet)->length;
    if (turn->world->path[PATH_DUPLICATE] > 0) room.packets *= 2;
    room.bytes += room.packets * store_capacity((uint32_t)largest);
    return room;
}

static Status reserve(Turn *turn, const Input *input, Reading *reading) {
    const World *world = turn->world;
    if (input->kind == INPUT_HOST && world->host_count == world->config.hosts) return STATUS_LIMIT_HOSTS;
    Room room = room_for(turn, input, reading);
    if (room.record && !records_room(world)) return STATUS_LIMIT_CONNS;
    if (world->config.packets - world->packet_count < room.packets) return STATUS_LIMIT_PACKETS;
    if (store_room(world) < room.bytes) return STATUS_LIMIT_STORE;
    uint64_t events = FEW_EVENTS + room.packets * EVENTS_PER_PACKET;
    if (input->kind == INPUT_CRASH || input->kind == INPUT_CLOSE || input->kind == INPUT_ABORT)
        events += 2 * (uint64_t)world->tcb_fresh;
    if (turn->trace && !trace_reserve(turn->trace, (uint32_t)events, (size_t)room.bytes + LIMIT_DATAGRAM))
        return STATUS_LIMIT_MEMORY;
    return STATUS_OK;
}

/* ---- The door ---- */

/* Does the input name something that is there? */
static Status check_names(const World *world, const Input *input) {
    switch (input->kind) {
    case INPUT_LISTEN:
    case INPUT_CONNECT:
    case INPUT_CRASH:
    case INPUT_RULE:
        if (input->kind == INPUT_RULE && conn_is(input->conn))
            return record_look(world, input->conn) ? STATUS_OK : STATUS_NO_CONNECTION;
        if (input->host >= world->host_count) return STATUS_NO_HOST;
        return hosts_in(world)[input->host].foreign ? STATUS_FOREIGN_HOST : STATUS_OK;
    case INPUT_ACCEPT:
    case INPUT_SEND:
    case INPUT_RECV:
    case INPUT_SHUTDOWN:
    case INPUT_CLOSE:
    case INPUT_ABORT: return record_look(world, input->conn) ? STATUS_OK : STATUS_NO_CONNECTION;
    case INPUT_TIMER: {
        const Tcb *tcb = record_look(world, input->conn);
        if (!tcb) return STATUS_NO_CONNECTION;
        return (unsigned)input->timer < TIMER_COUNT && timer_runs(tcb, input->timer) ? STATUS_OK : STATUS_NO_TIMER;
    }
    case INPUT_DELIVER:
    case INPUT_DROP:
    case INPUT_DUP:
    case INPUT_DELAY:
    case INPUT_HOLD:
    case INPUT_RELEASE:
    case INPUT_CORRUPT:
    case INPUT_EDIT:
    case INPUT_EXPIRE: return packet_look(world, input->packet) ? STATUS_OK : STATUS_NO_PACKET;
    case INPUT_INJECT:
    case INPUT_WAIT:
    case INPUT_HOST:
    case INPUT_PATH: return STATUS_OK;
    case INPUT_NONE:
    case INPUT_KINDS: return STATUS_BAD_ARGUMENT;
    }
    return STATUS_BAD_ARGUMENT;
}

/* Bytes that are said to be there are there, and a datagram is no longer than one can be. */
static Status check_bytes(const Input *input) {
    if (!input->bytes && input->length > 0) return STATUS_BAD_ARGUMENT;
    bool datagram = input->kind == INPUT_DELIVER || input->kind == INPUT_EDIT || input->kind == INPUT_INJECT;
    return datagram && input->length > LIMIT_DATAGRAM ? STATUS_BAD_DATAGRAM : STATUS_OK;
}

/* Nothing may be passed over on the way to `at`. */
static Status check_time(const World *world, const Input *input) {
    if (input->kind == INPUT_TIMER) {
        if (input->at == MICROS_NEVER) return STATUS_OK;
        Micros at = input->at > world->now ? input->at : world->now;
        if (record_look(world, input->conn)->timers[input->timer] > at) return STATUS_TOO_EARLY;
    }
    if (input->at > LATEST) return STATUS_BAD_ARGUMENT;
    return input->at > world->now && agenda_time(world) < input->at ? STATUS_TOO_EARLY : STATUS_OK;
}

static Status dispatch(Turn *turn, const Input *input, const Reading *reading, Result *result) {
    switch (input->kind) {
    case INPUT_LISTEN: return call_listen(turn, input, result);
    case INPUT_CONNECT: return call_connect(turn, input, result);
    case INPUT_ACCEPT: return call_accept(turn, input, result);
    case INPUT_SEND: return call_send(turn, input, result);
    case INPUT_RECV: return call_recv(turn, input, result);
    case INPUT_SHUTDOWN: return call_shutdown(turn, input);
    case INPUT_CLOSE: return call_close(turn, input);
    case INPUT_ABORT: return call_abort(turn, input);
    case INPUT_CRASH: return call_crash(turn, input);
    case INPUT_DELIVER: return path_deliver(turn, input, reading);
    case INPUT_DROP: return path_drop(turn, input);
    case INPUT_DUP: return path_dup(turn, input, result);
    case INPUT_DELAY: return path_delay(turn, input);
    case INPUT_HOLD: return path_hold(turn, input);
    case INPUT_RELEASE: return path_release(turn, input);
    case INPUT_CORRUPT: return path_corrupt(turn, input);
    case INPUT_EDIT: return path_edit(turn, input);
    case INPUT_INJECT: return path_inject(turn, input, result);
    case INPUT_EXPIRE: return path_expire(turn, input);
    case INPUT_TIMER: timeout(turn, turn_record(turn, input->conn), input->timer); return STATUS_OK;
    case INPUT_WAIT: return STATUS_OK;
    case INPUT_HOST: return setting_host(turn, input, result);
    case INPUT_RULE: return setting_rule(turn, input);
    case INPUT_PATH: return setting_path(turn, input);
    case INPUT_NONE:
    case INPUT_KINDS: break;
    }
    return STATUS_BAD_ARGUMENT;
}

Status world_step(World *world, const Input *input, Trace *trace) {
    Status status = check_names(world, input);
    if (status == STATUS_OK) status = check_bytes(input);
    if (status == STATUS_OK) status = check_time(world, input);
    if (status != STATUS_OK) return status;
    bool moves = input->at != MICROS_NEVER && input->at > world->now;
    Event unheard;
    Turn turn = {.world = world,
                 .trace = trace,
                 .unheard = &unheard,
                 .now = moves ? input->at : world->now,
                 .step = world->steps,
                 .cause = EVENT_NONE,
                 .serial = input->serial > world->serial ? input->serial : world->serial + 1};
    Reading reading; /* only of what is delivered */
    status = reserve(&turn, input, &reading);
    if (status != STATUS_OK) return status;
    Result result = {0};
    status = dispatch(&turn, input, &reading, &result);
    turn_settle(&turn);
    if (status != STATUS_OK) return status;
    world->now = turn.now;
    world->serial = turn.serial;
    world->steps++;
    world->result = result;
    return STATUS_OK;
}
