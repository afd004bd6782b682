/* strip.c - a host where there is little room, or where it is to be seen from afar: its name and state. */
#include "view.h"

#include <math.h>

static State state_of(const HostScene *host) { return host->has_conn ? host->state : STATE_CLOSED; }

static void draw_state(const View *view, Rect box, const HostScene *host, double size) {
    Paint *paint = view->paint;
    State state = state_of(host);
    Ink ink = state_ink(state);
    double light = host->has_conn ? 0.16 + 0.34 * (1 - host->settle) : 0.1;
    paint_box(paint, box, 6, ink, light);
    paint_box(paint, (Rect){box.x, box.y, 5, box.h}, 2.5, ink, 1);
    Rect inside = {box.x + 14, box.y, box.w - 20, box.h};
    Style style = {FACE_BOLD, size, ink, 1};
    paint_text_in(paint, paint_fitting(paint, style, inside.w, state_name(state)), inside, ALIGN_LEFT,
                  state_name(state));
}

static void where_text(const HostScene *host, Short *text) {
    char where[ENDPOINT_TEXT];
    bool port = host->has_conn && host->local.port;
    short_format(text, "%s",
                 port ? endpoint_text((Endpoint){host->addr, host->local.port}, where) : addr_text(host->addr, where));
}

void draw_strip(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    paint_panel(paint, rect);
    paint_box(paint, rect, 8, INK_PANEL, 1);
    if (!host->exists) return;
    Rect inside = rect_inset(rect, 12, 6);
    double name = fmin(inside.w * 0.2, 90), state = fmin(inside.w - name, 230);
    Style large = paint_fitting(paint, (Style){FACE_BOLD, 20, INK_TEXT, 1}, name - 8, host->name);
    paint_text(paint, large, inside.x, inside.y + 20, ALIGN_LEFT, 0, host->name);
    draw_state(view, (Rect){inside.x + name, inside.y, state, 28}, host, 20);
    Short where;
    where_text(host, &where);
    double beside = inside.x + name + state + 12, room = inside.x + inside.w - beside;
    Style mono = {FACE_MONO, 11.5, INK_DIM, 1};
    if (paint_width(paint, mono, where.s) <= room)
        paint_text(paint, mono, inside.x + inside.w, inside.y + 18, ALIGN_RIGHT, 0, where.s);
    const char *summary = translated(view->look->language, state_summary(state_of(host)));
    paint_text(paint, (Style){FACE_TEXT, 12, INK_DIM, 1}, inside.x, inside.y + 45, ALIGN_LEFT, inside.w, summary);
}

void draw_column(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    paint_panel(paint, rect);
    paint_box(paint, rect, 8, INK_PANEL, 1);
    if (!host->exists) return;
    Rect inside = rect_inset(rect, 10, 8);
    Short where;
    where_text(host, &where);
    Style large = paint_fitting(paint, (Style){FACE_BOLD, 26, INK_TEXT, 1}, inside.w, host->name);
    paint_text(paint, large, inside.x, inside.y + 24, ALIGN_LEFT, 0, host->name);
    Style mono = paint_fitting(paint, (Style){FACE_MONO, 12, INK_DIM, 1}, inside.w, where.s);
    paint_text(paint, mono, inside.x, inside.y + 44, ALIGN_LEFT, 0, where.s);
    draw_state(view, (Rect){rect.x + 4, inside.y + 56, rect.w - 8, 40}, host, 23);
    Style dim = {FACE_TEXT, 13, INK_DIM, 1};
    double y = inside.y + 106;
    y += paint_paragraph(paint, dim, (Rect){inside.x, y, inside.w, 80}, ALIGN_LEFT,
                         translated(view->look->language, state_summary(state_of(host))));
    if (!host->changed || y + 48 > inside.y + inside.h) return;
    paint_text(paint, dim, inside.x, y + 26, ALIGN_LEFT, inside.w, view_word(view, WORD_BEFORE));
    Style before = {FACE_BOLD, 14, state_ink(host->before), 1};
    paint_text(paint, paint_fitting(paint, before, inside.w, state_name(host->before)), inside.x, y + 44, ALIGN_LEFT, 0,
               state_name(host->before));
}
