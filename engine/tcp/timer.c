/* timer.c - the seven timers of a connection, and the earliest of them. */
#include <assert.h>

#include "tcp.h"

Micros timer_earliest(const Tcb *tcb) {
    Micros earliest = MICROS_NEVER;
    for (int i = 0; i < TIMER_COUNT; i++)
        if (tcb->timers[i] < earliest) earliest = tcb->timers[i];
    return earliest;
}

void timer_start(Turn *turn, Tcb *tcb, TimerKind timer, Micros length) {
    assert(length >= 0 && !tcb->gone);
    tcb->timers[timer] = turn->env.now + length;
    tcb->timer_lengths[timer] = length;
    tcb->timer_causes[timer] = turn->cause;
    turn_reschedule(turn, tcb);
}

void timer_stop(Turn *turn, Tcb *tcb, TimerKind timer) {
    if (!timer_runs(tcb, timer)) return;
    tcb->timers[timer] = MICROS_NEVER;
    turn_reschedule(turn, tcb);
}

void timer_stop_all(Turn *turn, Tcb *tcb) {
    for (int i = 0; i < TIMER_COUNT; i++) tcb->timers[i] = MICROS_NEVER;
    turn_reschedule(turn, tcb);
}

bool timer_runs(const Tcb *tcb, TimerKind timer) { return tcb->timers[timer] != MICROS_NEVER; }
