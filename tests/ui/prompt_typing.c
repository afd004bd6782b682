/* prompt_typing.c - what a person types at the prompt, and what then stands on the screen. */
#include "terminal.h"

static const char *const prompt_argv[] = {TWOMSL_PROGRAM, "--wire=memory", NULL};

static void open_prompt(Term *t, TermEnv env) {
    term_open(t, prompt_argv, env);
    term_expect(t, "Ctrl-D leaves.\n>");
}

static void leave(Term *t) {
    term_type(t, "\004");
    assert_int_equal(term_ended(t), 0);
    term_close(t);
}

static void shows_values(void **state) {
    (void)state;
    Term t;
    open_prompt(&t, NULL);
    term_line(&t, "1 + 1", "2");
    term_line(&t, "x = 5", "");
    term_line(&t, "x, 'text', nil", "5       text    nil");
    term_line(&t, "{2, 1, b = {c = 'd'}, a = true}", "{2, 1, a = true, b = {c = \"d\"}}");
    term_line(&t, "print('one') print('two')", "one\ntwo");
    term_line(&t, "t = {} t.t = t return t", "{t = {...}}");
    term_line(&t, "'\\27[31mred'", "\\x1B[31mred");
    leave(&t);
}

static void long_tables_are_broken_into_lines(void **state) {
    (void)state;
    Term t;
    open_prompt(&t, NULL);
    term_line(&t, "{('x'):rep(40), n = {('y'):rep(40)}}",
              "{\n  \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\n"
              "  n = {\"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"}\n}");
    leave(&t);
}

static void tells_errors_and_goes_on(void **state) {
    (void)state;
    Term t;
    open_prompt(&t, NULL);
    term_line(&t, "stpe()", "stdin:1: attempt to call a nil value (global 'stpe'); did you mean step?");
    term_line(&t, "x = = 1", "stdin:1: unexpected symbol near '='");
    term_line(&t, "error({code = 7})", "stdin:1: error: {code = 7}");
    term_line(&t, "error()", "stdin:1: error: raised without a message");
    term_line(&t, "local first, second = {}, 2", "");
    term_line(&t, "first.x = 1",
              "stdin:1: attempt to index a nil value (global 'first'); leave out 'local': it lives for one line");
    term_line(&t, "wire[1]:drop()",
              "stdin:1: attempt to index a nil value (field 'integer index'); nothing stands at that number");
    term_line(&t, "1 + 1", "2");
    leave(&t);
}

static void reads_several_lines(void **state) {
    (void)state;
    Term t;
    open_prompt(&t, NULL);
    term_type(&t, "for i = 1, 2 do\rprint(i)\rend\r");
    term_expect(&t, "> for i = 1, 2 do\n>> print(i)\n>> end\n1\n2\n>");
    term_type(&t, "function f()\r");
    term_expect(&t, "> function f()\n>>");
    term_type(&t, "\004"); /* gives the lines up, and does not leave */
    term_expect(&t, ">>\n>");
    term_line(&t, "2 * 3", "6");
    leave(&t);
}

static void completes(void **state) {
    (void)state;
    Term t;
    open_prompt(&t, NULL);
    term_type(&t, "netst\t");
    term_expect(&t, "> netstat(");
    term_type(&t, "\025string.form\t");
    term_expect(&t, "> string.format(");
    term_type(&t, "\025A:conn\t");
    term_expect(&t, "> A:connect(");
    term_type(&t, "\025print(wire.late\t");
    term_expect(&t, "> print(wire.latency");
    term_type(&t, "\025c = A:connect(B, 80)\rwire[1]:deli\t");
    term_expect(&t, "> wire[1]:deliver(");
    term_type(&t, "\025c.snd.un\t");
    term_expect(&t, "> c.snd.una");
    term_type(&t, "\025c.co\t"); /* several, or none: stays as it is, and the prompt goes on */
    term_type(&t, "\025A.\t\t");
    term_shows(&t, "addr");
    term_expect(&t, "\n> A.");
    assert_null(strstr(term_text(&t), "A.addr")); /* the list shows names alone */
    term_type(&t, "\025");
    term_line(&t, "1 + 1", "2");
    leave(&t);
}

