/* story.h - the trace as lines on a ladder: which packet leaves where, arrives where, what is written beside the hosts'
 * lines.
 *
 * Pure data made from a Session: no drawing, no clock. Heights are logical pixels from the ladder's top; the time axis
 * is not linear, so that 50 ms and 60 s fit one picture: each step has its row, and the gap between rows grows slowly
 * with the time between them.
 *
 * A story grows with the trace, by what is new; it is made anew only where another future has replaced an undone one.
 * All its lists run down the ladder, so that what a picture shows is found by bisection, however long the history is.
 */
#ifndef TWOMSL_STORY_H
#define TWOMSL_STORY_H

#include "../../engine/engine.h"

enum { STORY_COLUMNS = 6 };
#define STEP_NEVER UINT32_MAX

/* One packet's way over the ladder. What became of it: story_fate(). */
typedef struct Flight {
    PacketId packet;
    HostId from, to;              /* HOST_NONE: no such host */
    uint32_t born, ended;         /* steps; ended STEP_NEVER while it is in flight */
    uint8_t flags;                /* of the segment, as it was sent */
    uint8_t icmp_type, icmp_code; /* type 0: a segment, no error about one */
    uint16_t way;                 /* in Story.ways */
    Seq seq, ack;
    uint32_t data_length;
    uint32_t between; /* the newest flight up to this one that goes from one host to another; FLIGHT_NONE */
    uint32_t place;   /* in Story.open, from 1; 0: it is no longer in flight */
    double start;     /* 0..1 of the way: where it starts (a duplicate forks from its original) */
    double y0, y1;    /* where it leaves, where it ends (or will, as planned; INFINITY: beyond all that is planned) */
} Flight;

typedef struct List {
    uint32_t *at;
    size_t count, room;
} List;

/* All flights from one host to another: flights as indices, by y0, and those of them that have ended, by y1. */
typedef struct Way {
    HostId from, to;
    List begun, ended;
} Way;

/* Something written beside a host's line. */
typedef struct Mark {
    uint32_t event, step;
    HostId host;
    double y;
} Mark;

typedef struct Row {
    Micros time;
    uint32_t first, end; /* its events: first .. end-1 */
    uint32_t mark;       /* its first mark */
    uint32_t units;      /* on the time line, those of the rows before: a row has one per event, at least one */
    uint32_t arrival;    /* the flight that arrived in this step; FLIGHT_NONE */
    double top, bottom;
    Micros gap; /* since the row before */
} Row;

/* A change of a connection's state. */
typedef struct Change {
    uint32_t event;
    uint32_t before; /* the change of the same connection before, in Story.changes; CHANGE_NONE */
} Change;
#define CHANGE_NONE UINT32_MAX

/* An event that shows which connection a host is busy with. */
typedef struct About {
    uint32_t event;
    uint32_t change; /* the connection's last one then, in Story.changes; CHANGE_NONE */
} About;

/* From this step on a host's line has the colour of this state. */
typedef struct Turn {
    uint32_t step;
    State to;
} Turn;

typedef struct HostStory {
    About *about;
    Turn *turns; /* at most one per step */
    size_t about_count, about_room, turn_count, turn_room;
} HostStory;

/* A packet in flight. */
typedef struct Open {
    Micros due;
    uint32_t flight;
} Open;

/* So many of the packets in flight have a row where they will arrive; more than any picture shows. */
enum { STORY_PLANNED = 128 };

typedef struct LastChange {
    uint32_t generation, change;
} LastChange;

typedef struct Story {
    const Flights *model;
    Flight *flights; /* in the order of the model */
    size_t flight_count, flight_room;
    Way *ways;
    size_t way_count, way_room;
    Open *open; /* a heap: the next to arrive first */
    size_t open_count, open_room;
    uint32_t planned[STORY_PLANNED]; /* flights: the next to arrive first */
    size_t planned_count;
    Mark *marks;
    size_t mark_count, mark_room;
    Row *rows; /* one per step of the whole history, also of the undone future */
    size_t row_count, row_room;
    Change *changes;
    size_t change_count, change_room;
    LastChange *last; /* by a connection's slot */
    size_t last_count, last_room;
    HostStory hosts[LIMIT_HOSTS];
    HostId columns[STORY_COLUMNS]; /* left to right */
    size_t column_count;
    double bottom;                             /* of everything, plans too */
    uint32_t epoch, events, steps, host_count; /* what it was made from */
    bool stale;                                /* what was read is no longer so: to be made anew */
} Story;

#define STORY_EMPTY ((Story){.epoch = UINT32_MAX})
/* Brings it up to the session's history; true where that has changed. */
bool story_update(Story *story, const Session *session);
void story_free(Story *story);
/* How tall a stretch of time is. */
double story_gap(Micros gap);
/* From this length on a stretch is drawn folded, and says how long it was. */
#define STORY_FOLD (300 * (MICROS_PER_SECOND / 1000))

/* The flight a packet event belongs to, as an index; SIZE_MAX: none. */
size_t story_flight(const Story *story, PacketId packet);
/* What became of it after the whole trace, which may lie ahead of what is shown. */
FlightView story_fate(const Story *story, const Flight *flight);
/* Another packet comes the other way meanwhile. */
bool story_crosses(const Story *story, const Flight *flight);
/* How many flights had begun before a step. */
size_t story_begun(const Story *story, uint32_t step);
/* The first row that reaches down to y; row_count: none. */
size_t story_row_at(const Story *story, double y);
/* How many flights of a way begin above y; how many have ended above y. */
size_t way_begun_above(const Story *story, const Way *way, double y);
size_t way_ended_above(const Story *story, const Way *way, double y);
/* The last event before `events` that shows which connection the host is busy with; NULL: none. */
const About *story_about(const Story *story, HostId host, uint32_t events);

/* ---- For story.c: story_open.c keeps the packets in flight in order ---- */

/* Room for one more item. Out of memory the picture would be wrong, so the program ends. */
void *story_grow(void *items, size_t count, size_t *room, size_t size);
/* The flight is in flight, and due then: puts it in, or where it belongs now. */
void open_put(Story *story, uint32_t flight, Micros due);
void open_remove(Story *story, uint32_t flight);
/* Fills up to `capacity` flights, the next to arrive first; returns how many. */
size_t open_first(const Story *story, uint32_t *list, size_t capacity);

#endif
