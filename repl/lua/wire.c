/* wire.c - the wire: the packets in flight, next to arrive first, and what the path does to them. */
#include <math.h>
#include <string.h>

#include "act.h"
#include "arguments.h"
#include "flights.h"
#include "handles.h"
#include "library.h"
#include "orders.h"
#include "packets.h"
#include "past.h"
#include "raise.h"
#include "segments.h"
#include "values.h"

enum {
    DELAY_MOST = 3600, /* seconds */
    SHOWN = 20         /* packets, where the wire is printed */
};

/* ---- Packets ---- */

/* In the world of a search's check there are few. */
static uint32_t packets_elsewhere(lua_State *L, uint32_t from, PacketId *ids, uint32_t capacity) {
    uint32_t count = world_packets(world_of(L)), taken = 0;
    PacketId *all = lua_newuserdatauv(L, (count + 1) * sizeof *all, 0);
    world_packet_list(world_of(L), all, count);
    for (uint32_t i = from; i < count && taken < capacity; i++) ids[taken++] = all[i];
    lua_pop(L, 1);
    return taken;
}

static uint32_t packets_from(lua_State *L, uint32_t from, PacketId *ids, uint32_t capacity) {
    if (lab_of(L)->elsewhere) return packets_elsewhere(L, from, ids, capacity);
    uint32_t count = session_packets(lab_session_of(L), from, ids, capacity);
    if (count == UINT32_MAX) luaL_error(L, "not enough memory");
    return count;
}

static int push_nth(lua_State *L, lua_Integer nth) {
    PacketId id = PACKET_NONE;
    if (nth >= 1 && nth <= (lua_Integer)world_packets(world_of(L))) packets_from(L, (uint32_t)nth - 1, &id, 1);
    push_packet(L, id);
    return 1;
}

static int wire_len(lua_State *L) {
    lua_pushinteger(L, world_packets(world_of(L)));
    return 1;
}

/* As many as fit on a screen, and how many more there are. */
static int wire_tostring(lua_State *L) {
    PacketId ids[SHOWN];
    uint32_t all = world_packets(world_of(L)), count = packets_from(L, 0, ids, SHOWN);
    Text text = TEXT_EMPTY;
    for (uint32_t i = 0; i < count; i++) {
        PacketView view;
        if (!world_packet(world_of(L), ids[i], &view)) continue;
        text_add(&text, "%swire[%u]  ", i ? "\n" : "", i + 1);
        text_packet(&text, world_of(L), &view);
    }
    if (all > count) {
        text_add(&text, "\n... ");
        text_count(&text, all - count);
        text_add(&text, " more: wire[%u] .. wire[%u]", count + 1, all);
    }
    if (all == 0) text_add(&text, "nothing is in flight");
    push_text(L, &text);
    return 1;
}

/* ---- ICMP errors ---- */

/* Finds the type and code that are called so. */
static bool icmp_named(const char *name, Icmp *icmp) {
    static const uint8_t types[] = {ICMP_UNREACHABLE, ICMP_SOURCE_QUENCH, ICMP_TIME_EXCEEDED, ICMP_PARAMETER_PROBLEM};
    for (size_t i = 0; i < sizeof types; i++) {
        for (uint8_t code = 0; code < ICMP_CODES; code++) {
            if (strcmp(icmp_text(types[i], code), name) != 0) continue;
            icmp->type = types[i];
            icmp->code = code;
            return true;
        }
    }
    return false;
}

/* Forges the datagram of the input after the delay at `delay`, and pushes the packet. */
static int inject(lua_State *L, Input *input, int delay) {
    input->kind = INPUT_INJECT;
    input->value = lua_isnil(L, delay) ? -1 : check_seconds(L, delay, 1, "delay", 0, DELAY_MOST);
    act_surely(L, input, "inject");
    push_packet(L, act_result(L)->packet);
    return 1;
}

/* wire:inject{icmp="port unreachable", about=p}: the network reports an error about a packet to its sender. */
static int inject_icmp(lua_State *L) {
    static const char *const names[] = {"icmp", "about", "delay", NULL};
    PacketId id;
    PacketPast past;
    Icmp icmp = {0};
    Input input = {0};
    uint8_t bytes[ICMP_DATAGRAM];
    int name = push_named(L, 2, "an ICMP error has", names), packet = name + 1;
    if (lua_type(L, name) != LUA_TSTRING || !icmp_named(lua_tostring(L, name), &icmp)) {
        return lab_argument_error(
            L, 1,
            "icmp must be one of \"network unreachable\", \"host unreachable\", \"protocol unreachable\", \"port "
            "unreachable\", "
            "\"fragmentation needed\", \"source route failed\", \"source quench\", \"time to live exceeded\", "
            "\"fragment reassembly time exceeded\", \"parameter problem\", not %s",
            lab_literal(L, name));
    }
    if (!packet_at(L, packet, &id))
        return lab_argument_error(L, 1, "about must be the packet that the error is about, not %s",
                                  kind_of_value(L, packet));
    packet_past(L, id, &past);
    const Segment *about = &past.view.segment;
    icmp.src = about->dst.addr;
    icmp.dst = about->src.addr;
    icmp.about_src = about->src;
    icmp.about_dst = about->dst;
    icmp.about_seq = about->seq;
    input.bytes = bytes;
    input.length = (uint32_t)icmp_encode(&icmp, bytes, sizeof bytes);
    return inject(L, &input, name + 2);
}

