/* view.c - the picture as a whole: where the panels are, and what all views use. */
#include "view.h"

#include <math.h>

#define MARGIN 8.0
#define CAPTION_HEIGHT 54.0
#define LOWER_HEIGHT 158.0
#define TIMELINE_HEIGHT 72.0
#define DESIGN_WIDTH 1280.0
#define DESIGN_HEIGHT 800.0
/* The least logical size at which nothing is cut off. */
#define LEAST_WIDTH 620.0
#define LEAST_HEIGHT 380.0
/* Below this width the hosts stand above the ladder. */
#define FULL_WIDTH 1180.0
#define FULL_HEIGHT 620.0
#define STRIP_HEIGHT 62.0
/* The lower row needs this much: sequence space, and the header beside it. */
#define LOWER_LEAST 740.0
#define LOWER_WIDTH 1120.0
/* A lecture's text is at least a 45th of the height. */
#define LECTURE_HEIGHT 472.0
#define LECTURE_WIDTH 800.0
#define LECTURE_SIDE 156.0
#define LECTURE_TRANSPORT 46.0

/* A larger window shows more, not only larger. */
static double scale_of(double w, double h, const StageLook *look) {
    double most = fmin(w / LEAST_WIDTH, h / LEAST_HEIGHT), fits = fmin(w / DESIGN_WIDTH, h / DESIGN_HEIGHT);
    if (look->present) return fmin(w / LECTURE_WIDTH, h / LECTURE_HEIGHT);
    if (look->scale > 0) return fmin(look->scale, most);
    return fmin(fits > 1 ? 1 + (fits - 1) * 0.75 : 1, most);
}

/* From the bottom up: returns what is left above. */
static double place_lower(Layout *layout, const StageLook *look, double bottom) {
    double inner = layout->width - 2 * MARGIN;
    bool room = layout->height >= LOWER_LEAST;
    bool sequence = look->panels & PANEL_SEQUENCE && room;
    bool header = look->panels & PANEL_HEADER && room && (!sequence || layout->width >= LOWER_WIDTH);
    if (!sequence && !header) return bottom;
    double y = bottom - LOWER_HEIGHT, part = header ? fmax((inner - MARGIN) * 0.38, 430) : inner;
    if (sequence) layout->sequence = (Rect){MARGIN, y, part, LOWER_HEIGHT};
    double x = sequence ? MARGIN + part + MARGIN : MARGIN;
    if (header) layout->header = (Rect){x, y, layout->width - MARGIN - x, LOWER_HEIGHT};
    return y - MARGIN;
}

static void place_hosts(Layout *layout, double top, double bottom) {
    double inner = layout->width - 2 * MARGIN, side = fmin(fmax(layout->width * 0.222, 278), 330);
    switch (layout->form) {
    case LAYOUT_FULL: break;
    case LAYOUT_LECTURE: side = LECTURE_SIDE; break;
    case LAYOUT_STRIPS:
        side = (inner - MARGIN) / 2;
        layout->left = (Rect){MARGIN, top, side, STRIP_HEIGHT};
        layout->right = (Rect){MARGIN + side + MARGIN, top, side, STRIP_HEIGHT};
        top += STRIP_HEIGHT + MARGIN;
        layout->ladder = (Rect){MARGIN, top, inner, bottom - top};
        return;
    }
    layout->left = (Rect){MARGIN, top, side, bottom - top};
    layout->right = (Rect){layout->width - MARGIN - side, top, side, bottom - top};
    layout->ladder = (Rect){MARGIN + side + MARGIN, top, inner - 2 * (side + MARGIN), bottom - top};
}

Layout layout_of(int width, int height, const StageLook *look) {
    double w = fmax(width, 1), h = fmax(height, 1);
    Layout layout = {.scale = scale_of(w, h, look)};
    layout.width = w / layout.scale;
    layout.height = h / layout.scale;
    bool full = layout.width >= FULL_WIDTH && layout.height >= FULL_HEIGHT;
    layout.form = look->present ? LAYOUT_LECTURE : full ? LAYOUT_FULL : LAYOUT_STRIPS;
    double top = MARGIN, bottom = layout.height - MARGIN;
    layout.caption = (Rect){MARGIN, top, layout.width - 2 * MARGIN, CAPTION_HEIGHT};
    top += CAPTION_HEIGHT + MARGIN;
    if (!look->bare) {
        double transport = look->present ? LECTURE_TRANSPORT : TIMELINE_HEIGHT;
        layout.timeline = (Rect){MARGIN, bottom - transport, layout.width - 2 * MARGIN, transport};
        bottom -= transport + MARGIN;
    }
    if (!look->present) bottom = place_lower(&layout, look, bottom);
    place_hosts(&layout, top, bottom);
    return layout;
}

