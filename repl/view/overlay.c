/* overlay.c - what lies over the picture: the welcome to an empty lab, a packet's menu, the keys, short messages. */
#include "view.h"

#include <math.h>

#include "../text/text.h"

/* Where there is little room: the two lines, and what they are for. */
static void draw_brief_welcome(const View *view, Rect rect) {
    Paint *paint = view->paint;
    Rect card = {rect.x + 20, rect.y + 44, rect.w - 40, rect.h - 56};
    const char *title = view_word(view, WORD_WELCOME), lines[] = "s = B:listen(80)   c = A:connect(B, 80)";
    double x = card.x + 16, room = card.w - 32;
    Style bold = {FACE_BOLD, 15, INK_TEXT, 1}, code = {FACE_MONO, 13, INK_GREEN, 1},
          link = {FACE_TEXT, 12, INK_ACCENT, 1};
    paint_box(paint, card, 8, INK_RAISED, 1);
    paint_text(paint, paint_fitting(paint, bold, room, title), x, card.y + 24, ALIGN_LEFT, room, title);
    paint_text(paint, paint_fitting(paint, code, room, lines), x, card.y + 50, ALIGN_LEFT, room, lines);
    paint_text(paint, link, x, card.y + 76, ALIGN_LEFT, room, view_word(view, WORD_WELCOME_CLICK));
    view_hit(view, card, ACT_WELCOME, 0, PACKET_NONE);
}

void draw_welcome(const View *view, Rect rect) {
    Paint *paint = view->paint;
    if (rect.h < 300 || rect.w < 480) {
        draw_brief_welcome(view, rect);
        return;
    }
    double w = fmin(rect.w - 60, 460), h = 250;
    Rect card = {rect.x + (rect.w - w) / 2, rect.y + 34 + (rect.h - 34 - h) / 2, w, h};
    paint_box(paint, card, 10, INK_RAISED, 1);
    Style text = {FACE_TEXT, 13, INK_TEXT, 1}, dim = {FACE_TEXT, 12, INK_DIM, 1},
          code = {FACE_MONO, 13.5, INK_GREEN, 1};
    double x = card.x + 28, y = card.y + 38, room = w - 56;
    const char *title = view_word(view, WORD_WELCOME), *space = view_word(view, WORD_WELCOME_SPACE);
    paint_text(paint, paint_fitting(paint, (Style){FACE_BOLD, 17, INK_TEXT, 1}, room, title), x, y, ALIGN_LEFT, room,
               title);
    paint_text(paint, text, x, y + 34, ALIGN_LEFT, room, view_word(view, WORD_WELCOME_TYPE));
    Rect box = {x - 2, y + 46, room + 4, 58};
    paint_box(paint, box, 6, INK_BACK, 1);
    paint_text(paint, code, x + 14, y + 70, ALIGN_LEFT, 0, "s = B:listen(80)");
    paint_text(paint, code, x + 14, y + 92, ALIGN_LEFT, 0, "c = A:connect(B, 80)");
    if (view_hovers(view, card)) paint_frame(paint, box, 6, INK_ACCENT, 1.5, 1);
    Style link = {FACE_TEXT, 12, INK_ACCENT, 1};
    paint_text(paint, link, x, y + 124, ALIGN_LEFT, room, view_word(view, WORD_WELCOME_CLICK));
    paint_text(paint, paint_fitting(paint, text, room, space), x, y + 160, ALIGN_LEFT, room, space);
    paint_text(paint, dim, x, y + 186, ALIGN_LEFT, room, view_word(view, WORD_WELCOME_KEYS));
    view_hit(view, card, ACT_WELCOME, 0, PACKET_NONE);
}

typedef struct Item {
    Word name;
    const char *key;
    Action action;
} Item;

