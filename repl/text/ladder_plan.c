/* ladder_plan.c - which rows a ladder has: every packet has the row in which it is sent and the row in which it
 * arrives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

enum {
    QUIET = 500000, /* microseconds without a row that are given a row of their own */
    END_ROWS = 3    /* that may stand below those of events and open packets: time passes, what is left out, now */
};

/* ---- Who takes part ---- */

static void add_host(bool takes_part[LIMIT_HOSTS], HostId host) {
    if (host < LIMIT_HOSTS) takes_part[host] = true;
}

static uint32_t pair_of(Endpoint src, Endpoint dst) {
    uint32_t a = src.port, b = dst.port;
    return a > b ? a << 16 | b : b << 16 | a;
}

/* The hosts of a packet, those of before an edit too. */
static void add_hosts(Plan *plan, bool takes_part[LIMIT_HOSTS], const FlightView *flight) {
    const Event first = trace_at(plan->trace, flight->first);
    const Endpoint ends[] = {first.src, first.dst, flight->src, flight->dst};
    for (size_t i = 0; i < (flight->edited ? 4 : 2); i++)
        add_host(takes_part, world_host_by_addr(plan->world, ends[i].addr));
}

static void find_lines(Plan *plan) {
    bool takes_part[LIMIT_HOSTS] = {false};
    uint32_t pair = 0;
    for (uint32_t i = plan->from; i < plan->events; i++) {
        const Event event = trace_at(plan->trace, i);
        if (event.kind == EVENT_STATE) add_host(takes_part, event.host);
    }
    for (int i = 0; i < plan->route_count; i++) {
        const FlightView *flight = &plan->routes[i].flight;
        uint32_t other = pair_of(flight->src, flight->dst);
        add_hosts(plan, takes_part, flight);
        if (pair && pair != other) plan->several = true;
        pair = other;
    }
    for (HostId host = 0; host < LIMIT_HOSTS; host++) {
        plan->line_of[host] = LADDER_NOWHERE;
        if (!takes_part[host]) continue;
        plan->hosts[plan->lines] = host;
        plan->line_of[host] = plan->lines++;
    }
}

static int line_of_host(const Plan *plan, HostId host) {
    return host < LIMIT_HOSTS ? plan->line_of[host] : LADDER_NOWHERE;
}

static int line_of_addr(const Plan *plan, Addr addr) {
    return line_of_host(plan, world_host_by_addr(plan->world, addr));
}

/* ---- Rows ---- */

/* "0.85", "60": a length of time without trailing zeros. */
static const char *short_time(Micros time, char *buffer, size_t size) {
    Text text = TEXT_EMPTY;
    text_time(&text, time);
    while (text.length && text.bytes[text.length - 1] == '0') text.length--;
    if (text.length && text.bytes[text.length - 1] == '.') text.length--;
    snprintf(buffer, size, "%.*s", (int)text.length, text_string(&text));
    text_free(&text);
    return buffer;
}

static bool more_rows(Plan *plan) {
    int room = plan->row_room ? plan->row_room * 2 : 64;
    Row *rows = text_array(plan->rows, (size_t)plan->row_room, (size_t)room, sizeof *rows);
    plan->failed |= !rows;
    if (!rows) return false;
    plan->rows = rows;
    plan->row_room = room;
    return true;
}

static Row *push_row(Plan *plan, RowKind kind, Micros time, int line, int route) {
    bool fits = plan->row_count < plan->row_room || more_rows(plan);
    Row *row = fits ? &plan->rows[plan->row_count++] : &plan->spare;
    *row = (Row){.kind = kind, .time = time, .line = line, .route = route};
    return row;
}

