/* story.c - events, steps, causes and the ladder of sessions, scripted and random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../repl/text/text.h"

enum { A = 0, B = 1 };

static Session *begin(void) {
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    assert_non_null(session);
    Input isn = {.kind = INPUT_RULE, .host = A, .rule = HOST_RULE_isn, .value = 100};
    assert_int_equal(session_do(session, &isn), STATUS_OK);
    isn.host = B;
    isn.value = 300;
    assert_int_equal(session_do(session, &isn), STATUS_OK);
    return session;
}

static ConnId connect_to_b(Session *session) {
    Input listen = {.kind = INPUT_LISTEN, .host = B, .local.port = 80, .count = 5};
    assert_int_equal(session_do(session, &listen), STATUS_OK);
    Input connect = {.kind = INPUT_CONNECT, .host = A, .local.port = 7777, .remote = {{0x7f000002}, 80}};
    assert_int_equal(session_do(session, &connect), STATUS_OK);
    return world_result(session_world(session))->conn;
}

static bool step(Session *session) {
    Input next;
    if (!world_next(session_world(session), &next)) return false;
    assert_int_equal(session_do(session, &next), STATUS_OK);
    return true;
}

/* What the newest step says. */
static void step_is(const Session *session, const char *expected) {
    Text text = TEXT_EMPTY;
    text_step(&text, session_world(session), session_trace(session), session_step(session) - 1,
              session_events(session));
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void steps_are_lines(void **state) {
    (void)state;
    Session *session = begin();
    step_is(session, "0.000  B  sets isn = 300");
    ConnId conn = connect_to_b(session);
    step_is(session, "0.000  A  connect  A:7777 > B:80   A: CLOSED > SYN_SENT");
    assert_true(step(session));
    step_is(session, "0.050  A:7777 > B:80  SYN seq=100 win=65535   B: LISTEN > SYN_RCVD");
    PacketId packet;
    assert_int_equal(world_packet_list(session_world(session), &packet, 1), 1);
    Input drop = {.kind = INPUT_DROP, .packet = packet};
    assert_int_equal(session_do(session, &drop), STATUS_OK);
    step_is(session, "0.050  B:80 > A:7777  SYN,ACK seq=300 ack=101 win=65535   lost: dropped by hand");
    Text text = TEXT_EMPTY;
    text_next(&text, session_world(session));
    assert_string_equal(text_string(&text), "in 0.950 s: retransmit timer of A:7777");
    text_free(&text);
    assert_true(step(session));
    step_is(session, "1.000  A  retransmit timer fires   A:7777 > B:80  SYN seq=100 win=65535 again");
    Input abort_it = {.kind = INPUT_ABORT, .conn = conn};
    assert_int_equal(session_do(session, &abort_it), STATUS_OK);
    step_is(session, "1.000  A  abort  A:7777 > B:80   A: SYN_SENT > CLOSED");
    session_free(session);
}

static void every_event_has_a_line(void **state) {
    (void)state;
    Session *session = begin();
    connect_to_b(session);
    while (step(session)) continue;
    const Trace *trace = session_trace(session);
    Text text = TEXT_EMPTY;
    for (uint32_t i = 0; i < session_events(session); i++) {
        text_clear(&text);
        const Event event = trace_at(trace, i);
        text_event(&text, session_world(session), &event);
        assert_true(text.length > 10 && !strchr(text.bytes, '\n'));
        assert_true(text.bytes[text.length - 1] != ' ');
    }
    text_free(&text);
    session_free(session);
}

static void causes_go_back_to_the_beginning(void **state) {
    (void)state;
    Session *session = begin();
    connect_to_b(session);
    while (step(session)) continue;
    Text text = TEXT_EMPTY;
    text_why(&text, session_world(session), session_trace(session), session_events(session) - 1);
    const char *last = NULL;
    for (const char *at = text_string(&text); (at = strstr(at, "because: ")) != NULL; at++) last = at;
    assert_non_null(last);
    assert_memory_equal(last, "because: 0.000  A  connect", 26);
    assert_non_null(strstr(text.bytes, "(RFC 9293 3.10.7.4)"));
    text_clear(&text);
    text_why(&text, session_world(session), session_trace(session), 100000);
    assert_string_equal(text_string(&text), "nothing has happened yet\n");
    text_free(&text);
    session_free(session);
}

/* Ping-pong for so long that the middle of the chain is left out. */
static void long_chains_are_cut(void **state) {
    (void)state;
    Session *session = begin();
    Input path = {.kind = INPUT_PATH, .path = PATH_LOSS, .value = 1000000};
    assert_int_equal(session_do(session, &path), STATUS_OK);
    connect_to_b(session);
    while (step(session)) continue;
    Text text = TEXT_EMPTY;
    uint32_t last = session_events(session) - 1;
    text_why(&text, session_world(session), session_trace(session), last);
    int causes = 0;
    for (const char *at = text_string(&text); (at = strstr(at, "because: ")) != NULL; at++) causes++;
    assert_in_range(causes, 1, 17);
    text_free(&text);
    session_free(session);
}

/* ---- The ladder, whatever happens: never wider than asked for, every packet in it ---- */

static uint32_t random_below(uint32_t *seed, uint32_t bound) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % bound;
}

