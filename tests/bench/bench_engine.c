/* bench_engine.c - how fast the engine is: connections and bytes per second over memory, one line per figure.
 *
 *   bench_engine [SCALE]     SCALE 1 by default; smaller is shorter, as in the smoke run of the tests
 *
 * Not a timed test: the figures are for people, the exit status only says whether everything was carried.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../engine/engine.h"

enum { PORT = 80, CHUNK = 65535 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what, Status status) {
    fprintf(stderr, "bench_engine: %s: %s\n", what, status_text(status));
    exit(1);
}

static unsigned long steps;

/* One input that must be accepted. */
static const Result *must(World *world, const Input *input, Trace *trace, const char *what) {
    Status status = world_step(world, input, trace);
    if (status != STATUS_OK) fail(what, status);
    steps++;
    return world_result(world);
}

/* Lets everything happen that is due, until nothing is busy, or (all) until nothing is left at all. */
static void pump(World *world, Trace *trace, bool all) {
    Input next;
    while ((all || world_busy(world)) && world_next(world, &next)) must(world, &next, trace, "a step");
}

static ConnId listen_at(World *world) {
    Input input = {.kind = INPUT_LISTEN, .host = 1, .local = {.port = PORT}, .count = 5, .close_on_fin = true};
    return must(world, &input, NULL, "listen")->conn;
}

static ConnId connect_to(World *world, Trace *trace) {
    Input input = {.kind = INPUT_CONNECT, .host = 0, .remote = {.addr = 0x7f000002, .port = PORT}};
    return must(world, &input, trace, "connect")->conn;
}

static ConnId accept_from(World *world, Trace *trace, ConnId listener) {
    Input input = {.kind = INPUT_ACCEPT, .conn = listener};
    return must(world, &input, trace, "accept")->conn;
}

/* A full send buffer takes nothing. */
static uint32_t send_bytes(World *world, Trace *trace, ConnId conn, const uint8_t *bytes, uint32_t length) {
    Input input = {.kind = INPUT_SEND, .conn = conn, .bytes = bytes, .length = length};
    Status status = world_step(world, &input, trace);
    if (status == STATUS_NO_RESOURCES) return 0;
    if (status != STATUS_OK) fail("send", status);
    steps++;
    return world_result(world)->count;
}

static uint32_t take_all(World *world, Trace *trace, ConnId conn, uint8_t *bytes) {
    size_t unread = world_peek(world, conn, bytes, CHUNK);
    if (unread == 0) return 0;
    Input input = {.kind = INPUT_RECV, .conn = conn, .count = (uint32_t)unread};
    return must(world, &input, trace, "recv")->count;
}

/* Open, one byte each way, close from the client; the clock runs through TIME_WAIT. */
static void one_connection(World *world, Trace *trace, ConnId listener) {
    uint8_t byte = 'x', got[CHUNK];
    ConnId client = connect_to(world, trace);
    pump(world, trace, false);
    ConnId server = accept_from(world, trace, listener);
    send_bytes(world, trace, client, &byte, 1);
    pump(world, trace, false);
    if (take_all(world, trace, server, got) != 1) fail("the server's byte", STATUS_NOTHING_YET);
    send_bytes(world, trace, server, &byte, 1);
    pump(world, trace, false);
    if (take_all(world, trace, client, got) != 1) fail("the client's byte", STATUS_NOTHING_YET);
    Input close = {.kind = INPUT_CLOSE, .conn = client};
    must(world, &close, trace, "close");
    pump(world, trace, true);
}

static void bench_connections(unsigned long count, bool traced) {
    World *world = world_new(&(Config){.seed = 1, .store = 1 << 20});
    if (!world) fail("a world", STATUS_LIMIT_MEMORY);
    ConnId listener = listen_at(world);
    Trace *trace = traced ? trace_new() : NULL;
    steps = 0;
    double start = seconds();
    for (unsigned long i = 0; i < count; i++) {
        one_connection(world, trace, listener);
        if (trace) trace_cut(trace, 0);
    }
    double took = seconds() - start;
    printf("connections%s: %.0f /s, %.0f steps/s (%lu connections, %.1f steps each)\n", traced ? ", traced" : "", (double)count / took,
           (double)steps / took, count, (double)steps / (double)count);
    trace_free(trace);
    world_free(world);
}

/* One direction, as much as the buffers take, a reader that takes everything at once. */
static void bench_bulk(unsigned long bytes) {
    static uint8_t data[CHUNK], got[CHUNK];
    World *world = world_new(&(Config){.seed = 1, .packets = 1024, .store = 1 << 22});
    if (!world) fail("a world", STATUS_LIMIT_MEMORY);
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7);
    ConnId listener = listen_at(world);
    ConnId client = connect_to(world, NULL);
    pump(world, NULL, false);
    ConnId server = accept_from(world, NULL, listener);
    unsigned long sent = 0, received = 0;
    steps = 0;
    double start = seconds();
    while (received < bytes) {
        if (sent < bytes) sent += send_bytes(world, NULL, client, data, (uint32_t)(bytes - sent < CHUNK ? bytes - sent : CHUNK));
        Input next;
        if (!world_next(world, &next)) fail("bulk stands still", STATUS_NOTHING_YET);
        must(world, &next, NULL, "a step of bulk");
        received += take_all(world, NULL, server, got);
    }
    double took = seconds() - start;
    printf("bulk: %.1f MB/s, %.0f steps/s (%lu bytes)\n", (double)bytes / took / 1e6, (double)steps / took, bytes);
    world_free(world);
}

static void bench_copy(unsigned long count) {
    World *world = world_new(&(Config){.seed = 1, .store = 1 << 20});
    if (!world) fail("a world", STATUS_LIMIT_MEMORY);
    listen_at(world);
    connect_to(world, NULL);
    pump(world, NULL, false);
    uint64_t mixed = 0;
    double start = seconds();
    for (unsigned long i = 0; i < count; i++) {
        World *copy = world_copy(world);
        if (!copy) fail("a copy", STATUS_LIMIT_MEMORY);
        mixed += world_digest(copy);
        world_free(copy);
    }
    double took = seconds() - start;
    printf("copy and digest: %.0f /s (%zu bytes a world)\n", (double)count / took, world_bytes(world));
    if (mixed != world_digest(world) * count) fail("a copy with another digest", STATUS_BAD_ARGUMENT);
    world_free(world);
}

int main(int argc, char **argv) {
    double scale = argc > 1 ? strtod(argv[1], NULL) : 1;
    if (scale <= 0 || scale > 1000) {
        fprintf(stderr, "bench_engine: SCALE is a number above 0, at most 1000\n");
        return 2;
    }
    bench_connections((unsigned long)(20000 * scale) + 1, false);
    bench_connections((unsigned long)(20000 * scale) + 1, true);
    bench_bulk((unsigned long)(50e6 * scale) + 1);
    bench_copy((unsigned long)(100000 * scale) + 1);
    return 0;
}
