/* timeline.c - the bottom row: buttons, what happens next, speed and wire; below it every event on a line, and the
 * slider. */
#include "view.h"

#include <math.h>
#include <string.h>

/* Where the steps are: each is as wide as it has events, at least one unit. */
typedef struct Ruler {
    const Story *story;
    double x, w, each; /* each: the width of a unit */
    double from;       /* the unit at x */
} Ruler;
#define RULER_INSET 8.0

/* Of the steps before this one. */
static uint32_t units_before(const Story *story, size_t step) {
    if (step < story->row_count) return story->rows[step].units;
    if (!story->row_count) return 0;
    const Row *last = &story->rows[story->row_count - 1];
    return last->units + (last->end > last->first ? last->end - last->first : 1);
}

static double units_of(const Story *story) { return fmax(units_before(story, story->row_count), 12); }

/* So wide that each event can be hit, and no wider. */
#define UNIT_MOST 24.0
static double stretch_within(const Story *story, double stretch, double w) {
    return fmin(fmax(stretch, 1), fmax(UNIT_MOST * units_of(story) / fmax(w, 1), 1));
}

static double from_within(const Story *story, double stretch, double from) {
    double units = units_of(story);
    return fmin(fmax(from, 0), units - units / stretch);
}

static Ruler ruler_of(const Story *story, const StageLook *look, Rect line) {
    const double x = line.x + RULER_INSET, w = line.w - 2 * RULER_INSET,
                 stretch = stretch_within(story, look->stretch, w);
    return (Ruler){story, x, w, w / units_of(story) * stretch, from_within(story, stretch, look->line_from)};
}

static double unit_x(const Ruler *ruler, double unit) { return ruler->x + (unit - ruler->from) * ruler->each; }

static double step_x(const Ruler *ruler, size_t step) { return unit_x(ruler, units_before(ruler->story, step)); }

double timeline_follow(const Scene *scene, const StageLook *look) {
    const Story *story = &scene->story;
    double stretch = fmax(look->stretch, 1), span = units_of(story) / stretch, at = units_before(story, scene->at.step);
    bool inside = at >= look->line_from + span * 0.05 && at <= look->line_from + span * 0.95;
    return from_within(story, stretch, inside ? look->line_from : at - span / 2);
}

void timeline_stretch(const Scene *scene, StageLook *look, Rect line, double x, double factor) {
    const Ruler before = ruler_of(&scene->story, look, line);
    const double unit = before.from + (x - before.x) / before.each;
    look->stretch = stretch_within(&scene->story, look->stretch * factor, before.w);
    const Ruler after = ruler_of(&scene->story, look, line);
    look->line_from = from_within(&scene->story, look->stretch, unit - (x - after.x) / after.each);
}

/* The step that a unit belongs to; the last one where there are fewer. */
static size_t step_of(const Story *story, uint32_t unit) {
    size_t low = 0, high = story->row_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (story->rows[middle].units <= unit) low = middle;
        else high = middle;
    }
    return low;
}

/* ---- Buttons ---- */

typedef enum Icon { ICON_FIRST, ICON_BACK, ICON_FORWARD, ICON_LAST, ICON_PLAY, ICON_PAUSE } Icon;

/* Points to the right, or for a negative size to the left. */
static void draw_triangle(const View *view, double x, double y, double size, Ink ink, double alpha) {
    Paint *paint = view->paint;
    path_move(paint, x - size * 0.5, y - fabs(size) * 0.8);
    path_line(paint, x + size * 0.7, y);
    path_line(paint, x - size * 0.5, y + fabs(size) * 0.8);
    path_close(paint);
    path_fill(paint, ink, alpha);
}

