/* host.c - a host's panel: its name and the other end, the state in large letters, the diagram, the timers, the numbers
 * of the TCB, and why it sends nothing. */
#include "view.h"

#include <stdio.h>

/* ---- The numbers of the TCB ---- */

typedef struct Cell {
    const char *name;
    char value[32];
    bool lit;
} Cell;

/* What the cells are read from: one connection at two moments. */
typedef struct Numbers {
    const View *view;
    const HostScene *host;
    const ConnView *now, *old;
    bool ok;      /* there is a connection that is no listener */
    bool got;     /* ... and the other side has sent its SYN */
    bool compare; /* `old` is of the same connection */
} Numbers;

static Numbers numbers_of(const View *view, const HostScene *host) {
    Numbers n = {view, host, &host->numbers, &host->earlier, false, false, false};
    n.ok = host->known && host->has_conn && host->state != STATE_CLOSED && n.now->state != STATE_LISTEN;
    n.got = n.ok && host->state != STATE_SYN_SENT;
    n.compare = host->earlier_known && conn_eq(n.now->id, n.old->id);
    return n;
}

/* Counted from the stream's first byte, which is 0. The numbers that are a SYN's or a FIN's are called so; `fin` is the
 * FIN's own, where `ended`. */
static void number_text(const Numbers *n, Seq value, Seq initial, Seq fin, bool ended, char text[32]) {
    if (n->view->look->absolute) snprintf(text, 32, "%lu", (unsigned long)value.value);
    else if (seq_eq(value, initial)) snprintf(text, 32, "SYN");
    else if (ended && seq_eq(value, fin)) snprintf(text, 32, "FIN");
    else if (ended && seq_eq(value, seq_add(fin, 1))) snprintf(text, 32, "FIN+1");
    else snprintf(text, 32, "%lu", (unsigned long)seq_distance(seq_add(initial, 1), value));
}

/* A number of what it sends: its FIN is the last of all. */
static Cell sent_cell(const Numbers *n, const char *name, Seq value, Seq earlier) {
    Cell cell = {.name = name, .lit = n->compare && n->ok && !seq_eq(value, earlier)};
    if (n->ok) number_text(n, value, n->now->iss, seq_sub(n->now->snd.nxt, 1), n->now->fin_sent, cell.value);
    return cell;
}

static Cell received_cell(const Numbers *n, const char *name, Seq value, Seq earlier) {
    Cell cell = {.name = name, .lit = n->compare && n->got && !seq_eq(value, earlier)};
    if (n->got) number_text(n, value, n->now->irs, seq_sub(n->now->rcv.nxt, 1), n->now->remote_closed, cell.value);
    return cell;
}

static Cell plain_cell(const Numbers *n, const char *name, uint32_t value, uint32_t earlier, bool known) {
    Cell cell = {.name = name, .lit = n->compare && known && value != earlier};
    if (known) snprintf(cell.value, sizeof cell.value, "%lu", (unsigned long)value);
    return cell;
}

/* A scaled window as it is in a header, and what that means. */
static Cell window_cell(const Numbers *n, const char *name, uint32_t value, uint32_t earlier, uint8_t shift,
                        bool known) {
    Cell cell = plain_cell(n, name, value, earlier, known);
    if (known && n->now->scaling && shift && value && value >> shift << shift == value)
        snprintf(cell.value, sizeof cell.value, "%lu × %u", (unsigned long)(value >> shift), 1u << shift);
    return cell;
}

static Cell time_cell(const Numbers *n, const char *name, Micros value, Micros earlier, bool known) {
    Cell cell = {.name = name, .lit = n->compare && known && value != earlier};
    Short text;
    if (known) snprintf(cell.value, sizeof cell.value, "%.16s s", short_seconds(&text, value));
    return cell;
}

/* Congestion control's; `off`: the rule congestion is. */
static Cell control_cell(const Numbers *n, const char *name, uint32_t value, uint32_t earlier, bool off) {
    if (!off) return plain_cell(n, name, value, earlier, n->ok);
    Cell cell = {.name = name};
    if (n->ok) snprintf(cell.value, sizeof cell.value, "%s", view_word(n->view, WORD_OFF));
    return cell;
}

enum { CELLS = 10 };
/* A threshold that nothing has lowered yet limits nothing. */
#define UNLIMITED (UINT32_C(1) << 30)

