/* world.h - the layout of a World: one block without pointers. Included in engine/world only.
 *
 * The block: this struct, hosts, connection records, hash heads, packets, hash heads, the agenda's heap, the store, the
 * remembered hashes of records. Only the parts in use are copied, see value.c.
 */
#ifndef TWOMSL_WORLD_H
#define TWOMSL_WORLD_H

#include "../orders.h"
#include "../tcp/tcp.h"
#include "../trace/trace.h"

/* The latest time and longest wait, 73,000 years, so that sums of times do not overflow. */
#define LATEST MICROS_LATEST

typedef struct Packet {
    PacketId id; /* id 0: a free slot */
    HostId from, to;
    ConnId conn;
    Micros sent, due, dies;
    Micros left; /* while held: the rest of its time on the path */
    bool held, corrupted, forged, foreign, again;
    uint32_t copy_of;
    uint32_t event;
    uint32_t answers; /* it is the last of so many empty segments that answered each other; for the oracle */
    uint32_t order;   /* the order of arrival where `due` is equal */
    uint32_t block, capacity, length;
    uint32_t hash_next, free_next;
    uint32_t heap_at, line_before, line_after; /* see agenda.c */
} Packet;

/* The datagram being delivered, decoded once, and its connection or listener (CONN_NONE: neither, or it cannot be
 * decoded). */
typedef struct Reading {
    const uint8_t *bytes;
    uint32_t length;
    DecodeResult decoded;
    Segment seg;
    ConnId conn;
} Reading;

/* An entry of the agenda: a packet's slot with AGENDA_PACKET, or a connection's. */
typedef struct Due {
    Micros time;
    uint32_t order; /* the lower first where `time` is equal */
    uint32_t item;
} Due;
#define AGENDA_PACKET 0x80000000u
enum { AGENDA_NONE = 0 };
#define AGENDA_IN_LINE UINT32_MAX

/* The sender of all segments from foreign hosts, for the oracle. */
#define CONN_FOREIGN ((ConnId){UINT32_MAX, UINT32_MAX})

struct World {
    Config config;
    size_t bytes; /* of the whole block */
    size_t hosts_at, tcbs_at, tcb_heads_at, packets_at, packet_heads_at, agenda_at, store_at, hashes_at;
    uint32_t tcb_mask, packet_mask;

    Status spent; /* the limit that a step met; the world is then invalid */
    Micros now;
    uint32_t serial, steps, events;
    uint64_t random; /* the state of the path's random numbers */
    uint8_t secret[16];
    uint64_t salt; /* of the digest: see world_salt() */
    int64_t path[PATH_RULE_COUNT];
    Result result;

    uint32_t host_count;
    uint32_t tcb_fresh;      /* records below were used at least once */
    uint32_t oldest, newest; /* all records in order of creation */
    uint32_t gone_head, gone_tail, gone_count;
    uint32_t packet_fresh, packet_free, packet_count, held_count;
    uint32_t next_packet, next_order;
    uint32_t agenda_count, line_first, line_last;
    uint32_t orders, orders_capacity; /* block of the store with the standing orders, oldest first; 0: there are none */
    uint32_t order_count, next_order_id;

    StoreBook book; /* of the store */
};

static inline uint8_t *world_place(World *world, size_t at) { return (uint8_t *)world + at; }
static inline const uint8_t *world_look(const World *world, size_t at) { return (const uint8_t *)world + at; }

/* The block is aligned for all of these: see layout() in value.c. */
static inline Host *hosts_of(World *world) { return (Host *)(void *)world_place(world, world->hosts_at); }
static inline Tcb *tcbs_of(World *world) { return (Tcb *)(void *)world_place(world, world->tcbs_at); }
static inline uint32_t *tcb_heads_of(World *world) {
    return (uint32_t *)(void *)world_place(world, world->tcb_heads_at);
}
static inline Packet *packets_of(World *world) { return (Packet *)(void *)world_place(world, world->packets_at); }
static inline uint32_t *packet_heads_of(World *world) {
    return (uint32_t *)(void *)world_place(world, world->packet_heads_at);
}
static inline Due *agenda_of(World *world) { return (Due *)(void *)world_place(world, world->agenda_at); }

