/* store.c - the memory of a world: blocks whose size is a power of two, with a free list for each size. */
#include "store.h"

#include <assert.h>
#include <string.h>

static uint32_t class_of(uint32_t capacity) {
    uint32_t size_class = 0;
    while ((uint32_t)STORE_UNIT << size_class < capacity) size_class++;
    assert(size_class < STORE_CLASSES);
    return size_class;
}

uint32_t store_capacity(uint32_t length) { return (uint32_t)STORE_UNIT << class_of(length); }

uint32_t store_take(Store *store, uint32_t capacity) {
    StoreBook *book = store->book;
    uint32_t size_class = class_of(capacity), units = UINT32_C(1) << size_class;
    uint32_t block = book->free[size_class];
    if (block) { /* a free block starts with the number of the next one */
        memcpy(&book->free[size_class], store_block(store, block), sizeof block);
        return block;
    }
    if (book->units - book->top < units) {
        book->ran_out = true;
        return 0;
    }
    block = book->top;
    book->top += units;
    return block;
}

void store_give(Store *store, uint32_t block, uint32_t capacity) {
    uint32_t size_class = class_of(capacity);
    memcpy(store_block(store, block), &store->book->free[size_class], sizeof block);
    store->book->free[size_class] = block;
}
