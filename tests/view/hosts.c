/* hosts.c - a host's panel: the state diagram has every arrow and crosses no node, numbers are counted, the other end
 * and the reason why nothing is sent are the engine's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../repl/view/view.h"
#include "../ui/stage_lab.h"
#include "record/shapes.h"

/* From the least a panel gives it to more than a screen full. */
static const Rect sizes[] = {{7, 5, 262, 184},  {0, 0, 268, 193},   {0, 0, 340, 520},
                             {0, 0, 599, 1200}, {20, 30, 600, 700}, {0, 0, 1700, 1400},
                             {0, 0, 277, 205},  {0, 0, 314, 250},   {0, 0, 330, 190}};
enum { SIZES = sizeof sizes / sizeof *sizes };

typedef struct Drawing {
    Session *session;
    Scene *scene;
    Paint *paint;
    StageLook look;
    Rect rect;
} Drawing;

static Drawing drawing_of(void (*reach)(Session *session)) {
    Drawing d = {.session = lab_new_session(), .scene = scene_new(), .paint = record_new(NULL), .look = STAGE_LOOK};
    if (reach) reach(d.session);
    scene_update(d.scene, d.session, playhead_now(d.session));
    return d;
}

static void drawing_free(Drawing *d) {
    paint_free(d->paint);
    scene_free(d->scene);
    session_free(d->session);
}

static void draw_figure(Drawing *d, Rect rect, const HostScene *host) {
    View view = {.paint = d->paint, .scene = d->scene, .session = d->session, .look = &d->look};
    d->rect = rect;
    paint_begin(d->paint, THEME_DARK);
    paint_panel(d->paint, rect);
    draw_diagram(&view, rect, host);
}

/* ---- Lines as points a pixel apart ---- */

typedef struct Walk {
    const Point *point;
    size_t left;
    double along, whole; /* in the present part; of all that was walked */
} Walk;

static bool walk(Walk *w, Point *at) {
    while (w->left >= 2) {
        double dx = w->point[1].x - w->point[0].x, dy = w->point[1].y - w->point[0].y, length = hypot(dx, dy);
        if (w->along <= length && length > 0) {
            *at = (Point){w->point[0].x + dx * w->along / length, w->point[0].y + dy * w->along / length};
            w->along += 1;
            w->whole += 1;
            return true;
        }
        w->along -= length;
        w->point++;
        w->left--;
    }
    return false;
}

static Walk walk_of(const Drawing *d, const Drawn *stroke) {
    return (Walk){record_point(d->paint, stroke->first), stroke->points, 0, 0};
}

static bool is_at(Rect node, Point at, double slack) { return rect_has(rect_inset(node, -slack, -slack), at.x, at.y); }

/* The arrow's line: it begins at one node and ends, but for its head, at the other. */
static const Drawn *line_of(const Drawing *d, const Arrow *arrow) {
    size_t count;
    const Drawn *drawn = record_drawn(d->paint, &count);
    double head = 8.6 * fmax(1, fmin(d->rect.w / 600, d->rect.h / 700));
    Rect from = diagram_node(d->rect, arrow->from), to = diagram_node(d->rect, arrow->to);
    for (size_t i = 0; i < count; i++) {
        if (drawn[i].kind != DRAWN_STROKE || drawn[i].points < 2 || drawn[i].rgb == ink_rgb(THEME_DARK, INK_BACK))
            continue;
        const Point *point = record_point(d->paint, drawn[i].first);
        if (is_at(from, point[0], 0.5) && is_at(to, point[drawn[i].points - 1], head)) return &drawn[i];
    }
    return NULL;
}

static bool is_reset(const Arrow *arrow) { return arrow->to == STATE_CLOSED && strstr(arrow->event, "abort"); }

static int line_faults(const Drawing *d, const Arrow *arrow) {
    const Drawn *line = line_of(d, arrow);
    const char *what = NULL;
    if (!line) what = "is not drawn";
    else {
        Walk w = walk_of(d, line);
        for (Point at; walk(&w, &at);) {
            if (!rect_has(d->rect, at.x, at.y)) what = "leaves the diagram";
            for (State s = STATE_CLOSED; s < STATE_COUNT; s++)
                if (rect_has(rect_inset(diagram_node(d->rect, s), 0.5, 0.5), at.x, at.y)) what = "crosses a node";
        }
        const Point end = record_point(d->paint, line->first)[line->points - 1];
        Rect to = diagram_node(d->rect, arrow->to);
        double rest = fmax(fmax(to.x - end.x, end.x - to.x - to.w), fmax(to.y - end.y, end.y - to.y - to.h));
        if (w.whole + rest < 14) what = "is too short";
    }
    if (what)
        print_error("%s > %s at %.0fx%.0f %s\n", state_name(arrow->from), state_name(arrow->to), d->rect.w, d->rect.h,
                    what);
    return what != NULL;
}

