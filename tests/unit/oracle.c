/* oracle.c - whose byte is this? What the oracle knows and TCP cannot: forged bytes, bytes of strangers, and what
 * merely looks like them. */
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
static void half_acknowledged(Pair p, const uint8_t *text) {
    Input send = {.kind = INPUT_SEND, .conn = p.client, .bytes = text, .length = 100};
    set_rule(A, HOST_RULE_nagle, 0);
    accepted_input(send);
    step();
    accepted_input(send);
    on_packet(INPUT_HOLD, packet_at(0));
    send_text(p.server, "x");
    step();
    assert_int_equal(view_of(p.client).unacked, 100);
}

PAIR_TEST(a_changed_byte_is_known) {
    static const uint32_t at[] = {0, 55, 56, 199};
    uint8_t text[200];
    for (uint32_t k = 0; k < sizeof text; k++) text[k] = pattern(k);
    for (uint32_t i = 0; i < 8; i++) {
        lab_teardown(NULL);
        assert_int_equal(lab_setup(NULL), 0);
        Pair p = open_pair();
        if (i >= 4) half_acknowledged(p, text);
        arrives_changed(p.client, text, sizeof text, at[i % 4]);
        assert_int_equal(broken(RULE_ORACLE_WRONG_BYTE), 1);
        assert_int_equal(broken_at_all(), 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(silent_where_all_is_well),          lab_test(a_forged_byte_is_known),
        lab_test(bytes_after_a_cookie_are_accepted), lab_test(a_foreign_byte_is_as_good_as_ours),
        lab_test(a_foreign_byte_can_be_forged),      lab_test(foreign_counts),
        lab_test(a_forged_byte_in_a_syn_is_known),   lab_test(a_changed_byte_is_known),
    };
    return cmocka_run_group_tests_name("oracle", tests, NULL, NULL);
}
