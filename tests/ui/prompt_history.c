/* prompt_history.c - the history file: kept where it is a file of one's own, left alone where anything else stands
 * there, with at most one line, and never waited for. */
#include "terminal.h"

static char folder[] = "/tmp/twomsl-history-XXXXXX";
static char path[128], state_home[128];

static const char *const prompt_argv[] = {TWOMSL_PROGRAM, "--wire=memory", NULL};

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(state_home, sizeof state_home, "XDG_STATE_HOME=%s", folder);
    snprintf(path, sizeof path, "%s/twomsl", folder);
    if (mkdir(path, 0700) != 0) return -1;
    snprintf(path, sizeof path, "%s/twomsl/history", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* The prompt comes, a line runs, and Ctrl-D leaves; `said` (NULL: nothing) is said of the file. */
static void prompt_works(const char *said) {
    Term t;
    char text[256] = "";
    if (said) snprintf(text, sizeof text, "twomsl: no history of earlier lines: %s: %s\n", path, said);
    term_open(&t, prompt_argv, (TermEnv){state_home, NULL});
    char greeting[400];
    snprintf(greeting, sizeof greeting, "Ctrl-D leaves.\n%s>", text);
    term_expect(&t, greeting);
    term_line(&t, "1 + 1", "2");
    term_type(&t, "\004");
    assert_int_equal(term_ended(&t), 0);
    term_close(&t);
}

static void stands_there(const char *command, const char *said) {
    char line[512];
    snprintf(line, sizeof line, "cd '%s/twomsl' && %s", folder, command);
    assert_int_equal(system(line), 0);
    prompt_works(said);
    snprintf(line, sizeof line, "rm -rf '%s'", path);
    assert_int_equal(system(line), 0);
}

static void keeps_lines(void **state) {
    (void)state;
    char text[64] = "";
    prompt_works(NULL);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(text, "1 + 1\n");
    stands_there("true", NULL);
}

static void leaves_alone_what_is_no_file(void **state) {
    (void)state;
    stands_there("mkfifo history", "it is not a file");
    stands_there("ln -s /dev/zero history", "it is not a file");
    stands_there("ln -s /dev/full history", "it is not a file");
    stands_there("mkdir history", strerror(EISDIR));
    stands_there("ln -s history history", strerror(ELOOP));
    stands_there("truncate -s 10G history", strerror(EFBIG));
    stands_there("ln -s nowhere/at/all history", NULL);
}

static void does_without_a_place(void **state) {
    static const char *const places[] = {"XDG_STATE_HOME=/proc/nothing", "XDG_STATE_HOME=", "XDG_STATE_HOME=relative",
                                         "XDG_STATE_HOME=/dev/null"};
    char kept[128];
    (void)state;
    strcpy(kept, state_home);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        strcpy(state_home, places[i]);
        prompt_works(NULL);
    }
    strcpy(state_home, kept);
}

int main(void) {
    setenv("HOME", "/nonexistent", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_lines),
        cmocka_unit_test(leaves_alone_what_is_no_file),
        cmocka_unit_test(does_without_a_place),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
