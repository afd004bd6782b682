/* arrive.c - SEGMENT ARRIVES (RFC 9293 3.10.7), in the order of the RFC.
 *
 *   3.10.7.1  CLOSED          arrive_closed      in arrive_opening.c
 *   3.10.7.2  LISTEN          arrive_listen
 *   3.10.7.3  SYN_SENT        arrive_syn_sent
 *   3.10.7.4  the others      arrive_sequence, arrive_rst, arrive_security, arrive_syn, arrive_ack, arrive_urg,
 * arrive_text, arrive_fin
 *
 * A step returns false where the segment ends there.
 */
#include <assert.h>

#include "arrive.h"

/* ---- Windows and acknowledgments ---- */

/* A SYN's window is never scaled (RFC 7323 2.2). */
static uint32_t window_of(const Tcb *tcb, const Segment *seg) {
    return seg->flags & FLAG_SYN ? seg->window : (uint32_t)seg->window << tcb->snd_shift;
}

void learn_window(Tcb *tcb, const Segment *seg) {
    tcb->snd.wnd = window_of(tcb, seg);
    tcb->snd.wl1 = seg->seq;
    tcb->snd.wl2 = seg->ack;
    if (tcb->snd.wnd > tcb->snd.max_wnd) tcb->snd.max_wnd = tcb->snd.wnd;
}

static void restart_timers(Turn *turn, Tcb *tcb) {
    timer_stop(turn, tcb, TIMER_RETRANSMIT);
    timer_stop(turn, tcb, TIMER_PERSIST);
    timer_stop(turn, tcb, TIMER_USER);
    tcb->probes = 0;
    /* output() starts them again where something is still in flight */
}

void acknowledge(Turn *turn, Tcb *tcb, const Segment *seg) {
    Seq ack = seg->ack;
    uint32_t acked = seq_distance(tcb->snd.una, ack);
    bool syn = seq_eq(tcb->snd.una, tcb->iss);
    Seq data_end = seq_min(ack, fin_seq(tcb));
    if (seq_gt(data_end, tcb->snd.base)) {
        bytes_skip(&tcb->send_queue, seq_distance(tcb->snd.base, data_end));
        if (tcb->send_queue.length == 0) bytes_free(turn, &tcb->send_queue);
        tcb->snd.base = data_end;
    }
    tcb->snd.una = ack;
    tcb->snd.up = seq_max(tcb->snd.up, ack);
    tcb->snd.resend = seq_max(tcb->snd.resend, ack);
    tcb->retransmissions = 0;
    pieces_trim(turn, &tcb->sacked, ack);
    tcb->high_rxt = seq_max(tcb->high_rxt, ack);
    Micros age = timestamp_age(turn, tcb, seg); /* only where SND.UNA advances (RFC 7323 4.1) */
    if (age >= 0) estimate_sample(turn, tcb, age);
    else estimate_end(turn, tcb, ack);
    restart_timers(turn, tcb);
    if (syn) return; /* it does not grow the congestion window (RFC 5681 3.1) */
    congestion_acked(turn, tcb, acked);
    if (congestion_partial(tcb)) send_again(turn, tcb, RULE_PARTIAL_ACK);
}

static bool fin_acked(const Tcb *tcb) { return tcb->fin_sent && seq_gt(tcb->snd.una, fin_seq(tcb)); }

Part trim(const Tcb *tcb, const Segment *seg) {
    Part part = {.seq = seg->seq, .data = seg->data, .length = seg->data_length, .fin = seg->flags & FLAG_FIN};
    if (seg->flags & FLAG_SYN) part.seq = seq_add(part.seq, 1);
    if (seq_lt(part.seq, tcb->rcv.nxt)) {
        uint32_t old = seq_distance(part.seq, tcb->rcv.nxt);
        if (old > part.length) part.fin = false;
        if (old > part.length) old = part.length;
        part.data += old;
        part.length -= old;
        part.seq = part.length || part.fin ? tcb->rcv.nxt : part.seq;
    }
    Seq edge = seq_add(tcb->rcv.nxt, tcb->rcv.wnd);
    uint32_t room = seq_lt(part.seq, edge) ? seq_distance(part.seq, edge) : 0;
    if (part.length > room) {
        part.length = room;
        part.fin = false;
    }
    if (part.fin && part.length == room) part.fin = false; /* the FIN itself lies past the edge */
    return part;
}

