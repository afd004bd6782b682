/* story_streams.c - from where on sequence numbers are counted: what one side of a connection sends is a stream, which
 * begins with its SYN. */
#include "story_parts.h"

#include <string.h>

static uint64_t key_of(Endpoint src, Endpoint dst) {
    uint64_t key = (uint64_t)addr_number(src.addr) << 32 | addr_number(dst.addr);
    key = (key ^ ((uint64_t)src.port << 16 | dst.port)) * UINT64_C(0x9e3779b97f4a7c15);
    return key ^ key >> 29;
}

static bool is_stream(const Stream *stream, Endpoint src, Endpoint dst) {
    return endpoint_eq(stream->src, src) && endpoint_eq(stream->dst, dst);
}

/* Where the number of the newest stream of this key stands, or would. */
static uint32_t *slot_of(const Streams *streams, Endpoint src, Endpoint dst) {
    size_t mask = streams->slot_count - 1, at = (size_t)key_of(src, dst) & mask;
    while (streams->slots[at] != STREAM_NONE && !is_stream(&streams->list[streams->slots[at]], src, dst))
        at = (at + 1) & mask;
    return &streams->slots[at];
}

static void grow_slots(Streams *streams) {
    enum { FIRST = 64 };
    if (streams->slot_count && streams->count < streams->slot_count / 2) return;
    size_t count = streams->slot_count ? 2 * streams->slot_count : FIRST;
    streams->slots = story_resize(streams->slots, count, sizeof *streams->slots);
    streams->slot_count = count;
    memset(streams->slots, 0xff, count * sizeof *streams->slots);
    for (uint32_t i = 0; i < streams->count; i++) *slot_of(streams, streams->list[i].src, streams->list[i].dst) = i;
}

uint32_t streams_find(const Streams *streams, Endpoint src, Endpoint dst) {
    return streams->slot_count ? *slot_of(streams, src, dst) : STREAM_NONE;
}

uint32_t streams_begin(Streams *streams, Endpoint src, Endpoint dst, Seq iss) {
    uint32_t known = streams_find(streams, src, dst);
    if (known != STREAM_NONE && seq_eq(streams->list[known].iss, iss)) return known;
    grow_slots(streams);
    streams->list = story_grow(streams->list, streams->count, &streams->room, sizeof *streams->list);
    streams->list[streams->count] = (Stream){src, dst, iss, seq_add(iss, 1), iss, false, -1};
    *slot_of(streams, src, dst) = streams->count;
    return streams->count++;
}

void streams_clear(Streams *streams) {
    streams->count = 0;
    if (streams->slot_count) memset(streams->slots, 0xff, streams->slot_count * sizeof *streams->slots);
}
