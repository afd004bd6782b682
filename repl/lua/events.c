/* events.c - events and steps in Lua: copies that keep what they say, whatever is undone later. */
#include <string.h>

#include "vocabulary.h"

/* ---- Events ---- */

/* The same event of the same future: numbers come again after back(), what was born then does not. */
bool event_same(const Event *a, const Event *b) {
    return a->index == b->index && a->kind == b->kind && a->step == b->step && a->time == b->time &&
           a->packet.born == b->packet.born && conn_eq(a->conn, b->conn);
}

void push_event(lua_State *L, const Event *event) {
    Event *copy = kind_push(L, &event_kind, sizeof *copy);
    *copy = *event;
}

static const char *const fields[] = {"index",  "time", "kind",    "host",     "conn",  "packet", "from", "to",
                                     "timer",  "rule", "section", "sentence", "cause", "step",   "call", "error",
                                     "reason", "src",  "dst",     "flags",    "seq",   "ack",    "win",  "len",
                                     "again",  "due",  "bytes",   "copy_of",  "text",  NULL};

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

static void push_line(lua_State *L, const Event *event) {
    Text text = TEXT_EMPTY;
    text_event(&text, world_of(L), event);
    push_text(L, &text);
}

/* What happened to which connection or packet by whom. */
static bool push_subject(lua_State *L, const Event *e, const char *name) {
    if (strcmp(name, "index") == 0) lua_pushinteger(L, (lua_Integer)e->index + 1);
    else if (strcmp(name, "time") == 0) push_seconds(L, e->time);
    else if (strcmp(name, "kind") == 0) lua_pushstring(L, event_kind_name(e->kind));
    else if (strcmp(name, "host") == 0) push_host_name(L, e->host);
    else if (strcmp(name, "conn") == 0) push_conn(L, e->conn);
    else if (strcmp(name, "packet") == 0) push_packet(L, e->packet);
    else if (strcmp(name, "from") == 0) push_name(L, e->kind == EVENT_STATE, state_name(e->from));
    else if (strcmp(name, "to") == 0) push_name(L, e->kind == EVENT_STATE, state_name(e->to));
    else if (strcmp(name, "timer") == 0) push_name(L, e->kind == EVENT_TIMER, timer_name(e->timer));
    else if (strcmp(name, "call") == 0) push_name(L, e->kind == EVENT_CALL || e->kind == EVENT_SET, call_name(e->call));
    else if (strcmp(name, "error") == 0) push_name(L, e->kind == EVENT_ERROR, status_text(e->error));
    else if (strcmp(name, "reason") == 0) push_name(L, e->kind == EVENT_DROP, drop_text(e->reason));
    else if (strcmp(name, "text") == 0) push_line(L, e);
    else return false;
    return true;
}

static bool push_reason(lua_State *L, const Event *e, const char *name) {
    const RuleInfo *rule = rule_info(e->rule);
    if (strcmp(name, "rule") == 0) push_name(L, e->rule != RULE_NONE, rule->name);
    else if (strcmp(name, "section") == 0) push_name(L, e->rule != RULE_NONE, rule->section);
    else if (strcmp(name, "sentence") == 0) push_name(L, e->rule != RULE_NONE, rule->sentence);
    else if (strcmp(name, "cause") == 0) push_whole(L, e->cause != EVENT_NONE, (lua_Integer)e->cause + 1);
    else if (strcmp(name, "step") == 0) lua_pushinteger(L, (lua_Integer)e->step + 1);
    else return false;
    return true;
}

static bool push_packet_field(lua_State *L, const Event *e, const char *name) {
    bool is_packet = e->packet.id != 0;
    char flags[FLAGS_TEXT];
    bool counts = e->kind == EVENT_ACCEPT || e->kind == EVENT_CALL;
    if (strcmp(name, "src") == 0) push_end(L, e->src);
    else if (strcmp(name, "dst") == 0) push_end(L, e->dst);
    else if (strcmp(name, "flags") == 0) push_name(L, is_packet, flags_text(e->flags, flags));
    else if (strcmp(name, "seq") == 0) push_whole(L, is_packet, e->seq.value);
    else if (strcmp(name, "ack") == 0) push_whole(L, is_packet, e->ack.value);
    else if (strcmp(name, "win") == 0) push_whole(L, is_packet, e->window);
    else if (strcmp(name, "len") == 0) push_whole(L, is_packet, e->data_length);
    else if (strcmp(name, "copy_of") == 0) push_whole(L, e->kind == EVENT_DUP, e->copy_of);
    else if (strcmp(name, "bytes") == 0) push_whole(L, counts, (lua_Integer)e->value);
    else if (strcmp(name, "again") == 0 && is_packet) lua_pushboolean(L, e->again);
    else if (strcmp(name, "again") == 0) lua_pushnil(L);
    else if (strcmp(name, "due") == 0 && is_packet && e->due > 0 && e->due != MICROS_NEVER) push_seconds(L, e->due);
    else if (strcmp(name, "due") == 0) lua_pushnil(L);
    else return false;
    return true;
}

static bool push_event_field(lua_State *L, const Event *event, const char *name) {
    return push_subject(L, event, name) || push_reason(L, event, name) || push_packet_field(L, event, name);
}

static int event_get(lua_State *L) {
    const Event *event = kind_test(L, 1, &event_kind);
    return lua_type(L, 2) == LUA_TSTRING && push_event_field(L, event, lua_tostring(L, 2));
}

