/* arrive.c - SEGMENT ARRIVES (RFC 9293 3.10.7), in the order of the RFC: the states before a connection is open, then
 * the eight steps for all others. The functions that the steps share follow below.
 *
 *   3.10.7.1  CLOSED      arrive_closed
 *   3.10.7.2  LISTEN      arrive_listen
 *   3.10.7.3  SYN_SENT    arrive_syn_sent
 *   3.10.7.4  the others  1 arrive_sequence  2 arrive_rst  3 arrive_security  4 arrive_syn
 *                         5 arrive_ack       6 arrive_urg  7 arrive_text      8 arrive_fin
 *
 * A step returns false where processing of the segment ends.
 */
#include <assert.h>

#include "arrive.h"

static bool arrive_sequence(Turn *turn, Tcb *tcb, const Segment *seg, Part *part);
static bool arrive_rst(Turn *turn, Tcb *tcb, const Segment *seg);
static bool arrive_security(void);
static bool arrive_syn(Turn *turn, Tcb *tcb, const Segment *seg, const Part *part);
static bool arrive_ack(Turn *turn, Tcb *tcb, const Segment *seg, Part *part);

/* The shared functions at the end. */
static void answer(Turn *turn, Tcb *tcb, const Segment *seg, RuleId rule);
static bool may_answer(Turn *turn, Tcb *tcb, bool counts, RuleId rule);
static void challenge(Turn *turn, Tcb *tcb, RuleId rule);
static bool timestamp_passes(Turn *turn, Tcb *tcb, const Segment *seg);
static bool simultaneous_syn_ack(const Tcb *tcb, const Segment *seg);
static bool repeats_fin(const Tcb *tcb, const Segment *seg);
static void acknowledge_fin_again(Turn *turn, Tcb *tcb);
static void restart_time_wait(Turn *turn, Tcb *tcb);
static bool fin_acked(const Env *env, const Tcb *tcb);
static bool is_duplicate(const Tcb *tcb, const Segment *seg);
static void count_duplicate(Turn *turn, Tcb *tcb);
static void note_bare_ack(Turn *turn, Tcb *tcb, bool window_changed);
static bool update_window(Turn *turn, Tcb *tcb, const Segment *seg);
static void take_early_text(Turn *turn, Tcb *tcb, const Segment *seg, Part *part);
static void text_in_order(Turn *turn, Tcb *tcb, uint32_t count);

/* ---- The entry ---- */

