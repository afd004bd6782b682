/* input.h - the world as a value, and the inputs that change it. */
#ifndef TWOMSL_ENGINE_INPUT_H
#define TWOMSL_ENGINE_INPUT_H

#include "addr.h"
#include "rules.h"

typedef struct World World;
typedef struct Trace Trace;

typedef struct Config {
    uint32_t hosts;   /* room for this many hosts; 0 takes the default (4) */
    uint32_t conns;   /* connection records (16) */
    uint32_t packets; /* packets in flight (32) */
    uint32_t store;   /* bytes for packets and buffers (16 KiB) */
    uint64_t seed;    /* everything random in the world comes from here */
} Config;

/* A world with hosts A (127.0.0.1) and B (127.0.0.2) at time 0. NULL: no memory, or config past a limit. */
World *world_new(const Config *config);
void world_free(World *world);
World *world_copy(const World *world); /* NULL: no memory */
/* A copy with more room (never less). NULL: no memory, past a limit, or the world is spent. */
World *world_grow(const World *world, const Config *config);
const Config *world_config(const World *world);
/* Bytes of memory for a world of this config; 0: past a limit. */
size_t config_size(const Config *config);
size_t world_size(const World *world); /* bytes of memory */
/* Bytes of its parts in use: what is copied. */
size_t world_bytes(const World *world);
/* Writes world_bytes() bytes, aligned as malloc() does, from which world_load() makes the world again. */
void world_save(const World *world, void *image);
/* Replaces a world, spent or not, by the one saved, whose config must not have been larger in anything. */
void world_load(World *world, const void *image);
World *world_from(const void *image); /* a new one; NULL: no memory */
/* Byte by byte the same, handles and times too: a copy, as long as nothing has happened to either. */
bool world_same(const World *a, const World *b);

/* Writes the world as canonical bytes: everything that can make a difference to what happens from now on, and nothing
 * that cannot (handles, packet numbers, the order in which things were made, the time of day, room). Returns how many
 * bytes there are, and writes them if they are no more than `capacity`; 0: no memory.
 *
 * Two worlds with equal packs behave alike for ever: the same inputs, which name the same connections and packets, are
 * accepted in both and bring the same events, up to handles, numbers, causes and a shift of time, and packs that are
 * equal again. What is drawn from the clock later shifts with it: the initial sequence numbers of RFC 6528. Not
 * covered: which of several things that are due in the same instant world_next() names first; what a path with chance
 * in it (loss and the like) does to several packets that one input sends for several connections; room; refusals by
 * connections that are gone; and the bits of the IP header's id and checksum, where INPUT_CORRUPT flips these. */
size_t world_pack(const World *world, uint8_t *bytes, size_t capacity);
/* A hash of the pack: worlds with equal packs have equal digests. */
uint64_t world_digest(const World *world);
/* Keeps what the digest has to read of each record, also for copies, until a step touches the record. A digest is cheap
 * then. Nothing else changes. */
void world_remember(World *world);

