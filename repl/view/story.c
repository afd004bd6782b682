#include "story.h"

#include "../text/text.h"

#include <math.h>
#include <stdlib.h>

enum {
    FIRST_ROW = 26,
    MARK_HEIGHT = 20,
    SEND_HEIGHT = 26,
    ROW_LEAST = 30,
    ROW_SILENT = 6,
    PLAN_HEIGHT = 28,
    DROP_HEIGHT = 44
};

typedef struct Cursors {
    double mark[LIMIT_HOSTS], send[LIMIT_HOSTS], least;
} Cursors;

void *story_grow(void *items, size_t count, size_t *room, size_t size) {
    if (count < *room) return items;
    *room = *room ? *room * 2 : 64;
    void *more = realloc(items, *room * size);
    if (!more) abort();
    return more;
}

static void list_add(List *list, size_t item) {
    list->at = story_grow(list->at, list->count, &list->room, sizeof *list->at);
    list->at[list->count++] = (uint32_t)item;
}

double story_gap(Micros gap) {
    if (gap <= 0) return 0;
    double ms = (double)gap / 1000.0;
    if (ms <= 60) return fmax(12, 1.44 * ms);
    return fmin(86.4 + 8 * log2(ms / 60), 140);
}

size_t story_flight(const Story *story, PacketId packet) {
    uint32_t index = story->model ? flights_find(story->model, packet) : FLIGHT_NONE;
    return index < story->flight_count ? index : SIZE_MAX;
}

FlightView story_fate(const Story *story, const Flight *flight) {
    FlightView fate = {.due = MICROS_NEVER, .ended = MICROS_NEVER};
    flights_view(story->model, (uint32_t)(flight - story->flights), EVENT_NONE, &fate);
    return fate;
}

/* ---- Reading the events ---- */

static void add_column(Story *story, HostId host) {
    if (host == HOST_NONE || story->column_count == STORY_COLUMNS) return;
    for (size_t i = 0; i < story->column_count; i++)
        if (story->columns[i] == host) return;
    size_t at = story->column_count++;
    for (; at > 0 && story->columns[at - 1] > host; at--) story->columns[at] = story->columns[at - 1];
    story->columns[at] = host;
}

static void add_mark(Story *story, const Event *event, const Row *row, Cursors *cursors) {
    if (event->host >= LIMIT_HOSTS) return;
    story->marks = story_grow(story->marks, story->mark_count, &story->mark_room, sizeof *story->marks);
    double *cursor = &cursors->mark[event->host];
    story->marks[story->mark_count++] = (Mark){event->index, event->step, event->host, row->top + *cursor};
    *cursor += MARK_HEIGHT;
    add_column(story, event->host);
}

/* How far its original had come when the copy was made. */
static double fork_start(const Story *story, const Event *event) {
    size_t index = story_flight(story, (PacketId){event->copy_of, 0});
    FlightView original;
    if (index == SIZE_MAX || !flights_view(story->model, (uint32_t)index, event->index, &original)) return 0;
    if (original.due == MICROS_NEVER || original.due <= original.sent) return 0;
    double way = (double)(event->time - original.sent) / (double)(original.due - original.sent);
    double start = story->flights[index].start;
    return start + (1 - start) * fmin(fmax(way, 0), 1);
}

static uint16_t way_of(Story *story, HostId from, HostId to) {
    size_t i = 0;
    while (i < story->way_count && (story->ways[i].from != from || story->ways[i].to != to)) i++;
    if (i < story->way_count) return (uint16_t)i;
    story->ways = story_grow(story->ways, story->way_count, &story->way_room, sizeof *story->ways);
    story->ways[story->way_count++] = (Way){.from = from, .to = to};
    return (uint16_t)i;
}