static inline const Host *hosts_in(const World *world) {
    return (const Host *)(const void *)world_look(world, world->hosts_at);
}
static inline const Tcb *tcbs_in(const World *world) {
    return (const Tcb *)(const void *)world_look(world, world->tcbs_at);
}
static inline const uint32_t *tcb_heads_in(const World *world) {
    return (const uint32_t *)(const void *)world_look(world, world->tcb_heads_at);
}
static inline const Packet *packets_in(const World *world) {
    return (const Packet *)(const void *)world_look(world, world->packets_at);
}
static inline const uint32_t *packet_heads_in(const World *world) {
    return (const uint32_t *)(const void *)world_look(world, world->packet_heads_at);
}
static inline const Due *agenda_in(const World *world) {
    return (const Due *)(const void *)world_look(world, world->agenda_at);
}

/* ---- Remembered hashes, for the digest ----
 * One for each host, connection record and packet; 0: not known. Whoever hands out one of these to be changed calls
 * touch_...() for it, unless only fields change that pack.c adds anew each time. */
static inline size_t host_hash_at(HostId id) { return id; }
static inline size_t tcb_hash_at(const World *world, uint32_t slot) { return world->config.hosts + 2 * (size_t)slot; }
static inline size_t packet_hash_at(const World *world, uint32_t slot) { return tcb_hash_at(world, slot) + 1; }
static inline uint64_t *hashes_of(World *world) { return (uint64_t *)(void *)world_place(world, world->hashes_at); }
static inline const uint64_t *hashes_in(const World *world) {
    return (const uint64_t *)(const void *)world_look(world, world->hashes_at);
}
static inline Host *touch_host(World *world, HostId id) {
    hashes_of(world)[host_hash_at(id)] = 0;
    return &hosts_of(world)[id];
}
static inline Tcb *touch_tcb(World *world, uint32_t slot) {
    hashes_of(world)[tcb_hash_at(world, slot)] = 0;
    return &tcbs_of(world)[slot];
}
static inline Packet *touch_packet(World *world, uint32_t slot) {
    hashes_of(world)[packet_hash_at(world, slot)] = 0;
    return &packets_of(world)[slot];
}

/* Makes the digest, and packet_key(), another function; 0, as in every world that is no search's: world_digest(). */
void world_salt(World *world, uint64_t salt);

/* ---- No room ----
 * The step runs to its end, and its result is discarded: without room a packet is not sent, a connection gets the
 * scratch record after the last one, a block of the store is block 0. */
static inline void run_out(World *world, Status limit) {
    if (!world->spent) world->spent = world->book.ran_out ? STATUS_LIMIT_STORE : limit; /* what ran out first */
}

/* ---- turn.c: what TCP uses of the world ---- */
extern const TurnOps world_ops;
/* The environment of the world's connections at `now`. Valid as long as the world. */
Env env_of(const World *world, Micros now);
static inline const uint8_t *store_in(const World *world) { return world_look(world, world->store_at); }
static inline Store store_of(World *world) { return (Store){&world->book, world_place(world, world->store_at)}; }

/* ---- records.c: connection records by handle and by endpoints ---- */
/* Those that are not const may be changed: their hashes are forgotten. */
Tcb *record_find(Turn *turn, Endpoint local, Endpoint remote);
const Tcb *record_find_look(const World *world, Endpoint local, Endpoint remote);
Tcb *record_open(Turn *turn, HostId host, Endpoint local, Endpoint remote);
void record_gone(Turn *turn, Tcb *tcb);
Tcb *record_next(Turn *turn, HostId host, const Tcb *after);
void record_reschedule(Turn *turn, Tcb *tcb);
/* Updates the agenda entry of the connection last given to record_reschedule(). */
void update_agenda(Turn *turn);
Tcb *record(World *world, ConnId id); /* also gone ones; NULL: stale */
const Tcb *record_look(const World *world, ConnId id);
/* The same, but NULL where the connection is gone. */
static inline Tcb *live_record(World *world, ConnId id) {
    Tcb *tcb = record(world, id);
    return tcb && !tcb->gone ? tcb : NULL;
}
/* Enters it into the hash table of endpoints. */
void record_hash(World *world, Tcb *tcb);

