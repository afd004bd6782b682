/* ladder.c - draws the ladder on a grid of characters: a packet leaves its line sideways, runs down while it is in
 * route, and arrives. */
#include <string.h>

#include "ladder.h"

enum {
    LEAST_COLUMNS = 40,
    LANE_MOST = 78, /* two lines need not be farther apart, however wide the terminal */
    HEAD = 2,       /* rows of names above */
    WIDE_TAIL = 0   /* in the grid: the right half of a wide character */
};

typedef struct Canvas {
    uint32_t *cells;
    int width, height;
    int at[LIMIT_HOSTS]; /* the column of each line */
    int times, left;     /* width of the times, and of the states at the left */
    int right_end;       /* the column past the last line, for packets that go there */
    int *taken;          /* by column: how many routes run down there or beside it; down there */
} Canvas;

static void put(Canvas *canvas, int row, int column, uint32_t character) {
    if (row < 0 || row >= canvas->height || column < 0 || column >= canvas->width) return;
    canvas->cells[(size_t)row * (size_t)canvas->width + (size_t)column] = character;
}

static uint32_t get(const Canvas *canvas, int row, int column) {
    if (row < 0 || row >= canvas->height || column < 0 || column >= canvas->width) return ' ';
    return canvas->cells[(size_t)row * (size_t)canvas->width + (size_t)column];
}

static void put_words(Canvas *canvas, int row, int column, const char *words) {
    const char *end = words + strlen(words);
    for (const char *at = words; at < end;) {
        const char *start = at;
        uint32_t character = text_character(&at, end);
        int width = text_columns(start, (size_t)(at - start));
        if (width == 0 || column + width > canvas->width) continue;
        put(canvas, row, column, character);
        if (width == 2) put(canvas, row, column + 1, WIDE_TAIL);
        column += width;
    }
}

static int words_width(const char *words) { return text_columns(words, strlen(words)); }

static bool is_vertical(uint32_t c) { return c == U'│' || c == U'┊' || c == U'├' || c == U'┤' || c == U'┼'; }

/* A stroke sideways from column a to column b, both included; lines it crosses stay visible. */
static void put_stroke(Canvas *canvas, int row, int a, int b) {
    if (a > b) {
        int c = a;
        a = b;
        b = c;
    }
    for (int column = a; column <= b; column++)
        put(canvas, row, column, is_vertical(get(canvas, row, column)) ? U'┼' : U'─');
}

/* ---- Columns ---- */

static int state_width(const Plan *plan, int line) {
    int width = 1;
    for (int i = 0; i < plan->row_count; i++)
        if (plan->rows[i].line == line && words_width(plan->rows[i].state) > width)
            width = words_width(plan->rows[i].state);
    return width;
}

static int time_width(const Plan *plan) {
    int width = 5;
    for (int i = 0; i < plan->row_count; i++) {
        Text time = TEXT_EMPTY;
        text_time(&time, plan->rows[i].time);
        if ((int)time.length > width) width = (int)time.length;
        text_free(&time);
    }
    return width;
}

static size_t cell_count(const Canvas *canvas) { return (size_t)canvas->width * (size_t)canvas->height; }

/* Without memory the canvas lacks cells or columns. */
static void measure(Canvas *canvas, const Plan *plan, int columns) {
    if (columns < LEAST_COLUMNS) columns = LEAST_COLUMNS;
    canvas->times = time_width(plan);
    canvas->left = state_width(plan, 0);
    int first = canvas->times + 2 + canvas->left + 1;
    int right = plan->lines > 1 ? state_width(plan, plan->lines - 1) + 2 : 1;
    int gaps = plan->lines > 1 ? plan->lines - 1 : 1;
    int lane = (columns - first - right) / gaps;
    if (lane > LANE_MOST) lane = LANE_MOST;
    if (lane < 6) lane = 6;
    for (int i = 0; i < plan->lines; i++) canvas->at[i] = first + i * lane;
    canvas->right_end = first + gaps * lane;
    canvas->width = canvas->right_end + right;
    canvas->height = plan->row_count + HEAD;
    canvas->cells = text_array(NULL, 0, cell_count(canvas), sizeof *canvas->cells);
    for (size_t i = 0; canvas->cells && i < cell_count(canvas); i++) canvas->cells[i] = ' ';
    canvas->taken = text_array(NULL, 0, (size_t)canvas->width, sizeof *canvas->taken);
}

