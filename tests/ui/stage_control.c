/* stage_control.c - each key and each press runs its line of Lua, and nothing else changes the session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>

#include "../../repl/stage/control.h"
#include "../view/record/paint_record.h"
#include "stage_lab.h"

typedef struct Desk {
    Session *session;
    Scene *scene;
    Paint *paint;
    StageLook look;
    Hits hits;
    Control control;
    char said[512];
} Desk;

static void hear(void *self, const char *line) {
    Desk *desk = self;
    size_t length = strlen(desk->said);
    snprintf(desk->said + length, sizeof desk->said - length, "%s%s", length ? "; " : "", line);
}

static void go_on(void *self) { hear(self, "(goes on)"); }

static void redraw(Desk *desk) {
    scene_update(desk->scene, desk->session, playhead_now(desk->session));
    story_update(&desk->scene->story, desk->session);
    draw_stage(desk->paint, 1280, 800, &desk->look, desk->session, desk->scene, &desk->hits);
    desk->control.layout = layout_of(1280, 800, &desk->look);
    *desk->said = 0;
}

static Desk *open_desk(void (*reach)(Session *session)) {
    Desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->session = lab_new_session();
    reach(desk->session);
    desk->scene = scene_new();
    desk->paint = record_new(NULL);
    desk->look = STAGE_LOOK;
    desk->control = (Control){.look = &desk->look,
                              .scene = desk->scene,
                              .hits = &desk->hits,
                              .command = hear,
                              .echo = hear,
                              .go_on = go_on,
                              .self = desk};
    redraw(desk);
    return desk;
}

static void close_desk(Desk *desk) {
    scene_free(desk->scene);
    paint_free(desk->paint);
    session_free(desk->session);
    free(desk);
}

static const char *press_key(Desk *desk, Key key) {
    *desk->said = 0;
    control_key(&desk->control, key);
    return desk->said;
}

static const Hit *find_hit(const Desk *desk, Action action, uint32_t value) {
    for (size_t i = desk->hits.count; i-- > 0;)
        if (desk->hits.hit[i].action == action && desk->hits.hit[i].value == value) return &desk->hits.hit[i];
    return NULL;
}

static void middle(const Hit *hit, double *x, double *y) {
    *x = hit->rect.x + hit->rect.w / 2;
    *y = hit->rect.y + hit->rect.h / 2;
}

static const char *click(Desk *desk, Action action, uint32_t value) {
    const Hit *hit = find_hit(desk, action, value);
    if (!hit) fail_msg("nothing to press for action %d", (int)action);
    double x, y;
    middle(hit, &x, &y);
    *desk->said = 0;
    control_press(&desk->control, x, y, false);
    control_release(&desk->control, x, y);
    return desk->said;
}

static void test_keys_say_lines(void **state) {
    (void)state;
    static const struct {
        Key key;
        const char *line;
    } keys[] = {
        {KEY_STEP, "step()"},
        {KEY_BACK, "back()"},
        {KEY_LEFT, "back()"},
        {KEY_RIGHT, "step()"},
        {KEY_HOME, "seek(0)"},
        {KEY_END, ""},
        {KEY_DROP, "wire[1]:drop()"},
        {KEY_DUP, "wire[1]:dup()"},
        {KEY_HOLD, "wire[1]:hold()"},
        {KEY_CORRUPT, "wire[1]:corrupt()"},
        {KEY_DELIVER, "wire[1]:deliver()"},
        {KEY_INPUT, "step()"},
        {KEY_THEME, "stage.theme = \"light\""},
        {KEY_THEME, "stage.theme = \"dark\""},
        {KEY_LANGUAGE, "stage.lang = \"zh_CN\""},
        {KEY_LANGUAGE, "stage.lang = \"zh_TW\""},
        {KEY_LANGUAGE, "stage.lang = \"en\""},
        {KEY_RELATIVE, "stage.absolute = true"},
        {KEY_RELATIVE, "stage.absolute = false"},
        {KEY_LECTURE, "stage.present = true"},
        {KEY_FULLSCREEN, "stage.fullscreen = true"},
        {KEY_PLAY, "stage.playing = true"},
        {KEY_PLAY, "stage.playing = false"},
        {KEY_HELP, ""},
        {KEY_ESCAPE, ""},
        {KEY_FASTER, "stage.speed = 2"},
        {KEY_SLOWER, "stage.speed = 1"},
        {KEY_SLOWER, "stage.speed = 0.5"},
        {KEY_PANEL_1, "stage.panels.diagram = false"},
        {KEY_PANEL_1, "stage.panels.diagram = true"},
        {KEY_PANEL_5, "stage.panels.header = false"},
    };
    Desk *desk = open_desk(lab_syn);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_string_equal(press_key(desk, keys[i].key), keys[i].line);
    close_desk(desk);
}

static void test_keys_in_the_past(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_past);
    uint32_t steps_in_all = session_steps(desk->session);
    char last[32];
    snprintf(last, sizeof last, "seek(%u)", steps_in_all);
    assert_string_equal(press_key(desk, KEY_RIGHT), "forward()");
    assert_string_equal(press_key(desk, KEY_STEP), "forward()"); /* moving in history keeps the inputs undone */
    assert_string_equal(press_key(desk, KEY_END), last);
    close_desk(desk);
}

