/* interop_data.c - data to and from Linux's own TCP: acknowledgments, closed windows, urgent data, holes,
 * keep-alive. */
#include <sys/ioctl.h>

#include "interop.h"

enum { PLENTY = 200000 };

static uint8_t plenty[PLENTY];

static ConnView view_of(const Lab *lab) {
    ConnView view;
    assert_true(our_end(lab, &view));
    return view;
}

static void fire(Lab *lab, TimerKind timer) {
    must(lab, (Input){.kind = INPUT_TIMER, .conn = our_conn(lab), .timer = timer, .at = MICROS_NEVER});
}

static bool runs(const Lab *lab, TimerKind timer) { return view_of(lab).timers[timer] != MICROS_NEVER; }

static uint32_t send_plenty(Lab *lab, uint32_t length) {
    return must(lab, (Input){.kind = INPUT_SEND, .conn = our_conn(lab), .bytes = plenty, .length = length})->count;
}

/* Reads what Linux's application can have, on and on, until `length` bytes have come; they are those of `plenty`. */
static void expect_plenty_theirs(Lab *lab, int fd, uint32_t length) {
    static uint8_t got[PLENTY];
    uint32_t had = 0;
    Micros since = wall_clock();
    while (had < length && patient(since)) {
        ssize_t count = recv(fd, got + had, sizeof got - had, 0);
        if (count > 0) had += (uint32_t)count;
        else if (!move(lab, 20) && runs(lab, TIMER_PERSIST)) fire(lab, TIMER_PERSIST);
    }
    assert_int_equal(had, length);
    assert_memory_equal(got, plenty, length);
}

static void expect_plenty_ours(Lab *lab, uint32_t length) {
    static uint8_t got[PLENTY];
    uint32_t had = 0;
    Micros since = wall_clock();
    while (had < length && patient(since)) {
        uint32_t count = (uint32_t)world_peek(session_world(lab->session), our_conn(lab), got + had, sizeof got - had);
        if (count) must(lab, (Input){.kind = INPUT_RECV, .conn = our_conn(lab), .count = count});
        else if (!move(lab, 20) && runs(lab, TIMER_DELAYED_ACK)) fire(lab, TIMER_DELAYED_ACK);
        had += count;
    }
    assert_int_equal(had, length);
    assert_memory_equal(got, plenty, length);
}

/* ---- Acknowledgments ---- */

static void both_ways(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    for (int i = 0; i < 20; i++) {
        send_ours(lab, "question");
        expect_theirs(lab, fd, "question");
        send_theirs(fd, "answer");
        expect_ours(lab, "answer");
    }
    expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    expect_no_oracle(lab);
    close(fd);
    lab_free(lab);
}

/* The ACK of one small segment is delayed; the timer sends it. */
static void our_ack_waits(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    send_theirs(fd, "one");
    assert_true(hear(lab, PATIENCE));
    assert_true(cross(lab));
    assert_int_equal(in_flight(lab), 0);
    assert_int_equal(info_of(fd).tcpi_unacked, 1);
    fire(lab, TIMER_DELAYED_ACK);
    assert_true(cross(lab));
    assert_int_equal(info_of(fd).tcpi_unacked, 0);
    close(fd);
    lab_free(lab);
}

/* Every second full segment is acknowledged at once (MUST-58, SHLD-18). */
static void every_second_segment(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    assert_int_equal(send(fd, plenty, 4 * 1460, 0), 4 * 1460);
    uint32_t answers = 0;
    for (int i = 0; i < 4; i++) {
        assert_true(hear(lab, PATIENCE));
        assert_int_equal(lab->last_heard.data_length, 1460);
        PacketId ids[8];
        assert_int_equal(world_packet_list(session_world(lab->session), ids, 8), 1);
        assert_true(cross(lab));
        answers += in_flight(lab);
        assert_int_equal(in_flight(lab), i % 2);
        while (cross(lab)) continue;
    }
    assert_int_equal(answers, 2);
    assert_int_equal(info_of(fd).tcpi_unacked, 0);
    expect_plenty_ours(lab, 4 * 1460);
    close(fd);
    lab_free(lab);
}

static void a_small_mss_is_kept(void **state) {
    (void)state;
    Lab *lab = lab_new();
    rule(lab, HOST_RULE_mss, 500);
    int fd = open_ours_first(lab);
    assert_int_equal(info_of(fd).tcpi_snd_mss, 500);
    assert_int_equal(send(fd, plenty, 5000, 0), 5000);
    assert_true(hear(lab, PATIENCE));
    assert_int_equal(lab->last_heard.data_length, 500);
    expect_plenty_ours(lab, 5000);
    close(fd);
    lab_free(lab);
}

/* What crosses twice is read once, and Linux says that it has it. */
static void doubled_on_the_way(void **state) {
    (void)state;
    PacketId id;
    Lab *lab = lab_new();
    options(lab, true);
    int fd = open_ours_first(lab);
    send_ours(lab, "once");
    assert_int_equal(world_packet_list(session_world(lab->session), &id, 1), 1);
    must(lab, (Input){.kind = INPUT_DUP, .packet = id});
    settle(lab);
    expect_theirs(lab, fd, "once");
    char more;
    assert_int_equal(recv(fd, &more, 1, 0), -1);
    expect_no_oracle(lab);
    close(fd);
    lab_free(lab);
}

