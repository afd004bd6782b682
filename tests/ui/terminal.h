/* terminal.h - the program in a pseudo-terminal, seen as a person sees it: a small screen follows what it writes, so
 * that tests compare what stands there and not how it was drawn. */
#ifndef TWOMSL_TESTS_TERMINAL_H
#define TWOMSL_TESTS_TERMINAL_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { TERM_COLUMNS = 120, TERM_ROWS = 400, TERM_PATIENCE = 10000 /* ms; a sanitizer on a busy machine is slow */ };

typedef struct Term {
    pid_t pid;
    int fd;
    char screen[TERM_ROWS][TERM_COLUMNS + 1];
    int row, column, last_row;
    char escape[32]; /* an escape sequence that is not complete yet */
    size_t escape_length;
    char *text; /* of term_text() */
    int status; /* of waitpid(), after term_closed() */
    bool reaped;
} Term;

/* Ends with NULL: "NAME=value" for the program's environment. */
typedef const char *const TermEnv[];

static inline int64_t term_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- The screen ---- */

static inline void term_put(Term *t, char c) {
    if (t->column == TERM_COLUMNS) {
        t->column = 0;
        t->row++;
    }
    if (t->row >= TERM_ROWS) fail_msg("the screen of the test is full");
    if (t->row > t->last_row) t->last_row = t->row;
    char *row = t->screen[t->row];
    for (int i = 0; i < t->column; i++) {
        if (!row[i]) row[i] = ' ';
    }
    row[t->column++] = c;
}

/* CSI with its first number, 1 where there is none. */
static inline void term_control(Term *t, char final, const char *sequence) {
    char *row = t->screen[t->row];
    bool private = sequence[2] == '?';
    int number = atoi(sequence + 2), count = number > 0 ? number : 1;
    size_t length = strlen(row), at = (size_t)t->column;
    switch (final) {
    case 'A': t->row = t->row > count ? t->row - count : 0; break;
    case 'B': t->row += count; break;
    case 'C': t->column = t->column + count < TERM_COLUMNS ? t->column + count : TERM_COLUMNS - 1; break;
    case 'D': t->column = t->column > count ? t->column - count : 0; break;
    case 'G': t->column = count - 1; break;
    case 'K':
        if (number == 2) memset(row, 0, TERM_COLUMNS);
        else memset(row + t->column, 0, (size_t)(TERM_COLUMNS - t->column));
        break;
    case 'J':
        memset(row + t->column, 0, (size_t)(TERM_COLUMNS - t->column));
        for (int i = t->row + 1; i < TERM_ROWS; i++) memset(t->screen[i], 0, TERM_COLUMNS);
        t->last_row = t->row;
        break;
    case 'P': /* delete characters */
        if (at < length)
            memmove(row + at, row + at + count, length > at + (size_t)count ? length - at - (size_t)count + 1 : 1);
        break;
    case '@': /* insert characters */
        if (at < length && length + (size_t)count < TERM_COLUMNS) {
            memmove(row + at + count, row + at, length - at + 1);
            memset(row + at, ' ', (size_t)count);
        }
        break;
    case 'm':
    case 'h':
    case 'l': break; /* colours, modes */
    default: fail_msg("the screen of the test does not know ESC %s%s", private ? "?" : "", sequence + 1);
    }
}

static inline void term_character(Term *t, char c) {
    if (t->escape_length > 0) {
        t->escape[t->escape_length++] = c;
        t->escape[t->escape_length] = '\0';
        bool introduces = t->escape_length == 2 && c == '[';
        bool ends = !introduces && (t->escape_length == 2 || (c >= '@' && c <= '~'));
        if (!ends) {
            if (t->escape_length >= sizeof t->escape - 1) fail_msg("an escape sequence without an end");
            return;
        }
        if (t->escape[1] == '[') term_control(t, c, t->escape);
        t->escape_length = 0;
        return;
    }
    switch (c) {
    case '\033':
        t->escape[0] = c;
        t->escape_length = 1;
        break;
    case '\r': t->column = 0; break;
    case '\n':
        t->row++;
        if (t->row > t->last_row) t->last_row = t->row;
        break;
    case '\b':
        if (t->column > 0) t->column--;
        break;
    case '\t':
        do term_put(t, ' ');
        while (t->column % 8 != 0);
        break;
    case '\a': break;
    default: term_put(t, c);
    }
}