/* A listener has no numbers but its queues, named as at the prompt. */
static void read_queues(const Numbers *n, Cell cells[CELLS]) {
    const ConnView *now = n->now, *old = n->old;
    cells[0] = plain_cell(n, "syn_queue", now->syn_queue, old->syn_queue, true);
    cells[2] = plain_cell(n, "accept_queue", now->accept_queue, old->accept_queue, true);
    cells[4] = plain_cell(n, "backlog", now->backlog, old->backlog, true);
}

/* Left and right in turn. */
static void read_cells(const Numbers *n, Cell cells[CELLS]) {
    const ConnView *now = n->now, *old = n->old;
    bool off = n->ok && !world_conn_rule(session_world(n->view->session), now->id, HOST_RULE_congestion);
    bool absolute = n->view->look->absolute;
    cells[0] = sent_cell(n, "SND.UNA", now->snd.una, old->snd.una);
    cells[1] = received_cell(n, "RCV.NXT", now->rcv.nxt, old->rcv.nxt);
    cells[2] = sent_cell(n, "SND.NXT", now->snd.nxt, old->snd.nxt);
    cells[3] = window_cell(n, "RCV.WND", now->rcv.wnd, old->rcv.wnd, now->rcv_shift, n->ok);
    cells[4] = window_cell(n, "SND.WND", now->snd.wnd, old->snd.wnd, now->snd_shift, n->got);
    cells[5] = control_cell(n, "cwnd", now->cwnd, old->cwnd, off);
    cells[6] = time_cell(n, "RTO", now->rto, old->rto, n->ok);
    cells[7] = plain_cell(n, "ssthresh", now->ssthresh, old->ssthresh, n->ok && !off && now->ssthresh < UNLIMITED);
    cells[8] = time_cell(n, "SRTT", now->srtt, old->srtt, n->ok && now->srtt > 0);
    cells[9] = plain_cell(n, "dup ACKs", now->dup_acks, old->dup_acks, n->ok && !off);
    if (!absolute) return;
    cells[8] = sent_cell(n, "ISS", now->iss, old->iss);
    cells[9] = received_cell(n, "IRS", now->irs, old->irs);
}

void draw_numbers(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    Cell cells[CELLS] = {{.name = NULL}};
    const Numbers numbers = numbers_of(view, host);
    if (host->known && host->has_conn && host->state == STATE_LISTEN) read_queues(&numbers, cells);
    else read_cells(&numbers, cells);
    double row = rect.h / (CELLS / 2), column = (rect.w - 12) / 2;
    if (row > 20) row = 20;
    for (size_t i = 0; i < CELLS; i++) {
        const Cell *cell = &cells[i];
        if (!cell->name) continue;
        double x = rect.x + (i % 2 ? column + 12 : 0), y = rect.y + row * ((double)(i / 2) + 0.5) + 4;
        double name = paint_text(paint, (Style){FACE_TEXT, 10.5, INK_DIM, 1}, x, y, ALIGN_LEFT, 0, cell->name);
        Style value = {cell->lit ? FACE_MONO_BOLD : FACE_MONO, 11.5, cell->lit ? INK_ACCENT : INK_TEXT, 1};
        if (!*cell->value) value.ink = INK_FAINT;
        value = paint_fitting(paint, value, column - name - 5, cell->value);
        paint_text(paint, value, x + column, y, ALIGN_RIGHT, 0, *cell->value ? cell->value : "–");
    }
}

/* ---- Why nothing is sent ---- */

static const Word hold_words[] = {
    [HOLD_NONE] = WORD_HOLD_NONE,
    [HOLD_HANDSHAKE] = WORD_HOLD_HANDSHAKE,
    [HOLD_CLOSED_WINDOW] = WORD_HOLD_CLOSED_WINDOW,
    [HOLD_WINDOW] = WORD_HOLD_WINDOW,
    [HOLD_CONGESTION] = WORD_HOLD_CONGESTION,
    [HOLD_NAGLE] = WORD_HOLD_NAGLE,
    [HOLD_SILLY_WINDOW] = WORD_HOLD_SILLY_WINDOW,
};

/* What is used of the limit that holds it back; how much waits where no limit does. */
static void hold_numbers(const View *view, const ConnView *conn, Short *text) {
    Language language = view->look->language;
    unsigned long flight = seq_distance(conn->snd.una, conn->snd.nxt), window = conn->snd.wnd, cwnd = conn->cwnd;
    switch (conn->hold) {
    case HOLD_NONE: short_format(text, "%s", ""); return;
    case HOLD_WINDOW: word_format(text, language, WORD_PART_OF, flight, window); return;
    case HOLD_CONGESTION: word_format(text, language, WORD_PART_OF, flight, cwnd); return;
    case HOLD_SILLY_WINDOW:
        word_format(text, language, WORD_PART_OF, window > flight ? window - flight : 0ul, (unsigned long)conn->mss);
        return;
    case HOLD_HANDSHAKE:
    case HOLD_CLOSED_WINDOW:
    case HOLD_NAGLE: break;
    }
    if (conn->unsent) word_format(text, language, WORD_UNSENT_WAIT, (unsigned long)conn->unsent);
    else short_format(text, "%s", view_word(view, WORD_UNSENT_FIN));
}

