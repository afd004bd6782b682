/* clock.c - wall time, for timeouts and animation; the world has a virtual clock of its own. */
#include "link.h"

#include <time.h>

Micros wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (Micros)now.tv_sec * MICROS_PER_SECOND + now.tv_nsec / 1000;
}
