/* log.h - bytes that are appended and cut off at the end, in blocks that never move: a long log grows without copying
 * what it has. Zeroed, a Log is empty. */
#ifndef TWOMSL_TRACE_LOG_H
#define TWOMSL_TRACE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_BLOCK = 32 << 10 }; /* bytes in a block, unless more are appended at once */

typedef struct LogBlock {
    uint8_t *bytes;
    uint32_t size, used;
} LogBlock;

typedef struct Log {
    LogBlock *blocks;
    uint32_t count, capacity;
    size_t size; /* of all blocks */
} Log;

/* Where bytes lie: the block's number in the high half, the offset in the low one. Places grow along the log. */
typedef uint64_t LogPlace;

void log_free(Log *log);
/* A place for `length` bytes at the end, all in one block. They belong to the log once log_take() is called, which is
 * told how many they are at last. NULL: no memory, nothing changed. */
uint8_t *log_room(Log *log, uint32_t length);
void log_take(Log *log, uint32_t length);
/* Both at once. */
bool log_append(Log *log, const void *bytes, uint32_t length);
/* Where the next bytes will lie, if they find room in this block. */
LogPlace log_end(const Log *log);
/* Removes what lies from `end` on, and frees the blocks that are empty then. */
void log_cut(Log *log, LogPlace end);
/* Bytes of memory. */
size_t log_size(const Log *log);

static inline uint8_t *log_at(const Log *log, LogPlace place) {
    return log->blocks[place >> 32].bytes + (uint32_t)place;
}
/* The same place, or the beginning of the next block where that one ends there. */
static inline LogPlace log_onward(const Log *log, LogPlace place) {
    uint32_t block = (uint32_t)(place >> 32);
    bool ends = block + 1 < log->count && (uint32_t)place == log->blocks[block].used;
    return ends ? (LogPlace)(block + 1) << 32 : place;
}

/* ---- A log of items of one size, at most LOG_BLOCK: each has a number, from 0 ---- */

static inline void *log_item(const Log *log, uint32_t index, size_t size) {
    uint32_t in_block = (uint32_t)(LOG_BLOCK / size);
    return log->blocks[index / in_block].bytes + index % in_block * size;
}
/* Keeps the first `count`. */
void log_cut_items(Log *log, uint32_t count, size_t size);
/* Bytes of the blocks that `more` items after the first `count` will need. */
size_t log_need(const Log *log, uint32_t count, uint32_t more, size_t size);

#endif
