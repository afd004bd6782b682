/* path.c - the network between the hosts: what can befall a packet, and what is said of it. */
#include "pair.h"

static PacketId a_syn(void) {
    connect_from(A, PORT_A, ADDR_B, 80);
    return packet_at(0);
}

static size_t write_segment(Segment seg, uint8_t *bytes) {
    seg.ttl = 64;
    seg.options = OPTIONS_NONE;
    size_t length = segment_encode(&seg, bytes, LIMIT_DATAGRAM);
    assert_true(length > 0);
    return length;
}

static Status inject(const uint8_t *bytes, size_t length, Micros delay) {
    return attempt((Input){.kind = INPUT_INJECT, .bytes = bytes, .length = (uint32_t)length, .value = delay});
}

/* ---- In flight ---- */

PAIR_TEST(a_packet_takes_the_latency) {
    PacketId id = a_syn();
    PacketView v = packet_view(id);
    assert_int_equal(v.id.id, 1);
    assert_int_equal(v.from, A);
    assert_int_equal(v.to, B);
    assert_int_equal(v.sent, 0);
    assert_int_equal(v.due, 50 * MILLISECOND);
    assert_int_equal(v.dies, 30 * SECOND);
    assert_false(v.held || v.corrupted || v.forged || v.again);
    assert_int_equal(v.copy_of, 0);
    assert_int_equal(v.decoded, DECODE_OK);
    assert_int_equal(v.segment.flags, FLAG_SYN);
    assert_int_equal(trace_at(lab.trace, v.event).kind, EVENT_SEND);
    step();
    assert_int_equal(world_now(lab.world), 50 * MILLISECOND);
    assert_false(world_packet(lab.world, id, &v));
}

PAIR_TEST(latency_is_that_of_the_moment_of_sending) {
    PacketId id = a_syn();
    set_path(PATH_LATENCY, SECOND / 2);
    assert_int_equal(packet_view(id).due, 50 * MILLISECOND);
    connect_from(A, 7778, ADDR_B, 80);
    assert_int_equal(packet_view(packet_at(1)).due, SECOND / 2);
}

/* Next to arrive first, those held last, at the same instant the older one first. */
PAIR_TEST(the_list_is_in_order_of_arrival) {
    for (uint16_t port = 1; port <= 5; port++) connect_from(A, port, ADDR_B, 80);
    PacketId first = packet_at(0), second = packet_at(1), third = packet_at(2);
    assert_int_equal(first.id, 1);
    assert_int_equal(packet_at(4).id, 5);
    accepted_input((Input){.kind = INPUT_DELAY, .packet = first, .value = 10});
    on_packet(INPUT_HOLD, second);
    assert_int_equal(packet_at(0).id, third.id);
    assert_int_equal(packet_at(3).id, first.id);
    assert_int_equal(packet_at(4).id, second.id);
    assert_int_equal(world_packets(lab.world), 5);
    PacketId two[2];
    assert_int_equal(world_packet_list(lab.world, two, 2), 5); /* the first of them where there is no room for all */
    assert_int_equal(two[0].id, 3);
    assert_int_equal(two[1].id, 4);
}

/* ---- What a hand does ---- */

PAIR_TEST(deliver_out_of_turn) {
    listen_at(B, 80, 5);
    a_syn();
    connect_from(A, 7778, ADDR_B, 80);
    on_packet(INPUT_DELIVER, packet_at(1));
    assert_int_equal(world_now(lab.world), 0);
    PacketId answer = packet_at(1);
    assert_int_equal(packet_view(answer).segment.flags, FLAG_SYN | FLAG_ACK);
    assert_int_equal(packet_view(answer).segment.dst.port, 7778);
}

PAIR_TEST(drop) {
    PacketId id = a_syn();
    on_packet(INPUT_DROP, id);
    assert_int_equal(last_event().kind, EVENT_DROP);
    assert_int_equal(last_event().reason, DROP_USER);
    assert_int_equal(last_event().packet.id, id.id);
    assert_int_equal(world_packets(lab.world), 0);
    assert_int_equal(attempt((Input){.kind = INPUT_DROP, .packet = id}), STATUS_NO_PACKET);
}

