/* journals.c - the inputs of a history make the same worlds again: in a session that only does them, from the first to
 * the last, and however often the first session went back and forth. */
#include "chaos.h"
#include "replay.h"

enum { INPUTS = 10000, CROWD = 60 };

/* Somewhere else, and mostly back to the newest step. Else what comes next replaces what was undone, a little of it. */
static void wander(Chance *chance, Session *session) {
    uint32_t steps = session_steps(session), near = steps < 20 ? steps : 20;
    for (uint32_t seeks = 1 + draw(chance, 4); seeks > 0; seeks--)
        if (session_seek(session, draw(chance, steps + 1)) != STATUS_OK) broken("cannot seek");
    uint32_t to = one_in(chance, 3) ? steps - draw(chance, near + 1) : steps;
    if (session_seek(session, to) != STATUS_OK) broken("cannot go to step %u", to);
}

/* INPUTS of them are done; not all are kept. */
static void walk(Chance *chance) {
    Session *session = session_new(&(Config){.seed = playing.seed}, NULL);
    if (!session) broken("no session");
    playing.trace = session_trace(session);
    for (playing.step = 0; playing.step < INPUTS;) {
        if (one_in(chance, 100)) wander(chance, session);
        Input input = some_input_but_crowds(chance, session_world(session), CROWD);
        playing.step += session_do(session, &input) == STATUS_OK;
    }
    Session *straight = session_new(&(Config){.seed = playing.seed}, NULL);
    for (uint32_t step = 0; step < session_steps(session); step++) {
        do_again(session, step, straight);
        if (step % 97 == 0) same_world(session, step + 1, straight);
    }
    if (session_seek(session, session_steps(session)) != STATUS_OK) broken("cannot go to the end");
    same_world(session, session_steps(session), straight);
    same_traces(session, straight);
    print_message("SEED=%" PRIu64 ": %u steps kept, %u events\n", playing.seed, session_steps(session),
                  session_events(session));
    session_free(session);
    session_free(straight);
}

static void a_walk_ends_where_a_straight_run_ends(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(20), walk);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_walk_ends_where_a_straight_run_ends)};
    return cmocka_run_group_tests_name("journals", tests, NULL, NULL);
}
