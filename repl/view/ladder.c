/* ladder.c - time runs down, each host has a lifeline, each packet a line from sender to receiver. */
#include "ladder.h"

#include <math.h>
#include <stdlib.h>

#define HEAD 34.0 /* the hosts' names */
#define FOOT 8.0

/* ---- Where things are ---- */

Rect ladder_field(Rect rect) { return (Rect){rect.x, rect.y + HEAD, rect.w, rect.h - HEAD - FOOT}; }

double ladder_left(Rect rect) { return fmin(180, fmax(112, rect.w * 0.265)); }
double ladder_right(Rect rect) { return fmin(164, fmax(104, rect.w * 0.24)); }

double ladder_x(const Scene *scene, Rect rect, HostId host) {
    double first = rect.x + ladder_left(rect), last = rect.x + rect.w - ladder_right(rect);
    size_t count = scene->story.column_count;
    for (size_t i = 0; i < count; i++)
        if (scene->story.columns[i] == host)
            return count < 2 ? first : first + (last - first) * (double)i / (double)(count - 1);
    return (first + last) / 2; /* the address belongs to no host */
}

/* How far down a packet ends that is on its way at the playhead. */
static double last_end(const Scene *scene) {
    const Story *story = &scene->story;
    if (story->open_count > story->planned_count) return INFINITY;
    double most = 0;
    for (size_t i = 0; i < story->planned_count; i++) {
        const Flight *flight = &story->flights[story->planned[i]];
        if (flight_seen(scene, flight)) most = fmax(most, flight->y1);
    }
    for (size_t i = 0; i < story->way_count; i++) { /* what has arrived since, the last first */
        const List *ended = &story->ways[i].ended;
        for (size_t k = ended->count; k-- > 0;) {
            const Flight *flight = &story->flights[ended->at[k]];
            if (flight->ended < scene->at.step || flight->y1 <= most) break;
            if (flight_seen(scene, flight)) most = flight->y1;
        }
    }
    return most;
}

double ladder_follow(const Scene *scene, double height) {
    double field = height - HEAD - FOOT, need = fmax(scene->y + 40, fmin(last_end(scene), scene->y + field * 0.6));
    if (scene->ahead) need = fmax(need, fmin(scene->story.bottom, scene->y + field * 0.35));
    return fmax(0, need + 24 - field);
}

bool rect_inside(Rect outer, Rect inner) { return inner.y >= outer.y && inner.y + inner.h <= outer.y + outer.h; }

/* ---- The hosts' lines ---- */

/* The last that lies above the ladder's visible part, or the first of all. */
static size_t first_turn(const Scene *scene, const HostStory *host, double y) {
    size_t low = 0, high = host->turn_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (scene->story.instants[host->turns[middle].instant].y < y) low = middle;
        else high = middle;
    }
    return low;
}

static void draw_lifeline(const Ladder *l, HostId host) {
    const View *view = l->view;
    const Scene *scene = view->scene;
    double x = ladder_x(scene, l->rect, host), top = l->field.y, bottom = top + l->field.h, from = top - l->scroll;
    double now = fmin(from + scene->y, bottom);
    paint_line(view->paint, x, top, x, bottom, INK_LINE, 2, 1);
    Ink ink = INK_GREY;
    double y = from;
    const HostStory *story = &scene->story.hosts[host < LIMIT_HOSTS ? host : 0];
    for (size_t i = first_turn(scene, story, l->scroll); i < story->turn_count; i++) {
        if (story->turns[i].step >= scene->at.step) break;
        double next = from + scene->story.instants[story->turns[i].instant].y;
        if (next >= bottom) break;
        if (next > top) paint_line(view->paint, x, fmax(y, top), x, next, ink, 3, ink == INK_GREY ? 0.5 : 1);
        y = next;
        ink = story->turns[i].to == STATE_CLOSED ? INK_GREY : state_ink(story->turns[i].to);
    }
    if (now > top && y < now) paint_line(view->paint, x, fmax(y, top), x, now, ink, 3, ink == INK_GREY ? 0.5 : 1);
}

static void draw_names(const Ladder *l) {
    const View *view = l->view;
    const Story *story = &view->scene->story;
    for (size_t i = 0; i < story->column_count; i++) {
        HostView host;
        if (!world_host(session_world(view->session), story->columns[i], &host)) continue;
        double x = ladder_x(view->scene, l->rect, story->columns[i]);
        double room = story->column_count > 1 ? ladder_x(view->scene, l->rect, story->columns[1]) -
                                                    ladder_x(view->scene, l->rect, story->columns[0])
                                              : 200;
        Style style = paint_fitting(view->paint, (Style){FACE_BOLD, 16, INK_TEXT, 1}, room - 8, host.name);
        paint_text(view->paint, style, x, l->rect.y + 24, ALIGN_CENTER, 0, host.name);
    }
}