PAIR_TEST(dup) {
    PacketId id = a_syn();
    PacketId copy = accepted_input((Input){.kind = INPUT_DUP, .packet = id})->packet;
    assert_int_equal(copy.id, 2);
    PacketView a = packet_view(id), b = packet_view(copy);
    assert_int_equal(b.copy_of, id.id);
    assert_int_equal(a.due, b.due);
    assert_int_equal(a.dies, b.dies);
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.bytes, b.bytes, a.length);
    assert_int_equal(last_event().kind, EVENT_DUP);
    assert_int_equal(last_event().copy_of, id.id);
    on_packet(INPUT_DROP, id);
    assert_int_equal(packet_view(copy).segment.flags, FLAG_SYN);
    PacketId of_copy = accepted_input((Input){.kind = INPUT_DUP, .packet = copy})->packet;
    assert_int_equal(packet_view(of_copy).copy_of, copy.id);
}

PAIR_TEST(delay) {
    PacketId id = a_syn();
    accepted_input((Input){.kind = INPUT_DELAY, .packet = id, .value = SECOND});
    assert_int_equal(packet_view(id).due, SECOND + 50 * MILLISECOND);
    assert_int_equal(last_event().value, SECOND);
    accepted_input((Input){.kind = INPUT_DELAY, .packet = id, .value = -SECOND - 10 * MILLISECOND});
    assert_int_equal(packet_view(id).due, 40 * MILLISECOND);
    accepted_input((Input){.kind = INPUT_WAIT, .at = 20 * MILLISECOND});
    accepted_input((Input){.kind = INPUT_DELAY, .packet = id, .value = -SECOND}); /* not into the past */
    assert_int_equal(packet_view(id).due, 20 * MILLISECOND);
    assert_int_equal(attempt((Input){.kind = INPUT_DELAY, .packet = id, .value = INT64_MAX}), STATUS_BAD_ARGUMENT);
    assert_int_equal(attempt((Input){.kind = INPUT_DELAY, .packet = id, .value = INT64_MIN}), STATUS_BAD_ARGUMENT);
}

/* A packet delayed for as long as there is time still has an end. */
PAIR_TEST(delay_without_end) {
    PacketId id = a_syn();
    for (int i = 0; i < 20; i++) accepted_input((Input){.kind = INPUT_DELAY, .packet = id, .value = MICROS_NEVER / 4});
    on_packet(INPUT_HOLD, id);
    for (int i = 0; i < 20; i++) accepted_input((Input){.kind = INPUT_DELAY, .packet = id, .value = MICROS_NEVER / 4});
    on_packet(INPUT_RELEASE, id);
    assert_true(packet_view(id).due > packet_view(id).dies);
}

PAIR_TEST(hold_and_release) {
    PacketId id = a_syn();
    accepted_input((Input){.kind = INPUT_WAIT, .at = 20 * MILLISECOND});
    on_packet(INPUT_HOLD, id);
    assert_true(packet_view(id).held);
    assert_int_equal(packet_view(id).due, MICROS_NEVER);
    assert_int_equal(attempt((Input){.kind = INPUT_HOLD, .packet = id}), STATUS_BAD_ARGUMENT);
    assert_true(world_busy(lab.world)); /* its SYN waits for an answer */
    accepted_input((Input){.kind = INPUT_WAIT, .at = 500 * MILLISECOND});
    on_packet(INPUT_RELEASE, id);
    assert_int_equal(packet_view(id).due, 530 * MILLISECOND); /* what was left of its way */
    assert_int_equal(attempt((Input){.kind = INPUT_RELEASE, .packet = id}), STATUS_BAD_ARGUMENT);
    step();
    assert_int_equal(world_now(lab.world), 530 * MILLISECOND);
}

PAIR_TEST(deliver_a_held_packet) {
    PacketId id = a_syn();
    on_packet(INPUT_HOLD, id);
    on_packet(INPUT_DELIVER, id);
    assert_int_equal(world_packets(lab.world), 1);
    assert_int_equal(packet_view(packet_at(0)).segment.flags, FLAG_RST | FLAG_ACK);
}

/* ---- Lifetime ---- */

PAIR_TEST(a_held_packet_expires) {
    set_rule(A, HOST_RULE_msl, 5 * SECOND);
    PacketId id = a_syn();
    on_packet(INPUT_HOLD, id);
    assert_int_equal(attempt((Input){.kind = INPUT_EXPIRE, .packet = id}), STATUS_TOO_EARLY);
    Input next;
    for (;;) {
        assert_true(world_next(lab.world, &next));
        if (next.kind == INPUT_EXPIRE) break;
        accepted_input(next);
    }
    assert_int_equal(next.at, 5 * SECOND);
    assert_int_equal(next.packet.id, id.id);
    accepted_input(next);
    assert_int_equal(last_event().reason, DROP_LIFETIME);
    assert_int_equal(last_event().rule, RULE_PATH_LIFETIME);
}