#define CHIP_TALL 46.0
#define CHIP_FLAT 28.0

/* The engine's word for it, one line or with its title. */
static void draw_chip(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    const Numbers numbers = numbers_of(view, host);
    if (!numbers.ok || numbers.now->gone) return;
    const ConnView *conn = numbers.now;
    bool held = conn->hold != HOLD_NONE, tall = rect.h >= CHIP_TALL;
    Rect box = rect_inset(rect, -5, 0);
    double x = box.x + 14, y = tall ? box.y + 35 : box.y + 18.5;
    Short text;
    hold_numbers(view, conn, &text);
    paint_box(paint, box, 6, INK_RAISED, 1);
    paint_box(paint, (Rect){box.x, box.y, 4, box.h}, 2, held ? INK_ORANGE : INK_GREY, 1);
    if (tall)
        paint_text(paint, (Style){FACE_TEXT, 10.5, INK_DIM, 1}, x, box.y + 16, ALIGN_LEFT, 0,
                   view_word(view, WORD_WHY_NOTHING));
    Style mono = {FACE_MONO, 11.5, held ? INK_ORANGE : INK_DIM, 1};
    double width = *text.s ? paint_text(paint, mono, box.x + box.w - 12, y, ALIGN_RIGHT, 0, text.s) + 10 : 0;
    const char *reason = view_word(view, hold_words[conn->hold]);
    Style bold = paint_fitting(paint, (Style){FACE_BOLD, 14, INK_TEXT, 1}, box.w - 26 - width, reason);
    paint_text(paint, bold, x, y, ALIGN_LEFT, 0, reason);
}

/* ---- Name and state ---- */

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
        paint_text(view->paint, style, right, y, ALIGN_RIGHT, 0, forms[i].s);
        return;
    }
}

/* Who is at the other end, if anybody is. */
static void peer_text(const View *view, const HostScene *host, bool brief, Short *text) {
    static const Word words[] = {
        [PEER_UNKNOWN] = WORD_TO_PEER,         [PEER_OPEN] = WORD_TO_PEER,       [PEER_ENDED] = WORD_TO_PEER_ENDED,
        [PEER_FOREIGN] = WORD_TO_PEER_FOREIGN, [PEER_NO_HOST] = WORD_TO_NO_HOST,
    };
    Language language = view->look->language;
    char remote[ENDPOINT_TEXT];
    endpoint_text(host->remote, remote);
    if (host->peer == PEER_NO_HOST)
        word_format(text, language, brief ? WORD_TO_NO_HOST_SHORT : WORD_TO_NO_HOST, remote);
    else if (!*host->peer_name) short_format(text, "→ %s", remote); /* the world of that moment is not at hand */
    else word_format(text, language, words[host->peer], host->peer_name, remote);
}

/* Returns where it ends. */
static double draw_peer(const View *view, const HostScene *host, double x, double right, double y) {
    Style style = {FACE_TEXT, 11, INK_DIM, 1};
    Short text;
    if (!host->has_conn || !host->remote.port) return x;
    for (int brief = 0; brief < 2; brief++) {
        peer_text(view, host, brief > 0, &text);
        if (paint_width(view->paint, style, text.s) <= right - x) break;
    }
    bool ends_so = host->peer == PEER_ENDED && host->state == STATE_TIME_WAIT;
    if (host->peer >= PEER_ENDED && !ends_so) style.ink = INK_ORANGE;
    style = paint_fitting(view->paint, style, right - x, text.s);
    return x + paint_text(view->paint, style, x, y, ALIGN_LEFT, 0, text.s);
}

