/* packets.c - a packet: what it carries, also after it has gone, and what one can do to it while it is in flight. */
#include <string.h>

#include "vocabulary.h"

typedef struct Packet {
    PacketId id;
} Packet;

void push_packet(lua_State *L, PacketId id) {
    if (!id.id) {
        lua_pushnil(L);
        return;
    }
    Packet *packet = kind_push(L, &packet_kind, sizeof *packet);
    packet->id = id;
}

bool packet_at(lua_State *L, int index, PacketId *id) {
    const Packet *packet = kind_test(L, index, &packet_kind);
    if (packet) *id = packet->id;
    return packet != NULL;
}

static bool is_same(PacketId a, PacketId b) { return a.id == b.id && a.born == b.born; }

/* ---- Packets that are no longer in flight: the trace has kept their bytes ---- */

static int not_here_error(lua_State *L, PacketId id) {
    return luaL_error(
        L, "packet %d does not exist at this point of the history: back() or reset() went to before it was sent",
        (int)id.id);
}

void packet_past(lua_State *L, PacketId id, PacketPast *past) {
    PacketView *view = &past->view;
    past->in_flight = world_packet(world_of(L), id, view);
    if (past->in_flight) return;
    FlightView flight;
    if (!flight_of(L, id, &flight)) not_here_error(L, id);
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
    if (!flight_of(L, id, &flight)) return not_here_error(L, id);
    Text text = TEXT_EMPTY;
    text_add(&text, "packet %u is no longer in flight: %s at ", id.id,
             flight.state == FLIGHT_LOST ? drop_text(flight.reason) : "delivered");
    text_time(&text, flight.ended);
    text_add(&text, " s; back() returns to before that");
    push_text(L, &text);
    return luaL_error(L, "%s: %s", verb, lua_tostring(L, -1));
}

/* ---- What one can do to it ---- */

/* The packet a method is called on; raises where it has gone. */
static PacketId self(lua_State *L, const char *method, PacketView *view) {
    const Packet *packet = kind_self(L, &packet_kind, method);
    if (!world_packet(world_of(L), packet->id, view)) packet_gone_error(L, packet->id, method);
    return packet->id;
}

/* Does it, and returns the step. */
static int finish(lua_State *L, const Input *input) {
    act_surely(L, input, call_name(input->kind));
    push_step(L, session_step(lab_session_of(L)) - 1);
    return lab_catch_up(L, 1);
}

static int simple(lua_State *L, InputKind kind) {
    PacketView view;
    Input input = {.kind = kind, .packet = self(L, call_name(kind), &view)};
    return finish(L, &input);
}

static int packet_deliver(lua_State *L) { return simple(L, INPUT_DELIVER); }
static int packet_drop(lua_State *L) { return simple(L, INPUT_DROP); }
static int packet_hold(lua_State *L) { return simple(L, INPUT_HOLD); }
static int packet_release(lua_State *L) { return simple(L, INPUT_RELEASE); }

static int packet_dup(lua_State *L) {
    PacketView view;
    Input input = {.kind = INPUT_DUP, .packet = self(L, "dup", &view)};
    act_surely(L, &input, "dup");
    push_packet(L, act_result(L)->packet);
    return 1;
}

static int packet_delay(lua_State *L) {
    PacketView view;
    Input input = {.kind = INPUT_DELAY, .packet = self(L, "delay", &view)};
    input.value = check_seconds(L, 2, 1, "the delay", -86400, 86400);
    if (view.held) return lab_argument_error(L, 0, "packet %u is held: release() it first", view.id.id);
    if (view.due + input.value < world_now(world_of(L))) {
        return lab_argument_error(L, 1, "packet %u arrives in %g s and cannot arrive in the past", view.id.id,
                                  (double)(view.due - world_now(world_of(L))) / 1e6);
    }
    return finish(L, &input);
}

static int packet_corrupt(lua_State *L) {
    PacketView view;
    Input input = {.kind = INPUT_CORRUPT, .packet = self(L, "corrupt", &view), .count = CORRUPT_ANYWHERE};
    if (!lua_isnoneornil(L, 2)) {
        int is_number;
        lua_Integer offset = lua_tointegerx(L, 2, &is_number);
        if (!is_number || lua_type(L, 2) != LUA_TNUMBER || offset < 0 || offset >= (lua_Integer)view.length) {
            return lab_argument_error(L, 1, "the byte must be a whole number, 0 to %u in this packet, not %s",
                                      view.length - 1, luaL_tolstring(L, 2, NULL));
        }
        input.count = (uint32_t)offset;
    }
    return finish(L, &input);
}

static int packet_edit(lua_State *L) {
    PacketView view;
    Input input = {.kind = INPUT_EDIT, .packet = self(L, "edit", &view)};
    if (!lua_istable(L, 2))
        return lab_argument_error(L, 1, "say what to change in a table: p:edit{seq=9}, not %s", kind_of_value(L, 2));
    Segment segment = view.segment;
    segment_read_table(L, 2, &segment, NULL);
    input.bytes = segment_push_datagram(L, &segment, &input.length);
    return finish(L, &input);
}

