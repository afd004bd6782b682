/* oracle.c - what the oracles know and TCP cannot: forged bytes, bytes of strangers, and what merely looks like them;
 * bytes that are missing; ends that wait for ever. */
#include "pair.h"

#define ADDR_K ((Addr){0x7f000064})

/* How often an invariant was found broken, by this rule. */
static uint32_t broken(RuleId rule) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < trace_count(lab.trace); i++) {
        const Event event = trace_at(lab.trace, i);
        count += event.kind == EVENT_ORACLE && event.rule == rule;
    }
    return count;
}

static uint32_t broken_at_all(void) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < trace_count(lab.trace); i++) count += trace_at(lab.trace, i).kind == EVENT_ORACLE;
    return count;
}

static void inject(const Segment *seg, bool foreign) {
    uint8_t bytes[256];
    size_t length = segment_encode(seg, bytes, sizeof bytes);
    assert_true(length > 0);
    accepted_input((Input){.kind = INPUT_INJECT, .foreign = foreign, .bytes = bytes, .length = (uint32_t)length});
}

/* What the other end of `conn` would send next, with the text; `flags` besides ACK. */
static Segment from_peer(ConnId conn, uint8_t flags, const char *text) {
    ConnView v = view_of(conn);
    return (Segment){.src = v.remote,
                     .dst = v.local,
                     .seq = v.rcv.nxt,
                     .ack = v.snd.nxt,
                     .flags = FLAG_ACK | flags,
                     .window = 65535,
                     .ttl = 64,
                     .options = OPTIONS_NONE,
                     .data = (const uint8_t *)text,
                     .data_length = (uint16_t)strlen(text)};
}

PAIR_TEST(silent_where_all_is_well) {
    Pair p = open_pair();
    send_text(p.client, "there");
    send_text(p.server, "and back");
    runs_on();
    assert_int_equal(view_of(p.server).unread, 5);
    assert_int_equal(view_of(p.client).unread, 8);
    assert_int_equal(broken_at_all(), 0);
}

PAIR_TEST(a_forged_byte_is_known) {
    Pair p = open_pair();
    Segment seg = from_peer(p.server, 0, "gotcha");
    inject(&seg, false);
    step();
    assert_int_equal(view_of(p.server).unread, 6); /* TCP takes it */
    assert_int_equal(broken(RULE_ORACLE_FORGED_BYTE), 1);
    assert_int_equal(broken_at_all(), 1);
}

/* The SYN,ACK of a cookie comes from no connection. What sends afterwards is nevertheless the right one. */
PAIR_TEST(bytes_after_a_cookie_are_accepted) {
    set_rule(B, HOST_RULE_syncookies, 1);
    ConnId listener = listen_at(B, 80, 1);
    connect_from(A, PORT_A, ADDR_B, 80);
    step();
    on_packet(INPUT_HOLD, packet_at(0)); /* the queue stays full */
    ConnId client = connect_from(A, PORT_A + 1, ADDR_B, 80);
    steps(3);
    ConnId server = accept_at(listener);
    assert_true(endpoint_eq(view_of(server).remote, view_of(client).local));
    send_text(client, "hello");
    send_text(server, "back");
    steps(2);
    assert_int_equal(view_of(server).unread, 5);
    assert_int_equal(view_of(client).unread, 4);
    assert_int_equal(broken_at_all(), 0);
}

/* Two connections between the same ports, opened in the same instant, have the same number: the SYN of the first, which
 * was aborted, opens the second. */
PAIR_TEST(bytes_after_the_same_syn_are_accepted) {
    listen_at(B, 80, 5);
    ConnId first = connect_from(A, PORT_A, ADDR_B, 80);
    call_on(INPUT_ABORT, first);
    ConnId second = connect_from(A, PORT_A, ADDR_B, 80);
    assert_int_equal(view_of(second).iss.value, view_of(first).iss.value);
    runs_on();
    expect_state(second, STATE_ESTABLISHED);
    send_text(second, "hello");
    runs_on();
    assert_int_equal(broken_at_all(), 0);
}

