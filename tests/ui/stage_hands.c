/* stage_hands.c - each key and each way of the mouse, in the program with its window: the line that would do the same
 * appears at the prompt. Where things are drawn is known from a picture of the same moment. */
#include "window.h"

#include "../../repl/view/view.h"
#include "../view/record/paint_record.h"
#include "stage_lab.h"

enum { WIDTH = 1280, HEIGHT = 800 };

/* ---- The same moment, drawn here ---- */

typedef struct Mirror {
    Session *session;
    Scene *scene;
    Paint *paint;
    StageLook look;
    Hits hits;
} Mirror;

static void mirror_draw(Mirror *m) {
    scene_update(m->scene, m->session, playhead_now(m->session));
    draw_stage(m->paint, WIDTH, HEIGHT, &m->look, m->session, m->scene, &m->hits);
}

static Mirror mirror_open(void (*reach)(Session *session)) {
    Mirror m = {.session = lab_new_session(), .scene = scene_new(), .paint = record_new(NULL), .look = STAGE_LOOK};
    reach(m.session);
    mirror_draw(&m);
    return m;
}

static void mirror_close(Mirror *m) {
    scene_free(m->scene);
    paint_free(m->paint);
    session_free(m->session);
}

/* The middle of what asks for this action. */
static void place(const Mirror *m, Action action, uint32_t value, int *px, int *py) {
    for (size_t i = m->hits.count; i-- > 0;) {
        const Hit *hit = &m->hits.hit[i];
        if (hit->action != action || hit->value != value) continue;
        *px = (int)(hit->rect.x + hit->rect.w / 2);
        *py = (int)(hit->rect.y + hit->rect.h / 2);
        return;
    }
    fail_msg("nothing to press for action %d", (int)action);
}

/* ---- The program ---- */

static void open_connecting(Term *t) {
    open_program(t);
    term_line(t, "s = B:listen(80)", "");
    term_line(t, "c = A:connect(B, 80, {port=7777})", "");
    wait_still(t);
}

static void click_at(Term *t, int px, int py, int button) {
    char command[96];
    snprintf(command, sizeof command, "mousemove --window %s %d %d click %d", window_id, px, py, button);
    tool(command);
    wait_still(t);
}

static void press(Term *t, const char *key, const char *line) {
    char command[64], shown[128];
    snprintf(command, sizeof command, "key %s", key);
    snprintf(shown, sizeof shown, "> %s", line);
    tool(command);
    term_shows(t, shown);
    wait_still(t); /* a key means what is seen: hold or release */
}

/* ---- Keys ---- */

static void keys_say_their_lines(void **state) {
    (void)state;
    static const struct {
        const char *key, *line;
    } keys[] = {
        {"h", "wire[1]:hold()"},
        {"h", "wire[1]:release()"},
        {"u", "wire[1]:dup()"},
        {"x", "wire[1]:corrupt()"},
        {"d", "wire[1]:drop()"},
        {"w", "why()"},
        {"Escape", ""},
        {"Return", "wire[1]:deliver()"},
        {"shift+space", "step()"},
        {"BackSpace", "back()"},
        {"Right", "forward()"},
        {"Home", "seek(0)"},
        {"End", "seek(9)"},
        {"t", "stage.theme = \"light\""},
        {"r", "stage.absolute = true"},
        {"F5", "stage.present = true"},
        {"F5", "stage.present = false"},
        {"l", "stage.lang = \"zh_CN\""},
        {"l", "stage.lang = \"zh_TW\""},
        {"l", "stage.lang = \"en\""},
        {"plus", "stage.speed = 2"},
        {"minus", "stage.speed = 1"},
        {"alt+1", "stage.panels.diagram = false"},
        {"alt+2", "stage.panels.numbers = false"},
        {"alt+3", "stage.panels.timers = false"},
        {"alt+4", "stage.panels.sequence = false"},
        {"alt+5", "stage.panels.header = false"},
        {"alt+5", "stage.panels.header = true"},
        {"bracketright", "stage.stretch = "},
        {"f", "stage.fullscreen = true"},
        {"f", "stage.fullscreen = false"},
        {"p", "stage.playing = true"},
    };
    static Term t;
    open_connecting(&t);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) press(&t, keys[i].key, keys[i].line);
    term_line(&t, "stage.theme == \"light\" and stage.absolute and not stage.panels.numbers and stage.panels.header",
              "true");
    leave(&t);
}

