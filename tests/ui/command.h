/* command.h - the program without a terminal: arguments and input in, output, errors and exit status out. */
#ifndef TWOMSL_TESTS_COMMAND_H
#define TWOMSL_TESTS_COMMAND_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct Outcome {
    int status; /* exit status; minus the signal */
    char out[16384], err[16384];
} Outcome;

enum { COMMAND_WORDS = 24 };

static inline int command_file(const char *text) {
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs(text ? text : "", file);
    fflush(file);
    int copy = dup(fileno(file));
    fclose(file);
    assert_true(copy >= 0);
    lseek(copy, 0, SEEK_SET);
    return copy;
}

static inline void command_slurp(int file, char *text, size_t size) {
    lseek(file, 0, SEEK_SET);
    ssize_t length = read(file, text, size - 1);
    text[length > 0 ? length : 0] = '\0';
    close(file);
}

/* Runs the program with the words (ends with NULL) on the memory wire and without a window; `input` is its stdin (NULL:
 * nothing). It is interrupted after `interrupt_ms` where that is not 0. `prepare` (NULL: nothing) runs in the child. */
static inline void command_run_interrupted(Outcome *o, const char *input, const char *const *words, int interrupt_ms,
                                           void (*prepare)(void)) {
    const char *argv[COMMAND_WORDS + 3] = {TWOMSL_PROGRAM};
    int in = command_file(input), out = command_file(NULL), err = command_file(NULL), count = 1, status;
    while (*words && count < COMMAND_WORDS) argv[count++] = *words++;
    argv[count] = NULL;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(in, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        unsetenv("DISPLAY");
        unsetenv("WAYLAND_DISPLAY");
        setenv("NO_COLOR", "1", 1);
        if (prepare) prepare();
        alarm(60);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if (interrupt_ms) {
        usleep((useconds_t)interrupt_ms * 1000);
        kill(pid, SIGINT);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    o->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    command_slurp(out, o->out, sizeof o->out);
    command_slurp(err, o->err, sizeof o->err);
    close(in);
}

#define COMMAND(outcome, input, ...) \
    command_run_interrupted(outcome, input, (const char *const[]){__VA_ARGS__, NULL}, 0, NULL)

/* Runs and compares all three. */
#define EXPECT(want_status, want_out, want_err, input, ...) \
    do {                                                    \
        static Outcome outcome;                             \
        COMMAND(&outcome, input, __VA_ARGS__);              \
        assert_string_equal(outcome.err, want_err);         \
        assert_string_equal(outcome.out, want_out);         \
        assert_int_equal(outcome.status, want_status);      \
    } while (0)

/* Setup and teardown of a group of tests: the program runs in a folder of its own. */
static char command_folder[] = "/tmp/twomsl-cli-XXXXXX";

static inline int command_make_folder(void **state) {
    (void)state;
    return mkdtemp(command_folder) && chdir(command_folder) == 0 ? 0 : -1;
}

static inline int command_remove_folder(void **state) {
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r '%s'", command_folder);
    return chdir("/") == 0 ? system(command) : -1;
}

/* A file that goes away with the test; its path. */
static inline const char *command_script(const char *folder, const char *name, const char *text) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

#endif
