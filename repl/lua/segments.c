/* segments.c - a segment's fields in Lua: read one by one, and written as a table by edit and inject. */
#include "segments.h"

#include <string.h>

#include "arguments.h"
#include "objects.h"

/* ---- Reading ---- */

static void push_options(lua_State *L, const Options *options) {
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
GETTER(opts, push_options(L, &segment->options))

/* ---- Writing: the value stands on top of the stack ---- */

static lua_Integer read_whole(lua_State *L, const char *name, lua_Integer most) {
    int is_number;
    lua_Integer value = lua_tointegerx(L, -1, &is_number);
    if (!is_number || lua_type(L, -1) != LUA_TNUMBER || value < 0 || value > most) {
        luaL_error(L, "%s must be a whole number, 0 to %I, not %s", name, (LUAI_UACINT)most,
                   luaL_tolstring(L, -1, NULL));
    }
    return value;
}

static void read_end(lua_State *L, const char *name, Endpoint *endpoint) {
    bool has_port;
    if (!read_endpoint(L, lua_gettop(L), endpoint, &has_port) || !has_port) {
        luaL_error(L, "%s must be an address with a port, like \"127.0.0.1:7777\" or \"A:7777\", not %s", name,
                   luaL_tolstring(L, -1, NULL));
    }
}

static void read_sack(lua_State *L, Options *options) {
    lua_Integer count = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
    if (count < 1 || count > 4) luaL_error(L, "opts.sack must be a list of 1 to 4 pairs, like {{100, 200}}");
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        if (!lua_istable(L, -1)) luaL_error(L, "opts.sack must be a list of pairs, like {{100, 200}}");
        lua_rawgeti(L, -1, 1);
        options->sack[i - 1].left = seq_of((uint32_t)read_whole(L, "opts.sack", UINT32_MAX));
        lua_pop(L, 1);
        lua_rawgeti(L, -1, 2);
        options->sack[i - 1].right = seq_of((uint32_t)read_whole(L, "opts.sack", UINT32_MAX));
        lua_pop(L, 2);
    }
    options->sack_count = (uint8_t)count;
}

static uint32_t read_ts_part(lua_State *L, const char *part) {
    lua_getfield(L, -1, part);
    uint32_t value = lua_isnil(L, -1) ? 0 : (uint32_t)read_whole(L, "opts.ts", UINT32_MAX);
    lua_pop(L, 1);
    return value;
}

static void read_options(lua_State *L, Options *options) {
    if (!lua_istable(L, -1)) luaL_error(L, "opts must be a table, like {mss=1460}, not %s", kind_of_value(L, -1));
    *options = OPTIONS_NONE;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        if (strcmp(name, "mss") == 0) {
            options->mss = (uint16_t)read_whole(L, "opts.mss", UINT16_MAX);
        } else if (strcmp(name, "wscale") == 0) {
            options->wscale = (uint8_t)read_whole(L, "opts.wscale", 14);
        } else if (strcmp(name, "sack_ok") == 0) {
            options->sack_permitted = lua_toboolean(L, -1);
        } else if (strcmp(name, "ts") == 0) {
            if (!lua_istable(L, -1)) luaL_error(L, "opts.ts must be a table, like {value=1, echo=0}");
            options->timestamps = true;
            options->ts_value = read_ts_part(L, "value");
            options->ts_echo = read_ts_part(L, "echo");
        } else if (strcmp(name, "sack") == 0) {
            read_sack(L, options);
        } else {
            luaL_error(L, "there is no option '%s'; opts has: mss, wscale, sack_ok, sack, ts", name);
        }
    }
}

static void read_flags(lua_State *L, uint8_t *flags) {
    if (lua_type(L, -1) != LUA_TSTRING || !flags_parse(lua_tostring(L, -1), flags)) {
        luaL_error(L,
                   "flags must be names joined by commas, like \"SYN,ACK\" (FIN, SYN, RST, PSH, ACK, URG, ECE, CWR; or "
                   "\"none\"), not %s",
                   luaL_tolstring(L, -1, NULL));
    }
}

static void read_data(lua_State *L, Segment *segment) {
    size_t length;
    if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "data must be a string, not %s", kind_of_value(L, -1));
    segment->data = (const uint8_t *)lua_tolstring(L, -1, &length);
    if (length > UINT16_MAX) luaL_error(L, "data must fit in one datagram: %I bytes do not", (LUAI_UACINT)length);
    segment->data_length = (uint16_t)length;
}

static bool read_field(lua_State *L, const char *name, Segment *segment) {
    if (strcmp(name, "from") == 0 || strcmp(name, "src") == 0) read_end(L, name, &segment->src);
    else if (strcmp(name, "to") == 0 || strcmp(name, "dst") == 0) read_end(L, name, &segment->dst);
    else if (strcmp(name, "flags") == 0) read_flags(L, &segment->flags);
    else if (strcmp(name, "seq") == 0) segment->seq = seq_of((uint32_t)read_whole(L, name, UINT32_MAX));
    else if (strcmp(name, "ack") == 0) segment->ack = seq_of((uint32_t)read_whole(L, name, UINT32_MAX));
    else if (strcmp(name, "win") == 0) segment->window = (uint16_t)read_whole(L, name, UINT16_MAX);
    else if (strcmp(name, "urg") == 0) segment->urgent = (uint16_t)read_whole(L, name, UINT16_MAX);
    else if (strcmp(name, "data") == 0) read_data(L, segment);
    else if (strcmp(name, "opts") == 0) read_options(L, &segment->options);
    else return false;
    return true;
}

void segment_read_table(lua_State *L, int index, Segment *segment, const char *also) {
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "(unnamed)";
        int top = lua_gettop(L);
        bool known = (also && strcmp(name, also) == 0) || read_field(L, name, segment);
        if (!known) {
            luaL_error(L, "a segment has no field '%s'; it has: from, to, flags, seq, ack, win, urg, data, opts%s%s",
                       name, also ? ", " : "", also ? also : "");
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
