/* diagram.c - the state diagram of RFC 9293 3.3.2 (Figure 5): every arrow, always, in lanes around the nodes; the
 * current state, the way that led there and the last transition stand out.
 *
 * One table has two sizes: a small one, beside a ladder, and a large one that has room for labels. Between them both
 * axes are stretched for themselves, so that what stands left of or above something else does so at each size.
 */
#include "view.h"

#include <math.h>

/* A coordinate or length, in a small diagram and in a large one. */
typedef struct Pin {
    double small, large;
} Pin;

static const Pin design_w = {270, 600}, design_h = {200, 700}, node_height = {16, 36}, font = {10.7, 15.5},
                 corner = {4, 8}, head_size = {5, 8}, line_width = {1.1, 1.5}, token_size = {3.5, 6};

/* Opening above, closing below, the side that closes first on the left. */
static const struct Node {
    Pin x, y, width; /* x, y: of the middle */
} nodes[STATE_COUNT] = {
    [STATE_CLOSED] = {{135, 300}, {21, 66}, {77, 128}},
    [STATE_LISTEN] = {{48.5, 110}, {54, 182}, {77, 128}},
    [STATE_SYN_SENT] = {{221.5, 490}, {54, 182}, {77, 128}},
    [STATE_SYN_RCVD] = {{48.5, 110}, {88, 302}, {77, 128}},
    [STATE_ESTABLISHED] = {{141.5, 300}, {88, 302}, {77, 128}},
    [STATE_FIN_WAIT_1] = {{48.5, 110}, {122, 424}, {77, 128}},
    [STATE_CLOSE_WAIT] = {{221.5, 490}, {122, 424}, {77, 128}},
    [STATE_FIN_WAIT_2] = {{48.5, 110}, {156, 546}, {77, 128}},
    [STATE_CLOSING] = {{141.5, 300}, {152, 546}, {66, 128}},
    [STATE_LAST_ACK] = {{221.5, 490}, {156, 546}, {77, 128}},
    [STATE_TIME_WAIT] = {{141.5, 300}, {184, 640}, {77, 128}},
};

typedef enum Side { TOP, RIGHT, BOTTOM, LEFT } Side;

/* How a route is drawn. */
typedef enum Kind {
    KIND_USUAL,
    KIND_WHAT_IF, /* against RFC 9293 */
    KIND_RESET    /* leads to CLOSED from nearly everywhere: drawn only where it was taken */
} Kind;

enum { STOPS = 5 };
/* The way of an arrow: it leaves one side of a node at `port`, turns at each stop, and goes straight into a side of
 * the other. Stops are coordinates of the two axes in turn. */
typedef struct Route {
    State from, to;
    Kind kind;
    Side leaves, enters;
    Pin port;
    int stops;
    Pin stop[STOPS];
    struct {
        double x, y; /* of its baseline, in a large diagram */
        Align align;
        bool stacked; /* the action, if there is one, stands below the event; else beside it, both in the middle */
    } label;
} Route;

