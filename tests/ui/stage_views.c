/* stage_views.c - the picture in real fonts and pixels: what it shows is where it should be, no texts overlap, none is
 * cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>

#include "../../repl/view/ladder.h"
#include "../../repl/view/paint_cairo.h"
#include "../view/record/shapes.h"
#include "stage_lab.h"

typedef struct Picture {
    Session *session;
    Scene *scene;
    Paint *paint, *record;
    StageLook look;
    uint32_t *pixels;
    int width, height;
} Picture;

static Picture picture_of(const Moment *moment) {
    Picture p = {.session = lab_new_session(), .scene = scene_new(), .paint = paint_cairo_new(), .look = STAGE_LOOK};
    p.record = record_new(p.paint);
    moment->reach(p.session);
    Playhead at = playhead_now(p.session);
    if (moment->approach > 0) at = (Playhead){at.step - 1, 1, moment->approach};
    scene_update(p.scene, p.session, at);
    return p;
}

static void picture_at(Picture *p, Playhead at) { scene_update(p->scene, p->session, at); }

/* What is drawn, as a record. */
static void picture_draw(Picture *p, int width, int height) {
    p->width = width;
    p->height = height;
    draw_stage(p->record, width, height, &p->look, p->session, p->scene, NULL);
}

static void picture_target(Picture *p, int width, int height) {
    free(p->pixels);
    p->width = width;
    p->height = height;
    p->pixels = calloc((size_t)width * (size_t)height, sizeof *p->pixels);
    assert_true(paint_cairo_pixels(p->paint, p->pixels, width, height, 4 * width));
}

/* ... and as pixels. */
static void picture_draw_pixels(Picture *p, int width, int height) {
    picture_target(p, width, height);
    draw_stage(p->paint, width, height, &p->look, p->session, p->scene, NULL);
    assert_true(paint_cairo_finish(p->paint));
    picture_draw(p, width, height);
}

static void picture_free(Picture *p) {
    free(p->pixels);
    paint_free(p->record);
    paint_free(p->paint);
    scene_free(p->scene);
    session_free(p->session);
}

/* Of a logical place. */
static uint32_t pixel(const Picture *p, double x, double y) {
    double scale = layout_of(p->width, p->height, &p->look).scale;
    int px = (int)(x * scale), py = (int)(y * scale);
    if (px < 0 || py < 0 || px >= p->width || py >= p->height) return 0;
    return p->pixels[(size_t)py * (size_t)p->width + (size_t)px] & 0xffffff;
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
                faults += text_faults(p.record, moments[m].name, p.width, p.height);
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
            faults += text_faults(p.record, "looks", p.width, p.height);
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
        faults += text_faults(p.record, "scale", p.width, p.height);
    }
    picture_free(&p);
    assert_int_equal(faults, 0);
}

/* ---- What is where ---- */

static void test_node_is_lit(void **state) {
    (void)state;
    Picture p = picture_of(&moments[5]); /* A: TIME_WAIT, B: CLOSED */
    picture_target(&p, 300, 260);
    View view = {.paint = p.paint, .scene = p.scene, .session = p.session, .look = &p.look};
    paint_begin(p.paint, THEME_DARK);
    Rect rect = {10, 10, 280, 240};
    draw_diagram(&view, rect, &p.scene->host[0]);
    assert_true(paint_cairo_finish(p.paint));
    for (State s = STATE_CLOSED; s < STATE_COUNT; s++) {
        Rect node = diagram_node(rect, s);
        int x = (int)(node.x + 3), y = (int)(node.y + node.h / 2);
        uint32_t colour = p.pixels[y * p.width + x] & 0xffffff;
        bool lit = distance(colour, ink_rgb(THEME_DARK, state_ink(s))) < 12;
        if (lit != (s == STATE_TIME_WAIT)) fail_msg("%s is %s", state_name(s), lit ? "lit" : "not lit");
    }
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
    picture_draw_pixels(&p, 1280, 800);
    Rect ladder = layout_of(1280, 800, &p.look).ladder;
    const Flight *flight = &p.scene->story.flights[0];
    double x, y, a = ladder_x(p.scene, ladder, 0), b = ladder_x(p.scene, ladder, 1);
    ladder_packet(p.scene, ladder, 0, flight, &x, &y);
    assert_true(fabs(x - (a + b) / 2) < 1);
    assert_int_equal(p.scene->time, 25000);
    /* Beside the word in its capsule there is the capsule's colour; there was none before. */
    assert_true(near_ink(&p, x, y - 9, flags_ink(FLAG_SYN, 0)));
    picture_at(&p, (Playhead){2, 1, 0});
    picture_draw_pixels(&p, 1280, 800);
    assert_false(near_ink(&p, x, y - 9, flags_ink(FLAG_SYN, 0)));
    picture_free(&p);
}

static void test_states_are_written_large(void **state) {
    (void)state;
    Picture p = picture_of(&moments[5]);
    picture_draw(&p, 1280, 800);
    size_t count;
    const Drawn *drawn = record_drawn(p.record, &count);
    double tallest = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(drawn[i].text, "TIME_WAIT") == 0) tallest = fmax(tallest, drawn[i].size);
    assert_true(tallest > 26);
    assert_true(says(p.record, "60.0 s")); /* the countdown */
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
    assert_true(says(p.record, text));
    snprintf(text, sizeof text, "0x%04x", (unsigned)view.bytes[36] << 8 | view.bytes[37]);
    assert_true(says(p.record, text));
    assert_true(says(p.record, "MSS 1460"));
    assert_true(says(p.record, "7777"));
    p.look.absolute = true; /* on the ladder, from the event: the same number */
    picture_draw(&p, 1280, 800);
    snprintf(text, sizeof text, "seq=%lu", (unsigned long)view.segment.seq.value);
    assert_true(says(p.record, text));
    picture_free(&p);
}