void view_hit(const View *view, Rect rect, Action action, uint32_t value, PacketId packet) {
    if (!view->hits || view->hits->count == HITS) return;
    view->hits->hit[view->hits->count++] = (Hit){rect, action, value, packet};
}

bool view_hovers(const View *view, Rect rect) { return rect_has(rect, view->look->pointer_x, view->look->pointer_y); }

const char *view_word(const View *view, Word which) { return word(view->look->language, which); }

Ink state_ink(State state) {
    switch (state) {
    case STATE_CLOSED: return INK_GREY;
    case STATE_LISTEN: return INK_SKY;
    case STATE_SYN_SENT:
    case STATE_SYN_RCVD: return INK_ORANGE;
    case STATE_ESTABLISHED: return INK_GREEN;
    case STATE_FIN_WAIT_1:
    case STATE_FIN_WAIT_2:
    case STATE_CLOSING: return INK_PURPLE;
    case STATE_CLOSE_WAIT:
    case STATE_LAST_ACK: return INK_RED;
    case STATE_TIME_WAIT: return INK_YELLOW;
    case STATE_COUNT: break;
    }
    return INK_GREY;
}

Ink flags_ink(uint8_t flags, uint32_t data_length) {
    if (flags & FLAG_RST) return INK_RED;
    if (flags & FLAG_SYN) return INK_ORANGE;
    if (flags & FLAG_FIN) return INK_PURPLE;
    return data_length ? INK_TEXT : INK_SKY;
}

double drag_seconds(const Scene *scene, const StageLook *look) {
    const World *world = session_world(scene->session);
    size_t flight = story_flight(&scene->story, look->selected);
    PacketView packet;
    if (flight == SIZE_MAX || !world_packet(world, look->selected, &packet) || packet.due == MICROS_NEVER) return 0;
    double y = scene->story.flights[flight].y1 + look->drag_y;
    if (isinf(y)) return 0;
    Micros due = story_drop(&scene->story, flight, scene->present, y), least = world_now(world) - packet.due;
    return (double)llround(fmax((double)(due - packet.due), (double)least) / 1000) / 1000;
}

Rect view_panel(const View *view, Rect rect, const char *title) {
    paint_panel(view->paint, rect);
    paint_box(view->paint, rect, 8, INK_PANEL, 1);
    if (!title) return rect_inset(rect, 13, 10);
    paint_text(view->paint, (Style){FACE_BOLD, 11.5, INK_DIM, 1}, rect.x + 14, rect.y + 19, ALIGN_LEFT, 0, title);
    return (Rect){rect.x + 14, rect.y + 28, rect.w - 28, rect.h - 37};
}

void draw_stage(Paint *paint, int width, int height, const StageLook *look, const Session *session, const Scene *scene,
                Hits *hits) {
    View view = {paint, scene, session, look, layout_of(width, height, look), hits};
    if (hits) hits->count = 0, hits->line = (Rect){0};
    paint_begin(paint, look->theme);
    paint_past(paint, scene->ahead > 0);
    paint_fill(paint, (Rect){0, 0, width, height}, INK_BACK, 1);
    paint_scale(paint, view.layout.scale, view.layout.scale);
    draw_caption(&view, view.layout.caption);
    static void (*const draw_hosts[])(const View *, Rect, const HostScene *) = {
        [LAYOUT_FULL] = draw_host, [LAYOUT_STRIPS] = draw_strip, [LAYOUT_LECTURE] = draw_column};
    draw_hosts[view.layout.form](&view, view.layout.left, &scene->host[0]);
    draw_hosts[view.layout.form](&view, view.layout.right, &scene->host[1]);
    draw_ladder(&view, view.layout.ladder);
    if (view.layout.sequence.w > 0) draw_sequence(&view, view.layout.sequence);
    if (view.layout.header.w > 0) draw_header(&view, view.layout.header);
    if (view.layout.timeline.w > 0) draw_timeline(&view, view.layout.timeline);
    if (look->diagram) draw_large_diagram(&view);
    draw_overlays(&view);
}

bool draw_session(Paint *paint, int width, int height, const StageLook *look, const Session *session, Playhead at) {
    Scene *scene = scene_new();
    if (!scene) return false;
    scene_update(scene, session, at);
    draw_stage(paint, width, height, look, session, scene, NULL);
    scene_free(scene);
    return true;
}
