/* cli_options.c - the command line: what it takes, and how it refuses. */
#include "command.h"

#define M "--wire=memory"
#define LISTS "; twomsl --help lists the options\n"

static void tells_version_and_help(void **state) {
    (void)state;
    static Outcome o;
    COMMAND(&o, NULL, "--version");
    assert_int_equal(o.status, 0);
    assert_int_equal(strncmp(o.out, "twomsl ", 7), 0);
    COMMAND(&o, NULL, "--help");
    assert_int_equal(o.status, 0);
    assert_string_equal(o.err, "");
    static const char *const words[] = {
        "lessons",  "lesson NAME", "attach", "--eval",       "-i",      "--wire=auto|raw|memory",
        "--window", "--no-window", "--lang", "--seed",       "--speed", "--scale",
        "--theme",  "--version",   "--help", "--memory=SIZE"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!strstr(o.out, words[i])) fail_msg("--help does not tell of %s", words[i]);
    }
    static const char *const commands[] = {"lessons", "lesson", "attach"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "usage: twomsl %s", commands[i]);
        COMMAND(&o, NULL, commands[i], "--help");
        assert_int_equal(o.status, 0);
        assert_int_equal(strncmp(o.out, usage, strlen(usage)), 0);
    }
}

static void help_is_narrow(void **state) {
    (void)state;
    static Outcome o;
    COMMAND(&o, NULL, "--help");
    for (char *line = strtok(o.out, "\n"); line; line = strtok(NULL, "\n")) assert_true(strlen(line) <= 80);
}

static void refuses_unknown_words(void **state) {
    (void)state;
    EXPECT(2, "", "twomsl: unknown option --foo" LISTS, NULL, "--foo");
    EXPECT(2, "", "twomsl: unknown option -x" LISTS, NULL, "-x");
    EXPECT(2, "", "twomsl: no such file or command: frobnicate; twomsl --help lists the commands\n", NULL,
           "frobnicate");
    EXPECT(2, "", "twomsl: --window=yes takes no value" LISTS, NULL, "--window=yes");
    EXPECT(2, "", "twomsl: -e needs a value; twomsl --help shows how\n", NULL, "-e");
    EXPECT(2, "", "twomsl: --eval needs a value; twomsl --help shows how\n", NULL, "--eval");
    EXPECT(2, "", "twomsl: lesson: which one?; twomsl lessons lists the names\n", NULL, "lesson");
    EXPECT(2, "", "twomsl: attach: which program?; for example twomsl attach tcpdump -i lo\n", NULL, "attach");
    EXPECT(2, "", "twomsl: cannot open /tmp: Is a directory\n", NULL, "/tmp");
    EXPECT(2, "", "twomsl: no such file or command: lessons; twomsl --help lists the commands\n", NULL, "--",
           "lessons");
}

static void refuses_wrong_values(void **state) {
    (void)state;
    EXPECT(2, "", "twomsl: --wire: no wire is called \"tcp\"; say --wire=auto, --wire=raw or --wire=memory\n", NULL,
           "--wire=tcp");
    EXPECT(2, "", "twomsl: --lang: no language is called \"fr\"; say --lang=en, --lang=zh_CN or --lang=zh_TW\n", NULL,
           "--lang", "fr");
    EXPECT(2, "", "twomsl: --theme: no theme is called \"pink\"; say --theme=dark or --theme=light\n", NULL,
           "--theme=pink");
    EXPECT(2, "", "twomsl: --seed: \"-1\" is no seed; give a whole number from 0 to 18446744073709551615\n", NULL,
           "--seed=-1");
    EXPECT(2, "", "twomsl: --seed: \"\" is no seed; give a whole number from 0 to 18446744073709551615\n", NULL,
           "--seed=");
    EXPECT(2, "", "twomsl: --speed: \"0\" is no speed; give a number from 0.01 to 100; 1 is normal\n", NULL,
           "--speed=0");
    EXPECT(2, "", "twomsl: --speed: \"nan\" is no speed; give a number from 0.01 to 100; 1 is normal\n", NULL,
           "--speed=nan");
    EXPECT(2, "", "twomsl: --scale: \"big\" is no scale; give a number from 0.5 to 4; 1 is normal\n", NULL,
           "--scale=big");
}

static void takes_values(void **state) {
    (void)state;
    EXPECT(0, "1\n", "", NULL, M, "--seed=0x10", "--speed=2.5", "--scale", "1.5", "--theme=light", "--lang=zh_TW",
           "--no-window", "-e", "print(1)");
    EXPECT(0, "memory\n", "", NULL, "-e", "print(wire.kind)", "--wire", "memory");
    EXPECT(0, "1\n", "", NULL, M, "-eprint(1)");
}

#define NO_SIZE(value) \
    "twomsl: --memory: \"" value "\" is no size; give one from 1M to 64G, for example --memory=256M\n"

static void takes_the_memory_of_scripts(void **state) {
    (void)state;
    static const char code[] = "t = ('x'):rep(40 << 20) .. 'y' print(#t)";
    EXPECT(0, "41943041\n", "", NULL, M, "--memory=256M", "-e", code);
    EXPECT(0, "41943041\n", "", NULL, M, "--memory=1g", "-e", code);
    EXPECT(0, "1\n", "", NULL, M, "--memory=1024K", "-e", "print(1)");
    EXPECT(0, "1\n", "", NULL, M, "--memory=68719476736", "-e", "print(1)");
    static Outcome o;
    COMMAND(&o, NULL, M, "-e", code);
    assert_int_equal(o.status, 1);
    assert_non_null(strstr(o.err, "64 MB"));
    static const char *const wrong[] = {
        "", "0", "1023K", "65G", "64GB", "M", "-1", "+64M", " 64M", "1.5G", "64T", "0x10M", "18446744073709551617G"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char word[64], want[160];
        snprintf(word, sizeof word, "--memory=%s", wrong[i]);
        snprintf(want, sizeof want, NO_SIZE("%s"), wrong[i]);
        EXPECT(2, "", want, NULL, word);
    }
}

static void goes_on_without_a_window(void **state) {
    (void)state;
    static Outcome o;
    COMMAND(&o, NULL, M, "--window", "-e", "print('here')");
    assert_int_equal(o.status, 0);
    assert_string_equal(o.out, "here\n");
    assert_int_equal(strncmp(o.err, "twomsl: no window (", 19), 0);
    assert_non_null(strstr(o.err, "); going on in the terminal.\n"));
    assert_ptr_equal(strchr(o.err, '\n') + 1, o.err + strlen(o.err)); /* one line */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_version_and_help),      cmocka_unit_test(help_is_narrow),
        cmocka_unit_test(refuses_unknown_words),       cmocka_unit_test(refuses_wrong_values),
        cmocka_unit_test(takes_the_memory_of_scripts), cmocka_unit_test(takes_values),
        cmocka_unit_test(goes_on_without_a_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
