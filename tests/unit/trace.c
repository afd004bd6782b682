/* trace.c - what happened, in order: each event with its cause and the rule it followed. */
#include "../../engine/trace/trace.h"
#include "../property/same.h"
#include "pair.h"
#include "wild.h"

/* A life with everything in it. */
static void a_rough_life(void) {
    set_path(PATH_LOSS, 100000), set_path(PATH_DUPLICATE, 100000), set_path(PATH_CORRUPT, 50000),
        set_path(PATH_REORDER, 100000);
    ConnId listener = listen_at(B, 80, 5), client = connect_from(A, PORT_A, ADDR_B, 80);
    ConnId server = CONN_NONE;
    static char text[9000];
    memset(text, 'x', sizeof text - 1);
    while (!conn_is(server)) {
        assert_true(step());
        if (attempt((Input){.kind = INPUT_ACCEPT, .conn = listener}) == STATUS_OK)
            server = world_result(lab.world)->conn;
    }
    for (int i = 0; i < 6; i++) {
        send_text(client, text);
        for (int k = 0; k < 30; k++) step();
    }
    call_on(INPUT_CLOSE, client);
    connect_from(A, 9, ADDR_B, 9);
    while (step()) continue;
}

PAIR_TEST(events_are_numbered_in_order) {
    a_rough_life();
    Micros time = 0;
    uint32_t last_step = 0;
    assert_true(trace_count(lab.trace) > 200);
    for (uint32_t i = 0; i < trace_count(lab.trace); i++) {
        const Event e = trace_at(lab.trace, i);
        assert_int_equal(e.index, i);
        assert_true(e.time >= time && e.step >= last_step && e.step <= last_step + 1);
        time = e.time;
        last_step = e.step;
    }
    assert_int_equal(trace_at(lab.trace, trace_count(lab.trace)).index, EVENT_NONE);
    assert_int_equal(trace_at(lab.trace, UINT32_MAX).index, EVENT_NONE);
}

/* Whatever happens has a reason before it; only what people do has none. */
PAIR_TEST(causes_point_backwards) {
    a_rough_life();
    for (uint32_t i = 0; i < trace_count(lab.trace); i++) {
        const Event e = trace_at(lab.trace, i);
        if (e.cause != EVENT_NONE) assert_true(e.cause < i);
        else if (e.kind != EVENT_CALL && e.kind != EVENT_SET)
            fail_msg("%s comes from nowhere", event_kind_name(e.kind));
        if (e.kind == EVENT_SEND) assert_int_not_equal(e.cause, EVENT_NONE);
        if (e.kind == EVENT_DELIVER && !e.copy_of) {
            const Event sent = trace_at(lab.trace, e.cause);
            assert_int_equal(sent.kind, EVENT_SEND);
            assert_int_equal(sent.packet.id, e.packet.id);
        }
    }
}

PAIR_TEST(every_event_names_a_rule) {
    a_rough_life();
    for (uint32_t i = 0; i < trace_count(lab.trace); i++) {
        const Event e = trace_at(lab.trace, i);
        if (e.rule == RULE_NONE || e.rule >= RULE_COUNT)
            fail_msg("event %u, %s, names no rule", i, event_kind_name(e.kind));
        if (e.kind == EVENT_STATE) assert_non_null(arrow_find(e.from, e.to));
    }
}

/* The three-way handshake, cause by cause. */
PAIR_TEST(the_causes_of_a_handshake) {
    listen_at(B, 80, 5);
    uint32_t begin = trace_count(lab.trace);
    connect_from(A, PORT_A, ADDR_B, 80);
    runs_on();
    const struct {
        EventKind kind;
        HostId host;
        int cause;
        State from, to;
    } story[] = {
        {EVENT_CALL, A, -1, STATE_CLOSED, STATE_CLOSED},
        {EVENT_SEND, A, 0, STATE_CLOSED, STATE_CLOSED},
        {EVENT_STATE, A, 0, STATE_CLOSED, STATE_SYN_SENT},
        {EVENT_DELIVER, B, 1, STATE_LISTEN, STATE_LISTEN},
        {EVENT_SEND, B, 3, STATE_LISTEN, STATE_LISTEN},
        {EVENT_STATE, B, 3, STATE_LISTEN, STATE_SYN_RCVD},
        {EVENT_DELIVER, A, 4, STATE_SYN_SENT, STATE_SYN_SENT},
        {EVENT_STATE, A, 6, STATE_SYN_SENT, STATE_ESTABLISHED},
        {EVENT_SEND, A, 6, STATE_ESTABLISHED, STATE_ESTABLISHED},
        {EVENT_DELIVER, B, 8, STATE_SYN_RCVD, STATE_SYN_RCVD},
        {EVENT_STATE, B, 9, STATE_SYN_RCVD, STATE_ESTABLISHED},
    };
    uint32_t count = sizeof story / sizeof *story;
    assert_int_equal(trace_count(lab.trace) - begin, count);
    for (uint32_t i = 0; i < count; i++) {
        const Event e = trace_at(lab.trace, begin + i);
        if (e.kind != story[i].kind || e.host != story[i].host || e.from != story[i].from || e.to != story[i].to)
            fail_msg("event %u: %s on host %u, %s > %s", i, event_kind_name(e.kind), e.host, state_name(e.from),
                     state_name(e.to));
        assert_int_equal(e.cause, story[i].cause < 0 ? EVENT_NONE : begin + (uint32_t)story[i].cause);
        assert_int_equal(e.step, 1 + (i >= 3) + (i >= 6) + (i >= 9)); /* how many inputs came before */
    }
}

