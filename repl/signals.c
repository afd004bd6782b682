/* signals.c - see signals.h. What runs in handlers is async-signal-safe. */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    IMPATIENT_MS = 250, /* two Ctrl-C closer than this are one */
    GRACE_MS = 800      /* from SIGTERM until the handler ends the program, where the loop has not */
};

static int pipe_ends[2] = {-1, -1};
static Interrupt (*on_interrupt)(void);
static void (*on_end)(void);
static volatile sig_atomic_t came_interrupt, came_resize, came_suspend, came_end;
static struct timespec first_interrupt;

static long milliseconds_since(const struct timespec *then) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec - then->tv_sec) * 1000 + (now.tv_nsec - then->tv_nsec) / 1000000;
}

/* Ends the program in the handler, without returning to the loop. */
static void end_now(int number) {
    on_end();
    signals_die(number);
}

static void set_grace(int milliseconds) {
    struct itimerval timer = {.it_value.tv_usec = milliseconds * 1000};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* A second Ctrl-C, while the first one is not yet handled, ends the program. */
static void interrupt(void) {
    bool pending = came_interrupt != 0;
    came_interrupt = 1;
    Interrupt outcome = on_interrupt();
    if (outcome == INTERRUPT_DEAF) end_now(SIGINT);
    if (pending && milliseconds_since(&first_interrupt) >= IMPATIENT_MS) end_now(SIGINT);
    if (pending) return;
    clock_gettime(CLOCK_MONOTONIC, &first_interrupt);
    if (outcome == INTERRUPT_ENDS) set_grace(GRACE_MS);
}

/* The loop ends the program; or the handler, after GRACE_MS or at a second signal. */
static void end(int number) {
    if (came_end) end_now(number);
    came_end = number;
    if (on_interrupt() == INTERRUPT_DEAF) end_now(number);
    set_grace(GRACE_MS);
}

static void handle(int number) {
    int saved = errno;
    switch (number) {
    case SIGINT: interrupt(); break;
    case SIGWINCH: came_resize = 1; break;
    case SIGTSTP: came_suspend = 1; break;
    case SIGALRM: end_now(came_end ? came_end : SIGINT); break;
    default: end(number);
    }
    if (write(pipe_ends[1], "", 1) < 0) errno = saved; /* full: the loop wakes up anyway */
    errno = saved;
}

/* ---- Crashes: restore the terminal, then run the handler that was set before (the default, or a sanitizer's) ---- */

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { CRASHES = sizeof crashes / sizeof *crashes };
static struct sigaction before_crash[CRASHES];

static void crash(int number, siginfo_t *info, void *context) {
    (void)context;
    on_end();
    for (int i = 0; i < CRASHES; i++) {
        if (crashes[i] == number) sigaction(number, &before_crash[i], NULL);
    }
    bool comes_again = number != SIGABRT && info->si_code > 0; /* the faulting instruction is tried again on return */
    if (!comes_again) raise(number);
}

static void catch_crashes(void) {
    static _Alignas(16) unsigned char stack[65536]; /* the crash may be a stack overflow */
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack}, old = {0};
    bool taken = sigaltstack(NULL, &old) == 0 && !(old.ss_flags & SS_DISABLE); /* a sanitizer has set its own */
    if (!taken) sigaltstack(&alternative, NULL);
    struct sigaction action = {.sa_sigaction = crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < CRASHES; i++) sigaction(crashes[i], &action, &before_crash[i]);
}

bool signals_open(Interrupt (*interrupt_now)(void), void (*restore)(void)) {
    static const int handled[] = {SIGINT, SIGWINCH, SIGTSTP, SIGTERM, SIGHUP, SIGQUIT, SIGALRM};
    on_interrupt = interrupt_now;
    on_end = restore;
    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART}, old;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++) {
        bool ignored = sigaction(handled[i], NULL, &old) == 0 &&
                       old.sa_handler == SIG_IGN; /* nohup, or & in a script */
        if (!ignored) sigaction(handled[i], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN); /* a write fails instead: the program is still there to restore the terminal */
    catch_crashes();
    return true;
}

int signals_fd(void) { return pipe_ends[0]; }

static bool take(volatile sig_atomic_t *came) {
    bool was = *came != 0;
    *came = 0;
    return was;
}

Signals signals_take(void) {
    char bytes[64];
    while (read(pipe_ends[0], bytes, sizeof bytes) > 0) continue;
    if (came_interrupt && !came_end) set_grace(0);
    return (Signals){.interrupt = take(&came_interrupt),
                     .resize = take(&came_resize),
                     .suspend = take(&came_suspend),
                     .end = came_end};
}

bool signals_stopped(void) { return came_interrupt || came_end; }

bool signals_wait(void) { return came_interrupt || came_resize || came_suspend || came_end; }

bool signals_take_suspend(void) { return take(&came_suspend); }

void signals_stop(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL}, ours;
    sigemptyset(&standard.sa_mask);
    sigaction(SIGTSTP, &standard, &ours);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
}

void signals_die(int number) {
    sigset_t only;
    signal(number, SIG_DFL);
    sigemptyset(&only);
    sigaddset(&only, number);
    sigprocmask(SIG_UNBLOCK, &only, NULL); /* it is blocked in its own handler */
    raise(number);
    _exit(128 + number);
}
