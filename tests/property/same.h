/* same.h - compares two traces. */
#ifndef TWOMSL_TESTS_PROPERTY_SAME_H
#define TWOMSL_TESTS_PROPERTY_SAME_H

#include <string.h>

#include "../../engine/engine.h"

/* Everything but a connection's slot, which depends on when the world grew. */
static inline bool same_event(const Event *a, const Event *b) {
    return a->index == b->index && a->cause == b->cause && a->step == b->step && a->time == b->time &&
           a->kind == b->kind && a->host == b->host && a->conn.generation == b->conn.generation &&
           a->packet.id == b->packet.id && a->packet.born == b->packet.born && a->rule == b->rule &&
           a->from == b->from && a->to == b->to && a->timer == b->timer && a->call == b->call && a->error == b->error &&
           a->reason == b->reason && endpoint_eq(a->src, b->src) && endpoint_eq(a->dst, b->dst) &&
           a->flags == b->flags && a->again == b->again && a->window == b->window && seq_eq(a->seq, b->seq) &&
           seq_eq(a->ack, b->ack) && a->data_length == b->data_length && a->due == b->due && a->value == b->value &&
           a->setting == b->setting && a->copy_of == b->copy_of;
}

/* The first event from `from` on that differs, or whose bytes do; EVENT_NONE: none. */
static inline uint32_t first_difference(const Trace *one, const Trace *two, uint32_t from) {
    uint32_t count = trace_count(one) < trace_count(two) ? trace_count(one) : trace_count(two);
    for (uint32_t i = from; i < count; i++) {
        uint32_t n = 0, m = 0;
        const uint8_t *a = trace_bytes(one, i, &n), *b = trace_bytes(two, i, &m);
        const Event first = trace_at(one, i), second = trace_at(two, i);
        if (!same_event(&first, &second) || n != m || (a && memcmp(a, b, n))) return i;
    }
    return trace_count(one) == trace_count(two) ? EVENT_NONE : count;
}

#endif
