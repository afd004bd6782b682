/* flights.c - the packets of the ladder: their lines, and a capsule at the place of each packet in flight.
 *
 * Packets of one kind that are sent and arrive at the same moments travel as a group: strands beside each other up to
 * STRANDS, a band above. What is special about one of them (lost, selected, held ...) takes it out of its group.
 */
#include "ladder.h"

#include <math.h>
#include <stdlib.h>

#define CAPSULE_HEIGHT 23.0
#define STRAND_APART 4.0
enum { STRANDS = 8 };

/* ---- Looking ---- */

static bool is_chosen(const Ladder *l, const Flight *flight) {
    PacketId id = l->view->look->selected;
    return id.id && id.id == flight->packet.id && id.born == flight->packet.born;
}

static void drag(const Ladder *l, Seen *seen) {
    const StageLook *look = l->view->look;
    if (!look->dragging || !seen->seen || seen->ended || !seen->chosen || !seen->track.count) return;
    TrackPoint *last = &seen->track.at[seen->track.count - 1];
    last->y = fmax(last->y + look->drag_y, seen->track.at[0].y + 12);
}

static bool look_at_flight(const Ladder *l, const Flight *flight, Seen *seen) {
    const Scene *scene = l->view->scene;
    *seen = (Seen){.flight = flight, .seen = flight_seen(scene, flight), .chosen = is_chosen(l, flight)};
    if (!seen->seen && !scene->ahead) return false;
    if (!seen->seen || !flight_fate(scene, flight, &seen->fate)) seen->fate = story_fate(&scene->story, flight);
    seen->ended = flight_ended(scene, flight);
    seen->track = ladder_track(scene, l->rect, l->scroll, flight);
    drag(l, seen);
    if (!seen->track.count) return false;
    double top = seen->track.at[0].y, bottom = seen->track.at[seen->track.count - 1].y;
    return bottom >= l->field.y - 30 && top <= l->field.y + l->field.h + 30;
}

static bool is_plain(const Seen *seen) {
    const FlightView *fate = &seen->fate;
    return !seen->chosen && !fate->held && !fate->corrupted && !fate->edited && !fate->copy_of && !fate->forged &&
           !fate->delayed && fate->state != FLIGHT_LOST && !seen->flight->icmp_type;
}

static bool same_way(const Seen *a, const Seen *b) {
    if (a->flight->way != b->flight->way || a->track.count != b->track.count) return false;
    for (int i = 0; i < a->track.count; i++)
        if (fabs(a->track.at[i].y - b->track.at[i].y) > 1e-6 || fabs(a->track.at[i].way - b->track.at[i].way) > 1e-9)
            return false;
    return true;
}

static bool same_kind(const Seen *a, const Seen *b) {
    return a->flight->flags == b->flight->flags && !a->flight->data_length == !b->flight->data_length &&
           a->fate.again == b->fate.again && a->seen == b->seen && a->ended == b->ended && is_plain(a) && is_plain(b);
}

static bool same_height(const Seen *a, const Seen *b) { return fabs(a->flight->y0 - b->flight->y0) < 1e-6; }

/* Packets of a group are sent at the same moment, so that they stand near each other. */
static void make_groups(Ladder *l) {
    for (uint32_t i = 0; i < l->seen_count; i++) {
        Seen *seen = &l->seen[i];
        seen->group = i;
        seen->members = 1;
        for (uint32_t k = i; k-- > 0 && same_height(&l->seen[k], seen);) {
            k = l->seen[k].group;
            if (!same_kind(&l->seen[k], seen) || !same_way(&l->seen[k], seen)) continue;
            seen->group = k;
            seen->rank = l->seen[k].members++;
            break;
        }
    }
}

/* The groups that share a line lie beside each other: each of their lines is moved up or down. */
static void spread(Ladder *l) {
    enum { NEAR = 64 };
    for (uint32_t i = 0; i < l->seen_count; i++) {
        Seen *seen = &l->seen[i];
        seen->lines = seen->first_line = 0;
        if (seen->group != i) continue;
        for (uint32_t k = i < NEAR ? 0 : i - NEAR; k < l->seen_count && k < i + NEAR; k++) {
            const Seen *other = &l->seen[k];
            if (other->group != k || !same_height(other, seen) || (k != i && !same_way(other, seen))) continue;
            uint32_t strands = other->members < STRANDS ? other->members : STRANDS;
            seen->lines += strands;
            if (k < i) seen->first_line += strands;
        }
    }
}

