/* scene.h - what is to be seen at a moment of the film: pure data from a Session, a Story and a Playhead.
 *
 * States come from the trace's events up to the playhead, so that picture and motion agree; numbers come from copies of
 * the world, kept for the last few steps.
 */
#ifndef TWOMSL_SCENE_H
#define TWOMSL_SCENE_H

#include "story.h"

/* Where the film stands: after `step` inputs, whose last one has come in by `settle` (0..1), on the way to the next by
 * `approach` (0..1). */
typedef struct Playhead {
    uint32_t step;
    double settle, approach;
} Playhead;
Playhead playhead_now(const Session *session);

typedef struct HostScene {
    HostId id;
    bool exists;
    char name[LIMIT_HOST_NAME + 1];
    Addr addr;
    bool has_conn;
    ConnId conn;
    State state, before; /* before: where the last arrow came from */
    bool changed;        /* there has been an arrow at all */
    uint32_t changed_step;
    double settle;    /* 0..1: how far the last change has come in */
    uint32_t visited; /* bit per state this connection has been in */
    Endpoint local, remote;
    bool known;                /* `numbers` is filled */
    ConnView numbers, earlier; /* earlier: the step before, to light what changed */
    bool earlier_known;
    uint32_t others;   /* other connections of this host that exist */
    State other_state; /* of the first of them */
    uint16_t other_port;
} HostScene;

/* The world as it was after a step. */
typedef struct Shelf {
    World *world;
    uint32_t step;
} Shelf;
enum { SHELVES = 12 };
/* A world larger than this is not copied at every step: its numbers are then those of the present. */
#define SHELF_BYTES ((size_t)4 << 20)

typedef struct Scene {
    Story story;
    Shelf shelf[SHELVES];
    size_t shelf_next;
    uint32_t shelf_epoch;
    Playhead at;
    Micros time;      /* of the playhead */
    uint32_t events;  /* shown */
    uint32_t present; /* steps done */
    uint32_t ahead;   /* steps that were undone: now is so far ahead */
    double y;         /* the playhead on the ladder */
    HostScene host[2];
    uint32_t why; /* the event the caption explains; EVENT_NONE */
    char wire[16];
    bool next;        /* something will happen */
    Input next_input; /* what the playhead comes to: a step of the history, in the present what is due first */
    Micros next_in;
    PacketId flying[64]; /* in the present, next to arrive first: wire[1], wire[2] ... */
    uint32_t flying_count;
} Scene;

Scene *scene_new(void); /* NULL: no memory */
void scene_free(Scene *scene);
/* Keeps the world of the present step; to be called whenever the session may have moved on. */
void scene_remember(Scene *scene, const Session *session);
/* Brings it to the playhead. */
void scene_update(Scene *scene, const Session *session, Playhead at);

/* At the playhead: has it been sent, has it ended. */
bool flight_seen(const Scene *scene, const Flight *flight);
bool flight_ended(const Scene *scene, const Flight *flight);
/* What had become of it at the playhead; false: it had not been sent. */
bool flight_fate(const Scene *scene, const Flight *flight, FlightView *fate);
bool flight_held(const Scene *scene, const Flight *flight);
/* 0..1 of its way. */
double flight_way(const Scene *scene, const Flight *flight);
/* The number in wire[...] of a packet in flight; 0: it is not in flight. */
uint32_t scene_wire_index(const Scene *scene, PacketId packet);

#endif