/* A long stretch without events: the lifelines are broken, and its length is written there. */
static void draw_fold(Ladder *l, Micros gap, double y) {
    const View *view = l->view;
    const Story *story = &view->scene->story;
    Short number, text;
    bool minutes = gap >= 120 * MICROS_PER_SECOND;
    if (minutes) short_format(&number, "%.3g", (double)gap / (60.0 * (double)MICROS_PER_SECOND));
    else short_seconds(&number, gap);
    word_format(&text, view->look->language, minutes ? WORD_MINUTES : WORD_QUIET, number.s);
    Style style = {FACE_TEXT, 12, INK_DIM, 1};
    double width = paint_width(view->paint, style, text.s), first = ladder_x(view->scene, l->rect, story->columns[0]);
    double last = ladder_x(view->scene, l->rect, story->columns[story->column_count - 1]);
    Rect box = {(first + last) / 2 - width / 2 - 10, y - 10, width + 20, 20};
    if (!rect_inside(l->field, box)) return;
    for (size_t i = 0; i < story->column_count; i++) {
        double x = ladder_x(view->scene, l->rect, story->columns[i]);
        paint_fill(view->paint, (Rect){x - 6, y - 6, 12, 12}, INK_PANEL, 1);
        for (int side = -1; side <= 1; side += 2) {
            double middle = y + side * 4;
            paint_line(view->paint, x - 8, middle + 3, x + 8, middle - 3, INK_DIM, 1.5, 1);
        }
    }
    if (!places_take_free(&l->texts, box)) return;
    paint_text_in(view->paint, style, box, ALIGN_CENTER, text.s);
}

static double times_at(const Ladder *l) { return l->rect.x + (l->tanks ? 60 : 14); }

/* The time of an instant, left of all. */
static void draw_time(Ladder *l, Micros time, double y, bool past) {
    Rect box = {times_at(l), y - 9, 50, 18};
    if (!rect_inside(l->field, box) || !places_take_free(&l->texts, box)) return;
    Short text;
    Style style = {FACE_MONO, 11, past ? INK_DIM : INK_FAINT, 1};
    short_moment(&text, time);
    paint_text_in(l->view->paint, paint_fitting(l->view->paint, style, box.w - 4, text.s),
                  (Rect){box.x + 4, box.y, box.w - 4, box.h}, ALIGN_LEFT, text.s);
}

/* Something was seen to happen then. */
static bool instant_tells(const Story *story, size_t index) {
    size_t end = index + 1 < story->instant_count ? story->instants[index + 1].row : story->row_count;
    for (size_t row = story->instants[index].row; row < end; row++)
        if (story->rows[row].end > story->rows[row].first) return true;
    return false;
}

static void draw_instants(Ladder *l) {
    const Scene *scene = l->view->scene;
    const Story *story = &scene->story;
    double from = l->field.y - l->scroll;
    size_t first = story_instant_at(story, l->scroll);
    for (size_t i = first ? first - 1 : 0; i < story->instant_count; i++) {
        const Instant *instant = &story->instants[i], *before = i ? instant - 1 : NULL;
        bool past = instant->row < scene->at.step, next = instant->row == scene->at.step && scene->at.approach > 0;
        if (!past && !next && !scene->ahead) break;
        double y = from + instant->y, gap_y = before ? from + before->y : y;
        if (gap_y > l->field.y + l->field.h) break;
        Micros gap = before ? instant->time - before->time : 0;
        if (gap >= STORY_FOLD) draw_fold(l, gap, (y + gap_y) / 2);
        if ((past || scene->ahead) && instant_tells(story, i)) draw_time(l, instant->time, y, past);
    }
}

/* The playhead: a dashed line across all lifelines, with the time. */
static void draw_now(Ladder *l) {
    const View *view = l->view;
    double y = l->field.y - l->scroll + view->scene->y;
    if (!view->scene->at.step || y < l->field.y || y > l->field.y + l->field.h) return;
    Ink ink = view->scene->ahead ? INK_YELLOW : INK_ACCENT;
    Rect box = {times_at(l) - 2, y - 10, 56, 20};
    const Story *story = &view->scene->story;
    double first = ladder_x(view->scene, l->rect, story->columns[0]);
    double last = ladder_x(view->scene, l->rect, story->columns[story->column_count - 1]);
    paint_dash(view->paint, 3, 5);
    paint_line(view->paint, first, y, last, y, ink, 1, 0.6);
    paint_dash(view->paint, 0, 0);
    if (!rect_inside(l->field, box) || !places_take_free(&l->texts, box)) return;
    Short text;
    Style style = {FACE_MONO_BOLD, 11, INK_ON, 1};
    paint_box(view->paint, box, 10, ink, 1);
    short_moment(&text, view->scene->time);
    paint_text_in(view->paint, paint_fitting(view->paint, style, box.w - 10, text.s), box, ALIGN_CENTER, text.s);
}

/* ---- The whole ladder ---- */

void draw_ladder(const View *view, Rect rect) {
    Paint *paint = view->paint;
    const Scene *scene = view->scene;
    paint_panel(paint, rect);
    paint_box(paint, rect, 8, INK_PANEL, 1);
    Ladder ladder = {.view = view, .rect = rect, .field = ladder_field(rect)};
    ladder.scroll = isnan(view->look->scroll) ? ladder_follow(scene, rect.h) : view->look->scroll;
    draw_names(&ladder);
    paint_save(paint);
    paint_clip(paint, ladder.field);
    for (size_t i = 0; i < scene->story.column_count; i++) draw_lifeline(&ladder, scene->story.columns[i]);
    ladder.tanks = ladder_tanks(&ladder);
    draw_now(&ladder);
    ladder_bars(&ladder);
    crowd_choose(&ladder.crowd, scene, ladder.scroll, ladder.field.h, view->look->selected);
    ladder_look(&ladder);
    ladder_reserve_capsules(&ladder);
    ladder_lines(&ladder);
    ladder_marks(&ladder);
    draw_instants(&ladder);
    ladder_labels(&ladder);
    ladder_capsules(&ladder);
    ladder_bundles(&ladder);
    free(ladder.seen);
    paint_restore(paint);
    if (!scene->present && !scene->ahead && !scene->story.row_count) draw_welcome(view, rect);
}
