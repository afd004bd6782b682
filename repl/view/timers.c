/* timers.c - the timers that fire next, each as a ring that shrinks, with the seconds left. */
#include "view.h"

#include <math.h>

static const char *const timer_short[TIMER_COUNT] = {
    "retransmit", "persist", "delayed ACK", "keepalive", "TIME_WAIT", "FIN_WAIT_2", "user",
};

const char *timer_words(TimerKind timer) { return timer_short[timer]; }

Ink timer_ink(TimerKind timer) {
    switch (timer) {
    case TIMER_RETRANSMIT:
    case TIMER_PERSIST: return INK_ORANGE;
    case TIMER_KEEPALIVE: return INK_GREEN;
    case TIMER_TIME_WAIT:
    case TIMER_FIN_WAIT_2: return INK_PURPLE;
    case TIMER_DELAYED_ACK:
    case TIMER_USER:
    case TIMER_COUNT: break;
    }
    return INK_SKY;
}

/* What is left of it, as part of a ring. */
static void draw_ring(const View *view, double x, double y, double radius, double left, Ink ink) {
    Paint *paint = view->paint;
    path_arc(paint, x, y, radius, 0, 2 * M_PI);
    path_stroke(paint, INK_RAISED, 3, 1);
    if (left <= 0.001) return;
    path_arc(paint, x, y, radius, -M_PI / 2, -M_PI / 2 + 2 * M_PI * left);
    path_stroke(paint, ink, 3, 1);
}

enum { SHOWN = 2 };

/* The running timers, those that fire first before the others; returns how many. */
static size_t first_timers(const HostScene *host, TimerKind first[SHOWN]) {
    size_t count = 0;
    const Micros *deadlines = host->numbers.timers;
    for (int timer = 0; timer < TIMER_COUNT; timer++) {
        if (deadlines[timer] == MICROS_NEVER) continue;
        size_t at = count < SHOWN ? count++ : SHOWN;
        for (; at > 0 && deadlines[timer] < deadlines[first[at - 1]]; at--)
            if (at < SHOWN) first[at] = first[at - 1];
        if (at < SHOWN) first[at] = (TimerKind)timer;
    }
    return count;
}

/* Returns where it ends. */
static double draw_timer(const View *view, double x, double right, double y, const HostScene *host, TimerKind timer) {
    Paint *paint = view->paint;
    Micros left = host->numbers.timers[timer] - view->scene->time, length = host->numbers.timer_lengths[timer];
    double part = length > 0 ? fmin(fmax((double)left / (double)length, 0), 1) : 0;
    Short seconds, text;
    draw_ring(view, x + 9, y, 6.5, part, timer_ink(timer));
    short_format(&text, "%s s", short_seconds(&seconds, left));
    x += 24;
    x += paint_text(paint, (Style){FACE_BOLD, 11.5, INK_TEXT, 1}, x, y + 4, ALIGN_LEFT, 0, text.s) + 5;
    Style style = paint_fitting(paint, (Style){FACE_TEXT, 11, INK_DIM, 1}, right - x, timer_short[timer]);
    return x + paint_text(paint, style, x, y + 4, ALIGN_LEFT, 0, timer_short[timer]);
}

void draw_timers(const View *view, Rect rect, const HostScene *host) {
    if (host->has_conn && !host->known) return; /* the world of that moment is not at hand */
    TimerKind timers[SHOWN];
    size_t count = host->has_conn ? first_timers(host, timers) : 0;
    static const Style none = {FACE_TEXT, 11, INK_DIM, 1};
    double x = rect.x, right = rect.x + rect.w, y = rect.y + rect.h / 2;
    if (!count) paint_text_in(view->paint, none, rect, ALIGN_LEFT, view_word(view, WORD_NO_TIMER));
    for (size_t i = 0; i < count; i++) x = draw_timer(view, x, right, y, host, timers[i]) + 14;
}
