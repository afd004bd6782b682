/* window.h - the program with its window, on an X server without a screen, for tests: keys and clicks go in, pixels and
 * the terminal come out. */
#ifndef TWOMSL_TESTS_WINDOW_H
#define TWOMSL_TESTS_WINDOW_H

#include "xserver.h"

#include <sys/mman.h>

enum { SCREEN_W = 1400, SCREEN_H = 900, SKIPPED = 77 };

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

static inline void map_screen(void) {
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

static inline int open_screen(void **state) {
    (void)state;
    xserver_start(&x.server, SCREEN_W, SCREEN_H);
    setenv("DISPLAY", x.server.display + strlen("DISPLAY="), 1); /* for xdotool; term_open() clears the program's own */
    map_screen();
    return 0;
}

static inline int close_screen(void **state) {
    (void)state;
    munmap((void *)(uintptr_t)x.file, x.size);
    xserver_end(&x.server);
    return 0;
}

/* ---- Pixels ---- */

static inline uint32_t word_at(size_t offset) {
    return (uint32_t)x.file[offset] << 24 | (uint32_t)x.file[offset + 1] << 16 | (uint32_t)x.file[offset + 2] << 8 |
           x.file[offset + 3];
}

static inline uint32_t pixel(int px, int py) {
    size_t header = word_at(0), stride = word_at(48), colours = word_at(76);
    size_t at = header + colours * 12 + (size_t)py * stride + (size_t)px * 4;
    return (uint32_t)x.file[at + 2] << 16 | (uint32_t)x.file[at + 1] << 8 | x.file[at];
}

/* Of what is drawn; the pointer is no part of it. */
static inline uint64_t picture(void) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int py = 0; py < SCREEN_H; py += 2)
        for (int px = 0; px < SCREEN_W; px += 2) hash = (hash ^ pixel(px, py)) * UINT64_C(1099511628211);
    return hash;
}

static inline bool is_drawn(void) { return pixel(SCREEN_W / 2, SCREEN_H / 2) != 0; }

static inline void wait_changed(Term *t, uint64_t before) {
    int64_t deadline = term_now() + TERM_PATIENCE;
    while (picture() == before) {
        if (term_now() > deadline) fail_msg("the picture does not change; the terminal is\n%s", term_text(t));
        term_read(t, 10);
    }
}

/* Until nothing moves any more. */
static inline uint64_t wait_still(Term *t) {
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

static inline int end_running(void **state) {
    (void)state;
    if (running) term_close(running);
    running = NULL;
    while (is_drawn()) usleep(1000);
    return 0;
}

static inline bool find_window(void) {
    FILE *found = popen("xdotool search --onlyvisible --class twomsl 2>/dev/null", "r");
    assert_non_null(found);
    bool some = fgets(window_id, sizeof window_id, found) != NULL;
    pclose(found);
    window_id[strcspn(window_id, "\n")] = '\0';
    return some;
}

static inline void open_program(Term *t) {
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

static inline void tool(const char *arguments) {
    char command[512];
    snprintf(command, sizeof command, "xdotool windowfocus %s %s >/dev/null 2>&1", window_id, arguments);
    if (system(command) != 0) fail_msg("xdotool %s fails", arguments);
}

static inline void leave(Term *t) {
    term_type(t, "\004");
    int status = term_ended(t);
    if (status != 0) fail_msg("exit status %d; the screen is\n%s", status, term_text(t));
    term_close(t);
    running = NULL;
}

#endif
