#include "crowd.h"

#include <stdlib.h>

enum {
    FEW = 64,    /* so many that only cross are shown one by one */
    NEAR = 256,  /* ... if each is among so many in flight, or so many sent before those in sight */
    MARGIN = 30, /* what is written beside a line reaches so far */
};

/* What is looked at, as steps: what happened before `top` lies above it, what happens from `bottom` on lies below it,
 * or has not happened at the playhead. `end`: the same, whether it has happened or not. */
typedef struct Part {
    const Story *story;
    uint32_t top, bottom, end;
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

static bool is_shown(const Crowd *crowd, uint32_t flight) {
    return crowd->count && bsearch(&flight, crowd->shown, crowd->count, sizeof flight, ascending);
}

/* It belongs to a run, whose flights are not shown one by one. */
static bool in_run(const Story *story, uint32_t flight) {
    const Flight *f = &story->flights[flight];
    const Run *run = story_run_of(story, f->way, f->y0);
    return run != NULL;
}

/* Those that begin or end here. */
static void add_ends(Crowd *crowd, const Part *part) {
    const Story *story = part->story;
    for (size_t w = 0; w < story->way_count; w++) {
        const Way *way = &story->ways[w];
        size_t i = way_begun(story, way, part->top), end = way_begun(story, way, part->end);
        while (i < end) {
            const Run *run = story_run(story, w, i);
            if (!run) add(crowd, way->begun.at[i]);
            i += run ? run->count : 1;
        }
        size_t ended = way_ended(story, way, part->top), last = way_ended(story, way, part->end);
        if (last - ended > CROWD_SHOWN / 8) last = ended + CROWD_SHOWN / 8;
        for (i = ended; i < last; i++)
            if (!in_run(story, way->ended.at[i])) add(crowd, way->ended.at[i]);
    }
}

/* Packets in flight that will arrive in sight. */
static void add_planned(Crowd *crowd, const Story *story, double bottom) {
    for (size_t i = 0; i < story->planned_count; i++)
        if (story->flights[story->planned[i]].y1 < bottom && !in_run(story, story->planned[i]))
            add(crowd, story->planned[i]);
}

static bool under_way(const Part *part, const Flight *flight) {
    return flight->born < part->bottom && flight->ended >= part->bottom;
}

/* How many of those that began in sight have ended there. */
static size_t ended_here(const Part *part, size_t w) {
    const Story *story = part->story;
    const Way *way = &story->ways[w];
    size_t count = 0;
    for (size_t i = way_begun(story, way, part->top), end = way_begun(story, way, part->bottom); i < end;) {
        const Run *run = story_run(story, w, i);
        count += run ? run_ended(run, part->bottom) : story->flights[way->begun.at[i]].ended < part->bottom;
        i += run ? run->count : 1;
    }
    return count;
}

/* Under way, from above, and not shown. */
static uint32_t count_entering(const Crowd *crowd, const Part *part, size_t w) {
    const Way *way = &part->story->ways[w];
    size_t count = way_begun(part->story, way, part->top),
           gone = way_ended(part->story, way, part->bottom) - ended_here(part, w);
    for (size_t i = 0; i < crowd->count; i++) {
        const Flight *flight = &part->story->flights[crowd->shown[i]];
        if (flight->way == w && flight->born < part->top && under_way(part, flight)) gone++;
    }
    return count > gone ? (uint32_t)(count - gone) : 0;
}

static uint32_t count_run(const Crowd *crowd, const Part *part, const Run *run) {
    const Way *way = &part->story->ways[run->way];
    size_t begun = way_begun(part->story, way, part->bottom), last = run->first + run->count;
    size_t count = begun <= run->first ? 0 : (begun < last ? begun : last) - run->first;
    size_t gone = run_ended(run, part->bottom);
    for (size_t i = 0; i < crowd->count; i++) {
        const Flight *flight = &part->story->flights[crowd->shown[i]];
        if (flight->way == run->way && flight->y0 == run->y && under_way(part, flight)) gone++;
    }
    return count > gone ? (uint32_t)(count - gone) : 0;
}

/* One of them: the last sent in [from, to) of its way. */
static PacketId pick(const Crowd *crowd, const Part *part, const Way *way, size_t from, size_t to) {
    for (size_t i = to; i-- > from && to - i < NEAR;) {
        uint32_t flight = way->begun.at[i];
        if (!is_shown(crowd, flight) && under_way(part, &part->story->flights[flight]))
            return part->story->flights[flight].packet;
    }
    return PACKET_NONE;
}

static void add_bundle(Crowd *crowd, Bundle bundle) {
    if (!bundle.count) return;
    if (crowd->bundle_count == CROWD_BUNDLES) crowd->bundles[CROWD_BUNDLES - 1].count += bundle.count;
    else crowd->bundles[crowd->bundle_count++] = bundle;
}

static void make_bundles(Crowd *crowd, const Part *part) {
    const Story *story = part->story;
    crowd->bundle_count = 0;
    for (size_t w = 0; w < story->way_count; w++) {
        const Way *way = &story->ways[w];
        size_t begin = way_begun(story, way, part->top), end = way_begun(story, way, part->bottom);
        add_bundle(crowd, (Bundle){w, NULL, count_entering(crowd, part, w), pick(crowd, part, way, 0, begin)});
        for (size_t i = begin; i < end;) {
            const Run *run = story_run(story, w, i);
            size_t next = i + (run ? run->count : 1), last = next < end ? next : end;
            if (run) add_bundle(crowd, (Bundle){w, run, count_run(crowd, part, run), pick(crowd, part, way, i, last)});
            i = next;
        }
    }
}

static uint32_t entering(const Crowd *crowd) {
    uint32_t count = 0;
    for (size_t i = 0; i < crowd->bundle_count; i++)
        if (!crowd->bundles[i].run) count += crowd->bundles[i].count;
    return count;
}

static void add_entering(Crowd *crowd, const Part *part) {
    const Story *story = part->story;
    for (size_t i = 0; story->open_count <= NEAR && i < story->open_count; i++) {
        const Flight *flight = &story->flights[story->open[i].flight];
        if (flight->born < part->top && under_way(part, flight)) add(crowd, story->open[i].flight);
    }
    for (size_t b = 0; b < crowd->bundle_count; b++) {
        const Way *way = &story->ways[crowd->bundles[b].way];
        size_t begin = crowd->bundles[b].run ? 0 : way_begun(story, way, part->top);
        for (size_t i = begin > NEAR ? begin - NEAR : 0; i < begin; i++)
            if (under_way(part, &story->flights[way->begun.at[i]])) add(crowd, way->begun.at[i]);
    }
}

void crowd_choose(Crowd *crowd, const Scene *scene, double top, double height, PacketId selected) {
    const Story *story = &scene->story;
    double above = top - MARGIN, below = top + height + MARGIN;
    uint32_t now = scene->at.step, first = story_step_at(story, above), end = story_step_at(story, below);
    const Part part = {story, first < now ? first : now, end < now ? end : now,
                       scene->ahead ? end
                       : end < now  ? end
                                    : now};
    size_t chosen = selected.id ? story_flight(story, selected) : SIZE_MAX;
    crowd->count = 0;
    add_ends(crowd, &part);
    add_planned(crowd, story, below);
    if (chosen != SIZE_MAX) add(crowd, (uint32_t)chosen);
    sort(crowd);
    make_bundles(crowd, &part);
    if (!entering(crowd) || entering(crowd) > FEW) return;
    add_entering(crowd, &part);
    sort(crowd);
    make_bundles(crowd, &part);
}
