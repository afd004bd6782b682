/* findings.h - what a search has come to: a table, and how it reads. */
#ifndef TWOMSL_LUA_FINDINGS_H
#define TWOMSL_LUA_FINDINGS_H

#include "memory.h"

typedef struct Findings {
    Explore *explore;
    const ExploreConfig *config;
    const ExploreResult *result;
    const char *cut;    /* why it is not complete; NULL: it is */
    const char *broken; /* the sentence of an oracle or of the check; NULL: nothing is broken */
    double seconds;
    uint32_t part, parts; /* of a swarm; 0: all of it */
    int anchors;          /* a table that keeps the bytes of its calls */
} Findings;

/* Pushes {states=, edges=, depth=, ends=, waiting=, complete=, cut=, within=, odds=, seconds=, memory=}, and for a part
 * part=, parts=. */
void push_findings(lua_State *L, const Findings *findings);
/* Adds to the table on top of the stack pairs=, and where something is broken broken=, path=. */
void add_pairs_and_path(lua_State *L, const Findings *findings);

/* One line while a search runs: states, points that wait, depth, faults, states a second, memory. */
void add_progress(Text *text, const ExploreCounts *counts, double seconds);

#endif
