/* conns.c - a connection: the calls of RFC 9293 3.10, and everything its record holds, read at every use. */
#include <string.h>

#include "act.h"
#include "arguments.h"
#include "events.h"
#include "handles.h"
#include "library.h"
#include "raise.h"
#include "values.h"

/* A handle the world does not know: its record serves another connection by now, or it was not opened yet at this point
 * of the history. Its generation is the serial number of the input that opened it; these grow. */
static bool existed(lua_State *L, ConnId id) {
    const Session *session = lab_session_of(L);
    uint32_t low = 0, high = session_step(session);
    Input input;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        session_input(session, middle, &input);
        if (input.serial < id.generation) low = middle + 1;
        else high = middle;
    }
    return session_input(session, low, &input) && low < session_step(session) && input.serial == id.generation;
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
    const ConnHandle *conn = object_self(L, CONNECTION, method);
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
static int conn_send(lua_State *L) {
    static const char *const names[] = {"urgent", NULL};
    Input input = {.kind = INPUT_SEND, .conn = self(L, "send")};
    size_t length;
    lua_settop(L, 3);
    if (lua_type(L, 2) != LUA_TSTRING)
        return lab_argument_error(L, 1, "the data must be a string, not %s", kind_of_value(L, 2));
    input.urgent = lua_toboolean(L, push_options(L, 3, names));
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
    if (!lua_isnoneornil(L, 2)) most = check_whole(L, 2, 1, "how many bytes", 1, UINT32_MAX);
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

/* c:fire("retransmit"): of the timers that are due next, this one. */
static int conn_fire(lua_State *L) {
    ConnView view;
    Input next, input = {.kind = INPUT_TIMER, .conn = self(L, "fire")};
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    look(L, input.conn, &view);
    int timer = 0;
    while (timer < TIMER_COUNT && strcmp(timer_name((TimerKind)timer), name) != 0) timer++;
    if (timer == TIMER_COUNT) {
        Text text = TEXT_EMPTY;
        for (int i = 0; i < TIMER_COUNT; i++) text_add(&text, "%s\"%s\"", i ? ", " : "", timer_name((TimerKind)i));
        push_text(L, &text);
        return lab_argument_error(L, 1, "it must be a timer, %s, not %s", lua_tostring(L, -1), lab_literal(L, 2));
    }
    if (view.timers[timer] == MICROS_NEVER) return luaL_error(L, "fire: the timer %s does not run", name);
    input.timer = (TimerKind)timer;
    input.at = view.timers[timer];
    if (!world_next(world_of(L), &next) || next.at < input.at)
        return luaL_error(L, "fire: the timer %s is due in %f s, and something else before", name,
                          (lua_Number)(input.at - world_now(world_of(L))) / 1e6);
    act_surely(L, &input, "fire");
    push_step(L, session_step(lab_session_of(L)) - 1);
    return lab_catch_up(L, 1);
}

/* ---- Fields: each gets the ConnView ---- */

static void push_endpoint(lua_State *L, Endpoint endpoint) {
    char text[ENDPOINT_TEXT];
    lua_pushstring(L, endpoint_text(endpoint, text));
}

static void push_time_field(lua_State *L, Micros time) {
    if (time > 0) push_seconds(L, time);
    else lua_pushnil(L); /* nothing measured yet */
}

static void push_status(lua_State *L, Status error) {
    if (error == STATUS_OK) lua_pushnil(L);
    else lua_pushstring(L, status_text(error));
}

/* c.snd, c.rcv: the record's numbers for one direction. */
static void push_space(lua_State *L, const char *kind, ConnId id) {
    ConnHandle *space = object_push(L, kind, sizeof *space);
    space->id = id;
}

#define GETTER(name, push)                                    \
    static void push_##name(lua_State *L, const void *view) { \
        const ConnView *conn = view;                          \
        push;                                                 \
    }
