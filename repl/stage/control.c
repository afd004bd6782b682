#include "control.h"

#include <math.h>

/* Not while a lesson waits: its next steps count on the state it left. */
static void say(Control *control, const char *line) {
    control->look->toast = NULL;
    if (control->look->waits) {
        control->notice = WORD_NEXT_WAITS;
        return;
    }
    if (control->command) control->command(control->self, line);
}

static void go_on(Control *control) {
    control->look->toast = NULL;
    if (control->go_on) control->go_on(control->self);
}

/* Also while a lesson waits or a script runs: it changes nothing but the picture. */
static void set(Control *control, StageSetting setting, double value) {
    Text line = TEXT_EMPTY;
    look_set(control->look, setting, value);
    text_setting(&line, setting, value);
    if (control->echo) control->echo(control->self, text_string(&line));
    text_free(&line);
}

/* To its next value. */
static void turn(Control *control, StageSetting setting) {
    double next = look_get(control->look, setting) + 1;
    const SettingInfo *info = setting_info(setting);
    set(control, setting, next > info->most ? info->least : next);
}

static void follow(Control *control) { control->look->scroll = NAN; }

/* ---- Packets ---- */

/* The selected packet's number in wire[...], or that of the next to arrive where none is selected; 0: none is in
 * flight. */
static uint32_t packet_index(const Control *control) {
    uint32_t index = scene_wire_index(control->scene, control->look->selected);
    if (index) return index;
    return control->scene->flying_count ? 1 : 0;
}

static void say_packet(Control *control, const char *verb) {
    uint32_t index = packet_index(control);
    Short line;
    if (index) say(control, short_format(&line, "wire[%u]:%s", index, verb));
}

static bool packet_held(const Control *control) {
    uint32_t index = packet_index(control);
    if (!index) return false;
    size_t flight = story_flight(&control->scene->story, control->scene->flying[index - 1]);
    return flight != SIZE_MAX && flight_held(control->scene, &control->scene->story.flights[flight]);
}

static void select_next(Control *control, int by) {
    uint32_t count = control->scene->flying_count, index = scene_wire_index(control->scene, control->look->selected);
    if (!count) return;
    uint32_t next = index ? (index - 1 + count + (uint32_t)(by + (int)count)) % count : 0;
    control->look->selected = control->scene->flying[next];
}

static void seek(Control *control, uint32_t step) {
    Short line;
    follow(control);
    if (step != control->scene->present) say(control, short_format(&line, "seek(%u)", step));
}

/* Steps that were undone and happen by themselves in one instant, from the present on; at least 1. */
static uint32_t undone_in_instant(const Scene *scene) {
    const Story *story = &scene->story;
    uint32_t count = 0;
    Input input;
    for (uint32_t i = scene->present; i < story->row_count; i++, count++) { /* a call stands alone */
        if (story->rows[i].time != story->rows[scene->present].time) break;
        if (!session_input(scene->session, i, &input)) break;
        if (input.kind != INPUT_DELIVER && input.kind != INPUT_TIMER && input.kind != INPUT_EXPIRE) break;
    }
    return count ? count : 1;
}

/* To the next instant; `single`: one step only. In the past, undone steps are done again: only acting starts another
 * future. */
static void step(Control *control, bool single) {
    const Scene *scene = control->scene;
    Short line;
    uint32_t undone = scene->ahead && !single ? undone_in_instant(scene) : 1;
    follow(control);
    if (control->look->waits) go_on(control);
    else if (!scene->ahead) say(control, !single && story_crowds(&scene->story) ? "instant()" : "step()");
    else say(control, undone > 1 ? short_format(&line, "forward(%u)", undone) : "forward()");
}

static void change_speed(Control *control, double factor) {
    const SettingInfo *info = setting_info(SETTING_SPEED);
    set(control, SETTING_SPEED, fmin(fmax(control->look->speed * factor, info->least), info->most));
}

/* The panel also opens while a lesson waits. */
static void explain(Control *control) {
    uint32_t index = scene_wire_index(control->scene, control->look->selected);
    Short line;
    control->look->why = true;
    if (!control->look->waits) say(control, index ? short_format(&line, "why(wire[%u])", index) : "why()");
}

