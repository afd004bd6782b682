/* events.c - events and steps in Lua: copies that keep what they say, whatever is undone later. */
#include "events.h"

#include <string.h>

#include "arguments.h"
#include "handles.h"

/* ---- Events ---- */

/* The same event of the same future: numbers come again after back(), what was born then does not. */
bool event_same(const Event *a, const Event *b) {
    return a->index == b->index && a->kind == b->kind && a->step == b->step && a->time == b->time &&
           a->packet.born == b->packet.born && conn_eq(a->conn, b->conn);
}

static void push_name(lua_State *L, bool has, const char *name) {
    if (has) lua_pushstring(L, name);
    else lua_pushnil(L);
}

static void push_whole(lua_State *L, bool has, lua_Integer value) {
    if (has) lua_pushinteger(L, value);
    else lua_pushnil(L);
}

static void push_host_name(lua_State *L, HostId host) {
    HostView view;
    push_name(L, host != HOST_NONE && world_host(world_of(L), host, &view), view.name);
}

static void push_end(lua_State *L, Endpoint endpoint) {
    char text[ENDPOINT_TEXT];
    push_name(L, !addr_is_unspecified(endpoint.addr), endpoint_text(endpoint, text));
}

#define GETTER(name, push)                                     \
    static void push_##name(lua_State *L, const void *event) { \
        const Event *e = event;                                \
        push;                                                  \
    }
#define PACKET_GETTER(name, value) GETTER(name, push_whole(L, e->packet.id != 0, (lua_Integer)(value)))
GETTER(index, lua_pushinteger(L, (lua_Integer)e->index + 1))
GETTER(time, push_seconds(L, e->time))
GETTER(kind, lua_pushstring(L, event_kind_name(e->kind)))
GETTER(its_host, push_host_name(L, e->host))
GETTER(its_conn, push_conn(L, e->conn))
GETTER(its_packet, push_packet(L, e->packet))
GETTER(from, push_name(L, e->kind == EVENT_STATE, state_name(e->from)))
GETTER(to, push_name(L, e->kind == EVENT_STATE, state_name(e->to)))
GETTER(timer, push_name(L, e->kind == EVENT_TIMER, timer_name(e->timer)))
GETTER(rule, push_name(L, e->rule != RULE_NONE, rule_info(e->rule)->name))
GETTER(section, push_name(L, e->rule != RULE_NONE, rule_info(e->rule)->section))
GETTER(sentence, push_name(L, e->rule != RULE_NONE, rule_info(e->rule)->sentence))
GETTER(cause, push_whole(L, e->cause != EVENT_NONE, (lua_Integer)e->cause + 1))
GETTER(its_step, lua_pushinteger(L, (lua_Integer)e->step + 1))
GETTER(call, push_name(L, e->kind == EVENT_CALL || e->kind == EVENT_SET, call_name(e->call)))
GETTER(error, push_name(L, e->kind == EVENT_ERROR, status_text(e->error)))
GETTER(reason, push_name(L, e->kind == EVENT_DROP, drop_text(e->reason)))
GETTER(its_order, push_whole(L, e->rule == RULE_PATH_ORDER || e->call == INPUT_ORDER || e->call == INPUT_CANCEL,
                             (lua_Integer)e->setting))
GETTER(src, push_end(L, e->src))
GETTER(dst, push_end(L, e->dst))
PACKET_GETTER(seq, e->seq.value)
PACKET_GETTER(ack, e->ack.value)
PACKET_GETTER(win, e->window)
PACKET_GETTER(len, e->data_length)
GETTER(outcome, push_name(L, e->outcome != OUTCOME_NONE, outcome_name(e->outcome)))
GETTER(bytes, push_whole(L, e->kind == EVENT_CALL || (e->kind == EVENT_ACCEPT && e->outcome <= OUTCOME_TAKEN),
                         (lua_Integer)e->value))
GETTER(copy_of, push_whole(L, e->kind == EVENT_DUP, e->copy_of))

