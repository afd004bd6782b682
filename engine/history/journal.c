/* journal.c - the inputs of a history. Done again from the first world, they give every later one. */
#include "journal.h"

#include <stdlib.h>
#include <string.h>

size_t journal_size(const Journal *journal) {
    return journal->kept +
           journal->capacity * (sizeof *journal->inputs + sizeof *journal->bytes + sizeof *journal->events) +
           journal->growth_capacity * sizeof *journal->growths;
}

void journal_cut(Journal *journal, uint32_t count) {
    while (journal->count > count) {
        free(journal->bytes[--journal->count]);
        journal->kept -= journal->inputs[journal->count].length;
    }
    while (journal->growth_count > 0 && journal->growths[journal->growth_count - 1].step >= count)
        journal->growth_count--;
}

void journal_free(Journal *journal) {
    journal_cut(journal, 0);
    free(journal->inputs);
    free(journal->bytes);
    free(journal->events);
    free(journal->growths);
    *journal = (Journal){0};
}

static bool grow(Journal *journal) {
    if (journal->count < journal->capacity) return true;
    uint32_t capacity = journal->capacity ? journal->capacity * 2 : 64;
    Input *inputs = realloc(journal->inputs, capacity * sizeof *inputs);
    if (!inputs) return false;
    journal->inputs = inputs;
    uint8_t **bytes = realloc(journal->bytes, capacity * sizeof *bytes);
    if (!bytes) return false;
    journal->bytes = bytes;
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
    journal->kept += input->length;
    journal->inputs[journal->count].bytes = journal->bytes[journal->count] = bytes;
    journal->events[journal->count] = events;
    journal->count++;
    return true;
}

bool journal_grows(Journal *journal, const Config *config) {
    if (journal->growth_count == journal->growth_capacity) {
        uint32_t capacity = journal->growth_capacity ? journal->growth_capacity * 2 : 16;
        Growth *growths = realloc(journal->growths, capacity * sizeof *growths);
        if (!growths) return false;
        journal->growths = growths;
        journal->growth_capacity = capacity;
    }
    journal->growths[journal->growth_count++] = (Growth){journal->count, *config};
    return true;
}

const Config *journal_growth(const Journal *journal, uint32_t step) {
    uint32_t low = 0, high = journal->growth_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (journal->growths[middle].step < step) low = middle + 1;
        else high = middle;
    }
    return low < journal->growth_count && journal->growths[low].step == step ? &journal->growths[low].config : NULL;
}
