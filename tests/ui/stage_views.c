/* stage_views.c - the picture: what it shows is where it should be, nothing overlaps, nothing is cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <cairo-svg.h>
#include <math.h>

#include "../../repl/view/ladder.h"
#include "stage_lab.h"

typedef struct Picture {
    Session *session;
    Scene *scene;
    Paint *paint;
    StageLook look;
    cairo_surface_t *surface;
    int width, height;
} Picture;

static Picture picture_of(const Moment *moment) {
    Picture p = {.session = lab_new_session(), .scene = scene_new(), .paint = paint_new(), .look = STAGE_LOOK};
    moment->reach(p.session);
    paint_record(p.paint, true);
    Playhead at = playhead_now(p.session);
    if (moment->approach > 0) at = (Playhead){at.step - 1, 1, moment->approach};
    scene_update(p.scene, p.session, at);
    return p;
}

static void picture_at(Picture *p, Playhead at) { scene_update(p->scene, p->session, at); }

static void picture_draw(Picture *p, int width, int height) {
    if (p->surface) cairo_surface_destroy(p->surface);
    p->width = width;
    p->height = height;
    p->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *cr = cairo_create(p->surface);
    draw_stage(p->paint, cr, width, height, &p->look, p->session, p->scene, NULL);
    cairo_destroy(cr);
    cairo_surface_flush(p->surface);
}

static void picture_free(Picture *p) {
    if (p->surface) cairo_surface_destroy(p->surface);
    paint_free(p->paint);
    scene_free(p->scene);
    session_free(p->session);
}

/* Of a logical place. */
static uint32_t pixel(const Picture *p, double x, double y) {
    double scale = layout_of(p->width, p->height, &p->look).scale;
    int px = (int)(x * scale), py = (int)(y * scale);
    if (px < 0 || py < 0 || px >= p->width || py >= p->height) return 0;
    const unsigned char *data = cairo_image_surface_get_data(p->surface);
    uint32_t value;
    memcpy(&value, data + (size_t)py * (size_t)cairo_image_surface_get_stride(p->surface) + 4 * (size_t)px,
           sizeof value);
    return value & 0xffffff;
}

static int distance(uint32_t a, uint32_t b) {
    int most = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        int d = abs((int)((a >> shift) & 255u) - (int)((b >> shift) & 255u));
        if (d > most) most = d;
    }
    return most;
}

static bool near_ink(const Picture *p, double x, double y, Ink ink) {
    return distance(pixel(p, x, y), ink_rgb(p->look.theme, ink)) < 12;
}

/* ---- Text ---- */

typedef struct Shape {
    double x[4], y[4];
} Shape;

static Shape shrunk(const TextBox *box, double by) {
    double cx = 0, cy = 0;
    Shape shape;
    for (int i = 0; i < 4; i++) {
        cx += box->x[i] / 4;
        cy += box->y[i] / 4;
    }
    for (int i = 0; i < 4; i++) {
        double dx = box->x[i] - cx, dy = box->y[i] - cy, length = fmax(hypot(dx, dy), 1e-9);
        shape.x[i] = cx + dx / length * fmax(length - by, 0);
        shape.y[i] = cy + dy / length * fmax(length - by, 0);
    }
    return shape;
}

static bool parted(const Shape *a, const Shape *b) {
    for (int i = 0; i < 4; i++) {
        double nx = a->y[(i + 1) % 4] - a->y[i], ny = a->x[i] - a->x[(i + 1) % 4], a0 = 1e18, a1 = -1e18, b0 = 1e18,
               b1 = -1e18;
        for (int k = 0; k < 4; k++) {
            double pa = a->x[k] * nx + a->y[k] * ny, pb = b->x[k] * nx + b->y[k] * ny;
            a0 = fmin(a0, pa), a1 = fmax(a1, pa), b0 = fmin(b0, pb), b1 = fmax(b1, pb);
        }
        if (a1 <= b0 || b1 <= a0) return true;
    }
    return false;
}

static bool overlap(const TextBox *a, const TextBox *b) {
    Shape one = shrunk(a, 1), two = shrunk(b, 1);
    return !parted(&one, &two) && !parted(&two, &one);
}

static bool leaves(const TextBox *box) {
    Rect panel = rect_inset(box->panel, -1, -1);
    for (int i = 0; i < 4; i++)
        if (!rect_has(panel, box->x[i], box->y[i])) return true;
    return false;
}

