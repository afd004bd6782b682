/* sequence.c - the sequence numbers of both directions by what became of them: acknowledged, in flight, arrived, kept,
 * lost, waiting, and what the window still allows.
 */
#include "view.h"

#include <string.h>

#define BAR_HEIGHT 26.0
#define GAP 10.0
/* As wide as its label at least. */
#define ACKED_LEAST 62.0
#define FLYING_LEAST 120.0
#define UNSENT_LEAST 58.0
#define FREE_LEAST 76.0
/* What there is of a fate, however little, is seen. */
#define RUN_LEAST_WIDTH 5.0

typedef enum Zone { ZONE_ACKED, ZONE_FLYING, ZONE_UNSENT, ZONE_FREE, ZONES } Zone;

typedef struct Direction {
    const HostScene *sender, *receiver;
    const ConnView *conn;
    const Fates *fates;
    bool mates;
    uint32_t count[ZONES];
    double x[ZONES + 1]; /* of the zones' edges */
    bool broken[ZONES];  /* not to scale */
} Direction;

static bool counts(const HostScene *host) {
    return host->exists && host->has_conn && host->known && host->state > STATE_LISTEN &&
           host->numbers.state > STATE_LISTEN;
}

static bool read_direction(const Scene *scene, int side, Direction *d) {
    const HostScene *sender = &scene->host[side], *receiver = scene_receiver(scene, side);
    if (!counts(sender)) return false;
    const ConnView *conn = &sender->numbers;
    *d = (Direction){.sender = sender, .receiver = receiver, .conn = conn, .fates = &scene->fates[side]};
    d->mates = receiver->known && fates_mates(conn, &receiver->numbers);
    uint32_t flying = seq_distance(conn->snd.una, conn->snd.nxt), wait = flying + conn->unsent;
    d->count[ZONE_ACKED] = seq_distance(conn->iss, conn->snd.una);
    d->count[ZONE_FLYING] = flying;
    d->count[ZONE_UNSENT] = conn->unsent;
    d->count[ZONE_FREE] = conn->snd.wnd > wait && !conn->fin_sent ? conn->snd.wnd - wait : 0;
    return true;
}

/* ---- Numbers and amounts in words ---- */

static const char *number_text(const View *view, const Direction *d, Seq seq, Short *text) {
    const ConnView *conn = d->conn;
    if (view->look->absolute) return short_format(text, "%lu", (unsigned long)seq.value);
    if (seq_eq(seq, conn->iss)) return short_format(text, "SYN");
    if (conn->fin_sent && seq_eq(seq, conn->snd.nxt)) return short_format(text, "%s", view_word(view, WORD_AFTER_FIN));
    if (conn->fin_sent && seq_eq(seq_add(seq, 1), conn->snd.nxt)) return short_format(text, "FIN");
    return short_format(text, "%lu", (unsigned long)seq_distance(seq_add(conn->iss, 1), seq));
}

/* "18", "SYN", "18+FIN": what takes these numbers. */
static const char *amount_text(const Direction *d, Seq from, uint32_t count, Short *text) {
    bool syn = count && seq_eq(from, d->conn->iss);
    bool fin = count && d->conn->fin_sent && seq_eq(seq_add(from, count), d->conn->snd.nxt);
    unsigned long bytes = (unsigned long)count - syn - fin;
    if (!bytes && (syn || fin)) return short_format(text, "%s", syn && fin ? "SYN+FIN" : syn ? "SYN" : "FIN");
    return short_format(text, "%s%lu%s", syn ? "SYN+" : "", bytes, fin ? "+FIN" : "");
}

/* ---- Scale: linear where it fits ---- */