void accepted(Turn *turn, const Tcb *tcb, RuleId rule, uint32_t count) {
    Event *event = turn_note(turn, tcb, EVENT_ACCEPT, rule);
    event->outcome = count ? OUTCOME_TAKEN : OUTCOME_KEPT;
    event->value = count;
}

/* Bytes became readable: the window's edge stays where it was, an ACK is owed. */
static void took(Turn *turn, Tcb *tcb, uint32_t count) {
    if (count == 0) return;
    accepted(turn, tcb, RULE_TEXT_IN_ORDER, count);
    tcb->rcv.wnd -= count;
    tcb->ack_bytes += count;
    ack_later(turn, tcb);
}

/* An ACK that asks the peer to prove what it said; not too often, or it could be made a weapon (RFC 5961 7). */
static void challenge(Turn *turn, Tcb *tcb, RuleId rule) {
    enum { MOST = 10 };
    const Micros span = 5 * MICROS_PER_SECOND;
    ignored(turn, tcb, rule);
    if (turn->now - tcb->challenge_since >= span) {
        tcb->challenge_since = turn->now;
        tcb->challenges = 0;
    }
    if (tcb->challenges++ >= MOST) ignored(turn, tcb, RULE_CHALLENGE_THROTTLED);
    else send_ack(turn, tcb, rule);
}

/* ---- 3.10.7.4 First: the sequence number ---- */

static bool acceptable(const Tcb *tcb, const Segment *seg) {
    uint32_t length = segment_length(seg);
    if (tcb->rcv.wnd == 0) return length == 0 && seq_eq(seg->seq, tcb->rcv.nxt);
    if (seq_in(seg->seq, tcb->rcv.nxt, tcb->rcv.wnd)) return true;
    /* Who has filled the window acknowledges from its right edge. With a hole before it we know that somebody did; by
     * the letter the ACKs of both sides could be refused until one of them times out. */
    bool filled = tcb->kept.count > 0 && seq_eq(seg->seq, seq_add(tcb->rcv.nxt, tcb->rcv.wnd));
    if (filled && length == 0 && !(seg->flags & FLAG_RST)) return true;
    return length > 0 && seq_in(seq_add(seg->seq, length - 1), tcb->rcv.nxt, tcb->rcv.wnd);
}

/* Figure 7 of RFC 9293 3.5 completes a simultaneous open with a SYN,ACK that repeats the SYN: read by the letter, its
 * number is old. */
static bool crossing_syn_ack(const Tcb *tcb, const Segment *seg) {
    const uint8_t both = FLAG_SYN | FLAG_ACK;
    return tcb->state == STATE_SYN_RCVD && !tcb->passive && (seg->flags & (both | FLAG_RST)) == both &&
           seq_eq(seg->seq, tcb->irs);
}

/* By the letter a FIN that came again is unacceptable and dropped before step 8 could restart the timer; Figure 5's
 * TIME_WAIT needs it. */
static bool fin_again(const Tcb *tcb, const Segment *seg) {
    return tcb->state == STATE_TIME_WAIT && (seg->flags & FLAG_FIN) && !(seg->flags & (FLAG_SYN | FLAG_RST)) &&
           seq_eq(seq_add(seg->seq, segment_length(seg)), tcb->rcv.nxt);
}

/* RFC 7323 3.2 and 5.3 R1: a RST is exempt. */
static bool arrive_timestamp(Turn *turn, Tcb *tcb, const Segment *seg) {
    if (!tcb->timestamps || (seg->flags & FLAG_RST)) return true;
    if (!seg->options.timestamps) {
        ignored(turn, tcb, RULE_TIMESTAMP_MISSING);
        return false;
    }
    if (!timestamp_old(turn, tcb, &seg->options)) return true;
    ignored(turn, tcb, RULE_TIMESTAMP_OLD);
    send_ack(turn, tcb, RULE_TIMESTAMP_OLD);
    return false;
}

