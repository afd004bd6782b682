/* scenes.c - every view on a paint that only records: what stands where, and that nothing overlaps, leaves its place or
 * is cut off. Linked without cairo, SDL or a font. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>

#include "../../repl/view/ladder.h"
#include "../ui/stage_lab.h"
#include "record/shapes.h"

typedef struct Picture {
    Session *session;
    Scene *scene;
    Paint *paint;
    StageLook look;
    Hits *hits;
    int width, height;
} Picture;

static Picture picture_of(void (*reach)(Session *session), double approach) {
    Picture p = {.session = lab_new_session(),
                 .scene = scene_new(),
                 .paint = record_new(NULL),
                 .look = STAGE_LOOK,
                 .hits = calloc(1, sizeof *p.hits)};
    reach(p.session);
    Playhead at = playhead_now(p.session);
    if (approach > 0) at = (Playhead){at.step - 1, 1, approach};
    scene_update(p.scene, p.session, at);
    return p;
}

static void draw(Picture *p, int width, int height) {
    p->width = width;
    p->height = height;
    draw_stage(p->paint, width, height, &p->look, p->session, p->scene, p->hits);
}

static void picture_free(Picture *p) {
    free(p->hits);
    paint_free(p->paint);
    scene_free(p->scene);
    session_free(p->session);
}

static const int sizes[][2] = {{320, 200},   {640, 400},   {1024, 640},  {1280, 800}, {700, 1200},
                               {1920, 1080}, {2560, 1440}, {3840, 2160}, {7680, 4320}};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* ---- Nothing overlaps, nothing leaves its place ---- */

/* What is seen of a figure: inside its clip. */
static Rect visible(const Drawn *drawn) {
    Rect clip = drawn->clip;
    double x0 = clip.x + clip.w, y0 = clip.y + clip.h, x1 = clip.x, y1 = clip.y;
    for (int i = 0; i < 4; i++) {
        x0 = fmin(x0, drawn->corner[i].x), x1 = fmax(x1, drawn->corner[i].x);
        y0 = fmin(y0, drawn->corner[i].y), y1 = fmax(y1, drawn->corner[i].y);
    }
    x0 = fmax(x0, clip.x), y0 = fmax(y0, clip.y);
    x1 = fmin(x1, clip.x + clip.w), y1 = fmin(y1, clip.y + clip.h);
    return (Rect){x0, y0, x1 - x0, y1 - y0};
}

static bool is_within(Rect outer, Rect inner, double slack) {
    return inner.x >= outer.x - slack && inner.y >= outer.y - slack && inner.x + inner.w <= outer.x + outer.w + slack &&
           inner.y + inner.h <= outer.y + outer.h + slack;
}

/* Figures may be a border (2 logical pixels) larger than their panel; the glow and shade behind menus are such. */
static int figure_faults(const Picture *p, const char *name) {
    size_t count;
    const Drawn *drawn = record_drawn(p->paint, &count);
    const Rect window = {0, 0, p->width, p->height};
    double border = 2 * layout_of(p->width, p->height, &p->look).scale;
    int faults = 0;
    for (size_t i = 0; i < count; i++) {
        Rect seen = visible(&drawn[i]);
        if (seen.w <= 0 || seen.h <= 0) continue;
        bool inside = is_within(window, seen, 0.01), home = is_within(drawn[i].panel, seen, border);
        if (inside && (home || is_text(&drawn[i]))) continue;
        faults++;
        print_error("%s %dx%d: figure %zu (kind %d, #%06x) leaves its %s: %.1f,%.1f %.1fx%.1f, %.1f,%.1f %.1fx%.1f\n",
                    name, p->width, p->height, i, (int)drawn[i].kind, (unsigned)drawn[i].rgb,
                    inside ? "panel" : "window", seen.x, seen.y, seen.w, seen.h, drawn[i].panel.x, drawn[i].panel.y,
                    drawn[i].panel.w, drawn[i].panel.h);
    }
    return faults;
}

static int faults_of(const Picture *p, const char *name) {
    assert_int_equal(record_depth(p->paint), 0);
    return text_faults(p->paint, name, p->width, p->height) + figure_faults(p, name);
}