GETTER(state, lua_pushstring(L, state_name(conn->state)))
GETTER(src, push_endpoint(L, conn->local))
GETTER(dst, push_endpoint(L, conn->remote))
GETTER(host_of, push_host(L, conn->host))
GETTER(iss, lua_pushinteger(L, conn->iss.value))
GETTER(irs, lua_pushinteger(L, conn->irs.value))
GETTER(snd, push_space(L, SND, conn->id))
GETTER(rcv, push_space(L, RCV, conn->id))
GETTER(rto, push_seconds(L, conn->rto))
GETTER(srtt, push_time_field(L, conn->srtt))
GETTER(rttvar, push_time_field(L, conn->srtt > 0 ? conn->rttvar : 0))
GETTER(cwnd, lua_pushinteger(L, conn->cwnd))
GETTER(ssthresh, lua_pushinteger(L, conn->ssthresh))
GETTER(mss, lua_pushinteger(L, conn->mss))
GETTER(unread, lua_pushinteger(L, conn->unread))
GETTER(unacked, lua_pushinteger(L, (lua_Integer)conn->unsent + conn->unacked))
GETTER(urgent, lua_pushinteger(L, conn->urgent))
GETTER(error, push_status(L, conn->error))
GETTER(soft_error, push_status(L, conn->soft_error))
GETTER(syn_queue, lua_pushinteger(L, conn->syn_queue))
GETTER(accept_queue, lua_pushinteger(L, conn->accept_queue))
GETTER(backlog, lua_pushinteger(L, conn->backlog))
GETTER(snd_una, lua_pushinteger(L, conn->snd.una.value))
GETTER(snd_nxt, lua_pushinteger(L, conn->snd.nxt.value))
GETTER(snd_wnd, lua_pushinteger(L, conn->snd.wnd))
GETTER(snd_wl1, lua_pushinteger(L, conn->snd.wl1.value))
GETTER(snd_wl2, lua_pushinteger(L, conn->snd.wl2.value))
GETTER(snd_up, lua_pushinteger(L, conn->snd.up.value))
GETTER(rcv_nxt, lua_pushinteger(L, conn->rcv.nxt.value))
GETTER(rcv_wnd, lua_pushinteger(L, conn->rcv.wnd))
GETTER(rcv_up, lua_pushinteger(L, conn->rcv.up.value))

static void push_timers(lua_State *L, const void *view) {
    const ConnView *conn = view;
    Micros now = world_now(world_of(L));
    lua_newtable(L);
    for (int i = 0; i < TIMER_COUNT; i++) {
        if (conn->timers[i] == MICROS_NEVER) continue;
        push_seconds(L, conn->timers[i] - now);
        lua_setfield(L, -2, timer_name((TimerKind)i));
    }
}

static void push_its_rules(lua_State *L, const void *view) {
    const ConnView *conn = view;
    if (conn->host == HOST_NONE) lua_pushnil(L);
    else push_rules(L, conn->host, conn->id);
}

static const Field fields[] = {
    {"state", push_state, "its state; help \"TIME_WAIT\" explains one"},
    {"src", push_src, "its own address and port"},
    {"dst", push_dst, "address and port of the other side"},
    {"host", push_host_of, "the host it belongs to; nil where its record serves another connection by now"},
    {"iss", push_iss, "ISS, the initial sequence number it sends with"},
    {"irs", push_irs, "IRS, the initial sequence number of the other side"},
    {"snd", push_snd, "the send sequence variables: c.snd.una, nxt, wnd, wl1, wl2, up"},
    {"rcv", push_rcv, "the receive sequence variables: c.rcv.nxt, wnd, up"},
    {"rto", push_rto, "the retransmission timeout, in seconds (RFC 6298)"},
    {"srtt", push_srtt, "the smoothed round-trip time, in seconds; nil before the first measurement"},
    {"rttvar", push_rttvar, "the variation of the round-trip time, in seconds; nil before the first measurement"},
    {"cwnd", push_cwnd, "the congestion window, in bytes (RFC 5681)"},
    {"ssthresh", push_ssthresh, "the slow start threshold, in bytes"},
    {"mss", push_mss, "bytes of data in the largest segment it sends"},
    {"unread", push_unread, "bytes that have arrived in order and were not read yet"},
    {"unacked", push_unacked, "bytes handed over with send() and not acknowledged yet, sent or not"},
    {"urgent", push_urgent, "bytes to the end of urgent data; 0: there is none"},
    {"error", push_error, "why it ended (\"connection reset\" ...); nil: without an error"},
    {"soft_error", push_soft_error, "trouble that did not end it, as an ICMP error tells; nil: none"},
    {"timers", push_timers, "the timers that run, each with the seconds left: c.timers.retransmit"},
    {"syn_queue", push_syn_queue, "of a listener: how many connections are half open"},
    {"accept_queue", push_accept_queue, "of a listener: how many connections wait for accept()"},
    {"backlog", push_backlog, "of a listener: how many may wait for accept()"},
    {"rules", push_its_rules, "what this connection does otherwise than its host; help \"rules\""},
    {0}};

static int conn_read(lua_State *L, const Field *field) {
    const ConnHandle *conn = object_at(L, 1, CONNECTION);
    ConnView view;
    look(L, conn->id, &view);
    field->push(L, &view);
    return 1;
}

static int conn_tostring(lua_State *L) {
    const ConnHandle *conn = object_at(L, 1, CONNECTION);
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
    const ConnHandle *a = object_at(L, 1, CONNECTION), *b = object_at(L, 2, CONNECTION);
    lua_pushboolean(L, a && b && conn_eq(a->id, b->id));
    return 1;
}