PAIR_TEST(a_late_packet_expires) {
    PacketId id = a_syn();
    accepted_input((Input){.kind = INPUT_DELAY, .packet = id, .value = 30 * SECOND - 50 * MILLISECOND + 1});
    PacketView v;
    while (world_packet(lab.world, id, &v)) assert_true(step());
    assert_int_equal(world_now(lab.world), 30 * SECOND);
    bool delivered = false;
    for (uint32_t i = 0; i < trace_count(lab.trace); i++) {
        const Event e = trace_at(lab.trace, i);
        delivered |= e.kind == EVENT_DELIVER && e.packet.id == id.id;
    }
    assert_false(delivered);
}

/* Just in time: at the instant of its death a packet still arrives. */
PAIR_TEST(a_packet_at_the_last_instant) {
    PacketId id = a_syn();
    accepted_input((Input){.kind = INPUT_DELAY, .packet = id, .value = 30 * SECOND - 50 * MILLISECOND});
    Input next;
    for (;;) {
        assert_true(world_next(lab.world, &next));
        if (next.kind == INPUT_DELIVER && next.packet.id == id.id) break;
        assert_int_not_equal(next.kind, INPUT_EXPIRE);
        accepted_input(next);
    }
    assert_int_equal(next.at, 30 * SECOND);
}

PAIR_TEST(a_copy_expires_with_its_original) {
    PacketId id = a_syn();
    accepted_input((Input){.kind = INPUT_WAIT, .at = 10 * MILLISECOND});
    PacketId copy = accepted_input((Input){.kind = INPUT_DUP, .packet = id})->packet;
    assert_int_equal(packet_view(copy).dies, 30 * SECOND);
}

/* ---- Damage ---- */

PAIR_TEST(corrupt_somewhere) {
    PacketId id = a_syn();
    uint8_t before[100];
    PacketView v = packet_view(id);
    memcpy(before, v.bytes, v.length);
    on_packet(INPUT_CORRUPT, id);
    v = packet_view(id);
    int bits = 0;
    for (uint32_t i = 0; i < v.length; i++)
        for (int b = 0; b < 8; b++) bits += ((before[i] ^ v.bytes[i]) >> b & 1) && i >= 20; /* in the TCP segment */
    assert_int_equal(bits, 1);
    assert_int_equal(v.decoded, DECODE_TCP_CHECKSUM);
    assert_true(v.corrupted);
    step();
    assert_int_equal(last_event().kind, EVENT_DROP);
    assert_int_equal(last_event().reason, DROP_CHECKSUM);
    assert_int_equal(world_packets(lab.world), 0); /* in silence */
}

PAIR_TEST(corrupt_a_byte) {
    PacketId id = a_syn();
    uint8_t before = packet_view(id).bytes[3];
    accepted_input((Input){.kind = INPUT_CORRUPT, .packet = id, .count = 3});
    assert_int_not_equal(packet_view(id).bytes[3], before);
    assert_int_equal(attempt((Input){.kind = INPUT_CORRUPT, .packet = id, .count = packet_view(id).length}),
                     STATUS_BAD_ARGUMENT);
    step();
    assert_int_equal(last_event().reason, DROP_MALFORMED); /* the length is wrong */
}

PAIR_TEST(edit) {
    listen_at(B, 80, 5);
    PacketId id = a_syn();
    uint8_t bytes[100];
    Segment seg = packet_view(id).segment;
    seg.seq = seq_of(4242);
    size_t length = write_segment(seg, bytes);
    accepted_input((Input){.kind = INPUT_EDIT, .packet = id, .bytes = bytes, .length = (uint32_t)length});
    assert_int_equal(packet_view(id).segment.seq.value, 4242);
    assert_true(packet_view(id).forged);
    bytes[25]++;
    assert_int_equal(attempt((Input){.kind = INPUT_EDIT, .packet = id, .bytes = bytes, .length = (uint32_t)length}),
                     STATUS_BAD_DATAGRAM);
    assert_int_equal(attempt((Input){.kind = INPUT_EDIT, .packet = id}), STATUS_BAD_DATAGRAM);
    step();
    assert_int_equal(packet_view(packet_at(0)).segment.ack.value, 4243);
}

/* To another address it goes another way. */
PAIR_TEST(edit_the_address) {
    PacketId id = a_syn();
    uint8_t bytes[100];
    Segment seg = packet_view(id).segment;
    seg.dst.addr = ADDR_PEER;
    size_t length = write_segment(seg, bytes);
    accepted_input((Input){.kind = INPUT_EDIT, .packet = id, .bytes = bytes, .length = (uint32_t)length});
    assert_int_equal(packet_view(id).to, HOST_NONE);
    step();
    assert_int_equal(last_event().reason, DROP_NO_HOST);
}

