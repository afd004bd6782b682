/* pack.c - a world as canonical bytes, and their digest.
 *
 * Written is what can make a difference to any future: pack.def says it field by field. Records, packets and hosts are
 * each a string of numbers. Connections and packets are sorted by that string, so that neither places nor handles nor
 * the order of creation count; a reference names a connection by its two ends. Times count as how far ahead or behind.
 *
 * The digest is a hash of the same numbers. Those of a record that only a step changes which touches this record are
 * hashed once and remembered (world_remember(), touch_...() in world.h); times and references are added each time. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* ---- Where numbers go: into a buffer, or into a hash ---- */

typedef struct Buffer {
    uint8_t *bytes;
    size_t length, capacity;
    bool failed; /* no memory */
} Buffer;

/* The hash is four chains of words, each of which waits only for itself, as in XXH64 (Collet 2012), whose multipliers
 * these are. */
typedef struct Sink {
    uint64_t chain[4];
    uint32_t count;
    Buffer *buffer; /* NULL: hash */
} Sink;

static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static bool make_room(Buffer *buffer, size_t length) {
    if (buffer->capacity - buffer->length >= length) return true;
    size_t capacity = buffer->capacity ? buffer->capacity : 1024;
    while (capacity - buffer->length < length) capacity *= 2;
    uint8_t *bytes = realloc(buffer->bytes, capacity);
    if (!bytes) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

/* Seven bits a byte, the lowest first; the last byte has no eighth. */
static void write_number(Buffer *buffer, uint64_t number) {
    if (!make_room(buffer, 10)) return;
    for (; number > 127; number >>= 7) buffer->bytes[buffer->length++] = (uint8_t)(number | 128);
    buffer->bytes[buffer->length++] = (uint8_t)number;
}

static void write_bytes(Buffer *buffer, const uint8_t *bytes, size_t length) {
    if (!make_room(buffer, length)) return;
    if (length) memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

/* Each salt begins all chains differently, so that other worlds have equal digests. */
static Sink hash_from(const World *world, uint64_t first) {
    uint64_t salt = world->salt;
    return (Sink){.chain = {first + salt, rotate(salt, 17), rotate(salt, 31), rotate(salt, 47)}};
}

static inline void put(Sink *sink, uint64_t number) {
    if (sink->buffer) {
        write_number(sink->buffer, number);
        return;
    }
    uint64_t *chain = &sink->chain[sink->count++ % 4];
    *chain = rotate(*chain + number * UINT64_C(0xc2b2ae3d27d4eb4f), 31) * UINT64_C(0x9e3779b185ebca87);
}

static uint64_t hash_of(const Sink *sink) {
    uint64_t sum = sink->count;
    for (int i = 0; i < 4; i++) sum = mix64(sum + sink->chain[i]);
    return sum;
}

static void put_words(Sink *sink, const uint8_t *bytes, size_t length) {
    if (sink->buffer) {
        write_bytes(sink->buffer, bytes, length);
        return;
    }
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, length - i < 8 ? length - i : 8);
        put(sink, word);
    }
}

static void put_bytes(Sink *sink, const uint8_t *bytes, size_t length) {
    put(sink, length);
    put_words(sink, bytes, length);
}

static void put_endpoint(Sink *sink, Endpoint endpoint) { put(sink, endpoint_key(endpoint)); }

/* Bytes of a ring; where they stand in it makes no difference, not even to their hash. */
static void put_ring(Sink *sink, const World *world, const Bytes *ring, uint32_t offset, uint32_t length) {
    enum { CHUNK = 4096 }; /* a multiple of a word */
    uint8_t scratch[CHUNK];
    put(sink, length);
    for (uint32_t i = 0; i < length; i += CHUNK) {
        uint32_t part = length - i < CHUNK ? length - i : CHUNK;
        put_words(sink, bytes_look(store_in(world), ring, offset + i, part, scratch), part);
    }
}

/* ---- References ---- */

/* Connections that are gone, but whose segments are in flight or whose peers exist. What is left of such a one is that
 * several refer to the same: it is named by who does, so that no order of making counts and no record of it. */
