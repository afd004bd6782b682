/* listen.c - a listener and its two queues (RFC 9293 3.9.1.1): half-open connections, and complete ones that wait for
 * accept(). */
#include "lab.h"

static ConnView listener(void) {
    ConnView view;
    assert_true(world_conn(lab.world, lab.listener, &view));
    return view;
}

static void queues(uint32_t half_open, uint32_t complete) {
    ConnView v = listener();
    if (v.syn_queue != half_open || v.accept_queue != complete)
        fail_msg("step %u: queues hold %u and %u, not %u and %u", lab.step, v.syn_queue, v.accept_queue, half_open,
                 complete);
}

/* A client on this port of the peer sends its SYN; A's number is X for each. */
static void syn(unsigned port) {
    sets(HOST_RULE_isn, X);
    arrives(line("SYN seq=0 mss=1460 port=%u", port));
    sends(line("SYN,ACK seq=0 ack=1 port=%u", port));
    moves("LISTEN > SYN_RCVD");
}
static void completes(unsigned port) {
    arrives(line("ACK seq=1 ack=1 port=%u", port));
    moves("SYN_RCVD > ESTABLISHED");
}

static uint16_t accepts(void) {
    stimulus();
    lab.conn = accepted_input((Input){.kind = INPUT_ACCEPT, .conn = lab.listener})->conn;
    by_rule(RULE_ACCEPT_CALL);
    assert_true(look().accepted);
    return look().remote.port;
}
static void accepts_nothing(void) { refuses((Input){.kind = INPUT_ACCEPT, .conn = lab.listener}, STATUS_NOTHING_YET); }

TEST(from_one_queue_to_the_other) {
    listens();
    accepts_nothing();
    syn(1);
    queues(1, 0);
    accepts_nothing();
    completes(1);
    queues(0, 1);
    assert_int_equal(accepts(), 1);
    queues(0, 0);
    accepts_nothing();
}

/* Oldest first: in the order in which they were complete, not in that of their SYNs. */
TEST(order_of_acceptance) {
    listens();
    for (unsigned port = 1; port <= 4; port++) syn(port);
    queues(4, 0);
    completes(3);
    completes(1);
    completes(4);
    completes(2);
    queues(0, 4);
    assert_int_equal(accepts(), 3);
    assert_int_equal(accepts(), 1);
    assert_int_equal(accepts(), 4);
    assert_int_equal(accepts(), 2);
}

TEST(syn_queue_full) {
    listens_with(2, false);
    syn(1);
    syn(2);
    arrives("SYN seq=0 port=3"); /* not a word: it will come again */
    by_rule(RULE_LISTEN_SYN_QUEUE_FULL);
    queues(2, 0);
    completes(1);
    syn(3);
    queues(2, 1);
}

/* The client believes that it is connected; the SYN,ACK comes again until there is room. */
TEST(accept_queue_full) {
    listens_with(1, false);
    syn(1);
    completes(1);
    syn(2);
    arrives("ACK seq=1 ack=1 port=2");
    by_rule(RULE_ACK_QUEUE_FULL);
    queues(1, 1);
    newest();
    in_state(STATE_SYN_RCVD);
    passes(SECOND);
    sends("SYN,ACK seq=0 ack=1 port=2");
    arrives("ACK seq=1 ack=1 port=2 len=5"); /* nor with data */
    queues(1, 1);
    assert_int_equal(accepts(), 1);
    arrives("ACK seq=1 ack=1 port=2");
    moves("SYN_RCVD > ESTABLISHED");
    queues(0, 1);
    assert_int_equal(accepts(), 2);
}

/* A backlog of 0 is a backlog of 1. */
TEST(smallest_backlog) {
    listens_with(0, false);
    syn(1);
    arrives("SYN seq=0 port=2");
    by_rule(RULE_LISTEN_SYN_QUEUE_FULL);
    completes(1);
    syn(2);
    arrives("ACK seq=1 ack=1 port=2");
    by_rule(RULE_ACK_QUEUE_FULL);
}

/* What goes away leaves its queue, from the front, the middle, the end. */
TEST(leaving_the_queues) {
    listens();
    for (unsigned port = 1; port <= 5; port++) syn(port);
    arrives("RST seq=1 port=5");
    moves("SYN_RCVD > LISTEN");
    queues(4, 0);
    for (unsigned port = 1; port <= 4; port++) completes(port);
    arrives("RST seq=1 port=2");
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
    queues(0, 3);
    arrives("RST seq=1 port=4");
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
    arrives("RST seq=1 port=1");
    moves_failing("ESTABLISHED > CLOSED", STATUS_CONNECTION_RESET);
    queues(0, 1);
    syn(6);
    completes(6);
    assert_int_equal(accepts(), 3);
    assert_int_equal(accepts(), 6);
    accepts_nothing();
}

/* It may have been closed by the peer before the application comes to it. */
TEST(accepted_after_the_fin) {
    listens();
    syn(1);
    completes(1);
    arrives("FIN,ACK seq=1 ack=1 port=1 len=5");
    sends("ACK seq=1 ack=7 port=1");
    moves("ESTABLISHED > CLOSE_WAIT");
    queues(0, 1);
    assert_int_equal(accepts(), 1);
    in_state(STATE_CLOSE_WAIT);
    assert_int_equal(look().unread, 5);
}

