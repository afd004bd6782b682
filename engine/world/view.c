/* view.c - reading a world; nothing here changes it. */
#include <assert.h>
#include <string.h>

#include "world.h"

const Config *world_config(const World *world) { return &world->config; }
Status world_spent(const World *world) { return world->spent; }
const Result *world_result(const World *world) { return &world->result; }
Micros world_now(const World *world) { return world->now; }
uint64_t world_seed(const World *world) { return world->config.seed; }
int64_t world_path(const World *world, PathRule rule) {
    return (unsigned)rule < PATH_RULE_COUNT ? world->path[rule] : 0;
}

/* ---- Hosts ---- */

uint32_t world_hosts(const World *world) { return world->host_count; }

bool world_host(const World *world, HostId id, HostView *view) {
    if (id >= world->host_count) return false;
    const Host *host = &hosts_in(world)[id];
    view->id = id;
    memcpy(view->name, host->name, sizeof view->name);
    view->addr = host->addr;
    view->foreign = host->foreign;
    memcpy(view->rules, host->rules, sizeof view->rules);
    return true;
}

HostId world_host_by_addr(const World *world, Addr addr) {
    for (HostId id = 0; id < world->host_count; id++)
        if (addr_eq(hosts_in(world)[id].addr, addr)) return id;
    return HOST_NONE;
}

/* ---- Connections ---- */

static uint32_t readable(const Tcb *tcb) { return tcb->recv_queue.length; }

static void view_pieces(const World *world, const Tcb *tcb, ConnView *view) {
    view->pieces = tcb->kept.count;
    for (uint32_t i = 0; i < tcb->kept.count; i++) {
        const Piece *piece = pieces_at(store_in(world), &tcb->kept, i);
        view->piece[i].left = piece->left;
        view->piece[i].right = piece->right;
        view->out_of_order += seq_distance(piece->left, piece->right);
    }
    view->sacks = tcb->sacked.count;
    for (uint32_t i = 0; i < tcb->sacked.count; i++) {
        const Piece *piece = pieces_at(store_in(world), &tcb->sacked, i);
        view->sack[i].left = piece->left;
        view->sack[i].right = piece->right;
    }
}

static void view_counts(const Tcb *tcb, ConnView *view) {
    view->unread = readable(tcb);
    Seq next = seq_sub(text_end(tcb), readable(tcb)); /* the next byte the application reads */
    view->urgent = seq_lt(next, tcb->rcv.up) ? seq_distance(next, tcb->rcv.up) : 0;
    uint32_t sent = seq_gt(tcb->snd.nxt, tcb->snd.base) ? seq_distance(tcb->snd.base, tcb->snd.nxt) : 0;
    if (sent > tcb->send_queue.length) sent = tcb->send_queue.length; /* a FIN has no byte in the queue */
    view->unacked = sent;
    view->unsent = tcb->send_queue.length - sent;
}

static uint32_t mss_of(const World *world, const Tcb *tcb) {
    const Env env = env_of(world, world->now);
    return tcb->peer_mss ? effective_mss(&env, tcb) : (uint32_t)hosts_in(world)[tcb->host].rules[HOST_RULE_mss];
}

static SendHold hold_of(const World *world, const Tcb *tcb) {
    const Env env = env_of(world, world->now);
    return send_hold(&env, tcb);
}

bool world_conn(const World *world, ConnId id, ConnView *view) {
    const Tcb *tcb = record_look(world, id);
    if (!tcb) return false;
    *view = (ConnView){.id = tcb->id,
                       .host = tcb->host,
                       .state = tcb->state,
                       .gone = tcb->gone,
                       .hold = hold_of(world, tcb),
                       .passive = tcb->passive,
                       .accepted = tcb->accepted,
                       .listener = tcb->listener,
                       .local = tcb->local,
                       .remote = tcb->remote,
                       .error = tcb->error,
                       .soft_error = tcb->soft_error,
                       .scaling = tcb->scaling,
                       .timestamps = tcb->timestamps,
                       .sacking = tcb->sacking,
                       .snd_shift = tcb->snd_shift,
                       .rcv_shift = tcb->rcv_shift,
                       .iss = tcb->iss,
                       .irs = tcb->irs,
                       .rto = tcb->rto,
                       .srtt = tcb->srtt,
                       .rttvar = tcb->rttvar,
                       .cwnd = tcb->cwnd,
                       .ssthresh = tcb->ssthresh,
                       .dup_acks = tcb->dup_acks,
                       .mss = mss_of(world, tcb),
                       .remote_closed = tcb->fin_seen,
                       .fin_kept = tcb->fin_known && !tcb->fin_seen,
                       .fin = tcb->rcv.fin,
                       .fin_sent = tcb->fin_sent,
                       .retransmissions = tcb->retransmissions,
                       .syn_queue = tcb->syn_queue,
                       .accept_queue = tcb->accept_queue,
                       .backlog = tcb->backlog};
    view->snd.una = tcb->snd.una;
    view->snd.nxt = tcb->snd.nxt;
    view->snd.wl1 = tcb->snd.wl1;
    view->snd.wl2 = tcb->snd.wl2;
    view->snd.up = tcb->snd.up;
    view->snd.wnd = tcb->snd.wnd;
    view->rcv.nxt = tcb->rcv.nxt;
    view->rcv.up = tcb->rcv.up;
    view->rcv.wnd = tcb->rcv.wnd;
    view_counts(tcb, view);
    view_pieces(world, tcb, view);
    memcpy(view->timers, tcb->timers, sizeof view->timers);
    memcpy(view->timer_lengths, tcb->timer_lengths, sizeof view->timer_lengths);
    return true;
}

