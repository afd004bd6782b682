/* trace.c - what happened, in order: events, and the datagrams they are about. Outside the world, so that the world
 * stays a value.
 *
 * Events lie in groups. The newest group is as it was written, those before it are coded in few bytes. Some groups that
 * were written or read lately are at hand decoded. */
#include "../trace.h"

#include <stdlib.h>
#include <string.h>

#include "coding.h"
#include "trace.h"

enum {
    SLOTS = 16,
    SPARE = SLOTS /* for a group whose slot the newest group is in */
};
#define NO_GROUP UINT32_MAX

typedef struct Slot {
    uint32_t group;
    Entry entries[GROUP];
} Slot;

/* Of a group that is coded: where its bytes begin, and where the datagrams before it end. */
typedef struct Coded {
    LogPlace begin, datagrams;
} Coded;

struct Trace {
    Log events;    /* coded groups */
    Log groups;    /* a Coded for each */
    Log datagrams; /* each in one piece */
    uint32_t count;
    uint32_t newest;           /* the group that is being written: its events from the first on may be there */
    LogPlace datagrams_before; /* where they end before that group */
    Slot *slots;
};

static Slot *slot_of(const Trace *trace, uint32_t group) {
    bool taken = group != trace->newest && group % SLOTS == trace->newest % SLOTS;
    return &trace->slots[taken ? SPARE : group % SLOTS];
}

static const Coded *coded(const Trace *trace, uint32_t group) { return log_item(&trace->groups, group, sizeof(Coded)); }

static Slot *decoded(const Trace *trace, uint32_t group) {
    Slot *slot = slot_of(trace, group);
    if (slot->group == group) return slot;
    slot->group = group;
    decode_group(log_at(&trace->events, coded(trace, group)->begin), coded(trace, group)->datagrams, slot->entries);
    return slot;
}

static Entry *entry_at(const Trace *trace, uint32_t index) {
    return &decoded(trace, index / GROUP)->entries[index % GROUP];
}

/* ---- Creation ---- */

Trace *trace_new(void) {
    Trace *trace = calloc(1, sizeof *trace);
    if (trace) trace->slots = malloc((SLOTS + 1) * sizeof *trace->slots);
    if (!trace || !trace->slots) {
        free(trace);
        return NULL;
    }
    for (uint32_t i = 0; i <= SLOTS; i++) trace->slots[i].group = NO_GROUP;
    trace->slots[0].group = 0;
    return trace;
}

void trace_free(Trace *trace) {
    if (!trace) return;
    log_free(&trace->events);
    log_free(&trace->groups);
    log_free(&trace->datagrams);
    free(trace->slots);
    free(trace);
}

/* ---- Reading ---- */

uint32_t trace_count(const Trace *trace) { return trace->count; }

Event trace_at(const Trace *trace, uint32_t index) {
    return index < trace->count ? entry_at(trace, index)->event : (Event){.index = EVENT_NONE, .kind = EVENT_KINDS};
}

const uint8_t *trace_bytes(const Trace *trace, uint32_t index, uint32_t *length) {
    if (index >= trace->count) return NULL;
    const Entry *entry = entry_at(trace, index);
    if (entry->length == 0) return NULL;
    *length = entry->length;
    return log_at(&trace->datagrams, entry->at);
}

size_t trace_size(const Trace *trace) {
    return sizeof *trace + (SLOTS + 1) * sizeof *trace->slots + log_size(&trace->events) + log_size(&trace->groups) +
           log_size(&trace->datagrams);
}

/* ---- Cutting ---- */

/* Makes a coded group the newest again. */
static void reopen(Trace *trace, uint32_t group) {
    Slot *slot = &trace->slots[group % SLOTS];
    const Slot *found = decoded(trace, group);
    if (found != slot) memcpy(slot, found, sizeof *slot);
    trace->newest = group;
    trace->datagrams_before = coded(trace, group)->datagrams;
    log_cut(&trace->events, coded(trace, group)->begin);
    log_cut_items(&trace->groups, group, sizeof(Coded));
}

void trace_cut(Trace *trace, uint32_t count) {
    if (count >= trace->count) return;
    trace->count = count;
    uint32_t newest = count ? (count - 1) / GROUP : 0;
    if (newest < trace->newest) reopen(trace, newest);
    const Slot *writing = slot_of(trace, trace->newest);
    for (Slot *slot = trace->slots; slot <= &trace->slots[SPARE]; slot++)
        if (slot->group >= trace->newest && slot != writing) slot->group = NO_GROUP; /* it will be another group */
    LogPlace end = trace->datagrams_before;
    for (uint32_t i = trace->newest * GROUP; i < count; i++) {
        const Entry *entry = entry_at(trace, i);
        if (entry->at + entry->length > end) end = entry->at + entry->length;
    }
    log_cut(&trace->datagrams, end);
}

/* ---- Writing ---- */

/* Codes the newest group, which is full, and begins the next. */
static bool close_group(Trace *trace) {
    uint8_t bytes[GROUP_BYTES];
    const Slot *full = slot_of(trace, trace->newest);
    uint32_t length = encode_group(full->entries, trace->datagrams_before, bytes);
    uint8_t *to = log_room(&trace->events, length);
    if (!to) return false;
    const Coded group = {log_end(&trace->events), trace->datagrams_before};
    if (!log_append(&trace->groups, &group, sizeof group)) return false;
    memcpy(to, bytes, length);
    log_take(&trace->events, length);
    trace->newest++;
    trace->datagrams_before = log_end(&trace->datagrams);
    slot_of(trace, trace->newest)->group = trace->newest;
    return true;
}

Event *trace_append(Trace *trace) {
    if (trace->count >= EVENT_NONE / 2) return NULL;
    if (trace->count == (trace->newest + 1) * GROUP && !close_group(trace)) return NULL;
    Entry *entry = &slot_of(trace, trace->newest)->entries[trace->count++ % GROUP];
    entry->length = 0;
    entry->at = 0;
    return &entry->event;
}

/* A datagram mostly arrives as it was sent: the bytes of its cause serve again. */
static bool same_as_cause(const Trace *trace, Entry *newest, const uint8_t *bytes, uint32_t length) {
    uint32_t cause = newest->event.cause;
    if (cause >= trace->count - 1) return false;
    const Entry *before = entry_at(trace, cause);
    if (before->length != length || memcmp(log_at(&trace->datagrams, before->at), bytes, length) != 0) return false;
    newest->at = before->at;
    newest->length = length;
    return true;
}

bool trace_attach(Trace *trace, const uint8_t *bytes, uint32_t length) {
    Entry *newest = entry_at(trace, trace->count - 1);
    if (same_as_cause(trace, newest, bytes, length)) return true;
    uint8_t *to = log_room(&trace->datagrams, length);
    if (!to) return false;
    memcpy(to, bytes, length);
    newest->at = log_end(&trace->datagrams);
    newest->length = length;
    log_take(&trace->datagrams, length);
    return true;
}

bool event_alike(const Event *a, const Event *b) {
    Event placed = *a;
    placed.index = b->index;
    placed.cause = b->cause;
    placed.step = b->step;
#define NUMBER(member, type, expected) \
    if (placed.member != b->member) return false;
#define ADDRESS(member, expected) \
    if (!addr_eq(placed.member, b->member)) return false;
#include "event.def"
    return true;
}