static void move_aside(Ladder *l) {
    for (uint32_t i = 0; i < l->seen_count; i++) {
        Seen *seen = &l->seen[i];
        const Seen *first = &l->seen[seen->group];
        uint32_t rank = seen->group == i ? 0 : seen->rank < STRANDS ? seen->rank : STRANDS - 1;
        double aside = (first->first_line + rank - (first->lines - 1) / 2.0) * STRAND_APART;
        for (int k = 0; k < seen->track.count; k++) seen->track.at[k].y += aside;
    }
}

void ladder_look(Ladder *l) {
    const Story *story = &l->view->scene->story;
    l->seen = calloc(l->crowd.count + 1, sizeof *l->seen);
    for (size_t i = 0; l->seen && i < l->crowd.count; i++)
        if (look_at_flight(l, &story->flights[l->crowd.shown[i]], &l->seen[l->seen_count])) l->seen_count++;
    make_groups(l);
    spread(l);
    move_aside(l);
}

bool seen_leads(const Ladder *l, const Seen *seen) { return &l->seen[seen->group] == seen; }

/* What has scrolled out cannot be pressed. */
static void hit_inside(const Ladder *l, Rect rect, bool flies, PacketId packet) {
    double top = fmax(rect.y, l->field.y), bottom = fmin(rect.y + rect.h, l->field.y + l->field.h);
    if (bottom > top) view_hit(l->view, (Rect){rect.x, top, rect.w, bottom - top}, ACT_PACKET, flies, packet);
}

/* ---- Lines ---- */

Ink flight_ink(const Flight *flight) {
    return flight->icmp_type ? INK_RED : flags_ink(flight->flags, flight->data_length);
}

/* From one point of the track to another. */
static void track_path(Paint *paint, const Track *track, int from, int to, double aside) {
    enum { BEND = 24 };
    double x, y;
    track_place(track, from, &x, &y);
    path_move(paint, x, y + aside);
    for (int i = from + 1; i <= to; i++) {
        double begin = track->at[i - 1].way, end = track->at[i].way;
        for (int k = 1; track->loop && k < BEND; k++) {
            track_point(track, begin + (end - begin) * k / BEND, &x, &y);
            path_line(paint, x, y + aside);
        }
        track_place(track, i, &x, &y);
        path_line(paint, x, y + aside);
    }
}

static void draw_track(const Ladder *l, const Seen *seen, int from, int to, double width, double alpha) {
    if (to <= from) return;
    track_path(l->view->paint, &seen->track, from, to, 0);
    path_stroke(l->view->paint, flight_ink(seen->flight), width, alpha);
}

/* What is still to come. */
static void draw_ahead(const Ladder *l, const Seen *seen, double alpha) {
    paint_dash(l->view->paint, 1.5, 4);
    draw_track(l, seen, seen->track.now, seen->track.count - 1, 1.4, alpha);
    paint_dash(l->view->paint, 0, 0);
}

static void draw_tip(const Ladder *l, const Seen *seen, double alpha) {
    const Track *track = &seen->track;
    double x0, y0, x1, y1, way = track->at[track->count - 1].way;
    if (way < 1) return;
    track_point(track, way - 0.03, &x0, &y0);
    track_place(track, track->count - 1, &x1, &y1);
    if (track->count > 1 && track->at[track->count - 2].way > way - 0.03)
        track_place(track, track->count - 2, &x0, &y0);
    paint_head(l->view->paint, x1 + (x1 > x0 ? -2 : 2), y1, x1 - x0, y1 - y0, 10, flight_ink(seen->flight), alpha);
}

const char *loss_text(const Ladder *l, const Seen *seen) {
    return translated(l->view->look->language, drop_text(seen->fate.reason));
}

