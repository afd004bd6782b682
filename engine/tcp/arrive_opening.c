/* arrive_opening.c - SEGMENT ARRIVES before a connection is open (RFC 9293 3.10.7.1-3): CLOSED, LISTEN, SYN_SENT. */
#include "arrive.h"

/* ---- 3.10.7.1 CLOSED ---- */

void arrive_closed(Turn *turn, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    bool rst = seg->flags & FLAG_RST;
    Event *event = turn_event(turn, EVENT_IGNORE, rst ? RULE_CLOSED_RST : RULE_CLOSED_RESET);
    event->host = arrival->host;
    event->src = seg->dst;
    event->dst = seg->src;
    if (!rst) send_rst_to(turn, arrival->host, NULL, seg, RULE_CLOSED_RESET);
}

/* ---- 3.10.7.2 LISTEN ---- */

static void learn_peer(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    tcb->peer = arrival->origin;
    tcb->irs = seg->seq;
    tcb->rcv.nxt = tcb->rcv.up = tcb->last_ack_sent = seq_add(seg->seq, 1);
    options_learn(turn, tcb, &seg->options);
    if (tcb->scaling && tcb->snd_shift != seg->options.wscale) ignored(turn, tcb, RULE_SCALE_TOO_LARGE);
}

/* RFC 6298 5.7: a SYN was lost, so the first estimate was too short. */
void open_established(Turn *turn, Tcb *tcb) {
    const Micros cautious = 3 * MICROS_PER_SECOND;
    congestion_open(turn, tcb);
    if (tcb->syn_timed_out && tcb_rule(turn, tcb, HOST_RULE_rto_initial) < cautious) tcb->rto = cautious;
}

/* Text and FIN that came with a SYN wait until the connection is open (RFC 9293 3.10.7.2, 3.10.7.3). */
static void keep_for_later(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    Part part = trim(tcb, arrival->seg);
    if (part.length) {
        turn_witness(turn, tcb, arrival->origin, part.seq, part.data, part.length);
        reassemble_later(turn, tcb, part.seq, part.data, part.length);
        accepted(turn, tcb, RULE_TEXT_WITH_SYN, 0);
    }
    if (!part.fin) return;
    tcb->fin_known = true;
    tcb->rcv.fin = seq_add(part.seq, part.length);
}

/* The listener stays; a copy of it meets the stranger. */
static Tcb *clone_listener(Turn *turn, const Tcb *listener, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    ConnId id = listener->id;
    bool close_on_fin = listener->close_on_fin;
    Tcb *tcb = turn_open(turn, listener->host, seg->dst, seg->src);
    tcb->state = STATE_LISTEN;
    tcb->passive = true;
    tcb->listener = id;
    tcb->close_on_fin = close_on_fin;
    begin_sequence(turn, tcb, arrival->above);
    return tcb;
}

static void answer_syn(Turn *turn, const Tcb *listener, const Arrival *arrival) {
    Tcb *tcb = clone_listener(turn, listener, arrival);
    learn_peer(turn, tcb, arrival);
    learn_window(tcb, arrival->seg);
    congestion_open(turn, tcb);
    if (tcb_rule(turn, tcb, HOST_RULE_handshake) == 2) {
        tcb->snd.una = tcb->snd.nxt;
        send_syn_ack(turn, tcb, RULE_WHAT_IF_TWO_WAY, false);
        enter(turn, tcb, STATE_ESTABLISHED, RULE_WHAT_IF_TWO_WAY);
        Part part = trim(tcb, arrival->seg);
        arrive_text(turn, tcb, &part, arrival);
        arrive_fin(turn, tcb, &part);
        output(turn, tcb);
        return;
    }
    keep_for_later(turn, tcb, arrival);
    send_syn_ack(turn, tcb, RULE_LISTEN_SYN, false);
    enter(turn, tcb, STATE_SYN_RCVD, RULE_LISTEN_SYN);
}

