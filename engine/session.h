/* session.h - a world with its history, and the wire its packets cross. */
#ifndef TWOMSL_ENGINE_SESSION_H
#define TWOMSL_ENGINE_SESSION_H

#include "flights.h"

/* ---- The link: how a packet crosses from one host to another, see link/link.h ---- */
typedef struct Link {
    void *self;
    /* Sends `in` and receives it back into `out`; returns the bytes received. Where it fails, `error` says why: -1, the
     * packet could not be carried; LINK_GONE, none can be any more. */
    ptrdiff_t (*carry)(void *self, const uint8_t *in, size_t length, uint8_t *out, size_t capacity, char *error,
                       size_t error_size);
    const char *kind; /* "raw" */
    /* The session has left the link and goes on in memory. May be NULL. */
    void (*gone)(void *self, const char *why);
} Link;

enum { LINK_GONE = -2 };

typedef struct Session Session;

/* `link` NULL: the memory wire. The link is not owned. NULL: no memory. */
Session *session_new(const Config *config, const Link *link);
void session_free(Session *session);
/* Starts afresh with the same config and link: an empty history. Handles of before stay stale. */
Status session_reset(Session *session);
/* Changes the seed used by the next session_reset(). */
void session_seed(Session *session, uint64_t seed);

/* Does an input, after which it is the newest step. What was undone before is kept as a future that was left: see
 * session_branches(). Grows the world where it must. On a raw link a delivered packet crosses the wire here. A serial
 * larger than all before is kept: so the history of another session can be played, with the handles it has there. */
Status session_do(Session *session, const Input *input);
/* Leaves the link, if there is one, and goes on in memory: history and packets in flight stay. session_do() does so
 * itself, before the step, where the link is gone. */
void session_unlink(Session *session, const char *why);
/* Why the link failed, after STATUS_LINK_FAILED. */
const char *session_link_error(const Session *session);
const char *session_wire(const Session *session); /* "raw" or "memory" */

/* All memory that the session keeps: worlds, inputs, events, flights. In constant time. */
size_t session_bytes(const Session *session);
/* A step after which the session would keep more than `bytes` is refused with STATUS_LIMIT_MEMORY and changes nothing;
 * 0: no limit. Snapshots of the past are given up before, and going back takes longer then; after them the futures that
 * were left, the oldest first. Going back, forward and
 * resetting are always possible, and so is one step in place of those that were undone. Room for the flights of all
 * events is set aside, so the limit does not keep anyone from reading them. */
void session_limit(Session *session, size_t bytes);

const World *session_world(const Session *session); /* valid until the next change */
/* A copy of the world after the first `step` inputs, of the past or of an undone future, for world_free(); made from
 * the nearest snapshot. NULL: no such step, or no memory. */
World *session_world_at(const Session *session, uint32_t step);
/* All events; those from session_events() on lie in a future that was undone. */
const Trace *session_trace(const Session *session);
/* The flights of that trace, up to date; NULL: no memory. Valid until the next change. */
const Flights *session_flights(const Session *session);
uint32_t session_events(const Session *session); /* events up to now */
/* ---- What exists at present, by number. Costs what has changed since it was last asked for ---- */
/* Handles of packets in flight as world_packet_list() orders them, from the one at `from` (0: arrives next) on; up to
 * `capacity`. Returns how many were filled; UINT32_MAX: no memory. */
uint32_t session_packets(const Session *session, uint32_t from, PacketId *ids, uint32_t capacity);
/* The host's connections that are not gone, oldest first, valid until the next change. False: no memory, or no such
 * host. */
typedef struct HostConns {
    const ConnId *ids;
    uint32_t count;
    uint32_t version; /* the same number: the same connections */
} HostConns;
bool session_conns(const Session *session, HostId host, HostConns *conns);

uint32_t session_step(const Session *session);                     /* how many inputs were done up to now */
uint32_t session_steps(const Session *session);                    /* with those that were undone */
uint32_t session_events_at(const Session *session, uint32_t step); /* events after the first `step` inputs */
/* Fills the input that makes step `step` (0-based); its bytes are valid until the next change. False: no such step. */
bool session_input(const Session *session, uint32_t step, Input *input);
/* Changes whenever another future replaces an undone one, or on reset: what was cached about the trace is void. */
uint32_t session_epoch(const Session *session);
/* Goes to the world after `step` inputs (0 .. session_steps). Status LIMIT_MEMORY, or BAD_ARGUMENT. Sends nothing. */
Status session_seek(Session *session, uint32_t step);

/* ---- Futures: the present one, and those that were left by an input in the past ---- */
typedef struct Branch {
    uint32_t number;  /* from 1, in the order in which they began; never used again until session_reset() */
    const char *name; /* "" where it has none; valid until the next change */
    bool present;     /* its inputs are the session's */
    uint32_t origin;  /* the number of the one that was left when it began; 0 for the first */
    uint32_t began;   /* after so many steps, which it shares with that one */
    uint32_t steps;   /* of all its inputs, from the beginning */
    Input first;      /* its first input after that, without its bytes; INPUT_NONE: there is none */
} Branch;
/* How many there are; those that were given up (see session_limit(), LIMIT_BRANCHES) are counted apart. */
uint32_t session_branches(const Session *session);
uint32_t session_branches_lost(const Session *session);
/* The one in place `nth`, from 0, by number. False: there is none. */
bool session_branch(const Session *session, uint32_t nth, Branch *branch);
/* At most LIMIT_BRANCH_NAME bytes. BAD_ARGUMENT: a longer one, or no such future. */
Status session_name_branch(Session *session, uint32_t number, const char *name);
/* Goes to the newest step of a future: its inputs are done again from where it differs, which sends nothing. The
 * present one is left and kept, with what was undone. BAD_ARGUMENT: there is no such future. LIMIT_MEMORY: nothing
 * changed, or, where there is not even the memory to return, the session is at the step where they differ, and both are
 * kept. */
Status session_go_to_branch(Session *session, uint32_t number);
/* A copy of the world after the first `step` inputs of a future, for world_free(). NULL: no such step, or no memory. */
World *session_branch_world(const Session *session, uint32_t number, uint32_t step);

#endif
