/* hosts.c - A, B and host "C": what an application can ask of one host's TCP. */
#include <stdio.h>
#include <string.h>

#include "vocabulary.h"

typedef struct Host {
    HostId id;
    char name[LIMIT_HOST_NAME + 1]; /* another host may get the number of one that was undone */
} Host;

enum { BACKLOG = 5 };

HostId host_at(lua_State *L, int index) {
    const Host *host = kind_test(L, index, &host_kind);
    return host ? host->id : HOST_NONE;
}

static bool look(lua_State *L, const Host *host, HostView *view) {
    return world_host(world_of(L), host->id, view) && strcmp(view->name, host->name) == 0;
}

/* The host a method is called on. */
static HostId self(lua_State *L, const char *method, HostView *view) {
    const Host *host = kind_self(L, &host_kind, method);
    if (!look(L, host, view))
        luaL_error(L, "%s: host %s does not exist at this point of the history", method, host->name);
    return host->id;
}

void push_host(lua_State *L, HostId id) {
    HostView view;
    if (id == HOST_NONE || !world_host(world_of(L), id, &view)) {
        lua_pushnil(L);
        return;
    }
    Host *host = kind_push(L, &host_kind, sizeof *host);
    host->id = id;
    memcpy(host->name, view.name, sizeof host->name);
}

/* ---- Arguments ---- */

static HostId host_by_name(const World *world, const char *name, size_t length) {
    HostView view;
    for (HostId id = 0; id < world_hosts(world); id++)
        if (world_host(world, id, &view) && strlen(view.name) == length && memcmp(view.name, name, length) == 0)
            return id;
    return HOST_NONE;
}

bool read_endpoint(lua_State *L, int index, Endpoint *endpoint, bool *has_port) {
    HostView view;
    *endpoint = ENDPOINT_NONE;
    *has_port = false;
    if (kind_test(L, index, &host_kind)) {
        const Host *host = kind_test(L, index, &host_kind);
        if (!look(L, host, &view)) luaL_error(L, "host %s does not exist at this point of the history", host->name);
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

static uint16_t check_port(lua_State *L, int index, int argument, const char *what) {
    int is_number;
    lua_Integer port = lua_tointegerx(L, index, &is_number);
    if (!is_number || lua_type(L, index) != LUA_TNUMBER || port < 1 || port > 65535) {
        lab_argument_error(L, argument, "%s must be a whole number, 1 to 65535, not %s", what,
                           lua_type(L, index) == LUA_TNUMBER ? lua_tostring(L, index) : kind_of_value(L, index));
    }
    return (uint16_t)port;
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

/* on_fin = "close": true. */
static bool read_on_fin(lua_State *L, int options) {
    lua_getfield(L, options, "on_fin");
    bool is_close = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "close") == 0;
    if (!is_close && lua_toboolean(L, -1)) lab_argument_error(L, options - 1, "on_fin must be \"close\", or left out");
    lua_pop(L, 1);
    return is_close;
}

/* ---- Calls ---- */

static int host_listen(lua_State *L) {
    static const char *const options[] = {"backlog", "on_fin", NULL};
    HostView view;
    Input input = {.kind = INPUT_LISTEN, .host = self(L, "listen", &view), .count = BACKLOG};
    lua_settop(L, 3);
    input.local.port = check_port(L, 2, 1, "the port");
    if (options_at(L, 3, options)) {
        input.close_on_fin = read_on_fin(L, 3);
        lua_getfield(L, 3, "backlog");
        lua_Integer backlog = lua_isnil(L, -1) ? BACKLOG : lua_tointeger(L, -1);
        if (backlog < 1 || backlog > LIMIT_BACKLOG)
            lab_argument_error(L, 2, "backlog must be a whole number, 1 to %d, not %s", LIMIT_BACKLOG,
                               luaL_tolstring(L, -1, NULL));
        input.count = (uint32_t)backlog;
    }
    Status status = act(L, &input);
    if (status != STATUS_OK) return lab_refuse(L, status);
    push_conn(L, act_result(L)->conn);
    return 1;
}

static int host_connect(lua_State *L) {
    static const char *const options[] = {"port", "on_fin", NULL};
    HostView view;
    bool has_port;
    Input input = {.kind = INPUT_CONNECT, .host = self(L, "connect", &view)};
    lua_settop(L, 4);
    if (!read_endpoint(L, 2, &input.remote, &has_port)) {
        return lab_argument_error(L, 1, "the other side must be a host (B) or an address (\"127.0.0.2\"), not %s",
                                  lua_type(L, 2) == LUA_TSTRING ? lua_pushfstring(L, "\"%s\"", lua_tostring(L, 2))
                                                                : kind_of_value(L, 2));
    }
    if (has_port) return lab_argument_error(L, 1, "give the port by itself: connect(\"127.0.0.2\", 80)");
    input.remote.port = check_port(L, 3, 2, "the port");
    if (options_at(L, 4, options)) {
        input.close_on_fin = read_on_fin(L, 4);
        lua_getfield(L, 4, "port");
        if (!lua_isnil(L, -1)) input.local.port = check_port(L, -1, 3, "port");
    }
    Status status = act(L, &input);
    if (status != STATUS_OK) return lab_refuse(L, status);
    push_conn(L, act_result(L)->conn);
    return 1;
}

static int host_crash(lua_State *L) {
    HostView view;
    Input input = {.kind = INPUT_CRASH, .host = self(L, "crash", &view)};
    act_surely(L, &input, "crash");
    return 0;
}

/* ---- Fields ---- */

static void push_conns(lua_State *L, HostId host) {
    const World *world = world_of(L);
    lua_Integer count = 0;
    lua_newtable(L);
    for (ConnId id = world_conn_after(world, host, CONN_NONE); conn_is(id); id = world_conn_after(world, host, id)) {
        ConnView conn;
        if (!world_conn(world, id, &conn) || conn.gone) continue;
        push_conn(L, id);
        lua_rawseti(L, -2, ++count);
    }
}

static int host_get(lua_State *L) {
    const Host *host = kind_test(L, 1, &host_kind);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    HostView view;
    bool exists = look(L, host, &view);
    if (strcmp(name, "name") == 0) {
        lua_pushstring(L, host->name);
        return 1;
    }
    bool known = strcmp(name, "addr") == 0 || strcmp(name, "conns") == 0 || strcmp(name, "rules") == 0;
    if (!known) return 0;
    if (!exists) return luaL_error(L, "host %s does not exist at this point of the history", host->name);
    if (strcmp(name, "conns") == 0) {
        push_conns(L, host->id);
    } else if (strcmp(name, "rules") == 0) {
        push_rules(L, host->id, CONN_NONE);
    } else {
        char text[ADDR_TEXT];
        lua_pushstring(L, addr_text(view.addr, text));
    }
    return 1;
}

/* A.rules = {isn = 100, msl = 1} sets several rules. */
static int host_set(lua_State *L) {
    const Host *host = kind_test(L, 1, &host_kind);
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "rules") != 0 || !lua_istable(L, 3)) {
        return luaL_error(
            L, "host.%s cannot be set; rules are set one by one (%s.rules.msl = 5) or together (%s.rules = {msl = 5})",
            luaL_tolstring(L, 2, NULL), host->name, host->name);
    }
    for (lua_pushnil(L); lua_next(L, 3); lua_pop(L, 1)) rules_assign(L, host->id, -2, -1);
    return 0;
}