static void test_tab_goes_round(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_simultaneous);
    press_key(desk, KEY_NEXT);
    assert_int_equal(desk->look.selected.id, packet(desk->session, 0).id);
    press_key(desk, KEY_NEXT);
    assert_int_equal(desk->look.selected.id, packet(desk->session, 1).id);
    assert_string_equal(press_key(desk, KEY_DROP), "wire[2]:drop()");
    press_key(desk, KEY_NEXT);
    assert_int_equal(desk->look.selected.id, packet(desk->session, 0).id);
    press_key(desk, KEY_PREVIOUS);
    assert_int_equal(desk->look.selected.id, packet(desk->session, 1).id);
    close_desk(desk);
}

static void test_held_packet_is_released(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_rough);
    desk->look.selected = packet(desk->session, 1); /* held ones stand last */
    assert_string_equal(press_key(desk, KEY_HOLD), "wire[2]:release()");
    close_desk(desk);
}

static void test_nothing_in_flight_says_nothing(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_open);
    assert_string_equal(press_key(desk, KEY_DROP), "");
    assert_string_equal(press_key(desk, KEY_NEXT), "");
    close_desk(desk);
}

static void test_lesson_goes_on(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_syn);
    desk->look.waits = true;
    redraw(desk);
    assert_string_equal(press_key(desk, KEY_STEP), "(goes on)");
    assert_string_equal(click(desk, ACT_STEP, 0), "(goes on)");
    desk->control.notice = WORD_COUNT;
    assert_string_equal(press_key(desk, KEY_DROP), "");
    assert_int_equal(desk->control.notice, WORD_NEXT_WAITS);
    close_desk(desk);
}

/* The line that a key says sets what the key has set, for each of the settings. */
static void test_settings_are_kept(void **state) {
    (void)state;
    for (StageSetting setting = 0; setting < SETTING_COUNT; setting++) {
        const SettingInfo *info = setting_info(setting);
        StageLook look = STAGE_LOOK;
        const double values[] = {info->most, info->least > 0 ? 1 : info->least};
        for (size_t i = 0; i < 2; i++) {
            look_set(&look, setting, values[i]);
            assert_true(fabs(look_get(&look, setting) - values[i]) < 1e-9);
        }
        for (StageSetting other = 0; other < SETTING_COUNT; other++) { /* and no other */
            const StageLook fresh = STAGE_LOOK;
            if (other == setting) continue;
            assert_true(fabs(look_get(&look, other) - look_get(&fresh, other)) < 1e-9);
        }
    }
}