static void test_nothing_overlaps_or_leaves(void **state) {
    (void)state;
    int faults = 0;
    for (size_t m = 0; m < MOMENTS; m++) {
        Picture p = picture_of(moments[m].reach, moments[m].approach);
        for (Language language = 0; language < LANGUAGE_COUNT; language++)
            for (size_t i = 0; i < SIZES; i++) {
                p.look.language = language;
                draw(&p, sizes[i][0], sizes[i][1]);
                faults += faults_of(&p, moments[m].name);
            }
        picture_free(&p);
    }
    assert_int_equal(faults, 0);
}

/* Every step of a scene that has all of it, with the playhead on its way. */
static void test_nor_on_the_way(void **state) {
    (void)state;
    static void (*const scenes[])(Session *) = {lab_closed, lab_corrupt, lab_simultaneous_close, lab_burst};
    int faults = 0;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        Picture p = picture_of(scenes[i], 0);
        for (uint32_t step = 0; step < session_steps(p.session); step++)
            for (int part = 0; part < 4; part++) {
                char name[48];
                snprintf(name, sizeof name, "scene %zu, step %u and %d/4", i, (unsigned)step, part);
                scene_update(p.scene, p.session, (Playhead){step, 1, part / 4.0});
                draw(&p, 1280, 800);
                faults += faults_of(&p, name);
            }
        picture_free(&p);
    }
    assert_int_equal(faults, 0);
}

static void test_looks(void **state) {
    (void)state;
    int faults = 0;
    Picture p = picture_of(lab_syn, 0);
    for (Language language = 0; language < LANGUAGE_COUNT; language++)
        for (unsigned panels = 0; panels <= PANEL_ALL; panels++) {
            p.look = STAGE_LOOK;
            p.look.language = language;
            p.look.panels = panels;
            p.look.help = panels == 0;
            p.look.menu = panels == 1;
            p.look.menu_x = p.look.menu_y = 5000; /* it stays inside */
            p.look.selected = packet(p.session, 0);
            p.look.bare = panels == 2;
            p.look.toast = panels == 3 ? "twomsl-1.png" : NULL;
            p.look.title = "Why three?";
            p.look.caption = "B has answered, and does not know whether A has received the answer.";
            draw(&p, 1280, 800);
            faults += faults_of(&p, "looks");
        }
    picture_free(&p);
    assert_int_equal(faults, 0);
}

/* The panel that explains, over each moment and size; and a time line that is widened. */
static void test_why_and_zoom(void **state) {
    (void)state;
    int faults = 0;
    for (size_t m = 0; m < MOMENTS; m++) {
        Picture p = picture_of(moments[m].reach, moments[m].approach);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            p.look = STAGE_LOOK;
            p.look.why = true;
            p.look.stretch = 3;
            p.look.language = (Language)(i % LANGUAGE_COUNT);
            p.look.present = i == 1;
            p.look.line_from = timeline_follow(p.scene, &p.look);
            draw(&p, sizes[i][0], sizes[i][1]);
            faults += faults_of(&p, moments[m].name);
        }
        picture_free(&p);
    }
    assert_int_equal(faults, 0);
}

/* The tests above must be able to fail. */
static void test_faults_are_noticed(void **state) {
    (void)state;
    Paint *paint = record_new(NULL);
    paint_begin(paint, THEME_DARK);
    paint_panel(paint, (Rect){0, 0, 200, 100});
    Style style = {FACE_TEXT, 14, INK_TEXT, 1};
    paint_text(paint, style, 20, 40, ALIGN_LEFT, 0, "one");
    paint_text(paint, style, 30, 42, ALIGN_LEFT, 0, "two");
    paint_text(paint, style, 20, 70, ALIGN_LEFT, 0, "three");
    assert_int_equal(text_faults(paint, "expected", 200, 100), 1);
    paint_text(paint, style, 190, 70, ALIGN_LEFT, 0, "outside");
    assert_int_equal(text_faults(paint, "expected", 200, 100), 2);
    paint_text(paint, style, 100, 20, ALIGN_LEFT, 30, "much too long");
    assert_int_equal(text_faults(paint, "expected", 200, 100), 3);
    paint_save(paint);
    paint_clip(paint, (Rect){0, 80, 200, 10});
    paint_text(paint, style, 20, 90, ALIGN_LEFT, 0, "half of it");
    paint_restore(paint);
    assert_int_equal(text_faults(paint, "expected", 200, 100), 4);
    Picture p = {.paint = paint, .look = STAGE_LOOK, .width = 200, .height = 100};
    assert_int_equal(figure_faults(&p, "expected"), 1); /* the text that leaves the window */
    paint_line(paint, 10, 10, 10, 140, INK_TEXT, 2, 1);
    paint_save(paint);
    paint_clip(paint, (Rect){0, 0, 200, 100});
    paint_line(paint, 20, 10, 20, 140, INK_TEXT, 2, 1); /* not seen there */
    paint_restore(paint);
    assert_int_equal(figure_faults(&p, "expected"), 2);
    paint_free(paint);
}

