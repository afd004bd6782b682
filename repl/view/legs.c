#include "legs.h"

#include <math.h>

static double part_of(Micros from, Micros to, Micros time) {
    if (to == MICROS_NEVER || to <= from) return 0;
    return fmin(fmax((double)(time - from) / (double)(to - from), 0), 1);
}

/* The way from `at` on, to be arrived at `due`; as far as it came by `time`. */
static double come(double at, Micros from, Micros due, Micros time) { return at + (1 - at) * part_of(from, due, time); }

static void add(Legs *legs, Micros from, Micros to, double begin, double end) {
    if (legs->count == LEGS) {
        for (size_t i = 1; i < LEGS; i++) legs->leg[i - 1] = legs->leg[i];
        legs->count--;
    }
    legs->leg[legs->count++] = (Leg){from, to, begin, end};
}

typedef struct Walk {
    Micros from, due; /* since it moves, or is held */
    double at;
    bool held;
} Walk;

static void follow(Legs *legs, Walk *walk, const Event *event) {
    switch ((int)event->kind) {
    case EVENT_HOLD: {
        double at = come(walk->at, walk->from, walk->due, event->time);
        add(legs, walk->from, event->time, walk->at, at);
        *walk = (Walk){event->time, MICROS_NEVER, at, true};
        break;
    }
    case EVENT_RELEASE:
        add(legs, walk->from, event->time, walk->at, walk->at);
        *walk = (Walk){event->time, event->due, walk->at, false};
        break;
    case EVENT_DELAY:
        if (!walk->held) walk->due = event->due;
        break;
    default: break;
    }
}

/* Reads what moved it on its way; most packets are never touched. */
static void follow_all(const Story *story, uint32_t index, uint32_t events, Legs *legs, Walk *walk) {
    enum { EVENTS = 64 };
    uint32_t list[EVENTS];
    size_t count = flights_events(story->model, index, events, list, EVENTS);
    for (size_t i = 0; i < count && i < EVENTS; i++) {
        const Event event = trace_at(story->trace, list[i]);
        follow(legs, walk, &event);
    }
}

void flight_legs(const Story *story, const Flight *flight, uint32_t events, Legs *legs) {
    uint32_t index = (uint32_t)(flight - story->flights);
    FlightView fate;
    *legs = (Legs){.count = 0};
    if (!flights_view(story->model, index, events, &fate)) return;
    Walk walk = {fate.sent, fate.due, flight->start, false};
    if (fate.held || fate.delayed) {
        walk.due = trace_at(story->trace, fate.first).due;
        follow_all(story, index, events, legs, &walk);
    }
    bool lost = fate.state == FLIGHT_LOST && fate.arrival == EVENT_NONE;
    legs->ends = fate.ended != MICROS_NEVER;
    if (walk.held) {
        add(legs, walk.from, fate.ended, walk.at, walk.at);
        if (legs->ends && !lost) add(legs, fate.ended, fate.ended, walk.at, 1); /* delivered at once */
    } else if (lost) add(legs, walk.from, fate.ended, walk.at, come(walk.at, walk.from, walk.due, fate.ended));
    else add(legs, walk.from, legs->ends ? fate.ended : walk.due, walk.at, 1);
}

static FlightView fate_then(const Scene *scene, const Flight *flight) {
    FlightView fate = {.due = MICROS_NEVER};
    flight_fate(scene, flight, &fate);
    return fate;
}

/* Delivered out of turn it jumps to the end; the film shows it on the way there. */
double flight_way(const Scene *scene, const Flight *flight) {
    Legs legs;
    if (!flight_seen(scene, flight)) return flight->start;
    flight_legs(&scene->story, flight, scene->events, &legs);
    double way = legs_at(&legs, scene->time);
    if (flight->ended != scene->at.step || legs.ends || scene->at.approach <= 0) return way;
    const FlightView fate = story_fate(&scene->story, flight), then = fate_then(scene, flight);
    bool in_time = fate.state == FLIGHT_LOST ? fate.arrival == EVENT_NONE : fate.ended == then.due;
    return in_time ? way : way + (1 - way) * scene->at.approach;
}

double legs_at(const Legs *legs, Micros time) {
    for (size_t i = 0; i < legs->count; i++) {
        const Leg *leg = &legs->leg[i];
        bool last = i + 1 == legs->count;
        if (time > leg->to && !last) continue;
        return leg->begin + (leg->end - leg->begin) * part_of(leg->from, leg->to, time);
    }
    return 0;
}