static int count_faults(const Picture *p, const char *name) {
    const TextBox *boxes;
    size_t count = paint_boxes(p->paint, &boxes);
    int faults = 0;
    for (size_t i = 0; i < count; i++) {
        if (boxes[i].shortened)
            faults++, print_error("%s %dx%d: cut off: %s\n", name, p->width, p->height, boxes[i].text);
        if (leaves(&boxes[i]))
            faults++, print_error("%s %dx%d: leaves its panel: %s\n", name, p->width, p->height, boxes[i].text);
        for (size_t k = i + 1; k < count; k++) {
            if (boxes[i].layer != boxes[k].layer || !overlap(&boxes[i], &boxes[k])) continue;
            faults++;
            print_error("%s %dx%d: overlap: '%s' and '%s'\n", name, p->width, p->height, boxes[i].text, boxes[k].text);
        }
    }
    return faults;
}

static bool says(const Picture *p, const char *text) {
    const TextBox *boxes;
    size_t count = paint_boxes(p->paint, &boxes);
    for (size_t i = 0; i < count; i++)
        if (strcmp(boxes[i].text, text) == 0) return true;
    return false;
}

static void test_no_text_overlaps(void **state) {
    (void)state;
    static const int sizes[][2] = {{1024, 640},  {1280, 720},  {1280, 800}, {1366, 768},
                                   {1920, 1080}, {1080, 1000}, {3840, 2160}};
    int faults = 0;
    for (size_t m = 0; m < MOMENTS; m++) {
        Picture p = picture_of(&moments[m]);
        for (Language language = 0; language < LANGUAGE_COUNT; language++) {
            p.look.language = language;
            for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                picture_draw(&p, sizes[i][0], sizes[i][1]);
                const TextBox *boxes;
                assert_true(paint_boxes(p.paint, &boxes) > 40);
                faults += count_faults(&p, moments[m].name);
            }
        }
        picture_free(&p);
    }
    assert_int_equal(faults, 0);
}

static void test_overlays_and_looks(void **state) {
    (void)state;
    int faults = 0;
    Picture p = picture_of(&moments[1]);
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
            p.look.title = "Why three?";
            p.look.caption =
                "B has answered, but B does not know yet whether A has heard the answer: so far B has heard only one "
                "thing from A, "
                "and that could be an old packet. What would you send next, and why? Think of what each side knows at "
                "this moment, and of what it only "
                "hopes; then press Space and see whether the next packet says what you expected it to say.";
            picture_draw(&p, 1280, 800);
            faults += count_faults(&p, "looks");
        }
    picture_free(&p);
    assert_int_equal(faults, 0);
}

static void test_scale_never_cuts_off(void **state) {
    (void)state;
    int faults = 0;
    Picture p = picture_of(&moments[5]);
    static const double scales[] = {0.5, 1, 1.5, 2, 4};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        p.look.scale = scales[i];
        picture_draw(&p, 1280, 800);
        faults += count_faults(&p, "scale");
    }
    picture_free(&p);
    assert_int_equal(faults, 0);
}

/* The test above must be able to fail. */
static void test_overlap_is_noticed(void **state) {
    (void)state;
    Paint *paint = paint_new();
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 200, 100);
    cairo_t *cr = cairo_create(surface);
    paint_record(paint, true);
    paint_begin(paint, cr, THEME_DARK);
    paint_panel(paint, (Rect){0, 0, 200, 100});
    Style style = {FACE_TEXT, 14, INK_TEXT, 1};
    paint_text(paint, style, 20, 40, ALIGN_LEFT, 0, "one");
    paint_text(paint, style, 30, 42, ALIGN_LEFT, 0, "two");
    paint_text(paint, style, 20, 70, ALIGN_LEFT, 0, "three");
    paint_text(paint, style, 180, 70, ALIGN_LEFT, 0, "outside");
    paint_text(paint, style, 100, 20, ALIGN_LEFT, 30, "much too long");
    const TextBox *boxes;
    assert_int_equal(paint_boxes(paint, &boxes), 5);
    assert_true(overlap(&boxes[0], &boxes[1]));
    assert_false(overlap(&boxes[0], &boxes[2]));
    assert_true(leaves(&boxes[3]));
    assert_false(leaves(&boxes[2]));
    assert_true(boxes[4].shortened);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    paint_free(paint);
}

/* ---- What is where ---- */

