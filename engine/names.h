/* names.h - units, limits, and the small names of things: states, timers, flags, handles. */
#ifndef TWOMSL_ENGINE_NAMES_H
#define TWOMSL_ENGINE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t Micros;
#define MICROS_PER_SECOND INT64_C(1000000)
#define MICROS_NEVER INT64_MAX
#define MICROS_LATEST (MICROS_NEVER / 4) /* where the virtual clock ends */

/* ---- Limits: each has a name; reaching one is a clear error (STATUS_LIMIT_...). ---- */
enum {
    LIMIT_HOSTS = 16,        /* hosts in a world */
    LIMIT_CONNS = 1 << 20,   /* connection records in a world */
    LIMIT_PACKETS = 1 << 20, /* packets in flight in a world */
    LIMIT_HOST_NAME = 15,    /* bytes in a host's name */
    LIMIT_DATAGRAM = 65535,  /* bytes in an IPv4 datagram */
    LIMIT_BACKLOG = 65535,   /* connections waiting on a listener */
    LIMIT_REASSEMBLY = 32,   /* separate pieces kept out of order, per connection */
    LIMIT_ORDERS = 32,       /* standing orders in a world */
    LIMIT_BRANCHES = 1000,   /* futures of a session that are kept */
    LIMIT_BRANCH_NAME = 40   /* bytes in a future's name */
};

/* ---- Small names ---- */

typedef enum State {
#define STATE(name, summary) STATE_##name,
#include "tcp/states.def"
    STATE_COUNT
} State;

const char *state_name(State state);    /* "SYN_SENT" */
const char *state_summary(State state); /* one sentence in lower case */

/* The arrows of the state diagram, in the order of states.def. */
typedef struct Arrow {
    State from, to;
    const char *event;  /* what brings it about: "SYN,ACK" */
    const char *action; /* what is sent: "ACK", or "" */
} Arrow;
size_t arrow_count(void);
const Arrow *arrow_at(size_t index);
const Arrow *arrow_find(State from, State to); /* NULL where there is none */

typedef enum TimerKind {
    TIMER_RETRANSMIT,
    TIMER_PERSIST,
    TIMER_DELAYED_ACK,
    TIMER_KEEPALIVE,
    TIMER_TIME_WAIT,
    TIMER_FIN_WAIT_2,
    TIMER_USER,
    TIMER_COUNT
} TimerKind;
const char *timer_name(TimerKind timer); /* "retransmit" */

/* Why a connection sends nothing of what it has to send. */
typedef enum SendHold {
    HOLD_NONE,          /* it has nothing to send */
    HOLD_HANDSHAKE,     /* it is not open yet */
    HOLD_CLOSED_WINDOW, /* the peer's window is 0 (RFC 9293 3.8.6.1) */
    HOLD_WINDOW,        /* as much is in flight as the peer's window takes */
    HOLD_CONGESTION,    /* as much is in flight as the congestion window allows (RFC 5681) */
    HOLD_NAGLE,         /* a small segment waits for the ACK of what is in flight (RFC 9293 3.7.4) */
    HOLD_SILLY_WINDOW   /* what fits the window is not worth a segment (RFC 9293 3.8.6.2.1) */
} SendHold;

enum {
    FLAG_FIN = 1,
    FLAG_SYN = 2,
    FLAG_RST = 4,
    FLAG_PSH = 8,
    FLAG_ACK = 16,
    FLAG_URG = 32,
    FLAG_ECE = 64,
    FLAG_CWR = 128
};
/* Writes "SYN,ACK" (order FIN,SYN,RST,PSH,ACK,URG,ECE,CWR; "none" where no flag is set) to text; returns text. */
enum { FLAGS_TEXT = 40 };
const char *flags_text(uint8_t flags, char text[FLAGS_TEXT]);
/* Reads "SYN,ACK" (any case, comma or + between, "none"); false where a word is no flag. */
bool flags_parse(const char *text, uint8_t *flags);

typedef uint32_t HostId; /* 0 is A, 1 is B, in order of creation */
#define HOST_NONE UINT32_MAX

/* A connection's handle. The generation is never used twice in a session, whatever is undone: a stale
 * handle is an error, never another connection. generation 0: none. */
typedef struct ConnId {
    uint32_t slot;
    uint32_t generation;
} ConnId;
#define CONN_NONE ((ConnId){0, 0})
static inline bool conn_eq(ConnId a, ConnId b) { return a.slot == b.slot && a.generation == b.generation; }
static inline bool conn_is(ConnId a) { return a.generation != 0; }

/* A packet's handle: `id` is the small number people see (1, 2, 3 ... in order of sending); `born` tells apart
 * packets of different futures that carry the same number. id 0: none. */
typedef struct PacketId {
    uint32_t id;
    uint32_t born;
} PacketId;
#define PACKET_NONE ((PacketId){0, 0})

#endif
