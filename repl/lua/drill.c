/* drill.c - what scripts/drill.lua needs beyond the vocabulary: LPeg, files, datagrams to the bit, and a clock that
 * stops before what is due.
 *
 * Only `twomsl drill` opens these: a student's script has neither them nor require. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "command.h"
#include "events.h"
#include "handles.h"
#include "modules.h"
#include "segments.h"

enum { SCRIPT_MOST = 8 << 20 };

static int open_lpeg(lua_State *L) {
    lua_settop(L, 0);
    return module_open(L, "lpeg");
}

/* ---- Files ---- */

/* (path): the text, or nil and why not. */
static int read_text(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    FILE *file = fopen(path, "r");
    if (!file) {
        luaL_pushfail(L);
        lua_pushstring(L, strerror(errno));
        return 2;
    }
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    size_t total = 0, count = 1;
    while (count > 0 && total <= SCRIPT_MOST) {
        char *room = luaL_prepbuffer(&text);
        count = fread(room, 1, LUAL_BUFFERSIZE, file);
        luaL_addsize(&text, count);
        total += count;
    }
    int reason = ferror(file) ? errno : total > SCRIPT_MOST ? EFBIG : 0;
    fclose(file);
    luaL_pushresult(&text);
    if (!reason) return 1;
    luaL_pushfail(L);
    lua_pushstring(L, strerror(reason));
    return 2;
}

/* (path): the names in a folder, in no order; nil where it is none. */
static int list_folder(lua_State *L) {
    DIR *folder = opendir(luaL_checkstring(L, 1));
    if (!folder) {
        luaL_pushfail(L);
        return 1;
    }
    lua_Integer count = 0;
    lua_newtable(L);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        lua_pushstring(L, entry->d_name);
        lua_rawseti(L, -2, ++count);
    }
    closedir(folder);
    return 1;
}

/* ---- Datagrams ---- */

/* Pushes a list of a segment's options as they stand, each a list of its brief name and its values. */
static void push_raw_options(lua_State *L, const uint8_t *options, size_t length) {
    RawOption option;
    size_t at = 0;
    lua_newtable(L);
    for (lua_Integer n = 1; option_next(options, length, &at, &option); n++) {
        lua_createtable(L, (int)option.count + 1, 0);
        lua_pushstring(L, option_info(option.kind)->brief);
        lua_rawseti(L, -2, 1);
        for (size_t i = 0; i < option.count; i++) {
            lua_pushinteger(L, option.values[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 2);
        }
        lua_rawseti(L, -2, n);
    }
}

/* (bytes of a datagram): {flags=, seq=, ack=, win=, urg=, length=, src=, dst=, tos=, ttl=, options=}, the ports as
 * numbers; nil where they are no TCP segment. */
static int decode(lua_State *L) {
    static const struct {
        const char *name;
        FieldId field;
    } numbers[] = {{"seq", FIELD_TCP_SEQ},    {"ack", FIELD_TCP_ACK},    {"win", FIELD_TCP_WINDOW},
                   {"urg", FIELD_TCP_URGENT}, {"src", FIELD_TCP_SOURCE}, {"dst", FIELD_TCP_DESTINATION},
                   {"tos", FIELD_IP_TOS},     {"ttl", FIELD_IP_TTL}};
    size_t length;
    const uint8_t *bytes = (const uint8_t *)luaL_checklstring(L, 1, &length);
    DatagramParts parts = datagram_parts(bytes, length);
    Segment segment;
    segment_decode(bytes, length, &segment);
    char flags[FLAGS_TEXT];
    if (!parts.tcp) return 0;
    lua_newtable(L);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        lua_pushinteger(L, field_value(bytes, length, numbers[i].field));
        lua_setfield(L, -2, numbers[i].name);
    }
    lua_pushinteger(L, (lua_Integer)parts.data_length);
    lua_setfield(L, -2, "length");
    lua_pushstring(L, flags_text(segment.flags, flags));
    lua_setfield(L, -2, "flags");
    push_raw_options(L, bytes + parts.options, parts.options_length);
    lua_setfield(L, -2, "options");
    return 1;
}

/* Reads one option at the top of the stack, a list as in push_raw_options(); returns its size, 0 where it is none or
 * does not fit. */
static size_t read_raw_option(lua_State *L, uint8_t *bytes, size_t capacity) {
    uint32_t values[OPTION_VALUES];
    lua_Integer count = luaL_len(L, -1) - 1;
    lua_rawgeti(L, -1, 1);
    const OptionInfo *info = option_find(luaL_checkstring(L, -1));
    lua_pop(L, 1);
    if (!info || count < 0 || count > OPTION_VALUES) return 0;
    for (lua_Integer i = 0; i < count; i++) {
        lua_rawgeti(L, -1, i + 2);
        values[i] = (uint32_t)luaL_checkinteger(L, -1);
        lua_pop(L, 1);
    }
    return option_encode(info->kind, values, (size_t)count, bytes, capacity);
}

