/* labels.c - what is written along the lines of packets: numbers count from the beginning of each stream, unless the
 * person wants them as they are on the wire. */
#include "ladder.h"

#include <math.h>
#include <stdio.h>

enum { RUNS = 8 };

/* Pieces of text in different styles, one behind the other. */
typedef struct Runs {
    Short text[RUNS];
    Style style[RUNS];
    double width[RUNS], total;
    int count;
} Runs;

static const Style bright = {FACE_MONO, 11.5, INK_TEXT, 1}, dim = {FACE_MONO, 11.5, INK_DIM, 1};

static void add_run(const Ladder *l, Runs *runs, Style style, const char *text) {
    if (runs->count == RUNS || !*text) return;
    int i = runs->count++;
    short_format(&runs->text[i], "%s", text);
    runs->style[i] = style;
    runs->width[i] = paint_width(l->view->paint, style, text);
    runs->total += runs->width[i] + (i ? 6 : 0);
}

static void draw_runs(const Ladder *l, const Runs *runs, double x, double y) {
    for (int i = 0; i < runs->count; i++) {
        paint_text(l->view->paint, runs->style[i], x, y, ALIGN_LEFT, 0, runs->text[i].s);
        x += runs->width[i] + 6;
    }
}

/* ---- Numbers ---- */

static const Stream *stream_of(const Ladder *l, uint32_t index) {
    const Streams *streams = &l->view->scene->story.streams;
    return index == STREAM_NONE || l->view->look->absolute ? NULL : &streams->list[index];
}

/* The first byte of a stream is 0. */
static uint32_t counted(const Stream *stream, Seq seq) {
    return stream ? seq_distance(seq_add(stream->iss, 1), seq) : seq.value;
}

static void range_text(const Ladder *l, const Seen *seen, Short *text) {
    const Flight *flight = seen->flight;
    const Seen *last = seen;
    for (size_t i = 0; seen->members > 1 && i < l->seen_count; i++)
        if (&l->seen[l->seen[i].group] == seen) last = &l->seen[i];
    const Stream *stream = stream_of(l, flight->stream);
    uint32_t syn = flight->flags & FLAG_SYN ? 1 : 0;
    uint32_t first = counted(stream, seq_add(flight->seq, syn));
    uint32_t end = counted(stream, seq_add(last->flight->seq, syn + last->flight->data_length));
    short_format(text, "%lu-%lu", (unsigned long)first, (unsigned long)end);
}

static void ack_text(const Ladder *l, const Seen *seen, Short *text) {
    const Flight *flight = seen->flight;
    const Stream *back = stream_of(l, flight->back);
    if (back && flight->ack_of != ACK_BYTES) short_format(text, "%s", flight->ack_of == ACK_SYN ? "SYN" : "FIN");
    else short_format(text, "%lu", (unsigned long)counted(back, flight->ack));
}

/* A window means what both SYNs have agreed on. */
static uint32_t window_of(const Ladder *l, const Flight *flight, uint32_t window) {
    const Streams *streams = &l->view->scene->story.streams;
    if (flight->stream == STREAM_NONE || flight->back == STREAM_NONE || flight->flags & FLAG_SYN) return window;
    int shift = streams->list[flight->stream].scale, other = streams->list[flight->back].scale;
    return shift < 0 || other < 0 ? window : window << shift;
}

void capsule_text(const Ladder *l, const Seen *seen, Short *text) {
    const Flight *flight = seen->flight;
    Short what;
    char flags[FLAGS_TEXT];
    if (flight->icmp_type) short_format(&what, "ICMP");
    else if (flight->data_length && !(flight->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST))) range_text(l, seen, &what);
    else short_format(&what, "%s", flags_text(flight->flags, flags));
    if (seen->members > 1) short_format(text, "%u× %.60s", seen->members, what.s);
    else short_format(text, "%.60s", what.s);
}

/* ---- What is said of a packet ---- */

static void add_note(const Ladder *l, const Seen *seen, Runs *runs) {
    Language language = l->view->look->language;
    static const Style note = {FACE_TEXT, 11.5, INK_ORANGE, 1};
    Short copy;
    if (seen->fate.copy_of) add_run(l, runs, note, word_format(&copy, language, WORD_COPY, seen->fate.copy_of));
    else if (seen->fate.again) add_run(l, runs, note, word(language, WORD_AGAIN));
    if (seen->fate.forged) add_run(l, runs, note, word(language, WORD_FORGED));
    if (seen->fate.edited) add_run(l, runs, note, word(language, WORD_EDITED));
    if (seen->fate.corrupted) add_run(l, runs, note, word(language, WORD_CORRUPTED));
}

