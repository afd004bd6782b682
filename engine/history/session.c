/* session.c - a world with its history: inputs done and undone, snapshots, and the wire that packets cross. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

enum {
    SNAPSHOT_STEPS = 128,       /* steps between snapshots; worlds between are made by doing inputs again */
    SNAPSHOT_SHARE = 4096,      /* large worlds less often: at most so many bytes are copied per step, on average */
    SNAPSHOT_BYTES = 128 << 20, /* beyond this, every second snapshot is freed */
    LINK_ERROR = 256
};

typedef struct Snapshot {
    uint32_t step;
    World *world;
} Snapshot;

struct Session {
    Config config;
    Link link;
    bool linked;
    World *world;
    Trace *trace;
    Flights *flights;
    Journal journal;
    uint32_t step; /* inputs done up to now */
    uint32_t serial, epoch;
    Snapshot *snapshots; /* by step; the first is the beginning */
    uint32_t snapshot_count, snapshot_capacity, snapshot_every;
    size_t snapshot_bytes;
    char link_error[LINK_ERROR];
};

/* ---- Snapshots ---- */

static void cut_snapshots(Session *session, uint32_t step) {
    while (session->snapshot_count > 0 && session->snapshots[session->snapshot_count - 1].step > step) {
        World *world = session->snapshots[--session->snapshot_count].world;
        session->snapshot_bytes -= world_bytes(world);
        world_free(world);
    }
}

static void thin_snapshots(Session *session) {
    uint32_t kept = 1;
    session->snapshot_every *= 2;
    for (uint32_t i = 1; i < session->snapshot_count; i++) {
        Snapshot snapshot = session->snapshots[i];
        if (snapshot.step % session->snapshot_every == 0) {
            session->snapshots[kept++] = snapshot;
            continue;
        }
        session->snapshot_bytes -= world_bytes(snapshot.world);
        world_free(snapshot.world);
    }
    session->snapshot_count = kept;
}

static bool keep_snapshot(Session *session) {
    if (session->snapshot_count == session->snapshot_capacity) {
        uint32_t capacity = session->snapshot_capacity ? session->snapshot_capacity * 2 : 16;
        Snapshot *snapshots = realloc(session->snapshots, capacity * sizeof *snapshots);
        if (!snapshots) return false;
        session->snapshots = snapshots;
        session->snapshot_capacity = capacity;
    }
    World *copy = world_copy(session->world);
    if (!copy) return false;
    session->snapshots[session->snapshot_count++] = (Snapshot){session->step, copy};
    session->snapshot_bytes += world_bytes(copy);
    if (session->snapshot_bytes > SNAPSHOT_BYTES && session->snapshot_count > 2) thin_snapshots(session);
    return true;
}

static bool snapshot_due(const Session *session) {
    size_t since = session->step - session->snapshots[session->snapshot_count - 1].step;
    return session->step % session->snapshot_every == 0 && since * SNAPSHOT_SHARE >= world_bytes(session->world);
}

/* ---- Steps that may need a larger world ---- */

static bool double_up_to(uint32_t *size, uint32_t limit) {
    bool larger = *size < limit;
    *size = *size > limit / 2 ? limit : *size * 2;
    return larger;
}

/* Doubles the limit that was met. False: it is at its maximum, or `status` is no limit. */
static bool grown_config(Config *config, Status status) {
    switch ((int)status) {
    case STATUS_LIMIT_HOSTS: return double_up_to(&config->hosts, LIMIT_HOSTS);
    case STATUS_LIMIT_CONNS: return double_up_to(&config->conns, LIMIT_CONNS);
    case STATUS_LIMIT_PACKETS: return double_up_to(&config->packets, LIMIT_PACKETS);
    case STATUS_LIMIT_STORE: return double_up_to(&config->store, UINT32_MAX);
    default: return false;
    }
}

/* Replaces a world by a larger copy. */
static Status grow(World **world, const Config *config) {
    World *grown = world_grow(*world, config);
    if (!grown) return STATUS_LIMIT_MEMORY;
    world_free(*world);
    *world = grown;
    return STATUS_OK;
}

/* Does the inputs from `from` up to `to` again, on the world before input `from`; it grows at the same steps as
 * before. */
static Status replay(const Session *session, World **world, uint32_t from, uint32_t to) {
    for (uint32_t step = from; step < to; step++) {
        const Config *config = journal_growth(&session->journal, step);
        Status status = config ? grow(world, config) : STATUS_OK;
        if (status != STATUS_OK) return status;
        status = world_step(*world, &session->journal.inputs[step], NULL);
        assert(status == STATUS_OK);
    }
    return STATUS_OK;
}

