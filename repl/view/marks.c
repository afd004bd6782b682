/* marks.c - what is written beside the hosts' lines: states, calls, timers, and the verdict on each arrival, with a
 * sign that can be told without reading. */
#include "ladder.h"

#include <math.h>

#define SIGN_AWAY 21.0  /* from the lifeline to the middle of the sign */
#define WORDS_AWAY 30.0 /* and to the words */

typedef enum Sign {
    SIGN_NONE,
    SIGN_TAKEN,
    SIGN_KEPT,
    SIGN_DUPLICATE,
    SIGN_WINDOW,
    SIGN_ANSWERED,
    SIGN_REFUSED,
    SIGN_IGNORED,
    SIGN_WRONG,
    SIGN_CALL,
    SIGN_TIMER
} Sign;

typedef struct Label {
    Short text;
    Ink ink, sign_ink;
    Sign sign;
    int number;
    bool chip; /* a state: in a capsule of its colour */
} Label;

static const char *error_words(Status status) {
    const char *text = status_text(status), start[] = "connection ";
    size_t i = 0;
    while (start[i] && text[i] == start[i]) i++;
    return start[i] ? text : text + i;
}

static void label_outcome(Language language, const Event *event, Label *label) {
    static const struct {
        Sign sign;
        Ink ink;
    } signs[OUTCOME_COUNT] = {
        [OUTCOME_TAKEN] = {SIGN_TAKEN, INK_GREEN},        [OUTCOME_KEPT] = {SIGN_KEPT, INK_SKY},
        [OUTCOME_WINDOW_UPDATE] = {SIGN_WINDOW, INK_SKY}, [OUTCOME_DUPLICATE_ACK] = {SIGN_DUPLICATE, INK_ORANGE},
        [OUTCOME_ANSWERED] = {SIGN_ANSWERED, INK_SKY},    [OUTCOME_REFUSED] = {SIGN_REFUSED, INK_RED}};
    Text text = TEXT_EMPTY;
    text_outcome(&text, language, event->outcome, event->value, true);
    short_format(&label->text, "%s", text_string(&text));
    text_free(&text);
    label->sign = signs[event->outcome].sign;
    label->sign_ink = signs[event->outcome].ink;
    label->number = event->outcome == OUTCOME_DUPLICATE_ACK ? (int)event->value : 0;
    label->ink = event->outcome == OUTCOME_TAKEN ? INK_TEXT : INK_DIM;
}

static void label_mark(const View *view, const Event *event, Label *label) {
    Language language = view->look->language;
    *label = (Label){.ink = INK_DIM};
    switch ((int)event->kind) {
    case EVENT_STATE:
        short_format(&label->text, "%s", state_name(event->to));
        label->ink = state_ink(event->to);
        label->chip = true;
        break;
    case EVENT_CALL:
        short_format(&label->text, event->value > 0 ? "%s %lld" : "%s", call_name(event->call),
                     (long long)event->value);
        label->sign = SIGN_CALL;
        label->sign_ink = INK_DIM;
        break;
    case EVENT_TIMER:
        short_format(&label->text, "%s", timer_words(event->timer));
        label->sign = SIGN_TIMER;
        label->sign_ink = label->ink = timer_ink(event->timer);
        break;
    case EVENT_ERROR:
        short_format(&label->text, "%s", error_words(event->error));
        label->sign = SIGN_WRONG;
        label->sign_ink = label->ink = INK_RED;
        break;
    case EVENT_ORACLE:
        short_format(&label->text, "%s", word(language, WORD_BROKEN));
        label->sign = SIGN_WRONG;
        label->sign_ink = label->ink = INK_RED;
        break;
    default: label_outcome(language, event, label); break;
    }
}

/* ---- Signs, 10 high ---- */

static void draw_ring(Paint *paint, double x, double y, Ink ink, double alpha) {
    path_arc(paint, x, y, 5, 0, 2 * M_PI);
    path_stroke(paint, ink, 1.3, alpha);
}