/* So it is where the second SYN,ACK is lost and the first one, of a connection that was aborted, opens the client. */
PAIR_TEST(bytes_after_the_same_syn_ack_are_accepted) {
    ConnId listener = listen_at(B, 80, 5);
    ConnId client = connect_from(A, PORT_A, ADDR_B, 80);
    accepted_input((Input){.kind = INPUT_DUP, .packet = packet_at(0)});
    step();
    call_on(INPUT_ABORT, world_conn_after(lab.world, B, listener));
    on_packet(INPUT_DROP, packet_at(2)); /* its RST */
    step();
    on_packet(INPUT_DROP, packet_at(1));
    steps(2);
    expect_state(client, STATE_ESTABLISHED);
    ConnId server = accept_at(listener);
    send_text(client, "hello");
    send_text(server, "back");
    runs_on();
    assert_int_equal(view_of(server).unread, 5);
    assert_int_equal(view_of(client).unread, 4);
    assert_int_equal(broken_at_all(), 0);
}

/* ---- A host whose TCP is outside ---- */

static ConnId open_to_foreign(void) {
    HostId k = accepted_input((Input){.kind = INPUT_HOST,
                                      .bytes = (const uint8_t *)"K",
                                      .length = 1,
                                      .foreign = true,
                                      .local = {.addr = ADDR_K}})
                   ->host;
    ConnId client = connect_from(A, PORT_A, ADDR_K, 80);
    assert_int_equal(packet_view(packet_at(0)).to, k);
    step();
    assert_int_equal(world_packets(lab.world), 0); /* nothing here answers for it */
    Segment syn_ack = {.src = {ADDR_K, 80},
                       .dst = {ADDR_A, PORT_A},
                       .seq = {5000},
                       .ack = view_of(client).snd.nxt,
                       .flags = FLAG_SYN | FLAG_ACK,
                       .window = 65535,
                       .ttl = 64,
                       .options = OPTIONS_NONE};
    inject(&syn_ack, true);
    assert_true(packet_view(packet_at(0)).foreign);
    assert_false(packet_view(packet_at(0)).forged);
    steps(2);
    expect_state(client, STATE_ESTABLISHED);
    return client;
}

PAIR_TEST(a_foreign_byte_is_as_good_as_ours) {
    ConnId client = open_to_foreign();
    Segment seg = from_peer(client, 0, "from outside");
    inject(&seg, true);
    step();
    assert_int_equal(view_of(client).unread, 12);
    assert_int_equal(broken_at_all(), 0);
}

PAIR_TEST(a_foreign_byte_can_be_forged) {
    ConnId client = open_to_foreign();
    Segment seg = from_peer(client, 0, "not from there");
    inject(&seg, false);
    step();
    assert_int_equal(view_of(client).unread, 14);
    assert_int_equal(broken(RULE_ORACLE_FORGED_BYTE), 1);
}

/* Whether a host's TCP is ours is part of what a world is. */
PAIR_TEST(foreign_counts) {
    Input host = {
        .kind = INPUT_HOST, .bytes = (const uint8_t *)"K", .length = 1, .foreign = true, .local = {.addr = ADDR_K}};
    World *other = world_copy(lab.world);
    assert_non_null(other);
    accepted_input(host);
    host.local.addr = addr_add(ADDR_K, 1);
    assert_int_equal(world_step(other, &host, NULL), STATUS_OK);
    assert_true(world_digest(lab.world) != world_digest(other));
    world_free(other);
}

/* So is one that comes with a SYN and waits until the connection is open. */
PAIR_TEST(a_forged_byte_in_a_syn_is_known) {
    listen_at(B, 80, 5);
    Segment seg = {.src = {ADDR_PEER, 9},
                   .dst = {ADDR_B, 80},
                   .flags = FLAG_SYN,
                   .window = 65535,
                   .ttl = 64,
                   .options = OPTIONS_NONE,
                   .data = (const uint8_t *)"gotcha",
                   .data_length = 6};
    inject(&seg, false);
    step();
    assert_int_equal(broken(RULE_ORACLE_FORGED_BYTE), 1);
    assert_int_equal(broken_at_all(), 1);
}

