/* bytes.h - rings of bytes in the store: what was handed over and what arrived. `store` are the store's bytes. */
#ifndef TWOMSL_BYTES_H
#define TWOMSL_BYTES_H

#include "store.h"

typedef struct Bytes {
    uint32_t block;    /* of the store; 0: none yet */
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t head;     /* where the first byte stands */
    uint32_t length;   /* bytes in order */
} Bytes;

/* Room for `need` bytes in all; at most doubles a few times. Where the store has no room the ring stays as it is: in
 * the rest of the turn what is written past its capacity is lost, and what is read there is 0. */
void bytes_reserve(Store *store, Bytes *bytes, uint32_t need);
/* Writes at `offset` from the head, within the capacity. Does not change the length. */
void bytes_write(Store *store, Bytes *bytes, uint32_t offset, const uint8_t *data, uint32_t length);
void bytes_read(const uint8_t *store, const Bytes *bytes, uint32_t offset, uint8_t *data, uint32_t length);
/* `length` bytes at `offset` as they lie there, or, where they go around the ring's end, copied to `scratch`. Valid
 * until the ring changes. */
const uint8_t *bytes_look(const uint8_t *store, const Bytes *bytes, uint32_t offset, uint32_t length, uint8_t *scratch);
bool bytes_equal(const uint8_t *store, const Bytes *bytes, uint32_t offset, const uint8_t *data, uint32_t length);
/* Takes `count` bytes away from the head. */
void bytes_skip(Bytes *bytes, uint32_t count);
/* Gives the ring's memory back. */
void bytes_free(Store *store, Bytes *bytes);

#endif
