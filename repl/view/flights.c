/* flights.c - the packets of the ladder: their lines, what is written along them, and a capsule at the place of
 * each packet in flight. */
#include "ladder.h"

#include <math.h>

#define CAPSULE_HEIGHT 23.0

typedef struct Seen {
    const Flight *flight;
    FlightView fate; /* after the whole trace */
    Track track;
    double way;
    bool seen, ended, held, edited, corrupted; /* at the playhead */
} Seen;

static bool selected(const Ladder *l, const Flight *flight) {
    PacketId id = l->view->look->selected;
    return id.id && id.id == flight->packet.id && id.born == flight->packet.born;
}

static bool look_at_flight(const Ladder *l, const Flight *flight, Seen *seen) {
    const Scene *scene = l->view->scene;
    *seen = (Seen){.flight = flight, .seen = flight_seen(scene, flight)};
    if (!seen->seen && !scene->ahead) return false;
    seen->fate = story_fate(&scene->story, flight);
    seen->track = ladder_track(scene, l->rect, l->scroll, flight);
    double top = fmin(seen->track.y0, seen->track.y1), bottom = fmax(seen->track.y0, seen->track.y1);
    if (bottom < l->field.y - 30 || top > l->field.y + l->field.h + 30) return false;
    seen->ended = flight_ended(scene, flight);
    FlightView fate = {.state = FLIGHT_UNDER_WAY};
    if (seen->seen && flight_fate(scene, flight, &fate)) {
        seen->held = fate.state == FLIGHT_HELD;
        seen->edited = fate.edited;
        seen->corrupted = fate.corrupted;
    }
    seen->way = flight_way(scene, flight);
    const StageLook *look = l->view->look;
    if (look->dragging && seen->seen && !seen->ended && selected(l, flight))
        seen->track.y1 = fmax(seen->track.y1 + look->drag_y, seen->track.y0 + 12);
    return true;
}

/* What has scrolled out cannot be pressed. */
static void hit_inside(const Ladder *l, Rect rect, bool flies, PacketId packet) {
    double top = fmax(rect.y, l->field.y), bottom = fmin(rect.y + rect.h, l->field.y + l->field.h);
    if (bottom > top) view_hit(l->view, (Rect){rect.x, top, rect.w, bottom - top}, ACT_PACKET, flies, packet);
}

/* ---- Lines ---- */

static Ink flight_ink(const Flight *flight) {
    return flight->icmp_type ? INK_RED : flags_ink(flight->flags, flight->data_length);
}

static void track_path(Paint *paint, const Track *track, double from, double to) {
    int pieces = track->loop ? 24 : 1;
    for (int i = 0; i <= pieces; i++) {
        double x, y;
        track_point(track, from + (to - from) * i / pieces, &x, &y);
        if (i) path_line(paint, x, y);
        else path_move(paint, x, y);
    }
}

static void draw_track(const Ladder *l, const Seen *seen, double from, double to, bool dashed, double width,
                       double alpha) {
    if (to <= from) return;
    Paint *paint = l->view->paint;
    if (dashed) paint_dash(paint, 5, 5);
    track_path(paint, &seen->track, from, to);
    path_stroke(paint, flight_ink(seen->flight), width, alpha);
    paint_dash(paint, 0, 0);
}

static void draw_tip(const Ladder *l, const Seen *seen, double way, double alpha) {
    double x0, y0, x1, y1;
    track_point(&seen->track, way - 0.03, &x0, &y0);
    track_point(&seen->track, way, &x1, &y1);
    double side = x1 > x0 ? -2 : 2;
    Ink ink = flight_ink(seen->flight);
    paint_head(l->view->paint, x1 + side, y1, x1 - x0, y1 - y0, 11, ink, alpha);
}