static const Snapshot *nearest(const Session *session, uint32_t step) {
    uint32_t i = session->snapshot_count;
    while (i > 1 && session->snapshots[i - 1].step > step) i--;
    return &session->snapshots[i - 1];
}

/* The world after `step` inputs, made from the nearest snapshot. NULL: no memory. */
static World *world_of(const Session *session, uint32_t step) {
    const Snapshot *from = nearest(session, step);
    World *world = world_copy(from->world);
    if (!world || replay(session, &world, from->step, step) == STATUS_OK) return world;
    world_free(world);
    return NULL;
}

/* Replaces a spent world by the one before its last input; larger where `config` is not NULL. */
static Status restore(Session *session, const Config *config) {
    World *world = world_of(session, session->step);
    if (!world) return STATUS_LIMIT_MEMORY;
    Status status = config ? grow(&world, config) : STATUS_OK;
    if (status != STATUS_OK) {
        world_free(world);
        return status;
    }
    world_free(session->world);
    session->world = world;
    return STATUS_OK;
}

/* Where the world is too small the step is repeated on a larger one. A refused input must change nothing, the size of
 * the world included: slots, and so handles, would differ when the inputs are done again. */
static Status step_growing(Session *session, const Input *input) {
    Config config = *world_config(session->world);
    bool grown = false;
    for (;;) {
        Status status = world_step(session->world, input, session->trace);
        if (status == STATUS_OK && (!grown || journal_grows(&session->journal, &config))) return STATUS_OK;
        if (status == STATUS_OK) status = STATUS_LIMIT_MEMORY;
        if (!grown_config(&config, status)) {
            if (grown || world_spent(session->world)) restore(session, NULL);
            return status;
        }
        if (restore(session, &config) != STATUS_OK) return STATUS_LIMIT_MEMORY;
        grown = true;
    }
}

/* ---- Creation ---- */

static void cut_events(Session *session, uint32_t events) {
    flights_cut(session->flights, events);
    trace_cut(session->trace, events);
}

static Status begin(Session *session) {
    World *world = world_new(&session->config);
    if (!world) return STATUS_LIMIT_MEMORY;
    world_free(session->world);
    session->world = world;
    session->step = 0;
    session->snapshot_every = SNAPSHOT_STEPS;
    session->epoch++;
    journal_cut(&session->journal, 0);
    cut_events(session, 0);
    while (session->snapshot_count > 0) world_free(session->snapshots[--session->snapshot_count].world);
    session->snapshot_bytes = 0;
    return keep_snapshot(session) ? STATUS_OK : STATUS_LIMIT_MEMORY;
}

Session *session_new(const Config *config, const Link *link) {
    Session *session = calloc(1, sizeof *session);
    if (!session) return NULL;
    session->config = *config;
    if (link) session->link = *link;
    session->linked = link != NULL;
    session->trace = trace_new();
    if (session->trace) session->flights = flights_new(session->trace);
    if (!session->flights || begin(session) != STATUS_OK) {
        session_free(session);
        return NULL;
    }
    return session;
}

void session_free(Session *session) {
    if (!session) return;
    while (session->snapshot_count > 0) world_free(session->snapshots[--session->snapshot_count].world);
    free(session->snapshots);
    journal_free(&session->journal);
    flights_free(session->flights);
    trace_free(session->trace);
    world_free(session->world);
    free(session);
}

Status session_reset(Session *session) { return begin(session); }
void session_seed(Session *session, uint64_t seed) { session->config.seed = seed; }

/* ---- Inputs ---- */

/* A new input after going back replaces the inputs undone. */
static void cut_undone(Session *session) {
    if (session->step == session->journal.count) return;
    journal_cut(&session->journal, session->step);
    cut_events(session, session_events(session));
    cut_snapshots(session, session->step);
    session->epoch++;
}

void session_unlink(Session *session, const char *why) {
    if (!session->linked) return;
    session->linked = false;
    if (session->link.gone) session->link.gone(session->link.self, why);
}

/* Sends the packet over the real wire; the bytes received there are those delivered. Packets that IP would refuse are
 * not sent. */