/* ---- The record itself ---- */

static void test_transform_and_state(void **state) {
    (void)state;
    Paint *paint = record_new(NULL);
    paint_begin(paint, THEME_LIGHT);
    paint_save(paint);
    paint_translate(paint, 100, 50);
    paint_scale(paint, 2, 2);
    paint_opacity(paint, 0.5);
    paint_dash(paint, 3, 1);
    paint_save(paint);
    paint_rotate(paint, M_PI / 2);
    paint_opacity(paint, 0.5);
    paint_line(paint, 0, 0, 10, 0, INK_RED, 1, 0.8);
    paint_restore(paint);
    paint_line(paint, 0, 0, 10, 0, INK_RED, 1, 1);
    paint_restore(paint);
    paint_line(paint, 0, 0, 10, 0, INK_RED, 1, 1);
    size_t count;
    const Drawn *drawn = record_drawn(paint, &count);
    assert_int_equal(count, 3);
    const Point *end = record_point(paint, drawn[0].first + 1);
    assert_true(hypot(end->x - 100, end->y - 70) < 1e-9);
    assert_true(fabs(drawn[0].alpha - 0.2) < 1e-9 && fabs(drawn[1].alpha - 0.5) < 1e-9 && drawn[2].alpha >= 1);
    assert_true(drawn[1].width == 2 && drawn[1].dash == 6 && drawn[2].dash == 0);
    assert_int_equal(drawn[0].rgb, ink_rgb(THEME_LIGHT, INK_RED));
    assert_int_equal(record_depth(paint), 0);
    paint_free(paint);
}

static bool same_hits(const Hits *a, const Hits *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const Hit *one = &a->hit[i], *two = &b->hit[i];
        if (memcmp(&one->rect, &two->rect, sizeof one->rect) != 0 || one->action != two->action ||
            one->value != two->value || one->packet.id != two->packet.id)
            return false;
    }
    return true;
}

/* Drawing changes nothing: the second picture is the first, also after another one in between. */
static void test_same_scene_same_record(void **state) {
    (void)state;
    for (size_t m = 0; m < MOMENTS; m++) {
        Picture p = picture_of(moments[m].reach, moments[m].approach);
        uint64_t digest = world_digest(session_world(p.session));
        draw(&p, 1280, 800);
        size_t count, again;
        const Drawn *drawn = record_drawn(p.paint, &count);
        assert_true(count > 100);
        Drawn *first = malloc(count * sizeof *first);
        assert_non_null(first);
        memcpy(first, drawn, count * sizeof *first);
        Hits hits = *p.hits;
        p.look.language = LANGUAGE_ZH_CN;
        draw(&p, 640, 400);
        p.look.language = LANGUAGE_EN;
        draw(&p, 1280, 800);
        drawn = record_drawn(p.paint, &again);
        if (again != count || memcmp(first, drawn, count * sizeof *first) != 0 || !same_hits(&hits, p.hits))
            fail_msg("%s: drawn again it is another picture", moments[m].name);
        assert_true(world_digest(session_world(p.session)) == digest);
        free(first);
        picture_free(&p);
    }
}

/* ---- Packets stand where their virtual time says ---- */