/* A timer's cause is what started it. */
PAIR_TEST(the_cause_of_a_timer) {
    connect_from(A, PORT_A, ADDR_PEER, 80);
    uint32_t call = trace_count(lab.trace) - 3;
    assert_int_equal(trace_at(lab.trace, call).kind, EVENT_CALL);
    while (last_event().kind != EVENT_SEND || last_event().time == 0) step();
    const Event timer = trace_at(lab.trace, last_event().cause);
    assert_int_equal(timer.kind, EVENT_TIMER);
    assert_int_equal(timer.timer, TIMER_RETRANSMIT);
    assert_int_equal(timer.due, SECOND); /* how long it had run */
    assert_int_equal(timer.cause, call);
    assert_true(last_event().again);
}

/* What stands in an event of a packet is what its bytes say, as they were then. */
PAIR_TEST(bytes_of_packets) {
    a_rough_life();
    uint32_t seen = 0;
    for (uint32_t i = 0; i < trace_count(lab.trace); i++) {
        const Event e = trace_at(lab.trace, i);
        uint32_t length = 0;
        const uint8_t *bytes = trace_bytes(lab.trace, i, &length);
        assert_int_equal(bytes != NULL, e.packet.id != 0);
        Segment seg;
        if (!bytes || segment_decode(bytes, length, &seg) != DECODE_OK) continue;
        seen++;
        assert_true(seq_eq(seg.seq, e.seq) && seq_eq(seg.ack, e.ack));
        assert_int_equal(seg.flags, e.flags);
        assert_int_equal(seg.window, e.window);
        assert_int_equal(seg.data_length, e.data_length);
        assert_true(endpoint_eq(seg.src, e.src) && endpoint_eq(seg.dst, e.dst));
    }
    assert_true(seen > 50);
    assert_null(trace_bytes(lab.trace, trace_count(lab.trace), &(uint32_t){0}));
}

PAIR_TEST(a_corrupted_packet_was_whole_once) {
    connect_from(A, PORT_A, ADDR_B, 80);
    uint32_t sent = packet_view(packet_at(0)).event, length;
    uint8_t before[100];
    memcpy(before, trace_bytes(lab.trace, sent, &length), 44);
    on_packet(INPUT_CORRUPT, packet_at(0));
    assert_memory_equal(trace_bytes(lab.trace, sent, &length), before, length);
    assert_memory_not_equal(trace_bytes(lab.trace, trace_count(lab.trace) - 1, &length), before, length);
}

PAIR_TEST(cutting) {
    a_rough_life();
    uint32_t half = trace_count(lab.trace) / 2, length;
    Event kept = trace_at(lab.trace, half - 1);
    trace_cut(lab.trace, half);
    assert_int_equal(trace_count(lab.trace), half);
    assert_int_equal(trace_at(lab.trace, half).index, EVENT_NONE);
    assert_null(trace_bytes(lab.trace, half, &length));
    Event last = trace_at(lab.trace, half - 1);
    assert_true(same_event(&last, &kept));
    for (uint32_t i = 0; i < half; i++) {
        const uint8_t *bytes = trace_bytes(lab.trace, i, &length);
        Segment seg;
        if (bytes && segment_decode(bytes, length, &seg) == DECODE_OK)
            assert_true(seq_eq(seg.seq, trace_at(lab.trace, i).seq));
    }
    trace_cut(lab.trace, half + 5); /* more than there is */
    assert_int_equal(trace_count(lab.trace), half);
    trace_cut(lab.trace, 0);
    assert_int_equal(trace_count(lab.trace), 0);
}

/* Datagrams of every size, also the largest; cut in the middle and grown again, none is another's. */
TEST(many_large_datagrams) {
    enum { EVENTS = 3000 };
    static uint8_t bytes[LIMIT_DATAGRAM];
    Trace *trace = trace_new();
    assert_non_null(trace);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = trace_count(trace); i < EVENTS; i++) {
            uint32_t length = i % 7 == 0 ? LIMIT_DATAGRAM : i * 7919 % 3000;
            memset(bytes, (int)(i + (uint32_t)round), sizeof bytes);
            Event *event = trace_append(trace);
            assert_non_null(event);
            *event = (Event){.index = i, .cause = EVENT_NONE};
            if (length) assert_true(trace_attach(trace, bytes, length));
        }
        for (uint32_t i = 0; i < EVENTS; i++) {
            uint32_t length = 0, wanted = i % 7 == 0 ? LIMIT_DATAGRAM : i * 7919 % 3000;
            const uint8_t *got = trace_bytes(trace, i, &length);
            uint8_t byte = (uint8_t)(i + (round && i >= EVENTS / 2));
            assert_int_equal(trace_at(trace, i).index, i);
            assert_int_equal(length, wanted);
            if (length && (got[0] != byte || memcmp(got, got + 1, length - 1) != 0)) fail_msg("bytes of event %u", i);
        }
        trace_cut(trace, EVENTS / 2);
    }
    trace_free(trace);
}