static void draw_menu(const View *view) {
    static const Item items[] = {
        {WORD_MENU_DELIVER, "Enter", ACT_DELIVER},
        {WORD_MENU_DROP, "D", ACT_DROP},
        {WORD_MENU_DUP, "U", ACT_DUP},
        {WORD_MENU_HOLD, "H", ACT_HOLD},
        {WORD_MENU_DELAY, "", ACT_DELAY},
        {WORD_MENU_CORRUPT, "X", ACT_CORRUPT},
        {WORD_MENU_SHOW, "", ACT_SHOW},
    };
    enum { COUNT = sizeof items / sizeof *items };
    Paint *paint = view->paint;
    const Scene *scene = view->scene;
    size_t index = story_flight(&scene->story, view->look->selected);
    bool held = index != SIZE_MAX && flight_held(scene, &scene->story.flights[index]);
    double w = 190, row = 28, h = row * COUNT + 12;
    double x = fmin(view->look->menu_x, view->layout.width - w - 12),
           y = fmin(view->look->menu_y, view->layout.height - h - 12);
    Rect box = {x, y, w, h};
    paint_layer(paint, 1);
    paint_panel(paint, box);
    paint_box(paint, rect_inset(box, -1, -1), 9, INK_LINE, 1);
    paint_box(paint, box, 8, INK_RAISED, 1);
    for (size_t i = 0; i < COUNT; i++) {
        Rect line = {x + 6, y + 6 + row * (double)i, w - 12, row};
        bool hover = view_hovers(view, line);
        if (hover) paint_box(paint, line, 5, INK_ACCENT, 1);
        Word name = items[i].action == ACT_HOLD && held ? WORD_MENU_RELEASE : items[i].name;
        Rect inside = rect_inset(line, 10, 0);
        paint_text_in(paint, (Style){FACE_TEXT, 13, hover ? INK_ON : INK_TEXT, 1}, inside, ALIGN_LEFT,
                      view_word(view, name));
        paint_text_in(paint, (Style){FACE_MONO, 11.5, hover ? INK_ON : INK_DIM, 1}, inside, ALIGN_RIGHT, items[i].key);
        view_hit(view, line, items[i].action, 0, view->look->selected);
    }
}

static void draw_help(const View *view) {
    static const Item items[] = {
        {WORD_HELP_STEP, "Space  PgDn", ACT_NONE},
        {WORD_HELP_INPUT, "Shift+Space", ACT_NONE},
        {WORD_HELP_BACK, "Backspace  PgUp", ACT_NONE},
        {WORD_HELP_HISTORY, "← →", ACT_NONE},
        {WORD_HELP_ENDS, "Home  End", ACT_NONE},
        {WORD_HELP_PLAY, "P", ACT_NONE},
        {WORD_HELP_SPEED, "+  −", ACT_NONE},
        {WORD_HELP_NEXT, "Tab", ACT_NONE},
        {WORD_HELP_DELIVER, "Enter", ACT_NONE},
        {WORD_HELP_DROP, "D", ACT_NONE},
        {WORD_HELP_DUP, "U", ACT_NONE},
        {WORD_HELP_HOLD, "H", ACT_NONE},
        {WORD_HELP_CORRUPT, "X", ACT_NONE},
        {WORD_HELP_WHY, "W", ACT_NONE},
        {WORD_HELP_STRETCH, "[  ]", ACT_NONE},
        {WORD_HELP_FULL, "F", ACT_NONE},
        {WORD_HELP_NUMBERS, "R", ACT_NONE},
        {WORD_HELP_LECTURE, "F5", ACT_NONE},
        {WORD_HELP_THEME, "T", ACT_NONE},
        {WORD_HELP_LANGUAGE, "L", ACT_NONE},
        {WORD_HELP_PICTURE, "F8", ACT_NONE},
        {WORD_HELP_QUIT, "Q", ACT_NONE},
    };
    enum { COUNT = sizeof items / sizeof *items, ROWS = (COUNT + 1) / 2 };
    Paint *paint = view->paint;
    double w = 780, row = 29, h = row * ROWS + 184;
    Rect box = {(view->layout.width - w) / 2, (view->layout.height - h) / 2, w, h};
    const Rect window = {0, 0, view->layout.width, view->layout.height};
    paint_layer(paint, 2);
    paint_panel(paint, window);
    paint_fill(paint, window, INK_BACK, 0.75);
    paint_panel(paint, box);
    paint_box(paint, rect_inset(box, -1, -1), 13, INK_LINE, 1);
    paint_box(paint, box, 12, INK_PANEL, 1);
    paint_text(paint, (Style){FACE_BOLD, 18, INK_TEXT, 1}, box.x + 32, box.y + 42, ALIGN_LEFT, 0,
               view_word(view, WORD_HELP_TITLE));
    for (size_t i = 0; i < COUNT; i++) {
        bool second = i >= ROWS;
        double x = box.x + 32 + (second ? w / 2 + 16 : 0), y = box.y + 76 + row * (double)(i % ROWS);
        paint_text(paint, (Style){FACE_MONO_BOLD, 12.5, INK_ACCENT, 1}, x, y, ALIGN_LEFT, 0, items[i].key);
        paint_text(paint, (Style){FACE_TEXT, 13, INK_TEXT, 1}, x + (second ? 44 : 132), y, ALIGN_LEFT,
                   w / 2 - (second ? 110 : 150), view_word(view, items[i].name));
    }
    double y = box.y + 76 + row * ROWS;
    Style dim = {FACE_TEXT, 12.5, INK_DIM, 1};
    paint_text(paint, (Style){FACE_MONO_BOLD, 12.5, INK_ACCENT, 1}, box.x + 32, y, ALIGN_LEFT, 0, "Alt+1 … 5");
    paint_text(paint, (Style){FACE_TEXT, 13, INK_TEXT, 1}, box.x + 164, y, ALIGN_LEFT, w - 200,
               view_word(view, WORD_HELP_PANELS));
    y += 20;
    y += paint_paragraph(paint, dim, (Rect){box.x + 32, y, w - 64, 40}, ALIGN_LEFT, view_word(view, WORD_HELP_MOUSE)) +
         8;
    paint_paragraph(paint, dim, (Rect){box.x + 32, y, w - 64, 24}, ALIGN_LEFT, view_word(view, WORD_HELP_SAID));
    view_hit(view, window, ACT_HELP, 0, PACKET_NONE);
}

