/* world.c - arbitrary inputs to world_step(): nothing crashes, a refused input changes nothing, and what must
 * hold, holds. */
#include <stdlib.h>
#include <string.h>

#include "../../engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Script {
    const uint8_t *bytes;
    size_t left;
} Script;

static uint32_t take(Script *script, unsigned bytes) {
    uint32_t value = 0;
    while (bytes-- > 0 && script->left > 0) {
        value = value << 8 | *script->bytes++;
        script->left--;
    }
    return value;
}

static ConnId some_conn(const World *world, uint32_t which) {
    ConnId id = CONN_NONE;
    for (uint32_t i = 0; i <= which; i++) {
        ConnId next = world_conn_after(world, HOST_NONE, id);
        if (!conn_is(next)) break;
        id = next;
    }
    return id;
}

static PacketId some_packet(const World *world, uint32_t which) {
    PacketId ids[16];
    size_t count = world_packet_list(world, ids, 16);
    if (count > 16) count = 16;
    return count ? ids[which % count] : PACKET_NONE;
}

/* A forged segment that is likely to hit: near the numbers of a connection that exists. */
static uint32_t forge(Script *script, const World *world, uint8_t *bytes, size_t capacity) {
    ConnView view;
    static const uint8_t text[64];
    Segment seg = {
        .src = {{0x7f000001}, 7777}, .dst = {{0x7f000002}, 80}, .ttl = 64, .ip_id = 1, .options = OPTIONS_NONE};
    uint32_t shape = take(script, 1);
    if (world_conn(world, some_conn(world, shape & 7), &view)) {
        seg.src = view.remote;
        seg.dst = view.local;
        seg.seq = seq_add(view.rcv.nxt, (uint32_t)(int8_t)take(script, 1));
        seg.ack = seq_add(view.snd.nxt, (uint32_t)(int8_t)take(script, 1));
    }
    seg.flags = (uint8_t)take(script, 1);
    seg.window = (uint16_t)take(script, 2);
    seg.urgent = (uint16_t)(shape & 8 ? take(script, 1) : 0);
    if (shape & 16) seg.options.mss = (uint16_t)take(script, 2);
    if (shape & 32) {
        seg.options.timestamps = true;
        seg.options.ts_value = take(script, 4);
    }
    if (shape & 64) {
        seg.options.sack_count = 1;
        seg.options.sack[0] = (SackBlock){seq_add(view.snd.una, take(script, 1)),
                                          seq_add(view.snd.una, take(script, 1))};
    }
    if (shape & 128) {
        seg.options.wscale = (uint8_t)take(script, 1);
        seg.options.sack_permitted = true;
    }
    seg.data = text;
    seg.data_length = (uint16_t)(take(script, 1) & 63);
    return (uint32_t)segment_encode(&seg, bytes, capacity);
}

static Input read_input(Script *script, const World *world, uint8_t *bytes, size_t capacity) {
    Input input = {.kind = (InputKind)(take(script, 1) % (INPUT_KINDS + 1))};
    uint32_t which = take(script, 1);
    input.conn = some_conn(world, which & 15);
    input.packet = some_packet(world, which >> 4);
    input.host = which & 3;
    input.timer = (TimerKind)(which % (TIMER_COUNT + 1));
    input.count = take(script, 1);
    input.at = which & 1 ? MICROS_NEVER : (Micros)take(script, 2) * 1000;
    input.bytes = bytes;
    input.length = take(script, 1);
    input.urgent = which & 2;
    input.close_on_fin = which & 4;
    if (input.kind == INPUT_LISTEN) input.local = (Endpoint){.port = (uint16_t)(80 + (which & 1))};
    if (input.kind == INPUT_CONNECT) {
        input.local.port = which & 32 ? 7777 : 0;
        input.remote = (Endpoint){addr_of(0x7f000001 + (which >> 2 & 1)), (uint16_t)(which & 8 ? 80 : 7777)};
        input.at = 0;
    }
    if (input.kind == INPUT_DELIVER) input.bytes = NULL;
    if (input.kind == INPUT_INJECT || input.kind == INPUT_EDIT) {
        input.length = forge(script, world, bytes, capacity);
        input.at = 0;
    }
    input.rule = (HostRule)(take(script, 1) % (HOST_RULE_COUNT + 1));
    input.path = (PathRule)(which % (PATH_RULE_COUNT + 1));
    input.value = (int64_t)(int32_t)take(script, 4);
    /* A buffer of a gigabyte is legal and slow to fill the machine with. */
    bool buffer = input.rule == HOST_RULE_send_buffer || input.rule == HOST_RULE_recv_buffer;
    if (input.kind == INPUT_RULE && buffer) input.value &= 0xffff;
    return input;
}

static void holds(bool what) {
    if (!what) abort();
}

static void check(const World *world) {
    ConnView view;
    for (ConnId id = CONN_NONE; conn_is(id = world_conn_after(world, HOST_NONE, id));) {
        holds(world_conn(world, id, &view));
        holds((unsigned)view.state < STATE_COUNT);
        if (view.state == STATE_CLOSED) holds(view.gone);
        if (view.gone) {
            for (int timer = 0; timer < TIMER_COUNT; timer++) holds(view.timers[timer] == MICROS_NEVER);
            continue;
        }
        if (view.state == STATE_LISTEN) continue;
        holds(seq_leq(view.snd.una, view.snd.nxt));
        for (uint32_t i = 0; i < view.pieces; i++) {
            holds(seq_lt(view.piece[i].left, view.piece[i].right));
            holds(seq_leq(view.rcv.nxt, view.piece[i].left));
            if (i > 0) holds(seq_lt(view.piece[i - 1].right, view.piece[i].left));
        }
        if (view.state == STATE_TIME_WAIT) holds(view.timers[TIMER_TIME_WAIT] != MICROS_NEVER);
    }
}

static void check_events(const Trace *trace, uint32_t from) {
    for (uint32_t i = from; i < trace_count(trace); i++) {
        const Event event = trace_at(trace, i);
        holds(event.index == i);
        holds(event.rule != RULE_NONE);
        holds(event.cause == EVENT_NONE || event.cause < i);
        if (event.kind == EVENT_STATE) holds(arrow_find(event.from, event.to) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { MOST = 400 };
    static uint8_t bytes[4096];
    Script script = {data, size};
    World *world = world_new(&(Config){.seed = 1, .conns = 12, .packets = 24, .store = 64 * 1024});
    Trace *trace = trace_new();
    for (int step = 0; script.left > 0 && step < MOST; step++) {
        Input input = read_input(&script, world, bytes, sizeof bytes);
        World *copy = world_copy(world);
        uint64_t before = world_digest(world);
        uint32_t events = trace_count(trace);
        Status status = world_step(world, &input, trace);
        if (status != STATUS_OK) holds(trace_count(trace) == events);
        if (world_spent(world)) {
            holds(world_spent(world) == status);
            world_free(world);
            world = copy;
        } else {
            world_free(copy);
        }
        if (status != STATUS_OK) holds(world_digest(world) == before);
        check(world);
        check_events(trace, events);
    }
    trace_free(trace);
    world_free(world);
    return 0;
}