/* ---- Forgeries ---- */

PAIR_TEST(injected) {
    listen_at(B, 80, 5);
    uint8_t bytes[100];
    size_t length = write_segment((Segment){.src = LOCAL, .dst = {ADDR_B, 80}, .seq = {9}, .flags = FLAG_SYN}, bytes);
    assert_int_equal(inject(bytes, length, -1), STATUS_OK);
    PacketView v = packet_view(world_result(lab.world)->packet);
    assert_true(v.forged && !conn_is(v.conn));
    assert_int_equal(v.from, A);
    assert_int_equal(v.to, B);
    assert_int_equal(v.due, 50 * MILLISECOND);
    assert_int_equal(last_event().kind, EVENT_INJECT);
    assert_int_equal(inject(bytes, length, SECOND), STATUS_OK);
    assert_int_equal(packet_view(world_result(lab.world)->packet).due, SECOND);
    assert_int_equal(inject(bytes, length, 0), STATUS_OK);
    assert_int_equal(packet_at(0).id, 3);
    step();
    assert_int_equal(packet_view(packet_at(1)).segment.flags, FLAG_SYN | FLAG_ACK);
}

PAIR_TEST(injected_nonsense) {
    uint8_t bytes[100];
    size_t length = write_segment((Segment){.src = LOCAL, .dst = {ADDR_B, 80}, .seq = {9}, .flags = FLAG_SYN}, bytes);
    static uint8_t huge[LIMIT_DATAGRAM + 1];
    assert_int_equal(inject(NULL, 0, 0), STATUS_BAD_DATAGRAM);
    assert_int_equal(inject(NULL, 40, 0), STATUS_BAD_ARGUMENT);
    assert_int_equal(inject(huge, sizeof huge, 0), STATUS_BAD_DATAGRAM);
    assert_int_equal(inject(bytes, length - 1, 0), STATUS_BAD_DATAGRAM);
    assert_int_equal(inject(bytes, length, MICROS_NEVER), STATUS_BAD_ARGUMENT);
    bytes[36]++; /* a wrong checksum may be sent: that is for the receiver to see */
    assert_int_equal(inject(bytes, length, 0), STATUS_OK);
    step();
    assert_int_equal(last_event().reason, DROP_CHECKSUM);
    bytes[9] = 17;
    assert_int_equal(inject(bytes, length, 0), STATUS_BAD_DATAGRAM);
}

/* ---- Chance ---- */

static uint32_t count_events(EventKind kind, DropReason reason) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < trace_count(lab.trace); i++)
        count += trace_at(lab.trace, i).kind == kind && trace_at(lab.trace, i).reason == reason;
    return count;
}

PAIR_TEST(certain_loss) {
    set_path(PATH_LOSS, 1000000);
    connect_from(A, PORT_A, ADDR_B, 80);
    assert_int_equal(world_packets(lab.world), 0);
    assert_int_equal(last_event().kind, EVENT_STATE);
    assert_int_equal(count_events(EVENT_DROP, DROP_LOSS), 1);
}

PAIR_TEST(certain_duplication) {
    set_path(PATH_DUPLICATE, 1000000);
    connect_from(A, PORT_A, ADDR_B, 80);
    assert_int_equal(world_packets(lab.world), 2);
    assert_int_equal(packet_view(packet_at(1)).copy_of, 1);
}

PAIR_TEST(certain_corruption) {
    set_path(PATH_CORRUPT, 1000000);
    connect_from(A, PORT_A, ADDR_B, 80);
    assert_true(packet_view(packet_at(0)).corrupted);
    assert_int_equal(packet_view(packet_at(0)).decoded, DECODE_TCP_CHECKSUM);
}

PAIR_TEST(reordering_delays_some) {
    set_path(PATH_REORDER, 500000);
    for (uint16_t port = 1; port <= 40; port++) connect_from(A, port, ADDR_B, 80);
    uint32_t late = 0;
    for (size_t i = 0; i < 40; i++) {
        Micros due = packet_view(packet_at(i)).due;
        late += due > 50 * MILLISECOND;
        assert_true(due >= 50 * MILLISECOND && due <= 150 * MILLISECOND);
    }
    assert_true(late > 5 && late < 35);
}