static void act(Control *control, Action action, uint32_t value) {
    StageLook *look = control->look;
    uint32_t last = control->scene->present + control->scene->ahead;
    switch (action) {
    case ACT_STEP: step(control, false); break;
    case ACT_INPUT: step(control, true); break;
    case ACT_BACK:
        follow(control);
        say(control, "back()");
        break;
    case ACT_FORWARD:
        follow(control);
        say(control, "forward()");
        break;
    case ACT_FIRST: seek(control, 0); break;
    case ACT_LAST:
        seek(control, last);
        control->skip = true;
        break;
    case ACT_SEEK: seek(control, value); break;
    case ACT_PLAY: turn(control, SETTING_PLAYING); break;
    case ACT_SLOWER: change_speed(control, 0.5); break;
    case ACT_FASTER: change_speed(control, 2); break;
    case ACT_WELCOME:
        say(control, "s = B:listen(80)");
        say(control, "c = A:connect(B, 80)");
        break;
    case ACT_WHY: explain(control); break;
    case ACT_CLOSE: look->why = false; break;
    case ACT_DELIVER: say_packet(control, "deliver()"); break;
    case ACT_DROP: say_packet(control, "drop()"); break;
    case ACT_DUP: say_packet(control, "dup()"); break;
    case ACT_HOLD: say_packet(control, packet_held(control) ? "release()" : "hold()"); break;
    case ACT_CORRUPT: say_packet(control, "corrupt()"); break;
    case ACT_DELAY: say_packet(control, "delay(0.1)"); break;
    case ACT_SHOW: {
        Short line;
        uint32_t index = packet_index(control);
        if (index) say(control, short_format(&line, "show(wire[%u])", index));
        break;
    }
    case ACT_HELP: look->help = !look->help; break;
    case ACT_DIAGRAM: set(control, SETTING_ZOOM, look->diagram == value ? 0 : value); break;
    case ACT_PACKET:
    case ACT_NONE: break;
    }
}

/* ---- Keys ---- */

static StageSetting key_setting(Key key) {
    switch ((int)key) {
    case KEY_PANEL_1:
    case KEY_PANEL_2:
    case KEY_PANEL_3:
    case KEY_PANEL_4:
    case KEY_PANEL_5: return (StageSetting)(SETTING_FIRST_PANEL + (key - KEY_PANEL_1));
    case KEY_THEME: return SETTING_THEME;
    case KEY_RELATIVE: return SETTING_ABSOLUTE;
    case KEY_LECTURE: return SETTING_PRESENT;
    case KEY_LANGUAGE: return SETTING_LANG;
    case KEY_FULLSCREEN: return SETTING_FULLSCREEN;
    default: return SETTING_COUNT;
    }
}

/* Takes away what lies on top; at last, the selection. */
static void escape(Control *control) {
    StageLook *look = control->look;
    if (look->help || look->menu) look->help = look->menu = false;
    else if (look->why) look->why = false;
    else if (look->diagram) set(control, SETTING_ZOOM, 0);
    else look->selected = PACKET_NONE;
}

/* Around the playhead. */
static void widen(Control *control, double factor) {
    StageLook *look = control->look;
    timeline_stretch(control->scene, look, control->hits->line, 0, factor);
    look->line_from = timeline_follow(control->scene, look);
    set(control, SETTING_STRETCH, look->stretch);
}

static void change_look(Control *control, Key key) {
    StageSetting setting = key_setting(key);
    if (setting != SETTING_COUNT) turn(control, setting);
    else if (key == KEY_WHY && control->look->why) control->look->why = false;
    else if (key == KEY_WHY) explain(control);
    else if (key == KEY_WIDER || key == KEY_NARROWER) widen(control, key == KEY_WIDER ? 2 : 0.5);
    else if (key == KEY_HELP) control->look->help = !control->look->help;
    else if (key == KEY_PICTURE) control->picture = true;
    else if (key == KEY_QUIT) control->quit = true;
    else if (key == KEY_ESCAPE) escape(control);
}

static Action key_action(Key key) {
    static const Action actions[] = {
        [KEY_STEP] = ACT_STEP,     [KEY_INPUT] = ACT_INPUT,     [KEY_BACK] = ACT_BACK,       [KEY_LEFT] = ACT_BACK,
        [KEY_RIGHT] = ACT_INPUT,   [KEY_HOME] = ACT_FIRST,      [KEY_END] = ACT_LAST,        [KEY_PLAY] = ACT_PLAY,
        [KEY_FASTER] = ACT_FASTER, [KEY_SLOWER] = ACT_SLOWER,   [KEY_DROP] = ACT_DROP,       [KEY_DUP] = ACT_DUP,
        [KEY_HOLD] = ACT_HOLD,     [KEY_CORRUPT] = ACT_CORRUPT, [KEY_DELIVER] = ACT_DELIVER, [KEY_ESCAPE] = ACT_NONE,
    };
    return actions[key];
}

