/* session.c - a world with its history: inputs done and undone, snapshots, and the wire that packets cross. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "session_inside.h"

enum {
    SNAPSHOTS_MOST = 16 << 20, /* bytes of all snapshots, and at most this share of the limit: */
    SNAPSHOTS_SHARE = 4,
    NEAR = 256 << 10 /* so close to the limit, steps are tried */
};

/* ---- Memory ---- */

size_t session_bytes(const Session *session) {
    return sizeof *session + world_size(session->world) + snapshots_size(&session->snapshots) +
           journal_size(&session->journal) + trace_size(session->trace) + flights_size(session->flights) +
           present_size(session->present) + futures_size(&session->futures);
}

void session_limit(Session *session, size_t bytes) { session->limit = bytes; }

/* What is kept, and what flights of events not yet read may need. */
static size_t needed(const Session *session) { return session_bytes(session) + flights_need(session->flights); }

bool session_room(Session *session, size_t more) {
    if (!session->limit) return true;
    size_t most = needed(session) + more;
    if (most > session->limit + snapshots_spare(&session->snapshots) + futures_spare(&session->futures)) return false;
    for (; most > session->limit; most = needed(session) + more)
        if (!snapshots_thin(&session->snapshots) && !futures_give_up(&session->futures)) return false;
    return true;
}

