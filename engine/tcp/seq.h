/* seq.h - sequence numbers, and the only place that orders them.
 *
 * A sequence number lives on a circle of 2^32 (RFC 9293 3.4). It is a struct so
 * that `a < b` does not compile: on a circle that question has no answer until one
 * says how far apart the two can be. Here: less than 2^31.
 */
#ifndef TWOMSL_SEQ_H
#define TWOMSL_SEQ_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Seq {
    uint32_t value;
} Seq;

static inline Seq seq_of(uint32_t value) { return (Seq){value}; }

/* a moved forward by n. */
static inline Seq seq_add(Seq a, uint32_t n) { return (Seq){a.value + n}; }

/* a moved back by n. */
static inline Seq seq_sub(Seq a, uint32_t n) { return (Seq){a.value - n}; }

/* How far b lies ahead of a: 0 .. 2^32-1, always forward. */
static inline uint32_t seq_distance(Seq a, Seq b) { return b.value - a.value; }

static inline bool seq_eq(Seq a, Seq b) { return a.value == b.value; }
static inline bool seq_lt(Seq a, Seq b) { return a.value != b.value && b.value - a.value < 0x80000000u; }
static inline bool seq_leq(Seq a, Seq b) { return b.value - a.value < 0x80000000u; }
static inline bool seq_gt(Seq a, Seq b) { return seq_lt(b, a); }
static inline bool seq_geq(Seq a, Seq b) { return seq_leq(b, a); }

/* low <= a < low + size, on the circle; an empty window holds nothing. */
static inline bool seq_in(Seq a, Seq low, uint32_t size) { return a.value - low.value < size; }

static inline Seq seq_max(Seq a, Seq b) { return seq_lt(a, b) ? b : a; }
static inline Seq seq_min(Seq a, Seq b) { return seq_lt(a, b) ? a : b; }

#endif
