/* journal.c - the inputs of a history. Done again from the first world, they give every later one.
 *
 * Inputs are coded one after another, each followed by how many events it brought, and its bytes. A group is coded
 * without regard to what was before it, so that reading can begin there. */
#include "journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { GROUP = 32 };

typedef struct Group {
    LogPlace begin;
    uint32_t events; /* before it */
} Group;

/* ---- Points ---- */

static void begin_group(JournalPoint *point) {
    if (point->step % GROUP == 0) memset(&point->expected, 0, sizeof point->expected);
}

/* The input at the point was read or written, and takes so many bytes. */
static void move_on(JournalPoint *point, const Input *input, uint32_t events, uint32_t length) {
    point->step++;
    point->place += length;
    point->events = events;
    expect_after(&point->expected, input);
}

static void read_next(const Journal *journal, JournalPoint *point) {
    Input input;
    uint64_t events;
    begin_group(point);
    point->place = log_onward(&journal->inputs, point->place);
    const LogBlock *block = &journal->inputs.blocks[point->place >> 32];
    const uint8_t *from = log_at(&journal->inputs, point->place);
    const uint8_t *next = get_number(decode_input(&point->expected, from, block->bytes + block->used, &input), &events);
    if (input.bytes) {
        input.bytes = next;
        next += input.length;
    }
    move_on(point, &input, point->events + (uint32_t)events, (uint32_t)(next - from));
}

/* Moves a point to before input `step`. */
static void seek(const Journal *journal, JournalPoint *point, uint32_t step) {
    if (point->step > step || step - point->step >= GROUP) {
        const Group *group = log_item(&journal->groups, step / GROUP, sizeof *group);
        point->step = step / GROUP * GROUP;
        point->place = group->begin;
        point->events = group->events;
    }
    while (point->step < step) read_next(journal, point);
}

/* ---- The journal ---- */

bool journal_init(Journal *journal) {
    *journal = (Journal){.at = calloc(1, sizeof *journal->at)};
    return journal->at != NULL;
}

void journal_free(Journal *journal) {
    log_free(&journal->inputs);
    log_free(&journal->groups);
    free(journal->at);
    free(journal->growths);
    *journal = (Journal){0};
}

bool journal_add(Journal *journal, const Input *input, uint32_t events) {
    JournalPoint *end = &journal->end;
    uint8_t code[CODE_BYTES + NUMBER_BYTES];
    begin_group(end);
    const uint8_t *after = put_number(code_input(&end->expected, input, code), events - end->events);
    uint32_t length = (uint32_t)(after - code), bytes = input->bytes ? input->length : 0;
    uint8_t *to = log_room(&journal->inputs, length + bytes);
    if (!to) return false;
    end->place = log_end(&journal->inputs);
    const Group group = {end->place, end->events};
    if (end->step % GROUP == 0 && !log_append(&journal->groups, &group, sizeof group)) return false;
    memcpy(to, code, length);
    if (bytes) memcpy(to + length, input->bytes, bytes);
    log_take(&journal->inputs, length + bytes);
    move_on(end, input, events, length + bytes);
    journal->count = end->step;
    return true;
}

uint32_t journal_read(const Journal *journal, uint32_t step, Input *input) {
    JournalPoint *at = journal->at;
    assert(step < journal->count);
    if (at->step != step + 1) {
        seek(journal, at, step);
        read_next(journal, at);
    }
    *input = at->expected.before;
    return at->events;
}

uint32_t journal_events(const Journal *journal, uint32_t count) {
    Input input;
    if (count >= journal->count) return journal->end.events;
    return count == 0 ? 0 : journal_read(journal, count - 1, &input);
}

size_t journal_size(const Journal *journal) {
    return log_size(&journal->inputs) + log_size(&journal->groups) + sizeof *journal->at +
           journal->growth_capacity * sizeof *journal->growths;
}

void journal_cut(Journal *journal, uint32_t count) {
    while (journal->growth_count > 0 && journal->growths[journal->growth_count - 1].step >= count)
        journal->growth_count--;
    if (count >= journal->count) return;
    seek(journal, &journal->end, count);
    if (journal->at->step > count) *journal->at = (JournalPoint){0};
    journal->count = count;
    log_cut(&journal->inputs, journal->end.place);
    log_cut_items(&journal->groups, (count + GROUP - 1) / GROUP, sizeof(Group));
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
