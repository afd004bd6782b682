/* explain.c - the panel that says why: the rule, its section, the chain of causes, as why() prints them. */
#include "view.h"

#include <string.h>

#include "../text/text.h"

#define LARGEST 17.0
#define SMALLEST 12.5
enum { COLUMNS = 82 }; /* characters of a line, and a gap */

static void add_explanation(const View *view, Text *text) {
    const World *world = session_world(view->session);
    const Trace *trace = session_trace(view->session);
    const uint32_t step = view->scene->at.step;
    PacketView packet;
    if (world_packet(world, view->look->selected, &packet)) text_why(text, world, trace, packet.event);
    else if (step) text_why(text, world, trace, text_main_event(view->session, step - 1).index);
    else text_add(text, "%s", view_word(view, WORD_MOTTO));
}

static size_t count_lines(const char *text) {
    size_t count = 0;
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') count++;
    return count;
}

/* What happened stands out; a rule is dimmer than the cause it belongs to. */
static void draw_text_line(const View *view, Rect at, double size, const char *line, bool first) {
    size_t indent = strspn(line, " ");
    Style style = {first ? FACE_MONO_BOLD : FACE_MONO, size, indent > 4 ? INK_DIM : INK_TEXT, 1};
    if (indent == 2 && (strncmp(line + 2, "because:", 8) == 0 || strncmp(line + 2, "then:", 5) == 0))
        style.ink = INK_ACCENT;
    double by = paint_width(view->paint, style, "m") * (double)indent;
    style = paint_fitting(view->paint, style, at.w - by, line + indent);
    paint_text(view->paint, style, at.x + by, at.y, ALIGN_LEFT, at.w - by, line + indent);
}

/* Rows and columns of text of this size. */
typedef struct Grid {
    double size, wide, high;
    size_t rows, columns;
} Grid;

static Grid grid_of(const View *view, Rect rect, double size) {
    Grid grid = {.size = size, .high = size * 1.45};
    grid.wide = paint_width(view->paint, (Style){FACE_MONO, size, INK_TEXT, 1}, "m") * COLUMNS;
    grid.rows = (size_t)fmax(rect.h / grid.high, 1);
    grid.columns = (size_t)fmax(rect.w / grid.wide, 1);
    return grid;
}

/* As large as fits. */
static Grid choose_grid(const View *view, Rect rect, size_t lines) {
    Grid grid = grid_of(view, rect, LARGEST);
    while (grid.size > SMALLEST && (grid.wide > rect.w || lines > grid.rows * grid.columns))
        grid = grid_of(view, rect, grid.size - 0.5);
    return grid;
}

/* Of a line: x and y of its beginning, and its width. */
static Rect place_of(const Grid *grid, Rect rect, size_t line, double wide) {
    return (Rect){rect.x + grid->wide * (double)(line / grid->rows),
                  rect.y + grid->high * (double)(line % grid->rows + 1), wide, grid->high};
}

static void draw_lines(const View *view, Rect rect, char *text) {
    const size_t count = count_lines(text);
    const Grid grid = choose_grid(view, rect, count);
    const size_t room = grid.rows * grid.columns, shown = count > room ? room - 1 : count;
    const double wide = grid.columns > 1 ? grid.wide - 12 : rect.w;
    size_t line = 0;
    for (char *at = text; *at && line < shown; line++) {
        char *end = at + strcspn(at, "\n"), *next = *end ? end + 1 : end;
        *end = '\0';
        draw_text_line(view, place_of(&grid, rect, line, wide), grid.size, at, line == 0);
        at = next;
    }
    if (shown == count) return;
    Short more;
    word_format(&more, view->look->language, WORD_MORE, (unsigned)(count - shown));
    draw_text_line(view, place_of(&grid, rect, line, wide), grid.size, more.s, false);
}

void draw_why(const View *view) {
    Paint *paint = view->paint;
    const Layout *layout = &view->layout;
    double bottom = layout->timeline.w > 0 ? layout->timeline.y : layout->height;
    Rect box = {16, layout->height / 2, layout->width - 32, bottom - 8 - layout->height / 2};
    Rect close = {box.x + box.w - 70, box.y + 8, 58, 24};
    Text text = TEXT_EMPTY;
    add_explanation(view, &text);
    paint_layer(paint, 1);
    paint_panel(paint, box);
    paint_box(paint, rect_inset(box, -1, -1), 9, INK_ACCENT, 1);
    paint_box(paint, box, 8, INK_RAISED, 1);
    paint_text(paint, (Style){FACE_BOLD, 15, INK_TEXT, 1}, box.x + 16, box.y + 25, ALIGN_LEFT, 0,
               view_word(view, WORD_WHY));
    view_hit(view, box, ACT_NONE, 0, PACKET_NONE); /* nothing below it is pressed */
    paint_box(paint, close, 6, view_hovers(view, close) ? INK_LINE : INK_PANEL, 1);
    paint_text_in(paint, (Style){FACE_MONO, 12, INK_TEXT, 1}, close, ALIGN_CENTER, "Esc ×");
    view_hit(view, close, ACT_CLOSE, 0, PACKET_NONE);
    if (text.bytes) draw_lines(view, (Rect){box.x + 16, box.y + 32, box.w - 32, box.h - 40}, text.bytes);
    text_free(&text);
}
