/* bench_loads.c - great loads: what one connection, packet or byte takes among many, and among ten times as many.
 *
 *   bench_loads [SCALE]     SCALE 1: up to 100,000 connections, 1,000,000 packets in flight, 100 MB
 *
 * Linear time and memory make the ratio about 1, quadratic ones 10; caches that are too small make it up to 2. The exit
 * status is 1 where a ratio is larger than RATIO_MOST. */
#include <stdio.h>
#include <stdlib.h>

#include "../../engine/engine.h"
#include "bench.h"

enum { PORT = 80, PORT_CONNS = 10000, CHUNK = 65535, TRIES = 3, RATIO_MOST = 3 };

typedef struct Load {
    double seconds, bytes; /* of each */
} Load;

static Session *begin(void) {
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    if (!session) give_up("a session", status_text(STATUS_LIMIT_MEMORY));
    return session;
}

static const Result *must(Session *session, const Input *input) {
    Status status = session_do(session, input);
    if (status != STATUS_OK) give_up(call_name(input->kind), status_text(status));
    return world_result(session_world(session));
}

static void drain(Session *session) {
    Input next;
    while (world_busy(session_world(session)) && world_next(session_world(session), &next)) must(session, &next);
}

static ConnId listen_on(Session *session, uint16_t port) {
    Input input = {.kind = INPUT_LISTEN, .host = 1, .local = {.port = port}, .count = LIMIT_BACKLOG};
    return must(session, &input)->conn;
}

static ConnId connect_to(Session *session, uint16_t port) {
    HostView server;
    world_host(session_world(session), 1, &server);
    return must(session, &(Input){.kind = INPUT_CONNECT, .host = 0, .remote = {server.addr, port}})->conn;
}

static Load finish(Session *session, double start, uint32_t count) {
    Load load = {(seconds() - start) / count, (double)session_bytes(session) / count};
    session_free(session);
    return load;
}

/* ---- The loads ---- */

/* `count` connections are opened, each is found by its place, sends a byte and is aborted. */
static Load connections(uint32_t count) {
    double start = seconds();
    Session *session = begin();
    HostConns conns;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t port = (uint16_t)(PORT + i / PORT_CONNS);
        if (i % PORT_CONNS == 0) listen_on(session, port);
        connect_to(session, port);
    }
    drain(session);
    for (uint32_t i = 0; i < count; i++) {
        if (!session_conns(session, 0, &conns) || conns.count != count) give_up("connections", "not all are there");
        must(session, &(Input){.kind = INPUT_SEND, .conn = conns.ids[i], .bytes = (const uint8_t *)"x", .length = 1});
    }
    drain(session);
    for (uint32_t i = count; i-- > 0 && session_conns(session, 0, &conns);)
        must(session, &(Input){.kind = INPUT_ABORT, .conn = conns.ids[i]});
    drain(session);
    return finish(session, start, count);
}

/* `count` packets are in flight, each is found by its place, and all are dropped in no particular order. */
static Load packets(uint32_t count) {
    double start = seconds();
    Session *session = begin();
    PacketId id;
    connect_to(session, PORT);
    session_packets(session, 0, &id, 1);
    for (uint32_t i = 1; i < count; i++) must(session, &(Input){.kind = INPUT_DUP, .packet = id});
    for (uint32_t i = 0; i < count; i++)
        if (session_packets(session, i, &id, 1) != 1) give_up("packets", "not all are there");
    for (uint32_t left = count; left > 0; left--) {
        if (session_packets(session, (uint32_t)(count * UINT64_C(2654435761) / (left + 1) % left), &id, 1) != 1)
            give_up("packets", "not all are there");
        must(session, &(Input){.kind = INPUT_DROP, .packet = id});
    }
    return finish(session, start, count);
}

static uint8_t chunk[CHUNK];

/* One connection carries `count` bytes. */
static Load bulk(uint32_t count) {
    double start = seconds();
    Session *session = begin();
    ConnId listener = listen_on(session, PORT), client = connect_to(session, PORT);
    drain(session);
    ConnId server = must(session, &(Input){.kind = INPUT_ACCEPT, .conn = listener})->conn;
    for (uint32_t sent = 0; sent < count;) {
        uint32_t length = count - sent < CHUNK ? count - sent : CHUNK;
        sent += must(session, &(Input){.kind = INPUT_SEND, .conn = client, .bytes = chunk, .length = length})->count;
        drain(session);
        ConnView view;
        if (world_conn(session_world(session), server, &view) && view.unread)
            must(session, &(Input){.kind = INPUT_RECV, .conn = server, .count = view.unread});
    }
    return finish(session, start, count);
}

/* ---- The report ---- */

static Load best(Load (*load)(uint32_t count), uint32_t count, int tries) {
    Load least = load(count);
    while (--tries > 0) {
        Load again = load(count);
        if (again.seconds < least.seconds) least = again;
    }
    return least;
}

/* One line; false where time or memory grow faster than the load. */
static bool report(const char *what, Load (*load)(uint32_t count), double count, double scale) {
    uint32_t few = (uint32_t)(count * scale / 10) + 1, many = 10 * few;
    Load one = best(load, few, TRIES), ten = best(load, many, scale < 1 ? TRIES : 1);
    double slower = ten.seconds / one.seconds, larger = ten.bytes / one.bytes;
    bool linear = slower <= RATIO_MOST && larger <= RATIO_MOST;
    printf("%-12s %9u: %8.0f ns each, %7.1f bytes; among %9u: %.2f times as long, %.2f times as large%s\n", what, many,
           ten.seconds * 1e9, ten.bytes, few, slower, larger, linear ? "" : "  NOT LINEAR");
    fflush(stdout);
    return linear;
}

int main(int argc, char **argv) {
    double scale = argc > 1 ? strtod(argv[1], NULL) : 1;
    if (!(scale > 0 && scale <= 1) || argc > 2) {
        fprintf(stderr, "usage: bench_loads [SCALE]: a number above 0, at most 1\n");
        return 2;
    }
    bool linear = report("connections", connections, 1e5, scale);
    linear &= report("packets", packets, LIMIT_PACKETS - 20, scale);
    linear &= report("bytes", bulk, 100e6, scale);
    return linear ? 0 : 1;
}
