/* digest.c - a number that equal worlds share, whatever the order they were reached in.
 *
 * Records, packets and hosts are summed, so their places do not count; handles, packet numbers, IP ids and the time itself are left out: timers
 * and arrivals count as how far ahead they are. */
#include <string.h>

#include "world.h"

typedef uint64_t Digest;

static Digest add64(Digest digest, uint64_t value) { return mix64(digest ^ (value + UINT64_C(0x9e3779b97f4a7c15))); }

static Digest add_bytes(Digest digest, const uint8_t *bytes, size_t length) {
    digest = add64(digest, length);
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, length - i < 8 ? length - i : 8);
        digest = add64(digest, word);
    }
    return digest;
}

static Digest add_ring(Digest digest, const World *world, const Bytes *ring, uint32_t offset, uint32_t length) {
    digest = add64(digest, length);
    for (uint32_t i = 0; i < length; i++)
        digest = add64(digest, store_look(world, ring->block)[(ring->head + offset + i) & (ring->capacity - 1)]);
    return digest;
}

static Digest add_endpoints(Digest digest, Endpoint a, Endpoint b) {
    return add64(add64(digest, (uint64_t)a.addr << 16 | a.port), (uint64_t)b.addr << 16 | b.port);
}

static Micros ahead(const World *world, Micros time) { return time == MICROS_NEVER ? MICROS_NEVER : time - world->now; }

static const Piece *piece_look(const World *world, const Pieces *pieces, uint32_t i) {
    return (const Piece *)(const void *)store_look(world, pieces->block) + i;
}

static Digest add_buffers(Digest digest, const World *world, const Tcb *tcb) {
    digest = add_ring(digest, world, &tcb->send_queue, 0, tcb->send_queue.length);
    digest = add_ring(digest, world, &tcb->recv_queue, 0, tcb->recv_queue.length);
    for (uint32_t i = 0; i < tcb->kept.count; i++) {
        const Piece *piece = piece_look(world, &tcb->kept, i);
        uint32_t offset = seq_distance(tcb->rcv.nxt, piece->left);
        digest = add64(digest, offset);
        digest = add_ring(digest, world, &tcb->recv_queue, tcb->recv_queue.length + offset, seq_distance(piece->left, piece->right));
    }
    return digest;
}

static uint64_t flags_of(const Tcb *tcb) {
    const bool flags[] = {tcb->passive, tcb->accepted, tcb->waits, tcb->close_on_fin, tcb->fin_queued, tcb->fin_sent, tcb->closed, tcb->fin_known,
                          tcb->fin_seen, tcb->ack_now, tcb->ack_waits, tcb->scaling, tcb->timestamps, tcb->sacking, tcb->rtt_running, tcb->syn_timed_out, tcb->recovering};
    uint64_t word = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) word = word << 1 | flags[i];
    return word;
}

/* accept() will tell who came first. */
static Digest add_queue(Digest digest, const World *world, const Tcb *listener) {
    ConnId id = listener->accept_head;
    for (uint32_t i = 0; i < listener->accept_queue; i++) {
        const Tcb *tcb = record_look(world, id);
        digest = add_endpoints(digest, tcb->local, tcb->remote);
        id = tcb->accept_next;
    }
    return digest;
}

static Digest add_own_rules(Digest digest, const World *world, const Tcb *tcb) {
    if (!tcb->own) return digest;
    const OwnRules *own = (const OwnRules *)(const void *)store_look(world, tcb->own);
    for (uint32_t i = 0; i < HOST_RULE_COUNT; i++)
        if (own->set[i]) digest = add64(add64(digest, i), (uint64_t)own->value[i]);
    return digest;
}