static void place_zones(Direction *d, Rect bar) {
    static const double least[ZONES] = {ACKED_LEAST, FLYING_LEAST, UNSENT_LEAST, FREE_LEAST};
    static const Zone shrinks[] = {ZONE_FREE, ZONE_ACKED, ZONE_UNSENT, ZONE_FLYING};
    double total = 0, sum = 0, width[ZONES];
    for (int i = 0; i < ZONES; i++) total += d->count[i];
    double scale = bar.w / fmax(total, 1);
    if (d->count[ZONE_FLYING]) scale = fmax(scale, bar.w * 0.6 / d->count[ZONE_FLYING]);
    for (int i = 0; i < ZONES; i++) {
        width[i] = d->count[i] ? fmax(d->count[i] * scale, least[i]) : 0;
        sum += width[i];
    }
    for (size_t k = 0; k < sizeof shrinks / sizeof *shrinks && sum > bar.w; k++) {
        double *w = &width[shrinks[k]], less = fmin(sum - bar.w, fmax(*w - least[shrinks[k]], 0));
        *w -= less;
        sum -= less;
    }
    Zone reference = d->count[ZONE_FLYING] ? ZONE_FLYING : d->count[ZONE_FREE] ? ZONE_FREE : ZONE_ACKED;
    double unit = d->count[reference] ? width[reference] / d->count[reference] : 1;
    d->x[0] = bar.x;
    for (int i = 0; i < ZONES; i++) {
        d->x[i + 1] = d->x[i] + width[i];
        d->broken[i] = d->count[i] && fabs(width[i] / (d->count[i] * unit) - 1) > 0.02;
    }
}

/* Where the run begins; where the last one ends for `index` = their count. */
static double run_x(const Direction *d, size_t index) {
    const Fates *fates = d->fates;
    double room = d->x[ZONE_FLYING + 1] - d->x[ZONE_FLYING], sum = 0, before = 0;
    double least = fmin(RUN_LEAST_WIDTH, room / 2 / fmax((double)fates->count, 1));
    for (size_t i = 0; i < fates->count; i++) {
        const FateRun *run = &fates->runs[i];
        double width = fmax((double)(run->end - run->first) / d->count[ZONE_FLYING] * room, least);
        if (i < index) before += width;
        sum += width;
    }
    return d->x[ZONE_FLYING] + (sum > 0 ? before / sum * room : 0);
}

static double seq_x(const Direction *d, Seq seq) {
    uint32_t offset = seq_distance(d->conn->snd.una, seq);
    for (size_t i = 0; i < d->fates->count; i++) {
        const FateRun *run = &d->fates->runs[i];
        if (offset > run->end) continue;
        double x0 = run_x(d, i), x1 = run_x(d, i + 1);
        return x0 + (x1 - x0) * (offset - run->first) / (run->end - run->first);
    }
    return d->x[ZONE_FLYING + 1];
}

/* ---- Zones ---- */

static void hatch(Paint *paint, Rect rect, Ink ink) {
    paint_save(paint);
    paint_clip(paint, rect);
    for (double x = rect.x - rect.h; x < rect.x + rect.w; x += 7)
        paint_line(paint, x, rect.y + rect.h, x + rect.h, rect.y, ink, 2, 0.75);
    paint_restore(paint);
}

/* The first of the words that has room; `pill`: on a ground of its own. */
static void draw_label(const View *view, Rect rect, bool pill, Ink ink, const char *const *words, size_t count) {
    Style style = {FACE_BOLD, 11, ink, 1};
    for (size_t i = 0; i < count; i++) {
        double width = paint_width(view->paint, style, words[i]);
        if (width > rect.w - (pill ? 12 : 6)) continue;
        Rect box = {rect.x + rect.w / 2 - width / 2 - 5, rect.y + rect.h / 2 - 8, width + 10, 16};
        if (pill && rect.h > 18) paint_box(view->paint, box, 8, INK_PANEL, 0.92);
        paint_text_in(view->paint, style, rect, ALIGN_CENTER, words[i]);
        return;
    }
}