/* Settings are the person's own: they change while a lesson waits, too. */
static void test_settings_while_a_lesson_waits(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_syn);
    desk->look.waits = true;
    assert_string_equal(press_key(desk, KEY_THEME), "stage.theme = \"light\"");
    assert_int_equal(desk->look.theme, THEME_LIGHT);
    close_desk(desk);
}

/* What is due at one moment is one step for Space; Shift+Space takes it one by one. */
static void test_space_goes_to_the_next_instant(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_simultaneous);
    assert_string_equal(press_key(desk, KEY_STEP), "instant()");
    assert_string_equal(click(desk, ACT_STEP, 0), "instant()");
    assert_string_equal(press_key(desk, KEY_INPUT), "step()");
    assert_string_equal(press_key(desk, KEY_RIGHT), "step()");
    steps(desk->session, 2);
    session_seek(desk->session, 2);
    redraw(desk);
    assert_string_equal(press_key(desk, KEY_STEP), "forward(2)");
    assert_string_equal(press_key(desk, KEY_INPUT), "forward()");
    close_desk(desk);
}

/* In the past, a call of the same moment is a step of its own. */
static void test_calls_are_seen_one_by_one(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_open);
    do_conn(desk->session, INPUT_SEND, conn(desk->session, 0), "a");
    do_conn(desk->session, INPUT_SEND, conn(desk->session, 0), "b");
    session_seek(desk->session, session_steps(desk->session) - 3);
    redraw(desk);
    assert_string_equal(press_key(desk, KEY_STEP), "forward()");
    session_seek(desk->session, session_steps(desk->session) - 2);
    redraw(desk);
    assert_string_equal(press_key(desk, KEY_STEP), "forward()");
    close_desk(desk);
}

static void test_end_skips_the_film(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_past);
    press_key(desk, KEY_END);
    assert_true(desk->control.skip);
    close_desk(desk);
}

static void test_new_future_is_said(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_open);
    Short text = {""};
    assert_false(control_future(&desk->control, desk->session, &text));
    session_seek(desk->session, 3);
    assert_false(control_future(&desk->control, desk->session, &text)); /* looking back begins none */
    do_packet(desk->session, INPUT_DROP, 0);
    assert_true(control_future(&desk->control, desk->session, &text));
    assert_string_equal(text.s, "new future from step 3; branch 1 is the old one");
    assert_false(control_future(&desk->control, desk->session, &text)); /* once */
    session_reset(desk->session);
    assert_false(control_future(&desk->control, desk->session, &text));
    close_desk(desk);
}

static void test_buttons(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_past);
    assert_string_equal(click(desk, ACT_STEP, 0), "forward()");
    assert_string_equal(click(desk, ACT_BACK, 0), "back()");
    assert_string_equal(click(desk, ACT_FORWARD, 0), "forward()");
    assert_string_equal(click(desk, ACT_FIRST, 0), "seek(0)");
    assert_string_equal(click(desk, ACT_SEEK, 3), "seek(3)");
    assert_string_equal(click(desk, ACT_WHY, 0), "why()");
    double speed = desk->look.speed;
    assert_string_equal(click(desk, ACT_FASTER, 0), "stage.speed = 2");
    assert_true(desk->look.speed > speed);
    assert_string_equal(click(desk, ACT_PLAY, 0), "stage.playing = true");
    assert_true(desk->look.playing);
    *desk->said = 0;
    assert_true(control_play(&desk->control, true));
    assert_string_equal(desk->said, "forward()");
    close_desk(desk);
}

static void test_play_stops_where_nothing_moves(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_time_wait);
    desk->look.playing = true;
    assert_false(control_play(&desk->control, world_busy(session_world(desk->session))));
    assert_false(desk->look.playing);
    assert_string_equal(desk->said, "");
    close_desk(desk);
}

static void test_welcome_types_for_you(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_empty);
    assert_string_equal(click(desk, ACT_WELCOME, 0), "s = B:listen(80); c = A:connect(B, 80)");
    close_desk(desk);
}

