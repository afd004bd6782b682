/* step.c - the one function that changes a world: names, bytes and time of an input are checked, then it is done. */
#include "world.h"

enum { HEADERS = 80, FEW_EVENTS = 24, FEW_PACKETS = 6, EVENTS_PER_PACKET = 6 };

/* ---- Room: checked before anything is touched ---- */

typedef struct Room {
    bool record;
    uint64_t packets, bytes;
} Room;

/* Reads what arrives. Returns the connection it is for, if any. */
static Tcb *open_datagram(Turn *turn, const Input *input, Reading *reading) {
    const Packet *packet = packet_look(turn->world, input->packet);
    reading->conn = CONN_NONE;
    reading->bytes = input->bytes ? input->bytes : store_look(turn->world, packet->block);
    reading->length = input->bytes ? input->length : packet->length;
    reading->decoded = segment_decode(reading->bytes, reading->length, &reading->seg);
    if (reading->decoded != DECODE_OK) return NULL;
    Tcb *tcb = turn_find(turn, reading->seg.dst, reading->seg.src);
    const Tcb *taker = tcb ? tcb : turn_find(turn, reading->seg.dst, ENDPOINT_NONE);
    if (taker) reading->conn = taker->id;
    return tcb;
}

/* The connection that an input is about, if any. */
static Tcb *concerned(Turn *turn, const Input *input, Reading *reading) {
    return input->kind == INPUT_DELIVER ? open_datagram(turn, input, reading) : record(turn->world, input->conn);
}

/* The congestion window bounds what one input can set free. Returns the bytes of the largest segment. */
static uint32_t room_to_send(Turn *turn, const Tcb *tcb, const Segment *seg, uint64_t more, Room *room) {
    uint64_t bytes = tcb->send_queue.length + more;
    if (bytes == 0) return 0;
    Tcb then;
    if (tcb->state == STATE_SYN_SENT || tcb->state == STATE_SYN_RCVD) {
        then = *tcb;
        if (tcb->state == STATE_SYN_SENT && seg && seg->flags & FLAG_SYN)
            options_learn(turn, &then, &seg->options); /* the peer's MSS */
        congestion_open(turn, &then);
        tcb = &then;
    }
    uint32_t mss = effective_mss(turn, tcb), least = segment_room(turn, tcb);
    uint32_t cwnd = tcb->recovering && tcb->ssthresh > tcb->cwnd ? tcb->ssthresh
                                                                 : tcb->cwnd; /* recovery may end with it */
    uint64_t free = (uint64_t)cwnd + 4 * (uint64_t)mss;
    room->packets += (bytes < free ? bytes : free) / least;
    if (tcb->sacking) room->packets += LIMIT_REASSEMBLY + 1; /* holes may be smaller than segments */
    return mss;
}

/* Connections that nobody accepted go with their listener, each with a RST. */
static uint32_t children(Turn *turn, const Tcb *listener) {
    uint32_t count = 0;
    for (const Tcb *tcb = turn_next_tcb(turn, listener->host, NULL); tcb;
         tcb = turn_next_tcb(turn, listener->host, tcb))
        count += conn_eq(tcb->listener, listener->id) && !tcb->accepted;
    return count;
}

/* Text is kept by the connection, or by one that this segment opens. */
static void room_to_keep(const Tcb *tcb, const Segment *seg, Room *room) {
    bool opens = !tcb || tcb->gone || tcb->state == STATE_SYN_SENT || tcb->state == STATE_TIME_WAIT;
    if (opens && seg->data_length) room->bytes += bytes_cost(&(Bytes){0}, seg->data_length);
    if (!tcb || tcb->state == STATE_SYN_SENT || seg->data_length == 0) return;
    Seq end = seq_add(seg->seq, segment_length(seg));
    if (!seq_gt(end, tcb->rcv.nxt)) return;
    uint32_t ahead = seq_distance(tcb->rcv.nxt, end);
    if (ahead > tcb->rcv.wnd) ahead = tcb->rcv.wnd;
    room->bytes += bytes_cost(&tcb->recv_queue, tcb->recv_queue.length + ahead);
}

