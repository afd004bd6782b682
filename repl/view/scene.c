#include "scene.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* So many of a host's connections are looked at; more are not counted. */
enum { OTHERS_LOOKED_AT = 256 };

Playhead playhead_now(const Session *session) { return (Playhead){.step = session_step(session), .settle = 1}; }

Scene *scene_new(void) {
    Scene *scene = calloc(1, sizeof *scene);
    if (!scene) return NULL;
    scene->story = STORY_EMPTY;
    scene->records = calloc(1, sizeof *scene->records); /* NULL: no bars are drawn */
    return scene;
}

void scene_free(Scene *scene) {
    if (!scene) return;
    for (size_t i = 0; i < SHELVES; i++) world_free(scene->shelf[i].world);
    story_free(&scene->story);
    for (size_t i = 0; i < 2; i++) fates_free(&scene->fates[i]);
    if (scene->records) records_clear(scene->records);
    free(scene->records);
    free(scene);
}

/* ---- The worlds of the last steps ---- */

static void clear_shelf(Shelf *shelf) {
    if (shelf->world) world_free(shelf->world);
    *shelf = (Shelf){NULL, STEP_NEVER};
}

static const World *shelved(const Scene *scene, uint32_t step) {
    for (size_t i = 0; i < SHELVES; i++)
        if (scene->shelf[i].world && scene->shelf[i].step == step) return scene->shelf[i].world;
    return NULL;
}

/* Puts the world of a step on the shelf, unless it is too large to be copied for each picture. */
static void shelve(Scene *scene, const Session *session, uint32_t step) {
    if (shelved(scene, step) || world_bytes(session_world(session)) > SHELF_BYTES) return;
    Shelf *shelf = &scene->shelf[scene->shelf_next];
    scene->shelf_next = (scene->shelf_next + 1) % SHELVES;
    clear_shelf(shelf);
    *shelf = (Shelf){session_world_at(session, step), step}; /* NULL, out of memory: its numbers are not shown */
}

void scene_remember(Scene *scene, const Session *session) {
    uint32_t step = session_step(session), epoch = session_epoch(session);
    if (epoch != scene->shelf_epoch) { /* another future: the worlds before it are still right */
        for (size_t i = 0; i < SHELVES; i++)
            if (scene->shelf[i].world && scene->shelf[i].step >= step) clear_shelf(&scene->shelf[i]);
        scene->shelf_epoch = epoch;
    }
    shelve(scene, session, step);
}

/* ---- Flights at the playhead ---- */

bool flight_seen(const Scene *scene, const Flight *flight) { return flight->born < scene->at.step; }

bool flight_ended(const Scene *scene, const Flight *flight) { return flight->ended < scene->at.step; }

bool flight_fate(const Scene *scene, const Flight *flight, FlightView *fate) {
    uint32_t index = (uint32_t)(flight - scene->story.flights);
    return flights_view(scene->story.model, index, scene->events, fate);
}

bool flight_held(const Scene *scene, const Flight *flight) {
    FlightView fate;
    return flight_fate(scene, flight, &fate) && fate.state == FLIGHT_HELD;
}

static uint32_t place_in(const PacketId *list, size_t count, PacketId packet) {
    for (size_t i = 0; i < count; i++)
        if (list[i].id == packet.id && list[i].born == packet.born) return (uint32_t)i + 1;
    return 0;
}

uint32_t scene_wire_index(const Scene *scene, PacketId packet) {
    uint32_t place = place_in(scene->flying, scene->flying_count, packet);
    const World *world = scene->session ? session_world(scene->session) : NULL;
    PacketView view;
    if (place || !world || !world_packet(world, packet, &view)) return place;
    size_t count = world_packets(world); /* more are in flight than were listed */
    PacketId *all = calloc(count, sizeof *all);
    if (all) place = place_in(all, world_packet_list(world, all, count), packet);
    free(all);
    return place;
}

/* ---- The playhead ---- */

static void place_playhead(Scene *scene, Playhead at) {
    const Story *story = &scene->story;
    if (at.step > story->row_count) at = (Playhead){.step = (uint32_t)story->row_count, .settle = 1};
    if (at.step == story->row_count) at.approach = 0;
    scene->at = at;
    const Row *last = at.step ? &story->rows[at.step - 1] : NULL;
    const Row *next = at.step < story->row_count ? &story->rows[at.step] : NULL;
    scene->time = last ? last->time : 0;
    scene->events = last ? last->end : 0;
    if (next && at.approach > 0) scene->time += (Micros)llround((double)next->gap * at.approach);
    scene->y = at.step || at.approach > 0 ? story_y(story, scene->time) : 0;
}

/* ---- Hosts ---- */