static void add_flight(Story *story, const Session *session, const Event *event, const Row *row, Cursors *cursors) {
    const World *world = session_world(session);
    FlightView fate;
    uint32_t index = (uint32_t)story->flight_count;
    if (!flights_view(story->model, index, EVENT_NONE, &fate)) return;
    Flight flight = {
        .packet = fate.packet,
        .born = event->step,
        .ended = STEP_NEVER,
        .flags = event->flags,
        .seq = event->seq,
        .ack = event->ack,
        .data_length = event->data_length,
        .icmp_type = event->icmp_type,
        .icmp_code = event->icmp_code,
        .from = event->kind == EVENT_SEND ? event->host : world_host_by_addr(world, event->src.addr),
        .to = world_host_by_addr(world, fate.dst.addr),
        .between = index ? story->flights[index - 1].between : FLIGHT_NONE,
        .start = event->kind == EVENT_DUP ? fork_start(story, event) : 0,
        .y1 = INFINITY,
    };
    if (flight.from != HOST_NONE && flight.to != HOST_NONE && flight.from != flight.to) flight.between = index;
    double *cursor = &cursors->send[flight.from < LIMIT_HOSTS ? flight.from : 0];
    flight.y0 = row->top + *cursor;
    *cursor += SEND_HEIGHT;
    add_column(story, flight.from);
    add_column(story, flight.to);
    flight.way = way_of(story, flight.from, flight.to);
    list_add(&story->ways[flight.way].begun, index);
    story->flights = story_grow(story->flights, index, &story->flight_room, sizeof *story->flights);
    story->flights[story->flight_count++] = flight;
    open_put(story, index, fate.due);
}

static void end_flight(Story *story, uint32_t index, uint32_t step, double y) {
    Flight *flight = &story->flights[index];
    flight->y1 = y;
    if (flight->ended != STEP_NEVER) return;
    flight->ended = step;
    open_remove(story, index);
    list_add(&story->ways[flight->way].ended, index);
}

static void lose_flight(Story *story, uint32_t index, const Event *event, Row *row, Cursors *cursors) {
    const Flight *flight = &story->flights[index];
    bool at_host = flight->ended != STEP_NEVER; /* it has arrived */
    double y = at_host ? row->top : fmax(row->top + 8, flight->y0 + DROP_HEIGHT);
    if (at_host) row->arrival = FLIGHT_NONE;
    end_flight(story, index, event->step, y);
    cursors->least = fmax(cursors->least, y - row->top + 18);
}

/* An event about a packet that is, or was, in flight. */
static void add_packet_event(Story *story, const Session *session, const Event *event, Row *row, Cursors *cursors) {
    size_t index = story_flight(story, event->packet);
    if (index == SIZE_MAX) return;
    Flight *flight = &story->flights[index];
    switch ((int)event->kind) {
    case EVENT_DELIVER:
        end_flight(story, (uint32_t)index, event->step, row->top);
        row->arrival = (uint32_t)index;
        break;
    case EVENT_DROP: lose_flight(story, (uint32_t)index, event, row, cursors); break;
    default: { /* delayed, held, released, edited */
        FlightView fate = story_fate(story, flight);
        if (flight->place) open_put(story, (uint32_t)index, fate.due);
        if (flight->to != world_host_by_addr(session_world(session), fate.dst.addr)) story->stale = true;
    }
    }
}

/* ---- Connections and their states ---- */

/* accept() is about a listener, but shows nothing of it. */
static bool shows_connection(const Event *event) {
    if (event->host >= LIMIT_HOSTS || !conn_is(event->conn)) return false;
    if (event->kind == EVENT_CALL) return event->call != INPUT_ACCEPT;
    return event->kind == EVENT_STATE || event->kind == EVENT_SEND || event->kind == EVENT_DELIVER ||
           event->kind == EVENT_TIMER;
}

static LastChange *last_change(Story *story, ConnId conn) {
    while (story->last_count <= conn.slot) {
        story->last = story_grow(story->last, story->last_count, &story->last_room, sizeof *story->last);
        story->last[story->last_count++] = (LastChange){0, CHANGE_NONE};
    }
    LastChange *last = &story->last[conn.slot];
    if (last->generation != conn.generation) *last = (LastChange){conn.generation, CHANGE_NONE};
    return last;
}

static void add_turn(HostStory *host, const Event *event) {
    Turn turn = {event->step, event->to};
    if (host->turn_count && host->turns[host->turn_count - 1].step == event->step) {
        host->turns[host->turn_count - 1] = turn;
        return;
    }
    host->turns = story_grow(host->turns, host->turn_count, &host->turn_room, sizeof *host->turns);
    host->turns[host->turn_count++] = turn;
}

