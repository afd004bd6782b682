/* bytes.c - ring buffers in the world's store: the send and the receive queue. */
#include <assert.h>
#include <string.h>

#include "bytes.h"

enum { SMALLEST = 256 };

static uint32_t capacity_for(const Bytes *bytes, uint32_t need) {
    uint32_t capacity = bytes->capacity ? bytes->capacity : SMALLEST;
    while (capacity < need) capacity *= 2;
    return capacity;
}

/* False where the store had no room to extend the ring to these bytes. */
static bool is_there(const Bytes *bytes, uint32_t offset, uint32_t length) {
    return (uint64_t)offset + length <= bytes->capacity;
}

void bytes_reserve(Store *store, Bytes *bytes, uint32_t need) {
    if (need == 0) return;
    uint32_t capacity = capacity_for(bytes, need);
    if (capacity <= bytes->capacity) return;
    uint32_t block = store_take(store, capacity);
    if (!block) return;
    uint8_t *to = store_block(store, block);
    /* The whole capacity is copied: out-of-order bytes lie beyond the length. */
    if (bytes->capacity) {
        const uint8_t *from = store_block(store, bytes->block);
        uint32_t first = bytes->capacity - bytes->head;
        memcpy(to, from + bytes->head, first);
        memcpy(to + first, from, bytes->head);
        store_give(store, bytes->block, bytes->capacity);
    }
    bytes->block = block;
    bytes->capacity = capacity;
    bytes->head = 0;
}

void bytes_write(Store *store, Bytes *bytes, uint32_t offset, const uint8_t *data, uint32_t length) {
    if (length == 0 || !is_there(bytes, offset, length)) return;
    uint8_t *ring = store_block(store, bytes->block);
    uint32_t at = (bytes->head + offset) & (bytes->capacity - 1);
    uint32_t first = bytes->capacity - at < length ? bytes->capacity - at : length;
    memcpy(ring + at, data, first);
    memcpy(ring, data + first, length - first);
}

void bytes_read(const uint8_t *store, const Bytes *bytes, uint32_t offset, uint8_t *data, uint32_t length) {
    if (length == 0) return;
    if (!is_there(bytes, offset, length)) {
        memset(data, 0, length);
        return;
    }
    const uint8_t *ring = store_look(store, bytes->block);
    uint32_t at = (bytes->head + offset) & (bytes->capacity - 1);
    uint32_t first = bytes->capacity - at < length ? bytes->capacity - at : length;
    memcpy(data, ring + at, first);
    memcpy(data + first, ring, length - first);
}

const uint8_t *bytes_look(const uint8_t *store, const Bytes *bytes, uint32_t offset, uint32_t length,
                          uint8_t *scratch) {
    uint32_t at = (bytes->head + offset) & (bytes->capacity - 1);
    if (is_there(bytes, offset, length) && bytes->capacity - at >= length) return store_look(store, bytes->block) + at;
    bytes_read(store, bytes, offset, scratch, length);
    return scratch;
}

bool bytes_equal(const uint8_t *store, const Bytes *bytes, uint32_t offset, const uint8_t *data, uint32_t length) {
    if (length == 0 || !is_there(bytes, offset, length)) return true;
    const uint8_t *ring = store_look(store, bytes->block);
    uint32_t at = (bytes->head + offset) & (bytes->capacity - 1);
    uint32_t first = bytes->capacity - at < length ? bytes->capacity - at : length;
    return memcmp(ring + at, data, first) == 0 && memcmp(ring, data + first, length - first) == 0;
}

void bytes_skip(Bytes *bytes, uint32_t count) {
    if (count == 0) return;
    assert(count <= bytes->length);
    bytes->head = (bytes->head + count) & (bytes->capacity - 1);
    bytes->length -= count;
}

void bytes_free(Store *store, Bytes *bytes) {
    if (bytes->capacity) store_give(store, bytes->block, bytes->capacity);
    *bytes = (Bytes){0};
}
