/* segments.c - a segment's fields in Lua: read one by one, and written as a table by edit and inject. */
#include "segments.h"

#include <string.h>

#include "arguments.h"
#include "objects.h"

/* ---- Reading ---- */

static void push_tcp_options(lua_State *L, const Options *options) {
    lua_newtable(L);
    if (options->mss) {
        lua_pushinteger(L, options->mss);
        lua_setfield(L, -2, "mss");
    }
    if (options->wscale != OPTION_NO_WSCALE) {
        lua_pushinteger(L, options->wscale);
        lua_setfield(L, -2, "wscale");
    }
    if (options->sack_permitted) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "sack_ok");
    }
    if (options->timestamps) {
        lua_newtable(L);
        lua_pushinteger(L, options->ts_value);
        lua_setfield(L, -2, "value");
        lua_pushinteger(L, options->ts_echo);
        lua_setfield(L, -2, "echo");
        lua_setfield(L, -2, "ts");
    }
    if (!options->sack_count) return;
    lua_newtable(L);
    for (uint8_t i = 0; i < options->sack_count; i++) {
        lua_createtable(L, 2, 0);
        lua_pushinteger(L, options->sack[i].left.value);
        lua_rawseti(L, -2, 1);
        lua_pushinteger(L, options->sack[i].right.value);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "sack");
}

#define GETTER(name, push) \
    void segment_push_##name(lua_State *L, const Segment *segment) { push; }
static void push_end(lua_State *L, Endpoint end) {
    char text[ENDPOINT_TEXT];
    lua_pushstring(L, endpoint_text(end, text));
}
static void push_flags(lua_State *L, uint8_t flags) {
    char text[FLAGS_TEXT];
    lua_pushstring(L, flags_text(flags, text));
}
GETTER(src, push_end(L, segment->src))
GETTER(dst, push_end(L, segment->dst))
GETTER(flags, push_flags(L, segment->flags))
GETTER(seq, lua_pushinteger(L, segment->seq.value))
GETTER(ack, lua_pushinteger(L, segment->ack.value))
GETTER(win, lua_pushinteger(L, segment->window))
GETTER(urg, lua_pushinteger(L, segment->urgent))
GETTER(len, lua_pushinteger(L, segment->data_length))
GETTER(data, lua_pushlstring(L, segment->data_length ? (const char *)segment->data : "", segment->data_length))
GETTER(opts, push_tcp_options(L, &segment->options))

/* ---- Writing: each value stands at `index`, raw reads only ---- */

/* Raises "NAME must be WANTED, not ...". */
static void wrong_field(lua_State *L, int index, const char *name, const char *wanted) {
    luaL_error(L, "%s must be %s, not %s", name, wanted,
               lua_istable(L, index) ? kind_of_value(L, index) : luaL_tolstring(L, index, NULL));
}

static uint32_t read_number(lua_State *L, int index, const char *name, uint32_t most) {
    lua_Integer value = 0;
    if (!is_whole(L, index, &value) || value < 0 || value > most)
        wrong_field(L, index, name, lua_pushfstring(L, "a whole number, 0 to %I", (LUAI_UACINT)most));
    return (uint32_t)value;
}

static void read_end(lua_State *L, int index, const char *name, Endpoint *endpoint) {
    bool has_port;
    if (!read_endpoint(L, index, endpoint, &has_port) || !has_port)
        wrong_field(L, index, name, "an address with a port, like \"127.0.0.1:7777\" or \"A:7777\"");
}

static Seq read_edge(lua_State *L, int pair, lua_Integer nth) {
    lua_rawgeti(L, pair, nth);
    Seq edge = seq_of(read_number(L, lua_gettop(L), "opts.sack", UINT32_MAX));
    lua_pop(L, 1);
    return edge;
}

static void read_sack(lua_State *L, int index, Options *options) {
    lua_Integer count = lua_istable(L, index) ? (lua_Integer)lua_rawlen(L, index) : 0;
    if (count < 1 || count > 4) luaL_error(L, "opts.sack must be a list of 1 to 4 pairs, like {{100, 200}}");
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, index, i) != LUA_TTABLE)
            luaL_error(L, "opts.sack must be a list of pairs, like {{100, 200}}");
        options->sack[i - 1].left = read_edge(L, lua_gettop(L), 1);
        options->sack[i - 1].right = read_edge(L, lua_gettop(L), 2);
        lua_pop(L, 1);
    }
    options->sack_count = (uint8_t)count;
}

static void read_timestamps(lua_State *L, int index, Options *options) {
    static const char *const names[] = {"value", "echo", NULL};
    if (!lua_istable(L, index)) luaL_error(L, "opts.ts must be a table, like {value=1, echo=0}");
    int first = push_named(L, index, "opts.ts has", names);
    options->timestamps = true;
    if (!lua_isnil(L, first)) options->ts_value = read_number(L, first, "opts.ts", UINT32_MAX);
    if (!lua_isnil(L, first + 1)) options->ts_echo = read_number(L, first + 1, "opts.ts", UINT32_MAX);
}