static void follow_connection(Story *story, const Event *event) {
    if (event->kind == EVENT_STATE && event->host < LIMIT_HOSTS) add_turn(&story->hosts[event->host], event);
    if (!shows_connection(event)) return;
    LastChange *last = last_change(story, event->conn);
    if (event->kind == EVENT_STATE) {
        story->changes = story_grow(story->changes, story->change_count, &story->change_room, sizeof *story->changes);
        story->changes[story->change_count] = (Change){event->index, last->change};
        last->change = (uint32_t)story->change_count++;
    }
    HostStory *host = &story->hosts[event->host];
    host->about = story_grow(host->about, host->about_count, &host->about_room, sizeof *host->about);
    host->about[host->about_count++] = (About){event->index, last->change};
}

const About *story_about(const Story *story, HostId host, uint32_t events) {
    if (host >= LIMIT_HOSTS) return NULL;
    const HostStory *of = &story->hosts[host];
    size_t low = 0, high = of->about_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (of->about[middle].event < events) low = middle + 1;
        else high = middle;
    }
    return low ? &of->about[low - 1] : NULL;
}

/* ---- Rows ---- */

/* That a segment was taken shows in the arrow, unless bytes became readable. */
static bool worth_a_mark(const Event *event) { return event->outcome > OUTCOME_TAKEN || event->value > 0; }

static void add_event(Story *story, const Session *session, const Event *event, Row *row, Cursors *cursors) {
    follow_connection(story, event);
    if (event->kind != EVENT_SET) cursors->least = fmax(cursors->least, ROW_LEAST);
    switch (event->kind) {
    case EVENT_SEND:
    case EVENT_DUP:
    case EVENT_INJECT: add_flight(story, session, event, row, cursors); break;
    case EVENT_DELIVER:
    case EVENT_DROP:
    case EVENT_DELAY:
    case EVENT_HOLD:
    case EVENT_RELEASE:
    case EVENT_EDIT: add_packet_event(story, session, event, row, cursors); break;
    case EVENT_ACCEPT:
        if (worth_a_mark(event)) add_mark(story, event, row, cursors);
        break;
    case EVENT_STATE:
    case EVENT_TIMER:
    case EVENT_CALL:
    case EVENT_ERROR:
    case EVENT_ORACLE:
    case EVENT_IGNORE: add_mark(story, event, row, cursors); break;
    case EVENT_CORRUPT:
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
}

/* What is still in flight gets the row where it will arrive, so that one sees what comes before it happens. */
static void plan_arrivals(Story *story) {
    const Row *last = story->row_count ? &story->rows[story->row_count - 1] : NULL;
    double from = last ? last->bottom : 0, y = 0;
    Micros now = last ? last->time : 0;
    for (size_t i = 0; i < story->planned_count; i++) {
        Flight *flight = &story->flights[story->planned[i]];
        if (flight->ended == STEP_NEVER) flight->y1 = INFINITY;
    }
    story->planned_count = open_first(story, story->planned, STORY_PLANNED);
    for (size_t i = 0; i < story->planned_count; i++) {
        Flight *flight = &story->flights[story->planned[i]];
        Micros due = story->open[flight->place - 1].due;
        double least = due == MICROS_NEVER ? fmax(from, flight->y0) + story_gap(50000) : from + story_gap(due - now);
        y = fmax(fmax(least, flight->y0 + 14), y > 0 ? y + PLAN_HEIGHT : 0);
        flight->y1 = y;
        story->bottom = fmax(story->bottom, y);
    }
}

static uint32_t row_units(const Row *row) { return row->end > row->first ? row->end - row->first : 1; }

static Micros step_time(const Session *session, uint32_t step, const Event *first, Micros before) {
    if (first->index != EVENT_NONE && first->step == step) return first->time;
    Input input;
    return session_input(session, step, &input) && input.at > before && input.at != MICROS_NEVER ? input.at : before;
}

static void add_row(Story *story, const Session *session) {
    const Trace *trace = session_trace(session);
    uint32_t count = trace_count(trace), step = (uint32_t)story->row_count;
    const Row *last = step ? &story->rows[step - 1] : NULL;
    uint32_t index = last ? last->end : 0;
    Event event = trace_at(trace, index);
    Micros before = last ? last->time : 0;
    Row row = {.time = step_time(session, step, &event, before),
               .first = index,
               .mark = (uint32_t)story->mark_count,
               .units = last ? last->units + row_units(last) : 0,
               .arrival = FLIGHT_NONE};
    row.gap = row.time - before;
    row.top = last ? last->bottom + story_gap(row.gap) : FIRST_ROW;
    Cursors cursors = {.least = ROW_SILENT};
    for (; index < count && event.step == step; event = trace_at(trace, ++index))
        add_event(story, session, &event, &row, &cursors);
    row.end = index;
    double height = cursors.least;
    for (size_t host = 0; host < LIMIT_HOSTS; host++)
        height = fmax(height, fmax(cursors.mark[host] + 6, cursors.send[host] + 4));
    row.bottom = row.top + height;
    story->rows = story_grow(story->rows, step, &story->row_room, sizeof *story->rows);
    story->rows[story->row_count++] = row;
}

/* Forgets everything but the memory. */
static void clear(Story *story) {
    for (size_t i = 0; i < story->way_count; i++) {
        free(story->ways[i].begun.at);
        free(story->ways[i].ended.at);
    }
    for (size_t i = 0; i < LIMIT_HOSTS; i++) story->hosts[i].about_count = story->hosts[i].turn_count = 0;
    story->flight_count = story->way_count = story->open_count = story->planned_count = 0;
    story->mark_count = story->row_count = story->change_count = story->last_count = story->column_count = 0;
    story->stale = false;
    add_column(story, 0);
    add_column(story, 1);
}

static void add_rows(Story *story, const Session *session) {
    while (story->row_count < story->steps) add_row(story, session);
}

bool story_update(Story *story, const Session *session) {
    uint32_t epoch = session_epoch(session), events = trace_count(session_trace(session)),
             steps = session_steps(session), hosts = world_hosts(session_world(session));
    if (story->epoch == epoch && story->events == events && story->steps == steps) return false;
    /* A packet may have been on its way to an address before there was a host. */
    if (story->epoch != epoch || hosts > story->host_count) clear(story);
    story->epoch = epoch;
    story->events = events;
    story->steps = steps;
    story->host_count = hosts;
    story->model = text_flights(session);
    add_rows(story, session);
    if (story->stale) { /* an edit changed where a packet goes */
        clear(story);
        add_rows(story, session);
    }
    story->bottom = story->row_count ? story->rows[story->row_count - 1].bottom : FIRST_ROW;
    plan_arrivals(story);
    return true;
}

void story_free(Story *story) {
    clear(story);
    for (size_t i = 0; i < LIMIT_HOSTS; i++) {
        free(story->hosts[i].about);
        free(story->hosts[i].turns);
    }
    free(story->flights);
    free(story->ways);
    free(story->open);
    free(story->marks);
    free(story->rows);
    free(story->changes);
    free(story->last);
    *story = STORY_EMPTY;
}

/* ---- What lies where ---- */

size_t story_begun(const Story *story, uint32_t step) {
    size_t low = 0, high = story->flight_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (story->flights[middle].born < step) low = middle + 1;
        else high = middle;
    }
    return low;
}

