/* stage_window.c - the program with its window, on an X server without a screen: keys and clicks go in,
 * pixels and the terminal come out. */
#include "xserver.h"

#include <sys/mman.h>

enum {
    SCREEN_W = 1400,
    SCREEN_H = 900,
    WINDOW_MS = 400, /* from the start to the picture */
    IDLE_TICKS = 1,  /* of 200 in two seconds: under 0.5 % */
    SKIPPED = 77
};

#if defined(__SANITIZE_ADDRESS__)
enum { SLACK = 8 };
#else
enum { SLACK = 1 };
#endif

static struct {
    XServer server;
    const unsigned char *file; /* the screen, as an X window dump that is always current */
    size_t size;
} x;

/* ---- The screen ---- */

static void map_screen(void) {
    char path[96];
    snprintf(path, sizeof path, "%s/Xvfb_screen0", x.server.folder);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    struct stat info;
    fstat(fd, &info);
    x.size = (size_t)info.st_size;
    x.file = mmap(NULL, x.size, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(x.file != MAP_FAILED);
    close(fd);
}

static int open_screen(void **state) {
    (void)state;
    xserver_start(&x.server, SCREEN_W, SCREEN_H);
    setenv("DISPLAY", x.server.display + strlen("DISPLAY="), 1); /* for xdotool; term_open() clears the program's own */
    map_screen();
    return 0;
}

static int close_screen(void **state) {
    (void)state;
    munmap((void *)(uintptr_t)x.file, x.size);
    xserver_end(&x.server);
    return 0;
}

/* ---- Pixels ---- */

static uint32_t word_at(size_t offset) {
    return (uint32_t)x.file[offset] << 24 | (uint32_t)x.file[offset + 1] << 16 | (uint32_t)x.file[offset + 2] << 8 |
           x.file[offset + 3];
}

static uint32_t pixel(int px, int py) {
    size_t header = word_at(0), stride = word_at(48), colours = word_at(76);
    size_t at = header + colours * 12 + (size_t)py * stride + (size_t)px * 4;
    return (uint32_t)x.file[at + 2] << 16 | (uint32_t)x.file[at + 1] << 8 | x.file[at];
}

/* Of what is drawn; the pointer is no part of it. */
static uint64_t picture(void) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int py = 0; py < SCREEN_H; py += 2)
        for (int px = 0; px < SCREEN_W; px += 2) hash = (hash ^ pixel(px, py)) * UINT64_C(1099511628211);
    return hash;
}

static bool is_drawn(void) { return pixel(SCREEN_W / 2, SCREEN_H / 2) != 0; }

static void wait_changed(Term *t, uint64_t before) {
    int64_t deadline = term_now() + TERM_PATIENCE;
    while (picture() == before) {
        if (term_now() > deadline) fail_msg("the picture does not change; the terminal is\n%s", term_text(t));
        term_read(t, 10);
    }
}

/* Until nothing moves any more. */
static uint64_t wait_still(Term *t) {
    uint64_t last = picture();
    int64_t since = term_now(), deadline = since + 2 * TERM_PATIENCE;
    while (term_now() - since < 300 * (SLACK > 1 ? 3 : 1)) {
        if (term_now() > deadline) fail_msg("the picture does not come to rest");
        term_read(t, 10);
        uint64_t now = picture();
        if (now != last) since = term_now();
        last = now;
    }
    return last;
}

/* ---- The program ---- */

static const char *const window_argv[] = {TWOMSL_PROGRAM, "--wire=memory", "--seed=7", NULL};

static char window_id[32];
static Term *running; /* ended after a test that failed, so that the next has the screen for itself */

static int end_running(void **state) {
    (void)state;
    if (running) term_close(running);
    running = NULL;
    while (is_drawn()) usleep(1000);
    return 0;
}

static bool find_window(void) {
    FILE *found = popen("xdotool search --onlyvisible --class twomsl 2>/dev/null", "r");
    assert_non_null(found);
    bool some = fgets(window_id, sizeof window_id, found) != NULL;
    pclose(found);
    window_id[strcspn(window_id, "\n")] = '\0';
    return some;
}

static void open_program(Term *t) {
    const char *const env[] = {x.server.display, "SDL_VIDEODRIVER=x11", NULL};
    term_open(t, window_argv, env);
    running = t;
    term_expect(t, "Ctrl-D leaves.\n>");
    int64_t deadline = term_now() + TERM_PATIENCE;
    while (!find_window() || !is_drawn()) {
        if (term_now() > deadline) fail_msg("no window comes; the screen is\n%s", term_text(t));
        term_read(t, 20);
    }
}

static void tool(const char *arguments) {
    char command[256];
    snprintf(command, sizeof command, "xdotool windowfocus %s %s >/dev/null 2>&1", window_id, arguments);
    if (system(command) != 0) fail_msg("xdotool %s fails", arguments);
}

static void leave(Term *t) {
    term_type(t, "\004");
    int status = term_ended(t);
    if (status != 0) fail_msg("exit status %d; the screen is\n%s", status, term_text(t));
    term_close(t);
    running = NULL;
}

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