/* One byte of the client's text is changed on the way, with a checksum that fits. */
static void arrives_changed(ConnId client, const uint8_t *text, uint32_t length, uint32_t at) {
    static uint8_t datagram[LIMIT_DATAGRAM], data[LIMIT_DATAGRAM];
    ConnView v = view_of(client);
    accepted_input((Input){.kind = INPUT_SEND, .conn = client, .bytes = text, .length = length});
    Segment seg = {.src = v.local,
                   .dst = v.remote,
                   .seq = v.snd.nxt,
                   .ack = v.rcv.nxt,
                   .flags = FLAG_ACK | FLAG_PSH,
                   .window = 65535,
                   .ttl = 64,
                   .options = OPTIONS_NONE,
                   .data = data,
                   .data_length = (uint16_t)length};
    memcpy(data, text, length);
    data[at] ^= 1;
    size_t size = segment_encode(&seg, datagram, sizeof datagram);
    accepted_input((Input){.kind = INPUT_DELIVER, .packet = packet_at(0), .bytes = datagram, .length = (uint32_t)size});
}

/* The client keeps bytes 101 to 200 of its text in a ring of 256: the next 200 lie across the ring's end. */
static PacketId half_acknowledged(Pair p, const uint8_t *text) {
    Input send = {.kind = INPUT_SEND, .conn = p.client, .bytes = text, .length = 100};
    set_rule(A, HOST_RULE_nagle, 0);
    accepted_input(send);
    step();
    accepted_input(send);
    PacketId held = packet_at(0);
    on_packet(INPUT_HOLD, held);
    send_text(p.server, "x");
    step();
    assert_int_equal(view_of(p.client).unacked, 100);
    return held;
}

PAIR_TEST(a_changed_byte_is_known) {
    static const uint32_t at[] = {0, 55, 56, 199};
    uint8_t text[200];
    for (uint32_t k = 0; k < sizeof text; k++) text[k] = pattern(k);
    for (uint32_t i = 0; i < 8; i++) {
        lab_teardown(NULL);
        assert_int_equal(lab_setup(NULL), 0);
        Pair p = open_pair();
        PacketId hole = i >= 4 ? half_acknowledged(p, text) : PACKET_NONE;
        arrives_changed(p.client, text, sizeof text, at[i % 4]);
        if (i >= 4) { /* kept beyond the hole, and not delivered yet */
            assert_int_equal(broken_at_all(), 0);
            on_packet(INPUT_DELIVER, hole);
        }
        assert_int_equal(broken(RULE_ORACLE_WRONG_BYTE), 1);
        assert_int_equal(broken_at_all(), 1);
    }
}

/* ---- Bytes that are missing ---- */

/* The oracle's event, which names the packet that did it: with that its step began. */
static Event only_report(RuleId rule) {
    Event found = {.index = EVENT_NONE};
    assert_int_equal(broken_at_all(), 1);
    for (uint32_t i = 0; i < trace_count(lab.trace); i++)
        if (trace_at(lab.trace, i).kind == EVENT_ORACLE) found = trace_at(lab.trace, i);
    assert_int_equal(found.rule, rule);
    const Event first = trace_at(lab.trace, found.cause);
    assert_int_equal(first.step, found.step);
    assert_int_equal(found.packet.id, first.packet.id);
    return found;
}

PAIR_TEST(a_byte_acknowledged_too_early_is_lost) {
    Pair p = open_pair();
    send_text(p.client, "lost");
    on_packet(INPUT_DROP, packet_at(0));
    Segment ack = from_peer(p.client, 0, "");
    inject(&ack, false);
    PacketId lie = packet_at(0);
    step();
    Event report = only_report(RULE_ORACLE_LOST_BYTE);
    assert_true(conn_eq(report.conn, p.client));
    assert_int_equal(report.packet.id, lie.id);
    assert_int_equal(report.ack.value, ack.ack.value);
    assert_false(world_busy(lab.world)); /* nobody sends it again */
}

PAIR_TEST(an_end_before_the_end_is_known) {
    Pair p = open_pair();
    send_text(p.client, "more");
    on_packet(INPUT_DROP, packet_at(0));
    Segment fin = from_peer(p.server, FLAG_FIN, "");
    inject(&fin, false);
    step();
    expect_state(p.server, STATE_CLOSE_WAIT);
    Event report = only_report(RULE_ORACLE_EARLY_END);
    assert_true(conn_eq(report.conn, p.server));
    assert_int_equal(report.flags & FLAG_FIN, FLAG_FIN);
}

