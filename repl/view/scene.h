/* scene.h - what the picture shows at one position of the playhead: data made from a Session and a Story, no drawing.
 *
 * States come from the trace's events up to the playhead, so that they agree with what moves; numbers come from copies
 * of the world, kept for the last few steps.
 */
#ifndef TWOMSL_SCENE_H
#define TWOMSL_SCENE_H

#include "fates.h"
#include "records.h"
#include "story.h"

/* The moment that is shown, which may lag behind the session. */
typedef struct Playhead {
    uint32_t step;   /* after so many inputs */
    double settle;   /* 0..1: how far what the last of them changed has been shown */
    double approach; /* 0..1: the part of the virtual time to the next input that has passed */
} Playhead;
/* After the session's last input. */
Playhead playhead_now(const Session *session);

/* What there is at the other end of a connection. */
typedef enum PeerKind {
    PEER_UNKNOWN, /* nothing to be said: nobody is addressed, or it is not known yet */
    PEER_OPEN,    /* its end of the connection */
    PEER_ENDED,   /* a host whose end of the connection exists no more, or never did */
    PEER_FOREIGN, /* a host whose TCP is another one: nothing is known of it */
    PEER_NO_HOST  /* no host has that address */
} PeerKind;

typedef struct HostScene {
    HostId id;
    bool exists;
    char name[LIMIT_HOST_NAME + 1];
    Addr addr;
    bool has_conn;
    ConnId conn;
    State state, before; /* before: the last transition */
    bool changed;        /* there has been a transition */
    uint32_t changed_step;
    double settle;      /* 0..1: how far the last change of state has been shown */
    uint32_t visited;   /* bit per state this connection has been in */
    uint32_t travelled; /* bit per arrow of states.def it has taken */
    Endpoint local, remote;
    PeerKind peer;
    char peer_name[LIMIT_HOST_NAME + 1]; /* "": no host */
    bool known;                          /* `numbers` is filled */
    ConnView numbers, earlier;           /* earlier: after the step before, so that changes can stand out */
    bool earlier_known;
    int64_t send_buffer, recv_buffer; /* of the connection, bytes */
    uint32_t others;                  /* other connections of this host that exist */
    bool others_more;                 /* ... and perhaps more: not all were looked at */
    State other_state;                /* of the first of them */
    uint16_t other_port;
} HostScene;

/* A copy of the world as it was after a step. */
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
    Records *records; /* of the steps in sight */
    Playhead at;
    Micros time;      /* of the playhead */
    uint32_t events;  /* of the trace, up to the playhead */
    uint32_t present; /* the session's step */
    uint32_t ahead;   /* steps that were undone and can be done again */
    double y;         /* the playhead on the ladder, logical pixels from its top */
    HostScene host[2];
    Fates fates[2]; /* of what each of them has sent */
    ConnId fates_of[2];
    uint32_t fates_step, fates_epoch;
    const Session *session; /* it was made from, not owned */
    uint32_t why;           /* the event the caption explains; EVENT_NONE */
    uint32_t why_step, why_epoch;
    bool why_known; /* for that step of that epoch */
    char wire[16];
    bool next;        /* something will happen: next_input, in next_in microseconds of virtual time */
    Input next_input; /* the next step of the history; at its end what is due first */
    Micros next_in;
    PacketId flying[64]; /* in the session's present, the next to arrive first: wire[1], wire[2] ... */
    uint32_t flying_count;
} Scene;

Scene *scene_new(void); /* NULL: no memory */
void scene_free(Scene *scene);
/* Keeps a copy of the session's world; to be called after each step, so that the numbers of the last steps are known
 * when the playhead comes to them. */
void scene_remember(Scene *scene, const Session *session);
/* Makes the scene of the playhead `at`, which is moved to the last step where it lies behind it. */
void scene_update(Scene *scene, const Session *session, Playhead at);

/* The host's connection is connected to itself: one end is both. */
bool scene_self(const HostScene *host);
/* The host whose numbers say what `host` 0 or 1 receives of the other's: itself where it is connected to itself. */
const HostScene *scene_receiver(const Scene *scene, int sender);

/* At the playhead: it has been sent; it has arrived or was lost; it is held. */
bool flight_seen(const Scene *scene, const Flight *flight);
bool flight_ended(const Scene *scene, const Flight *flight);
bool flight_held(const Scene *scene, const Flight *flight);
/* What had become of it at the playhead; false: it had not been sent. */
bool flight_fate(const Scene *scene, const Flight *flight, FlightView *fate);
/* The index in wire[...] of a packet that is in flight now; 0: it is not. Sorts all that are in flight where it is not
 * among the first. */
uint32_t scene_wire_index(const Scene *scene, PacketId packet);

#endif
