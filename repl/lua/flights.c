/* flights.c - what became of packets, as data: p.fate and ladder(). */
#include "flights.h"

#include "handles.h"
#include "lists.h"
#include "past.h"
#include "results.h"

static void set_true(lua_State *L, const char *name, bool value) {
    if (!value) return;
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, int64_t count) {
    if (count) table_whole(L, name, (lua_Integer)count);
}

static void set_time(lua_State *L, const char *name, Micros time) {
    if (time != MICROS_NEVER) table_seconds(L, name, time);
}

/* ---- p.fate ---- */

static void set_outcome(lua_State *L, const FlightView *flight) {
    if (flight->outcome == OUTCOME_NONE) return;
    table_string(L, "outcome", outcome_name(flight->outcome));
    table_string(L, "rule", rule_info(flight->rule)->name);
    table_string(L, "section", rule_info(flight->rule)->section);
    set_count(L, "bytes", flight->bytes);
    if (flight->outcome == OUTCOME_DUPLICATE_ACK) set_count(L, "nth", flight->value);
    if (flight->outcome == OUTCOME_WINDOW_UPDATE) table_whole(L, "window", (lua_Integer)flight->value);
    push_packet(L, flight->answer);
    lua_setfield(L, -2, "answer");
}

static void set_events(lua_State *L, const FlightView *flight) {
    const Flights *flights = flights_at(L);
    uint32_t index = flights_find(flights, flight->packet), events = flight->last + 1;
    size_t count = flights_events(flights, index, events, NULL, 0);
    uint32_t *list = lua_newuserdatauv(L, (count + 1) * sizeof *list, 0);
    flights_events(flights, index, events, list, count);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const Event event = trace_at(session_trace(lab_session_of(L)), list[i]);
        push_event(L, &event);
        table_append(L);
    }
    lua_setfield(L, -3, "events");
    lua_pop(L, 1);
}

void push_fate(lua_State *L, const FlightView *flight) {
    lua_newtable(L);
    table_string(L, "state", flight_state_name(flight->state));
    table_seconds(L, "sent", flight->sent);
    if (flight->ended == MICROS_NEVER) set_time(L, "due", flight->due);
    set_time(L, "ended", flight->ended);
    if (flight->state == FLIGHT_LOST) table_string(L, "reason", drop_text(flight->reason));
    if (flight->order) table_whole(L, "order", flight->order);
    set_count(L, "copy_of", flight->copy_of);
    set_count(L, "copies", flight->copies);
    set_count(L, "held", flight->held);
    if (flight->delayed) table_seconds(L, "delayed", flight->delayed);
    set_true(L, "again", flight->again);
    set_true(L, "forged", flight->forged);
    set_true(L, "edited", flight->edited);
    set_true(L, "corrupted", flight->corrupted);
    set_outcome(L, flight);
    set_events(L, flight);
    Text text = TEXT_EMPTY;
    text_fate(&text, flight);
    push_printed(L, "fate", &text);
}

/* ---- ladder(): one entry per packet ---- */

static void ladder_entry(lua_State *L, const FlightView *flight) {
    char flags[FLAGS_TEXT];
    const Event first = trace_at(session_trace(lab_session_of(L)), flight->first);
    lua_newtable(L);
    table_whole(L, "id", flight->packet.id);
    table_seconds(L, "sent", flight->sent);
    table_end(L, "src", first.src);
    table_end(L, "dst", first.dst);
    table_host(L, "from", world_host_by_addr(world_of(L), first.src.addr));
    table_host(L, "to", world_host_by_addr(world_of(L), first.dst.addr));
    table_string(L, "flags", flags_text(first.flags, flags));
    table_whole(L, "seq", first.seq.value);
    if (first.flags & FLAG_ACK) table_whole(L, "ack", first.ack.value);
    table_whole(L, "len", first.data_length);
    set_true(L, "again", flight->again);
    set_count(L, "copy_of", flight->copy_of);
    set_true(L, "forged", flight->forged);
    if (flight->arrival != EVENT_NONE) set_time(L, "arrived", flight->ended);
    if (flight->state == FLIGHT_LOST) table_string(L, "lost", drop_text(flight->reason));
    if (flight->outcome != OUTCOME_NONE) table_string(L, "outcome", outcome_name(flight->outcome));
}

typedef struct Ladder {
    List list;
    Moment moment;
    uint32_t events;
} Ladder;

static void ladder_item(lua_State *L, const List *list, uint32_t index) {
    const Ladder *ladder = (const Ladder *)list;
    FlightView flight;
    if (!moment_exists(L, ladder->moment) || !flights_view(flights_at(L), index, ladder->events, &flight))
        luaL_error(L, "this ladder is of a future that was undone");
    ladder_entry(L, &flight);
}

int flights_ladder(lua_State *L) {
    const Session *session = lab_session_of(L);
    int rows = (int)lines_at(L, 1, "how many rows");
    Ladder *ladder = list_push(L, sizeof *ladder);
    ladder->moment = moment_now(L);
    ladder->events = session_events(session);
    ladder->list = (List){flights_count(flights_at(L), ladder->events), ladder_item, NULL};
    Text text = TEXT_EMPTY;
    text_ladder(&text, session, columns_of_text(L), rows);
    list_says(L, &text);
    list_finish(L, "ladder");
    return 1;
}
