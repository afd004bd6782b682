/* snapshots.h - worlds of the past, kept so that going back does few inputs again. */
#ifndef TWOMSL_SNAPSHOTS_H
#define TWOMSL_SNAPSHOTS_H

#include "../engine.h"

typedef struct Snapshot {
    uint32_t step;
    size_t bytes;
    void *image; /* for world_load() */
} Snapshot;

typedef struct Snapshots {
    Snapshot *list; /* by step; the first is the beginning */
    uint32_t count, capacity;
    uint32_t every; /* steps between them; 0: not yet chosen */
    size_t bytes;   /* of all images */
} Snapshots;

void snapshots_free(Snapshots *snapshots);
/* Keeps the world after `step` inputs, later than all that are kept. False: no memory, nothing changed. */
bool snapshots_keep(Snapshots *snapshots, const World *world, uint32_t step);
/* The last snapshot lies far enough back for another. */
bool snapshots_due(const Snapshots *snapshots, const World *world, uint32_t step);
/* Thins them until all together take at most `most` bytes, but for the first and another one. */
void snapshots_bound(Snapshots *snapshots, size_t most);
/* Gives up about every second one. False: only the beginning is left. */
bool snapshots_thin(Snapshots *snapshots);
/* Bytes that it frees when it is called until it returns false. */
size_t snapshots_spare(const Snapshots *snapshots);
/* Removes those of later steps. */
void snapshots_cut(Snapshots *snapshots, uint32_t step);
/* The last one that is not later. */
const Snapshot *snapshots_nearest(const Snapshots *snapshots, uint32_t step);
/* Bytes of memory. */
size_t snapshots_size(const Snapshots *snapshots);

#endif