void segment_arrives(Turn *turn, const Arrival *arrival) {
    Tcb *tcb = arrival->tcb;
    switch (tcb ? tcb->state : STATE_CLOSED) {
    case STATE_CLOSED: arrive_closed(turn, arrival); return;
    case STATE_LISTEN: arrive_listen(turn, tcb, arrival); return;
    case STATE_SYN_SENT: arrive_syn_sent(turn, tcb, arrival); return;
    case STATE_TIME_WAIT:
        if (time_wait_syn(turn, tcb, arrival)) return; /* RFC 6191 */
        arrive_other(turn, tcb, arrival);
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

/* ---- 3.10.7.1 CLOSED ---- */

void arrive_closed(Turn *turn, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    bool rst = seg->flags & FLAG_RST;
    Event *event = turn_event(turn, EVENT_IGNORE, rst ? RULE_CLOSED_RST : RULE_CLOSED_RESET);
    event->outcome = rst ? OUTCOME_REFUSED : OUTCOME_ANSWERED;
    event->host = arrival->host;
    event->src = seg->dst;
    event->dst = seg->src;
    if (!rst) send_rst_to(turn, arrival->host, NULL, seg, RULE_CLOSED_RESET);
}

/* ---- 3.10.7.2 LISTEN ---- */

void arrive_listen(Turn *turn, Tcb *listener, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    if (seg->flags & FLAG_RST) { /* first */
        refused(turn, listener, RULE_LISTEN_RST);
        return;
    }
    if (seg->flags & FLAG_ACK) { /* second */
        if (accept_cookie(turn, listener, arrival)) return;
        answered(turn, listener, RULE_LISTEN_ACK);
        send_rst_to(turn, arrival->host, NULL, seg, RULE_LISTEN_ACK);
        return;
    }
    if (seg->flags & FLAG_SYN) { /* third; security and compartment (RFC 9293 A.1) are left out */
        listen_syn(turn, listener, arrival);
        return;
    }
    refused(turn, listener, RULE_LISTEN_OTHER); /* fourth */
}

/* ---- 3.10.7.3 SYN_SENT ---- */

void arrive_syn_sent(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    bool ack = seg->flags & FLAG_ACK, rst = seg->flags & FLAG_RST;
    if (ack && (seq_leq(seg->ack, tcb->iss) || seq_gt(seg->ack, tcb->snd.nxt))) { /* first */
        if (rst) {
            refused(turn, tcb, RULE_SYN_SENT_BAD_ACK_RST);
            return;
        }
        answered(turn, tcb, RULE_SYN_SENT_BAD_ACK);
        send_rst_to(turn, arrival->host, tcb, seg, RULE_SYN_SENT_BAD_ACK);
        return;
    }
    if (rst) { /* second */
        if (ack) fail(turn, tcb, STATUS_CONNECTION_REFUSED, RULE_SYN_SENT_REFUSED);
        else refused(turn, tcb, RULE_SYN_SENT_RST_NO_ACK);
        return;
    }
    /* third: security and compartment are left out */
    if (!(seg->flags & FLAG_SYN)) { /* fifth */
        refused(turn, tcb, RULE_SYN_SENT_OTHER);
        return;
    }
    learn_peer(turn, tcb, arrival); /* fourth */
    if (ack) {
        syn_sent_established(turn, tcb, arrival);
        return;
    }
    learn_window(tcb, seg);
    keep_until_open(turn, tcb, arrival);
    send_syn_ack(turn, tcb, RULE_SYN_SENT_SYN, false);
    enter(turn, tcb, STATE_SYN_RCVD, RULE_SYN_SENT_SYN);
}

/* ---- 3.10.7.4 The other states ---- */

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
        if (arrive_text(turn, tcb, &part, arrival)) arrive_fin(turn, tcb, &part);
    }
    output(turn, tcb);
}

/* ---- First: the sequence number ---- */

/* The RFC's table. */
static bool acceptable(const Tcb *tcb, const Segment *seg) {
    uint32_t length = segment_length(seg), window = tcb->rcv.wnd;
    if (length == 0 && window == 0) return seq_eq(seg->seq, tcb->rcv.nxt);
    if (length == 0) return seq_in(seg->seq, tcb->rcv.nxt, window);
    if (window == 0) return false;
    return seq_in(seg->seq, tcb->rcv.nxt, window) || seq_in(seq_add(seg->seq, length - 1), tcb->rcv.nxt, window);
}

static bool deviates(Turn *turn, Tcb *tcb, const Segment *seg, Part *part);

/* An unacceptable segment is dropped; unless it is a RST, an ACK answers it. */
static bool arrive_sequence(Turn *turn, Tcb *tcb, const Segment *seg, Part *part) {
    if (!timestamp_passes(turn, tcb, seg)) return false; /* RFC 7323 5.3 */
    *part = trim(tcb, seg);
    part->repeats_syn = simultaneous_syn_ack(tcb, seg);
    if (part->repeats_syn || acceptable(tcb, seg) || deviates(turn, tcb, seg, part)) return true;
    if (seg->flags & FLAG_RST) refused(turn, tcb, RULE_SEQUENCE_UNACCEPTABLE_RST);
    else if (repeats_fin(tcb, seg)) acknowledge_fin_again(turn, tcb);
    else answer(turn, tcb, seg, RULE_SEQUENCE_UNACCEPTABLE);
    return false;
}

/* -- Deviations: segments that the table refuses and that are processed all the same, each under a rule of its own --
 */

/* A closed window takes no text, but the ACK, RST and URG of a segment at its edge are processed (MUST-66). */
static bool at_closed_window(const Tcb *tcb, const Segment *seg) {
    return tcb->rcv.wnd == 0 && seq_eq(seg->seq, tcb->rcv.nxt);
}

