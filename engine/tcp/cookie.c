/* cookie.c - SYN cookies: the initial sequence number encodes the half-open connection (RFC 4987 3.6).
 *
 * 5 bits count the minutes, 3 bits the MSS, 24 bits are a keyed hash of both ends, the peer's sequence number and those
 * bits. */
#include "mechanisms.h"

enum { MINUTE_BITS = 5, MSS_BITS = 3, HASH_BITS = 24, MINUTES_VALID = 2 };

static const uint16_t sizes[1 << MSS_BITS] = {64, 256, 512, 536, 1024, 1220, 1440, 1460};

static uint32_t minute(const Env *env) {
    return (uint32_t)(env->now / (60 * MICROS_PER_SECOND)) & ((1u << MINUTE_BITS) - 1);
}

static Seq cookie(const Env *env, Endpoint local, Endpoint remote, Seq irs, uint32_t when, uint32_t size) {
    uint64_t number = (uint64_t)irs.value << 16 | when << MSS_BITS | size | UINT64_C(1) << 60;
    uint32_t hash = (uint32_t)secret_hash(env, local, remote, number) >> (32 - HASH_BITS);
    return seq_of(when << (MSS_BITS + HASH_BITS) | size << HASH_BITS | hash);
}

Seq cookie_make(const Env *env, const Segment *syn) {
    uint16_t mss = syn->options.mss ? syn->options.mss : 536;
    uint32_t size = (1u << MSS_BITS) - 1;
    while (size > 0 && sizes[size] > mss) size--;
    return cookie(env, syn->dst, syn->src, syn->seq, minute(env), size);
}

bool cookie_check(const Env *env, const Segment *ack, uint16_t *mss) {
    Seq made = seq_sub(ack->ack, 1);
    uint32_t when = made.value >> (MSS_BITS + HASH_BITS), size = made.value >> HASH_BITS & ((1u << MSS_BITS) - 1);
    uint32_t age = (minute(env) - when) & ((1u << MINUTE_BITS) - 1);
    if (age >= MINUTES_VALID || !seq_eq(made, cookie(env, ack->dst, ack->src, seq_sub(ack->seq, 1), when, size)))
        return false;
    *mss = sizes[size];
    return true;
}
