/* ladder.c - time runs down, each host has a lifeline, each packet a line from sender to receiver. */
#include "ladder.h"

#include <math.h>

#define HEAD 34.0 /* the hosts' names */
#define FOOT 8.0
#define LEFT_ROOM 176.0 /* beside the first line: the time, and the states */
#define RIGHT_ROOM 126.0
#define LOOP 170.0 /* how far the line of a packet to its own sender swings out */
#define CAPSULE 22.0

/* ---- Where things are ---- */

Rect ladder_field(Rect rect) { return (Rect){rect.x, rect.y + HEAD, rect.w, rect.h - HEAD - FOOT}; }

double ladder_x(const Scene *scene, Rect rect, HostId host) {
    double first = rect.x + LEFT_ROOM, last = rect.x + rect.w - RIGHT_ROOM;
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

/* How far along its way a packet came before it was lost, 0..1. */
static double reach(const FlightView *fate) {
    if (fate->state != FLIGHT_LOST) return 1;
    if (fate->arrival != EVENT_NONE) return 0.93; /* the receiving host discarded it */
    double way = 0;
    if (fate->due != MICROS_NEVER && fate->due > fate->sent)
        way = (double)(fate->ended - fate->sent) / (double)(fate->due - fate->sent);
    return fmin(fmax(way, 0.5), 0.9);
}

Track ladder_track(const Scene *scene, Rect rect, double scroll, const Flight *flight) {
    Rect field = ladder_field(rect);
    double top = field.y - scroll, far = field.h * 2;
    const FlightView fate = story_fate(&scene->story, flight);
    double part = reach(&fate);
    Track track = {.loop = flight->from == flight->to && flight->from != HOST_NONE, .reach = part};
    track.x0 = ladder_x(scene, rect, flight->from);
    track.x1 = ladder_x(scene, rect, flight->to);
    double y0 = fmax(flight->y0, scroll - far), y1 = fmin(flight->y1, scroll + field.h + far);
    track.y0 = top + y0;
    track.y1 = top + y0 + (y1 - y0) / part;
    if (flight->start > 0) { /* a duplicate forks from its original's line */
        track.x0 += (track.x1 - track.x0) * flight->start;
    }
    track.from = flight->start;
    return track;
}

void track_point(const Track *track, double way, double *x, double *y) {
    double t = track->from < 1 ? (way - track->from) / (1 - track->from) : 1;
    t = fmin(fmax(t, 0), 1);
    *y = track->y0 + (track->y1 - track->y0) * t;
    *x = track->x0 + (track->x1 - track->x0) * t;
    if (track->loop) *x += LOOP * 4 * t * (1 - t);
}

void ladder_packet(const Scene *scene, Rect rect, double scroll, const Flight *flight, double *x, double *y) {
    Track track = ladder_track(scene, rect, scroll, flight);
    track_point(&track, flight_way(scene, flight) * (flight_ended(scene, flight) ? track.reach : 1), x, y);
}

/* ---- Boxes that must not overlap ---- */

static void quad_turned(Quad *quad, double x, double y, double angle, double left, double top, double w, double h) {
    const double dx[4] = {left, left + w, left + w, left}, dy[4] = {top, top, top + h, top + h};
    for (int i = 0; i < 4; i++) {
        quad->x[i] = x + dx[i] * cos(angle) - dy[i] * sin(angle);
        quad->y[i] = y + dx[i] * sin(angle) + dy[i] * cos(angle);
    }
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

static bool taken(const Places *places, const Quad *quad) {
    for (size_t i = 0; i < places->count; i++)
        if (!apart_along(&places->quad[i], quad) && !apart_along(quad, &places->quad[i])) return true;
    return false;
}

static void take(Places *places, const Quad *quad) {
    if (places->count < PLACES) places->quad[places->count++] = *quad;
}

static void take_rect(Places *places, Rect rect) {
    Quad quad;
    quad_turned(&quad, 0, 0, 0, rect.x, rect.y, rect.w, rect.h);
    take(places, &quad);
}

static bool take_free(Places *places, Rect rect) {
    Quad quad;
    quad_turned(&quad, 0, 0, 0, rect.x, rect.y, rect.w, rect.h);
    if (taken(places, &quad)) return false;
    take(places, &quad);
    return true;
}

static bool rect_inside(Rect outer, Rect inner) { return inner.y >= outer.y && inner.y + inner.h <= outer.y + outer.h; }

/* ---- The hosts' lines ---- */

/* The last that lies above the ladder's visible part, or the first of all. */
static size_t first_turn(const Scene *scene, const HostStory *host, double y) {
    size_t low = 0, high = host->turn_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (scene->story.rows[host->turns[middle].step].top < y) low = middle;
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
        double next = from + scene->story.rows[story->turns[i].step].top;
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
static void draw_fold(Ladder *l, const Row *row) {
    const View *view = l->view;
    double y = l->field.y - l->scroll + row->top - story_gap(row->gap) / 2;
    Short number, text;
    bool minutes = row->gap >= 120 * MICROS_PER_SECOND;
    if (minutes) short_format(&number, "%.3g", (double)row->gap / (60.0 * (double)MICROS_PER_SECOND));
    else short_seconds(&number, row->gap);
    word_format(&text, view->look->language, minutes ? WORD_MINUTES : WORD_QUIET, number.s);
    Style style = {FACE_TEXT, 12, INK_DIM, 1};
    double width = paint_width(view->paint, style, text.s),
           first = ladder_x(view->scene, l->rect, view->scene->story.columns[0]);
    double last = ladder_x(view->scene, l->rect, view->scene->story.columns[view->scene->story.column_count - 1]);
    Rect box = {(first + last) / 2 - width / 2 - 10, y - 10, width + 20, 20};
    if (!rect_inside(l->field, box)) return;
    for (size_t i = 0; i < view->scene->story.column_count; i++) {
        double x = ladder_x(view->scene, l->rect, view->scene->story.columns[i]);
        paint_fill(view->paint, (Rect){x - 6, y - 6, 12, 12}, INK_PANEL, 1);
        for (int side = -1; side <= 1; side += 2) {
            double middle = y + side * 4;
            paint_line(view->paint, x - 8, middle + 3, x + 8, middle - 3, INK_DIM, 1.5, 1);
        }
    }
    Quad quad;
    if (!places_free(&l->capsules, 0, 0, 0, box, &quad) || !take_free(&l->places, box)) return;
    paint_box(view->paint, box, 10, INK_RAISED, 1);
    paint_text_in(view->paint, style, box, ALIGN_CENTER, text.s);
}

static void draw_rows(Ladder *l) {
    const View *view = l->view;
    const Story *story = &view->scene->story;
    double from = l->field.y - l->scroll;
    Micros said = -1;
    for (size_t i = story_row_at(story, l->scroll); i < story->row_count; i++) {
        const Row *row = &story->rows[i];
        bool past = i < view->scene->at.step, next = i == view->scene->at.step && view->scene->at.approach > 0;
        if (!past && !next && !view->scene->ahead) break;
        double y = from + row->top;
        if (y > l->field.y + l->field.h) break;
        if (row->gap >= STORY_FOLD && y > l->field.y) draw_fold(l, row);
        if (row->time == said || row->end == row->first || (!past && !view->scene->ahead)) continue;
        Rect box = {l->rect.x + 14, y - 9, 54, 18};
        if (!rect_inside(l->field, box) || !take_free(&l->places, box)) continue;
        said = row->time;
        Short text;
        Style style = {FACE_MONO, 11, past ? INK_DIM : INK_FAINT, 1};
        short_moment(&text, row->time);
        paint_text_in(view->paint, paint_fitting(view->paint, style, box.w - 4, text.s),
                      (Rect){box.x + 4, box.y, box.w - 4, box.h}, ALIGN_LEFT, text.s);
    }
}

/* The playhead: a dashed line across all lifelines. */
static void draw_now(const Ladder *l) {
    const View *view = l->view;
    double y = l->field.y - l->scroll + view->scene->y;
    if (!view->scene->at.step || y < l->field.y || y > l->field.y + l->field.h) return;
    Ink ink = view->scene->ahead ? INK_YELLOW : INK_ACCENT;
    paint_dash(view->paint, 3, 5);
    paint_line(view->paint, l->rect.x + 14, y, l->rect.x + l->rect.w - 14, y, ink, 1, 0.55);
    paint_dash(view->paint, 0, 0);
    paint_head(view->paint, l->rect.x + 13, y, 1, 0, 10, ink, 1);
}

/* ---- What is written beside the lines ---- */

static const char *error_words(Status status) {
    const char *text = status_text(status), start[] = "connection ";
    size_t i = 0;
    while (start[i] && text[i] == start[i]) i++;
    return start[i] ? text : text + i;
}

typedef struct Label {
    Short text;
    Ink ink;
    bool chip; /* a state: in a capsule of its colour */
} Label;

static void outcome_label(Language language, const Event *event, Label *label) {
    Text text = TEXT_EMPTY;
    text_outcome(&text, language, event->outcome, event->value, true);
    short_format(&label->text, "%s", text_string(&text));
    text_free(&text);
    if (event->outcome == OUTCOME_TAKEN) label->ink = INK_GREEN;
}

static bool mark_label(const View *view, const Event *event, Label *label) {
    Language language = view->look->language;
    *label = (Label){.ink = INK_DIM};
    switch (event->kind) {
    case EVENT_STATE:
        short_format(&label->text, "%s", state_name(event->to));
        label->ink = state_ink(event->to);
        label->chip = true;
        return true;
    case EVENT_CALL: short_format(&label->text, "%s()", call_name(event->call)); return true;
    case EVENT_TIMER: word_format(&label->text, language, WORD_FIRES, timer_words(event->timer)); return true;
    case EVENT_ERROR:
        short_format(&label->text, "✗ %s", error_words(event->error));
        label->ink = INK_RED;
        return true;
    case EVENT_ORACLE:
        short_format(&label->text, "✗ %s", word(language, WORD_BROKEN));
        label->ink = INK_RED;
        return true;
    case EVENT_IGNORE:
    case EVENT_ACCEPT: outcome_label(language, event, label); return true;
    case EVENT_SEND:
    case EVENT_DELIVER:
    case EVENT_DROP:
    case EVENT_DUP:
    case EVENT_DELAY:
    case EVENT_HOLD:
    case EVENT_RELEASE:
    case EVENT_CORRUPT:
    case EVENT_EDIT:
    case EVENT_INJECT:
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
    return false;
}

static void draw_mark(Ladder *l, const Mark *mark, double alpha) {
    const View *view = l->view;
    const Story *story = &view->scene->story;
    Label label;
    const Event event = trace_at(session_trace(view->session), mark->event);
    if (!mark_label(view, &event, &label)) return;
    bool left = mark->host == story->columns[0];
    double x = ladder_x(view->scene, l->rect, mark->host) + (left ? -10 : 10), y = l->field.y - l->scroll + mark->y;
    Style style = {label.chip ? FACE_BOLD : FACE_TEXT, label.chip ? 11.5 : 11, label.ink, alpha};
    double room = left ? LEFT_ROOM - 10 - 62 : RIGHT_ROOM - 16, pad = label.chip ? 7 : 0;
    double width = fmin(paint_width(view->paint, style, label.text.s) + 2 * pad, room);
    Rect box = {left ? x - width : x, y - 9, width, 18};
    if (!rect_inside(l->field, box) || !take_free(&l->places, box)) return;
    bool last = mark->host == story->columns[story->column_count - 1];
    if (!left && !last)
        paint_box(view->paint, box, 9, INK_PANEL, 0.9 * alpha); /* between two lines, where packets pass */
    if (label.chip) {
        bool fresh = mark->step + 1 == view->scene->at.step && view->scene->at.settle < 1;
        paint_box(view->paint, box, 9, label.ink, alpha * (fresh ? 0.2 + 0.5 * (1 - view->scene->at.settle) : 0.2));
    }
    paint_text_in(view->paint, style, rect_inset(box, pad, 0), left ? ALIGN_RIGHT : ALIGN_LEFT, label.text.s);
}

static void draw_marks(Ladder *l) {
    const Scene *scene = l->view->scene;
    size_t row = story_row_at(&scene->story, l->scroll);
    size_t first = row < scene->story.row_count ? scene->story.rows[row].mark : scene->story.mark_count;
    for (size_t i = first; i < scene->story.mark_count; i++) {
        const Mark *mark = &scene->story.marks[i];
        if (mark->step >= scene->at.step && !scene->ahead) break;
        double y = mark->y - l->scroll;
        if (y < 0) continue;
        if (y > l->field.h) break;
        if (mark->step >= scene->at.step) draw_mark(l, mark, 0.4);
        else draw_mark(l, mark, mark->step + 1 == scene->at.step ? fmax(0.05, scene->at.settle) : 1);
    }
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
    draw_now(&ladder);
    crowd_choose(&ladder.crowd, scene, ladder.scroll, ladder.field.h, view->look->selected);
    ladder_lines(&ladder);
    ladder_reserve_capsules(&ladder);
    draw_rows(&ladder);
    draw_marks(&ladder);
    ladder_labels(&ladder);
    ladder_capsules(&ladder);
    ladder_bundles(&ladder);
    paint_restore(paint);
    if (!scene->present && !scene->ahead && !scene->story.row_count) draw_welcome(view, rect);
}

/* For flights.c */
bool places_free(const Places *places, double x, double y, double angle, Rect box, Quad *quad) {
    quad_turned(quad, x, y, angle, box.x, box.y, box.w, box.h);
    return !taken(places, quad);
}

void places_take(Places *places, const Quad *quad) { take(places, quad); }
void places_take_rect(Places *places, Rect rect) { take_rect(places, rect); }
