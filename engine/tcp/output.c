/* output.c - the only place where segments are built. */
#include <assert.h>

#include "tcp.h"

enum { SILLY_WINDOW_WAIT = 200000 /* microseconds; RFC 9293 3.8.6.2.1: 0.1 to 1 s */ };
enum { WINDOW_FIELD = 65535, LARGEST_SEGMENT = 65535 };

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

Seq fin_seq(const Tcb *tcb) { return seq_add(tcb->snd.base, tcb->send_queue.length); }

uint32_t fin_length(const Env *env, const Tcb *tcb) { return tcb_rule(env, tcb, HOST_RULE_fin_counts) ? 1 : 0; }

RuleId fin_rule(const Env *env, const Tcb *tcb, RuleId rule) {
    return fin_length(env, tcb) ? rule : RULE_WHAT_IF_FIN_UNCOUNTED;
}

/* ---- The window this side offers ---- */

uint32_t window_gain(const Env *env, const Tcb *tcb) {
    uint32_t buffer = (uint32_t)tcb_rule(env, tcb, HOST_RULE_recv_buffer);
    uint32_t room = buffer > tcb->recv_queue.length ? buffer - tcb->recv_queue.length : 0;
    uint8_t shift = tcb->rcv_shift;
    bool all_read = tcb->recv_queue.length == 0,
         zero_window = tcb->rcv.wnd >> shift == 0; /* as announced, in units of the scale */
    room = least(room, (uint32_t)WINDOW_FIELD << shift) >> shift << shift;
    /* A buffer smaller than one unit of the scale must still be offered, or the window would stay zero for ever. */
    if (room == 0 && all_read) room = UINT32_C(1) << shift;
    if (room <= tcb->rcv.wnd) return 0;
    uint32_t gain = room - tcb->rcv.wnd;
    if (zero_window && all_read) return gain;
    return gain < least(buffer / 2, effective_mss(env, tcb)) ? 0 : gain; /* no silly windows (MUST-39) */
}

/* ---- Building ---- */

static void ack_sent(Turn *turn, Tcb *tcb) {
    tcb->ack_now = false;
    tcb->ack_bytes = 0;
    timer_stop(turn, tcb, TIMER_DELAYED_ACK);
}

/* TTL and Diffserv are the host's settings (MUST-48, MUST-49). */
static void address(Turn *turn, HostId host, Endpoint src, Endpoint dst, Segment *seg) {
    const int64_t *rules = turn->env.hosts[host].rules;
    *seg = (Segment){.options = OPTIONS_NONE};
    seg->src = src;
    seg->dst = dst;
    seg->ttl = (uint8_t)rules[HOST_RULE_ttl];
    seg->tos = (uint8_t)(rules[HOST_RULE_diffserv] << 2);
}

static void blank(Turn *turn, const Tcb *tcb, Segment *seg) {
    address(turn, tcb->host, tcb->local, tcb->remote, seg);
    seg->ttl = (uint8_t)tcb_rule(&turn->env, tcb, HOST_RULE_ttl);
    seg->tos = (uint8_t)(tcb_rule(&turn->env, tcb, HOST_RULE_diffserv) << 2);
}

/* Fills in what every segment of a connection carries: the ACK, the window, and the negotiated options. */
static void emit(Turn *turn, Tcb *tcb, Segment *seg, RuleId rule, bool again) {
    bool syn = seg->flags & FLAG_SYN, ack = seg->flags & FLAG_ACK;
    if (ack) {
        if (!syn) tcb->rcv.wnd += window_gain(&turn->env, tcb);
        seg->ack = tcb->last_ack_sent = tcb->rcv.nxt;
        ack_sent(turn, tcb);
    }
    if (!syn) options_carry(&turn->env, tcb, &seg->options, ack);
    if (!syn && ack) sack_report(&turn->env, tcb, &seg->options);
    seg->window = (uint16_t)least(tcb->rcv.wnd >> (syn ? 0 : tcb->rcv_shift), WINDOW_FIELD);
    turn_emit(turn, tcb->host, tcb, seg, rule, again);
}

