/* explore.h - every order in which things can happen, within a budget of faults.
 *
 * A point of a search is a world and what is left of the budget. From it go moves: any packet in flight arrives now;
 * one is lost, or doubled; one of the given calls is made; or time passes to the next timer, or to the end of the life
 * of a packet, which costs a loss. So a packet's delay is anything from 0 to MSL; the path's own latency and chance do
 * not count. Points are met fewest faults first, then fewest moves: the first of a kind has a shortest way to it.
 *
 * What outgrows one machine is searched by a swarm (Holzmann, Joshi, Groce 2011): parts that know nothing of each
 * other, each of which begins anew in another order, with another function for fingerprints, and ends at limits of its
 * own. Each part tries everything, given room; together they meet more than one could, and miss different points.
 */
#ifndef TWOMSL_ENGINE_EXPLORE_H
#define TWOMSL_ENGINE_EXPLORE_H

#include "trace.h"
#include "views.h"

enum {
    EXPLORE_CALLS = 16,  /* calls that may be made */
    EXPLORE_FAULTS = 15, /* of each kind */
    EXPLORE_NO_LIMIT = UINT8_MAX,
    EXPLORE_DRAWS = 64, /* most of ExploreConfig.draws */
    EXPLORE_SKETCH = 4096
};
#define EXPLORE_NONE UINT32_MAX

/* What a search has come to. */
typedef struct ExploreCounts {
    uint64_t states;        /* points met: different worlds, calls still to be made and faults still to spend */
    uint64_t edges;         /* moves tried */
    uint64_t waiting;       /* points met from which no move was tried yet */
    uint32_t faults, depth; /* of the points that are looked at now: faults, and moves from the beginning */
    size_t bytes;           /* all memory that the search has */
} ExploreCounts;

typedef enum ExploreEnd {
    EXPLORE_COMPLETE, /* nothing was left out within the budget */
    EXPLORE_FOUND,    /* what was looked for */
    EXPLORE_BROKEN,   /* an oracle, or the check, says no */
    EXPLORE_CUT_STATES,
    EXPLORE_CUT_MEMORY,
    EXPLORE_CUT_STOPPED, /* by `progress` */
    EXPLORE_CUT_WORLD    /* a world ran out of room */
} ExploreEnd;

typedef struct ExplorePoint {
    uint32_t number;
    uint32_t depth;              /* moves from the beginning */
    uint8_t drops, dups, delays; /* used */
    uint16_t calls;              /* made, as bits */
} ExplorePoint;

/* Called for each point met, in order; false ends the search there: EXPLORE_FOUND where `finds` is set, else
 * EXPLORE_BROKEN. Both are valid during the call. */
typedef bool ExploreLook(void *self, const World *world, const ExplorePoint *point);

typedef struct ExploreConfig {
    uint8_t drops, dups; /* losses and duplicates; up to EXPLORE_FAULTS */
    uint8_t delays;      /* packets that may be under way while a timer fires; EXPLORE_NO_LIMIT: they are no fault */
    uint8_t resends;     /* retransmissions of each host, 0 is none; EXPLORE_NO_LIMIT */
    bool no_timers;      /* time does not pass */
    bool exact;          /* compares worlds, not their digests */
    bool no_oracles;     /* they do not end the search */
    bool plain;          /* tries every move, also those that another order makes superfluous */
    const Input *calls;  /* each may be made once. Without a handle: the youngest connection of `host`, for
                            INPUT_ACCEPT its listener. INPUT_RECV takes `count` bytes, or all there are if fewer */
    uint32_t call_count; /* up to EXPLORE_CALLS */
    bool in_order;       /* those with the same `host` are made in the order given, as a program would */
    uint64_t salt;       /* another function for fingerprints for each; 0: world_digest() */
    uint8_t draws;       /* 0: fewest faults first, then fewest moves. Else points come in an order made from the salt,
                            and ways are not the shortest: of so many random levels the deepest is next, so that 1
                            goes everywhere at once and 16 deep first */
    uint64_t states;     /* most points; 0: 2^32 - 1 */
    size_t memory;       /* most bytes; 0: no limit. Each worker has worlds of its own: more reach it earlier */
    RuleId goal;         /* ends when this rule is followed: EXPLORE_FOUND; RULE_NONE */
    bool finds;
    ExploreLook *look; /* may be NULL */
    /* Called now and then; false ends the search. May be NULL. */
    bool (*progress)(void *self, const ExploreCounts *counts);
    /* Does work(argument, i) for i below `count`, in any order or at the same time; returns when all is done. NULL: one
     * after the other. */
    void (*together)(void *self, void (*work)(void *argument, uint32_t i), void *argument, uint32_t count);
    uint32_t workers; /* that may work at the same time; 0: one */
    void *self;       /* for all of these */
} ExploreConfig;

typedef struct ExploreResult {
    ExploreEnd end;
    Status limit; /* EXPLORE_CUT_WORLD: which */
    ExploreCounts counts;
    RuleId rule;    /* EXPLORE_FOUND, EXPLORE_BROKEN: followed by the last move; RULE_NONE: `look` said so */
    uint64_t rests; /* points at which nothing can happen any more */
} ExploreResult;

typedef struct Explore Explore;

/* A search from this world, which is copied. NULL: no memory, or a config past its limits. The config is copied; its
 * calls with their bytes must stay. */
Explore *explore_new(const World *world, const ExploreConfig *config);
void explore_free(Explore *explore);
ExploreResult explore_run(Explore *explore);

/* The point at which A's and B's states were met together first; EXPLORE_NONE: never. A host's state is that of its
 * youngest connection, LISTEN where it only listens, CLOSED where it has none. */
uint32_t explore_pair(const Explore *explore, State a, State b);
State explore_host_state(const World *world, HostId host);

/* What tells how many different points several searches from the same world have met together, whatever their salts:
 * HyperLogLog's registers (Flajolet, Fusy, Gandouet, Meunier 2007). Those of several searches are joined by taking the
 * larger of each. Points that differ only in the faults spent count as one. */
void explore_sketch(const Explore *explore, uint8_t registers[EXPLORE_SKETCH]);

/* The way to what was found, or to a point: one input a move, for explore_walk(); returns how many, and fills up to
 * `capacity`. Bytes of calls are those of the config. 0: no memory, or the beginning. */
size_t explore_way(Explore *explore, uint32_t state, Input *inputs, size_t capacity);
/* The same for what ended the search. */
size_t explore_found(Explore *explore, Input *inputs, size_t capacity);

/* ---- Walking a way, from the world at which the search began ----
 * In that world packets arrive by themselves, so some must be delayed before time passes. */
typedef struct ExploreWalk {
    const Input *way;
    size_t length, at; /* `at`: moves made */
} ExploreWalk;
/* What is to be done next in this world, which has done all before: a move, or a delay. False: that was all. */
bool explore_walk(ExploreWalk *walk, const World *world, Input *input);

#endif