static void draw_icon(const View *view, double x, double y, Icon icon, Ink ink, double alpha) {
    Paint *paint = view->paint;
    switch (icon) {
    case ICON_FIRST:
        draw_triangle(view, x + 2, y, -8, ink, alpha);
        paint_fill(paint, (Rect){x - 8, y - 6.4, 2.5, 12.8}, ink, alpha);
        break;
    case ICON_LAST:
        draw_triangle(view, x - 2, y, 8, ink, alpha);
        paint_fill(paint, (Rect){x + 5.5, y - 6.4, 2.5, 12.8}, ink, alpha);
        break;
    case ICON_BACK: draw_triangle(view, x, y, -8, ink, alpha); break;
    case ICON_FORWARD:
    case ICON_PLAY: draw_triangle(view, x, y, 8, ink, alpha); break;
    case ICON_PAUSE:
        paint_fill(paint, (Rect){x - 5, y - 6.4, 3.5, 12.8}, ink, alpha);
        paint_fill(paint, (Rect){x + 1.5, y - 6.4, 3.5, 12.8}, ink, alpha);
        break;
    }
}

static void draw_button(const View *view, Rect rect, Icon icon, Action action, bool enabled) {
    bool hover = enabled && view_hovers(view, rect);
    paint_box(view->paint, rect, 6, hover ? INK_LINE : INK_RAISED, 1);
    draw_icon(view, rect.x + rect.w / 2, rect.y + rect.h / 2, icon, enabled ? INK_TEXT : INK_FAINT, enabled ? 1 : 0.6);
    if (enabled) view_hit(view, rect, action, 0, PACKET_NONE);
}

static double draw_main_button(const View *view, double x, double y, double h, const char *text, Action action,
                               bool enabled) {
    Style style = {FACE_BOLD, 14, enabled ? INK_ON : INK_DIM, 1};
    double width = paint_width(view->paint, style, text) + 50;
    Rect rect = {x, y, width, h};
    paint_box(view->paint, rect, 6, enabled ? INK_ACCENT : INK_RAISED, 1);
    if (enabled && view_hovers(view, rect)) paint_frame(view->paint, rect, 6, INK_TEXT, 1.5, 0.8);
    paint_text_in(view->paint, style, (Rect){x + 14, y, width - 40, h}, ALIGN_LEFT, text);
    draw_icon(view, x + width - 18, y + h / 2, ICON_FORWARD, style.ink, 1);
    view_hit(view, rect, action, 0, PACKET_NONE);
    return width;
}

/* `few`: what a hand needs where there is little room. */
static double draw_buttons(const View *view, double x, double y, bool few) {
    const Scene *scene = view->scene;
    const double h = 30, w = 34, gap = 5;
    bool past = scene->ahead > 0, begun = scene->present > 0, more = past || scene->next || view->look->waits;
    if (!few) draw_button(view, (Rect){x, y, w, h}, ICON_FIRST, ACT_FIRST, begun);
    if (!few) x += w + gap;
    draw_button(view, (Rect){x, y, w, h}, ICON_BACK, ACT_BACK, begun);
    x += w + gap;
    Word name = view->look->waits ? WORD_CONTINUE : WORD_STEP;
    x += draw_main_button(view, x, y, h, view_word(view, name), ACT_STEP, more) + gap;
    if (few) return x;
    draw_button(view, (Rect){x, y, w, h}, ICON_FORWARD, ACT_FORWARD, past);
    x += w + gap;
    draw_button(view, (Rect){x, y, w, h}, ICON_LAST, ACT_LAST, past);
    x += w + gap + 6;
    draw_button(view, (Rect){x, y, w, h}, view->look->playing ? ICON_PAUSE : ICON_PLAY, ACT_PLAY,
                more || view->look->playing);
    return x + w;
}

/* ---- What happens next ---- */

static const Flight *next_flight(const Scene *scene) {
    if (!scene->next_input.packet.id) return NULL;
    size_t index = story_flight(&scene->story, scene->next_input.packet);
    return index == SIZE_MAX ? NULL : &scene->story.flights[index];
}

