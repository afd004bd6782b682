/* ladder.h - between the two halves of the ladder: what happened in which row (ladder_plan.c), and how it is drawn
 * (ladder.c). */
#ifndef TWOMSL_TEXT_LADDER_H
#define TWOMSL_TEXT_LADDER_H

#include "text.h"

enum { LADDER_NOTE = 72, LADDER_STATE = 24, LADDER_NOWHERE = -1, LADDER_BEFORE = -1 };

/* Where a packet runs: from its line sideways to its bend, down to the row in which it arrives, on to the other line.
 */
typedef struct Route {
    FlightView flight; /* as of now */
    uint32_t index;    /* of the flight */
    int from, to;      /* lines; LADDER_NOWHERE where no host has the address */
    int row, end;      /* rows of sending (before the first: LADDER_BEFORE) and of arrival or loss; end is past the last
                          row while it is in flight, LADDER_BEFORE where nothing of it is shown */
    int bend;          /* column */
} Route;

typedef enum RowKind {
    ROW_SEND,   /* the route leaves its line */
    ROW_FORK,   /* the route leaves that of the packet it copies */
    ROW_ARRIVE, /* the route reaches its line */
    ROW_LOST,   /* the route ends on the way; note says why */
    ROW_OPEN,   /* the packet is still in flight at the end; note says until when */
    ROW_MARK,   /* something was done to the packet: note */
    ROW_NOTE,   /* something happened at line: note */
    ROW_QUIET,  /* time passes, or packets are left out: note */
    ROW_NOW     /* the end */
} RowKind;

typedef struct Row {
    RowKind kind;
    Micros time;
    int line;                 /* whose state is written; LADDER_NOWHERE */
    int route;                /* index; -1: none */
    char state[LADDER_STATE]; /* the state it is in now, where it changed */
    char note[LADDER_NOTE];
} Row;

/* A route leaves its line or another route here. */
static inline bool ladder_leaves(const Row *row) { return row->kind == ROW_SEND || row->kind == ROW_FORK; }

typedef struct Plan {
    const World *world;
    const Trace *trace;
    const Flights *flights;
    uint32_t from, events; /* the events that have rows: from this one up to that many */
    bool cut;              /* there are earlier rows */
    Row *rows;
    int row_count, row_room;
    Route *routes; /* in the order of the flights: those of older packets with rows here, then all sent here */
    int route_count, older_count;
    uint32_t first_flight;     /* that was sent here */
    int line_of[LIMIT_HOSTS];  /* by host */
    HostId hosts[LIMIT_HOSTS]; /* by line */
    int lines;
    bool several; /* more than one connection: ports are told apart */
    bool failed;  /* there was no memory for all of it */
    Row spare;    /* what no row could be made for */
} Plan;

/* The last rows, at most so many. Costs as much as there is in them. */
void ladder_plan(Plan *plan, const Session *session, int most);
void ladder_plan_free(Plan *plan);
/* The route of a packet; -1: none here. */
int ladder_route(const Plan *plan, uint32_t packet);
/* What is written along a route, the longest (0) to the shortest (LADDER_LABELS - 1). */
enum { LADDER_LABELS = 6 };
void ladder_label(Text *text, const Plan *plan, const Route *route, int brevity);

#endif
