/* present.h - what exists in the world, by number: packets in flight in the order in which they arrive, and each host's
 * connections in the order in which they were opened.
 *
 * It is brought up to date when it is asked for: what events of the trace are about is looked up in the world, also
 * after going back. So looking costs as much as has changed since, not as much as exists. */
#ifndef TWOMSL_PRESENT_H
#define TWOMSL_PRESENT_H

#include "ranks.h"

typedef struct ConnList {
    ConnId *ids;
    uint32_t count, room;
    uint32_t version; /* counts changes */
} ConnList;

/* Starts as zeros. */
typedef struct Present {
    Ranks packets;
    ConnList conns[LIMIT_HOSTS];
    uint32_t events; /* of the trace, that led to what is known */
} Present;

void present_free(Present *present);
size_t present_size(const Present *present);
/* Learns what the world is after the first `events` events. False: no memory; then nothing is known, and it has to be
 * called again. */
bool present_update(Present *present, const World *world, const Trace *trace, uint32_t events);

#endif
