/* drill.c - arbitrary text as a packetdrill script: it is read or refused, run or failed, and the lab works
 * afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../repl/lua/lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/twomsl-fuzz-XXXXXX.pkt";

static void be_silent(void *self, const char *text, size_t length) {
    (void)self;
    (void)text;
    (void)length;
}

static void remove_script(void) { unlink(path); }

static Lab *open_lab(void) {
    char error[256];
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    LabConfig config = {
        .session = session, .scripts = TWOMSL_SOURCE_DIR "/scripts", .language = "en", .port = {.print = be_silent}};
    Lab *lab = session ? lab_new(&config, error, sizeof error) : NULL;
    if (!lab || mkstemps(path, 4) < 0) abort();
    atexit(remove_script);
    return lab;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static Lab *lab;
    static int runs;
    char *words[] = {path, NULL};
    if (!lab) lab = open_lab();
    FILE *script = fopen(path, "w");
    if (!script || fwrite(data, 1, size, script) != size || fclose(script) != 0) abort();
    JobResult result = lab_drill(lab, 1, words);
    if (result != JOB_DONE && result != JOB_FAILED) abort();
    /* What comes after is not affected. */
    static const char after[] =
        "reset() B:listen(80) local c = A:connect(B, 80) run() assert(c.state == 'ESTABLISHED')";
    if (++runs % 64 == 0 && lab_chunk(lab, after, sizeof after - 1, "=after", 0, NULL) != JOB_DONE) {
        fprintf(stderr, "%s\n", lab_error(lab));
        abort();
    }
    return 0;
}
