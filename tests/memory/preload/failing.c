/* failing.c - for LD_PRELOAD: allocation number FAIL_AT fails, and FAIL_COUNT - 1 after it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

/* libtinfo 6.4 reads through a null pointer where an allocation of its own fails: nothing of ours could help. */
static bool is_spared(const void *caller) {
    Dl_info info;
    return dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "libtinfo");
}

static bool fails(const void *caller) {
    made++;
    if (first == 0 || made < first || made > last || is_spared(caller)) return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) { return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}
void *realloc(void *block, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
}
/* Here too, so that the caller is known: libtinfo's are spared. */
char *strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}