static void draw_loss(Ladder *l, const Seen *seen, double alpha) {
    double x, y;
    track_point(&seen->track, seen->track.from + (1 - seen->track.from) * seen->track.reach, &x, &y);
    paint_cross(l->view->paint, x, y, 7, INK_RED, alpha);
    const char *text = translated(l->view->look->language, drop_text(seen->fate.reason));
    Style style = {FACE_BOLD, 12, INK_RED, alpha};
    double width = paint_width(l->view->paint, style, text);
    bool rightward = seen->track.x1 >= seen->track.x0;
    Rect box = {rightward ? x + 15 : x - 15 - width, y - 7, width, 16};
    /* Beside the host's line stand its states: below, inside. */
    if (seen->fate.arrival != EVENT_NONE) box = (Rect){rightward ? x - width : x, y + 10, width, 16};
    if (box.y < l->field.y || box.y + box.h > l->field.y + l->field.h) return;
    places_take_rect(&l->places, rect_inset(box, -3, -2));
    paint_text_in(l->view->paint, style, box, ALIGN_LEFT, text);
}

static void draw_flight_line(Ladder *l, const Seen *seen) {
    double from = seen->track.from, whole = from + (1 - from) * seen->track.reach;
    bool thin = seen->flight->flags == FLAG_ACK && !seen->flight->data_length;
    double width = thin ? 1.8 : 2.6;
    if (selected(l, seen->flight)) width += 1;
    if (!seen->seen) { /* it was undone: pale */
        draw_track(l, seen, from, whole, true, 1.5, 0.3);
        return;
    }
    bool now = seen->flight->ended + 1 == l->view->scene->at.step;
    if (!seen->ended) {
        draw_track(l, seen, from, 1, true, 1.4, 0.5);
        draw_track(l, seen, from, seen->way, false, width, 1);
        if (!seen->held) draw_tip(l, seen, 1, 0.45);
        return;
    }
    double alpha = l->view->scene->at.step - seen->flight->ended > 12 ? 0.75 : 1;
    draw_track(l, seen, from, whole, false, width, alpha);
    if (seen->fate.state == FLIGHT_LOST) draw_loss(l, seen, now ? fmax(l->view->scene->at.settle, 0.1) : 1);
    else draw_tip(l, seen, 1, alpha);
}

/* ---- Bundles: packets that are not drawn one by one ---- */

/* No end of theirs is in sight: they run from above what is seen to below it. */
static Track bundle_track(const Ladder *l, const Bundle *bundle) {
    const Scene *scene = l->view->scene;
    const Way *way = &scene->story.ways[bundle->way];
    double beyond = l->field.h * 0.12;
    return (Track){.x0 = ladder_x(scene, l->rect, way->from),
                   .x1 = ladder_x(scene, l->rect, way->to),
                   .y0 = l->field.y - beyond,
                   .y1 = l->field.y + l->field.h + beyond,
                   .loop = way->from == way->to};
}

static void draw_strands(const Ladder *l, const Bundle *bundle) {
    Paint *paint = l->view->paint;
    Track track = bundle_track(l, bundle);
    int strands = bundle->count < 7 ? (int)bundle->count : 7;
    bool under_way = l->view->scene->y < l->scroll + l->field.h;
    if (track.loop) return;
    if (under_way) paint_dash(paint, 5, 5);
    for (int i = 0; i < strands; i++) {
        double aside = l->field.h * 0.05 * (i - strands / 2);
        paint_line(paint, track.x0, track.y0 + aside, track.x1, track.y1 + aside, INK_DIM, 1.4, 0.45);
    }
    paint_dash(paint, 0, 0);
}

static const Style bundle_style = {FACE_BOLD, 14, INK_TEXT, 1};

static void bundle_text(const Ladder *l, const Bundle *bundle, Short *text) {
    Track track = bundle_track(l, bundle);
    short_format(text, track.x1 < track.x0 ? "← × %u" : "× %u →", bundle->count);
}

static Rect place_bundle(const Ladder *l, const Bundle *bundle) {
    static const double places[] = {0.5, 0.41, 0.59, 0.32, 0.68, 0.23, 0.77};
    Track track = bundle_track(l, bundle);
    Short text;
    bundle_text(l, bundle, &text);
    double width = paint_width(l->view->paint, bundle_style, text.s) + 26, x, y;
    Rect box = {0};
    Quad quad;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        track_point(&track, places[i], &x, &y);
        box = (Rect){x - width / 2, y - 14, width, 28};
        if (places_free(&l->capsules, 0, 0, 0, box, &quad)) break;
    }
    return box;
}

