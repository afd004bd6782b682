/* stage_lab.h - the moments the window's tests look at, each reached by inputs. */
#ifndef TWOMSL_STAGE_LAB_H
#define TWOMSL_STAGE_LAB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../engine/engine.h"

static inline void act(Session *session, Input input) {
    Status status = session_do(session, &input);
    if (status == STATUS_OK) return;
    fprintf(stderr, "%s: %s\n", call_name(input.kind), status_text(status));
    abort();
}

static inline bool step(Session *session) {
    Input next;
    if (!world_next(session_world(session), &next)) return false;
    act(session, next);
    return true;
}

static inline void steps(Session *session, int count) {
    for (int i = 0; i < count; i++) step(session);
}

static inline void run(Session *session) {
    for (int i = 0; i < 1000 && world_busy(session_world(session)); i++) step(session);
}

static inline PacketId packet(const Session *session, size_t index) {
    PacketId ids[32] = {{0, 0}};
    world_packet_list(session_world(session), ids, 32);
    return ids[index];
}

/* The youngest connection of a host. */
static inline ConnId conn(const Session *session, HostId host) {
    ConnId last = CONN_NONE;
    for (ConnId id = CONN_NONE; conn_is(id = world_conn_after(session_world(session), host, id));) last = id;
    return last;
}

static inline void do_conn(Session *session, InputKind kind, ConnId id, const char *bytes) {
    uint32_t length = bytes ? (uint32_t)strlen(bytes) : 0;
    act(session, (Input){.kind = kind, .conn = id, .bytes = (const uint8_t *)bytes, .length = length, .count = 4096});
}

static inline void do_packet(Session *session, InputKind kind, size_t index) {
    act(session, (Input){.kind = kind, .packet = packet(session, index), .count = CORRUPT_ANYWHERE});
}

static inline void lab_listen(Session *session) {
    act(session, (Input){.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 5});
}

static inline void lab_connect(Session *session) {
    act(session, (Input){.kind = INPUT_CONNECT, .host = 0, .local = {.port = 7777}, .remote = {{0x7f000002}, 80}});
}

static inline Session *lab_new_session(void) {
    const Config config = {.seed = 7};
    Session *session = session_new(&config, NULL);
    if (!session) abort();
    return session;
}

static inline void lab_empty(Session *session) { (void)session; }

static inline void lab_syn(Session *session) {
    lab_listen(session);
    lab_connect(session);
}

static inline void lab_open(Session *session) {
    lab_syn(session);
    run(session);
}

static inline void lab_data(Session *session) {
    lab_open(session);
    do_conn(session, INPUT_SEND, conn(session, 0), "hello, world");
    run(session);
}

static inline void lab_time_wait(Session *session) {
    lab_open(session);
    do_conn(session, INPUT_CLOSE, conn(session, 0), NULL);
    run(session);
    do_conn(session, INPUT_CLOSE, conn(session, 1), NULL);
    run(session);
}

static inline void lab_closed(Session *session) {
    lab_time_wait(session);
    step(session);
}

static inline void lab_simultaneous(Session *session) {
    act(session, (Input){.kind = INPUT_CONNECT, .host = 0, .local = {.port = 7777}, .remote = {{0x7f000002}, 8888}});
    act(session, (Input){.kind = INPUT_CONNECT, .host = 1, .local = {.port = 8888}, .remote = {{0x7f000001}, 7777}});
}

static inline void lab_simultaneous_open(Session *session) {
    lab_simultaneous(session);
    run(session);
}

/* Both ends close at once: the FINs cross. */
static inline void lab_simultaneous_close(Session *session) {
    lab_open(session);
    do_conn(session, INPUT_CLOSE, conn(session, 0), NULL);
    do_conn(session, INPUT_CLOSE, conn(session, 1), NULL);
    run(session);
}

static inline void lab_rough(Session *session) {
    lab_syn(session);
    steps(session, 2);
    do_packet(session, INPUT_DROP, 0);
    step(session);
    do_packet(session, INPUT_DUP, 0);
    do_packet(session, INPUT_HOLD, 0);
    do_packet(session, INPUT_CORRUPT, 0);
}

static inline void lab_corrupt(Session *session) {
    lab_rough(session);
    step(session);
}

static inline void lab_refused(Session *session) {
    lab_connect(session);
    run(session);
}

static inline void lab_self(Session *session) {
    act(session, (Input){.kind = INPUT_CONNECT, .host = 0, .local = {.port = 50000}, .remote = {{0x7f000001}, 50000}});
    run(session);
}

static inline void lab_burst(Session *session) {
    char bytes[8001];
    memset(bytes, 'x', sizeof bytes - 1);
    bytes[sizeof bytes - 1] = 0;
    lab_open(session);
    do_conn(session, INPUT_SEND, conn(session, 0), bytes);
    steps(session, 2);
}