static void emit_syn(Turn *turn, Tcb *tcb, uint8_t flags, RuleId rule, bool again) {
    Segment seg;
    blank(turn, tcb, &seg);
    seg.seq = tcb->iss;
    seg.flags = flags;
    if (flags & FLAG_ACK) options_answer(&turn->env, tcb, &seg.options);
    else options_offer(&turn->env, tcb, &seg.options);
    emit(turn, tcb, &seg, rule, again);
}

static void arm_retransmission(Turn *turn, Tcb *tcb, HostRule limit) {
    if (!timer_runs(tcb, TIMER_RETRANSMIT)) timer_start(turn, tcb, TIMER_RETRANSMIT, tcb->rto);
    if (!timer_runs(tcb, TIMER_USER)) timer_start(turn, tcb, TIMER_USER, tcb_rule(&turn->env, tcb, limit));
}

static void await_ack_of_syn(Turn *turn, Tcb *tcb, bool again) {
    if (!again) estimate_begin(&turn->env, tcb, seq_add(tcb->iss, 1));
    arm_retransmission(turn, tcb, HOST_RULE_syn_timeout);
}

void send_syn(Turn *turn, Tcb *tcb, RuleId rule, bool again) {
    emit_syn(turn, tcb, FLAG_SYN, rule, again);
    await_ack_of_syn(turn, tcb, again);
}

void send_syn_ack(Turn *turn, Tcb *tcb, RuleId rule, bool again) {
    emit_syn(turn, tcb, FLAG_SYN | FLAG_ACK, rule, again);
    if (seq_eq(tcb->snd.una, tcb->iss)) await_ack_of_syn(turn, tcb, again); /* not in the two-way handshake */
}

void send_cookie(Turn *turn, HostId host, const Segment *syn, Seq cookie) {
    Segment seg;
    address(turn, host, syn->dst, syn->src, &seg);
    seg.seq = cookie;
    seg.ack = seq_add(syn->seq, 1);
    seg.flags = FLAG_SYN | FLAG_ACK;
    const int64_t *rules = turn->env.hosts[host].rules;
    seg.options.mss = offered_mss(&turn->env, host);
    seg.window = (uint16_t)(rules[HOST_RULE_recv_buffer] < WINDOW_FIELD ? rules[HOST_RULE_recv_buffer] : WINDOW_FIELD);
    turn_emit(turn, host, NULL, &seg, RULE_COOKIE_SENT, false);
}

void send_ack(Turn *turn, Tcb *tcb, RuleId rule) {
    Segment seg;
    blank(turn, tcb, &seg);
    /* Where the peer's window is closed, a sequence number after the byte of a probe would be unacceptable there. */
    seg.seq = tcb->snd.wnd == 0 ? tcb->snd.resend : tcb->snd.nxt;
    seg.flags = FLAG_ACK;
    emit(turn, tcb, &seg, rule, false);
}

void send_keepalive(Turn *turn, Tcb *tcb) {
    Segment seg;
    blank(turn, tcb, &seg);
    seg.seq = seq_sub(tcb->snd.nxt, 1);
    seg.flags = FLAG_ACK;
    emit(turn, tcb, &seg, RULE_KEEPALIVE, true);
}

void send_rst(Turn *turn, Tcb *tcb, RuleId rule) {
    Segment seg;
    blank(turn, tcb, &seg);
    seg.seq = tcb->snd.nxt;
    seg.flags = FLAG_RST;
    options_carry(&turn->env, tcb, &seg.options, false);
    turn_emit(turn, tcb->host, tcb, &seg, rule, false);
}

void send_rst_to(Turn *turn, HostId host, const Tcb *tcb, const Segment *seg, RuleId rule) {
    assert(!(seg->flags & FLAG_RST));
    Segment rst;
    address(turn, host, seg->dst, seg->src, &rst);
    if (seg->flags & FLAG_ACK) {
        rst.seq = seg->ack;
        rst.flags = FLAG_RST;
    } else {
        rst.ack = seq_add(seg->seq, segment_length(seg));
        rst.flags = FLAG_RST | FLAG_ACK;
    }
    turn_emit(turn, host, tcb, &rst, rule, false);
}