/* A short name stands large before two lines; a long one is the first line's begin. */
static void draw_name(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    static const Style large = {FACE_BOLD, 22, INK_TEXT, 1}, mono = {FACE_MONO, 12, INK_TEXT, 1};
    double right = rect.x + rect.w, first = rect.y + 10, second = rect.y + 25;
    char text[ENDPOINT_TEXT];
    if (host->has_conn && host->local.port) endpoint_text((Endpoint){host->addr, host->local.port}, text);
    else addr_text(host->addr, text);
    double name = paint_width(paint, large, host->name), width = paint_width(paint, mono, text);
    if (name > rect.w * 0.3) {
        const Style bold = {FACE_BOLD, 15, INK_TEXT, 1};
        Style fitting = paint_fitting(paint, bold, rect.w - width - 10, host->name);
        paint_text(paint, fitting, rect.x, first, ALIGN_LEFT, 0, host->name);
        paint_text(paint, mono, right, first, ALIGN_RIGHT, 0, text);
        double end = draw_peer(view, host, rect.x, right, second);
        if (host->others) draw_others(view, host, end + 10, right, second);
        return;
    }
    double x = rect.x + paint_text(paint, large, rect.x, rect.y + 19, ALIGN_LEFT, 0, host->name) + 10;
    paint_text(paint, mono, x, first, ALIGN_LEFT, 0, text);
    if (host->others) draw_others(view, host, x + width + 10, right, first);
    draw_peer(view, host, x, right, second);
}

static void draw_state(const View *view, Rect rect, const HostScene *host) {
    Paint *paint = view->paint;
    bool some = host->has_conn;
    Ink ink = state_ink(host->state);
    double light = host->settle;
    Rect box = {rect.x - 5, rect.y, rect.w + 10, 38};
    paint_box(paint, box, 6, some ? ink : INK_GREY, some ? 0.16 + 0.34 * (1 - light) : 0.10);
    paint_box(paint, (Rect){box.x, box.y, 5, box.h}, 2.5, some ? ink : INK_GREY, 1);
    Style large = {FACE_BOLD, 28, some ? ink : INK_GREY, 1};
    const char *name = some ? state_name(host->state) : state_name(STATE_CLOSED);
    paint_text_in(paint, paint_fitting(paint, large, box.w - 26, name), (Rect){box.x + 16, box.y, box.w - 22, box.h},
                  ALIGN_LEFT, name);
    const char *summary = translated(view->look->language, state_summary(some ? host->state : STATE_CLOSED));
    Style small = paint_fitting(paint, (Style){FACE_TEXT, 12, INK_DIM, 1}, rect.w, summary);
    paint_text(paint, small, rect.x, rect.y + 54, ALIGN_LEFT, rect.w, summary);
}

/* ---- The panel ---- */

#define HEAD 96.0
#define NUMBERS_LEAST 76.0
#define NUMBERS_MOST 90.0
#define TIMERS 22.0
#define GAP 6.0
/* The least a diagram needs, and the most it is stretched to beside a ladder. */
#define DIAGRAM_LEAST 184.0
#define DIAGRAM_MOST 520.0

/* From the bottom up; what has no room is flat, or left out. */
void draw_host(const View *view, Rect rect, const HostScene *host) {
    Rect inside = view_panel(view, rect, NULL);
    if (!host->exists) return;
    draw_name(view, inside, host);
    draw_state(view, (Rect){inside.x, inside.y + 32, inside.w, 58}, host);
    unsigned panels = view->look->panels;
    double y = inside.y + HEAD, bottom = inside.y + inside.h;
    double spare = bottom - y - (panels & PANEL_DIAGRAM ? DIAGRAM_LEAST : 0);
    if (panels & PANEL_NUMBERS) {
        bool tall = spare >= CHIP_TALL + NUMBERS_MOST + TIMERS + 2 * GAP;
        double chip = tall ? CHIP_TALL : CHIP_FLAT, height = tall ? NUMBERS_MOST : NUMBERS_LEAST;
        draw_chip(view, (Rect){inside.x, bottom - chip, inside.w, chip}, host);
        bottom -= chip + GAP;
        draw_numbers(view, (Rect){inside.x, bottom - height, inside.w, height}, host);
        bottom -= height + GAP;
        spare -= chip + height + 2 * GAP;
    }
    if (panels & PANEL_TIMERS && spare >= TIMERS) {
        bottom -= TIMERS;
        draw_timers(view, (Rect){inside.x, bottom, inside.w, TIMERS}, host);
    }
    if (!(panels & PANEL_DIAGRAM)) return;
    Rect diagram = {inside.x - 5, y, inside.w + 10, fmin(bottom - y, DIAGRAM_MOST)};
    draw_diagram(view, diagram, host);
    view_hit(view, diagram, ACT_DIAGRAM, host == &view->scene->host[0] ? 1 : 2, PACKET_NONE);
}
