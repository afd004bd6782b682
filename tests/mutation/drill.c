/* drill.c - runs packetdrill scripts with the engine alone: no terminal, no window. `drill SCRIPTS-FOLDER NAME...`;
 * status 0 where all pass. */
#include <stdio.h>
#include <stdlib.h>

#include "../../repl/lua/lab.h"

static void print(void *self, const char *text, size_t length) {
    (void)self;
    fwrite(text, 1, length, stdout);
}

int main(int argc, char **argv) {
    char error[256];
    Session *session = argc > 2 ? session_new(&(Config){.seed = 1}, NULL) : NULL;
    LabConfig config = {.session = session, .scripts = argv[1], .language = "en", .port = {.print = print}};
    Lab *lab = session ? lab_new(&config, error, sizeof error) : NULL;
    return lab && lab_drill(lab, argc - 2, argv + 2) == JOB_DONE ? EXIT_SUCCESS : EXIT_FAILURE;
}
