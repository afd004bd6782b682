/* no_lwip.c - stands in where lwIP is not installed. */
#include <stddef.h>

#include "bench.h"

const Stack *lwip(void) { return NULL; }
