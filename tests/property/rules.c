/* rules.c - every rule of rules.def is followed in the end: by chance, over many lives. Those that chance does not reach stand below, with the reason. */
#include "chaos.h"

static uint32_t hits[RULE_COUNT];

static const struct {
    RuleId rule;
    const char *reason;
} unreached[] = {
    {RULE_NONE, "no rule"},
};

static bool excused(RuleId rule) {
    for (size_t i = 0; i < sizeof unreached / sizeof *unreached; i++)
        if (unreached[i].rule == rule) return true;
    return false;
}

static void play_and_count(Chance *chance) {
    Session *session = session_new(&(Config){.seed = playing.seed}, NULL);
    for (playing.step = 0; playing.step < 400; playing.step++) {
        if (world_packets(session_world(session)) > 200) break;
        Input input = some_input(chance, session_world(session));
        session_do(session, &input);
    }
    const Trace *trace = session_trace(session);
    for (uint32_t i = 0; i < trace_count(trace); i++) hits[trace_at(trace, i)->rule]++;
    session_free(session);
}

static void every_rule_is_followed(void **state) {
    (void)state;
    uint32_t missing = 0;
    play_cases(600, play_and_count);
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