/* What brings neither data, SYN nor FIN is answered under the limit of challenges: two such answers must not chase each
 * other for ever. */
static void refuse(Turn *turn, Tcb *tcb, const Segment *seg) {
    if (seg->flags & FLAG_RST) {
        ignored(turn, tcb, RULE_SEQUENCE_UNACCEPTABLE_RST);
    } else if (segment_length(seg) == 0) {
        challenge(turn, tcb, RULE_SEQUENCE_UNACCEPTABLE);
    } else {
        ignored(turn, tcb, RULE_SEQUENCE_UNACCEPTABLE);
        send_ack(turn, tcb, RULE_SEQUENCE_UNACCEPTABLE);
    }
}

/* A bare ACK one number too low: the byte of the peer's probe was taken, and it has not heard of it; or it asks whether
 * we live. Its ACK must count: where both sides are in this place neither would ever hear the other (RFC 9293 A.2 knows
 * of such deadlocks). */
static bool behind_a_probe(const Tcb *tcb, const Segment *seg) {
    return state_synchronized(tcb->state) && segment_length(seg) == 0 && !(seg->flags & FLAG_RST) &&
           seq_eq(seg->seq, seq_sub(tcb->rcv.nxt, 1));
}

static bool arrive_sequence(Turn *turn, Tcb *tcb, const Segment *seg, Part *part) {
    if (!arrive_timestamp(turn, tcb, seg)) return false;
    if (crossing_syn_ack(tcb, seg)) {
        *part = trim(tcb, seg);
        part->repeats_syn = true;
        return true;
    }
    if (fin_again(tcb, seg)) {
        timer_start(turn, tcb, TIMER_TIME_WAIT, tcb->timer_lengths[TIMER_TIME_WAIT]);
        send_ack(turn, tcb, RULE_TIME_WAIT_FIN_AGAIN);
        return false;
    }
    /* A closed window takes no text, but the ACK, RST and URG of the segment at its edge count (MUST-66). */
    bool shut = tcb->rcv.wnd == 0 && seq_eq(seg->seq, tcb->rcv.nxt) && segment_length(seg) > 0;
    if (shut || behind_a_probe(tcb, seg)) {
        ignored(turn, tcb, RULE_SEQUENCE_UNACCEPTABLE);
        ack_now(tcb, RULE_SEQUENCE_UNACCEPTABLE);
        *part = (Part){.seq = seg->seq};
        return true;
    }
    if (acceptable(tcb, seg)) {
        if (!(seg->flags & FLAG_RST)) timestamp_learn(turn, tcb, seg);
        *part = trim(tcb, seg);
        return true;
    }
    refuse(turn, tcb, seg);
    return false;
}

/* ---- Second: RST ---- */

static void reset_by_peer(Turn *turn, Tcb *tcb) {
    switch (tcb->state) {
    case STATE_SYN_RCVD:
        if (tcb->passive) enter(turn, tcb, STATE_LISTEN, RULE_RST_PASSIVE);
        else fail(turn, tcb, STATUS_CONNECTION_REFUSED, RULE_RST_ACTIVE);
        return;
    case STATE_ESTABLISHED:
    case STATE_FIN_WAIT_1:
    case STATE_FIN_WAIT_2:
    case STATE_CLOSE_WAIT: fail(turn, tcb, STATUS_CONNECTION_RESET, RULE_RST_RESET); return;
    case STATE_CLOSING:
    case STATE_LAST_ACK: fail(turn, tcb, STATUS_CONNECTION_RESET, RULE_RST_CLOSING); return;
    case STATE_TIME_WAIT: enter(turn, tcb, STATE_CLOSED, RULE_RST_CLOSING); return;
    case STATE_CLOSED:
    case STATE_LISTEN:
    case STATE_SYN_SENT:
    case STATE_COUNT: assert(!"handled elsewhere");
    }
}