/* All that the sender wrote has arrived, but it has not closed. */
PAIR_TEST(an_end_that_nobody_sent_is_known) {
    Pair p = open_pair();
    Segment fin = from_peer(p.server, FLAG_FIN, "");
    inject(&fin, false);
    step();
    only_report(RULE_ORACLE_EARLY_END);
}

/* ---- Who waits for ever ---- */

static void says_that_it_waits(ConnId conn) {
    Event report = only_report(RULE_ORACLE_WAITS);
    assert_true(conn_eq(report.conn, conn));
    while (step()) continue;
    assert_false(view_of(conn).gone);
    assert_int_equal(broken_at_all(), 1); /* once */
}

static Pair half_closed(void) {
    Pair p = open_pair();
    call_on(INPUT_CLOSE, p.client);
    runs_on();
    expect_state(p.client, STATE_FIN_WAIT_2);
    return p;
}

/* CLOSE_WAIT does not end either, but its application may still close it. */
PAIR_TEST(an_application_that_does_not_close_is_no_fault) {
    half_closed();
    while (step()) continue;
    assert_int_equal(broken_at_all(), 0);
}

PAIR_TEST(a_crashed_peer_sends_no_fin) {
    Pair p = half_closed();
    accepted_input((Input){.kind = INPUT_CRASH, .host = B});
    assert_int_equal(trace_at(lab.trace, last_event().cause).call, INPUT_CRASH);
    says_that_it_waits(p.client);
}

/* Its ACK was still under way when it crashed. */
PAIR_TEST(the_last_packet_is_the_one_that_did_it) {
    Pair p = open_pair();
    call_on(INPUT_CLOSE, p.client);
    step();
    PacketId ack = packet_at(0);
    accepted_input((Input){.kind = INPUT_CRASH, .host = B});
    assert_int_equal(broken_at_all(), 0);
    step();
    assert_int_equal(last_event().packet.id, ack.id);
    says_that_it_waits(p.client);
}

PAIR_TEST(so_is_a_lost_reset) {
    static const InputKind losses[] = {INPUT_DROP, INPUT_CORRUPT, INPUT_HOLD};
    for (int i = 0; i < 3; i++) {
        lab_teardown(NULL);
        assert_int_equal(lab_setup(NULL), 0);
        Pair p = half_closed();
        call_on(INPUT_ABORT, p.server);
        on_packet(losses[i], packet_at(0));
        while (step()) continue; /* a packet that is held dies after a while */
        says_that_it_waits(p.client);
    }
}

PAIR_TEST(so_are_the_connections_of_a_listener) {
    listen_at(B, 80, 5);
    ConnId clients[2] = {connect_from(A, PORT_A, ADDR_B, 80), connect_from(A, PORT_A + 1, ADDR_B, 80)};
    runs_on();
    for (int i = 0; i < 2; i++) call_on(INPUT_CLOSE, clients[i]);
    runs_on();
    accepted_input((Input){.kind = INPUT_CRASH, .host = B});
    assert_int_equal(broken(RULE_ORACLE_WAITS), 2);
}

PAIR_TEST(a_timeout_ends_the_wait) {
    set_rule(A, HOST_RULE_fin_wait_2_timeout, SECOND);
    Pair p = half_closed();
    accepted_input((Input){.kind = INPUT_CRASH, .host = B});
    while (step()) continue;
    assert_true(view_of(p.client).gone);
    assert_int_equal(broken_at_all(), 0);
}

/* After shutdown() the application reads; it has not finished before close(). */
PAIR_TEST(who_reads_has_not_finished) {
    Pair p = open_pair();
    call_on(INPUT_SHUTDOWN, p.client);
    runs_on();
    accepted_input((Input){.kind = INPUT_CRASH, .host = B});
    assert_int_equal(broken_at_all(), 0);
    call_on(INPUT_CLOSE, p.client);
    says_that_it_waits(p.client);
}

