/* moves.h - what can happen next at a point of a search. */
#ifndef TWOMSL_MOVES_H
#define TWOMSL_MOVES_H

#include "../explore.h"

typedef enum MoveKind { MOVE_DELIVER, MOVE_CALL, MOVE_TIMER, MOVE_EXPIRE, MOVE_DROP, MOVE_DUP, MOVE_KINDS } MoveKind;

enum { MOVE_NUMBER_BITS = 13, MOVES_MOST = 1 << 13 };

/* In 16 bits: with the world before it, it says which input it was. */
typedef uint16_t MoveCode;

typedef struct Move {
    MoveCode code;
    HostId host;    /* whose TCP it changes; HOST_NONE: none's */
    bool twin;      /* another move has the same key and does something else */
    uint32_t age;   /* of a packet, so that older ones come first */
    uint64_t key;   /* the same in all worlds between which no time passes */
    uint64_t whole; /* equal for moves that do the same in this world */
} Move;

/* What has been used of the budget on the way to a point. */
typedef struct Spent {
    uint8_t drops, dups, delays;
    uint16_t calls;   /* those made, as bits */
    uint64_t resends; /* 4 bits a host */
} Spent;

static inline MoveKind move_kind(MoveCode code) { return (MoveKind)(code >> MOVE_NUMBER_BITS); }
static inline bool move_is_fault(MoveCode code) {
    MoveKind kind = move_kind(code);
    return kind == MOVE_EXPIRE || kind == MOVE_DROP || kind == MOVE_DUP;
}
static inline bool move_takes_time(MoveCode code) {
    return move_kind(code) == MOVE_TIMER || move_kind(code) == MOVE_EXPIRE;
}

/* Makes a copy of a world ready to be searched: packets arrive when they are made to, and never by chance;
 * orders that hold or delay packets make no difference then. */
void moves_prepare(World *world);
/* Fills moves[] in an order that is the same wherever the same moves are possible; of moves that do the same there is
 * one. Returns how many; MOVES_MOST + 1: too many. */
size_t moves_list(const World *world, const ExploreConfig *config, const Spent *spent, Move moves[MOVES_MOST]);
/* The input that a move is in this world. */
Input move_input(const World *world, const ExploreConfig *config, MoveCode code);
/* The same, with the endpoints of the connection that it names: for explore_walk(). */
Input move_on_way(const World *world, const ExploreConfig *config, MoveCode code);
/* What has been used after this move; `world` is the one before it. */
Spent move_spend(const World *world, const ExploreConfig *config, Spent spent, MoveCode code);
/* Either order of the two leads to the same point, and neither makes the other impossible. */
bool moves_commute(const Move *a, const Move *b);

#endif