static void push_flags(lua_State *L, const void *event) {
    const Event *e = event;
    char flags[FLAGS_TEXT];
    push_name(L, e->packet.id != 0, flags_text(e->flags, flags));
}

static void push_again(lua_State *L, const void *event) {
    const Event *e = event;
    if (e->packet.id) lua_pushboolean(L, e->again);
    else lua_pushnil(L);
}

static void push_due(lua_State *L, const void *event) {
    const Event *e = event;
    if (e->packet.id && e->due > 0 && e->due != MICROS_NEVER) push_seconds(L, e->due);
    else lua_pushnil(L);
}

static void push_line(lua_State *L, const void *event) {
    Text text = TEXT_EMPTY;
    text_event(&text, world_of(L), event);
    push_text(L, &text);
}

#define EVENT_KIND_NAMES \
    "set ignore accept send deliver drop dup delay hold corrupt inject state timer call error oracle"

/* Of an event; a step has those of what it is about. Those that do not belong to a kind of event are nil. */
#define EVENT_FIELDS                                                                                                  \
    {"index", push_index, "its number in trace()"}, {"time", push_time, "when it happened, in seconds"},              \
        {"kind", push_kind, EVENT_KIND_NAMES}, {"host", push_its_host, "the name of the host where it happened"},     \
        {"conn", push_its_conn, "the connection it belongs to"},                                                      \
        {"packet", push_its_packet, "the packet it is about"},                                                        \
        {"from", push_from, "of a change of state: the state before"},                                                \
        {"to", push_to, "of a change of state: the state after"}, {"timer", push_timer, "the timer that fired"},      \
        {"rule", push_rule, "the rule that was followed, by its name"},                                               \
        {"section", push_section, "where that rule stands, \"RFC 9293 3.10.7.4\""},                                   \
        {"sentence", push_sentence, "that rule in one sentence"},                                                     \
        {"cause", push_cause, "the number of the event that caused it"},                                              \
        {"step", push_its_step, "the number of the step in which it happened"},                                       \
        {"call", push_call, "the call of the application"}, {"error", push_error, "what the application was told"},   \
        {"reason", push_reason, "why a packet was lost"},                                                             \
        {"outcome", push_outcome, "of accept, ignore: taken, kept, window update, duplicate ACK, answered, refused"}, \
        {"src", push_src, "address and port of the packet's sender"},                                                 \
        {"dst", push_dst, "address and port of the packet's receiver"}, {"flags", push_flags, "the packet's flags"},  \
        {"seq", push_seq, "the packet's sequence number"}, {"ack", push_ack, "the packet's acknowledgment number"},   \
        {"win", push_win, "the packet's window field"}, {"len", push_len, "the packet's bytes of data"},              \
        {"order", push_its_order, "the number of the order that was given, was cancelled, or did it"},                \
        {"again", push_again, "true: the packet is a retransmission"}, {"due", push_due, "when the packet arrives"},  \
        {"bytes", push_bytes, "how many bytes were taken, by a receiver or in a call"}, {                             \
        "copy_of", push_copy_of, "of a duplicate: the number of the original"                                         \
    }

static const Field fields[] = {EVENT_FIELDS, {"text", push_line, "the event as one line"}, {0}};

static int event_read(lua_State *L, const Field *field) {
    field->push(L, object_at(L, 1, EVENT));
    return 1;
}

static int event_tostring(lua_State *L) {
    const Event *event = object_at(L, 1, EVENT);
    if (!event) return luaL_error(L, "not an event");
    push_line(L, event);
    return 1;
}

static int event_eq(lua_State *L) {
    const Event *a = object_at(L, 1, EVENT), *b = object_at(L, 2, EVENT);
    lua_pushboolean(L, a && b && event_same(a, b));
    return 1;
}

