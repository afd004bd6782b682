/* crowd.h - which packets a part of the ladder shows one by one, and how many others are under way there.
 *
 * Shown are those that begin or end there, unless more than RUN_LEAST of a way begin in one instant, and the others as
 * long as they are few. The rest is counted: those that come from above, per pair of hosts, and those of each run.
 */
#ifndef TWOMSL_CROWD_H
#define TWOMSL_CROWD_H

#include "scene.h"

enum { CROWD_SHOWN = 2048, CROWD_BUNDLES = 16 };

typedef struct Bundle {
    size_t way;      /* in Story.ways */
    const Run *run;  /* whose flights they are; NULL: they come from above */
    uint32_t count;  /* under way at the playhead, or where the part ends if that is earlier */
    PacketId packet; /* one of them; PACKET_NONE: none is at hand */
} Bundle;

typedef struct Crowd {
    uint32_t shown[CROWD_SHOWN]; /* flights, in order of sending */
    size_t count;
    Bundle bundles[CROWD_BUNDLES]; /* the counts of still more pairs are in the last one's */
    size_t bundle_count;
} Crowd;

/* For the part of the ladder from `top` on, `height` tall (logical pixels). `selected` is always shown. */
void crowd_choose(Crowd *crowd, const Scene *scene, double top, double height, PacketId selected);

#endif
