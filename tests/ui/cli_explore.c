/* cli_explore.c - twomsl explore: the searches of a script, the parts of a swarm, and joining what they report. */
#include "command.h"

#define SEE "; twomsl explore --help shows how\n"

static const char open_script[] = "B:listen(80); c = A:connect(B, 80, {port=7777})\n"
                                  "print('opening')\n"
                                  "explore{drops=2}\n";
static const char broken_script[] =
    "B:listen(80); c = A:connect(B, 80, {port=7777})\n"
    "explore{drops=1, check=function() return c.state ~= 'ESTABLISHED', 'A is open' end}\n";

static void says(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* ---- The command line ---- */

static void explains_itself(void **state) {
    (void)state;
    static Outcome o;
    COMMAND(&o, NULL, "explore", "--help");
    assert_int_equal(o.status, 0);
    static const char *const words[] = {
        "usage: twomsl explore", "--part=i/n", "--format=text|json", "--progress", "--merge", "--seed", "Exit status"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) says(o.out, words[i]);
    for (char *line = strtok(o.out, "\n"); line; line = strtok(NULL, "\n")) assert_true(strlen(line) <= 120);
}

static void refuses_what_it_does_not_know(void **state) {
    (void)state;
    command_script(command_folder, "open.lua", open_script);
    static const char *const wrong[] = {"--part=0/4", "--part=5/4", "--part=2", "--part", "--part=a/b", "--part=1/2/3"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT(2, "", "twomsl: explore: --part wants i/n, the i-th of n parts: --part=2/8" SEE, NULL, "explore",
               wrong[i], "open.lua");
    EXPECT(2, "", "twomsl: explore: which script?" SEE, NULL, "explore");
    EXPECT(2, "", "twomsl: explore: which script?" SEE, NULL, "explore", "--part=1/2");
    EXPECT(2, "", "twomsl: explore: --format wants text or json" SEE, NULL, "explore", "--format=xml", "open.lua");
    EXPECT(2, "", "twomsl: explore: --progress wants seconds: --progress=10" SEE, NULL, "explore", "--progress=0",
           "open.lua");
    EXPECT(2, "", "twomsl: explore: --merge: which files?" SEE, NULL, "explore", "--merge");
    EXPECT(2, "", "twomsl: explore: --merge goes with --format alone" SEE, NULL, "explore", "--part=1/2", "--merge",
           "a.jsonl");
    EXPECT(2, "", "twomsl: unknown option --parts=2; twomsl --help lists the options\n", NULL, "explore", "--parts=2",
           "open.lua");
    EXPECT(2, "", "twomsl: cannot open none.lua: No such file or directory\n", NULL, "explore", "none.lua");
}

/* ---- The searches of a script ---- */

static void reports_searches(void **state) {
    (void)state;
    command_script(command_folder, "open.lua", open_script);
    static Outcome o, again;
    COMMAND(&o, NULL, "explore", "open.lua");
    assert_int_equal(o.status, 0);
    says(o.out, "opening\nopen.lua:3: explore\n  complete: every order within drops=2, dups=0, delays=1 was tried");
    says(o.out, "\n  odds of a missed state: 1 in ");
    COMMAND(&again, NULL, "explore", "open.lua");
    assert_string_equal(again.out, o.out);
    command_script(command_folder, "args.lua", "B:listen(80); A:connect(B, 80) print(...) find{A='ESTABLISHED'}");
    COMMAND(&o, NULL, "explore", "args.lua", "one", "two");
    assert_int_equal(o.status, 0);
    says(o.out, "one\ttwo\nargs.lua:1: find\n  found: 2 steps\n");
    says(o.out, "\n  as a script:\n    wire[1]:deliver() ");
}

static void fails_where_something_is_broken(void **state) {
    (void)state;
    static Outcome o;
    command_script(command_folder, "broken.lua", broken_script);
    COMMAND(&o, NULL, "explore", "broken.lua");
    assert_int_equal(o.status, 1);
    says(o.out, "broken.lua:2: explore\n  broken: A is open\n  path: 2 steps");
    says(o.out, "\n    wire[1]:deliver() ");
    command_script(command_folder, "wrong.lua", "explore{drops=99}");
    COMMAND(&o, NULL, "explore", "wrong.lua");
    assert_int_equal(o.status, 1);
    says(o.err, "drops must be a whole number, 0 to 15, not 99");
    command_script(command_folder, "none.lua", "print(1)");
    EXPECT(1, "1\n", "twomsl: explore: none.lua made no search: it calls neither explore{...} nor find(...)\n", NULL,
           "explore", "none.lua");
}

static void reports_what_it_has_after_an_interrupt(void **state) {
    (void)state;
    static Outcome o;
    command_script(command_folder, "long.lua",
                   "B:listen(80); c = A:connect(B, 80)\n"
                   "explore{drops=9, dups=9, delays=true}\nprint('not reached')");
    const char *const words[] = {"explore", "--memory=2G", "long.lua", NULL};
    command_run_interrupted(&o, NULL, words, 2000, NULL);
    assert_int_equal(o.status, 130);
    says(o.out, "long.lua:2: explore\n  not complete: cut by Ctrl-C\n");
    assert_null(strstr(o.out, "not reached"));
}

/* ---- Parts, and joining them ---- */

/* Runs a part of a script and keeps what it prints in a file. */
static void run_part(const char *script, const char *part, const char *file, int status) {
    static Outcome o;
    COMMAND(&o, NULL, "explore", part, script);
    assert_int_equal(o.status, status);
    command_script(command_folder, file, o.out);
}

static int distinct(const char *report) {
    static const char name[] = "\"distinct\":";
    const char *at = strstr(report, name);
    assert_non_null(at);
    return atoi(at + sizeof name - 1);
}

static void joins_parts(void **state) {
    (void)state;
    static Outcome o;
    command_script(command_folder, "open.lua", open_script);
    COMMAND(&o, NULL, "explore", "--part=2/3", "open.lua");
    assert_int_equal(o.status, 0);
    assert_string_equal(o.err, "opening\n"); /* the lines of JSON are alone on stdout */
    assert_ptr_equal(strstr(o.out, "{\"kind\":\"explore\",\"where\":\"open.lua:3\",\"nth\":1,\"seed\":\"1\","), o.out);
    says(o.out, "\"part\":2,\"parts\":3,\"within\":\"drops=2, dups=0, delays=1\",\"complete\":true,");
    assert_ptr_equal(strchr(o.out, '\n') + 1, o.out + strlen(o.out));
    run_part("open.lua", "--part=1/3", "1.jsonl", 0);
    run_part("open.lua", "--part=2/3", "2.jsonl", 0);
    COMMAND(&o, NULL, "explore", "--merge", "1.jsonl", "2.jsonl");
    assert_int_equal(o.status, 0);
    says(o.out, "open.lua:3: explore, 2 parts, not those of part 3\n  complete: every order within ");
    says(o.out, "\n  4 pairs of states\n  odds of a missed state: ");
    COMMAND(&o, NULL, "explore", "--merge", "--format=json", "1.jsonl", "2.jsonl");
    /* A search alone has met 663 worlds; the sketch errs by 1.6 %, much less where there are so few. */
    assert_in_range(distinct(o.out), 630, 695);
}

/* Both parts meet less than there is, together more than each. */
static void joins_parts_that_are_not_complete(void **state) {
    (void)state;
    static Outcome o;
    command_script(command_folder, "cut.lua",
                   "B:listen(80); A:connect(B, 80, {port=7777})\n"
                   "explore{drops=4, dups=2, delays=2, states=3000}\n");
    run_part("cut.lua", "--part=2/3", "1.jsonl", 0);
    run_part("cut.lua", "--part=3/3", "2.jsonl", 0);
    COMMAND(&o, NULL, "explore", "--merge", "--format=json", "1.jsonl");
    int alone = distinct(o.out);
    assert_in_range(alone, 1500, 3100);
    COMMAND(&o, "", "explore", "--merge", "--format=json", "2.jsonl", "1.jsonl");
    assert_int_equal(o.status, 0);
    says(o.out, "\"parts\":2,\"missing\":[1],");
    says(o.out, "\"complete\":false,\"states\":");
    assert_in_range(distinct(o.out), alone + 200, 6000);
}

static void joins_the_shortest_path(void **state) {
    (void)state;
    static Outcome o;
    command_script(command_folder, "broken.lua", broken_script);
    run_part("broken.lua", "--part=1/4", "1.jsonl", 1);
    run_part("broken.lua", "--part=4/4", "4.jsonl", 1);
    COMMAND(&o, NULL, "explore", "--merge", "4.jsonl", "1.jsonl");
    assert_int_equal(o.status, 1);
    says(o.out, "\n  broken, as 2 of them found: A is open\n  the shortest path has 2 steps, in part ");
    says(o.out, "\n  as a script:\n    wire[1]:deliver() ");
}

static void refuses_what_is_no_report(void **state) {
    (void)state;
    static Outcome o;
    command_script(command_folder, "open.lua", open_script);
    run_part("open.lua", "--part=1/2", "1.jsonl", 0);
    command_script(command_folder, "bad.jsonl", "\n{\"kind\":\"progress\"}\nnot JSON\n");
    COMMAND(&o, NULL, "explore", "--merge", "1.jsonl", "bad.jsonl");
    assert_int_equal(o.status, 1);
    says(o.err, "bad.jsonl:3: this is no JSON: ");
    command_script(command_folder, "bad.jsonl", "{\"kind\":\"explore\",\"where\":7}\n");
    COMMAND(&o, NULL, "explore", "--merge", "bad.jsonl");
    says(o.err, "bad.jsonl:1: this is no report of twomsl explore: ");
    EXPECT(1, "", "explore: cannot open no.jsonl: No such file or directory\n", NULL, "explore", "--merge", "no.jsonl");
    command_script(command_folder, "empty.jsonl", "\n");
    EXPECT(1, "", "explore: there is no report in these files\n", NULL, "explore", "--merge", "empty.jsonl");
    COMMAND(&o, NULL, "explore", "--merge", "1.jsonl", "1.jsonl");
    assert_int_equal(o.status, 1);
    says(o.err, "1.jsonl:1: part 1 of search 1 is in 1.jsonl:1 already");
    COMMAND(&o, NULL, "explore", "--part=2/2", "--seed=5", "open.lua");
    command_script(command_folder, "other.jsonl", o.out);
    COMMAND(&o, NULL, "explore", "--merge", "1.jsonl", "other.jsonl");
    assert_int_equal(o.status, 1);
    says(o.err, "other.jsonl:1: search 1 is not the one of 1.jsonl:1 (start differs): parts need the same script and "
                "--seed");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(explains_itself),
                                       cmocka_unit_test(refuses_what_it_does_not_know),
                                       cmocka_unit_test(reports_searches),
                                       cmocka_unit_test(fails_where_something_is_broken),
                                       cmocka_unit_test(reports_what_it_has_after_an_interrupt),
                                       cmocka_unit_test(joins_parts),
                                       cmocka_unit_test(joins_parts_that_are_not_complete),
                                       cmocka_unit_test(joins_the_shortest_path),
                                       cmocka_unit_test(refuses_what_is_no_report)};
    return cmocka_run_group_tests_name("cli_explore", tests, command_make_folder, command_remove_folder);
}