static void draw_run_label(const View *view, const Direction *d, Rect rect, const FateRun *run) {
    static const Word names[FATES][2] = {{WORD_FATE_LOST, WORD_FATE_LOST},
                                         {WORD_IN_FLIGHT, WORD_IN_FLIGHT},
                                         {WORD_FATE_AGAIN, WORD_FATE_SECOND},
                                         {WORD_FATE_KEPT, WORD_TANK_KEPT},
                                         {WORD_FATE_ARRIVED, WORD_FATE_THERE}};
    Short amount, full, brief;
    amount_text(d, seq_add(d->conn->snd.una, run->first), run->end - run->first, &amount);
    short_format(&full, "%.60s %.40s", view_word(view, names[run->fate][0]), amount.s);
    short_format(&brief, "%.60s %.40s", view_word(view, names[run->fate][1]), amount.s);
    const char *const words[] = {full.s, brief.s, view_word(view, names[run->fate][1]), amount.s};
    bool pill = run->fate == FATE_FLYING || run->fate == FATE_KEPT;
    draw_label(view, rect, pill, run->fate == FATE_LOST ? INK_RED : INK_TEXT, words, sizeof words / sizeof *words);
}

static void draw_run(const View *view, const Direction *d, Rect rect, const FateRun *run, bool labelled) {
    Paint *paint = view->paint;
    Rect label = rect;
    switch (run->fate) {
    case FATE_LOST:
        paint_frame(paint, rect_inset(rect, 0.5, 0.5), 2, INK_RED, 1.5, 1);
        if (rect.w > 12) {
            double x = rect.w < 40 ? rect.x + rect.w / 2 : rect.x + 12;
            paint_cross(paint, x, rect.y + rect.h / 2, 4, INK_RED, 1);
            label = (Rect){rect.x + 18, rect.y, rect.w - 20, rect.h};
        }
        break;
    case FATE_FLYING:
        paint_fill(paint, rect, INK_ORANGE, 0.2);
        hatch(paint, rect, INK_ORANGE);
        break;
    case FATE_AGAIN:
        paint_dash(paint, 4, 3);
        path_rect(paint, rect_inset(rect, 1, 1));
        path_stroke(paint, INK_TEXT, 1.5, 1);
        paint_dash(paint, 0, 0);
        break;
    case FATE_KEPT:
        paint_fill(paint, rect, INK_SKY, 0.25);
        hatch(paint, rect, INK_SKY);
        break;
    case FATE_ARRIVED: paint_fill(paint, rect, INK_SKY, 0.45); break;
    case FATES: break;
    }
    if (labelled) draw_run_label(view, d, label, run);
}

/* Two waves across a zone, on the side that is far from what is in flight. */
static void draw_break(const View *view, Rect zone, bool left) {
    Paint *paint = view->paint;
    double x = left ? zone.x + 9 : zone.x + zone.w - 12, step = zone.h / 4;
    for (int wave = 0; wave < 2; wave++, x += 4) {
        path_move(paint, x, zone.y);
        for (int i = 1; i <= 4; i++) path_line(paint, x + (i % 2 ? 3 : 0), zone.y + step * i);
        path_stroke(paint, INK_PANEL, 3, 1);
        path_move(paint, x, zone.y);
        for (int i = 1; i <= 4; i++) path_line(paint, x + (i % 2 ? 3 : 0), zone.y + step * i);
        path_stroke(paint, INK_DIM, 1.2, 1);
    }
}

static void draw_zone(const View *view, const Direction *d, Rect bar, Zone zone, Word name, Ink ink, double alpha) {
    if (!d->count[zone]) return;
    Rect rect = {d->x[zone], bar.y, d->x[zone + 1] - d->x[zone], bar.h}, label = rect;
    Short amount, full;
    Seq from = zone == ZONE_ACKED ? d->conn->iss : d->conn->snd.nxt;
    if (zone == ZONE_ACKED && d->count[zone] == 1) amount_text(d, from, 1, &amount);
    else if (zone == ZONE_ACKED) amount_text(d, seq_add(from, 1), d->count[zone] - 1, &amount);
    else short_format(&amount, "%lu", (unsigned long)d->count[zone]);
    paint_fill(view->paint, rect, ink, alpha);
    if (d->broken[zone]) {
        draw_break(view, rect, zone == ZONE_ACKED);
        label.w -= 18;
        if (zone == ZONE_ACKED) label.x += 18;
    }
    short_format(&full, "%.60s %.40s", view_word(view, name), amount.s);
    const char *const words[] = {full.s, amount.s};
    draw_label(view, label, false, INK_TEXT, words, 2);
}

