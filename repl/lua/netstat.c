/* netstat.c - netstat(), timers(): what exists at the moment of the call, however much that is. */
#include "netstat.h"

#include "handles.h"
#include "lists.h"
#include "past.h"
#include "results.h"

static ConnId conn_after(lua_State *L, ConnId id) { return world_conn_after(world_of(L), HOST_NONE, id); }

static void table_conn(lua_State *L, ConnId id) {
    push_conn(L, id);
    lua_setfield(L, -2, "conn");
}

/* ---- netstat() ---- */

typedef struct ConnLine {
    ConnId id;
    HostId host;
    State state;
    Endpoint local, remote;
    uint32_t unread, syn_queue, accept_queue, backlog;
    lua_Integer unacked;
} ConnLine;

typedef struct Netstat {
    List list;
    ConnLine lines[];
} Netstat;

static void conn_item(lua_State *L, const List *list, uint32_t index) {
    const ConnLine *line = &((const Netstat *)list)->lines[index];
    lua_newtable(L);
    table_host(L, "host", line->host);
    table_string(L, "state", state_name(line->state));
    table_end(L, "src", line->local);
    table_end(L, "dst", line->remote);
    table_whole(L, "unread", line->unread);
    table_whole(L, "unacked", line->unacked);
    if (line->state == STATE_LISTEN) {
        table_whole(L, "syn_queue", line->syn_queue);
        table_whole(L, "accept_queue", line->accept_queue);
        table_whole(L, "backlog", line->backlog);
    }
    table_conn(L, line->id);
}

static ConnLine line_of(const ConnView *conn) {
    return (ConnLine){.id = conn->id,
                      .host = conn->host,
                      .state = conn->state,
                      .local = conn->local,
                      .remote = conn->remote,
                      .unread = conn->unread,
                      .syn_queue = conn->syn_queue,
                      .accept_queue = conn->accept_queue,
                      .backlog = conn->backlog,
                      .unacked = (lua_Integer)conn->unsent + conn->unacked};
}

int netstat_conns(lua_State *L) {
    uint32_t rows = lines_at(L, 1, "how many connections"), room = 0;
    for (HostId host = 0; host < world_hosts(world_of(L)); host++) room += conns_of(L, host).count;
    Netstat *netstat = list_push(L, sizeof *netstat + room * sizeof *netstat->lines);
    netstat->list.item = conn_item;
    for (ConnId id = conn_after(L, CONN_NONE); conn_is(id); id = conn_after(L, id)) {
        ConnView conn;
        if (!world_conn(world_of(L), id, &conn) || conn.gone) continue;
        netstat->lines[netstat->list.count++] = line_of(&conn);
    }
    Text text = TEXT_EMPTY;
    text_netstat(&text, world_of(L), rows);
    list_says(L, &text);
    list_finish(L, "netstat");
    return 1;
}

/* ---- timers() ---- */

typedef struct TimerLine {
    ConnId id;
    HostId host;
    TimerKind timer;
    Endpoint local, remote;
    Micros left, at, length;
} TimerLine;

typedef struct Timers {
    List list;
    TimerLine lines[];
} Timers;

static void timer_item(lua_State *L, const List *list, uint32_t index) {
    const TimerLine *line = &((const Timers *)list)->lines[index];
    lua_newtable(L);
    table_host(L, "host", line->host);
    table_string(L, "timer", timer_name(line->timer));
    table_end(L, "src", line->local);
    table_end(L, "dst", line->remote);
    table_seconds(L, "left", line->left);
    table_seconds(L, "at", line->at);
    table_seconds(L, "length", line->length);
    table_conn(L, line->id);
}

static void add_timers(Timers *timers, const World *world, const ConnView *conn) {
    for (int i = 0; i < TIMER_COUNT; i++) {
        if (conn->timers[i] == MICROS_NEVER) continue;
        timers->lines[timers->list.count++] = (TimerLine){.id = conn->id,
                                                          .host = conn->host,
                                                          .timer = (TimerKind)i,
                                                          .local = conn->local,
                                                          .remote = conn->remote,
                                                          .left = conn->timers[i] - world_now(world),
                                                          .at = conn->timers[i],
                                                          .length = conn->timer_lengths[i]};
    }
}

static uint32_t timers_of(const ConnView *conn) {
    uint32_t count = 0;
    for (int i = 0; i < TIMER_COUNT; i++) count += conn->timers[i] != MICROS_NEVER;
    return count;
}

int netstat_timers(lua_State *L) {
    uint32_t rows = lines_at(L, 1, "how many timers"), room = 0;
    ConnView conn;
    for (ConnId id = conn_after(L, CONN_NONE); conn_is(id); id = conn_after(L, id))
        if (world_conn(world_of(L), id, &conn) && !conn.gone) room += timers_of(&conn);
    Timers *timers = list_push(L, sizeof *timers + room * sizeof *timers->lines);
    timers->list.item = timer_item;
    for (ConnId id = conn_after(L, CONN_NONE); conn_is(id); id = conn_after(L, id))
        if (world_conn(world_of(L), id, &conn) && !conn.gone) add_timers(timers, world_of(L), &conn);
    Text text = TEXT_EMPTY;
    text_timers(&text, world_of(L), rows);
    list_says(L, &text);
    list_finish(L, "timers");
    return 1;
}
