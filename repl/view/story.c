#include "story.h"

#include "../text/text.h"

#include <math.h>
#include <stdlib.h>

enum { MARK_HEIGHT = 20, SEND_HEIGHT = 26, ROW_LEAST = 30, ROW_SILENT = 6, PLAN_HEIGHT = 28, DROP_HEIGHT = 44 };

typedef struct Cursors {
    double mark[LIMIT_HOSTS], send[LIMIT_HOSTS], least;
} Cursors;

/* Room for one more. Out of memory the picture would be wrong, so the program ends. */
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
    uint32_t index = story->model ? flights_find(story->model, packet) : FLIGHT_NONE;
    return index < story->flight_count ? index : SIZE_MAX;
}

static Flight *flight_of(Story *story, PacketId packet) {
    size_t index = story_flight(story, packet);
    return index == SIZE_MAX ? NULL : &story->flights[index];
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

static uint32_t end_step(const Trace *trace, const FlightView *fate) {
    const Event end = trace_at(trace, fate->loss != EVENT_NONE ? fate->loss : fate->arrival);
    return end.index != EVENT_NONE ? end.step : STEP_NEVER;
}

static void add_flight(Story *story, const Session *session, const Event *event, const Row *row, Cursors *cursors) {
    const World *world = session_world(session);
    Flight flight = {
        .born = event->step,
        .flags = event->flags,
        .seq = event->seq,
        .ack = event->ack,
        .data_length = event->data_length,
        .icmp_type = event->icmp_type,
        .icmp_code = event->icmp_code,
        .from = event->kind == EVENT_SEND ? event->host : world_host_by_addr(world, event->src.addr),
        .start = event->kind == EVENT_DUP ? fork_start(story, event) : 0,
    };
    if (!flights_view(story->model, (uint32_t)story->flight_count, EVENT_NONE, &flight.fate)) return;
    flight.to = world_host_by_addr(world, flight.fate.dst.addr);
    flight.ended = end_step(session_trace(session), &flight.fate);
    double *cursor = &cursors->send[flight.from < LIMIT_HOSTS ? flight.from : 0];
    flight.y0 = row->top + *cursor;
    *cursor += SEND_HEIGHT;
    add_column(story, flight.from);
    add_column(story, flight.to);
    story->flights = grow(story->flights, story->flight_count, &story->flight_room, sizeof *story->flights);
    story->flights[story->flight_count++] = flight;
}

static void lose_flight(Story *story, const Event *event, const Row *row, Cursors *cursors) {
    Flight *flight = flight_of(story, event->packet);
    if (!flight) return;
    bool at_host = flight->fate.arrival != EVENT_NONE;
    flight->y1 = at_host ? row->top : fmax(row->top + 8, flight->y0 + DROP_HEIGHT);
    cursors->least = fmax(cursors->least, flight->y1 - row->top + 18);
}

static void end_flight(Story *story, const Event *event, const Row *row) {
    Flight *flight = flight_of(story, event->packet);
    if (flight) flight->y1 = row->top;
}

/* That a segment was taken shows in the arrow, unless bytes became readable. */
static bool worth_a_mark(const Event *event) { return event->outcome > OUTCOME_TAKEN || event->value > 0; }

static void add_event(Story *story, const Session *session, const Event *event, const Row *row, Cursors *cursors) {
    if (event->kind != EVENT_SET) cursors->least = fmax(cursors->least, ROW_LEAST);
    switch (event->kind) {
    case EVENT_SEND:
    case EVENT_DUP:
    case EVENT_INJECT: add_flight(story, session, event, row, cursors); break;
    case EVENT_DELIVER: end_flight(story, event, row); break;
    case EVENT_DROP: lose_flight(story, event, row, cursors); break;
    case EVENT_ACCEPT:
        if (worth_a_mark(event)) add_mark(story, event, row, cursors);
        break;
    case EVENT_STATE:
    case EVENT_TIMER:
    case EVENT_CALL:
    case EVENT_ERROR:
    case EVENT_ORACLE:
    case EVENT_IGNORE: add_mark(story, event, row, cursors); break;
    case EVENT_DELAY:
    case EVENT_HOLD:
    case EVENT_RELEASE:
    case EVENT_CORRUPT:
    case EVENT_EDIT:
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
}

/* Next to arrive first, held ones last. */
static int by_due(const void *a, const void *b) {
    const Flight *one = *(Flight *const *)a, *two = *(Flight *const *)b;
    if (one->fate.due != two->fate.due) return one->fate.due < two->fate.due ? -1 : 1;
    return one < two ? -1 : one > two;
}

/* What is still in flight gets the row where it will arrive, so that one sees what comes before it happens. */
static void plan_arrivals(Story *story, Micros now) {
    double from = story->row_count ? story->rows[story->row_count - 1].bottom : 0, y = 0;
    Flight **open = NULL;
    size_t count = 0, room = 0;
    for (size_t i = 0; i < story->flight_count; i++) {
        if (story->flights[i].ended != STEP_NEVER) continue;
        open = grow(open, count, &room, sizeof(*open));
        open[count++] = &story->flights[i];
    }
    if (count) qsort(open, count, sizeof(*open), by_due);
    for (size_t i = 0; i < count; i++) {
        Flight *flight = open[i];
        double least = flight->fate.due == MICROS_NEVER ? fmax(from, flight->y0) + story_gap(50000)
                                                        : from + story_gap(flight->fate.due - now);
        y = fmax(fmax(least, flight->y0 + 14), y > 0 ? y + PLAN_HEIGHT : 0);
        flight->y1 = y;
        story->bottom = fmax(story->bottom, y);
    }
    free(open);
}

static void find_crossings(Story *story) {
    enum { NEAR = 64 }; /* flights that far apart in order of sending are not on screen together */
    for (size_t i = 0; i < story->flight_count; i++) {
        Flight *one = &story->flights[i];
        for (size_t k = i + 1; k < story->flight_count && k < i + NEAR; k++) {
            Flight *two = &story->flights[k];
            if (story->rows[two->born].top >= one->y1) break; /* so do all that are sent later */
            if (two->y0 >= one->y1) continue;
            if (one->from == two->to && one->to == two->from && one->from != one->to)
                one->crosses = two->crosses = true;
        }
    }
}

static Micros step_time(const Session *session, uint32_t step, const Event *first, Micros before) {
    if (first->index != EVENT_NONE && first->step == step) return first->time;
    Input input;
    return session_input(session, step, &input) && input.at > before && input.at != MICROS_NEVER ? input.at : before;
}

static void build(Story *story, const Session *session) {
    const Trace *trace = session_trace(session);
    uint32_t index = 0, count = trace_count(trace);
    Event event = trace_at(trace, index);
    Micros before = 0;
    double y = 26;
    for (uint32_t step = 0; step < story->steps; step++) {
        Row row = {.time = step_time(session, step, &event, before), .first = index};
        row.gap = row.time - before;
        row.top = y + (step ? story_gap(row.gap) : 0);
        Cursors cursors = {.least = ROW_SILENT};
        for (; index < count && event.step == step; event = trace_at(trace, ++index))
            add_event(story, session, &event, &row, &cursors);
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
    story->model = text_flights(session);
    story->flight_count = story->mark_count = story->row_count = story->column_count = 0;
    add_column(story, 0);
    add_column(story, 1);
    build(story, session);
    return true;
}

void story_free(Story *story) {
    free(story->flights);
    free(story->marks);
    free(story->rows);
    *story = STORY_EMPTY;
}