/* A bare ACK at RCV.NXT-1: either this side took the byte of a window probe and the peer has not received the ACK for
 * it, or the segment is a keep-alive probe. Its ACK must be processed: where both sides are in this state, neither
 * would ever accept the other's ACK (RFC 9293 A.2 describes such deadlocks). */
static bool behind_probe(const Tcb *tcb, const Segment *seg) {
    return state_synchronized(tcb->state) && segment_length(seg) == 0 && !(seg->flags & FLAG_RST) &&
           seq_eq(seg->seq, seq_sub(tcb->rcv.nxt, 1));
}

/* A bare ACK at the right edge of the window comes from a peer that has filled it; the data kept beyond a hole suggests
 * that it has. By the table such ACKs would be dropped, on both sides possibly, until one of them times out. */
static bool window_filled(const Tcb *tcb, const Segment *seg) {
    return tcb->kept.count > 0 && segment_length(seg) == 0 && !(seg->flags & FLAG_RST) &&
           seq_eq(seg->seq, seq_add(tcb->rcv.nxt, tcb->rcv.wnd));
}

static bool deviates(Turn *turn, Tcb *tcb, const Segment *seg, Part *part) {
    if (window_filled(tcb, seg)) {
        taken(turn, tcb, RULE_SEQUENCE_FILLED, 0);
        return true;
    }
    RuleId rule = at_closed_window(tcb, seg) ? RULE_SEQUENCE_CLOSED_WINDOW : RULE_SEQUENCE_BEHIND_PROBE;
    if (rule == RULE_SEQUENCE_BEHIND_PROBE && !behind_probe(tcb, seg)) return false;
    if (!(seg->flags & FLAG_RST) && may_answer(turn, tcb, segment_length(seg) == 0, rule)) ack_now(tcb, rule);
    *part = (Part){.seq = seg->seq, .outside = true};
    return true;
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
    case STATE_LAST_ACK:
        if (tcb_rule(&turn->env, tcb, HOST_RULE_closing_reset))
            fail(turn, tcb, STATUS_CONNECTION_RESET, RULE_RST_CLOSING_TOLD);
        else enter(turn, tcb, STATE_CLOSED, RULE_RST_CLOSING);
        return;
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
    if (!exact && tcb_rule(&turn->env, tcb, HOST_RULE_challenge_ack)) {
        challenge(turn, tcb, RULE_RST_CHALLENGE);
        return false;
    }
    if (tcb->state == STATE_TIME_WAIT && tcb_rule(&turn->env, tcb, HOST_RULE_rfc1337)) {
        refused(turn, tcb, RULE_RST_TIME_WAIT);
        return false;
    }
    reset_by_peer(turn, tcb);
    return false;
}

/* ---- Third: security and compartment ---- */

/* Left out: RFC 9293 A.1 finds them unused. The step is here so that the order is the RFC's. */
static bool arrive_security(void) { return true; }

/* ---- Fourth: SYN ---- */

static bool arrive_syn(Turn *turn, Tcb *tcb, const Segment *seg, const Part *part) {
    if (!(seg->flags & FLAG_SYN) || part->repeats_syn) return true;
    if (tcb->state == STATE_SYN_RCVD && tcb->passive) {
        enter(turn, tcb, STATE_LISTEN, RULE_SYN_PASSIVE);
        return false;
    }
    if (tcb_rule(&turn->env, tcb, HOST_RULE_challenge_ack)) {
        challenge(turn, tcb, RULE_SYN_CHALLENGE);
        return false;
    }
    send_rst_to(turn, tcb->host, tcb, seg, RULE_SYN_RESET);
    fail(turn, tcb, STATUS_CONNECTION_RESET, RULE_SYN_RESET);
    return false;
}

/* ---- Fifth: ACK ---- */

static bool ack_of_syn(Turn *turn, Tcb *tcb, const Segment *seg, const Part *part);
static bool ack_plausible(const Env *env, const Tcb *tcb, Seq ack);
static void ack_established(Turn *turn, Tcb *tcb, const Segment *seg);
static bool ack_of_fin(Turn *turn, Tcb *tcb);