typedef enum InputKind {
    INPUT_NONE,
    /* user calls (RFC 9293 3.10.1-5); the result is in world_result() */
    INPUT_LISTEN,  /* host, local.port (local.addr unspecified: the host's), count = backlog, close_on_fin */
    INPUT_CONNECT, /* host, local.addr (unspecified: the host's), local.port (0: an ephemeral one), remote, close_on_fin
                    */
    INPUT_ACCEPT,  /* conn */
    INPUT_SEND,    /* conn, bytes, length; takes what fits (result.count) */
    INPUT_RECV,    /* conn, count = bytes to take over; read them before with world_peek() */
    INPUT_SHUTDOWN, /* conn: ends the sending direction */
    INPUT_CLOSE,    /* conn: the application is done with it */
    INPUT_ABORT,    /* conn */
    INPUT_CRASH,    /* host: loses every connection, says nothing, goes on */
    /* packets in flight */
    INPUT_DELIVER, /* packet; bytes, length: what came out of the wire, NULL: what went in */
    INPUT_DROP,    /* packet */
    INPUT_DUP,     /* packet; result.packet is the copy */
    INPUT_DELAY,   /* packet, value = microseconds to add to its arrival (may be negative, never into the past) */
    INPUT_HOLD,    /* packet: does not arrive until released (its lifetime runs on) */
    INPUT_RELEASE, /* packet */
    INPUT_CORRUPT, /* packet, count = byte offset in the datagram, CORRUPT_ANYWHERE: some byte of the TCP segment */
    INPUT_EDIT,    /* packet, bytes, length: the new datagram */
    INPUT_INJECT,  /* bytes, length: a forged datagram, TCP or an ICMP error; value = microseconds until it arrives,
                      negative: the path's latency;  foreign: not forged, a foreign host sent it */
    INPUT_EXPIRE,  /* packet: its lifetime (MSL) is over; `at` must have reached it */
    /* time */
    INPUT_TIMER, /* conn, timer: fires it; `at` is when (its deadline, or MICROS_NEVER to fire it right now, whenever
                    due) */
    INPUT_WAIT,  /* `at`: the clock moves there; refused (TOO_EARLY) while something is due before */
    /* settings */
    INPUT_HOST, /* bytes, length = its name; result.host; the next free address; foreign: local.addr, in 127.0.0.0/8 and
                   past all others */
    INPUT_RULE, /* host, rule, value; or conn instead of host: for this connection alone, where host_rule_of_conn() */
    INPUT_PATH, /* path, value */
    /* standing orders, see orders.h */
    INPUT_ORDER,  /* bytes, length: an Order; result.count is its number */
    INPUT_CANCEL, /* count = the number of an order */
    INPUT_KINDS
} InputKind;
#define CORRUPT_ANYWHERE UINT32_MAX

typedef struct Input {
    InputKind kind;
    uint32_t serial; /* 0: the world numbers it; a session gives each input one that is never used again */
    Micros at;       /* when it happens; in the past (0) means now */
    HostId host;
    ConnId conn;
    PacketId packet; /* born 0: whatever future it is from */
    Endpoint local, remote;
    uint32_t count;
    bool urgent;       /* INPUT_SEND: the bytes end in urgent data */
    bool close_on_fin; /* the application closes in the instant in which it learns that the other side has */
    bool foreign; /* INPUT_HOST: its TCP is outside the world, which only carries packets to and from it. INPUT_INJECT:
                     see there */
    TimerKind timer;
    HostRule rule;
    PathRule path;
    int64_t value;
    const uint8_t *bytes; /* only read during the step */
    uint32_t length;
} Input;

typedef struct Result {
    ConnId conn;
    HostId host;
    PacketId packet;
    uint32_t count;
} Result;

/* The one function that changes a world. Appends to `trace`, unless that is NULL.
 *
 * Anything but STATUS_OK has left trace and world untouched, with one exception: where the world had no room for all
 * that happened (STATUS_LIMIT_..., but for LIMIT_ORDERS; for LIMIT_MEMORY the trace had none), the world is spent. A
 * spent world can be freed; every further step returns the same status, and nothing it shows counts. The caller takes a
 * copy of the world as it was before, makes it larger with world_grow(), and repeats the input on that. */
Status world_step(World *world, const Input *input, Trace *trace);
/* The limit at which a step ran out of room; STATUS_OK: none, the world is good. */
Status world_spent(const World *world);
/* What the last accepted input brought: a connection, a host, a copy's number, bytes taken. */
const Result *world_result(const World *world);

/* What happens next if nobody interferes: the earliest of all arrivals, deaths of packets and timers. Fills `input` so
 * that world_step(world, input) makes it happen, at the time it is due. False: nothing will ever happen. */
bool world_next(const World *world, Input *input);
/* Everything that can happen now in any order: deliver each packet that is not held, fire each running timer. Returns
 * how many there are and fills up to `capacity`. */
size_t world_choices(const World *world, Input *inputs, size_t capacity);

#endif