static void test_node_is_lit(void **state) {
    (void)state;
    Picture p = picture_of(&moments[5]); /* A: TIME_WAIT, B: CLOSED */
    p.surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 300, 260);
    cairo_t *cr = cairo_create(p.surface);
    View view = {.paint = p.paint, .scene = p.scene, .session = p.session, .look = &p.look};
    paint_begin(p.paint, cr, THEME_DARK);
    Rect rect = {10, 10, 280, 240};
    draw_diagram(&view, rect, &p.scene->host[0]);
    cairo_surface_flush(p.surface);
    const unsigned char *data = cairo_image_surface_get_data(p.surface);
    for (State s = STATE_CLOSED; s < STATE_COUNT; s++) {
        Rect node = diagram_node(rect, s);
        int x = (int)(node.x + 3), y = (int)(node.y + node.h / 2);
        uint32_t value;
        memcpy(&value, data + (size_t)y * (size_t)cairo_image_surface_get_stride(p.surface) + 4 * (size_t)x,
               sizeof value);
        bool lit = distance(value & 0xffffff, ink_rgb(THEME_DARK, state_ink(s))) < 12;
        if (lit != (s == STATE_TIME_WAIT)) fail_msg("%s is %s", state_name(s), lit ? "lit" : "not lit");
    }
    cairo_destroy(cr);
    picture_free(&p);
}

static void test_nodes_stand_apart(void **state) {
    (void)state;
    Rect rect = {0, 0, 250, 190};
    for (State a = STATE_CLOSED; a < STATE_COUNT; a++)
        for (State b = STATE_CLOSED; b < STATE_COUNT; b++) {
            if (a == b) continue;
            Rect one = diagram_node(rect, a), two = diagram_node(rect, b);
            bool apart = one.x + one.w <= two.x || two.x + two.w <= one.x || one.y + one.h <= two.y ||
                         two.y + two.h <= one.y;
            if (!apart) fail_msg("%s and %s overlap", state_name(a), state_name(b));
        }
}

static void test_packet_is_midway(void **state) {
    (void)state;
    const Moment syn = {"", lab_syn, 0};
    Picture p = picture_of(&syn);
    step(p.session); /* it arrives: the film is on its way there */
    picture_at(&p, (Playhead){2, 1, 0.5});
    picture_draw(&p, 1280, 800);
    Rect ladder = layout_of(1280, 800, &p.look).ladder;
    const Flight *flight = &p.scene->story.flights[0];
    double x, y, a = ladder_x(p.scene, ladder, 0), b = ladder_x(p.scene, ladder, 1);
    ladder_packet(p.scene, ladder, 0, flight, &x, &y);
    assert_true(fabs(x - (a + b) / 2) < 1);
    assert_int_equal(p.scene->time, 25000);
    /* Beside the word in its capsule there is the capsule's colour; there was none before. */
    assert_true(near_ink(&p, x, y - 9, flags_ink(FLAG_SYN, 0)));
    picture_at(&p, (Playhead){2, 1, 0});
    picture_draw(&p, 1280, 800);
    assert_false(near_ink(&p, x, y - 9, flags_ink(FLAG_SYN, 0)));
    picture_free(&p);
}

static void test_states_are_written_large(void **state) {
    (void)state;
    Picture p = picture_of(&moments[5]);
    picture_draw(&p, 1280, 800);
    const TextBox *boxes;
    size_t count = paint_boxes(p.paint, &boxes);
    double tallest = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(boxes[i].text, "TIME_WAIT") == 0) tallest = fmax(tallest, boxes[i].y[2] - boxes[i].y[1]);
    assert_true(tallest > 24);
    assert_true(says(&p, "60.0")); /* the countdown */
    picture_free(&p);
}

static void test_header_shows_the_bits(void **state) {
    (void)state;
    Picture p = picture_of(&moments[1]);
    picture_draw(&p, 1280, 800);
    PacketView view;
    assert_true(world_packet(session_world(p.session), packet(p.session, 0), &view));
    char text[32];
    snprintf(text, sizeof text, "%lu", (unsigned long)view.segment.seq.value);
    assert_true(says(&p, text));
    snprintf(text, sizeof text, "seq=%lu", (unsigned long)view.segment.seq.value);
    assert_true(says(&p, text)); /* on the ladder, from the event: the same number */
    snprintf(text, sizeof text, "0x%04x", (unsigned)view.bytes[36] << 8 | view.bytes[37]);
    assert_true(says(&p, text));
    assert_true(says(&p, "MSS 1460"));
    assert_true(says(&p, "7777"));
    picture_free(&p);
}

