/* flights.c - the fate of each packet, derived from the trace once.
 *
 * Each flight has the list of its events; a view is that list folded up to an event. The view after all events is kept;
 * only views of the past are folded again.
 */
#include "../flights.h"

#include <stdlib.h>

#define NODE_NONE UINT32_MAX

/* An event of a flight; an event may belong to two flights. */
typedef struct Node {
    uint32_t event, flight;
    uint32_t previous, next; /* of the same flight */
} Node;

/* The properties of the original at the time when a copy was made. */
typedef struct Inherited {
    bool forged, edited, corrupted;
} Inherited;

typedef struct Record {
    FlightView now; /* after its last event */
    Inherited inherited;
    uint32_t head, tail;
} Record;

struct Flights {
    const Trace *trace;
    Record *records; /* in order of sending: packet numbers and first events both grow */
    uint32_t record_count, record_room;
    Node *nodes; /* in order of events */
    uint32_t node_count, node_room;
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
    free(flights->records);
    free(flights->nodes);
    free(flights);
}

/* ---- Folding: the effect of one event on a flight ---- */

static FlightView begin(const Event *event, Inherited inherited) {
    return (FlightView){
        .packet = event->packet,
        .conn = event->conn,
        .src = event->src,
        .dst = event->dst,
        .copy_of = event->kind == EVENT_DUP ? event->copy_of : 0,
        .again = event->again,
        .forged = event->kind == EVENT_INJECT || inherited.forged,
        .edited = inherited.edited,
        .corrupted = inherited.corrupted,
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
    bool own = event->packet.id == view->packet.id;
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
        view->loss = event->index;
    } else {
        fold_change(view, event);
    }
}

static FlightView fold_until(const Flights *flights, const Record *record, uint32_t events) {
    const Event first = trace_at(flights->trace, record->now.first);
    FlightView view = begin(&first, record->inherited);
    for (uint32_t i = flights->nodes[record->head].next; i != NODE_NONE && flights->nodes[i].event < events;
         i = flights->nodes[i].next) {
        const Event event = trace_at(flights->trace, flights->nodes[i].event);
        fold(&view, &event);
    }
    return view;
}

/* ---- Reading the trace ---- */

static bool grow(void **items, uint32_t *room, uint32_t need, size_t size) {
    if (need <= *room) return true;
    uint32_t more = *room ? *room : 64;
    while (more < need) more *= 2;
    void *grown = realloc(*items, more * size);
    if (!grown) return false;
    *items = grown;
    *room = more;
    return true;
}

/* One event starts at most one flight and belongs to at most two. */
static bool reserve(Flights *flights) {
    void *records = flights->records, *nodes = flights->nodes;
    bool room = grow(&records, &flights->record_room, flights->record_count + 1, sizeof *flights->records) &&
                grow(&nodes, &flights->node_room, flights->node_count + 2, sizeof *flights->nodes);
    flights->records = records;
    flights->nodes = nodes;
    return room;
}

static void add_node(Flights *flights, uint32_t flight, uint32_t event) {
    Record *record = &flights->records[flight];
    uint32_t index = flights->node_count++;
    flights->nodes[index] = (Node){event, flight, record->tail, NODE_NONE};
    if (record->tail == NODE_NONE) record->head = index;
    else flights->nodes[record->tail].next = index;
    record->tail = index;
}

static void add_event(Flights *flights, uint32_t flight, const Event *event) {
    if (flight == FLIGHT_NONE) return;
    add_node(flights, flight, event->index);
    fold(&flights->records[flight].now, event);
}