static const luaL_Reg event_meta[] = {{"__tostring", event_tostring}, {"__eq", event_eq}, {NULL, NULL}};
const Kind event_kind = {.name = EVENT,
                         .phrase = "an event",
                         .sample = "trace()[1]",
                         .letter = "e",
                         .help = "something that happened: a fact of trace()",
                         .read = event_read,
                         .fields = fields,
                         .meta = event_meta};

/* ---- A step: user value 1 is the list of its events, 2 its line ---- */

typedef struct Step {
    Event first;  /* what it is about */
    Event change; /* its first state change; index EVENT_NONE: none */
} Step;

/* The events of a step, as [first, past). */
static uint32_t first_event(const Session *session, uint32_t step) {
    return step ? session_events_at(session, step) : 0;
}

void push_step(lua_State *L, uint32_t number) {
    const Session *session = lab_session_of(L);
    const Trace *trace = session_trace(session);
    uint32_t first = first_event(session, number), past = session_events_at(session, number + 1);
    if (first >= past) {
        lua_pushnil(L);
        return;
    }
    Step *step = lua_newuserdatauv(L, sizeof *step, 2);
    *step = (Step){.first = trace_at(trace, first), .change = {.index = EVENT_NONE}};
    luaL_setmetatable(L, STEP);
    lua_createtable(L, (int)(past - first), 0);
    for (uint32_t i = first; i < past; i++) {
        const Event event = trace_at(trace, i);
        if (event.kind == EVENT_STATE && step->change.index == EVENT_NONE) step->change = event;
        push_event(L, &event);
        lua_rawseti(L, -2, i - first + 1);
    }
    lua_setiuservalue(L, -2, 1);
    Text text = TEXT_EMPTY;
    text_step(&text, session_world(session), trace, number, past);
    text_broken(&text, session_world(session), trace, number, past);
    push_text(L, &text);
    lua_setiuservalue(L, -2, 2);
}

/* These two are user values of the object at index 1. */
static void push_events(lua_State *L, const void *unused) {
    (void)unused;
    lua_getiuservalue(L, 1, 1);
}
static void push_step_line(lua_State *L, const void *unused) {
    (void)unused;
    lua_getiuservalue(L, 1, 2);
}

static const Field step_fields[] = {{"events", push_events, "the events it brought, a list"},
                                    EVENT_FIELDS,
                                    {"text", push_step_line, "the step as one line"},
                                    {0}};

static int step_read(lua_State *L, const Field *field) {
    const Step *step = object_at(L, 1, STEP);
    bool of_change = field->push == push_from || field->push == push_to;
    bool changes = step->change.index != EVENT_NONE;
    field->push(L, of_change && changes ? &step->change : &step->first);
    return 1;
}

static int step_tostring(lua_State *L) {
    if (!object_at(L, 1, STEP)) return luaL_error(L, "not a step");
    lua_getiuservalue(L, 1, 2);
    return 1;
}

static const luaL_Reg step_meta[] = {{"__tostring", step_tostring}, {NULL, NULL}};
const Kind step_kind = {
    .name = STEP,
    .phrase = "a step",
    .sample = "step()",
    .letter = "e",
    .help = "one thing that happened by step(): prints as one line, and has the fields of the event "
            "it is about; from and to of its first change of state",
    .read = step_read,
    .fields = step_fields,
    .meta = step_meta};

/* ---- Several steps: what run, settle and wait return; their lines are made when they are looked at ---- */

typedef struct Steps {
    uint32_t from, to, epoch;
} Steps;

enum { SHOWN_FIRST = 30, SHOWN_LAST = 10 };

void push_steps(lua_State *L, uint32_t from, uint32_t to) {
    Steps *steps = object_push(L, STEPS, sizeof *steps);
    *steps = (Steps){from, to, session_epoch(lab_session_of(L))};
}

static const Steps *steps_at(lua_State *L) {
    const Steps *steps = object_at(L, 1, STEPS);
    if (!steps) luaL_error(L, "not a list of steps");
    return steps;
}