static int host_tostring(lua_State *L) {
    const Host *host = kind_test(L, 1, &host_kind);
    HostView view;
    if (host && look(L, host, &view)) {
        char text[ADDR_TEXT];
        lua_pushfstring(L, "host %s %s", view.name, addr_text(view.addr, text));
    } else {
        lua_pushfstring(L, "host %s (does not exist at this point of the history)", host ? host->name : "?");
    }
    return 1;
}

static int host_eq(lua_State *L) {
    const Host *a = kind_test(L, 1, &host_kind), *b = kind_test(L, 2, &host_kind);
    lua_pushboolean(L, a && b && a->id == b->id && strcmp(a->name, b->name) == 0);
    return 1;
}

static const char *const fields[] = {"name", "addr", "conns", "rules", NULL};
static const luaL_Reg methods[] = {
    {"listen", host_listen}, {"connect", host_connect}, {"crash", host_crash}, {"profile", host_profile}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__tostring", host_tostring}, {"__eq", host_eq}, {NULL, NULL}};
const Kind host_kind = {"host", "a host", host_get, host_set, methods, meta, fields};

/* host "C": makes it, or returns the one that is there. */
static int make_host(lua_State *L) {
    if (lua_type(L, 1) != LUA_TSTRING)
        return lab_argument_error(L, 1, "the name must be a string, host \"C\", not %s", kind_of_value(L, 1));
    size_t length;
    const char *name = lua_tolstring(L, 1, &length);
    if (length == 0 || length > LIMIT_HOST_NAME || strcspn(name, ": \t\n") != length) {
        return lab_argument_error(L, 1, "the name must have 1 to %d bytes, without spaces and colons", LIMIT_HOST_NAME);
    }
    HostId id = host_by_name(world_of(L), name, length);
    if (id == HOST_NONE) {
        Input input = {.kind = INPUT_HOST, .bytes = (const uint8_t *)name, .length = (uint32_t)length};
        act_surely(L, &input, "host");
        id = act_result(L)->host;
    }
    push_host(L, id);
    return 1;
}

int lab_open_hosts(lua_State *L) {
    kind_open(L, &host_kind);
    kind_open(L, &rules_kind);
    push_host(L, 0);
    lua_setglobal(L, "A");
    push_host(L, 1);
    lua_setglobal(L, "B");
    lua_register(L, "host", make_host);
    return 0;
}
