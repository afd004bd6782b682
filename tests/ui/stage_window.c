/* stage_window.c - the program with its window: it opens, follows, closes, rests. */
#include "window.h"

enum {
    WINDOW_MS = 400, /* from the start to the picture */
    IDLE_TICKS = 1   /* of 200 in two seconds: under 0.5 % */
};

static void opens_soon(void **state) {
    (void)state;
    const char *const env[] = {x.server.display, "SDL_VIDEODRIVER=x11", NULL};
    int64_t best = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        Term t;
        while (is_drawn()) usleep(1000); /* of the one before */
        int64_t start = term_now();
        term_open(&t, window_argv, env);
        while (!is_drawn() && term_now() - start < TERM_PATIENCE) usleep(500);
        int64_t took = term_now() - start;
        if (took < best) best = took;
        term_expect(&t, "Ctrl-D leaves.\n>");
        leave(&t);
    }
    printf("start to picture: %lld ms\n", (long long)best);
    assert_true(best < WINDOW_MS * SLACK);
}

static void space_steps(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    uint64_t empty = wait_still(&t);
    term_line(&t, "s = B:listen(80)", "");
    term_line(&t, "c = A:connect(B, 80)", "");
    wait_changed(&t, empty);
    uint64_t begun = wait_still(&t);
    tool("key space");
    wait_changed(&t, begun);
    term_shows(&t, "> step()\n0.050");
    uint64_t arrived = wait_still(&t);
    assert_true(arrived != begun);
    tool("key space");
    wait_changed(&t, arrived);
    term_shows(&t, "A: SYN_SENT > ESTABLISHED");
    wait_still(&t);
    tool("key BackSpace");
    term_shows(&t, "> back()");
    wait_still(&t);
    leave(&t);
}

static void click_types(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    wait_still(&t);
    char place[96];
    snprintf(place, sizeof place, "mousemove --window %s 640 300 click 1", window_id);
    tool(place);
    term_shows(&t, "> c = A:connect(B, 80)");
    wait_still(&t);
    tool("key Tab key d");
    term_shows(&t, "> wire[1]:drop()");
    wait_still(&t);
    term_line(&t, "#wire", "0");
    leave(&t);
}

static void typing_moves_the_picture(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    uint64_t before = wait_still(&t);
    term_type(&t, "B:listen(80); c = A:connect(B, 80); run()\r");
    wait_changed(&t, before);
    term_expect(&t, "\n>"); /* run() ends when the picture has caught up */
    term_line(&t, "c.state", "ESTABLISHED");
    leave(&t);
}

static void closes_and_goes_on(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    wait_still(&t);
    tool("key q");
    int64_t deadline = term_now() + TERM_PATIENCE;
    while (find_window() && term_now() < deadline) term_read(&t, 20);
    assert_false(find_window());
    term_line(&t, "1 + 1", "2");
    term_line(&t, "s = B:listen(80)", "");
    leave(&t);
}

static void survives_a_runaway(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    uint64_t dark = wait_still(&t);
    term_type(&t, "while true do end\r");
    term_read(&t, 300);
    tool("key t"); /* the other theme */
    wait_changed(&t, dark);
    term_type(&t, "\003");
    term_shows(&t, "interrupted");
    term_line(&t, "2 + 2", "4");
    leave(&t);
}

static void resizes(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    wait_still(&t);
    char size[64];
    static const int sizes[][2] = {{1024, 640}, {700, 420}, {1390, 880}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        snprintf(size, sizeof size, "windowsize %s %d %d", window_id, sizes[i][0], sizes[i][1]);
        uint64_t before = picture();
        tool(size);
        wait_changed(&t, before);
        wait_still(&t);
    }
    snprintf(size, sizeof size, "windowmove %s 0 0", window_id);
    tool(size);
    wait_still(&t);
    assert_true(pixel(1385, 875) != 0); /* drawn to its new corner */
    leave(&t);
}

/* utime + stime in clock ticks */
static long ticks_of(pid_t pid) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    long user, system_time;
    const char *rest = strrchr(line, ')');
    assert_int_equal(sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system_time), 2);
    return user + system_time;
}

static void rests_for_nothing(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    term_line(&t, "s = B:listen(80)", "");
    term_line(&t, "c = A:connect(B, 80)", "");
    wait_still(&t);
    long before = ticks_of(t.pid);
    sleep(2);
    long used = ticks_of(t.pid) - before;
    printf("idle with a window: %ld ticks in 2 s\n", used);
    assert_true(used <= IDLE_TICKS);
    leave(&t);
}

static void says_where_there_is_no_display(void **state) {
    (void)state;
    static const char *const argv[] = {TWOMSL_PROGRAM, "--wire=memory", "--window", NULL};
    static const char *const env[] = {"DISPLAY=:4711", "SDL_VIDEODRIVER=x11", NULL};
    static Term t;
    term_open(&t, argv, env);
    term_shows(&t, "twomsl: no window (");
    term_expect(&t, "Ctrl-D leaves.\n>");
    term_line(&t, "1 + 1", "2");
    leave(&t);
}

int main(void) {
    if (!have("Xvfb") || !have("xdotool")) {
        printf("SKIPPED: Xvfb and xdotool are needed (packages xvfb, xdotool)\n");
        return SKIPPED;
    }
#define WINDOW_TEST(test) cmocka_unit_test_teardown(test, end_running)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_soon),
        WINDOW_TEST(space_steps),
        WINDOW_TEST(click_types),
        WINDOW_TEST(typing_moves_the_picture),
        WINDOW_TEST(closes_and_goes_on),
        WINDOW_TEST(survives_a_runaway),
        WINDOW_TEST(resizes),
        WINDOW_TEST(rests_for_nothing),
        WINDOW_TEST(says_where_there_is_no_display),
    };
    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