PAIR_TEST(losses_have_the_set_probability) {
    set_path(PATH_LOSS, 200000);
    for (uint16_t port = 1; port <= 1000; port++) {
        ConnId id = connect_from(A, port, ADDR_B, 80);
        while (world_packets(lab.world)) on_packet(INPUT_DROP, packet_at(0));
        call_on(INPUT_ABORT, id);
    }
    uint32_t lost = count_events(EVENT_DROP, DROP_LOSS);
    assert_true(lost > 140 && lost < 260);
}

PAIR_TEST(too_large_for_the_path) {
    Pair p = open_pair();
    set_path(PATH_LATENCY, 0);
    send_text(p.client, "x");
    on_packet(INPUT_DROP, packet_at(0));
    uint8_t bytes[LIMIT_DATAGRAM];
    static const uint8_t data[1000];
    size_t length = write_segment(
        (Segment){.src = LOCAL, .dst = {ADDR_B, 80}, .flags = FLAG_ACK, .data = data, .data_length = 1000}, bytes);
    set_path(PATH_MTU, 576);
    assert_int_equal(inject(bytes, length, 0), STATUS_OK); /* a hand may put it there */
    static char text[2000];
    memset(text, 'x', sizeof text - 1);
    send_text(p.client, text);
    for (size_t i = 0; i < world_packets(lab.world); i++)
        if (!packet_view(packet_at(i)).forged) assert_true(packet_view(packet_at(i)).length <= 576);
}

PAIR_TEST(settings_out_of_range) {
    static const struct {
        PathRule rule;
        int64_t value;
    } bad[] = {{PATH_LATENCY, -1},  {PATH_LATENCY, 3601 * SECOND},
               {PATH_LOSS, -1},     {PATH_LOSS, 1000001},
               {PATH_MTU, 67},      {PATH_MTU, 68},
               {PATH_MTU, 103},     {PATH_MTU, 65536},
               {PATH_RULE_COUNT, 0}};
    uint64_t digest = world_digest(lab.world);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(attempt((Input){.kind = INPUT_PATH, .path = bad[i].rule, .value = bad[i].value}),
                         STATUS_BAD_ARGUMENT);
    assert_true(world_digest(lab.world) == digest);
    assert_int_equal(world_path(lab.world, PATH_LATENCY), 50 * MILLISECOND);
    assert_int_equal(world_path(lab.world, PATH_MTU), 1500);
    for (int i = 0; i < PATH_RULE_COUNT; i++) {
        const PathRuleInfo *info = path_rule_info((PathRule)i);
        assert_int_equal(world_path(lab.world, (PathRule)i), info->standard);
        set_path((PathRule)i, info->low);
        assert_int_equal(world_path(lab.world, (PathRule)i), info->low);
        set_path((PathRule)i, info->high);
        assert_int_equal(world_path(lab.world, (PathRule)i), info->high);
    }
    assert_int_equal(path_rule_info(PATH_MTU)->low, 104);
    assert_int_equal(path_rule_info(PATH_MTU)->high, 65535);
    assert_null(path_rule_info(PATH_RULE_COUNT));
}

/* Nobody has that address: silence. */
PAIR_TEST(no_host_there) {
    connect_from(A, PORT_A, ADDR_PEER, 80);
    assert_int_equal(packet_view(packet_at(0)).to, HOST_NONE);
    step();
    assert_int_equal(last_event().reason, DROP_NO_HOST);
    assert_int_equal(last_event().rule, RULE_PATH_NO_HOST);
    assert_int_equal(world_packets(lab.world), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(a_packet_takes_the_latency),
        lab_test(latency_is_that_of_the_moment_of_sending),
        lab_test(the_list_is_in_order_of_arrival),
        lab_test(deliver_out_of_turn),
        lab_test(drop),
        lab_test(dup),
        lab_test(delay),
        lab_test(delay_without_end),
        lab_test(hold_and_release),
        lab_test(deliver_a_held_packet),
        lab_test(a_held_packet_expires),
        lab_test(a_late_packet_expires),
        lab_test(a_packet_at_the_last_instant),
        lab_test(a_copy_expires_with_its_original),
        lab_test(corrupt_somewhere),
        lab_test(corrupt_a_byte),
        lab_test(edit),
        lab_test(edit_the_address),
        lab_test(injected),
        lab_test(injected_nonsense),
        lab_test(certain_loss),
        lab_test(certain_duplication),
        lab_test(certain_corruption),
        lab_test(reordering_delays_some),
        lab_test(losses_have_the_set_probability),
        lab_test(too_large_for_the_path),
        lab_test(settings_out_of_range),
        lab_test(no_host_there),
    };
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
