/* table.c - the points met: an array, and an open table of their numbers. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_POINTS = 1 << 10 };

static bool resize_points(Table *table, uint32_t room) {
    Point *points = realloc(table->points, room * sizeof *points);
    if (!points) return false;
    table->bytes += (room - table->room) * sizeof *points;
    table->points = points;
    table->room = room;
    return true;
}

static uint64_t tag_of(uint64_t print) { return print & ~(uint64_t)UINT32_MAX; }

static void place(uint64_t *slots, uint64_t mask, uint64_t print, uint32_t number) {
    uint64_t at = print & mask;
    while (slots[at]) at = (at + 1) & mask;
    slots[at] = tag_of(print) | (number + 1);
}

static bool resize_slots(Table *table, uint64_t size) {
    uint64_t *slots = calloc(size, sizeof *slots);
    if (!slots) return false;
    for (uint32_t i = 0; i < table->count; i++) place(slots, size - 1, point_print(&table->points[i]), i);
    table->bytes += size * sizeof *slots;
    if (table->slots) table->bytes -= (table->mask + 1) * sizeof *slots;
    free(table->slots);
    table->slots = slots;
    table->mask = size - 1;
    return true;
}

bool table_open(Table *table) {
    *table = (Table){0};
    return resize_points(table, FIRST_POINTS) && resize_slots(table, 2 * FIRST_POINTS);
}

void table_free(Table *table) {
    free(table->points);
    free(table->slots);
}

static bool may_take(const Table *table, size_t more, size_t most) { return most == 0 || table->bytes + more <= most; }

bool table_reserve(Table *table, size_t most) {
    if (table->count == table->room) {
        if (table->room > UINT32_MAX / 3) return false;
        uint32_t more = table->room / 2; /* by half: what is unused stays small */
        if (!may_take(table, more * sizeof *table->points, most)) return false;
        if (!resize_points(table, table->room + more)) return false;
    }
    uint64_t size = table->mask + 1;
    if (table->count < size - size / 4) return true;
    return may_take(table, 2 * size * sizeof *table->slots, most) && resize_slots(table, 2 * size);
}

uint32_t table_next(const Table *table, uint64_t print, uint64_t *at) {
    for (;; ++*at) {
        uint64_t slot = table->slots[(print + *at) & table->mask];
        if (slot == 0) return EXPLORE_NONE;
        if (tag_of(slot) != tag_of(print)) continue;
        uint32_t number = (uint32_t)slot - 1;
        if (table->points[number].print_low != (uint32_t)print) continue;
        ++*at;
        return number;
    }
}

uint32_t table_add(Table *table, uint64_t print, Point point) {
    point.print_low = (uint32_t)print;
    point.print_high = (uint32_t)(print >> 32);
    table->points[table->count] = point;
    place(table->slots, table->mask, print, table->count);
    return table->count++;
}
