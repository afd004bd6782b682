/* trace.c - trace(): events, all of them, the last n, or those that meet conditions. */
#include "trace.h"

#include <string.h>

#include "arguments.h"
#include "handles.h"
#include "lists.h"
#include "raise.h"

/* Seconds; later than anything can happen. */
#define LATEST 1e12

typedef struct EventList {
    List list;
    Moment moment; /* that of its last event */
    uint32_t shown, first;
    bool chosen; /* `events` says which; else `count` from `first` on */
    uint32_t events[];
} EventList;

/* What is asked for: events [first, past), and of them those that meet all conditions. */
typedef struct Choice {
    uint32_t first, past, last, shown;
    uint32_t kinds; /* a bit for each kind; 0: any */
    HostId host;    /* HOST_NONE: any */
    ConnId conn;    /* CONN_NONE: any */
} Choice;

static uint32_t index_of(const EventList *events, uint32_t nth) {
    return events->chosen ? events->events[nth] : events->first + nth;
}

static void push_nth(lua_State *L, const List *list, uint32_t nth) {
    const EventList *events = (const EventList *)list;
    if (!moment_exists(L, events->moment)) luaL_error(L, "these events lie in a future that was undone");
    const Event event = trace_at(session_trace(lab_session_of(L)), index_of(events, nth));
    push_event(L, &event);
}

static void add_lines(lua_State *L, const EventList *events, Text *text) {
    uint32_t count = events->list.count, from = count > events->shown ? count - events->shown : 0;
    if (from) {
        text_add(text, "... ");
        text_count(text, from);
        text_add(text, " before: trace(200) shows the last 200, trace{from=1, to=2, kind=\"state\"} chooses\n");
    }
    for (uint32_t i = from; i < count && !text->failed; i++) {
        uint32_t index = index_of(events, i);
        const Event event = trace_at(session_trace(lab_session_of(L)), index);
        text_add(text, "%s%4u  ", i > from ? "\n" : "", index + 1);
        text_event(text, world_of(L), &event);
    }
}

static void push_words(lua_State *L, const List *list) {
    const EventList *events = (const EventList *)list;
    Text text = TEXT_EMPTY;
    bool any = session_events(lab_session_of(L)) > 0;
    if (!moment_exists(L, events->moment)) text_add(&text, "%u events of a future that was undone", list->count);
    else if (list->count == 0) text_add(&text, any ? "no such event" : "nothing has happened yet");
    else add_lines(L, events, &text);
    push_text(L, &text);
}

/* ---- Conditions ---- */

/* How many of the first `count` events happened before `time`. */
static uint32_t events_before(const Trace *trace, uint32_t count, Micros time) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (trace_at(trace, middle).time < time) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void read_times(lua_State *L, int at, Choice *choice) {
    const Trace *trace = session_trace(lab_session_of(L));
    uint32_t all = choice->past;
    Micros from = lua_isnil(L, at) ? 0 : check_seconds(L, at, 1, "from", 0, LATEST),
           to = lua_isnil(L, at + 1) ? MICROS_NEVER - 1 : check_seconds(L, at + 1, 1, "to", 0, LATEST);
    if (from > to) lab_argument_error(L, 1, "from must not be later than to");
    choice->first = events_before(trace, all, from);
    choice->past = events_before(trace, all, to + 1);
}

static uint32_t kind_named(lua_State *L, int index) {
    const char *name = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
    Text text = TEXT_EMPTY;
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        if (name && strcmp(event_kind_name((EventKind)kind), name) == 0) {
            text_free(&text);
            return 1u << kind;
        }
        text_add(&text, "%s%s", kind ? ", " : "", event_kind_name((EventKind)kind));
    }
    push_text(L, &text);
    if (name) lab_argument_error(L, 1, "there is no kind of event '%s'; the kinds are: %s", name, lua_tostring(L, -1));
    lab_argument_error(L, 1, "kind must be the name of a kind of event or a list of such names, not %s; they are: %s",
                       kind_of_value(L, index), lua_tostring(L, -1));
    return 0;
}

static uint32_t read_kinds(lua_State *L, int field) {
    uint32_t kinds = 0;
    if (lua_istable(L, field)) {
        for (lua_pushnil(L); lua_next(L, field); lua_pop(L, 1)) kinds |= kind_named(L, lua_gettop(L));
        if (!kinds) lab_argument_error(L, 1, "the list of kinds is empty");
    } else if (!lua_isnil(L, field)) {
        kinds = kind_named(L, field);
    }
    return kinds;
}

