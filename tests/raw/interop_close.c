/* interop_close.c - closing a connection with Linux's own TCP: either first, both at once, by halves, by force; and the
 * port used again. */
#include "interop.h"

/* Each way to close is tried on connections that either side opened. */
typedef int Opening(Lab *lab);
static Opening *const openings[] = {open_ours_first, open_theirs_first};
enum { OPENINGS = 2 };

static void fire(Lab *lab, TimerKind timer) {
    must(lab, (Input){.kind = INPUT_TIMER, .conn = our_conn(lab), .timer = timer, .at = MICROS_NEVER});
}

/* ---- The four-way close ---- */

static void we_close_first(void **state) {
    (void)state;
    for (int i = 0; i < OPENINGS; i++) {
        Lab *lab = lab_new();
        int fd = openings[i](lab);
        close_ours(lab);
        assert_int_equal(our_state(lab), STATE_FIN_WAIT_1);
        expect_states(lab, fd, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
        expect_end_theirs(fd);
        close(fd);
        assert_int_equal(their_state(lab), STATE_LAST_ACK);
        expect_states(lab, -1, STATE_TIME_WAIT, STATE_CLOSED);
        fire(lab, TIMER_TIME_WAIT);
        expect_states(lab, -1, STATE_CLOSED, STATE_CLOSED);
        expect_no_oracle(lab);
        lab_free(lab);
    }
}

static void linux_closes_first(void **state) {
    (void)state;
    for (int i = 0; i < OPENINGS; i++) {
        Lab *lab = lab_new();
        int fd = openings[i](lab);
        close(fd);
        assert_int_equal(their_state(lab), STATE_FIN_WAIT_1);
        expect_states(lab, -1, STATE_CLOSE_WAIT, STATE_FIN_WAIT_2);
        expect_end_ours(lab);
        close_ours(lab);
        assert_int_equal(our_state(lab), STATE_LAST_ACK);
        expect_states(lab, -1, STATE_CLOSED, STATE_TIME_WAIT);
        expect_no_oracle(lab);
        lab_free(lab);
    }
}

/* The FINs cross: each side gets the other's before the ACK of its own. */
static void both_close_at_once(void **state) {
    (void)state;
    for (int i = 0; i < OPENINGS; i++) {
        Lab *lab = lab_new();
        int fd = openings[i](lab);
        close(fd);
        close_ours(lab);
        assert_int_equal(our_state(lab), STATE_FIN_WAIT_1);
        assert_int_equal(their_state(lab), STATE_FIN_WAIT_1);
        assert_true(cross(lab)); /* our FIN */
        assert_int_equal(their_state(lab), STATE_CLOSING);
        assert_true(hear(lab, PATIENCE)); /* their FIN */
        assert_true(cross(lab));
        assert_int_equal(our_state(lab), STATE_CLOSING);
        expect_states(lab, -1, STATE_TIME_WAIT, STATE_TIME_WAIT);
        expect_no_oracle(lab);
        lab_free(lab);
    }
}

/* The last data and the FIN go out together, and both arrive. */
static void data_then_close(void **state) {
    (void)state;
    for (int i = 0; i < OPENINGS; i++) {
        Lab *lab = lab_new();
        int fd = openings[i](lab);
        send_ours(lab, "our last words");
        must(lab, (Input){.kind = INPUT_SHUTDOWN, .conn = our_conn(lab)});
        expect_states(lab, fd, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
        expect_theirs(lab, fd, "our last words");
        expect_end_theirs(fd);
        send_theirs(fd, "their last words");
        close(fd);
        expect_states(lab, -1, STATE_TIME_WAIT, STATE_CLOSED);
        expect_no_oracle(lab);
        lab_free(lab);
    }
}

static void expect_error(const Lab *lab, Status error) {
    ConnView view;
    assert_true(our_end(lab, &view));
    assert_int_equal(view.error, error);
}

/* After close() nobody reads here: Linux's data draws a RST (RFC 9293 3.6.1, SHLD-3), as ours does from Linux. */
static void they_send_after_our_close(void **state) {
    (void)state;
    Lab *lab = lab_new();
    lab->aborts = true;
    int fd = open_ours_first(lab);
    close_ours(lab);
    expect_states(lab, fd, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
    send_theirs(fd, "nobody reads this");
    expect_states(lab, fd, STATE_CLOSED, STATE_CLOSED);
    assert_int_equal(kernel_error(fd), EPIPE); /* a RST in CLOSE_WAIT */
    close(fd);
    lab_free(lab);
}

static void we_send_after_their_close(void **state) {
    (void)state;
    Lab *lab = lab_new();
    lab->aborts = true;
    int fd = open_ours_first(lab);
    close(fd);
    expect_states(lab, -1, STATE_CLOSE_WAIT, STATE_FIN_WAIT_2);
    send_ours(lab, "nobody reads this");
    expect_states(lab, -1, STATE_CLOSED, STATE_CLOSED);
    expect_error(lab, STATUS_CONNECTION_RESET);
    lab_free(lab);
}

/* ---- Lost FINs ---- */

static void lose_next(Lab *lab) {
    PacketId id;
    assert_true(world_packet_list(session_world(lab->session), &id, 1) > 0);
    must(lab, (Input){.kind = INPUT_DROP, .packet = id});
}

static void our_fin_is_lost(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    close_ours(lab);
    lose_next(lab);
    assert_int_equal(their_state(lab), STATE_ESTABLISHED);
    fire(lab, TIMER_RETRANSMIT);
    expect_states(lab, fd, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
    close(fd);
    expect_states(lab, -1, STATE_TIME_WAIT, STATE_CLOSED);
    lab_free(lab);
}

/* Our ACK of Linux's FIN is lost: it sends the FIN again, and TIME_WAIT answers again. */
static void our_last_ack_is_lost(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    close_ours(lab);
    expect_states(lab, fd, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
    close(fd);
    assert_true(hear(lab, PATIENCE));
    assert_true(cross(lab));
    assert_int_equal(our_state(lab), STATE_TIME_WAIT);
    lose_next(lab);
    assert_int_equal(their_state(lab), STATE_LAST_ACK);
    expect_states(lab, -1, STATE_TIME_WAIT, STATE_CLOSED); /* after Linux's retransmission, some 200 ms */
    lab_free(lab);
}

/* Linux is in TIME_WAIT, our FIN comes again because its ACK was lost. */
static void their_last_ack_is_lost(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    close(fd);
    expect_states(lab, -1, STATE_CLOSE_WAIT, STATE_FIN_WAIT_2);
    close_ours(lab);
    assert_true(cross(lab));
    assert_int_equal(their_state(lab), STATE_TIME_WAIT);
    assert_true(hear(lab, PATIENCE));
    lose_next(lab);
    assert_int_equal(our_state(lab), STATE_LAST_ACK);
    fire(lab, TIMER_RETRANSMIT);
    expect_states(lab, -1, STATE_CLOSED, STATE_TIME_WAIT);
    lab_free(lab);
}

/* ---- One direction only ---- */

static void we_close_half(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_theirs_first(lab);
    must(lab, (Input){.kind = INPUT_SHUTDOWN, .conn = our_conn(lab)});
    expect_states(lab, fd, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
    expect_end_theirs(fd);
    for (int i = 0; i < 3; i++) {
        send_theirs(fd, "still here");
        expect_ours(lab, "still here");
        expect_states(lab, fd, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
    }
    close(fd);
    expect_states(lab, -1, STATE_TIME_WAIT, STATE_CLOSED);
    expect_no_oracle(lab);
    lab_free(lab);
}

static void linux_closes_half(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    expect_states(lab, fd, STATE_CLOSE_WAIT, STATE_FIN_WAIT_2);
    expect_end_ours(lab);
    for (int i = 0; i < 3; i++) {
        send_ours(lab, "still here");
        expect_theirs(lab, fd, "still here");
        expect_states(lab, fd, STATE_CLOSE_WAIT, STATE_FIN_WAIT_2);
    }
    close_ours(lab);
    expect_states(lab, -1, STATE_CLOSED, STATE_TIME_WAIT);
    expect_end_theirs(fd);
    close(fd);
    lab_free(lab);
}

/* Time enough for another initial sequence number. */
static void pass_two_seconds(Lab *lab) {
    must(lab, (Input){.kind = INPUT_WAIT, .at = world_now(session_world(lab->session)) + 2 * MICROS_PER_SECOND});
}

/* ---- By force ---- */

static void we_abort(void **state) {
    (void)state;
    for (int i = 0; i < OPENINGS; i++) {
        Lab *lab = lab_new();
        lab->aborts = true;
        int fd = openings[i](lab);
        must(lab, (Input){.kind = INPUT_ABORT, .conn = our_conn(lab)});
        expect_states(lab, fd, STATE_CLOSED, STATE_CLOSED);
        assert_int_equal(kernel_error(fd), ECONNRESET);
        close(fd);
        lab_free(lab);
    }
}

static void abort_socket(int fd) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    close(fd);
}

static void linux_aborts(void **state) {
    (void)state;
    for (int i = 0; i < OPENINGS; i++) {
        Lab *lab = lab_new();
        lab->aborts = true;
        abort_socket(openings[i](lab));
        expect_states(lab, -1, STATE_CLOSED, STATE_CLOSED);
        expect_error(lab, STATUS_CONNECTION_RESET);
        lab_free(lab);
    }
}

/* Half-duplex close: unread data tells the other side by RST that it is lost (RFC 1122 4.2.2.13). */
static void we_close_unread(void **state) {
    (void)state;
    Lab *lab = lab_new();
    lab->aborts = true;
    int fd = open_ours_first(lab);
    send_theirs(fd, "unread");
    settle(lab);
    close_ours(lab);
    expect_states(lab, fd, STATE_CLOSED, STATE_CLOSED);
    assert_int_equal(kernel_error(fd), ECONNRESET);
    close(fd);
    lab_free(lab);
}

static void linux_closes_unread(void **state) {
    (void)state;
    Lab *lab = lab_new();
    lab->aborts = true;
    int fd = open_ours_first(lab);
    send_ours(lab, "unread");
    settle(lab);
    close(fd);
    expect_states(lab, -1, STATE_CLOSED, STATE_CLOSED);
    expect_error(lab, STATUS_CONNECTION_RESET);
    lab_free(lab);
}

/* Our host loses its memory: what Linux sends next gets a RST. */
static void we_crash(void **state) {
    (void)state;
    Lab *lab = lab_new();
    lab->aborts = true;
    int fd = open_ours_first(lab);
    must(lab, (Input){.kind = INPUT_CRASH, .host = A});
    settle(lab);
    assert_int_equal(their_state(lab), STATE_ESTABLISHED);
    send_theirs(fd, "anybody there?");
    expect_states(lab, fd, STATE_CLOSED, STATE_CLOSED);
    assert_int_equal(kernel_error(fd), ECONNRESET);
    close(fd);
    lab_free(lab);
}

/* Crashed in the middle of a connection, our host opens it anew: Linux answers the SYN with an ACK, our RST clears the
 * way (RFC 9293 3.5.1). */
static void half_open_is_discovered(void **state) {
    (void)state;
    Lab *lab = lab_new();
    lab->aborts = true;
    int listener = kernel_listen(lab);
    connect_ours(lab);
    expect_states(lab, -1, STATE_ESTABLISHED, STATE_ESTABLISHED);
    int old = kernel_accept(listener);
    must(lab, (Input){.kind = INPUT_CRASH, .host = A});
    pass_two_seconds(lab);
    connect_ours(lab);
    assert_true(cross(lab));
    assert_true(hear(lab, PATIENCE));
    assert_int_equal(lab->last_heard.flags, FLAG_ACK); /* a challenge */
    assert_true(cross(lab));
    assert_true(cross(lab)); /* our RST */
    assert_int_equal(their_state(lab), STATE_CLOSED);
    fire(lab, TIMER_RETRANSMIT);
    expect_states(lab, -1, STATE_ESTABLISHED, STATE_ESTABLISHED);
    int fresh = kernel_accept(listener);
    send_ours(lab, "anew");
    expect_theirs(lab, fresh, "anew");
    close(old);
    close(fresh);
    close(listener);
    lab_free(lab);
}

/* ---- The port used again while TIME_WAIT lasts ---- */

/* Linux waits; our next SYN has a later number (RFC 9293 3.6.1, RFC 6191). */
static void we_reuse_their_time_wait(void **state) {
    (void)state;
    for (int with_options = 0; with_options < 2; with_options++) {
        Lab *lab = lab_new();
        options(lab, with_options);
        int listener = kernel_listen(lab);
        connect_ours(lab);
        expect_states(lab, -1, STATE_ESTABLISHED, STATE_ESTABLISHED);
        close(kernel_accept(listener));
        expect_states(lab, -1, STATE_CLOSE_WAIT, STATE_FIN_WAIT_2);
        close_ours(lab);
        expect_states(lab, -1, STATE_CLOSED, STATE_TIME_WAIT);
        pass_two_seconds(lab);
        connect_ours(lab);
        expect_states(lab, -1, STATE_ESTABLISHED, STATE_ESTABLISHED);
        int fd = kernel_accept(listener);
        send_ours(lab, "second life");
        expect_theirs(lab, fd, "second life");
        expect_no_oracle(lab);
        close(listener);
        close(fd);
        lab_free(lab);
    }
}

/* We wait; Linux binds the same port and calls again. */
static void they_reuse_our_time_wait(void **state) {
    (void)state;
    for (int with_options = 0; with_options < 2; with_options++) {
        Lab *lab = lab_new();
        options(lab, with_options);
        int fd = open_theirs_first(lab);
        close_ours(lab);
        expect_states(lab, fd, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
        close(fd);
        expect_states(lab, -1, STATE_TIME_WAIT, STATE_CLOSED);
        usleep(2000); /* Linux's timestamps count milliseconds */
        fd = kernel_socket(lab);
        kernel_connect(lab, fd);
        expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
        send_theirs(fd, "second life");
        expect_ours(lab, "second life");
        close(fd);
        lab_free(lab);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(we_close_first),
        cmocka_unit_test(linux_closes_first),
        cmocka_unit_test(both_close_at_once),
        cmocka_unit_test(data_then_close),
        cmocka_unit_test(they_send_after_our_close),
        cmocka_unit_test(we_send_after_their_close),
        cmocka_unit_test(our_fin_is_lost),
        cmocka_unit_test(our_last_ack_is_lost),
        cmocka_unit_test(their_last_ack_is_lost),
        cmocka_unit_test(we_close_half),
        cmocka_unit_test(linux_closes_half),
        cmocka_unit_test(we_abort),
        cmocka_unit_test(linux_aborts),
        cmocka_unit_test(we_close_unread),
        cmocka_unit_test(linux_closes_unread),
        cmocka_unit_test(we_crash),
        cmocka_unit_test(half_open_is_discovered),
        cmocka_unit_test(we_reuse_their_time_wait),
        cmocka_unit_test(they_reuse_our_time_wait),
    };
    return cmocka_run_group_tests(tests, interop_setup, interop_teardown);
}
