/* digest.c - a hash that is the same for equivalent worlds, in whatever order their inputs were done.
 *
 * Records, packets and hosts are summed, so their slots do not matter. Handles, packet numbers, IP ids and the time are
 * left out; timers and arrivals are hashed relative to the present. */
#include <string.h>

#include "world.h"

/* Four independent chains of words, as in XXH64 (Collet 2012), whose multipliers these are. */
typedef struct Digest {
    uint64_t chain[4];
    uint32_t count;
} Digest;

static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static void add(Digest *digest, uint64_t word) {
    uint64_t *chain = &digest->chain[digest->count++ % 4];
    *chain = rotate(*chain + word * UINT64_C(0xc2b2ae3d27d4eb4f), 31) * UINT64_C(0x9e3779b185ebca87);
}

static uint64_t sum_of(const Digest *digest) {
    uint64_t sum = digest->count;
    for (int i = 0; i < 4; i++) sum = mix64(sum + digest->chain[i]);
    return sum;
}

static void add_bytes(Digest *digest, const uint8_t *bytes, size_t length) {
    add(digest, length);
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, length - i < 8 ? length - i : 8);
        add(digest, word);
    }
}

static void add_ring(Digest *digest, const World *world, const Bytes *ring, uint32_t offset, uint32_t length) {
    const uint8_t *bytes = store_look(store_in(world), ring->block);
    add(digest, length);
    for (uint32_t i = 0; i < length; i += 8) {
        uint64_t word = 0;
        for (uint32_t k = i; k < length && k < i + 8; k++)
            word = word << 8 | bytes[(ring->head + offset + k) & (ring->capacity - 1)];
        add(digest, word);
    }
}

static void add_endpoints(Digest *digest, Endpoint a, Endpoint b) {
    add(digest, endpoint_key(a));
    add(digest, endpoint_key(b));
}

static Micros ahead(const World *world, Micros time) { return time == MICROS_NEVER ? MICROS_NEVER : time - world->now; }

static const Piece *piece_look(const World *world, const Pieces *pieces, uint32_t i) {
    return (const Piece *)(const void *)store_look(store_in(world), pieces->block) + i;
}

static void add_buffers(Digest *digest, const World *world, const Tcb *tcb) {
    add_ring(digest, world, &tcb->send_queue, 0, tcb->send_queue.length);
    add_ring(digest, world, &tcb->recv_queue, 0, tcb->recv_queue.length);
    for (uint32_t i = 0; i < tcb->kept.count; i++) {
        const Piece *piece = piece_look(world, &tcb->kept, i);
        uint32_t offset = seq_distance(tcb->rcv.nxt, piece->left);
        add(digest, offset);
        add_ring(digest, world, &tcb->recv_queue, tcb->recv_queue.length + offset,
                 seq_distance(piece->left, piece->right));
    }
}

static uint64_t flags_of(const Tcb *tcb) {
    const bool flags[] = {tcb->passive,    tcb->accepted,    tcb->waits,         tcb->close_on_fin,
                          tcb->fin_queued, tcb->fin_sent,    tcb->closed,        tcb->fin_known,
                          tcb->fin_seen,   tcb->ack_now,     tcb->scaling,       tcb->timestamps,
                          tcb->sacking,    tcb->rtt_running, tcb->syn_timed_out, tcb->recovering};
    uint64_t word = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) word = word << 1 | flags[i];
    return word;
}

/* accept() takes connections in this order. */
static void add_queue(Digest *digest, const World *world, const Tcb *listener) {
    ConnId id = listener->accept_head;
    for (uint32_t i = 0; i < listener->accept_queue; i++) {
        const Tcb *tcb = record_look(world, id);
        add_endpoints(digest, tcb->local, tcb->remote);
        id = tcb->accept_next;
    }
}

static void add_own_rules(Digest *digest, const World *world, const Tcb *tcb) {
    if (!tcb->own) return;
    const OwnRules *own = (const OwnRules *)(const void *)store_look(store_in(world), tcb->own);
    for (uint32_t i = 0; i < HOST_RULE_COUNT; i++) {
        if (!own->set[i]) continue;
        add(digest, i);
        add(digest, (uint64_t)own->value[i]);
    }
}

/* The time since `since`, at most `matters`: beyond it the age has no effect. */
static uint64_t age(const World *world, Micros since, Micros matters) {
    Micros passed = world->now - since;
    return (uint64_t)(passed < matters ? passed : matters);
}

/* Past times that still have an effect: idle restart (RFC 5681 4.1), PAWS (RFC 7323 5.5), the limit of challenge ACKs
 * (RFC 5961 7). */
static void add_past(Digest *digest, const World *world, const Tcb *tcb) {
    const Micros days_24 = 24 * 86400 * MICROS_PER_SECOND, span = 5 * MICROS_PER_SECOND;
    uint64_t challenged = age(world, tcb->challenge_since, span);
    add(digest, tcb->last_sent ? age(world, tcb->last_sent, tcb->rto + 1) : 0);
    add(digest, tcb->timestamps ? age(world, tcb->ts_recent_at, days_24 + 1) : 0);
    add(digest, tcb->challenges && challenged < (uint64_t)span ? challenged << 32 | tcb->challenges : 0);
}