static bool arrive_ack(Turn *turn, Tcb *tcb, const Segment *seg, Part *part) {
    if (!(seg->flags & FLAG_ACK)) {
        refused(turn, tcb, RULE_ACK_MISSING);
        return false;
    }
    bool opens = tcb->state == STATE_SYN_RCVD;
    if (opens && !ack_of_syn(turn, tcb, seg, part)) return false;
    if (!ack_plausible(&turn->env, tcb, seg->ack)) {
        challenge(turn, tcb, seq_gt(seg->ack, tcb->snd.nxt) ? RULE_ACK_TOO_FAR : RULE_ACK_OUT_OF_RANGE);
        return false;
    }
    tcb->answers_in_row = 0;
    /* RFC 7323 5.3 R3; not in step 1, so that a segment with an unacceptable ACK does not change TS.Recent. */
    if (!part->outside) timestamp_learn(&turn->env, tcb, seg);
    ack_established(turn, tcb, seg);
    if (opens) open_established(turn, tcb);
    take_early_text(turn, tcb, seg, part);
    if (tcb->state == STATE_ESTABLISHED && tcb->fin_queued)
        enter(turn, tcb, STATE_FIN_WAIT_1, RULE_CLOSE_WAITS_FOR_OPEN);
    return !fin_acked(&turn->env, tcb) || ack_of_fin(turn, tcb);
}

/* SYN_RCVD */
static bool ack_of_syn(Turn *turn, Tcb *tcb, const Segment *seg, const Part *part) {
    if (!seq_gt(seg->ack, tcb->snd.una) || seq_gt(seg->ack, tcb->snd.nxt)) {
        answered(turn, tcb, RULE_ACK_SYN_RCVD_BAD);
        send_rst_to(turn, tcb->host, tcb, seg, RULE_ACK_SYN_RCVD_BAD);
        return false;
    }
    const Tcb *listener = conn_is(tcb->listener) ? tcb_at(turn->tcbs, tcb->listener) : NULL;
    if (listener && accept_queue_full(listener)) {
        refused(turn, tcb, RULE_ACK_QUEUE_FULL);
        return false;
    }
    learn_window(tcb, seg);
    enter(turn, tcb, STATE_ESTABLISHED, part->repeats_syn ? RULE_SIMULTANEOUS_SYN_ACK : RULE_ACK_SYN_RCVD);
    return true;
}

/* RFC 5961 5.2: an ACK far behind or ahead may be a blind attack. */
static bool ack_plausible(const Env *env, const Tcb *tcb, Seq ack) {
    if (seq_gt(ack, tcb->snd.nxt)) return false;
    if (!tcb_rule(env, tcb, HOST_RULE_challenge_ack)) return true;
    return seq_geq(ack, seq_sub(tcb->snd.una, tcb->snd.max_wnd));
}

/* The ACK processing of ESTABLISHED, which all later states share. */
static void ack_established(Turn *turn, Tcb *tcb, const Segment *seg) {
    bool advances = seq_gt(seg->ack, tcb->snd.una), syn = seq_eq(tcb->snd.una, tcb->iss);
    bool new_sack = sack_learn(&turn->store, tcb, seg);
    bool duplicate = !advances && (new_sack || is_duplicate(tcb, seg));
    if (advances) {
        if (!syn) taken(turn, tcb, RULE_ACK_NEW, 0);
        acknowledge(turn, tcb, seg);
        if (new_sack && congestion_sacked(&turn->env, tcb)) send_again(turn, tcb, RULE_FAST_RETRANSMIT);
    }
    if (duplicate) count_duplicate(turn, tcb);
    bool changed = update_window(turn, tcb, seg);
    if (!advances && !duplicate && segment_length(seg) == 0) note_bare_ack(turn, tcb, changed);
    if (segment_length(seg) == 0 && tcb_rule(&turn->env, tcb, HOST_RULE_ack_acks))
        ack_now(tcb, RULE_WHAT_IF_ACK_OF_ACK);
    if (timer_runs(tcb, TIMER_PERSIST)) timer_stop(turn, tcb, TIMER_USER); /* the peer answers probes (MUST-37) */
}

