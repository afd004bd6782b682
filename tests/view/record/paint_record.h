/* paint_record.h - a Paint that draws nothing and keeps what would be drawn: tests read positions, texts and colours.
 *
 * It uses neither cairo nor fonts: that all views link against it shows that they draw through paint.h alone.
 */
#ifndef TWOMSL_PAINT_RECORD_H
#define TWOMSL_PAINT_RECORD_H

#include "../../../repl/view/paint.h"

typedef enum DrawnKind { DRAWN_FILL, DRAWN_STROKE, DRAWN_TEXT, DRAWN_PARAGRAPH } DrawnKind;

typedef struct Point {
    double x, y;
} Point;

/* One thing drawn. Places are device pixels: the transform is applied. */
typedef struct Drawn {
    DrawnKind kind;
    Point corner[4];      /* text: what its letters cover; a path: the box around it, with the stroke's width */
    size_t first, points; /* a path's points in record_point(); arcs and curves are many short lines */
    Rect clip;            /* what is visible */
    Rect panel;           /* what it must not leave */
    int layer;
    uint32_t rgb;
    double alpha;
    double width, dash; /* a stroke's; dash 0: solid */
    double size;        /* a text's font, in device pixels */
    bool shortened;     /* the text did not fit */
    char text[128];
} Drawn;

/* Texts are as wide as `measure` says, which must outlive the record; NULL: widths of an imagined font. NULL: no
 * memory. */
Paint *record_new(const Paint *measure);
/* What was drawn since paint_begin(), in order; valid until the next one. */
const Drawn *record_drawn(const Paint *paint, size_t *count);
const Point *record_point(const Paint *paint, size_t index);
/* paint_save() without its paint_restore(); 0 after a picture. */
size_t record_depth(const Paint *paint);

#endif
