/* failing.c - for LD_PRELOAD: allocation number FAIL_AT fails, and FAIL_COUNT - 1 after it. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static unsigned long made, first, last;

__attribute__((constructor)) static void read_orders(void) {
    const char *at = getenv("FAIL_AT"), *count = getenv("FAIL_COUNT");
    first = at ? strtoul(at, NULL, 10) : 0;
    last = first + (count ? strtoul(count, NULL, 10) : 1) - 1;
    made = 0;
}

static bool fails(void) {
    made++;
    if (first == 0 || made < first || made > last) return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void *realloc(void *block, size_t size) { return fails() ? NULL : __libc_realloc(block, size); }
