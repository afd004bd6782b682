#include "story.h"

#include <math.h>
#include <stdlib.h>

enum { MARK_HEIGHT = 20, SEND_HEIGHT = 26, ROW_LEAST = 30, ROW_SILENT = 6, PLAN_HEIGHT = 28, DROP_HEIGHT = 44 };

typedef struct Cursors {
    double mark[LIMIT_HOSTS], send[LIMIT_HOSTS], least;
} Cursors;

/* Room for one more; out of memory the window could only lie, so it ends. */
static void *grow(void *items, size_t count, size_t *room, size_t size) {
    if (count < *room) return items;
    *room = *room ? *room * 2 : 64;
    void *more = realloc(items, *room * size);
    if (!more) abort();
    return more;
}

double story_gap(Micros gap) {
    if (gap <= 0) return 0;
    double ms = (double)gap / 1000.0;
    if (ms <= 60) return fmax(12, 1.44 * ms);
    return fmin(86.4 + 8 * log2(ms / 60), 140);
}

size_t story_flight(const Story *story, PacketId packet) {
    for (size_t i = story->flight_count; i-- > 0;)
        if (story->flights[i].packet.id == packet.id && (!packet.born || story->flights[i].packet.born == packet.born))
            return i;
    return SIZE_MAX;
}

static Flight *open_flight(Story *story, PacketId packet, bool ends) {
    for (size_t i = 0; i < story->open_count; i++) {
        Flight *flight = &story->flights[story->open[i]];
        if (flight->packet.id != packet.id || flight->packet.born != packet.born) continue;
        if (ends) {
            for (size_t k = i + 1; k < story->open_count; k++) story->open[k - 1] = story->open[k];
            story->open_count--;
        }
        return flight;
    }
    return NULL;
}

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
    story->marks = grow(story->marks, story->mark_count, &story->mark_room, sizeof *story->marks);
    double *cursor = &cursors->mark[event->host];
    story->marks[story->mark_count++] = (Mark){event->index, event->step, event->host, row->top + *cursor};
    *cursor += MARK_HEIGHT;
    add_column(story, event->host);
}

static void read_icmp(Flight *flight, const Trace *trace, uint32_t event) {
    uint32_t length = 0;
    const uint8_t *bytes = trace_bytes(trace, event, &length);
    Icmp icmp;
    if (!bytes || !icmp_decode(bytes, length, &icmp)) return;
    flight->icmp = true;
    flight->icmp_type = icmp.type;
    flight->icmp_code = icmp.code;
}

static void add_flight(Story *story, const Session *session, const Event *event, const Row *row, Cursors *cursors) {
    Flight flight = {
        .packet = event->packet,
        .copy_of = event->copy_of,
        .event = event->index,
        .born = event->step,
        .ended = STEP_NEVER,
        .corrupt_step = STEP_NEVER,
        .held_step = STEP_NEVER,
        .released_step = STEP_NEVER,
        .sent = event->time,
        .due = event->due,
        .end = MICROS_NEVER,
        .again = event->again,
        .forged = event->kind == EVENT_INJECT,
        .flags = event->flags,
        .seq = event->seq,
        .ack = event->ack,
        .window = event->window,
        .data_length = event->data_length,
    };
    const World *world = session_world(session);
    if (!event->flags) read_icmp(&flight, session_trace(session), event->index);
    flight.from = event->kind == EVENT_SEND ? event->host : world_host_by_addr(world, event->src.addr);
    flight.to = world_host_by_addr(world, event->dst.addr);
    double *cursor = &cursors->send[flight.from < LIMIT_HOSTS ? flight.from : 0];
    flight.y0 = row->top + *cursor;
    *cursor += SEND_HEIGHT;
    const Flight *original = event->kind == EVENT_DUP
                                 ? open_flight(story, (PacketId){event->copy_of, event->packet.born}, false)
                                 : NULL;
    for (size_t i = 0; event->kind == EVENT_DUP && !original && i < story->open_count; i++)
        if (story->flights[story->open[i]].packet.id == event->copy_of) original = &story->flights[story->open[i]];
    if (original && original->due != MICROS_NEVER && original->due > original->sent) {
        double way = (double)(event->time - original->sent) / (double)(original->due - original->sent);
        flight.start = original->start + (1 - original->start) * fmin(fmax(way, 0), 1);
        flight.corrupt_step = original->corrupt_step == STEP_NEVER ? STEP_NEVER : event->step;
    }
    add_column(story, flight.from);
    add_column(story, flight.to);
    story->flights = grow(story->flights, story->flight_count, &story->flight_room, sizeof *story->flights);
    story->open = grow(story->open, story->open_count, &story->open_room, sizeof *story->open);
    story->open[story->open_count++] = story->flight_count;
    story->flights[story->flight_count++] = flight;
}