static void draw_chip(const View *view, double x, double y, const char *text, Ink ink) {
    Style style = {FACE_BOLD, 13, INK_ON, 1};
    double width = paint_width(view->paint, style, text);
    Rect box = {x - width / 2 - 14, y - 15, width + 28, 30};
    paint_layer(view->paint, 3);
    paint_panel(view->paint, box);
    paint_box(view->paint, box, 15, ink, 1);
    paint_text_in(view->paint, style, box, ALIGN_CENTER, text);
}

/* The step under the pointer on the time line, in the words of the terminal. */
static void draw_tip(const View *view) {
    const StageLook *look = view->look;
    if (!view->hits || !rect_has(view->layout.timeline, look->pointer_x, look->pointer_y)) return;
    const Hit *over = NULL;
    for (size_t i = 0; i < view->hits->count; i++) {
        const Hit *hit = &view->hits->hit[i];
        if (hit->action == ACT_SEEK && rect_has(hit->rect, look->pointer_x, look->pointer_y)) over = hit;
    }
    if (!over || !over->value) return;
    Text text = TEXT_EMPTY;
    const Trace *trace = session_trace(view->session);
    text_step(&text, session_world(view->session), trace, over->value - 1, trace_count(trace));
    Style style = {FACE_MONO, 12, INK_TEXT, 1};
    double room = view->layout.width - 60, width = fmin(paint_width(view->paint, style, text_string(&text)), room);
    double x = fmin(fmax(over->rect.x + over->rect.w / 2 - width / 2, 22), view->layout.width - width - 22);
    Rect box = {x - 12, view->layout.timeline.y - 34, width + 24, 28};
    if (width > 1) {
        paint_layer(view->paint, 1);
        paint_panel(view->paint, box);
        paint_box(view->paint, rect_inset(box, -1, -1), 7, INK_LINE, 1);
        paint_box(view->paint, box, 6, INK_RAISED, 1);
        paint_text_in(view->paint, style, (Rect){x, box.y, width, box.h}, ALIGN_LEFT, text_string(&text));
    }
    text_free(&text);
}

void draw_overlays(const View *view) {
    const StageLook *look = view->look;
    draw_tip(view);
    if (look->why) draw_why(view);
    if (look->menu) draw_menu(view);
    if (look->help) draw_help(view);
    Rect ladder = view->layout.ladder;
    Short later;
    if (look->dragging) {
        word_format(&later, look->language, WORD_LATER_BY, drag_seconds(view->scene, look));
        draw_chip(view, look->pointer_x + 70, look->pointer_y - 24, later.s, INK_ACCENT);
    }
    if (look->toast && *look->toast)
        draw_chip(view, ladder.x + ladder.w / 2, ladder.y + ladder.h - 30, look->toast, INK_ACCENT);
}