static uint64_t digest_tcb(const World *world, const Tcb *tcb) {
    Digest digest = {.chain = {tcb->host + 1}};
    add_endpoints(&digest, tcb->local, tcb->remote);
    const uint32_t words[] = {(uint32_t)tcb->state,
                              tcb->iss.value,
                              tcb->irs.value,
                              tcb->snd.una.value,
                              tcb->snd.nxt.value,
                              tcb->snd.wl1.value,
                              tcb->snd.wl2.value,
                              tcb->snd.wnd,
                              tcb->snd.max_wnd,
                              tcb->snd.resend.value,
                              tcb->rcv.nxt.value,
                              tcb->rcv.wnd,
                              tcb->rcv.fin.value,
                              tcb->peer_mss,
                              tcb->ack_bytes,
                              tcb->retransmissions,
                              tcb->probes,
                              tcb->cwnd,
                              tcb->ssthresh,
                              tcb->dup_acks,
                              tcb->recover.value,
                              tcb->high_rxt.value,
                              tcb->last_ack_sent.value,
                              tcb->snd_shift,
                              tcb->rcv_shift,
                              tcb->keepalive_probes,
                              tcb->backlog,
                              tcb->syn_queue,
                              tcb->accept_queue};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) add(&digest, words[i]);
    add(&digest, flags_of(tcb));
    add(&digest, (uint64_t)tcb->rto);
    add(&digest, (uint64_t)tcb->srtt);
    add(&digest, (uint64_t)tcb->rttvar);
    if (tcb->rtt_running) {
        add(&digest, tcb->rtt_seq.value);
        add(&digest, (uint64_t)(world->now - tcb->rtt_start));
    }
    for (int i = 0; i < TIMER_COUNT; i++) add(&digest, (uint64_t)ahead(world, tcb->timers[i]));
    for (uint32_t i = 0; i < tcb->sacked.count; i++) {
        const Piece *piece = piece_look(world, &tcb->sacked, i);
        add(&digest, (uint64_t)piece->left.value << 32 | piece->right.value);
    }
    if (tcb->timestamps) add(&digest, tcb->ts_recent - (uint32_t)(world->now / 1000));
    add(&digest, seq_gt(tcb->snd.up, tcb->snd.una) ? seq_distance(tcb->snd.una, tcb->snd.up) : 0);
    add(&digest, seq_gt(tcb->rcv.up, tcb->rcv.nxt) ? seq_distance(tcb->rcv.nxt, tcb->rcv.up) : 0);
    add_own_rules(&digest, world, tcb);
    add_queue(&digest, world, tcb);
    add_past(&digest, world, tcb);
    add_buffers(&digest, world, tcb);
    return sum_of(&digest);
}

static uint64_t digest_packet(const World *world, const Packet *packet) {
    const uint8_t *bytes = store_look(store_in(world), packet->block);
    Segment seg;
    DecodeResult decoded = segment_decode(bytes, packet->length, &seg);
    Digest digest = {.chain = {99}};
    add_endpoints(&digest, seg.src, seg.dst);
    add(&digest, (uint64_t)decoded << 8 | packet->held);
    add(&digest, packet->held ? (uint64_t)packet->left : (uint64_t)ahead(world, packet->due));
    add(&digest, (uint64_t)ahead(world, packet->dies));
    /* Without the IP header, whose id and checksum do not count. */
    size_t header = decoded == DECODE_OK ? datagram_parts(bytes, packet->length).segment : 0;
    add_bytes(&digest, bytes + header, packet->length - header);
    return sum_of(&digest);
}

static uint64_t digest_host(const Host *host) {
    Digest digest = {.chain = {addr_number(host->addr)}};
    add(&digest, (uint64_t)host->foreign << 16 | host->ephemeral);
    for (int i = 0; i < HOST_RULE_COUNT; i++) add(&digest, (uint64_t)host->rules[i]);
    return sum_of(&digest);
}

uint64_t world_digest(const World *world) {
    uint64_t sum = world->random;
    for (uint32_t i = 0; i < world->host_count; i++) sum += digest_host(&hosts_in(world)[i]);
    for (uint32_t slot = world->oldest; slot != SLOT_NONE; slot = tcbs_in(world)[slot].newer)
        if (!tcbs_in(world)[slot].gone) sum += digest_tcb(world, &tcbs_in(world)[slot]);
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++)
        if (packets_in(world)[slot].id.id) sum += digest_packet(world, &packets_in(world)[slot]);
    Digest path = {.chain = {0}};
    for (int i = 0; i < PATH_RULE_COUNT; i++) add(&path, (uint64_t)world->path[i]);
    return sum + sum_of(&path);
}
