/* look.c - netstat, timers, show, why, trace: data that prints as repl/text writes it. */
#include "events.h"
#include "flights.h"
#include "handles.h"
#include "library.h"
#include "netstat.h"
#include "past.h"
#include "raise.h"
#include "results.h"
#include "segments.h"
#include "trace.h"

/* ---- show, why ---- */

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

static const Word words[] = {
    {"netstat", netstat_conns, "netstat([n])", "the connections of all hosts; prints the first 50, or n of them",
     "print(netstat())", NULL},
    {"timers", netstat_timers, "timers([n])", "the timers that run; prints those of the first 50, or n",
     "print(timers())", NULL},
    {"ladder", flights_ladder, "ladder([n])",
     "every packet on its way from line to line; prints the last 50 rows, or n", "run(); print(ladder())", NULL},
    {"show", show, "show([p])", "a packet's header, bit by bit", "print(show(wire[1]))", NULL},
    {"why", why, "why([event])",
     "the rule of the standard that was applied, and what caused it: of the last step, an event, a step or a packet",
     "step(); print(why())", NULL},
    {"trace", trace_events, "trace([n | {from=, to=, kind=, host=, conn=, last=}])",
     "all events up to now, oldest first; the last n; or those that meet all conditions: from one time to another (in "
     "seconds), of a kind or a list of kinds, on a host, of a connection, the last so many. Prints the last 50 or as "
     "many as were asked for; help \"event\" lists their fields",
     "run(); print(trace{kind={\"state\", \"timer\"}, host=A})", NULL},
    {0}};
static const Kind *const kinds[] = {&event_kind, NULL};
const Library look_library = {"Looking", words, kinds, NULL};