static void test_menu_of_a_packet(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_syn);
    assert_string_equal(click(desk, ACT_PACKET, 1), "");
    assert_true(desk->look.menu);
    static const struct {
        Action action;
        const char *line;
    } items[] = {
        {ACT_DELIVER, "wire[1]:deliver()"}, {ACT_DROP, "wire[1]:drop()"},      {ACT_DUP, "wire[1]:dup()"},
        {ACT_HOLD, "wire[1]:hold()"},       {ACT_DELAY, "wire[1]:delay(0.1)"}, {ACT_CORRUPT, "wire[1]:corrupt()"},
        {ACT_SHOW, "show(wire[1])"},
    };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        desk->look.menu = true;
        redraw(desk);
        assert_string_equal(click(desk, items[i].action, 0), items[i].line);
        assert_false(desk->look.menu);
    }
    close_desk(desk);
}

static void test_diagram_opens_and_closes(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_syn);
    assert_string_equal(click(desk, ACT_DIAGRAM, 2), "stage.zoom = \"right\"");
    assert_int_equal(desk->look.diagram, 2);
    redraw(desk);
    assert_string_equal(press_key(desk, KEY_INPUT), "step()"); /* it stays open: the token runs in it */
    assert_int_equal(desk->look.diagram, 2);
    control_press(&desk->control, 10, 10, false); /* anywhere */
    assert_int_equal(desk->look.diagram, 0);
    desk->look.diagram = 1;
    assert_string_equal(press_key(desk, KEY_ESCAPE), "stage.zoom = \"none\"");
    assert_int_equal(desk->look.diagram, 0);
    close_desk(desk);
}

static void drag(Desk *desk, double pixels) {
    double x, y;
    redraw(desk);
    middle(find_hit(desk, ACT_PACKET, 1), &x, &y);
    control_press(&desk->control, x, y, false);
    for (int i = 1; i <= 10; i++) control_move(&desk->control, x, y + pixels * i / 10);
    assert_true(desk->look.dragging);
    control_release(&desk->control, x, y + pixels);
    assert_false(desk->look.dragging);
}

static void test_drag_changes_the_arrival(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_syn);
    drag(desk, -14.4);
    assert_string_equal(desk->said, "wire[1]:delay(-0.010)");
    drag(desk, 14.4);
    assert_string_equal(desk->said, "wire[1]:delay(0.010)");
    drag(desk, -500); /* at once: not before now */
    assert_string_equal(desk->said, "wire[1]:delay(-0.050)");
    close_desk(desk);
}

/* Where it stands that arrives right after the present: below what is written there. */
static double arrival_least(const Desk *desk) {
    const Story *story = &desk->scene->story;
    uint32_t most = 0;
    for (size_t host = 0; host < LIMIT_HOSTS; host++) most = story->stacked[host] > most ? story->stacked[host] : most;
    return story->instants[story->instant_count - 1].y + fmax(20 * most, 14);
}

/* Dragged anywhere, alone or among others, on the newest step or in the past: it arrives where it was dropped. */
static void test_arrives_where_it_is_dropped(void **state) {
    (void)state;
    static void (*const reaches[])(Session *) = {lab_syn, lab_rough, lab_simultaneous, lab_icmp};
    for (size_t r = 0; r < sizeof reaches / sizeof *reaches; r++)
        for (double pixels = -40; pixels <= 66; pixels += 5.3) {
            Desk *desk = open_desk(reaches[r]);
            desk->look.selected = packet(desk->session, 0);
            size_t flight = story_flight(&desk->scene->story, desk->look.selected);
            double dropped = desk->scene->story.flights[flight].y1 + (desk->look.drag_y = pixels);
            double seconds = drag_seconds(desk->scene, &desk->look);
            act(desk->session,
                (Input){.kind = INPUT_DELAY, .packet = desk->look.selected, .value = llround(seconds * 1e6)});
            redraw(desk);
            double y = desk->scene->story.flights[flight].y1;
            double least = arrival_least(desk);
            double off = fabs(y - fmax(dropped, least)); /* two moments are 14 apart at least */
            if (off > 1.5 && (off > 14 || desk->scene->story.plan_count == 1))
                fail_msg("moment %zu: dropped at %.1f, arrives at %.1f", r, dropped, y);
            close_desk(desk);
        }
}

