/* options.c - what the SYNs agree on, and what later segments carry for it (RFC 7323, RFC 2018). */
#include "tcp.h"

enum { SHIFT_MOST = 14, WINDOW_FIELD = 65535, MSS_DEFAULT = 536, MSS_LEAST = 64, TICK = 1000, DAYS_24 = 24 * 86400 };

/* The smallest shift with which the whole buffer can be offered, where the host does not want another. */
static uint8_t own_shift(Turn *turn, const Tcb *tcb) {
    int64_t buffer = tcb_rule(turn, tcb, HOST_RULE_recv_buffer), given = tcb_rule(turn, tcb, HOST_RULE_window_shift);
    if (given != HOST_RULE_OFF) return (uint8_t)given;
    uint8_t shift = 0;
    while (shift < SHIFT_MOST && buffer >> shift > WINDOW_FIELD) shift++;
    return shift;
}

/* A millisecond clock that is never 0: an echo of 0 is no echo. */
static uint32_t ts_clock(const Turn *turn) { return (uint32_t)(turn->now / TICK) + 1; }

void options_offer(Turn *turn, const Tcb *tcb, Options *options) {
    options->mss = offered_mss(turn, tcb->host);
    if (tcb_rule(turn, tcb, HOST_RULE_window_scale)) options->wscale = own_shift(turn, tcb);
    options->sack_permitted = tcb_rule(turn, tcb, HOST_RULE_sack);
    options->timestamps = tcb_rule(turn, tcb, HOST_RULE_timestamps);
    options->ts_value = ts_clock(turn);
    options->order = (uint8_t)tcb_rule(turn, tcb, HOST_RULE_option_order);
}

void options_answer(Turn *turn, const Tcb *tcb, Options *options) {
    options_offer(turn, tcb, options);
    if (!tcb->scaling) options->wscale = OPTION_NO_WSCALE;
    options->sack_permitted = tcb->sacking;
    options->timestamps = tcb->timestamps;
    options->ts_echo = tcb->ts_recent;
}

/* Both sides must have offered. A shift above 14 is taken as 14 (RFC 7323 2.3). */
void options_learn(Turn *turn, Tcb *tcb, const Options *peer) {
    tcb->peer_mss = peer->mss == 0 ? MSS_DEFAULT : peer->mss < MSS_LEAST ? MSS_LEAST : peer->mss; /* MUST-15 */
    tcb->scaling = peer->wscale != OPTION_NO_WSCALE && tcb_rule(turn, tcb, HOST_RULE_window_scale);
    tcb->snd_shift = tcb->scaling ? peer->wscale < SHIFT_MOST ? peer->wscale : SHIFT_MOST : 0;
    tcb->rcv_shift = tcb->scaling ? own_shift(turn, tcb) : 0;
    tcb->sacking = peer->sack_permitted && tcb_rule(turn, tcb, HOST_RULE_sack);
    tcb->timestamps = peer->timestamps && tcb_rule(turn, tcb, HOST_RULE_timestamps);
    tcb->ts_recent = peer->ts_value;
    tcb->ts_recent_at = turn->now;
}

void options_carry(Turn *turn, const Tcb *tcb, Options *options, bool ack) {
    if (tcb->timestamps) {
        options->timestamps = true;
        options->ts_value = ts_clock(turn);
        options->ts_echo = ack ? tcb->ts_recent : 0;
    }
    if (ack && tcb->sacking) sack_report(turn, tcb, options);
}

uint32_t options_length(const Tcb *tcb) { return tcb->timestamps ? OPTION_TIMESTAMPS_BYTES : 0; }

/* The one last seen proves nothing after a long silence (RFC 7323 5.5). */
bool timestamp_old(const Turn *turn, const Tcb *tcb, const Options *options) {
    bool valid = turn->now - tcb->ts_recent_at <= DAYS_24 * MICROS_PER_SECOND;
    return valid && seq_lt(seq_of(options->ts_value), seq_of(tcb->ts_recent));
}

void timestamp_learn(const Turn *turn, Tcb *tcb, const Segment *seg) {
    if (!tcb->timestamps || !seg->options.timestamps || seq_gt(seg->seq, tcb->last_ack_sent)) return;
    if (timestamp_old(turn, tcb, &seg->options)) return;
    tcb->ts_recent = seg->options.ts_value;
    tcb->ts_recent_at = turn->now;
}

Micros timestamp_age(const Turn *turn, const Tcb *tcb, const Segment *seg) {
    if (!tcb->timestamps || !seg->options.timestamps || seg->options.ts_echo == 0) return -1;
    uint32_t ticks = ts_clock(turn) - seg->options.ts_echo;
    return ticks < 0x80000000u ? (Micros)ticks * TICK : -1;
}
