/* flights.c - the fate of each packet, derived from the trace once.
 *
 * Of a flight only the event that begins it and the list of those that follow are kept; a view is these, read again and
 * folded.
 */
#include "../flights.h"

#include <stdlib.h>

#include "../trace/log.h"

#define RUN_NONE UINT32_MAX

/* What happened to the bytes. Copies made afterwards inherit it. */
enum { FORGED = 1, EDITED = 2, CORRUPTED = 4 };

/* Events of one flight that follow each other in the trace, after the one that begins the flight. No event is in two
 * runs. */
typedef struct Run {
    uint32_t event; /* the first */
    uint16_t count;
    uint8_t marks; /* what the first one did to the bytes; the others nothing */
    uint32_t flight, next;
} Run;

typedef struct Record {
    PacketId packet;
    uint32_t first; /* the event that begins it */
    uint32_t head, tail;
    uint8_t inherited, marks; /* at the beginning, now */
} Record;

struct Flights {
    const Trace *trace;
    Log records; /* in order of sending: packet numbers and first events both grow */
    Log runs;    /* in order of events */
    uint32_t record_count, run_count;
    uint32_t events; /* read so far */
};

const char *flight_state_name(FlightState state) {
    static const char *const names[FLIGHT_STATES] = {"under way", "held", "lost", "arrived"};
    return (unsigned)state < FLIGHT_STATES ? names[state] : "?";
}

/* ---- Creation ---- */

Flights *flights_new(const Trace *trace) {
    Flights *flights = calloc(1, sizeof *flights);
    if (flights) flights->trace = trace;
    return flights;
}

void flights_free(Flights *flights) {
    if (!flights) return;
    log_free(&flights->records);
    log_free(&flights->runs);
    free(flights);
}

static Record *record_at(const Flights *flights, uint32_t index) {
    return log_item(&flights->records, index, sizeof(Record));
}
static Run *run_at(const Flights *flights, uint32_t index) { return log_item(&flights->runs, index, sizeof(Run)); }

/* ---- Folding: the effect of one event on a flight ---- */

static FlightView begin(const Event *event, uint8_t inherited) {
    return (FlightView){
        .packet = event->packet,
        .conn = event->conn,
        .src = event->src,
        .dst = event->dst,
        .copy_of = event->kind == EVENT_DUP ? event->copy_of : 0,
        .again = event->again,
        .forged = inherited & FORGED,
        .edited = inherited & EDITED,
        .corrupted = inherited & CORRUPTED,
        .state = event->due == MICROS_NEVER ? FLIGHT_HELD : FLIGHT_UNDER_WAY,
        .sent = event->time,
        .due = event->due,
        .ended = MICROS_NEVER,
        .first = event->index,
        .content = event->index,
        .arrival = EVENT_NONE,
        .loss = EVENT_NONE,
        .judged = EVENT_NONE,
        .last = event->index,
    };
}

static void note_outcome(FlightView *view, const Event *event, Outcome outcome, int64_t value) {
    bool better = view->outcome == OUTCOME_NONE || outcome < view->outcome ||
                  (outcome == view->outcome && value > view->value);
    view->outcomes |= 1u << outcome;
    if (outcome == OUTCOME_TAKEN) view->bytes += value;
    if (!better) return;
    view->outcome = outcome;
    view->rule = event->rule;
    view->value = value;
    view->judged = event->index;
}

/* An event that the arrival of the packet caused. */
static void fold_consequence(FlightView *view, const Event *event) {
    switch ((int)event->kind) {
    case EVENT_ACCEPT: note_outcome(view, event, event->outcome ? event->outcome : OUTCOME_TAKEN, event->value); return;
    case EVENT_IGNORE:
        note_outcome(view, event, event->outcome ? event->outcome : OUTCOME_REFUSED, event->value);
        return;
    case EVENT_STATE:
    case EVENT_ERROR: note_outcome(view, event, OUTCOME_TAKEN, 0); return;
    case EVENT_SEND:
        if (!view->answer.id) view->answer = event->packet;
        if (view->outcome == OUTCOME_NONE) note_outcome(view, event, OUTCOME_ANSWERED, 0);
        return;
    default: return;
    }
}

static void fold_change(FlightView *view, const Event *event) {
    switch ((int)event->kind) {
    case EVENT_DELAY: view->delayed += event->value; break;
    case EVENT_HOLD:
        view->state = FLIGHT_HELD;
        view->held++;
        break;
    case EVENT_RELEASE: view->state = FLIGHT_UNDER_WAY; break;
    case EVENT_CORRUPT:
        view->corrupted = true;
        view->content = event->index;
        break;
    case EVENT_EDIT:
        view->edited = true;
        view->content = event->index;
        view->src = event->src;
        view->dst = event->dst;
        break;
    default: break;
    }
    view->due = event->due;
}

