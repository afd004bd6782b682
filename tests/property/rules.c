/* rules.c - every rule of rules.def is followed: in random runs, or in scenarios for what these seldom reach. Rules
 * that cannot be reached are listed below, with the reason. */
#include "../unit/pair.h"
#include "chaos.h"

static uint32_t hits[RULE_COUNT];

static const struct {
    RuleId rule;
    const char *reason;
} unreached[] = {
    {RULE_NONE, "the name of no rule"},
};

static bool excused(RuleId rule) {
    for (size_t i = 0; i < sizeof unreached / sizeof *unreached; i++)
        if (unreached[i].rule == rule) return true;
    return false;
}

static void count_hits(const Trace *trace) {
    for (uint32_t i = 0; i < trace_count(trace); i++) hits[trace_at(trace, i).rule]++;
}

/* ---- Random runs ---- */

static void play_and_count(Chance *chance) {
    Session *session = session_new(&(Config){.seed = playing.seed}, NULL);
    for (playing.step = 0; playing.step < 400; playing.step++) {
        if (world_packets(session_world(session)) > 200) break;
        Input input = some_input(chance, session_world(session));
        session_do(session, &input);
    }
    count_hits(session_trace(session));
    session_free(session);
}

/* ---- Scenarios ---- */

static void everything(void) {
    while (step()) continue;
}

static void forge_now(Segment seg) {
    uint8_t bytes[200];
    seg.ttl = 64;
    seg.options = OPTIONS_NONE;
    on_packet(INPUT_DELIVER, inject_now(bytes, segment_encode(&seg, bytes, sizeof bytes)));
}

/* The SYN queue is full, and another client comes. */
static void cookies(void) {
    set_rule(B, HOST_RULE_syncookies, 1);
    listen_at(B, 80, 1);
    connect_from(A, 1, ADDR_PEER, 80);
    forge_now((Segment){.src = {ADDR_PEER, 9}, .dst = {ADDR_B, 80}, .flags = FLAG_SYN});
    connect_from(A, 2, ADDR_B, 80);
    runs_on();
}

static void orphan(void) {
    set_rule(A, HOST_RULE_fin_wait_2_timeout, SECOND);
    call_on(INPUT_CLOSE, open_pair().client);
    everything();
}

/* The peer no longer answers. */
static void vanished_peer(void) {
    set_rule(A, HOST_RULE_keepalive, SECOND);
    set_rule(A, HOST_RULE_keepalive_interval, SECOND);
    set_rule(A, HOST_RULE_keepalive_probes, 2);
    open_pair();
    set_path(PATH_LOSS, 1000000);
    everything();
}

static Pair closed_by_the_client(void) {
    Pair p = open_pair();
    call_on(INPUT_CLOSE, p.client);
    runs_on();
    call_on(INPUT_CLOSE, p.server);
    runs_on();
    expect_state(p.client, STATE_TIME_WAIT);
    return p;
}

static void assassination(void) {
    set_rule(A, HOST_RULE_rfc1337, 1);
    ConnView v = view_of(closed_by_the_client().client);
    forge_now((Segment){.src = v.remote, .dst = v.local, .seq = v.rcv.nxt, .flags = FLAG_RST});
}

/* A copy of this packet is late. */
static PacketId late_copy(void) {
    PacketId copy = accepted_input((Input){.kind = INPUT_DUP, .packet = packet_at(0)})->packet;
    on_packet(INPUT_HOLD, copy);
    return copy;
}

static void with_timestamps(void) {
    set_rule(A, HOST_RULE_timestamps, 1);
    set_rule(B, HOST_RULE_timestamps, 1);
}

static void late_data_with_an_old_timestamp(void) {
    with_timestamps();
    Pair p = open_pair();
    send_text(p.client, "first");
    PacketId copy = late_copy();
    runs_on();
    accepted_input((Input){.kind = INPUT_WAIT, .at = world_now(lab.world) + SECOND});
    send_text(p.client, "second");
    runs_on();
    on_packet(INPUT_DELIVER, copy);
}

static void late_syn_in_time_wait(void) {
    with_timestamps();
    ConnId listener = listen_at(B, 80, 5), client = connect_from(A, PORT_A, ADDR_B, 80);
    PacketId copy = late_copy();
    runs_on();
    call_on(INPUT_CLOSE, accept_at(listener));
    runs_on();
    call_on(INPUT_CLOSE, client);
    runs_on();
    on_packet(INPUT_DELIVER, copy);
}

/* The server closed first and waits; the client is back with higher numbers. */
static void back_in_time_wait(void) {
    set_rule(A, HOST_RULE_isn, 1000);
    Pair p = open_pair();
    call_on(INPUT_CLOSE, p.server);
    runs_on();
    call_on(INPUT_CLOSE, p.client);
    runs_on();
    set_rule(A, HOST_RULE_isn, 100000);
    connect_from(A, PORT_A, ADDR_B, 80);
    runs_on();
}

/* A peer with a window scale above 14. */
static void absurd_scale(void) {
    set_rule(B, HOST_RULE_window_scale, 1);
    listen_at(B, 80, 5);
    uint8_t bytes[200];
    Segment syn = {.src = {ADDR_PEER, 9}, .dst = {ADDR_B, 80}, .flags = FLAG_SYN, .ttl = 64, .options = OPTIONS_NONE};
    syn.options.wscale = 15;
    on_packet(INPUT_DELIVER, inject_now(bytes, segment_encode(&syn, bytes, sizeof bytes)));
}