enum { LABELS = 64 };
typedef struct Label {
    ConnId gone;
    uint64_t name; /* a sum over those that refer to it */
} Label;
typedef struct Labels {
    bool known;
    uint32_t count;
    Label labels[LABELS];
} Labels;

static uint64_t tcb_hash(const World *world, uint32_t slot);
static uint64_t packet_hash_bare(const World *world, uint32_t slot);

static bool is_foreign(ConnId id) { return conn_eq(id, CONN_FOREIGN); }

static const Tcb *living(const World *world, ConnId id) {
    const Tcb *tcb = record_look(world, id);
    return tcb && !tcb->gone ? tcb : NULL;
}

static Label *label_of(Labels *labels, ConnId id) {
    for (uint32_t i = 0; i < labels->count; i++)
        if (labels->labels[i].gone.generation == id.generation) return &labels->labels[i];
    return NULL;
}

/* NULL: it is not gone, or there are too many. */
static Label *gone_label(const World *world, Labels *labels, ConnId id) {
    if (!conn_is(id) || is_foreign(id) || living(world, id)) return NULL;
    Label *label = label_of(labels, id);
    if (label || labels->count == LABELS) return label;
    labels->labels[labels->count] = (Label){id, 0};
    return &labels->labels[labels->count++];
}

static void find_labels(const World *world, Labels *labels) {
    labels->known = true;
    for (uint32_t slot = 0; slot < world->tcb_fresh; slot++) {
        const Tcb *tcb = &tcbs_in(world)[slot];
        Label *label = tcb->gone ? NULL : gone_label(world, labels, tcb->peer);
        if (label) label->name += mix64(tcb_hash(world, slot));
    }
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        const Packet *packet = &packets_in(world)[slot];
        Label *label = packet->id.id ? gone_label(world, labels, packet->conn) : NULL;
        if (label) label->name += mix64(packet_hash_bare(world, slot));
    }
}

static void put_name(Sink *sink, const Tcb *tcb) {
    put(sink, tcb->host);
    put_endpoint(sink, tcb->local);
    put_endpoint(sink, tcb->remote);
}

/* Past the first LABELS the number of the handle must do: it tells worlds apart that are alike, never the reverse. */
static void put_label(Sink *sink, const World *world, Labels *labels, ConnId id) {
    if (!labels->known) find_labels(world, labels);
    const Label *label = label_of(labels, id);
    put(sink, label ? label->name : id.generation);
}

static void put_reference(Sink *sink, const World *world, Labels *labels, ConnId id) {
    enum { NOBODY, FOREIGN, GONE, LIVING };
    const Tcb *tcb = living(world, id);
    put(sink, tcb ? LIVING : !conn_is(id) ? NOBODY : is_foreign(id) ? FOREIGN : GONE);
    if (tcb) put_name(sink, tcb);
    else if (conn_is(id) && !is_foreign(id)) put_label(sink, world, labels, id);
}

/* ---- Connections ---- */

static const OwnRules *own_rules(const World *world, const Tcb *tcb) {
    return (const OwnRules *)(const void *)store_look(store_in(world), tcb->own);
}

static void put_own_rules(Sink *sink, const World *world, const Tcb *tcb) {
    for (uint32_t i = 0; tcb->own && i < HOST_RULE_COUNT; i++) {
        if (!own_rules(world, tcb)->set[i]) continue;
        put(sink, i + 1);
        put(sink, (uint64_t)own_rules(world, tcb)->value[i]);
    }
    put(sink, 0);
}

/* How many were changed later: the latest are reported first (RFC 2018 4). */
static uint32_t rank(const World *world, const Pieces *pieces, uint32_t stamp) {
    uint32_t later = 0;
    for (uint32_t i = 0; i < pieces->count; i++) later += pieces_at(store_in(world), pieces, i)->stamp > stamp;
    return later;
}

static void put_pieces(Sink *sink, const World *world, const Tcb *tcb) {
    put(sink, tcb->kept.count);
    for (uint32_t i = 0; i < tcb->kept.count; i++) {
        const Piece *piece = pieces_at(store_in(world), &tcb->kept, i);
        uint32_t offset = seq_distance(tcb->rcv.nxt, piece->left);
        put(sink, offset);
        put(sink, rank(world, &tcb->kept, piece->stamp));
        put_ring(sink, world, &tcb->recv_queue, tcb->recv_queue.length + offset,
                 seq_distance(piece->left, piece->right));
    }
    put(sink, tcb->sacked.count);
    for (uint32_t i = 0; i < tcb->sacked.count; i++) {
        const Piece *piece = pieces_at(store_in(world), &tcb->sacked, i);
        put(sink, piece->left.value);
        put(sink, piece->right.value);
    }
}

