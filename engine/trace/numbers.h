/* numbers.h - numbers in few bytes: seven bits each, the lowest first; the last byte has no eighth. */
#ifndef TWOMSL_TRACE_NUMBERS_H
#define TWOMSL_TRACE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_BYTES = 10 }; /* at most */

static inline uint8_t *put_number(uint8_t *to, uint64_t number) {
    for (; number > 127; number >>= 7) *to++ = (uint8_t)(number | 128);
    *to++ = (uint8_t)number;
    return to;
}

static inline const uint8_t *get_number(const uint8_t *from, uint64_t *number) {
    uint64_t value = *from & 127;
    for (int shift = 7; *from++ & 128; shift += 7) value |= (uint64_t)(*from & 127) << shift;
    *number = value;
    return from;
}

/* Differences modulo 2^64, small ones of either sign in few bits. */
static inline uint64_t fold_sign(uint64_t difference) { return difference << 1 ^ (0 - (difference >> 63)); }
static inline uint64_t unfold_sign(uint64_t folded) { return folded >> 1 ^ (0 - (folded & 1)); }

/* A number that is not the one expected sets its bit in the mask, and its difference is written. */
static inline uint8_t *put_difference(uint8_t *to, uint64_t *mask, uint64_t bit, uint64_t number, uint64_t expected) {
    if (number == expected) return to;
    *mask |= bit;
    return put_number(to, fold_sign(number - expected));
}

static inline const uint8_t *get_difference(const uint8_t *from, bool differs, uint64_t expected, uint64_t *number) {
    *number = expected;
    if (!differs) return from;
    uint64_t folded;
    from = get_number(from, &folded);
    *number += unfold_sign(folded);
    return from;
}

/* The same for bytes that nobody vouches for. NULL: the number does not end before `end`, or is too large. */
static inline const uint8_t *get_number_before(const uint8_t *from, const uint8_t *end, uint64_t *number) {
    uint64_t value = 0;
    for (int shift = 0; from < end && shift < 64; shift += 7) {
        value |= (uint64_t)(*from & 127) << shift;
        if (*from++ & 128) continue;
        *number = value;
        return from;
    }
    return NULL;
}

static inline const uint8_t *get_difference_before(const uint8_t *from, const uint8_t *end, bool differs,
                                                   uint64_t expected, uint64_t *number) {
    uint64_t folded = 0;
    if (differs) from = get_number_before(from, end, &folded);
    *number = expected + unfold_sign(folded);
    return from;
}

#endif
