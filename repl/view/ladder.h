/* ladder.h - shared by the two files that draw the ladder: ladder.c (lines, time, states) and flights.c (packets). */
#ifndef TWOMSL_LADDER_H
#define TWOMSL_LADDER_H

#include "crowd.h"
#include "view.h"

/* A figure with four corners, in order round it. */
typedef struct Quad {
    double x[4], y[4];
} Quad;

/* The places that are taken: a text that would overlap one moves, or is left out. More than PLACES are not kept. */
enum { PLACES = 512 };
typedef struct Places {
    Quad quad[PLACES];
    size_t count;
} Places;
/* Fills `quad` with the box (as seen from (x, y)), turned by `angle` round (x, y). True: it overlaps no place taken. */
bool places_free(const Places *places, double x, double y, double angle, Rect box, Quad *quad);
void places_take(Places *places, const Quad *quad);
void places_take_rect(Places *places, Rect rect);

typedef struct Ladder {
    const View *view;
    Rect rect, field; /* the panel; the part of it that scrolls */
    double scroll;
    Places places;   /* of texts that stand still */
    Places capsules; /* of packets, which pass over them */
    Crowd crowd;
    Rect bundle[CROWD_BUNDLES]; /* where the bundles' counts stand */
} Ladder;

/* The line a packet travels on, in logical pixels. */
typedef struct Track {
    double x0, y0, x1, y1; /* from the sender (a copy: from where it was made) to the receiver */
    double from;           /* the part of the way (0..1) before (x0, y0) */
    double reach;          /* how far (0..1) a lost packet came; 1: it is not lost */
    bool loop;             /* to the sender itself: the line swings out */
} Track;
Track ladder_track(const Scene *scene, Rect rect, double scroll, const Flight *flight);
/* The point at `way` (0..1) of the whole way from sender to receiver. */
void track_point(const Track *track, double way, double *x, double *y);
/* Where a host's lifeline stands; HOST_NONE: between the outermost. */
double ladder_x(const Scene *scene, Rect rect, HostId host);
/* The part of the panel that scrolls. */
Rect ladder_field(Rect rect);

/* In the order they are called in: the lines, of packets and of bundles; the places of the packets on their way and of
 * the bundles' counts; what is written along the lines; the packets on their way; the counts. */
void ladder_lines(Ladder *ladder);
void ladder_reserve_capsules(Ladder *ladder);
void ladder_labels(Ladder *ladder);
void ladder_capsules(Ladder *ladder);
void ladder_bundles(Ladder *ladder);

#endif
