#include "crowd.h"

#include <stdlib.h>

enum {
    FEW = 64,    /* so many that only cross are shown one by one */
    NEAR = 256,  /* ... if each is among so many in flight, or so many sent before those in sight */
    MARGIN = 30, /* what is written beside a line reaches so far */
};

typedef struct Part {
    const Story *story;
    double top, bottom;
} Part;

static void add(Crowd *crowd, uint32_t flight) {
    if (crowd->count < CROWD_SHOWN) crowd->shown[crowd->count++] = flight;
}

static int ascending(const void *a, const void *b) {
    uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;
    return (one > two) - (one < two);
}

static void sort(Crowd *crowd) {
    size_t kept = 0;
    qsort(crowd->shown, crowd->count, sizeof *crowd->shown, ascending);
    for (size_t i = 0; i < crowd->count; i++)
        if (!kept || crowd->shown[kept - 1] != crowd->shown[i]) crowd->shown[kept++] = crowd->shown[i];
    crowd->count = kept;
}

/* Those that begin or end here. */
static void add_ends(Crowd *crowd, const Part *part) {
    const Story *story = part->story;
    for (size_t w = 0; w < story->way_count; w++) {
        const Way *way = &story->ways[w];
        size_t begin = way_begun_above(story, way, part->top), end = way_ended_above(story, way, part->top);
        for (size_t i = begin; i < way->begun.count && story->flights[way->begun.at[i]].y0 < part->bottom; i++)
            add(crowd, way->begun.at[i]);
        for (size_t i = end; i < way->ended.count && story->flights[way->ended.at[i]].y1 < part->bottom; i++)
            add(crowd, way->ended.at[i]);
    }
    for (size_t i = 0; i < story->planned_count; i++)
        if (story->flights[story->planned[i]].y1 < part->bottom) add(crowd, story->planned[i]);
}

static bool crosses(const Part *part, const Flight *flight) {
    return flight->y0 < part->top && flight->y1 >= part->bottom;
}

/* Of those that begin above, without those that ended here or above, and without those shown: the rest crosses. What
 * began here and has ended here is in neither list. */
static uint32_t count_rest(const Crowd *crowd, const Part *part, size_t w) {
    const Way *way = &part->story->ways[w];
    size_t count = way_begun_above(part->story, way, part->top),
           ended = way_ended_above(part->story, way, part->bottom);
    for (size_t i = 0; i < crowd->count; i++) {
        const Flight *flight = &part->story->flights[crowd->shown[i]];
        if (flight->way != w) continue;
        bool above = flight->y0 < part->top, over = flight->ended != STEP_NEVER && flight->y1 < part->bottom;
        if (!above && over) ended--;
        if (above && !over) count--;
    }
    return count > ended ? (uint32_t)(count - ended) : 0;
}

/* One of them: the last sent. */
static PacketId pick(const Crowd *crowd, const Part *part, const Way *way) {
    size_t begin = way_begun_above(part->story, way, part->top);
    for (size_t i = begin; i-- > 0 && begin - i < NEAR;) {
        uint32_t flight = way->begun.at[i];
        bool shown = bsearch(&flight, crowd->shown, crowd->count, sizeof flight, ascending);
        if (!shown && crosses(part, &part->story->flights[flight])) return part->story->flights[flight].packet;
    }
    return PACKET_NONE;
}

static void make_bundles(Crowd *crowd, const Part *part) {
    crowd->bundle_count = 0;
    for (size_t w = 0; w < part->story->way_count; w++) {
        const Way *way = &part->story->ways[w];
        uint32_t count = count_rest(crowd, part, w);
        if (!count) continue;
        if (crowd->bundle_count == CROWD_BUNDLES) crowd->bundles[CROWD_BUNDLES - 1].count += count;
        else crowd->bundles[crowd->bundle_count++] = (Bundle){w, count, pick(crowd, part, way)};
    }
}

static uint32_t bundled(const Crowd *crowd) {
    uint32_t count = 0;
    for (size_t i = 0; i < crowd->bundle_count; i++) count += crowd->bundles[i].count;
    return count;
}

static void add_crossing(Crowd *crowd, const Part *part) {
    const Story *story = part->story;
    for (size_t i = 0; story->open_count <= NEAR && i < story->open_count; i++)
        if (crosses(part, &story->flights[story->open[i].flight])) add(crowd, story->open[i].flight);
    for (size_t b = 0; b < crowd->bundle_count; b++) {
        const Way *way = &story->ways[crowd->bundles[b].way];
        size_t begin = way_begun_above(story, way, part->top);
        for (size_t i = begin > NEAR ? begin - NEAR : 0; i < begin; i++)
            if (crosses(part, &story->flights[way->begun.at[i]])) add(crowd, way->begun.at[i]);
    }
}

void crowd_choose(Crowd *crowd, const Scene *scene, double top, double height, PacketId selected) {
    const Part part = {&scene->story, top - MARGIN, top + height + MARGIN};
    size_t chosen = selected.id ? story_flight(part.story, selected) : SIZE_MAX;
    crowd->count = 0;
    add_ends(crowd, &part);
    if (chosen != SIZE_MAX) add(crowd, (uint32_t)chosen);
    sort(crowd);
    make_bundles(crowd, &part);
    if (!crowd->bundle_count || bundled(crowd) > FEW) return;
    add_crossing(crowd, &part);
    sort(crowd);
    make_bundles(crowd, &part);
}
