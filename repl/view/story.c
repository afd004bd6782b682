/* story.c - reads the trace, event by event, and keeps what is written beside the hosts' lines. */
#include "story_parts.h"

#include "../text/text.h"

#include <stdlib.h>
#include <string.h>

enum { MARKS_MOST = 6 }; /* of a host in one instant */

void *story_resize(void *items, size_t count, size_t size) {
    void *more = realloc(items, count * size);
    if (!more) abort();
    return more;
}

void *story_grow(void *items, size_t count, size_t *room, size_t size) {
    if (count < *room) return items;
    *room = *room ? *room * 2 : 64;
    return story_resize(items, *room, size);
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

void story_add_column(Story *story, HostId host) {
    if (host == HOST_NONE || story->column_count == STORY_COLUMNS) return;
    for (size_t i = 0; i < story->column_count; i++)
        if (story->columns[i] == host) return;
    size_t at = story->column_count++;
    for (; at > 0 && story->columns[at - 1] > host; at--) story->columns[at] = story->columns[at - 1];
    story->columns[at] = host;
}

bool story_says_the_same(const Event *a, const Event *b) {
    if (a->kind != b->kind || a->host != b->host) return false;
    switch ((int)a->kind) {
    case EVENT_CALL: return a->call == b->call;
    case EVENT_ACCEPT:
    case EVENT_IGNORE: return a->outcome == b->outcome && a->value == b->value;
    default: return false;
    }
}

/* Joins it to the last mark of this host and instant where that says the same, or where there are too many. */
static bool join_mark(Story *story, const Event *event) {
    const Instant *instant = &story->instants[story->instant_count - 1];
    for (size_t i = story->mark_count; i-- > instant->mark;) {
        Mark *mark = &story->marks[i];
        if (mark->host != event->host) continue;
        const Event first = trace_at(story->trace, mark->event);
        mark->mixed = mark->mixed || (story->stacked[event->host] == MARKS_MOST && !story_says_the_same(&first, event));
        if (!mark->mixed && !story_says_the_same(&first, event)) return false;
        mark->count++;
        mark->last = event->index;
        return true;
    }
    return false;
}

static void add_mark(Story *story, const Event *event) {
    if (event->host >= LIMIT_HOSTS || join_mark(story, event)) return;
    story->marks = story_grow(story->marks, story->mark_count, &story->mark_room, sizeof *story->marks);
    double y = story->instants[story->instant_count - 1].y + STORY_MARK_HEIGHT * story->stacked[event->host]++;
    story->marks[story->mark_count++] = (Mark){event->index, event->step, event->index, 1, false, event->host, y};
    story_add_column(story, event->host);
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

static void add_turn(HostStory *host, const Event *event, uint32_t instant) {
    Turn turn = {event->step, instant, event->to};
    if (host->turn_count && host->turns[host->turn_count - 1].instant == instant) {
        host->turns[host->turn_count - 1] = turn;
        return;
    }
    host->turns = story_grow(host->turns, host->turn_count, &host->turn_room, sizeof *host->turns);
    host->turns[host->turn_count++] = turn;
}

static void follow_connection(Story *story, const Event *event) {
    if (event->kind == EVENT_STATE && event->host < LIMIT_HOSTS)
        add_turn(&story->hosts[event->host], event, (uint32_t)story->instant_count - 1);
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

static void add_event(Story *story, const Session *session, const Event *event, Row *row) {
    follow_connection(story, event);
    switch (event->kind) {
    case EVENT_SEND:
    case EVENT_DUP:
    case EVENT_INJECT: story_add_flight(story, session, event); break;
    case EVENT_DELIVER:
    case EVENT_DROP:
    case EVENT_DELAY:
    case EVENT_HOLD:
    case EVENT_RELEASE:
    case EVENT_EDIT: story_change_flight(story, session, event, row); break;
    case EVENT_ACCEPT:
        if (worth_a_mark(event)) add_mark(story, event);
        break;
    case EVENT_STATE:
    case EVENT_TIMER:
    case EVENT_CALL:
    case EVENT_ERROR:
    case EVENT_ORACLE:
    case EVENT_IGNORE: add_mark(story, event); break;
    case EVENT_CORRUPT:
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
}

/* ---- Steps ---- */

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
               .units = last ? last->units + row_units(last) : 0,
               .arrival = FLIGHT_NONE};
    row.gap = row.time - before;
    story_reach(story, row.time);
    row.instant = (uint32_t)story->instant_count - 1;
    for (; index < count && event.step == step; event = trace_at(trace, ++index))
        add_event(story, session, &event, &row);
    row.end = index;
    story->rows = story_grow(story->rows, step, &story->row_room, sizeof *story->rows);
    story->rows[story->row_count++] = row;
}

/* Forgets everything but the memory. */
static void clear(Story *story) {
    story_clear_flights(story);
    for (size_t i = 0; i < LIMIT_HOSTS; i++) story->hosts[i].about_count = story->hosts[i].turn_count = 0;
    story->open_count = story->planned_count = 0;
    story->mark_count = story->row_count = story->change_count = story->last_count = story->column_count = 0;
    story->instant_count = story->plan_count = 0;
    memset(story->stacked, 0, sizeof story->stacked);
    story->stale = false;
    story_add_column(story, 0);
    story_add_column(story, 1);
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
    story->trace = session_trace(session);
    add_rows(story, session);
    if (story->stale) { /* an edit changed where a packet goes */
        clear(story);
        add_rows(story, session);
    }
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
    free(story->instants);
    free(story->runs);
    free(story->streams.list);
    free(story->streams.slots);
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
