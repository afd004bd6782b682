/* time_wait.c - a SYN that finds TIME_WAIT (RFC 6191, RFC 9293 3.6.1), and RSTs that would end it early (RFC
 * 1337). */
#include "segments.h"
#include "pair.h"

enum { LAST_STAMP = 9000, SYN_QUEUE_ROOM = 5 };

/* A listens, the peer connects, A closes first: RCV.NXT is Y + 2 afterwards, SND.NXT X + 2, the last timestamp
 * LAST_STAMP. */
static void waits_with(bool timestamps, uint32_t backlog) {
    listens_with(backlog, false);
    sets(HOST_RULE_timestamps, timestamps);
    sets(HOST_RULE_isn, X);
    Options stamp = timestamps ? timestamp(LAST_STAMP, 1) : OPTIONS_NONE;
    arrives_with("SYN seq=0 mss=1460", stamp);
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    arrives_with("ACK seq=1 ack=1", stamp);
    moves("SYN_RCVD > ESTABLISHED");
    stimulus();
    lab.conn = accepted_input((Input){.kind = INPUT_ACCEPT, .conn = lab.listener})->conn;
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=1");
    moves("ESTABLISHED > FIN_WAIT_1");
    arrives_with("FIN,ACK seq=1 ack=2", stamp);
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_1 > TIME_WAIT");
    passes(SECOND);
}

/* A SYN at `seq`, with a timestamp where `stamp` is not 0, is the beginning of a new connection. */
static void accepts(uint32_t seq, uint32_t stamp) {
    arrives_with(line("SYN seq=%u mss=1460", seq), stamp ? timestamp(stamp, 0) : OPTIONS_NONE);
    sends(line("SYN,ACK ack=%u", seq + 1));
    moves("TIME_WAIT > CLOSED, LISTEN > SYN_RCVD");
    by_rule(RULE_TIME_WAIT_REUSED);
}

/* ... is one of the old connection's, or might be: silence, and TIME_WAIT goes on. */
static void ignores(uint32_t seq, uint32_t stamp) {
    Micros until = look().timers[TIMER_TIME_WAIT];
    arrives_with(line("SYN seq=%u mss=1460", seq), stamp ? timestamp(stamp, 0) : OPTIONS_NONE);
    by_rule(RULE_TIME_WAIT_SYN_OLD);
    sends_nothing();
    in_state(STATE_TIME_WAIT);
    assert_int_equal(look().timers[TIMER_TIME_WAIT], until);
}

/* ---- RFC 6191 2, line by line; the last number of the old connection is 1, its FIN's ---- */

/* Both with timestamps, and this one is later: the sequence number does not matter. */
TEST(later_timestamp) {
    waits_with(true, 5);
    accepts(0, LAST_STAMP + 1);
    afresh();
    waits_with(true, 5);
    accepts(100000, LAST_STAMP + 1);
}

/* Equal: the sequence number decides. */
TEST(equal_timestamp) {
    waits_with(true, 5);
    ignores(1, LAST_STAMP);
    accepts(2, LAST_STAMP);
}

/* Earlier: whatever the number. */
TEST(earlier_timestamp) {
    waits_with(true, 5);
    ignores(1, LAST_STAMP - 1);
    ignores(2, LAST_STAMP - 1);
    ignores(1000000, LAST_STAMP - 1);
}

/* The old one had them, this one has not. */
TEST(timestamps_no_more) {
    waits_with(true, 5);
    ignores(1, 0);
    accepts(2, 0);
}

/* The old one had none, this one has. */
TEST(timestamps_from_now_on) {
    waits_with(false, 5);
    sets(HOST_RULE_timestamps, 1);
    accepts(1, 1);
}

/* Neither: the number decides. An old one draws the ACK of RFC 9293 3.10.7.4, which is no wider door than silence. */
TEST(no_timestamps) {
    waits_with(false, 5);
    arrives("SYN seq=1");
    sends("ACK seq=2 ack=2");
    in_state(STATE_TIME_WAIT);
    accepts(2, 0);
}