/* Which way a route goes: 1 right, -1 left; to its own line: out to the right and back. */
static int direction(const Route *route, const Plan *plan) {
    if (route->from == LADDER_NOWHERE) return route->to == plan->lines - 1 && plan->lines > 1 ? 1 : -1;
    if (route->to == LADDER_NOWHERE) return route->from == 0 ? 1 : -1;
    return route->to >= route->from ? 1 : -1;
}

/* The columns a route begins and ends at. */
static int start_column(const Canvas *canvas, const Plan *plan, const Route *route) {
    if (route->from != LADDER_NOWHERE) return canvas->at[route->from];
    int to = canvas->at[route->to == LADDER_NOWHERE ? 0 : route->to];
    if (plan->lines < 2) return canvas->right_end;
    return direction(route, plan) > 0 ? canvas->at[0] + (to - canvas->at[0]) / 4
                                      : to + (canvas->right_end - to) * 3 / 4;
}

static int end_column(const Canvas *canvas, const Plan *plan, const Route *route) {
    if (route->to == route->from && route->to != LADDER_NOWHERE) return canvas->right_end;
    if (route->to != LADDER_NOWHERE) return canvas->at[route->to];
    return direction(route, plan) > 0 ? canvas->right_end : canvas->at[0];
}

/* ---- Bends: no two routes that share a row run down the same column ---- */

static bool column_is_free(const Canvas *canvas, int column) {
    return column < 0 || column >= canvas->width || canvas->taken[column] == 0;
}

static void take_column(Canvas *canvas, int column, int wide, int by) {
    for (int at = column - wide; at <= column + wide; at++)
        if (at >= 0 && at < canvas->width) canvas->taken[at] += by;
}

/* The route that ends in a row; -1: none. */
static int ending_in(const Plan *plan, int row) {
    int route = plan->rows[row].route;
    return route >= 0 && plan->routes[route].end == row ? route : -1;
}

/* The longest label that leaves room for bend and arrowhead. */
static int label_width(const Plan *plan, const Route *route, int room) {
    int width = 0;
    for (int brevity = 0; brevity < LADDER_LABELS; brevity++) {
        Text label = TEXT_EMPTY;
        ladder_label(&label, plan, route, brevity);
        width = words_width(text_string(&label));
        text_free(&label);
        if (width <= room) return width;
    }
    return width < room ? width : room > 0 ? room : 0;
}

static int choose_bend(const Canvas *canvas, const Plan *plan, const Route *route) {
    int way = direction(route, plan), start = start_column(canvas, plan, route), end = end_column(canvas, plan, route);
    int original = ladder_route(plan, route->flight.copy_of);
    int length = (end - start) * way, wish = label_width(plan, route, length - 8) + 5;
    if (wish < length * 2 / 3) wish = length * 2 / 3;
    if (original >= 0) wish = (plan->routes[original].bend - start) * way + 3;
    for (int at = wish; at <= length - 3; at++)
        if (column_is_free(canvas, start + way * at)) return start + way * at;
    for (int at = wish < length - 3 ? wish : length - 3; at >= 2; at--)
        if (column_is_free(canvas, start + way * at)) return start + way * at;
    return start + way * (length / 2);
}

static void bend_all(Canvas *canvas, Plan *plan) {
    int ended = 0; /* rows whose routes have given their columns back */
    memset(canvas->taken, 0, (size_t)canvas->width * sizeof *canvas->taken);
    for (int i = 0; i < plan->route_count; i++) {
        Route *route = &plan->routes[i];
        if (route->end == LADDER_BEFORE) continue;
        for (; ended < route->row; ended++) {
            int other = ending_in(plan, ended);
            if (other >= 0) take_column(canvas, plan->routes[other].bend, 1, -1);
        }
        route->bend = choose_bend(canvas, plan, route);
        take_column(canvas, route->bend, 1, 1);
    }
}

/* ---- Drawing ---- */

/* The hosts' lines, and the routes where they run down. */
static void draw_lines(Canvas *canvas, const Plan *plan) {
    memset(canvas->taken, 0, (size_t)canvas->width * sizeof *canvas->taken);
    for (int i = 0; i < plan->route_count; i++)
        if (plan->routes[i].row == LADDER_BEFORE && plan->routes[i].end != LADDER_BEFORE)
            take_column(canvas, plan->routes[i].bend, 0, 1);
    for (int row = 0; row < plan->row_count; row++) {
        uint32_t line = plan->rows[row].kind == ROW_QUIET ? U'┊' : U'│';
        int ends = ending_in(plan, row);
        if (ends >= 0) take_column(canvas, plan->routes[ends].bend, 0, -1);
        for (int i = 0; i < plan->lines; i++) put(canvas, row + HEAD, canvas->at[i], line);
        for (int column = 0; column < canvas->width; column++)
            if (canvas->taken[column]) put(canvas, row + HEAD, column, line);
        if (ladder_leaves(&plan->rows[row])) take_column(canvas, plan->routes[plan->rows[row].route].bend, 0, 1);
    }
}

