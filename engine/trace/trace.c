/* trace.c - what happened, in order: events, and the datagrams they are about. Outside the world, so that the world
 * stays a value.
 *
 * Both lie in blocks that never move: a long trace grows without copying what it has. */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

enum {
    EVENTS_IN_BLOCK = 256,
    BYTES_IN_BLOCK = 2 << 16, /* a datagram lies in one block; so less than half of each stays unused */
    FIRST_BLOCKS = 8
};

typedef struct Entry {
    Event event;
    size_t at;       /* of its datagram: block * BYTES_IN_BLOCK + offset */
    uint32_t length; /* 0: no datagram */
} Entry;

typedef struct Blocks {
    void **blocks;
    size_t count, capacity;
} Blocks;

struct Trace {
    Blocks entries, bytes;
    uint32_t count;
    size_t used; /* where the next datagram may begin */
};

/* Makes sure that there are `need` blocks of this size. */
static bool blocks_reserve(Blocks *blocks, size_t need, size_t size) {
    if (need > blocks->capacity) {
        size_t capacity = blocks->capacity ? blocks->capacity : FIRST_BLOCKS;
        while (capacity < need) capacity *= 2;
        void **grown = realloc(blocks->blocks, capacity * sizeof *grown);
        if (!grown) return false;
        blocks->blocks = grown;
        blocks->capacity = capacity;
    }
    for (; blocks->count < need; blocks->count++) {
        blocks->blocks[blocks->count] = malloc(size);
        if (!blocks->blocks[blocks->count]) return false;
    }
    return true;
}

static void blocks_free(Blocks *blocks) {
    while (blocks->count > 0) free(blocks->blocks[--blocks->count]);
    free(blocks->blocks);
}

static Entry *entry_at(const Trace *trace, uint32_t index) {
    return (Entry *)trace->entries.blocks[index / EVENTS_IN_BLOCK] + index % EVENTS_IN_BLOCK;
}

static uint8_t *bytes_at(const Trace *trace, size_t at) {
    return (uint8_t *)trace->bytes.blocks[at / BYTES_IN_BLOCK] + at % BYTES_IN_BLOCK;
}

Trace *trace_new(void) { return calloc(1, sizeof(Trace)); }

void trace_free(Trace *trace) {
    if (!trace) return;
    blocks_free(&trace->entries);
    blocks_free(&trace->bytes);
    free(trace);
}

uint32_t trace_count(const Trace *trace) { return trace->count; }

Event trace_at(const Trace *trace, uint32_t index) {
    return index < trace->count ? entry_at(trace, index)->event : (Event){.index = EVENT_NONE, .kind = EVENT_KINDS};
}

const uint8_t *trace_bytes(const Trace *trace, uint32_t index, uint32_t *length) {
    if (index >= trace->count) return NULL;
    const Entry *entry = entry_at(trace, index);
    if (entry->length == 0) return NULL;
    *length = entry->length;
    return bytes_at(trace, entry->at);
}

size_t trace_size(const Trace *trace) {
    return sizeof *trace + trace->entries.count * EVENTS_IN_BLOCK * sizeof(Entry) +
           trace->bytes.count * BYTES_IN_BLOCK + (trace->entries.capacity + trace->bytes.capacity) * sizeof(void *);
}

void trace_cut(Trace *trace, uint32_t count) {
    if (count >= trace->count) return;
    trace->count = count;
    trace->used = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t end = entry_at(trace, i)->at + entry_at(trace, i)->length;
        if (end > trace->used) trace->used = end;
    }
}

TraceMark trace_mark(const Trace *trace) { return (TraceMark){trace->count, trace->used}; }

void trace_back(Trace *trace, TraceMark mark) {
    trace->count = mark.count;
    trace->used = mark.used;
}

Event *trace_append(Trace *trace) {
    if (trace->count >= EVENT_NONE / 2) return NULL;
    size_t blocks = trace->count / EVENTS_IN_BLOCK + 1;
    if (blocks > trace->entries.count && !blocks_reserve(&trace->entries, blocks, EVENTS_IN_BLOCK * sizeof(Entry)))
        return NULL;
    Entry *entry = entry_at(trace, trace->count++);
    entry->at = 0;
    entry->length = 0;
    return &entry->event;
}

/* A datagram mostly arrives as it was sent: the bytes of its cause serve again. */
static bool same_as_cause(const Trace *trace, Entry *newest, const uint8_t *bytes, uint32_t length) {
    uint32_t cause = newest->event.cause;
    if (cause >= trace->count - 1) return false;
    const Entry *before = entry_at(trace, cause);
    if (before->length != length || memcmp(bytes_at(trace, before->at), bytes, length) != 0) return false;
    newest->at = before->at;
    newest->length = length;
    return true;
}

bool trace_attach(Trace *trace, const uint8_t *bytes, uint32_t length) {
    Entry *newest = entry_at(trace, trace->count - 1);
    if (same_as_cause(trace, newest, bytes, length)) return true;
    size_t at = trace->used;
    if (at % BYTES_IN_BLOCK + length > BYTES_IN_BLOCK) at = (at / BYTES_IN_BLOCK + 1) * BYTES_IN_BLOCK;
    size_t blocks = at / BYTES_IN_BLOCK + 1;
    if (blocks > trace->bytes.count && !blocks_reserve(&trace->bytes, blocks, BYTES_IN_BLOCK)) return false;
    newest->at = at;
    newest->length = length;
    memcpy(bytes_at(trace, at), bytes, length);
    trace->used = at + length;
    return true;
}