static void add_flight(Flights *flights, const Event *event, uint32_t original) {
    Inherited inherited = {0};
    if (original != FLIGHT_NONE) {
        const FlightView *view = &flights->records[original].now;
        inherited = (Inherited){view->forged, view->edited, view->corrupted};
    }
    flights->records[flights->record_count] = (Record){begin(event, inherited), inherited, NODE_NONE, NODE_NONE};
    add_node(flights, flights->record_count++, event->index);
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

static void read_event(Flights *flights, const Event *event) {
    uint32_t original;
    switch (event->kind) {
    case EVENT_SEND:
        add_flight(flights, event, FLIGHT_NONE);
        add_event(flights, flights_find(flights, arrived(flights, event)), event);
        break;
    case EVENT_INJECT: add_flight(flights, event, FLIGHT_NONE); break;
    case EVENT_DUP:
        original = flights_find(flights, (PacketId){event->copy_of, 0});
        add_flight(flights, event, original);
        add_event(flights, original, event);
        break;
    case EVENT_DELIVER:
    case EVENT_DROP:
    case EVENT_DELAY:
    case EVENT_HOLD:
    case EVENT_RELEASE:
    case EVENT_CORRUPT:
    case EVENT_EDIT: add_event(flights, flights_find(flights, event->packet), event); break;
    case EVENT_STATE:
    case EVENT_ERROR:
    case EVENT_ORACLE:
    case EVENT_IGNORE:
    case EVENT_ACCEPT: add_event(flights, flights_find(flights, arrived(flights, event)), event); break;
    case EVENT_TIMER:
    case EVENT_CALL:
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
}

bool flights_update(Flights *flights) {
    uint32_t count = trace_count(flights->trace);
    for (; flights->events < count; flights->events++) {
        if (!reserve(flights)) return false;
        const Event event = trace_at(flights->trace, flights->events);
        read_event(flights, &event);
    }
    return true;
}

size_t flights_size(const Flights *flights) {
    return sizeof *flights + flights->record_room * sizeof *flights->records +
           flights->node_room * sizeof *flights->nodes;
}

size_t flights_need(const Flights *flights) {
    return (trace_count(flights->trace) - flights->events) * (sizeof *flights->records + 2 * sizeof *flights->nodes);
}

void flights_cut(Flights *flights, uint32_t events) {
    if (events >= flights->events) return;
    flights->events = events;
    uint32_t before = flights->node_count;
    while (flights->node_count && flights->nodes[flights->node_count - 1].event >= events) {
        const Node *node = &flights->nodes[--flights->node_count];
        flights->records[node->flight].tail = node->previous;
        if (node->previous != NODE_NONE) flights->nodes[node->previous].next = NODE_NONE;
    }
    while (flights->record_count && flights->records[flights->record_count - 1].now.first >= events)
        flights->record_count--;
    for (uint32_t i = flights->node_count; i < before; i++) {
        Record *record = &flights->records[flights->nodes[i].flight];
        if (flights->nodes[i].flight < flights->record_count && record->now.last >= events)
            record->now = fold_until(flights, record, events);
    }
}

/* ---- Views ---- */

uint32_t flights_count(const Flights *flights, uint32_t events) {
    uint32_t low = 0, high = flights->record_count;
    if (high == 0 || flights->records[high - 1].now.first < events) return high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (flights->records[middle].now.first < events) low = middle + 1;
        else high = middle;
    }
    return low;
}

static uint32_t bisect_packet(const Flights *flights, uint32_t id) {
    uint32_t low = 0, high = flights->record_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (flights->records[middle].now.packet.id < id) low = middle + 1;
        else high = middle;
    }
    return low;
}

uint32_t flights_find(const Flights *flights, PacketId packet) {
    if (packet.id == 0 || flights->record_count == 0) return FLIGHT_NONE;
    /* Packets are numbered in order of sending, mostly without a gap. */
    uint32_t index = packet.id - flights->records[0].now.packet.id;
    if (index >= flights->record_count || flights->records[index].now.packet.id != packet.id)
        index = bisect_packet(flights, packet.id);
    if (index == flights->record_count) return FLIGHT_NONE;
    PacketId found = flights->records[index].now.packet;
    return found.id == packet.id && (!packet.born || found.born == packet.born) ? index : FLIGHT_NONE;
}

bool flights_view(const Flights *flights, uint32_t index, uint32_t events, FlightView *view) {
    if (index >= flights->record_count || flights->records[index].now.first >= events) return false;
    const Record *record = &flights->records[index];
    *view = record->now.last < events ? record->now : fold_until(flights, record, events);
    return true;
}

size_t flights_events(const Flights *flights, uint32_t index, uint32_t events, uint32_t *list, size_t capacity) {
    size_t count = 0;
    if (index >= flights->record_count) return 0;
    for (uint32_t i = flights->records[index].head; i != NODE_NONE && flights->nodes[i].event < events;
         i = flights->nodes[i].next, count++)
        if (count < capacity) list[count] = flights->nodes[i].event;
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
