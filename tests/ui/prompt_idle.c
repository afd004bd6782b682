/* prompt_idle.c - how soon the prompt is there, how soon a key shows, and that waiting costs nothing. */
#include "terminal.h"

enum {
    START_MS = 150, /* to the prompt; a sanitizer and a busy machine get more */
    SLACK = 5,
    IDLE_TICKS_PER_SECOND = 1 /* of 100: under 0.5 % over two seconds */
};

static bool sanitized(void) {
#if defined(__SANITIZE_ADDRESS__)
    return true;
#else
    return false;
#endif
}

static const char *const prompt_argv[] = {TWOMSL_PROGRAM, NULL};

static void starts_soon(void **state) {
    (void)state;
    int64_t best = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        Term t;
        int64_t start = term_now();
        term_open(&t, prompt_argv, NULL);
        term_expect(&t, "Ctrl-D leaves.\n>");
        int64_t took = term_now() - start;
        if (took < best) best = took;
        term_type(&t, "\004");
        assert_int_equal(term_ended(&t), 0);
        term_close(&t);
    }
    printf("start to prompt: %lld ms\n", (long long)best);
    assert_true(best < START_MS * (sanitized() ? SLACK : 1));
}

/* utime + stime in clock ticks */
static long ticks_of(pid_t pid) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    const char *rest = strrchr(line, ')');
    long user, system;
    assert_int_equal(sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system), 2);
    return user + system;
}

static void waits_for_nothing(void **state) {
    (void)state;
    Term t;
    term_open(&t, prompt_argv, NULL);
    term_expect(&t, "Ctrl-D leaves.\n>");
    term_type(&t, "half");
    term_expect(&t, "> half");
    long before = ticks_of(t.pid);
    sleep(2);
    long used = ticks_of(t.pid) - before;
    printf("idle: %ld ticks in 2 s\n", used);
    assert_true(used <= IDLE_TICKS_PER_SECOND);
    term_type(&t, "\025\004");
    assert_int_equal(term_ended(&t), 0);
    term_close(&t);
}

static void echoes_soon(void **state) {
    (void)state;
    Term t;
    term_open(&t, prompt_argv, NULL);
    term_expect(&t, "Ctrl-D leaves.\n>");
    struct timespec start, end;
    int64_t total = 0;
    for (int i = 0; i < 50; i++) {
        clock_gettime(CLOCK_MONOTONIC, &start);
        term_type(&t, "x");
        assert_true(term_read(&t, 1000));
        clock_gettime(CLOCK_MONOTONIC, &end);
        total += (int64_t)(end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000;
    }
    printf("key to echo: %lld us\n", (long long)total / 50);
    assert_true(total / 50 < 20000);
    term_type(&t, "\025\004");
    assert_int_equal(term_ended(&t), 0);
    term_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_soon),
        cmocka_unit_test(waits_for_nothing),
        cmocka_unit_test(echoes_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
