/* store.c - the world's bytes: blocks of a power of two, kept in lists by size once they are given back. */
#include <assert.h>
#include <string.h>

#include "world.h"

static uint32_t class_of(uint32_t capacity) {
    uint32_t class = 0;
    while ((uint32_t)STORE_UNIT << class < capacity) class ++;
    return class;
}

uint32_t store_capacity(uint32_t length) {
    uint32_t capacity = STORE_UNIT;
    while (capacity < length) capacity *= 2;
    return capacity;
}

uint32_t store_take(World *world, uint32_t capacity) {
    uint32_t class = class_of(capacity);
    assert(class < STORE_CLASSES);
    uint32_t block = world->store_free[class];
    if (block) { /* a free block begins with the number of the next one */
        memcpy(&world->store_free[class], store_block(world, block), sizeof block);
        return block;
    }
    uint32_t units = 1u << class;
    if (world->store_units - world->store_top < units) {
        run_out(world, STATUS_LIMIT_STORE);
        return 0;
    }
    block = world->store_top;
    world->store_top += units;
    return block;
}

void store_give(World *world, uint32_t block, uint32_t capacity) {
    uint32_t class = class_of(capacity);
    memcpy(store_block(world, block), &world->store_free[class], sizeof block);
    world->store_free[class] = block;
}