/* `length` bytes of the send queue from `seq` on, with the given flags. */
static void emit_data(Turn *turn, Tcb *tcb, Seq seq, uint32_t length, uint8_t flags, RuleId rule, bool again) {
    uint8_t scratch[LARGEST_SEGMENT];
    Segment seg;
    blank(turn, tcb, &seg);
    seg.seq = seq;
    seg.flags = flags;
    if (seq_lt(seq, tcb->snd.up)) { /* it points to the byte after the urgent data (MUST-62) */
        seg.flags |= FLAG_URG;
        seg.urgent = (uint16_t)least(seq_distance(seq, tcb->snd.up), 65535);
    }
    if (length) {
        seg.data = bytes_look(turn->store.bytes, &tcb->send_queue, seq_distance(tcb->snd.base, seq), length, scratch);
        seg.data_length = (uint16_t)length;
    }
    emit(turn, tcb, &seg, rule, again);
}

/* ---- What may be sent ---- */

typedef struct Portion {
    Seq from;
    uint32_t length;
    bool fin, again;
} Portion;

/* The next segment within `edge`; nothing where length is 0 and fin false. */
static Portion next_portion(const Env *env, const Tcb *tcb, Seq edge) {
    Portion p = {.from = tcb->snd.resend, .again = seq_lt(tcb->snd.resend, tcb->snd.nxt)};
    Seq end = fin_seq(tcb);
    bool sent_only = p.again && tcb->probes == 0; /* the byte of a probe is sent again with what follows it */
    Seq stop = sent_only ? seq_min(tcb->snd.nxt, end) : end;
    uint32_t room = seq_lt(p.from, edge) ? seq_distance(p.from, edge) : 0;
    uint32_t ready = seq_lt(p.from, stop) ? seq_distance(p.from, stop) : 0;
    bool fin_due = p.again ? tcb->fin_sent : tcb->fin_queued && !tcb->fin_sent;
    if (!ready && !fin_due) return p;
    p.length = least(least(ready, room), segment_room(env, tcb));
    p.fin = fin_due && room > p.length && seq_eq(seq_add(p.from, p.length), end);
    return p;
}

/* Sender's silly-window avoidance and Nagle (RFC 9293 3.8.6.2.1, 3.7.4). */
static SendHold hold_of_portion(const Env *env, const Tcb *tcb, const Portion *p) {
    if (p->again || p->fin || p->length >= segment_room(env, tcb)) return HOLD_NONE;
    bool all = seq_eq(seq_add(p->from, p->length), fin_seq(tcb));
    if (tcb_rule(env, tcb, HOST_RULE_nagle) && !seq_eq(tcb->snd.una, tcb->snd.nxt)) return HOLD_NAGLE;
    return p->length > 0 && (all || p->length >= tcb->snd.max_wnd / 2) ? HOLD_NONE : HOLD_SILLY_WINDOW;
}

static bool worth_sending(const Env *env, const Tcb *tcb, const Portion *p) {
    return hold_of_portion(env, tcb, p) == HOLD_NONE;
}

static void send_portion(Turn *turn, Tcb *tcb, const Portion *p, RuleId rule) {
    Seq end = seq_add(p->from, p->length + (p->fin ? fin_length(&turn->env, tcb) : 0));
    uint8_t flags = FLAG_ACK;
    if (p->fin) flags |= FLAG_FIN;
    if (p->length && seq_eq(seq_add(p->from, p->length), fin_seq(tcb))) flags |= FLAG_PSH; /* MUST-61 */
    if (p->again) estimate_cancel(tcb);                                                    /* Karn's rule */
    else estimate_begin(&turn->env, tcb, end);
    emit_data(turn, tcb, p->from, p->length, flags, rule, p->again);
    tcb->last_sent = turn->env.now;
    tcb->snd.resend = end;
    tcb->snd.nxt = seq_max(tcb->snd.nxt, end);
    if (!p->fin) return;
    tcb->fin_sent = true;
    if (tcb->state == STATE_CLOSE_WAIT) enter(turn, tcb, STATE_LAST_ACK, RULE_CLOSE_CLOSE_WAIT);
}