/* ---- agenda.c: what is due, earliest first ---- */
/* Inserts, moves or removes the entry, by the connection's deadline or packet_time(); MICROS_NEVER removes it. */
void agenda_tcb(World *world, Tcb *tcb);
void agenda_packet(World *world, Packet *packet);
void agenda_packet_out(World *world, Packet *packet);
/* Slot, or slot | AGENDA_PACKET; SLOT_NONE: nothing is due. */
uint32_t agenda_first(const World *world);
/* When; MICROS_NEVER: nothing is due. */
Micros agenda_time(const World *world);
/* When a packet arrives or expires. */
Micros packet_time(const Packet *packet);

/* ---- path.c: packets in flight ---- */
void packet_hash(World *world, Packet *packet);
Packet *packet_find(World *world, PacketId id);
const Packet *packet_look(const World *world, PacketId id);
void path_emit(Turn *turn, HostId host, const Tcb *tcb, Segment *segment, RuleId rule, bool again);
Status path_deliver(Turn *turn, const Input *input, const Reading *reading);
Status path_drop(Turn *turn, const Input *input);
Status path_dup(Turn *turn, const Input *input, Result *result);
Status path_delay(Turn *turn, const Input *input);
Status path_hold(Turn *turn, const Input *input);
Status path_release(Turn *turn, const Input *input);
Status path_corrupt(Turn *turn, const Input *input);
Status path_edit(Turn *turn, const Input *input);
Status path_inject(Turn *turn, const Input *input, Result *result);
Status path_expire(Turn *turn, const Input *input);

/* ---- orders.c ---- */
Status order_give(Turn *turn, const Input *input, Result *result);
Status order_cancel(Turn *turn, const Input *input);
/* A segment is sent: counts it for the orders whose conditions it meets. Fills acting[] with those that act on it,
 * oldest first, and returns how many there are; those that are done then stand no longer. */
uint32_t orders_for(Turn *turn, const Segment *seg, bool again, OrderView acting[LIMIT_ORDERS]);
const OrderView *orders_in(const World *world);
/* How many more packets must meet its conditions until it is done; 0: it goes on for ever. */
uint32_t order_left(const OrderView *standing);
/* Removes those that hold or delay packets. */
void orders_without_time(World *world);

/* ---- oracle.c ---- */
/* What a connection had received and what had been acknowledged to it before a segment arrived. */
typedef struct Watch {
    const Tcb *tcb; /* NULL: there was none */
    uint32_t generation;
    Seq base, text_end;
    bool fin_seen, opening;
} Watch;
/* A segment that `origin` sent arrives. `tcb`: its connection or listener, or NULL. */
Watch oracle_watch(Turn *turn, const Tcb *tcb, ConnId origin);
/* The segment was processed: checks what was delivered and acknowledged. */
void oracle_arrived(Turn *turn, const Watch *before, const Segment *seg);
/* Text of a segment that `origin` sent was accepted. */
void oracle_accepted(Turn *turn, const Tcb *tcb, ConnId origin);
/* A segment was sent: counts empty segments that answer each other. */
void oracle_answers(Turn *turn, const Tcb *tcb, Packet *packet, const Segment *seg);

typedef struct Ends {
    Endpoint src, dst;
} Ends;
/* The connection that an input is about. */
typedef struct About {
    bool matters; /* after this input an end may wait for ever */
    ConnId conn;
    Ends ends;
} About;
/* `reading` is that of INPUT_DELIVER, else not looked at. */
void oracle_about(const World *world, const Input *input, const Reading *reading, About *about);
/* The input is done: checks whether an end waits for ever. */
void oracle_stepped(Turn *turn, const About *about);

/* ---- settings.c ---- */
Status setting_host(Turn *turn, const Input *input, Result *result);
Status setting_rule(Turn *turn, const Input *input);
Status setting_path(Turn *turn, const Input *input);
void add_host(World *world, const char *name);

/* ---- pack.c ---- */
/* Hashes of what the pack says of a packet: without and with the connection that sent it, whose end changes that. */
typedef struct PacketKey {
    uint64_t bare, whole;
} PacketKey;
PacketKey packet_key(const World *world, uint32_t slot);

/* ---- value.c ---- */
/* world_copy() into another world of the same config. */
void world_copy_into(World *copy, const World *world);

/* ---- step.c ---- */
enum { RULE_WORDS = (RULE_COUNT + 63) / 64 };
/* world_step() without a trace; sets the bits of the rules that it followed. */
Status world_step_seen(World *world, const Input *input, uint64_t seen[RULE_WORDS]);

/* ---- random ---- */
uint64_t mix64(uint64_t x);

#endif
