/* stage_display.c - a display that goes away, hangs, or never answers: the window closes, and all else goes on. */
#include "xserver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SKIPPED = 77, SILENT_MS = 3000, SLACK_MS = 4000 };

static XServer server;

static int start(void **state) {
    (void)state;
    xserver_start(&server, 1400, 900);
    return 0;
}

static int end(void **state) {
    (void)state;
    xserver_end(&server);
    return 0;
}

static size_t times(Term *t, const char *part) {
    size_t count = 0;
    for (const char *at = term_text(t); (at = strstr(at, part)); at++) count++;
    return count;
}

/* ---- At the prompt ---- */

static void open_program(Term *t) {
    static const char *const argv[] = {TWOMSL_PROGRAM, "--wire=memory", "--seed=7", NULL};
    const char *const env[] = {server.display, "SDL_VIDEODRIVER=x11", NULL};
    term_open(t, argv, env);
    term_expect(t, "Ctrl-D leaves.\n>");
    term_line(t, "s = B:listen(80); c = A:connect(B, 80); run()", "");
}

static void goes_on(Term *t, const char *said) {
    term_shows(t, said);
    assert_int_equal(times(t, "the window is closed"), 1);
    term_line(t, "c.state", "ESTABLISHED");
    term_line(t, "c:send('x'); run(); print(42)", "42");
    assert_int_equal(times(t, "the window is closed"), 1);
    term_type(t, "\004");
    assert_int_equal(term_ended(t), 0);
    term_close(t);
}

static void test_killed_while_idle(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    xserver_kill(&server);
    goes_on(&t, "twomsl: the display has gone; the window is closed\n");
}

static void test_killed_while_it_runs(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    term_type(&t, "for i = 1, 1000 do c:send('x'); run(); if i == 1 then print('first') end end\r");
    term_shows(&t, "first\n"); /* each run() is shown before the next begins: without a window they take no time */
    xserver_kill(&server);
    goes_on(&t, "twomsl: the display has gone; the window is closed\n");
}

static void test_killed_while_lua_runs(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    term_type(&t, "while true do A:listen(1000):close() end\r");
    term_read(&t, 300);
    xserver_kill(&server);
    term_shows(&t, "the display has gone");
    term_type(&t, "\003");
    term_shows(&t, "interrupted");
    goes_on(&t, "twomsl: the display has gone; the window is closed\n");
}

/* Nothing comes back from a server that is stopped: the first picture that is to be shown waits for it. */
static void test_stopped(void **state) {
    (void)state;
    static Term t;
    open_program(&t);
    kill(server.pid, SIGSTOP);
    int64_t before = term_now();
    term_type(&t, "c:send('x')\r");
    term_shows(&t, "the display does not answer");
    assert_true(term_now() - before < SILENT_MS + SLACK_MS);
    goes_on(&t, "twomsl: the display does not answer; the window is closed\n");
}

/* ---- Scripts ---- */

static const char script[] = "local s = B:listen(80); local c = A:connect(B, 80); run(); print('begun'); "
                             "for i = 1, 1000 do c:send('x'); run() end; print('done'); error('seven')";

/* It runs to its end: what it prints and its status are those it has without a window. */
static void test_script_is_not_disturbed(void **state) {
    (void)state;
    static const char *const argv[] = {TWOMSL_PROGRAM, "--wire=memory", "--window", "-e", script, NULL};
    const char *const env[] = {server.display, "SDL_VIDEODRIVER=x11", NULL};
    static Term t;
    term_open(&t, argv, env);
    term_shows(&t, "begun");
    xserver_kill(&server);
    assert_int_equal(term_ended(&t), 1);
    const char *text = term_text(&t);
    assert_non_null(strstr(text, "twomsl: the display has gone; the window is closed"));
    assert_non_null(strstr(text, "done"));
    assert_non_null(strstr(text, "seven"));
    term_close(&t);
}

/* ---- At the start ---- */

/* A listener that takes connections, for it has a backlog, and says nothing; returns its display's number. */
static int listen_silently(int *socket_fd) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(*socket_fd >= 0);
    for (int number = 2000; number < 3000; number++) {
        here.sin_port = htons((uint16_t)(6000 + number));
        if (bind(*socket_fd, (struct sockaddr *)&here, sizeof here) != 0) continue;
        assert_int_equal(listen(*socket_fd, 8), 0);
        return number;
    }
    fail_msg("no port is free");
    return 0;
}