static int event_tostring(lua_State *L) {
    const Event *event = kind_test(L, 1, &event_kind);
    if (!event) return luaL_error(L, "not an event");
    push_line(L, event);
    return 1;
}

static int event_eq(lua_State *L) {
    const Event *a = kind_test(L, 1, &event_kind), *b = kind_test(L, 2, &event_kind);
    lua_pushboolean(L, a && b && event_same(a, b));
    return 1;
}

static const luaL_Reg event_meta[] = {{"__tostring", event_tostring}, {"__eq", event_eq}, {NULL, NULL}};
const Kind event_kind = {"event", "an event", event_get, NULL, NULL, event_meta, fields};

/* ---- A step: user value 1 is the list of its events, 2 its line ---- */

typedef struct Step {
    Event first;  /* what it is about */
    Event change; /* its first state change; index EVENT_NONE: none */
} Step;

static const char *const step_fields[] = {"events", "index", "time",  "kind",   "host",    "conn",     "packet",
                                          "from",   "to",    "timer", "rule",   "section", "sentence", "cause",
                                          "step",   "call",  "error", "reason", "src",     "dst",      "flags",
                                          "seq",    "ack",   "win",   "len",    "again",   "text",     NULL};

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
    *step = (Step){.first = *trace_at(trace, first), .change = {.index = EVENT_NONE}};
    luaL_setmetatable(L, step_kind.name);
    lua_createtable(L, (int)(past - first), 0);
    for (uint32_t i = first; i < past; i++) {
        const Event *event = trace_at(trace, i);
        if (event->kind == EVENT_STATE && step->change.index == EVENT_NONE) step->change = *event;
        push_event(L, event);
        lua_rawseti(L, -2, i - first + 1);
    }
    lua_setiuservalue(L, -2, 1);
    Text text = TEXT_EMPTY;
    text_step(&text, session_world(session), trace, number, past);
    push_text(L, &text);
    lua_setiuservalue(L, -2, 2);
}

static int step_get(lua_State *L) {
    const Step *step = kind_test(L, 1, &step_kind);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    bool of_change = strcmp(name, "from") == 0 || strcmp(name, "to") == 0;
    if (strcmp(name, "events") == 0) lua_getiuservalue(L, 1, 1);
    else if (strcmp(name, "text") == 0) lua_getiuservalue(L, 1, 2);
    else if (of_change && step->change.index == EVENT_NONE) lua_pushnil(L);
    else return push_event_field(L, of_change ? &step->change : &step->first, name);
    return 1;
}

static int step_tostring(lua_State *L) {
    if (!kind_test(L, 1, &step_kind)) return luaL_error(L, "not a step");
    lua_getiuservalue(L, 1, 2);
    return 1;
}

static const luaL_Reg step_meta[] = {{"__tostring", step_tostring}, {NULL, NULL}};
const Kind step_kind = {"step", "a step", step_get, NULL, NULL, step_meta, step_fields};

/* ---- Several steps: what run, settle and wait return; their lines are made when they are looked at ---- */

typedef struct Steps {
    uint32_t from, to, epoch;
} Steps;

enum { SHOWN_FIRST = 30, SHOWN_LAST = 10 };

void push_steps(lua_State *L, uint32_t from, uint32_t to) {
    Steps *steps = kind_push(L, &steps_kind, sizeof *steps);
    *steps = (Steps){from, to, session_epoch(lab_session_of(L))};
}

static const Steps *steps_at(lua_State *L) {
    const Steps *steps = kind_test(L, 1, &steps_kind);
    if (!steps) luaL_error(L, "not a list of steps");
    return steps;
}

static bool undone(lua_State *L, const Steps *steps) {
    const Session *session = lab_session_of(L);
    return steps->epoch != session_epoch(session) || steps->to > session_steps(session);
}

static int steps_get(lua_State *L) {
    const Steps *steps = steps_at(L);
    int is_whole;
    lua_Integer nth = lua_tointegerx(L, 2, &is_whole);
    if (!is_whole) return 0;
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
        uint32_t step = steps->from + i;
        if (i) text_add(&text, "\n");
        if (count > SHOWN_FIRST + SHOWN_LAST && i == SHOWN_FIRST) {
            text_add(&text, "... %u steps between ...", count - SHOWN_FIRST - SHOWN_LAST);
            i = count - SHOWN_LAST - 1;
            continue;
        }
        text_step(&text, session_world(session), session_trace(session), step, session_events_at(session, step + 1));
    }
    push_text(L, &text);
    return 1;
}

static const luaL_Reg steps_meta[] = {{"__tostring", steps_tostring}, {"__len", steps_len}, {NULL, NULL}};
const Kind steps_kind = {"list of steps", "a list of steps", steps_get, NULL, NULL, steps_meta, NULL};

/* ---- Finding ---- */

const Event *event_at(lua_State *L, int index) {
    const Event *event = kind_test(L, index, &event_kind);
    if (event) return event;
    const Step *step = kind_test(L, index, &step_kind);
    if (step) return step->change.index == EVENT_NONE ? &step->first : &step->change;
    int is_whole;
    lua_Integer number = lua_tointegerx(L, index, &is_whole);
    if (!is_whole || number < 1 || number > (lua_Integer)session_events(lab_session_of(L))) return NULL;
    return trace_at(session_trace(lab_session_of(L)), (uint32_t)number - 1);
}