/* Our FIN is acknowledged. FIN_WAIT_1 is left in step 8: this segment may carry the peer's FIN too. */
static bool ack_of_fin(Turn *turn, Tcb *tcb) {
    const Env *env = &turn->env;
    switch (tcb->state) {
    case STATE_CLOSING: enter_time_wait(turn, tcb, fin_rule(env, tcb, RULE_ACK_FIN_CLOSING)); return !tcb->gone;
    case STATE_LAST_ACK: enter(turn, tcb, STATE_CLOSED, fin_rule(env, tcb, RULE_ACK_FIN_LAST)); return false;
    case STATE_FIN_WAIT_1:
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

/* ---- Sixth: URG ---- */

void arrive_urg(Turn *turn, Tcb *tcb, const Arrival *arrival) {
    const Segment *seg = arrival->seg;
    if (!(seg->flags & FLAG_URG) || !state_receives(tcb->state)) return;
    Seq up = seq_add(seg->seq, seg->urgent);
    if (seq_leq(up, tcb->rcv.up)) return;
    tcb->rcv.up = up;
    taken(turn, tcb, RULE_URGENT, 0);
}

/* ---- Seventh: text ---- */

bool arrive_text(Turn *turn, Tcb *tcb, const Part *part, const Arrival *arrival) {
    if (part->length == 0) return true;
    if (!state_receives(tcb->state)) {
        refused(turn, tcb, RULE_TEXT_AFTER_FIN);
        return true;
    }
    if (tcb->closed) { /* RFC 9293 3.6.1, SHLD-3: the data is lost, and a RST says so */
        answered(turn, tcb, RULE_TEXT_AFTER_CLOSE);
        send_rst(turn, tcb, RULE_TEXT_AFTER_CLOSE);
        enter(turn, tcb, STATE_CLOSED, RULE_TEXT_AFTER_CLOSE);
        return false;
    }
    turn_accepted(turn, tcb, arrival->origin);
    bool had_hole = tcb->kept.count > 0;
    uint32_t count = reassemble(&turn->store, tcb, part->seq, part->data, part->length);
    /* Beyond a hole, or filling one: acknowledged at once (RFC 5681 4.2). */
    if (count == 0) {
        kept(turn, tcb, RULE_SEQUENCE_LATER);
        ack_now(tcb, RULE_SEQUENCE_LATER);
    } else if (had_hole) {
        ack_now(tcb, RULE_ACK_NOW);
    }
    text_in_order(turn, tcb, count);
    return true;
}

/* ---- Eighth: FIN ---- */

static void second_fin(Turn *turn, Tcb *tcb);
static bool fin_in_order(Turn *turn, Tcb *tcb, const Part *part);
static void closed_by_peer(Turn *turn, Tcb *tcb);

void arrive_fin(Turn *turn, Tcb *tcb, const Part *part) {
    if (part->fin && tcb->fin_seen) {
        second_fin(turn, tcb);
        return;
    }
    if (fin_in_order(turn, tcb, part)) closed_by_peer(turn, tcb);
    if (tcb->state != STATE_FIN_WAIT_1 || !fin_acked(&turn->env, tcb)) return;
    enter(turn, tcb, STATE_FIN_WAIT_2, fin_rule(&turn->env, tcb, RULE_ACK_FIN)); /* found in step 5 */
    start_fin_wait_2_timer(turn, tcb);
}

/* A FIN beyond the first one, which no correct TCP sends: acknowledged, and TIME_WAIT starts again. */
static void second_fin(Turn *turn, Tcb *tcb) {
    ack_now(tcb, tcb->state == STATE_TIME_WAIT ? RULE_TIME_WAIT_FIN_AGAIN : RULE_FIN_AGAIN);
    if (tcb->state == STATE_TIME_WAIT) restart_time_wait(turn, tcb);
}

/* True where the peer's FIN, of this segment or of an earlier one beyond a hole, is next in order. */
static bool fin_in_order(Turn *turn, Tcb *tcb, const Part *part) {
    if (part->fin && !tcb->fin_known) {
        tcb->fin_known = true;
        tcb->rcv.fin = seq_add(part->seq, part->length);
    }
    if (!tcb->fin_known || tcb->fin_seen) return false;
    if (!seq_eq(tcb->rcv.nxt, tcb->rcv.fin)) {
        if (!part->fin) return false;
        if (part->length == 0) kept(turn, tcb, RULE_SEQUENCE_LATER);
        ack_now(tcb, RULE_SEQUENCE_LATER);
        return false;
    }
    tcb->fin_seen = true;
    pieces_clear(&turn->store, &tcb->kept); /* nothing can lie beyond it */
    uint32_t length = fin_length(&turn->env, tcb);
    if (!length) taken(turn, tcb, RULE_WHAT_IF_FIN_UNCOUNTED, 0);
    tcb->rcv.nxt = seq_add(tcb->rcv.nxt, length);
    return true;
}

static void closed_by_peer(Turn *turn, Tcb *tcb) {
    RuleId rule = RULE_FIN_FIN_WAIT_2;
    switch (tcb->state) {
    case STATE_ESTABLISHED:
        ack_now(tcb, RULE_FIN_ESTABLISHED);
        enter(turn, tcb, STATE_CLOSE_WAIT, RULE_FIN_ESTABLISHED);
        if (tcb->close_on_fin) close_sending(turn, tcb);
        return;
    case STATE_FIN_WAIT_1:
        if (!fin_acked(&turn->env, tcb)) {
            ack_now(tcb, RULE_FIN_FIN_WAIT_1);
            enter(turn, tcb, STATE_CLOSING, RULE_FIN_FIN_WAIT_1);
            return;
        }
        rule = fin_rule(&turn->env, tcb, RULE_ACK_FIN_AND_FIN); /* RFC 1122 4.2.2.8 (c) */
        break;
    case STATE_FIN_WAIT_2: break;
    case STATE_CLOSED:
    case STATE_LISTEN:
    case STATE_SYN_SENT:
    case STATE_SYN_RCVD:
    case STATE_CLOSE_WAIT:
    case STATE_CLOSING:
    case STATE_LAST_ACK:
    case STATE_TIME_WAIT:
    case STATE_COUNT: return; /* the state stays */
    }
    send_ack(turn, tcb, rule);
    enter_time_wait(turn, tcb, rule);
}

/* ==== Shared functions ==== */

/* ---- What became of the segment ---- */

static void note_outcome(Turn *turn, const Tcb *tcb, EventKind kind, RuleId rule, Outcome outcome, uint32_t value) {
    Event *event = turn_note(turn, tcb, kind, rule);
    event->outcome = outcome;
    event->value = value;
}

void taken(Turn *turn, const Tcb *tcb, RuleId rule, uint32_t count) {
    note_outcome(turn, tcb, EVENT_ACCEPT, rule, OUTCOME_TAKEN, count);
}
void kept(Turn *turn, const Tcb *tcb, RuleId rule) { note_outcome(turn, tcb, EVENT_ACCEPT, rule, OUTCOME_KEPT, 0); }
void answered(Turn *turn, const Tcb *tcb, RuleId rule) {
    note_outcome(turn, tcb, EVENT_IGNORE, rule, OUTCOME_ANSWERED, 0);
}
void refused(Turn *turn, const Tcb *tcb, RuleId rule) {
    note_outcome(turn, tcb, EVENT_IGNORE, rule, OUTCOME_REFUSED, 0);
}

/* ---- Answers: an ACK that says what is expected ---- */

/* The one throttle. At most ten answers in five seconds (RFC 5961 7), and at most twenty in a row without an acceptable
 * segment between them: two TCPs that find each other's ACKs unacceptable must stop answering. */
static bool throttled(Turn *turn, Tcb *tcb) {
    enum { MOST = 10, MOST_IN_ROW = 20 };
    const Micros span = 5 * MICROS_PER_SECOND;
    if (tcb->challenges == 0 || turn->env.now - tcb->challenge_since >= span) {
        tcb->challenge_since = turn->env.now;
        tcb->challenges = 0;
    }
    if (tcb->challenges >= MOST || tcb->answers_in_row >= MOST_IN_ROW) return true;
    tcb->challenges++;
    tcb->answers_in_row++;
    return false;
}

/* Records the outcome of a segment that requires an answer; false where the throttle suppresses the answer. `counts`:
 * the answer is subject to the throttle. */
static bool may_answer(Turn *turn, Tcb *tcb, bool counts, RuleId rule) {
    if (!counts || !throttled(turn, tcb)) {
        answered(turn, tcb, rule);
        return true;
    }
    refused(turn, tcb, rule);
    refused(turn, tcb, RULE_CHALLENGE_THROTTLED);
    return false;
}

/* Answers to segments without text, SYN and FIN are subject to the throttle. */
static void answer(Turn *turn, Tcb *tcb, const Segment *seg, RuleId rule) {
    if (may_answer(turn, tcb, segment_length(seg) == 0, rule)) send_ack(turn, tcb, rule);
}

/* A challenge ACK (RFC 5961 3.2, 4.2, 5.2). */
static void challenge(Turn *turn, Tcb *tcb, RuleId rule) {
    if (may_answer(turn, tcb, true, rule)) send_ack(turn, tcb, rule);
}

/* ---- For the first step ---- */

/* RFC 7323 3.2 and 5.3 R1: a RST is exempt. */
static bool timestamp_passes(Turn *turn, Tcb *tcb, const Segment *seg) {
    if (!tcb->timestamps || (seg->flags & FLAG_RST)) return true;
    if (!seg->options.timestamps) {
        refused(turn, tcb, RULE_TIMESTAMP_MISSING);
        return false;
    }
    if (!timestamp_old(&turn->env, tcb, &seg->options)) return true;
    answer(turn, tcb, seg, RULE_TIMESTAMP_OLD);
    return false;
}

/* Figure 7 of RFC 9293 3.5 completes a simultaneous open with a SYN,ACK that repeats the SYN; by the table its sequence
 * number is old. */
static bool simultaneous_syn_ack(const Tcb *tcb, const Segment *seg) {
    const uint8_t both = FLAG_SYN | FLAG_ACK;
    return tcb->state == STATE_SYN_RCVD && !tcb->passive && (seg->flags & (both | FLAG_RST)) == both &&
           seq_eq(seg->seq, tcb->irs);
}

/* By the table a retransmitted FIN is dropped in step 1; step 8 requires that it restarts the TIME_WAIT timer. */
static bool repeats_fin(const Tcb *tcb, const Segment *seg) {
    return tcb->state == STATE_TIME_WAIT && (seg->flags & FLAG_FIN) && !(seg->flags & FLAG_SYN) &&
           seq_eq(seq_add(seg->seq, segment_length(seg)), tcb->rcv.nxt);
}

static void restart_time_wait(Turn *turn, Tcb *tcb) {
    timer_start(turn, tcb, TIMER_TIME_WAIT, tcb->timer_lengths[TIMER_TIME_WAIT]);
}

static void acknowledge_fin_again(Turn *turn, Tcb *tcb) {
    restart_time_wait(turn, tcb);
    send_ack(turn, tcb, RULE_TIME_WAIT_FIN_AGAIN);
}

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
    if (part.length > room) part.length = room;
    if (part.fin && part.length == room) part.fin = false; /* the FIN itself is beyond the edge */
    return part;
}

/* ---- For the fifth step ---- */

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

/* True where the window has changed. */
static bool update_window(Turn *turn, Tcb *tcb, const Segment *seg) {
    uint32_t before = tcb->snd.wnd;
    bool newer = seq_lt(tcb->snd.wl1, seg->seq) || (seq_eq(tcb->snd.wl1, seg->seq) && seq_leq(tcb->snd.wl2, seg->ack));
    if (newer && seq_geq(seg->ack, tcb->snd.una)) learn_window(tcb, seg);
    if ((before == 0) != (tcb->snd.wnd == 0))
        timer_stop(turn, tcb, TIMER_PERSIST); /* its interval depends on whether the window is zero */
    return tcb->snd.wnd != before;
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
        if (tcb->send_queue.length == 0) bytes_free(&turn->store, &tcb->send_queue);
        tcb->snd.base = data_end;
    }
    tcb->snd.una = ack;
    tcb->snd.up = seq_max(tcb->snd.up, ack);
    tcb->snd.resend = seq_max(tcb->snd.resend, ack);
    tcb->retransmissions = 0;
    pieces_trim(&turn->store, &tcb->sacked, ack);
    tcb->high_rxt = seq_max(tcb->high_rxt, ack);
    Micros age = timestamp_age(&turn->env, tcb, seg); /* only where SND.UNA advances (RFC 7323 4.1) */
    if (age < 0) {
        estimate_end(&turn->env, tcb, ack);
    } else {
        estimate_sample(&turn->env, tcb, age);
        estimate_cancel(tcb); /* began with the SYN, before echoes were agreed on */
    }
    restart_timers(turn, tcb);
    if (syn) return; /* the ACK of a SYN does not grow the congestion window (RFC 5681 3.1) */
    congestion_acked(&turn->env, tcb, acked);
    if (congestion_partial(tcb)) send_again(turn, tcb, RULE_PARTIAL_ACK);
}