static Room room_for(Turn *turn, const Input *input, Reading *reading) {
    Room room = {.packets = FEW_PACKETS};
    const Tcb *tcb = concerned(turn, input, reading);
    const Segment *seg = input->kind == INPUT_DELIVER ? &reading->seg : NULL;
    bool opens = !tcb || tcb->state == STATE_LISTEN || tcb->state == STATE_TIME_WAIT;
    room.record = input->kind == INPUT_LISTEN || input->kind == INPUT_CONNECT ||
                  (input->kind == INPUT_DELIVER && opens);
    uint64_t largest = HEADERS;
    if (input->kind == INPUT_DELIVER) {
        room_to_keep(tcb, seg, &room);
        room.bytes += 2 * PIECES_BYTES; /* what it keeps, and what it learns that its peer keeps */
    }
    if (tcb && !tcb->gone && tcb->state == STATE_LISTEN) {
        if (input->kind == INPUT_CLOSE || input->kind == INPUT_ABORT) room.packets += children(turn, tcb);
    } else if (tcb && !tcb->gone) {
        uint64_t more = 0;
        if (input->kind == INPUT_SEND) {
            uint64_t buffer = (uint64_t)tcb_rule(turn, tcb, HOST_RULE_send_buffer);
            more = input->length < buffer ? input->length : buffer;
            room.bytes += bytes_cost(&tcb->send_queue, tcb->send_queue.length + (uint32_t)more);
        }
        largest += room_to_send(turn, tcb, seg, more, &room);
    }
    if (input->kind == INPUT_RULE) room.bytes += store_capacity(sizeof(OwnRules));
    if (input->kind == INPUT_INJECT || input->kind == INPUT_EDIT) largest = input->length;
    if (input->kind == INPUT_DUP) largest = packet_look(turn->world, input->packet)->length;
    if (turn->world->path[PATH_DUPLICATE] > 0) room.packets *= 2;
    room.bytes += room.packets * store_capacity((uint32_t)largest);
    return room;
}

static Status reserve(Turn *turn, const Input *input, Reading *reading) {
    const World *world = turn->world;
    if (input->kind == INPUT_HOST && world->host_count == world->config.hosts) return STATUS_LIMIT_HOSTS;
    Room room = room_for(turn, input, reading);
    if (room.record && !records_room(world)) return STATUS_LIMIT_CONNS;
    if (world->config.packets - world->packet_count < room.packets) return STATUS_LIMIT_PACKETS;
    if (store_room(world) < room.bytes) return STATUS_LIMIT_STORE;
    uint64_t events = FEW_EVENTS + room.packets * EVENTS_PER_PACKET;
    if (input->kind == INPUT_CRASH || input->kind == INPUT_CLOSE || input->kind == INPUT_ABORT)
        events += 2 * (uint64_t)world->tcb_fresh;
    if (turn->trace && !trace_reserve(turn->trace, (uint32_t)events, (size_t)room.bytes + LIMIT_DATAGRAM))
        return STATUS_LIMIT_MEMORY;
    return STATUS_OK;
}

/* ---- The door ---- */

/* Does the input name something that is there? */
static Status check_names(const World *world, const Input *input) {
    switch (input->kind) {
    case INPUT_LISTEN:
    case INPUT_CONNECT:
    case INPUT_CRASH:
    case INPUT_RULE:
        if (input->kind == INPUT_RULE && conn_is(input->conn))
            return record_look(world, input->conn) ? STATUS_OK : STATUS_NO_CONNECTION;
        if (input->host >= world->host_count) return STATUS_NO_HOST;
        return hosts_in(world)[input->host].foreign ? STATUS_FOREIGN_HOST : STATUS_OK;
    case INPUT_ACCEPT:
    case INPUT_SEND:
    case INPUT_RECV:
    case INPUT_SHUTDOWN:
    case INPUT_CLOSE:
    case INPUT_ABORT: return record_look(world, input->conn) ? STATUS_OK : STATUS_NO_CONNECTION;
    case INPUT_TIMER: {
        const Tcb *tcb = record_look(world, input->conn);
        if (!tcb) return STATUS_NO_CONNECTION;
        return (unsigned)input->timer < TIMER_COUNT && timer_runs(tcb, input->timer) ? STATUS_OK : STATUS_NO_TIMER;
    }
    case INPUT_DELIVER:
    case INPUT_DROP:
    case INPUT_DUP:
    case INPUT_DELAY:
    case INPUT_HOLD:
    case INPUT_RELEASE:
    case INPUT_CORRUPT:
    case INPUT_EDIT:
    case INPUT_EXPIRE: return packet_look(world, input->packet) ? STATUS_OK : STATUS_NO_PACKET;
    case INPUT_INJECT:
    case INPUT_WAIT:
    case INPUT_HOST:
    case INPUT_PATH: return STATUS_OK;
    case INPUT_NONE:
    case INPUT_KINDS: return STATUS_BAD_ARGUMENT;
    }
    return STATUS_BAD_ARGUMENT;
}

