/* handles.c - see handles.h. */
#include "handles.h"

#include <string.h>

static HostHandle host_handle(HostId id, const HostView *view) {
    HostHandle host = {.id = id};
    memcpy(host.name, view->name, sizeof host.name);
    return host;
}

void push_host(lua_State *L, HostId id) {
    HostView view;
    if (id == HOST_NONE || !world_host(world_of(L), id, &view)) {
        lua_pushnil(L);
        return;
    }
    HostHandle *host = object_push(L, HOST, sizeof *host);
    *host = host_handle(id, &view);
}

bool host_look(lua_State *L, const HostHandle *host, HostView *view) {
    return world_host(world_of(L), host->id, view) && strcmp(view->name, host->name) == 0;
}

HostId host_by_name(const World *world, const char *name, size_t length) {
    HostView view;
    for (HostId id = 0; id < world_hosts(world); id++)
        if (world_host(world, id, &view) && strlen(view.name) == length && memcmp(view.name, name, length) == 0)
            return id;
    return HOST_NONE;
}

void push_rules(lua_State *L, HostId id, ConnId conn) {
    HostView view;
    if (!world_host(world_of(L), id, &view)) {
        lua_pushnil(L);
        return;
    }
    RulesHandle *rules = object_push(L, RULES, sizeof *rules);
    *rules = (RulesHandle){host_handle(id, &view), conn};
}

void push_conn(lua_State *L, ConnId id) {
    if (!conn_is(id)) {
        lua_pushnil(L);
        return;
    }
    ConnHandle *conn = object_push(L, CONNECTION, sizeof *conn);
    conn->id = id;
}

void push_packet(lua_State *L, PacketId id) {
    if (!id.id) {
        lua_pushnil(L);
        return;
    }
    PacketHandle *packet = object_push(L, PACKET, sizeof *packet);
    packet->id = id;
}

bool packet_at(lua_State *L, int index, PacketId *id) {
    const PacketHandle *packet = object_at(L, index, PACKET);
    if (packet) *id = packet->id;
    return packet != NULL;
}

void push_event(lua_State *L, const Event *event) {
    Event *copy = object_push(L, EVENT, sizeof *copy);
    *copy = *event;
}
