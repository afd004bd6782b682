/* sequence.c - the sequence numbers of both directions: acknowledged, in flight, and what the window still allows.
 */
#include "view.h"

#include <math.h>

typedef struct Direction {
    const HostScene *sender, *receiver;
    uint32_t acked, flying, free;
    Seq una, nxt;
    bool expects_known;
    Seq expects;
} Direction;

static bool counts(const HostScene *host) {
    return host->exists && host->has_conn && host->known && host->state != STATE_CLOSED &&
           host->state != STATE_LISTEN && host->numbers.state != STATE_LISTEN;
}

static bool read_direction(const HostScene *sender, const HostScene *receiver, Direction *d) {
    if (!counts(sender)) return false;
    const ConnView *conn = &sender->numbers;
    *d = (Direction){.sender = sender, .receiver = receiver, .una = conn->snd.una, .nxt = conn->snd.nxt};
    d->acked = seq_distance(conn->iss, conn->snd.una);
    d->flying = seq_distance(conn->snd.una, conn->snd.nxt);
    d->free = conn->snd.wnd > d->flying ? conn->snd.wnd - d->flying : 0;
    bool mates = counts(receiver) && endpoint_eq(receiver->numbers.remote, conn->local) &&
                 endpoint_eq(receiver->numbers.local, conn->remote);
    d->expects_known = mates && receiver->state != STATE_SYN_SENT;
    if (d->expects_known) d->expects = receiver->numbers.rcv.nxt;
    return true;
}

static double weight(uint32_t count) { return count ? 1 + 0.22 * log2(1 + (double)count) : 0; }

static void draw_zone(const View *view, Rect zone, Ink ink, bool hatched, Word name, uint32_t count) {
    if (zone.w <= 0) return;
    Paint *paint = view->paint;
    paint_fill(paint, zone, ink, hatched ? 0.35 : 0.25);
    if (hatched) {
        paint_save(paint);
        paint_clip(paint, zone);
        for (double x = zone.x - zone.h; x < zone.x + zone.w; x += 7)
            paint_line(paint, x, zone.y + zone.h, x + zone.h, zone.y, ink, 1.5, 0.55);
        paint_restore(paint);
    }
    Short text;
    Style style = {FACE_TEXT, 11, INK_TEXT, 1};
    short_format(&text, "%s %lu", view_word(view, name), (unsigned long)count);
    if (paint_width(paint, style, text.s) > zone.w - 8) short_format(&text, "%lu", (unsigned long)count);
    double width = paint_width(paint, style, text.s);
    if (width > zone.w - 6) return;
    if (hatched)
        paint_box(paint, (Rect){zone.x + zone.w / 2 - width / 2 - 3, zone.y + 3, width + 6, zone.h - 6}, 4, INK_PANEL,
                  0.9);
    paint_text_in(paint, style, zone, ALIGN_CENTER, text.s);
}

static void draw_edges(const View *view, Rect bar, const Direction *d, double una_x, double nxt_x) {
    Paint *paint = view->paint;
    Style style = {FACE_MONO, 11, INK_DIM, 1};
    Short una, nxt;
    bool same = seq_eq(d->una, d->nxt);
    short_format(&una, same ? "SND.UNA = NXT %lu" : "UNA %lu", (unsigned long)d->una.value);
    short_format(&nxt, "NXT %lu", (unsigned long)d->nxt.value);
    double una_w = paint_width(paint, style, una.s), nxt_w = paint_width(paint, style, nxt.s), y = bar.y + bar.h + 15;
    double x0 = fmin(fmax(una_x - una_w / 2, bar.x), bar.x + bar.w - una_w),
           x1 = fmin(fmax(nxt_x - nxt_w / 2, bar.x), bar.x + bar.w - nxt_w);
    if (!same && x1 < x0 + una_w + 12) {
        x1 = fmin(x0 + una_w + 12, bar.x + bar.w - nxt_w);
        x0 = fmin(x0, x1 - una_w - 12);
    }
    paint_line(paint, una_x, bar.y - 3, una_x, bar.y + bar.h + 4, INK_TEXT, 1.5, 1);
    paint_text(paint, style, x0, y, ALIGN_LEFT, 0, una.s);
    if (same) return;
    paint_line(paint, nxt_x, bar.y - 3, nxt_x, bar.y + bar.h + 4, INK_TEXT, 1.5, 1);
    paint_text(paint, style, x1, y, ALIGN_LEFT, 0, nxt.s);
}