/* Only SYNs: what has an ACK too, or is no SYN, is treated as ever. */
TEST(only_a_syn) {
    waits_with(true, 5);
    arrives_with("SYN,ACK seq=2 ack=2", timestamp(LAST_STAMP + 5, 1));
    by_rule(RULE_SYN_CHALLENGE);
    sends("ACK seq=2 ack=2");
    arrives_with("ACK seq=2 ack=2 len=5", timestamp(LAST_STAMP + 5, 1));
    by_rule(RULE_TEXT_AFTER_FIN);
    in_state(STATE_TIME_WAIT);
}

/* ---- MAY-2: our own numbers go on rising, however much was sent and however little time has passed ---- */

TEST(numbers_go_on_rising) {
    listens();
    sets(HOST_RULE_recv_buffer, 65535);
    arrives("SYN seq=0 mss=1460");
    uint32_t first = takes_sent().seq.value;
    moves("LISTEN > SYN_RCVD");
    newest();
    arrives(line("ACK seq=1 ack=#%u", first + 1));
    moves("SYN_RCVD > ESTABLISHED");
    uint8_t some[1000] = {0};
    for (uint32_t i = 0; i < 50; i++) { /* 50000 numbers at one instant: the clock would need 0.2 s for them */
        stimulus();
        accepted_input((Input){.kind = INPUT_SEND, .conn = lab.conn, .bytes = some, .length = sizeof some});
        assert_int_equal(takes_sent().seq.value, first + 1 + i * 1000);
        arrives(line("ACK seq=1 ack=#%u", first + 1 + (i + 1) * 1000));
    }
    calls(INPUT_CLOSE);
    uint32_t last = takes_sent().seq.value; /* the FIN's */
    moves("ESTABLISHED > FIN_WAIT_1");
    arrives(line("FIN,ACK seq=1 ack=#%u", last + 1));
    moves("FIN_WAIT_1 > TIME_WAIT");
    takes_sent();
    arrives("SYN seq=2 mss=1460");
    moves("TIME_WAIT > CLOSED, LISTEN > SYN_RCVD");
    assert_true((int32_t)(takes_sent().seq.value - last) > 0);
}

/* A listener that has no room for it does not end TIME_WAIT. */
TEST(a_full_queue_ends_nothing) {
    waits_with(false, SYN_QUEUE_ROOM);
    for (unsigned port = 1; port <= SYN_QUEUE_ROOM; port++) {
        arrives(line("SYN seq=0 port=%u", port));
        sends(line("SYN,ACK ack=1 port=%u", port));
        moves("LISTEN > SYN_RCVD");
    }
    arrives("SYN seq=2");
    by_rule(RULE_LISTEN_SYN_QUEUE_FULL);
    in_state(STATE_TIME_WAIT);
}

/* ---- RFC 1337 ---- */

/* An old duplicate of the peer's draws an ACK, and the ACK draws a RST from where nobody is any more. */
static Pair assassinate(bool protect) {
    set_rule(A, HOST_RULE_rfc1337, protect);
    Pair p = open_pair();
    send_text(p.server, "late");
    PacketId late = accepted_input((Input){.kind = INPUT_DUP, .packet = packet_at(0)})->packet;
    on_packet(INPUT_HOLD, late);
    runs_on();
    accepted_input((Input){.kind = INPUT_RECV, .conn = p.client, .count = 4});
    call_on(INPUT_SHUTDOWN, p.client);
    runs_on();
    call_on(INPUT_SHUTDOWN, p.server);
    runs_on();
    expect_state(p.client, STATE_TIME_WAIT);
    expect_state(p.server, STATE_CLOSED);
    on_packet(INPUT_DELIVER, late);
    assert_int_equal(world_packets(lab.world), 1); /* the ACK */
    on_packet(INPUT_DELIVER, packet_at(0));
    assert_int_equal(packet_view(packet_at(0)).segment.flags, FLAG_RST);
    on_packet(INPUT_DELIVER, packet_at(0));
    return p;
}