static void fold(FlightView *view, const Event *event) {
    view->last = event->index;
    bool own = event->packet.id == view->packet.id && event->kind != EVENT_ORACLE;
    if (!own && event->kind == EVENT_DUP) {
        view->copies++;
    } else if (!own) {
        fold_consequence(view, event);
    } else if (event->kind == EVENT_DELIVER) {
        view->state = FLIGHT_ARRIVED;
        view->ended = event->time;
        view->arrival = view->content = event->index;
    } else if (event->kind == EVENT_DROP) {
        view->state = FLIGHT_LOST;
        view->ended = event->time;
        view->reason = event->reason;
        view->order = event->reason == DROP_ORDER ? event->setting : 0;
        view->loss = event->index;
    } else {
        fold_change(view, event);
    }
}

static void fold_until(const Flights *flights, const Record *record, uint32_t events, FlightView *view) {
    Event event = trace_at(flights->trace, record->first);
    *view = begin(&event, record->inherited);
    for (uint32_t i = record->head; i != RUN_NONE; i = run_at(flights, i)->next) {
        const Run *run = run_at(flights, i);
        for (uint32_t k = 0; k < run->count; k++) {
            if (run->event + k >= events) return;
            event = trace_at(flights->trace, run->event + k);
            fold(view, &event);
        }
    }
}

/* ---- Reading the trace ---- */

static bool add_event(Flights *flights, uint32_t flight, const Event *event) {
    if (flight == FLIGHT_NONE) return true;
    Record *record = record_at(flights, flight);
    uint8_t marks = event->packet.id != record->packet.id ? 0
                    : event->kind == EVENT_EDIT           ? EDITED
                    : event->kind == EVENT_CORRUPT        ? CORRUPTED
                                                          : 0;
    Run *tail = record->tail != RUN_NONE ? run_at(flights, record->tail) : NULL;
    if (tail && !marks && tail->event + tail->count == event->index && tail->count < UINT16_MAX) {
        tail->count++;
        return true;
    }
    const Run run = {.event = event->index, .count = 1, .marks = marks, .flight = flight, .next = RUN_NONE};
    if (!log_append(&flights->runs, &run, sizeof run)) return false;
    if (tail) tail->next = flights->run_count;
    else record->head = flights->run_count;
    record->tail = flights->run_count++;
    record->marks |= marks;
    return true;
}

static bool add_flight(Flights *flights, const Event *event, uint8_t inherited) {
    const Record record = {event->packet, event->index, RUN_NONE, RUN_NONE, inherited, inherited};
    if (!log_append(&flights->records, &record, sizeof record)) return false;
    flights->record_count++;
    return true;
}

/* The packet whose arrival caused the event: at once, or as a delayed ACK. */
static PacketId arrived(const Flights *flights, const Event *event) {
    if (event->cause >= event->index) return PACKET_NONE;
    Event cause = trace_at(flights->trace, event->cause);
    bool delayed = cause.kind == EVENT_TIMER && cause.timer == TIMER_DELAYED_ACK;
    if (delayed && event->kind == EVENT_SEND && cause.cause < cause.index)
        cause = trace_at(flights->trace, cause.cause);
    return cause.kind == EVENT_DELIVER ? cause.packet : PACKET_NONE;
}

