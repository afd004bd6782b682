/* load.c - arbitrary bytes as a saved session: an error that names a problem, or a session that can be used. The sums
 * of records are mended first, so that what lies behind them is reached. */
#include <stdlib.h>
#include <string.h>

#include "../../engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the format, see engine/history/format.h. */
enum { BEGIN = 9, HEAD = 5, SUM = 4 };

static uint32_t crc(const uint8_t *bytes, size_t length) {
    uint32_t sum = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (UINT32_C(0xedb88320) & (0 - (sum & 1)));
    }
    return ~sum;
}

static void mend(uint8_t *bytes, size_t length) {
    for (size_t at = BEGIN; length >= at + HEAD + SUM;) {
        uint32_t content = 0;
        for (size_t i = HEAD; i-- > 1;) content = content << 8 | bytes[at + i];
        size_t record = HEAD + (size_t)content;
        if (length - at < record + SUM) return;
        uint32_t sum = crc(bytes + at, record);
        for (size_t i = 0; i < SUM; i++) bytes[at + record + i] = (uint8_t)(sum >> 8 * i);
        at += record + SUM;
    }
}

static bool count(void *self, const void *bytes, size_t length) {
    (void)bytes;
    *(size_t *)self += length;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    uint8_t *bytes = malloc(size + 1);
    LoadReport report;
    size_t saved = 0;
    memcpy(bytes, data, size);
    mend(bytes, size);
    session_limit(session, 8 << 20);
    bool loaded = session_load(session, bytes, size, &report);
    if (loaded != (report.problem == LOAD_GOOD)) abort();
    if (!loaded && session_steps(session)) abort();
    if (loaded) {
        Branch branch;
        for (uint32_t i = 0; session_branch(session, i, &branch); i++) session_go_to_branch(session, branch.number);
        if (!session_save(session, count, &saved) || !saved) abort();
    }
    free(bytes);
    session_free(session);
    return 0;
}