static void read_changes(HostScene *host, const Story *story, const Trace *trace, uint32_t change) {
    host->visited = 1u << host->state;
    for (uint32_t i = change; i != CHANGE_NONE; i = story->changes[i].before) {
        const Event event = trace_at(trace, story->changes[i].event);
        if (!host->changed) {
            host->changed = true;
            host->before = event.from;
            host->state = event.to;
            host->changed_step = event.step;
            host->local = event.src;
            host->remote = event.dst;
        }
        host->visited |= 1u << event.from | 1u << event.to;
        const Arrow *arrow = arrow_find(event.from, event.to);
        if (arrow) host->travelled |= 1u << (arrow - arrow_at(0));
        if (event.from == STATE_CLOSED || event.from == STATE_LISTEN) break; /* the connection begins here */
    }
}

static void read_host(Scene *scene, const Session *session, HostScene *host, HostId id) {
    const World *world = session_world(session);
    const Trace *trace = session_trace(session);
    *host = (HostScene){.id = id, .settle = 1};
    HostView view;
    host->exists = world_host(world, id, &view);
    if (!host->exists) return;
    snprintf(host->name, sizeof host->name, "%s", view.name);
    host->addr = view.addr;
    const About *about = story_about(&scene->story, id, scene->events);
    if (about) {
        const Event event = trace_at(trace, about->event);
        host->has_conn = true;
        host->conn = event.conn;
        host->state = event.to;
        read_changes(host, &scene->story, trace, about->change);
        if (host->changed && host->changed_step + 1 == scene->at.step) host->settle = scene->at.settle;
    }
}

static void read_others(HostScene *host, const World *world) {
    ConnView view;
    int looks = 0;
    for (ConnId id = world_conn_after(world, host->id, CONN_NONE); conn_is(id);
         id = world_conn_after(world, host->id, id)) {
        host->others_more = looks++ == OTHERS_LOOKED_AT;
        if (host->others_more) break;
        if (conn_eq(id, host->conn) || !world_conn(world, id, &view) || view.gone) continue;
        if (host->others++) continue;
        host->other_state = view.state;
        host->other_port = view.local.port;
    }
}

/* It has a connection between these two. *known: false where it has more than are looked at. */
static bool has_end(const World *world, HostId host, Endpoint local, Endpoint remote, bool *known) {
    ConnView view;
    int looks = 0;
    for (ConnId id = world_conn_after(world, host, CONN_NONE); conn_is(id); id = world_conn_after(world, host, id)) {
        *known = looks++ < OTHERS_LOOKED_AT;
        if (!*known) return false;
        if (!world_conn(world, id, &view) || view.gone) continue;
        if (endpoint_eq(view.local, local) && endpoint_eq(view.remote, remote)) return true;
    }
    return false;
}

/* Before the other side has answered, that it has no connection is no news. */
static void read_peer(HostScene *host, const World *world) {
    const ConnView *conn = &host->numbers;
    HostView peer;
    bool known = true;
    if (!conn->remote.port) return;
    HostId id = world_host_by_addr(world, conn->remote.addr);
    host->peer = PEER_NO_HOST;
    if (id == HOST_NONE || !world_host(world, id, &peer)) return;
    snprintf(host->peer_name, sizeof host->peer_name, "%s", peer.name);
    host->peer = PEER_FOREIGN;
    if (peer.foreign) return;
    host->peer = PEER_UNKNOWN;
    if (conn->gone || conn->state <= STATE_SYN_SENT) return;
    bool there = has_end(world, id, conn->remote, conn->local, &known);
    if (known) host->peer = there ? PEER_OPEN : PEER_ENDED;
}

/* The numbers after the step shown, and those after the step before it. */
static void read_numbers(const Scene *scene, const World *present, HostScene *host) {
    const World *world = shelved(scene, scene->at.step),
                *before = scene->at.step ? shelved(scene, scene->at.step - 1) : NULL;
    if (!world && scene->at.step == scene->present) world = present;
    if (!world) return;
    read_others(host, world);
    host->known = host->has_conn && world_conn(world, host->conn, &host->numbers);
    host->earlier_known = host->known && before && world_conn(before, host->conn, &host->earlier);
    if (!host->known) return;
    host->local = host->numbers.local;
    host->remote = host->numbers.remote;
    host->send_buffer = world_conn_rule(world, host->conn, HOST_RULE_send_buffer);
    host->recv_buffer = world_conn_rule(world, host->conn, HOST_RULE_recv_buffer);
    read_peer(host, world);
}

bool scene_self(const HostScene *host) {
    return host->known && host->numbers.local.port && endpoint_eq(host->numbers.local, host->numbers.remote);
}

const HostScene *scene_receiver(const Scene *scene, int sender) {
    return &scene->host[scene_self(&scene->host[sender]) ? sender : 1 - sender];
}

