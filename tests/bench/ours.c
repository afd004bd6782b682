/* ours.c - the engine at work: everything goes through world_step(). */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include "../../engine/engine.h"

enum { PORT = 80, CHUNK = 65535, TRACE_MOST = 1 << 16 };

typedef struct Lab {
    World *world;
    Trace *trace; /* NULL: none */
    ConnId listener;
    uint64_t delivered;
    uint8_t *got; /* what the application took last */
} Lab;

static const Result *must(Lab *lab, const Input *input, const char *what) {
    Status status = world_step(lab->world, input, lab->trace);
    if (status != STATUS_OK) give_up(what, status_text(status));
    lab->delivered += input->kind == INPUT_DELIVER;
    return world_result(lab->world);
}

static Lab lab_open(uint32_t conns, uint32_t packets, uint32_t store, bool traced) {
    Lab lab = {.world = world_new(&(Config){.seed = 1, .conns = conns, .packets = packets, .store = store}),
               .got = malloc(CHUNK)};
    if (traced) lab.trace = trace_new();
    if (!lab.world || !lab.got || (traced && !lab.trace)) give_up("a world", status_text(STATUS_LIMIT_MEMORY));
    Input input = {
        .kind = INPUT_LISTEN, .host = 1, .local = {.port = PORT}, .count = LIMIT_BACKLOG, .close_on_fin = true};
    lab.listener = must(&lab, &input, "listen")->conn;
    return lab;
}

static void lab_close(Lab *lab) {
    trace_free(lab->trace);
    world_free(lab->world);
    free(lab->got);
}

/* Discards events before they fill the memory. */
static void keep_trace_short(Lab *lab) {
    if (lab->trace && trace_count(lab->trace) > TRACE_MOST) trace_cut(lab->trace, 0);
}

static bool next(Lab *lab) {
    Input input;
    if (!world_next(lab->world, &input)) return false;
    must(lab, &input, "a step");
    keep_trace_short(lab);
    return true;
}

/* Delivers all that is in flight, and what follows from it. */
static void drain(Lab *lab) {
    while (world_packets(lab->world) > 0 && next(lab)) continue;
}

static ConnId connect_one(Lab *lab) {
    Input input = {.kind = INPUT_CONNECT, .host = 0, .remote = {.addr = {0x7f000002}, .port = PORT}};
    return must(lab, &input, "connect")->conn;
}

static ConnId accept_one(Lab *lab) {
    Input input = {.kind = INPUT_ACCEPT, .conn = lab->listener};
    return must(lab, &input, "accept")->conn;
}

/* A full send buffer takes nothing. */
static uint32_t send_some(Lab *lab, ConnId conn, const uint8_t *bytes, uint32_t length) {
    Input input = {.kind = INPUT_SEND, .conn = conn, .bytes = bytes, .length = length};
    Status status = world_step(lab->world, &input, lab->trace);
    if (status == STATUS_NO_RESOURCES) return 0;
    if (status != STATUS_OK) give_up("send", status_text(status));
    return world_result(lab->world)->count;
}

static uint32_t take_all(Lab *lab, ConnId conn) {
    size_t unread = world_peek(lab->world, conn, lab->got, CHUNK);
    if (unread == 0) return 0;
    Input input = {.kind = INPUT_RECV, .conn = conn, .count = (uint32_t)unread};
    return must(lab, &input, "recv")->count;
}

static void take_byte(Lab *lab, ConnId conn) {
    if (take_all(lab, conn) != 1) give_up("a byte that was sent", status_text(STATUS_NOTHING_YET));
}

/* ---- Connections ---- */

static void open_all(Lab *lab, ConnId *clients, ConnId *servers, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) clients[i] = connect_one(lab);
    drain(lab);
    for (uint32_t i = 0; i < count; i++) servers[i] = accept_one(lab);
}

static void exchange(Lab *lab, const ConnId *clients, const ConnId *servers, uint32_t count) {
    const uint8_t byte = 'x';
    for (uint32_t i = 0; i < count; i++) send_some(lab, clients[i], &byte, 1);
    drain(lab);
    for (uint32_t i = 0; i < count; i++) {
        take_byte(lab, servers[i]);
        send_some(lab, servers[i], &byte, 1);
        keep_trace_short(lab);
    }
    drain(lab);
    for (uint32_t i = 0; i < count; i++) take_byte(lab, clients[i]);
}

