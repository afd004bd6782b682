/* paint.h - what views draw with: palette, figures, paths, text. Knows nothing of TCP, and no graphics library.
 *
 * Where the drawing goes is up to a device (paint_device.h): pixels, SVG, PDF or PNG through cairo (paint_cairo.h), or
 * a record of what was drawn (tests). Views see this header alone.
 *
 * Units: lengths are logical pixels (a window of 1280x800 as designed) under the transform that is set; y runs down.
 * Angles are radians, clockwise from the x axis. Alpha and opacity are 0 (nothing) to 1 (opaque).
 * Colours are Okabe and Ito's, readable for colour-blind eyes; a colour is always doubled by a word, a shape or a dash.
 */
#ifndef TWOMSL_PAINT_H
#define TWOMSL_PAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Rect {
    double x, y, w, h;
} Rect;
/* The rectangle without a margin of dx left and right, dy above and below; negative margins enlarge it. */
Rect rect_inset(Rect rect, double dx, double dy);
/* The point lies in it; the right and lower edges do not belong to it. */
bool rect_has(Rect rect, double x, double y);

typedef enum Ink {
    INK_BACK, /* behind the panels */
    INK_PANEL,
    INK_RAISED, /* buttons, cells */
    INK_LINE,   /* hairlines; never text */
    INK_TEXT,
    INK_DIM,    /* secondary text, still 4.5:1 */
    INK_FAINT,  /* what is not lit; text only where it is repeated elsewhere */
    INK_ACCENT, /* what can be pressed, what is selected */
    INK_GREY,
    INK_SKY,
    INK_ORANGE,
    INK_GREEN,
    INK_PURPLE,
    INK_RED,
    INK_YELLOW,
    INK_ON,   /* text on one of the colours above */
    INK_PAST, /* the tint of the past, over the background */
    INK_COUNT
} Ink;

typedef enum Theme { THEME_DARK, THEME_LIGHT } Theme;
/* An ink of a theme as 0xrrggbb. */
uint32_t ink_rgb(Theme theme, Ink ink);
/* The contrast of two colours (0xrrggbb) by WCAG: 1 to 21. */
double ink_contrast(uint32_t one, uint32_t two);

typedef enum Face { FACE_TEXT, FACE_BOLD, FACE_MONO, FACE_MONO_BOLD } Face;
typedef enum Align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT } Align;

/* Made by a device: paint_cairo.h. */
typedef struct Paint Paint;
/* Frees the device, too. NULL is allowed. */
void paint_free(Paint *paint);

/* ---- A picture ---- */

/* Begins a picture: no transform but the device's, no clip, opacity 1, a solid pen, no tint. */
void paint_begin(Paint *paint, Theme theme);
/* Whether the panels have the colour of the past, from here on. */
void paint_past(Paint *paint, bool past);
/* For readers of the record: what is drawn from here on belongs inside `rect`, and lies on a layer of the picture
 * (0: the picture itself; menus and help have higher ones). Draws nothing. */
void paint_panel(Paint *paint, Rect rect);
void paint_layer(Paint *paint, int layer);

/* ---- State: transform, clip, opacity, pen ---- */

/* Keeps the state until the matching paint_restore(); at most PAINT_DEPTH deep. */
enum { PAINT_DEPTH = 16 };
void paint_save(Paint *paint);
void paint_restore(Paint *paint);
void paint_translate(Paint *paint, double dx, double dy);
/* Factors greater than 0. */
void paint_scale(Paint *paint, double sx, double sy);
void paint_rotate(Paint *paint, double angle);
/* Nothing is drawn outside `rect`, and outside the clip that was set before. */
void paint_clip(Paint *paint, Rect rect);
/* Multiplies the alpha of each figure drawn from here on; within the opacity that was set before. */
void paint_opacity(Paint *paint, double opacity);
/* Strokes are dashed: `on` drawn, `off` not; 0, 0: solid. */
void paint_dash(Paint *paint, double on, double off);
/* Strokes end in half circles, or are cut off straight. */
void paint_round_ends(Paint *paint, bool round);

/* ---- Paths: built step by step, then filled or stroked, which ends them ---- */

void path_move(Paint *paint, double x, double y);
void path_line(Paint *paint, double x, double y);
/* A Bezier curve by its two control points to (x, y). */
void path_curve(Paint *paint, double x1, double y1, double x2, double y2, double x, double y);
/* Clockwise from angle `from` to `to`; begins a new part of the path. */
void path_arc(Paint *paint, double x, double y, double radius, double from, double to);
void path_close(Paint *paint);
void path_rect(Paint *paint, Rect rect);
/* A rectangle with round corners, no rounder than it has room for. */
void path_round(Paint *paint, Rect rect, double radius);
void path_fill(Paint *paint, Ink ink, double alpha);
/* `width` of the line, greater than 0. */
void path_stroke(Paint *paint, Ink ink, double width, double alpha);

/* ---- Figures ---- */

/* A filled rectangle. */
void paint_fill(Paint *paint, Rect rect, Ink ink, double alpha);
/* A filled rectangle with round corners. */
void paint_box(Paint *paint, Rect rect, double radius, Ink ink, double alpha);
/* A border `width` wide, inside the rectangle. */
void paint_frame(Paint *paint, Rect rect, double radius, Ink ink, double width, double alpha);
void paint_line(Paint *paint, double x0, double y0, double x1, double y1, Ink ink, double width, double alpha);
/* A filled disc. */
void paint_disc(Paint *paint, double x, double y, double radius, Ink ink, double alpha);
/* A filled arrow head, `size` long, whose tip is at x, y and that points along (dx, dy); nothing for (0, 0). */
void paint_head(Paint *paint, double x, double y, double dx, double dy, double size, Ink ink, double alpha);
/* A cross of two strokes, `size` from the middle to each side. */
void paint_cross(Paint *paint, double x, double y, double size, Ink ink, double alpha);

/* ---- Text (UTF-8) ---- */

typedef struct Style {
    Face face;
    double size; /* of the font, in logical pixels */
    Ink ink;
    double alpha; /* 0 is taken as 1 */
} Style;

/* How wide the text is in one line. */
double paint_width(Paint *paint, Style style, const char *text);
/* The same style, as much smaller (not below 4) as the text must be to be no wider than `room`. */
Style paint_fitting(Paint *paint, Style style, double room, const char *text);
/* One line; (x, y) is the left end, middle or right end (align) of its baseline; `room` is the width it may take
 * (0: any), beyond it ends in an ellipsis. Returns the width drawn. */
double paint_text(Paint *paint, Style style, double x, double y, Align align, double room, const char *text);
/* One line in the middle of the height of a rectangle, no wider than it. Returns the width drawn. */
double paint_text_in(Paint *paint, Style style, Rect rect, Align align, const char *text);
/* Wrapped text from the top of a rectangle, as many lines as fit. Returns the height drawn. */
double paint_paragraph(Paint *paint, Style style, Rect rect, Align align, const char *text);
/* How tall the text is, wrapped to `width`. */
double paragraph_height(Paint *paint, Style style, double width, const char *text);

#endif