/* ---- Fields ---- */

static const char *const fields[] = {"id",        "src",       "dst",  "flags", "seq",   "ack",     "win",
                                     "urg",       "len",       "data", "opts",  "sent",  "due",     "bytes",
                                     "from",      "to",        "conn", "held",  "again", "copy_of", "forged",
                                     "corrupted", "in_flight", "fate", NULL};

static bool push_own_field(lua_State *L, const PacketPast *past, const char *name) {
    const PacketView *view = &past->view;
    if (strcmp(name, "sent") == 0) push_seconds(L, view->sent);
    else if (strcmp(name, "due") == 0 && view->due != MICROS_NEVER) push_seconds(L, view->due);
    else if (strcmp(name, "due") == 0) lua_pushnil(L);
    else if (strcmp(name, "bytes") == 0) lua_pushlstring(L, (const char *)view->bytes, view->length);
    else if (strcmp(name, "from") == 0) push_host(L, view->from);
    else if (strcmp(name, "to") == 0) push_host(L, view->to);
    else if (strcmp(name, "conn") == 0) push_conn(L, view->conn);
    else if (strcmp(name, "held") == 0) lua_pushboolean(L, view->held);
    else if (strcmp(name, "again") == 0) lua_pushboolean(L, view->again);
    else if (strcmp(name, "copy_of") == 0 && view->copy_of) lua_pushinteger(L, view->copy_of);
    else if (strcmp(name, "copy_of") == 0) lua_pushnil(L);
    else if (strcmp(name, "forged") == 0) lua_pushboolean(L, view->forged);
    else if (strcmp(name, "corrupted") == 0) lua_pushboolean(L, view->corrupted || view->decoded != DECODE_OK);
    else if (strcmp(name, "in_flight") == 0) lua_pushboolean(L, past->in_flight);
    else return false;
    return true;
}

static int packet_get(lua_State *L) {
    const Packet *packet = kind_test(L, 1, &packet_kind);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    bool known = false;
    for (size_t i = 0; fields[i]; i++) known = known || strcmp(fields[i], name) == 0;
    if (!known) return 0;
    if (strcmp(name, "id") == 0) {
        lua_pushinteger(L, packet->id.id);
        return 1;
    }
    if (strcmp(name, "fate") == 0) {
        FlightView flight;
        if (!flight_of(L, packet->id, &flight)) return not_here_error(L, packet->id);
        push_fate(L, &flight);
        return 1;
    }
    PacketPast past;
    packet_past(L, packet->id, &past);
    return segment_push_field(L, &past.view.segment, name) || push_own_field(L, &past, name);
}

static int packet_set(lua_State *L) {
    return luaL_error(L, "packet.%s cannot be set: change a packet in flight with p:edit{%s=...}",
                      luaL_tolstring(L, 2, NULL), luaL_tolstring(L, 2, NULL));
}

static int packet_tostring(lua_State *L) {
    const Packet *packet = kind_test(L, 1, &packet_kind);
    if (!packet) return luaL_error(L, "not a packet");
    Text text = TEXT_EMPTY;
    PacketPast past;
    FlightView flight;
    if (!flight_of(L, packet->id, &flight)) {
        lua_pushfstring(L, "#%d (does not exist at this point of the history)", (int)packet->id.id);
        return 1;
    }
    packet_past(L, packet->id, &past);
    if (past.in_flight) {
        text_packet(&text, world_of(L), &past.view);
    } else {
        text_add(&text, "#%u ", packet->id.id);
        text_endpoint(&text, world_of(L), past.view.segment.src);
        text_add(&text, " > ");
        text_endpoint(&text, world_of(L), past.view.segment.dst);
        text_add(&text, " ");
        text_segment(&text, &past.view.segment);
        text_add(&text, flight.state == FLIGHT_LOST ? " lost at " : " delivered at ");
        text_time(&text, flight.ended);
    }
    push_text(L, &text);
    return 1;
}

static int packet_eq(lua_State *L) {
    const Packet *a = kind_test(L, 1, &packet_kind), *b = kind_test(L, 2, &packet_kind);
    lua_pushboolean(L, a && b && is_same(a->id, b->id));
    return 1;
}

static const luaL_Reg methods[] = {{"deliver", packet_deliver}, {"drop", packet_drop}, {"dup", packet_dup},
                                   {"delay", packet_delay},     {"hold", packet_hold}, {"release", packet_release},
                                   {"corrupt", packet_corrupt}, {"edit", packet_edit}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__tostring", packet_tostring}, {"__eq", packet_eq}, {NULL, NULL}};
const Kind packet_kind = {"packet", "a packet", packet_get, packet_set, methods, meta, fields};