static void test_every_arrow_is_drawn(void **state) {
    (void)state;
    Drawing d = drawing_of(NULL);
    int faults = 0;
    for (size_t i = 0; i < SIZES; i++) {
        draw_figure(&d, sizes[i], &d.scene->host[0]);
        for (size_t k = 0; k < arrow_count(); k++) {
            const Arrow *arrow = arrow_at(k);
            if (!is_reset(arrow)) faults += line_faults(&d, arrow);
            else if (line_of(&d, arrow)) faults++, print_error("%s: a reset that did not happen\n", arrow->event);
        }
    }
    drawing_free(&d);
    assert_int_equal(faults, 0);
}

/* Resets are drawn where they happen; any other arrow stays where it was. */
static void test_last_transition_is_drawn(void **state) {
    (void)state;
    Drawing d = drawing_of(NULL);
    int faults = 0;
    for (size_t i = 0; i < SIZES; i++)
        for (size_t k = 0; k < arrow_count(); k++) {
            const Arrow *arrow = arrow_at(k);
            HostScene host = d.scene->host[0];
            host.has_conn = host.changed = true;
            host.before = arrow->from;
            host.state = arrow->to;
            host.settle = 1;
            draw_figure(&d, sizes[i], &host);
            faults += line_faults(&d, arrow);
        }
    drawing_free(&d);
    assert_int_equal(faults, 0);
}

static void test_texts_of_the_diagram(void **state) {
    (void)state;
    Drawing d = drawing_of(lab_time_wait);
    int faults = 0;
    for (size_t i = 0; i < SIZES; i++) {
        size_t count;
        draw_figure(&d, sizes[i], &d.scene->host[0]);
        const Drawn *drawn = record_drawn(d.paint, &count);
        faults += text_faults(d.paint, "diagram", (int)sizes[i].w, (int)sizes[i].h);
        for (size_t k = 0; k < count; k++) {
            Walk w = walk_of(&d, &drawn[k]);
            if (drawn[k].kind != DRAWN_STROKE || drawn[k].points > 60) continue; /* frames are no lines */
            for (Point at; walk(&w, &at);)
                for (size_t t = 0; t < count; t++) {
                    Rect box = {drawn[t].corner[0].x, drawn[t].corner[0].y, drawn[t].corner[2].x - drawn[t].corner[0].x,
                                drawn[t].corner[2].y - drawn[t].corner[0].y};
                    if (!is_text(&drawn[t]) || !rect_has(rect_inset(box, 1, 1), at.x, at.y)) continue;
                    faults++;
                    print_error("a line crosses '%s' at %.0f,%.0f\n", drawn[t].text, at.x, at.y);
                }
        }
        for (State s = STATE_CLOSED; s < STATE_COUNT; s++) assert_true(says(d.paint, state_name(s)));
    }
    drawing_free(&d);
    assert_int_equal(faults, 0);
}

static bool says_part(const Drawing *d, const char *text) {
    size_t count;
    const Drawn *drawn = record_drawn(d->paint, &count);
    for (size_t i = 0; i < count; i++)
        if (is_text(&drawn[i]) && strstr(drawn[i].text, text)) return true;
    return false;
}

static void test_large_diagram_is_labelled(void **state) {
    (void)state;
    Drawing d = drawing_of(NULL);
    draw_figure(&d, sizes[4], &d.scene->host[0]);
    for (size_t k = 0; k < arrow_count(); k++)
        if (!is_reset(arrow_at(k)) && !says_part(&d, arrow_at(k)->event)) fail_msg("no label: %s", arrow_at(k)->event);
    draw_figure(&d, sizes[1], &d.scene->host[0]);
    assert_false(says_part(&d, "2 MSL"));
    drawing_free(&d);
}

/* Over the picture, of the host that was pressed. */
static void test_diagram_over_the_picture(void **state) {
    (void)state;
    static const int windows[][2] = {{1280, 800}, {1180, 620}, {640, 400}, {1000, 1600}, {3840, 2160}};
    Drawing d = drawing_of(lab_time_wait);
    int faults = 0;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        for (d.look.language = 0; d.look.language < LANGUAGE_COUNT; d.look.language++) {
            d.look.diagram = 1 + (uint32_t)i % 2;
            draw_stage(d.paint, windows[i][0], windows[i][1], &d.look, d.session, d.scene, NULL);
            faults += text_faults(d.paint, "large diagram", windows[i][0], windows[i][1]);
            if (i == 0) assert_true(says_part(&d, "2 MSL"));
        }
    drawing_free(&d);
    assert_int_equal(faults, 0);
}