/* Where it was lost. */
static void loss_place(const Seen *seen, double *x, double *y) {
    const Track *track = &seen->track;
    double way = track->at[track->count - 1].way;
    track_point(track, seen->fate.arrival == EVENT_NONE ? way : 0.96, x, y);
}

bool is_stub(const Seen *seen) {
    const Track *track = &seen->track;
    return is_lost(seen) && fabs((track->at[track->count - 1].way - track->at[0].way) * (track->x1 - track->x0)) < 60;
}

bool is_lost(const Seen *seen) { return seen->fate.state == FLIGHT_LOST && (seen->ended || !seen->seen); }

static void draw_loss(Ladder *l, const Seen *seen, double alpha) {
    double x, y;
    loss_place(seen, &x, &y);
    paint_cross(l->view->paint, x, y, 7, INK_RED, alpha);
    Quad cross = quad_rect((Rect){x - 9, y - 9, 18, 18});
    places_take(&l->texts, &cross);
    if (is_stub(seen)) return; /* labels.c says why behind its cross */
    const char *text = loss_text(l, seen);
    Style style = {FACE_BOLD, 12, INK_RED, alpha};
    double width = paint_width(l->view->paint, style, text);
    double side = seen->track.x1 >= seen->track.x0 ? 1 : -1, near = side > 0 ? x + 14 : x - 14 - width,
           back = side > 0 ? x - 14 - width : x + 14;
    /* Beside the host's line stand its states: below, inside. */
    bool arrived = seen->fate.arrival != EVENT_NONE;
    const Rect places[] = {{near, y - 2, width, 16},
                           {near, y - 16, width, 16},
                           {back, y + 4, width, 16},
                           {side > 0 ? x - width : x, y + 10, width, 16},
                           {x - width / 2, y + 22, width, 16}};
    for (size_t i = arrived ? 3 : 0; i < sizeof places / sizeof *places; i++) {
        Rect box = places[i];
        Quad quad = quad_rect(rect_inset(box, -3, -1));
        if (!rect_inside(l->field, box) || !places_free(&l->texts, &quad)) continue;
        paint_box(l->view->paint, rect_inset(box, -2, 0), 3, INK_PANEL, 0.9); /* for lines that pass behind */
        places_take(&l->texts, &quad);
        paint_text_in(l->view->paint, style, box, ALIGN_LEFT, text);
        return;
    }
}

/* More than are drawn one by one. */
static void draw_band(const Ladder *l, const Seen *seen) {
    Paint *paint = l->view->paint;
    const Track *track = &seen->track;
    double tall = (STRANDS - 1) * STRAND_APART, x, y;
    track_path(paint, track, 0, track->now, 0);
    for (int i = track->now; i >= 0; i--) {
        track_place(track, i, &x, &y);
        path_line(paint, x, y + tall);
    }
    path_close(paint);
    path_fill(paint, flight_ink(seen->flight), 0.16);
    for (int side = 0; side < 2; side++) {
        track_path(paint, track, 0, track->now, side * tall);
        path_stroke(paint, flight_ink(seen->flight), 1.6, 1);
    }
}

/* The ends of packets that were sent, or arrived, at one moment. */
static void draw_tie(const Ladder *l, const Seen *seen) {
    if (seen->members < 2 || !seen->seen) return;
    double tall = ((seen->members < STRANDS ? seen->members : STRANDS) - 1) * STRAND_APART, x, y;
    track_place(&seen->track, 0, &x, &y);
    paint_fill(l->view->paint, (Rect){x - 2, y - 3, 4, tall + 6}, INK_TEXT, 1);
    if (!seen->ended) return;
    track_place(&seen->track, seen->track.count - 1, &x, &y);
    paint_fill(l->view->paint, (Rect){x - 2, y - 3, 4, tall + 6}, INK_TEXT, 1);
}

