/* paint_device.h - what a device must do so that Paint can draw on it. Views do not see this header.
 *
 * Units are those of paint.h, under the transform the device keeps. Colours come as 0xrrggbb with an alpha 0..1.
 */
#ifndef TWOMSL_PAINT_DEVICE_H
#define TWOMSL_PAINT_DEVICE_H

#include "paint.h"

typedef struct Colour {
    double r, g, b, alpha; /* 0..1, alpha not multiplied in */
} Colour;

typedef struct Pen {
    double width, on, off; /* on 0: solid */
    bool round;            /* its ends */
} Pen;

typedef struct Font {
    Face face;
    double size;
} Font;

/* A paragraph as it is laid out: its left end as seen from the rectangle's, its width and height. */
typedef struct Block {
    double left, width, height;
    bool shortened; /* it did not fit */
} Block;

/* Every function is there but panel() and layer(), which may be NULL. */
typedef struct PaintDevice {
    void (*free)(void *self);
    /* A new picture: drops the path, the clip and all state that was saved. */
    void (*begin)(void *self);
    void (*save)(void *self);
    void (*restore)(void *self);
    void (*translate)(void *self, double dx, double dy);
    void (*scale)(void *self, double sx, double sy);
    void (*rotate)(void *self, double angle);
    void (*clip)(void *self, Rect rect);
    void (*move)(void *self, double x, double y);
    void (*line)(void *self, double x, double y);
    void (*curve)(void *self, double x1, double y1, double x2, double y2, double x, double y);
    /* `joined`: a line leads to it from where the path is; else it begins a new part of the path. */
    void (*arc)(void *self, double x, double y, double radius, double from, double to, bool joined);
    void (*close)(void *self);
    void (*rect)(void *self, Rect rect);
    void (*fill)(void *self, Colour colour);
    void (*stroke)(void *self, Colour colour, Pen pen);
    double (*text_width)(void *self, Font font, const char *text);
    /* One line from the left end of its baseline; `room` > 0: it is wider and ends in an ellipsis there. */
    void (*text)(void *self, Font font, Colour colour, double x, double y, double room, const char *text);
    /* Lays text out in lines as wide as `rect`; what does not fit its height stays away. `colour` NULL: does not draw.
     */
    Block (*paragraph)(void *self, Font font, const Colour *colour, Rect rect, Align align, const char *text);
    void (*panel)(void *self, Rect rect);
    void (*layer)(void *self, int layer);
} PaintDevice;

/* NULL: no memory; `self` is then freed, too. The Paint owns it from here on. */
Paint *paint_new(const PaintDevice *device, void *self);
/* The device it draws on, and its `self`. */
const PaintDevice *paint_device(const Paint *paint, void **self);

#endif