static void draw_bar(const View *view, const Direction *d, Rect bar, bool labelled) {
    Paint *paint = view->paint;
    draw_zone(view, d, bar, ZONE_ACKED, WORD_ACKED, INK_GREEN, 0.5);
    for (size_t i = 0; i < d->fates->count; i++) {
        double x = run_x(d, i);
        draw_run(view, d, (Rect){x, bar.y, run_x(d, i + 1) - x, bar.h}, &d->fates->runs[i], labelled);
    }
    draw_zone(view, d, bar, ZONE_UNSENT, WORD_TANK_UNSENT, INK_GREY, 0.4);
    draw_zone(view, d, bar, ZONE_FREE, WORD_MAY_SEND, INK_SKY, 0.18);
    paint_frame(paint, bar, 3, INK_LINE, 1, 1);
}

/* ---- Words below the bar ---- */

enum { ROW_TEXTS = 4 };
typedef struct TextRow {
    Short text[ROW_TEXTS];
    double x[ROW_TEXTS], width[ROW_TEXTS]; /* x: of the middle */
    Style style[ROW_TEXTS];
    int count;
    double sum;
} TextRow;

/* In the order from left to right; one that has no room is left out. */
static void row_add(const View *view, TextRow *row, double room, double x, Style style, const char *text) {
    double width = paint_width(view->paint, style, text);
    if (row->count == ROW_TEXTS || row->sum + width > room) return;
    int i = row->count++;
    short_format(&row->text[i], "%s", text);
    row->x[i] = x;
    row->width[i] = width;
    row->style[i] = style;
    row->sum += width + GAP;
}

static void row_draw(const View *view, TextRow *row, Rect rect, double y) {
    double end = rect.x - GAP, begin = rect.x + rect.w + GAP;
    for (int i = 0; i < row->count; i++) {
        row->x[i] = fmax(row->x[i] - row->width[i] / 2, end + GAP);
        end = row->x[i] + row->width[i];
    }
    for (int i = row->count; i-- > 0;) {
        row->x[i] = fmin(row->x[i], begin - GAP - row->width[i]);
        begin = row->x[i];
    }
    for (int i = 0; i < row->count; i++)
        paint_text(view->paint, row->style[i], row->x[i], y, ALIGN_LEFT, 0, row->text[i].s);
}

/* The bytes that wait, and why none may follow. */
static void add_rest(const View *view, const Direction *d, TextRow *row, Rect bar, double x) {
    const ConnView *conn = d->conn;
    Style dim = {FACE_TEXT, 11, INK_DIM, 1}, warn = {FACE_TEXT, 11, INK_ORANGE, 1};
    bool known = conn->state != STATE_SYN_SENT;
    Short text;
    if (conn->unsent) {
        word_format(&text, view->look->language, WORD_BYTES_WAIT, (unsigned long)conn->unsent);
        row_add(view, row, bar.w, fmax(x, (d->x[ZONE_UNSENT] + d->x[ZONE_UNSENT + 1]) / 2), dim, text.s);
    }
    if (conn->fin_sent) row_add(view, row, bar.w, bar.x + bar.w, dim, view_word(view, WORD_FIN_SENT));
    else if (known && !conn->snd.wnd)
        row_add(view, row, bar.w, bar.x + bar.w, warn, view_word(view, WORD_WINDOW_CLOSED));
    else if (known && conn->snd.wnd == d->count[ZONE_FLYING]) {
        word_format(&text, view->look->language, WORD_WINDOW_EDGE, d->receiver->name);
        row_add(view, row, bar.w, bar.x + bar.w, warn, text.s);
    }
}