/* Options exactly as they stand in a script, whatever a well-behaved TCP would send. */
static size_t read_raw_options(lua_State *L, int index, uint8_t bytes[TCP_OPTIONS_MOST]) {
    size_t length = 0;
    luaL_checktype(L, index, LUA_TTABLE);
    for (lua_Integer i = 1, count = luaL_len(L, index); i <= count; i++) {
        lua_rawgeti(L, index, i);
        size_t size = read_raw_option(L, bytes + length, TCP_OPTIONS_MOST - length);
        if (size == 0) luaL_error(L, "the options take more than %d bytes", TCP_OPTIONS_MOST);
        length += size;
        lua_pop(L, 1);
    }
    return length;
}

static int arrive(lua_State *L, const uint8_t *bytes, uint32_t length, lua_Integer delay) {
    Input input = {.kind = INPUT_INJECT, .bytes = bytes, .length = length, .value = delay};
    act_surely(L, &input, "inject");
    push_packet(L, act_result(L)->packet);
    return 1;
}

static lua_Integer field(lua_State *L, const char *name) {
    lua_getfield(L, 1, name);
    lua_Integer value = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

/* ({from=, to=, flags=, seq= ...}, tos, ttl, {{"mss", 1460} ...}, delay): a forged packet with these options that
 * arrives after `delay` microseconds. */
static int inject(lua_State *L) {
    Segment segment = {.ttl = 64, .options = OPTIONS_NONE};
    uint8_t options[TCP_OPTIONS_MOST];
    segment.tos = (uint8_t)luaL_checkinteger(L, 2);
    segment.ttl = (uint8_t)luaL_checkinteger(L, 3);
    size_t options_length = read_raw_options(L, 4, options);
    segment_read(L, segment_push_fields(L, 1, false), &segment);
    uint8_t *bytes = lua_newuserdatauv(L, LIMIT_DATAGRAM, 0);
    size_t length = segment_encode_with(&segment, options, options_length, bytes, LIMIT_DATAGRAM);
    if (length == 0) return luaL_error(L, "that segment does not fit in a datagram of %d bytes", LIMIT_DATAGRAM);
    return arrive(L, bytes, (uint32_t)length, luaL_optinteger(L, 5, 0));
}

static void read_end(lua_State *L, const char *name, Endpoint *end) {
    lua_getfield(L, 1, name);
    if (!endpoint_parse(luaL_checkstring(L, -1), end))
        luaL_error(L, "%s is no endpoint: %s", name, lua_tostring(L, -1));
    lua_pop(L, 1);
}

/* {type=, code=, seq=, from=, to=}: an ICMP error about a segment between these ends, from the host it was sent to. */
static int inject_icmp(lua_State *L) {
    Icmp icmp = {.type = (uint8_t)field(L, "type"),
                 .code = (uint8_t)field(L, "code"),
                 .about_seq = seq_of((uint32_t)field(L, "seq"))};
    read_end(L, "from", &icmp.about_src);
    read_end(L, "to", &icmp.about_dst);
    icmp.src = icmp.about_dst.addr;
    icmp.dst = icmp.about_src.addr;
    uint8_t bytes[ICMP_DATAGRAM];
    size_t length = icmp_encode(&icmp, bytes, sizeof bytes);
    return arrive(L, bytes, (uint32_t)length, 0);
}

/* ---- The clock, in whole microseconds ---- */

static int clock_now(lua_State *L) {
    lua_pushinteger(L, world_now(world_of(L)));
    return 1;
}

/* When the next thing happens by itself; nil: never. */
static int clock_next(lua_State *L) {
    Input next;
    if (world_next(world_of(L), &next))
        lua_pushinteger(L, next.at > world_now(world_of(L)) ? next.at : world_now(world_of(L)));
    else lua_pushnil(L);
    return 1;
}

/* (time): moves the clock there; what is due at that very moment has not happened yet. */
static int clock_pass(lua_State *L) {
    Input wait = {.kind = INPUT_WAIT, .at = luaL_checkinteger(L, 1)};
    if (wait.at > world_now(world_of(L))) act_surely(L, &wait, "wait");
    return 0;
}

/* ---- Output ---- */

static int caption(lua_State *L) {
    const LabPort *port = &lab_of(L)->config.port;
    if (port->caption) port->caption(port->self, luaL_optstring(L, 1, NULL), luaL_checkstring(L, 2));
    return 0;
}

/* (from, to): the steps between two moments, to be shown. */
static int steps_between(lua_State *L) {
    push_steps(L, (uint32_t)luaL_checkinteger(L, 1), (uint32_t)luaL_checkinteger(L, 2));
    return 1;
}

static const luaL_Reg machinery[] = {
    {"lpeg", open_lpeg},   {"read", read_text},  {"list", list_folder}, {"inject", inject},
    {"icmp", inject_icmp}, {"decode", decode},   {"now", clock_now},    {"steps", steps_between},
    {"next", clock_next},  {"pass", clock_pass}, {"caption", caption},  {NULL, NULL},
};

JobResult lab_drill(Lab *lab, int argc, char *const argv[]) { return command_run(lab, "drill", machinery, argc, argv); }