static void next_words(const View *view, Short *what, Short *when) {
    const Scene *scene = view->scene;
    const Input *next = &scene->next_input;
    Language language = view->look->language;
    const World *world = session_world(view->session);
    Short seconds;
    *when = (Short){""};
    if (view->look->waits) {
        short_format(what, "%s", word(language, WORD_NEXT_WAITS));
        return;
    }
    short_format(what, "%s", word(language, WORD_NEXT_NOTHING));
    if (!scene->next) return;
    HostView host = {.name = "?"};
    ConnView conn;
    const Flight *flight = next_flight(scene);
    char flags[FLAGS_TEXT] = "";
    if (flight) {
        if (flight->icmp_type) strcpy(flags, "ICMP");
        else flags_text(flight->flags, flags);
        world_host(world, flight->to, &host);
    }
    if (next->kind == INPUT_TIMER) {
        if (world_conn(world, next->conn, &conn)) world_host(world, conn.host, &host);
        word_format(what, language, WORD_NEXT_FIRES, timer_words(next->timer), host.name);
    } else if (next->kind == INPUT_DELIVER && flight) {
        word_format(what, language, WORD_NEXT_ARRIVES, next->packet.id, flags, host.name);
    } else if (next->kind == INPUT_EXPIRE) {
        word_format(what, language, WORD_NEXT_EXPIRES, next->packet.id);
    } else {
        short_format(what, "%s()", call_name(next->kind));
    }
    word_format(when, language, WORD_IN_SECONDS, short_seconds(&seconds, scene->next_in));
}

static void draw_next(const View *view, Rect rect) {
    Paint *paint = view->paint;
    Short what, when;
    next_words(view, &what, &when);
    Style dim = {FACE_TEXT, 12, INK_DIM, 1}, bold = {FACE_BOLD, 14.5, view->scene->next ? INK_TEXT : INK_DIM, 1};
    double x = rect.x + paint_text_in(paint, dim, rect, ALIGN_LEFT, view_word(view, WORD_NEXT)) + 12;
    double after = *when.s ? paint_width(paint, dim, when.s) + 12 : 0, room = rect.x + rect.w - x - after;
    if (room < 20) return;
    x += paint_text_in(paint, paint_fitting(paint, bold, room, what.s), (Rect){x, rect.y, room, rect.h}, ALIGN_LEFT,
                       what.s) +
         12;
    paint_text_in(paint, dim, (Rect){x, rect.y, rect.x + rect.w - x, rect.h}, ALIGN_LEFT, when.s);
}

/* ---- Speed and wire ---- */

static double draw_right(const View *view, Rect rect) {
    Paint *paint = view->paint;
    Style dim = {FACE_TEXT, 12, INK_DIM, 1}, bold = {FACE_BOLD, 13, INK_TEXT, 1};
    double x = rect.x + rect.w;
    bool raw = view->scene->wire[0] == 'r';
    const char *kind = view_word(view, raw ? WORD_WIRE_RAW : WORD_WIRE_MEMORY);
    x -= paint_text_in(paint, bold, (Rect){rect.x, rect.y, x - rect.x, rect.h}, ALIGN_RIGHT, kind) + 8;
    x -= paint_text_in(paint, dim, (Rect){rect.x, rect.y, x - rect.x, rect.h}, ALIGN_RIGHT,
                       view_word(view, WORD_WIRE)) +
         26;
    Rect plus = {x - 26, rect.y + 2, 26, rect.h - 4}, minus = {plus.x - 80, plus.y, 26, plus.h};
    for (int i = 0; i < 2; i++) {
        Rect box = i ? plus : minus;
        paint_box(paint, box, 6, view_hovers(view, box) ? INK_LINE : INK_RAISED, 1);
        paint_text_in(paint, bold, box, ALIGN_CENTER, i ? "+" : "−");
        view_hit(view, box, i ? ACT_FASTER : ACT_SLOWER, 0, PACKET_NONE);
    }
    Short text;
    paint_text_in(paint, bold, (Rect){minus.x + 26, rect.y, 54, rect.h}, ALIGN_CENTER,
                  short_format(&text, "%g×", view->look->speed));
    double left = minus.x - 8;
    const char *speed = view_word(view, WORD_SPEED);
    return left - paint_text_in(paint, dim, (Rect){rect.x, rect.y, left - rect.x, rect.h}, ALIGN_RIGHT, speed) - 20;
}

/* ---- The line ---- */

