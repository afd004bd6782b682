/* look.c - netstat, timers, show, why, trace: data that prints as repl/text writes it. */
#include "events.h"
#include "flights.h"
#include "handles.h"
#include "library.h"
#include "past.h"
#include "raise.h"
#include "results.h"
#include "segments.h"

/* ---- netstat, timers ---- */

/* Calls `each` for every connection that exists, with the list of results on top of the stack. */
static void each_conn(lua_State *L, void (*each)(lua_State *L, const ConnView *conn)) {
    const World *world = world_of(L);
    for (ConnId id = world_conn_after(world, HOST_NONE, CONN_NONE); conn_is(id);
         id = world_conn_after(world, HOST_NONE, id)) {
        ConnView conn;
        if (world_conn(world, id, &conn) && !conn.gone) each(L, &conn);
    }
}

static void netstat_line(lua_State *L, const ConnView *conn) {
    lua_newtable(L);
    table_host(L, "host", conn->host);
    table_string(L, "state", state_name(conn->state));
    table_end(L, "src", conn->local);
    table_end(L, "dst", conn->remote);
    table_whole(L, "unread", conn->unread);
    table_whole(L, "unacked", (lua_Integer)conn->unsent + conn->unacked);
    if (conn->state == STATE_LISTEN) {
        table_whole(L, "syn_queue", conn->syn_queue);
        table_whole(L, "accept_queue", conn->accept_queue);
        table_whole(L, "backlog", conn->backlog);
    }
    push_conn(L, conn->id);
    lua_setfield(L, -2, "conn");
    table_append(L);
}

static int netstat(lua_State *L) {
    lua_newtable(L);
    each_conn(L, netstat_line);
    Text text = TEXT_EMPTY;
    text_netstat(&text, world_of(L));
    push_printed(L, "netstat", &text);
    return 1;
}

static void timer_lines(lua_State *L, const ConnView *conn) {
    for (int i = 0; i < TIMER_COUNT; i++) {
        if (conn->timers[i] == MICROS_NEVER) continue;
        lua_newtable(L);
        table_host(L, "host", conn->host);
        table_string(L, "timer", timer_name((TimerKind)i));
        table_end(L, "src", conn->local);
        table_end(L, "dst", conn->remote);
        table_seconds(L, "left", conn->timers[i] - world_now(world_of(L)));
        table_seconds(L, "at", conn->timers[i]);
        table_seconds(L, "length", conn->timer_lengths[i]);
        push_conn(L, conn->id);
        lua_setfield(L, -2, "conn");
        table_append(L);
    }
}

static int timers(lua_State *L) {
    lua_newtable(L);
    each_conn(L, timer_lines);
    Text text = TEXT_EMPTY;
    text_timers(&text, world_of(L));
    push_printed(L, "timers", &text);
    return 1;
}

/* ---- show, why, trace ---- */

static int show(lua_State *L) {
    PacketId packet;
    Event event;
    bool found = event_at(L, 1, &event);
    if (lua_isnoneornil(L, 1)) {
        if (session_packets(lab_session_of(L), 0, &packet, 1) != 1)
            return lab_argument_error(L, 1, "nothing is in flight; show(e.packet) shows a packet that has gone");
    } else if (!packet_at(L, 1, &packet)) {
        if (!found || !event.packet.id || lua_type(L, 1) == LUA_TNUMBER)
            return lab_argument_error(L, 1, "it takes a packet, show(wire[1]), not %s", kind_of_value(L, 1));
        packet = event.packet;
    }
    PacketPast past;
    packet_past(L, packet, &past);
    lua_newtable(L);
#define SEGMENT_FIELD(name, help) segment_push_##name(L, &past.view.segment), lua_setfield(L, -2, #name);
#include "segments.def"
    table_whole(L, "checksum", field_value(past.view.bytes, past.view.length, FIELD_TCP_CHECKSUM));
    lua_pushboolean(L, past.view.decoded == DECODE_OK);
    lua_setfield(L, -2, "correct");
    Text text = TEXT_EMPTY;
    text_header(&text, past.view.bytes, past.view.length);
    push_printed(L, "header", &text);
    return 1;
}

/* What is worth explaining of the newest step: its first state change, else its last event. */
static bool newest(const Session *session, Event *event) {
    uint32_t past = session_events(session);
    const Trace *trace = session_trace(session);
    if (past == 0) return false;
    *event = trace_at(trace, past - 1);
    for (uint32_t i = past; i-- > 0;) {
        const Event before = trace_at(trace, i);
        if (before.step != event->step) break;
        if (before.kind == EVENT_STATE) *event = before;
    }
    return true;
}

static int why(lua_State *L) {
    const Session *session = lab_session_of(L);
    const Trace *trace = session_trace(session);
    Event event;
    bool found = lua_isnoneornil(L, 1) ? newest(session, &event) : event_at(L, 1, &event);
    PacketId packet;
    if (packet_at(L, 1, &packet)) {
        PacketPast past;
        packet_past(L, packet, &past);
        event = trace_at(trace, past.view.event);
        found = event.index != EVENT_NONE;
    }
    if (!found && lua_isnoneornil(L, 1)) return lab_argument_error(L, 1, "nothing has happened yet");
    if (!found)
        return lab_argument_error(L, 1, "it takes an event of trace(), a step or a packet, not %s",
                                  kind_of_value(L, 1));
    const Event held = trace_at(trace, event.index);
    if (event.index >= session_events(session) || !event_same(&held, &event))
        return lab_argument_error(L, 1, "that event lies in a future that was undone");
    lua_newtable(L);
    for (Event at = held; at.index != EVENT_NONE; at = trace_at(trace, at.cause < at.index ? at.cause : EVENT_NONE)) {
        push_event(L, &at);
        table_append(L);
    }
    Text text = TEXT_EMPTY;
    text_why(&text, world_of(L), trace, held.index);
    push_printed(L, "why", &text);
    return 1;
}

static int trace_list(lua_State *L) {
    const Session *session = lab_session_of(L);
    const Trace *trace = session_trace(session);
    uint32_t events = session_events(session);
    lua_createtable(L, (int)events, 0);
    for (uint32_t i = 0; i < events; i++) {
        const Event event = trace_at(trace, i);
        push_event(L, &event);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    Text text = TEXT_EMPTY;
    for (uint32_t i = 0; i < events && !text.failed; i++) {
        const Event event = trace_at(trace, i);
        text_add(&text, "%4u  ", i + 1);
        text_event(&text, world_of(L), &event);
        text_add(&text, "\n");
    }
    if (events == 0) text_add(&text, "nothing has happened yet");
    push_printed(L, "trace", &text);
    return 1;
}

static const Word words[] = {
    {"netstat", netstat, "netstat()", "the connections of all hosts", "print(netstat())", NULL},
    {"timers", timers, "timers()", "the timers that run", "print(timers())", NULL},
    {"ladder", flights_ladder, "ladder()", "every packet on its way from line to line", "run(); print(ladder())", NULL},
    {"show", show, "show([p])", "a packet's header, bit by bit", "print(show(wire[1]))", NULL},
    {"why", why, "why([event])",
     "the rule of the standard that was applied, and what caused it: of the last step, an event, a step or a packet",
     "step(); print(why())", NULL},
    {"trace", trace_list, "trace()", "all events up to now, oldest first; help \"event\" lists their fields",
     "for _, e in ipairs(trace()) do if e.kind == \"state\" then print(e.host, e.from, e.to) end end", NULL},
    {0}};
static const Kind *const kinds[] = {&event_kind, NULL};
const Library look_library = {"Looking", words, kinds, NULL};
