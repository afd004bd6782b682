/* conns.c - a connection: the calls of RFC 9293 3.10, and everything its record holds, read at every use. */
#include <string.h>

#include "vocabulary.h"

typedef struct Conn {
    ConnId id;
} Conn;

void push_conn(lua_State *L, ConnId id) {
    if (!conn_is(id)) {
        lua_pushnil(L);
        return;
    }
    Conn *conn = kind_push(L, &conn_kind, sizeof *conn);
    conn->id = id;
}

/* A handle the world does not know: its record serves another connection by now, or it was not opened yet at this point
 * of the history. */
static bool existed(lua_State *L, ConnId id) {
    const Session *session = lab_session_of(L);
    const Trace *trace = session_trace(session);
    for (uint32_t i = 0, count = session_events(session); i < count; i++)
        if (conn_eq(trace_at(trace, i)->conn, id)) return true;
    return false;
}

static int not_here_error(lua_State *L) {
    return luaL_error(L, "that connection does not exist at this point of the history: back() went to before it was "
                         "opened, or reset() ended it");
}

/* What the record holds; of one that is recycled only that it is CLOSED. */
static void look(lua_State *L, ConnId id, ConnView *view) {
    if (world_conn(world_of(L), id, view)) return;
    if (!existed(L, id)) not_here_error(L);
    *view = (ConnView){.id = id, .host = HOST_NONE, .state = STATE_CLOSED, .gone = true};
    for (int i = 0; i < TIMER_COUNT; i++) view->timers[i] = MICROS_NEVER;
}

static ConnId self(lua_State *L, const char *method) {
    const Conn *conn = kind_self(L, &conn_kind, method);
    ConnView view;
    look(L, conn->id, &view);
    return conn->id;
}

/* ---- Calls ---- */

static int simple_call(lua_State *L, InputKind kind) {
    Input input = {.kind = kind, .conn = self(L, call_name(kind))};
    Status status = act(L, &input);
    if (status != STATUS_OK) return lab_refuse(L, status);
    lua_pushboolean(L, 1);
    return 1;
}

static int conn_shutdown(lua_State *L) { return simple_call(L, INPUT_SHUTDOWN); }
static int conn_close(lua_State *L) { return simple_call(L, INPUT_CLOSE); }
static int conn_abort(lua_State *L) { return simple_call(L, INPUT_ABORT); }

/* nil where nobody waits: no input is done, looking costs no step. */
static int conn_accept(lua_State *L) {
    Input input = {.kind = INPUT_ACCEPT, .conn = self(L, "accept")};
    Status status = act(L, &input);
    if (status != STATUS_OK) return lab_refuse(L, status);
    push_conn(L, act_result(L)->conn);
    return 1;
}

/* c:send("!", {urgent=true}): the last of these bytes ends urgent data. */
static bool read_urgent(lua_State *L, int options) {
    static const char *const names[] = {"urgent", NULL};
    if (!options_at(L, options, names)) return false;
    lua_getfield(L, options, "urgent");
    bool urgent = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return urgent;
}

static int conn_send(lua_State *L) {
    Input input = {.kind = INPUT_SEND, .conn = self(L, "send")};
    size_t length;
    if (lua_type(L, 2) != LUA_TSTRING)
        return lab_argument_error(L, 1, "the data must be a string, not %s", kind_of_value(L, 2));
    input.urgent = read_urgent(L, 3);
    input.bytes = (const uint8_t *)lua_tolstring(L, 2, &length);
    if (length > UINT32_MAX) return lab_argument_error(L, 1, "the data must be shorter than 4 GB");
    if (length == 0) {
        lua_pushinteger(L, 0);
        return 1;
    }
    input.length = (uint32_t)length;
    Status status = act(L, &input);
    if (status != STATUS_OK) return lab_refuse(L, status);
    lua_pushinteger(L, act_result(L)->count);
    return 1;
}

static int conn_recv(lua_State *L) {
    ConnId id = self(L, "recv");
    ConnView view;
    look(L, id, &view);
    lua_Integer most = UINT32_MAX;
    if (!lua_isnoneornil(L, 2)) {
        int is_number;
        most = lua_tointegerx(L, 2, &is_number);
        if (!is_number || lua_type(L, 2) != LUA_TNUMBER || most < 1 || most > UINT32_MAX) {
            return lab_argument_error(L, 1, "how many bytes must be a whole number from 1 on, not %s",
                                      luaL_tolstring(L, 2, NULL));
        }
    }
    size_t room = view.unread < most ? view.unread : (size_t)most;
    luaL_Buffer buffer;
    char *bytes = luaL_buffinitsize(L, &buffer, room ? room : 1);
    size_t length = world_peek(world_of(L), id, (uint8_t *)bytes, room);
    Input input = {.kind = INPUT_RECV, .conn = id, .count = length ? (uint32_t)length : (uint32_t)most};
    Status status = act(L, &input);
    if (status != STATUS_OK) return lab_refuse(L, status);
    luaL_pushresultsize(&buffer, length);
    return 1;
}

