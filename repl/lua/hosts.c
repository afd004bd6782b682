/* hosts.c - A, B and host "C": what an application can ask of one host's TCP. */
#include <string.h>

#include "act.h"
#include "arguments.h"
#include "handles.h"
#include "host_rules.h"
#include "library.h"
#include "lists.h"
#include "past.h"
#include "profiles.h"
#include "raise.h"

enum { BACKLOG = 5 };

/* The host a method is called on. */
static HostId self(lua_State *L, const char *method, HostView *view) {
    const HostHandle *host = object_self(L, HOST, method);
    if (!host_look(L, host, view))
        luaL_error(L, "%s: host %s does not exist at this point of the history", method, host->name);
    return host->id;
}

/* on_fin = "close" at `index`: true. */
static bool read_on_fin(lua_State *L, int index, int argument) {
    bool is_close = lua_type(L, index) == LUA_TSTRING && strcmp(lua_tostring(L, index), "close") == 0;
    if (!is_close && lua_toboolean(L, index)) lab_argument_error(L, argument, "on_fin must be \"close\", or left out");
    return is_close;
}

/* ---- Calls ---- */

/* Does the call that makes a connection, and pushes it. */
static int opened(lua_State *L, const Input *input) {
    Status status = act(L, input);
    if (status != STATUS_OK) return lab_refuse(L, status);
    push_conn(L, act_result(L)->conn);
    return 1;
}

static int host_listen(lua_State *L) {
    static const char *const names[] = {"backlog", "on_fin", NULL};
    HostView view;
    Input input = {.kind = INPUT_LISTEN, .host = self(L, "listen", &view), .count = BACKLOG};
    lua_settop(L, 3);
    input.local.port = check_port(L, 2, 1, "the port");
    int options = push_options(L, 3, names);
    if (!lua_isnil(L, options)) input.count = (uint32_t)check_whole(L, options, 2, "backlog", 1, LIMIT_BACKLOG);
    input.close_on_fin = read_on_fin(L, options + 1, 2);
    return opened(L, &input);
}

static int host_connect(lua_State *L) {
    static const char *const names[] = {"port", "on_fin", NULL};
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
    int options = push_options(L, 4, names);
    if (!lua_isnil(L, options)) input.local.port = check_port(L, options, 3, "port");
    input.close_on_fin = read_on_fin(L, options + 1, 3);
    return opened(L, &input);
}

static int host_crash(lua_State *L) {
    HostView view;
    Input input = {.kind = INPUT_CRASH, .host = self(L, "crash", &view)};
    act_surely(L, &input, "crash");
    return 0;
}

/* ---- Fields ---- */

/* What a field is read from. */
typedef struct Look {
    const HostHandle *handle;
    HostView view;
} Look;

static void push_name(lua_State *L, const void *look) { lua_pushstring(L, ((const Look *)look)->handle->name); }

static void push_addr(lua_State *L, const void *look) {
    char text[ADDR_TEXT];
    lua_pushstring(L, addr_text(((const Look *)look)->view.addr, text));
}

typedef struct ConnIds {
    List list;
    uint32_t version;
    ConnId ids[];
} ConnIds;

static void conn_item(lua_State *L, const List *list, uint32_t index) {
    push_conn(L, ((const ConnIds *)list)->ids[index]);
}

static void push_lines(lua_State *L, const List *list) {
    uint32_t shown = list->count < LINES_SHOWN ? list->count : LINES_SHOWN;
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    if (list->count == 0) luaL_addstring(&buffer, "no connections");
    for (uint32_t i = 0; i < shown; i++) {
        if (i) luaL_addchar(&buffer, '\n');
        conn_item(L, list, i);
        luaL_tolstring(L, -1, NULL);
        lua_remove(L, -2);
        luaL_addvalue(&buffer);
    }
    if (list->count > shown) {
        Text more = TEXT_EMPTY;
        text_add(&more, "\n... ");
        text_count(&more, list->count - shown);
        text_add(&more, " more: conns[%u] .. conns[%u]", shown + 1, list->count);
        push_text(L, &more);
        luaL_addvalue(&buffer);
    }
    luaL_pushresult(&buffer);
}

static void push_block(lua_State *L, const HostConns *conns) {
    ConnIds *list = list_push(L, sizeof *list + conns->count * sizeof *list->ids);
    list->list = (List){conns->count, conn_item, push_lines};
    list->version = conns->version;
    if (conns->count) memcpy(list->ids, conns->ids, conns->count * sizeof *list->ids);
}

/* A list stays what it was when it was made. While no connection comes or goes, all lists of a host share one block,
 * kept in the registry. */
