/* arguments.c - see arguments.h. */
#include "arguments.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "handles.h"
#include "raise.h"

Micros check_seconds(lua_State *L, int index, int argument, const char *what, double least, double most) {
    int is_number;
    lua_Number seconds = lua_tonumberx(L, index, &is_number);
    if (!is_number || lua_type(L, index) != LUA_TNUMBER) {
        lab_argument_error(L, argument, "%s must be a number of seconds, not %s", what, kind_of_value(L, index));
    }
    if (!(seconds >= least && seconds <= most)) {
        lab_argument_error(L, argument, "%s must be %g to %g seconds, not %g", what, least, most, seconds);
    }
    return (Micros)llround(seconds * 1e6);
}

uint16_t check_port(lua_State *L, int index, int argument, const char *what) {
    int is_number;
    lua_Integer port = lua_tointegerx(L, index, &is_number);
    if (!is_number || lua_type(L, index) != LUA_TNUMBER || port < 1 || port > 65535) {
        lab_argument_error(L, argument, "%s must be a whole number, 1 to 65535, not %s", what,
                           lua_type(L, index) == LUA_TNUMBER ? lua_tostring(L, index) : kind_of_value(L, index));
    }
    return (uint16_t)port;
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

/* The table of options at `index` may be missing, but has no names that are not known. */
bool options_at(lua_State *L, int index, const char *const *allowed) {
    if (lua_isnoneornil(L, index)) return false;
    if (!lua_istable(L, index))
        lab_argument_error(L, index - 1, "the options must be a table like {%s=...}, not %s", allowed[0],
                           kind_of_value(L, index));
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        bool known = false;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        for (size_t i = 0; name && allowed[i]; i++) known = known || strcmp(allowed[i], name) == 0;
        if (known) continue;
        Text text = TEXT_EMPTY;
        words_join(&text, allowed);
        push_text(L, &text);
        lab_argument_error(L, index - 1, "there is no option '%s'; the options are: %s", name ? name : "(unnamed)",
                           lua_tostring(L, -1));
    }
    return true;
}
