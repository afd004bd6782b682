/* flights.h - what became of each packet: the one model that text, pictures, Lua and capture files read.
 *
 * A flight begins with the event that puts a packet in flight (send, dup, inject) and goes on to what the receiving
 * host made of it. Flights are derived from a trace, event by event, and numbered from 0 in order of sending. Every
 * question is asked as of a number of events: what the first `events` events of the trace tell, nothing of what comes
 * later. So a reader that shows the past sees the flights of the past.
 */
#ifndef TWOMSL_FLIGHTS_H
#define TWOMSL_FLIGHTS_H

#include "trace.h"

typedef enum FlightState {
    FLIGHT_UNDER_WAY, /* will arrive at `due` */
    FLIGHT_HELD,      /* arrives after it is released */
    FLIGHT_LOST,      /* for `reason`; where `arrival` is an event, the receiving host discarded it */
    FLIGHT_ARRIVED,
    FLIGHT_STATES
} FlightState;
const char *flight_state_name(FlightState state); /* "under way" */

#define FLIGHT_NONE UINT32_MAX
typedef struct FlightView {
    PacketId packet;
    ConnId conn;       /* the connection that sent it; CONN_NONE: RST from nowhere, or forged */
    Endpoint src, dst; /* of the segment; an edit may change them */
    uint32_t copy_of;  /* the number of the packet it duplicates; 0 */
    bool again;        /* a retransmission */
    bool forged;       /* injected by hand, or a copy of such a packet */
    bool edited;       /* by hand; so are copies made afterwards */
    bool corrupted;    /* so are copies made afterwards */
    uint32_t copies;   /* how many were made of it */
    uint32_t held;     /* how often it was held */
    Micros delayed;    /* the sum of all delays; negative: it was sent ahead */
    FlightState state;
    Micros sent;
    Micros due;        /* when it will arrive, or would have; MICROS_NEVER: it is held */
    Micros ended;      /* when it arrived or was lost; MICROS_NEVER: it is in flight */
    DropReason reason; /* FLIGHT_LOST */
    uint32_t order;    /* DROP_ORDER: the number of the order */
    /* What the receiving host made of it. Several events may judge one segment (its ACK, its text): `outcome` is the
     * most telling, in the order of the enum, and `rule` its rule. OUTCOME_NONE: not known (yet). */
    Outcome outcome;
    RuleId rule;
    int64_t value;     /* of the outcome, see Outcome */
    uint32_t outcomes; /* a bit (1 << Outcome) for each that was given */
    int64_t bytes;     /* that became readable because it arrived */
    PacketId answer;   /* the first packet sent because it arrived, by a delayed ACK too; PACKET_NONE */
    /* Indices of events; EVENT_NONE: it has not come to that. */
    uint32_t first;   /* put it in flight */
    uint32_t content; /* the last that changed its bytes, for trace_bytes() */
    uint32_t arrival; /* EVENT_DELIVER */
    uint32_t loss;    /* EVENT_DROP */
    uint32_t judged;  /* gave `outcome` */
    uint32_t last;    /* the newest of this flight */
} FlightView;

typedef struct Flights Flights;

/* The flights of a trace, which must outlive them; empty until flights_update(). NULL: no memory. */
Flights *flights_new(const Trace *trace);
void flights_free(Flights *flights);
/* Reads the events that the trace has gained, each in constant time. False: no memory, some are not read yet. */
bool flights_update(Flights *flights);
/* Forgets events from `events` on: goes with trace_cut(). */
void flights_cut(Flights *flights, uint32_t events);

/* Bytes of memory they take, and at most how many more the events not yet read will take. */
size_t flights_size(const Flights *flights);
size_t flights_need(const Flights *flights);

/* How many packets had been put in flight. */
uint32_t flights_count(const Flights *flights, uint32_t events);
/* The index of a packet's flight (born 0: whatever future it is from), FLIGHT_NONE: the trace does not know it. */
uint32_t flights_find(const Flights *flights, PacketId packet);
/* Fills view. False: there was no such flight yet. */
bool flights_view(const Flights *flights, uint32_t index, uint32_t events, FlightView *view);
/* Fills up to `capacity` indices of the flight's events, oldest first: those about the packet, the copies made of it,
 * what its arrival brought about at the receiving host. Returns how many there are. */
size_t flights_events(const Flights *flights, uint32_t index, uint32_t events, uint32_t *list, size_t capacity);
/* How many events there were up to and including `time`. */
uint32_t flights_until(const Flights *flights, Micros time);

#endif
