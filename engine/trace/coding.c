/* coding.c - the numbers of an event as differences from those expected, see event.def. A mask says which differ. */
#include "coding.h"

#include <assert.h>
#include <string.h>

/* An event begins with its kind and host in one byte; hosts from HOST_OTHER on are among the numbers. */
enum { KIND_BITS = 5, HOST_OTHER = 7 };
_Static_assert(EVENT_KINDS <= 1 << KIND_BITS, "a kind takes five bits");

static uint8_t first_byte(const Event *e) {
    return (uint8_t)((unsigned)e->kind | (e->host < HOST_OTHER ? e->host : HOST_OTHER) << KIND_BITS);
}

/* What the first byte tells of the host. */
static HostId known_host(const Event *e) { return e->host < HOST_OTHER ? e->host : HOST_NONE; }

static void read_first_byte(uint8_t first, Event *e) {
    uint32_t host = first >> KIND_BITS;
    e->kind = (EventKind)(first & ((1 << KIND_BITS) - 1));
    e->host = host < HOST_OTHER ? host : HOST_NONE;
}

/* ---- What is expected ---- */

/* The last entry of the same kind and host. Where there is none in this group, the one right before. */
typedef struct Likeness {
    uint8_t number[1 << 8]; /* by the first byte, from 1 */
} Likeness;

static const Entry *like(Likeness *likeness, const Entry *entries, uint32_t i, uint8_t first, const Entry *before) {
    uint8_t number = likeness->number[first];
    likeness->number[first] = (uint8_t)(i + 1);
    return number ? &entries[number - 1] : before;
}

static uint32_t expected_cause(const Event *e, const Event *r) {
    return r->cause == EVENT_NONE ? EVENT_NONE : e->index - (r->index - r->cause);
}

/* A time of arrival: as far ahead as last time. A timer's length, for one, is none. */
static Micros expected_due(const Event *e, const Event *r) {
    bool moves = r->due != 0 && r->due != MICROS_NEVER && e->kind != EVENT_TIMER;
    return moves ? (Micros)((uint64_t)e->time + ((uint64_t)r->due - (uint64_t)r->time)) : r->due;
}

/* A datagram that is sent lies after all others. */
static LogPlace expected_place(const Entry *entry, const Entry *r, LogPlace end) {
    return entry->event.kind == EVENT_SEND ? end : r->at;
}

static LogPlace end_after(const Entry *entry, LogPlace end) {
    return entry->at + entry->length > end ? entry->at + entry->length : end;
}

/* ---- Coding ---- */

static uint8_t *encode_entry(const Entry *entry, const Entry *like_it, const Entry *right_before, LogPlace end,
                             uint8_t *to) {
    const Event *e = &entry->event, *r = &like_it->event, *before = &right_before->event;
    uint8_t body[EVENT_NUMBERS * NUMBER_BYTES], *next = body;
    uint64_t mask = 0, bit = 1;
#define NUMBER(member, type, expected)                                                        \
    next = put_difference(next, &mask, bit, (uint64_t)e->member, (uint64_t)(type)(expected)); \
    bit <<= 1;
#define ADDRESS(member, expected)                                                           \
    next = put_difference(next, &mask, bit, addr_number(e->member), addr_number(expected)); \
    bit <<= 1;
#include "event.def"
    next = put_difference(next, &mask, bit, entry->length, like_it->length);
    if (entry->length) next = put_difference(next, &mask, bit << 1, entry->at, expected_place(entry, like_it, end));
    to = put_number(to, mask);
    memcpy(to, body, (size_t)(next - body));
    return to + (next - body);
}

static const uint8_t *decode_entry(const uint8_t *from, const Entry *like_it, const Entry *right_before, LogPlace end,
                                   Entry *entry) {
    Event *e = &entry->event;
    const Event *r = &like_it->event, *before = &right_before->event;
    uint64_t mask, bit = 1, number;
    from = get_number(from, &mask);
#define NUMBER(member, type, expected)                                            \
    from = get_difference(from, mask & bit, (uint64_t)(type)(expected), &number); \
    e->member = (type)number;                                                     \
    bit <<= 1;
#define ADDRESS(member, expected)                                            \
    from = get_difference(from, mask & bit, addr_number(expected), &number); \
    e->member = addr_of((uint32_t)number);                                   \
    bit <<= 1;
#include "event.def"
    from = get_difference(from, mask & bit, like_it->length, &number);
    entry->length = (uint32_t)number;
    entry->at = 0;
    if (entry->length) from = get_difference(from, mask & bit << 1, expected_place(entry, like_it, end), &entry->at);
    return from;
}

static const Entry no_entry;

uint32_t encode_group(const Entry entries[GROUP], LogPlace end, uint8_t *bytes) {
    uint8_t *to = bytes;
    Likeness likeness = {{0}};
    const Entry *before = &no_entry;
    for (uint32_t i = 0; i < GROUP; before = &entries[i++]) {
        uint8_t first = first_byte(&entries[i].event);
        *to++ = first;
        to = encode_entry(&entries[i], like(&likeness, entries, i, first, before), before, end, to);
        end = end_after(&entries[i], end);
    }
    return (uint32_t)(to - bytes);
}

void decode_group(const uint8_t *bytes, LogPlace end, Entry entries[GROUP]) {
    Likeness likeness = {{0}};
    const Entry *before = &no_entry;
    for (uint32_t i = 0; i < GROUP; before = &entries[i++]) {
        uint8_t first = *bytes++;
        read_first_byte(first, &entries[i].event);
        bytes = decode_entry(bytes, like(&likeness, entries, i, first, before), before, end, &entries[i]);
        end = end_after(&entries[i], end);
    }
}
