/* ladder.h - shared by the files that draw the ladder: ladder.c (time and hosts), tracks.c (the ways of packets),
 * flights.c (packets), labels.c (what is written along their lines), marks.c (what is written beside the hosts' lines),
 * bars.c (timers), tanks.c (buffers). */
#ifndef TWOMSL_LADDER_H
#define TWOMSL_LADDER_H

#include "crowd.h"
#include "legs.h"
#include "places.h"
#include "view.h"

/* The line a packet travels on, in logical pixels. */
enum { TRACK_POINTS = 64 };
typedef struct TrackPoint {
    double way, y; /* 0..1 of the way from sender to receiver */
} TrackPoint;
typedef struct Track {
    double x0, x1; /* of the sender and of the receiver */
    bool loop;     /* to the sender itself: the line swings out */
    TrackPoint at[TRACK_POINTS];
    int count;
    int now; /* where the playhead is; up to there it has come. count - 1: all of it */
} Track;
/* As of the playhead. Of one that was undone, as it was. */
Track ladder_track(const Scene *scene, Rect rect, double scroll, const Flight *flight);
void track_place(const Track *track, int index, double *x, double *y);
/* The place at `way` of the whole way; of a packet that was held, where the way from there goes on. */
void track_point(const Track *track, double way, double *x, double *y);

/* A packet that is looked at. */
typedef struct Seen {
    const Flight *flight;
    FlightView fate; /* at the playhead; of one that was undone, after the whole trace */
    Track track;
    bool seen, ended, chosen; /* at the playhead; chosen: it is selected */
    /* Packets that travel together, see flights.c: the first of them; which of them this is, and of that first one how
     * many they are, of how many lines beside each other, which of those is theirs first. */
    uint32_t group, rank, members, lines, first_line;
    Rect capsule;
} Seen;

typedef struct Ladder {
    const View *view;
    Rect rect, field; /* the panel; the part of it that scrolls */
    double scroll;
    bool tanks;   /* the buffers are shown */
    Places texts; /* and crosses: where texts stand */
    Places lines; /* of packets and hosts */
    Crowd crowd;
    Seen *seen; /* of the crowd, those in sight */
    size_t seen_count;
    Rect bundle[CROWD_BUNDLES]; /* where the bundles' counts stand */
} Ladder;

/* Where a host's lifeline stands; HOST_NONE: between the outermost. */
double ladder_x(const Scene *scene, Rect rect, HostId host);
/* The part of the panel that scrolls. */
Rect ladder_field(Rect rect);
/* Room beside the outermost lifelines, for what is written there. */
double ladder_left(Rect rect);
double ladder_right(Rect rect);

/* Looks at the packets in sight. */
void ladder_look(Ladder *ladder);
Ink flight_ink(const Flight *flight);
bool is_lost(const Seen *seen);
/* It was lost so near to where it came from that nothing can be written along its line. */
bool is_stub(const Seen *seen);
const char *loss_text(const Ladder *ladder, const Seen *seen);
/* The first of its group speaks for all. */
bool seen_leads(const Ladder *ladder, const Seen *seen);
bool rect_inside(Rect outer, Rect inner);

/* In the order they are called in: the places of the packets on their way and of the bundles' counts; the lines, of
 * packets and of bundles; what is written along the lines; the packets on their way; the counts. */
void ladder_reserve_capsules(Ladder *ladder);
void ladder_lines(Ladder *ladder);
void ladder_labels(Ladder *ladder);
void ladder_capsules(Ladder *ladder);
void ladder_bundles(Ladder *ladder);
void ladder_marks(Ladder *ladder);
/* Before them: the timers' bars, and the buffers. */
void ladder_bars(Ladder *ladder);
bool ladder_tanks(Ladder *ladder); /* false: there are none */

/* What a packet's capsule says. */
void capsule_text(const Ladder *ladder, const Seen *seen, Short *text);

#endif