static void test_never_answers(void **state) {
    (void)state;
    static const char *const argv[] = {TWOMSL_PROGRAM, "--wire=memory", NULL};
    int fd, number = listen_silently(&fd);
    char display[48];
    snprintf(display, sizeof display, "DISPLAY=127.0.0.1:%d", number);
    const char *const env[] = {display, "SDL_VIDEODRIVER=x11", NULL};
    static Term t;
    int64_t before = term_now();
    term_open(&t, argv, env);
    term_shows(&t, "twomsl: no window (the display does not answer); going on in the terminal.\n");
    assert_true(term_now() - before < SILENT_MS + SLACK_MS);
    term_expect(&t, "Ctrl-D leaves.\n>");
    term_line(&t, "1 + 1", "2");
    term_type(&t, "\004");
    assert_int_equal(term_ended(&t), 0);
    term_close(&t);
    close(fd);
}

/* ---- Beyond a network ---- */

static void carry(int from, int to) {
    char bytes[65536];
    ssize_t count = read(from, bytes, sizeof bytes), done = 0;
    if (count <= 0) _exit(0);
    while (done < count) {
        ssize_t once = write(to, bytes + done, (size_t)(count - done));
        if (once <= 0) _exit(0);
        done += once;
    }
}

/* Leads connections from the listening socket to the server. */
static pid_t start_relay(int listening) {
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    snprintf(there.sun_path, sizeof there.sun_path, "/tmp/.X11-unix/X%s", server.display + strlen("DISPLAY=:"));
    pid_t relay = fork();
    if (relay != 0) return relay;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int near = accept(listening, NULL, NULL), far = socket(AF_UNIX, SOCK_STREAM, 0);
        if (fork() != 0) continue; /* a child for each connection, in this process's group */
        if (connect(far, (struct sockaddr *)&there, sizeof there) != 0) _exit(1);
        struct pollfd ends[2] = {{.fd = near, .events = POLLIN}, {.fd = far, .events = POLLIN}};
        while (poll(ends, 2, -1) > 0) {
            if (ends[0].revents) carry(near, far);
            if (ends[1].revents) carry(far, near);
        }
    }
}

/* A network that stalls for longer than a server here may is waited for. */
static void test_slow_network(void **state) {
    (void)state;
    static const char *const argv[] = {TWOMSL_PROGRAM, "--wire=memory", "--seed=7", NULL};
    int fd, number = listen_silently(&fd);
    pid_t relay = start_relay(fd);
    setpgid(relay, relay);
    char display[48];
    snprintf(display, sizeof display, "DISPLAY=127.0.0.1:%d", number);
    const char *const env[] = {display, "SDL_VIDEODRIVER=x11", NULL};
    static Term t;
    term_open(&t, argv, env);
    term_expect(&t, "Ctrl-D leaves.\n>");
    assert_null(strstr(term_text(&t), "no window"));
    term_line(&t, "s = B:listen(80); c = A:connect(B, 80); run()", "");
    kill(-relay, SIGSTOP);
    term_type(&t, "c:send('x')\r");
    for (int64_t until = term_now() + SILENT_MS + 2000; term_now() < until;) term_read(&t, 50);
    kill(-relay, SIGCONT);
    term_line(&t, "c.state", "ESTABLISHED");
    assert_int_equal(times(&t, "the window is closed"), 0);
    kill(-relay, SIGKILL); /* now it breaks */
    waitpid(relay, NULL, 0);
    goes_on(&t, "twomsl: the display has gone; the window is closed\n");
    close(fd);
}

int main(void) {
    if (!have("Xvfb")) {
        printf("SKIPPED: Xvfb is needed (package xvfb)\n");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_killed_while_idle, start, end),
        cmocka_unit_test_setup_teardown(test_killed_while_it_runs, start, end),
        cmocka_unit_test_setup_teardown(test_killed_while_lua_runs, start, end),
        cmocka_unit_test_setup_teardown(test_stopped, start, end),
        cmocka_unit_test_setup_teardown(test_script_is_not_disturbed, start, end),
        cmocka_unit_test(test_never_answers),
        cmocka_unit_test_setup_teardown(test_slow_network, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
