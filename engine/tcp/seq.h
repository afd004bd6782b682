/* seq.h - sequence numbers, and the only place that compares them.
 *
 * Sequence numbers are compared modulo 2^32 (RFC 9293 3.4), on the assumption that the two are less than 2^31 apart.
 * They are a struct so that `a < b` does not compile.
 */
#ifndef TWOMSL_SEQ_H
#define TWOMSL_SEQ_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Seq {
    uint32_t value;
} Seq;

static inline Seq seq_of(uint32_t value) { return (Seq){value}; }

/* a + n, modulo 2^32. */
static inline Seq seq_add(Seq a, uint32_t n) { return (Seq){a.value + n}; }

/* a - n, modulo 2^32. */
static inline Seq seq_sub(Seq a, uint32_t n) { return (Seq){a.value - n}; }

/* How far b is ahead of a: 0 .. 2^32-1. */
static inline uint32_t seq_distance(Seq a, Seq b) { return b.value - a.value; }

static inline bool seq_eq(Seq a, Seq b) { return a.value == b.value; }
static inline bool seq_lt(Seq a, Seq b) { return a.value != b.value && b.value - a.value < 0x80000000u; }
static inline bool seq_leq(Seq a, Seq b) { return b.value - a.value < 0x80000000u; }
static inline bool seq_gt(Seq a, Seq b) { return seq_lt(b, a); }
static inline bool seq_geq(Seq a, Seq b) { return seq_leq(b, a); }

/* low <= a < low + size, modulo 2^32; false where size is 0. */
static inline bool seq_in(Seq a, Seq low, uint32_t size) { return a.value - low.value < size; }

static inline Seq seq_max(Seq a, Seq b) { return seq_lt(a, b) ? b : a; }
static inline Seq seq_min(Seq a, Seq b) { return seq_lt(a, b) ? a : b; }

#endif
