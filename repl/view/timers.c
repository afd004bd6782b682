/* timers.c - each running timer as an arc that shrinks, with the seconds left. */
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

static void draw_arc(const View *view, double x, double y, double radius, double left, Ink ink) {
    Paint *paint = view->paint;
    path_arc(paint, x, y, radius, 0, 2 * M_PI);
    path_stroke(paint, INK_RAISED, 4.5, 1);
    if (left <= 0.001) return;
    paint_round_ends(paint, true);
    path_arc(paint, x, y, radius, -M_PI / 2, -M_PI / 2 + 2 * M_PI * left);
    path_stroke(paint, ink, 4.5, 1);
    paint_round_ends(paint, false);
}

void draw_timers(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    size_t running[TIMER_COUNT], count = 0;
    bool known = host->known && host->has_conn;
    for (size_t i = 0; known && i < TIMER_COUNT; i++)
        if (host->numbers.timers[i] != MICROS_NEVER && (i != TIMER_USER || count == 0)) running[count++] = i;
    if (host->has_conn && !host->known) return; /* the world of that moment is not at hand */
    if (!count) {
        paint_text_in(paint, (Style){FACE_TEXT, 11.5, INK_DIM, 1}, rect, ALIGN_CENTER, view_word(view, WORD_NO_TIMER));
        return;
    }
    if (count > 3) count = 3;
    double cell = rect.w / (double)(count < 2 ? 2 : count), x = rect.x + (rect.w - cell * (double)count) / 2 + cell / 2;
    for (size_t i = 0; i < count; i++, x += cell) {
        size_t timer = running[i];
        Micros left = host->numbers.timers[timer] - view->scene->time, length = host->numbers.timer_lengths[timer];
        double part = length > 0 ? fmin(fmax((double)left / (double)length, 0), 1) : 0;
        Ink ink = timer_ink((TimerKind)timer);
        double y = rect.y + 25;
        draw_arc(view, x, y, 22, part, ink);
        Short text;
        paint_text(paint, (Style){FACE_BOLD, 12.5, INK_TEXT, 1}, x, y + 4.5, ALIGN_CENTER, 0,
                   short_seconds(&text, left));
        paint_text(paint, (Style){FACE_TEXT, 11, INK_DIM, 1}, x, rect.y + rect.h - 2, ALIGN_CENTER, cell - 4,
                   timer_short[timer]);
    }
}
