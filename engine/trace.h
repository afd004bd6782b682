/* trace.h - the events that steps append, and the datagrams they are about. */
#ifndef TWOMSL_ENGINE_TRACE_H
#define TWOMSL_ENGINE_TRACE_H

#include "input.h"
#include "tcp/seq.h"

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
    EVENT_SET,    /* a host rule, path rule, or new host; an order given or cancelled */
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
    DROP_ORDER,
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
    int64_t value; /* EVENT_CALL: bytes; EVENT_SET: the value (of INPUT_ORDER: what the order does; of INPUT_CANCEL: how
                      many packets had met its conditions); EVENT_DELAY: microseconds; EVENT_ACCEPT: see Outcome */
    uint32_t setting; /* EVENT_SET: HostRule or PathRule, or the number of an order; so too of what an order did
                         (RULE_PATH_ORDER) */
    uint32_t copy_of; /* EVENT_DUP: the number of the original */
} Event;

/* The same happened in two traces: equal in everything but index, cause and step. */
bool event_alike(const Event *a, const Event *b);

Trace *trace_new(void);
void trace_free(Trace *trace);
uint32_t trace_count(const Trace *trace);
/* Past the end: an event whose index is EVENT_NONE. */
Event trace_at(const Trace *trace, uint32_t index);
/* The datagram of a packet event (as it was at that moment); NULL where the event has none. Valid until the trace
 * changes. */
const uint8_t *trace_bytes(const Trace *trace, uint32_t index, uint32_t *length);
/* Bytes of memory it takes. */
size_t trace_size(const Trace *trace);
/* Forgets events from `count` on. */
void trace_cut(Trace *trace, uint32_t count);

#endif