static void draw_line(Ladder *l, const Seen *seen) {
    const Track *track = &seen->track;
    int last = track->count - 1;
    bool lost = is_lost(seen), whole = l->seen[seen->group].members <= STRANDS;
    double width = seen->flight->data_length || seen->flight->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST) ? 2.2 : 1.7;
    if (!seen->seen) { /* it was undone: pale */
        paint_dash(l->view->paint, 5, 5);
        draw_track(l, seen, 0, last, 1.5, 0.3);
        paint_dash(l->view->paint, 0, 0);
        return;
    }
    if (!whole && !seen_leads(l, seen)) return;
    if (!whole) draw_band(l, seen);
    if (seen->chosen) draw_track(l, seen, 0, track->now, 8, 0.18);
    double alpha = seen->ended && l->view->scene->at.step - seen->flight->ended > 12 ? 0.8 : 1;
    if (seen->fate.again) paint_dash(l->view->paint, 6, 4);
    if (whole) draw_track(l, seen, 0, track->now, seen->chosen ? width + 0.8 : width, alpha);
    paint_dash(l->view->paint, 0, 0);
    if (!seen->ended) draw_ahead(l, seen, 0.6);
    if (!lost) draw_tip(l, seen, seen->ended ? alpha : 0.45);
    if (seen_leads(l, seen)) draw_tie(l, seen);
    bool now = seen->flight->ended + 1 == l->view->scene->at.step;
    if (lost) draw_loss(l, seen, now ? fmax(l->view->scene->at.settle, 0.1) : 1);
}

/* ---- What was done to a packet on its way ---- */

/* A duplicate forks from its original where that was. */
static void draw_fork(const Ladder *l, const Seen *seen) {
    double x, y;
    if (!seen->fate.copy_of || !seen->seen) return;
    track_place(&seen->track, 0, &x, &y);
    paint_disc(l->view->paint, x, y, 4, INK_PANEL, 1);
    path_arc(l->view->paint, x, y, 4, 0, 2 * M_PI);
    path_stroke(l->view->paint, flight_ink(seen->flight), 1.6, 1);
}

static void draw_kink(const Ladder *l, const Seen *seen) {
    enum { EVENTS = 32 };
    const Scene *scene = l->view->scene;
    uint32_t list[EVENTS], index = (uint32_t)(seen->flight - scene->story.flights);
    if (!seen->fate.corrupted || !seen->seen) return;
    size_t count = flights_events(scene->story.model, index, scene->events, list, EVENTS);
    for (size_t i = 0; i < count && i < EVENTS; i++) {
        const Event event = trace_at(scene->story.trace, list[i]);
        if (event.kind != EVENT_CORRUPT) continue;
        Legs legs;
        double x, y;
        flight_legs(&scene->story, seen->flight, scene->events, &legs);
        track_point(&seen->track, legs_at(&legs, event.time), &x, &y);
        path_move(l->view->paint, x - 9, y);
        path_line(l->view->paint, x - 3, y - 7);
        path_line(l->view->paint, x + 3, y + 7);
        path_line(l->view->paint, x + 9, y);
        path_stroke(l->view->paint, INK_RED, 1.8, 1);
    }
}

/* The lost packet whose bytes it carries again. */
static const Seen *lost_original(const Ladder *l, const Seen *seen) {
    for (size_t i = 0; i < l->seen_count; i++) {
        const Seen *other = &l->seen[i];
        bool same = other->flight->stream == seen->flight->stream && seq_eq(other->flight->seq, seen->flight->seq) &&
                    other->flight->data_length == seen->flight->data_length;
        if (other->flight < seen->flight && same && other->seen && is_lost(other)) return other;
    }
    return NULL;
}

static void draw_thread(const Ladder *l, const Seen *seen) {
    const Seen *lost = seen->fate.again && seen->seen && !seen->fate.copy_of ? lost_original(l, seen) : NULL;
    double x0, y0, x1, y1;
    if (!lost) return;
    loss_place(lost, &x0, &y0);
    track_place(&seen->track, 0, &x1, &y1);
    double bow = seen->track.x1 > seen->track.x0 ? -24 : 24;
    paint_dash(l->view->paint, 1.5, 3);
    path_move(l->view->paint, x0, y0 + 9);
    path_curve(l->view->paint, x0 + bow, y0 + (y1 - y0) * 0.4, x1 - bow, y0 + (y1 - y0) * 0.7, x1, y1);
    path_stroke(l->view->paint, INK_RED, 1.2, 0.8);
    paint_dash(l->view->paint, 0, 0);
}