static void add_ack(const Ladder *l, const Seen *seen, Runs *runs) {
    Short text;
    if (!(seen->flight->flags & FLAG_ACK)) return;
    ack_text(l, seen, &text);
    add_run(l, runs, dim, "ack");
    add_run(l, runs, bright, text.s);
}

static void add_window(const Ladder *l, const Seen *seen, Runs *runs) {
    const Event event = trace_at(l->view->scene->story.trace, seen->fate.first);
    uint32_t window = window_of(l, seen->flight, event.window);
    Short text;
    short_format(&text, "%lu", (unsigned long)window);
    add_run(l, runs, dim, "win");
    add_run(l, runs, window ? bright : (Style){FACE_MONO_BOLD, 11.5, INK_ORANGE, 1}, text.s);
}

/* As on the wire. */
static void describe_absolute(const Ladder *l, const Seen *seen, Runs *runs) {
    const Flight *flight = seen->flight;
    Short text;
    short_format(&text, "seq=%lu", (unsigned long)flight->seq.value);
    add_run(l, runs, bright, text.s);
    short_format(&text, "ack=%lu", (unsigned long)flight->ack.value);
    if (flight->flags & FLAG_ACK) add_run(l, runs, bright, text.s);
    short_format(&text, "len=%u", (unsigned)flight->data_length);
    if (flight->data_length) add_run(l, runs, bright, text.s);
}

/* `brief`: where there is little room. */
static void describe(const Ladder *l, const Seen *seen, bool brief, Runs *runs) {
    const Flight *flight = seen->flight;
    char flags[FLAGS_TEXT];
    Short text;
    Style bold = {FACE_BOLD, 12.5, flight_ink(flight), 1};
    bool flying = seen->seen && !seen->ended;
    bool named = flight->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST);
    *runs = (Runs){.count = 0};
    short_format(&text, "%u×", seen->members);
    if (seen->members > 1 && !flying) add_run(l, runs, bold, text.s);
    if (flight->icmp_type) {
        short_format(&text, "ICMP %.100s", icmp_text(flight->icmp_type, flight->icmp_code));
        add_run(l, runs, bold, text.s);
        return;
    }
    bool absolute = l->view->look->absolute;
    if ((named || absolute) && !flying) add_run(l, runs, bold, flags_text(flight->flags, flags));
    if (absolute) {
        describe_absolute(l, seen, runs);
    } else {
        bool ranged = flight->data_length && (named || !flying);
        if (ranged) range_text(l, seen, &text);
        if (ranged) add_run(l, runs, bright, text.s);
        if (!flight->data_length && !(flight->flags & FLAG_FIN)) add_ack(l, seen, runs);
        if (!flight->data_length && !named && !brief) add_window(l, seen, runs);
    }
    if (!brief) add_note(l, seen, runs);
    if (is_stub(seen)) add_run(l, runs, (Style){FACE_BOLD, 12, INK_RED, 1}, loss_text(l, seen));
}

/* ---- Where it is said ---- */

typedef struct Spot {
    double x, y, angle;
    Rect box; /* as seen from (x, y), turned by the angle */
    double baseline;
} Spot;

/* Along the line at `part` of what is drawn of it, above or below. False: it would reach beyond its ends. */
static bool spot_along(const Seen *seen, const Runs *runs, double part, bool below, Spot *spot) {
    const Track *track = &seen->track;
    double begin = track->at[0].way, end = track->at[track->count - 1].way, x0, y0, x1, y1;
    double way = begin + (end - begin) * part, length = fabs((end - begin) * (track->x1 - track->x0));
    double half = length > 0 ? runs->total / 2 / length * (end - begin) : 1;
    if (fabs(way - (begin + end) / 2) + fabs(half) > fabs(end - begin) / 2 * 0.98) return false;
    track_point(track, way - half, &x0, &y0);
    track_point(track, way + half, &x1, &y1);
    track_point(track, way, &spot->x, &spot->y);
    spot->angle = atan2(y1 - y0, x1 - x0);
    if (spot->angle > M_PI / 2) spot->angle -= M_PI;
    if (spot->angle < -M_PI / 2) spot->angle += M_PI;
    spot->baseline = below ? 15 : -6;
    spot->box = (Rect){-runs->total / 2 - 3, below ? 3 : -18, runs->total + 6, 15};
    return true;
}

