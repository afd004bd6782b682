/* journal.c - the inputs of a history: with a world to start from, they are the whole of it. */
#include "journal.h"

#include <stdlib.h>
#include <string.h>

void journal_cut(Journal *journal, uint32_t count) {
    while (journal->count > count) free((void *)(uintptr_t)journal->inputs[--journal->count].bytes);
}

void journal_free(Journal *journal) {
    journal_cut(journal, 0);
    free(journal->inputs);
    free(journal->events);
    *journal = (Journal){0};
}

static bool grow(Journal *journal) {
    if (journal->count < journal->capacity) return true;
    uint32_t capacity = journal->capacity ? journal->capacity * 2 : 64;
    Input *inputs = realloc(journal->inputs, capacity * sizeof *inputs);
    if (!inputs) return false;
    journal->inputs = inputs;
    uint32_t *events = realloc(journal->events, capacity * sizeof *events);
    if (!events) return false;
    journal->events = events;
    journal->capacity = capacity;
    return true;
}

bool journal_add(Journal *journal, const Input *input, uint32_t events) {
    if (!grow(journal)) return false;
    uint8_t *bytes = NULL;
    if (input->bytes) {
        bytes = malloc(input->length ? input->length : 1);
        if (!bytes) return false;
        memcpy(bytes, input->bytes, input->length);
    }
    journal->inputs[journal->count] = *input;
    journal->inputs[journal->count].bytes = bytes;
    journal->events[journal->count] = events;
    journal->count++;
    return true;
}