/* What is left of a connection that is gone: bytes that can still be read, and what is said after them. */
static void put_gone(Sink *sink, const World *world, const Tcb *tcb) {
    put_name(sink, tcb);
    put(sink, tcb->error);
    put(sink, tcb->fin_seen);
    put_ring(sink, world, &tcb->recv_queue, 0, tcb->recv_queue.length);
}

/* What changes only in steps that touch this record. */
static void put_tcb(Sink *sink, const World *world, const Tcb *tcb) {
    put(sink, tcb->gone);
    if (tcb->gone) {
        put_gone(sink, world, tcb);
        return;
    }
#define PACK_TCB
#define PACK_NUMBER(field) put(sink, (uint64_t)tcb->field);
#define PACK_SEQ(field) put(sink, tcb->field.value);
#define PACK_ENDPOINT(field) put_endpoint(sink, tcb->field);
#include "pack.def"
#undef PACK_TCB
    put(sink, tcb->ack_now ? tcb->ack_rule : RULE_NONE);
    put(sink, tcb->rtt_running ? tcb->rtt_seq.value : 0);
    put_ring(sink, world, &tcb->send_queue, 0, tcb->send_queue.length);
    put_ring(sink, world, &tcb->recv_queue, 0, tcb->recv_queue.length);
    put_pieces(sink, world, tcb);
    put_own_rules(sink, world, tcb);
}

/* How long ago, as far as it still makes a difference. */
static uint64_t age(const World *world, Micros since, Micros matters) {
    Micros passed = world->now - since;
    return (uint64_t)(passed < matters ? passed : matters);
}

/* Past moments that still decide something: RFC 6298 3, RFC 5681 4.1, RFC 7323 5.5, RFC 5961 7. */
static void put_ages(Sink *sink, const World *world, const Tcb *tcb) {
    const Micros days_24 = 24 * 86400 * MICROS_PER_SECOND, span = 5 * MICROS_PER_SECOND;
    /* With nothing in flight the RTO stays as it is. */
    bool flying = seq_lt(tcb->snd.una, tcb->snd.nxt);
    Micros longest = flying ? host_rule_info(HOST_RULE_rto_max)->high : tcb->rto;
    uint64_t challenged = tcb->challenges ? age(world, tcb->challenge_since, span) : (uint64_t)span;
    put(sink, tcb->rtt_running ? (uint64_t)(world->now - tcb->rtt_start) : 0);
    put(sink, tcb->last_sent == MICROS_NEVER ? 0 : age(world, tcb->last_sent, longest + 1) + 1);
    put(sink, tcb->timestamps ? age(world, tcb->ts_recent_at, days_24 + 1) : 0);
    put(sink, challenged);
    put(sink, challenged < (uint64_t)span ? tcb->challenges : 0);
}

static void put_timers(Sink *sink, const World *world, const Tcb *tcb) {
    for (uint32_t i = 0; i < TIMER_COUNT; i++) {
        if (!timer_runs(tcb, (TimerKind)i)) continue;
        put(sink, i + 1);
        put(sink, (uint64_t)(tcb->timers[i] - world->now));
        put(sink, (uint64_t)tcb->timer_lengths[i]);
    }
    put(sink, 0);
}

/* In order: accept() returns the oldest. */
static void put_queue(Sink *sink, const World *world, const Tcb *listener) {
    ConnId id = listener->accept_next;
    for (uint32_t i = 0; i < listener->accept_queue; i++) {
        const Tcb *tcb = record_look(world, id);
        put_name(sink, tcb);
        id = tcb->accept_next;
    }
}

