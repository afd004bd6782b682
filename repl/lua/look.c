/* look.c - netstat, timers, show, why, trace: data that prints as repl/text writes it. */
#include <string.h>

#include "events.h"
#include "flights.h"
#include "handles.h"
#include "library.h"
#include "netstat.h"
#include "past.h"
#include "raise.h"
#include "results.h"
#include "scenes.h"
#include "segments.h"
#include "trace.h"
#include "why.h"

/* ---- show ---- */

static int show(lua_State *L) {
    PacketId packet;
    Event event;
    if (lua_type(L, 1) == LUA_TSTRING) return show_scene(L);
    bool found = event_at(L, 1, &event);
    if (lua_isnoneornil(L, 1)) {
        if (session_packets(lab_session_of(L), 0, &packet, 1) != 1)
            return lab_argument_error(L, 1, "nothing is in flight; show(e.packet) shows a packet that has gone");
    } else if (!packet_at(L, 1, &packet)) {
        if (!found || !event.packet.id || lua_type(L, 1) == LUA_TNUMBER)
            return lab_argument_error(L, 1,
                                      "it takes a packet, show(wire[1]), or the name of a rule, "
                                      "show \"rst.challenge\", not %s",
                                      kind_of_value(L, 1));
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

static State read_state(lua_State *L, int index) {
    const char *name = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
    for (int i = 0; name && i < STATE_COUNT; i++)
        if (strcmp(state_name((State)i), name) == 0) return (State)i;
    const char *names[STATE_COUNT + 1] = {NULL};
    for (int i = 0; i < STATE_COUNT; i++) names[i] = state_name((State)i);
    const char *nearest = name ? lab_nearest(name, names) : NULL;
    lab_argument_error(L, 2, "the state must be one of netstat's, like \"ESTABLISHED\", not %s%s%s%s",
                       name ? name : kind_of_value(L, index), nearest ? " (did you mean " : "", nearest ? nearest : "",
                       nearest ? "?)" : "");
    return STATE_COUNT;
}

static int why_not(lua_State *L) {
    const ConnHandle *conn = object_at(L, 1, CONNECTION);
    State state = lua_isnoneornil(L, 2) ? STATE_COUNT : read_state(L, 2);
    ConnView view;
    if (!conn)
        return lab_argument_error(L, 1, "it takes a connection, why_not(c, \"CLOSED\"), not %s", kind_of_value(L, 1));
    if (!world_conn(world_of(L), conn->id, &view))
        return lab_argument_error(L, 1, "that connection is gone, and its record serves another one");
    lua_createtable(L, 0, 2);
    table_string(L, "state", state_name(view.state));
    if (state != STATE_COUNT) table_string(L, "wanted", state_name(state));
    Text text = TEXT_EMPTY;
    text_why_not(&text, world_of(L), conn->id, state);
    push_printed(L, "why not", &text);
    return 1;
}

static const Word words[] = {
    {"netstat", netstat_conns, "netstat([n])", "the connections of all hosts; prints the first 50, or n of them",
     "print(netstat())", NULL},
    {"timers", netstat_timers, "timers([n])", "the timers that run; prints those of the first 50, or n",
     "print(timers())", NULL},
    {"ladder", flights_ladder, "ladder([n])",
     "every packet on its way from line to line; prints the last 50 rows, or n", "run(); print(ladder())", NULL},
    {"show", show, "show([p | rule])",
     "a packet's header, bit by bit; or the shortest scene in which a rule of the standard is followed: resets the "
     "lab, "
     "finds the scene, plays it, and returns it as a path from a fresh lab (print it, replay it, s:script()); nil and "
     "why where there is none. A second sentence says where nothing was left to search",
     "print(show(wire[1])); print(show \"rst.reset\")", scene_names},
    {"why", explain, "why([event | c [, timer]])",
     "the rule of the standard that was applied, and what caused it: of the last step; of an event, a step, a packet "
     "and its way, a connection and its state, or one of its timers",
     "step(); print(why()); print(why(c)); print(why(c, \"retransmit\"))", NULL},
    {"why_not", why_not, "why_not(c [, state])",
     "what a connection waits for: on the way to a state, or at all; which segment, whose call, which timer and when",
     "print(why_not(c, \"ESTABLISHED\"))", NULL},
    {"trace", trace_events, "trace([n | {from=, to=, kind=, host=, conn=, last=}])",
     "all events up to now, oldest first; the last n; or those that meet all conditions: from one time to another (in "
     "seconds), of a kind or a list of kinds, on a host, of a connection, the last so many. Prints the last 50 or as "
     "many as were asked for; help \"event\" lists their fields",
     "run(); print(trace{kind={\"state\", \"timer\"}, host=A})", NULL},
    {0}};
static const Kind *const kinds[] = {&event_kind, NULL};
const Library look_library = {"Looking", words, kinds, NULL};
