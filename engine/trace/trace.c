/* trace.c - what happened, in order: events, and the datagrams they are about. Outside the world, so that the world
 * stays a value. */
#include "trace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef struct Span {
    size_t at;
    uint32_t length; /* 0: no datagram */
} Span;

struct Trace {
    Event *events;
    Span *spans;
    uint32_t count, capacity;
    uint8_t *bytes;
    size_t used, room;
};

Trace *trace_new(void) { return calloc(1, sizeof(Trace)); }

void trace_free(Trace *trace) {
    if (!trace) return;
    free(trace->events);
    free(trace->spans);
    free(trace->bytes);
    free(trace);
}

uint32_t trace_count(const Trace *trace) { return trace->count; }

const Event *trace_at(const Trace *trace, uint32_t index) {
    return index < trace->count ? &trace->events[index] : NULL;
}

const uint8_t *trace_bytes(const Trace *trace, uint32_t index, uint32_t *length) {
    if (index >= trace->count || trace->spans[index].length == 0) return NULL;
    *length = trace->spans[index].length;
    return trace->bytes + trace->spans[index].at;
}

void trace_cut(Trace *trace, uint32_t count) {
    if (count >= trace->count) return;
    trace->count = count;
    trace->used = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t end = trace->spans[i].at + trace->spans[i].length;
        if (end > trace->used) trace->used = end;
    }
}

static bool reserve_events(Trace *trace, uint64_t need) {
    if (need <= trace->capacity) return true;
    if (need > EVENT_NONE / 2) return false;
    uint32_t capacity = trace->capacity ? trace->capacity : 256;
    while (capacity < need) capacity *= 2;
    Event *events = realloc(trace->events, capacity * sizeof *events);
    if (!events) return false;
    trace->events = events;
    Span *spans = realloc(trace->spans, capacity * sizeof *spans);
    if (!spans) return false;
    trace->spans = spans;
    trace->capacity = capacity;
    return true;
}

bool trace_reserve(Trace *trace, uint32_t events, size_t bytes) {
    if (!reserve_events(trace, (uint64_t)trace->count + events)) return false;
    if (trace->used + bytes <= trace->room) return true;
    size_t room = trace->room ? trace->room : 4096;
    while (room < trace->used + bytes) room *= 2;
    uint8_t *grown = realloc(trace->bytes, room);
    if (!grown) return false;
    trace->bytes = grown;
    trace->room = room;
    return true;
}

Event *trace_append(Trace *trace) {
    assert(trace->count < trace->capacity);
    trace->spans[trace->count] = (Span){0, 0};
    return &trace->events[trace->count++];
}

/* A datagram mostly arrives as it was sent: the bytes of its cause serve again. */
static bool same_as_cause(const Trace *trace, const uint8_t *bytes, uint32_t length) {
    uint32_t newest = trace->count - 1, cause = trace->events[newest].cause;
    if (cause >= newest) return false;
    Span span = trace->spans[cause];
    if (span.length != length || memcmp(trace->bytes + span.at, bytes, length) != 0) return false;
    trace->spans[newest] = span;
    return true;
}

void trace_attach(Trace *trace, const uint8_t *bytes, uint32_t length) {
    if (same_as_cause(trace, bytes, length)) return;
    assert(trace->used + length <= trace->room);
    trace->spans[trace->count - 1] = (Span){trace->used, length};
    memcpy(trace->bytes + trace->used, bytes, length);
    trace->used += length;
}