PAIR_TEST(assassination) {
    Pair p = assassinate(false);
    expect_state(p.client, STATE_CLOSED);
    assert_true(count_rule(RULE_RST_CLOSING, 0) > 0);
}

/* Fix F1: no RST ends TIME_WAIT; it lasts as long as it would have. */
PAIR_TEST(assassination_survived) {
    Pair p = assassinate(true);
    expect_state(p.client, STATE_TIME_WAIT);
    assert_int_equal(count_rule(RULE_RST_TIME_WAIT, 0), 1);
    Micros left = view_of(p.client).timers[TIMER_TIME_WAIT] - world_now(lab.world);
    assert_true(left > 59 * SECOND);
    while (view_of(p.client).state == STATE_TIME_WAIT) assert_true(step());
    assert_int_equal(view_of(p.client).error, STATUS_OK);
}

/* Hazard H1: without TIME_WAIT the late segment of the first connection is read by the second, and the oracle sees it.
 */
PAIR_TEST(old_data_in_a_new_connection) {
    for (int waits = 0; waits < 2; waits++) {
        lab_teardown(NULL);
        assert_int_equal(lab_setup(NULL), 0);
        if (!waits) set_rule(A, HOST_RULE_time_wait, HOST_RULE_OFF);
        set_rule(A, HOST_RULE_isn, 1000);
        set_rule(B, HOST_RULE_isn, 5000);
        Pair p = open_pair();
        send_text(p.client, "old!");
        PacketId late = accepted_input((Input){.kind = INPUT_DUP, .packet = packet_at(0)})->packet;
        on_packet(INPUT_HOLD, late);
        runs_on();
        accepted_input((Input){.kind = INPUT_RECV, .conn = p.server, .count = 4});
        call_on(INPUT_CLOSE, p.client);
        runs_on();
        call_on(INPUT_CLOSE, p.server);
        runs_on();
        expect_state(p.client, waits ? STATE_TIME_WAIT : STATE_CLOSED);
        set_rule(A, HOST_RULE_isn, 1000);
        set_rule(B, HOST_RULE_isn, 7000);
        Input again = {.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {ADDR_B, 80}};
        if (waits) {
            assert_int_equal(attempt(again), STATUS_CONNECTION_EXISTS);
            continue;
        }
        accepted_input(again);
        runs_on();
        ConnId second = accept_at(p.listener);
        on_packet(INPUT_DELIVER, late);
        assert_int_equal(view_of(second).unread, 4);
        assert_true(count_rule(RULE_ORACLE_OLD_BYTE, 0) > 0);
    }
}

/* RFC 9293 3.10.7.4: the other timers are turned off, the one of FIN_WAIT_2 with them. */
TEST(fin_wait_2_ends_in_time_wait) {
    sets(HOST_RULE_fin_wait_2_timeout, 10 * SECOND);
    establishes();
    calls(INPUT_CLOSE);
    sends("FIN,ACK seq=1 ack=1");
    moves("ESTABLISHED > FIN_WAIT_1");
    arrives("ACK seq=1 ack=2");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
    runs(TIMER_FIN_WAIT_2, 10 * SECOND);
    arrives("FIN,ACK seq=1 ack=2");
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_2 > TIME_WAIT");
    runs_not(TIMER_FIN_WAIT_2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(later_timestamp),
        lab_test(equal_timestamp),
        lab_test(earlier_timestamp),
        lab_test(timestamps_no_more),
        lab_test(timestamps_from_now_on),
        lab_test(no_timestamps),
        lab_test(only_a_syn),
        lab_test(numbers_go_on_rising),
        lab_test(a_full_queue_ends_nothing),
        lab_test(assassination),
        lab_test(assassination_survived),
        lab_test(old_data_in_a_new_connection),
        lab_test(fin_wait_2_ends_in_time_wait),
    };
    return cmocka_run_group_tests_name("time_wait", tests, NULL, NULL);
}
