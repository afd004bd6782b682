/* story.h - the trace as lines on a ladder: which packet leaves where, arrives where, what is written beside the hosts'
 * lines.
 *
 * Pure data made from a Session: no drawing, no clock. Heights are logical pixels from the ladder's top; the time axis
 * is not linear, so that 50 ms and 60 s fit one picture: each step has its row, and the gap between rows grows slowly
 * with the time between them.
 */
#ifndef TWOMSL_STORY_H
#define TWOMSL_STORY_H

#include "../../engine/engine.h"

enum { STORY_COLUMNS = 6 };
#define STEP_NEVER UINT32_MAX

/* One packet's way over the ladder. */
typedef struct Flight {
    FlightView fate;      /* after the whole trace, which may lie ahead of what is shown */
    HostId from, to;      /* HOST_NONE: no such host */
    uint32_t born, ended; /* steps; ended STEP_NEVER while it is in flight */
    uint8_t flags;        /* of the segment, as it was sent */
    Seq seq, ack;
    uint32_t data_length;
    uint8_t icmp_type, icmp_code; /* type 0: a segment, no error about one */
    bool crosses;                 /* another packet comes the other way meanwhile */
    double start;                 /* 0..1 of the way: where it starts (a duplicate forks from its original) */
    double y0, y1;                /* where it leaves, where it ends (or will, as planned) */
} Flight;

/* Something written beside a host's line. */
typedef struct Mark {
    uint32_t event, step;
    HostId host;
    double y;
} Mark;

typedef struct Row {
    Micros time;
    uint32_t first, end; /* its events: first .. end-1 */
    double top, bottom;
    Micros gap; /* since the row before */
} Row;

typedef struct Story {
    const Flights *model;
    Flight *flights; /* in the order of the model */
    size_t flight_count, flight_room;
    Mark *marks;
    size_t mark_count, mark_room;
    Row *rows; /* one per step of the whole history, also of the undone future */
    size_t row_count, row_room;
    HostId columns[STORY_COLUMNS]; /* left to right */
    size_t column_count;
    double bottom;                 /* of everything, plans too */
    uint32_t epoch, events, steps; /* what it was made from */
} Story;

#define STORY_EMPTY ((Story){.epoch = UINT32_MAX})
/* Makes it anew where the session's history has changed; true where it did. */
bool story_update(Story *story, const Session *session);
void story_free(Story *story);
/* How tall a stretch of time is. */
double story_gap(Micros gap);
/* From this length on a stretch is drawn folded, and says how long it was. */
#define STORY_FOLD (300 * (MICROS_PER_SECOND / 1000))
/* The flight a packet event belongs to, as an index; SIZE_MAX: none. */
size_t story_flight(const Story *story, PacketId packet);

#endif
