/* program.c - every allocation of the program fails in turn, alone and with all after it: it ends with one line that
 * says so, or does all it was asked for; never by a signal, and with the terminal as it was. */
#include "../ui/command.h"

#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <utmp.h>

enum { EVERY = 40, STEP = 13, TO_THE_END = 1 << 30 }; /* STEP 1 tries all, which takes minutes */

static const char life[] = "B:listen(80) c = A:connect(B, 80) run() c:send('hello') run() print(netstat(), ladder()) "
                           "print(why()) c:close() settle() print(#trace())";

/* In the child: from allocation `at` on, `count` of them fail. */
static void fail_from(int at, int count) {
    char text[16];
    snprintf(text, sizeof text, "%d", at);
    setenv("FAIL_AT", text, 1);
    snprintf(text, sizeof text, "%d", count);
    setenv("FAIL_COUNT", text, 1);
    setenv("LD_PRELOAD", TWOMSL_FAILING, 1);
}

static int next(int at) { return at + (at < EVERY ? 1 : STEP); }

static int lines_of(const char *text) {
    int count = 0;
    for (; *text; text++) count += *text == '\n';
    return count;
}

static int first, failing;

static void prepare(void) { fail_from(first, failing); }

static void run(Outcome *o, int at, int count, const char *const *words) {
    first = at;
    failing = count;
    command_run_interrupted(o, NULL, words, 0, prepare);
}

/* What the program says where memory does not end. */
static Outcome whole;

/* Whether allocation `at`, and count - 1 after it, were missed. */
static bool is_missed(const char *const *words, int at, int count) {
    static Outcome o;
    run(&o, at, count, words);
    if (o.status == whole.status && strcmp(o.out, whole.out) == 0 && strcmp(o.err, whole.err) == 0) return false;
    bool told = (o.status == 1 || o.status == 2) && lines_of(o.err) == 1 && strstr(o.err, "memory");
    told = told && !strstr(o.err, "allows more"); /* it is not the limit of scripts that was reached */
    if (!told) fail_msg("%s, allocation %d: status %d, \"%s\"", words[0], at, o.status, o.err);
    return true;
}

static void each_fails(const char *const *words) {
    int at = 1, last = 1, alone = 0;
    run(&whole, TO_THE_END, 1, words);
    for (; at < last + 10 * STEP; at = next(at))
        if (is_missed(words, at, TO_THE_END)) last = at;
    assert_true(last > 500);
    for (at = 1; at <= last; at = next(at)) alone += is_missed(words, at, 1);
    assert_true(alone > 5);
}

static void scripts_end_with_one_line(void **state) {
    static const char *const scripts[][4] = {{"-e", life, "--wire=memory", "--seed=1"},
                                             {"-e", "error('here')", "--wire=memory"},

                                             {"lesson", "open-three-way", "--no-window", "--wire=memory"}};
    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        const char *words[5] = {scripts[i][0], scripts[i][1], scripts[i][2], scripts[i][3], NULL};
        each_fails(words);
    }
}

/* The program at a prompt, whose keys are `keys`; returns its status as COMMAND does. */
static int run_in_terminal(int at, int count, const char *keys, int *terminal, int *seen) {
    char out[4096];
    int status = 0;
    assert_int_equal(openpty(terminal, seen, NULL, NULL, &(struct winsize){.ws_row = 24, .ws_col = 80}), 0);
    pid_t child = fork();
    if (child == 0) {
        close(*terminal);
        if (login_tty(*seen) != 0) _exit(127);
        setenv("TERM", "xterm", 1);
        setenv("INPUTRC", "/dev/null", 1);
        setenv("XDG_STATE_HOME", "/proc/nothing", 1);
        fail_from(at, count);
        alarm(30);
        execl(TWOMSL_PROGRAM, "twomsl", "--wire=memory", "--no-window", "--seed=1", (char *)NULL);
        _exit(127);
    }
    assert_int_equal(write(*terminal, keys, strlen(keys)), strlen(keys));
    while (waitpid(child, &status, WNOHANG) == 0) {
        struct pollfd source = {.fd = *terminal, .events = POLLIN};
        if (poll(&source, 1, 5) == 1 && read(*terminal, out, sizeof out) < 0) break;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void the_prompt_leaves_the_terminal_as_it_was(void **state) {
    static const int counts[] = {1, TO_THE_END};
    (void)state;
    for (int at = 700; at < 1500; at += 19) {
        for (size_t i = 0; i < 2; i++) {
            struct termios before, after;
            int terminal, seen, fresh, fresh_end;
            assert_int_equal(openpty(&fresh, &fresh_end, NULL, NULL, NULL), 0);
            assert_int_equal(tcgetattr(fresh_end, &before), 0);
            int status = run_in_terminal(at, counts[i], "print(#trace())\rstep(\r)\rste\t()\rexit\r\004\004", &terminal,
                                         &seen);
            assert_int_equal(tcgetattr(seen, &after), 0);
            if (status < 0 || status > 2) fail_msg("allocation %d: status %d", at, status);
            if (after.c_lflag != before.c_lflag || after.c_iflag != before.c_iflag)
                fail_msg("allocation %d: the terminal is not as it was", at);
            close(terminal), close(seen), close(fresh), close(fresh_end);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_end_with_one_line),
        cmocka_unit_test(the_prompt_leaves_the_terminal_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
