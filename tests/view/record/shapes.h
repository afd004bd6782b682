/* shapes.h - faults of a picture that show in its record: texts that overlap, leave their place or are cut off. */
#ifndef TWOMSL_SHAPES_H
#define TWOMSL_SHAPES_H

#include <math.h>
#include <string.h>

#include "paint_record.h"

static inline bool is_text(const Drawn *drawn) { return drawn->kind == DRAWN_TEXT || drawn->kind == DRAWN_PARAGRAPH; }

/* The corners, each moved by so many pixels towards the middle: neighbours may touch. */
static inline void shrink(const Drawn *drawn, double by, Point shape[4]) {
    Point middle = {0, 0};
    for (int i = 0; i < 4; i++) {
        middle.x += drawn->corner[i].x / 4;
        middle.y += drawn->corner[i].y / 4;
    }
    for (int i = 0; i < 4; i++) {
        double dx = drawn->corner[i].x - middle.x, dy = drawn->corner[i].y - middle.y;
        double length = fmax(hypot(dx, dy), 1e-9), part = fmax(length - by, 0) / length;
        shape[i] = (Point){middle.x + dx * part, middle.y + dy * part};
    }
}

/* All of b lies beyond one of a's sides. */
static inline bool parted(const Point a[4], const Point b[4]) {
    for (int i = 0; i < 4; i++) {
        double nx = a[(i + 1) % 4].y - a[i].y, ny = a[i].x - a[(i + 1) % 4].x;
        double a0 = 1e18, a1 = -1e18, b0 = 1e18, b1 = -1e18;
        for (int k = 0; k < 4; k++) {
            double pa = a[k].x * nx + a[k].y * ny, pb = b[k].x * nx + b[k].y * ny;
            a0 = fmin(a0, pa), a1 = fmax(a1, pa), b0 = fmin(b0, pb), b1 = fmax(b1, pb);
        }
        if (a1 <= b0 || b1 <= a0) return true;
    }
    return false;
}

static inline bool overlap(const Drawn *a, const Drawn *b) {
    Point one[4], two[4];
    shrink(a, 1, one);
    shrink(b, 1, two);
    return !parted(one, two) && !parted(two, one);
}

static inline bool lies_in(const Drawn *drawn, Rect rect) {
    Rect place = rect_inset(rect, -1, -1);
    for (int i = 0; i < 4; i++)
        if (!rect_has(place, drawn->corner[i].x, drawn->corner[i].y)) return false;
    return true;
}

/* Prints what is wrong with the texts of a picture; returns how much. */
static inline int text_faults(const Paint *paint, const char *name, int width, int height) {
    size_t count;
    const Drawn *drawn = record_drawn(paint, &count);
    int faults = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_text(&drawn[i])) continue;
        const char *text = drawn[i].text;
        if (drawn[i].shortened) faults++, print_error("%s %dx%d: cut off: %s\n", name, width, height, text);
        if (!lies_in(&drawn[i], drawn[i].panel))
            faults++, print_error("%s %dx%d: leaves its panel: %s\n", name, width, height, text);
        if (!lies_in(&drawn[i], drawn[i].clip))
            faults++, print_error("%s %dx%d: is clipped: %s\n", name, width, height, text);
        for (size_t k = i + 1; k < count; k++) {
            if (!is_text(&drawn[k]) || drawn[i].layer != drawn[k].layer || !overlap(&drawn[i], &drawn[k])) continue;
            faults++;
            print_error("%s %dx%d: overlap: '%s' and '%s'\n", name, width, height, text, drawn[k].text);
        }
    }
    return faults;
}

/* The text stands somewhere, word for word. */
static inline bool says(const Paint *paint, const char *text) {
    size_t count;
    const Drawn *drawn = record_drawn(paint, &count);
    for (size_t i = 0; i < count; i++)
        if (is_text(&drawn[i]) && strcmp(drawn[i].text, text) == 0) return true;
    return false;
}

#endif