static Event sending(const Picture *p, PacketId packet) {
    const Trace *trace = session_trace(p->session);
    for (uint32_t i = 0; i < trace_count(trace); i++) {
        const Event event = trace_at(trace, i);
        if (event.kind == EVENT_SEND && event.packet.id == packet.id && event.packet.born == packet.born) return event;
    }
    return (Event){.index = EVENT_NONE};
}

/* How far the drawn line of a packet on its way has come from sender to receiver, 0..1; -1: there is no such line. The
 * line begins at the sender's lifeline, near the height of its moment (others may be sent then, too), in the colour of
 * the packet's flags; it is solid, in long dashes where the packet is sent again. */
static double drawn_way(const Picture *p, const Flight *flight, bool again) {
    enum { STRANDS_APART = 14, DASH_AGAIN = 6 };
    Layout layout = layout_of(p->width, p->height, &p->look);
    double from = ladder_x(p->scene, layout.ladder, flight->from) * layout.scale;
    double to = ladder_x(p->scene, layout.ladder, flight->to) * layout.scale;
    double top = (ladder_field(layout.ladder).y - ladder_follow(p->scene, layout.ladder.h) + flight->y0) * layout.scale;
    uint32_t colour = ink_rgb(p->look.theme, flags_ink(flight->flags, flight->data_length));
    size_t count;
    const Drawn *drawn = record_drawn(p->paint, &count);
    for (size_t i = 0; i < count; i++) {
        if (drawn[i].kind != DRAWN_STROKE || drawn[i].points < 2 || drawn[i].rgb != colour) continue;
        if (fabs(drawn[i].dash - (again ? DASH_AGAIN * layout.scale : 0)) > 0.01) continue;
        const Point *start = record_point(p->paint, drawn[i].first), *end = start + drawn[i].points - 1;
        bool lifeline = fabs(start->x - end->x) < 0.01; /* it has the same colours */
        if (lifeline || fabs(start->x - from) > 0.01 || fabs(start->y - top) > STRANDS_APART) continue;
        return (end->x - from) / (to - from);
    }
    return -1;
}

/* The middle of the packet's capsule, with its flags in it, lies on the same height as the end of the line. */
static bool has_capsule(const Picture *p, const char *flags, double way) {
    Layout layout = layout_of(p->width, p->height, &p->look);
    double a = ladder_x(p->scene, layout.ladder, 0), b = ladder_x(p->scene, layout.ladder, 1);
    size_t count;
    const Drawn *drawn = record_drawn(p->paint, &count);
    for (size_t i = 0; i < count; i++) {
        if (!is_text(&drawn[i]) || strcmp(drawn[i].text, flags) != 0) continue;
        double x = (drawn[i].corner[0].x + drawn[i].corner[1].x) / 2 / layout.scale;
        double room = 130 / (b - a); /* beside a lifeline, and beside another capsule, it makes room for it */
        double along = (x - a) / (b - a);
        if (fabs(along - fmin(fmax(way, room), 1 - room)) < room) return true;
    }
    return false;
}

static int flights_out_of_place(Picture *p, int *seen) {
    int faults = 0;
    for (size_t i = 0; i < p->scene->story.flight_count; i++) {
        const Flight *flight = &p->scene->story.flights[i];
        const Event event = sending(p, flight->packet);
        if (event.index == EVENT_NONE || !flight_seen(p->scene, flight) || flight_ended(p->scene, flight)) continue;
        double way = (double)(p->scene->time - event.time) / (double)(event.due - event.time);
        double shown = drawn_way(p, flight, event.again);
        if (way < 1e-6 || way > 1 - 1e-6) continue;
        char flags[FLAGS_TEXT];
        flags_text(flight->flags, flags);
        double line = flight->from == 0 ? way : 1 - way;
        bool fine = fabs(shown - way) < 0.001 && (flight->data_length || has_capsule(p, flags, line));
        if (!fine) faults++, print_error("#%u: shown at %.4f, is at %.4f\n", flight->packet.id, shown, way);
        ++*seen;
    }
    return faults;
}

static void slow_path(Session *session) {
    act(session, (Input){.kind = INPUT_PATH, .path = PATH_LATENCY, .value = 700000});
    lab_open(session);
}

