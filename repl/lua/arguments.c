/* arguments.c - see arguments.h. */
#include "arguments.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "handles.h"
#include "raise.h"

/* What stands at `index`, for a message: a number as it is, anything else by its kind. */
static const char *shown(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TNUMBER ? luaL_tolstring(L, index, NULL) : kind_of_value(L, index);
}

bool is_whole(lua_State *L, int index, lua_Integer *value) {
    int fits = 0;
    *value = 0;
    if (lua_type(L, index) == LUA_TNUMBER) *value = lua_tointegerx(L, index, &fits);
    return fits;
}

lua_Integer check_whole(lua_State *L, int index, int argument, const char *what, lua_Integer least, lua_Integer most) {
    lua_Integer value;
    if (is_whole(L, index, &value) && value >= least && value <= most) return value;
    return lab_argument_error(L, argument, "%s must be a whole number, %lld to %lld, not %s", what, (long long)least,
                              (long long)most, shown(L, index));
}

Micros check_seconds(lua_State *L, int index, int argument, const char *what, double least, double most) {
    if (lua_type(L, index) != LUA_TNUMBER)
        lab_argument_error(L, argument, "%s must be a number of seconds, not %s", what, kind_of_value(L, index));
    lua_Number seconds = lua_tonumber(L, index);
    if (!(seconds >= least && seconds <= most))
        lab_argument_error(L, argument, "%s must be %g to %g seconds, not %g", what, least, most, seconds);
    return (Micros)llround(seconds * 1e6);
}

uint16_t check_port(lua_State *L, int index, int argument, const char *what) {
    return (uint16_t)check_whole(L, index, argument, what, 1, UINT16_MAX);
}

RuleId check_rule(lua_State *L, int argument, const char *name) {
    for (int i = 1; i < RULE_COUNT; i++)
        if (strcmp(rule_info((RuleId)i)->name, name) == 0) return (RuleId)i;
    const char *names[RULE_COUNT];
    size_t count = 0;
    for (int i = 1; i < RULE_COUNT; i++) names[count++] = rule_info((RuleId)i)->name;
    names[count] = NULL;
    const char *nearest = lab_nearest(name, names);
    lab_argument_error(L, argument, "there is no rule '%s'%s%s%s", name, nearest ? " (did you mean " : "",
                       nearest ? nearest : "", nearest ? "?)" : "");
    return RULE_NONE;
}

bool read_endpoint(lua_State *L, int index, Endpoint *endpoint, bool *has_port) {
    HostView view;
    *endpoint = ENDPOINT_NONE;
    *has_port = false;
    const HostHandle *named = object_at(L, index, HOST);
    if (named) {
        if (!host_look(L, named, &view))
            luaL_error(L, "host %s does not exist at this point of the history", named->name);
        endpoint->addr = view.addr;
        return true;
    }
    if (lua_type(L, index) != LUA_TSTRING) return false;
    const char *text = lua_tostring(L, index), *colon = strrchr(text, ':');
    *has_port = colon != NULL;
    HostId host = host_by_name(world_of(L), text, colon ? (size_t)(colon - text) : strlen(text));
    if (host == HOST_NONE || !world_host(world_of(L), host, &view)) {
        return colon ? endpoint_parse(text, endpoint) : addr_parse(text, &endpoint->addr);
    }
    char numbers[64];
    if (!colon) {
        endpoint->addr = view.addr;
        return true;
    }
    snprintf(numbers, sizeof numbers, "127.0.0.1%.20s", colon);
    if (!endpoint_parse(numbers, endpoint)) return false;
    endpoint->addr = view.addr;
    return true;
}

/* ---- Tables of named values ---- */

static bool is_one_of(const char *name, const char *const *names) {
    for (; *names; names++)
        if (strcmp(*names, name) == 0) return true;
    return false;
}

static int no_such_name(lua_State *L, const char *phrase, const char *const *names, const char *name) {
    const char *nearest = lab_nearest(name, names);
    Text text = TEXT_EMPTY;
    text_add(&text, "%s no field '%s'", phrase, name);
    if (nearest) text_add(&text, " (did you mean %s?)", nearest);
    text_add(&text, "; it has: ");
    words_join(&text, names);
    push_text(L, &text);
    return lab_argument_error(L, 0, "%s", lua_tostring(L, -1));
}

/* How many names there are; leaves the caller as much room on the stack besides them as it had in the beginning. */
static int room_for(lua_State *L, const char *const *names) {
    int count = 0;
    while (names[count]) count++;
    luaL_checkstack(L, count + LUA_MINSTACK, "too many fields");
    return count;
}

int push_named(lua_State *L, int index, const char *phrase, const char *const *names) {
    index = lua_absindex(L, index);
    int count = room_for(L, names);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : kind_of_value(L, -2);
        if (lua_type(L, -2) != LUA_TSTRING || !is_one_of(name, names)) no_such_name(L, phrase, names, name);
    }
    for (int i = 0; i < count; i++) {
        lua_pushstring(L, names[i]);
        lua_rawget(L, index);
    }
    return lua_gettop(L) - count + 1;
}

int push_options(lua_State *L, int index, const char *const *names) {
    if (lua_istable(L, index)) return push_named(L, index, "the options table has", names);
    if (!lua_isnoneornil(L, index))
        lab_argument_error(L, index - 1, "the options must be a table like {%s=...}, not %s", names[0],
                           kind_of_value(L, index));
    int first = lua_gettop(L) + 1;
    for (int count = room_for(L, names); count > 0; count--) lua_pushnil(L);
    return first;
}