static bool has_field(lua_State *L, int table, const char *name) {
    lua_pushstring(L, name);
    bool has = lua_rawget(L, table) != LUA_TNIL;
    lua_pop(L, 1);
    return has;
}

/* wire:inject{from="127.0.0.1:7777", to="127.0.0.2:80", flags="SYN", seq=9} */
static int wire_inject(lua_State *L) {
    object_self(L, WIRE, "inject");
    if (!lua_istable(L, 2)) {
        return lab_argument_error(
            L, 1,
            "say what to forge in a table: wire:inject{from=\"A:7777\", to=\"B:80\", flags=\"SYN\", seq=9}, not %s",
            kind_of_value(L, 2));
    }
    if (has_field(L, 2, "icmp")) return inject_icmp(L);
    Input input = {0};
    if (has_field(L, 2, "bytes")) {
        static const char *const names[] = {"bytes", "delay", NULL};
        int raw = push_named(L, 2, "a datagram has", names);
        segment_push_bytes(L, 2, &input);
        return inject(L, &input, raw + 1);
    }
    Segment segment = {.window = UINT16_MAX, .ttl = 64, .options = OPTIONS_NONE};
    int given = segment_push_fields(L, 2, true);
    segment_read(L, given, &segment);
    if (addr_is_unspecified(segment.src.addr))
        return lab_argument_error(L, 1, "from is missing: from=\"127.0.0.1:7777\"");
    if (addr_is_unspecified(segment.dst.addr)) return lab_argument_error(L, 1, "to is missing: to=\"127.0.0.2:80\"");
    if (lua_isnil(L, given + SEGMENT_FLAGS)) return lab_argument_error(L, 1, "flags is missing: flags=\"SYN\"");
    input.bytes = segment_push_datagram(L, &segment, &input.length);
    return inject(L, &input, given + SEGMENT_DELAY);
}

/* ---- The path ---- */

static int find_path_rule(const char *name) {
    for (int i = 0; i < PATH_RULE_COUNT; i++)
        if (strcmp(path_rule_info((PathRule)i)->name, name) == 0) return i;
    return -1;
}

/* How many units of what is kept make one of what people write. */
static lua_Number scale(const PathRuleInfo *info) { return info->kind == PATH_RULE_BYTES ? 1 : 1e6; }

static int wire_item(lua_State *L) {
    lua_Integer nth = 0;
    if (lua_type(L, 2) != LUA_TNUMBER) return 0;
    return push_nth(L, is_whole(L, 2, &nth) ? nth : 0);
}

static void push_path_rule(lua_State *L, const void *rule) {
    const PathRuleInfo *info = path_rule_info(*(const PathRule *)rule);
    int64_t value = world_path(world_of(L), *(const PathRule *)rule);
    if (info->kind == PATH_RULE_BYTES) lua_pushinteger(L, value);
    else lua_pushnumber(L, (lua_Number)value / scale(info));
}

static void push_wire_kind(lua_State *L, const void *unused) {
    (void)unused;
    lua_pushstring(L, session_wire(lab_session_of(L)));
}

static void push_wire_orders(lua_State *L, const void *unused) {
    (void)unused;
    push_orders(L);
}

static const Field fields[] = {
#define PATH_RULE(id, name, kind, def, low, high, usage, help) {#name, push_path_rule, help},
#include "../../engine/world/path_rules.def"
    {"kind", push_wire_kind, "\"raw\": packets cross the system's loopback; \"memory\": they stay in the program"},
    {"orders", push_wire_orders, "the standing orders, oldest first: wire.orders[1] .. wire.orders[#wire.orders]"},
    {0}};

static int wire_read(lua_State *L, const Field *field) {
    PathRule rule = (PathRule)(field - fields);
    field->push(L, &rule);
    return 1;
}

static int wrong_value(lua_State *L, const PathRuleInfo *info) {
    static const char *const kinds[] = {[PATH_RULE_SECONDS] = "a number of seconds",
                                        [PATH_RULE_PROBABILITY] = "a probability",
                                        [PATH_RULE_BYTES] = "a whole number of bytes"};
    const char *is = lab_literal(L, 3);
    Text text = TEXT_EMPTY;
    text_add(&text, "wire.%s must be %s, %.10g to %.10g, not %s", info->name, kinds[info->kind],
             (double)info->low / scale(info), (double)info->high / scale(info), is);
    push_text(L, &text);
    return luaL_error(L, "%s", lua_tostring(L, -1));
}

static const Kind wire_kind;