/* clang-format 14 would give each number a line of its own. */
/* clang-format off */
/* Lanes around everything, to CLOSED. */
#define OVER_LEFT {5, 18}, {4.5, 20}, {124, 272}
#define OVER_RIGHT {265, 582}, {4.5, 20}, {146, 328}
#define RESET .kind = KIND_RESET, .enters = TOP
static const Route routes[] = {
    {STATE_CLOSED, STATE_LISTEN, KIND_USUAL, LEFT, TOP, {17, 58}, 1, {{30, 84}},
     .label = {228, 50, ALIGN_RIGHT, false}},
    {STATE_LISTEN, STATE_CLOSED, KIND_USUAL, TOP, LEFT, {58, 130}, 1, {{26, 76}},
     .label = {138, 93, ALIGN_LEFT, false}},
    {STATE_CLOSED, STATE_SYN_SENT, KIND_USUAL, RIGHT, TOP, {26, 76}, 1, {{206, 462}},
     .label = {454, 93, ALIGN_RIGHT, true}},
    {STATE_SYN_SENT, STATE_CLOSED, KIND_USUAL, TOP, RIGHT, {234, 510}, 1, {{17, 58}},
     .label = {378, 50, ALIGN_LEFT, false}},
    {STATE_LISTEN, STATE_SYN_SENT, KIND_USUAL, RIGHT, LEFT, {51, 176}, .label = {300, 169, ALIGN_CENTER, false}},
    {STATE_LISTEN, STATE_SYN_RCVD, KIND_USUAL, BOTTOM, TOP, {46, 100}, .label = {108, 217, ALIGN_LEFT, true}},
    {STATE_SYN_RCVD, STATE_LISTEN, KIND_USUAL, TOP, BOTTOM, {28, 72}, .label = {64, 240, ALIGN_RIGHT, false}},
    {STATE_SYN_SENT, STATE_SYN_RCVD, KIND_USUAL, BOTTOM, TOP, {204, 454}, 2, {{70, 252}, {66, 150}},
     .label = {370, 245, ALIGN_CENTER, false}},
    {STATE_LISTEN, STATE_ESTABLISHED, KIND_WHAT_IF, RIGHT, TOP, {58, 191}, 1, {{112, 256}},
     .label = {264, 212, ALIGN_LEFT, true}},
    {STATE_SYN_RCVD, STATE_ESTABLISHED, KIND_USUAL, RIGHT, LEFT, {88, 302}, .label = {203, 276, ALIGN_CENTER, false}},
    {STATE_SYN_SENT, STATE_ESTABLISHED, KIND_USUAL, BOTTOM, RIGHT, {221.5, 490}, 1, {{88, 302}},
     .label = {482, 282, ALIGN_RIGHT, true}},
    {STATE_SYN_RCVD, STATE_FIN_WAIT_1, KIND_USUAL, BOTTOM, TOP, {38, 92}, .label = {100, 358, ALIGN_LEFT, true}},
    {STATE_ESTABLISHED, STATE_FIN_WAIT_1, KIND_USUAL, BOTTOM, RIGHT, {128, 272}, 1, {{116.5, 412}},
     .label = {264, 391, ALIGN_RIGHT, true}},
    {STATE_ESTABLISHED, STATE_CLOSE_WAIT, KIND_USUAL, BOTTOM, LEFT, {156, 328}, 1, {{122, 424}},
     .label = {336, 403, ALIGN_LEFT, true}},
    {STATE_FIN_WAIT_1, STATE_CLOSING, KIND_USUAL, RIGHT, TOP, {122, 424}, 1, {{141.5, 306}},
     .label = {314, 468, ALIGN_LEFT, true}},
    {STATE_FIN_WAIT_1, STATE_TIME_WAIT, KIND_USUAL, RIGHT, LEFT, {127.5, 436}, 2, {{95, 205}, {180, 632}},
     .label = {197, 590, ALIGN_RIGHT, true}},
    {STATE_FIN_WAIT_1, STATE_FIN_WAIT_2, KIND_USUAL, BOTTOM, TOP, {38, 92}, .label = {100, 487, ALIGN_LEFT, false}},
    {STATE_FIN_WAIT_2, STATE_TIME_WAIT, KIND_USUAL, BOTTOM, LEFT, {38, 92}, 1, {{188, 648}},
     .label = {84, 604, ALIGN_RIGHT, true}},
    {STATE_CLOSING, STATE_TIME_WAIT, KIND_USUAL, BOTTOM, TOP, {141.5, 300}, .label = {308, 592, ALIGN_LEFT, false}},
    {STATE_CLOSE_WAIT, STATE_LAST_ACK, KIND_USUAL, BOTTOM, TOP, {221.5, 490}, .label = {498, 480, ALIGN_LEFT, true}},
    {STATE_LAST_ACK, STATE_CLOSED, KIND_USUAL, RIGHT, TOP, {156, 546}, 3, {OVER_RIGHT},
     .label = {574, 390, ALIGN_RIGHT, false}},
    {STATE_TIME_WAIT, STATE_CLOSED, KIND_USUAL, BOTTOM, TOP, {141.5, 300}, 4, {{197, 684}, OVER_LEFT},
     .label = {30, 677, ALIGN_LEFT, false}},
    {STATE_SYN_RCVD, STATE_CLOSED, RESET, .leaves = LEFT, .port = {88, 302}, .stops = 3, .stop = {OVER_LEFT}},
    {STATE_FIN_WAIT_1, STATE_CLOSED, RESET, .leaves = LEFT, .port = {122, 424}, .stops = 3, .stop = {OVER_LEFT}},
    {STATE_FIN_WAIT_2, STATE_CLOSED, RESET, .leaves = LEFT, .port = {156, 546}, .stops = 3, .stop = {OVER_LEFT}},
    {STATE_CLOSE_WAIT, STATE_CLOSED, RESET, .leaves = RIGHT, .port = {122, 424}, .stops = 3, .stop = {OVER_RIGHT}},
    {STATE_ESTABLISHED, STATE_CLOSED, RESET, .leaves = BOTTOM, .port = {168, 352},
     .stops = 4, .stop = {{104, 344}, OVER_RIGHT}},
    {STATE_CLOSING, STATE_CLOSED, RESET, .leaves = RIGHT, .port = {152, 546},
     .stops = 5, .stop = {{178.5, 395}, {170, 590}, OVER_RIGHT}},
};
/* clang-format on */
enum { ROUTES = sizeof routes / sizeof *routes };