static void test_packets_move_linearly(void **state) {
    (void)state;
    static void (*const scenes[])(Session *) = {lab_open, lab_data, lab_simultaneous_open, lab_simultaneous_close,
                                                slow_path};
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        Picture p = picture_of(scenes[i], 0);
        int seen = 0, faults = 0;
        for (uint32_t step = 0; step < session_steps(p.session); step++)
            for (int part = 0; part < 10; part++) {
                scene_update(p.scene, p.session, (Playhead){step, 1, part / 10.0});
                draw(&p, 1280, 800);
                faults += flights_out_of_place(&p, &seen);
            }
        assert_true(seen >= 18);
        if (faults) fail_msg("scene %zu: %d packets of %d out of place", i, faults, seen);
        picture_free(&p);
    }
}

/* ---- What must be there ---- */

static void must_say(const Picture *p, const char *name, const char *text) {
    if (!says(p->paint, text)) fail_msg("%s %dx%d: nowhere '%s'", name, p->width, p->height, text);
}

/* A text that begins so. */
static bool begins(const Picture *p, const char *text) {
    size_t count;
    const Drawn *drawn = record_drawn(p->paint, &count);
    for (size_t i = 0; i < count; i++)
        if (is_text(&drawn[i]) && strncmp(drawn[i].text, text, strlen(text)) == 0) return true;
    return false;
}

static bool contains(const Picture *p, const char *text) {
    size_t count;
    const Drawn *drawn = record_drawn(p->paint, &count);
    for (size_t i = 0; i < count; i++)
        if (is_text(&drawn[i]) && strcmp(drawn[i].text, "1×") != 0 && strstr(drawn[i].text, text)) return true;
    return false;
}

static void check_labels(const Picture *p, const char *name) {
    char text[64];
    for (int i = 0; i < 2; i++) {
        const HostScene *host = &p->scene->host[i];
        must_say(p, name, host->name);
        must_say(p, name, state_name(host->state));
    }
    Layout layout = layout_of(p->width, p->height, &p->look);
    bool full = layout.form == LAYOUT_FULL;
    for (State s = STATE_CLOSED; full && s < STATE_COUNT; s++) must_say(p, name, state_name(s)); /* in the diagrams */
    for (size_t i = 0; i < p->scene->story.column_count; i++) {
        HostView host;
        assert_true(world_host(session_world(p->session), p->scene->story.columns[i], &host));
        must_say(p, name, host.name);
    }
    if (full) must_say(p, name, "SND.UNA");
    if (full) must_say(p, name, "RCV.NXT");
    Short steps;
    must_say(
        p, name,
        word_format(&steps, p->look.language, WORD_STEP_OF, p->scene->present, p->scene->present + p->scene->ahead));
    for (size_t i = 0; i < 2; i++) {
        const HostScene *host = &p->scene->host[i];
        if (!full || !host->known || host->state <= STATE_LISTEN) continue;
        const ConnView *c = &host->numbers;
        uint32_t waits = seq_distance(c->snd.una, c->snd.nxt);
        if (seq_eq(c->snd.una, c->iss)) snprintf(text, sizeof text, "SYN");
        else if (c->fin_sent && waits < 2) snprintf(text, sizeof text, waits ? "FIN" : "FIN+1");
        else snprintf(text, sizeof text, "%u", (unsigned)seq_distance(seq_add(c->iss, 1), c->snd.una));
        must_say(p, name, text);
    }
    Rect field = ladder_field(layout.ladder);
    for (size_t i = 0; i < p->scene->story.flight_count; i++) { /* each packet on its way says what it is */
        const Flight *flight = &p->scene->story.flights[i];
        if (!flight_seen(p->scene, flight) || flight_ended(p->scene, flight)) continue;
        double x, y, scroll = ladder_follow(p->scene, layout.ladder.h);
        ladder_packet(p->scene, layout.ladder, scroll, flight, &x, &y);
        if (y < field.y + 12 || y > field.y + field.h - 12) continue;
        char says_it[FLAGS_TEXT];
        flags_text(flight->flags, says_it);
        if (flight->icmp_type) strcpy(says_it, "ICMP");
        if (flight->data_length && flight->stream != STREAM_NONE)
            snprintf(says_it, sizeof says_it, "%u-",
                     (unsigned)seq_distance(seq_add(p->scene->story.streams.list[flight->stream].iss, 1), flight->seq));
        const char *group = "×"; /* of packets of one kind and instant: it says how many */
        if (contains(p, group)) continue;
        if (!begins(p, says_it)) fail_msg("%s: a packet does not say %s", name, says_it);
    }
}

