/* signals.h - signals become bytes in a pipe that the loop polls; Ctrl-C also interrupts Lua at once, and a crash
 * restores the terminal. */
#ifndef TWOMSL_SIGNALS_H
#define TWOMSL_SIGNALS_H

#include <stdbool.h>

/* What comes of an interrupt. */
typedef enum Interrupt {
    INTERRUPT_GOES_ON, /* what runs is unwound, then there is a prompt */
    INTERRUPT_ENDS,    /* what runs is unwound, then the program ends */
    INTERRUPT_DEAF     /* nothing runs that could be unwound: the program starts, or reads a script */
} Interrupt;
/* Installs the handlers; SIGPIPE is ignored. `interrupt` is called in the handlers of SIGINT and of SIGTERM, SIGHUP and
 * SIGQUIT, so that a script stops; both functions must be async-signal-safe. A signal normally ends the program by way
 * of the loop. Where the loop does not hear of it (INTERRUPT_DEAF, a second Ctrl-C, a second SIGTERM, or 0.8 seconds
 * after a first one that is to end the program), the handler calls `restore`, which restores the terminal, and ends the
 * program by the signal. False: no pipe, errno says why. */
bool signals_open(Interrupt (*interrupt)(void), void (*restore)(void));
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
/* One that stops what runs: Ctrl-C, or one that ends the program. */
bool signals_stopped(void);
/* Only whether Ctrl-Z has come; the rest stays. */
bool signals_take_suspend(void);
/* Stops the program as Ctrl-Z does; returns when it goes on. */
void signals_stop(void);
/* Ends the program as the signal would have. Async-signal-safe. */
void signals_die(int number);

#endif