uint32_t world_timer_cause(const World *world, ConnId id, TimerKind timer) {
    const Tcb *tcb = record_look(world, id);
    return tcb && timer_runs(tcb, timer) ? tcb->timer_causes[timer] : EVENT_NONE;
}

int64_t world_conn_rule(const World *world, ConnId id, HostRule rule) {
    const Tcb *tcb = record_look(world, id);
    if (!tcb || (unsigned)rule >= HOST_RULE_COUNT) return 0;
    const Env env = env_of(world, world->now);
    return tcb_rule(&env, tcb, rule);
}

ConnId world_conn_after(const World *world, HostId host, ConnId id) {
    const Tcb *tcbs = tcbs_in(world);
    uint32_t slot = world->oldest;
    if (conn_is(id)) {
        const Tcb *tcb = record_look(world, id);
        if (!tcb) return CONN_NONE;
        slot = tcb->newer;
    }
    while (slot != SLOT_NONE && host != HOST_NONE && tcbs[slot].host != host) slot = tcbs[slot].newer;
    return slot == SLOT_NONE ? CONN_NONE : tcbs[slot].id;
}

size_t world_peek(const World *world, ConnId id, uint8_t *bytes, size_t capacity) {
    const Tcb *tcb = record_look(world, id);
    if (!tcb) return 0;
    uint32_t length = readable(tcb) < capacity ? readable(tcb) : (uint32_t)capacity;
    bytes_read(store_in(world), &tcb->recv_queue, 0, bytes, length);
    return length;
}

/* ---- Packets ---- */

uint32_t world_packets(const World *world) { return world->packet_count; }

static bool earlier(const Packet *a, const Packet *b) {
    if (a->held != b->held) return b->held;
    if (!a->held && a->due != b->due) return a->due < b->due;
    return a->order < b->order;
}

/* Heapsort, with the latest packet on top; the packets are found by their handles. */
static void sift(const World *world, PacketId *ids, size_t at, size_t count) {
    PacketId item = ids[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count) break;
        if (child + 1 < count && earlier(packet_look(world, ids[child]), packet_look(world, ids[child + 1]))) child++;
        if (!earlier(packet_look(world, item), packet_look(world, ids[child]))) break;
        ids[at] = ids[child];
        at = child;
    }
    ids[at] = item;
}

static void sort(const World *world, PacketId *ids, size_t count) {
    for (size_t at = count / 2; at-- > 0;) sift(world, ids, at, count);
    for (size_t last = count; last-- > 1;) {
        PacketId latest = ids[0];
        ids[0] = ids[last];
        ids[last] = latest;
        sift(world, ids, 0, last);
    }
}

size_t world_packet_list(const World *world, PacketId *ids, size_t capacity) {
    const Packet *packets = packets_in(world);
    size_t n = 0;
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        if (!packets[slot].id.id) continue;
        if (n < capacity) {
            ids[n++] = packets[slot].id;
            if (n == capacity)
                for (size_t at = n / 2; at-- > 0;) sift(world, ids, at, n);
        } else if (n > 0 && earlier(&packets[slot], packet_look(world, ids[0]))) { /* replaces the latest */
            ids[0] = packets[slot].id;
            sift(world, ids, 0, n);
        }
    }
    sort(world, ids, n);
    return world->packet_count;
}

bool world_packet(const World *world, PacketId id, PacketView *view) {
    const Packet *packet = packet_look(world, id);
    if (!packet) return false;
    *view = (PacketView){.id = packet->id,
                         .from = packet->from,
                         .to = packet->to,
                         .conn = packet->conn,
                         .sent = packet->sent,
                         .due = packet->held ? MICROS_NEVER : packet->due,
                         .dies = packet->dies,
                         .held = packet->held,
                         .corrupted = packet->corrupted,
                         .forged = packet->forged,
                         .foreign = packet->foreign,
                         .again = packet->again,
                         .copy_of = packet->copy_of,
                         .event = packet->event,
                         .bytes = store_look(store_in(world), packet->block),
                         .length = packet->length};
    view->decoded = segment_decode(view->bytes, view->length, &view->segment);
    return true;
}

bool world_packet_due(const World *world, PacketId id, Micros *due) {
    const Packet *packet = packet_look(world, id);
    if (packet) *due = packet->held ? MICROS_NEVER : packet->due;
    return packet != NULL;
}

PacketId world_packet_after(const World *world, PacketId id) {
    const Packet *packets = packets_in(world), *last = packet_look(world, id);
    for (uint32_t slot = last ? (uint32_t)(last - packets) + 1 : 0; slot < world->packet_fresh; slot++)
        if (packets[slot].id.id) return packets[slot].id;
    return PACKET_NONE;
}