static void draw_number(Paint *paint, double x, double y, int number, Ink ink, double alpha) {
    Short text;
    bool last = number >= 3; /* asks for a fast retransmit: RFC 5681 3.2 */
    if (last) paint_disc(paint, x, y, 6, ink, alpha);
    else draw_ring(paint, x, y, ink, alpha);
    short_format(&text, number > 9 ? "+" : "%d", number);
    paint_text(paint, (Style){FACE_BOLD, 8.5, last ? INK_ON : ink, alpha}, x, y + 3, ALIGN_CENTER, 0, text.s);
}

static void draw_hatched(Paint *paint, double x, double y, Ink ink, double alpha) {
    paint_box(paint, (Rect){x - 5, y - 5, 10, 10}, 2, ink, 0.35 * alpha);
    paint_frame(paint, (Rect){x - 5, y - 5, 10, 10}, 2, ink, 1.2, alpha);
    paint_line(paint, x - 4, y + 1, x + 1, y - 4, ink, 1.1, alpha);
    paint_line(paint, x - 2, y + 4, x + 4, y - 2, ink, 1.1, alpha);
}

static void draw_both_ways(Paint *paint, double x, double y, Ink ink, double alpha) {
    paint_line(paint, x - 4, y, x + 4, y, ink, 1.4, alpha);
    paint_head(paint, x - 6, y, -1, 0, 5, ink, alpha);
    paint_head(paint, x + 6, y, 1, 0, 5, ink, alpha);
}

/* Back where it came from. */
static void draw_back(Paint *paint, double x, double y, double side, Ink ink, double alpha) {
    path_move(paint, x + 5 * side, y + 4);
    path_curve(paint, x + 6 * side, y - 4, x, y - 4, x - 2 * side, y - 1);
    path_stroke(paint, ink, 1.4, alpha);
    paint_head(paint, x - 6 * side, y + 1, -side, 0.4, 6, ink, alpha);
}

static void draw_clock(Paint *paint, double x, double y, Ink ink, double alpha) {
    draw_ring(paint, x, y, ink, alpha);
    paint_line(paint, x, y, x, y - 3.4, ink, 1.2, alpha);
    paint_line(paint, x, y, x + 2.6, y, ink, 1.2, alpha);
}

/* `side`: 1 where the lifeline is on the left. */
static void draw_sign(Paint *paint, const Label *label, double x, double y, double side, double alpha) {
    Ink ink = label->sign_ink;
    switch (label->sign) {
    case SIGN_TAKEN:
        draw_ring(paint, x, y, ink, alpha);
        path_move(paint, x - 2.4, y);
        path_line(paint, x - 0.6, y + 2.2);
        path_line(paint, x + 2.8, y - 2.2);
        path_stroke(paint, ink, 1.3, alpha);
        break;
    case SIGN_KEPT: draw_hatched(paint, x, y, ink, alpha); break;
    case SIGN_DUPLICATE: draw_number(paint, x, y, label->number, ink, alpha); break;
    case SIGN_WINDOW: draw_both_ways(paint, x, y, ink, alpha); break;
    case SIGN_ANSWERED: draw_back(paint, x, y, side, ink, alpha); break;
    case SIGN_REFUSED:
        draw_ring(paint, x, y, ink, alpha);
        paint_line(paint, x - 3.2, y - 3.2, x + 3.2, y + 3.2, ink, 1.3, alpha);
        break;
    case SIGN_IGNORED: paint_line(paint, x - 4, y, x + 4, y, ink, 1.6, alpha); break;
    case SIGN_WRONG: paint_cross(paint, x, y, 4, ink, alpha); break;
    case SIGN_CALL: /* towards the lifeline */
        path_move(paint, x + 2 * side, y - 4);
        path_line(paint, x - 2 * side, y);
        path_line(paint, x + 2 * side, y + 4);
        path_stroke(paint, ink, 1.5, alpha);
        break;
    case SIGN_TIMER: draw_clock(paint, x, y, ink, alpha); break;
    case SIGN_NONE: break;
    }
}

/* ---- Marks ---- */

/* How many of the events it stands for have happened at the playhead; of those that were undone, all. 0: more than are
 * counted each time. */
