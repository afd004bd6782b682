/* why_not.c - what a connection waits for: the next arrow of the state diagram, and what could bring it. */
#include <string.h>

#include "text.h"

/* ---- The way through the state diagram ---- */

static bool by_force(const Arrow *arrow) { return strstr(arrow->event, "abort") || strstr(arrow->event, "timeout"); }

/* Of one record: CLOSED is its end. */
static bool leads_on(const Arrow *arrow, State from, State at, bool force) {
    if (arrow->from != at || strstr(arrow->event, "what if")) return false;
    return (at == from || at != STATE_CLOSED) && (force || !by_force(arrow));
}

/* The first arrow of a shortest way; NULL: there is none. */
static const Arrow *first_arrow(State from, State to, bool force) {
    const Arrow *first[STATE_COUNT] = {NULL};
    State queue[STATE_COUNT];
    size_t count = 0;
    queue[count++] = from;
    for (size_t next = 0; next < count; next++) {
        State at = queue[next];
        for (size_t i = 0; i < arrow_count(); i++) {
            const Arrow *arrow = arrow_at(i);
            if (!leads_on(arrow, from, at, force) || arrow->to == from || first[arrow->to]) continue;
            first[arrow->to] = at == from ? arrow : first[at];
            queue[count++] = arrow->to;
        }
    }
    return first[to];
}

/* By reset, abort or timeout only where nothing else leads there. */
static const Arrow *arrow_towards(State from, State to) {
    const Arrow *arrow = first_arrow(from, to, false);
    return arrow ? arrow : first_arrow(from, to, true);
}

/* What comes next where nothing is wished: the first arrow of the diagram that is no end by force. */
static const Arrow *next_arrow(State from) {
    for (size_t i = 0; i < arrow_count(); i++)
        if (arrow_at(i)->from == from) return arrow_at(i);
    return NULL;
}

/* ---- Both ends ---- */

static bool find_peer(const World *world, const ConnView *conn, ConnView *peer) {
    HostId host = world_host_by_addr(world, conn->remote.addr);
    bool found = false;
    if (host == HOST_NONE) return false;
    for (ConnId id = world_conn_after(world, host, CONN_NONE); conn_is(id); id = world_conn_after(world, host, id)) {
        ConnView view;
        if (!world_conn(world, id, &view) || view.gone) continue;
        if (!endpoint_eq(view.local, conn->remote) || !endpoint_eq(view.remote, conn->local)) continue;
        *peer = view;
        found = true;
    }
    return found;
}

/* The first packet in flight between two endpoints that has all these flags; a listener's other end is any. */
static bool in_flight(const World *world, Endpoint src, Endpoint dst, uint8_t flags, PacketView *found) {
    bool any = false;
    for (PacketId id = world_packet_after(world, PACKET_NONE); id.id; id = world_packet_after(world, id)) {
        PacketView view;
        if (!world_packet(world, id, &view) || (view.segment.flags & flags) != flags) continue;
        if (!endpoint_eq(view.segment.dst, dst)) continue;
        if (src.port && !endpoint_eq(view.segment.src, src)) continue;
        if (any && view.due >= found->due) continue;
        *found = view;
        any = true;
    }
    return any;
}

static void add_packet(Text *text, const World *world, const PacketView *packet) {
    char flags[FLAGS_TEXT];
    Text when = TEXT_EMPTY;
    text_time(&when, packet->held ? 0 : packet->due - world_now(world));
    text_add(text, "%s, #%u, is ", flags_text(packet->segment.flags, flags), packet->id.id);
    if (packet->held) text_add(text, "held: release it");
    else text_add(text, "in flight and arrives in %s s", text_string(&when));
    text_free(&when);
}

static void add_timer(Text *text, const World *world, const ConnView *conn, TimerKind timer, const char *what) {
    Text when = TEXT_EMPTY;
    if (conn->timers[timer] == MICROS_NEVER) return;
    text_time(&when, conn->timers[timer] - world_now(world));
    text_add(text, "  the %s timer fires in %s s: %s\n", timer_name(timer), text_string(&when), what);
    text_free(&when);
}

/* ---- What brings each kind of arrow ---- */

static void add_call(Text *text, const World *world, const ConnView *conn, const char *call) {
    text_add(text, "  a call of the application on ");
    text_host(text, world, conn->host);
    text_add(text, ": %s\n", call);
}