void send_again(Turn *turn, Tcb *tcb, RuleId rule) {
    estimate_cancel(tcb);
    if (seq_eq(tcb->snd.una, tcb->iss)) {
        if (tcb->state == STATE_SYN_SENT) send_syn(turn, tcb, rule, true);
        else send_syn_ack(turn, tcb, rule, true);
        return;
    }
    Seq resend = tcb->snd.resend;
    tcb->snd.resend = tcb->snd.una;
    Portion p = next_portion(&turn->env, tcb, seq_add(tcb->snd.una, tcb->snd.wnd));
    if (p.length || p.fin) send_portion(turn, tcb, &p, rule);
    tcb->high_rxt = seq_max(tcb->high_rxt, tcb->snd.resend);
    bool go_back = rule == RULE_TIMEOUT_RETRANSMIT && tcb_rule(&turn->env, tcb, HOST_RULE_congestion);
    if (!go_back) tcb->snd.resend = resend;
}

void send_probe(Turn *turn, Tcb *tcb, RuleId rule) {
    Seq resend = tcb->snd.resend;
    tcb->snd.resend = tcb->snd.una;
    /* A window that is open but small takes what fits (RFC 9293 3.8.6.2.1 (4)). */
    Portion p = next_portion(&turn->env, tcb, seq_add(tcb->snd.una, tcb->snd.wnd ? tcb->snd.wnd : 1));
    if (p.length || p.fin) send_portion(turn, tcb, &p, rule);
    tcb->snd.resend = tcb->snd.wnd ? seq_max(resend, tcb->snd.resend)
                                   : tcb->snd.una; /* a closed window takes nothing */
}

/* At most one of the retransmission and persist timers runs (RFC 6298 5, RFC 9293 3.8.6.1). */
static void arm_timers(Turn *turn, Tcb *tcb) {
    bool outstanding = seq_lt(tcb->snd.una, tcb->snd.nxt);
    bool waiting = seq_lt(tcb->snd.nxt, fin_seq(tcb)) || (tcb->fin_queued && !tcb->fin_sent);
    bool opening = seq_eq(tcb->snd.una, tcb->iss); /* the SYN needs no window */
    bool zero_window = !opening && tcb->snd.wnd == 0 && (outstanding || waiting);
    if (zero_window || (waiting && !outstanding)) {
        timer_stop(turn, tcb, TIMER_RETRANSMIT);
        Micros wait = zero_window ? tcb->rto : SILLY_WINDOW_WAIT;
        if (!timer_runs(tcb, TIMER_PERSIST)) timer_start(turn, tcb, TIMER_PERSIST, wait);
        return;
    }
    timer_stop(turn, tcb, TIMER_PERSIST);
    tcb->probes = 0;
    if (outstanding) arm_retransmission(turn, tcb, HOST_RULE_user_timeout); /* else acknowledge() has stopped it */
}

/* RFC 6675 5 (C): lost data first, then new data, then the other holes, as long as the pipe leaves room. */
static void output_holes(Turn *turn, Tcb *tcb) {
    uint32_t mss = effective_mss(&turn->env, tcb);
    while (sack_pipe(&turn->env, tcb) + mss <= tcb->cwnd) {
        Portion p = {.again = true};
        bool hole = sack_next(&turn->env, tcb, true, &p.from, &p.length), next = false;
        if (!hole) {
            p = next_portion(&turn->env, tcb,
                             seq_add(tcb->snd.una, tcb->snd.wnd)); /* after a probe this may be a retransmission */
            next = (p.length || p.fin) && worth_sending(&turn->env, tcb, &p);
        }
        if (!hole && !next) {
            p = (Portion){.again = true};
            hole = sack_next(&turn->env, tcb, false, &p.from, &p.length);
        }
        if (!hole && !next) return;
        Seq resend = tcb->snd.resend;
        RuleId fresh = p.fin ? fin_rule(&turn->env, tcb, RULE_FIN_SENT) : RULE_DATA_WINDOW;
        send_portion(turn, tcb, &p, p.again ? RULE_SACK_HOLE : fresh);
        if (p.again) tcb->high_rxt = seq_max(tcb->high_rxt, seq_add(p.from, p.length));
        if (hole) tcb->snd.resend = resend;
    }
}

