#include "places.h"

#include <math.h>

Quad quad_turned(double x, double y, double angle, Rect box) {
    const double dx[4] = {box.x, box.x + box.w, box.x + box.w, box.x};
    const double dy[4] = {box.y, box.y, box.y + box.h, box.y + box.h};
    Quad quad;
    for (int i = 0; i < 4; i++) {
        quad.x[i] = x + dx[i] * cos(angle) - dy[i] * sin(angle);
        quad.y[i] = y + dx[i] * sin(angle) + dy[i] * cos(angle);
    }
    return quad;
}

Quad quad_rect(Rect rect) { return quad_turned(0, 0, 0, rect); }

Quad quad_line(double x0, double y0, double x1, double y1, double width) {
    double length = hypot(x1 - x0, y1 - y0);
    return quad_turned(x0, y0, atan2(y1 - y0, x1 - x0), (Rect){0, -width / 2, fmax(length, width), width});
}

static Rect around(const Quad *quad) {
    double left = quad->x[0], right = left, top = quad->y[0], bottom = top;
    for (int i = 1; i < 4; i++) {
        left = fmin(left, quad->x[i]);
        right = fmax(right, quad->x[i]);
        top = fmin(top, quad->y[i]);
        bottom = fmax(bottom, quad->y[i]);
    }
    return (Rect){left, top, right - left, bottom - top};
}

static bool rects_meet(const Rect *a, const Rect *b) {
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* Two convex figures lie apart where one of their sides has all of the other beyond it. */
static bool apart_along(const Quad *a, const Quad *b) {
    for (int i = 0; i < 4; i++) {
        double nx = a->y[(i + 1) % 4] - a->y[i], ny = a->x[i] - a->x[(i + 1) % 4];
        double a_most = -1e18, b_least = 1e18, a_least = 1e18, b_most = -1e18;
        for (int k = 0; k < 4; k++) {
            double pa = a->x[k] * nx + a->y[k] * ny, pb = b->x[k] * nx + b->y[k] * ny;
            a_most = fmax(a_most, pa);
            a_least = fmin(a_least, pa);
            b_least = fmin(b_least, pb);
            b_most = fmax(b_most, pb);
        }
        if (a_most <= b_least || b_most <= a_least) return true;
    }
    return false;
}

bool places_free(const Places *places, const Quad *quad) {
    const Rect box = around(quad);
    for (size_t i = 0; i < places->count; i++) {
        if (!rects_meet(&places->around[i], &box)) continue;
        if (!apart_along(&places->quad[i], quad) && !apart_along(quad, &places->quad[i])) return false;
    }
    return true;
}

void places_take(Places *places, const Quad *quad) {
    if (places->count == PLACES) return;
    places->around[places->count] = around(quad);
    places->quad[places->count++] = *quad;
}

bool places_take_free(Places *places, Rect rect) {
    const Quad quad = quad_rect(rect);
    if (!places_free(places, &quad)) return false;
    places_take(places, &quad);
    return true;
}
