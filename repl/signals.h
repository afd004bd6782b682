/* signals.h - signals become bytes in a pipe that the loop polls; Ctrl-C also interrupts Lua at once, and a crash
 * restores the terminal. */
#ifndef TWOMSL_SIGNALS_H
#define TWOMSL_SIGNALS_H

#include <stdbool.h>

/* Installs the handlers. `interrupt` is called in the handlers of SIGINT and of SIGTERM, SIGHUP and SIGQUIT, so that a
 * script stops; both functions must be async-signal-safe. A signal normally ends the program by way of the loop. Where
 * the loop is not reached (a second Ctrl-C, a second SIGTERM, or two seconds after the first), the handler calls
 * `restore`, which restores the terminal, and ends the program by the signal. False: no pipe, errno says why. */
bool signals_open(void (*interrupt)(void), void (*restore)(void));
/* For poll(). */
int signals_fd(void);
/* The signals since the last call. */
typedef struct Signals {
    bool interrupt, resize, suspend;
    int end; /* SIGTERM, SIGHUP, SIGQUIT; 0: none */
} Signals;
Signals signals_take(void);
/* A signal has come that was not taken yet. */
bool signals_wait(void);
/* Only whether Ctrl-Z has come; the rest stays. */
bool signals_take_suspend(void);
/* Stops the program as Ctrl-Z does; returns when it goes on. */
void signals_stop(void);
/* Ends the program as the signal would have. Async-signal-safe. */
void signals_die(int number);

#endif
