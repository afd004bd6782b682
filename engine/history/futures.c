/* futures.c - see futures.h. */
#include "futures.h"

#include <stdlib.h>

void futures_free(Futures *futures) {
    for (uint32_t i = 0; i < futures->count; i++) records_free(&futures->list[i].tail);
    free(futures->list);
    *futures = (Futures){0};
}

bool futures_begin(Futures *futures) {
    Futures fresh = {0};
    if (!futures_reserve(&fresh)) return false;
    futures_free(futures);
    *futures = fresh;
    futures->present = futures_add(futures)->number;
    return true;
}

size_t futures_size(const Futures *futures) { return futures->bytes + futures->room * sizeof *futures->list; }
size_t futures_spare(const Futures *futures) { return futures->held ? 0 : futures->bytes; }

/* The index of the first whose number is not lower. */
static uint32_t place_of(const Futures *futures, uint32_t number) {
    uint32_t low = 0, high = futures->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (futures->list[middle].number < number) low = middle + 1;
        else high = middle;
    }
    return low;
}

Future *futures_find(const Futures *futures, uint32_t number) {
    uint32_t place = place_of(futures, number);
    bool found = number && place < futures->count && futures->list[place].number == number;
    return found ? &futures->list[place] : NULL;
}

bool futures_reserve(Futures *futures) {
    if (futures->count == LIMIT_BRANCHES) futures_give_up(futures);
    if (futures->count < futures->room) return true;
    uint32_t room = futures->room ? futures->room * 2 : 2;
    Future *list = realloc(futures->list, room * sizeof *list);
    if (!list) return false;
    futures->list = list;
    futures->room = room;
    return true;
}

Future *futures_add(Futures *futures) {
    Future *future = &futures->list[futures->count++];
    *future = (Future){.number = ++futures->newest, .origin = futures->left, .began = futures->left_at};
    return future;
}

bool futures_insert(Futures *futures, const Future *future) {
    if (!futures_reserve(futures)) return false;
    uint32_t place = place_of(futures, future->number);
    for (uint32_t i = futures->count++; i > place; i--) futures->list[i] = futures->list[i - 1];
    futures->list[place] = *future;
    futures->bytes += future->tail.room;
    return true;
}

static bool has_children(const Futures *futures, uint32_t number) {
    for (uint32_t i = 0; i < futures->count; i++)
        if (futures->list[i].parent == number) return true;
    return false;
}

static void set_tail(Futures *futures, Future *future, const Records *tail) {
    futures->bytes += tail->room;
    futures->bytes -= future->tail.room;
    records_free(&future->tail);
    future->tail = *tail;
}

bool futures_give_up(Futures *futures) {
    if (futures->held) return false;
    for (uint32_t i = 0; i < futures->count; i++) {
        Future *future = &futures->list[i];
        if (future->number == futures->present || has_children(futures, future->number)) continue;
        set_tail(futures, future, &(Records){0});
        for (futures->count--; i < futures->count; i++) futures->list[i] = futures->list[i + 1];
        futures->given_up++;
        return true;
    }
    return false;
}

/* Those that leave `from` later than `step`, or (`before`) not later, leave `to` instead. */
static void move_children(Futures *futures, uint32_t from, bool before, uint32_t step, uint32_t to) {
    for (uint32_t i = 0; i < futures->count; i++) {
        Future *child = &futures->list[i];
        if (child->parent != from || child->number == futures->present || child->number == to) continue;
        if ((child->fork <= step) == before) child->parent = to;
    }
}

void futures_leave(Futures *futures, uint32_t step, const Records *tail) {
    Future *left = futures_find(futures, futures->present);
    left->parent = TRUNK;
    left->fork = step;
    set_tail(futures, left, tail);
    move_children(futures, TRUNK, false, step, left->number);
    futures->present = TRUNK;
    futures->left = left->number;
    futures->left_at = step;
}

bool futures_shorten(Futures *futures, Future *future, uint32_t step) {
    RecordReader reader;
    Records rest = {0};
    Expected expected = {0};
    records_open(&reader, &future->tail);
    for (uint32_t at = future->fork; records_next(&reader); at++) {
        const Config *growth = reader.growth.hosts ? &reader.growth : NULL;
        if (at < step || records_add(&rest, &expected, &reader.input, growth)) continue;
        records_free(&rest);
        return false;
    }
    records_fit(&rest);
    set_tail(futures, future, &rest);
    future->fork = step;
    move_children(futures, future->number, true, step, TRUNK);
    return true;
}

void futures_enter(Futures *futures, Future *future) {
    set_tail(futures, future, &(Records){0});
    future->parent = TRUNK;
    future->fork = 0;
    futures->present = future->number;
    move_children(futures, future->number, true, UINT32_MAX, TRUNK);
}

Future *futures_way(const Futures *futures, Future *to, uint32_t *until) {
    *until = future_steps(to);
    while (to->parent != TRUNK) {
        *until = to->fork;
        to = futures_find(futures, to->parent);
    }
    return to;
}