#define TICK_APART 1.2
enum { STEPS_HIT = 600, OVERVIEW_HIT = 100 };

static void draw_tick(const View *view, const Event *event, double x, double y, bool roomy, double alpha) {
    Paint *paint = view->paint;
    Ink ink = event->kind == EVENT_STATE ? state_ink(event->to) : flags_ink(event->flags, event->data_length);
    bool packet = event->kind == EVENT_SEND || event->kind == EVENT_DELIVER || event->kind == EVENT_DUP ||
                  event->kind == EVENT_INJECT;
    if (event->kind == EVENT_DROP || event->kind == EVENT_ERROR || event->kind == EVENT_ORACLE) {
        paint_cross(paint, x, y, roomy ? 4 : 2.5, INK_RED, alpha);
    } else if (packet) {
        bool up = event->kind != EVENT_DELIVER;
        paint_line(paint, x, y, x, up ? y - 9 : y + 9, ink, roomy ? 2.5 : 1.2, alpha);
    } else if (event->kind == EVENT_STATE) {
        paint_disc(paint, x, y, roomy ? 4.5 : 2, ink, alpha);
    } else if (event->kind == EVENT_TIMER) {
        path_arc(paint, x, y, roomy ? 4 : 2, 0, 2 * M_PI);
        path_stroke(paint, INK_YELLOW, 2, alpha);
    } else {
        paint_fill(paint, (Rect){x - 1.5, y - 1.5, 3, 3}, INK_DIM, alpha);
    }
}

/* Every event; where they lie too close, those TICK_APART from each other. */
static void draw_ticks(const View *view, const Ruler *ruler, double y) {
    const Story *story = ruler->story;
    const Trace *trace = session_trace(view->session);
    uint32_t unit = (uint32_t)ruler->from, units = units_before(story, story->row_count);
    double last = -INFINITY;
    while (unit < units && unit_x(ruler, unit) < ruler->x + ruler->w) {
        size_t step = step_of(story, unit);
        const Row *row = &story->rows[step];
        if (row->end == row->first) { /* on to the next that has events */
            const Event next = trace_at(trace, row->first);
            if (next.index == EVENT_NONE) break;
            unit = story->rows[next.step].units;
            continue;
        }
        double at = unit_x(ruler, unit + 0.5), missing = TICK_APART - (at - last);
        if (missing > 0) {
            unit += (uint32_t)fmax(ceil(missing / ruler->each), 1);
            continue;
        }
        const Event event = trace_at(trace, row->first + (unit - row->units));
        draw_tick(view, &event, at, y, ruler->each >= 7, step < view->scene->present ? 1 : 0.35);
        last = at;
        unit++;
    }
}

/* Where there are more steps than can be hit, a press means the one in the middle under it. */
static void note_steps(const View *view, const Ruler *ruler, Rect rect) {
    const Story *story = ruler->story;
    if (!story->row_count) return;
    size_t first = step_of(story, (uint32_t)ruler->from),
           last = step_of(story, (uint32_t)(ruler->from + ruler->w / ruler->each));
    const double right = ruler->x + ruler->w;
    for (size_t step = first; step <= last && last - first < STEPS_HIT; step++) {
        double x = fmax(step_x(ruler, step), ruler->x), end = fmin(step_x(ruler, step + 1), right);
        if (end > x) view_hit(view, (Rect){x, rect.y, end - x, rect.h}, ACT_SEEK, (uint32_t)step + 1, PACKET_NONE);
    }
    if (last - first < STEPS_HIT) return;
    double width = (fmin(step_x(ruler, story->row_count), right) - ruler->x) / STEPS_HIT;
    for (size_t i = 0; i < STEPS_HIT; i++) {
        double x = ruler->x + width * (double)i;
        bool end = i + 1 == STEPS_HIT && last + 1 == story->row_count;
        size_t step = end ? last : step_of(story, (uint32_t)(ruler->from + width * ((double)i + 0.5) / ruler->each));
        view_hit(view, (Rect){x, rect.y, width, rect.h}, ACT_SEEK, (uint32_t)step + 1, PACKET_NONE);
    }
}

