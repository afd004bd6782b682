/* journals.c - the inputs of a history give the same worlds on both wires: equal packs after each step, and the same
 * events. Going back, and to futures that were left, sends nothing. */
#include "watch.h"

#include "../property/replay.h"

enum { INPUTS = 250, CROWD = 30, CASES_HERE = 40 };

static RawWire *raw;
static uint32_t steps_compared, crossed, damaged, ordered;

/* The kernel carries no packet from 0.0.0.0 or to port 0, where an answer may go, too. */
static bool can_be_carried(const Input *input) {
    const uint8_t *bytes = input->bytes;
    if ((input->kind != INPUT_INJECT && input->kind != INPUT_EDIT) || !bytes || input->length < 24) return true;
    bool ports = (bytes[20] || bytes[21]) && (bytes[22] || bytes[23]);
    return ports && memcmp(bytes + 12, "\0\0\0", 4) != 0;
}

/* Calls, packets lost, doubled, held, damaged and forged, orders, timers, settings; back a little now and then. */
static Session *some_history(Chance *chance, const Link *link) {
    Session *session = session_new(&(Config){.seed = playing.seed}, link);
    if (!session) broken("no session");
    playing.trace = session_trace(session);
    for (playing.step = 0; playing.step < INPUTS; playing.step++) {
        if (one_in(chance, 40) && session_steps(session) > 5) session_seek(session, session_steps(session) - 5);
        Input input = some_input_but_crowds(chance, session_world(session), CROWD);
        if (can_be_carried(&input)) session_do(session, &input);
    }
    return session;
}

static void count_events(const Session *session) {
    for (uint32_t i = 0; i < session_events(session); i++) {
        const Event event = trace_at(session_trace(session), i);
        crossed += event.kind == EVENT_DELIVER;
        damaged += event.kind == EVENT_CORRUPT;
        ordered += event.rule == RULE_PATH_ORDER;
    }
}

/* Only what was made in memory can show that the wire changes a packet: a history keeps the bytes that arrived. */
static void replay_on_both(Chance *chance) {
    Link link = raw_link(raw);
    Session *first = some_history(chance, one_in(chance, 4) ? &link : NULL);
    Session *in_memory = session_new(&(Config){.seed = playing.seed}, NULL);
    Session *over_raw = session_new(&(Config){.seed = playing.seed}, &link);
    if (!in_memory || !over_raw) broken("no session");
    for (uint32_t step = 0; step < session_steps(first); step++, steps_compared++) {
        do_again(first, step, over_raw);
        do_again(first, step, in_memory);
        same_world(first, step + 1, in_memory);
        same_world(first, step + 1, over_raw);
    }
    if (strcmp(session_wire(over_raw), "raw") != 0) broken("the raw wire was lost");
    if (session_seek(first, session_steps(first)) != STATUS_OK) broken("cannot go to the end");
    same_traces(first, in_memory);
    same_traces(first, over_raw);
    count_events(over_raw);
    session_free(first);
    session_free(in_memory);
    session_free(over_raw);
}

static void both_wires_make_the_same_worlds(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(CASES_HERE), replay_on_both);
    print_message("%u steps, %u arrivals, %u packets damaged, %u times an order\n", steps_compared, crossed, damaged,
                  ordered);
    if (getenv("SEED") || getenv("CASES")) return;
    assert_true(crossed > 0 && damaged > 0 && ordered > 0);
}

/* ---- Going back and to other futures ---- */

typedef struct Counter {
    Link link;
    uint32_t carried;
} Counter;

static ptrdiff_t carry_and_count(void *self, const uint8_t *in, size_t length, uint8_t *out, size_t capacity,
                                 char *error, size_t error_size) {
    Counter *counter = self;
    counter->carried++;
    return counter->link.carry(counter->link.self, in, length, out, capacity, error, error_size);
}

static uint32_t futures;

/* The future in which the session is: its inputs give the same world in memory. */
static void same_in_memory(Session *session) {
    Session *in_memory = session_new(&(Config){.seed = playing.seed}, NULL);
    if (!in_memory) broken("no session");
    for (uint32_t step = 0; step < session_step(session); step++) do_again(session, step, in_memory);
    same_world(session, session_step(session), in_memory);
    same_traces(session, in_memory);
    session_free(in_memory);
}

static void go_everywhere(Chance *chance) {
    Counter counter = {raw_link(raw), 0};
    Link link = counter.link;
    link.self = &counter;
    link.carry = carry_and_count;
    Session *session = some_history(chance, &link);
    uint32_t carried = counter.carried, count = session_branches(session);
    if (!carried) broken("nothing crossed the wire");
    for (uint32_t nth = 0; nth < count; nth++, futures++) {
        Branch branch;
        if (!session_branch(session, nth, &branch)) broken("no branch %u", nth);
        if (session_go_to_branch(session, branch.number) != STATUS_OK) broken("cannot go to branch %u", nth);
        same_in_memory(session);
        for (int i = 0; i < 4; i++) session_seek(session, draw(chance, session_steps(session) + 1));
    }
    if (counter.carried != carried) broken("%u packets were sent again", counter.carried - carried);
    if (strcmp(session_wire(session), "raw") != 0) broken("the raw wire was lost");
    session_free(session);
}

static void going_to_the_past_sends_nothing(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(CASES_HERE / 2), go_everywhere);
    print_message("%u futures\n", futures);
    if (getenv("SEED") || getenv("CASES")) return;
    assert_true(futures > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_wires_make_the_same_worlds),
                                       cmocka_unit_test(going_to_the_past_sends_nothing)};
    raw = wire_or_skip();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    raw_close(raw);
    return failed;
}