/* The third segment of a handshake whose first two left no trace here but the cookie. */
static bool redeem_cookie(Turn *turn, Tcb *listener, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    uint16_t mss;
    if (!tcb_rule(turn, listener, HOST_RULE_syncookies) || (seg->flags & FLAG_SYN) || !cookie_check(turn, seg, &mss))
        return false;
    if (accept_queue_full(listener)) {
        ignored(turn, listener, RULE_ACK_QUEUE_FULL);
        return true;
    }
    Tcb *tcb = clone_listener(turn, listener, arrival);
    Segment syn = *seg;
    syn.seq = seq_sub(seg->seq, 1);
    syn.options = OPTIONS_NONE;
    syn.options.mss = mss;
    Arrival first = {.host = arrival->host, .seg = &syn, .origin = arrival->origin};
    learn_peer(turn, tcb, &first);
    tcb->iss = seq_sub(seg->ack, 1);
    tcb->snd.una = tcb->iss;
    tcb->snd.nxt = tcb->snd.resend = tcb->snd.base = tcb->snd.up = tcb->high_rxt = seg->ack;
    enter(turn, tcb, STATE_SYN_RCVD, RULE_COOKIE_RIGHT);
    arrive_other(turn, tcb, arrival);
    return true;
}

void arrive_listen(Turn *turn, Tcb *listener, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    if (seg->flags & FLAG_RST) { /* first */
        ignored(turn, listener, RULE_LISTEN_RST);
        return;
    }
    if (seg->flags & FLAG_ACK) { /* second */
        if (redeem_cookie(turn, listener, arrival)) return;
        ignored(turn, listener, RULE_LISTEN_ACK);
        send_rst_to(turn, arrival->host, NULL, seg, RULE_LISTEN_ACK);
        return;
    }
    if (!(seg->flags & FLAG_SYN)) { /* fourth */
        ignored(turn, listener, RULE_LISTEN_OTHER);
        return;
    }
    /* third; security and compartment (RFC 9293 A.1) are not part of this laboratory */
    if (!addr_is_unicast(seg->src.addr) || seg->src.port == 0) {
        ignored(turn, listener, RULE_LISTEN_BAD_ADDRESS); /* MUST-63 */
        return;
    }
    if (syn_queue_full(listener)) {
        bool cookies = tcb_rule(turn, listener, HOST_RULE_syncookies);
        if (cookies) send_cookie(turn, arrival->host, seg, cookie_make(turn, seg));
        else ignored(turn, listener, RULE_LISTEN_SYN_QUEUE_FULL);
        return;
    }
    answer_syn(turn, listener, arrival);
}

/* ---- 3.10.7.3 SYN_SENT ---- */

static void syn_sent_established(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    acknowledge(turn, tcb, seg);
    learn_window(tcb, seg); /* RFC 1122 4.2.2.20 (c) */
    open_established(turn, tcb);
    enter(turn, tcb, STATE_ESTABLISHED, RULE_SYN_SENT_SYN_ACK);
    ack_now(tcb, RULE_SYN_SENT_SYN_ACK);
    Part part = trim(tcb, seg);
    arrive_urg(turn, tcb, arrival);
    arrive_text(turn, tcb, &part, arrival);
    arrive_fin(turn, tcb, &part);
    output(turn, tcb);
}

void arrive_syn_sent(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    bool ack = seg->flags & FLAG_ACK, rst = seg->flags & FLAG_RST;
    if (ack && (seq_leq(seg->ack, tcb->iss) || seq_gt(seg->ack, tcb->snd.nxt))) { /* first */
        ignored(turn, tcb, rst ? RULE_SYN_SENT_BAD_ACK_RST : RULE_SYN_SENT_BAD_ACK);
        if (!rst) send_rst_to(turn, arrival->host, tcb, seg, RULE_SYN_SENT_BAD_ACK);
        return;
    }
    if (rst) { /* second */
        if (ack) fail(turn, tcb, STATUS_CONNECTION_REFUSED, RULE_SYN_SENT_REFUSED);
        else ignored(turn, tcb, RULE_SYN_SENT_RST_NO_ACK);
        return;
    }
    /* third: security, not part of this laboratory */
    if (!(seg->flags & FLAG_SYN)) { /* fifth */
        ignored(turn, tcb, RULE_SYN_SENT_OTHER);
        return;
    }
    learn_peer(turn, tcb, arrival); /* fourth */
    if (ack) {
        syn_sent_established(turn, tcb, arrival);
        return;
    }
    learn_window(tcb, seg);
    keep_for_later(turn, tcb, arrival);
    send_syn_ack(turn, tcb, RULE_SYN_SENT_SYN, false);
    enter(turn, tcb, STATE_SYN_RCVD, RULE_SYN_SENT_SYN);
}