static bool arrive_rst(Turn *turn, Tcb *tcb, const Segment *seg) {
    if (!(seg->flags & FLAG_RST)) return true;
    bool exact = seq_eq(seg->seq, tcb->rcv.nxt);
    if (!exact && tcb_rule(turn, tcb, HOST_RULE_challenge_ack)) {
        challenge(turn, tcb, RULE_RST_CHALLENGE);
        return false;
    }
    if (tcb->state == STATE_TIME_WAIT && tcb_rule(turn, tcb, HOST_RULE_rfc1337)) {
        ignored(turn, tcb, RULE_RST_TIME_WAIT);
        return false;
    }
    reset_by_peer(turn, tcb);
    return false;
}

/* ---- Third: security and compartment ---- */

/* Waived: RFC 9293 A.1 itself finds them unused. The step stands here so that the order is the RFC's. */
static bool arrive_security(void) { return true; }

/* ---- Fourth: SYN ---- */

static bool arrive_syn(Turn *turn, Tcb *tcb, const Segment *seg, const Part *part) {
    if (!(seg->flags & FLAG_SYN) || part->repeats_syn) return true;
    if (tcb->state == STATE_SYN_RCVD && tcb->passive) {
        enter(turn, tcb, STATE_LISTEN, RULE_SYN_PASSIVE);
        return false;
    }
    if (tcb_rule(turn, tcb, HOST_RULE_challenge_ack)) {
        challenge(turn, tcb, RULE_SYN_CHALLENGE);
        return false;
    }
    send_rst_to(turn, tcb->host, tcb, seg, RULE_SYN_RESET);
    fail(turn, tcb, STATUS_CONNECTION_RESET, RULE_SYN_RESET);
    return false;
}

/* ---- Fifth: ACK ---- */

/* RFC 5961 5.2: an ACK far behind or ahead is a blind guess. */
static bool ack_plausible(Turn *turn, const Tcb *tcb, Seq ack) {
    if (seq_gt(ack, tcb->snd.nxt)) return false;
    if (!tcb_rule(turn, tcb, HOST_RULE_challenge_ack)) return true;
    return seq_geq(ack, seq_sub(tcb->snd.una, tcb->snd.max_wnd));
}

static bool ack_opens(Turn *turn, Tcb *tcb, const Segment *seg, const Part *part) {
    if (!seq_gt(seg->ack, tcb->snd.una) || seq_gt(seg->ack, tcb->snd.nxt)) {
        ignored(turn, tcb, RULE_ACK_SYN_RCVD_BAD);
        send_rst_to(turn, tcb->host, tcb, seg, RULE_ACK_SYN_RCVD_BAD);
        return false;
    }
    const Tcb *listener = conn_is(tcb->listener) ? turn_tcb(turn, tcb->listener) : NULL;
    if (listener && accept_queue_full(listener)) {
        ignored(turn, tcb, RULE_ACK_QUEUE_FULL);
        return false;
    }
    learn_window(tcb, seg);
    open_established(turn, tcb);
    enter(turn, tcb, STATE_ESTABLISHED, part->repeats_syn ? RULE_SIMULTANEOUS_SYN_ACK : RULE_ACK_SYN_RCVD);
    return true;
}

/* RFC 5681 2: what counts as a duplicate ACK. The answer to a probe of a closed window tells of no loss. */
static bool is_duplicate(const Tcb *tcb, const Segment *seg) {
    return seq_eq(seg->ack, tcb->snd.una) && seq_lt(tcb->snd.una, tcb->snd.nxt) && segment_length(seg) == 0 &&
           window_of(tcb, seg) == tcb->snd.wnd && tcb->probes == 0;
}

static void update_window(Tcb *tcb, const Segment *seg) {
    bool newer = seq_lt(tcb->snd.wl1, seg->seq) || (seq_eq(tcb->snd.wl1, seg->seq) && seq_leq(tcb->snd.wl2, seg->ack));
    if (newer) learn_window(tcb, seg);
}