/* The first column where words hide no line of the row; else the first. */
static int clear_column(const Canvas *canvas, int row, int from, int to, int width, int way) {
    int first = way > 0 ? from : to - width + 1, last = way > 0 ? to - width + 1 : from;
    for (int at = first; way > 0 ? at <= last : at >= last; at += way) {
        bool clear = true;
        for (int column = at - 1; clear && column <= at + width; column++)
            clear = !is_vertical(get(canvas, row, column)) && get(canvas, row, column) != U'┼';
        if (clear) return at;
    }
    return first;
}

static void draw_label(Canvas *canvas, const Plan *plan, const Route *route, int row, int from, int to, int way) {
    int room = to - from + 1;
    Text label = TEXT_EMPTY;
    for (int brevity = 0; brevity < LADDER_LABELS; brevity++) {
        text_clear(&label);
        ladder_label(&label, plan, route, brevity);
        if (words_width(text_string(&label)) + 2 <= room) break;
    }
    int width = words_width(text_string(&label));
    if (width + 2 <= room) {
        int column = clear_column(canvas, row, from + 1, to - 1, width, way);
        put(canvas, row, column - 1, ' ');
        put_words(canvas, row, column, text_string(&label));
        put(canvas, row, column + width, ' ');
    }
    text_free(&label);
}

static void draw_send(Canvas *canvas, const Plan *plan, const Route *route, int row) {
    int way = direction(route, plan), start = start_column(canvas, plan, route);
    put_stroke(canvas, row, start + way, route->bend - way);
    put(canvas, row, start, route->from == LADDER_NOWHERE ? U'*' : way > 0 ? U'├' : U'┤');
    put(canvas, row, route->bend, way > 0 ? U'╮' : U'╭');
    if (way > 0) draw_label(canvas, plan, route, row, start + 2, route->bend - 2, 1);
    else draw_label(canvas, plan, route, row, route->bend + 2, start - 2, -1);
}

static void draw_fork(Canvas *canvas, const Plan *plan, const Route *route, int row) {
    const Route *original = &plan->routes[ladder_route(plan, route->flight.copy_of)];
    bool right = route->bend > original->bend;
    char words[32];
    Text label = TEXT_EMPTY;
    text_add(&label, "copy #%u of #%u", route->flight.packet.id, route->flight.copy_of);
    size_t length = label.length < sizeof words - 1 ? label.length : sizeof words - 1;
    memcpy(words, text_string(&label), length);
    words[length] = '\0';
    text_free(&label);
    put_stroke(canvas, row, original->bend, route->bend);
    put(canvas, row, original->bend, right ? U'├' : U'┤');
    put(canvas, row, route->bend, right ? U'╮' : U'╭');
    put_words(canvas, row, right ? original->bend - words_width(words) - 1 : original->bend + 2, words);
}

static void draw_arrival(Canvas *canvas, const Plan *plan, const Route *route, int row) {
    if (route->to == LADDER_NOWHERE) return;
    int to = canvas->at[route->to], way = to > route->bend ? 1 : -1;
    put_stroke(canvas, row, route->bend + way, to - way);
    put(canvas, row, route->bend, way > 0 ? U'╰' : U'╯');
    put(canvas, row, to - way, way > 0 ? U'▶' : U'◀');
    if (route->row != LADDER_BEFORE) return; /* else the row that says what it is lies above */
    if (way > 0) draw_label(canvas, plan, route, row, route->bend + 2, to - 2, 1);
    else draw_label(canvas, plan, route, row, to + 2, route->bend - 2, -1);
}

/* Words beside a route's column: ahead of it, where there is room. */
static void draw_beside(Canvas *canvas, const Plan *plan, const Route *route, int row, uint32_t sign,
                        const char *words) {
    int way = direction(route, plan), width = words_width(words), column = route->bend + 2;
    if (way < 0 || column + width > canvas->right_end - 1) column = route->bend - 1 - width;
    if (column <= canvas->at[0]) column = route->bend + 2;
    put_words(canvas, row, column, words);
    put(canvas, row, route->bend, sign);
}

static void draw_note(Canvas *canvas, const Plan *plan, const Row *row, int at) {
    if (!row->note[0] || row->line == LADDER_NOWHERE) return;
    int column = canvas->at[row->line], width = words_width(row->note);
    bool last = row->line == plan->lines - 1 && plan->lines > 1;
    put_words(canvas, at, last ? column - 1 - width : column + 2, row->note);
}