static void read_options(lua_State *L, int index, Options *options) {
    static const char *const names[] = {"mss", "wscale", "sack_ok", "sack", "ts", NULL};
    if (!lua_istable(L, index)) luaL_error(L, "opts must be a table, like {mss=1460}, not %s", kind_of_value(L, index));
    int first = push_named(L, index, "opts has", names);
    *options = OPTIONS_NONE;
    if (!lua_isnil(L, first)) options->mss = (uint16_t)read_number(L, first, "opts.mss", UINT16_MAX);
    if (!lua_isnil(L, first + 1))
        options->wscale = (uint8_t)read_number(L, first + 1, "opts.wscale", OPTION_NO_WSCALE - 1);
    options->sack_permitted = lua_toboolean(L, first + 2);
    if (!lua_isnil(L, first + 3)) read_sack(L, first + 3, options);
    if (!lua_isnil(L, first + 4)) read_timestamps(L, first + 4, options);
}

uint8_t segment_flags_at(lua_State *L, int index, const char *name) {
    uint8_t flags = 0;
    if (lua_type(L, index) == LUA_TSTRING && flags_parse(lua_tostring(L, index), &flags)) return flags;
    wrong_field(L, index, name,
                "names joined by commas, like \"SYN,ACK\" (FIN, SYN, RST, PSH, ACK, URG, ECE, CWR; or \"none\")");
    return 0;
}

static void read_data(lua_State *L, int index, Segment *segment) {
    size_t length;
    if (lua_type(L, index) != LUA_TSTRING) luaL_error(L, "data must be a string, not %s", kind_of_value(L, index));
    segment->data = (const uint8_t *)lua_tolstring(L, index, &length);
    if (length > UINT16_MAX) luaL_error(L, "data must fit in one datagram: %I bytes do not", (LUAI_UACINT)length);
    segment->data_length = (uint16_t)length;
}

static const char *const field_names[] = {
    [SEGMENT_FROM] = "from", [SEGMENT_TO] = "to",   [SEGMENT_FLAGS] = "flags", [SEGMENT_SEQ] = "seq",
    [SEGMENT_ACK] = "ack",   [SEGMENT_WIN] = "win", [SEGMENT_URG] = "urg",     [SEGMENT_DATA] = "data",
    [SEGMENT_OPTS] = "opts", [SEGMENT_SRC] = "src", [SEGMENT_DST] = "dst",     [SEGMENT_DELAY] = "delay",
    [SEGMENT_NAMES] = NULL};

int segment_push_fields(lua_State *L, int index, bool with_delay) {
    const char *names[SEGMENT_NAMES + 1];
    memcpy(names, field_names, sizeof names);
    if (!with_delay) names[SEGMENT_DELAY] = NULL;
    return push_named(L, index, "a segment has", names);
}

void segment_read(lua_State *L, int first, Segment *segment) {
    for (int i = 0; i < SEGMENT_DELAY; i++) {
        const char *name = field_names[i];
        int at = first + i, top = lua_gettop(L);
        if (lua_isnil(L, at)) continue;
        switch ((SegmentName)i) {
        case SEGMENT_FROM:
        case SEGMENT_SRC: read_end(L, at, name, &segment->src); break;
        case SEGMENT_TO:
        case SEGMENT_DST: read_end(L, at, name, &segment->dst); break;
        case SEGMENT_FLAGS: segment->flags = segment_flags_at(L, at, name); break;
        case SEGMENT_SEQ: segment->seq = seq_of(read_number(L, at, name, UINT32_MAX)); break;
        case SEGMENT_ACK: segment->ack = seq_of(read_number(L, at, name, UINT32_MAX)); break;
        case SEGMENT_WIN: segment->window = (uint16_t)read_number(L, at, name, UINT16_MAX); break;
        case SEGMENT_URG: segment->urgent = (uint16_t)read_number(L, at, name, UINT16_MAX); break;
        case SEGMENT_DATA: read_data(L, at, segment); break;
        case SEGMENT_OPTS: read_options(L, at, &segment->options); break;
        case SEGMENT_DELAY:
        case SEGMENT_NAMES: break;
        }
        lua_settop(L, top);
    }
}

const uint8_t *segment_push_datagram(lua_State *L, const Segment *segment, uint32_t *length) {
    uint8_t *bytes = lua_newuserdatauv(L, LIMIT_DATAGRAM, 0);
    size_t size = segment_encode(segment, bytes, LIMIT_DATAGRAM);
    if (size == 0)
        luaL_error(L, "that segment does not fit in a datagram: its options take at most %d bytes, all of it %d",
                   TCP_OPTIONS_MOST, LIMIT_DATAGRAM);
    *length = (uint32_t)size;
    return bytes;
}

bool segment_push_bytes(lua_State *L, int index, Input *input) {
    size_t length;
    lua_pushliteral(L, "bytes");
    if (lua_rawget(L, index) == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    if (lua_type(L, -1) != LUA_TSTRING)
        wrong_field(L, lua_gettop(L), "bytes", "a string with a whole datagram, like p.bytes");
    input->bytes = (const uint8_t *)lua_tolstring(L, -1, &length);
    if (length == 0 || length > LIMIT_DATAGRAM)
        luaL_error(L, "bytes must be a datagram of 1 to %d bytes, not %I", LIMIT_DATAGRAM, (LUAI_UACINT)length);
    input->length = (uint32_t)length;
    return true;
}