static uint32_t happened(const Scene *scene, const Mark *mark, const Event *first) {
    enum { COUNTED = 512 };
    uint32_t count = 0;
    if (mark->last < scene->events || mark->step >= scene->at.step) return mark->count;
    if (scene->events - mark->event > COUNTED) return 0;
    for (uint32_t i = mark->event; i < scene->events; i++) {
        const Event event = trace_at(scene->story.trace, i);
        count += mark->mixed ? event.host == mark->host : story_says_the_same(first, &event);
    }
    return count;
}

static void say_count(const View *view, const Mark *mark, uint32_t count, Label *label) {
    Short said = label->text;
    if (count == 1) return;
    if (!count) {
        short_format(&label->text, "…× %.80s", said.s);
    } else if (mark->mixed) {
        *label = (Label){.ink = INK_DIM};
        word_format(&label->text, view->look->language, WORD_MORE, count);
    } else {
        short_format(&label->text, "%u× %.80s", count, said.s);
    }
}

static void draw_chip(const View *view, const Label *label, Rect box, double alpha, bool fresh) {
    double light = fresh ? 1 - view->scene->at.settle : 0;
    paint_box(view->paint, box, 5, label->ink, alpha * (0.2 + 0.5 * light));
}

static void draw_mark(Ladder *l, const Mark *mark, double alpha) {
    const View *view = l->view;
    const Story *story = &view->scene->story;
    Label label;
    const Event event = trace_at(story->trace, mark->event);
    label_mark(view, &event, &label);
    say_count(view, mark, happened(view->scene, mark, &event), &label);
    bool left = mark->host == story->columns[0];
    double side = left ? -1 : 1, line = ladder_x(view->scene, l->rect, mark->host),
           y = l->field.y - l->scroll + mark->y;
    double x = line + side * (label.chip ? SIGN_AWAY - 5 : WORDS_AWAY), pad = label.chip ? 7 : 0;
    Style style = {label.chip ? FACE_BOLD : FACE_TEXT, label.chip ? 11.5 : 11.5, label.ink, alpha};
    double room = (left ? ladder_left(l->rect) : ladder_right(l->rect)) - (l->tanks ? 54 : 12) -
                  (label.chip ? SIGN_AWAY - 5 : WORDS_AWAY);
    style = paint_fitting(view->paint, style, room - 2 * pad, label.text.s);
    double width = fmin(paint_width(view->paint, style, label.text.s) + 2 * pad, room);
    Rect box = {left ? x - width : x, y - 9, width, 18}, whole = box;
    if (label.sign && left) whole.w += WORDS_AWAY - SIGN_AWAY + 6;
    if (label.sign && !left) whole.x -= WORDS_AWAY - SIGN_AWAY + 6, whole.w += WORDS_AWAY - SIGN_AWAY + 6;
    if (!rect_inside(l->field, box) || !places_take_free(&l->texts, whole)) return;
    bool last = mark->host == story->columns[story->column_count - 1];
    if (!left && !last) paint_box(view->paint, whole, 5, INK_PANEL, 0.9 * alpha); /* where packets pass */
    if (label.chip) draw_chip(view, &label, box, alpha, mark->step + 1 == view->scene->at.step);
    draw_sign(view->paint, &label, line + side * SIGN_AWAY, y, side, alpha);
    paint_text_in(view->paint, style, rect_inset(box, pad, 0), left ? ALIGN_RIGHT : ALIGN_LEFT, label.text.s);
}

void ladder_marks(Ladder *l) {
    const Scene *scene = l->view->scene;
    const Story *story = &scene->story;
    size_t instant = story_instant_at(story, l->scroll);
    if (instant > 0) instant--; /* its last marks may reach into sight */
    size_t first = instant < story->instant_count ? story->instants[instant].mark : story->mark_count;
    for (size_t i = first; i < story->mark_count; i++) {
        const Mark *mark = &story->marks[i];
        if (mark->step >= scene->at.step && !scene->ahead) break;
        double y = mark->y - l->scroll;
        if (y < 0) continue;
        if (y > l->field.h + 120) break;
        if (mark->step >= scene->at.step) draw_mark(l, mark, 0.4);
        else draw_mark(l, mark, mark->step + 1 == scene->at.step ? fmax(0.05, scene->at.settle) : 1);
    }
}
