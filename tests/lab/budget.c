/* budget.c - the budget of instructions: a script that spends it ends, whatever it does to go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../repl/lua/lab.h"

enum { BUDGET = 1000000 };

static void print_nothing(void *self, const char *text, size_t length) {
    (void)self;
    (void)text;
    (void)length;
}

static Lab *open_lab(uint64_t budget) {
    char error[256] = "";
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    assert_non_null(session);
    LabConfig config = {.session = session, .budget = budget, .port = {.print = print_nothing}};
    Lab *lab = lab_new(&config, error, sizeof error);
    if (!lab) fail_msg("%s", error);
    return lab;
}

static void close_lab(Lab *lab) {
    Session *session = lab_session(lab);
    lab_free(lab);
    session_free(session);
}

static JobResult run(Lab *lab, const char *code) { return lab_chunk(lab, code, strlen(code), "=test", 0, NULL); }

static void is_stopped(const char *code) {
    Lab *lab = open_lab(BUDGET);
    if (run(lab, code) != JOB_FAILED) fail_msg("not stopped: %s", code);
    if (!strstr(lab_error(lab), "stopped after 1000000 instructions")) fail_msg("%s: %s", code, lab_error(lab));
    assert_int_equal(run(lab, "for i = 1, 1000 do end"), JOB_DONE); /* the next one has a budget of its own */
    close_lab(lab);
}

static void stops_what_goes_on_for_ever(void **state) {
    (void)state;
    is_stopped("while true do end");
    is_stopped("while true do pcall(error) end");
    is_stopped("while true do pcall(function() while true do end end) end");
    is_stopped("xpcall(function() while true do end end, function() while true do end end)");
    is_stopped("while true do coroutine.wrap(function() while true do end end)() end");
    is_stopped("while true do pcall(coroutine.wrap(function() while true do end end)) end");
    is_stopped("local x <close> = setmetatable({}, {__close = function() while true do end end}) error 'x'");
    is_stopped("while true do pcall(coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() "
               "while true do end end}) while true do end end)) end");
    is_stopped("local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() "
               "while true do end end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co)");
    is_stopped("local t = {} for i = 1, 100000 do t[i] = i % 977 end while true do table.sort(t) end");
    is_stopped("load(function() return ' ' end)");
    is_stopped("error(setmetatable({}, {__tostring = function() while true do end end}))");
    is_stopped("pcall(string.find, ('a'):rep(1000), ('.-'):rep(8) .. 'b')");
    is_stopped("while true do pcall(string.find, ('a'):rep(1000), ('.-'):rep(8) .. 'b') end");
    is_stopped("pcall(table.sort, setmetatable({}, {__len = function() return 9999999 end}))");
    is_stopped("local s = B:listen(80) local c = A:connect(B, 80) run(function() return false end) "
               "while true do c:send('x') run() end");
}

/* One instruction that never ends: a table whose __call is itself. Deep calls and many values are none. */
static void stops_calls_that_never_begin(void **state) {
    (void)state;
    Lab *lab = open_lab(0);
    assert_int_equal(run(lab, "local mt = {} local t = setmetatable({}, mt) mt.__call = t t()"), JOB_FAILED);
    assert_non_null(strstr(lab_error(lab), "__call leads to tables without an end"));
    assert_int_equal(run(lab, "local t = print for i = 1, 50 do t = setmetatable({}, {__call = t}) end t()"), JOB_DONE);
    assert_int_equal(run(lab, "local function f(n) return n == 0 and 0 or 1 + f(n - 1) end assert(f(100000) == 100000) "
                              "assert(coroutine.wrap(function() return f(100000) end)() == 100000)"),
                     JOB_DONE);
    assert_int_equal(run(lab,
                         "local function f(...) return select('#', ...) end local function g(...) return f(...) end "
                         "assert(g(table.unpack({}, 1, 30000)) == 30000)"),
                     JOB_DONE);
    close_lab(lab);
}

static bool lags(void *self) {
    (void)self;
    return true;
}

/* Ctrl-C while a job waits: its variables are closed, but not for ever. */
static void stops_what_waits(void **state) {
    (void)state;
    char error[256] = "";
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    LabConfig config = {.session = session, .port = {.print = print_nothing, .lags = lags}};
    Lab *lab = lab_new(&config, error, sizeof error);
    assert_non_null(lab);
    assert_int_equal(run(lab, "local x <close> = setmetatable({}, {__close = function() while true do end end}) "
                              "A:connect(B, 80) run()"),
                     JOB_WAITS);
    lab_interrupt(lab);
    assert_int_equal(lab_continue(lab), JOB_INTERRUPTED);
    close_lab(lab);
}

static void lets_others_be(void **state) {
    (void)state;
    Lab *lab = open_lab(BUDGET);
    assert_int_equal(run(lab, "for i = 1, 100000 do end"), JOB_DONE);
    assert_int_equal(run(lab, "B:listen(80) A:connect(B, 80) run() settle()"), JOB_DONE);
    assert_int_equal(run(lab, "error('its own')"), JOB_FAILED);
    assert_string_equal(lab_error(lab), "test:1: its own");
    close_lab(lab);
    lab = open_lab(0);
    assert_int_equal(run(lab, "for i = 1, 10000000 do end"), JOB_DONE);
    close_lab(lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_what_goes_on_for_ever), cmocka_unit_test(stops_what_waits),
        cmocka_unit_test(stops_calls_that_never_begin), cmocka_unit_test(lets_others_be)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