/* ---- Where things are ---- */

/* A diagram in a rectangle: how much it has grown from small to large, then as a whole. */
typedef struct Frame {
    double x, y, across, down, zoom;
    bool labelled;
} Frame;

static double pin(Pin p, double grown) { return p.small + (p.large - p.small) * grown; }

static Frame frame_of(Rect rect) {
    double zoom = fmin(rect.w / design_w.large, rect.h / design_h.large);
    Frame frame = {.zoom = fmax(zoom, 1), .labelled = zoom >= 1};
    frame.across = fmin((rect.w - design_w.small) / (design_w.large - design_w.small), 1);
    frame.down = fmin((rect.h - design_h.small) / (design_h.large - design_h.small), 1);
    frame.x = rect.x + (rect.w - pin(design_w, frame.across) * frame.zoom) / 2;
    frame.y = rect.y + (rect.h - pin(design_h, frame.down) * frame.zoom) / 2;
    return frame;
}

static double at_x(const Frame *frame, Pin p) { return frame->x + pin(p, frame->across) * frame->zoom; }
static double at_y(const Frame *frame, Pin p) { return frame->y + pin(p, frame->down) * frame->zoom; }
/* Of what grows with the diagram as a whole. */
static double sized(const Frame *frame, Pin p) {
    return pin(p, fmax(fmin(frame->across, frame->down), 0)) * frame->zoom;
}

/* Nodes grow before the gaps between them: their text is to be read from afar. */
static double node_grown(double grown) { return grown > 0 ? pow(grown, 0.75) : grown; }

static Rect node_rect(const Frame *frame, State state) {
    const struct Node *node = &nodes[state];
    double w = pin(node->width, node_grown(frame->across)) * frame->zoom;
    double h = pin(node_height, fmax(node_grown(frame->down), 0)) * frame->zoom;
    return (Rect){at_x(frame, node->x) - w / 2, at_y(frame, node->y) - h / 2, w, h};
}

Rect diagram_node(Rect rect, State state) {
    Frame frame = frame_of(rect);
    return node_rect(&frame, state);
}

typedef struct Path {
    double x[STOPS + 2], y[STOPS + 2];
    int count;
} Path;

static bool is_level(Side side) { return side == LEFT || side == RIGHT; }

/* The coordinate of a side: x of the left and right ones. */
static double edge(Rect node, Side side) {
    switch (side) {
    case TOP: return node.y;
    case RIGHT: return node.x + node.w;
    case BOTTOM: return node.y + node.h;
    case LEFT: break;
    }
    return node.x;
}

static void path_to(Path *path, double x, double y) {
    path->x[path->count] = x;
    path->y[path->count++] = y;
}

static Path path_of(const Frame *frame, const Route *route) {
    Path path = {.count = 0};
    Rect from = node_rect(frame, route->from), to = node_rect(frame, route->to);
    bool level = is_level(route->leaves);
    double x = level ? edge(from, route->leaves) : at_x(frame, route->port);
    double y = level ? at_y(frame, route->port) : edge(from, route->leaves);
    path_to(&path, x, y);
    for (int i = 0; i < route->stops; i++, level = !level) {
        if (level) x = at_x(frame, route->stop[i]);
        else y = at_y(frame, route->stop[i]);
        path_to(&path, x, y);
    }
    if (is_level(route->enters)) x = edge(to, route->enters);
    else y = edge(to, route->enters);
    path_to(&path, x, y);
    return path;
}

static double part_length(const Path *path, int i) {
    return fabs(path->x[i + 1] - path->x[i]) + fabs(path->y[i + 1] - path->y[i]);
}

/* The point at `part` (0..1) of the way. */
static void path_point(const Path *path, double part, double *x, double *y) {
    double whole = 0;
    int i = 0;
    for (int k = 0; k + 1 < path->count; k++) whole += part_length(path, k);
    double left = whole * part;
    while (i + 2 < path->count && left > part_length(path, i)) left -= part_length(path, i++);
    double along = part_length(path, i) > 0 ? fmin(left / part_length(path, i), 1) : 0;
    *x = path->x[i] + (path->x[i + 1] - path->x[i]) * along;
    *y = path->y[i] + (path->y[i + 1] - path->y[i]) * along;
}

