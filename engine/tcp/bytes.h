/* bytes.h - ring buffers in the store: the send and the receive queue. `store`: the store's bytes. */
#ifndef TWOMSL_BYTES_H
#define TWOMSL_BYTES_H

#include "store.h"

typedef struct Bytes {
    uint32_t block;    /* of the store; 0: none yet */
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t head;     /* offset of the first byte in the block */
    uint32_t length;   /* bytes in order */
} Bytes;

/* Makes room for `need` bytes in all. Where the store has no room the ring stays as it is: in the rest of the turn,
 * writes beyond its capacity are ignored, and bytes read there are 0. */
void bytes_reserve(Store *store, Bytes *bytes, uint32_t need);
/* Writes at `offset` from the head, within the capacity. Does not change the length. */
void bytes_write(Store *store, Bytes *bytes, uint32_t offset, const uint8_t *data, uint32_t length);
void bytes_read(const uint8_t *store, const Bytes *bytes, uint32_t offset, uint8_t *data, uint32_t length);
/* `length` bytes at `offset`: a pointer into the ring, or, where they wrap around its end, a copy in `scratch`. Valid
 * until the ring changes. */
const uint8_t *bytes_look(const uint8_t *store, const Bytes *bytes, uint32_t offset, uint32_t length, uint8_t *scratch);
bool bytes_equal(const uint8_t *store, const Bytes *bytes, uint32_t offset, const uint8_t *data, uint32_t length);
/* Removes `count` bytes at the head. */
void bytes_skip(Bytes *bytes, uint32_t count);
/* Returns the ring's block to the store. */
void bytes_free(Store *store, Bytes *bytes);

#endif
