/* program.c - the program in a terminal, and tcpdump attached to its lab: SYN, SYN-ACK, ACK, and nothing else. */
#include "capture.h"

#include <dirent.h>
#include <ftw.h>
#include <pty.h>

enum { SCREEN = 1 << 16, PATIENCE = 20000 };

static char home[] = "/tmp/twomsl-test-XXXXXX";

typedef struct Terminal {
    pid_t pid;
    int fd;
    char screen[SCREEN]; /* all that was written to it */
    size_t length;
} Terminal;

static Terminal terminal;
static Capture capture;

static void start_program(void) {
    terminal.pid = forkpty(&terminal.fd, NULL, NULL, &(struct winsize){.ws_row = 24, .ws_col = 200});
    if (terminal.pid == 0) {
        setenv("TERM", "dumb", 1);
        setenv("HOME", home, 1);
        setenv("XDG_STATE_HOME", home, 1);
        execl(TWOMSL_PROGRAM, "twomsl", "--no-window", (char *)NULL);
        _exit(1);
    }
    assert_true(terminal.pid > 0);
}

/* Reads what the program says until it has said `text`. */
static void wait_for(const char *text) {
    struct pollfd end = {.fd = terminal.fd, .events = POLLIN};
    while (!strstr(terminal.screen, text)) {
        ssize_t got = poll(&end, 1, PATIENCE) > 0
                          ? read(terminal.fd, terminal.screen + terminal.length, SCREEN - 1 - terminal.length)
                          : 0;
        if (got <= 0) fail_msg("\"%s\" is not in \"%s\"", text, terminal.screen);
        terminal.length += (size_t)got;
    }
}

static void type(const char *text) { assert_int_equal(write(terminal.fd, text, strlen(text)), strlen(text)); }

/* Reads what the program still says, or it could not end; false: it is silent and has not ended. */
static bool ended(void) {
    struct pollfd end = {.fd = terminal.fd, .events = POLLIN};
    while (poll(&end, 1, 1000) > 0)
        if (read(terminal.fd, terminal.screen, SCREEN - 1) <= 0) return true;
    return false;
}

/* Ctrl-D, again where it came before the prompt. */
static int leave(void) {
    enum { TRIES = PATIENCE / 1000 };
    int status = 0, tries = 0;
    do type("\004");
    while (!ended() && ++tries < TRIES);
    if (tries == TRIES) kill(terminal.pid, SIGKILL);
    waitpid(terminal.pid, &status, 0);
    close(terminal.fd);
    return status;
}

static void exec_attach(const void *argument) {
    (void)argument;
    execl(TWOMSL_PROGRAM, "twomsl", "attach", "tcpdump", "-i", "lo", "-n", "-U", "--immediate-mode", "-s", "0", "-w",
          "-", (char *)NULL);
    CHECK(false, "%s: %s", TWOMSL_PROGRAM, strerror(errno));
}

static int announcements(void) {
    char path[256];
    int count = 0;
    snprintf(path, sizeof path, "%s/twomsl", home);
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) count += strncmp(entry->d_name, "lab-", 4) == 0;
    if (folder) closedir(folder);
    return count;
}

static void attached_tcpdump_sees_the_handshake(void **state) {
    (void)state;
    static const uint8_t handshake[] = {FLAG_SYN, FLAG_SYN | FLAG_ACK, FLAG_ACK};
    start_program();
    type("print('rea' .. 'dy')\n");
    wait_for("ready");
    assert_int_equal(announcements(), 1);
    if (!capture_start(&capture, exec_attach, NULL)) {
        leave();
        if (!strstr(capture.said, "no such program")) fail_msg("%s", capture.said);
        print_message("tcpdump is not installed\n");
        skip();
    }
    type("B:listen(80); c=A:connect(B,80); run(); print(c.state .. ':' .. wire.kind)\n");
    wait_for("ESTABLISHED:raw");
    capture_end(&capture, 3);
    assert_int_equal(capture_packets(&capture, 0, NULL, NULL), 3);
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *datagram = NULL;
        size_t length = 0;
        Segment segment;
        capture_packets(&capture, i, &datagram, &length);
        assert_int_equal(segment_decode(datagram, length, &segment), DECODE_OK);
        assert_int_equal(segment.flags, handshake[i]);
    }
    assert_int_equal(leave(), 0);
    assert_int_equal(announcements(), 0);
}

static int occurrences_of(const char *text, const char *part) {
    int count = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part)) count++;
    return count;
}

/* Kills the helper while `line` runs, or at the prompt after it. The lab goes on in memory, with its history. */
static void the_helper_is_killed_during(const char *line) {
    static const char gone[] = "twomsl: the raw wire has gone: ";
    RawRefusal refusal;
    memset(&terminal, 0, sizeof terminal);
    start_program();
    type("B:listen(80); c=A:connect(B,80); step(); print('rea' .. 'dy')\n");
    wait_for("ready");
    type(line);
    usleep(100000);
    assert_int_equal(kill(lab_find(&refusal), SIGKILL), 0);
    wait_for(gone);
    wait_for("going on in memory");
    type("print(c.state .. ':' .. wire.kind); back(); print(steps() .. ' steps')\n");
    wait_for("ESTABLISHED:memory");
    wait_for(" steps");
    assert_int_equal(occurrences_of(terminal.screen, gone), 1);
    assert_int_equal(announcements(), 0);
    assert_int_equal(leave(), 0);
}

static void goes_on_in_memory_when_the_helper_is_killed(void **state) {
    (void)state;
    the_helper_is_killed_during("run()\n");
    the_helper_is_killed_during("repeat reset() B:listen(80) c=A:connect(B,80) run() until wire.kind == 'memory'\n");
}

static int forget(const char *path, const struct stat *info, int kind, struct FTW *place) {
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(attached_tcpdump_sees_the_handshake),
                                       cmocka_unit_test(goes_on_in_memory_when_the_helper_is_killed)};
    raw_close(wire_or_skip());
    if (!mkdtemp(home) || setenv("XDG_RUNTIME_DIR", home, 1) != 0) return perror(home), 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    nftw(home, forget, 8, FTW_DEPTH | FTW_PHYS);
    return failed;
}