static void offer_snapshot(Session *session) {
    if (!snapshots_due(&session->snapshots, session->world, session->step)) return;
    if (!snapshots_keep(&session->snapshots, session->world, session->step)) return; /* going back takes longer then */
    size_t share = session->limit / SNAPSHOTS_SHARE;
    snapshots_bound(&session->snapshots, share && share < SNAPSHOTS_MOST ? share : SNAPSHOTS_MOST);
    session_room(session, 0);
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

Status grow_world(World **world, const Config *config) {
    World *grown = world_grow(*world, config);
    if (!grown) return STATUS_LIMIT_MEMORY;
    world_free(*world);
    *world = grown;
    return STATUS_OK;
}

/* Does the inputs from `from` up to `to` again, on the world before input `from`; it grows at the same steps as before.
 * Returns how far it came: `to`, unless there was no memory to grow. */
static uint32_t replay(const Session *session, World **world, uint32_t from, uint32_t to) {
    for (uint32_t step = from; step < to; step++) {
        const Config *config = journal_growth(&session->journal, step);
        if (config && grow_world(world, config) != STATUS_OK) return step;
        Input input;
        journal_read(&session->journal, step, &input);
        Status status = world_step(*world, &input, NULL);
        assert(status == STATUS_OK);
    }
    return to;
}

/* A world after `step` inputs, made from one after `from` inputs. NULL: no memory; that one is freed then. */
static World *replayed(const Session *session, World *world, uint32_t from, uint32_t step) {
    if (!world || replay(session, &world, from, step) == step) return world;
    world_free(world);
    return NULL;
}

/* Takes back what the last input has done to the world, in place. Where a growth has to be done again and there is no
 * memory for it, the session is at an earlier step then, and the inputs from there on are undone. */
static void restore(Session *session) {
    const Snapshot *from = snapshots_nearest(&session->snapshots, session->step);
    world_load(session->world, from->image);
    session->step = replay(session, &session->world, from->step, session->step);
}

/* The old world and the larger one exist side by side for a moment. */
static Status grow_within_limit(Session *session, const Config *config) {
    return session_room(session, config_size(config)) ? grow_world(&session->world, config) : STATUS_LIMIT_MEMORY;
}

/* Where the world is too small the step is repeated on a larger one. A refused input must change nothing, the size of
 * the world included: slots, and so handles, would differ when the inputs are done again. */
static Status step_growing(Session *session, const Input *input) {
    const uint32_t step = session->step;
    Config config = *world_config(session->world);
    bool grown = false;
    for (;;) {
        Status status = world_step(session->world, input, session->trace);
        if (status == STATUS_OK && (!grown || journal_grows(&session->journal, &config))) return STATUS_OK;
        if (status == STATUS_OK) status = STATUS_LIMIT_MEMORY;
        bool larger = grown_config(&config, status);
        if (larger || grown || world_spent(session->world)) restore(session);
        if (!larger) return status;
        if (session->step != step || grow_within_limit(session, &config) != STATUS_OK) return STATUS_LIMIT_MEMORY;
        grown = true;
    }
}

/* ---- Creation ---- */

static void cut_events(Session *session, uint32_t events) {
    if (session->present->events > events) present_update(session->present, session->world, session->trace, events);
    flights_cut(session->flights, events);
    trace_cut(session->trace, events);
}

static Status begin(Session *session) {
    World *world = world_new(&session->config);
    Snapshots snapshots = {0};
    if (!world || !snapshots_keep(&snapshots, world, 0) || !futures_begin(&session->futures)) {
        world_free(world);
        snapshots_free(&snapshots);
        return STATUS_LIMIT_MEMORY;
    }
    world_free(session->world);
    snapshots_free(&session->snapshots);
    session->world = world;
    session->snapshots = snapshots;
    session->step = 0;
    session->epoch++;
    journal_cut(&session->journal, 0);
    cut_events(session, 0);
    return STATUS_OK;
}

Session *session_new(const Config *config, const Link *link) {
    Session *session = calloc(1, sizeof *session);
    if (!session) return NULL;
    session->config = *config;
    if (link) session->link = *link;
    session->linked = link != NULL;
    session->trace = trace_new();
    session->present = calloc(1, sizeof *session->present);
    if (session->trace) session->flights = flights_new(session->trace);
    if (!session->flights || !session->present || !journal_init(&session->journal) || begin(session) != STATUS_OK) {
        session_free(session);
        return NULL;
    }
    return session;
}

void session_free(Session *session) {
    if (!session) return;
    snapshots_free(&session->snapshots);
    futures_free(&session->futures);
    journal_free(&session->journal);
    if (session->present) present_free(session->present);
    free(session->present);
    flights_free(session->flights);
    trace_free(session->trace);
    world_free(session->world);
    free(session);
}

Status session_reset(Session *session) { return begin(session); }
void session_seed(Session *session, uint64_t seed) { session->config.seed = seed; }

/* ---- Inputs ---- */

void session_cut(Session *session) {
    if (session->step == session->journal.count) return;
    journal_cut(&session->journal, session->step);
    cut_events(session, session_events(session));
    snapshots_cut(&session->snapshots, session->step);
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

/* A packet once sent on the wire cannot be called back, so time and room are checked before. */
static bool too_early(const World *world, const Input *input) {
    Input next;
    return input->at > world_now(world) && world_next(world, &next) && next.at < input->at;
}

/* After going back, a refused input must keep the inputs undone: it is tried on a copy first. */
static Status try_on_copy(Session *session, const Input *input) {
    World *copy = world_copy(session->world);
    Config config = *world_config(session->world);
    Status status = copy ? world_step(copy, input, NULL) : STATUS_LIMIT_MEMORY;
    while (grown_config(&config, status)) {
        world_free(copy);
        copy = session_room(session, config_size(&config)) ? world_grow(session->world, &config) : NULL;
        status = copy ? world_step(copy, input, NULL) : STATUS_LIMIT_MEMORY;
    }
    world_free(copy);
    return status;
}

static Status do_and_keep(Session *session, const Input *input) {
    Status status = step_growing(session, input);
    if (status != STATUS_OK) return status;
    Input kept = *input; /* of bytes to send only those taken */
    if (kept.kind == INPUT_SEND) kept.length = world_result(session->world)->count;
    if (journal_add(&session->journal, &kept, trace_count(session->trace))) return STATUS_OK;
    restore(session);
    return STATUS_LIMIT_MEMORY;
}

/* The newest step. One that is refused leaves journal and trace as they were. */
static Status do_next(Session *session, const Input *input) {
    const uint32_t count = session->journal.count;
    Status status = do_and_keep(session, input);
    if (status == STATUS_OK) {
        session->step++;
        return STATUS_OK;
    }
    journal_cut(&session->journal, count);
    cut_events(session, session_events_at(session, count));
    return status;
}

/* Near the limit a copy of the world is at hand, should the step take too much. */
static Status do_within_limit(Session *session, const Input *input) {
    if (!session_room(session, 0)) return STATUS_LIMIT_MEMORY;
    flights_update(session->flights); /* they need less than was reserved */
    World *before = world_copy(session->world);
    if (!before) return STATUS_LIMIT_MEMORY;
    const uint32_t step = session->step;
    Status status = do_next(session, input);
    if (status != STATUS_OK || session_room(session, 0)) {
        world_free(before);
        return status;
    }
    world_free(session->world);
    session->world = before;
    session->step = step;
    journal_cut(&session->journal, step);
    cut_events(session, session_events_at(session, step));
    return STATUS_LIMIT_MEMORY;
}

static Status do_step(Session *session, Input *input) {
    bool undone = session->step < session->journal.count;
    Status status = undone ? try_on_copy(session, input) : STATUS_OK;
    if (status == STATUS_OK) status = session_leave(session);
    if (status != STATUS_OK) return status;
    /* In place of what was undone there is always room for one step. */
    bool near = session->limit && !undone && needed(session) + NEAR > session->limit;
    status = near ? do_within_limit(session, input) : do_next(session, input);
    if (status != STATUS_OK) return status;
    session->serial = input->serial;
    session_branched(session);
    offer_snapshot(session);
    return STATUS_OK;
}

Status session_append(Session *session, const Input *input, const Config *growth) {
    if (!session_room(session, growth ? config_size(growth) : 0)) return STATUS_LIMIT_MEMORY;
    const uint32_t count = session->journal.count;
    Status status = growth ? grow_world(&session->world, growth) : STATUS_OK;
    if (status == STATUS_OK && growth && !journal_grows(&session->journal, growth)) status = STATUS_LIMIT_MEMORY;
    if (status == STATUS_OK) status = world_step(session->world, input, session->trace);
    if (status == STATUS_OK && !journal_add(&session->journal, input, trace_count(session->trace)))
        status = STATUS_LIMIT_MEMORY;
    if (status == STATUS_OK) {
        session->step++;
        if (input->serial > session->serial) session->serial = input->serial;
        offer_snapshot(session);
        return STATUS_OK;
    }
    restore(session);
    journal_cut(&session->journal, count);
    cut_events(session, session_events_at(session, count));
    return status;
}

Status session_do(Session *session, const Input *input) {
    Input done = *input;
    if (done.serial <= session->serial) done.serial = session->serial + 1;
    if (done.kind != INPUT_DELIVER || !session->linked) return do_step(session, &done);
    if (too_early(session->world, &done)) return STATUS_TOO_EARLY;
    if (session->step == session->journal.count && !session_room(session, NEAR)) return STATUS_LIMIT_MEMORY;
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
static bool update_present(const Session *session) {
    return present_update(session->present, session->world, session->trace, session_events(session));
}

uint32_t session_packets(const Session *session, uint32_t from, PacketId *ids, uint32_t capacity) {
    return update_present(session) ? ranks_list(&session->present->packets, from, ids, capacity) : UINT32_MAX;
}

bool session_conns(const Session *session, HostId host, HostConns *conns) {
    if (host >= LIMIT_HOSTS || !update_present(session)) return false;
    const ConnList *list = &session->present->conns[host];
    *conns = (HostConns){list->ids, list->count, list->version};
    return true;
}

uint32_t session_step(const Session *session) { return session->step; }
uint32_t session_steps(const Session *session) { return session->journal.count; }
uint32_t session_epoch(const Session *session) { return session->epoch; }
uint32_t session_events(const Session *session) { return session_events_at(session, session->step); }

uint32_t session_events_at(const Session *session, uint32_t step) { return journal_events(&session->journal, step); }

bool session_input(const Session *session, uint32_t step, Input *input) {
    if (step >= session->journal.count) return false;
    journal_read(&session->journal, step, input);
    return true;
}

World *session_world_at(const Session *session, uint32_t step) {
    if (step > session->journal.count) return NULL;
    const Snapshot *from = snapshots_nearest(&session->snapshots, step);
    /* From the present world there may be fewer steps than from the snapshot. */
    if (session->step <= step && session->step >= from->step)
        return replayed(session, world_copy(session->world), session->step, step);
    return replayed(session, world_from(from->image), from->step, step);
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