/* Of a widened line: which part of the whole is shown. A press goes there. */
static void draw_overview(const View *view, const Ruler *ruler, Rect rect) {
    const Story *story = ruler->story;
    const double units = units_of(story), each = ruler->w / units, shown = ruler->w / ruler->each;
    if (shown >= units) return;
    double knob = ruler->x + units_before(story, view->scene->at.step) * each, part = ruler->w / OVERVIEW_HIT;
    paint_fill(view->paint, (Rect){ruler->x, rect.y + 1, ruler->w, 3}, INK_LINE, 1);
    paint_fill(view->paint, (Rect){ruler->x + ruler->from * each, rect.y, fmax(shown * each, 4), 5}, INK_ACCENT, 1);
    paint_fill(view->paint, (Rect){knob - 1, rect.y - 1, 2, 7}, INK_TEXT, 1);
    for (size_t i = 0; i < OVERVIEW_HIT; i++) {
        size_t step = step_of(story, (uint32_t)(((double)i + 0.5) * units / OVERVIEW_HIT));
        view_hit(view, (Rect){ruler->x + part * (double)i, rect.y - 2, part, 9}, ACT_SEEK, (uint32_t)step + 1,
                 PACKET_NONE);
    }
}

static void draw_knob(const View *view, const Ruler *ruler, double y) {
    const Scene *scene = view->scene;
    double x = step_x(ruler, scene->at.step);
    if (scene->at.step < ruler->story->row_count) x += (step_x(ruler, scene->at.step + 1) - x) * scene->at.approach;
    if (x < ruler->x - 1 || x > ruler->x + ruler->w + 1) return;
    Ink ink = scene->ahead ? INK_YELLOW : INK_ACCENT;
    paint_line(view->paint, x, y - 13, x, y + 13, ink, 2.5, 1);
    paint_disc(view->paint, x, y - 13, 5, ink, 1);
}

static void draw_line(const View *view, Rect rect) {
    const Scene *scene = view->scene;
    const Story *story = &scene->story;
    const Ruler ruler = ruler_of(story, view->look, rect);
    const double y = rect.y + rect.h / 2, end = step_x(&ruler, story->row_count);
    if (view->hits) view->hits->line = rect;
    paint_line(view->paint, ruler.x, y, ruler.x + ruler.w, y, INK_LINE, 2, 1);
    draw_ticks(view, &ruler, y);
    note_steps(view, &ruler, rect);
    if (ruler.from <= 0) view_hit(view, (Rect){rect.x, rect.y, RULER_INSET, rect.h}, ACT_SEEK, 0, PACKET_NONE);
    draw_overview(view, &ruler, rect);
    if (scene->ahead && end <= ruler.x + ruler.w + 1) paint_head(view->paint, end, y - 6, 0, 1, 9, INK_YELLOW, 1);
    draw_knob(view, &ruler, y);
}

void draw_timeline(const View *view, Rect rect) {
    Paint *paint = view->paint;
    paint_panel(paint, rect);
    paint_box(paint, rect, 8, INK_PANEL, 1);
    bool narrow = rect.w < 860, lecture = view->layout.form == LAYOUT_LECTURE;
    double left = draw_buttons(view, rect.x + 10, rect.y + 7, narrow);
    Rect top = {left + 22, rect.y + 7, rect.x + rect.w - 16 - left - 22, 30};
    double right = narrow ? top.x + top.w : draw_right(view, top);
    draw_next(view, (Rect){top.x, top.y, right - top.x, top.h});
    if (lecture) return;
    Short text;
    word_format(&text, view->look->language, WORD_STEP_OF, view->scene->present,
                view->scene->present + view->scene->ahead);
    Style dim = {FACE_TEXT, 11.5, INK_DIM, 1};
    double width = paint_width(paint, dim, text.s);
    Rect line = {rect.x + 8, rect.y + 39, rect.w - width - 40, rect.h - 40};
    draw_line(view, line);
    paint_text_in(paint, dim, (Rect){rect.x + rect.w - 16 - width, line.y, width, line.h}, ALIGN_RIGHT, text.s);
}