/* The last ACK is lost, the FIN comes again. */
static void lost_last_ack(void) {
    Pair p = open_pair();
    call_on(INPUT_CLOSE, p.client);
    runs_on();
    call_on(INPUT_CLOSE, p.server);
    step();
    on_packet(INPUT_DROP, packet_at(0));
    runs_on();
}

/* Two of ten segments are lost. */
static void two_holes(void) {
    set_rule(A, HOST_RULE_sack, 1), set_rule(B, HOST_RULE_sack, 1);
    set_rule(A, HOST_RULE_initial_window, 10);
    Pair p = open_pair();
    static char text[14601];
    memset(text, 'x', sizeof text - 1);
    send_text(p.client, text);
    PacketId first = packet_at(1), second = packet_at(4);
    on_packet(INPUT_DROP, first), on_packet(INPUT_DROP, second);
    runs_on();
}

/* The same four-tuple again at once, and a byte of the old connection lies in the window. */
static void late_data_without_time_wait(void) {
    ConnId listener = listen_at(B, 80, 5);
    PacketId copy = PACKET_NONE;
    for (int i = 0; i < 2; i++) {
        set_rule(A, HOST_RULE_time_wait, 0);
        set_rule(A, HOST_RULE_isn, 1000);
        set_rule(B, HOST_RULE_isn, 2000);
        ConnId client = connect_from(A, PORT_A, ADDR_B, 80);
        runs_on();
        ConnId server = accept_at(listener);
        if (i == 1) break;
        send_text(client, "old");
        copy = late_copy();
        runs_on();
        call_on(INPUT_CLOSE, client);
        runs_on();
        accepted_input((Input){.kind = INPUT_RECV, .conn = server, .count = 3});
        call_on(INPUT_CLOSE, server);
        runs_on();
    }
    on_packet(INPUT_DELIVER, copy);
}

/* Its TCP is not ours: it may send what the path does not take. */
static void a_foreign_host(void) {
    const Addr ADDR_K = {0x7f000064};
    static const uint8_t data[2000];
    static uint8_t bytes[LIMIT_DATAGRAM];
    accepted_input((Input){
        .kind = INPUT_HOST, .bytes = (const uint8_t *)"K", .length = 1, .foreign = true, .local = {.addr = ADDR_K}});
    for (uint16_t size = 0; size <= 2000; size = (uint16_t)(size + 2000)) {
        Segment seg = {.src = {ADDR_K, 9},
                       .dst = {ADDR_B, 80},
                       .flags = FLAG_SYN,
                       .ttl = 64,
                       .options = OPTIONS_NONE,
                       .data = data,
                       .data_length = size};
        uint32_t length = (uint32_t)segment_encode(&seg, bytes, sizeof bytes);
        accepted_input((Input){.kind = INPUT_INJECT, .bytes = bytes, .length = length, .foreign = true});
    }
}

/* A forged segment replaces a byte that was sent. */
static void another_byte(void) {
    Pair p = open_pair();
    send_text(p.client, "hello");
    uint8_t bytes[200];
    Segment seg = packet_view(packet_at(0)).segment;
    seg.data = (const uint8_t *)"HELLO";
    size_t length = segment_encode(&seg, bytes, sizeof bytes);
    accepted_input((Input){.kind = INPUT_EDIT, .packet = packet_at(0), .bytes = bytes, .length = (uint32_t)length});
    runs_on();
}

/* Both close at once, and a RST comes instead of the ACK. */
static void reset_while_closing(void) {
    set_rule(A, HOST_RULE_closing_reset, 1);
    Pair p = open_pair();
    call_on(INPUT_CLOSE, p.client);
    call_on(INPUT_CLOSE, p.server);
    while (view_of(p.client).state != STATE_CLOSING && step()) continue;
    ConnView v = view_of(p.client);
    forge_now((Segment){.src = v.remote, .dst = v.local, .seq = v.rcv.nxt, .flags = FLAG_RST});
}

/* The receiver does not read, and answers the probes of its window. */
static void probed_window(void) {
    set_rule(B, HOST_RULE_recv_buffer, 1000);
    Pair p = open_pair();
    static char text[3001];
    memset(text, 'x', sizeof text - 1);
    send_text(p.client, text);
    for (int i = 0; i < 40 && step(); i++) continue;
}

/* Both acknowledge what needs no ACK. By the standard the throttle of answers ends every such chain: see storms.c. */
static void acks_of_acks(void) {
    Pair p = open_pair();
    set_rule(A, HOST_RULE_ack_acks, 1), set_rule(B, HOST_RULE_ack_acks, 1);
    send_text(p.client, "hello");
    for (int i = 0; i < 100 && step(); i++) continue;
}

static void (*const stories[])(void) = {acks_of_acks,
                                        reset_while_closing,
                                        probed_window,
                                        cookies,
                                        orphan,
                                        vanished_peer,
                                        assassination,
                                        late_data_with_an_old_timestamp,
                                        late_syn_in_time_wait,
                                        back_in_time_wait,
                                        two_holes,
                                        absurd_scale,
                                        lost_last_ack,
                                        late_data_without_time_wait,
                                        a_foreign_host,
                                        another_byte};

/* ---- The test ---- */

static void every_rule_is_followed(void **state) {
    uint32_t missing = 0;
    play_cases(2000, play_and_count);
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        assert_int_equal(lab_setup(state), 0);
        stories[i]();
        count_hits(lab.trace);
        lab_teardown(state);
    }
    for (int rule = 1; rule < RULE_COUNT; rule++) {
        if (hits[rule] || excused((RuleId)rule)) continue;
        missing++;
        print_error("no test follows %s: %s\n", rule_info((RuleId)rule)->name, rule_info((RuleId)rule)->sentence);
    }
    assert_int_equal(missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_rule_is_followed)};
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