static void push_conns(lua_State *L, const void *look) {
    HostId host = ((const Look *)look)->handle->id;
    HostConns conns = conns_of(L, host);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "connections of hosts");
    lua_rawgeti(L, -1, (lua_Integer)host);
    const ConnIds *kept = lua_touserdata(L, -1);
    bool elsewhere = lab_of(L)->elsewhere != NULL;
    if (elsewhere || !kept || kept->version != conns.version) {
        lua_pop(L, 1);
        push_block(L, &conns);
    }
    if (!elsewhere) {
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, (lua_Integer)host);
    }
    lua_remove(L, -2);
    list_finish(L, "connections");
}

static void push_its_rules(lua_State *L, const void *look) {
    push_rules(L, ((const Look *)look)->handle->id, CONN_NONE);
}

static const Field fields[] = {{"name", push_name, "its name"},
                               {"addr", push_addr, "its address"},
                               {"conns", push_conns, "its connections, oldest first, without those that have gone"},
                               {"rules", push_its_rules, "what its TCP does; help \"rules\""},
                               {0}};

static int host_read(lua_State *L, const Field *field) {
    Look look = {.handle = object_at(L, 1, HOST)};
    bool exists = host_look(L, look.handle, &look.view);
    if (!exists && field->push != push_name)
        return luaL_error(L, "host %s does not exist at this point of the history", look.handle->name);
    field->push(L, &look);
    return 1;
}

/* A.rules = {isn = 100, msl = 1} sets several rules. */
static int host_set(lua_State *L) {
    const HostHandle *host = object_at(L, 1, HOST);
    HostView view;
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "rules") != 0 || !lua_istable(L, 3)) {
        return luaL_error(
            L, "host.%s cannot be set; rules are set one by one (%s.rules.msl = 5) or together (%s.rules = {msl = 5})",
            luaL_tolstring(L, 2, NULL), host->name, host->name);
    }
    if (!host_look(L, host, &view))
        return luaL_error(L, "host %s does not exist at this point of the history", host->name);
    rules_assign(L, host, 3);
    return 0;
}

static int host_tostring(lua_State *L) {
    const HostHandle *host = object_at(L, 1, HOST);
    HostView view;
    if (host && host_look(L, host, &view)) {
        char text[ADDR_TEXT];
        lua_pushfstring(L, "host %s %s", view.name, addr_text(view.addr, text));
    } else {
        lua_pushfstring(L, "host %s (does not exist at this point of the history)", host ? host->name : "?");
    }
    return 1;
}

static int host_eq(lua_State *L) {
    const HostHandle *a = object_at(L, 1, HOST), *b = object_at(L, 2, HOST);
    lua_pushboolean(L, a && b && a->id == b->id && strcmp(a->name, b->name) == 0);
    return 1;
}

static const Method methods[] = {
    {"listen", host_listen, "s = B:listen(80 [, {backlog=5, on_fin=\"close\"}])",
     "waits for connections on a port; on_fin=\"close\": the application closes in the instant in which it learns that "
     "the other side has",
     "t = B:listen(8080, {backlog=2}); print(t.state, t.backlog)"},
    {"connect", host_connect, "c = A:connect(B, 80 [, {port=7777, on_fin=\"close\"}])",
     "opens a connection: its SYN is put in flight; the other side is a host or an address",
     "d = A:connect(\"127.0.0.2\", 80); print(d.state)"},
    {"profile", host_profile, "h:profile \"linux\"",
     "sets all rules as a system does: \"rfc\", \"lesson\", \"linux\", \"freebsd\"",
     "A:profile \"linux\"; print(A.rules.sack, A.rules.initial_window)"},
    {"crash", host_crash, "h:crash()", "the host loses every connection and sends nothing about it",
     "run(); A:crash(); print(c.state, B.conns[2].state)"},
    {0}};
static const luaL_Reg meta[] = {{"__tostring", host_tostring}, {"__eq", host_eq}, {NULL, NULL}};
static const Kind host_kind = {.name = HOST,
                               .phrase = "a host",
                               .sample = "A",
                               .letter = "h",
                               .help = "a host: its name, address, connections and rules",
                               .read = host_read,
                               .set = host_set,
                               .fields = fields,
                               .methods = methods,
                               .meta = meta};

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

static void open(lua_State *L) {
    push_host(L, 0);
    lua_setglobal(L, "A");
    push_host(L, 1);
    lua_setglobal(L, "B");
}

static const Word words[] = {{"A", NULL, "A", "the host on 127.0.0.1", "print(A.name, A.addr)", NULL},
                             {"B", NULL, "B", "the host on 127.0.0.2", "print(B.name, B.addr)", NULL},
                             {"host", make_host, "h = host \"C\"",
                              "makes another host on the next address, or returns it", "C = host \"C\"; print(C.addr)",
                              NULL},
                             {0}};
static const Kind *const kinds[] = {&host_kind, &rules_kind, NULL};
const Library hosts_library = {"Hosts", words, kinds, open};