/* What changes as time passes and as others change. */
static void put_tcb_moving(Sink *sink, const World *world, Labels *labels, const Tcb *tcb) {
    if (tcb->gone) return;
    put(sink, (uint64_t)tcb->accepted << 1 | tcb->waits);
    put(sink, tcb->syn_queue);
    put(sink, tcb->accept_queue);
    put_queue(sink, world, tcb);
    if (living(world, tcb->listener)) put_reference(sink, world, labels, tcb->listener);
    else put(sink, 0);
    put_reference(sink, world, labels, tcb->peer);
    put_timers(sink, world, tcb);
    put_ages(sink, world, tcb);
}

static bool counts(const Tcb *tcb) { return !tcb->gone || tcb->recv_queue.length > 0; }

/* ---- Packets ---- */

/* The id is no matter to the receiver, and the checksum follows from the rest where it is right. Where it is wrong
 * every byte counts: another flipped bit may make it right. */
static void put_datagram(Sink *sink, const uint8_t *bytes, size_t length) {
    if (!datagram_parts(bytes, length).ip || !ip_checksum_right(bytes, length)) {
        put(sink, 0);
        put_bytes(sink, bytes, length);
        return;
    }
    put(sink, 1);
    for (int i = 0; i < FIELD_COUNT; i++)
        if (field_info((FieldId)i)->header == HEADER_IPV4 && i != FIELD_IP_ID && i != FIELD_IP_CHECKSUM)
            put(sink, field_value(bytes, length, (FieldId)i));
    put_bytes(sink, bytes + IPV4_HEADER, length - IPV4_HEADER);
}

static void put_packet(Sink *sink, const World *world, const Packet *packet) {
#define PACK_PACKET
#define PACK_NUMBER(field) put(sink, (uint64_t)packet->field);
#define PACK_SEQ(field)
#define PACK_ENDPOINT(field)
#include "pack.def"
#undef PACK_PACKET
    put(sink, packet->foreign && packet->copy_of);
    put_datagram(sink, store_look(store_in(world), packet->block), packet->length);
}

static void put_packet_times(Sink *sink, const World *world, const Packet *packet) {
    put(sink, (uint64_t)(packet->held ? packet->left : packet->due - world->now));
    put(sink, (uint64_t)(packet->dies - world->now));
}

static void put_packet_moving(Sink *sink, const World *world, Labels *labels, const Packet *packet) {
    put_packet_times(sink, world, packet);
    put_reference(sink, world, labels, packet->conn);
}

/* ---- Hosts, and what surrounds them ---- */

static void put_host(Sink *sink, const Host *host) {
#define PACK_HOST
#define PACK_NUMBER(field) put(sink, (uint64_t)host->field);
#define PACK_SEQ(field)
#define PACK_ENDPOINT(field)
#include "pack.def"
#undef PACK_HOST
    put_bytes(sink, (const uint8_t *)host->name, strlen(host->name));
    put(sink, addr_number(host->addr));
    for (int i = 0; i < HOST_RULE_COUNT; i++)
        if (i != HOST_RULE_isn) put(sink, (uint64_t)host->rules[i]);
}

static void put_host_moving(Sink *sink, const Host *host) {
    put(sink, host->ephemeral);
    put(sink, (uint64_t)host->rules[HOST_RULE_isn]);
}

/* Timestamps and cookies already sent were made from the clock and are compared with it. */
static bool reads_clock(const World *world) {
    for (HostId id = 0; id < world->host_count; id++) {
        const int64_t *rules = hosts_in(world)[id].rules;
        if (rules[HOST_RULE_timestamps] || rules[HOST_RULE_syncookies]) return true;
    }
    for (uint32_t slot = 0; slot < world->tcb_fresh; slot++)
        if (tcbs_in(world)[slot].timestamps && !tcbs_in(world)[slot].gone) return true;
    return false;
}

/* One with `nth` lets all but the last of the packets pass that it waits for. */
static void put_order(Sink *sink, const OrderView *standing) {
    const Order *order = &standing->order;
#define PACK_ORDER
#define PACK_NUMBER(field) put(sink, (uint64_t)order->field);
#define PACK_SEQ(field) put(sink, order->field.value);
#define PACK_ENDPOINT(field) put_endpoint(sink, order->field);
#include "pack.def"
#undef PACK_ORDER
    put(sink, order->nth != 0);
    put(sink, order_left(standing));
}