/* A row, and before it one that says how long nothing happened. */
static Row *add_row(Plan *plan, RowKind kind, Micros time, int line, int route) {
    Micros gap = plan->row_count ? time - plan->rows[plan->row_count - 1].time : 0;
    if (gap >= QUIET) {
        char length[32];
        Row *quiet = push_row(plan, ROW_QUIET, time, LADDER_NOWHERE, -1);
        snprintf(quiet->note, sizeof quiet->note, "··· %s s pass ···", short_time(gap, length, sizeof length));
    }
    return push_row(plan, kind, time, line, route);
}

int ladder_route(const Plan *plan, uint32_t packet) {
    uint32_t index = flights_find(plan->flights, (PacketId){packet, 0});
    if (index != FLIGHT_NONE && index >= plan->first_flight) {
        uint32_t route = index - plan->first_flight + (uint32_t)plan->older_count;
        return route < (uint32_t)plan->route_count ? (int)route : -1;
    }
    int low = 0, high = plan->older_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (plan->routes[middle].index < index) low = middle + 1;
        else high = middle;
    }
    return low < plan->older_count && plan->routes[low].index == index ? low : -1;
}

/* What has happened in the current step and has no row yet. */
typedef struct Pending {
    uint32_t step;
    int first_row; /* of the step */
    int line;
    Micros time;
    char state[LADDER_STATE];
    char call[LADDER_NOTE];
} Pending;

static void flush(Plan *plan, Pending *pending) {
    if (pending->state[0]) {
        Row *row = add_row(plan, ROW_NOTE, pending->time, pending->line, -1);
        memcpy(row->state, pending->state, sizeof row->state);
        snprintf(row->note, sizeof row->note, "%s", pending->call);
    }
    pending->state[0] = pending->call[0] = '\0';
}

/* The row of the current step in which a line's state is written: that of the packet or timer that caused the change,
 * else the line's last. */
static Row *row_for_state(Plan *plan, const Pending *pending, int line) {
    Row *found = NULL;
    for (int i = plan->row_count; i-- > pending->first_row;) {
        Row *row = &plan->rows[i];
        if (row->line != line) continue;
        if (row->state[0]) return found;
        found = row;
    }
    return found;
}

static void add_state(Plan *plan, Pending *pending, const Event *event) {
    int line = line_of_host(plan, event->host);
    char state[LADDER_STATE];
    unsigned port = event->dst.port > event->src.port ? event->dst.port : event->src.port;
    if (plan->several) snprintf(state, sizeof state, "%u %s", port, state_name(event->to));
    else snprintf(state, sizeof state, "%s", state_name(event->to));
    Row *row = pending->call[0] ? NULL : row_for_state(plan, pending, line);
    if (row) {
        memcpy(row->state, state, sizeof row->state);
        return;
    }
    if (pending->state[0] && pending->line != line) flush(plan, pending);
    pending->line = line;
    pending->time = event->time;
    memcpy(pending->state, state, sizeof pending->state);
}

static void add_sent(Plan *plan, Pending *pending, const Event *event) {
    int index = ladder_route(plan, event->packet.id);
    if (index < 0) return;
    Route *route = &plan->routes[index];
    if (pending->state[0] && pending->line != route->from) flush(plan, pending);
    bool fork = ladder_route(plan, route->flight.copy_of) >= 0;
    Row *row = add_row(plan, fork ? ROW_FORK : ROW_SEND, event->time, fork ? LADDER_NOWHERE : route->from, index);
    route->row = plan->row_count - 1;
    if (!fork) memcpy(row->state, pending->state, sizeof row->state);
    pending->state[0] = pending->call[0] = '\0';
}

static void add_arrival(Plan *plan, const Event *event) {
    int index = ladder_route(plan, event->packet.id);
    if (index < 0) return;
    add_row(plan, ROW_ARRIVE, event->time, plan->routes[index].to, index);
    plan->routes[index].end = plan->row_count - 1;
}