static void test_loss_is_crossed_out(void **state) {
    (void)state;
    const Moment syn = {"", lab_syn, 0};
    Picture p = picture_of(&syn);
    picture_draw_pixels(&p, 1280, 800);
    assert_false(says(p.record, "dropped by hand"));
    do_packet(p.session, INPUT_DROP, 0);
    picture_at(&p, playhead_now(p.session));
    picture_draw_pixels(&p, 1280, 800);
    assert_true(says(p.record, "dropped by hand"));
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
    picture_draw_pixels(&p, 1280, 800);
    uint32_t now = pixel(&p, 3, 3);
    session_seek(p.session, session_steps(p.session) - 1);
    picture_at(&p, playhead_now(p.session));
    picture_draw_pixels(&p, 1280, 800);
    assert_true(distance(now, pixel(&p, 3, 3)) > 12);
    assert_true(says(p.record, "The past: now is 1 step ahead"));
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
    Short text;
    assert_string_equal(word_format(&text, LANGUAGE_ZH_CN, WORD_NEXT_FIRES, "TIME_WAIT", "A"),
                        "A 的 TIME_WAIT 计时器到时");
}

/* Each format as a file in memory: it begins as it must, holds something, and pixels are the same when drawn again. */
static void test_draws_files(void **state) {
    (void)state;
    static const char *const starts[] = {[PICTURE_PNG] = "\x89PNG", [PICTURE_SVG] = "<?xml", [PICTURE_PDF] = "%PDF-"};
    Session *session = lab_new_session();
    Paint *paint = paint_cairo_new();
    lab_open(session);
    StageLook look = STAGE_LOOK;
    look.theme = THEME_LIGHT;
    look.bare = true;
    for (PictureFormat format = PICTURE_PNG; format <= PICTURE_PDF; format++) {
        char *bytes[2] = {NULL, NULL};
        size_t length[2];
        for (int i = 0; i < 2; i++) {
            FILE *out = open_memstream(&bytes[i], &length[i]);
            assert_true(paint_cairo_output(paint, out, format, 1280, 800));
            assert_true(draw_session(paint, 1280, 800, &look, session, playhead_now(session)));
            assert_true(paint_cairo_finish(paint));
            fclose(out);
        }
        assert_true(length[0] > 10000);
        assert_memory_equal(bytes[0], starts[format], strlen(starts[format]));
        if (format == PICTURE_PNG) { /* SVG counts the surfaces of the process, PDF says when it was made */
            assert_int_equal(length[0], length[1]);
            assert_memory_equal(bytes[0], bytes[1], length[0]);
        }
        free(bytes[0]);
        free(bytes[1]);
    }
    paint_free(paint);
    session_free(session);
}

static void test_pdf_has_pages(void **state) {
    (void)state;
    Session *session = lab_new_session();
    Paint *paint = paint_cairo_new();
    lab_open(session);
    StageLook look = STAGE_LOOK;
    char *bytes = NULL;
    size_t length;
    FILE *out = open_memstream(&bytes, &length);
    assert_true(paint_cairo_output(paint, out, PICTURE_PDF, 1280, 800));
    for (uint32_t step = 0; step < 3; step++) {
        if (step) paint_cairo_page(paint);
        assert_true(draw_session(paint, 1280, 800, &look, session, (Playhead){step, 1, 0}));
    }
    assert_true(paint_cairo_finish(paint));
    fclose(out);
    assert_non_null(memmem(bytes, length, "/Count 3", 8));
    free(bytes);
    paint_free(paint);
    session_free(session);
}

static void test_failed_output_is_told(void **state) {
    (void)state;
    Paint *paint = paint_cairo_new();
    FILE *full = fopen("/dev/full", "wb");
    if (!full) skip();
    assert_true(paint_cairo_output(paint, full, PICTURE_PNG, 64, 64));
    paint_begin(paint, THEME_DARK);
    paint_fill(paint, (Rect){0, 0, 64, 64}, INK_PANEL, 1);
    assert_false(paint_cairo_finish(paint));
    assert_true(*paint_cairo_error(paint));
    fclose(full);
    uint32_t pixel = 0;
    assert_false(paint_cairo_pixels(paint, &pixel, 1, 1, 2)); /* no stride for a pixel of four bytes */
    assert_false(paint_cairo_finish(paint));
    paint_free(paint);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_text_overlaps),
        cmocka_unit_test(test_overlays_and_looks),
        cmocka_unit_test(test_scale_never_cuts_off),
        cmocka_unit_test(test_node_is_lit),
        cmocka_unit_test(test_nodes_stand_apart),
        cmocka_unit_test(test_packet_is_midway),
        cmocka_unit_test(test_states_are_written_large),
        cmocka_unit_test(test_header_shows_the_bits),
        cmocka_unit_test(test_loss_is_crossed_out),
        cmocka_unit_test(test_past_looks_different),
        cmocka_unit_test(test_contrast),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_draws_files),
        cmocka_unit_test(test_pdf_has_pages),
        cmocka_unit_test(test_failed_output_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
