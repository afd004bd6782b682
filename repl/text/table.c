/* table.c - netstat and the timers that run, as tables. */
#include <string.h>

#include "text.h"

enum { COLUMNS_MOST = 8 };

/* Sets lines whose cells stand between tabs so that each column is as wide as its widest cell. A bit of `right` per
 * column: at the right. */
static void add_aligned(Text *text, const char *cells, unsigned right) {
    int widths[COLUMNS_MOST] = {0};
    for (const char *at = cells; *at;) {
        for (int column = 0;; column++) {
            size_t length = strcspn(at, "\t\n");
            int width = text_columns(at, length);
            if (column < COLUMNS_MOST && width > widths[column]) widths[column] = width;
            at += length;
            if (*at++ != '\t') break;
        }
    }
    for (const char *at = cells; *at;) {
        int start = 0;
        for (int column = 0; column < COLUMNS_MOST; column++) {
            size_t length = strcspn(at, "\t\n");
            bool last = at[length] != '\t';
            int room = widths[column] - text_columns(at, length);
            text_pad(text, start + (right >> column & 1 ? room : 0));
            text_add_bytes(text, at, length);
            start += widths[column] + 2;
            at += length + 1;
            if (last) break;
        }
        while (text->length && text->bytes[text->length - 1] == ' ') text->bytes[--text->length] = '\0';
        text_add(text, "\n");
    }
}

/* The timer that fires first, as "retransmit 0.950". */
static void add_nearest_timer(Text *cells, const World *world, const ConnView *conn) {
    int nearest = -1;
    for (int i = 0; i < TIMER_COUNT; i++) {
        if (conn->timers[i] == MICROS_NEVER) continue;
        if (nearest < 0 || conn->timers[i] < conn->timers[nearest]) nearest = i;
    }
    if (nearest < 0) return;
    text_add(cells, "%s ", timer_name((TimerKind)nearest));
    text_time(cells, conn->timers[nearest] - world_now(world));
    if (nearest == TIMER_RETRANSMIT && conn->retransmissions)
        text_add(cells, " (retransmission %u)", conn->retransmissions);
}

static void add_netstat_line(Text *cells, const World *world, const ConnView *conn) {
    char local[ENDPOINT_TEXT], remote[ENDPOINT_TEXT];
    text_host(cells, world, conn->host);
    text_add(cells, "\t%s\t", state_name(conn->state));
    if (conn->state == STATE_LISTEN) { /* of a listener: how many wait to be accepted, and how many may */
        text_add(cells, "%u\t%u\t%s\t*\tsyn queue %u, accept queue %u of %u", conn->accept_queue, conn->backlog,
                 endpoint_text(conn->local, local), conn->syn_queue, conn->accept_queue, conn->backlog);
    } else {
        text_add(cells, "%u\t%u\t%s\t%s\t", conn->unread, conn->unsent + conn->unacked,
                 endpoint_text(conn->local, local), endpoint_text(conn->remote, remote));
        add_nearest_timer(cells, world, conn);
    }
    text_add(cells, "\n");
}

/* How many there are beyond those shown, and of all in which state. */
static void add_more_conns(Text *text, const uint32_t states[STATE_COUNT], uint32_t more) {
    const char *separator = "";
    text_add(text, "... ");
    text_count(text, more);
    text_add(text, " more: netstat(200) shows 200; in all ");
    for (int state = 0; state < STATE_COUNT; state++) {
        if (!states[state]) continue;
        text_add(text, "%s", separator);
        text_count(text, states[state]);
        text_add(text, " %s", state_name((State)state));
        separator = ", ";
    }
    text_add(text, "\n");
}

/* The next connection that is not gone. */
static bool next_conn(const World *world, ConnId *id, ConnView *conn) {
    do *id = world_conn_after(world, HOST_NONE, *id);
    while (conn_is(*id) && world_conn(world, *id, conn) && conn->gone);
    return conn_is(*id);
}

void text_netstat(Text *text, const World *world, uint32_t most) {
    Text cells = TEXT_EMPTY;
    uint32_t count = 0, states[STATE_COUNT] = {0};
    ConnView conn;
    text_add(&cells, "Host\tState\tRecv-Q\tSend-Q\tLocal\tRemote\tTimer\n");
    for (ConnId id = CONN_NONE; next_conn(world, &id, &conn);) {
        states[conn.state]++;
        if (count++ < most) add_netstat_line(&cells, world, &conn);
    }
    if (count) add_aligned(text, text_string(&cells), 1u << 2 | 1u << 3);
    else text_add(text, "no connections\n");
    if (count > most) add_more_conns(text, states, count - most);
    text_free(&cells);
}

static void add_timer_line(Text *cells, const World *world, const ConnView *conn, TimerKind timer) {
    text_host(cells, world, conn->host);
    text_add(cells, "\t");
    text_endpoint(cells, world, conn->local);
    if (!addr_is_unspecified(conn->remote.addr)) {
        text_add(cells, " > ");
        text_endpoint(cells, world, conn->remote);
    }
    text_add(cells, "\t%s\t", timer_name(timer));
    text_time(cells, conn->timers[timer] - world_now(world));
    text_add(cells, "\t");
    text_time(cells, conn->timers[timer]);
    text_add(cells, "\t");
    text_time(cells, conn->timer_lengths[timer]);
    text_add(cells, "\n");
}

void text_timers(Text *text, const World *world, uint32_t most) {
    Text cells = TEXT_EMPTY;
    uint32_t count = 0;
    ConnView conn;
    text_add(&cells, "Host\tConnection\tTimer\tFires in\tat\tafter\n");
    for (ConnId id = CONN_NONE; next_conn(world, &id, &conn);) {
        for (int i = 0; i < TIMER_COUNT; i++)
            if (conn.timers[i] != MICROS_NEVER && count++ < most) add_timer_line(&cells, world, &conn, (TimerKind)i);
    }
    if (count) add_aligned(text, text_string(&cells), 1u << 3 | 1u << 4 | 1u << 5);
    else text_add(text, "no timer runs\n");
    if (count > most) {
        text_add(text, "... ");
        text_count(text, count - most);
        text_add(text, " more: timers(200) shows 200\n");
    }
    text_free(&cells);
}
