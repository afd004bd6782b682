/* why.c - see why.h. */
#include "why.h"

#include <string.h>

#include "events.h"
#include "handles.h"
#include "past.h"
#include "raise.h"
#include "results.h"

/* What is explained: an event, and what is said before and after it. */
typedef struct Subject {
    Event event;
    bool is_timer; /* one that runs: the event started it */
    ConnView conn;
    TimerKind timer;
    bool is_packet;
    FlightView flight;
} Subject;

/* ---- What an argument stands for ---- */

static void of_newest_step(lua_State *L, Subject *subject) {
    const Session *session = lab_session_of(L);
    const uint32_t past = session_events(session);
    if (past == 0) lab_argument_error(L, 1, "nothing has happened yet");
    subject->event = text_main_event(session, trace_at(session_trace(session), past - 1).step);
}

static void of_packet(lua_State *L, PacketId packet, Subject *subject) {
    PacketPast past;
    packet_past(L, packet, &past);
    subject->event = trace_at(session_trace(lab_session_of(L)), past.view.event);
    subject->is_packet = flight_of(L, packet, &subject->flight);
}

/* The newest event of this kind on the connection; index EVENT_NONE: none. TIMER_COUNT: of any timer. */
static Event newest_of(lua_State *L, ConnId conn, EventKind kind, TimerKind timer) {
    const Session *session = lab_session_of(L);
    for (uint32_t i = session_events(session); i-- > 0;) {
        const Event event = trace_at(session_trace(session), i);
        if (event.kind == kind && conn_eq(event.conn, conn) && (timer == TIMER_COUNT || event.timer == timer))
            return event;
    }
    return (Event){.index = EVENT_NONE};
}

/* What changed its state last: how it came to be as it is, or why it ended. */
static void of_connection(lua_State *L, ConnId conn, Subject *subject) {
    subject->event = newest_of(L, conn, EVENT_STATE, TIMER_COUNT);
    if (subject->event.index == EVENT_NONE)
        lab_argument_error(L, 1, "that connection does not exist at this point of the history");
}

static TimerKind read_timer(lua_State *L) {
    const char *names[TIMER_COUNT + 1] = {NULL};
    for (int i = 0; i < TIMER_COUNT; i++) names[i] = timer_name((TimerKind)i);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    for (int i = 0; name && i < TIMER_COUNT; i++)
        if (strcmp(names[i], name) == 0) return (TimerKind)i;
    const char *nearest = name ? lab_nearest(name, names) : NULL;
    lab_argument_error(L, 2, "the timer must be one of c.timers, like \"retransmit\", not %s%s%s%s",
                       name ? name : kind_of_value(L, 2), nearest ? " (did you mean " : "", nearest ? nearest : "",
                       nearest ? "?)" : "");
    return TIMER_COUNT;
}

/* Why it runs; else why it fired last. */
static void of_timer(lua_State *L, ConnId conn, Subject *subject) {
    const TimerKind timer = read_timer(L);
    bool exists = world_conn(world_of(L), conn, &subject->conn);
    subject->timer = timer;
    subject->is_timer = exists && subject->conn.timers[timer] != MICROS_NEVER;
    subject->event = subject->is_timer
                         ? trace_at(session_trace(lab_session_of(L)), world_timer_cause(world_of(L), conn, timer))
                         : newest_of(L, conn, EVENT_TIMER, timer);
    if (subject->event.index == EVENT_NONE)
        lab_argument_error(L, 2,
                           "the %s timer of that connection does not run, and has never fired; timers() shows "
                           "those that run",
                           timer_name(timer));
}

static void read_subject(lua_State *L, Subject *subject) {
    const ConnHandle *conn = object_at(L, 1, CONNECTION);
    PacketId packet;
    if (!lua_isnoneornil(L, 2) && !conn)
        lab_argument_error(L, 2, "a timer belongs to a connection: why(c, \"retransmit\")");
    if (lua_isnoneornil(L, 1)) of_newest_step(L, subject);
    else if (conn && !lua_isnoneornil(L, 2)) of_timer(L, conn->id, subject);
    else if (conn) of_connection(L, conn->id, subject);
    else if (packet_at(L, 1, &packet)) of_packet(L, packet, subject);
    else if (!event_at(L, 1, &subject->event))
        lab_argument_error(L, 1, "it takes an event of trace(), a step, a packet or a connection, not %s",
                           kind_of_value(L, 1));
}

/* ---- The word ---- */

static void say(lua_State *L, Text *text, const Subject *subject) {
    const Trace *trace = session_trace(lab_session_of(L));
    if (subject->is_timer) text_why_timer(text, world_of(L), trace, &subject->conn, subject->timer, &subject->event);
    else text_why(text, world_of(L), trace, subject->event.index);
    if (!subject->is_packet) return;
    text_add(text, "its way: ");
    text_fate(text, &subject->flight);
    text_add(text, "\n");
}

int explain(lua_State *L) {
    const Session *session = lab_session_of(L);
    const Trace *trace = session_trace(session);
    Subject subject = {.is_timer = false};
    read_subject(L, &subject);
    Event event = trace_at(trace, subject.event.index);
    if (event.index >= session_events(session) || !event_same(&event, &subject.event))
        return lab_argument_error(L, 1, "that event lies in a future that was undone");
    if (object_at(L, 1, STEP)) event = subject.event = text_main_event(session, event.step);
    lua_newtable(L);
    for (; event.index != EVENT_NONE; event = trace_at(trace, event.cause < event.index ? event.cause : EVENT_NONE)) {
        push_event(L, &event);
        table_append(L);
    }
    Text text = TEXT_EMPTY;
    say(L, &text, &subject);
    push_printed(L, "why", &text);
    return 1;
}
