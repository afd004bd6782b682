/* history.c - what a long history takes: bytes, time as it grows, and going back in it. */
#include "bench.h"

#include "../../engine/engine.h"

#include <stdlib.h>
#include <string.h>

enum { PORT = 80, SEEKS = 40 };

typedef struct Exchange {
    Session *session;
    ConnId ends[2];
} Exchange;

static const Result *must(Session *session, const Input *input) {
    Status status = session_do(session, input);
    if (status != STATUS_OK) give_up(call_name(input->kind), status_text(status));
    return world_result(session_world(session));
}

static bool deliver(Session *session) {
    Input next;
    bool more = world_packets(session_world(session)) && world_next(session_world(session), &next);
    if (more) must(session, &next);
    return more;
}

static Exchange start(void) {
    Exchange e = {.session = session_new(&(Config){.seed = 1}, NULL)};
    if (!e.session) give_up("a session", status_text(STATUS_LIMIT_MEMORY));
    ConnId listener =
        must(e.session, &(Input){.kind = INPUT_LISTEN, .host = 1, .local = {.port = PORT}, .count = 5})->conn;
    HostView server;
    world_host(session_world(e.session), 1, &server);
    e.ends[0] = must(e.session, &(Input){.kind = INPUT_CONNECT, .host = 0, .remote = {server.addr, PORT}})->conn;
    while (deliver(e.session)) continue;
    e.ends[1] = must(e.session, &(Input){.kind = INPUT_ACCEPT, .conn = listener})->conn;
    return e;
}

/* A byte there and a byte back: one input. */
static void exchange_step(Exchange *e) {
    static const uint8_t byte = 'x';
    if (deliver(e->session)) return;
    for (int i = 0; i < 2; i++) {
        ConnView view;
        if (!world_conn(session_world(e->session), e->ends[i], &view) || !view.unread) continue;
        must(e->session, &(Input){.kind = INPUT_RECV, .conn = e->ends[i], .count = view.unread});
        return;
    }
    ConnId sender = e->ends[session_step(e->session) % 2];
    must(e->session, &(Input){.kind = INPUT_SEND, .conn = sender, .bytes = &byte, .length = 1});
}

static void wait_step(Exchange *e) {
    must(e->session, &(Input){.kind = INPUT_WAIT, .at = world_now(session_world(e->session)) + 1000});
}

static double slowest_seek(Session *session) {
    uint32_t steps = session_steps(session);
    double slowest = 0;
    for (uint32_t i = 0; i < SEEKS; i++) {
        double begin = seconds();
        Status status = session_seek(session, (uint32_t)((uint64_t)steps * (i * 37 % SEEKS) / SEEKS));
        if (status != STATUS_OK) give_up("going back", status_text(status));
        double took = seconds() - begin;
        if (took > slowest) slowest = took;
    }
    return slowest;
}

History history(uint32_t count, bool waits) {
    Exchange e = start();
    double begin = seconds(), middle = begin;
    for (uint32_t i = 0; i < count; i++) {
        if (i == count / 2) middle = seconds();
        if (waits) wait_step(&e);
        else exchange_step(&e);
    }
    double end = seconds();
    uint32_t events = session_events(e.session);
    if (!session_flights(e.session)) give_up("flights", status_text(STATUS_LIMIT_MEMORY));
    History result = {.bytes = (double)session_bytes(e.session) / count,
                      .seconds = end - begin,
                      .halves = (end - middle) / (middle - begin),
                      .flights = (seconds() - end) / events,
                      .seek = slowest_seek(e.session)};
    session_free(e.session);
    return result;
}

/* ---- What is left of a future, and files ---- */

typedef struct File {
    uint8_t *bytes;
    size_t length, room;
} File;

static bool write_file(void *self, const void *bytes, size_t length) {
    File *file = self;
    while (file->length + length > file->room) {
        file->room = file->room ? 2 * file->room : 1 << 16;
        file->bytes = realloc(file->bytes, file->room);
        if (!file->bytes) give_up("a file", status_text(STATUS_LIMIT_MEMORY));
    }
    memcpy(file->bytes + file->length, bytes, length);
    file->length += length;
    return true;
}

/* Leaves all but the first of the steps, whose events and worlds are forgotten. */
static double bytes_left(Exchange *e, uint32_t first) {
    if (session_seek(e->session, first) != STATUS_OK) give_up("going back", status_text(STATUS_LIMIT_MEMORY));
    wait_step(e);
    return (double)session_bytes(e->session);
}

Left left_future(uint32_t count) {
    Exchange e = start(), bare = start();
    LoadReport report;
    uint32_t first = session_step(e.session);
    double begin = seconds();
    for (uint32_t i = 0; i < count; i++) exchange_step(&e);
    double made = seconds() - begin;
    double kept = bytes_left(&e, first) - bytes_left(&bare, first);
    Left result = {.branch = kept / count};
    Branch branch;
    begin = seconds();
    if (!session_branch(e.session, 0, &branch) || session_go_to_branch(e.session, branch.number) != STATUS_OK)
        give_up("going to a branch", status_text(STATUS_LIMIT_MEMORY));
    result.go = (seconds() - begin) / made;
    File file = {NULL, 0, 0};
    begin = seconds();
    if (!session_save(e.session, write_file, &file)) give_up("saving", "refused");
    result.save = seconds() - begin;
    result.file = (double)file.length / count;
    begin = seconds();
    if (!session_load(bare.session, file.bytes, file.length, &report)) give_up("loading", "refused");
    result.load = seconds() - begin;
    free(file.bytes);
    session_free(e.session);
    session_free(bare.session);
    return result;
}