/* Bytes that are said to be there are there, and a datagram is no longer than one can be. */
static Status check_bytes(const Input *input) {
    if (!input->bytes && input->length > 0) return STATUS_BAD_ARGUMENT;
    bool datagram = input->kind == INPUT_DELIVER || input->kind == INPUT_EDIT || input->kind == INPUT_INJECT;
    return datagram && input->length > LIMIT_DATAGRAM ? STATUS_BAD_DATAGRAM : STATUS_OK;
}

/* Nothing may be passed over on the way to `at`. */
static Status check_time(const World *world, const Input *input) {
    if (input->kind == INPUT_TIMER) {
        if (input->at == MICROS_NEVER) return STATUS_OK;
        Micros at = input->at > world->now ? input->at : world->now;
        if (record_look(world, input->conn)->timers[input->timer] > at) return STATUS_TOO_EARLY;
    }
    if (input->at > LATEST) return STATUS_BAD_ARGUMENT;
    return input->at > world->now && agenda_time(world) < input->at ? STATUS_TOO_EARLY : STATUS_OK;
}

static Status dispatch(Turn *turn, const Input *input, const Reading *reading, Result *result) {
    switch (input->kind) {
    case INPUT_LISTEN: return call_listen(turn, input, result);
    case INPUT_CONNECT: return call_connect(turn, input, result);
    case INPUT_ACCEPT: return call_accept(turn, input, result);
    case INPUT_SEND: return call_send(turn, input, result);
    case INPUT_RECV: return call_recv(turn, input, result);
    case INPUT_SHUTDOWN: return call_shutdown(turn, input);
    case INPUT_CLOSE: return call_close(turn, input);
    case INPUT_ABORT: return call_abort(turn, input);
    case INPUT_CRASH: return call_crash(turn, input);
    case INPUT_DELIVER: return path_deliver(turn, input, reading);
    case INPUT_DROP: return path_drop(turn, input);
    case INPUT_DUP: return path_dup(turn, input, result);
    case INPUT_DELAY: return path_delay(turn, input);
    case INPUT_HOLD: return path_hold(turn, input);
    case INPUT_RELEASE: return path_release(turn, input);
    case INPUT_CORRUPT: return path_corrupt(turn, input);
    case INPUT_EDIT: return path_edit(turn, input);
    case INPUT_INJECT: return path_inject(turn, input, result);
    case INPUT_EXPIRE: return path_expire(turn, input);
    case INPUT_TIMER: timeout(turn, turn_record(turn, input->conn), input->timer); return STATUS_OK;
    case INPUT_WAIT: return STATUS_OK;
    case INPUT_HOST: return setting_host(turn, input, result);
    case INPUT_RULE: return setting_rule(turn, input);
    case INPUT_PATH: return setting_path(turn, input);
    case INPUT_NONE:
    case INPUT_KINDS: break;
    }
    return STATUS_BAD_ARGUMENT;
}

Status world_step(World *world, const Input *input, Trace *trace) {
    Status status = check_names(world, input);
    if (status == STATUS_OK) status = check_bytes(input);
    if (status == STATUS_OK) status = check_time(world, input);
    if (status != STATUS_OK) return status;
    bool moves = input->at != MICROS_NEVER && input->at > world->now;
    Event unheard;
    Turn turn = {.world = world,
                 .trace = trace,
                 .unheard = &unheard,
                 .now = moves ? input->at : world->now,
                 .step = world->steps,
                 .cause = EVENT_NONE,
                 .serial = input->serial > world->serial ? input->serial : world->serial + 1};
    Reading reading; /* only of what is delivered */
    status = reserve(&turn, input, &reading);
    if (status != STATUS_OK) return status;
    Result result = {0};
    status = dispatch(&turn, input, &reading, &result);
    turn_settle(&turn);
    if (status != STATUS_OK) return status;
    world->now = turn.now;
    world->serial = turn.serial;
    world->steps++;
    world->result = result;
    return STATUS_OK;
}
