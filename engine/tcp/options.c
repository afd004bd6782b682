/* options.c - the options that the SYNs negotiate, and those that later segments carry (RFC 7323, RFC 2018). */
#include "mechanisms.h"

enum {
    IP_AND_TCP = IPV4_HEADER + TCP_HEADER_FIXED,
    SHIFT_MOST = 14,
    WINDOW_FIELD = 65535,
    MSS_DEFAULT = 536,
    MSS_LEAST = 64,
    TICK = 1000,
    DAYS_24 = 24 * 86400
};

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* ---- The largest segment ---- */

/* RFC 9293 3.7.1: the smallest of the peer's MSS, this host's, and what fits the path's MTU. */
uint32_t effective_mss(const Env *env, const Tcb *tcb) {
    uint32_t own = (uint32_t)tcb_rule(env, tcb, HOST_RULE_mss);
    return least(least(tcb->peer_mss, own), env->mtu - IP_AND_TCP) - options_length(tcb);
}

/* The MTU less the fixed headers; options are not counted (RFC 6691 2). */
uint16_t offered_mss(const Env *env, HostId host) {
    return (uint16_t)least((uint32_t)env->hosts[host].rules[HOST_RULE_mss], env->mtu - IP_AND_TCP);
}

/* ---- What the SYNs negotiate ---- */

/* The host's window_shift, or the smallest shift with which the whole buffer can be offered. */
static uint8_t own_shift(const Env *env, const Tcb *tcb) {
    int64_t buffer = tcb_rule(env, tcb, HOST_RULE_recv_buffer), given = tcb_rule(env, tcb, HOST_RULE_window_shift);
    if (given != HOST_RULE_OFF) return (uint8_t)given;
    uint8_t shift = 0;
    while (shift < SHIFT_MOST && buffer >> shift > WINDOW_FIELD) shift++;
    return shift;
}

/* A millisecond clock that starts at 1: an echo of 0 is no echo. */
static uint32_t ts_clock(const Env *env) { return (uint32_t)(env->now / TICK) + 1; }

void options_offer(const Env *env, const Tcb *tcb, Options *options) {
    options->mss = offered_mss(env, tcb->host);
    if (tcb_rule(env, tcb, HOST_RULE_window_scale)) options->wscale = own_shift(env, tcb);
    options->sack_permitted = tcb_rule(env, tcb, HOST_RULE_sack);
    options->timestamps = tcb_rule(env, tcb, HOST_RULE_timestamps);
    options->ts_value = ts_clock(env);
    options->order = (uint8_t)tcb_rule(env, tcb, HOST_RULE_option_order);
}

void options_answer(const Env *env, const Tcb *tcb, Options *options) {
    options_offer(env, tcb, options);
    if (!tcb->scaling) options->wscale = OPTION_NO_WSCALE;
    options->sack_permitted = tcb->sacking;
    options->timestamps = tcb->timestamps;
    options->ts_echo = tcb->ts_recent;
}

/* Both sides must have offered. A shift above 14 is taken as 14 (RFC 7323 2.3). */
void options_learn(const Env *env, Tcb *tcb, const Options *peer) {
    tcb->peer_mss = peer->mss == 0 ? MSS_DEFAULT : peer->mss < MSS_LEAST ? MSS_LEAST : peer->mss; /* MUST-15 */
    tcb->scaling = peer->wscale != OPTION_NO_WSCALE && tcb_rule(env, tcb, HOST_RULE_window_scale);
    tcb->snd_shift = tcb->scaling ? peer->wscale < SHIFT_MOST ? peer->wscale : SHIFT_MOST : 0;
    tcb->rcv_shift = tcb->scaling ? own_shift(env, tcb) : 0;
    tcb->sacking = peer->sack_permitted && tcb_rule(env, tcb, HOST_RULE_sack);
    tcb->timestamps = peer->timestamps && tcb_rule(env, tcb, HOST_RULE_timestamps);
    tcb->ts_recent = peer->ts_value;
    tcb->ts_recent_at = env->now;
}

void options_carry(const Env *env, const Tcb *tcb, Options *options, bool ack) {
    if (tcb->timestamps) {
        options->timestamps = true;
        options->ts_value = ts_clock(env);
        options->ts_echo = ack ? tcb->ts_recent : 0;
    }
}

uint32_t options_length(const Tcb *tcb) { return tcb->timestamps ? OPTION_TIMESTAMPS_BYTES : 0; }

/* TS.Recent is invalid after 24 days without an update (RFC 7323 5.5). */
bool timestamp_old(const Env *env, const Tcb *tcb, const Options *options) {
    bool valid = env->now - tcb->ts_recent_at <= DAYS_24 * MICROS_PER_SECOND;
    return valid && seq_lt(seq_of(options->ts_value), seq_of(tcb->ts_recent));
}

void timestamp_learn(const Env *env, Tcb *tcb, const Segment *seg) {
    if (!tcb->timestamps || seq_gt(seg->seq, tcb->last_ack_sent)) return;
    if (timestamp_old(env, tcb, &seg->options)) return;
    tcb->ts_recent = seg->options.ts_value;
    tcb->ts_recent_at = env->now;
}

Micros timestamp_age(const Env *env, const Tcb *tcb, const Segment *seg) {
    if (!tcb->timestamps || seg->options.ts_echo == 0) return -1;
    uint32_t ticks = ts_clock(env) - seg->options.ts_echo;
    return ticks < 0x80000000u ? (Micros)ticks * TICK : -1;
}