/* Connections that nobody accepted go with it, each with a RST; the others stay. */
TEST(closing_a_listener) {
    listens();
    for (unsigned port = 1; port <= 3; port++) syn(port);
    completes(1);
    completes(2);
    assert_int_equal(accepts(), 1);
    stimulus();
    accepted_input((Input){.kind = INPUT_CLOSE, .conn = lab.listener});
    sends("RST seq=1 port=2");
    sends("RST seq=1 port=3");
    moves("ESTABLISHED > CLOSED, SYN_RCVD > CLOSED, LISTEN > CLOSED");
    in_state(STATE_ESTABLISHED);
    arrives("SYN seq=0 port=9");
    sends("RST,ACK seq=#0 ack=1 port=9");
}

TEST(a_port_can_be_listened_on_again) {
    listens();
    calls(INPUT_CLOSE);
    moves("LISTEN > CLOSED");
    listens();
    syn(1);
}

TEST(accept_on_what_is_no_listener) {
    establishes();
    call_refused(INPUT_ACCEPT, STATUS_NOT_A_LISTENER);
}

/* RFC 4987: when the SYN queue is full, the answer itself remembers. */
TEST(syn_cookies) {
    listens_with(1, false);
    sets(HOST_RULE_syncookies, 1);
    syn(1);
    arrives("SYN seq=0 mss=1460 port=2");
    Segment answer;
    assert_true(next_sent(&answer, true));
    by_rule(RULE_COOKIE_SENT);
    assert_int_equal(answer.flags, FLAG_SYN | FLAG_ACK);
    queues(1, 0); /* nothing is kept */
    passes(100 * MILLISECOND);
    arrives(line("ACK seq=1 ack=#%u port=2", answer.seq.value + 2)); /* a guess */
    sends(line("RST seq=#%u port=2", answer.seq.value + 2));
    arrives(line("ACK seq=1 ack=#%u port=3", answer.seq.value + 1)); /* somebody else's */
    sends(line("RST seq=#%u port=3", answer.seq.value + 1));
    arrives(line("ACK seq=1 ack=#%u port=2", answer.seq.value + 1));
    by_rule(RULE_COOKIE_RIGHT);
    moves("LISTEN > SYN_RCVD > ESTABLISHED");
    queues(1, 1);
    assert_int_equal(accepts(), 2);
    assert_int_equal(look().mss, 1460);
}

static bool cookie_lives(Micros begin, Micros age) {
    lab_teardown(NULL);
    assert_int_equal(lab_setup(NULL), 0);
    passes(begin);
    listens_with(1, false);
    sets(HOST_RULE_syncookies, 1);
    sets(HOST_RULE_user_timeout, 3600 * SECOND);
    syn(1);
    arrives("SYN seq=0 mss=1460 port=2");
    Segment answer;
    assert_true(next_sent(&answer, true));
    uint32_t index = lab.mark;
    Event sent;
    while ((sent = event_after(&index, EVENT_SEND)).index != EVENT_NONE) assert_false(sent.again);
    lab.conn = lab.listener;
    accepted_input((Input){.kind = INPUT_WAIT, .at = world_now(lab.world)});
    arrives("RST seq=1 port=1"); /* the queue is empty; nothing runs meanwhile */
    moves("SYN_RCVD > LISTEN");
    passes(age);
    arrives(line("ACK seq=1 ack=#%u port=2", answer.seq.value + 1));
    bool lives = count_rule(RULE_COOKIE_RIGHT, lab.mark) > 0;
    if (lives) moves("LISTEN > SYN_RCVD > ESTABLISHED");
    else sends(line("RST seq=#%u port=2", answer.seq.value + 1));
    return lives;
}

/* A cookie counts in its minute and in the next. */
TEST(old_cookies) {
    assert_true(cookie_lives(0, 119 * SECOND));
    assert_false(cookie_lives(0, 120 * SECOND));
    assert_false(cookie_lives(0, 180 * SECOND));
    assert_true(cookie_lives(59 * SECOND, 60 * SECOND));
    assert_false(cookie_lives(59 * SECOND, 61 * SECOND));
    assert_true(cookie_lives(31 * 60 * SECOND, 119 * SECOND)); /* the count of minutes comes around */
}

/* A cookie that comes back finds no room among the complete ones. */
TEST(a_cookie_and_a_full_queue) {
    listens_with(1, false);
    sets(HOST_RULE_syncookies, 1);
    syn(1);
    arrives("SYN seq=0 mss=1460 port=2");
    Segment answer;
    assert_true(next_sent(&answer, true));
    completes(1);
    arrives(line("ACK seq=1 ack=#%u port=2", answer.seq.value + 1));
    by_rule(RULE_ACK_QUEUE_FULL);
    queues(0, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(from_one_queue_to_the_other),
        lab_test(order_of_acceptance),
        lab_test(syn_queue_full),
        lab_test(accept_queue_full),
        lab_test(smallest_backlog),
        lab_test(leaving_the_queues),
        lab_test(accepted_after_the_fin),
        lab_test(closing_a_listener),
        lab_test(a_port_can_be_listened_on_again),
        lab_test(accept_on_what_is_no_listener),
        lab_test(syn_cookies),
        lab_test(old_cookies),
        lab_test(a_cookie_and_a_full_queue),
    };
    return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
