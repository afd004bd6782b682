/* tanks.c - the buffers beside the ladder: what one host has handed over and not got acknowledged, and what the other
 * has received and not read. */
#include "ladder.h"

#include <math.h>

#define TANK_WIDTH 40.0
#define TANK_AWAY 11.0

typedef struct Part {
    uint32_t bytes;
    Ink ink;
    bool hatched;
    Word name;
} Part;

enum { TANK_PARTS = 3 };
typedef struct Tank {
    Part part[TANK_PARTS]; /* the oldest bytes first; the last is what is free */
    uint32_t size;
    Word title;
} Tank;

static Tank send_tank(const HostScene *host) {
    const ConnView *c = &host->numbers;
    uint32_t used = c->unacked + c->unsent, whole = host->send_buffer > used ? (uint32_t)host->send_buffer : used;
    return (Tank){{{c->unacked, INK_ORANGE, true, WORD_TANK_UNACKED},
                   {c->unsent, INK_GREY, false, WORD_TANK_UNSENT},
                   {whole - used, INK_RAISED, false, WORD_TANK_FREE}},
                  whole,
                  WORD_SEND_Q};
}

static Tank recv_tank(const HostScene *host) {
    const ConnView *c = &host->numbers;
    uint32_t used = c->unread + c->out_of_order, whole = host->recv_buffer > used ? (uint32_t)host->recv_buffer : used;
    return (Tank){{{c->unread, INK_GREEN, false, WORD_TANK_UNREAD},
                   {c->out_of_order, INK_SKY, true, WORD_TANK_KEPT},
                   {whole - used, INK_RAISED, false, WORD_TANK_FREE}},
                  whole,
                  WORD_RECV_Q};
}

static void draw_part(const View *view, Rect rect, const Part *part) {
    Paint *paint = view->paint;
    paint_fill(paint, rect, part->ink, part->ink == INK_RAISED ? 0.35 : 0.4);
    if (part->hatched) {
        paint_save(paint);
        paint_clip(paint, rect);
        for (double y = rect.y; y < rect.y + rect.h + rect.w; y += 8)
            paint_line(paint, rect.x, y, rect.x + rect.w, y - rect.w, part->ink, 2, 0.8);
        paint_restore(paint);
    }
    const char *name = view_word(view, part->name);
    Style style = paint_fitting(paint, (Style){FACE_TEXT, 10.5, INK_TEXT, 1}, rect.w - 4, name);
    if (rect.h < 15 || style.size < 8) return;
    double width = paint_width(paint, style, name);
    Rect box = {rect.x + rect.w / 2 - width / 2 - 2, rect.y + rect.h / 2 - 7, width + 4, 14};
    if (part->hatched) paint_box(paint, box, 3, INK_PANEL, 0.85);
    paint_text_in(paint, style, box, ALIGN_CENTER, name);
}

/* What there is of a part, however little, is seen. */
static double part_height(const Tank *tank, const Part *part, double height) {
    if (!part->bytes || !tank->size) return 0;
    return fmax(height * (double)part->bytes / (double)tank->size, 3);
}

static void draw_tank(Ladder *l, const Tank *tank, bool left, double height) {
    const View *view = l->view;
    double x = left ? l->rect.x + TANK_AWAY : l->rect.x + l->rect.w - TANK_AWAY - TANK_WIDTH, y = l->field.y + 16;
    Rect whole = {x, y, TANK_WIDTH, height}, title = {left ? x : x - 40, l->field.y - 4, TANK_WIDTH + 40, 16};
    uint32_t used = tank->part[0].bytes + tank->part[1].bytes;
    bool full = !tank->part[2].bytes;
    Style style = {FACE_BOLD, 10.5, full ? INK_ORANGE : INK_DIM, 1};
    Short text;
    paint_box(view->paint, rect_inset(whole, -3, -3), 3, INK_PANEL, 1);
    for (int i = 0; i < TANK_PARTS; i++) {
        double tall = i + 1 < TANK_PARTS ? part_height(tank, &tank->part[i], height) : whole.y + whole.h - y;
        tall = fmin(tall, whole.y + whole.h - y);
        if (tall > 0) draw_part(view, (Rect){x, y, TANK_WIDTH, tall}, &tank->part[i]);
        y += tall;
    }
    paint_frame(view->paint, whole, 2, full ? INK_ORANGE : INK_DIM, full ? 2 : 1.2, 1);
    paint_text_in(view->paint, style, title, left ? ALIGN_LEFT : ALIGN_RIGHT, view_word(view, tank->title));
    short_format(&text, "%lu / %lu", (unsigned long)used, (unsigned long)tank->size);
    Rect below = {left ? x : x - 50, whole.y + whole.h + 3, TANK_WIDTH + 50, 14};
    paint_text_in(view->paint, (Style){FACE_MONO, 10, full ? INK_ORANGE : INK_DIM, 1}, below,
                  left ? ALIGN_LEFT : ALIGN_RIGHT, text.s);
    Quad quad = quad_rect((Rect){whole.x - 4, title.y, whole.w + 8, whole.h + 36});
    places_take(&l->texts, &quad);
    quad = quad_rect(below);
    places_take(&l->texts, &quad);
}

static bool has_bytes(const HostScene *host) { return host->known && (host->numbers.unacked || host->numbers.unsent); }

static bool has_unread(const HostScene *host) {
    return host->known && (host->numbers.unread || host->numbers.out_of_order);
}

/* The direction that has bytes now; none where neither has. */
static int sender_of(const Scene *scene) {
    const HostScene *host = scene->host;
    if (host[0].id == host[1].id) return -1;
    for (int side = 0; side < 2; side++)
        if (has_bytes(&host[side]) || has_unread(&host[1 - side])) return side;
    return -1;
}

bool ladder_tanks(Ladder *l) {
    const Scene *scene = l->view->scene;
    int sender = sender_of(scene);
    double height = fmin(l->field.h - 60, 300);
    if (sender < 0 || scene->story.column_count != 2 || height < 80 || ladder_left(l->rect) < 170) return false;
    for (int side = 0; side < 2; side++) {
        const HostScene *host = &scene->host[side];
        if (!host->known || host->numbers.gone) continue;
        Tank tank = side == sender ? send_tank(host) : recv_tank(host);
        draw_tank(l, &tank, host->id == scene->story.columns[0], height);
    }
    return true;
}