/* ---- Closed windows ---- */

static void their_window_closes(void **state) {
    (void)state;
    Lab *lab = lab_new();
    rule(lab, HOST_RULE_send_buffer, PLENTY);
    int listener = kernel_listen(lab);
    set_option(listener, SOL_SOCKET, SO_RCVBUF, 8192);
    connect_ours(lab);
    expect_states(lab, -1, STATE_ESTABLISHED, STATE_ESTABLISHED);
    int fd = kernel_accept(listener);
    assert_int_equal(send_plenty(lab, PLENTY), PLENTY);
    for (int i = 0; i < 20 && view_of(lab).snd.wnd; i++) { /* what is left of the window is less than a segment */
        settle(lab);
        if (runs(lab, TIMER_PERSIST)) fire(lab, TIMER_PERSIST);
    }
    settle(lab);
    assert_int_equal(view_of(lab).snd.wnd, 0);
    for (int i = 0; i < 3; i++) {
        assert_true(runs(lab, TIMER_PERSIST));
        uint32_t heard = lab->heard;
        fire(lab, TIMER_PERSIST);
        settle(lab);
        assert_true(lab->heard > heard); /* the probe was answered */
        assert_int_equal(view_of(lab).snd.wnd, 0);
        expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    }
    expect_plenty_theirs(lab, fd, PLENTY);
    expect_no_oracle(lab);
    close(listener);
    close(fd);
    lab_free(lab);
}

static void our_window_closes(void **state) {
    (void)state;
    Lab *lab = lab_new();
    rule(lab, HOST_RULE_recv_buffer, 8192);
    int fd = open_ours_first(lab);
    assert_int_equal(send(fd, plenty, 30000, 0), 30000);
    for (int i = 0; i < 3; i++) {
        settle(lab);
        if (runs(lab, TIMER_DELAYED_ACK)) fire(lab, TIMER_DELAYED_ACK);
    }
    Micros since = wall_clock();
    uint32_t heard = lab->heard;
    while (lab->heard < heard + 2 && patient(since)) move(lab, 20); /* Linux probes after 200 ms and again */
    assert_true(lab->heard >= heard + 2);
    assert_true(view_of(lab).rcv.wnd < 1460);
    assert_true(view_of(lab).unread > 8192 - 1460);
    expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    expect_plenty_ours(lab, 30000);
    expect_no_oracle(lab);
    close(fd);
    lab_free(lab);
}

/* ---- Large windows ---- */

static void windows_are_scaled(void **state) {
    (void)state;
    Lab *lab = lab_new();
    options(lab, true);
    rule(lab, HOST_RULE_recv_buffer, 1 << 20);
    int fd = open_ours_first(lab);
    send_theirs(fd, "x");
    expect_ours(lab, "x");
    send_ours(lab, "y"); /* brings our window, unlike the SYN's: scaled */
    expect_theirs(lab, fd, "y");
    struct tcp_info info = info_of(fd);
    assert_int_equal(info.tcpi_snd_wscale, 5); /* 1 MiB >> 5 fits 16 bits */
    assert_int_equal(view_of(lab).rcv_shift, 5);
    if (sizeof info > offsetof(struct tcp_info, tcpi_snd_wnd) && info.tcpi_snd_wnd)
        assert_true(info.tcpi_snd_wnd > 65535);
    close(fd);
    lab_free(lab);
}

/* ---- Urgent data ---- */

static void our_urgent_byte(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    must(
        lab,
        (Input){
            .kind = INPUT_SEND, .conn = our_conn(lab), .bytes = (const uint8_t *)"halt!", .length = 5, .urgent = true});
    settle(lab);
    char byte = 0;
    int at_mark = 0;
    assert_int_equal(recv(fd, &byte, 1, MSG_OOB), 1); /* Linux takes the last urgent byte out of the stream */
    assert_int_equal(byte, '!');
    expect_theirs(lab, fd, "halt");
    assert_int_equal(ioctl(fd, SIOCATMARK, &at_mark), 0);
    assert_int_equal(at_mark, 1);
    close(fd);
    lab_free(lab);
}

static void their_urgent_byte(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    assert_int_equal(send(fd, "halt!", 5, MSG_OOB), 5);
    settle(lab);
    assert_int_equal(view_of(lab).urgent, 5);
    expect_ours(lab, "halt!");
    assert_int_equal(view_of(lab).urgent, 0);
    close(fd);
    lab_free(lab);
}

/* ---- Holes ---- */

/* The first of several segments is lost: Linux tells by SACK what it has, and only the hole is sent again, without a
 * timeout. */
