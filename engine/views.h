/* views.h - looking at a world changes nothing. */
#ifndef TWOMSL_ENGINE_VIEWS_H
#define TWOMSL_ENGINE_VIEWS_H

#include "input.h"
#include "segment.h"

Micros world_now(const World *world);
uint64_t world_seed(const World *world);
int64_t world_path(const World *world, PathRule rule);
/* Something is in flight (not held), a retransmission or delayed ACK is pending, or a probe of a closed window or of a
 * silent peer waits for its answer. A peer that keeps its window closed and answers each probe keeps nobody busy. */
bool world_busy(const World *world);

typedef struct HostView {
    HostId id;
    char name[LIMIT_HOST_NAME + 1];
    Addr addr;
    bool foreign; /* its TCP is outside the world: no calls, no rules, no connections */
    int64_t rules[HOST_RULE_COUNT];
} HostView;
uint32_t world_hosts(const World *world);
bool world_host(const World *world, HostId id, HostView *view);
HostId world_host_by_addr(const World *world, Addr addr); /* HOST_NONE */

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
    uint32_t dup_acks;                 /* duplicate ACKs since the last that acknowledged something new */
    uint32_t unread;                   /* bytes the application may take */
    uint32_t urgent;                   /* of them and of those to come, bytes up to the end of urgent data; 0: none */
    bool scaling, timestamps, sacking; /* what both sides' SYNs agreed on */
    uint8_t snd_shift, rcv_shift;
    uint32_t unsent, unacked; /* bytes handed over: not sent yet; sent but not acknowledged */
    SendHold hold;            /* why what is not sent yet, text or a FIN, is not sent now */
    uint32_t out_of_order;    /* bytes kept until a hole is filled */
    uint32_t pieces;          /* how many pieces those bytes are in; pieces_at tells where */
    struct {
        Seq left, right;
    } piece[LIMIT_REASSEMBLY];
    uint32_t sacks; /* how many pieces of what is in flight the peer has acknowledged selectively, as SACK told it */
    struct {
        Seq left, right;
    } sack[LIMIT_REASSEMBLY];
    bool remote_closed; /* its FIN has been processed */
    bool fin_kept;      /* its FIN, number `fin`, has arrived beyond a hole */
    Seq fin;
    bool fin_sent;
    uint32_t retransmissions;                  /* of the oldest unacknowledged segment */
    Micros timers[TIMER_COUNT];                /* when each fires; MICROS_NEVER: not running */
    Micros timer_lengths[TIMER_COUNT];         /* from start to deadline, for the rings */
    uint32_t syn_queue, accept_queue, backlog; /* of a listener */
} ConnView;
/* Fills view. False: the handle is stale (its record serves another connection, or it does not exist at this point of
 * history). */
bool world_conn(const World *world, ConnId id, ConnView *view);
/* The event that started a timer that runs; EVENT_NONE: it does not. */
uint32_t world_timer_cause(const World *world, ConnId id, TimerKind timer);
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
/* When it arrives, MICROS_NEVER: it is held. False: it is not in flight. */
bool world_packet_due(const World *world, PacketId id, Micros *due);
/* Walks the packets in flight in no particular order: PACKET_NONE begins and ends. */
PacketId world_packet_after(const World *world, PacketId id);

#endif