/* A disc of the text's colour, on the line of the last transition. */
static bool has_token(const Drawing *d, const Drawn *line, double *part) {
    size_t count;
    const Drawn *drawn = record_drawn(d->paint, &count);
    for (size_t i = 0; i < count; i++) {
        if (drawn[i].kind != DRAWN_FILL || drawn[i].rgb != ink_rgb(THEME_DARK, INK_TEXT) || drawn[i].points < 12)
            continue;
        Point middle = {(drawn[i].corner[0].x + drawn[i].corner[2].x) / 2,
                        (drawn[i].corner[0].y + drawn[i].corner[2].y) / 2};
        Walk w = walk_of(d, line);
        double nearest = 1e9, where = 0;
        for (Point at; walk(&w, &at);) {
            double away = hypot(at.x - middle.x, at.y - middle.y);
            if (away < nearest) nearest = away, where = w.whole;
        }
        *part = where / w.whole;
        return nearest < 3;
    }
    return false;
}

static void test_token_runs_along(void **state) {
    (void)state;
    Drawing d = drawing_of(lab_open);
    HostScene host = d.scene->host[0];
    const Arrow *arrow = arrow_find(STATE_SYN_SENT, STATE_ESTABLISHED);
    double part = 0, before = -1;
    for (int i = 0; i < 10; i++) {
        host.settle = i / 10.0;
        draw_figure(&d, sizes[1], &host);
        assert_true(has_token(&d, line_of(&d, arrow), &part));
        assert_true(part > before);
        before = part;
    }
    assert_true(part > 0.75);
    host.settle = 1;
    draw_figure(&d, sizes[1], &host);
    assert_false(has_token(&d, line_of(&d, arrow), &part));
    drawing_free(&d);
}

static void test_travelled_arrows_are_pale(void **state) {
    (void)state;
    Drawing d = drawing_of(lab_data);
    draw_figure(&d, sizes[1], &d.scene->host[0]);
    const Drawn *taken = line_of(&d, arrow_find(STATE_CLOSED, STATE_SYN_SENT));
    const Drawn *not_taken = line_of(&d, arrow_find(STATE_CLOSED, STATE_LISTEN));
    assert_int_equal(taken->rgb, ink_rgb(THEME_DARK, INK_TEXT));
    assert_int_equal(not_taken->rgb, ink_rgb(THEME_DARK, INK_FAINT));
    assert_true(taken->width > not_taken->width);
    drawing_free(&d);
}

/* ---- The panel ---- */

static void draw_panel(Drawing *d, size_t side) {
    View view = {.paint = d->paint, .scene = d->scene, .session = d->session, .look = &d->look};
    paint_begin(d->paint, THEME_DARK);
    draw_host(&view, (Rect){0, 0, 284, 476}, &d->scene->host[side]);
}

static void check_panel(void (*reach)(Session *session), size_t side, const char *first, const char *second) {
    Drawing d = drawing_of(reach);
    draw_panel(&d, side);
    if (!says(d.paint, first)) fail_msg("nowhere '%s'", first);
    if (second && !says(d.paint, second)) fail_msg("nowhere '%s'", second);
    drawing_free(&d);
}

static void reach_nobody(Session *session) {
    act(session, (Input){.kind = INPUT_CONNECT, .host = 0, .local = {.port = 7777}, .remote = {{0x7f000064}, 80}});
}

static void reach_foreign(Session *session) {
    act(session, (Input){.kind = INPUT_HOST,
                         .local = {.addr = {0x7f000064}},
                         .bytes = (const uint8_t *)"K",
                         .length = 1,
                         .foreign = true});
    reach_nobody(session);
}

static void test_other_end_is_named(void **state) {
    (void)state;
    check_panel(lab_open, 0, "127.0.0.1:7777", "to B, 127.0.0.2:80");
    check_panel(lab_open, 1, "to A, 127.0.0.1:7777", "+ LISTEN :80");
    check_panel(lab_syn, 0, "to B, 127.0.0.2:80", NULL);
    check_panel(lab_time_wait, 0, "to B, 127.0.0.2:80: not open there", NULL);
    check_panel(reach_nobody, 0, "to 127.0.0.100:80, no host has that address", NULL);
    check_panel(reach_foreign, 0, "to K, 127.0.0.100:80: another TCP", NULL);
}