/* The state beside its line: outside of it, or for a line with neighbours on both sides, where no arrow touches it. */
static void draw_state(Canvas *canvas, const Plan *plan, const Row *row, int at) {
    if (!row->state[0] || row->line == LADDER_NOWHERE) return;
    int column = canvas->at[row->line], width = words_width(row->state);
    bool left = row->line == 0;
    if (row->line > 0 && row->line < plan->lines - 1) {
        uint32_t beside = get(canvas, at, column + 1);
        left = beside != ' ';
    }
    put_words(canvas, at, left ? column - 1 - width : column + 2, row->state);
}

static void draw_row(Canvas *canvas, const Plan *plan, int index) {
    const Row *row = &plan->rows[index];
    const Route *route = row->route >= 0 ? &plan->routes[row->route] : NULL;
    int at = index + HEAD;
    switch (row->kind) {
    case ROW_SEND: draw_send(canvas, plan, route, at); break;
    case ROW_FORK: draw_fork(canvas, plan, route, at); break;
    case ROW_ARRIVE: draw_arrival(canvas, plan, route, at); break;
    case ROW_LOST: draw_beside(canvas, plan, route, at, U'✗', row->note); break;
    case ROW_OPEN: draw_beside(canvas, plan, route, at, U'╎', row->note); break;
    case ROW_MARK: draw_beside(canvas, plan, route, at, U'●', row->note); break;
    case ROW_NOTE: draw_note(canvas, plan, row, at); break;
    case ROW_QUIET: {
        int middle = (canvas->at[0] + canvas->right_end) / 2;
        put_words(canvas, at, middle - words_width(row->note) / 2, row->note);
        break;
    }
    case ROW_NOW: break;
    }
    draw_state(canvas, plan, row, at);
}

static void draw_times(Canvas *canvas, const Plan *plan) {
    Micros shown = -1;
    for (int i = 0; i < plan->row_count; i++) {
        const Row *row = &plan->rows[i];
        if (row->time == shown || row->kind == ROW_QUIET) continue;
        shown = row->time;
        Text time = TEXT_EMPTY;
        text_time(&time, row->time);
        put_words(canvas, i + HEAD, canvas->times - (int)time.length, text_string(&time));
        text_free(&time);
    }
}

static void draw_names(Canvas *canvas, const Plan *plan) {
    for (int line = 0; line < plan->lines; line++) {
        HostView host;
        if (!world_host(plan->world, plan->hosts[line], &host)) continue;
        char address[ADDR_TEXT];
        const char *words[HEAD] = {host.name, addr_text(host.addr, address)};
        for (int row = 0; row < HEAD; row++) {
            int width = words_width(words[row]), column = canvas->at[line] - width / 2;
            if (column + width > canvas->width) column = canvas->width - width;
            put_words(canvas, row, column < 0 ? 0 : column, words[row]);
        }
    }
}

static void add_canvas(Text *text, const Canvas *canvas) {
    for (int row = 0; row < canvas->height; row++) {
        int last = canvas->width;
        while (last > 0 && get(canvas, row, last - 1) == ' ') last--;
        for (int column = 0; column < last; column++) {
            uint32_t character = get(canvas, row, column);
            if (character != WIDE_TAIL) text_add_character(text, character);
        }
        text_add_bytes(text, "\n", 1);
    }
}

static void draw(Canvas *canvas, Plan *plan) {
    bend_all(canvas, plan);
    draw_lines(canvas, plan);
    for (int i = 0; i < plan->row_count; i++) draw_row(canvas, plan, i);
    draw_times(canvas, plan);
    draw_names(canvas, plan);
}

void text_ladder(Text *text, const Session *session, int columns, int rows) {
    Plan plan;
    Canvas canvas = {0};
    ladder_plan(&plan, session, rows);
    bool empty = plan.lines == 0 || plan.row_count == 0;
    if (!plan.failed && !empty) {
        measure(&canvas, &plan, columns);
        plan.failed |= !canvas.cells || !canvas.taken;
    }
    if (plan.failed) {
        text->failed = true;
    } else if (empty) {
        text_add(text, "nothing has happened yet\n");
    } else {
        if (plan.cut) text_add(text, "... earlier rows: ladder(200) shows the last 200\n");
        draw(&canvas, &plan);
        add_canvas(text, &canvas);
    }
    text_array_free(canvas.cells, cell_count(&canvas), sizeof *canvas.cells);
    text_array_free(canvas.taken, (size_t)canvas.width, sizeof *canvas.taken);
    ladder_plan_free(&plan);
}
