/* journal.h - the inputs of a history, in order, with their bytes. */
#ifndef TWOMSL_JOURNAL_H
#define TWOMSL_JOURNAL_H

#include "../trace/log.h"
#include "input_code.h"

/* From input `step` on the world had this size. Slots, and so handles, depend on when it grew. */
typedef struct Growth {
    uint32_t step;
    Config config;
} Growth;

/* A place in the journal, and what was read or written before it in the same group. */
typedef struct JournalPoint {
    uint32_t step;
    LogPlace place;
    uint32_t events; /* how many there are before it */
    Expected expected;
} JournalPoint;

typedef struct Journal {
    Log inputs; /* coded */
    Log groups; /* where each group begins */
    uint32_t count;
    JournalPoint end;
    JournalPoint *at; /* where it was last read: reading goes on from there */
    Growth *growths;  /* by step */
    uint32_t growth_count, growth_capacity;
} Journal;

/* False: no memory. */
bool journal_init(Journal *journal);
void journal_free(Journal *journal);
/* Copies the input and its bytes, after which there were so many events. False: no memory, nothing changed. */
bool journal_add(Journal *journal, const Input *input, uint32_t events);
/* Fills the input number `step`; its bytes are valid until it is cut off. Returns how many events there were after
 * it. Reading one after another takes constant time, any other at most a group. */
uint32_t journal_read(const Journal *journal, uint32_t step, Input *input);
/* Events after the first `count` inputs. */
uint32_t journal_events(const Journal *journal, uint32_t count);
/* The world has grown before the next input to be added. False: no memory, nothing changed. */
bool journal_grows(Journal *journal, const Config *config);
/* The new size, where the world grew before this input; else NULL. */
const Config *journal_growth(const Journal *journal, uint32_t step);
/* Bytes of memory. */
size_t journal_size(const Journal *journal);
/* Removes inputs from `count` on. */
void journal_cut(Journal *journal, uint32_t count);

#endif
