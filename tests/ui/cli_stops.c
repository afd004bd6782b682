/* cli_stops.c - the first SIGINT, SIGTERM or SIGHUP ends a program that reads what never ends, writes what nobody
 * reads, or computes for ever; and odd files are refused. */
#include "command.h"

#include <poll.h>
#include <time.h>

static char folder[] = "/tmp/twomsl-stops-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 && mkfifo("fifo", 0600) == 0 && mkfifo("fifo.pkt", 0600) == 0 ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

typedef struct Case {
    const char *words[4];
    bool open_input, closed_output; /* stdin is a pipe into which nothing is written; nobody reads stdout */
    int interrupted;                /* the status after SIGINT, where it is not the signal's */
} Case;

static pid_t start(const Case *c, const int ends[2]) {
    const char *argv[8] = {TWOMSL_PROGRAM, "--wire=memory", "--no-window"};
    for (size_t i = 0; i < 4; i++) argv[3 + i] = c->words[i];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t child = fork();
    if (child != 0) {
        close(null);
        return child;
    }
    dup2(c->open_input ? ends[0] : null, STDIN_FILENO);
    dup2(c->closed_output ? ends[1] : null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    alarm(30);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* The status, or minus the signal; -1000 where it took more than two seconds. */
static int stopped_by(const Case *c, int number) {
    int ends[2], status = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = start(c, ends);
    usleep(400000);
    assert_int_equal(waitpid(child, &status, WNOHANG), 0); /* it runs */
    assert_int_equal(kill(child, number), 0);
    bool ended = false;
    for (int i = 0; i < 200 && !ended; i++) {
        usleep(10000);
        ended = waitpid(child, &status, WNOHANG) == child;
    }
    if (!ended) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
    close(ends[0]);
    close(ends[1]);
    return !ended ? -1000 : WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void the_first_signal_ends_it(void **state) {
    (void)state;
    static const Case cases[] = {
        {.words = {NULL}, .open_input = true},
        {.words = {"fifo"}},
        {.words = {"drill", "fifo.pkt"}},
        {.words = {"-e", "while true do pcall(error) end"}, .interrupted = 130},
        {.words = {"-e", "(('a'):rep(1000)):find(('.-'):rep(8) .. 'b')"}, .interrupted = 130},
        {.words = {"-e", "while true do print(1) end"}, .closed_output = true, .interrupted = 130},
        {.words = {"-e", "print(('x'):rep(1e6))"}, .closed_output = true, .interrupted = 130},
    };
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t s = 0; s < 3; s++) {
            int number = signals[s], status = stopped_by(&cases[i], number);
            bool by_signal = status == -number;
            bool unwound = number == SIGINT && cases[i].interrupted && status == cases[i].interrupted;
            if (!by_signal && !unwound) fail_msg("case %zu, signal %d: status %d", i, number, status);
        }
    }
}

static void reads_a_script_from_a_pipe(void **state) {
    (void)state;
    char command[512];
    snprintf(command, sizeof command,
             "(echo 'print(arg[0], ...)' >fifo) & test \"$('%s' --wire=memory fifo x)\" = '%s'", TWOMSL_PROGRAM,
             "fifo	x");
    assert_int_equal(system(command), 0);
    command_script(folder, "first.lua", "#!/usr/bin/env twomsl\nprint(1)\nerror('here')");
    EXPECT(1, "1\n", "first.lua:3: here\n", NULL, "--wire=memory", "first.lua");
}

static void refuses_what_never_ends(void **state) {
    (void)state;
    EXPECT(1, "", "twomsl: cannot read /dev/zero: File too large; a script may have 64 MB\n", NULL, "/dev/zero");
    EXPECT(1, "", "(-e):1: cannot open fifo: it is no file\n", NULL, "--wire=memory", "-e", "dofile('fifo')");
}

static void run_in_shell(const char *redirection, const char *arguments, int status, const char *err) {
    char command[1024], said[1024] = "";
    snprintf(command, sizeof command, "timeout 20 '%s' --wire=memory %s 2>err.txt %s", TWOMSL_PROGRAM, arguments,
             redirection);
    int ended = system(command), file = open("err.txt", O_RDONLY);
    command_slurp(file, said, sizeof said);
    assert_string_equal(said, err);
    assert_true(WIFEXITED(ended));
    assert_int_equal(WEXITSTATUS(ended), status);
}

static void says_why_output_fails(void **state) {
    (void)state;
    static const char full[] = "twomsl: cannot write to standard output: No space left on device\n";
    static const char closed[] = "twomsl: cannot write to standard output: Bad file descriptor\n";
    run_in_shell(">/dev/full", "-e 'print(1)'", 1, full);
    run_in_shell(">/dev/full", "-e 'while true do print(1) end'", 1, full);
    run_in_shell(">/dev/full", "--help", 1, full);
    run_in_shell(">&-", "-e 'print(1)'", 1, closed);
    run_in_shell(">&-", "--help", 1, closed);
    run_in_shell(">&-", "-e 'x = 1'", 0, "");
    run_in_shell("| true", "-e 'while true do print(1) end'", 0, ""); /* it ends, and says nothing */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_signal_ends_it),
        cmocka_unit_test(reads_a_script_from_a_pipe),
        cmocka_unit_test(refuses_what_never_ends),
        cmocka_unit_test(says_why_output_fails),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
