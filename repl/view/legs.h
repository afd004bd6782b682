/* legs.h - where a packet is at each moment: (now - sent) / (due - sent) of its way, without the time it was held. */
#ifndef TWOMSL_LEGS_H
#define TWOMSL_LEGS_H

#include "scene.h"

/* A part of the way in which the packet moves evenly, or is held. */
typedef struct Leg {
    Micros from, to;   /* to: MICROS_NEVER: it is held, nobody knows for how long */
    double begin, end; /* 0..1 of the way from sender to receiver; equal: it is held */
} Leg;
enum { LEGS = 16 };
typedef struct Legs {
    Leg leg[LEGS];
    size_t count;
    bool ends; /* the last ends where the packet did: it is no plan */
} Legs;

/* As of the first `events` events of the trace. A packet that was held more often than LEGS allows loses the oldest. */
void flight_legs(const Story *story, const Flight *flight, uint32_t events, Legs *legs);
/* The part of its way it has come at a moment. */
double legs_at(const Legs *legs, Micros time);
/* The same at the playhead. */
double flight_way(const Scene *scene, const Flight *flight);

#endif
