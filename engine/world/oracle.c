/* oracle.c - checks what TCP itself cannot know, because it sees both ends: whose bytes were delivered, whether any are
 * missing, and whether an end waits for something that cannot come. It changes nothing but the peer of a connection. */
#include "world.h"

/* Records what is broken. The packet that did it is the one with which the step began. */
static void report(Turn *turn, const Tcb *tcb, RuleId rule) {
    const uint32_t cause = turn->cause;
    if (!turn->trace) {
        turn_note(turn, tcb, EVENT_ORACLE, rule);
        return;
    }
    const Event first = trace_at(turn->trace, turn->first);
    if (first.index != EVENT_NONE) turn->cause = first.index;
    Event *event = turn_note(turn, tcb, EVENT_ORACLE, rule);
    turn->cause = cause;
    if (first.index == EVENT_NONE || !first.packet.id) return;
    event->packet = first.packet;
    event->src = first.src;
    event->dst = first.dst;
    event->flags = first.flags;
    event->again = first.again;
    event->window = first.window;
    event->seq = first.seq;
    event->ack = first.ack;
    event->data_length = first.data_length;
}

/* ---- Bytes ---- */

void oracle_accepted(Turn *turn, const Tcb *tcb, ConnId origin) {
    if (conn_is(origin) && conn_eq(origin, tcb->peer)) return;
    report(turn, tcb, conn_is(origin) ? RULE_ORACLE_OLD_BYTE : RULE_ORACLE_FORGED_BYTE);
    turn->strange = true;
}

static bool rings_equal(const uint8_t *store, const Bytes *a, uint32_t a_at, const Bytes *b, uint32_t b_at,
                        uint32_t length) {
    enum { CHUNK = 4096 };
    uint8_t scratch[CHUNK];
    for (uint32_t done = 0; done < length; done += CHUNK) {
        uint32_t part = length - done < CHUNK ? length - done : CHUNK;
        if (!bytes_equal(store, a, a_at + done, bytes_look(store, b, b_at + done, part, scratch), part)) return false;
    }
    return true;
}

/* The bytes that became readable, from `from` on, against what the sender's application wrote. What the sender has
 * forgotten is not compared: oracle.lost-byte was reported then. */
static void check_delivered(Turn *turn, const Tcb *tcb, const Tcb *sender, Seq from) {
    const Seq end = text_end(tcb), start = seq_max(from, sender->snd.base);
    if (seq_geq(start, end)) return;
    const uint32_t length = seq_distance(start, end), at = seq_distance(sender->snd.base, start);
    bool right = at + length <= sender->send_queue.length && length <= tcb->recv_queue.length &&
                 rings_equal(turn->store.bytes, &sender->send_queue, at, &tcb->recv_queue,
                             tcb->recv_queue.length - length, length);
    if (!right && !turn->strange) report(turn, tcb, RULE_ORACLE_WRONG_BYTE);
}

/* The end of the data was told to the application. */
static void check_end(Turn *turn, const Tcb *tcb, const Tcb *sender) {
    Seq end = seq_add(sender->snd.base, sender->send_queue.length);
    bool right = sender->fin_queued && seq_eq(text_end(tcb), end);
    if (!right && !turn->strange) report(turn, tcb, RULE_ORACLE_EARLY_END);
}

/* Bytes were acknowledged: the sender has forgotten those before snd.base. */
static void check_acknowledged(Turn *turn, const Tcb *tcb) {
    const Tcb *receiver = record_look(turn->world, tcb->peer);
    if (!receiver || !conn_eq(receiver->peer, tcb->id)) return;
    if (seq_gt(tcb->snd.base, text_end(receiver))) report(turn, tcb, RULE_ORACLE_LOST_BYTE);
}

static void check_arrival(Turn *turn, const Tcb *tcb, const Watch *before) {
    const Tcb *sender = record_look(turn->world, tcb->peer);
    if (sender && !sender->gone) {
        Seq from = before->opening ? seq_add(tcb->irs, 1) : before->text_end;
        if (!seq_eq(from, text_end(tcb))) check_delivered(turn, tcb, sender, from);
        if (tcb->fin_seen && !before->fin_seen) check_end(turn, tcb, sender);
    }
    if (!seq_eq(tcb->snd.base, before->base)) check_acknowledged(turn, tcb);
}