static void put_world(Sink *sink, const World *world) {
#define PACK_WORLD
#define PACK_NUMBER(field) put(sink, (uint64_t)world->field);
#define PACK_SEQ(field)
#define PACK_ENDPOINT(field)
#include "pack.def"
#undef PACK_WORLD
    put_words(sink, world->secret, sizeof world->secret);
    for (int i = 0; i < PATH_RULE_COUNT; i++) put(sink, (uint64_t)world->path[i]);
    put(sink, reads_clock(world) ? (uint64_t)world->now + 1 : 0);
    for (uint32_t nth = 0; nth < world->order_count; nth++) put_order(sink, &orders_in(world)[nth]);
}

/* ---- The digest ---- */

/* 0 means that a hash is not known. */
static uint64_t known(uint64_t hash) { return hash ? hash : 1; }

static uint64_t host_hash(const World *world, HostId id) {
    uint64_t hash = hashes_in(world)[host_hash_at(id)];
    if (hash) return hash;
    Sink sink = hash_from(world, 1);
    put_host(&sink, &hosts_in(world)[id]);
    return known(hash_of(&sink));
}

static uint64_t tcb_hash(const World *world, uint32_t slot) {
    uint64_t hash = hashes_in(world)[tcb_hash_at(world, slot)];
    if (hash) return hash;
    Sink sink = hash_from(world, 2);
    put_tcb(&sink, world, &tcbs_in(world)[slot]);
    return known(hash_of(&sink));
}

static uint64_t packet_hash_of(const World *world, uint32_t slot) {
    uint64_t hash = hashes_in(world)[packet_hash_at(world, slot)];
    if (hash) return hash;
    Sink sink = hash_from(world, 3);
    put_packet(&sink, world, &packets_in(world)[slot]);
    return known(hash_of(&sink));
}

void world_remember(World *world) {
    uint64_t *hashes = hashes_of(world);
    for (HostId id = 0; id < world->host_count; id++) hashes[host_hash_at(id)] = host_hash(world, id);
    for (uint32_t slot = 0; slot < world->tcb_fresh; slot++)
        if (counts(&tcbs_in(world)[slot])) hashes[tcb_hash_at(world, slot)] = tcb_hash(world, slot);
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++)
        if (packets_in(world)[slot].id.id) hashes[packet_hash_at(world, slot)] = packet_hash_of(world, slot);
}

void world_salt(World *world, uint64_t salt) {
    uint64_t *hashes = hashes_of(world);
    world->salt = salt ? mix64(salt) : 0;
    for (HostId id = 0; id < world->host_count; id++) hashes[host_hash_at(id)] = 0;
    for (uint32_t slot = 0; slot < world->tcb_fresh; slot++) hashes[tcb_hash_at(world, slot)] = 0;
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) hashes[packet_hash_at(world, slot)] = 0;
}

static Sink packet_sink(const World *world, uint32_t slot) {
    Sink sink = hash_from(world, packet_hash_of(world, slot));
    put_packet_times(&sink, world, &packets_in(world)[slot]);
    return sink;
}

static uint64_t packet_hash_bare(const World *world, uint32_t slot) {
    Sink sink = packet_sink(world, slot);
    return hash_of(&sink);
}

static PacketKey packet_hashes(const World *world, Labels *labels, uint32_t slot) {
    Sink sink = packet_sink(world, slot);
    uint64_t bare = hash_of(&sink);
    put_reference(&sink, world, labels, packets_in(world)[slot].conn);
    return (PacketKey){bare, hash_of(&sink)};
}

PacketKey packet_key(const World *world, uint32_t slot) {
    Labels labels;
    labels.known = false, labels.count = 0;
    return packet_hashes(world, &labels, slot);
}

uint64_t world_digest(const World *world) {
    Labels labels;
    labels.known = false, labels.count = 0;
    Sink all = hash_from(world, 0);
    uint64_t conns = 0, packets = 0;
    put_world(&all, world);
    for (HostId id = 0; id < world->host_count; id++) {
        put(&all, host_hash(world, id));
        put_host_moving(&all, &hosts_in(world)[id]);
    }
    for (uint32_t slot = 0; slot < world->tcb_fresh; slot++) {
        const Tcb *tcb = &tcbs_in(world)[slot];
        if (!counts(tcb)) continue;
        Sink sink = hash_from(world, tcb_hash(world, slot));
        put_tcb_moving(&sink, world, &labels, tcb);
        conns += hash_of(&sink);
    }
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++)
        if (packets_in(world)[slot].id.id) packets += packet_hashes(world, &labels, slot).whole;
    put(&all, conns);
    put(&all, packets);
    return hash_of(&all);
}