size_t story_row_at(const Story *story, double y) {
    size_t low = 0, high = story->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (story->rows[middle].bottom < y) low = middle + 1;
        else high = middle;
    }
    return low;
}

static size_t list_above(const Story *story, const List *list, bool ends, double y) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const Flight *flight = &story->flights[list->at[middle]];
        if ((ends ? flight->y1 : flight->y0) < y) low = middle + 1;
        else high = middle;
    }
    return low;
}

size_t way_begun_above(const Story *story, const Way *way, double y) {
    return list_above(story, &way->begun, false, y);
}

size_t way_ended_above(const Story *story, const Way *way, double y) { return list_above(story, &way->ended, true, y); }

static bool cross(const Flight *first, const Flight *second) {
    return second->y0 < first->y1 && first->from == second->to && first->to == second->from && first->from != first->to;
}

bool story_crosses(const Story *story, const Flight *flight) {
    enum { NEAR = 64 }; /* flights that far apart in order of sending are not on screen together */
    size_t index = (size_t)(flight - story->flights), from = index < NEAR ? 0 : index - NEAR + 1;
    for (size_t i = from; i < index + NEAR && i < story->flight_count; i++) {
        const Flight *other = &story->flights[i];
        if (i < index ? cross(other, flight) : i > index && cross(flight, other)) return true;
    }
    return false;
}
