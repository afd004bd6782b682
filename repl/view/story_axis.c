/* story_axis.c - the axis of time: each instant has a height, those to come are planned. */
#include "story_parts.h"

#include <math.h>
#include <string.h>

enum { FIRST_INSTANT = 26, INSTANT_LEAST = 14 };

double story_gap(Micros gap) {
    if (gap <= 0) return 0;
    double ms = (double)gap / 1000.0;
    if (ms <= 60) return fmax(INSTANT_LEAST, 1.44 * ms);
    return fmin(86.4 + 8 * log2(ms / 60), 140);
}

static double between(double a, double b, Micros from, Micros to, Micros time) {
    return a + (b - a) * (double)(time - from) / (double)(to - from);
}

/* Of the moments after the last instant. */
static double planned_y(const Story *story, Micros from, double y, Micros time) {
    for (size_t i = 0; i < story->plan_count; i++) {
        const Plan *plan = &story->plan[i];
        if (plan->time <= from) continue;
        if (plan->time >= time) return between(y, plan->y, from, plan->time, time);
        from = plan->time;
        y = plan->y;
    }
    return y + story_gap(time - from);
}

double story_y(const Story *story, Micros time) {
    size_t low = 0, high = story->instant_count;
    if (!high) return planned_y(story, 0, 0, time);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (story->instants[middle].time < time) low = middle + 1;
        else high = middle;
    }
    const Instant *after = &story->instants[low], *before = after - 1;
    if (low < story->instant_count && after->time == time) return after->y;
    if (low == 0) return 0;
    if (low == story->instant_count) return planned_y(story, before->time, before->y, time);
    return between(before->y, after->y, before->time, after->time, time);
}

/* ---- What is to come ---- */

static void plan_add(Story *story, Micros time) {
    size_t at = story->plan_count;
    while (at > 0 && story->plan[at - 1].time > time) at--;
    if (at > 0 && story->plan[at - 1].time == time) return;
    memmove(&story->plan[at + 1], &story->plan[at], (story->plan_count - at) * sizeof *story->plan);
    story->plan[at] = (Plan){time, 0};
    story->plan_count++;
}

/* Below the last instant, and what is written there. */
static double stack_height(const Story *story) {
    uint32_t most = 0;
    for (size_t host = 0; host < LIMIT_HOSTS; host++)
        if (story->stacked[host] > most) most = story->stacked[host];
    return STORY_MARK_HEIGHT * most;
}

void story_plan(Story *story, const Micros *alarms, size_t count) {
    const Instant *last = story->instant_count ? &story->instants[story->instant_count - 1] : NULL;
    Micros from = last ? last->time : 0;
    double y = last ? last->y : 0, least = y + stack_height(story);
    for (size_t i = 0; i < story->planned_count; i++)
        if (story->flights[story->planned[i]].ended == STEP_NEVER) story->flights[story->planned[i]].y1 = INFINITY;
    story->planned_count = open_first(story, story->planned, STORY_PLANNED);
    story->plan_count = 0;
    for (size_t i = 0; i < story->planned_count; i++) {
        Micros due = story->open[story->flights[story->planned[i]].place - 1].due;
        if (due != MICROS_NEVER && due > from) plan_add(story, due);
    }
    for (size_t i = 0; i < count && i < STORY_ALARMS; i++)
        if (alarms[i] != MICROS_NEVER && alarms[i] > from) plan_add(story, alarms[i]);
    story->bottom = fmax(FIRST_INSTANT, least);
    for (size_t i = 0; i < story->plan_count; i++) {
        Plan *plan = &story->plan[i];
        plan->y = fmax(y + story_gap(plan->time - from), least);
        from = plan->time;
        y = plan->y;
        least = y + INSTANT_LEAST;
    }
    for (size_t i = 0; i < story->planned_count; i++) {
        Flight *flight = &story->flights[story->planned[i]];
        Micros due = story->open[flight->place - 1].due;
        if (due == MICROS_NEVER) continue;
        flight->y1 = story_y(story, due);
        story->bottom = fmax(story->bottom, flight->y1);
    }
}

/* ---- Where it is dropped is when it arrives ---- */

/* The plan without one packet. */
typedef struct Others {
    const Story *story;
    Micros from, own; /* own: when that packet arrives, which no other does then; MICROS_NEVER */
    double y, least;
    size_t count;
} Others;

static Others others(const Story *story, uint32_t flight, uint32_t step) {
    const Instant *last = step ? &story->instants[story->rows[step - 1].instant] : NULL;
    bool newest = step == story->row_count;
    const uint32_t place = story->flights[flight].place;
    Others o = {.story = story,
                .from = last ? last->time : 0,
                .y = last ? last->y : 0,
                .own = place ? story->open[place - 1].due : MICROS_NEVER,
                .count = newest ? story->plan_count : 0};
    o.least = newest ? o.y + stack_height(story) : o.y;
    for (size_t i = 0; i < story->planned_count; i++) {
        const uint32_t other = story->planned[i], at = story->flights[other].place;
        if (other != flight && at && story->open[at - 1].due == o.own) o.own = MICROS_NEVER;
    }
    return o;
}

/* How high the axis would have a moment, if the packet arrived then. */
static double arrival_y(const Others *o, Micros time) {
    Micros from = o->from;
    double y = o->y, least = o->least;
    for (size_t i = 0; i < o->count && o->story->plan[i].time < time; i++) {
        const Micros at = o->story->plan[i].time;
        if (at == o->own) continue;
        y = fmax(y + story_gap(at - from), least);
        from = at;
        least = y + INSTANT_LEAST;
    }
    return fmax(y + story_gap(time - from), least);
}

/* The last moment, up to `high`, that would be above this height. */
static Micros last_above(const Others *o, double y, Micros high) {
    Micros low = o->from;
    while (high - low > 1) {
        const Micros middle = low + (high - low) / 2;
        if (arrival_y(o, middle) < y) low = middle;
        else high = middle;
    }
    return low;
}

Micros story_drop(const Story *story, size_t flight, uint32_t step, double y) {
    const Others o = others(story, (uint32_t)flight, step);
    const Micros high = STORY_DROP_MOST + (o.count ? story->plan[o.count - 1].time : o.from);
    if (y <= o.y) return o.from;
    if (y > o.least) return last_above(&o, fmin(y, arrival_y(&o, high)), high);
    const Micros first = last_above(&o, o.least + 1e-6, high); /* above, there is what is written about the present */
    return o.from + (Micros)((double)(first - o.from) * (y - o.y) / (o.least - o.y));
}

/* ---- Instants ---- */

void story_reach(Story *story, Micros time) {
    const Instant *last = story->instant_count ? &story->instants[story->instant_count - 1] : NULL;
    if (last && last->time == time) return;
    double y = last ? fmax(last->y + story_gap(time - last->time), last->y + stack_height(story)) : FIRST_INSTANT;
    story->instants = story_grow(story->instants, story->instant_count, &story->instant_room, sizeof *story->instants);
    story->instants[story->instant_count++] = (Instant){time, y, (uint32_t)story->row_count,
                                                        (uint32_t)story->mark_count};
    memset(story->stacked, 0, sizeof story->stacked);
}

size_t story_instant_at(const Story *story, double y) {
    size_t low = 0, high = story->instant_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (story->instants[middle].y < y) low = middle + 1;
        else high = middle;
    }
    return low;
}

uint32_t story_step_at(const Story *story, double y) {
    size_t instant = story_instant_at(story, y);
    return instant < story->instant_count ? story->instants[instant].row : (uint32_t)story->row_count;
}