/* ---- The pack ---- */

typedef struct Span {
    size_t at, length; /* in the buffer of records */
} Span;

typedef struct Records {
    Buffer buffer;
    Span *spans;
    size_t count;
} Records;

static int compare(const Records *records, Span a, Span b) {
    size_t both = a.length < b.length ? a.length : b.length;
    int order = memcmp(records->buffer.bytes + a.at, records->buffer.bytes + b.at, both);
    return order ? order : a.length < b.length ? -1 : a.length > b.length;
}

/* A heap with the largest on top. */
static void sift(Records *records, size_t at, size_t count) {
    Span span = records->spans[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && compare(records, records->spans[child], records->spans[child + 1]) < 0) child++;
        if (compare(records, span, records->spans[child]) >= 0) break;
        records->spans[at] = records->spans[child];
    }
    records->spans[at] = span;
}

static void write_sorted(Buffer *out, Records *records) {
    if (records->buffer.failed) out->failed = true;
    if (out->failed) return;
    for (size_t at = records->count / 2; at-- > 0;) sift(records, at, records->count);
    for (size_t last = records->count; last-- > 1;) {
        Span largest = records->spans[0];
        records->spans[0] = records->spans[last];
        records->spans[last] = largest;
        sift(records, 0, last);
    }
    write_number(out, records->count);
    for (size_t i = 0; i < records->count; i++) {
        write_number(out, records->spans[i].length);
        write_bytes(out, records->buffer.bytes + records->spans[i].at, records->spans[i].length);
    }
}

static void close_record(Records *records, size_t at) {
    records->spans[records->count++] = (Span){at, records->buffer.length - at};
}

static void pack_tcbs(const World *world, Labels *labels, Records *records) {
    Sink sink = {.buffer = &records->buffer};
    for (uint32_t slot = 0; slot < world->tcb_fresh; slot++) {
        const Tcb *tcb = &tcbs_in(world)[slot];
        if (!counts(tcb)) continue;
        size_t at = records->buffer.length;
        put_tcb(&sink, world, tcb);
        put_tcb_moving(&sink, world, labels, tcb);
        close_record(records, at);
    }
}

static void pack_packets(const World *world, Labels *labels, Records *records) {
    Sink sink = {.buffer = &records->buffer};
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        const Packet *packet = &packets_in(world)[slot];
        if (!packet->id.id) continue;
        size_t at = records->buffer.length;
        put_packet(&sink, world, packet);
        put_packet_moving(&sink, world, labels, packet);
        close_record(records, at);
    }
}

static void pack_sorted(const World *world, Buffer *out,
                        void (*pack)(const World *world, Labels *labels, Records *records)) {
    Labels labels;
    labels.known = false, labels.count = 0;
    size_t most = world->tcb_fresh > world->packet_fresh ? world->tcb_fresh : world->packet_fresh;
    Records records = {.spans = malloc((most + 1) * sizeof(Span))};
    if (records.spans) {
        pack(world, &labels, &records);
        write_sorted(out, &records);
    } else {
        out->failed = true;
    }
    free(records.spans);
    free(records.buffer.bytes);
}

size_t world_pack(const World *world, uint8_t *bytes, size_t capacity) {
    Buffer out = {.bytes = NULL};
    Sink sink = {.buffer = &out};
    put_world(&sink, world);
    for (HostId id = 0; id < world->host_count; id++) {
        put_host(&sink, &hosts_in(world)[id]);
        put_host_moving(&sink, &hosts_in(world)[id]);
    }
    pack_sorted(world, &out, pack_tcbs);
    pack_sorted(world, &out, pack_packets);
    size_t length = out.failed ? 0 : out.length;
    if (length && length <= capacity) memcpy(bytes, out.bytes, length);
    free(out.bytes);
    return length;
}