/* A packet that the receiving host discards (a wrong checksum) has its arrival already: the reason becomes a note. */
static void add_loss(Plan *plan, const Event *event) {
    int index = ladder_route(plan, event->packet.id);
    if (index < 0) return;
    Route *route = &plan->routes[index];
    bool arrived = route->flight.arrival != EVENT_NONE;
    Row *row = arrived ? add_row(plan, ROW_NOTE, event->time, route->to, -1)
                       : add_row(plan, ROW_LOST, event->time, LADDER_NOWHERE, index);
    Text reason = TEXT_EMPTY;
    text_drop(&reason, event->reason, event->setting);
    snprintf(row->note, sizeof row->note, "%s%s", arrived ? "✗ " : "", text_string(&reason));
    text_free(&reason);
    if (!arrived) route->end = plan->row_count - 1;
}

static void add_mark(Plan *plan, const Event *event, const char *what) {
    int index = ladder_route(plan, event->packet.id);
    if (index < 0) return;
    char length[32];
    Row *row = add_row(plan, ROW_MARK, event->time, LADDER_NOWHERE, index);
    if (event->kind == EVENT_DELAY) {
        Micros by = event->value < 0 ? -event->value : event->value;
        snprintf(row->note, sizeof row->note, "#%u %s %s s", event->packet.id,
                 event->value < 0 ? "advanced by" : "delayed by", short_time(by, length, sizeof length));
    } else {
        snprintf(row->note, sizeof row->note, "#%u %s", event->packet.id, what);
    }
}

static void add_note(Plan *plan, Pending *pending, const Event *event, const char *lead, const char *words) {
    flush(plan, pending);
    Row *row = add_row(plan, ROW_NOTE, event->time, line_of_host(plan, event->host), -1);
    snprintf(row->note, sizeof row->note, "%s%s", lead, words);
}

/* What became of a segment, where it is worth a row: that it was taken shows in the arrow. */
static void add_outcome(Plan *plan, Pending *pending, const Event *event) {
    if (event->kind == EVENT_ACCEPT && event->outcome <= OUTCOME_TAKEN) return;
    Text words = TEXT_EMPTY;
    text_outcome(&words, LANGUAGE_EN, event->outcome, event->value, false);
    bool says_why = event->outcome == OUTCOME_WINDOW_UPDATE || event->outcome == OUTCOME_DUPLICATE_ACK;
    if (!says_why) text_add(&words, ": %s", rule_info(event->rule)->name);
    add_note(plan, pending, event, text_string(&words), "");
    text_free(&words);
}