/* What both have sent changes with steps alone. */
static void read_fates(Scene *scene, uint32_t epoch) {
    bool same = scene->fates_step == scene->at.step && scene->fates_epoch == epoch;
    scene->fates_step = scene->at.step;
    scene->fates_epoch = epoch;
    for (int i = 0; i < 2; i++) {
        const HostScene *host = &scene->host[i], *peer = scene_receiver(scene, i);
        ConnId conn = host->known ? host->conn : CONN_NONE;
        if (same && conn_eq(conn, scene->fates_of[i])) continue;
        scene->fates_of[i] = conn;
        scene->fates[i].count = 0;
        if (!host->known || host->state <= STATE_LISTEN) continue;
        fates_read(&scene->fates[i], &scene->story, scene->at.step, scene->events, &host->numbers,
                   peer->known ? &peer->numbers : NULL);
    }
}

/* What the playhead comes to: a step that was made already, or what is due first. */
static void read_next(Scene *scene, const Session *session) {
    const Row *row = scene->at.step < scene->story.row_count ? &scene->story.rows[scene->at.step] : NULL;
    bool made = row && session_input(session, scene->at.step, &scene->next_input);
    scene->next = made || world_next(session_world(session), &scene->next_input);
    Micros at = made ? row->time : scene->next_input.at;
    scene->next_in = scene->next && at > scene->time ? at - scene->time : 0;
}

/* The two hosts shown: sender and receiver of the last packet, A and B before the first one. */
static void choose_hosts(const Scene *scene, HostId *left, HostId *right) {
    *left = 0;
    *right = 1;
    const Story *story = &scene->story;
    size_t begun = story_begun(story, scene->at.step);
    uint32_t last = begun ? story->flights[begun - 1].between : FLIGHT_NONE;
    if (last == FLIGHT_NONE) return;
    HostId from = story->flights[last].from, to = story->flights[last].to;
    *left = from < to ? from : to;
    *right = from < to ? to : from;
}

/* The event the caption explains: the last change of state in the step, else whatever names a rule. */
static uint32_t choose_why(const Scene *scene, const Trace *trace) {
    if (!scene->at.step) return EVENT_NONE;
    const Row *row = &scene->story.rows[scene->at.step - 1];
    uint32_t best = EVENT_NONE;
    int best_rank = 0;
    for (uint32_t i = row->first; i < row->end; i++) {
        const Event event = trace_at(trace, i);
        if (event.rule == RULE_NONE) continue;
        int rank = event.kind == EVENT_ORACLE   ? 5
                   : event.kind == EVENT_STATE  ? 4
                   : event.kind == EVENT_IGNORE ? 3
                   : event.kind == EVENT_SEND   ? 1
                                                : 2;
        if (event.kind == EVENT_DELIVER || event.rule == RULE_SETTING) rank = 0;
        if (best == EVENT_NONE || rank >= best_rank) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

/* A step may have very many events: they are read once. */
static void read_why(Scene *scene, const Session *session) {
    uint32_t epoch = session_epoch(session);
    if (scene->why_known && scene->why_step == scene->at.step && scene->why_epoch == epoch) return;
    scene->why = choose_why(scene, session_trace(session));
    scene->why_known = true;
    scene->why_step = scene->at.step;
    scene->why_epoch = epoch;
}

/* What is due at the end of the history: arrivals, and the timers of the connections shown. */
static void plan(Scene *scene, const Session *session) {
    Micros alarms[STORY_ALARMS];
    size_t count = 0;
    ConnView view;
    for (size_t i = 0; i < 2; i++) {
        const HostScene *host = &scene->host[i];
        if (!host->has_conn || scene->ahead || !world_conn(session_world(session), host->conn, &view)) continue;
        for (int timer = 0; timer < TIMER_COUNT && count < STORY_ALARMS; timer++) alarms[count++] = view.timers[timer];
    }
    story_plan(&scene->story, alarms, count);
}

void scene_update(Scene *scene, const Session *session, Playhead at) {
    const World *world = session_world(session);
    scene->session = session;
    story_update(&scene->story, session);
    scene_remember(scene, session);
    place_playhead(scene, at);
    shelve(scene, session, scene->at.step);
    if (scene->at.step) shelve(scene, session, scene->at.step - 1);
    scene->present = session_step(session);
    scene->ahead = session_steps(session) - scene->present;
    snprintf(scene->wire, sizeof scene->wire, "%s", session_wire(session));
    HostId sides[2];
    choose_hosts(scene, &sides[0], &sides[1]);
    for (size_t i = 0; i < 2; i++) {
        read_host(scene, session, &scene->host[i], sides[i]);
        if (scene->host[i].exists) read_numbers(scene, world, &scene->host[i]);
    }
    read_fates(scene, session_epoch(session));
    plan(scene, session);
    read_why(scene, session);
    read_next(scene, session);
    uint32_t count = (uint32_t)world_packet_list(world, scene->flying, sizeof scene->flying / sizeof *scene->flying);
    uint32_t most = (uint32_t)(sizeof scene->flying / sizeof *scene->flying);
    scene->flying_count = count < most ? count : most;
}
