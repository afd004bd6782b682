/* expand.h - trying all moves from some of the points that wait: the part of a search that can be done side by side. */
#ifndef TWOMSL_EXPAND_H
#define TWOMSL_EXPAND_H

#include "../world/world.h"
#include "table.h"

/* A point that waits, and the moves that sleep there: they need not be tried, because another order of the same moves
 * leads to the same point (Godefroid 1996). */
typedef struct Waiting {
    uint32_t point;                   /* EXPLORE_NONE: it was met in fewer moves, and waits elsewhere */
    uint32_t asleep_at, asleep_count; /* in the queue's `asleep` */
} Waiting;

typedef struct Moves {
    Move *items;
    size_t count, room;
} Moves;

typedef struct Queue {
    Waiting *items;
    size_t count, room;
    Moves asleep;
} Queue;

/* A point that a move leads to. */
typedef struct Candidate {
    uint64_t print;
    uint64_t common; /* the same with any salt */
    uint32_t parent;
    MoveCode code;
    Faults faults;
    RuleId rule; /* of the goal or of an oracle, followed by the move; RULE_NONE */
    uint32_t asleep_at, asleep_count;
    size_t pack_at, pack_length; /* for exact searches */
} Candidate;

/* A world on the way to the point looked at last. */
typedef struct Frame {
    uint32_t point;
    World *world;
    Spent spent;
} Frame;

typedef struct Worker {
    const ExploreConfig *config;
    const Table *table;
    const uint64_t *watched; /* rules that end the search */
    Frame *frames;           /* by level */
    uint32_t frame_count, frame_room;
    World *scratch;
    Move *moves;
    uint32_t *chain; /* scratch of visit() */
    uint32_t chain_room;
    /* What came of one part of a queue: */
    Candidate *candidates;
    size_t candidate_count, candidate_room;
    Moves asleep;
    uint8_t *packs;
    size_t pack_length, pack_room;
    uint8_t *pairs; /* of each point looked at */
    size_t looked, pairs_room;
    bool stopped; /* the look at the last of them said so */
    uint64_t edges, rests;
    Status limit; /* some world ran out of room; LIMIT_MEMORY: the worker did */
} Worker;

bool worker_open(Worker *worker, const World *start);
void worker_free(Worker *worker);
size_t worker_bytes(const Worker *worker);
/* The world at a point, valid until the next call. NULL: no memory. */
const Frame *worker_visit(Worker *worker, uint32_t point);
/* Tries all moves from the points [from, to) of the queue. */
void worker_expand(Worker *worker, const Queue *queue, size_t from, size_t to);

/* Fills in what tells the point from others: fingerprint, faults and, for exact searches, the bytes in worker->packs.
 * False: no memory. */
bool worker_identify(Worker *worker, const World *world, const Spent *spent, Candidate *candidate);
/* The fingerprint that the world in worker->scratch has with any salt, given the one with the search's. Spoils it. */
uint64_t worker_common(Worker *worker, const Spent *spent, uint64_t print);

/* Makes room for `more` items of `size` bytes. */
bool reserve(void **items, size_t *room, size_t count, size_t more, size_t size);

#endif
