/* journal.h - the inputs of a history, in order, with their bytes. */
#ifndef TWOMSL_JOURNAL_H
#define TWOMSL_JOURNAL_H

#include "../engine.h"

typedef struct Journal {
    Input *inputs;
    uint32_t *events; /* how many events there were after each */
    uint32_t count, capacity;
} Journal;

void journal_free(Journal *journal);
/* Copies the input and its bytes. False: no memory, nothing changed. */
bool journal_add(Journal *journal, const Input *input, uint32_t events);
void journal_cut(Journal *journal, uint32_t count);

#endif