/* The ACK of the text passes for that of the FIN, which was lost. The other end, in TIME_WAIT, has forgotten that it
 * should send it again. */
PAIR_TEST(a_fin_without_a_number_is_not_missed) {
    for (HostId host = A; host <= B; host++) set_rule(host, HOST_RULE_fin_counts, 0);
    Pair p = open_pair();
    send_text(p.client, "x");
    call_on(INPUT_CLOSE, p.client);
    on_packet(INPUT_DROP, packet_at(1));
    runs_on();
    expect_state(p.client, STATE_FIN_WAIT_2);
    accepted_input((Input){.kind = INPUT_RECV, .conn = p.server, .count = 1});
    call_on(INPUT_CLOSE, p.server);
    runs_on();
    expect_state(p.client, STATE_TIME_WAIT);
    says_that_it_waits(p.server);
}

/* The ghost of a two-way handshake: its application may still close it. */
PAIR_TEST(who_has_not_closed_has_not_finished) {
    set_rule(B, HOST_RULE_handshake, 2);
    ConnId listener = listen_at(B, 80, 5);
    ConnId client = connect_from(A, PORT_A, ADDR_B, 80);
    call_on(INPUT_CLOSE, client);
    step();
    on_packet(INPUT_DROP, packet_at(0));
    ConnId ghost = accept_at(listener);
    while (step()) continue;
    expect_state(ghost, STATE_ESTABLISHED);
    assert_int_equal(broken_at_all(), 0);
    call_on(INPUT_CLOSE, ghost);
    while (step()) continue;
    assert_true(view_of(ghost).gone);
    assert_int_equal(broken_at_all(), 0);
}

/* What a host outside would send is not known here. */
PAIR_TEST(a_foreign_host_may_still_send) {
    ConnId client = open_to_foreign();
    call_on(INPUT_CLOSE, client);
    Segment ack = from_peer(client, 0, "");
    inject(&ack, true);
    steps(2);
    expect_state(client, STATE_FIN_WAIT_2);
    while (step()) continue;
    assert_int_equal(broken_at_all(), 0);
}

/* A search stops there. */
PAIR_TEST(a_search_finds_it) {
    half_closed();
    const Input calls[] = {{.kind = INPUT_ABORT, .host = B}};
    ExploreConfig config = {.drops = 1, .calls = calls, .call_count = 1};
    Explore *explore = explore_new(lab.world, &config);
    assert_non_null(explore);
    ExploreResult result = explore_run(explore);
    assert_int_equal(result.end, EXPLORE_BROKEN);
    assert_int_equal(result.rule, RULE_ORACLE_WAITS);
    assert_int_equal(explore_found(explore, NULL, 0), 2); /* the call, and the loss of its RST */
    explore_free(explore);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(silent_where_all_is_well),
        lab_test(a_forged_byte_is_known),
        lab_test(bytes_after_a_cookie_are_accepted),
        lab_test(a_foreign_byte_is_as_good_as_ours),
        lab_test(a_foreign_byte_can_be_forged),
        lab_test(foreign_counts),
        lab_test(a_forged_byte_in_a_syn_is_known),
        lab_test(a_changed_byte_is_known),
        lab_test(bytes_after_the_same_syn_are_accepted),
        lab_test(bytes_after_the_same_syn_ack_are_accepted),
        lab_test(a_byte_acknowledged_too_early_is_lost),
        lab_test(an_end_before_the_end_is_known),
        lab_test(an_end_that_nobody_sent_is_known),
        lab_test(an_application_that_does_not_close_is_no_fault),
        lab_test(a_crashed_peer_sends_no_fin),
        lab_test(the_last_packet_is_the_one_that_did_it),
        lab_test(so_is_a_lost_reset),
        lab_test(so_are_the_connections_of_a_listener),
        lab_test(a_timeout_ends_the_wait),
        lab_test(who_reads_has_not_finished),
        lab_test(a_fin_without_a_number_is_not_missed),
        lab_test(who_has_not_closed_has_not_finished),
        lab_test(a_foreign_host_may_still_send),
        lab_test(a_search_finds_it),
    };
    return cmocka_run_group_tests_name("oracle", tests, NULL, NULL);
}
