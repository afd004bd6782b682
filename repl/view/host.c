/* host.c - a host's panel: its name, the state in large letters, the diagram, the numbers of the TCB, the timers. */
#include "view.h"

#include <stdio.h>

typedef struct Cell {
    const char *name;
    char value[16];
    bool lit;
} Cell;

static Cell seq_cell(const char *name, Seq value, Seq earlier, bool compare, bool known) {
    Cell cell = {.name = name, .lit = compare && known && !seq_eq(value, earlier)};
    if (known) snprintf(cell.value, sizeof cell.value, "%lu", (unsigned long)value.value);
    return cell;
}

static Cell bytes_cell(const char *name, uint32_t value, uint32_t earlier, bool compare, bool known) {
    Cell cell = {.name = name, .lit = compare && known && value != earlier};
    if (known) snprintf(cell.value, sizeof cell.value, "%lu", (unsigned long)value);
    return cell;
}

static Cell time_cell(const char *name, Micros value, Micros earlier, bool compare, bool known) {
    Cell cell = {.name = name, .lit = compare && known && value != earlier};
    Short text;
    if (known) snprintf(cell.value, sizeof cell.value, "%s s", short_seconds(&text, value));
    return cell;
}

enum { CELLS = 10 };

static void read_cells(const HostScene *host, Cell cells[CELLS]) {
    const ConnView *now = &host->numbers, *old = &host->earlier;
    bool ok = host->known && host->has_conn && host->state != STATE_CLOSED && host->numbers.state != STATE_LISTEN;
    bool sent = ok, got = ok && host->state != STATE_SYN_SENT, c = host->earlier_known && conn_eq(now->id, old->id);
    cells[0] = seq_cell("SND.UNA", now->snd.una, old->snd.una, c, sent);
    cells[1] = seq_cell("RCV.NXT", now->rcv.nxt, old->rcv.nxt, c, got);
    cells[2] = seq_cell("SND.NXT", now->snd.nxt, old->snd.nxt, c, sent);
    cells[3] = bytes_cell("RCV.WND", now->rcv.wnd, old->rcv.wnd, c, ok);
    cells[4] = bytes_cell("SND.WND", now->snd.wnd, old->snd.wnd, c, got);
    cells[5] = seq_cell("IRS", now->irs, old->irs, c, got);
    cells[6] = seq_cell("ISS", now->iss, old->iss, c, sent);
    cells[7] = time_cell("RTO", now->rto, old->rto, c, ok);
    cells[8] = bytes_cell("CWND", now->cwnd, old->cwnd, c, ok);
    cells[9] = time_cell("SRTT", now->srtt, old->srtt, c, ok && now->srtt > 0);
}

void draw_numbers(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    Cell cells[CELLS];
    read_cells(host, cells);
    double row = rect.h / (CELLS / 2), column = (rect.w - 12) / 2;
    if (row > 20) row = 20;
    for (size_t i = 0; i < CELLS; i++) {
        const Cell *cell = &cells[i];
        double x = rect.x + (i % 2 ? column + 12 : 0), y = rect.y + row * ((double)(i / 2) + 0.5) + 4;
        paint_text(paint, (Style){FACE_TEXT, 10.5, INK_DIM, 1}, x, y, ALIGN_LEFT, 0, cell->name);
        Style value = {cell->lit ? FACE_MONO_BOLD : FACE_MONO, 11.5, cell->lit ? INK_ACCENT : INK_TEXT, 1};
        if (!*cell->value) value.ink = INK_FAINT;
        paint_text(paint, value, x + column, y, ALIGN_RIGHT, 0, *cell->value ? cell->value : "–");
    }
}

/* The host's other connections, in the longest form there is room for between x and `right`. */
static void draw_others(const View *view, const HostScene *host, double x, double right, double y) {
    static const Style style = {FACE_TEXT, 11, INK_DIM, 1};
    const char *state = state_name(host->other_state), *more = host->others > 1 || host->others_more ? " …" : "";
    unsigned port = host->other_port, count = (unsigned)host->others;
    Short forms[3];
    short_format(&forms[0], "+ %s :%u%s", state, port, more);
    short_format(&forms[1], "+ :%u%s", port, more);
    short_format(&forms[2], "+%u%s", count, host->others_more ? "…" : "");
    for (size_t i = 0; i < 3; i++) {
        if (paint_width(view->paint, style, forms[i].s) > right - x) continue;
        paint_text(view->paint, style, x, y, ALIGN_LEFT, 0, forms[i].s);
        return;
    }
}

static void draw_name(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    Style large = paint_fitting(paint, (Style){FACE_BOLD, 22, INK_TEXT, 1}, rect.w * 0.42, host->name);
    double x = rect.x + paint_text(paint, large, rect.x, rect.y + 17, ALIGN_LEFT, 0, host->name);
    char text[ENDPOINT_TEXT];
    if (host->has_conn && host->local.port) endpoint_text((Endpoint){host->addr, host->local.port}, text);
    else addr_text(host->addr, text);
    double width = paint_text(paint, (Style){FACE_MONO, 12, INK_DIM, 1}, rect.x + rect.w, rect.y + 16, ALIGN_RIGHT, 0,
                              text);
    if (host->others) draw_others(view, host, x + 12, rect.x + rect.w - width - 10, rect.y + 16);
}

static void draw_state(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    bool some = host->has_conn;
    Ink ink = state_ink(host->state);
    double light = host->settle;
    Rect box = {rect.x - 5, rect.y, rect.w + 10, 42};
    paint_box(paint, box, 6, some ? ink : INK_GREY, some ? 0.16 + 0.34 * (1 - light) : 0.10);
    paint_box(paint, (Rect){box.x, box.y, 5, box.h}, 2.5, some ? ink : INK_GREY, 1);
    Style large = {FACE_BOLD, 29, some ? ink : INK_GREY, 1};
    const char *name = some ? state_name(host->state) : state_name(STATE_CLOSED);
    paint_text_in(paint, paint_fitting(paint, large, box.w - 26, name), (Rect){box.x + 16, box.y, box.w - 22, box.h},
                  ALIGN_LEFT, name);
    const char *summary = translated(view->look->language, state_summary(some ? host->state : STATE_CLOSED));
    Style small = paint_fitting(paint, (Style){FACE_TEXT, 12, INK_DIM, 1}, rect.w, summary);
    paint_text(paint, small, rect.x, rect.y + 58, ALIGN_LEFT, rect.w, summary);
}

void draw_host(const View *view, Rect rect, const HostScene *host) {
    Rect inside = view_panel(view, rect, NULL);
    if (!host->exists) return;
    draw_name(view, inside, host);
    draw_state(view, (Rect){inside.x, inside.y + 26, inside.w, 62}, host);
    unsigned panels = view->look->panels;
    double y = inside.y + 98, bottom = inside.y + inside.h;
    if (panels & PANEL_TIMERS) {
        draw_timers(view, (Rect){inside.x, bottom - 66, inside.w, 66}, host);
        bottom -= 72;
    }
    if (panels & PANEL_NUMBERS) {
        double height = bottom - y > 330 ? 95 : 80;
        draw_numbers(view, (Rect){inside.x, bottom - height, inside.w, height}, host);
        bottom -= height + 6;
    }
    if (panels & PANEL_DIAGRAM) draw_diagram(view, (Rect){inside.x, y, inside.w, bottom - y}, host);
}