/* ---- Fields ---- */

typedef enum Field {
    F_STATE,
    F_SRC,
    F_DST,
    F_HOST,
    F_ISS,
    F_IRS,
    F_SND,
    F_RCV,
    F_RTO,
    F_SRTT,
    F_RTTVAR,
    F_CWND,
    F_SSTHRESH,
    F_MSS,
    F_UNREAD,
    F_UNACKED,
    F_URGENT,
    F_ERROR,
    F_SOFT_ERROR,
    F_TIMERS,
    F_SYN_QUEUE,
    F_ACCEPT_QUEUE,
    F_BACKLOG,
    F_RULES,
    F_COUNT
} Field;
static const char *const fields[] = {
    "state",      "src",    "dst",       "host",         "iss",     "irs",    "snd",     "rcv",    "rto",
    "srtt",       "rttvar", "cwnd",      "ssthresh",     "mss",     "unread", "unacked", "urgent", "error",
    "soft_error", "timers", "syn_queue", "accept_queue", "backlog", "rules",  NULL};

static int find(const char *const *names, const char *name) {
    for (int i = 0; name && names[i]; i++)
        if (strcmp(names[i], name) == 0) return i;
    return -1;
}

static void push_timers(lua_State *L, const ConnView *view) {
    Micros now = world_now(world_of(L));
    lua_newtable(L);
    for (int i = 0; i < TIMER_COUNT; i++) {
        if (view->timers[i] == MICROS_NEVER) continue;
        push_seconds(L, view->timers[i] - now);
        lua_setfield(L, -2, timer_name((TimerKind)i));
    }
}

/* c.snd, c.rcv: the record's numbers for one direction. */
typedef struct Space {
    ConnId id;
    bool sending;
} Space;

static void push_space(lua_State *L, ConnId id, bool sending) {
    Space *space = kind_push(L, sending ? &snd_kind : &rcv_kind, sizeof *space);
    space->id = id;
    space->sending = sending;
}

static void push_endpoint(lua_State *L, Endpoint endpoint) {
    char text[ENDPOINT_TEXT];
    lua_pushstring(L, endpoint_text(endpoint, text));
}

static void push_time_field(lua_State *L, Micros time) {
    if (time > 0) push_seconds(L, time);
    else lua_pushnil(L); /* nothing measured yet */
}

static void push_error(lua_State *L, Status error) {
    if (error == STATUS_OK) lua_pushnil(L);
    else lua_pushstring(L, status_text(error));
}

static void push_field(lua_State *L, const ConnView *view, Field field) {
    switch (field) {
    case F_STATE: lua_pushstring(L, state_name(view->state)); break;
    case F_SRC: push_endpoint(L, view->local); break;
    case F_DST: push_endpoint(L, view->remote); break;
    case F_HOST: push_host(L, view->host); break;
    case F_ISS: lua_pushinteger(L, view->iss.value); break;
    case F_IRS: lua_pushinteger(L, view->irs.value); break;
    case F_SND: push_space(L, view->id, true); break;
    case F_RCV: push_space(L, view->id, false); break;
    case F_RTO: push_seconds(L, view->rto); break;
    case F_SRTT: push_time_field(L, view->srtt); break;
    case F_RTTVAR: push_time_field(L, view->srtt > 0 ? view->rttvar : 0); break;
    case F_CWND: lua_pushinteger(L, view->cwnd); break;
    case F_SSTHRESH: lua_pushinteger(L, view->ssthresh); break;
    case F_MSS: lua_pushinteger(L, view->mss); break;
    case F_UNREAD: lua_pushinteger(L, view->unread); break;
    case F_UNACKED: lua_pushinteger(L, (lua_Integer)view->unsent + view->unacked); break;
    case F_URGENT: lua_pushinteger(L, view->urgent); break;
    case F_ERROR: push_error(L, view->error); break;
    case F_SOFT_ERROR: push_error(L, view->soft_error); break;
    case F_TIMERS: push_timers(L, view); break;
    case F_SYN_QUEUE: lua_pushinteger(L, view->syn_queue); break;
    case F_ACCEPT_QUEUE: lua_pushinteger(L, view->accept_queue); break;
    case F_BACKLOG: lua_pushinteger(L, view->backlog); break;
    case F_RULES:
        if (view->host == HOST_NONE) lua_pushnil(L);
        else push_rules(L, view->host, view->id);
        break;
    case F_COUNT: lua_pushnil(L); break;
    }
}