static void reach_long_name(Session *session) {
    const char *name = "WideWebWorkshop";
    lab_listen(session);
    act(session, (Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)name, .length = (uint32_t)strlen(name)});
    act(session, (Input){.kind = INPUT_CONNECT, .host = 2, .remote = {{0x7f000002}, 80}});
    run(session);
}

static void test_long_name_can_be_read(void **state) {
    (void)state;
    Drawing d = drawing_of(reach_long_name);
    size_t count;
    draw_panel(&d, 1);
    const Drawn *drawn = record_drawn(d.paint, &count);
    for (size_t i = 0; i < count; i++)
        if (is_text(&drawn[i]) && strcmp(drawn[i].text, "WideWebWorkshop") == 0) assert_true(drawn[i].size >= 12);
    assert_true(says(d.paint, "WideWebWorkshop") && says(d.paint, "to B, 127.0.0.2:80"));
    drawing_free(&d);
}

static void send_bytes(Session *session, uint32_t count) {
    static const uint8_t bytes[60000];
    act(session, (Input){.kind = INPUT_SEND, .conn = conn(session, 0), .bytes = bytes, .length = count});
}

static void set_rule(Session *session, HostId host, HostRule rule, int64_t value) {
    act(session, (Input){.kind = INPUT_RULE, .host = host, .rule = rule, .value = value});
}

static void reach_congestion(Session *session) {
    lab_open(session);
    send_bytes(session, 20000);
}

static void reach_window(Session *session) {
    set_rule(session, 0, HOST_RULE_congestion, 0);
    set_rule(session, 1, HOST_RULE_recv_buffer, 2920);
    lab_open(session);
    send_bytes(session, 20000);
}

static void reach_closed_window(Session *session) {
    reach_window(session);
    run(session);
}

static void reach_nagle(Session *session) {
    lab_open(session);
    send_bytes(session, 12);
    send_bytes(session, 7);
}

static void reach_handshake(Session *session) {
    lab_syn(session);
    send_bytes(session, 12);
}

static void test_why_nothing_is_sent(void **state) {
    (void)state;
    check_panel(lab_open, 0, "why is nothing sent?", "nothing to send");
    check_panel(reach_congestion, 0, "cwnd full", "4380 of 4380");
    check_panel(reach_window, 0, "window full", "2920 of 2920");
    check_panel(reach_closed_window, 0, "window closed", "17080 wait");
    check_panel(reach_nagle, 0, "Nagle: waits for an ACK", "7 wait");
    check_panel(reach_handshake, 0, "waits for the handshake", "12 wait");
}

static void reach_scaled(Session *session) {
    for (HostId host = 0; host < 2; host++) {
        set_rule(session, host, HOST_RULE_recv_buffer, 47810 * 4);
        set_rule(session, host, HOST_RULE_window_scale, 1);
    }
    lab_open(session);
    send_bytes(session, 18);
    run(session);
}

static void test_numbers_are_counted(void **state) {
    (void)state;
    check_panel(lab_syn, 0, "SYN", "0");
    check_panel(lab_listen, 1, "accept_queue", "5");
    check_panel(lab_data, 0, "12", "4392");
    check_panel(lab_time_wait, 0, "FIN+1", NULL);
    check_panel(reach_window, 0, "off", "2920");
    check_panel(reach_scaled, 0, "18", "47810 × 4");
    Drawing d = drawing_of(lab_data);
    char text[16];
    d.look.absolute = true;
    draw_panel(&d, 0);
    snprintf(text, sizeof text, "%lu", (unsigned long)d.scene->host[0].numbers.snd.una.value);
    assert_true(says(d.paint, text) && says(d.paint, "ISS") && says(d.paint, "IRS"));
    drawing_free(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_arrow_is_drawn),      cmocka_unit_test(test_last_transition_is_drawn),
        cmocka_unit_test(test_texts_of_the_diagram),      cmocka_unit_test(test_large_diagram_is_labelled),
        cmocka_unit_test(test_diagram_over_the_picture),  cmocka_unit_test(test_token_runs_along),
        cmocka_unit_test(test_travelled_arrows_are_pale), cmocka_unit_test(test_other_end_is_named),
        cmocka_unit_test(test_long_name_can_be_read),     cmocka_unit_test(test_why_nothing_is_sent),
        cmocka_unit_test(test_numbers_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
