/* story_open.c - the packets in flight, as a heap: which are next is known without sorting all. */
#include "story_parts.h"

/* Next to arrive first, held ones last. */
static bool earlier(const Open *a, const Open *b) { return a->due != b->due ? a->due < b->due : a->flight < b->flight; }

static void set(Story *story, size_t at, Open item) {
    story->open[at] = item;
    story->flights[item.flight].place = (uint32_t)at + 1;
}

static void rise(Story *story, size_t at, Open item) {
    for (; at > 0 && earlier(&item, &story->open[(at - 1) / 2]); at = (at - 1) / 2)
        set(story, at, story->open[(at - 1) / 2]);
    set(story, at, item);
}

static void sink(Story *story, size_t at, Open item) {
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= story->open_count) break;
        if (child + 1 < story->open_count && earlier(&story->open[child + 1], &story->open[child])) child++;
        if (!earlier(&story->open[child], &item)) break;
        set(story, at, story->open[child]);
        at = child;
    }
    set(story, at, item);
}

static void move(Story *story, size_t at, Open item) {
    if (at > 0 && earlier(&item, &story->open[(at - 1) / 2])) rise(story, at, item);
    else sink(story, at, item);
}

void open_put(Story *story, uint32_t flight, Micros due) {
    size_t at = story->flights[flight].place;
    Open item = {due, flight};
    if (at) {
        move(story, at - 1, item);
        return;
    }
    story->open = story_grow(story->open, story->open_count, &story->open_room, sizeof *story->open);
    rise(story, story->open_count++, item);
}

void open_remove(Story *story, uint32_t flight) {
    size_t at = story->flights[flight].place;
    if (!at) return;
    story->flights[flight].place = 0;
    const Open last = story->open[--story->open_count];
    if (at - 1 < story->open_count) move(story, at - 1, last);
}

/* Below what was taken lie the candidates for what comes next: one more with each. */
size_t open_first(const Story *story, uint32_t *list, size_t capacity) {
    size_t candidates[STORY_PLANNED + 1] = {0}, count = story->open_count > 0, taken = 0;
    if (capacity > STORY_PLANNED) capacity = STORY_PLANNED;
    while (taken < capacity && count > 0) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++)
            if (earlier(&story->open[candidates[i]], &story->open[candidates[best]])) best = i;
        size_t child = 2 * candidates[best] + 1;
        list[taken++] = story->open[candidates[best]].flight;
        candidates[best] = candidates[--count];
        for (size_t i = child; i < child + 2 && i < story->open_count; i++) candidates[count++] = i;
    }
    return taken;
}

bool story_crowds(const Story *story) {
    if (!story->open_count || story->open[0].due == MICROS_NEVER) return false;
    for (size_t child = 1; child <= 2 && child < story->open_count; child++)
        if (story->open[child].due == story->open[0].due) return true;
    return false;
}
