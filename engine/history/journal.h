/* journal.h - the inputs of a history, in order, with their bytes. */
#ifndef TWOMSL_JOURNAL_H
#define TWOMSL_JOURNAL_H

#include "../engine.h"

/* From input `step` on the world had this size. Slots, and so handles, depend on when it grew. */
typedef struct Growth {
    uint32_t step;
    Config config;
} Growth;

typedef struct Journal {
    Input *inputs;
    uint8_t **bytes;  /* what each input's bytes point to; NULL */
    uint32_t *events; /* how many events there were after each */
    uint32_t count, capacity;
    Growth *growths; /* by step */
    uint32_t growth_count, growth_capacity;
    size_t kept; /* bytes of all inputs */
} Journal;

void journal_free(Journal *journal);
/* Copies the input and its bytes. False: no memory, nothing changed. */
bool journal_add(Journal *journal, const Input *input, uint32_t events);
/* The world has grown before the next input to be added. False: no memory, nothing changed. */
bool journal_grows(Journal *journal, const Config *config);
/* The new size, where the world grew before this input; else NULL. */
const Config *journal_growth(const Journal *journal, uint32_t step);
/* Bytes of memory. */
size_t journal_size(const Journal *journal);
/* Removes inputs from `count` on. */
void journal_cut(Journal *journal, uint32_t count);

#endif