static void draw_bundle(const Ladder *l, const Bundle *bundle, Rect box) {
    Paint *paint = l->view->paint;
    Short text;
    bundle_text(l, bundle, &text);
    paint_box(paint, rect_inset(box, -2, -2), 16, INK_DIM, 1);
    paint_box(paint, box, 14, INK_RAISED, 1);
    paint_text_in(paint, bundle_style, box, ALIGN_CENTER, text.s);
    if (bundle->packet.id) hit_inside(l, box, true, bundle->packet);
}

void ladder_lines(Ladder *l) {
    for (size_t i = 0; i < l->crowd.bundle_count; i++) draw_strands(l, &l->crowd.bundles[i]);
    const Story *story = &l->view->scene->story;
    for (size_t i = 0; i < l->crowd.count; i++) {
        Seen seen;
        if (look_at_flight(l, &story->flights[l->crowd.shown[i]], &seen)) draw_flight_line(l, &seen);
    }
}

void ladder_bundles(Ladder *l) {
    for (size_t i = 0; i < l->crowd.bundle_count; i++) draw_bundle(l, &l->crowd.bundles[i], l->bundle[i]);
}

/* ---- Capsules ---- */

static void capsule_text(const Flight *flight, Short *text) {
    if (flight->icmp_type) {
        short_format(text, "ICMP");
        return;
    }
    char flags[FLAGS_TEXT];
    flags_text(flight->flags, flags);
    if (flight->data_length) short_format(text, "%s +%u", flags, (unsigned)flight->data_length);
    else short_format(text, "%s", flags);
}

static const Style capsule_style = {FACE_BOLD, 13, INK_ON, 1};

static Rect capsule_rect(const Ladder *l, const Seen *seen) {
    Short text;
    capsule_text(seen->flight, &text);
    double width = paint_width(l->view->paint, capsule_style, text.s) + 22 + (seen->held ? 12 : 0), x, y;
    track_point(&seen->track, seen->way, &x, &y);
    double left = fmin(seen->track.x0, seen->track.x1) + width / 2 + 9,
           right = fmax(seen->track.x0, seen->track.x1) - width / 2 - 9;
    if (seen->track.loop) right = x + width, left = seen->track.x0 + width / 2 + 9;
    if (left > right) left = right = (left + right) / 2;
    x = fmin(fmax(x, left), right);
    return (Rect){x - width / 2, y - CAPSULE_HEIGHT / 2, width, CAPSULE_HEIGHT};
}

static bool flies(const Ladder *l, const Flight *flight, Seen *seen) {
    return look_at_flight(l, flight, seen) && seen->seen && !seen->ended;
}

void ladder_reserve_capsules(Ladder *l) {
    const Story *story = &l->view->scene->story;
    for (size_t i = 0; i < l->crowd.count; i++) {
        Seen seen;
        if (flies(l, &story->flights[l->crowd.shown[i]], &seen))
            places_take_rect(&l->capsules, rect_inset(capsule_rect(l, &seen), -3, -3));
    }
    for (size_t i = 0; i < l->crowd.bundle_count; i++) {
        l->bundle[i] = place_bundle(l, &l->crowd.bundles[i]);
        places_take_rect(&l->capsules, l->bundle[i]);
    }
}