/* ---- Arrows ---- */

/* Traces the way with round corners, up to `short_by` before its end. */
static void trace_path(Paint *paint, const Path *path, double radius, double short_by) {
    enum { KEPT = 45 }; /* hundredths of the radius: how far a quarter circle's control points are from the corner */
    path_move(paint, path->x[0], path->y[0]);
    for (int i = 1; i + 1 < path->count; i++) {
        double before = part_length(path, i - 1), after = part_length(path, i);
        double r = fmin(radius, fmin(before, after) / 2), x = path->x[i], y = path->y[i];
        double ux = (path->x[i - 1] - x) / before, uy = (path->y[i - 1] - y) / before;
        double vx = (path->x[i + 1] - x) / after, vy = (path->y[i + 1] - y) / after, k = r * KEPT / 100;
        path_line(paint, x + ux * r, y + uy * r);
        path_curve(paint, x + ux * k, y + uy * k, x + vx * k, y + vy * k, x + vx * r, y + vy * r);
    }
    int last = path->count - 1;
    double length = part_length(path, last - 1), cut = fmin(short_by / length, 0.9);
    path_line(paint, path->x[last] + (path->x[last - 1] - path->x[last]) * cut,
              path->y[last] + (path->y[last - 1] - path->y[last]) * cut);
}

typedef struct Pen {
    Ink ink;
    double width, alpha, head;
} Pen;

static void draw_route(const View *view, const Frame *frame, const Route *route, Pen pen) {
    Paint *paint = view->paint;
    const Path path = path_of(frame, route);
    int last = path.count - 1;
    if (route->kind == KIND_WHAT_IF) paint_dash(paint, 3 * frame->zoom, 2.5 * frame->zoom);
    trace_path(paint, &path, sized(frame, corner), pen.head * 0.8);
    path_stroke(paint, pen.ink, pen.width, pen.alpha);
    paint_dash(paint, 0, 0);
    paint_head(paint, path.x[last], path.y[last], path.x[last] - path.x[last - 1], path.y[last] - path.y[last - 1],
               pen.head, pen.ink, pen.alpha);
}

static const Route *route_of(State from, State to) {
    for (size_t i = 0; i < ROUTES; i++)
        if (routes[i].from == from && routes[i].to == to) return &routes[i];
    return NULL;
}

/* The last transition: thick, in a halo. */
static void draw_last(const View *view, const Frame *frame, const HostScene *host) {
    Paint *paint = view->paint;
    const Route *route = route_of(host->before, host->state);
    if (!route) return;
    const Path path = path_of(frame, route);
    Ink ink = state_ink(host->state);
    double width = sized(frame, (Pin){2.4, 3}), head = sized(frame, head_size) + 2.5;
    trace_path(paint, &path, sized(frame, corner), head * 0.8);
    path_stroke(paint, ink, width * 2.7, 0.22);
    draw_route(view, frame, route, (Pen){ink, width, 1, head});
}

/* A disc on the way to the new state, while it is being entered. */
static void draw_token(const View *view, const Frame *frame, const HostScene *host) {
    const Route *route = route_of(host->before, host->state);
    if (!route || host->settle >= 1) return;
    const Path path = path_of(frame, route);
    double x, y, radius = sized(frame, token_size);
    path_point(&path, host->settle, &x, &y);
    paint_disc(view->paint, x, y, radius + 1.5, INK_PANEL, 1);
    paint_disc(view->paint, x, y, radius, INK_TEXT, 1);
}

static bool is_travelled(const HostScene *host, const Arrow *arrow) {
    return host->has_conn && host->travelled >> (arrow - arrow_at(0)) & 1u;
}

static void draw_routes(const View *view, const Frame *frame, const HostScene *host) {
    double width = sized(frame, line_width), head = sized(frame, head_size);
    for (int pale = 0; pale < 2; pale++)
        for (size_t i = 0; i < ROUTES; i++) {
            const Arrow *arrow = arrow_find(routes[i].from, routes[i].to);
            if (!arrow || is_travelled(host, arrow) != (pale > 0)) continue;
            if (routes[i].kind == KIND_RESET && !pale) continue;
            Pen pen = pale ? (Pen){INK_TEXT, width * 1.5, 0.7, head} : (Pen){INK_FAINT, width, 0.75, head};
            draw_route(view, frame, &routes[i], pen);
        }
    if (host->has_conn && host->changed) draw_last(view, frame, host);
}

/* ---- Words ---- */

