/* bars.c - timers as bars down the lifelines: from where one was set to where it fires, or was stopped. */
#include "ladder.h"

#include <math.h>
#include <string.h>

#define FIRST_AWAY 6.0 /* from the lifeline */
#define BAR_WIDTH 5.0
#define STRIP_WIDTH 9.0

/* What is seen of the ladder, as steps: those after which something may run there. */
static void steps_in_sight(const Ladder *l, uint32_t *first, uint32_t *last) {
    const Scene *scene = l->view->scene;
    const Story *story = &scene->story;
    size_t top = story_instant_at(story, l->scroll), end = story_instant_at(story, l->scroll + l->field.h);
    *first = top ? story->instants[top - 1].row : 0;
    *last = end < story->instant_count ? story->instants[end].row : (uint32_t)story->row_count;
    if (*last > scene->at.step) *last = scene->at.step;
    if (*first > *last) *first = *last;
}

typedef struct Bar {
    double x, width; /* of its middle line */
    double from, to; /* on screen */
    Ink ink;
} Bar;

static Bar bar_of(const Ladder *l, int side, TimerKind timer, Micros from, Micros to) {
    const Scene *scene = l->view->scene;
    bool left = scene->host[side].id == scene->story.columns[0],
         second = timer == TIMER_DELAYED_ACK || timer == TIMER_KEEPALIVE;
    double width = timer == TIMER_TIME_WAIT ? STRIP_WIDTH : BAR_WIDTH, away = FIRST_AWAY + (second ? 7 : 0);
    double x = ladder_x(scene, l->rect, scene->host[side].id) + (left ? -away : away), top = l->field.y - l->scroll;
    return (Bar){x, width, top + story_y(&scene->story, from), top + story_y(&scene->story, to), timer_ink(timer)};
}

/* It ran: full. */
static void draw_past(const Ladder *l, const Bar *bar, double alpha) {
    double from = fmax(bar->from, l->field.y), to = fmin(bar->to, l->field.y + l->field.h);
    if (to - from < 1) return;
    paint_box(l->view->paint, (Rect){bar->x - bar->width / 2, from, bar->width, to - from}, 2, bar->ink, alpha);
}

/* It was stopped, or set anew. */
static void draw_stop(const Ladder *l, const Bar *bar) {
    if (bar->to < l->field.y || bar->to > l->field.y + l->field.h) return;
    paint_line(l->view->paint, bar->x - 5, bar->to, bar->x + 5, bar->to, bar->ink, 1.6, 1);
}

/* It will run: outlined, with a clock where it will fire. */
static void draw_ahead(Ladder *l, const Bar *bar, int side, TimerKind timer, Micros deadline) {
    Paint *paint = l->view->paint;
    double from = fmax(bar->from, l->field.y), to = fmin(bar->to, l->field.y + l->field.h);
    if (to - from >= 2)
        paint_frame(paint, (Rect){bar->x - bar->width / 2, from, bar->width, to - from}, 2, bar->ink, 1.1, 0.9);
    double y = bar->to + 6;
    if (y + 8 > l->field.y + l->field.h || y < l->field.y) return;
    path_arc(paint, bar->x, y, 5, 0, 2 * M_PI);
    path_stroke(paint, bar->ink, 1.3, 1);
    paint_line(paint, bar->x, y, bar->x, y - 3.2, bar->ink, 1.1, 1);
    paint_line(paint, bar->x, y, bar->x + 2.6, y, bar->ink, 1.1, 1);
    Short text, moment;
    bool left = l->view->scene->host[side].id == l->view->scene->story.columns[0];
    short_format(&text, "%s %s", timer_words(timer), short_moment(&moment, deadline));
    Style style = {FACE_TEXT, 11, bar->ink, 1};
    double width = paint_width(paint, style, text.s);
    Rect box = {left ? bar->x - 10 - width : bar->x + 10, y - 9, width, 18};
    if (rect_inside(l->field, box) && places_take_free(&l->texts, box))
        paint_text_in(paint, style, box, ALIGN_LEFT, text.s);
}

/* A timer from the first step in sight to the playhead: each time it is set it is another bar. */
static void draw_timer(Ladder *l, const Records *records, int side, TimerKind timer, uint32_t first, uint32_t last) {
    const Scene *scene = l->view->scene;
    const Story *story = &scene->story;
    Micros running = MICROS_NEVER, since = 0;
    for (uint32_t step = first; step <= last; step++) {
        Micros deadline = records->record[step - records->first].timers[side][timer];
        Micros time = step ? story->rows[step - 1].time : 0;
        if (deadline == running) continue;
        if (running != MICROS_NEVER) {
            Bar bar = bar_of(l, side, timer, since, time);
            draw_past(l, &bar, 0.55);
            draw_stop(l, &bar);
        }
        running = deadline;
        since = time;
    }
    if (running == MICROS_NEVER) return;
    Bar bar = bar_of(l, side, timer, since, scene->time), ahead = bar_of(l, side, timer, scene->time, running);
    draw_past(l, &bar, 1);
    draw_ahead(l, &ahead, side, timer, running);
}

void ladder_bars(Ladder *l) {
    const Scene *scene = l->view->scene;
    const HostScene *host = scene->host;
    ConnId conns[2];
    uint32_t first, last;
    for (int side = 0; side < 2; side++) conns[side] = host[side].has_conn ? host[side].conn : CONN_NONE;
    steps_in_sight(l, &first, &last);
    Records *records = scene->records;
    if (!records || !records_update(records, l->view->session, conns, first, last)) return;
    if (first < records->first) first = records->first;
    for (int side = 0; side < 2; side++) {
        if (side && host[0].id == host[1].id) break;
        for (int timer = 0; timer < TIMER_COUNT; timer++)
            if (timer != TIMER_USER) draw_timer(l, records, side, (TimerKind)timer, first, last);
    }
}
