/* packets.c - a packet: what it carries, also after it has gone, and what one can do to it while it is in flight. */
#include <string.h>

#include "act.h"
#include "arguments.h"
#include "events.h"
#include "flights.h"
#include "handles.h"
#include "packets.h"
#include "past.h"
#include "raise.h"
#include "segments.h"

static bool is_same(PacketId a, PacketId b) { return a.id == b.id && a.born == b.born; }

/* ---- What one can do to it ---- */

/* The packet a method is called on; raises where it has gone. */
static PacketId self(lua_State *L, const char *method, PacketView *view) {
    const PacketHandle *packet = object_self(L, PACKET, method);
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
        lua_Integer offset;
        if (!is_whole(L, 2, &offset) || offset < 0 || offset >= (lua_Integer)view.length) {
            return lab_argument_error(L, 1, "the byte must be a whole number, 0 to %u in this packet, not %s",
                                      view.length - 1, luaL_tolstring(L, 2, NULL));
        }
        input.count = (uint32_t)offset;
    }
    return finish(L, &input);
}

static int packet_edit(lua_State *L) {
    PacketView view;
    object_self(L, PACKET, "edit");
    if (!lua_istable(L, 2))
        return lab_argument_error(L, 1, "say what to change in a table: p:edit{seq=9}, not %s", kind_of_value(L, 2));
    Input input = {.kind = INPUT_EDIT};
    if (segment_push_bytes(L, 2, &input)) {
        static const char *const names[] = {"bytes", NULL};
        push_named(L, 2, "a datagram has", names);
        input.packet = self(L, "edit", &view);
        return finish(L, &input);
    }
    int fields_from = segment_push_fields(L, 2, false);
    input.packet = self(L, "edit", &view);
    Segment segment = view.segment; /* its data is the world's own */
    segment_read(L, fields_from, &segment);
    input.bytes = segment_push_datagram(L, &segment, &input.length);
    return finish(L, &input);
}

/* ---- Fields: each gets the PacketPast ---- */

#define SEGMENT_FIELD(name, help)                                          \
    static void push_##name(lua_State *L, const void *past) {              \
        segment_push_##name(L, &((const PacketPast *)past)->view.segment); \
    }
#include "segments.def"

#define GETTER(name, push)                                          \
    static void push_##name(lua_State *L, const void *past) {       \
        const PacketView *view = &((const PacketPast *)past)->view; \
        push;                                                       \
    }
GETTER(id, lua_pushinteger(L, view->id.id))
GETTER(sent, push_seconds(L, view->sent))
GETTER(due, if (view->due != MICROS_NEVER) push_seconds(L, view->due); else lua_pushnil(L))
GETTER(bytes, lua_pushlstring(L, (const char *)view->bytes, view->length))
GETTER(from, push_host(L, view->from))
GETTER(to, push_host(L, view->to))
GETTER(its_conn, push_conn(L, view->conn))
GETTER(held, lua_pushboolean(L, view->held))
GETTER(again, lua_pushboolean(L, view->again))
GETTER(copy_of, if (view->copy_of) lua_pushinteger(L, view->copy_of); else lua_pushnil(L))
GETTER(forged, lua_pushboolean(L, view->forged))
GETTER(corrupted, lua_pushboolean(L, view->corrupted || view->decoded != DECODE_OK))

static void push_in_flight(lua_State *L, const void *past) {
    lua_pushboolean(L, ((const PacketPast *)past)->in_flight);
}

static void push_its_fate(lua_State *L, const void *past) {
    FlightView flight;
    if (!flight_of(L, ((const PacketPast *)past)->view.id, &flight)) lua_pushnil(L);
    else push_fate(L, &flight);
}

