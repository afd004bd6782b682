/* paint.h - the brush: palette, text and primitives on a cairo_t. Knows nothing of TCP.
 *
 * Units are logical pixels (a window of 1280x800 as designed); whoever calls has scaled the cairo_t.
 * Colours are Okabe and Ito's, readable for colour-blind eyes; a colour is always doubled by a word, a shape or a dash.
 */
#ifndef TWOMSL_PAINT_H
#define TWOMSL_PAINT_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Rect {
    double x, y, w, h;
} Rect;
Rect rect_inset(Rect rect, double dx, double dy);
bool rect_has(Rect rect, double x, double y);

typedef enum Ink {
    INK_BACK, /* behind the panels */
    INK_PANEL,
    INK_RAISED, /* buttons, cells */
    INK_LINE,   /* hairlines; never text */
    INK_TEXT,
    INK_DIM,    /* secondary text, still 4.5:1 */
    INK_FAINT,  /* what is not lit; text only where it is repeated elsewhere */
    INK_ACCENT, /* what one can press, what is selected */
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
uint32_t ink_rgb(Theme theme, Ink ink);          /* 0xrrggbb */
double ink_contrast(uint32_t one, uint32_t two); /* WCAG: 1 .. 21 */

typedef enum Face { FACE_TEXT, FACE_BOLD, FACE_MONO, FACE_MONO_BOLD } Face;
typedef enum Align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT } Align;

/* Where text was drawn, for the tests: corners in device pixels. */
typedef struct TextBox {
    double x[4], y[4];
    int layer;      /* what lies over the picture (menus, help) has a higher one */
    Rect panel;     /* the panel it must not leave, in device pixels */
    bool shortened; /* did not fit */
    char text[64];
} TextBox;

typedef struct Paint Paint;

/* NULL: no memory. */
Paint *paint_new(void);
void paint_free(Paint *paint);
/* Everything below draws on `cr` until the next call. */
void paint_begin(Paint *paint, cairo_t *cr, Theme theme);
/* The panels in the colour of the past, or not. */
void paint_past(Paint *paint, bool past);
cairo_t *paint_cairo(const Paint *paint);
Theme paint_theme(const Paint *paint);
/* Records text boxes from now on (tests). */
void paint_record(Paint *paint, bool record);
size_t paint_boxes(const Paint *paint, const TextBox **boxes);
void paint_panel(Paint *paint, Rect rect); /* text drawn from now on belongs in here */
void paint_layer(Paint *paint, int layer);

void paint_ink(Paint *paint, Ink ink, double alpha);
void paint_fill(Paint *paint, Rect rect, Ink ink, double alpha);
void paint_round(Paint *paint, Rect rect, double radius); /* only the path */
void paint_box(Paint *paint, Rect rect, double radius, Ink fill, double alpha);
void paint_frame(Paint *paint, Rect rect, double radius, Ink ink, double width, double alpha);
void paint_line(Paint *paint, double x0, double y0, double x1, double y1, Ink ink, double width, double alpha);
/* A filled arrow head whose tip is at x, y and that points along (dx, dy). */
void paint_head(Paint *paint, double x, double y, double dx, double dy, double size, Ink ink, double alpha);
void paint_cross(Paint *paint, double x, double y, double size, Ink ink, double alpha);

typedef struct Style {
    Face face;
    double size;
    Ink ink;
    double alpha; /* 0 is taken as 1 */
} Style;

double paint_width(Paint *paint, Style style, const char *text);
/* The same style, as much smaller as the text must be to be no wider than `room`. */
Style paint_fitting(Paint *paint, Style style, double room, const char *text);
/* Draws one line of text; (x, y) is the left end, middle or right end (align) of its baseline; `room` is the width it
 * may take (0: any), beyond it ends in an ellipsis. Returns the width drawn. */
double paint_text(Paint *paint, Style style, double x, double y, Align align, double room, const char *text);
/* One line in the middle of the height of a rectangle. */
double paint_text_in(Paint *paint, Style style, Rect rect, Align align, const char *text);
/* Wrapped text from the top of a rectangle, at most as many lines as fit; returns the height drawn. */
double paint_paragraph(Paint *paint, Style style, Rect rect, Align align, const char *text);
double paragraph_height(Paint *paint, Style style, double width, const char *text);

#endif