static void take_line(Ladder *l, const Seen *seen) {
    double x0, y0, x1, y1;
    track_place(&seen->track, 0, &x0, &y0);
    for (int i = 1; i < seen->track.count; i++, x0 = x1, y0 = y1) {
        track_place(&seen->track, i, &x1, &y1);
        if (fmin(y0, y1) > l->field.y + l->field.h || fmax(y0, y1) < l->field.y) continue;
        Quad quad = quad_line(x0, y0, x1, y1, 2);
        places_take(&l->lines, &quad);
    }
}

static void note_line(const Ladder *l, const Seen *seen) {
    static const double places[] = {0.2, 0.4, 0.6, 0.8};
    const Track *track = &seen->track;
    double begin = track->at[0].way, end = track->at[track->count - 1].way;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        double x, y;
        track_point(track, begin + (end - begin) * places[i], &x, &y);
        hit_inside(l, (Rect){x - 34, y - 9, 68, 18}, !seen->ended, seen->flight->packet);
    }
}

/* ---- Bundles: packets that are not drawn one by one ---- */

/* Those of a run take the way of its last; of the others no end is in sight: they run from above what is seen to below
 * it. */
static Track bundle_track(const Ladder *l, const Bundle *bundle) {
    const Scene *scene = l->view->scene;
    const Way *way = &scene->story.ways[bundle->way];
    size_t flight = bundle->run && bundle->packet.id ? story_flight(&scene->story, bundle->packet) : SIZE_MAX;
    if (flight != SIZE_MAX) return ladder_track(scene, l->rect, l->scroll, &scene->story.flights[flight]);
    double beyond = l->field.h * 0.12;
    return (Track){.x0 = ladder_x(scene, l->rect, way->from),
                   .x1 = ladder_x(scene, l->rect, way->to),
                   .at = {{0, l->field.y - beyond}, {1, l->field.y + l->field.h + beyond}},
                   .count = 2,
                   .now = 1,
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
        double aside = (bundle->run ? STRAND_APART : l->field.h * 0.05) * (i - strands / 2);
        track_path(paint, &track, 0, track.count - 1, aside);
        path_stroke(paint, INK_DIM, 1.4, 0.45);
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
        quad = quad_rect(box);
        if (places_free(&l->texts, &quad)) break;
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
    for (size_t i = 0; i < l->seen_count; i++) draw_thread(l, &l->seen[i]);
    for (size_t i = 0; i < l->seen_count; i++) {
        draw_line(l, &l->seen[i]);
        take_line(l, &l->seen[i]);
        if (l->seen[i].seen) note_line(l, &l->seen[i]);
    }
    for (size_t i = 0; i < l->seen_count; i++) {
        draw_fork(l, &l->seen[i]);
        draw_kink(l, &l->seen[i]);
    }
}

void ladder_bundles(Ladder *l) {
    for (size_t i = 0; i < l->crowd.bundle_count; i++) draw_bundle(l, &l->crowd.bundles[i], l->bundle[i]);
}

/* ---- Capsules ---- */

static const Style capsule_style = {FACE_BOLD, 12.5, INK_ON, 1};

static bool flies(const Ladder *l, const Seen *seen) { return seen->seen && !seen->ended && seen_leads(l, seen); }

static Rect capsule_rect(const Ladder *l, const Seen *seen) {
    Short text;
    capsule_text(l, seen, &text);
    double width = paint_width(l->view->paint, capsule_style, text.s) + 20 + (seen->fate.state == FLIGHT_HELD ? 12 : 0);
    const Track *track = &seen->track;
    double x, y;
    track_place(track, track->now, &x, &y);
    y += (seen->members - 1) * STRAND_APART / 2;
    double left = fmin(track->x0, track->x1) + width / 2 + 8, right = fmax(track->x0, track->x1) - width / 2 - 8;
    if (track->loop) right = x + width, left = track->x0 + width / 2 + 8;
    if (left > right) left = right = (left + right) / 2;
    x = fmin(fmax(x, left), right);
    return (Rect){x - width / 2, y - CAPSULE_HEIGHT / 2, width, CAPSULE_HEIGHT};
}

static bool rects_meet(const Rect *a, const Rect *b) {
    return a->x < b->x + b->w + 4 && b->x < a->x + a->w + 4 && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* One of the capsules before it that it would lie over; NULL. */
static const Seen *covered(const Ladder *l, const Seen *seen, size_t before) {
    for (size_t i = 0; i < before; i++)
        if (flies(l, &l->seen[i]) && rects_meet(&l->seen[i].capsule, &seen->capsule)) return &l->seen[i];
    return NULL;
}

/* Those that would lie over each other stand in a row: behind the others, else before them, else below. */
static void place_capsule(const Ladder *l, Seen *seen, size_t before) {
    enum { TRIES = 16 };
    const Rect own = capsule_rect(l, seen);
    double left = fmin(seen->track.x0, seen->track.x1), right = fmax(seen->track.x0, seen->track.x1);
    double back = seen->track.x1 >= seen->track.x0 ? -1 : 1;
    for (int way = 0; way < 3; way++) {
        const Seen *other;
        seen->capsule = own;
        if (way == 1) back = -back;
        for (int i = 0; i < TRIES && (other = covered(l, seen, before)); i++) {
            const Rect *a = &other->capsule;
            if (way == 2) seen->capsule.y = a->y + a->h + 2;
            else seen->capsule.x = back > 0 ? a->x + a->w + 5 : a->x - own.w - 5;
        }
        if (seen->capsule.x > left && seen->capsule.x + own.w < right) return;
    }
}

void ladder_reserve_capsules(Ladder *l) {
    for (size_t i = 0; i < l->seen_count; i++) {
        Seen *seen = &l->seen[i];
        if (!flies(l, seen)) continue;
        place_capsule(l, seen, i);
        Quad quad = quad_rect(rect_inset(seen->capsule, -3, -2));
        places_take(&l->texts, &quad);
    }
    for (size_t i = 0; i < l->crowd.bundle_count; i++) {
        l->bundle[i] = place_bundle(l, &l->crowd.bundles[i]);
        Quad quad = quad_rect(l->bundle[i]);
        places_take(&l->texts, &quad);
    }
}

static void draw_pause(const Ladder *l, Rect box, Ink ink) { /* two bars, as on a pause button */
    paint_fill(l->view->paint, (Rect){box.x + 9, box.y + 6, 3, box.h - 12}, ink, 1);
    paint_fill(l->view->paint, (Rect){box.x + 14, box.y + 6, 3, box.h - 12}, ink, 1);
}

static void draw_capsule(const Ladder *l, const Seen *seen) {
    Paint *paint = l->view->paint;
    Rect box = seen->capsule, inside = box;
    Ink ink = flight_ink(seen->flight);
    bool fresh = seen->flight->born + 1 == l->view->scene->at.step, hollow = seen->fate.again;
    double alpha = fresh ? fmax(0.15, l->view->scene->at.settle) : 1;
    paint_box(paint, rect_inset(box, -2, -2), 14, INK_PANEL, alpha);
    if (hollow) {
        paint_dash(paint, 4, 3);
        paint_frame(paint, box, 11, ink, 1.8, alpha);
        paint_dash(paint, 0, 0);
    } else {
        paint_box(paint, box, 11, ink, alpha);
    }
    Style style = capsule_style;
    style.alpha = alpha;
    if (hollow) style.ink = ink;
    if (seen->fate.state == FLIGHT_HELD) {
        draw_pause(l, box, style.ink);
        inside.x += 12;
        inside.w -= 12;
    }
    Short text;
    capsule_text(l, seen, &text);
    if (rect_inside(l->field, box)) paint_text_in(paint, style, inside, ALIGN_CENTER, text.s);
    if (seen->fate.corrupted) paint_frame(paint, rect_inset(box, -4, -4), 15, INK_RED, 2, 1);
    if (seen->chosen) paint_frame(paint, rect_inset(box, -5, -5), 16, INK_TEXT, 2, 1);
    hit_inside(l, rect_inset(box, -4, -4), true, seen->flight->packet);
}

void ladder_capsules(Ladder *l) {
    for (size_t i = 0; i < l->seen_count; i++)
        if (flies(l, &l->seen[i])) draw_capsule(l, &l->seen[i]);
}