static void do_something(Session *session, uint32_t *seed, ConnId *conns, uint32_t count) {
    PacketId packets[64];
    size_t flying = world_packet_list(session_world(session), packets, 64);
    if (flying > 64) flying = 64;
    Input input = {.kind = INPUT_NONE};
    uint32_t choice = random_below(seed, 12);
    static const InputKind tricks[] = {INPUT_DROP, INPUT_DUP, INPUT_DELAY, INPUT_HOLD, INPUT_RELEASE, INPUT_CORRUPT};
    static const InputKind calls[] = {INPUT_SEND, INPUT_CLOSE, INPUT_ABORT};
    if (choice < 6 && flying) {
        input = (Input){.kind = tricks[choice],
                        .packet = packets[random_below(seed, (uint32_t)flying)],
                        .value = 300000,
                        .count = CORRUPT_ANYWHERE};
    } else if (choice >= 6 && choice < 9 && count) {
        input = (Input){.kind = calls[choice - 6],
                        .conn = conns[random_below(seed, count)],
                        .bytes = (const uint8_t *)"abc",
                        .length = 3};
    }
    if (input.kind != INPUT_NONE) session_do(session, &input); /* many are refused, which is fine */
    else step(session);
}

static void check_ladder(const Session *session, int columns, int rows) {
    Text text = TEXT_EMPTY;
    text_ladder(&text, session, columns, rows);
    assert_true(text.length > 0 && text.bytes[text.length - 1] == '\n');
    for (const char *line = text.bytes; *line; line += strcspn(line, "\n") + 1) {
        int width = text_columns(line, strcspn(line, "\n"));
        if (width > columns) fail_msg("%d columns wide, not %d:\n%s", width, columns, text.bytes);
    }
    text_free(&text);
}

static void ladders_of_anything(void **state) {
    (void)state;
    for (uint32_t round = 0; round < 40; round++) {
        uint32_t seed = round;
        Session *session = begin();
        ConnId conns[2] = {connect_to_b(session)};
        if (round % 2) {
            Input again = {.kind = INPUT_CONNECT, .host = B, .local.port = 81, .remote = {{0x7f000001}, 7777}};
            assert_int_equal(session_do(session, &again), STATUS_OK);
        }
        conns[1] = world_result(session_world(session))->conn;
        for (int i = 0; i < 60; i++) do_something(session, &seed, conns, 2);
        check_ladder(session, 80, 1000);
        check_ladder(session, 60, 1000);
        check_ladder(session, 120, 1000);
        check_ladder(session, 200, 1000);
        session_free(session);
    }
}

/* However long the life, the last rows are those of the whole ladder's end, in as many lines as were asked for. */
static void a_ladder_of_the_last_rows(void **state) {
    (void)state;
    for (uint32_t round = 0; round < 40; round++) {
        uint32_t seed = round;
        Session *session = begin();
        ConnId conn = connect_to_b(session);
        for (int i = 0; i < 120; i++) do_something(session, &seed, &conn, 1);
        for (int rows = 5; rows < 60; rows += 9) {
            Text text = TEXT_EMPTY;
            text_ladder(&text, session, 80, rows);
            int lines = 0;
            for (const char *at = text.bytes; *at; at += strcspn(at, "\n") + 1) lines++;
            bool cut = strncmp(text.bytes, "... earlier rows: ladder(200)", 29) == 0;
            if (lines > rows + 2 + cut) fail_msg("%d lines for %d rows:\n%s", lines, rows, text.bytes);
            if (rows == 5) assert_true(cut);
            text_free(&text);
        }
        check_ladder(session, 80, 9);
        session_free(session);
    }
}

static void an_empty_ladder_says_so(void **state) {
    (void)state;
    Session *session = begin();
    Text text = TEXT_EMPTY;
    text_ladder(&text, session, 80, 1000);
    assert_string_equal(text_string(&text), "nothing has happened yet\n");
    text_free(&text);
    session_free(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_lines),
        cmocka_unit_test(every_event_has_a_line),
        cmocka_unit_test(causes_go_back_to_the_beginning),
        cmocka_unit_test(long_chains_are_cut),
        cmocka_unit_test(ladders_of_anything),
        cmocka_unit_test(a_ladder_of_the_last_rows),
        cmocka_unit_test(an_empty_ladder_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