static void draw_edges(const View *view, const Direction *d, Rect bar) {
    Paint *paint = view->paint;
    Style mono = {FACE_MONO, 11, INK_DIM, 1}, plain = {FACE_TEXT, 11, INK_DIM, 1};
    const ConnView *conn = d->conn;
    double una_x = d->x[ZONE_FLYING], nxt_x = d->x[ZONE_FLYING + 1];
    Short number, text;
    TextRow edges = {.count = 0}, below = {.count = 0};
    bool same = seq_eq(conn->snd.una, conn->snd.nxt);
    short_format(&text, same ? "UNA = NXT %.100s" : "UNA %.100s", number_text(view, d, conn->snd.una, &number));
    row_add(view, &edges, bar.w, una_x, mono, text.s);
    paint_line(paint, una_x, bar.y - 3, una_x, bar.y + bar.h + 4, INK_TEXT, 1.5, 1);
    if (!same) {
        paint_line(paint, nxt_x, bar.y - 3, nxt_x, bar.y + bar.h + 4, INK_TEXT, 1.5, 1);
        short_format(&text, "NXT %.100s", number_text(view, d, conn->snd.nxt, &number));
        row_add(view, &edges, bar.w, nxt_x, mono, text.s);
    }
    if (d->mates) {
        Seq expects = d->receiver->numbers.rcv.nxt;
        double x = seq_x(d, expects);
        paint_head(paint, x, bar.y + bar.h - 1, 0, -1, 6, INK_TEXT, 1);
        word_format(&number, view->look->language, WORD_EXPECTED_BY, d->receiver->name);
        short_format(&text, "%.60s ", number.s);
        short_format(&text, "%.60s %.60s", number.s, number_text(view, d, expects, &(Short){""}));
        row_add(view, &below, bar.w, x, plain, text.s);
    }
    add_rest(view, d, &below, bar, nxt_x);
    row_draw(view, &edges, bar, bar.y + bar.h + 16);
    row_draw(view, &below, bar, bar.y + bar.h + 30);
}

/* ---- What the sender knows ---- */

static void draw_bracket(Paint *paint, double x0, double x1, double y, double tick, Ink ink) {
    path_move(paint, x0, y + tick);
    path_line(paint, x0, y);
    path_line(paint, x1, y);
    path_line(paint, x1, y + tick);
    path_stroke(paint, ink, 1.5, 1);
}

static void draw_knowledge(const View *view, const Direction *d, Rect bar) {
    Paint *paint = view->paint;
    if (!d->count[ZONE_FLYING]) return;
    Short amount, text;
    uint32_t reported = 0;
    for (uint32_t i = 0; i < d->conn->sacks; i++) {
        Seq left = d->conn->sack[i].left, right = d->conn->sack[i].right;
        if (seq_lt(left, d->conn->snd.una) || seq_gt(right, d->conn->snd.nxt)) continue;
        reported += seq_distance(left, right);
        draw_bracket(paint, seq_x(d, left), seq_x(d, right), bar.y + bar.h + 3, -3, INK_SKY);
    }
    amount_text(d, d->conn->snd.una, d->count[ZONE_FLYING], &amount);
    if (reported)
        word_format(&text, view->look->language, WORD_KNOWS_SACK, d->sender->name, amount.s, (unsigned long)reported);
    else word_format(&text, view->look->language, WORD_KNOWS, d->sender->name, amount.s);
    double x0 = d->x[ZONE_FLYING], x1 = d->x[ZONE_FLYING + 1];
    draw_bracket(paint, x0, x1, bar.y - 8, 4, INK_ORANGE);
    TextRow row = {.count = 0};
    row_add(view, &row, bar.w, (x0 + x1) / 2, (Style){FACE_TEXT, 11, INK_ORANGE, 1}, text.s);
    row_draw(view, &row, bar, bar.y - 12);
}

/* ---- Directions ---- */

static void title_of(const Direction *d, Short *text) {
    const char *to = d->receiver->exists ? d->receiver->name : "?";
    short_format(text, "%s → %s", d->sender->name, to);
}

static void draw_large(const View *view, Rect rect, Direction *d) {
    Rect bar = {rect.x, rect.y + 20, rect.w, BAR_HEIGHT};
    place_zones(d, bar);
    draw_bar(view, d, bar, true);
    draw_knowledge(view, d, bar);
    draw_edges(view, d, bar);
}

