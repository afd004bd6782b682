/* loads.c - run() goes on for as many steps as what is in flight needs, also for more than it makes otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../repl/lua/lab.h"

static void print_nothing(void *self, const char *text, size_t length) {
    (void)self;
    (void)text;
    (void)length;
}

static void a_run_delivers_what_is_in_flight(void **state) {
    (void)state;
    const char *code = "for i = 1, 110000 do wire:inject{from = 'A:7', to = 'B:80', flags = 'RST'} end "
                       "local steps = run() assert(#steps == 110000, #steps) assert(#wire == 0)";
    char error[256] = "";
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    LabConfig config = {.session = session,
                        .scripts = TWOMSL_SOURCE_DIR "/scripts",
                        .memory = 1 << 30,
                        .port = {.print = print_nothing}};
    Lab *lab = lab_new(&config, error, sizeof error);
    if (!lab) fail_msg("%s", error);
    if (lab_chunk(lab, code, strlen(code), "=test", 0, NULL) != JOB_DONE) fail_msg("%s", lab_error(lab));
    lab_free(lab);
    session_free(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_run_delivers_what_is_in_flight)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