/* The connection that sends the segment becomes the peer where its SYN has the number of the one accepted. That one
 * came from a SYN cookie, which no connection sends, or from an earlier connection between the same ports, opened in
 * the same instant. */
static void find_peer(Turn *turn, const Tcb *tcb, ConnId origin) {
    const Tcb *sender = conn_eq(tcb->peer, origin) ? NULL : record_look(turn->world, origin);
    if (sender && !sender->gone && seq_eq(sender->iss, tcb->irs)) touch_tcb(turn->world, tcb->id.slot)->peer = origin;
}

Watch oracle_watch(Turn *turn, const Tcb *tcb, ConnId origin) {
    if (!tcb || tcb->state == STATE_LISTEN) return (Watch){.tcb = NULL};
    find_peer(turn, tcb, origin);
    return (Watch){.tcb = tcb,
                   .generation = tcb->id.generation,
                   .base = tcb->snd.base,
                   .text_end = text_end(tcb),
                   .fin_seen = tcb->fin_seen,
                   .opening = tcb->state == STATE_SYN_SENT};
}

void oracle_arrived(Turn *turn, const Watch *before, const Segment *seg) {
    const Tcb *tcb = before->tcb;
    bool same = tcb && tcb->id.generation == before->generation; /* its record serves no other connection now */
    if (same) check_arrival(turn, tcb, before);
    if (same && !tcb->gone) return;
    const Tcb *made = record_find_look(turn->world, seg->dst, seg->src);
    if (!made) return;
    const Watch fresh = {.base = seq_add(made->iss, 1), .opening = true};
    check_arrival(turn, made, &fresh);
}

/* ---- Two sides that answer each other's empty segments without limit ---- */

void oracle_answers(Turn *turn, const Tcb *tcb, Packet *packet, const Segment *seg) {
    enum { STORM = 64 }; /* the throttle of RFC 5961 7 ends such a chain long before */
    bool empty = segment_length(seg) == 0 && !(seg->flags & FLAG_RST);
    packet->answers = empty ? turn->answers + 1 : 0;
    if (packet->answers < STORM || !tcb) return;
    report(turn, tcb, RULE_ORACLE_STORM);
    packet->answers = 0; /* a storm that goes on is reported again */
}

/* ---- An end that waits for ever ----
 * Its application has closed, and so has that of the other end, unless this is gone. No packet between the two is in
 * flight, no timer of this end runs, and none of the other one that sends anything. What could still end it is a new
 * connection between the same ports, or abort(). A host outside the laboratory may still send something. */

/* Its application neither sends nor receives any more. */
static bool finished(const Tcb *tcb) { return tcb->closed || (tcb->fin_queued && tcb->fin_seen); }

/* The timers that send nothing when they fire. */
static bool is_silent(TimerKind timer) { return timer == TIMER_TIME_WAIT || timer == TIMER_FIN_WAIT_2; }

static bool may_send(const Tcb *tcb) {
    for (int i = 0; i < TIMER_COUNT; i++)
        if (!is_silent((TimerKind)i) && timer_runs(tcb, (TimerKind)i)) return true;
    return false;
}

static Ends ends_of_packet(const World *world, const Packet *packet) {
    const Tcb *sender = packet->forged ? NULL : record_look(world, packet->conn);
    if (sender) return (Ends){sender->local, sender->remote}; /* also where its header was corrupted */
    const uint8_t *bytes = store_look(store_in(world), packet->block);
    Segment seg;
    Icmp icmp;
    DecodeResult decoded = segment_decode(bytes, packet->length, &seg);
    if (decoded == DECODE_NOT_TCP && icmp_decode(bytes, packet->length, &icmp))
        return (Ends){icmp.about_dst, icmp.about_src};
    return (Ends){seg.src, seg.dst};
}

static bool is_between(const Ends *ends, Endpoint a, Endpoint b) {
    return (endpoint_eq(ends->src, a) && endpoint_eq(ends->dst, b)) ||
           (endpoint_eq(ends->src, b) && endpoint_eq(ends->dst, a));
}

