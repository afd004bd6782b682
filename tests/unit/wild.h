/* wild.h - numbers as they come one after another: often a small one, often the last one again, sometimes any. */
#ifndef TWOMSL_TESTS_UNIT_WILD_H
#define TWOMSL_TESTS_UNIT_WILD_H

#include <stdint.h>

static uint64_t wild_seed;

static inline uint64_t wild(uint64_t last) {
    wild_seed = wild_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t random = wild_seed >> 20 ^ wild_seed << 40;
    uint64_t choice = wild_seed >> 60;
    return choice < 8 ? last : choice < 12 ? last + random % 5 - 2 : random;
}

#endif
