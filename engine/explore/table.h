/* table.h - the points met, in the order in which they were first met, and found by their fingerprint. */
#ifndef TWOMSL_TABLE_H
#define TWOMSL_TABLE_H

#include "moves.h"

/* Faults used, each in its place, so that they can be compared at once. */
typedef uint16_t Faults;
static inline Faults faults_of(Spent spent) { return (Faults)(spent.drops | spent.dups << 4 | spent.delays << 8); }
static inline uint32_t faults_total(Faults faults) { return (faults & 15) + (faults >> 4 & 15) + (faults >> 8 & 255u); }
/* No more of any kind. */
static inline bool faults_within(Faults a, Faults b) {
    return (a & 15) <= (b & 15) && (a >> 4 & 15) <= (b >> 4 & 15) && a >> 8 <= b >> 8;
}

/* A point: how it was reached first, and when. 24 bytes and, for finding it, 11 to 22. */
typedef struct Point {
    uint32_t print_low, print_high; /* the fingerprint */
    uint32_t parent;
    uint32_t place; /* in the queue of those that wait with as many faults and moves */
    MoveCode code;  /* from the parent */
    Faults faults;
    uint16_t level; /* moves from the beginning */
    bool done;      /* its moves were tried, or a point with fewer faults makes them superfluous */
} Point;

typedef struct Table {
    Point *points;
    uint32_t count;
    uint32_t room;   /* for points */
    uint64_t *slots; /* a point's number + 1, and above it bits of its fingerprint; 0: free */
    uint64_t mask;
    size_t bytes;
} Table;

bool table_open(Table *table); /* false: no memory */
void table_free(Table *table);
/* Makes room for one more. False: no memory, or `most` bytes would be exceeded (0: no limit). */
bool table_reserve(Table *table, size_t most);
static inline uint64_t point_print(const Point *point) { return (uint64_t)point->print_high << 32 | point->print_low; }
/* Walks all points with this fingerprint: start with *at = 0. EXPLORE_NONE: no more. */
uint32_t table_next(const Table *table, uint64_t print, uint64_t *at);
/* Adds a point, for which there is room. */
uint32_t table_add(Table *table, uint64_t print, Point point);

#endif