/* The event, and dim the action: "SYN / SYN,ACK". */
static void draw_label(const View *view, const Frame *frame, const Route *route, bool last) {
    const Arrow *arrow = arrow_find(route->from, route->to);
    if (!arrow || route->kind == KIND_RESET) return;
    Paint *paint = view->paint;
    double x = frame->x + route->label.x * frame->zoom, y = frame->y + route->label.y * frame->zoom;
    const Style bright = {FACE_TEXT, 11.5 * frame->zoom, last ? state_ink(route->to) : INK_TEXT, 1};
    const Style dim = {FACE_TEXT, bright.size, INK_DIM, 1};
    Short action;
    short_format(&action, *arrow->action ? "/ %s" : "%s", arrow->action);
    if (route->label.stacked || !*arrow->action) {
        paint_text(paint, bright, x, y, route->label.align, 0, arrow->event);
        if (*action.s) paint_text(paint, dim, x, y + 14 * frame->zoom, route->label.align, 0, action.s);
        return;
    }
    double gap = 4 * frame->zoom;
    x -= (paint_width(paint, bright, arrow->event) + gap + paint_width(paint, dim, action.s)) / 2;
    x += paint_text(paint, bright, x, y, ALIGN_LEFT, 0, arrow->event) + gap;
    paint_text(paint, dim, x, y, ALIGN_LEFT, 0, action.s);
}

static void draw_labels(const View *view, const Frame *frame, const HostScene *host) {
    const Route *last = host->has_conn && host->changed ? route_of(host->before, host->state) : NULL;
    for (size_t i = 0; i < ROUTES; i++) draw_label(view, frame, &routes[i], &routes[i] == last);
}

static void draw_node(const View *view, const Frame *frame, const HostScene *host, State state) {
    Paint *paint = view->paint;
    Rect node = node_rect(frame, state);
    bool lit = host->has_conn ? host->state == state : state == STATE_CLOSED;
    bool been = host->has_conn && (host->visited >> state & 1u);
    Ink ink = state_ink(state);
    double radius = node.h / 4.5;
    double size = fmin(pin(font, fmax(node_grown(frame->across), 0)) * frame->zoom, node.h * 0.67);
    Style style = {been ? FACE_BOLD : FACE_TEXT, size, been ? INK_TEXT : INK_DIM, 1};
    if (lit) {
        double swell = 6 * (1 - host->settle);
        if (host->settle < 1)
            paint_box(paint, rect_inset(node, -swell, -swell), radius + swell, ink, 0.5 * host->settle);
        paint_box(paint, node, radius, ink, 1);
        style.face = FACE_BOLD;
        style.ink = INK_ON;
    } else {
        paint_box(paint, node, radius, INK_RAISED, 1);
        if (been) paint_frame(paint, node, radius, ink, 1.4, 0.9);
    }
    paint_text_in(paint, paint_fitting(paint, style, node.w - 3, state_name(state)), node, ALIGN_CENTER,
                  state_name(state));
}

void draw_diagram(const View *view, Rect rect, const HostScene *host) {
    Frame frame = frame_of(rect);
    draw_routes(view, &frame, host);
    if (frame.labelled) draw_labels(view, &frame, host);
    for (State state = STATE_CLOSED; state < STATE_COUNT; state++) draw_node(view, &frame, host, state);
    if (host->has_conn && host->changed) draw_token(view, &frame, host);
}

void draw_large_diagram(const View *view) {
    Paint *paint = view->paint;
    const HostScene *host = &view->scene->host[view->look->diagram > 1];
    const Rect window = {0, 0, view->layout.width, view->layout.height};
    double edge_room = 24, head = 34, h = fmin(window.h - 16, (design_h.large + 2 * edge_room) * 1.2);
    double w = fmin(window.w - 16, (h - head - edge_room) * design_w.large / design_h.large + 2 * edge_room);
    Rect box = {(window.w - w) / 2, (window.h - h) / 2, w, h};
    paint_layer(paint, 1);
    paint_panel(paint, window);
    paint_fill(paint, window, INK_BACK, 0.6);
    paint_panel(paint, box);
    paint_box(paint, rect_inset(box, -1, -1), 13, INK_LINE, 1);
    paint_box(paint, box, 12, INK_PANEL, 1);
    paint_text(paint, (Style){FACE_BOLD, 18, INK_TEXT, 1}, box.x + edge_room, box.y + 28, ALIGN_LEFT, 0, host->name);
    draw_diagram(view, (Rect){box.x + edge_room, box.y + head, w - 2 * edge_room, h - head - edge_room / 2}, host);
    view_hit(view, window, ACT_DIAGRAM, view->look->diagram, PACKET_NONE);
}
