/* ranks.h - packets in the order in which they arrive, each with its rank: a counted treap (Seidel and Aragon, 1996)
 * whose priorities are hashes of the packets' numbers. Finding, placing and removing one takes O(log n). */
#ifndef TWOMSL_RANKS_H
#define TWOMSL_RANKS_H

#include "../engine.h"

/* A packet, at index 1 or above; index 0 stands for none and has count 0. */
typedef struct RankNode {
    Micros due; /* MICROS_NEVER: held */
    PacketId id;
    uint32_t left, right;
    uint32_t count; /* of the nodes from here down */
    uint32_t next;  /* with the same hash, or the next free node */
} RankNode;

/* Starts as zeros. */
typedef struct Ranks {
    RankNode *nodes;
    uint32_t *heads; /* by hash of the packet's number, as many as there is room for nodes */
    uint32_t root, fresh, free, room;
} Ranks;

void ranks_free(Ranks *ranks);
void ranks_clear(Ranks *ranks);
size_t ranks_size(const Ranks *ranks);
/* Places the packet, or moves it to its new place. False: no memory, and the packet is in no place. */
bool ranks_place(Ranks *ranks, PacketId id, Micros due);
/* Removes the packet of that number, if it is there. */
void ranks_remove(Ranks *ranks, uint32_t number);
uint32_t ranks_count(const Ranks *ranks);
/* Fills up to `capacity` handles, that of rank `from` (0: arrives next) first; returns how many were filled. */
uint32_t ranks_list(const Ranks *ranks, uint32_t from, PacketId *ids, uint32_t capacity);

#endif