/* What stands on the screen: rows down to the cursor's, without spaces at their ends, joined by newlines. */
static inline const char *term_text(Term *t) {
    free(t->text);
    t->text = calloc(TERM_ROWS, TERM_COLUMNS + 2);
    assert_non_null(t->text);
    char *out = t->text;
    for (int i = 0; i <= t->last_row; i++) {
        size_t length = strlen(t->screen[i]);
        while (length > 0 && t->screen[i][length - 1] == ' ') length--;
        memcpy(out, t->screen[i], length);
        out += length;
        if (i < t->last_row) *out++ = '\n';
    }
    *out = '\0';
    return t->text;
}

/* ---- The program ---- */

/* Starts argv in a terminal of 24 lines. `env` may be NULL. */
static inline void term_open(Term *t, const char *const *argv, TermEnv env) {
    struct winsize size = {.ws_row = 24, .ws_col = TERM_COLUMNS};
    *t = (Term){.fd = -1};
    t->pid = forkpty(&t->fd, NULL, NULL, &size);
    assert_true(t->pid >= 0);
    if (t->pid > 0) return;
    setenv("TERM", "xterm", 1);
    setenv("INPUTRC", "/dev/null", 1);
    setenv("XDG_STATE_HOME", "/proc/nothing", 1);
    setenv("NO_COLOR", "1", 1);
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    for (size_t i = 0; env && env[i]; i++) putenv((char *)(uintptr_t)env[i]);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* Reads what comes within `ms`, at least a little. False: the terminal was closed. */
static inline bool term_read(Term *t, int ms) {
    char bytes[4096];
    struct pollfd source = {.fd = t->fd, .events = POLLIN};
    if (poll(&source, 1, ms) <= 0) return true;
    ssize_t count = read(t->fd, bytes, sizeof bytes);
    for (ssize_t i = 0; i < count; i++) term_character(t, bytes[i]);
    return count > 0;
}

static inline void term_type(Term *t, const char *keys) {
    size_t length = strlen(keys);
    while (length > 0) {
        ssize_t count = write(t->fd, keys, length);
        assert_true(count > 0);
        keys += count;
        length -= (size_t)count;
    }
}

static inline bool term_ends(Term *t, const char *tail) {
    const char *text = term_text(t);
    size_t have = strlen(text), length = strlen(tail);
    return have >= length && strcmp(text + have - length, tail) == 0;
}

/* Waits until the screen ends with `tail` (spaces at the ends of rows do not count). */
static inline void term_expect(Term *t, const char *tail) {
    int64_t deadline = term_now() + TERM_PATIENCE;
    while (!term_ends(t, tail)) {
        if (term_now() > deadline) fail_msg("the screen does not end with\n%s\nbut is\n%s", tail, term_text(t));
        if (!term_read(t, 20)) fail_msg("the program ended before\n%s\ncame; the screen is\n%s", tail, term_text(t));
    }
}

/* Waits until `part` stands somewhere on the screen. */
static inline void term_shows(Term *t, const char *part) {
    int64_t deadline = term_now() + TERM_PATIENCE;
    while (!strstr(term_text(t), part)) {
        if (term_now() > deadline) fail_msg("%s does not come; the screen is\n%s", part, term_text(t));
        if (!term_read(t, 20)) fail_msg("the program ended before %s came; the screen is\n%s", part, term_text(t));
    }
}

/* Types a line and waits until the screen ends with it, its output, and a new prompt. */
static inline void term_line(Term *t, const char *line, const char *output) {
    char keys[1024], tail[4096];
    snprintf(keys, sizeof keys, "%s\r", line);
    snprintf(tail, sizeof tail, "> %s\n%s%s>", line, output, output[0] ? "\n" : "");
    term_type(t, keys);
    term_expect(t, tail);
}

static inline bool term_reap(Term *t, int ms) {
    int64_t deadline = term_now() + ms;
    while (!t->reaped) {
        t->reaped = waitpid(t->pid, &t->status, WNOHANG) == t->pid;
        if (t->reaped || term_now() > deadline) break;
        if (!term_read(t, 10)) usleep(1000);
    }
    return t->reaped;
}

/* Waits for the program's end; its exit status, or minus the signal that ended it. */
static inline int term_ended(Term *t) {
    if (!term_reap(t, TERM_PATIENCE)) fail_msg("the program does not end; the screen is\n%s", term_text(t));
    return WIFEXITED(t->status) ? WEXITSTATUS(t->status) : -WTERMSIG(t->status);
}

static inline void term_close(Term *t) {
    if (!t->reaped) {
        kill(t->pid, SIGKILL);
        waitpid(t->pid, &t->status, 0);
    }
    close(t->fd);
    free(t->text);
}

#endif
