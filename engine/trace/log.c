/* log.c - bytes that are appended and cut off at the end. */
#include "log.h"

#include <stdlib.h>
#include <string.h>

void log_free(Log *log) {
    while (log->count > 0) free(log->blocks[--log->count].bytes);
    free(log->blocks);
    *log = (Log){0};
}

static void drop_last(Log *log) {
    LogBlock *last = &log->blocks[--log->count];
    log->size -= last->size;
    free(last->bytes);
}

static bool resize_list(Log *log, uint32_t capacity) {
    LogBlock *blocks = realloc(log->blocks, capacity * sizeof *blocks);
    if (!blocks) return false;
    log->blocks = blocks;
    log->capacity = capacity;
    return true;
}

static bool add_block(Log *log, uint32_t size) {
    if (log->count == log->capacity && !resize_list(log, log->capacity ? log->capacity * 2 : 4)) return false;
    uint8_t *bytes = malloc(size);
    if (!bytes) return false;
    log->blocks[log->count++] = (LogBlock){bytes, size, 0};
    log->size += size;
    return true;
}

uint8_t *log_room(Log *log, uint32_t length) {
    LogBlock *last = log->count ? &log->blocks[log->count - 1] : NULL;
    if (!last || last->size - last->used < length) {
        if (!add_block(log, length > LOG_BLOCK ? length : LOG_BLOCK)) return NULL;
        last = &log->blocks[log->count - 1];
        /* A reader goes from block to block: none between is empty. */
        if (log->count > 1 && log->blocks[log->count - 2].used == 0) {
            LogBlock empty = log->blocks[log->count - 2];
            log->blocks[log->count - 2] = *last;
            *last = empty;
            drop_last(log);
            last = &log->blocks[log->count - 1];
        }
    }
    return last->bytes + last->used;
}

void log_take(Log *log, uint32_t length) { log->blocks[log->count - 1].used += length; }

bool log_append(Log *log, const void *bytes, uint32_t length) {
    uint8_t *to = log_room(log, length);
    if (!to) return false;
    memcpy(to, bytes, length);
    log_take(log, length);
    return true;
}

LogPlace log_end(const Log *log) {
    if (log->count == 0) return 0;
    return (LogPlace)(log->count - 1) << 32 | log->blocks[log->count - 1].used;
}

void log_cut(Log *log, LogPlace end) {
    uint32_t block = (uint32_t)(end >> 32), offset = (uint32_t)end, kept = block + (offset > 0);
    while (log->count > kept) drop_last(log);
    if (log->count == block + 1) log->blocks[block].used = offset;
    if (log->count == 0) log_free(log);
    while (log->capacity > 4 && log->count <= log->capacity / 2 && resize_list(log, log->capacity / 2)) continue;
}

size_t log_size(const Log *log) { return log->size + log->capacity * sizeof *log->blocks; }

void log_cut_items(Log *log, uint32_t count, size_t size) {
    uint32_t in_block = (uint32_t)(LOG_BLOCK / size);
    log_cut(log, (LogPlace)(count / in_block) << 32 | count % in_block * size);
}

static uint32_t blocks_for(uint32_t count, size_t size) {
    uint32_t in_block = (uint32_t)(LOG_BLOCK / size);
    return count / in_block + (count % in_block != 0);
}

size_t log_need(const Log *log, uint32_t count, uint32_t more, size_t size) {
    uint32_t blocks = blocks_for(count + more, size);
    if (blocks <= log->count) return 0;
    size_t list = blocks > log->capacity ? 2 * (size_t)blocks * sizeof *log->blocks : 0;
    return (size_t)(blocks - log->count) * LOG_BLOCK + list;
}
