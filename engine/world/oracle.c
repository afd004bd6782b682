/* oracle.c - checks what TCP itself cannot: which connection sent the bytes that were accepted. It changes nothing. */
#include "world.h"

/* Bytes still in the sender's queue must be equal; earlier ones were acknowledged before. */
static bool same_bytes(Turn *turn, const Tcb *sender, Seq seq, const uint8_t *data, uint32_t length) {
    uint32_t old = seq_lt(seq, sender->snd.base) ? seq_distance(seq, sender->snd.base) : 0;
    if (old >= length) return true;
    uint32_t offset = old ? 0 : seq_distance(sender->snd.base, seq);
    if (offset + length - old > sender->send_queue.length) return false; /* never sent by the application */
    return bytes_equal(turn->store.bytes, &sender->send_queue, offset, data + old, length - old);
}

/* The SYN,ACK of a SYN cookie was sent by no connection, so `peer` is unset; it becomes the connection that the
 * cookie's ACK made. */
void oracle_arrived(Turn *turn, ConnId origin, const Segment *seg) {
    const Tcb *sender = record_look(turn->world, origin);
    if (!sender || sender->gone || conn_is(sender->peer) || sender->state == STATE_SYN_SENT) return;
    const Tcb *receiver = record_find_look(turn->world, seg->dst, seg->src);
    if (receiver && conn_eq(receiver->peer, origin)) touch_tcb(turn->world, origin.slot)->peer = receiver->id;
}

void oracle_accepted(Turn *turn, const Tcb *tcb, ConnId origin, Seq seq, const uint8_t *data, uint32_t length) {
    if (!conn_is(origin)) {
        turn_note(turn, tcb, EVENT_ORACLE, RULE_ORACLE_FORGED_BYTE);
        return;
    }
    if (!conn_eq(origin, tcb->peer)) {
        turn_note(turn, tcb, EVENT_ORACLE, RULE_ORACLE_OLD_BYTE);
        return;
    }
    const Tcb *sender = record_look(turn->world, origin);
    if (sender && !sender->gone && !same_bytes(turn, sender, seq, data, length))
        turn_note(turn, tcb, EVENT_ORACLE, RULE_ORACLE_WRONG_BYTE);
}

/* Reports two TCPs that answer each other's empty segments without limit. */
void oracle_answers(Turn *turn, const Tcb *tcb, Packet *packet, const Segment *seg) {
    enum { STORM = 64 }; /* the throttle of RFC 5961 7 ends such a chain long before */
    bool empty = segment_length(seg) == 0 && !(seg->flags & FLAG_RST);
    packet->answers = empty ? turn->answers + 1 : 0;
    if (packet->answers < STORM || !tcb) return;
    turn_note(turn, tcb, EVENT_ORACLE, RULE_ORACLE_STORM);
    packet->answers = 0; /* a storm that goes on is reported again */
}