static void test_wheel_scrolls_within(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_long);
    double end = ladder_follow(desk->scene, desk->control.layout.ladder.h);
    control_wheel(&desk->control, 3);
    assert_true(desk->look.scroll < end);
    for (int i = 0; i < 1000; i++) control_wheel(&desk->control, 3);
    assert_true(fabs(desk->look.scroll) < 1e-9);
    press_key(desk, KEY_STEP);
    assert_true(isnan(desk->look.scroll)); /* it follows again */
    close_desk(desk);
}

/* What a press on the time line at `x` seeks. */
static uint32_t sought_at(const Desk *desk, double x) {
    const Rect line = desk->hits.line;
    for (size_t i = desk->hits.count; i-- > 0;) {
        const Hit *hit = &desk->hits.hit[i];
        if (hit->action == ACT_SEEK && rect_has(hit->rect, x, line.y + line.h / 2)) return hit->value;
    }
    return UINT32_MAX;
}

static void enough_steps(Session *session) {
    for (int i = 1; i <= 100000; i++) act(session, (Input){.kind = INPUT_WAIT, .at = i * INT64_C(1000)});
}

/* Turns the wheel over the place where a step lies, as often as it takes: a press then hits it, with room to spare. */
static void test_each_of_100000_steps_can_be_hit(void **state) {
    (void)state;
    static const uint32_t wanted[] = {1, 2, 777, 50000, 66667, 99998, 99999, 100000};
    Desk *desk = open_desk(enough_steps);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        desk->look.stretch = 1;
        redraw(desk);
        const Rect line = desk->hits.line;
        const double left = line.x + 8, right = line.x + line.w - 8; /* beyond them, the ends are meant */
        const bool at_end = wanted[i] > 99900 || wanted[i] < 100;
        double x = at_end ? (wanted[i] < 100 ? left - 4 : right + 4) : left + (right - left) * wanted[i] / 100000;
        for (int turns = 0; turns < 60; turns++) {
            control_move(&desk->control, x, line.y + line.h / 2);
            control_wheel(&desk->control, 1);
            redraw(desk);
            if (at_end && turns < 59) continue;
            x = fmin(fmax(x, left + 1), right - 1);
            while (sought_at(desk, x) < wanted[i] && x + 1 < right) x += 1;
            while (sought_at(desk, x) > wanted[i] && x - 1 > left) x -= 1;
        }
        assert_int_equal(sought_at(desk, x), wanted[i]);
        assert_true(sought_at(desk, x - 5) == wanted[i] || sought_at(desk, x + 5) == wanted[i]);
    }
    close_desk(desk);
}

static void test_wide_time_line_follows(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_long);
    for (int i = 0; i < 3; i++) press_key(desk, KEY_WIDER);
    assert_memory_equal(desk->said, "stage.stretch = 4.7", 19); /* wider than that nobody needs it */
    static const uint32_t places[] = {3, 60, 9, 70};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        session_seek(desk->session, places[i]);
        redraw(desk);
        desk->look.line_from = timeline_follow(desk->scene, &desk->look);
        redraw(desk);
        assert_non_null(find_hit(desk, ACT_SEEK, places[i]));
    }
    for (int i = 0; i < 9; i++) press_key(desk, KEY_NARROWER);
    assert_string_equal(desk->said, "stage.stretch = 1");
    close_desk(desk);
}

