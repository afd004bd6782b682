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

typedef enum Fate { FATE_FLYING, FATE_ARRIVED, FATE_DROPPED } Fate;

/* One packet's way. `ended` and `end` say what is in the trace, which may lie ahead of what is shown. */
typedef struct Flight {
    PacketId packet;
    uint32_t copy_of;
    HostId from, to;                   /* HOST_NONE: no such host */
    uint32_t event;                    /* the event that sent it */
    uint32_t born, ended;              /* steps; ended STEP_NEVER while it flies */
    uint32_t corrupt_step;             /* STEP_NEVER */
    uint32_t held_step, released_step; /* the last time it was held: held while held_step < shown <= released_step */
    Micros sent, due, end;             /* due: the plan at the end of the trace, MICROS_NEVER while held */
    Fate fate;
    DropReason reason;
    bool again, forged;
    bool icmp; /* no segment but an error about one */
    uint8_t icmp_type, icmp_code;
    bool crosses; /* another packet comes the other way meanwhile */
    uint8_t flags;
    Seq seq, ack;
    uint16_t window;
    uint32_t data_length;
    double start;  /* 0..1 of the way: where it starts (a duplicate forks from its original) */
    double y0, y1; /* where it leaves, where it ends (or will, as planned) */
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
    Flight *flights;
    size_t flight_count, flight_room;
    Mark *marks;
    size_t mark_count, mark_room;
    Row *rows; /* one per step of the whole history, also of the undone future */
    size_t row_count, row_room;
    size_t *open; /* flights that have not ended */
    size_t open_count, open_room;
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