/* RFC 5681 2: what counts as a duplicate ACK. The answer to a zero-window probe is no sign of loss. */
static bool is_duplicate(const Tcb *tcb, const Segment *seg) {
    return seq_eq(seg->ack, tcb->snd.una) && seq_lt(tcb->snd.una, tcb->snd.nxt) && segment_length(seg) == 0 &&
           window_of(tcb, seg) == tcb->snd.wnd && tcb->probes == 0;
}

static void count_duplicate(Turn *turn, Tcb *tcb) {
    bool recovers = congestion_duplicate(&turn->env, tcb);
    note_outcome(turn, tcb, EVENT_ACCEPT, RULE_ACK_DUPLICATE_COUNTED, OUTCOME_DUPLICATE_ACK, tcb->dup_acks);
    if (recovers) send_again(turn, tcb, RULE_FAST_RETRANSMIT);
}

/* It carries no text, acknowledges nothing new, and is no duplicate ACK. */
static void note_bare_ack(Turn *turn, Tcb *tcb, bool window_changed) {
    if (window_changed)
        note_outcome(turn, tcb, EVENT_ACCEPT, RULE_ACK_WINDOW_UPDATE, OUTCOME_WINDOW_UPDATE, tcb->snd.wnd);
    else if (tcb->probes > 0 && timer_runs(tcb, TIMER_USER)) taken(turn, tcb, RULE_ACK_PROBE_ANSWERED, 0);
    else refused(turn, tcb, RULE_ACK_DUPLICATE);
}

static bool fin_acked(const Env *env, const Tcb *tcb) {
    return tcb->fin_sent && seq_geq(tcb->snd.una, seq_add(fin_seq(tcb), fin_length(env, tcb)));
}

/* ---- For the seventh step ---- */

/* Bytes became readable: the right edge of the window stays, an ACK is due. */
static void text_in_order(Turn *turn, Tcb *tcb, uint32_t count) {
    if (count == 0) return;
    taken(turn, tcb, RULE_TEXT_IN_ORDER, count);
    tcb->rcv.wnd -= count;
    tcb->ack_bytes += count;
    ack_later(turn, tcb);
}

/* The connection is open: text that came with the SYN becomes readable, and RCV.NXT advances. */
static void take_early_text(Turn *turn, Tcb *tcb, const Segment *seg, Part *part) {
    uint32_t count = seq_eq(tcb->snd.una, tcb->iss) ? 0 : reassemble_waiting(&turn->store, tcb);
    text_in_order(turn, tcb, count);
    if (count) *part = trim(tcb, seg);
}
