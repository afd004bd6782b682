/* ladder.h - shared by the two files that draw the ladder: ladder.c (lines, time, states) and flights.c (packets). */
#ifndef TWOMSL_LADDER_H
#define TWOMSL_LADDER_H

#include "view.h"

/* A figure with four corners, in order round it. */
typedef struct Quad {
    double x[4], y[4];
} Quad;

/* What is written so far: a text that would overlap moves or stays away. */
enum { PLACES = 512 };
typedef struct Places {
    Quad quad[PLACES];
    size_t count;
} Places;
/* Is the box free, turned by `angle` round (x, y)? `quad` is where it would be. */
bool places_free(const Places *places, double x, double y, double angle, Rect box, Quad *quad);
void places_take(Places *places, const Quad *quad);
void places_take_rect(Places *places, Rect rect);

typedef struct Ladder {
    const View *view;
    Rect rect, field; /* the panel; what scrolls */
    double scroll;
    Places places;   /* texts that stay where they are */
    Places capsules; /* what passes over them */
} Ladder;

/* The line a packet travels on, in logical pixels. */
typedef struct Track {
    double x0, y0, x1, y1;
    double from;  /* the way (0..1) it begins at */
    double reach; /* the part of it a lost packet came */
    bool loop;    /* to oneself */
} Track;
Track ladder_track(const Scene *scene, Rect rect, double scroll, const Flight *flight);
void track_point(const Track *track, double way, double *x, double *y);
double ladder_x(const Scene *scene, Rect rect, HostId host);
Rect ladder_field(Rect rect);

void ladder_lines(Ladder *ladder);
void ladder_reserve_capsules(Ladder *ladder);
void ladder_labels(Ladder *ladder);
void ladder_capsules(Ladder *ladder);

#endif