static void host_error(lua_State *L, int index) {
    const HostHandle *host = object_at(L, index, HOST);
    const char *name = host ? host->name : lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
    HostView view;
    Text names = TEXT_EMPTY;
    for (HostId i = 0; world_host(world_of(L), i, &view); i++) text_add(&names, "%s%s", i ? ", " : "", view.name);
    push_text(L, &names);
    if (name) lab_argument_error(L, 1, "there is no host '%s'; the hosts are: %s", name, lua_tostring(L, -1));
    lab_argument_error(L, 1, "host must be a host or its name, not %s; the hosts are: %s", kind_of_value(L, index),
                       lua_tostring(L, -1));
}

static HostId read_host(lua_State *L, int field) {
    HostId id = HOST_NONE;
    HostView view;
    const HostHandle *host = object_at(L, field, HOST);
    if (host) {
        if (host_look(L, host, &view)) id = host->id;
    } else if (lua_type(L, field) == LUA_TSTRING) {
        size_t length;
        const char *name = lua_tolstring(L, field, &length);
        id = host_by_name(world_of(L), name, length);
    }
    if (id == HOST_NONE && !lua_isnil(L, field)) host_error(L, field);
    return id;
}

static ConnId read_conn(lua_State *L, int field) {
    const ConnHandle *conn = object_at(L, field, CONNECTION);
    if (!conn && !lua_isnil(L, field))
        lab_argument_error(L, 1, "conn must be a connection, as A:connect() returns one, not %s",
                           kind_of_value(L, field));
    return conn ? conn->id : CONN_NONE;
}

/* ---- Choosing ---- */

static bool meets(const Choice *choice, const Event *event) {
    return (!choice->kinds || choice->kinds & 1u << event->kind) &&
           (choice->host == HOST_NONE || event->host == choice->host) &&
           (!conn_is(choice->conn) || conn_eq(event->conn, choice->conn));
}

static EventList *push_events(lua_State *L, const Choice *choice, uint32_t count, size_t numbers) {
    EventList *events = list_push(L, sizeof *events + numbers * sizeof *events->events);
    events->list = (List){count, push_nth, push_words};
    events->moment = moment_now(L);
    events->shown = choice->shown;
    return events;
}

static void push_range(lua_State *L, const Choice *choice) {
    uint32_t count = choice->past > choice->first ? choice->past - choice->first : 0;
    if (count > choice->last) count = choice->last;
    push_events(L, choice, count, 0)->first = choice->past - count;
}

/* From the newest on, as only the last may be wanted. */
static void push_chosen(lua_State *L, const Choice *choice) {
    const Trace *trace = session_trace(lab_session_of(L));
    luaL_Buffer buffer;
    uint32_t count = 0;
    luaL_buffinit(L, &buffer);
    for (uint32_t i = choice->past; i-- > choice->first && count < choice->last;) {
        lab_spend(L, 1);
        const Event event = trace_at(trace, i);
        if (!meets(choice, &event)) continue;
        luaL_addlstring(&buffer, (const char *)&i, sizeof i);
        count++;
    }
    luaL_pushresult(&buffer);
    const char *found = lua_tostring(L, -1);
    EventList *events = push_events(L, choice, count, count);
    events->chosen = true;
    for (uint32_t i = 0; i < count; i++) memcpy(&events->events[i], found + (count - 1 - i) * sizeof i, sizeof i);
    lua_remove(L, -2);
}

static void read_choice(lua_State *L, Choice *choice) {
    static const char *const names[] = {"from", "to", "kind", "host", "conn", "last", NULL};
    int at = push_named(L, 1, "the conditions table has", names);
    read_times(L, at, choice);
    choice->kinds = read_kinds(L, at + 2);
    choice->host = read_host(L, at + 3);
    choice->conn = read_conn(L, at + 4);
    choice->shown = lines_at(L, at + 5, "last");
    if (!lua_isnil(L, at + 5)) choice->last = choice->shown;
}

int trace_events(lua_State *L) {
    Choice choice = {.past = session_events(lab_session_of(L)),
                     .last = UINT32_MAX,
                     .shown = LINES_SHOWN,
                     .host = HOST_NONE,
                     .conn = CONN_NONE};
    lua_settop(L, 1);
    if (lua_istable(L, 1)) read_choice(L, &choice);
    else if (!lua_isnil(L, 1)) choice.last = choice.shown = lines_at(L, 1, "how many events");
    if (choice.kinds || choice.host != HOST_NONE || conn_is(choice.conn)) push_chosen(L, &choice);
    else push_range(L, &choice);
    list_finish(L, "trace");
    return 1;
}