static int wire_set(lua_State *L) {
    const char *name = luaL_tolstring(L, 2, NULL);
    int rule = find_path_rule(name);
    if (strcmp(name, "kind") == 0)
        return luaL_error(L, "wire.kind cannot be set here: start twomsl with --wire=raw or --wire=memory");
    if (strcmp(name, "orders") == 0)
        return luaL_error(L, "wire.orders cannot be set: wire:drop{...} gives an order, o:cancel() ends it");
    if (lua_type(L, 2) == LUA_TNUMBER)
        return luaL_error(L, "wire[%s] cannot be set: wire:inject{...} forges a packet", name);
    if (rule < 0) return kind_unknown_field(L, &wire_kind, name);
    const PathRuleInfo *info = path_rule_info((PathRule)rule);
    bool off = lua_type(L, 3) == LUA_TBOOLEAN && !lua_toboolean(L, 3);
    if (!off && lua_type(L, 3) != LUA_TNUMBER) return wrong_value(L, info);
    lua_Number value = off ? 0 : lua_tonumber(L, 3) * scale(info);
    if (!(value >= (lua_Number)info->low && value <= (lua_Number)info->high)) return wrong_value(L, info);
    if (info->kind == PATH_RULE_BYTES && value != floor(value)) return wrong_value(L, info);
    Input input = {.kind = INPUT_PATH, .path = (PathRule)rule, .value = (int64_t)llround(value)};
    act_surely(L, &input, name);
    return 0;
}

static const Method methods[] = {
    {"inject", wire_inject, "p = wire:inject{from=\"A:7777\", to=\"B:80\", flags=\"SYN\", seq=9}",
     "forges a packet; also ack, win, urg, data, opts={mss=1460}, delay; or bytes, a whole datagram. "
     "wire:inject{icmp=\"port unreachable\", "
     "about=p} "
     "reports an error about p to its sender",
     "p = wire:inject{from=\"127.0.0.1:5\", to=\"127.0.0.2:80\", flags=\"SYN\", seq=9}; print(p.flags)"},
    {"drop", order_drop, "o = wire:drop{from=A, flags=\"ACK\", times=1}",
     "orders that packets sent from now on are lost if they meet all conditions: from, to, flags (exactly these), has "
     "(among others), seq, ack, len (a number, or {least, most}), again, nth (only the nth of them), times; what "
     "wire:inject forges is exempt; an order counts a packet that another one drops",
     "o = wire:drop{from=A, flags=\"ACK\", times=1}; run(); print(o.done, o)"},
    {"hold", order_hold, "o = wire:hold{from=B, has=\"FIN\"}",
     "orders that such packets do not arrive until released; conditions: see wire:drop",
     "o = wire:hold{from=B, flags=\"SYN,ACK\"}; step(); print(wire[1].held)"},
    {"dup", order_dup, "o = wire:dup{len={1}}", "orders that such packets arrive twice; conditions: see wire:drop",
     "o = wire:dup{to=A, nth=1}; step(); print(#wire, o.done)"},
    {"delay", order_delay, "o = wire:delay{flags=\"SYN\", times=1, by=3}",
     "orders that such packets arrive `by` seconds later; conditions: see wire:drop",
     "o = wire:delay{from=B, times=1, by=3}; step(); print(wire[1].due)"},
    {"corrupt", order_corrupt, "o = wire:corrupt{nth=2}",
     "orders that such packets are damaged; conditions: see wire:drop",
     "o = wire:corrupt{from=B, nth=1}; step(); print(wire[1].corrupted)"},
    {0}};
static const luaL_Reg meta[] = {{"__tostring", wire_tostring}, {"__len", wire_len}, {NULL, NULL}};
static const Kind wire_kind = {
    .name = WIRE,
    .phrase = "the wire",
    .sample = "wire",
    .letter = "wire",
    .help = "the packets in flight, wire[1] .. wire[#wire], next to arrive first; and what the "
            "path does to packets: wire.latency = 0.2",
    .read = wire_read,
    .item = wire_item,
    .set = wire_set,
    .fields = fields,
    .methods = methods,
    .meta = meta};

/* wire.corrupt is a probability, and wire:corrupt{...} calls that number with the wire and a table. */
static int number_call(lua_State *L) {
    if (!object_at(L, 2, WIRE)) return luaL_error(L, "attempt to call a number value");
    lua_remove(L, 1);
    return order_corrupt(L);
}

static void open(lua_State *L) {
    lua_pushinteger(L, 0);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, number_call);
    lua_setfield(L, -2, "__call");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2); /* of all numbers */
    lua_pop(L, 1);
    object_push(L, WIRE, 1);
    lua_setglobal(L, "wire");
}

static const Word words[] = {{"wire", NULL, "wire[1] .. wire[#wire]",
                              "the packets in flight, next to arrive first; help \"latency\" and the like explain what "
                              "the path does to them",
                              "print(#wire, wire[1].flags, wire.kind)", NULL},
                             {0}};
static const Kind *const kinds[] = {&wire_kind, &packet_kind, &order_kind, NULL};
const Library packets_library = {"Packets in flight", words, kinds, open};
