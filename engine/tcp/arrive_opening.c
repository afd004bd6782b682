/* arrive_opening.c - what opens a connection: a SYN to a listener, the ACK of a SYN cookie, the SYN,ACK in SYN_SENT, a
 * SYN in TIME_WAIT. Called by arrive.c. */
#include "arrive.h"

/* ---- What the peer's SYN carries ---- */

void learn_peer(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    tcb->peer = arrival->origin;
    tcb->irs = seg->seq;
    tcb->rcv.nxt = tcb->rcv.up = tcb->last_ack_sent = seq_add(seg->seq, 1);
    options_learn(&turn->env, tcb, &seg->options);
    if (tcb->scaling && tcb->snd_shift != seg->options.wscale) refused(turn, tcb, RULE_SCALE_TOO_LARGE);
}

/* RFC 6298 5.7: after a timeout of the SYN the RTO is at least 3 seconds. Called after the measurement that the ACK of
 * the SYN may have given. */
void open_established(Turn *turn, Tcb *tcb) {
    const Micros cautious = 3 * MICROS_PER_SECOND;
    congestion_open(&turn->env, tcb);
    bool measured = tcb->srtt > 0;
    if (!tcb->syn_timed_out || tcb_rule(&turn->env, tcb, HOST_RULE_rto_initial) >= cautious) return;
    if (!measured || tcb->rto < cautious) tcb->rto = cautious;
}

void keep_until_open(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    Part part = trim(tcb, arrival->seg);
    if (part.length) {
        turn_accepted(turn, tcb, arrival->origin);
        reassemble_later(&turn->store, tcb, part.seq, part.data, part.length);
        kept(turn, tcb, RULE_TEXT_WITH_SYN);
    }
    if (!part.fin) return;
    tcb->fin_known = true;
    tcb->rcv.fin = seq_add(part.seq, part.length);
}

/* ---- LISTEN ---- */

/* The listener stays in LISTEN; a new TCB answers this SYN. */
static Tcb *new_tcb(Turn *turn, const Tcb *listener, const Arrival *arrival) {
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
    Tcb *tcb = new_tcb(turn, listener, arrival);
    learn_peer(turn, tcb, arrival);
    learn_window(tcb, arrival->seg);
    congestion_open(&turn->env, tcb);
    if (tcb_rule(&turn->env, tcb, HOST_RULE_handshake) == 2) {
        tcb->snd.una = tcb->snd.nxt;
        send_syn_ack(turn, tcb, RULE_WHAT_IF_TWO_WAY, false);
        enter(turn, tcb, STATE_ESTABLISHED, RULE_WHAT_IF_TWO_WAY);
        Part part = trim(tcb, arrival->seg);
        if (arrive_text(turn, tcb, &part, arrival)) arrive_fin(turn, tcb, &part);
        output(turn, tcb);
        return;
    }
    keep_until_open(turn, tcb, arrival);
    send_syn_ack(turn, tcb, RULE_LISTEN_SYN, false);
    enter(turn, tcb, STATE_SYN_RCVD, RULE_LISTEN_SYN);
}

void listen_syn(Turn *turn, Tcb *listener, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    if (!addr_is_unicast(seg->src.addr) || seg->src.port == 0) {
        refused(turn, listener, RULE_LISTEN_BAD_ADDRESS); /* MUST-63 */
        return;
    }
    if (!syn_queue_full(listener)) {
        answer_syn(turn, listener, arrival);
        return;
    }
    if (!tcb_rule(&turn->env, listener, HOST_RULE_syncookies)) {
        refused(turn, listener, RULE_LISTEN_SYN_QUEUE_FULL);
        return;
    }
    answered(turn, listener, RULE_COOKIE_SENT);
    send_cookie(turn, arrival->host, seg, cookie_make(&turn->env, seg));
}

/* The third segment of a handshake for which this host has kept no state. */
bool accept_cookie(Turn *turn, Tcb *listener, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    uint16_t mss;
    if (!tcb_rule(&turn->env, listener, HOST_RULE_syncookies) || (seg->flags & FLAG_SYN) ||
        !cookie_check(&turn->env, seg, &mss))
        return false;
    if (accept_queue_full(listener)) {
        refused(turn, listener, RULE_ACK_QUEUE_FULL);
        return true;
    }
    Tcb *tcb = new_tcb(turn, listener, arrival);
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

/* ---- SYN_SENT ---- */

void syn_sent_established(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    acknowledge(turn, tcb, seg);
    learn_window(tcb, seg); /* RFC 1122 4.2.2.20 (c) */
    open_established(turn, tcb);
    enter(turn, tcb, STATE_ESTABLISHED, RULE_SYN_SENT_SYN_ACK);
    ack_now(tcb, RULE_SYN_SENT_SYN_ACK);
    Part part = trim(tcb, seg);
    arrive_urg(turn, tcb, arrival);
    if (arrive_text(turn, tcb, &part, arrival)) arrive_fin(turn, tcb, &part);
    output(turn, tcb);
}

/* ---- TIME_WAIT ---- */

/* Newer by timestamp, or by sequence number where timestamps do not decide. */
static bool newer_incarnation(const Env *env, const Tcb *tcb, const Segment *seg) {
    bool ts = seg->options.timestamps && tcb_rule(env, tcb, HOST_RULE_timestamps);
    bool later = seq_geq(seg->seq, tcb->rcv.nxt);
    if (!tcb->timestamps) return ts || later;
    if (!ts) return later;
    Seq now = seq_of(seg->options.ts_value), last = seq_of(tcb->ts_recent);
    return seq_gt(now, last) || (seq_eq(now, last) && later);
}

bool time_wait_syn(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    if ((seg->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) != FLAG_SYN) return false;
    Tcb *listener = turn_find(turn, seg->dst, ENDPOINT_NONE);
    if (!listener) return false;
    if (newer_incarnation(&turn->env, tcb, seg)) {
        if (syn_queue_full(listener)) { /* TIME_WAIT ends only where the listener has room for the new connection */
            refused(turn, listener, RULE_LISTEN_SYN_QUEUE_FULL);
            return true;
        }
        Seq past = tcb->snd.nxt;
        Arrival anew = {.host = arrival->host, .seg = seg, .origin = arrival->origin, .above = &past};
        enter(turn, tcb, STATE_CLOSED, RULE_TIME_WAIT_REUSED);
        arrive_listen(turn, listener, &anew);
        return true;
    }
    if (!tcb->timestamps && !seg->options.timestamps) return false; /* the ACK of step 1 or 4 answers */
    refused(turn, tcb, RULE_TIME_WAIT_SYN_OLD);
    return true;
}
