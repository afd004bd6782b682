/* clock.c - wall time, which only views look at: the world has its own. */
#include "link.h"

#include <time.h>

Micros wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (Micros)now.tv_sec * MICROS_PER_SECOND + now.tv_nsec / 1000;
}
