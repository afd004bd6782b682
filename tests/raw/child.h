/* child.h - parts of a test that change their process for good (its user, its filters) run in a child. */
#ifndef TWOMSL_TESTS_RAW_CHILD_H
#define TWOMSL_TESTS_RAW_CHILD_H

#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>

#include "watch.h"

enum { NOBODY = 65534, OUTPUT = 1 << 16 };

/* In a child, where an assertion would not end the test: say what is wrong and leave. */
#define CHECK(condition, ...)                                           \
    do {                                                                \
        if (condition) break;                                           \
        fprintf(stderr, "%s:%d: " #condition ": ", __FILE__, __LINE__); \
        fprintf(stderr, __VA_ARGS__);                                   \
        fputc('\n', stderr);                                            \
        _exit(1);                                                       \
    } while (0)

/* Runs body in a child; returns its exit status, 128 + the signal that ended it. */
static inline int in_child(void (*body)(const void *), const void *argument) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        body(argument);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* From here on an ordinary user, as a login would make one. */
static inline void become_ordinary(void) {
    if (geteuid() != 0) return;
    CHECK(setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0,
          "%s", strerror(errno));
    prctl(PR_SET_DUMPABLE, 1); /* as after the login's execve() */
}

typedef struct Ran {
    char out[OUTPUT], err[OUTPUT]; /* what it said, ended with 0 */
    int status;
} Ran;

static inline void gather(int fd, char *text, size_t *length, bool *open_yet) {
    ssize_t got = read(fd, text + *length, OUTPUT - 1 - *length);
    if (got <= 0) *open_yet = false;
    else *length += (size_t)got;
}

/* Runs body, which execs a program or exits, and keeps what it writes. */
static inline void run_and_read(void (*body)(const void *), const void *argument, Ran *ran) {
    int out[2], err[2], status = 0;
    size_t out_length = 0, err_length = 0;
    bool out_open = true, err_open = true;
    assert_int_equal(pipe(out), 0);
    assert_int_equal(pipe(err), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], 1);
        dup2(err[1], 2);
        close(out[0]), close(out[1]), close(err[0]), close(err[1]);
        body(argument);
        _exit(0);
    }
    close(out[1]);
    close(err[1]);
    while (out_open || err_open) {
        struct pollfd ends[2] = {{.fd = out_open ? out[0] : -1, .events = POLLIN},
                                 {.fd = err_open ? err[0] : -1, .events = POLLIN}};
        if (poll(ends, 2, 20000) <= 0) break;
        if (ends[0].revents) gather(out[0], ran->out, &out_length, &out_open);
        if (ends[1].revents) gather(err[0], ran->err, &err_length, &err_open);
    }
    close(out[0]);
    close(err[0]);
    waitpid(child, &status, 0);
    ran->out[out_length] = ran->err[err_length] = '\0';
    ran->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