static const Field fields[] = {
    {"id", push_id, "its number, counted from 1 in the order of sending"},
#define SEGMENT_FIELD(name, help) {#name, push_##name, help},
#include "segments.def"
    {"sent", push_sent, "when it was sent, in seconds of the virtual clock"},
    {"due", push_due, "when it arrives; nil: it is held, or no longer in flight"},
    {"bytes", push_bytes, "the IPv4 datagram as a string"},
    {"from", push_from, "the host that sent it; nil: no host has that address"},
    {"to", push_to, "the host it is for; nil: no host has that address"},
    {"conn", push_its_conn, "the connection that sent it; nil: none, it is forged or an answer of a closed port"},
    {"held", push_held, "true: it does not arrive until release()"},
    {"again", push_again, "true: a retransmission"},
    {"copy_of", push_copy_of, "the number of the packet it is a copy of; nil: it is none"},
    {"forged", push_forged, "true: injected or edited, no TCP sent it like this"},
    {"corrupted", push_corrupted, "true: damaged, its receiver will drop it"},
    {"in_flight", push_in_flight, "true: it has neither arrived nor been lost"},
    {"fate", push_its_fate,
     "what became of it, as a sentence; its fields: state, sent, due, ended, reason, order, outcome, rule, section, "
     "bytes, "
     "nth, "
     "window, answer, copies, held, delayed, edited, corrupted, events"},
    {0}};

static int packet_read(lua_State *L, const Field *field) {
    const PacketHandle *packet = object_at(L, 1, PACKET);
    PacketPast past = {.view.id = packet->id};
    if (field->push != push_id) packet_past(L, packet->id, &past); /* the number is known in any case */
    field->push(L, &past);
    return 1;
}

static int packet_set(lua_State *L) {
    return luaL_error(L, "packet.%s cannot be set: change a packet in flight with p:edit{%s=...}",
                      luaL_tolstring(L, 2, NULL), luaL_tolstring(L, 2, NULL));
}

static int packet_tostring(lua_State *L) {
    const PacketHandle *packet = object_at(L, 1, PACKET);
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
    const PacketHandle *a = object_at(L, 1, PACKET), *b = object_at(L, 2, PACKET);
    lua_pushboolean(L, a && b && is_same(a->id, b->id));
    return 1;
}

static const Method methods[] = {
    {"deliver", packet_deliver, "p:deliver()", "it arrives now, out of turn", "print(wire[1]:deliver())"},
    {"drop", packet_drop, "p:drop()", "it is lost", "print(wire[1]:drop())"},
    {"dup", packet_dup, "q = p:dup()", "duplicates it; returns the copy", "q = wire[1]:dup(); print(#wire, q.copy_of)"},
    {"delay", packet_delay, "p:delay(s)", "it arrives s seconds later", "wire[1]:delay(1); print(wire[1].due)"},
    {"hold", packet_hold, "p:hold()",
     "it does not arrive until released (a packet older than the MSL dies all the same)",
     "wire[1]:hold(); print(wire[1].held)"},
    {"release", packet_release, "p:release()", "ends hold()", "p = wire[1]; p:hold(); p:release(); print(p.held)"},
    {"corrupt", packet_corrupt, "p:corrupt([offset])",
     "damages one byte, counted from 0; the receiver's checksum will tell", "wire[1]:corrupt(); print(step())"},
    {"edit", packet_edit, "p:edit{seq=9}",
     "changes fields: from, to, flags, seq, ack, win, urg, data, opts; the checksum is computed again. Or bytes, the "
     "whole datagram as it is",
     "wire[1]:edit{seq=9}; print(wire[1].seq)"},
    {0}};
static const luaL_Reg meta[] = {{"__tostring", packet_tostring}, {"__eq", packet_eq}, {NULL, NULL}};
const Kind packet_kind = {.name = PACKET,
                          .phrase = "a packet",
                          .sample = "wire[1]",
                          .letter = "p",
                          .help = "a packet; what it carries can be read after it has gone, too",
                          .read = packet_read,
                          .set = packet_set,
                          .fields = fields,
                          .methods = methods,
                          .meta = meta};
