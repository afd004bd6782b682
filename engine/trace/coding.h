/* coding.h - events in few bytes: each as what is different from what is expected after those before it. */
#ifndef TWOMSL_TRACE_CODING_H
#define TWOMSL_TRACE_CODING_H

#include "../engine.h"
#include "log.h"
#include "numbers.h"

/* An event, and where its datagram lies. */
typedef struct Entry {
    Event event;
    uint32_t length; /* 0: no datagram */
    LogPlace at;
} Entry;

enum {
    GROUP = 32,                                        /* so many events are coded, and decoded, together */
    EVENT_NUMBERS = 64,                                /* an event has fewer */
    GROUP_BYTES = GROUP * EVENT_NUMBERS * NUMBER_BYTES /* at most */
};

/* Codes a whole group; `end` is where the datagrams before it end. Returns how many bytes it takes. */
uint32_t encode_group(const Entry entries[GROUP], LogPlace end, uint8_t *bytes);
void decode_group(const uint8_t *bytes, LogPlace end, Entry entries[GROUP]);

#endif