static void test_why_opens_a_panel(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_simultaneous);
    assert_string_equal(press_key(desk, KEY_WHY), "why()");
    redraw(desk);
    assert_string_equal(click(desk, ACT_CLOSE, 0), "");
    assert_false(desk->look.why);
    press_key(desk, KEY_NEXT);
    press_key(desk, KEY_NEXT);
    assert_string_equal(press_key(desk, KEY_WHY), "why(wire[2])");
    assert_true(desk->look.why);
    press_key(desk, KEY_ESCAPE);
    assert_false(desk->look.why);
    assert_true(desk->look.selected.id != 0); /* Escape takes one thing at a time */
    press_key(desk, KEY_ESCAPE);
    assert_int_equal(desk->look.selected.id, 0);
    desk->look.waits = true; /* a lesson waits: nothing is run */
    assert_string_equal(press_key(desk, KEY_WHY), "");
    assert_true(desk->look.why);
    close_desk(desk);
}

static void test_slider(void **state) {
    (void)state;
    Desk *desk = open_desk(lab_open);
    double x, y;
    middle(find_hit(desk, ACT_SEEK, 3), &x, &y);
    control_press(&desk->control, x, y, false);
    assert_string_equal(desk->said, "seek(3)");
    middle(find_hit(desk, ACT_SEEK, 2), &x, &y);
    control_move(&desk->control, x, y - 300);
    assert_string_equal(desk->said, "seek(3)"); /* not before the session is there */
    session_seek(desk->session, 3);
    redraw(desk);
    control_move(&desk->control, x, y - 300);
    assert_string_equal(desk->said, "seek(2)");
    control_release(&desk->control, x, y - 300);
    session_seek(desk->session, 2);
    redraw(desk);
    middle(find_hit(desk, ACT_SEEK, 4), &x, &y);
    control_move(&desk->control, x, y);
    assert_string_equal(desk->said, "");
    close_desk(desk);
}

/* Random keys and presses: the window may look any way afterwards, the session has not changed. */
static void test_session_is_only_read(void **state) {
    (void)state;
    for (size_t m = 0; m < MOMENTS; m++) {
        Desk *desk = open_desk(moments[m].reach);
        uint64_t before = world_digest(session_world(desk->session));
        uint32_t steps_before = session_steps(desk->session), random = 12345;
        for (int i = 0; i < 120; i++) {
            random = random * 1664525u + 1013904223u;
            double x = (random >> 8) % 1280u, y = (random >> 18) % 800u;
            if (i % 3) control_press(&desk->control, x, y, i % 2 == 0);
            else control_key(&desk->control, (Key)(random >> 24) % (KEY_ESCAPE + 1));
            control_move(&desk->control, y, x);
            control_release(&desk->control, y, x);
            if (i % 10 == 0) redraw(desk);
        }
        assert_true(world_digest(session_world(desk->session)) == before);
        assert_int_equal(session_steps(desk->session), steps_before);
        close_desk(desk);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_say_lines),
        cmocka_unit_test(test_keys_in_the_past),
        cmocka_unit_test(test_tab_goes_round),
        cmocka_unit_test(test_held_packet_is_released),
        cmocka_unit_test(test_nothing_in_flight_says_nothing),
        cmocka_unit_test(test_lesson_goes_on),
        cmocka_unit_test(test_settings_are_kept),
        cmocka_unit_test(test_settings_while_a_lesson_waits),
        cmocka_unit_test(test_space_goes_to_the_next_instant),
        cmocka_unit_test(test_calls_are_seen_one_by_one),
        cmocka_unit_test(test_end_skips_the_film),
        cmocka_unit_test(test_new_future_is_said),
        cmocka_unit_test(test_buttons),
        cmocka_unit_test(test_play_stops_where_nothing_moves),
        cmocka_unit_test(test_welcome_types_for_you),
        cmocka_unit_test(test_menu_of_a_packet),
        cmocka_unit_test(test_diagram_opens_and_closes),
        cmocka_unit_test(test_drag_changes_the_arrival),
        cmocka_unit_test(test_arrives_where_it_is_dropped),
        cmocka_unit_test(test_wheel_scrolls_within),
        cmocka_unit_test(test_each_of_100000_steps_can_be_hit),
        cmocka_unit_test(test_wide_time_line_follows),
        cmocka_unit_test(test_why_opens_a_panel),
        cmocka_unit_test(test_slider),
        cmocka_unit_test(test_session_is_only_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
