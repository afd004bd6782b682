/* room.c - running out of room, at every place: a world with just too little is spent, its caller repeats the step on a
 * larger copy, and in the end all is as in a world that had plenty from the beginning. */
#include "../growing.h"
#include "../property/same.h"
#include "pair.h"

/* Beside lab.world, which has plenty: a world that grows by the least, so that a step runs out again and again. */
static struct {
    World *world;
    Trace *trace;
    uint32_t spent[STATUS_COUNT];
} tight;

static int tight_setup(void **state) {
    if (lab_setup(state)) return -1;
    memset(&tight, 0, sizeof tight);
    tight.world = world_new(&(Config){.hosts = 2, .conns = 1, .packets = 1, .store = 64, .seed = roomy().seed});
    tight.trace = trace_new();
    return tight.world && tight.trace ? 0 : -1;
}

static int tight_teardown(void **state) {
    bool same = world_digest(tight.world) == world_digest(lab.world);
    world_free(tight.world);
    trace_free(tight.trace);
    return lab_teardown(state) || !same;
}

static Config a_little_more(Config config, Status limit) {
    switch ((int)limit) {
    case STATUS_LIMIT_HOSTS: config.hosts++; break;
    case STATUS_LIMIT_CONNS: config.conns++; break;
    case STATUS_LIMIT_PACKETS: config.packets++; break;
    case STATUS_LIMIT_STORE: config.store += 256; break;
    default: fail_msg("%s", status_text(limit));
    }
    return config;
}

static void is_spent(Status limit, uint32_t events) {
    Input wait = {.kind = INPUT_WAIT};
    assert_int_equal(world_spent(tight.world), limit);
    assert_int_equal(world_step(tight.world, &wait, tight.trace), limit);
    assert_null(world_grow(tight.world, world_config(tight.world)));
    assert_int_equal(trace_count(tight.trace), events);
}

/* The step in both worlds. */
static void both(Input input) {
    uint32_t before_step = trace_count(lab.trace);
    assert_int_equal(world_step(lab.world, &input, lab.trace), STATUS_OK);
    for (;;) {
        World *before = world_copy(tight.world);
        uint32_t events = trace_count(tight.trace);
        Status status = world_step(tight.world, &input, tight.trace);
        if (status == STATUS_OK) {
            world_free(before);
            break;
        }
        tight.spent[status]++;
        is_spent(status, events);
        Config config = a_little_more(*world_config(before), status);
        world_free(tight.world);
        tight.world = world_grow(before, &config);
        assert_non_null(tight.world);
        world_free(before);
    }
    assert_int_equal(first_difference(tight.trace, lab.trace, before_step), EVENT_NONE);
}

static ConnId both_conn(Input input) {
    both(input);
    return world_result(lab.world)->conn;
}

static void both_rule(HostId host, HostRule rule, int64_t value) {
    both((Input){.kind = INPUT_RULE, .host = host, .rule = rule, .value = value});
}
static void both_path(PathRule rule, int64_t value) { both((Input){.kind = INPUT_PATH, .path = rule, .value = value}); }
static ConnId both_listen(uint32_t backlog) {
    return both_conn((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = backlog});
}
static ConnId both_connect(uint16_t port) {
    return both_conn((Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = port}, .remote = {ADDR_B, 80}});
}
static void both_run(void) {
    Input next;
    while (world_busy(lab.world) && world_next(lab.world, &next)) both(next);
}

#define ROOM_TEST(name) static void name(void **state)
#define room_test(name) cmocka_unit_test_setup_teardown(name, tight_setup, tight_teardown)

/* ---- In the middle of a burst of segments ---- */