/* A packet is lost on its way, or at the door: then it was delivered a moment before, in the same step. */
static void lose_flight(Story *story, const Event *event, const Row *row, Cursors *cursors) {
    Flight *flight = open_flight(story, event->packet, true);
    if (!flight) {
        size_t index = story_flight(story, event->packet);
        if (index == SIZE_MAX || story->flights[index].ended != event->step) return;
        flight = &story->flights[index];
    }
    bool at_the_door = flight->ended == event->step;
    flight->ended = event->step;
    flight->end = event->time;
    flight->fate = FATE_DROPPED;
    flight->reason = event->reason;
    flight->y1 = at_the_door ? row->top : fmax(row->top + 8, flight->y0 + DROP_HEIGHT);
    cursors->least = fmax(cursors->least, flight->y1 - row->top + 18);
}

static void end_flight(Story *story, const Event *event, const Row *row) {
    Flight *flight = open_flight(story, event->packet, true);
    if (!flight) return;
    flight->ended = event->step;
    flight->end = event->time;
    flight->fate = FATE_ARRIVED;
    flight->y1 = row->top;
}

static void change_flight(Story *story, const Event *event) {
    Flight *flight = open_flight(story, event->packet, false);
    if (!flight) return;
    switch (event->kind) {
    case EVENT_DELAY: flight->due = event->due; break;
    case EVENT_HOLD:
        flight->held_step = event->step;
        flight->released_step = STEP_NEVER;
        flight->due = MICROS_NEVER;
        break;
    case EVENT_RELEASE:
        flight->released_step = event->step;
        flight->due = event->due;
        break;
    case EVENT_CORRUPT:
    case EVENT_EDIT: flight->corrupt_step = event->kind == EVENT_CORRUPT ? event->step : flight->corrupt_step; break;
    case EVENT_SEND:
    case EVENT_DELIVER:
    case EVENT_DROP:
    case EVENT_DUP:
    case EVENT_INJECT:
    case EVENT_STATE:
    case EVENT_TIMER:
    case EVENT_CALL:
    case EVENT_ERROR:
    case EVENT_ORACLE:
    case EVENT_IGNORE:
    case EVENT_ACCEPT:
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
}

static void add_event(Story *story, const Session *session, const Event *event, const Row *row, Cursors *cursors) {
    if (event->kind != EVENT_SET) cursors->least = fmax(cursors->least, ROW_LEAST);
    switch (event->kind) {
    case EVENT_SEND:
    case EVENT_DUP:
    case EVENT_INJECT: add_flight(story, session, event, row, cursors); break;
    case EVENT_DELIVER: end_flight(story, event, row); break;
    case EVENT_DROP: lose_flight(story, event, row, cursors); break;
    case EVENT_DELAY:
    case EVENT_HOLD:
    case EVENT_RELEASE:
    case EVENT_CORRUPT:
    case EVENT_EDIT: change_flight(story, event); break;
    case EVENT_ACCEPT:
        if (event->value > 0) add_mark(story, event, row, cursors);
        break;
    case EVENT_STATE:
    case EVENT_TIMER:
    case EVENT_CALL:
    case EVENT_ERROR:
    case EVENT_ORACLE:
    case EVENT_IGNORE: add_mark(story, event, row, cursors); break;
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
}

/* The flight that comes next of those not planned yet (y1 is 0); held ones come last. */
static Flight *next_to_plan(Story *story) {
    Flight *best = NULL;
    for (size_t i = 0; i < story->open_count; i++) {
        Flight *flight = &story->flights[story->open[i]];
        if (flight->y1 <= 0 && (!best || flight->due < best->due)) best = flight;
    }
    return best;
}

/* What is still under way gets the row where it will arrive, so that one sees what comes before it happens. */
static void plan_arrivals(Story *story, Micros now) {
    double from = story->row_count ? story->rows[story->row_count - 1].bottom : 0, y = 0;
    Flight *flight;
    while ((flight = next_to_plan(story))) {
        double least = flight->due == MICROS_NEVER ? fmax(from, flight->y0) + story_gap(50000)
                                                   : from + story_gap(flight->due - now);
        y = fmax(fmax(least, flight->y0 + 14), y > 0 ? y + PLAN_HEIGHT : 0);
        flight->y1 = y;
        story->bottom = fmax(story->bottom, y);
    }
}

static void find_crossings(Story *story) {
    enum { NEAR = 64 }; /* flights that far apart in order of sending are not on screen together */
    for (size_t i = 0; i < story->flight_count; i++) {
        Flight *one = &story->flights[i];
        for (size_t k = i + 1; k < story->flight_count && k < i + NEAR; k++) {
            Flight *two = &story->flights[k];
            if (two->y0 >= one->y1) continue;
            if (one->from == two->to && one->to == two->from && one->from != one->to)
                one->crosses = two->crosses = true;
        }
    }
}

static Micros step_time(const Session *session, uint32_t step, const Event *first, Micros before) {
    if (first && first->step == step) return first->time;
    const Input *input = session_input(session, step);
    return input && input->at > before && input->at != MICROS_NEVER ? input->at : before;
}

static void build(Story *story, const Session *session) {
    const Trace *trace = session_trace(session);
    uint32_t index = 0, count = trace_count(trace);
    Micros before = 0;
    double y = 26;
    for (uint32_t step = 0; step < story->steps; step++) {
        const Event *event = index < count ? trace_at(trace, index) : NULL;
        Row row = {.time = step_time(session, step, event, before), .first = index};
        row.gap = row.time - before;
        row.top = y + (step ? story_gap(row.gap) : 0);
        Cursors cursors = {.least = ROW_SILENT};
        for (; event && event->step == step; event = ++index < count ? trace_at(trace, index) : NULL)
            add_event(story, session, event, &row, &cursors);
        row.end = index;
        double height = cursors.least;
        for (size_t host = 0; host < LIMIT_HOSTS; host++)
            height = fmax(height, fmax(cursors.mark[host] + 6, cursors.send[host] + 4));
        row.bottom = row.top + height;
        y = row.bottom;
        before = row.time;
        story->rows = grow(story->rows, story->row_count, &story->row_room, sizeof *story->rows);
        story->rows[story->row_count++] = row;
    }
    story->bottom = y;
    plan_arrivals(story, before);
    find_crossings(story);
}

bool story_update(Story *story, const Session *session) {
    uint32_t epoch = session_epoch(session), events = trace_count(session_trace(session)),
             steps = session_steps(session);
    if (story->epoch == epoch && story->events == events && story->steps == steps) return false;
    story->epoch = epoch;
    story->events = events;
    story->steps = steps;
    story->flight_count = story->mark_count = story->row_count = story->open_count = story->column_count = 0;
    add_column(story, 0);
    add_column(story, 1);
    build(story, session);
    return true;
}

void story_free(Story *story) {
    free(story->flights);
    free(story->marks);
    free(story->rows);
    free(story->open);
    *story = STORY_EMPTY;
}