/* An event that need not make sense, after another. */
static Event wild_event(const Event *last) {
    Event e = *last;
    e.index = (uint32_t)wild(last->index), e.cause = (uint32_t)wild(last->cause), e.step = (uint32_t)wild(last->step);
    e.time = (Micros)wild((uint64_t)last->time), e.due = (Micros)wild((uint64_t)last->due);
    e.kind = (EventKind)(wild(last->kind) % EVENT_KINDS), e.host = wild(0) % 3 ? (HostId)(wild(1) % 9) : HOST_NONE;
    e.conn = (ConnId){(uint32_t)wild(last->conn.slot), (uint32_t)wild(last->conn.generation)};
    e.packet = (PacketId){(uint32_t)wild(last->packet.id), (uint32_t)wild(last->packet.born)};
    e.rule = (RuleId)(wild(last->rule) % RULE_COUNT), e.timer = (TimerKind)(wild(last->timer) % TIMER_COUNT);
    e.from = (State)(wild(last->from) % STATE_COUNT), e.to = (State)(wild(last->to) % STATE_COUNT);
    e.call = (InputKind)(wild(last->call) % INPUT_KINDS), e.error = (Status)(wild(last->error) % STATUS_COUNT);
    e.reason = (DropReason)(wild(last->reason) % DROP_REASONS);
    e.outcome = (Outcome)(wild(last->outcome) % OUTCOME_COUNT);
    e.src = (Endpoint){addr_of((uint32_t)wild(addr_number(last->src.addr))), (uint16_t)wild(last->src.port)};
    e.dst = (Endpoint){addr_of((uint32_t)wild(addr_number(last->dst.addr))), (uint16_t)wild(last->dst.port)};
    e.flags = (uint8_t)wild(last->flags), e.icmp_type = (uint8_t)wild(last->icmp_type);
    e.icmp_code = (uint8_t)wild(last->icmp_code), e.again = wild(last->again) % 2;
    e.window = (uint16_t)wild(last->window), e.setting = (uint16_t)wild(last->setting);
    e.seq = seq_of((uint32_t)wild(last->seq.value)), e.ack = seq_of((uint32_t)wild(last->ack.value));
    e.data_length = (uint32_t)wild(last->data_length), e.copy_of = (uint32_t)wild(last->copy_of);
    e.value = (int64_t)wild((uint64_t)last->value);
    return e;
}

static void is_event(const Trace *trace, uint32_t index, const Event *wanted) {
    const Event got = trace_at(trace, index);
    if (!same_event(&got, wanted) || got.conn.slot != wanted->conn.slot) fail_msg("event %u is another", index);
}

/* Whatever an event says is what is read later, in any order, and after cuts at any place. */
TEST(events_are_what_was_written) {
    enum { EVENTS = 2000 };
    static Event events[EVENTS];
    Trace *trace = trace_new();
    assert_non_null(trace);
    for (uint32_t round = 0; round < 60; round++) {
        wild_seed = round;
        uint32_t kept = trace_count(trace);
        for (uint32_t i = kept; i < EVENTS; i++) {
            events[i] = wild_event(i ? &events[i - 1] : &(Event){.kind = EVENT_SEND});
            Event *event = trace_append(trace);
            assert_non_null(event);
            *event = events[i];
            uint32_t earlier = i * 7919 % (i + 1);
            if (i % 5 == 0) is_event(trace, earlier, &events[earlier]);
        }
        for (uint32_t i = 0; i < EVENTS; i++) is_event(trace, i, &events[i]);
        for (uint32_t i = 0; i < EVENTS; i++) {
            uint32_t index = i * 7919 % EVENTS;
            is_event(trace, index, &events[index]);
        }
        trace_cut(trace, round < 40 ? EVENTS - 20 - round : (uint32_t)(wild(0) % EVENTS));
    }
    trace_free(trace);
}

/* Without a trace the world goes the same way. */
PAIR_TEST(a_world_without_a_trace) {
    Trace *kept = lab.trace;
    a_rough_life();
    uint64_t digest = world_digest(lab.world);
    world_free(lab.world);
    Config config = roomy();
    lab.world = world_new(&config);
    lab.trace = NULL;
    a_rough_life();
    assert_true(world_digest(lab.world) == digest);
    lab.trace = kept;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(events_are_numbered_in_order),
        lab_test(causes_point_backwards),
        lab_test(every_event_names_a_rule),
        lab_test(the_causes_of_a_handshake),
        lab_test(the_cause_of_a_timer),
        lab_test(bytes_of_packets),
        lab_test(a_corrupted_packet_was_whole_once),
        lab_test(cutting),
        lab_test(many_large_datagrams),
        lab_test(events_are_what_was_written),
        lab_test(a_world_without_a_trace),
    };
    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
