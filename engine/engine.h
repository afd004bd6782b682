/* engine.h - the public face of the engine: everything outside engine/ includes only this (and link/link.h).
 *
 * A World is a value. An Input is the only thing that changes it. Every change appends Events to a Trace,
 * each naming the rule of the standard it followed and the event that caused it. Everything people see
 * reads those events, and the views below.
 *
 * Units: times are microseconds of the world's virtual clock, sizes are bytes, addresses and ports are in
 * host byte order. Nothing here blocks, reads a clock, or draws randomness from outside the world.
 */
#ifndef TWOMSL_ENGINE_H
#define TWOMSL_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp/seq.h"

typedef int64_t Micros;
#define MICROS_PER_SECOND INT64_C(1000000)
#define MICROS_NEVER INT64_MAX

/* ---- Limits: each has a name; reaching one is a clear error (STATUS_LIMIT_...). ---- */
enum {
    LIMIT_HOSTS = 16,        /* hosts in a world */
    LIMIT_CONNS = 1 << 20,   /* connection records in a world */
    LIMIT_PACKETS = 1 << 20, /* packets in flight in a world */
    LIMIT_HOST_NAME = 15,    /* bytes in a host's name */
    LIMIT_DATAGRAM = 65535,  /* bytes in an IPv4 datagram */
    LIMIT_BACKLOG = 65535,   /* connections waiting on a listener */
    LIMIT_REASSEMBLY = 32    /* separate pieces kept out of order, per connection */
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

typedef struct Endpoint {
    uint32_t addr; /* 0x7f000001 is 127.0.0.1 */
    uint16_t port;
} Endpoint;
enum { ENDPOINT_TEXT = 24 };
const char *endpoint_text(Endpoint endpoint, char text[ENDPOINT_TEXT]); /* "127.0.0.1:7777" */
bool endpoint_parse(const char *text, Endpoint *endpoint);              /* "127.0.0.1:7777"; port 0..65535 */
bool addr_parse(const char *text, uint32_t *addr);                      /* "127.0.0.1" */
static inline bool endpoint_eq(Endpoint a, Endpoint b) { return a.addr == b.addr && a.port == b.port; }

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

/* ---- Status: what a call or an input came to ---- */
#define STATUS_TABLE(X)                                                             \
    X(OK, "ok")                                                                     \
    /* the RFC's own words (RFC 9293 3.10): the application's errors */             \
    X(CONNECTION_EXISTS, "connection already exists")                               \
    X(NO_CONNECTION, "connection does not exist")                                   \
    X(CONNECTION_CLOSING, "connection closing")                                     \
    X(CONNECTION_RESET, "connection reset")                                         \
    X(CONNECTION_REFUSED, "connection refused")                                     \
    X(CONNECTION_TIMED_OUT, "connection timed out")                                 \
    X(CONNECTION_ABORTED, "connection aborted")                                     \
    X(NO_RESOURCES, "insufficient resources")                                       \
    X(REMOTE_UNSPECIFIED, "remote socket unspecified")                              \
    X(NOT_A_LISTENER, "not a listening connection")                                 \
    X(A_LISTENER, "a listening connection carries no data")                         \
    X(NOTHING_YET, "nothing yet")                                                   \
    X(END_OF_DATA, "closed")                                                        \
    X(HOST_CRASHED, "the host crashed")                                             \
    X(UNREACHABLE, "destination unreachable")                                       \
    X(DELIVERY_TROUBLE, "no acknowledgment yet")                                    \
    /* misuse of the door */                                                        \
    X(NO_HOST, "no such host")                                                      \
    X(NO_PACKET, "that packet is no longer in flight")                              \
    X(NO_TIMER, "that timer is not running")                                        \
    X(TOO_EARLY, "something else happens first")                                    \
    X(BAD_ARGUMENT, "bad argument")                                                 \
    X(BAD_DATAGRAM, "not an IPv4 datagram with a TCP segment")                      \
    X(BAD_ADDRESS, "not an address one can connect to")                             \
    X(FOREIGN_HOST, "that host's TCP is not ours")                                  \
    X(NAME_TAKEN, "a host of that name exists")                                     \
    /* limits: the session grows the world and tries again, until the hard limit */ \
    X(LIMIT_HOSTS, "no room for another host")                                      \
    X(LIMIT_CONNS, "no room for another connection")                                \
    X(LIMIT_PACKETS, "no room for another packet in flight")                        \
    X(LIMIT_STORE, "no room for more bytes")                                        \
    X(LIMIT_MEMORY, "out of memory")                                                \
    X(LINK_FAILED, "the raw wire failed")

typedef enum Status {
#define STATUS_ENUM(name, text) STATUS_##name,
    STATUS_TABLE(STATUS_ENUM)
#undef STATUS_ENUM
        STATUS_COUNT
} Status;
const char *status_text(Status status);

/* ---- Rules of the standard (rules.def): every decision names one ---- */
typedef enum RuleId {
    RULE_NONE,
#define RULE(id, name, section, sentence) RULE_##id,
#include "tcp/rules.def"
    RULE_COUNT
} RuleId;
typedef struct RuleInfo {
    const char *name;     /* "listen.syn" */
    const char *section;  /* "RFC 9293 3.10.7.2" */
    const char *sentence; /* in our own words; the key of its translation */
} RuleInfo;
const RuleInfo *rule_info(RuleId rule); /* RULE_NONE: empty strings */

/* ---- Host rules (host_rules.def): what one host's TCP does; Lua's h.rules ---- */
typedef enum HostRuleKind { HR_SECONDS, HR_BYTES, HR_COUNT, HR_SWITCH, HR_MSL, HR_SEQ } HostRuleKind;
#define HOST_RULE_OFF INT64_C(-1)
typedef enum HostRule {
#define HOST_RULE(name, kind, off, def, low, high, help) HOST_RULE_##name,
#include "tcp/host_rules.def"
    HOST_RULE_COUNT
} HostRule;
typedef struct HostRuleInfo {
    const char *name;
    HostRuleKind kind;
    bool off;                    /* HOST_RULE_OFF is a value too */
    int64_t standard, low, high; /* default and range, as kept: seconds in microseconds, HR_MSL in thousandths */
    const char *help;
} HostRuleInfo;
const HostRuleInfo *host_rule_info(HostRule rule);
/* One connection may have it otherwise than its host: what RFC 9293 lets the application choose for a connection. */
bool host_rule_of_conn(HostRule rule);

/* ---- Segments (wire/codec.c) ---- */
typedef struct SackBlock {
    Seq left, right;
} SackBlock;
typedef struct Options {
    uint16_t mss;   /* 0: absent */
    uint8_t wscale; /* OPTION_NO_WSCALE: absent */
    bool sack_permitted;
    bool timestamps;
    uint32_t ts_value, ts_echo;
    uint8_t sack_count; /* 0..4 */
    SackBlock sack[4];
    uint8_t order; /* OPTION_ORDER_...: how a SYN's options are laid out */
} Options;
#define OPTION_NO_WSCALE UINT8_C(255)
enum { OPTION_ORDER_MSS_SACK_TS_SCALE, OPTION_ORDER_MSS_SCALE_SACK_TS };
#define OPTIONS_NONE ((Options){.wscale = OPTION_NO_WSCALE})

typedef struct Segment {
    Endpoint src, dst;
    Seq seq, ack;
    uint8_t flags;
    uint16_t window; /* as on the wire, unscaled */
    uint16_t urgent;
    uint8_t ttl, tos;
    uint16_t ip_id;
    Options options;
    const uint8_t *data; /* points into the datagram it was decoded from, or to what is to be encoded */
    uint16_t data_length;
} Segment;

/* How many sequence numbers it takes: data, SYN and FIN (RFC 9293 3.4). */
uint32_t segment_length(const Segment *segment);

typedef enum DecodeResult {
    DECODE_OK,
    DECODE_SHORT, /* fewer bytes than the headers say */
    DECODE_NOT_IPV4,
    DECODE_IP_CHECKSUM,
    DECODE_NOT_TCP,
    DECODE_FRAGMENT,
    DECODE_TCP_CHECKSUM, /* RFC 9293 MUST-3 */
    DECODE_OPTIONS       /* an option's length runs past the header, or is 0 or 1 (MUST-7) */
} DecodeResult;
const char *decode_text(DecodeResult result);

/* Reads one IPv4 datagram of `length` bytes. Fills `segment` as far as it got, also where it fails; on
 * DECODE_TCP_CHECKSUM and DECODE_OPTIONS everything but the options is valid. segment->data points into bytes. */
DecodeResult segment_decode(const uint8_t *bytes, size_t length, Segment *segment);
/* The length of the datagram that segment_encode() writes; 0 past a limit. */
size_t segment_size(const Segment *segment);
/* Writes the datagram with both checksums; returns its length, or 0 where `capacity` or a limit is exceeded. */
size_t segment_encode(const Segment *segment, uint8_t *bytes, size_t capacity);
/* An ICMP error about a segment, as a datagram (RFC 792, RFC 9293 3.9.2.2). */
typedef struct Icmp {
    uint32_t src, dst; /* who reports, to whom */
    uint8_t type, code;
    Endpoint about_src, about_dst; /* the segment it quotes */
    Seq about_seq;
} Icmp;
enum { ICMP_UNREACHABLE = 3, ICMP_SOURCE_QUENCH = 4, ICMP_TIME_EXCEEDED = 11, ICMP_PARAMETER_PROBLEM = 12 };
/* False where the datagram is no ICMP error about TCP, or its checksums are wrong. */
bool icmp_decode(const uint8_t *bytes, size_t length, Icmp *icmp);
/* Returns the bytes written (56), or 0 where `capacity` is less. */
size_t icmp_encode(const Icmp *icmp, uint8_t *bytes, size_t capacity);
/* "destination unreachable: port unreachable" */
const char *icmp_text(uint8_t type, uint8_t code);

/* The ones' complement sum over the TCP pseudo-header and segment of a datagram, as it should stand in the header. */
uint16_t segment_checksum(const uint8_t *datagram, size_t length);

/* ---- The world ---- */
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
/* A copy with more room (never less). NULL: no memory, or past a limit. */
World *world_grow(const World *world, const Config *config);
const Config *world_config(const World *world);
size_t world_bytes(const World *world); /* bytes a copy takes */
/* Byte by byte the same, handles and times too: a copy, as long as nothing has happened to either. */
bool world_same(const World *a, const World *b);
/* Equal worlds have equal digests, whatever the order they were reached in: handles, packet numbers, and absolute time
 * do not count. */
uint64_t world_digest(const World *world);

typedef enum InputKind {
    INPUT_NONE,
    /* user calls (RFC 9293 3.10.1-5); the result is in world_result() */
    INPUT_LISTEN,   /* host, local.port (local.addr 0: the host's), count = backlog, close_on_fin */
    INPUT_CONNECT,  /* host, local.addr (0: the host's), local.port (0: an ephemeral one), remote, close_on_fin */
    INPUT_ACCEPT,   /* conn */
    INPUT_SEND,     /* conn, bytes, length; takes what fits (result.count) */
    INPUT_RECV,     /* conn, count = bytes to take over; read them before with world_peek() */
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
    INPUT_KINDS
} InputKind;
#define CORRUPT_ANYWHERE UINT32_MAX

typedef enum PathRule {
    PATH_LATENCY, /* microseconds, one way */
    PATH_LOSS,    /* the rest: probability in millionths */
    PATH_DUPLICATE,
    PATH_REORDER,
    PATH_CORRUPT,
    PATH_MTU, /* bytes of the largest datagram */
    PATH_RULE_COUNT
} PathRule;
const char *path_rule_name(PathRule rule); /* "latency" */

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

/* The one function that changes a world. Anything but STATUS_OK has left it untouched. `trace` may be NULL. */
Status world_step(World *world, const Input *input, Trace *trace);
/* What the last accepted input brought: a connection, a host, a copy's number, bytes taken. */
const Result *world_result(const World *world);

/* What happens next if nobody interferes: the earliest of all arrivals, deaths of packets and timers. Fills `input` so
 * that world_step(world, input) makes it happen, at the time it is due. False: nothing will ever happen. */
bool world_next(const World *world, Input *input);
/* Everything that can happen now in any order: deliver each packet that is not held, fire each running timer. Returns
 * how many there are and fills up to `capacity`. */
size_t world_choices(const World *world, Input *inputs, size_t capacity);

Micros world_now(const World *world);
uint64_t world_seed(const World *world);
int64_t world_path(const World *world, PathRule rule);
/* Something is in flight (not held), or a retransmission, persist or delayed ACK is pending. */
bool world_busy(const World *world);

typedef struct HostView {
    HostId id;
    char name[LIMIT_HOST_NAME + 1];
    uint32_t addr;
    bool foreign; /* its TCP is outside the world: no calls, no rules, no connections */
    int64_t rules[HOST_RULE_COUNT];
} HostView;
uint32_t world_hosts(const World *world);
bool world_host(const World *world, HostId id, HostView *view);
HostId world_host_by_addr(const World *world, uint32_t addr); /* HOST_NONE */

typedef struct ConnView {
    ConnId id;
    HostId host;
    State state;
    bool gone;              /* its record is only remembered: the connection does not exist any more */
    bool passive;           /* opened by a listener */
    bool accepted;          /* the application has it (active opens: always) */
    ConnId listener;        /* of a passively opened one */
    Endpoint local, remote; /* remote 0.0.0.0:0 while listening */
    Status error;           /* why it ended; STATUS_OK */
    Status soft_error;      /* trouble reported on the way that did not end it; STATUS_OK */
    Seq iss, irs;
    struct {
        Seq una, nxt, wl1, wl2, up;
        uint32_t wnd;
    } snd;
    struct {
        Seq nxt, up;
        uint32_t wnd;
    } rcv;
    Micros rto, srtt, rttvar; /* srtt 0: nothing measured yet */
    uint32_t cwnd, ssthresh, mss;
    uint32_t unread;                   /* bytes the application may take */
    uint32_t urgent;                   /* of them and of those to come, bytes up to the end of urgent data; 0: none */
    bool scaling, timestamps, sacking; /* what both sides' SYNs agreed on */
    uint8_t snd_shift, rcv_shift;
    uint32_t unsent, unacked; /* bytes handed over: not sent yet; sent but not acknowledged */
    uint32_t out_of_order;    /* bytes kept until a hole is filled */
    uint32_t pieces;          /* how many pieces those bytes are in; pieces_at tells where */
    struct {
        Seq left, right;
    } piece[LIMIT_REASSEMBLY];
    bool remote_closed; /* its FIN has been processed */
    bool fin_sent;
    uint32_t retransmissions;                  /* of the oldest unacknowledged segment */
    Micros timers[TIMER_COUNT];                /* when each fires; MICROS_NEVER: not running */
    Micros timer_lengths[TIMER_COUNT];         /* from start to deadline, for the arcs */
    uint32_t syn_queue, accept_queue, backlog; /* of a listener */
} ConnView;
/* Fills view. False: the handle is stale (its record serves another connection, or it does not exist at this point of
 * history). */
bool world_conn(const World *world, ConnId id, ConnView *view);
/* What a rule is for this connection: its own, or its host's. 0 where the handle is stale. */
int64_t world_conn_rule(const World *world, ConnId id, HostRule rule);
/* Walks the connections of a host in order of creation (HOST_NONE: of all hosts), those that are gone too: start with
 * CONN_NONE; returns CONN_NONE at the end. */
ConnId world_conn_after(const World *world, HostId host, ConnId id);
/* Copies up to `capacity` unread bytes; returns how many. Takes nothing. */
size_t world_peek(const World *world, ConnId id, uint8_t *bytes, size_t capacity);

typedef struct PacketView {
    PacketId id;
    HostId from, to;        /* HOST_NONE: no such host */
    ConnId conn;            /* the connection that sent it; CONN_NONE: RST from nowhere, or forged */
    Micros sent, due, dies; /* due: MICROS_NEVER while held */
    bool held, corrupted, forged;
    bool foreign;         /* a foreign host sent it: it has crossed the wire already */
    bool again;           /* a retransmission */
    uint32_t copy_of;     /* the number of the packet it duplicates; 0 */
    uint32_t event;       /* the event that sent it (EVENT_NONE) */
    const uint8_t *bytes; /* the datagram, valid until the next step */
    uint32_t length;
    DecodeResult decoded;
    Segment segment;
} PacketView;
uint32_t world_packets(const World *world); /* how many are in flight, held ones too */
/* Fills up to `capacity` handles, next to arrive first, held ones last; returns how many there are. */
size_t world_packet_list(const World *world, PacketId *ids, size_t capacity);
bool world_packet(const World *world, PacketId id, PacketView *view);

/* ---- The trace ---- */
typedef enum EventKind {
    EVENT_SEND,
    EVENT_DELIVER,
    EVENT_DROP,
    EVENT_DUP,
    EVENT_DELAY,
    EVENT_HOLD,
    EVENT_RELEASE,
    EVENT_CORRUPT,
    EVENT_EDIT,
    EVENT_INJECT,
    EVENT_STATE,
    EVENT_TIMER,
    EVENT_CALL,
    EVENT_ERROR,
    EVENT_ORACLE, /* an invariant is broken: see `rule` */
    EVENT_IGNORE, /* an arriving segment (or part of it) was not used: `rule` and `outcome` say why and what followed */
    EVENT_ACCEPT, /* an arriving segment (or part of it) was used: `outcome` says how */
    EVENT_SET,    /* a host rule, path rule, or new host */
    EVENT_KINDS
} EventKind;
const char *event_kind_name(EventKind kind); /* "send" */
const char *call_name(InputKind kind);       /* "connect"; the verb of any input */

typedef enum DropReason {
    DROP_NONE,
    DROP_USER,
    DROP_LOSS,
    DROP_LIFETIME,
    DROP_NO_HOST,
    DROP_CHECKSUM,
    DROP_MALFORMED,
    DROP_TOO_BIG,
    DROP_REASONS
} DropReason;
const char *drop_text(DropReason reason); /* "dropped by hand" */

/* What became of an arriving segment, or of a part of it. */
typedef enum Outcome {
    OUTCOME_NONE,
    OUTCOME_TAKEN,         /* used: its text (`value` bytes became readable), its FIN, its ACK */
    OUTCOME_KEPT,          /* kept until the bytes before it arrive, or until the connection is open */
    OUTCOME_WINDOW_UPDATE, /* nothing new but the window, which is now `value` */
    OUTCOME_DUPLICATE_ACK, /* the `value`th of the three that ask for a fast retransmit (RFC 5681 3.2) */
    OUTCOME_ANSWERED,      /* not used, but answered: with an ACK or a RST */
    OUTCOME_REFUSED,       /* not used, and not answered */
    OUTCOME_COUNT
} Outcome;
const char *outcome_name(Outcome outcome); /* "window update" */

#define EVENT_NONE UINT32_MAX
typedef struct Event {
    uint32_t index; /* its place in the trace, from 0 */
    uint32_t cause; /* the event that caused it; EVENT_NONE */
    uint32_t step;  /* how many inputs came before: events of one input share it */
    Micros time;
    EventKind kind;
    HostId host; /* where it happened; HOST_NONE for the path */
    ConnId conn;
    PacketId packet;
    RuleId rule;
    State from, to;    /* EVENT_STATE; otherwise both the connection's state */
    TimerKind timer;   /* EVENT_TIMER: what fired */
    InputKind call;    /* EVENT_CALL, EVENT_SET */
    Status error;      /* EVENT_ERROR */
    DropReason reason; /* EVENT_DROP */
    Outcome outcome;   /* EVENT_ACCEPT, EVENT_IGNORE */
    Endpoint src, dst; /* of the packet; otherwise local and remote of the connection */
    /* of the packet, where there is one */
    uint8_t flags;
    uint8_t icmp_type, icmp_code; /* an ICMP error: see icmp_text(); type 0: a segment */
    bool again;                   /* a retransmission */
    uint16_t window;
    Seq seq, ack;
    uint32_t data_length;
    Micros due;    /* send, dup, delay, inject, release: when it will arrive; MICROS_NEVER where held. EVENT_TIMER: how
                      long it had run */
    int64_t value; /* EVENT_CALL: bytes; EVENT_SET: the value; EVENT_DELAY: microseconds; EVENT_ACCEPT: see Outcome */
    uint16_t setting; /* EVENT_SET: HostRule or PathRule */
    uint32_t copy_of; /* EVENT_DUP: the number of the original */
} Event;

Trace *trace_new(void);
void trace_free(Trace *trace);
uint32_t trace_count(const Trace *trace);
/* NULL past the end. Valid until the trace changes. */
const Event *trace_at(const Trace *trace, uint32_t index);
/* The datagram of a packet event (as it was at that moment); NULL where the event has none. Valid until the trace
 * changes. */
const uint8_t *trace_bytes(const Trace *trace, uint32_t index, uint32_t *length);
/* Forgets events from `count` on. */
void trace_cut(Trace *trace, uint32_t count);

/* ---- The link: how a packet crosses from one host to another, see link/link.h ---- */
typedef struct Link {
    void *self;
    /* Sends `in` and receives it back into `out`; returns the bytes received, or -1 where the wire failed (said in
     * `error`). */
    ptrdiff_t (*carry)(void *self, const uint8_t *in, size_t length, uint8_t *out, size_t capacity, char *error,
                       size_t error_size);
    const char *kind; /* "raw" */
} Link;

/* ---- The session: a world with its history ---- */
typedef struct Session Session;

/* `link` NULL: the memory wire. The link is not owned. NULL: no memory. */
Session *session_new(const Config *config, const Link *link);
void session_free(Session *session);
/* Starts afresh with the same config and link: an empty history. Handles of before stay stale. */
Status session_reset(Session *session);
/* Changes the seed used by the next session_reset(). */
void session_seed(Session *session, uint64_t seed);

/* Does an input, after which it is the newest step: what was undone before is forgotten. Grows the world where it must.
 * On a raw link a delivered packet crosses the wire here. */
Status session_do(Session *session, const Input *input);
/* Why the link failed, after STATUS_LINK_FAILED. */
const char *session_link_error(const Session *session);
const char *session_wire(const Session *session); /* "raw" or "memory" */

const World *session_world(const Session *session); /* valid until the next change */
/* All events; those from session_events() on lie in a future that was undone. */
const Trace *session_trace(const Session *session);
uint32_t session_events(const Session *session);                   /* events up to now */
uint32_t session_step(const Session *session);                     /* how many inputs were done up to now */
uint32_t session_steps(const Session *session);                    /* with those that were undone */
uint32_t session_events_at(const Session *session, uint32_t step); /* events after the first `step` inputs */
const Input *session_input(const Session *session, uint32_t step); /* the input that makes step `step` (0-based) */
/* Changes whenever a new future replaces an undone one, or on reset: what was cached about the trace is void. */
uint32_t session_epoch(const Session *session);
/* Goes to the world after `step` inputs (0 .. session_steps). Status LIMIT_MEMORY, or BAD_ARGUMENT. Sends nothing. */
Status session_seek(Session *session, uint32_t step);

#endif
