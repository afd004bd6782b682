/* ladder_plan.c - which rows a ladder has: every packet has the row in which it is sent and the row in which it
 * arrives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

enum { QUIET = 500000 }; /* microseconds without a row that are worth a line of their own */

static bool is_packet_event(const Event *event) { return event->packet.id != 0; }

/* ---- Who takes part ---- */

static void take_part(bool talks[LIMIT_HOSTS], HostId host) {
    if (host < LIMIT_HOSTS) talks[host] = true;
}

static uint32_t pair_of(const Event *event) {
    uint32_t a = event->src.port, b = event->dst.port;
    return a > b ? a << 16 | b : b << 16 | a;
}

static void find_lines(Plan *plan, uint32_t events) {
    bool talks[LIMIT_HOSTS] = {false};
    uint32_t pair = 0;
    for (uint32_t i = 0; i < events; i++) {
        const Event *event = trace_at(plan->trace, i);
        if (event->packet.id > plan->numbers) plan->numbers = event->packet.id;
        if (event->kind == EVENT_STATE) take_part(talks, event->host);
        if (!is_packet_event(event)) continue;
        take_part(talks, world_host_by_addr(plan->world, event->src.addr));
        take_part(talks, world_host_by_addr(plan->world, event->dst.addr));
        if (pair && pair != pair_of(event)) plan->several = true;
        pair = pair_of(event);
    }
    for (HostId host = 0; host < LIMIT_HOSTS; host++) {
        plan->line_of[host] = LADDER_NOWHERE;
        if (!talks[host]) continue;
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

/* ---- Rows and flights ---- */

/* "0.85", "60": a length of time without idle zeros. */
static const char *short_time(Micros time, char *buffer, size_t size) {
    Text text = TEXT_EMPTY;
    text_time(&text, time);
    while (text.length && text.bytes[text.length - 1] == '0') text.length--;
    if (text.length && text.bytes[text.length - 1] == '.') text.length--;
    snprintf(buffer, size, "%.*s", (int)text.length, text_string(&text));
    text_free(&text);
    return buffer;
}

static Row *push_row(Plan *plan, RowKind kind, Micros time, int line, int flight) {
    if (plan->row_count == plan->row_room) {
        plan->row_room = plan->row_room ? plan->row_room * 2 : 64;
        plan->rows = text_array(plan->rows, (size_t)plan->row_room, sizeof *plan->rows);
    }
    Row *row = &plan->rows[plan->row_count++];
    *row = (Row){.kind = kind, .time = time, .line = line, .flight = flight};
    return row;
}

/* A row, and before it one that says how long nothing happened. */
static Row *add_row(Plan *plan, RowKind kind, Micros time, int line, int flight) {
    Micros gap = plan->row_count ? time - plan->rows[plan->row_count - 1].time : 0;
    if (gap >= QUIET) {
        char length[32];
        Row *quiet = push_row(plan, ROW_QUIET, time, LADDER_NOWHERE, -1);
        snprintf(quiet->note, sizeof quiet->note, "··· %s s pass ···", short_time(gap, length, sizeof length));
    }
    return push_row(plan, kind, time, line, flight);
}

static int flight_of(const Plan *plan, uint32_t packet) {
    return packet <= plan->numbers ? plan->flight_of[packet] - 1 : -1;
}

static int add_flight(Plan *plan, const Event *event) {
    if (plan->flight_count == plan->flight_room) {
        plan->flight_room = plan->flight_room ? plan->flight_room * 2 : 32;
        plan->flights = text_array(plan->flights, (size_t)plan->flight_room, sizeof *plan->flights);
    }
    int index = plan->flight_count++;
    plan->flights[index] = (Flight){.id = event->packet.id,
                                    .copy_of = event->kind == EVENT_DUP ? event->copy_of : 0,
                                    .event = event->index,
                                    .from = line_of_addr(plan, event->src.addr),
                                    .to = line_of_addr(plan, event->dst.addr),
                                    .end = INT32_MAX,
                                    .forged = event->kind == EVENT_INJECT};
    plan->flight_of[event->packet.id] = index + 1;
    return index;
}

/* What of the step at hand has no row yet. */
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

/* Where the state of a line may be written in the step at hand: at the packet or timer that brought it about, else
 * where the line last moved. */
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
    if (flight_of(plan, event->packet.id) >= 0) return;
    int flight = add_flight(plan, event);
    Flight *f = &plan->flights[flight];
    if (pending->state[0] && pending->line != f->from) flush(plan, pending);
    bool fork = f->copy_of && flight_of(plan, f->copy_of) >= 0;
    Row *row = add_row(plan, fork ? ROW_FORK : ROW_SEND, event->time, fork ? LADDER_NOWHERE : f->from, flight);
    f->row = plan->row_count - 1;
    if (!fork) memcpy(row->state, pending->state, sizeof row->state);
    pending->state[0] = pending->call[0] = '\0';
}

static void end_flight(Plan *plan, const Event *event, bool lost) {
    int flight = flight_of(plan, event->packet.id);
    if (flight < 0 || plan->flights[flight].end != INT32_MAX) return;
    Row *row = add_row(plan, lost ? ROW_LOST : ROW_ARRIVE, event->time,
                       lost ? LADDER_NOWHERE : plan->flights[flight].to, flight);
    if (lost) snprintf(row->note, sizeof row->note, "%s", drop_text(event->reason));
    plan->flights[flight].end = plan->row_count - 1;
    plan->flights[flight].lost = lost;
}

/* A delivered packet that was of no use (a wrong checksum) keeps its arrival: the reason becomes a note. */
static void add_drop(Plan *plan, const Event *event) {
    int flight = flight_of(plan, event->packet.id);
    if (flight < 0) return;
    if (plan->flights[flight].end == INT32_MAX) {
        end_flight(plan, event, true);
        return;
    }
    Row *row = add_row(plan, ROW_NOTE, event->time, plan->flights[flight].to, -1);
    snprintf(row->note, sizeof row->note, "✗ %s", drop_text(event->reason));
}

static void add_mark(Plan *plan, const Event *event, const char *what) {
    int flight = flight_of(plan, event->packet.id);
    if (flight < 0) return;
    char length[32];
    Row *row = add_row(plan, ROW_MARK, event->time, LADDER_NOWHERE, flight);
    if (event->kind == EVENT_DELAY) {
        Micros by = event->value < 0 ? -event->value : event->value;
        snprintf(row->note, sizeof row->note, "#%u %s %s s", event->packet.id,
                 event->value < 0 ? "hurried by" : "delayed by", short_time(by, length, sizeof length));
    } else {
        snprintf(row->note, sizeof row->note, "#%u %s", event->packet.id, what);
    }
}

static void add_note(Plan *plan, Pending *pending, const Event *event, const char *lead, const char *words) {
    flush(plan, pending);
    Row *row = add_row(plan, ROW_NOTE, event->time, line_of_host(plan, event->host), -1);
    snprintf(row->note, sizeof row->note, "%s%s", lead, words);
}

static void add_event(Plan *plan, Pending *pending, const Event *event) {
    switch (event->kind) {
    case EVENT_SEND:
    case EVENT_INJECT:
    case EVENT_DUP: add_sent(plan, pending, event); break;
    case EVENT_DELIVER: end_flight(plan, event, false); break;
    case EVENT_DROP: add_drop(plan, event); break;
    case EVENT_DELAY: add_mark(plan, event, ""); break;
    case EVENT_HOLD: add_mark(plan, event, "held"); break;
    case EVENT_RELEASE: add_mark(plan, event, "released"); break;
    case EVENT_CORRUPT: add_mark(plan, event, "corrupted"); break;
    case EVENT_EDIT: add_mark(plan, event, "changed"); break;
    case EVENT_STATE: add_state(plan, pending, event); break;
    case EVENT_TIMER: add_note(plan, pending, event, timer_name(event->timer), " timer"); break;
    case EVENT_CALL:
        if (event->call == INPUT_CRASH) add_note(plan, pending, event, "✗ ", "crash");
        else snprintf(pending->call, sizeof pending->call, "%s", call_name(event->call));
        break;
    case EVENT_ERROR: add_note(plan, pending, event, "✗ ", status_text(event->error)); break;
    case EVENT_ORACLE: add_note(plan, pending, event, "BROKEN: ", rule_info(event->rule)->name); break;
    case EVENT_IGNORE: add_note(plan, pending, event, "not used: ", rule_info(event->rule)->name); break;
    case EVENT_ACCEPT:
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
}

/* Packets still in flight get a row of their own at the end: how long they still have. */
static void add_open(Plan *plan) {
    Micros now = world_now(plan->world);
    for (int i = 0; i < plan->flight_count; i++) {
        PacketView packet;
        if (plan->flights[i].end != INT32_MAX ||
            !world_packet(plan->world, (PacketId){plan->flights[i].id, 0}, &packet))
            continue;
        char length[32];
        Row *row = add_row(plan, ROW_OPEN, now, LADDER_NOWHERE, i);
        if (packet.held) snprintf(row->note, sizeof row->note, "held");
        else
            snprintf(row->note, sizeof row->note, "arrives in %s s",
                     short_time(packet.due - now, length, sizeof length));
        plan->flights[i].end = plan->row_count - 1;
    }
    if (plan->row_count && now > plan->rows[plan->row_count - 1].time) add_row(plan, ROW_NOW, now, LADDER_NOWHERE, -1);
}

void ladder_plan(Plan *plan, const World *world, const Trace *trace, uint32_t events) {
    *plan = (Plan){.world = world, .trace = trace};
    if (events > trace_count(trace)) events = trace_count(trace);
    find_lines(plan, events);
    plan->flight_of = text_array(NULL, plan->numbers + 1u, sizeof *plan->flight_of);
    memset(plan->flight_of, 0, (plan->numbers + 1u) * sizeof *plan->flight_of);
    Pending pending = {.line = LADDER_NOWHERE};
    for (uint32_t i = 0; i < events; i++) {
        const Event *event = trace_at(trace, i);
        if (event->step != pending.step) {
            flush(plan, &pending);
            pending.first_row = plan->row_count;
        }
        pending.step = event->step;
        add_event(plan, &pending, event);
    }
    flush(plan, &pending);
    add_open(plan);
}

void ladder_plan_free(Plan *plan) {
    free(plan->rows);
    free(plan->flights);
    free(plan->flight_of);
}

void ladder_label(Text *text, const Plan *plan, const Flight *flight, int brevity) {
    const Event *event = trace_at(plan->trace, flight->event);
    char flags[FLAGS_TEXT];
    if (event->icmp_type) {
        text_add(text, "ICMP %s", icmp_text(event->icmp_type, event->icmp_code));
        return;
    }
    if (plan->several && brevity < 5)
        text_add(text, "%u ", event->src.port > event->dst.port ? event->src.port : event->dst.port);
    if (flight->forged && brevity < 4) text_add(text, "forged ");
    text_add(text, "%s", flags_text(event->flags, flags));
    if (brevity < 3) text_add(text, " seq=%u", event->seq.value);
    if (brevity < 2 && event->flags & FLAG_ACK) text_add(text, " ack=%u", event->ack.value);
    if (brevity < 1) text_add(text, " win=%u", event->window);
    if (brevity < 4 && event->data_length) text_add(text, " len=%u", event->data_length);
    if (brevity < 4 && event->again) text_add(text, " again");
}