static Digest digest_tcb(const World *world, const Tcb *tcb) {
    Digest digest = add_endpoints(tcb->host + 1, tcb->local, tcb->remote);
    const uint32_t words[] = {(uint32_t)tcb->state, tcb->iss.value, tcb->irs.value, tcb->snd.una.value, tcb->snd.nxt.value, tcb->snd.wl1.value,
                              tcb->snd.wl2.value, tcb->snd.wnd, tcb->snd.max_wnd, tcb->snd.resend.value, tcb->rcv.nxt.value, tcb->rcv.wnd,
                              tcb->rcv.fin.value, tcb->peer_mss, tcb->ack_bytes, tcb->retransmissions, tcb->probes, tcb->cwnd, tcb->ssthresh,
                              tcb->dup_acks, tcb->recover.value, tcb->high_rxt.value, tcb->last_ack_sent.value, tcb->snd_shift, tcb->rcv_shift,
                              tcb->keepalive_probes, tcb->backlog, tcb->syn_queue, tcb->accept_queue};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) digest = add64(digest, words[i]);
    digest = add64(digest, flags_of(tcb));
    digest = add64(add64(add64(digest, (uint64_t)tcb->rto), (uint64_t)tcb->srtt), (uint64_t)tcb->rttvar);
    if (tcb->rtt_running) digest = add64(add64(digest, tcb->rtt_seq.value), (uint64_t)(world->now - tcb->rtt_start));
    for (int i = 0; i < TIMER_COUNT; i++) digest = add64(digest, (uint64_t)ahead(world, tcb->timers[i]));
    for (uint32_t i = 0; i < tcb->sacked.count; i++) {
        const Piece *piece = piece_look(world, &tcb->sacked, i);
        digest = add64(add64(digest, piece->left.value), piece->right.value);
    }
    if (tcb->timestamps) digest = add64(digest, tcb->ts_recent - (uint32_t)(world->now / 1000));
    digest = add64(digest, seq_gt(tcb->snd.up, tcb->snd.una) ? seq_distance(tcb->snd.una, tcb->snd.up) : 0);
    digest = add64(digest, seq_gt(tcb->rcv.up, tcb->rcv.nxt) ? seq_distance(tcb->rcv.nxt, tcb->rcv.up) : 0);
    digest = add_own_rules(digest, world, tcb);
    return add_buffers(add_queue(digest, world, tcb), world, tcb);
}

static Digest digest_packet(const World *world, const Packet *packet) {
    const uint8_t *bytes = store_look(world, packet->block);
    Segment seg;
    DecodeResult decoded = segment_decode(bytes, packet->length, &seg);
    Digest digest = add_endpoints(99, seg.src, seg.dst);
    digest = add64(digest, (uint64_t)decoded << 8 | packet->held);
    digest = add64(digest, packet->held ? (uint64_t)packet->left : (uint64_t)ahead(world, packet->due));
    digest = add64(digest, (uint64_t)ahead(world, packet->dies));
    if (decoded != DECODE_OK) return add_bytes(digest, bytes, packet->length);
    /* Past the IP header, where the id and the checksum over it lie. */
    size_t header = (size_t)(bytes[0] & 15) * 4;
    return add_bytes(digest, bytes + header, packet->length - header);
}

static Digest digest_host(const Host *host) {
    Digest digest = add64(add64(host->addr, host->foreign), host->ephemeral);
    for (int i = 0; i < HOST_RULE_COUNT; i++) digest = add64(digest, (uint64_t)host->rules[i]);
    return digest;
}

uint64_t world_digest(const World *world) {
    Digest sum = world->random;
    for (uint32_t i = 0; i < world->host_count; i++) sum += digest_host(&hosts_in(world)[i]);
    for (uint32_t slot = world->oldest; slot != SLOT_NONE; slot = tcbs_in(world)[slot].newer)
        if (!tcbs_in(world)[slot].gone) sum += digest_tcb(world, &tcbs_in(world)[slot]);
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++)
        if (packets_in(world)[slot].id.id) sum += digest_packet(world, &packets_in(world)[slot]);
    for (int i = 0; i < PATH_RULE_COUNT; i++) sum = add64(sum, (uint64_t)world->path[i]);
    return sum;
}
