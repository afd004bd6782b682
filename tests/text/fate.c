/* fate.c - what became of a packet, in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../repl/text/text.h"

enum { A = 0, B = 1 };

static Session *session;

static int setup(void **state) {
    (void)state;
    session = session_new(&(Config){.seed = 1}, NULL);
    return session ? 0 : -1;
}
static int teardown(void **state) {
    (void)state;
    session_free(session);
    return 0;
}

static const Result *done(Input input) {
    assert_int_equal(session_do(session, &input), STATUS_OK);
    return world_result(session_world(session));
}
static void step(void) {
    Input next;
    assert_true(world_next(session_world(session), &next));
    done(next);
}
static ConnId connect_to(uint16_t port) {
    return done((Input){.kind = INPUT_CONNECT, .host = A, .local.port = 7777, .remote = {{0x7f000002}, port}})->conn;
}
static void on(InputKind kind, uint32_t packet, int64_t value) {
    done((Input){.kind = kind, .packet = {packet, 0}, .value = value, .count = 24});
}

static void fate_is(uint32_t packet, const char *expected) {
    const Flights *flights = text_flights(session);
    FlightView view;
    assert_true(flights_view(flights, flights_find(flights, (PacketId){packet, 0}), session_events(session), &view));
    Text text = TEXT_EMPTY;
    text_fate(&text, &view);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void on_the_way(void **state) {
    (void)state;
    connect_to(80);
    fate_is(1, "sent at 0.000 s, arrives at 0.050 s");
    on(INPUT_DUP, 1, 0);
    on(INPUT_HOLD, 1, 0);
    fate_is(1, "sent at 0.000 s, copied, held, held until it is released");
    on(INPUT_RELEASE, 1, 0);
    on(INPUT_HOLD, 1, 0);
    on(INPUT_RELEASE, 1, 0);
    on(INPUT_DELAY, 1, 300000);
    on(INPUT_CORRUPT, 1, 0);
    fate_is(1, "sent at 0.000 s, copied, held 2 times, corrupted, delayed by 0.300 s, arrives at 0.350 s");
    on(INPUT_DELAY, 1, -310000);
    fate_is(1, "sent at 0.000 s, copied, held 2 times, corrupted, advanced by 0.010 s, arrives at 0.040 s");
    step();
    fate_is(1, "sent at 0.000 s, copied, held 2 times, corrupted, advanced by 0.010 s, arrived and discarded at "
               "0.040 s: wrong checksum");
    fate_is(2, "copy of #1, made at 0.000 s, arrives at 0.050 s");
    on(INPUT_DROP, 2, 0);
    fate_is(2, "copy of #1, made at 0.000 s, lost at 0.040 s: dropped by hand");
    step();
    fate_is(3, "sent again at 1.000 s, arrives at 1.050 s");
}

static void at_the_host(void **state) {
    (void)state;
    done((Input){.kind = INPUT_LISTEN, .host = B, .local.port = 80, .count = 5});
    ConnId conn = connect_to(80);
    for (int i = 0; i < 3; i++) step();
    fate_is(1, "sent at 0.000 s, arrived at 0.050 s: taken (listen.syn), answered by #2");
    done((Input){.kind = INPUT_SEND, .conn = conn, .bytes = (const uint8_t *)"hello", .length = 5});
    step();
    fate_is(4, "sent at 0.150 s, arrived at 0.200 s: taken: 5 bytes (text.in-order)");
    step();
    fate_is(4, "sent at 0.150 s, arrived at 0.200 s: taken: 5 bytes (text.in-order), answered by #5");
    on(INPUT_DROP, 5, 0);
    connect_to(81);
    step();
    fate_is(6, "sent at 0.400 s, arrived at 0.450 s: answered (closed.reset), by #7");
}

static void brief_is(Outcome outcome, int64_t value, const char *expected) {
    Text text = TEXT_EMPTY;
    text_outcome(&text, LANGUAGE_EN, outcome, value, true);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void outcome_is(Outcome outcome, int64_t value, const char *expected) {
    Text text = TEXT_EMPTY;
    text_outcome(&text, LANGUAGE_EN, outcome, value, false);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void outcomes(void **state) {
    (void)state;
    outcome_is(OUTCOME_TAKEN, 0, "taken");
    outcome_is(OUTCOME_TAKEN, 1, "taken: 1 byte");
    outcome_is(OUTCOME_TAKEN, 7, "taken: 7 bytes");
    outcome_is(OUTCOME_KEPT, 0, "kept");
    outcome_is(OUTCOME_WINDOW_UPDATE, 1024, "window update: 1024 bytes");
    outcome_is(OUTCOME_DUPLICATE_ACK, 2, "duplicate ACK 2 of 3");
    outcome_is(OUTCOME_DUPLICATE_ACK, 4, "duplicate ACK 4");
    outcome_is(OUTCOME_ANSWERED, 0, "answered");
    outcome_is(OUTCOME_REFUSED, 0, "not used");
    brief_is(OUTCOME_WINDOW_UPDATE, 1024, "window 1024");
    brief_is(OUTCOME_DUPLICATE_ACK, 2, "duplicate ACK 2");
}

static void event_is(Event event, const char *expected) {
    Text text = TEXT_EMPTY;
    text_event(&text, session_world(session), &event);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void events_tell_the_outcome(void **state) {
    (void)state;
    Event event = {.kind = EVENT_ACCEPT, .host = B, .rule = RULE_ACK_NEW, .outcome = OUTCOME_TAKEN};
    event_is(event, "0.000  B  accepts the segment (ack.new)");
    event.value = 3;
    event_is(event, "0.000  B  3 bytes become readable (ack.new)");
    event.outcome = OUTCOME_KEPT;
    event_is(event, "0.000  B  keeps the segment (ack.new)");
    event.outcome = OUTCOME_WINDOW_UPDATE;
    event_is(event, "0.000  B  window update: 3 bytes (ack.new)");
    event.outcome = OUTCOME_DUPLICATE_ACK;
    event_is(event, "0.000  B  duplicate ACK 3 of 3 (ack.new)");
    event.kind = EVENT_IGNORE;
    event.outcome = OUTCOME_ANSWERED;
    event_is(event, "0.000  B  does not use the segment, answers it (ack.new)");
    event.outcome = OUTCOME_REFUSED;
    event_is(event, "0.000  B  does not use the segment (ack.new)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(on_the_way, setup, teardown),
        cmocka_unit_test_setup_teardown(at_the_host, setup, teardown),
        cmocka_unit_test(outcomes),
        cmocka_unit_test_setup_teardown(events_tell_the_outcome, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
