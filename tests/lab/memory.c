/* memory.c - what a script takes, its values, the history it makes and the texts made for it, stays within one limit;
 * where it ends is a clear error, and the lab works afterwards. Measured from outside: in a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../repl/lua/lab.h"

enum { MB = 1 << 20, LIMIT = 16, BESIDES = 8 /* what the program and Lua's libraries take, in MB */ };

static void print_nothing(void *self, const char *text, size_t length) {
    (void)self;
    (void)text;
    (void)length;
}

static Lab *open_lab(void) {
    char error[256] = "";
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    LabConfig config = {.session = session,
                        .scripts = TWOMSL_SOURCE_DIR "/scripts",
                        .memory = LIMIT * MB,
                        .port = {.print = print_nothing}};
    Lab *lab = lab_new(&config, error, sizeof error);
    if (!lab) fail_msg("%s", error);
    return lab;
}

static JobResult run(Lab *lab, const char *code) { return lab_chunk(lab, code, strlen(code), "=test", 0, NULL); }

/* Exit status of the child: 0, or which of these was wrong. */
static int play(const char *code, const char *says) {
    Lab *lab = open_lab();
    Session *session = lab_session(lab);
    JobResult result = run(lab, code);
    if (result != (says ? JOB_FAILED : JOB_DONE)) return 1;
    if (says && !strstr(lab_error(lab), says)) return 2;
    if (says && strncmp(lab_error(lab), "test:1: ", 8) != 0) return 3;
    if (run(lab, "x = 1") != JOB_DONE) return 4;
    if (run(lab, "reset() B:listen(80) c = A:connect(B, 80) run() assert(c.state == 'ESTABLISHED')") != JOB_DONE)
        return 5;
    if (run(lab, "t = nil print(ladder())") != JOB_DONE) return 6;
    lab_free(lab);
    session_free(session);
    return 0;
}

static long most_memory(int who) {
    struct rusage usage;
    return getrusage(who, &usage) == 0 ? usage.ru_maxrss / 1024 : 0;
}

/* `says`: the error that ends the code; NULL: none does. */
static void stays_within(const char *code, const char *says) {
    pid_t child = fork();
    int status;
    assert_true(child >= 0);
    if (child == 0) {
        int wrong = play(code, says);
        long most = most_memory(RUSAGE_SELF);
#if defined(__SANITIZE_ADDRESS__)
        most = 0; /* its own memory is more */
#endif
        _exit(wrong ? wrong : most > LIMIT + BESIDES ? 100 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_msg("%s: %d", code, WEXITSTATUS(status));
}

static void a_history_has_an_end(void **state) {
    (void)state;
    const char *says = "MB of the 16 MB a script may take; reset() frees it, --memory=64M allows more";
    stays_within("while true do wait(0.000001) end", says);
    stays_within("for i = 1, 8000 do wire:inject{from='A:7', to='B:80', flags='ACK', data=('x'):rep(65000)} end", says);
    stays_within("while true do pcall(wait, 0.000001) c = nil for i = 1, 5000 do wait(0.000001) end end", says);
}

static void values_have_an_end(void **state) {
    (void)state;
    const char *says = "out of memory: what the script keeps takes 16 MB of the 16 MB a script may take; --memory=64M "
                       "allows more";
    stays_within("local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end", says);
    stays_within("local s = 'x' while true do s = s .. s end", "out of memory: ");
    stays_within("local t = {} while true do t[#t + 1] = coroutine.create(print) end", says);
    stays_within("local t = {} for i = 1, 1e9 do t[i] = function() return i end end", says);
}

static void what_is_let_go_of_counts_no_more(void **state) {
    (void)state;
    stays_within("for i = 1, 100000 do print(('x'):rep(1000) .. i) end", NULL);
    stays_within("for i = 1, 100 do local s = ('x'):rep(4 << 20) .. i end", NULL);
    stays_within("B:listen(80) c = A:connect(B, 80) run() big = ('x'):rep(4 << 20) for i = 1, 200 do c:send(big) end",
                 NULL);
    stays_within("B:listen(80) for i = 1, 30 do A:connect(B, 80) run() end for i = 1, 100 do tostring(ladder()) end",
                 NULL);
}

/* A text that finds no memory is an error of the script, and what it had is freed. */
static void texts_that_fail_are_freed(void **state) {
    (void)state;
    stays_within(
        "B:listen(80) for i = 1, 300 do A:connect(B, 80) run() end local t, failed = {}, 0 "
        "local all = {function() return ladder(10000) end, function() return tostring(trace(10000)) end, "
        "function() return netstat(10000) end, help} "
        "pcall(function() while true do t[#t + 1] = ('x'):rep(10000) .. #t end end) for i = 1, 3 do t[#t] = nil end "
        "for i = 1, 300 do for _, f in ipairs(all) do "
        "local ok, why = pcall(f) if not ok then failed = failed + 1 assert(why == 'not enough memory', why) end "
        "end end assert(failed >= 300) t = nil",
        NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_history_has_an_end), cmocka_unit_test(values_have_an_end),
                                       cmocka_unit_test(what_is_let_go_of_counts_no_more),
                                       cmocka_unit_test(texts_that_fail_are_freed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