static void draw_capsule(const Ladder *l, const Seen *seen) {
    Paint *paint = l->view->paint;
    const Flight *flight = seen->flight;
    Rect box = capsule_rect(l, seen);
    Ink ink = flight_ink(flight);
    bool fresh = flight->born + 1 == l->view->scene->at.step;
    double alpha = fresh ? fmax(0.15, l->view->scene->at.settle) : 1;
    paint_box(paint, rect_inset(box, -2, -2), 14, INK_PANEL, alpha);
    paint_box(paint, box, 12, ink, alpha);
    Rect inside = box;
    if (seen->held) { /* two bars, as on a pause button */
        paint_fill(paint, (Rect){box.x + 9, box.y + 6, 3, box.h - 12}, INK_ON, 1);
        paint_fill(paint, (Rect){box.x + 14, box.y + 6, 3, box.h - 12}, INK_ON, 1);
        inside.x += 12;
        inside.w -= 12;
    }
    Short text;
    capsule_text(flight, &text);
    Style style = capsule_style;
    style.alpha = alpha;
    if (box.y >= l->field.y && box.y + box.h <= l->field.y + l->field.h)
        paint_text_in(paint, style, inside, ALIGN_CENTER, text.s);
    if (seen->corrupted) {
        paint_dash(paint, 4, 3);
        paint_frame(paint, rect_inset(box, -4, -4), 15, INK_RED, 2, 1);
        paint_dash(paint, 0, 0);
    }
    if (selected(l, flight)) paint_frame(paint, rect_inset(box, -5, -5), 16, INK_TEXT, 2, 1);
    hit_inside(l, rect_inset(box, -4, -4), true, flight->packet);
}

void ladder_capsules(Ladder *l) {
    const Story *story = &l->view->scene->story;
    for (size_t i = 0; i < l->crowd.count; i++) {
        Seen seen;
        if (flies(l, &story->flights[l->crowd.shown[i]], &seen)) draw_capsule(l, &seen);
    }
}

/* ---- What is written along a line ---- */

typedef struct Along {
    Short flags, numbers;
    double flags_width, numbers_width;
    Style bold, plain;
} Along;

static void describe(const Ladder *l, const Seen *seen, Along *along) {
    const Flight *flight = seen->flight;
    Language language = l->view->look->language;
    char flags[FLAGS_TEXT];
    Short more = {""}, ack = {""};
    if (seen->fate.copy_of) {
        Short copy;
        short_format(&more, "  %s", word_format(&copy, language, WORD_COPY, seen->fate.copy_of));
    } else if (seen->fate.again) {
        short_format(&more, "  %s", word(language, WORD_AGAIN));
    } else if (seen->fate.forged) {
        short_format(&more, "  %s", word(language, WORD_FORGED));
    } else if (seen->edited) {
        short_format(&more, "  %s", word(language, WORD_EDITED));
    } else if (seen->corrupted) {
        short_format(&more, "  %s", word(language, WORD_CORRUPTED));
    }
    if (flight->flags & FLAG_ACK) short_format(&ack, " ack=%lu", (unsigned long)flight->ack.value);
    Short data = {""};
    if (flight->data_length) short_format(&data, " len=%u", (unsigned)flight->data_length);
    short_format(&along->flags, "%s", flags_text(flight->flags, flags));
    short_format(&along->numbers, "seq=%lu%s%s%s", (unsigned long)flight->seq.value, ack.s, data.s, more.s);
    if (flight->icmp_type) {
        short_format(&along->flags, "ICMP");
        short_format(&along->numbers, "%.100s", icmp_text(flight->icmp_type, flight->icmp_code));
    }
    along->bold = (Style){FACE_BOLD, 12.5, flight_ink(flight), 1};
    along->plain = (Style){FACE_MONO, 11, INK_TEXT, 1};
    along->flags_width = paint_width(l->view->paint, along->bold, along->flags.s);
    along->numbers_width = paint_width(l->view->paint, along->plain, along->numbers.s);
}

/* How a text lies along a line: its middle at `at` of the way; split: the flags above the line, the numbers below. */
typedef struct Manner {
    double at;
    bool split, flags, numbers;
} Manner;

static void put_along(const Ladder *l, const Along *along, const Manner *how, Rect box, double base) {
    Paint *paint = l->view->paint;
    if (how->split) {
        if (how->flags) paint_text(paint, along->bold, 0, base, ALIGN_CENTER, 0, along->flags.s);
        if (how->numbers) paint_text(paint, along->plain, 0, 15, ALIGN_CENTER, 0, along->numbers.s);
        return;
    }
    paint_box(paint, box, 4, INK_PANEL, 0.8); /* for lines that pass behind */
    double x = box.x + 3;
    if (how->flags) x += paint_text(paint, along->bold, x, base, ALIGN_LEFT, 0, along->flags.s) + 8;
    if (how->numbers) paint_text(paint, along->plain, x, base, ALIGN_LEFT, 0, along->numbers.s);
}

