/* store.h - the memory of a world: blocks whose size is a power of two, named by number, so that a world has no
 * pointers. */
#ifndef TWOMSL_STORE_H
#define TWOMSL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_UNIT = 64, STORE_CLASSES = 26 };

/* The allocator's state; part of a World. */
typedef struct StoreBook {
    uint32_t units, top;          /* in units of STORE_UNIT; unit 0 is never given out */
    uint32_t free[STORE_CLASSES]; /* the first free block of each size */
    bool ran_out;                 /* an allocation failed */
} StoreBook;

/* The bytes with their book; valid during a turn. */
typedef struct Store {
    StoreBook *book;
    uint8_t *bytes;
} Store;

/* The size of the block that holds `length` bytes. */
uint32_t store_capacity(uint32_t length);
/* A block of `capacity` bytes, a power of two; 0: there is no room, and ran_out is set. */
uint32_t store_take(Store *store, uint32_t capacity);
void store_give(Store *store, uint32_t block, uint32_t capacity);

static inline uint8_t *store_block(const Store *store, uint32_t block) {
    return store->bytes + (size_t)block * STORE_UNIT;
}
static inline const uint8_t *store_look(const uint8_t *bytes, uint32_t block) {
    return bytes + (size_t)block * STORE_UNIT;
}

#endif