static void draw_direction(const View *view, Rect rect, const Direction *d) {
    Paint *paint = view->paint;
    Short text;
    short_format(&text, "%s → %s", d->sender->name, d->receiver->name);
    paint_text(paint, (Style){FACE_BOLD, 13, INK_TEXT, 1}, rect.x, rect.y + 12, ALIGN_LEFT, 0, text.s);
    Rect bar = {rect.x, rect.y + 20, rect.w, 20};
    double zero = d->free ? 0 : 1.2, sum = weight(d->acked) + weight(d->flying) + weight(d->free) + zero,
           unit = bar.w / fmax(sum, 1);
    double una_x = bar.x + weight(d->acked) * unit, nxt_x = una_x + weight(d->flying) * unit,
           end = nxt_x + weight(d->free) * unit;
    draw_zone(view, (Rect){bar.x, bar.y, una_x - bar.x, bar.h}, INK_GREEN, false, WORD_ACKED, d->acked);
    draw_zone(view, (Rect){una_x, bar.y, nxt_x - una_x, bar.h}, INK_ORANGE, true, WORD_IN_FLIGHT, d->flying);
    draw_zone(view, (Rect){nxt_x, bar.y, end - nxt_x, bar.h}, INK_SKY, false, WORD_MAY_SEND, d->free);
    Rect rest = {end, bar.y, bar.x + bar.w - end, bar.h};
    if (!d->free && d->sender->state != STATE_SYN_SENT) {
        Style style = {FACE_TEXT, 11, INK_DIM, 1};
        if (paint_width(paint, style, view_word(view, WORD_WINDOW_CLOSED)) < rest.w - 8)
            paint_text_in(paint, style, rest, ALIGN_CENTER, view_word(view, WORD_WINDOW_CLOSED));
    }
    paint_frame(paint, bar, 3, INK_LINE, 1, 1);
    draw_edges(view, bar, d, una_x, nxt_x);
    if (!d->expects_known) return;
    uint32_t beyond = seq_distance(d->una, d->expects);
    double x = beyond && d->flying ? una_x + (nxt_x - una_x) * fmin((double)beyond / (double)d->flying, 1) : una_x;
    paint_head(paint, x, bar.y - 1, 0, 1, 8, INK_TEXT, 1);
    Short expects;
    word_format(&expects, view->look->language, WORD_EXPECTED_BY, d->receiver->name);
    short_format(&text, "%s %lu", expects.s, (unsigned long)d->expects.value);
    paint_text(paint, (Style){FACE_TEXT, 11.5, INK_DIM, 1}, rect.x + rect.w, rect.y + 11, ALIGN_RIGHT, rect.w - 70,
               text.s);
}

void draw_sequence(const View *view, Rect rect) {
    Rect inside = view_panel(view, rect, view_word(view, WORD_SEQUENCE));
    const HostScene *a = &view->scene->host[0], *b = &view->scene->host[1];
    bool self = a->known && endpoint_eq(a->numbers.local, a->numbers.remote) &&
                a->numbers.local.port; /* connected to itself: one end is both */
    Direction d[2];
    bool one = read_direction(a, self ? a : b, &d[0]), two = !self && read_direction(b, a, &d[1]);
    if (!one && !two) {
        paint_text_in(view->paint, (Style){FACE_TEXT, 12, INK_DIM, 1}, inside, ALIGN_CENTER,
                      view_word(view, WORD_NO_SEQUENCE));
        return;
    }
    double half = inside.h / 2;
    if (one) draw_direction(view, (Rect){inside.x, inside.y + 2, inside.w, half - 4}, &d[0]);
    if (two) draw_direction(view, (Rect){inside.x, inside.y + half + 4, inside.w, half - 4}, &d[1]);
}