static void burst(uint32_t length, int64_t duplicates) {
    static uint8_t bytes[64 << 10];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = pattern((uint32_t)i);
    both_rule(A, HOST_RULE_mss, 88);
    both_rule(A, HOST_RULE_congestion, 0);
    both_rule(A, HOST_RULE_send_buffer, sizeof bytes);
    ConnId listener = both_listen(5), client = both_connect(PORT_A);
    both_run();
    both_path(PATH_DUPLICATE, duplicates);
    uint32_t packets = tight.spent[STATUS_LIMIT_PACKETS];
    both((Input){.kind = INPUT_SEND, .conn = client, .bytes = bytes, .length = length});
    assert_true(tight.spent[STATUS_LIMIT_PACKETS] - packets + 2 >= length / 88);    /* after each of them */
    assert_int_equal(world_packets(lab.world), length / 88 * (duplicates ? 2 : 1)); /* Nagle keeps the rest */
    both_path(PATH_DUPLICATE, 0);
    both_run();
    ConnId server = both_conn((Input){.kind = INPUT_ACCEPT, .conn = listener});
    assert_true(view_of(server).unread == length);
}
ROOM_TEST(a_burst_of_segments) {
    (void)state;
    burst(65000, 0);
}
ROOM_TEST(a_burst_that_the_path_doubles) {
    (void)state;
    burst(5000, 1000000);
}

/* A hole, SACK blocks, and their tables in the store; the receive ring grows behind the hole. */
ROOM_TEST(pieces_beyond_a_hole) {
    (void)state;
    static uint8_t bytes[20000];
    for (HostId host = A; host <= B; host++) both_rule(host, HOST_RULE_sack, 1), both_rule(host, HOST_RULE_mss, 500);
    both_rule(A, HOST_RULE_congestion, 0);
    both_listen(5);
    ConnId client = both_connect(PORT_A);
    both_run();
    both((Input){.kind = INPUT_SEND, .conn = client, .bytes = bytes, .length = sizeof bytes});
    for (int i = 0; i < 3; i++) both((Input){.kind = INPUT_DROP, .packet = packet_at((size_t)i)});
    both_run();
    assert_int_equal(view_of(client).unacked, 0);
    assert_true(tight.spent[STATUS_LIMIT_STORE] > 10);
}

/* ---- Records ---- */

/* Half-open, open and waiting connections, each of which goes with its listener. */
static void crowd(InputKind end) {
    ConnId listener = both_listen(64);
    for (uint16_t port = 1; port <= 24; port++) both_connect(port);
    for (int i = 0; i < 24; i++) both((Input){.kind = INPUT_DELIVER, .packet = packet_at(0)}); /* the SYNs */
    for (int i = 0; i < 36; i++) both((Input){.kind = INPUT_DELIVER, .packet = packet_at(i % 3 ? 0 : 1)});
    assert_true(view_of(listener).syn_queue > 0 && view_of(listener).accept_queue > 0);
    assert_true(tight.spent[STATUS_LIMIT_CONNS] >= 48);
    both_path(PATH_DUPLICATE, 500000);
    uint32_t packets = tight.spent[STATUS_LIMIT_PACKETS];
    if (end == INPUT_CRASH) both((Input){.kind = INPUT_CRASH, .host = B});
    else both((Input){.kind = end, .conn = listener});
    if (end != INPUT_CRASH) assert_true(tight.spent[STATUS_LIMIT_PACKETS] - packets > 20);
    both_run();
}
ROOM_TEST(a_listener_with_many_connections_closes) {
    (void)state;
    crowd(INPUT_CLOSE);
}
ROOM_TEST(a_listener_with_many_connections_aborts) {
    (void)state;
    crowd(INPUT_ABORT);
}
ROOM_TEST(a_host_with_many_connections_crashes) {
    (void)state;
    crowd(INPUT_CRASH);
}