void control_key(Control *control, Key key) {
    StageLook *look = control->look;
    if (look->help && key != KEY_QUIT) { /* any key closes the help */
        look->help = false;
        return;
    }
    if (key != KEY_ESCAPE) look->menu = false;
    if (key != KEY_PLAY && key != KEY_FASTER && key != KEY_SLOWER) look->playing = false;
    if (key == KEY_NEXT || key == KEY_PREVIOUS) select_next(control, key == KEY_NEXT ? 1 : -1);
    else if (key_action(key) != ACT_NONE) act(control, key_action(key), 0);
    else change_look(control, key);
}

bool control_future(Control *control, const Session *session, Short *text) {
    Branch newest;
    uint32_t count = session_branches(session), before = control->branch;
    if (!count || !session_branch(session, count - 1, &newest)) return false;
    control->branch = newest.number;
    if (!before || newest.number <= before) return false; /* the first, or the history begins anew */
    word_format(text, control->look->language, WORD_NEW_FUTURE, newest.began, newest.origin);
    return true;
}

bool control_play(Control *control, bool busy) {
    if (control->scene->ahead) act(control, ACT_FORWARD, 0);
    else if (busy && control->scene->next && !control->look->waits) act(control, ACT_STEP, 0);
    else return control->look->playing = false;
    return true;
}

/* ---- Mouse ---- */

static const Hit *hit_at(const Control *control, double x, double y) {
    for (size_t i = control->hits->count; i-- > 0;) /* what was drawn last lies on top */
        if (rect_has(control->hits->hit[i].rect, x, y)) return &control->hits->hit[i];
    return NULL;
}

void control_press(Control *control, double x, double y, bool menu) {
    StageLook *look = control->look;
    const Hit *hit = hit_at(control, x, y);
    bool had_menu = look->menu;
    look->menu = false;
    control->sliding = false;
    if (look->help) {
        look->help = false;
        return;
    }
    if (!hit) {
        if (!had_menu) look->selected = PACKET_NONE;
        return;
    }
    if (hit->action != ACT_PACKET) {
        if (hit->action != ACT_PLAY && hit->action != ACT_FASTER && hit->action != ACT_SLOWER) look->playing = false;
        control->sliding = hit->action == ACT_SEEK && !menu;
        control->sought = hit->value;
        act(control, hit->action, hit->value);
        return;
    }
    look->selected = hit->packet;
    if (!scene_wire_index(control->scene, hit->packet)) return; /* no longer in flight: only its header can be read */
    control->pressed = !menu;
    control->press_x = x;
    control->press_y = y;
    look->menu = menu;
    look->menu_x = x + 8;
    look->menu_y = y + 8;
}

/* The slider: one step is sought at a time; the next when the session has reached it. */
static void slide(Control *control, double x) {
    if (control->sought != control->scene->present) return;
    for (size_t i = control->hits->count; i-- > 0;) {
        const Hit *hit = &control->hits->hit[i];
        if (hit->action != ACT_SEEK || x < hit->rect.x || x >= hit->rect.x + hit->rect.w) continue;
        control->sought = hit->value;
        seek(control, hit->value);
        return;
    }
}

void control_move(Control *control, double x, double y) {
    StageLook *look = control->look;
    look->pointer_x = x;
    look->pointer_y = y;
    if (control->sliding) slide(control, x);
    if (!control->pressed) return;
    if (fabs(y - control->press_y) > 4) look->dragging = true;
    look->drag_y = y - control->press_y;
}

void control_release(Control *control, double x, double y) {
    StageLook *look = control->look;
    control->sliding = false;
    if (!control->pressed) return;
    control->pressed = false;
    if (!look->dragging) { /* a click: its menu */
        look->menu = true;
        look->menu_x = x + 8;
        look->menu_y = y + 8;
        return;
    }
    look->dragging = false;
    double seconds = drag_seconds(control->scene, look);
    uint32_t index = scene_wire_index(control->scene, look->selected);
    Short line;
    if (index && fabs(seconds) >= 0.001) say(control, short_format(&line, "wire[%u]:delay(%.3f)", index, seconds));
}

void control_wheel(Control *control, double lines) {
    StageLook *look = control->look;
    if (rect_has(control->hits->line, look->pointer_x, look->pointer_y)) {
        timeline_stretch(control->scene, look, control->hits->line, look->pointer_x, pow(1.25, lines));
        return;
    }
    double height = control->layout.ladder.h, most = fmax(0, control->scene->story.bottom + 80 - (height - 42));
    double from = isnan(look->scroll) ? ladder_follow(control->scene, height) : look->scroll;
    look->scroll = fmin(fmax(from - lines * 48, 0), most);
}