static inline void lab_long(Session *session) {
    lab_open(session);
    while (session_events(session) < 220) {
        do_conn(session, INPUT_SEND, conn(session, 0), "over and over");
        run(session);
    }
}

static inline void lab_past(Session *session) {
    lab_closed(session);
    session_seek(session, session_steps(session) - 4);
}

/* A long time without events that is no timer's. */
static inline void lab_half_closed(Session *session) {
    lab_open(session);
    do_conn(session, INPUT_CLOSE, conn(session, 0), NULL);
    run(session);
    act(session, (Input){.kind = INPUT_WAIT, .at = world_now(session_world(session)) + 300 * MICROS_PER_SECOND});
    do_conn(session, INPUT_CLOSE, conn(session, 1), NULL);
    step(session);
}

/* An ICMP error about A's SYN, while the SYN is still in flight. */
static inline void lab_icmp(Session *session) {
    lab_connect(session);
    PacketView view;
    world_packet(session_world(session), packet(session, 0), &view);
    const Icmp icmp = {.src = {0x7f000002},
                       .dst = {0x7f000001},
                       .type = ICMP_UNREACHABLE,
                       .code = 3,
                       .about_src = view.segment.src,
                       .about_dst = view.segment.dst,
                       .about_seq = view.segment.seq};
    uint8_t bytes[128];
    size_t length = icmp_encode(&icmp, bytes, sizeof bytes);
    act(session, (Input){.kind = INPUT_INJECT, .bytes = bytes, .length = (uint32_t)length, .value = -1});
}

static inline void lab_icmp_arrived(Session *session) {
    lab_icmp(session);
    steps(session, 2);
}

/* As many hosts as the ladder shows, with names as long as they may be. */
static inline void lab_crowd(Session *session) {
    static const char *const names[] = {"WideWebWorkshop", "MMMMMMMMMMMMMMM", "d", "e"};
    lab_listen(session);
    for (HostId host = 2; host < 6; host++) {
        const char *name = names[host - 2];
        act(session, (Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)name, .length = (uint32_t)strlen(name)});
    }
    for (HostId host = 5; host >= 2; host--)
        act(session, (Input){.kind = INPUT_CONNECT, .host = host, .remote = {{0x7f000002}, 80}});
    steps(session, 6);
}

/* More connections than anything shows at once, each in a state of its own. */
static inline void lab_many(Session *session) {
    act(session, (Input){.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 64});
    for (int i = 0; i < 40; i++) {
        act(session, (Input){.kind = INPUT_CONNECT, .host = 0, .remote = {{0x7f000002}, 80}});
        if (i % 4 == 0) run(session);
        if (i % 8 == 0) do_conn(session, INPUT_CLOSE, conn(session, 0), NULL);
    }
    steps(session, 6);
}

/* So many connections open at once: as many SYNs are in flight. Up to 60,000. */
static inline void lab_load(Session *session, int count) {
    act(session, (Input){.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = LIMIT_BACKLOG});
    for (int i = 0; i < count; i++)
        act(session, (Input){.kind = INPUT_CONNECT,
                             .host = 0,
                             .local = {.port = (uint16_t)(1024 + i)},
                             .remote = {{0x7f000002}, 80}});
}

typedef struct Moment {
    const char *name;
    void (*reach)(Session *session);
    double approach; /* on the way to the last step */
} Moment;

static const Moment moments[] = {
    {"empty", lab_empty, 0},
    {"syn", lab_syn, 0},
    {"open", lab_open, 0},
    {"opening", lab_open, 0.5},
    {"data", lab_data, 0},
    {"time wait", lab_time_wait, 0},
    {"closed", lab_closed, 0},
    {"closing", lab_closed, 0.4},
    {"simultaneous", lab_simultaneous, 0},
    {"simultaneous open", lab_simultaneous_open, 0},
    {"simultaneous close", lab_simultaneous_close, 0},
    {"rough", lab_rough, 0},
    {"corrupt", lab_corrupt, 0},
    {"refused", lab_refused, 0},
    {"self", lab_self, 0},
    {"burst", lab_burst, 0},
    {"burst arriving", lab_burst, 0.3},
    {"long", lab_long, 0},
    {"past", lab_past, 0},
    {"half closed", lab_half_closed, 0},
    {"icmp", lab_icmp, 0},
    {"icmp arrived", lab_icmp_arrived, 0},
    {"crowd", lab_crowd, 0},
    {"many", lab_many, 0},
    {"many arriving", lab_many, 0.6},
};
enum { MOMENTS = sizeof moments / sizeof *moments };

#endif