static bool spot_loop(const Ladder *l, const Seen *seen, const Runs *runs, double part, Spot *spot) {
    track_point(&seen->track, part, &spot->x, &spot->y);
    spot->x += runs->total / 2 + 10;
    spot->angle = 0;
    spot->baseline = 4;
    spot->box = (Rect){-runs->total / 2 - 3, -8, runs->total + 6, 16};
    return spot->x + runs->total / 2 < l->rect.x + l->rect.w - 8;
}

/* Of one that was lost before its line is long enough: level, behind the cross. */
static void spot_stub(const Seen *seen, const Runs *runs, bool below, Spot *spot) {
    const Track *track = &seen->track;
    bool rightward = track->x1 >= track->x0;
    track_place(track, track->count - 1, &spot->x, &spot->y);
    spot->x += (rightward ? 14 : -14) + (rightward ? runs->total / 2 : -runs->total / 2);
    spot->angle = 0;
    spot->baseline = below ? 15 : -2;
    spot->box = (Rect){-runs->total / 2 - 2, below ? 3 : -14, runs->total + 4, 15};
}

static bool is_free(const Ladder *l, const Spot *spot, Quad *quad) {
    *quad = quad_turned(spot->x, spot->y, spot->angle, spot->box);
    for (int i = 0; i < 4; i++)
        if (quad->y[i] < l->field.y || quad->y[i] > l->field.y + l->field.h) return false;
    return places_free(&l->texts, quad) && places_free(&l->lines, quad);
}

static bool find_spot(const Ladder *l, const Seen *seen, const Runs *runs, Spot *spot, Quad *quad) {
    static const double parts[] = {0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.22, 0.78};
    for (int below = 0; below < 2; below++)
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            bool room = seen->track.loop ? spot_loop(l, seen, runs, parts[i], spot)
                                         : spot_along(seen, runs, parts[i], below, spot);
            if (room && is_free(l, spot, quad)) return true;
        }
    for (int below = 0; is_stub(seen) && below < 2; below++) {
        spot_stub(seen, runs, below, spot);
        if (is_free(l, spot, quad)) return true;
    }
    return false;
}

/* Beside the way, with a line to it. */
static bool find_aside(const Ladder *l, const Seen *seen, const Runs *runs, Spot *spot, Quad *quad) {
    double left = fmin(seen->track.x0, seen->track.x1) + 12, right = fmax(seen->track.x0, seen->track.x1) - 12, x, y;
    track_point(&seen->track, 0.5, &x, &y);
    if (y < l->field.y || y > l->field.y + l->field.h) return false;
    for (double down = -18; down < 120; down += 12)
        for (int side = 0; side < 2; side++) {
            *spot = (Spot){.x = side ? right - runs->total / 2 : left + runs->total / 2, .y = y + down, .baseline = 4};
            spot->box = (Rect){-runs->total / 2 - 3, -8, runs->total + 6, 16};
            if (is_free(l, spot, quad)) return true;
        }
    return false;
}

static void draw_leader(const Ladder *l, const Seen *seen, const Spot *spot) {
    double x, y;
    track_point(&seen->track, 0.5, &x, &y);
    double near = x > spot->x ? spot->x + spot->box.w / 2 : spot->x - spot->box.w / 2;
    paint_dash(l->view->paint, 1.5, 3);
    paint_line(l->view->paint, near, spot->y, x, y, INK_DIM, 1, 0.8);
    paint_dash(l->view->paint, 0, 0);
}

static void draw_spot(Ladder *l, const Runs *runs, const Spot *spot, const Quad *quad) {
    Paint *paint = l->view->paint;
    places_take(&l->texts, quad);
    paint_save(paint);
    paint_translate(paint, spot->x, spot->y);
    paint_rotate(paint, spot->angle);
    draw_runs(l, runs, -runs->total / 2, spot->baseline);
    paint_restore(paint);
}

static void draw_label(Ladder *l, const Seen *seen) {
    Runs runs;
    Spot spot;
    Quad quad;
    for (int brief = 0; brief < 2; brief++) {
        describe(l, seen, brief > 0, &runs);
        if (!runs.count) return;
        if (!find_spot(l, seen, &runs, &spot, &quad)) continue;
        draw_spot(l, &runs, &spot, &quad);
        return;
    }
    if (!seen->ended || !find_aside(l, seen, &runs, &spot, &quad)) return;
    draw_leader(l, seen, &spot);
    draw_spot(l, &runs, &spot, &quad);
}

void ladder_labels(Ladder *l) {
    for (size_t i = 0; i < l->seen_count; i++)
        if (l->seen[i].seen && seen_leads(l, &l->seen[i])) draw_label(l, &l->seen[i]);
}