static bool ack_established(Turn *turn, Tcb *tcb, const Segment *seg) {
    if (!ack_plausible(turn, tcb, seg->ack)) {
        challenge(turn, tcb, seq_gt(seg->ack, tcb->snd.nxt) ? RULE_ACK_TOO_FAR : RULE_ACK_OUT_OF_RANGE);
        return false;
    }
    if (seq_gt(seg->ack, tcb->snd.una)) {
        if (!seq_eq(tcb->snd.una, tcb->iss)) turn_note(turn, tcb, EVENT_ACCEPT, RULE_ACK_NEW);
        bool news = sack_learn(turn, tcb, seg);
        acknowledge(turn, tcb, seg);
        if (news && congestion_news(turn, tcb)) send_again(turn, tcb, RULE_FAST_RETRANSMIT);
    } else if (sack_learn(turn, tcb, seg) || is_duplicate(tcb, seg)) {
        ignored(turn, tcb, RULE_ACK_DUPLICATE);
        if (congestion_duplicate(turn, tcb)) send_again(turn, tcb, RULE_FAST_RETRANSMIT);
    } else if (segment_length(seg) == 0) {
        ignored(turn, tcb, RULE_ACK_DUPLICATE);
    }
    if (seq_geq(seg->ack, tcb->snd.una)) update_window(tcb, seg);
    if (timer_runs(tcb, TIMER_PERSIST)) timer_stop(turn, tcb, TIMER_USER); /* the peer answers probes (MUST-37) */
    return true;
}

/* The FIN of this very segment will be processed: RFC 1122 4.2.2.8 (c) goes straight to TIME_WAIT. */
static bool brings_fin(const Tcb *tcb, const Part *part) {
    return (part->fin && seq_eq(part->seq, tcb->rcv.nxt)) ||
           (tcb->fin_known && part->length && seq_eq(part->seq, tcb->rcv.nxt));
}

static bool ack_of_fin(Turn *turn, Tcb *tcb, const Part *part) {
    switch (tcb->state) {
    case STATE_FIN_WAIT_1:
        if (brings_fin(tcb, part)) return true;
        enter(turn, tcb, STATE_FIN_WAIT_2, RULE_ACK_FIN);
        orphan(turn, tcb);
        return true;
    case STATE_CLOSING: enter_time_wait(turn, tcb, RULE_ACK_FIN_CLOSING); return false;
    case STATE_LAST_ACK: enter(turn, tcb, STATE_CLOSED, RULE_ACK_FIN_LAST); return false;
    case STATE_FIN_WAIT_2:
    case STATE_TIME_WAIT: return true;
    case STATE_CLOSED:
    case STATE_LISTEN:
    case STATE_SYN_SENT:
    case STATE_SYN_RCVD:
    case STATE_ESTABLISHED:
    case STATE_CLOSE_WAIT:
    case STATE_COUNT: assert(!"no FIN was sent");
    }
    return false;
}

/* The connection is open: text that came with the SYN can be read. */
static void take_early_text(Turn *turn, Tcb *tcb, const Segment *seg, Part *part) {
    uint32_t count = seq_eq(tcb->snd.una, tcb->iss) ? 0 : reassemble_waiting(turn, tcb);
    took(turn, tcb, count);
    if (count) *part = trim(tcb, seg); /* RCV.NXT has moved */
}

static bool arrive_ack(Turn *turn, Tcb *tcb, const Segment *seg, Part *part) {
    if (!(seg->flags & FLAG_ACK)) {
        ignored(turn, tcb, RULE_ACK_MISSING);
        return false;
    }
    if (tcb->state == STATE_SYN_RCVD && !ack_opens(turn, tcb, seg, part)) return false;
    if (!ack_established(turn, tcb, seg)) return false;
    take_early_text(turn, tcb, seg, part);
    if (tcb->state == STATE_ESTABLISHED && tcb->fin_queued)
        enter(turn, tcb, STATE_FIN_WAIT_1, RULE_CLOSE_WAITS_FOR_OPEN);
    return !fin_acked(tcb) || ack_of_fin(turn, tcb, part);
}