static bool undone(lua_State *L, const Steps *steps) {
    const Session *session = lab_session_of(L);
    return steps->epoch != session_epoch(session) || steps->to > session_steps(session);
}

static int steps_item(lua_State *L) {
    const Steps *steps = steps_at(L);
    lua_Integer nth;
    if (!is_whole(L, 2, &nth)) return 0;
    if (undone(L, steps)) return luaL_error(L, "these steps lie in a future that was undone");
    if (nth < 1 || nth > (lua_Integer)(steps->to - steps->from)) lua_pushnil(L);
    else push_step(L, steps->from + (uint32_t)nth - 1);
    return 1;
}

static int steps_len(lua_State *L) {
    const Steps *steps = steps_at(L);
    lua_pushinteger(L, (lua_Integer)steps->to - steps->from);
    return 1;
}

/* The first step from `from` on, below `to`, that breaks an oracle; `to`: none does. */
static uint32_t next_broken(const Session *session, uint32_t from, uint32_t to) {
    const Trace *trace = session_trace(session);
    uint32_t event = first_event(session, from), past = first_event(session, to);
    while (event < past && trace_at(trace, event).kind != EVENT_ORACLE) event++;
    return event < past ? trace_at(trace, event).step : to;
}

static void add_step(Text *text, const Session *session, uint32_t step) {
    uint32_t past = session_events_at(session, step + 1);
    text_step(text, session_world(session), session_trace(session), step, past);
    text_broken(text, session_world(session), session_trace(session), step, past);
}

/* The steps between, of which those are shown that break an oracle. */
static void add_middle(Text *text, const Session *session, uint32_t from, uint32_t to) {
    enum { BROKEN_MOST = 10 };
    for (int shown = 0; from < to; shown++) {
        uint32_t broken = shown < BROKEN_MOST ? next_broken(session, from, to) : to;
        if (broken > from) text_add(text, "\n... %u steps between ...", broken - from);
        if (broken < to) {
            text_add(text, "\n");
            add_step(text, session, broken);
        }
        from = broken + 1;
    }
}

static int steps_tostring(lua_State *L) {
    const Steps *steps = steps_at(L);
    const Session *session = lab_session_of(L);
    uint32_t count = steps->to - steps->from;
    if (undone(L, steps)) {
        lua_pushfstring(L, "%d steps of a future that was undone", (int)count);
        return 1;
    }
    Text text = TEXT_EMPTY;
    if (count == 0) text_add(&text, "nothing happened");
    for (uint32_t i = 0; i < count; i++) {
        if (count > SHOWN_FIRST + SHOWN_LAST && i == SHOWN_FIRST) {
            add_middle(&text, session, steps->from + i, steps->to - SHOWN_LAST);
            i = count - SHOWN_LAST;
        }
        if (i) text_add(&text, "\n");
        add_step(&text, session, steps->from + i);
    }
    push_text(L, &text);
    return 1;
}

static const luaL_Reg steps_meta[] = {{"__tostring", steps_tostring}, {"__len", steps_len}, {NULL, NULL}};
const Kind steps_kind = {.name = STEPS,
                         .phrase = "a list of steps",
                         .sample = "run()",
                         .letter = "e",
                         .help = "what run(), settle(), wait() and step(n) return: prints as lines; #e, e[1] .. e[#e]",
                         .item = steps_item,
                         .meta = steps_meta};

/* ---- Finding ---- */

bool event_at(lua_State *L, int index, Event *event) {
    const Event *object = object_at(L, index, EVENT);
    const Step *step = object_at(L, index, STEP);
    lua_Integer number;
    if (object) *event = *object;
    else if (step) *event = step->change.index == EVENT_NONE ? step->first : step->change;
    else if (is_whole(L, index, &number) && number >= 1 && number <= (lua_Integer)session_events(lab_session_of(L)))
        *event = trace_at(session_trace(lab_session_of(L)), (uint32_t)number - 1);
    else return false;
    return true;
}