/* A segment of the other side that is to come by itself: a SYN, a SYN,ACK, a FIN. */
static void add_segment(Text *text, const World *world, const ConnView *conn, uint8_t flags) {
    PacketView packet;
    ConnView peer;
    Endpoint from = conn->state == STATE_LISTEN ? ENDPOINT_NONE : conn->remote;
    if (in_flight(world, from, conn->local, flags, &packet)) {
        text_add(text, "  ");
        add_packet(text, world, &packet);
        text_add(text, "\n");
        return;
    }
    if (conn->state == STATE_LISTEN) {
        text_add(text, "  no SYN for it is in flight: some host must connect\n");
        return;
    }
    if (in_flight(world, conn->local, conn->remote, FLAG_SYN, &packet) && conn->state == STATE_SYN_SENT) {
        text_add(text, "  its own ");
        add_packet(text, world, &packet);
        text_add(text, " at the other side, which then answers\n");
    }
    if (conn->state == STATE_SYN_SENT) {
        add_timer(text, world, conn, TIMER_RETRANSMIT, "its SYN is sent again");
        return;
    }
    if (!find_peer(world, conn, &peer)) {
        text_add(text, "  the other side has no such connection any more: what is sent to it is answered with a RST\n");
        return;
    }
    text_add(text, "  the other side is in %s: ", state_name(peer.state));
    if (peer.fin_sent) text_add(text, "its FIN was sent and has not arrived\n");
    else if (peer.hold != HOLD_NONE) text_add(text, "it has closed, and its FIN follows what it has not sent yet\n");
    else text_add(text, "its application has not closed\n");
    if (peer.fin_sent) add_timer(text, world, &peer, TIMER_RETRANSMIT, "the other side sends it again");
}

/* The ACK of something that this side has sent. */
static void add_ack(Text *text, const World *world, const ConnView *conn, uint8_t flags) {
    PacketView packet;
    if (in_flight(world, conn->remote, conn->local, FLAG_ACK, &packet) && seq_geq(packet.segment.ack, conn->snd.nxt)) {
        text_add(text, "  ");
        add_packet(text, world, &packet);
        text_add(text, "\n");
        return;
    }
    if (in_flight(world, conn->local, conn->remote, flags, &packet)) {
        text_add(text, "  its own ");
        add_packet(text, world, &packet);
        text_add(text, "; the other side acknowledges it\n");
    } else {
        text_add(text, "  neither what it sent nor an ACK of it is in flight\n");
    }
    add_timer(text, world, conn, TIMER_RETRANSMIT, "it is sent again");
}

static void add_arrow(Text *text, const World *world, const ConnView *conn, const Arrow *arrow) {
    const char *event = arrow->event;
    text_add(text, "%s > %s takes: %s\n", state_name(arrow->from), state_name(arrow->to), event);
    if (strcmp(event, "SYN,ACK") == 0) add_segment(text, world, conn, FLAG_SYN | FLAG_ACK);
    else if (strcmp(event, "SYN") == 0) add_segment(text, world, conn, FLAG_SYN);
    else if (strncmp(event, "FIN", 3) == 0) add_segment(text, world, conn, FLAG_FIN);
    else if (strcmp(event, "ACK of SYN") == 0) add_ack(text, world, conn, FLAG_SYN);
    else if (strcmp(event, "ACK of FIN") == 0) add_ack(text, world, conn, FLAG_FIN);
    else if (strcmp(event, "2 MSL") == 0) add_timer(text, world, conn, TIMER_TIME_WAIT, "its record is deleted");
    else if (strcmp(event, "close") == 0) add_call(text, world, conn, "close() or shutdown()");
    else if (strcmp(event, "connect") == 0) add_call(text, world, conn, "connect()");
    else if (strcmp(event, "listen") == 0) add_call(text, world, conn, "listen()");
    else add_call(text, world, conn, "abort(), or a RST of the other side");
}

static void add_hold(Text *text, const World *world, const ConnView *conn) {
    static const char *const sentences[] = {
        [HOLD_NONE] = NULL,
        [HOLD_HANDSHAKE] = "the connection is not open yet",
        [HOLD_CLOSED_WINDOW] = "the window of the other side is closed",
        [HOLD_WINDOW] = "as much is in flight as the window of the other side takes",
        [HOLD_CONGESTION] = "as much is in flight as the congestion window allows",
        [HOLD_NAGLE] = "a small segment waits for the ACK of what is in flight (Nagle)",
        [HOLD_SILLY_WINDOW] = "what fits the window is not worth a segment (silly window avoidance)",
    };
    if (conn->hold == HOLD_NONE) return;
    if (conn->unsent == 1) text_add(text, "1 byte is not sent: %s\n", sentences[conn->hold]);
    else if (conn->unsent) text_add(text, "%u bytes are not sent: %s\n", conn->unsent, sentences[conn->hold]);
    else text_add(text, "its FIN is not sent: %s\n", sentences[conn->hold]);
    add_timer(text, world, conn, TIMER_PERSIST, "it probes the window");
}

void text_why_not(Text *text, const World *world, ConnId id, State state) {
    ConnView conn;
    if (!world_conn(world, id, &conn)) return;
    text_endpoint(text, world, conn.local);
    if (conn.remote.port) {
        text_add(text, " > ");
        text_endpoint(text, world, conn.remote);
    }
    if (conn.gone) {
        text_add(text, " has ended%s%s: it enters no state any more\n", conn.error ? ", " : "",
                 conn.error ? status_text(conn.error) : "");
        return;
    }
    text_add(text, " is in %s\n", state_name(conn.state));
    const Arrow *arrow = state == STATE_COUNT ? next_arrow(conn.state) : arrow_towards(conn.state, state);
    if (state == conn.state) text_add(text, "so nothing is missing\n");
    else if (arrow) add_arrow(text, world, &conn, arrow);
    else text_add(text, "no way leads from there to %s (RFC 9293 3.3.2)\n", state_name(state));
    add_hold(text, world, &conn);
}