/* ---- Sixth: URG ---- */

bool arrive_urg(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    if (!(seg->flags & FLAG_URG) || !state_receives(tcb->state)) return true;
    Seq up = seq_add(seg->seq, seg->urgent);
    if (seq_leq(up, tcb->rcv.up)) return true;
    tcb->rcv.up = up;
    turn_note(turn, tcb, EVENT_ACCEPT, RULE_URGENT);
    return true;
}

/* ---- Seventh: text ---- */

void arrive_text(Turn *turn, Tcb *tcb, const Part *part, const Arrival *arrival) {
    if (part->length == 0) return;
    if (!state_receives(tcb->state)) {
        ignored(turn, tcb, RULE_TEXT_AFTER_FIN);
        return;
    }
    turn_witness(turn, tcb, arrival->origin, part->seq, part->data, part->length);
    bool had_hole = tcb->kept.count > 0;
    uint32_t count = reassemble(turn, tcb, part->seq, part->data, part->length);
    /* Ahead of a hole, or filling one: acknowledged at once (RFC 5681 4.2). */
    if (count == 0) {
        accepted(turn, tcb, RULE_SEQUENCE_LATER, 0);
        ack_now(tcb, RULE_SEQUENCE_LATER);
    } else if (had_hole) {
        ack_now(tcb, RULE_ACK_NOW);
    }
    took(turn, tcb, count);
}

/* ---- Eighth: FIN ---- */

/* A second FIN: acknowledged, and TIME_WAIT begins anew. */
static void fin_once_more(Turn *turn, Tcb *tcb) {
    ack_now(tcb, tcb->state == STATE_TIME_WAIT ? RULE_TIME_WAIT_FIN_AGAIN : RULE_FIN_AGAIN);
    if (tcb->state == STATE_TIME_WAIT) timer_start(turn, tcb, TIMER_TIME_WAIT, tcb->timer_lengths[TIMER_TIME_WAIT]);
}

static void closed_by_peer(Turn *turn, Tcb *tcb) {
    switch (tcb->state) {
    case STATE_ESTABLISHED:
        ack_now(tcb, RULE_FIN_ESTABLISHED);
        enter(turn, tcb, STATE_CLOSE_WAIT, RULE_FIN_ESTABLISHED);
        if (tcb->close_on_fin) close_sending(turn, tcb);
        return;
    case STATE_FIN_WAIT_1:
        ack_now(tcb, RULE_FIN_FIN_WAIT_1);
        if (fin_acked(tcb)) break;
        enter(turn, tcb, STATE_CLOSING, RULE_FIN_FIN_WAIT_1);
        return;
    case STATE_FIN_WAIT_2: ack_now(tcb, RULE_FIN_FIN_WAIT_2); break;
    case STATE_CLOSED:
    case STATE_LISTEN:
    case STATE_SYN_SENT:
    case STATE_SYN_RCVD:
    case STATE_CLOSE_WAIT:
    case STATE_CLOSING:
    case STATE_LAST_ACK:
    case STATE_TIME_WAIT:
    case STATE_COUNT: return; /* stays as it is */
    }
    RuleId rule = tcb->state == STATE_FIN_WAIT_1 ? RULE_ACK_FIN_AND_FIN : RULE_FIN_FIN_WAIT_2;
    send_ack(turn, tcb, rule);
    enter_time_wait(turn, tcb, rule);
}

void arrive_fin(Turn *turn, Tcb *tcb, const Part *part) {
    if (part->fin && tcb->fin_seen) {
        fin_once_more(turn, tcb);
        return;
    }
    if (part->fin && !tcb->fin_known) {
        tcb->fin_known = true;
        tcb->rcv.fin = seq_add(part->seq, part->length);
    }
    if (!tcb->fin_known || tcb->fin_seen) return;
    if (!seq_eq(tcb->rcv.nxt, tcb->rcv.fin)) {
        if (part->fin) ack_now(tcb, RULE_SEQUENCE_LATER);
        return;
    }
    tcb->fin_seen = true;
    pieces_clear(turn, &tcb->kept); /* nothing can lie beyond it */
    tcb->rcv.nxt = seq_add(tcb->rcv.nxt, 1);
    closed_by_peer(turn, tcb);
}