static bool in_flight(const World *world, Endpoint a, Endpoint b) {
    for (uint32_t slot = 0; world->packet_count && slot < world->packet_fresh; slot++) {
        const Packet *packet = &packets_in(world)[slot];
        if (!packet->id.id) continue;
        const Ends ends = ends_of_packet(world, packet);
        if (is_between(&ends, a, b)) return true;
    }
    return false;
}

/* `other` is the other end; NULL: it is gone. */
static void check_waiting(Turn *turn, const Tcb *tcb, const Tcb *other) {
    if (!finished(tcb) || tcb->deadline != MICROS_NEVER) return;
    if (other && (!finished(other) || may_send(other))) return;
    const World *world = turn->world;
    HostId host = world_host_by_addr(world, tcb->remote.addr);
    if (host == HOST_NONE || hosts_in(world)[host].foreign) return;
    if (!in_flight(world, tcb->local, tcb->remote)) report(turn, tcb, RULE_ORACLE_WAITS);
}

/* The other end of a connection; mostly its peer, which needs no search. NULL: it is gone. */
static const Tcb *other_end(const World *world, const Tcb *tcb) {
    const Tcb *peer = record_look(world, tcb->peer);
    if (peer && !peer->gone && endpoint_eq(peer->local, tcb->remote)) return peer;
    return record_find_look(world, tcb->remote, tcb->local);
}

/* `tcb`: the one at an end, where it is known. */
static void check_both(Turn *turn, const Tcb *tcb, const Ends *ends) {
    const Tcb *a = tcb ? tcb : record_find_look(turn->world, ends->src, ends->dst),
              *b = tcb ? other_end(turn->world, tcb) : record_find_look(turn->world, ends->dst, ends->src);
    if (a) check_waiting(turn, a, b);
    if (b && b != a) check_waiting(turn, b, a);
}

/* Whether this input can be the last that mattered to some connection. A silent timer ends one that sent nothing more:
 * who waits for that one waited before. */
static bool may_be_last(const Input *input) {
    return input->kind == INPUT_DROP || input->kind == INPUT_EXPIRE || input->kind == INPUT_EDIT ||
           input->kind == INPUT_CLOSE || input->kind == INPUT_ABORT || input->kind == INPUT_SHUTDOWN ||
           input->kind == INPUT_CRASH || (input->kind == INPUT_TIMER && !is_silent(input->timer));
}

void oracle_about(const World *world, const Input *input, const Reading *reading, About *about) {
    const Packet *packet;
    const Tcb *tcb;
    about->matters = input->kind == INPUT_DELIVER || may_be_last(input);
    if (!about->matters) return;
    about->conn = input->conn;
    if (input->kind == INPUT_DELIVER && reading->decoded == DECODE_OK) {
        about->conn = reading->conn;
        about->ends = (Ends){reading->seg.src, reading->seg.dst};
    } else if ((packet = packet_look(world, input->packet))) {
        about->conn = packet->conn;
        about->ends = ends_of_packet(world, packet);
    } else if ((tcb = record_look(world, input->conn))) {
        about->ends = (Ends){tcb->local, tcb->remote};
    } else {
        about->ends = (Ends){ENDPOINT_NONE, ENDPOINT_NONE};
    }
}

void oracle_stepped(Turn *turn, const About *about) {
    if (!about->matters) return;
    const Tcb *tcb = record_look(turn->world, about->conn);
    if (tcb && (tcb->gone || tcb->state == STATE_LISTEN)) tcb = NULL;
    if (!tcb || (finished(tcb) && !may_send(tcb))) check_both(turn, tcb, &about->ends);
    for (uint32_t slot = turn->ended; slot != SLOT_NONE; slot = tcb->gone_next) {
        tcb = &tcbs_in(turn->world)[slot];
        if (!tcb->gone) return; /* its record serves another connection, which has just been opened */
        if (is_between(&about->ends, tcb->local, tcb->remote)) continue;
        const Tcb *other = record_find_look(turn->world, tcb->remote, tcb->local);
        if (other) check_waiting(turn, other, NULL);
    }
}
