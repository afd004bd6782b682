/* entropy.c - random bytes for seeds; all other randomness comes from the world's own generator. */
#include "link.h"

#include <errno.h>
#include <sys/random.h>

bool entropy(void *bytes, size_t length) {
    uint8_t *at = bytes;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}