static const Method methods[] = {
    {"accept", conn_accept, "d = s:accept()", "takes over a connection that is established; nil where none waits",
     "run(); d = s:accept(); print(d.state)"},
    {"send", conn_send, "n = c:send(text [, {urgent=true}])", "hands bytes over; returns how many were taken",
     "run(); print(c:send(\"hello\"))"},
    {"recv", conn_recv, "text = c:recv([n])",
     "takes bytes that have arrived in order; or nil and \"nothing yet\", \"closed\" or an error",
     "run(); d = s:accept(); c:send(\"hello\"); run(); print(d:recv())"},
    {"shutdown", conn_shutdown, "c:shutdown()",
     "closes the sending direction: a FIN follows the last byte; what the other side sends can still be received",
     "run(); d = s:accept(); c:shutdown(); run(); d:send(\"x\"); run(); print(c.state, c:recv())"},
    {"close", conn_close, "c:close()",
     "closes both directions: a FIN follows the last byte; nothing more can be received, and data that still arrives "
     "is "
     "answered with a RST",
     "run(); d = s:accept(); c:close(); run(); d:send(\"x\"); run(); print(c.state, d.error)"},
    {"abort", conn_abort, "c:abort()", "ends it at once with a RST", "run(); c:abort(); print(c.state)"},
    {"fire", conn_fire, "c:fire(\"retransmit\")",
     "lets a timer expire that is due next: of several in the same instant this one, where step() takes the first; "
     "timers() lists them",
     "wire[1]:drop(); print(c:fire(\"retransmit\"))"},
    {0}};
static const luaL_Reg meta[] = {{"__tostring", conn_tostring}, {"__eq", conn_eq_meta}, {NULL, NULL}};
static const Kind conn_kind = {.name = CONNECTION,
                               .phrase = "a connection",
                               .sample = "c",
                               .letter = "c",
                               .help = "a connection or a listener, as its host's record holds it; it keeps its last "
                                       "state and error after it has gone",
                               .read = conn_read,
                               .fields = fields,
                               .methods = methods,
                               .meta = meta};

/* ---- snd, rcv ---- */

static const ConnHandle *space_at(lua_State *L) {
    const ConnHandle *space = object_at(L, 1, SND);
    if (!space) space = object_at(L, 1, RCV);
    if (!space) luaL_error(L, "that is neither c.snd nor c.rcv");
    return space;
}

static int space_read(lua_State *L, const Field *field) {
    ConnView view;
    look(L, space_at(L)->id, &view);
    field->push(L, &view);
    return 1;
}

static int space_tostring(lua_State *L) {
    ConnView view;
    look(L, space_at(L)->id, &view);
    const Field *field = kind_at(L, 1)->fields;
    Text text = TEXT_EMPTY;
    const char *separator = "{";
    for (; field->name; field++, separator = ", ") {
        field->push(L, &view);
        text_add(&text, "%s%s=%lld", separator, field->name, (long long)lua_tointeger(L, -1));
        lua_pop(L, 1);
    }
    text_add(&text, "}");
    push_text(L, &text);
    return 1;
}

static const Field snd_fields[] = {{"una", push_snd_una, "SND.UNA, the oldest sequence number not acknowledged"},
                                   {"nxt", push_snd_nxt, "SND.NXT, the next sequence number to be sent"},
                                   {"wnd", push_snd_wnd, "SND.WND, the window of the other side, in bytes"},
                                   {"wl1", push_snd_wl1, "SND.WL1, SEG.SEQ of the last window update"},
                                   {"wl2", push_snd_wl2, "SND.WL2, SEG.ACK of the last window update"},
                                   {"up", push_snd_up, "SND.UP, the end of urgent data that is sent"},
                                   {0}};
static const Field rcv_fields[] = {{"nxt", push_rcv_nxt, "RCV.NXT, the next sequence number expected"},
                                   {"wnd", push_rcv_wnd, "RCV.WND, the window it offers, in bytes"},
                                   {"up", push_rcv_up, "RCV.UP, the end of urgent data that was received"},
                                   {0}};
static const luaL_Reg space_meta[] = {{"__tostring", space_tostring}, {NULL, NULL}};
static const Kind snd_kind = {.name = SND,
                              .phrase = "c.snd",
                              .sample = "c.snd",
                              .letter = "c.snd",
                              .help = "the send sequence variables (RFC 9293 3.3.1)",
                              .read = space_read,
                              .fields = snd_fields,
                              .meta = space_meta};
static const Kind rcv_kind = {.name = RCV,
                              .phrase = "c.rcv",
                              .sample = "c.rcv",
                              .letter = "c.rcv",
                              .help = "the receive sequence variables (RFC 9293 3.3.1)",
                              .read = space_read,
                              .fields = rcv_fields,
                              .meta = space_meta};

static const Kind *const kinds[] = {&conn_kind, &snd_kind, &rcv_kind, NULL};
const Library conns_library = {"Connections", NULL, kinds, NULL};