/* Writes it there; false where the text would leave the line or lie on another. */
static bool write_along(Ladder *l, const Seen *seen, const Along *along, const Manner *how) {
    double x, y, x0, y0, x1, y1;
    track_point(&seen->track, how->at, &x, &y);
    track_point(&seen->track, 0, &x0, &y0);
    track_point(&seen->track, 1, &x1, &y1);
    bool loop = seen->track.loop;
    double angle = loop ? 0 : atan2(y1 - y0, x1 - x0);
    if (angle > M_PI / 2) angle -= M_PI;
    double flags = how->flags ? along->flags_width : 0, numbers = how->numbers ? along->numbers_width : 0;
    double width = how->split ? fmax(flags, numbers) : flags + numbers + (flags > 0 && numbers > 0 ? 8 : 0);
    double length = hypot(x1 - x0, y1 - y0);
    if (!loop && fabs(how->at - 0.5) * length + width / 2 > length / 2 - 12) return false;
    Rect box = {-width / 2 - 3, -20, width + 6, how->split && numbers > 0 ? 40 : 16};
    double base = -7;
    if (loop) {
        x += width / 2 + 12;
        box = how->split ? (Rect){-width / 2 - 3, -19, width + 6, 38} : (Rect){-width / 2 - 3, -9, width + 6, 18};
        base = how->split ? -3 : 4;
        if (x + width / 2 > l->rect.x + l->rect.w - 130) return false;
    }
    Quad quad;
    if (!places_free(&l->places, x, y, angle, box, &quad)) return false;
    for (int i = 0; i < 4; i++)
        if (quad.y[i] < l->field.y || quad.y[i] > l->field.y + l->field.h) return false;
    places_take(&l->places, &quad);
    if (!places_free(&l->capsules, x, y, angle, box, &quad)) return true; /* a packet in flight covers it now */
    Paint *paint = l->view->paint;
    paint_save(paint);
    paint_translate(paint, x, y);
    paint_rotate(paint, angle);
    put_along(l, along, how, box, base);
    paint_restore(paint);
    return true;
}

static void draw_label(Ladder *l, const Seen *seen) {
    static const double middle[] = {0.5, 0.42, 0.58, 0.34, 0.66}, aside[] = {0.26, 0.3, 0.22, 0.34, 0.18};
    static const double ahead[] = {0.36, 0.4, 0.44, 0.32, 0.5};
    Along along;
    describe(l, seen, &along);
    bool lost = seen->ended && seen->fate.state == FLIGHT_LOST,
         crosses = story_crosses(&l->view->scene->story, seen->flight);
    const double *at = crosses ? (seen->ended ? aside : ahead) : middle;
    double from = seen->track.from, part = lost && !crosses ? seen->track.reach : 1;
    Manner how = {.flags = seen->ended, .split = seen->ended && (crosses || lost || seen->track.loop)};
    for (int numbers = 1; numbers >= (seen->ended ? 0 : 1); numbers--)
        for (size_t i = 0; i < 5; i++) {
            how.numbers = numbers > 0;
            how.at = from + (1 - from) * at[i] * part;
            if (write_along(l, seen, &along, &how)) return;
        }
}

void ladder_labels(Ladder *l) {
    const Story *story = &l->view->scene->story;
    for (size_t i = 0; i < l->crowd.count; i++) {
        Seen seen;
        if (!look_at_flight(l, &story->flights[l->crowd.shown[i]], &seen) || !seen.seen) continue;
        draw_label(l, &seen);
        double x, y;
        track_point(&seen.track, 0.5, &x, &y);
        if (seen.ended) hit_inside(l, (Rect){x - 110, y - 20, 220, 36}, false, seen.flight->packet);
    }
}