static void test_labels_are_there(void **state) {
    (void)state;
    for (size_t m = 0; m < MOMENTS; m++) {
        Picture p = picture_of(moments[m].reach, moments[m].approach);
        for (Language language = 0; language < LANGUAGE_COUNT; language++)
            for (size_t i = 0; i < SIZES; i++) {
                p.look.language = language;
                draw(&p, sizes[i][0], sizes[i][1]);
                check_labels(&p, moments[m].name);
            }
        picture_free(&p);
    }
}

/* The handshake, in full: what is written along each packet and beside each host. */
static void test_handshake_is_told(void **state) {
    (void)state;
    static const char *const told[] = {"SYN",    "SYN,ACK", "SYN_SENT", "SYN_RCVD", "ESTABLISHED",
                                       "LISTEN", "0.000",   "0.050",    "0.100",    "0.150"};
    Picture p = picture_of(lab_open, 0);
    draw(&p, 1280, 800);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) must_say(&p, "handshake", told[i]);
    must_say(&p, "handshake", "ack");
    must_say(&p, "handshake", "65535");
    p.look.absolute = true;
    draw(&p, 1280, 800);
    for (size_t i = 0; i < p.scene->story.flight_count; i++) {
        char text[64];
        snprintf(text, sizeof text, "seq=%lu", (unsigned long)p.scene->story.flights[i].seq.value);
        assert_true(begins(&p, text));
    }
    picture_free(&p);
}

/* The first of two segments is lost: the second is kept, and its ACK is a duplicate. */
static void reach_outcomes(Session *session) {
    lab_open(session);
    act(session, (Input){.kind = INPUT_RULE, .host = 0, .rule = HOST_RULE_nagle, .value = 0});
    ConnId client = conn(session, 0);
    do_conn(session, INPUT_SEND, client, "lost");
    do_conn(session, INPUT_SEND, client, "kept");
    do_packet(session, INPUT_DROP, 0);
    run(session);
}

static void test_outcomes_are_told(void **state) {
    (void)state;
    Picture p = picture_of(reach_outcomes, 0);
    draw(&p, 1280, 1000);
    must_say(&p, "outcomes", "kept");
    must_say(&p, "outcomes", "duplicate ACK 1");
    must_say(&p, "outcomes", "taken: 8 bytes");
    assert_false(begins(&p, "taken: 1 byte"));
    picture_free(&p);
}

/* B's SYN,ACK is on its way and A's ACK not sent yet, at the playhead. */
static void reach_syn_ack(Session *session) {
    act(session, (Input){.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 5});
    act(session, (Input){.kind = INPUT_CONNECT, .host = 0, .remote = {.addr = {0x7f000002}, .port = 80}});
    step(session);
    step(session);
}

/* A scene made later than the step it shows has the numbers and timers of that moment too. */
static void test_the_past_is_known(void **state) {
    (void)state;
    Picture p = picture_of(reach_syn_ack, 0.5);
    draw(&p, 1280, 800);
    for (size_t i = 0; i < 2; i++) {
        assert_true(p.scene->host[i].known);
        assert_true(p.scene->host[i].numbers.timers[TIMER_RETRANSMIT] != MICROS_NEVER);
    }
    must_say(&p, "the past", "retransmit");
    assert_false(begins(&p, "no timer runs"));
    picture_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_are_noticed),
        cmocka_unit_test(test_transform_and_state),
        cmocka_unit_test(test_nothing_overlaps_or_leaves),
        cmocka_unit_test(test_nor_on_the_way),
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_why_and_zoom),
        cmocka_unit_test(test_same_scene_same_record),
        cmocka_unit_test(test_packets_move_linearly),
        cmocka_unit_test(test_labels_are_there),
        cmocka_unit_test(test_handshake_is_told),
        cmocka_unit_test(test_outcomes_are_told),
        cmocka_unit_test(test_the_past_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