static void our_hole_is_filled(void **state) {
    (void)state;
    PacketId id;
    Lab *lab = lab_new();
    options(lab, true);
    rule(lab, HOST_RULE_initial_window, 10);
    int fd = open_ours_first(lab);
    send_plenty(lab, 8 * 1448);
    assert_int_equal(world_packet_list(session_world(lab->session), &id, 1), 8);
    must(lab, (Input){.kind = INPUT_DROP, .packet = id});
    assert_true(cross(lab));
    assert_true(hear(lab, PATIENCE));
    assert_int_equal(lab->last_heard.options.sack_count, 1);
    assert_int_equal(seq_distance(lab->last_heard.options.sack[0].left, lab->last_heard.options.sack[0].right), 1448);
    expect_plenty_theirs(lab, fd, 8 * 1448);
    uint32_t again = 0;
    for (uint32_t i = 0; i < session_events(lab->session); i++) {
        const Event event = trace_at(session_trace(lab->session), i);
        again += event.kind == EVENT_SEND && event.again;
        assert_false(event.kind == EVENT_TIMER && event.timer == TIMER_RETRANSMIT);
    }
    assert_int_equal(again, 1);
    expect_no_oracle(lab);
    close(fd);
    lab_free(lab);
}

static void their_hole_is_filled(void **state) {
    (void)state;
    PacketId id;
    Lab *lab = lab_new();
    options(lab, true);
    int fd = open_ours_first(lab);
    assert_int_equal(send(fd, plenty, 8 * 1448, 0), 8 * 1448);
    assert_true(hear(lab, PATIENCE));
    assert_int_equal(world_packet_list(session_world(lab->session), &id, 1), 1);
    must(lab, (Input){.kind = INPUT_DROP, .packet = id});
    settle(lab);
    assert_true(info_of(fd).tcpi_total_retrans >= 1);
    expect_plenty_ours(lab, 8 * 1448);
    expect_no_oracle(lab);
    close(fd);
    lab_free(lab);
}

static uint32_t count_sent(const Lab *lab, RuleId rule_id) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < session_events(lab->session); i++) {
        const Event event = trace_at(session_trace(lab->session), i);
        count += event.kind == EVENT_SEND && event.rule == rule_id;
    }
    return count;
}

/* Three segments in flight, the first is lost: two duplicate ACKs are not enough, so each lets one more segment out
 * (RFC 5681 3.2). */
static void a_small_window_recovers(void **state) {
    (void)state;
    PacketId id;
    for (int sacking = 0; sacking < 2; sacking++) {
        Lab *lab = lab_new();
        rule(lab, HOST_RULE_sack, sacking);
        rule(lab, HOST_RULE_initial_window, 3);
        int fd = open_ours_first(lab);
        send_plenty(lab, 8 * 1460);
        assert_int_equal(world_packet_list(session_world(lab->session), &id, 1), 3);
        must(lab, (Input){.kind = INPUT_DROP, .packet = id});
        settle(lab);
        assert_int_equal(count_sent(lab, RULE_LIMITED_TRANSMIT), 2);
        assert_int_equal(count_sent(lab, RULE_FAST_RETRANSMIT), 1);
        assert_int_equal(count_sent(lab, RULE_TIMEOUT_RETRANSMIT), 0);
        expect_plenty_theirs(lab, fd, 8 * 1460);
        expect_no_oracle(lab);
        close(fd);
        lab_free(lab);
    }
}

/* ---- Keep-alive ---- */

static void our_probe_is_answered(void **state) {
    (void)state;
    Lab *lab = lab_new();
    rule(lab, HOST_RULE_keepalive, 10 * MICROS_PER_SECOND);
    int fd = open_ours_first(lab);
    for (int i = 0; i < 3; i++) {
        uint32_t heard = lab->heard;
        fire(lab, TIMER_KEEPALIVE);
        settle(lab);
        assert_int_equal(lab->heard, heard + 1);
        assert_int_equal(lab->last_heard.flags, FLAG_ACK);
        expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    }
    close(fd);
    lab_free(lab);
}

static void their_probe_is_answered(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 1); /* one probe without an answer ends it */
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    Micros since = wall_clock();
    settle(lab);
    uint32_t heard = lab->heard;
    while (wall_clock() - since < 2500000) move(lab, 50);
    assert_true(lab->heard > heard);
    expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    close(fd);
    lab_free(lab);
}

static int setup(void **state) {
    for (size_t i = 0; i < PLENTY; i++) plenty[i] = (uint8_t)(i * 31 + i / 251);
    return interop_setup(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(our_ack_waits),
        cmocka_unit_test(every_second_segment),
        cmocka_unit_test(a_small_mss_is_kept),
        cmocka_unit_test(doubled_on_the_way),
        cmocka_unit_test(their_window_closes),
        cmocka_unit_test(our_window_closes),
        cmocka_unit_test(windows_are_scaled),
        cmocka_unit_test(our_urgent_byte),
        cmocka_unit_test(their_urgent_byte),
        cmocka_unit_test(our_hole_is_filled),
        cmocka_unit_test(their_hole_is_filled),
        cmocka_unit_test(a_small_window_recovers),
        cmocka_unit_test(our_probe_is_answered),
        cmocka_unit_test(their_probe_is_answered),
    };
    return cmocka_run_group_tests(tests, setup, interop_teardown);
}
