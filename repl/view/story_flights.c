/* story_flights.c - the packets of a story: which way each goes, when it begins and ends, what its numbers count from.
 */
#include "legs.h"
#include "story_parts.h"

#include <math.h>
#include <stdlib.h>

static void list_add(List *list, size_t item) {
    list->at = story_grow(list->at, list->count, &list->room, sizeof *list->at);
    list->at[list->count++] = (uint32_t)item;
}

/* How far its original had come when the copy was made. */
static double fork_start(const Story *story, const Event *event) {
    size_t index = story_flight(story, (PacketId){event->copy_of, 0});
    Legs legs;
    if (index == SIZE_MAX) return 0;
    flight_legs(story, &story->flights[index], event->index, &legs);
    return legs_at(&legs, event->time);
}

static uint16_t way_of(Story *story, HostId from, HostId to) {
    size_t i = 0;
    while (i < story->way_count && (story->ways[i].from != from || story->ways[i].to != to)) i++;
    if (i < story->way_count) return (uint16_t)i;
    story->ways = story_grow(story->ways, story->way_count, &story->way_room, sizeof *story->ways);
    story->ways[story->way_count++] = (Way){.from = from, .to = to};
    return (uint16_t)i;
}

/* Of a SYN that was sent; -1: it offers none. */
static int8_t offered_scale(const Story *story, const Event *event) {
    uint32_t length;
    Segment segment;
    const uint8_t *bytes = trace_bytes(story->trace, event->index, &length);
    if (!bytes || segment_decode(bytes, length, &segment) != DECODE_OK) return -1;
    return segment.options.wscale == OPTION_NO_WSCALE ? -1 : (int8_t)segment.options.wscale;
}

/* The stream that the segment belongs to, and what that has come to. */
static uint32_t follow_stream(Story *story, const Event *event) {
    Streams *streams = &story->streams;
    bool sent = event->kind == EVENT_SEND && !event->icmp_type;
    bool begins = sent && event->flags & FLAG_SYN;
    uint32_t at = begins ? streams_begin(streams, event->src, event->dst, event->seq)
                         : streams_find(streams, event->src, event->dst);
    if (!sent || at == STREAM_NONE) return at;
    Stream *stream = &streams->list[at];
    if (begins) stream->scale = offered_scale(story, event);
    Seq end = seq_add(event->seq, event->data_length + !!(event->flags & FLAG_SYN) + !!(event->flags & FLAG_FIN));
    if (seq_gt(end, stream->next)) stream->next = end;
    if (event->flags & FLAG_FIN) stream->fin = end;
    if (event->flags & FLAG_FIN) stream->ended = true;
    return at;
}

/* A copy counts as its original did. */
static void count_numbers(Story *story, const Event *event, Flight *flight) {
    size_t original = event->kind == EVENT_DUP ? story_flight(story, (PacketId){event->copy_of, 0}) : SIZE_MAX;
    if (original != SIZE_MAX) {
        const Flight *copied = &story->flights[original];
        flight->stream = copied->stream;
        flight->back = copied->back;
        flight->ack_of = copied->ack_of;
        return;
    }
    flight->stream = follow_stream(story, event);
    flight->back = streams_find(&story->streams, event->dst, event->src);
    if (flight->back == STREAM_NONE || !(event->flags & FLAG_ACK)) return;
    const Stream *back = &story->streams.list[flight->back];
    Seq first = seq_add(back->iss, 1);
    if (back->ended && seq_eq(event->ack, back->fin)) flight->ack_of = ACK_FIN;
    else if (seq_eq(event->ack, first) && seq_eq(back->next, first)) flight->ack_of = ACK_SYN;
}

static int ascending(const void *a, const void *b) {
    uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;
    return (one > two) - (one < two);
}

static void begin_run(Story *story, size_t number, size_t first, double y) {
    Way *way = &story->ways[number];
    Run run = {.way = number, .first = first, .count = way->begun.count - first, .y = y};
    for (size_t i = first; i < way->begun.count; i++)
        if (story->flights[way->begun.at[i]].ended != STEP_NEVER)
            list_add(&run.ended, story->flights[way->begun.at[i]].ended);
    if (run.ended.count) qsort(run.ended.at, run.ended.count, sizeof *run.ended.at, ascending);
    story->runs = story_grow(story->runs, story->run_count, &story->run_room, sizeof *story->runs);
    story->runs[story->run_count++] = run;
}

