/* snapshots.c - worlds of the past at even distances, which double when all together take too much. */
#include "snapshots.h"

#include <stdlib.h>

enum {
    EVERY = 128, /* steps between snapshots at first; worlds between are made by doing inputs again */
    MOST = 1 << 30,
    SHARE = 4096 /* large worlds less often: at most so many bytes are copied per step, on average */
};

void snapshots_free(Snapshots *snapshots) {
    while (snapshots->count > 0) free(snapshots->list[--snapshots->count].image);
    free(snapshots->list);
    *snapshots = (Snapshots){0};
}

static bool reserve(Snapshots *snapshots) {
    if (snapshots->count < snapshots->capacity) return true;
    uint32_t capacity = snapshots->capacity ? snapshots->capacity * 2 : 16;
    Snapshot *list = realloc(snapshots->list, capacity * sizeof *list);
    if (!list) return false;
    snapshots->list = list;
    snapshots->capacity = capacity;
    return true;
}

bool snapshots_keep(Snapshots *snapshots, const World *world, uint32_t step) {
    if (!reserve(snapshots)) return false;
    size_t bytes = world_bytes(world);
    void *image = malloc(bytes);
    if (!image) return false;
    world_save(world, image);
    if (snapshots->count == 0) snapshots->every = EVERY;
    snapshots->list[snapshots->count++] = (Snapshot){step, bytes, image};
    snapshots->bytes += bytes;
    return true;
}

bool snapshots_due(const Snapshots *snapshots, const World *world, uint32_t step) {
    if (step % snapshots->every != 0) return false;
    size_t since = step - snapshots->list[snapshots->count - 1].step;
    return since * SHARE >= world_bytes(world);
}

void snapshots_bound(Snapshots *snapshots, size_t most) {
    while (snapshots->bytes > most && snapshots->count > 2) snapshots_thin(snapshots);
}

bool snapshots_thin(Snapshots *snapshots) {
    if (snapshots->count <= 1) return false;
    uint32_t kept = 1;
    if (snapshots->every < MOST) snapshots->every *= 2;
    for (uint32_t i = 1; i < snapshots->count; i++) {
        Snapshot snapshot = snapshots->list[i];
        if (snapshot.step % snapshots->every == 0) {
            snapshots->list[kept++] = snapshot;
            continue;
        }
        snapshots->bytes -= snapshot.bytes;
        free(snapshot.image);
    }
    snapshots->count = kept;
    if (kept == 1) snapshots->every = EVERY;
    return true;
}

size_t snapshots_spare(const Snapshots *snapshots) { return snapshots->bytes - snapshots->list[0].bytes; }

void snapshots_cut(Snapshots *snapshots, uint32_t step) {
    while (snapshots->count > 1 && snapshots->list[snapshots->count - 1].step > step) {
        Snapshot *last = &snapshots->list[--snapshots->count];
        snapshots->bytes -= last->bytes;
        free(last->image);
    }
    if (snapshots->count == 1) snapshots->every = EVERY;
}

const Snapshot *snapshots_nearest(const Snapshots *snapshots, uint32_t step) {
    uint32_t low = 0, high = snapshots->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (snapshots->list[middle].step <= step) low = middle;
        else high = middle;
    }
    return &snapshots->list[low];
}

size_t snapshots_size(const Snapshots *snapshots) {
    return snapshots->bytes + snapshots->capacity * sizeof *snapshots->list;
}