/* ---- A SYN that finds TIME_WAIT ---- */

/* RFC 6191 2: newer by timestamp, or by sequence number where timestamps cannot tell. */
static bool newer_incarnation(Turn *turn, const Tcb *tcb, const Segment *seg) {
    bool ts = seg->options.timestamps && tcb_rule(turn, tcb, HOST_RULE_timestamps);
    bool later = seq_geq(seg->seq, tcb->rcv.nxt);
    if (!tcb->timestamps) return ts || later;
    if (!ts) return later;
    Seq now = seq_of(seg->options.ts_value), last = seq_of(tcb->ts_recent);
    return seq_gt(now, last) || (seq_eq(now, last) && later);
}

/* True where the SYN was dealt with here. */
static bool arrive_time_wait_syn(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    if ((seg->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) != FLAG_SYN) return false;
    Tcb *listener = turn_find(turn, seg->dst, ENDPOINT_NONE);
    if (!listener) return false;
    if (newer_incarnation(turn, tcb, seg)) {
        if (syn_queue_full(listener)) { /* TIME_WAIT does not end for nothing */
            ignored(turn, listener, RULE_LISTEN_SYN_QUEUE_FULL);
            return true;
        }
        Seq past = tcb->snd.nxt;
        Arrival anew = {.host = arrival->host, .seg = seg, .origin = arrival->origin, .above = &past};
        enter(turn, tcb, STATE_CLOSED, RULE_TIME_WAIT_REUSED);
        arrive_listen(turn, listener, &anew);
        return true;
    }
    if (!tcb->timestamps && !seg->options.timestamps) return false; /* the ACK of step 1 or 4 answers */
    ignored(turn, tcb, RULE_TIME_WAIT_SYN_OLD);
    return true;
}

/* ---- The whole ---- */

void arrive_other(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    Part part;
    if (timer_runs(tcb, TIMER_KEEPALIVE)) keepalive_restart(turn, tcb);
    if (!arrive_sequence(turn, tcb, seg, &part)) return;
    if (!arrive_rst(turn, tcb, seg)) return;
    if (!arrive_security()) return;
    if (!arrive_syn(turn, tcb, seg, &part)) return;
    if (arrive_ack(turn, tcb, seg, &part)) {
        arrive_urg(turn, tcb, arrival);
        arrive_text(turn, tcb, &part, arrival);
        arrive_fin(turn, tcb, &part);
    }
    output(turn, tcb);
}

void segment_arrives(Turn *turn, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    Tcb *tcb = turn_find(turn, seg->dst, seg->src);
    if (!tcb) tcb = turn_find(turn, seg->dst, ENDPOINT_NONE);
    if (!tcb) {
        arrive_closed(turn, arrival);
        return;
    }
    switch (tcb->state) {
    case STATE_CLOSED: arrive_closed(turn, arrival); return;
    case STATE_LISTEN: arrive_listen(turn, tcb, arrival); return;
    case STATE_SYN_SENT: arrive_syn_sent(turn, tcb, arrival); return;
    case STATE_TIME_WAIT:
        if (!arrive_time_wait_syn(turn, tcb, arrival)) arrive_other(turn, tcb, arrival);
        return;
    case STATE_SYN_RCVD:
    case STATE_ESTABLISHED:
    case STATE_FIN_WAIT_1:
    case STATE_FIN_WAIT_2:
    case STATE_CLOSE_WAIT:
    case STATE_CLOSING:
    case STATE_LAST_ACK: arrive_other(turn, tcb, arrival); return;
    case STATE_COUNT: assert(!"no such state");
    }
}
