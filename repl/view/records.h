/* records.h - what timers ran after each of the steps in sight: the worlds of those steps are made once more. */
#ifndef TWOMSL_RECORDS_H
#define TWOMSL_RECORDS_H

#include "../../engine/engine.h"

/* After one step: when the timers of the two connections shown fire; MICROS_NEVER: not running. */
typedef struct Record {
    Micros timers[2][TIMER_COUNT];
} Record;

/* More steps than fit a picture that tells them apart. */
enum { RECORDS = 256 };
typedef struct Records {
    ConnId conns[2]; /* CONN_NONE: none */
    uint32_t epoch;
    uint32_t first, count; /* records[i] is that after `first + i` inputs */
    World *world;          /* after the last of them */
    Record record[RECORDS];
} Records;

/* Brings it to the worlds after `first` .. `last` inputs, RECORDS at most, the latest. False: no memory, or a world too
 * large for this; then there are none. */
bool records_update(Records *records, const Session *session, const ConnId conns[2], uint32_t first, uint32_t last);
void records_clear(Records *records);

#endif
