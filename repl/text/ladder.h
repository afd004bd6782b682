/* ladder.h - between the two halves of the ladder: what happened in which row (ladder_plan.c), and how it is drawn
 * (ladder.c). */
#ifndef TWOMSL_TEXT_LADDER_H
#define TWOMSL_TEXT_LADDER_H

#include "text.h"

enum { LADDER_NOTE = 72, LADDER_STATE = 24, LADDER_NOWHERE = -1 };

/* A packet's way: from its line sideways to its bend, down to the row in which it arrives, and on to the other line. */
typedef struct Flight {
    uint32_t id, copy_of;
    uint32_t event; /* the event that made it */
    int from, to;   /* lines; LADDER_NOWHERE where no host has the address */
    int row, end;   /* rows of sending and of arrival or loss; end is past the last row while it is in flight */
    int bend;       /* column */
    bool lost, forged;
} Flight;

typedef enum RowKind {
    ROW_SEND,   /* flight leaves its line */
    ROW_FORK,   /* flight leaves the packet it copies */
    ROW_ARRIVE, /* flight reaches its line */
    ROW_LOST,   /* flight ends on the way; note says why */
    ROW_OPEN,   /* flight is still under way at the end; note says until when */
    ROW_MARK,   /* something was done to flight: note */
    ROW_NOTE,   /* something happened at line: note */
    ROW_QUIET,  /* time passes: note */
    ROW_NOW     /* the end */
} RowKind;

typedef struct Row {
    RowKind kind;
    Micros time;
    int line;                 /* whose state is written; LADDER_NOWHERE */
    int flight;               /* -1: none */
    char state[LADDER_STATE]; /* the state it is in now, where it changed */
    char note[LADDER_NOTE];
} Row;

typedef struct Plan {
    const World *world;
    const Trace *trace;
    Row *rows;
    int row_count, row_room;
    Flight *flights;
    int flight_count, flight_room;
    int *flight_of;            /* by packet number: 1 + index, 0: none */
    uint32_t numbers;          /* entries in flight_of */
    int line_of[LIMIT_HOSTS];  /* by host */
    HostId hosts[LIMIT_HOSTS]; /* by line */
    int lines;
    bool several; /* more than one connection: ports are told apart */
} Plan;

void ladder_plan(Plan *plan, const World *world, const Trace *trace, uint32_t events);
void ladder_plan_free(Plan *plan);
/* What is written along a flight, the longest (0) to the shortest (LADDER_LABELS - 1). */
enum { LADDER_LABELS = 6 };
void ladder_label(Text *text, const Plan *plan, const Flight *flight, int brevity);

#endif
