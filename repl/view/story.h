/* story.h - the trace as lines on a ladder: which packet leaves where, arrives where, what is written beside the hosts'
 * lines.
 *
 * Pure data made from a Session: no drawing, no clock. Heights are logical pixels from the ladder's top. Each instant
 * of virtual time at which something happens has one height, and all that happens then stands there. Between two
 * instants time runs evenly; the axis as a whole is not linear, so that 50 ms and 60 s fit one picture: see
 * story_gap().
 *
 * A story grows with the trace, by what is new; it is made anew only where another future has replaced an undone one.
 * All its lists run down the ladder, so that what a picture shows is found by bisection, however long the history is.
 */
#ifndef TWOMSL_STORY_H
#define TWOMSL_STORY_H

#include "../../engine/engine.h"

enum { STORY_COLUMNS = 6 };
#define STEP_NEVER UINT32_MAX

/* What one side of a connection sends. */
typedef struct Stream {
    Endpoint src, dst;
    Seq iss, next; /* next: after all that was sent so far */
    Seq fin;       /* after its FIN, where `ended` is set */
    bool ended;
    int8_t scale; /* that its SYN offers for windows; -1: none */
} Stream;
#define STREAM_NONE UINT32_MAX
typedef struct Streams {
    Stream *list; /* in the order in which they began */
    uint32_t count;
    size_t room;
    uint32_t *slots; /* by addresses and ports: the newest */
    size_t slot_count;
} Streams;

/* What the acknowledgment number of a segment means, apart from its value. */
typedef enum AckOf { ACK_BYTES, ACK_SYN, ACK_FIN } AckOf;

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
    uint32_t between;      /* the newest flight up to this one that goes from one host to another; FLIGHT_NONE */
    uint32_t stream, back; /* what it belongs to, and what it acknowledges, in Story.streams; STREAM_NONE */
    AckOf ack_of;
    uint32_t place; /* in Story.open, from 1; 0: it is no longer in flight */
    double start;   /* 0..1 of the way: where it starts (a duplicate forks from its original) */
    double y0, y1;  /* where it leaves, where it ends (or will, as planned; INFINITY: beyond all that is planned, or it
                       is held) */
} Flight;

typedef struct List {
    uint32_t *at;
    size_t count, room;
} List;

/* All flights from one host to another: flights as indices, in the order in which they began, and those of them that
 * have ended, in the order in which they did. */
typedef struct Way {
    HostId from, to;
    List begun, ended;
    size_t run; /* where in `begun` those of the last instant begin */
} Way;

/* More flights of a way than RUN_LEAST that begin in one instant: too many to look at one by one. */
enum { RUN_LEAST = 64 };
typedef struct Run {
    size_t way, first, count; /* in Story.ways, and in its `begun` */
    double y;
    List ended; /* steps in which one ended, in order */
} Run;

/* Something written beside a host's line. Those of one instant stand below each other. */
typedef struct Mark {
    uint32_t event, step; /* of the first event that it stands for */
    uint32_t last;        /* event */
    uint32_t count;       /* events that it stands for, which say the same or, with `mixed`, are too many to be said */
    bool mixed;
    HostId host;
    double y;
} Mark;

/* A step. */
typedef struct Row {
    Micros time;
    uint32_t first, end; /* its events: first .. end-1 */
    uint32_t units;      /* on the time line, those of the rows before: a row has one per event, at least one */
    uint32_t arrival;    /* the flight that arrived in this step; FLIGHT_NONE */
    uint32_t instant;    /* in Story.instants */
    Micros gap;          /* since the row before */
} Row;

/* All steps of one moment of virtual time. */
typedef struct Instant {
    Micros time;
    double y;
    uint32_t row, mark; /* its first */
} Instant;

/* A moment to come: a packet will arrive, or a timer run out. */
typedef struct Plan {
    Micros time;
    double y;
} Plan;

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

/* From this instant on a host's line has the colour of this state. */
typedef struct Turn {
    uint32_t step, instant;
    State to;
} Turn;

typedef struct HostStory {
    About *about;
    Turn *turns; /* at most one per instant */
    size_t about_count, about_room, turn_count, turn_room;
} HostStory;

/* A packet in flight. */
typedef struct Open {
    Micros due;
    uint32_t flight;
} Open;

/* So many of the packets in flight have a height where they will arrive; more than any picture shows. */
enum { STORY_PLANNED = 128, STORY_ALARMS = 16 };

typedef struct LastChange {
    uint32_t generation, change;
} LastChange;

typedef struct Story {
    const Flights *model;
    const Trace *trace; /* the model's */
    Flight *flights;    /* in the order of the model */
    size_t flight_count, flight_room;
    Way *ways;
    size_t way_count, way_room;
    Open *open; /* a heap: the next to arrive first */
    size_t open_count, open_room;
    uint32_t planned[STORY_PLANNED]; /* flights: the next to arrive first */
    size_t planned_count;
    Plan plan[STORY_PLANNED + STORY_ALARMS]; /* earliest first */
    size_t plan_count;
    Mark *marks;
    size_t mark_count, mark_room;
    Row *rows; /* one per step of the whole history, also of the undone future */
    size_t row_count, row_room;
    Run *runs; /* from top to bottom */
    size_t run_count, run_room;
    Streams streams;
    Instant *instants;
    size_t instant_count, instant_room;
    uint32_t stacked[LIMIT_HOSTS]; /* marks of the last instant, by host */
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
/* Gives heights to what is to come: the arrivals of packets in flight, and these moments (up to STORY_ALARMS). */
void story_plan(Story *story, const Micros *alarms, size_t count);
void story_free(Story *story);
/* How tall a stretch of time is in which nothing happens. */
double story_gap(Micros gap);
/* The height of a moment. */
double story_y(const Story *story, Micros time);
/* When a packet that is in flight after `step` steps would have to arrive to do so at this height; at most
 * STORY_DROP_MOST after all that is planned. */
Micros story_drop(const Story *story, size_t flight, uint32_t step, double y);
#define STORY_DROP_MOST (10 * MICROS_PER_SECOND)
/* From this length on a stretch is drawn folded, and says how long it was. */
#define STORY_FOLD (300 * (MICROS_PER_SECOND / 1000))

/* The flight a packet event belongs to, as an index; SIZE_MAX: none. */
size_t story_flight(const Story *story, PacketId packet);
/* What became of it after the whole trace, which may lie ahead of what is shown. */
FlightView story_fate(const Story *story, const Flight *flight);
/* More than one of the packets in flight will arrive in the next instant in which one does. */
bool story_crowds(const Story *story);
/* How many flights had begun before a step. */
size_t story_begun(const Story *story, uint32_t step);
/* The first instant at y or below; instant_count: none. */
size_t story_instant_at(const Story *story, double y);
/* What a mark says, other marks say as well: they become one. */
bool story_says_the_same(const Event *a, const Event *b);
/* How many flights of a way had begun, or ended, before a step; how many of a run had ended. */
size_t way_begun(const Story *story, const Way *way, uint32_t step);
size_t way_ended(const Story *story, const Way *way, uint32_t step);
size_t run_ended(const Run *run, uint32_t step);
/* The run of a way at this height; NULL: no more than RUN_LEAST begin there. */
const Run *story_run_of(const Story *story, size_t way, double y);
/* The run that begins at this place of its way; NULL: none does. */
const Run *story_run(const Story *story, size_t way, size_t first);
/* The first step at y or below. */
uint32_t story_step_at(const Story *story, double y);
/* The last event before `events` that shows which connection the host is busy with; NULL: none. */
const About *story_about(const Story *story, HostId host, uint32_t events);

#endif