/* The clients close, TIME_WAIT passes, nothing is left. */
static void close_all(Lab *lab, const ConnId *clients, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) must(lab, &(Input){.kind = INPUT_CLOSE, .conn = clients[i]}, "close");
    while (next(lab)) continue;
}

static ConnId *handles(uint32_t count) {
    ConnId *ids = malloc(count * sizeof *ids);
    if (!ids) give_up("handles", status_text(STATUS_LIMIT_MEMORY));
    return ids;
}

static Took connections(uint32_t at_once, uint32_t rounds, bool traced) {
    Lab lab = lab_open(2 * at_once + 14, at_once + 64, (1u << 20) + at_once * 2048, traced);
    ConnId *clients = handles(at_once), *servers = handles(at_once);
    double start = seconds();
    for (uint32_t i = 0; i < rounds; i++) {
        open_all(&lab, clients, servers, at_once);
        exchange(&lab, clients, servers, at_once);
        close_all(&lab, clients, at_once);
    }
    Took took = {seconds() - start, lab.delivered};
    free(clients);
    free(servers);
    lab_close(&lab);
    return took;
}

/* ---- Bulk ---- */

static Took bulk(uint64_t bytes, bool traced) {
    Lab lab = lab_open(0, 256, 1 << 20, traced);
    static uint8_t data[CHUNK];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7);
    ConnId client, server;
    open_all(&lab, &client, &server, 1);
    uint64_t sent = 0, received = 0;
    lab.delivered = 0;
    double start = seconds();
    while (received < bytes) {
        if (sent < bytes)
            sent += send_some(&lab, client, data, (uint32_t)(bytes - sent < CHUNK ? bytes - sent : CHUNK));
        if (!next(&lab)) give_up("bulk stands still", status_text(STATUS_NOTHING_YET));
        received += take_all(&lab, server);
    }
    Took took = {seconds() - start, lab.delivered};
    lab_close(&lab);
    return took;
}

/* ---- Memory ---- */

static double memory(uint32_t count, uint32_t queued) {
    Lab lab = lab_open(2 * count + 14, 64, (1u << 16) + count * 2 * (1024 + 4 * queued), false);
    ConnId *clients = handles(count), *servers = handles(count);
    uint8_t *data = calloc(1, queued + 1);
    if (!data) give_up("bytes", status_text(STATUS_LIMIT_MEMORY));
    ConnId first[2];
    open_all(&lab, first, first + 1, 1); /* what a first connection takes once is not counted */
    exchange(&lab, first, first + 1, 1);
    size_t before = world_bytes(lab.world);
    for (uint32_t i = 0; i < count; i++) {
        open_all(&lab, clients + i, servers + i, 1);
        exchange(&lab, clients + i, servers + i, 1);
        if (!queued) continue;
        send_some(&lab, clients[i], data, queued);
        send_some(&lab, servers[i], data, queued);
        while (world_busy(lab.world)) next(&lab);
    }
    double each = (double)(world_bytes(lab.world) - before) / (2.0 * count);
    free(data);
    free(clients);
    free(servers);
    lab_close(&lab);
    return each;
}

const Stack ours = {"twomsl", connections, bulk, memory};

/* ---- Copies ---- */

double copies(uint32_t count, bool step, uint64_t *bytes) {
    Lab lab = lab_open(0, 0, 0, false);
    ConnId client, server;
    open_all(&lab, &client, &server, 1);
    exchange(&lab, &client, &server, 1);
    Input close = {.kind = INPUT_CLOSE, .conn = client};
    uint64_t mixed = 0, digest = 0;
    world_remember(lab.world);
    *bytes = world_bytes(lab.world);
    double start = seconds();
    for (uint32_t i = 0; i < count; i++) {
        World *copy = world_copy(lab.world);
        if (!copy) give_up("a copy", status_text(STATUS_LIMIT_MEMORY));
        if (step && world_step(copy, &close, NULL) != STATUS_OK) give_up("copies", "one cannot close");
        if (step) world_remember(copy); /* as a search would, for the copies of this one */
        digest = world_digest(copy);
        mixed += digest;
        world_free(copy);
    }
    double took = seconds() - start;
    if (mixed != digest * count) give_up("copies", "one has another digest");
    lab_close(&lab);
    return count / took;
}
