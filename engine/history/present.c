/* present.c - see present.h. */
#include "present.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16 };

void present_free(Present *present) {
    ranks_free(&present->packets);
    for (HostId host = 0; host < LIMIT_HOSTS; host++) {
        free(present->conns[host].ids);
        present->conns[host] = (ConnList){.version = present->conns[host].version + 1};
    }
    present->events = 0;
}

size_t present_size(const Present *present) {
    size_t size = ranks_size(&present->packets);
    for (HostId host = 0; host < LIMIT_HOSTS; host++) size += present->conns[host].room * sizeof(ConnId);
    return size;
}

/* ---- Connections: sorted by generation, which is the order of opening ---- */

static uint32_t place_of(const ConnList *list, ConnId id) {
    uint32_t low = 0, high = list->count;
    if (high == 0 || list->ids[high - 1].generation < id.generation) return high; /* opened last */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list->ids[middle].generation < id.generation) low = middle + 1;
        else high = middle;
    }
    return low;
}

static bool reserve(ConnList *list) {
    if (list->count < list->room) return true;
    uint32_t room = list->room ? list->room * 2 : FIRST_ROOM;
    ConnId *ids = realloc(list->ids, room * sizeof *ids);
    if (!ids) return false;
    list->ids = ids;
    list->room = room;
    return true;
}

static bool list_conn(ConnList *list, ConnId id, bool exists) {
    uint32_t at = place_of(list, id);
    bool listed = at < list->count && conn_eq(list->ids[at], id);
    if (exists == listed) return true;
    if (exists && !reserve(list)) return false;
    ConnId *place = &list->ids[at];
    if (exists) memmove(place + 1, place, (list->count++ - at) * sizeof *place), *place = id;
    else memmove(place, place + 1, (--list->count - at) * sizeof *place);
    list->version++;
    return true;
}

static bool look_at_conn(Present *present, const World *world, HostId host, ConnId id) {
    ConnView conn;
    return host >= LIMIT_HOSTS || list_conn(&present->conns[host], id, world_conn(world, id, &conn) && !conn.gone);
}

/* ---- Packets ---- */

static bool look_at_packet(Present *present, const World *world, PacketId id) {
    Micros due;
    if (world_packet_due(world, id, &due)) return ranks_place(&present->packets, id, due);
    ranks_remove(&present->packets, id.id);
    return true;
}

/* ---- Both ---- */

static bool look_at_event(Present *present, const World *world, const Event *event) {
    if (event->kind == EVENT_STATE) return look_at_conn(present, world, event->host, event->conn);
    return !event->packet.id || look_at_packet(present, world, event->packet);
}

static bool look_at_all(Present *present, const World *world) {
    ranks_clear(&present->packets);
    for (HostId host = 0; host < LIMIT_HOSTS; host++) {
        present->conns[host].count = 0;
        present->conns[host].version++;
    }
    for (PacketId id = world_packet_after(world, PACKET_NONE); id.id; id = world_packet_after(world, id))
        if (!look_at_packet(present, world, id)) return false;
    for (ConnId id = world_conn_after(world, HOST_NONE, CONN_NONE); conn_is(id);
         id = world_conn_after(world, HOST_NONE, id)) {
        ConnView conn;
        if (!world_conn(world, id, &conn)) continue;
        if (!look_at_conn(present, world, conn.host, id)) return false;
    }
    return true;
}

static uint32_t known(const Present *present) {
    uint32_t count = ranks_count(&present->packets);
    for (HostId host = 0; host < LIMIT_HOSTS; host++) count += present->conns[host].count;
    return count;
}

bool present_update(Present *present, const World *world, const Trace *trace, uint32_t events) {
    uint32_t from = present->events < events ? present->events : events,
             to = present->events < events ? events : present->events;
    bool done = true;
    if (to - from > known(present) + world_packets(world)) {
        done = look_at_all(present, world);
    } else {
        for (uint32_t i = from; done && i < to; i++) {
            const Event event = trace_at(trace, i);
            done = look_at_event(present, world, &event);
        }
    }
    if (done) present->events = events;
    else present_free(present);
    return done;
}