/* The run that a flight of this way and height belongs to; NULL: none. */
static Run *run_of(const Story *story, size_t way, double y) {
    size_t low = 0, high = story->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (story->runs[middle].y < y) low = middle + 1;
        else high = middle;
    }
    for (; low < story->run_count && story->runs[low].y <= y; low++)
        if (story->runs[low].way == way) return &story->runs[low];
    return NULL;
}

/* The flight is the last of its way. */
static void extend_run(Story *story, const Flight *flight) {
    Way *way = &story->ways[flight->way];
    size_t last = way->begun.count - 1;
    if (last == 0 || story->flights[way->begun.at[last - 1]].y0 < flight->y0) way->run = last;
    if (way->begun.count - way->run <= RUN_LEAST) return;
    Run *run = run_of(story, flight->way, flight->y0);
    if (run) run->count++;
    else begin_run(story, flight->way, way->run, flight->y0);
}

void story_add_flight(Story *story, const Session *session, const Event *event) {
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
        .y0 = story->instants[story->instant_count - 1].y,
        .y1 = INFINITY,
    };
    if (flight.from != HOST_NONE && flight.to != HOST_NONE && flight.from != flight.to) flight.between = index;
    count_numbers(story, event, &flight);
    story_add_column(story, flight.from);
    story_add_column(story, flight.to);
    flight.way = way_of(story, flight.from, flight.to);
    list_add(&story->ways[flight.way].begun, index);
    story->flights = story_grow(story->flights, index, &story->flight_room, sizeof *story->flights);
    story->flights[story->flight_count++] = flight;
    extend_run(story, &flight);
    open_put(story, index, fate.due);
}

static void end_flight(Story *story, uint32_t index, uint32_t step) {
    Flight *flight = &story->flights[index];
    flight->y1 = story->instants[story->instant_count - 1].y;
    if (flight->ended != STEP_NEVER) return;
    flight->ended = step;
    open_remove(story, index);
    list_add(&story->ways[flight->way].ended, index);
    Run *run = run_of(story, flight->way, flight->y0);
    if (run) list_add(&run->ended, step);
}

void story_change_flight(Story *story, const Session *session, const Event *event, Row *row) {
    size_t index = story_flight(story, event->packet);
    if (index == SIZE_MAX) return;
    Flight *flight = &story->flights[index];
    switch ((int)event->kind) {
    case EVENT_DELIVER:
        end_flight(story, (uint32_t)index, event->step);
        row->arrival = (uint32_t)index;
        break;
    case EVENT_DROP:
        if (flight->ended != STEP_NEVER) row->arrival = FLIGHT_NONE; /* it has arrived */
        end_flight(story, (uint32_t)index, event->step);
        break;
    default: { /* delayed, held, released, edited */
        FlightView fate = story_fate(story, flight);
        if (flight->place) open_put(story, (uint32_t)index, fate.due);
        if (flight->to != world_host_by_addr(session_world(session), fate.dst.addr)) story->stale = true;
    }
    }
}

void story_clear_flights(Story *story) {
    for (size_t i = 0; i < story->way_count; i++) {
        free(story->ways[i].begun.at);
        free(story->ways[i].ended.at);
    }
    for (size_t i = 0; i < story->run_count; i++) free(story->runs[i].ended.at);
    story->flight_count = story->way_count = story->run_count = 0;
    streams_clear(&story->streams);
}

/* ---- Looking ---- */

static size_t list_before(const Story *story, const List *list, bool ends, uint32_t step) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const Flight *flight = &story->flights[list->at[middle]];
        if ((ends ? flight->ended : flight->born) < step) low = middle + 1;
        else high = middle;
    }
    return low;
}

size_t way_begun(const Story *story, const Way *way, uint32_t step) {
    return list_before(story, &way->begun, false, step);
}

size_t way_ended(const Story *story, const Way *way, uint32_t step) {
    return list_before(story, &way->ended, true, step);
}

size_t run_ended(const Run *run, uint32_t step) {
    size_t low = 0, high = run->ended.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (run->ended.at[middle] < step) low = middle + 1;
        else high = middle;
    }
    return low;
}

const Run *story_run_of(const Story *story, size_t way, double y) { return run_of(story, way, y); }

const Run *story_run(const Story *story, size_t way, size_t first) {
    const List *begun = &story->ways[way].begun;
    const Run *run = first < begun->count ? run_of(story, way, story->flights[begun->at[first]].y0) : NULL;
    return run && run->first == first ? run : NULL;
}
