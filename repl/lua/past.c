/* past.c - see past.h. */
#include "past.h"

#include "../text/text.h"

const Flights *flights_at(lua_State *L) {
    const Flights *flights = session_flights(lab_session_of(L));
    if (!flights) luaL_error(L, "not enough memory");
    return flights;
}

/* In the world of a search's check. The list lives until it is asked for again. */
static HostConns conns_elsewhere(lua_State *L, HostId host) {
    const World *world = world_of(L);
    ConnView view;
    uint32_t room = 0, count = 0;
    for (ConnId id = CONN_NONE; conn_is(id = world_conn_after(world, host, id));) room++;
    ConnId *ids = lua_newuserdatauv(L, (room + 1) * sizeof *ids, 0);
    lua_setfield(L, LUA_REGISTRYINDEX, "connections elsewhere");
    for (ConnId id = CONN_NONE; conn_is(id = world_conn_after(world, host, id));)
        if (world_conn(world, id, &view) && !view.gone) ids[count++] = id;
    return (HostConns){.ids = ids, .count = count};
}

HostConns conns_of(lua_State *L, HostId host) {
    HostConns conns;
    if (lab_of(L)->elsewhere) return conns_elsewhere(L, host);
    if (!session_conns(lab_session_of(L), host, &conns)) luaL_error(L, "not enough memory");
    return conns;
}

bool flight_of(lua_State *L, PacketId packet, FlightView *flight) {
    const Flights *flights = flights_at(L);
    return flights_view(flights, flights_find(flights, packet), session_events(lab_session_of(L)), flight);
}

int packet_not_here_error(lua_State *L, PacketId id) {
    return luaL_error(
        L, "packet %d does not exist at this point of the history: back() or reset() went to before it was sent",
        (int)id.id);
}

void packet_past(lua_State *L, PacketId id, PacketPast *past) {
    PacketView *view = &past->view;
    past->in_flight = world_packet(world_of(L), id, view);
    if (past->in_flight) return;
    FlightView flight;
    if (!flight_of(L, id, &flight)) packet_not_here_error(L, id);
    *view = (PacketView){
        .id = id, .conn = flight.conn, .sent = flight.sent, .due = MICROS_NEVER, .event = flight.first};
    view->again = flight.again;
    view->copy_of = flight.copy_of;
    view->forged = flight.forged || flight.edited;
    view->corrupted = flight.corrupted;
    view->bytes = trace_bytes(session_trace(lab_session_of(L)), flight.content, &view->length);
    view->decoded = segment_decode(view->bytes, view->length, &view->segment);
    view->from = world_host_by_addr(world_of(L), view->segment.src.addr);
    view->to = world_host_by_addr(world_of(L), view->segment.dst.addr);
}

int packet_gone_error(lua_State *L, PacketId id, const char *verb) {
    FlightView flight;
    if (!flight_of(L, id, &flight)) return packet_not_here_error(L, id);
    Text text = TEXT_EMPTY;
    text_add(&text, "packet %u is no longer in flight: %s at ", id.id,
             flight.state == FLIGHT_LOST ? drop_text(flight.reason) : "delivered");
    text_time(&text, flight.ended);
    text_add(&text, " s; back() returns to before that");
    push_text(L, &text);
    return luaL_error(L, "%s: %s", verb, lua_tostring(L, -1));
}