/* One line: the bar, and in it how much was sent. */
static void draw_small(const View *view, Rect rect, Direction *d) {
    Paint *paint = view->paint;
    Language language = view->look->language;
    const ConnView *conn = d->conn;
    Short title, amount, text;
    title_of(d, &title);
    double name = paint_text(paint, (Style){FACE_BOLD, 11.5, INK_TEXT, 1}, rect.x, rect.y + 13, ALIGN_LEFT, rect.w / 3,
                             title.s);
    Rect bar = {rect.x + name + 12, rect.y, rect.w - name - 12, 19};
    uint32_t sent = seq_distance(conn->iss, conn->snd.nxt);
    bool nothing = sent == 1;
    amount_text(d, conn->iss, sent, &amount);
    if (nothing) word_format(&text, language, WORD_NOTHING_SENT, d->receiver->name, (unsigned long)conn->snd.wnd);
    else if (d->count[ZONE_FLYING])
        word_format(&text, language, WORD_SENT_UNACKED, amount.s, (unsigned long)d->count[ZONE_FLYING]);
    else word_format(&text, language, WORD_SENT_ACKED, amount.s);
    paint_box(paint, bar, 3, d->count[ZONE_FLYING] ? INK_ORANGE : nothing ? INK_SKY : INK_GREEN, 0.18);
    paint_frame(paint, bar, 3, INK_LINE, 1, 1);
    const char *const words[] = {text.s, amount.s};
    draw_label(view, bar, false, INK_TEXT, words, 2);
}

/* The end that is no longer there, or never was. */
static void draw_missing(const View *view, Rect rect, const HostScene *host) {
    Short text;
    if (!host->exists) short_format(&text, "%s", view_word(view, WORD_NO_HOST_THERE));
    else word_format(&text, view->look->language, WORD_NO_END, host->name);
    paint_text_in(view->paint, (Style){FACE_TEXT, 11, INK_DIM, 1}, rect, ALIGN_LEFT, text.s);
}

static uint32_t busy(const Direction *d) { return d->count[ZONE_FLYING] + d->count[ZONE_UNSENT]; }

/* What is in flight stands above; where nothing is, what was sent last. */
static int main_direction(const Direction d[2]) {
    if (busy(&d[0]) || busy(&d[1])) return busy(&d[1]) > busy(&d[0]);
    return d[1].count[ZONE_ACKED] > d[0].count[ZONE_ACKED];
}

void draw_sequence(const View *view, Rect rect) {
    const Scene *scene = view->scene;
    Direction d[2];
    bool self = scene_self(&scene->host[0]), there[2];
    for (int i = 0; i < 2; i++) there[i] = !(self && i) && read_direction(scene, i, &d[i]);
    Short title;
    short_format(&title, "%s", view_word(view, WORD_SEQUENCE));
    int first = there[0] && there[1] ? main_direction(d) : there[0] ? 0 : 1;
    if (there[first]) {
        Short names;
        title_of(&d[first], &names);
        short_format(&title, "%.50s  %.60s", view_word(view, WORD_SEQUENCE), names.s);
    }
    Rect inside = view_panel(view, rect, title.s);
    Paint *paint = view->paint;
    if (!there[first]) {
        paint_text_in(paint, (Style){FACE_TEXT, 12, INK_DIM, 1}, inside, ALIGN_CENTER,
                      view_word(view, WORD_NO_SEQUENCE));
        return;
    }
    Style dim = {FACE_TEXT, 11, INK_DIM, 1};
    const char *by = view_word(view, view->look->absolute ? WORD_AS_ON_THE_WIRE : WORD_BY_FATE);
    double taken = paint_width(paint, (Style){FACE_BOLD, 11.5, INK_DIM, 1}, title.s);
    if (taken + paint_width(paint, dim, by) + 20 < inside.w)
        paint_text(paint, dim, rect.x + rect.w - 14, rect.y + 19, ALIGN_RIGHT, 0, by);
    draw_large(view, inside, &d[first]);
    Rect small = {inside.x, inside.y + inside.h - 20, inside.w, 20};
    paint_line(paint, inside.x, small.y - 7, inside.x + inside.w, small.y - 7, INK_LINE, 1, 1);
    if (self) return;
    if (there[1 - first]) draw_small(view, small, &d[1 - first]);
    else draw_missing(view, small, &scene->host[1 - first]);
}