static Status carry(Session *session, Input *input, uint8_t *out, size_t capacity) {
    PacketView packet;
    if (!session->linked || input->bytes || !world_packet(session->world, input->packet, &packet)) return STATUS_OK;
    bool sendable = packet.decoded == DECODE_OK || packet.decoded == DECODE_TCP_CHECKSUM ||
                    packet.decoded == DECODE_OPTIONS;
    if (!sendable || packet.to == HOST_NONE) return STATUS_OK;
    if (packet.foreign && !packet.copy_of) return STATUS_OK; /* came in over the wire */
    ptrdiff_t length = session->link.carry(session->link.self, packet.bytes, packet.length, out, capacity,
                                           session->link_error, LINK_ERROR);
    if (length == LINK_GONE) session_unlink(session, session->link_error);
    if (length < 0) return session->linked ? STATUS_LINK_FAILED : STATUS_OK;
    if ((size_t)length == packet.length && memcmp(out, packet.bytes, packet.length) == 0) return STATUS_OK;
    input->bytes = out;
    input->length = (uint32_t)length;
    return STATUS_OK;
}

/* A packet once sent on the wire cannot be called back, so the time is checked before. */
static bool too_early(const World *world, const Input *input) {
    Input next;
    return input->at > world_now(world) && world_next(world, &next) && next.at < input->at;
}

/* After going back, a refused input must keep the inputs undone: it is tried on a copy first. */
static Status try_on_copy(const Session *session, const Input *input) {
    if (session->step == session->journal.count) return STATUS_OK;
    World *copy = world_copy(session->world);
    Config config = *world_config(session->world);
    Status status = copy ? world_step(copy, input, NULL) : STATUS_LIMIT_MEMORY;
    while (grown_config(&config, status)) {
        world_free(copy);
        copy = world_grow(session->world, &config);
        status = copy ? world_step(copy, input, NULL) : STATUS_LIMIT_MEMORY;
    }
    world_free(copy);
    return status;
}

static Status do_step(Session *session, Input *input) {
    Status status = try_on_copy(session, input);
    if (status != STATUS_OK) return status;
    cut_undone(session);
    status = step_growing(session, input);
    if (status == STATUS_OK && !journal_add(&session->journal, input, trace_count(session->trace))) {
        restore(session, NULL);
        status = STATUS_LIMIT_MEMORY;
    }
    if (status != STATUS_OK) {
        journal_cut(&session->journal, session->step);
        trace_cut(session->trace, session_events(session));
        return status;
    }
    session->serial = input->serial;
    session->step++;
    if (snapshot_due(session)) keep_snapshot(session); /* without it, going back only takes longer */
    return STATUS_OK;
}

Status session_do(Session *session, const Input *input) {
    Input done = *input;
    done.serial = session->serial + 1;
    if (done.kind != INPUT_DELIVER || !session->linked) return do_step(session, &done);
    if (too_early(session->world, &done)) return STATUS_TOO_EARLY;
    uint8_t out[LIMIT_DATAGRAM];
    Status status = carry(session, &done, out, sizeof out);
    return status == STATUS_OK ? do_step(session, &done) : status;
}

const char *session_link_error(const Session *session) { return session->link_error; }
const char *session_wire(const Session *session) { return session->linked ? session->link.kind : "memory"; }

/* ---- Reading, and moving through history ---- */

const World *session_world(const Session *session) { return session->world; }
const Trace *session_trace(const Session *session) { return session->trace; }
const Flights *session_flights(const Session *session) {
    return flights_update(session->flights) ? session->flights : NULL;
}
uint32_t session_step(const Session *session) { return session->step; }
uint32_t session_steps(const Session *session) { return session->journal.count; }
uint32_t session_epoch(const Session *session) { return session->epoch; }
uint32_t session_events(const Session *session) { return session_events_at(session, session->step); }

uint32_t session_events_at(const Session *session, uint32_t step) {
    if (step > session->journal.count) step = session->journal.count;
    return step == 0 ? 0 : session->journal.events[step - 1];
}

bool session_input(const Session *session, uint32_t step, Input *input) {
    if (step >= session->journal.count) return false;
    *input = session->journal.inputs[step];
    return true;
}

World *session_world_at(const Session *session, uint32_t step) {
    if (step > session->journal.count) return NULL;
    /* From the present world there may be fewer steps than from the snapshot. */
    bool onward = session->step <= step && session->step >= nearest(session, step)->step;
    World *world = onward ? world_copy(session->world) : world_of(session, step);
    if (!world || !onward || replay(session, &world, session->step, step) == STATUS_OK) return world;
    world_free(world);
    return NULL;
}

Status session_seek(Session *session, uint32_t step) {
    if (step > session->journal.count) return STATUS_BAD_ARGUMENT;
    World *world = session_world_at(session, step);
    if (!world) return STATUS_LIMIT_MEMORY;
    world_free(session->world);
    session->world = world;
    session->step = step;
    return STATUS_OK;
}