/* Every event is in at most one run. False: no memory, it is in none. */
static bool read_event(Flights *flights, const Event *event) {
    uint32_t original;
    switch (event->kind) {
    case EVENT_SEND:
        return add_event(flights, flights_find(flights, arrived(flights, event)), event) &&
               add_flight(flights, event, 0);
    case EVENT_INJECT: return add_flight(flights, event, FORGED);
    case EVENT_DUP:
        original = flights_find(flights, (PacketId){event->copy_of, 0});
        return add_event(flights, original, event) &&
               add_flight(flights, event, original == FLIGHT_NONE ? 0 : record_at(flights, original)->marks);
    case EVENT_DELIVER:
    case EVENT_DROP:
    case EVENT_DELAY:
    case EVENT_HOLD:
    case EVENT_RELEASE:
    case EVENT_CORRUPT:
    case EVENT_EDIT: return add_event(flights, flights_find(flights, event->packet), event);
    case EVENT_STATE:
    case EVENT_ERROR:
    case EVENT_ORACLE:
    case EVENT_IGNORE:
    case EVENT_ACCEPT: return add_event(flights, flights_find(flights, arrived(flights, event)), event);
    case EVENT_TIMER:
    case EVENT_CALL:
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
    return true;
}

/* ---- Cutting ---- */

/* Removes from a flight's list the runs that are no longer there, and what these did to the bytes. */
static void cut_list(const Flights *flights, Record *record) {
    uint32_t next = record->head, last = RUN_NONE;
    record->marks = record->inherited;
    while (next < flights->run_count) {
        const Run *run = run_at(flights, next);
        record->marks |= run->marks;
        last = next;
        next = run->next;
    }
    record->tail = last;
    if (last == RUN_NONE) record->head = RUN_NONE;
    else run_at(flights, last)->next = RUN_NONE;
}

static void cut(Flights *flights, uint32_t events) {
    uint32_t before = flights->run_count;
    while (flights->run_count && run_at(flights, flights->run_count - 1)->event >= events) flights->run_count--;
    Run *last = flights->run_count ? run_at(flights, flights->run_count - 1) : NULL;
    if (last && last->event + last->count > events) last->count = (uint16_t)(events - last->event);
    while (flights->record_count && record_at(flights, flights->record_count - 1)->first >= events)
        flights->record_count--;
    for (uint32_t i = flights->run_count; i < before; i++) {
        uint32_t flight = run_at(flights, i)->flight;
        Record *record = flight < flights->record_count ? record_at(flights, flight) : NULL;
        if (record && record->tail != RUN_NONE && record->tail >= flights->run_count) cut_list(flights, record);
    }
    log_cut_items(&flights->runs, flights->run_count, sizeof(Run));
    log_cut_items(&flights->records, flights->record_count, sizeof(Record));
}

void flights_cut(Flights *flights, uint32_t events) {
    if (events >= flights->events) return;
    flights->events = events;
    cut(flights, events);
}

bool flights_update(Flights *flights) {
    uint32_t count = trace_count(flights->trace);
    for (; flights->events < count; flights->events++) {
        const Event event = trace_at(flights->trace, flights->events);
        if (read_event(flights, &event)) continue;
        cut(flights, flights->events);
        return false;
    }
    return true;
}

/* ---- Memory ---- */

size_t flights_size(const Flights *flights) {
    return sizeof *flights + log_size(&flights->records) + log_size(&flights->runs);
}

size_t flights_need(const Flights *flights) {
    uint32_t more = trace_count(flights->trace) - flights->events;
    return log_need(&flights->records, flights->record_count, more, sizeof(Record)) +
           log_need(&flights->runs, flights->run_count, more, sizeof(Run));
}

/* ---- Views ---- */

uint32_t flights_count(const Flights *flights, uint32_t events) {
    uint32_t low = 0, high = flights->record_count;
    if (high == 0 || record_at(flights, high - 1)->first < events) return high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (record_at(flights, middle)->first < events) low = middle + 1;
        else high = middle;
    }
    return low;
}

static uint32_t bisect_packet(const Flights *flights, uint32_t id) {
    uint32_t low = 0, high = flights->record_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (record_at(flights, middle)->packet.id < id) low = middle + 1;
        else high = middle;
    }
    return low;
}

uint32_t flights_find(const Flights *flights, PacketId packet) {
    if (packet.id == 0 || flights->record_count == 0) return FLIGHT_NONE;
    /* Packets are numbered in order of sending, mostly without a gap. */
    uint32_t index = packet.id - record_at(flights, 0)->packet.id;
    if (index >= flights->record_count || record_at(flights, index)->packet.id != packet.id)
        index = bisect_packet(flights, packet.id);
    if (index == flights->record_count) return FLIGHT_NONE;
    PacketId found = record_at(flights, index)->packet;
    return found.id == packet.id && (!packet.born || found.born == packet.born) ? index : FLIGHT_NONE;
}

bool flights_view(const Flights *flights, uint32_t index, uint32_t events, FlightView *view) {
    if (index >= flights->record_count || record_at(flights, index)->first >= events) return false;
    fold_until(flights, record_at(flights, index), events, view);
    return true;
}

size_t flights_events(const Flights *flights, uint32_t index, uint32_t events, uint32_t *list, size_t capacity) {
    if (index >= flights->record_count || record_at(flights, index)->first >= events) return 0;
    size_t count = 1;
    if (capacity) list[0] = record_at(flights, index)->first;
    for (uint32_t i = record_at(flights, index)->head; i != RUN_NONE; i = run_at(flights, i)->next) {
        const Run *run = run_at(flights, i);
        for (uint32_t event = run->event; event < run->event + run->count && event < events; event++, count++)
            if (count < capacity) list[count] = event;
    }
    return count;
}

uint32_t flights_until(const Flights *flights, Micros time) {
    uint32_t low = 0, high = flights->events;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (trace_at(flights->trace, middle).time <= time) low = middle + 1;
        else high = middle;
    }
    return low;
}
