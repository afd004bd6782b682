/* step.c - the only function that changes a world: it checks names, bytes and time of an input, then does it. */
#include "world.h"

/* The hosts, connections, timers and packets that the input names must exist. */
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
    case INPUT_PATH:
    case INPUT_ORDER:
    case INPUT_CANCEL: return STATUS_OK;
    case INPUT_NONE:
    case INPUT_KINDS: return STATUS_BAD_ARGUMENT;
    }
    return STATUS_BAD_ARGUMENT;
}

/* A length needs bytes, and a datagram is at most LIMIT_DATAGRAM long. */
static Status check_bytes(const Input *input) {
    if (!input->bytes && input->length > 0) return STATUS_BAD_ARGUMENT;
    bool datagram = input->kind == INPUT_DELIVER || input->kind == INPUT_EDIT || input->kind == INPUT_INJECT;
    return datagram && input->length > LIMIT_DATAGRAM ? STATUS_BAD_DATAGRAM : STATUS_OK;
}

/* Nothing may be due before `at`. */
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
    case INPUT_TIMER: timeout(turn, &turn->tcbs[input->conn.slot], input->timer); return STATUS_OK;
    case INPUT_WAIT: return STATUS_OK;
    case INPUT_HOST: return setting_host(turn, input, result);
    case INPUT_RULE: return setting_rule(turn, input);
    case INPUT_PATH: return setting_path(turn, input);
    case INPUT_ORDER: return order_give(turn, input, result);
    case INPUT_CANCEL: return order_cancel(turn, input);
    case INPUT_NONE:
    case INPUT_KINDS: break;
    }
    return STATUS_BAD_ARGUMENT;
}

/* Decodes the arriving datagram, and finds its connection or listener. */
static void read_datagram(Turn *turn, const Input *input, Reading *reading) {
    const Packet *packet = packet_look(turn->world, input->packet);
    reading->conn = CONN_NONE;
    reading->bytes = input->bytes ? input->bytes : store_look(store_in(turn->world), packet->block);
    reading->length = input->bytes ? input->length : packet->length;
    reading->decoded = segment_decode(reading->bytes, reading->length, &reading->seg);
    if (reading->decoded != DECODE_OK) return;
    const Tcb *tcb = record_find_look(turn->world, reading->seg.dst, reading->seg.src);
    if (!tcb) tcb = record_find_look(turn->world, reading->seg.dst, ENDPOINT_NONE);
    if (tcb) reading->conn = tcb->id;
}

static Status step(World *world, const Input *input, Trace *trace, uint64_t *seen) {
    if (world->spent) return world->spent;
    Status status = check_names(world, input);
    if (status == STATUS_OK) status = check_bytes(input);
    if (status == STATUS_OK) status = check_time(world, input);
    if (status != STATUS_OK) return status;
    bool moves = input->at != MICROS_NEVER && input->at > world->now;
    Event unread;
    Turn turn = {.ops = &world_ops,
                 .world = world,
                 .env = env_of(world, moves ? input->at : world->now),
                 .store = store_of(world),
                 .hosts = hosts_of(world),
                 .tcbs = tcbs_of(world),
                 .trace = trace,
                 .unread = &unread,
                 .seen = seen,
                 .events = world->events,
                 .step = world->steps,
                 .first = trace ? trace_count(trace) : 0,
                 .ended = SLOT_NONE,
                 .cause = EVENT_NONE,
                 .serial = input->serial > world->serial ? input->serial : world->serial + 1};
    Reading reading; /* set for INPUT_DELIVER only */
    if (input->kind == INPUT_DELIVER) read_datagram(&turn, input, &reading);
    else if (conn_is(input->conn) && record_look(world, input->conn)) touch_tcb(world, input->conn.slot);
    About about;
    oracle_about(world, input, &reading, &about);
    Result result = {0};
    status = dispatch(&turn, input, &reading, &result);
    update_agenda(&turn);
    if (status == STATUS_OK) oracle_stepped(&turn, &about);
    if (world->book.ran_out) run_out(world, STATUS_LIMIT_STORE);
    if (world->spent) {
        if (trace) trace_cut(trace, turn.first);
        return world->spent;
    }
    if (status != STATUS_OK) return status;
    world->now = turn.env.now;
    world->serial = turn.serial;
    world->steps++;
    world->events = turn.events;
    world->result = result;
    return STATUS_OK;
}

Status world_step(World *world, const Input *input, Trace *trace) { return step(world, input, trace, NULL); }

Status world_step_seen(World *world, const Input *input, uint64_t seen[RULE_WORDS]) {
    return step(world, input, NULL, seen);
}