static void remembers_lines_across_sessions(void **state) {
    (void)state;
    char folder[] = "/tmp/twomsl-history-XXXXXX", home[64], command[128];
    assert_non_null(mkdtemp(folder));
    snprintf(home, sizeof home, "XDG_STATE_HOME=%s/new", folder);
    const char *const env[] = {home, NULL};
    Term t;
    open_prompt(&t, env);
    term_line(&t, "40 + 2", "42");
    term_line(&t, "40 + 2", "42");
    term_type(&t, "if true then\rprint('yes')\rend\r");
    term_expect(&t, "yes\n>");
    leave(&t);
    open_prompt(&t, env);
    term_type(&t, "\033[A");
    term_expect(&t, "> if true then print('yes') end");
    term_type(&t, "\033[A");
    term_expect(&t, "> 40 + 2");
    term_type(&t, "\033[A"); /* the same line twice in a row is kept once: nothing is above */
    term_type(&t, "\r");
    term_expect(&t, "> 40 + 2\n42\n>");
    leave(&t);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void lives_without_a_history_file(void **state) {
    (void)state;
    static const char *const env[] = {"XDG_STATE_HOME=/proc/nothing", NULL};
    Term t;
    open_prompt(&t, env);
    term_line(&t, "1 + 1", "2");
    leave(&t);
}

static void typed_ahead_lines_wait(void **state) {
    (void)state;
    Term t;
    open_prompt(&t, NULL);
    term_type(&t, "for i = 1, 3e7 do end print('slow')\r");
    term_type(&t, "6 * 8\1777\r");                          /* with a typing error corrected */
    term_expect(&t, "print('slow')\nslow\n> 6 * 7\n42\n>"); /* and are not shown among the output */
    leave(&t);
}

static void follows_the_terminal_size(void **state) {
    (void)state;
    Term t;
    open_prompt(&t, NULL);
    struct winsize size = {.ws_row = 24, .ws_col = 60};
    assert_int_equal(ioctl(t.fd, TIOCSWINSZ, &size), 0);
    term_line(&t, "1 + 1", "2");
    term_type(&t, "3 * ");
    term_expect(&t, "> 3 *");
    size.ws_col = 70;
    assert_int_equal(ioctl(t.fd, TIOCSWINSZ, &size), 0);
    usleep(100000);
    term_type(&t, "3\r");
    term_expect(&t, "> 3 * 3\n9\n>");
    leave(&t);
}

/* What a person may write beside Lua. */
static void asks_for_help_in_short(void **state) {
    static const char *const lines[] = {"help step", "step?", " step ? ", "help \"step\""};
    Term t;
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        term_open(&t, prompt_argv, NULL);
        term_expect(&t, "Ctrl-D leaves.\n>");
        term_type(&t, lines[i]);
        term_type(&t, "\r");
        term_shows(&t, "does the next thing that happens");
        term_close(&t);
    }
    term_open(&t, prompt_argv, NULL);
    term_expect(&t, "Ctrl-D leaves.\n>");
    term_type(&t, "cwnd?\r");
    term_shows(&t, "c.cwnd\n");
    term_type(&t, "wire:inject?\r");
    term_shows(&t, "forges a packet");
    term_type(&t, "c = A:connect(B, 80)\rc?\r");
    term_shows(&t, "a connection");
    term_type(&t, "frobnicate?\r");
    term_shows(&t, "there is no word 'frobnicate'");
    term_close(&t);
}

static void keeps_the_last_value(void **state) {
    Term t;
    (void)state;
    term_open(&t, prompt_argv, NULL);
    term_expect(&t, "Ctrl-D leaves.\n>");
    term_line(&t, "_", "nil");
    term_line(&t, "6 * 7, 8", "42      8");
    term_line(&t, "x = 1", "");
    term_line(&t, "_ + 1", "43");
    term_line(&t, "_", "43");
    term_close(&t);
}

static void leaves_by_a_word(void **state) {
    static const char *const words[] = {"exit\r", " quit \r"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        Term t;
        term_open(&t, prompt_argv, NULL);
        term_expect(&t, "Ctrl-D leaves.\n>");
        term_type(&t, words[i]);
        assert_int_equal(term_ended(&t), 0);
        term_close(&t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_values),
        cmocka_unit_test(long_tables_are_broken_into_lines),
        cmocka_unit_test(tells_errors_and_goes_on),
        cmocka_unit_test(reads_several_lines),
        cmocka_unit_test(completes),
        cmocka_unit_test(remembers_lines_across_sessions),
        cmocka_unit_test(lives_without_a_history_file),
        cmocka_unit_test(typed_ahead_lines_wait),
        cmocka_unit_test(follows_the_terminal_size),
        cmocka_unit_test(asks_for_help_in_short),
        cmocka_unit_test(keeps_the_last_value),
        cmocka_unit_test(leaves_by_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