static int conn_get(lua_State *L) {
    const Conn *conn = kind_test(L, 1, &conn_kind);
    int field = lua_type(L, 2) == LUA_TSTRING ? find(fields, lua_tostring(L, 2)) : -1;
    if (field < 0) return 0;
    ConnView view;
    look(L, conn->id, &view);
    push_field(L, &view, (Field)field);
    return 1;
}

static int conn_tostring(lua_State *L) {
    const Conn *conn = kind_test(L, 1, &conn_kind);
    ConnView view;
    Text text = TEXT_EMPTY;
    if (!conn || (!world_conn(world_of(L), conn->id, &view) && !existed(L, conn->id))) {
        lua_pushliteral(L, "connection (does not exist at this point of the history)");
        return 1;
    }
    look(L, conn->id, &view);
    if (!addr_is_unspecified(view.local.addr)) text_endpoint(&text, world_of(L), view.local);
    else text_add(&text, "connection");
    if (!addr_is_unspecified(view.remote.addr)) {
        text_add(&text, " > ");
        text_endpoint(&text, world_of(L), view.remote);
    }
    text_add(&text, " %s", state_name(view.state));
    if (view.gone && view.error != STATUS_OK) text_add(&text, " (%s)", status_text(view.error));
    push_text(L, &text);
    return 1;
}

static int conn_eq_meta(lua_State *L) {
    const Conn *a = kind_test(L, 1, &conn_kind), *b = kind_test(L, 2, &conn_kind);
    lua_pushboolean(L, a && b && conn_eq(a->id, b->id));
    return 1;
}

static const luaL_Reg methods[] = {
    {"accept", conn_accept}, {"send", conn_send},   {"recv", conn_recv}, {"shutdown", conn_shutdown},
    {"close", conn_close},   {"abort", conn_abort}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__tostring", conn_tostring}, {"__eq", conn_eq_meta}, {NULL, NULL}};
const Kind conn_kind = {"connection", "a connection", conn_get, NULL, methods, meta, fields};

/* ---- snd, rcv ---- */

static const char *const snd_fields[] = {"una", "nxt", "wnd", "wl1", "wl2", "up", NULL};
static const char *const rcv_fields[] = {"nxt", "wnd", "up", NULL};

static const Space *space_at(lua_State *L, int index) {
    const Space *space = kind_test(L, index, &snd_kind);
    return space ? space : kind_test(L, index, &rcv_kind);
}

static int space_get(lua_State *L) {
    const Space *space = space_at(L, 1);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    if (find(space->sending ? snd_fields : rcv_fields, name) < 0) return 0;
    ConnView view;
    look(L, space->id, &view);
    if (strcmp(name, "wnd") == 0) {
        lua_pushinteger(L, space->sending ? view.snd.wnd : view.rcv.wnd);
        return 1;
    }
    Seq seq = space->sending ? view.snd.nxt : view.rcv.nxt;
    if (strcmp(name, "una") == 0) seq = view.snd.una;
    else if (strcmp(name, "wl1") == 0) seq = view.snd.wl1;
    else if (strcmp(name, "wl2") == 0) seq = view.snd.wl2;
    else if (strcmp(name, "up") == 0) seq = space->sending ? view.snd.up : view.rcv.up;
    lua_pushinteger(L, seq.value);
    return 1;
}

static int space_tostring(lua_State *L) {
    const Space *space = space_at(L, 1);
    ConnView view;
    if (!space) return luaL_error(L, "not a connection's numbers");
    look(L, space->id, &view);
    Text text = TEXT_EMPTY;
    if (space->sending) {
        text_add(&text, "{una=%u, nxt=%u, wnd=%u, wl1=%u, wl2=%u}", view.snd.una.value, view.snd.nxt.value,
                 view.snd.wnd, view.snd.wl1.value, view.snd.wl2.value);
    } else {
        text_add(&text, "{nxt=%u, wnd=%u}", view.rcv.nxt.value, view.rcv.wnd);
    }
    push_text(L, &text);
    return 1;
}

static const luaL_Reg space_meta[] = {{"__tostring", space_tostring}, {NULL, NULL}};
const Kind snd_kind = {"connection's snd", "c.snd", space_get, NULL, NULL, space_meta, snd_fields};
const Kind rcv_kind = {"connection's rcv", "c.rcv", space_get, NULL, NULL, space_meta, rcv_fields};

int lab_open_conns(lua_State *L) {
    kind_open(L, &conn_kind);
    kind_open(L, &snd_kind);
    kind_open(L, &rcv_kind);
    return 0;
}