/* A SYN that brings text opens a record, keeps bytes and sends; one for TIME_WAIT replaces its connection. */
ROOM_TEST(text_with_a_syn) {
    (void)state;
    static uint8_t data[700], bytes[1000];
    both_listen(5);
    Segment syn = {.src = LOCAL,
                   .dst = {ADDR_B, 80},
                   .flags = FLAG_SYN,
                   .window = 5000,
                   .ttl = 64,
                   .options = OPTIONS_NONE,
                   .data = data,
                   .data_length = sizeof data};
    uint32_t length = (uint32_t)segment_encode(&syn, bytes, sizeof bytes);
    both((Input){.kind = INPUT_INJECT, .bytes = bytes, .length = length});
    both((Input){.kind = INPUT_DELIVER, .packet = world_result(lab.world)->packet});
    assert_int_equal(world_packets(lab.world), 1);
}

/* ---- Packets, settings, hosts ---- */

ROOM_TEST(injected_and_copied_packets) {
    (void)state;
    static uint8_t data[3000], bytes[4000];
    both_connect(PORT_A);
    PacketId syn = packet_at(0);
    both((Input){.kind = INPUT_DUP, .packet = syn});
    Segment large = {.src = LOCAL,
                     .dst = {ADDR_B, 80},
                     .flags = FLAG_ACK,
                     .ttl = 64,
                     .options = OPTIONS_NONE,
                     .data = data,
                     .data_length = sizeof data};
    uint32_t length = (uint32_t)segment_encode(&large, bytes, sizeof bytes);
    both((Input){.kind = INPUT_EDIT, .packet = syn, .bytes = bytes, .length = length});
    both((Input){.kind = INPUT_INJECT, .bytes = bytes, .length = length});
    both((Input){.kind = INPUT_HOST,
                 .foreign = true,
                 .local = {.addr = addr_of(0x7f000064)},
                 .bytes = (const uint8_t *)"K",
                 .length = 1});
    assert_int_equal(tight.spent[STATUS_LIMIT_HOSTS], 1);
    large.src.addr = addr_of(0x7f000064);
    length = (uint32_t)segment_encode(&large, bytes, sizeof bytes);
    both_path(PATH_MTU, 65535);
    both_path(PATH_DUPLICATE, 1000000);
    both((Input){.kind = INPUT_INJECT, .foreign = true, .bytes = bytes, .length = length});
    assert_int_equal(world_packets(lab.world), 5);
}

ROOM_TEST(rules_of_one_connection) {
    (void)state;
    both_listen(5);
    ConnId client = both_connect(PORT_A);
    uint32_t store = tight.spent[STATUS_LIMIT_STORE];
    both((Input){.kind = INPUT_RULE, .conn = client, .rule = HOST_RULE_nagle, .value = 0});
    assert_true(tight.spent[STATUS_LIMIT_STORE] > store);
    both_run();
}

/* What the application has read leaves the store: 40 connections hold 10 KB one after the other, not at once. */
PAIR_TEST(what_is_read_is_given_back) {
    char text[201] = {0};
    memset(text, 'x', 200);
    world_free(lab.world);
    lab.world = world_new(&(Config){.hosts = 2, .conns = 100, .packets = 100, .store = 4096, .seed = 1});
    ConnId listener = listen_at(B, 80, 5);
    for (uint16_t i = 0; i < 40; i++) {
        ConnId client = connect_from(A, (uint16_t)(PORT_A + i), ADDR_B, 80);
        send_text(client, text);
        runs_on();
        ConnId server = accept_at(listener);
        assert_int_equal(view_of(server).unread, 200);
        accepted_input((Input){.kind = INPUT_RECV, .conn = server, .count = 200});
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {room_test(a_burst_of_segments),
                                       room_test(a_burst_that_the_path_doubles),
                                       room_test(pieces_beyond_a_hole),
                                       room_test(a_listener_with_many_connections_closes),
                                       room_test(a_listener_with_many_connections_aborts),
                                       room_test(a_host_with_many_connections_crashes),
                                       room_test(text_with_a_syn),
                                       room_test(injected_and_copied_packets),
                                       room_test(rules_of_one_connection),
                                       lab_test(what_is_read_is_given_back)};
    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
