/* diagram.c - the state diagram of RFC 9293 3.3.2: the current state and the last transition stand out.
 */
#include "view.h"

#include <math.h>

/* Laid out by hand, as in the RFC: opening above, closing below, the side that closes first on the left. In hundredths
 * of the panel. */
static const struct {
    double x, y;
} place[STATE_COUNT] = {
    [STATE_CLOSED] = {50, 0},      [STATE_LISTEN] = {17, 17},      [STATE_SYN_SENT] = {83, 17},
    [STATE_SYN_RCVD] = {17, 36},   [STATE_ESTABLISHED] = {50, 50}, [STATE_FIN_WAIT_1] = {17, 64},
    [STATE_CLOSE_WAIT] = {83, 64}, [STATE_FIN_WAIT_2] = {17, 83},  [STATE_CLOSING] = {50, 83},
    [STATE_LAST_ACK] = {83, 83},   [STATE_TIME_WAIT] = {50, 100},
};

#define NODE_HEIGHT 19.0
#define FOOT 18.0

Rect diagram_node(Rect rect, State state) {
    double width = fmin(rect.w * 0.315, 100), usable = rect.h - NODE_HEIGHT - FOOT;
    double x = rect.x + rect.w * place[state].x / 100, y = rect.y + NODE_HEIGHT / 2 + usable * place[state].y / 100;
    x = fmin(fmax(x, rect.x + width / 2), rect.x + rect.w - width / 2);
    return (Rect){x - width / 2, y - NODE_HEIGHT / 2, width, NODE_HEIGHT};
}

/* From the middle of one node towards another: where the line leaves its box. */
static void leave(Rect node, double dx, double dy, double *x, double *y) {
    double half_w = node.w / 2 + 1.5, half_h = node.h / 2 + 1.5;
    double t = fmin(fabs(dx) > 1e-6 ? half_w / fabs(dx) : 1e9, fabs(dy) > 1e-6 ? half_h / fabs(dy) : 1e9);
    *x = node.x + node.w / 2 + dx * t;
    *y = node.y + node.h / 2 + dy * t;
}

/* Arrows to CLOSED that would cross others go round the outside. */
static bool draw_detour(const View *view, Rect rect, State from, State to, Ink ink, double width, double alpha) {
    if (to != STATE_CLOSED || from == STATE_LISTEN || from == STATE_SYN_SENT) return false;
    Paint *paint = view->paint;
    Rect a = diagram_node(rect, from), b = diagram_node(rect, to);
    bool right = from == STATE_LAST_ACK || from == STATE_CLOSE_WAIT || from == STATE_ESTABLISHED ||
                 from == STATE_TIME_WAIT || from == STATE_CLOSING;
    double side = right ? rect.x + rect.w + 6 : rect.x - 6, end = right ? b.x + b.w + 2 : b.x - 2;
    double y0 = a.y + a.h / 2, y1 = b.y + b.h / 2, x0 = right ? a.x + a.w + 1 : a.x - 1, turn = right ? -8 : 8;
    path_move(paint, x0, y0);
    path_line(paint, side + turn, y0);
    path_curve(paint, side, y0, side, y0, side, y0 - 8);
    path_line(paint, side, y1 + 8);
    path_curve(paint, side, y1, side, y1, side + turn, y1);
    path_line(paint, end, y1);
    path_stroke(paint, ink, width, alpha);
    paint_head(paint, end, y1, end - side, 0, 6 + width, ink, alpha);
    return true;
}

static void draw_arrow(const View *view, Rect rect, State from, State to, Ink ink, double width, double alpha) {
    if (draw_detour(view, rect, from, to, ink, width, alpha)) return;
    Rect a = diagram_node(rect, from), b = diagram_node(rect, to);
    double dx = b.x + b.w / 2 - a.x - a.w / 2, dy = b.y + b.h / 2 - a.y - a.h / 2, x0, y0, x1, y1;
    leave(a, dx, dy, &x0, &y0);
    leave(b, -dx, -dy, &x1, &y1);
    double length = hypot(dx, dy), size = 5 + width;
    paint_line(view->paint, x0, y0, x1 - dx / length * size * 0.8, y1 - dy / length * size * 0.8, ink, width, alpha);
    paint_head(view->paint, x1, y1, dx, dy, size, ink, alpha);
}

/* Resets and aborts lead from nearly everywhere to CLOSED: drawn only when they happen. */
static bool arrow_is_drawn(const Arrow *arrow) {
    if (arrow->to == STATE_CLOSED) return false;
    return !(arrow->from == STATE_LISTEN && (arrow->to == STATE_ESTABLISHED || arrow->to == STATE_SYN_SENT)) &&
           !(arrow->from == STATE_SYN_RCVD && arrow->to == STATE_LISTEN);
}

static void draw_node(const View *view, Rect rect, const HostScene *host, State state) {
    Paint *paint = view->paint;
    Rect node = diagram_node(rect, state);
    bool lit = host->has_conn ? host->state == state : state == STATE_CLOSED;
    bool been = host->has_conn && (host->visited >> state & 1u);
    Ink ink = state_ink(state);
    Style style = {FACE_TEXT, 10, been ? INK_TEXT : INK_DIM, 1};
    if (lit) {
        double swell = 6 * (1 - host->settle);
        if (host->settle < 1) paint_box(paint, rect_inset(node, -swell, -swell), 6 + swell, ink, 0.5 * host->settle);
        paint_box(paint, rect_inset(node, -2, -1.5), 6, ink, 1);
        style = (Style){FACE_BOLD, 10.5, INK_ON, 1};
    } else {
        paint_box(paint, node, 5, INK_RAISED, 1);
        if (been) paint_frame(paint, node, 5, ink, 1.5, 0.9);
    }
    paint_text_in(paint, paint_fitting(paint, style, node.w - 4, state_name(state)), node, ALIGN_CENTER,
                  state_name(state));
}

static void draw_foot(const View *view, Rect rect, const HostScene *host) {
    if (!host->has_conn || !host->changed) return;
    const Arrow *arrow = arrow_find(host->before, host->state);
    if (!arrow) return;
    Short text;
    short_format(&text, *arrow->action ? "%s  →  %s" : "%s", arrow->event, arrow->action);
    Rect foot = {rect.x, rect.y + rect.h - FOOT + 3, rect.w, FOOT - 3};
    paint_text_in(view->paint, (Style){FACE_TEXT, 11, INK_DIM, 1}, foot, ALIGN_CENTER, text.s);
}

void draw_diagram(const View *view, Rect rect, const HostScene *host) {
    for (size_t i = 0; i < arrow_count(); i++) {
        const Arrow *arrow = arrow_at(i);
        if (arrow_is_drawn(arrow)) draw_arrow(view, rect, arrow->from, arrow->to, INK_FAINT, 1, 0.55);
    }
    if (host->has_conn && host->changed)
        draw_arrow(view, rect, host->before, host->state, state_ink(host->state), 2.5, host->settle);
    for (State state = STATE_CLOSED; state < STATE_COUNT; state++) draw_node(view, rect, host, state);
    draw_foot(view, rect, host);
}