static void test_loss_is_crossed_out(void **state) {
    (void)state;
    const Moment syn = {"", lab_syn, 0};
    Picture p = picture_of(&syn);
    picture_draw(&p, 1280, 800);
    assert_false(says(&p, "dropped"));
    do_packet(p.session, INPUT_DROP, 0);
    picture_at(&p, playhead_now(p.session));
    picture_draw(&p, 1280, 800);
    assert_true(says(&p, "dropped"));
    Rect ladder = layout_of(1280, 800, &p.look).ladder;
    double x, y;
    ladder_packet(p.scene, ladder, 0, &p.scene->story.flights[0], &x, &y);
    assert_true(near_ink(&p, x, y, INK_RED));
    picture_free(&p);
}

static void test_past_looks_different(void **state) {
    (void)state;
    const Moment open = {"", lab_open, 0};
    Picture p = picture_of(&open);
    picture_draw(&p, 1280, 800);
    uint32_t now = pixel(&p, 3, 3);
    session_seek(p.session, session_steps(p.session) - 1);
    picture_at(&p, playhead_now(p.session));
    picture_draw(&p, 1280, 800);
    assert_true(distance(now, pixel(&p, 3, 3)) > 12);
    assert_true(says(&p, "The past: now is 1 step ahead"));
    picture_free(&p);
}

static void test_contrast(void **state) {
    (void)state;
    static const Ink texts[] = {INK_TEXT,   INK_DIM,   INK_ACCENT, INK_GREY, INK_SKY,
                                INK_ORANGE, INK_GREEN, INK_PURPLE, INK_RED,  INK_YELLOW};
    for (Theme theme = THEME_DARK; theme <= THEME_LIGHT; theme++)
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            double panel = ink_contrast(ink_rgb(theme, texts[i]), ink_rgb(theme, INK_PANEL));
            double on = i >= 2 ? ink_contrast(ink_rgb(theme, texts[i]), ink_rgb(theme, INK_ON)) : 21;
            if (panel < 4.5 || on < 4.5)
                fail_msg("theme %d, ink %d: %.1f on a panel, %.1f under text", (int)theme, (int)texts[i], panel, on);
        }
}

static int conversions(const char *text) {
    int count = 0;
    for (; *text; text++)
        if (*text == '%') count++;
    return count;
}

static void test_words(void **state) {
    (void)state;
    for (Word w = 0; w < WORD_COUNT; w++)
        for (Language language = 0; language < LANGUAGE_COUNT; language++) {
            assert_true(*word(language, w));
            assert_int_equal(conversions(word(language, w)), conversions(word(LANGUAGE_EN, w)));
        }
    assert_int_equal(language_of("zh_CN.UTF-8"), LANGUAGE_ZH_CN);
    assert_int_equal(language_of("fr_FR"), LANGUAGE_EN);
    assert_int_equal(language_of(NULL), LANGUAGE_EN);
    Short text;
    assert_string_equal(word_format(&text, LANGUAGE_ZH_CN, WORD_NEXT_FIRES, "TIME_WAIT", "A"),
                        "A 的 TIME_WAIT 计时器到时");
}

static cairo_status_t count_bytes(void *closure, const unsigned char *data, unsigned int length) {
    (void)data;
    *(size_t *)closure += length;
    return CAIRO_STATUS_SUCCESS;
}

static void test_draws_svg(void **state) {
    (void)state;
    Session *session = lab_new_session();
    lab_open(session);
    size_t bytes = 0;
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(count_bytes, &bytes, 1280, 800);
    cairo_t *cr = cairo_create(surface);
    StageLook look = STAGE_LOOK;
    look.theme = THEME_LIGHT;
    look.bare = true;
    stage_draw(cr, 1280, 800, &look, session, playhead_now(session));
    assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    cairo_surface_destroy(surface);
    session_free(session);
    assert_true(bytes > 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_text_overlaps),
        cmocka_unit_test(test_overlays_and_looks),
        cmocka_unit_test(test_scale_never_cuts_off),
        cmocka_unit_test(test_overlap_is_noticed),
        cmocka_unit_test(test_node_is_lit),
        cmocka_unit_test(test_nodes_stand_apart),
        cmocka_unit_test(test_packet_is_midway),
        cmocka_unit_test(test_states_are_written_large),
        cmocka_unit_test(test_header_shows_the_bits),
        cmocka_unit_test(test_loss_is_crossed_out),
        cmocka_unit_test(test_past_looks_different),
        cmocka_unit_test(test_contrast),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_draws_svg),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
