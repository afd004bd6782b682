/* traps.c - code of the script that runs in the middle of a call of ours, by metamethods, functions, or values that
 * change: tables are read without running any, and the rest finds the world as it is afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../repl/lua/lab.h"

static bool person; /* somebody answers pause and ask */

static void print_nothing(void *self, const char *text, size_t length) {
    (void)self;
    (void)text;
    (void)length;
}

static bool pause_for_person(void *self, const char *why) {
    (void)self;
    (void)why;
    return person;
}

static Lab *open_lab(void) {
    char error[256] = "";
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    LabConfig config = {.session = session,
                        .scripts = TWOMSL_SOURCE_DIR "/scripts",
                        .port = {.print = print_nothing, .pause = pause_for_person}};
    Lab *lab = lab_new(&config, error, sizeof error);
    if (!lab) fail_msg("%s", error);
    return lab;
}

static void close_lab(Lab *lab) {
    Session *session = lab_session(lab);
    lab_free(lab);
    session_free(session);
}

static const char *run(Lab *lab, const char *code) {
    JobResult result = lab_chunk(lab, code, strlen(code), "=test", 0, NULL);
    while (result == JOB_WAITS) {
        lab_answer(lab, "1");
        result = lab_continue(lab);
    }
    return result == JOB_DONE ? "" : lab_error(lab);
}

/* trap(t): t, whose metamethods say that they ran. */
static const char trap_code[] =
    "s = B:listen(80) c = A:connect(B, 80) p = wire[1] sprung = false "
    "function trap(t) local function spring() sprung = true reset() collectgarbage() return 1 end "
    "  return setmetatable(t, {__index = spring, __pairs = spring, __len = spring}) end ";

/* Runs the code with traps set; `says`: what its error must have in it, "" where it succeeds. */
static void passes_traps(const char *code, const char *says) {
    Lab *lab = open_lab();
    assert_string_equal(run(lab, trap_code), "");
    const char *error = run(lab, code);
    if (says[0] ? !strstr(error, says) : error[0]) fail_msg("%s: '%s'", code, error);
    error = run(lab, "assert(not sprung, 'code of the table ran')");
    if (error[0]) fail_msg("%s: %s", code, error);
    close_lab(lab);
}

static void tables_are_read_without_metamethods(void **state) {
    (void)state;
    person = false;
    passes_traps(
        "local q = wire:inject(trap{from='A:1', to='B:80', flags='SYN', data='dd', opts=trap{ts=trap{value=1}}})"
        " assert(q.data == 'dd' and q.opts.ts.value == 1 and q.opts.ts.echo == 0)",
        "");
    passes_traps("p:edit(trap{seq=9, opts=trap{mss=5, ts=trap{echo=2}}}) assert(p.seq == 9 and p.opts.ts.echo == 2)",
                 "");
    passes_traps("p:edit{opts = {sack = trap{trap{1}}}}", "opts.sack must be");
    passes_traps("B:listen(81, trap{}) B:listen(82, trap{backlog = 2})", "");
    passes_traps("A:connect(B, 80, trap{on_fin = 'close'})", "");
    passes_traps("A.rules.keepalive = trap{interval = 3} assert(A.rules.keepalive.interval == 3)", "");
    passes_traps("A.rules = trap{msl = 3} assert(A.rules.msl == 3)", "");
    passes_traps("run() assert(c:send('x', trap{}) == 1)", "");
    passes_traps("wire:inject(trap{icmp = 'port unreachable', about = p})", "");
    passes_traps("say(trap{en = 'x'})", "");
    passes_traps("say(trap{})", "it takes text");
    passes_traps("ask(trap{en = 'x', choices = trap{trap{en = 'y'}}, answer = 1})", "");
    passes_traps("ask(trap{choices = trap{}})", "choices has no list");
    passes_traps("check(true, trap{en = 'x'})", "");
    passes_traps("lesson(trap{title = trap{en = 'x'}, run = function() end})", "");
    passes_traps("lesson(trap{title = 'x'})", "run is missing");
}

/* A failing rule of several sets none. */
static void rules_are_set_together(void **state) {
    (void)state;
    passes_traps("for i = 1, 20 do pcall(function() A.rules = {msl = 7, isn = 'x', nagle = false} end) "
                 "assert(A.rules.msl == 30) end",
                 "");
}

/* What is said was read before the reader is waited for. */
static void words_change_while_one_reads(void **state) {
    (void)state;
    person = true;
    passes_traps("lesson{title = 'x', run = function() local t = {en = 'x'} say(t) "
                 "coroutine.wrap(function() end)() local n = 0 "
                 "say(setmetatable({en = 'y'}, {__index = error})) t.en = nil end}",
                 "");
    Lab *lab = open_lab();
    static const char code[] = "t = {en = 'x', choices = {'y'}, answer = 1} "
                               "lesson{title = 'x', run = function() say 'first' ask(t) say(t) end}";
    JobResult result = lab_chunk(lab, code, strlen(code), "=test", 0, NULL);
    int waits = 0;
    for (; result == JOB_WAITS; waits++) {
        lab_answer(lab, "1");
        result = lab_continue(lab);
    }
    assert_int_equal(result, JOB_DONE);
    assert_true(waits >= 2);
    close_lab(lab);
}

/* The function of run(f) goes elsewhere in the history. */
static void conditions_move_through_the_history(void **state) {
    (void)state;
    person = false;
    Lab *lab = open_lab();
    const char *begin = "B:listen(80) c = A:connect(B, 80) run() n = 0 ";
    static const char *const codes[] = {"print(run(function() n = n + 1 back() return n > 9 end))",
                                        "print(run(function() n = n + 1 seek(0) return n > 9 end))",
                                        "print(run(function() n = n + 1 reset() return n > 9 end))",
                                        "print(run(function() n = n + 1 if n == 3 then reset() end return n > 9 end))"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        assert_string_equal(run(lab, "reset()"), "");
        assert_string_equal(run(lab, begin), "");
        const char *error = run(lab, codes[i]);
        if (error[0]) fail_msg("%s: %s", codes[i], error);
    }
    close_lab(lab);
}

/* Values that cannot be shown, or claim to be what they are not. */
static void values_are_shown_or_refused(void **state) {
    (void)state;
    person = false;
    Lab *lab = open_lab();
    assert_non_null(strstr(run(lab, "print(setmetatable({}, {__tostring = function() end}))"), "must return a string"));
    assert_non_null(
        strstr(run(lab, "error(setmetatable({}, {__tostring = function() return {} end}))"), "must return a string"));
    assert_string_equal(run(lab, "print(setmetatable({}, {__name = 5}), tostring(setmetatable({}, {__name = {}})))"),
                        "");
    assert_string_equal(run(lab, "t = {} t[setmetatable({}, {__tostring = function() t = nil reset() "
                                 "collectgarbage() return 'x' end})] = 1 for i = 1, 50 do t[i] = {} end print(t)"),
                        "");
    assert_non_null(
        strstr(run(lab, "A.rules[setmetatable({}, {__tostring = function() reset() return 'msl' end})] = 1"),
               "there is no rule 'msl'"));
    static const char line[] = "setmetatable({}, {__tostring = function() return nil end})";
    assert_int_equal(lab_line(lab, line, strlen(line), "=line"), JOB_FAILED);
    assert_non_null(strstr(lab_error(lab), "must return a string"));
    close_lab(lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_read_without_metamethods), cmocka_unit_test(rules_are_set_together),
        cmocka_unit_test(words_change_while_one_reads), cmocka_unit_test(conditions_move_through_the_history),
        cmocka_unit_test(values_are_shown_or_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