/* What is typed does what the key does. */
static void lines_do_what_keys_do(void **state) {
    (void)state;
    static const char *const lines[] = {"stage.theme = \"light\"", "stage.lang = \"zh_TW\"",
                                        "stage.panels.header = false", "stage.present = true", "stage.absolute = true"};
    static const char *const keys[] = {"key t", "key l key l", "key alt+5", "key F5", "key r"};
    uint64_t typed[5];
    static Term t;
    for (int by_keys = 0; by_keys < 2; by_keys++) {
        open_connecting(&t);
        for (size_t i = 0; i < 5; i++) {
            uint64_t before = wait_still(&t);
            if (by_keys) tool(keys[i]);
            else term_line(&t, lines[i], "");
            wait_changed(&t, before);
            uint64_t now = wait_still(&t);
            if (by_keys && now != typed[i]) fail_msg("%s and %s do not look the same", lines[i], keys[i]);
            typed[i] = now;
        }
        leave(&t);
        while (is_drawn()) usleep(1000);
    }
}

/* ---- The mouse ---- */

static void menu_of_a_packet(void **state) {
    (void)state;
    static const struct {
        Action action;
        InputKind input;
        const char *line;
    } items[] = {
        {ACT_HOLD, INPUT_HOLD, "> wire[1]:hold()"},       {ACT_DUP, INPUT_DUP, "> wire[1]:dup()"},
        {ACT_DELAY, INPUT_DELAY, "> wire[1]:delay(0.1)"}, {ACT_CORRUPT, INPUT_CORRUPT, "> wire[1]:corrupt()"},
        {ACT_DROP, INPUT_DROP, "> wire[1]:drop()"},       {ACT_DELIVER, INPUT_DELIVER, "> wire[1]:deliver()"},
        {ACT_SHOW, INPUT_DELIVER, "> show(wire[1])"},
    };
    static Term t;
    int px, py;
    open_connecting(&t);
    Mirror m = mirror_open(lab_syn);
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        m.look = STAGE_LOOK;
        mirror_draw(&m);
        place(&m, ACT_PACKET, 1, &px, &py);
        click_at(&t, px, py, i % 2 ? 3 : 1);
        m.look.selected = packet(m.session, 0);
        m.look.menu = true;
        m.look.menu_x = px + 8;
        m.look.menu_y = py + 8;
        mirror_draw(&m);
        place(&m, items[i].action, 0, &px, &py);
        click_at(&t, px, py, 1);
        term_shows(&t, items[i].line);
        if (items[i].action == ACT_SHOW) break;
        wait_still(&t);
        term_line(&t, "back()", "2"); /* the same moment again, with what was done lying ahead */
        wait_still(&t);
        act(m.session, (Input){.kind = items[i].input, .packet = packet(m.session, 0), .value = 100000});
        session_seek(m.session, 2);
    }
    mirror_close(&m);
    leave(&t);
}

static void drags_a_packet(void **state) {
    (void)state;
    static Term t;
    int px, py;
    char command[192];
    open_connecting(&t);
    Mirror m = mirror_open(lab_syn);
    place(&m, ACT_PACKET, 1, &px, &py);
    m.look.selected = packet(m.session, 0);
    m.look.drag_y = 40;
    double seconds = drag_seconds(m.scene, &m.look);
    assert_true(seconds > 0.02);
    snprintf(command, sizeof command, "mousemove --window %s %d %d mousedown 1 mousemove --window %s %d %d", window_id,
             px, py, window_id, px, py + 20);
    tool(command);
    snprintf(command, sizeof command, "mousemove --window %s %d %d sleep 0.1 mouseup 1", window_id, px, py + 40);
    tool(command);
    snprintf(command, sizeof command, "> wire[1]:delay(%.3f)", seconds);
    term_shows(&t, command);
    wait_still(&t);
    mirror_close(&m);
    leave(&t);
}

static void wheel_scrolls_and_time_line_is_pressed(void **state) {
    (void)state;
    static Term t;
    int px, py;
    open_connecting(&t);
    Mirror m = mirror_open(lab_syn);
    term_type(&t, "stage.speed = 16 run() for i = 1, 6 do c:send('x') run() end\r"); /* taller than the ladder */
    term_expect(&t, "end\n>");
    uint64_t end = wait_still(&t);
    click_at(&t, 640, 300, 4);
    assert_true(picture() != end);
    click_at(&t, 640, 300, 5);
    place(&m, ACT_SEEK, 0, &px, &py);
    click_at(&t, px, py, 1);
    term_shows(&t, "> seek(0)");
    mirror_close(&m);
    leave(&t);
}

int main(void) {
    if (!have("Xvfb") || !have("xdotool")) {
        printf("SKIPPED: Xvfb and xdotool are needed (packages xvfb, xdotool)\n");
        return SKIPPED;
    }
#define WINDOW_TEST(test) cmocka_unit_test_teardown(test, end_running)
    const struct CMUnitTest tests[] = {
        WINDOW_TEST(keys_say_their_lines),
        WINDOW_TEST(lines_do_what_keys_do),
        WINDOW_TEST(menu_of_a_packet),
        WINDOW_TEST(drags_a_packet),
        WINDOW_TEST(wheel_scrolls_and_time_line_is_pressed),
    };
    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