static void output_data(Turn *turn, Tcb *tcb) {
    Seq window = seq_add(tcb->snd.una, tcb->cwnd);
    Seq edge = seq_add(tcb->snd.una, least(tcb->cwnd + congestion_spare(&turn->env, tcb), tcb->snd.wnd));
    for (;;) {
        Portion p = next_portion(&turn->env, tcb, edge);
        if ((!p.length && !p.fin) || !worth_sending(&turn->env, tcb, &p)) return;
        RuleId fresh = seq_geq(p.from, window) ? RULE_LIMITED_TRANSMIT : RULE_DATA_WINDOW;
        if (p.fin) fresh = fin_rule(&turn->env, tcb, RULE_FIN_SENT);
        RuleId rule = p.again ? RULE_TIMEOUT_RETRANSMIT : fresh;
        send_portion(turn, tcb, &p, rule);
    }
}

static bool has_output(const Tcb *tcb) {
    return state_synchronized(tcb->state) && tcb->state != STATE_TIME_WAIT && tcb->state != STATE_FIN_WAIT_2;
}

SendHold send_hold(const Env *env, const Tcb *tcb) {
    bool waits = tcb->send_queue.length > 0 && seq_lt(tcb->snd.nxt, fin_seq(tcb));
    if (tcb->gone || (!waits && (!tcb->fin_queued || tcb->fin_sent))) return HOLD_NONE;
    if (!has_output(tcb)) return HOLD_HANDSHAKE;
    if (tcb->snd.wnd == 0) return HOLD_CLOSED_WINDOW;
    Seq window = seq_add(tcb->snd.una, tcb->snd.wnd), congestion = seq_add(tcb->snd.una, tcb->cwnd);
    if (seq_geq(tcb->snd.nxt, window)) return HOLD_WINDOW;
    if (seq_geq(tcb->snd.nxt, congestion)) return HOLD_CONGESTION;
    Portion p = next_portion(env, tcb, seq_min(window, congestion));
    SendHold hold = hold_of_portion(env, tcb, &p);
    bool cut = hold != HOLD_NONE && seq_lt(seq_add(p.from, p.length), fin_seq(tcb)); /* there is more than fits */
    if (!cut) return hold;
    return seq_lt(congestion, window) ? HOLD_CONGESTION : HOLD_SILLY_WINDOW;
}

void output(Turn *turn, Tcb *tcb) {
    if (tcb->gone) return;
    if (has_output(tcb)) {
        congestion_idle(&turn->env, tcb);
        if (tcb->recovering && tcb->sacking) output_holes(turn, tcb);
        else output_data(turn, tcb);
        arm_timers(turn, tcb);
    }
    if (tcb->ack_now) send_ack(turn, tcb, tcb->ack_rule);
}

void ack_now(Tcb *tcb, RuleId rule) {
    if (tcb->ack_now) return;
    tcb->ack_now = true;
    tcb->ack_rule = rule;
}

void ack_later(Turn *turn, Tcb *tcb) {
    int64_t delay = tcb_rule(&turn->env, tcb, HOST_RULE_delayed_ack);
    bool second = tcb->ack_bytes >= 2 * effective_mss(&turn->env, tcb);
    if (delay == HOST_RULE_OFF) ack_now(tcb, RULE_ACK_NOW);
    else if (second) ack_now(tcb, RULE_ACK_SECOND);
    else if (!timer_runs(tcb, TIMER_DELAYED_ACK)) timer_start(turn, tcb, TIMER_DELAYED_ACK, delay);
}
