/* isn.c - initial sequence numbers: a 4-microsecond clock plus a keyed hash of both endpoints (RFC 6528 3).
 *
 * The hash is SipHash-2-4 (Aumasson, Bernstein 2012), keyed with the world's secret.
 */
#include "mechanisms.h"

static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static uint64_t load64(const uint8_t *p) {
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) value = value << 8 | p[i];
    return value;
}

uint64_t siphash(const uint8_t key[16], const uint64_t *words, size_t count) {
    uint64_t k0 = load64(key), k1 = load64(key + 8);
    uint64_t v[4] = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
                     k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
    for (size_t i = 0; i <= count; i++) {
        uint64_t word = i < count ? words[i] : (uint64_t)(count * 8) << 56; /* the last word holds the length */
        v[3] ^= word;
        sip_round(v);
        sip_round(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t secret_hash(const Env *env, Endpoint local, Endpoint remote, uint64_t number) {
    const uint64_t words[3] = {(uint64_t)addr_number(local.addr) << 32 | addr_number(remote.addr),
                               (uint64_t)local.port << 16 | remote.port, number};
    return siphash(env->secret, words, 3);
}

Seq initial_sequence(const Env *env, Host *host, Endpoint local, Endpoint remote, const Seq *above) {
    int64_t *isn = &host->rules[HOST_RULE_isn];
    if (*isn != HOST_RULE_OFF) {
        /* Set by hand: for the next connection only. */
        Seq given = seq_of((uint32_t)*isn);
        *isn = HOST_RULE_OFF;
        return given;
    }
    Seq chosen = seq_of((uint32_t)(env->now / 4) + (uint32_t)secret_hash(env, local, remote, 0));
    return above ? seq_max(chosen, *above) : chosen;
}
