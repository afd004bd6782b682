/* places.h - the places of a picture that are taken: a text that would lie on one goes elsewhere. */
#ifndef TWOMSL_PLACES_H
#define TWOMSL_PLACES_H

#include "paint.h"

/* A figure with four corners, in order round it. */
typedef struct Quad {
    double x[4], y[4];
} Quad;
/* The box as seen from (x, y), turned by `angle` round it. */
Quad quad_turned(double x, double y, double angle, Rect box);
Quad quad_rect(Rect rect);
/* A stretch of a line, `width` wide. */
Quad quad_line(double x0, double y0, double x1, double y1, double width);

/* More than PLACES are not kept. */
enum { PLACES = 1024 };
typedef struct Places {
    Quad quad[PLACES];
    Rect around[PLACES];
    size_t count;
} Places;
bool places_free(const Places *places, const Quad *quad);
void places_take(Places *places, const Quad *quad);
/* Takes it where it is free. */
bool places_take_free(Places *places, Rect rect);

#endif