static void add_event(Plan *plan, Pending *pending, const Event *event) {
    switch (event->kind) {
    case EVENT_SEND:
    case EVENT_INJECT:
    case EVENT_DUP: add_sent(plan, pending, event); break;
    case EVENT_DELIVER: add_arrival(plan, event); break;
    case EVENT_DROP: add_loss(plan, event); break;
    case EVENT_DELAY: add_mark(plan, event, ""); break;
    case EVENT_HOLD: add_mark(plan, event, "held"); break;
    case EVENT_RELEASE: add_mark(plan, event, "released"); break;
    case EVENT_CORRUPT: add_mark(plan, event, "corrupted"); break;
    case EVENT_EDIT: add_mark(plan, event, "edited"); break;
    case EVENT_STATE: add_state(plan, pending, event); break;
    case EVENT_TIMER: add_note(plan, pending, event, timer_name(event->timer), " timer"); break;
    case EVENT_CALL:
        if (event->call == INPUT_CRASH) add_note(plan, pending, event, "✗ ", "crash");
        else snprintf(pending->call, sizeof pending->call, "%s", call_name(event->call));
        break;
    case EVENT_ERROR: add_note(plan, pending, event, "✗ ", status_text(event->error)); break;
    case EVENT_ORACLE: add_note(plan, pending, event, "✗ ", rule_info(event->rule)->name); break;
    case EVENT_IGNORE:
    case EVENT_ACCEPT: add_outcome(plan, pending, event); break;
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
}

/* Packets still in flight get a row of their own at the end: how long they still have. Those sent before the first row
 * are only counted. */
static void add_open(Plan *plan) {
    Micros now = world_now(plan->world);
    uint32_t left_out = world_packets(plan->world);
    for (int i = 0; i < plan->route_count; i++) {
        const FlightView *flight = &plan->routes[i].flight;
        if (flight->ended != MICROS_NEVER || plan->routes[i].row == LADDER_BEFORE) continue;
        char length[32];
        Row *row = add_row(plan, ROW_OPEN, now, LADDER_NOWHERE, i);
        if (flight->state == FLIGHT_HELD) snprintf(row->note, sizeof row->note, "held");
        else
            snprintf(row->note, sizeof row->note, "arrives in %s s",
                     short_time(flight->due - now, length, sizeof length));
        plan->routes[i].end = plan->row_count - 1;
        left_out--;
    }
    if (left_out) {
        Row *row = push_row(plan, ROW_QUIET, now, LADDER_NOWHERE, -1);
        snprintf(row->note, sizeof row->note, "··· %u sent earlier still in flight ···", left_out);
    }
    if (plan->row_count && now > plan->rows[plan->row_count - 1].time) add_row(plan, ROW_NOW, now, LADDER_NOWHERE, -1);
}

/* ---- Which packets have rows ---- */

static int by_number(const void *a, const void *b) {
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Fills the flights of packets sent before the first event here, to which something happens here; returns how many. */
static int older_flights(const Plan *plan, uint32_t *list) {
    size_t count = 0;
    int kept = 0;
    for (uint32_t i = plan->from; i < plan->events; i++) {
        const Event event = trace_at(plan->trace, i);
        uint32_t flight = flights_find(plan->flights, event.packet),
                 original = event.kind == EVENT_DUP ? flights_find(plan->flights, (PacketId){event.copy_of, 0})
                                                    : FLIGHT_NONE;
        if (flight < plan->first_flight) list[count++] = flight;
        if (original < plan->first_flight) list[count++] = original;
    }
    qsort(list, count, sizeof *list, by_number);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || list[i] != list[i - 1]) list[kept++] = list[i];
    return kept;
}

static void read_flights(Plan *plan) {
    size_t most = 2 * (size_t)(plan->events - plan->from);
    uint32_t past = flights_count(plan->flights, plan->events), *older = text_array(NULL, 0, most, sizeof *older);
    plan->first_flight = flights_count(plan->flights, plan->from);
    plan->older_count = older && plan->first_flight ? older_flights(plan, older) : 0;
    plan->route_count = plan->older_count + (int)(past - plan->first_flight);
    plan->routes = text_array(NULL, 0, (size_t)plan->route_count, sizeof *plan->routes);
    plan->failed |= !older || !plan->routes;
    for (int i = 0; i < plan->route_count && !plan->failed; i++) {
        uint32_t index = i < plan->older_count ? older[i] : plan->first_flight + (uint32_t)(i - plan->older_count);
        plan->routes[i] = (Route){.index = index, .row = LADDER_BEFORE, .end = INT32_MAX};
        flights_view(plan->flights, index, plan->events, &plan->routes[i].flight);
    }
    text_array_free(older, most, sizeof *older);
}

static void place_routes(Plan *plan) {
    for (int i = 0; i < plan->route_count; i++) {
        Route *route = &plan->routes[i];
        route->from = line_of_addr(plan, trace_at(plan->trace, route->flight.first).src.addr);
        route->to = line_of_addr(plan, route->flight.dst.addr);
    }
}

/* ---- How far back ---- */

/* The rows of events from `from` on, which begins a step. */
static void plan_events(Plan *plan, uint32_t from) {
    plan->from = from;
    read_flights(plan);
    if (plan->failed) return;
    find_lines(plan);
    place_routes(plan);
    Pending pending = {.line = LADDER_NOWHERE};
    for (uint32_t i = from; i < plan->events && !plan->failed; i++) {
        const Event event = trace_at(plan->trace, i);
        if (event.step != pending.step) {
            flush(plan, &pending);
            pending.first_row = plan->row_count;
        }
        pending.step = event.step;
        add_event(plan, &pending, &event);
    }
    flush(plan, &pending);
}

/* The first event of the step that event `index` belongs to. */
static uint32_t step_begins(const Plan *plan, uint32_t index) {
    uint32_t step = trace_at(plan->trace, index).step;
    while (index > 0 && trace_at(plan->trace, index - 1).step == step) index--;
    return index;
}

/* How many of the first rows there is no room for; a packet that is in flight takes a row more, at the end. */
static int rows_to_cut(const Plan *plan, int most) {
    int row = plan->row_count;
    for (int room = most; row > 0; row--) {
        const Row *last = &plan->rows[row - 1];
        room -= ladder_leaves(last) && plan->routes[last->route].flight.ended == MICROS_NEVER ? 2 : 1;
        if (room < 0) break;
    }
    return row;
}

/* Removes the first rows. What has no row left is not shown at all. */
static void cut_rows(Plan *plan, int cut) {
    for (int i = 0; i < plan->route_count; i++) {
        Route *route = &plan->routes[i];
        route->row = route->row < cut ? LADDER_BEFORE : route->row - cut;
        if (route->end == INT32_MAX && route->row == LADDER_BEFORE) route->end = LADDER_BEFORE;
        else if (route->end != INT32_MAX) route->end = route->end < cut ? LADDER_BEFORE : route->end - cut;
    }
    plan->row_count -= cut;
    memmove(plan->rows, plan->rows + cut, (size_t)plan->row_count * sizeof *plan->rows);
    for (int row = 0; row < plan->row_count; row++) { /* in flight, and something happens to it here */
        int route = plan->rows[row].route;
        if (route >= 0 && plan->routes[route].end == LADDER_BEFORE) plan->routes[route].end = INT32_MAX;
    }
}

void ladder_plan(Plan *plan, const Session *session, int most) {
    uint32_t span = 2 * (uint32_t)most;
    for (;; span *= 2) {
        *plan = (Plan){.world = session_world(session),
                       .trace = session_trace(session),
                       .flights = session_flights(session),
                       .events = session_events(session)};
        plan->failed = !plan->flights;
        if (plan->failed) return;
        plan_events(plan, plan->events > span ? step_begins(plan, plan->events - span) : 0);
        if (plan->failed) return;
        if (plan->from == 0 || plan->row_count >= most) break;
        ladder_plan_free(plan);
    }
    int cut = rows_to_cut(plan, most - END_ROWS);
    plan->cut = cut || plan->from;
    if (plan->cut) cut_rows(plan, cut);
    add_open(plan);
}

void ladder_plan_free(Plan *plan) {
    text_array_free(plan->rows, (size_t)plan->row_room, sizeof *plan->rows);
    text_array_free(plan->routes, (size_t)plan->route_count, sizeof *plan->routes);
}

void ladder_label(Text *text, const Plan *plan, const Route *route, int brevity) {
    const Event event = trace_at(plan->trace, route->flight.first);
    char flags[FLAGS_TEXT];
    if (event.icmp_type) {
        text_add(text, "ICMP %s", icmp_text(event.icmp_type, event.icmp_code));
        return;
    }
    if (plan->several && brevity < 5)
        text_add(text, "%u ", event.src.port > event.dst.port ? event.src.port : event.dst.port);
    if (route->flight.forged && brevity < 4) text_add(text, "forged ");
    text_add(text, "%s", flags_text(event.flags, flags));
    if (brevity < 3) text_add(text, " seq=%u", event.seq.value);
    if (brevity < 2 && event.flags & FLAG_ACK) text_add(text, " ack=%u", event.ack.value);
    if (brevity < 1) text_add(text, " win=%u", event.window);
    if (brevity < 4 && event.data_length) text_add(text, " len=%u", event.data_length);
    if (brevity < 4 && event.again) text_add(text, " again");
}
