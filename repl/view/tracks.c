/* tracks.c - the lines of packets over the ladder: straight where the axis of time is, and vertical while held. */
#include "ladder.h"

#include <math.h>

#define LOOP 170.0 /* how far the line of a packet to its own sender swings out */

/* The next moment after `time` that has a height of its own; MICROS_NEVER. */
static Micros next_knot(const Story *story, Micros time) {
    size_t low = 0, high = story->instant_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (story->instants[middle].time <= time) low = middle + 1;
        else high = middle;
    }
    if (low < story->instant_count) return story->instants[low].time;
    for (size_t i = 0; i < story->plan_count; i++)
        if (story->plan[i].time > time) return story->plan[i].time;
    return MICROS_NEVER;
}

/* A point on the straight way between its neighbours is not needed. */
static bool straight(const Track *track, double way, double y) {
    if (track->count < 2 || track->now == track->count - 1) return false;
    const TrackPoint *a = &track->at[track->count - 2], *b = &track->at[track->count - 1];
    if (y - a->y < 1e-6) return way - a->way < 1e-9;
    double part = (b->y - a->y) / (y - a->y);
    return fabs(a->way + (way - a->way) * part - b->way) < 1e-4;
}

typedef struct Builder {
    Track *track;
    const Story *story;
    double top;          /* of the ladder, on screen */
    double above, below; /* beyond these heights nothing is seen */
    Micros playhead;     /* MICROS_NEVER: it is not on the line */
} Builder;

static void add_point(Builder *b, const Legs *legs, Micros time, double way) {
    Track *track = b->track;
    double y = b->top + story_y(b->story, time);
    if (straight(track, way, y)) track->count--;
    if (track->count == TRACK_POINTS) track->count--;
    if (!track->count && b->playhead < time) track->now = 0; /* further up */
    track->at[track->count++] = (TrackPoint){way, y};
    if (time == b->playhead && !legs->ends) track->now = track->count - 1;
}

static void add_leg(Builder *b, const Legs *legs, const Leg *leg) {
    double span = (double)(leg->to - leg->from);
    Micros time = leg->from;
    size_t first = story_instant_at(b->story, b->above);
    if (first > 0 && b->story->instants[first - 1].time > time) time = b->story->instants[first - 1].time;
    if (time > leg->to) return;
    for (;;) {
        double part = span > 0 ? (double)(time - leg->from) / span : 0;
        add_point(b, legs, time, leg->begin + (leg->end - leg->begin) * part);
        if (time >= leg->to || story_y(b->story, time) > b->below) break;
        Micros next = next_knot(b->story, time);
        if (b->playhead > time && b->playhead < next) next = b->playhead;
        time = next < leg->to ? next : leg->to;
    }
    if (span <= 0 && leg->end > leg->begin) add_point(b, legs, leg->to, leg->end);
}

/* Lost at the moment it was sent, it came no part of the way: a stub shows that there was one. */
static void show_stub(Track *track) {
    const double least = 0.07;
    if (!track->count || track->at[track->count - 1].way - track->at[0].way >= least) return;
    if (track->count == 1) track->at[track->count++] = track->at[0];
    track->at[track->count - 1].way = fmin(track->at[0].way + least, 1);
}

Track ladder_track(const Scene *scene, Rect rect, double scroll, const Flight *flight) {
    Rect field = ladder_field(rect);
    Legs legs;
    bool seen = flight_seen(scene, flight);
    Track track = {.x0 = ladder_x(scene, rect, flight->from),
                   .x1 = ladder_x(scene, rect, flight->to),
                   .loop = flight->from == flight->to && flight->from != HOST_NONE};
    flight_legs(&scene->story, flight, seen ? scene->events : EVENT_NONE, &legs);
    track.now = -1;
    Builder builder = {.track = &track,
                       .story = &scene->story,
                       .top = field.y - scroll,
                       .above = scroll - field.h,
                       .below = scroll + 2 * field.h,
                       .playhead = seen && !legs.ends ? scene->time : MICROS_NEVER};
    for (size_t i = 0; i < legs.count; i++) {
        Leg leg = legs.leg[i];
        if (leg.to == MICROS_NEVER) leg.to = scene->time > leg.from ? scene->time : leg.from;
        add_leg(&builder, &legs, &leg);
    }
    bool lost = legs.ends && legs.count && legs.leg[legs.count - 1].end < 1;
    if (lost) show_stub(&track);
    if (track.now < 0) track.now = track.count - 1;
    double way = seen && !legs.ends ? flight_way(scene, flight) : 0;
    if (track.count && track.at[track.now].way < way) track.at[track.now].way = way; /* delivered out of turn */
    return track;
}

static void place(const Track *track, double way, double y, double *x_out, double *y_out) {
    *x_out = track->x0 + (track->x1 - track->x0) * way;
    if (track->loop) *x_out += LOOP * 4 * way * (1 - way);
    *y_out = y;
}

void track_place(const Track *track, int index, double *x, double *y) {
    place(track, track->at[index].way, track->at[index].y, x, y);
}

void track_point(const Track *track, double way, double *x, double *y) {
    int i = 1;
    if (!track->count) {
        place(track, way, 0, x, y);
        return;
    }
    while (i < track->count && track->at[i].way < way) i++;
    const TrackPoint *b = &track->at[i < track->count ? i : track->count - 1], *a = i < track->count ? b - 1 : b;
    if (track->count == 1) a = b;
    double span = b->way - a->way, part = span > 0 ? (way - a->way) / span : 1;
    place(track, way, a->y + (b->y - a->y) * part, x, y);
}

void ladder_packet(const Scene *scene, Rect rect, double scroll, const Flight *flight, double *x, double *y) {
    Track track = ladder_track(scene, rect, scroll, flight);
    if (track.count) track_place(&track, track.now, x, y);
    else track_point(&track, flight_way(scene, flight), x, y);
}
