/* prompt_interrupt.c - Ctrl-C, Ctrl-D, Ctrl-Z, and every way the program ends: the prompt or the shell comes back, the
 * terminal as it was. */
#include "terminal.h"

static const char *const prompt_argv[] = {TWOMSL_PROGRAM, "--wire=memory", NULL};

static void open_prompt(Term *t) {
    term_open(t, prompt_argv, NULL);
    term_expect(t, "Ctrl-D leaves.\n>");
}

static void leave(Term *t) {
    term_type(t, "\004");
    assert_int_equal(term_ended(t), 0);
    term_close(t);
}

/* Types the line, gives it time to get going, and interrupts it. */
static void interrupts(const char *line) {
    char tail[512], keys[512];
    Term t;
    open_prompt(&t);
    snprintf(keys, sizeof keys, "%s\r", line);
    term_type(&t, keys);
    snprintf(tail, sizeof tail, "> %s\n", line);
    term_expect(&t, tail);
    int64_t start = term_now();
    while (term_now() - start < 200) assert_true(term_read(&t, 20));
    assert_true(term_ends(&t, tail)); /* it still runs */
    term_type(&t, "\003");
    snprintf(tail, sizeof tail, "> %s\ninterrupted\n>", line);
    term_expect(&t, tail);
    term_line(&t, "1 + 1", "2"); /* and nothing of it is left */
    term_line(&t, "for i = 1, 100000 do end", "");
    leave(&t);
}

/* How far a search has come is one line that goes away; Ctrl-C ends the search, and what was found so far is there. */
static void interrupts_a_search(void **state) {
    (void)state;
    static const char *const argv[] = {TWOMSL_PROGRAM, "--wire=memory", "--memory=2G", NULL};
    static const char line[] = "r = explore{drops=9, dups=9, delays=true}";
    Term t;
    term_open(&t, argv, NULL);
    term_expect(&t, "Ctrl-D leaves.\n>");
    term_line(&t, "B:listen(80); A:connect(B, 80)", "");
    term_type(&t, line);
    term_type(&t, "\r");
    term_shows(&t, " waiting, depth ");
    term_type(&t, "\003");
    char tail[96];
    snprintf(tail, sizeof tail, "> %s\n>", line);
    term_expect(&t, tail);
    term_line(&t, "r.cut, r.states > 100", "interrupted     true");
    leave(&t);
}

static void interrupts_a_loop(void **state) {
    (void)state;
    interrupts("while true do end");
}
static void interrupts_a_loop_of_pcall(void **state) {
    (void)state;
    interrupts("while true do pcall(error) end");
}
static void interrupts_nested_pcalls(void **state) {
    (void)state;
    interrupts("while true do pcall(function() while true do end end) end");
}
static void interrupts_a_coroutine(void **state) {
    (void)state;
    interrupts("coroutine.wrap(function() while true do end end)()");
}
static void interrupts_coroutines_in_a_loop(void **state) {
    (void)state;
    interrupts("while true do coroutine.resume(coroutine.create(function() while 1 do end end)) end");
}
static void interrupts_a_message_handler(void **state) {
    (void)state;
    interrupts("xpcall(function() while true do end end, function() while true do end end)");
}
static void interrupts_a_closing_variable(void **state) {
    (void)state;
    interrupts("do local x <close> = setmetatable({}, {__close = function() while 1 do end end}) end");
}
static void interrupts_the_showing_of_a_value(void **state) {
    (void)state;
    interrupts("setmetatable({}, {__tostring = function() while true do end end})");
}

static void interrupts_a_pattern(void **state) {
    (void)state;
    interrupts("(('a'):rep(1000)):find(('.-'):rep(8) .. 'b')");
    interrupts("while true do pcall(string.gsub, ('a'):rep(1000), ('a*'):rep(8) .. 'b', '') end");
}
static void interrupts_a_table_of_endless_length(void **state) {
    (void)state;
    interrupts("while true do pcall(table.sort, setmetatable({}, {__len = function() return 9999999 end})) end");
    interrupts("table.insert(setmetatable({}, {__len = function() while true do end end}), 1)");
}
static void interrupts_an_error_value(void **state) {
    (void)state;
    interrupts("error(setmetatable({}, {__tostring = function() while true do end end}))");
    interrupts("m = {} m.__tostring = function() while m do pcall(error) end end error(setmetatable({}, m))");
}

/* The terminal takes no more output, so the write blocks; what is left of it is given up. */
static void interrupts_output_that_is_not_read(void **state) {
    (void)state;
    Term t;
    open_prompt(&t);
    term_type(&t, "print(('x\\r'):rep(1e6))\r");
    usleep(300000);
    term_type(&t, "\003");
    usleep(300000);
    term_expect(&t, "x\n>");
    term_line(&t, "1 + 1", "2");
    leave(&t);
}

static void interrupts_a_paste_without_an_end(void **state) {
    (void)state;
    Term t;
    open_prompt(&t);
    term_type(&t, "\033[200~print('pasted')\rand more");
    usleep(200000);
    term_type(&t, "\003");
    term_expect(&t, "^C\n>");
    term_line(&t, "1 + 1", "2");
    leave(&t);
}

static void clears_the_line_at_the_prompt(void **state) {
    (void)state;
    Term t;
    open_prompt(&t);
    term_type(&t, "half a li");
    term_expect(&t, "> half a li"); /* the terminal forgets what was not read yet */
    term_type(&t, "\003");
    term_expect(&t, "> half a li^C\n>");
    term_type(&t, "for i = 1, 3 do\r");
    term_expect(&t, ">>");
    term_type(&t, "\003");
    term_expect(&t, ">> ^C\n>");
    term_type(&t, "\022search"); /* Ctrl-R */
    term_shows(&t, "i-search)`search'");
    term_type(&t, "\003");
    term_expect(&t, "^C\n>");
    term_line(&t, "1 + 1", "2");
    leave(&t);
}

static void leaves_by_keys_in_a_row(void **state) {
    (void)state;
    Term t;
    for (int i = 0; i < 20; i++) {
        open_prompt(&t);
        term_type(&t, "half");
        term_expect(&t, "> half");
        term_type(&t, "\003\004");
        assert_int_equal(term_ended(&t), 0);
        term_close(&t);
    }
    open_prompt(&t);
    term_type(&t, "for i = 1, 1e7 do end\r\004"); /* typed ahead */
    assert_int_equal(term_ended(&t), 0);
    term_close(&t);
}

static void interrupts_a_pause(void **state) {
    (void)state;
    Term t;
    open_prompt(&t);
    term_type(&t, "pause() print('gone on')\r");
    term_expect(&t, "]");
    term_type(&t, "\r");
    term_expect(&t, "gone on\n>");
    term_type(&t, "pause() print('not reached')\r");
    term_expect(&t, "]");
    term_type(&t, "\003");
    term_expect(&t, "interrupted\n>");
    term_line(&t, "1 + 1", "2");
    leave(&t);
}

/* ---- The terminal's modes ---- */

static void same_modes_as(const struct termios *after, const struct termios *before) {
    assert_int_equal(after->c_iflag, before->c_iflag);
    assert_int_equal(after->c_oflag, before->c_oflag);
    assert_int_equal(after->c_lflag, before->c_lflag);
    assert_memory_equal(after->c_cc, before->c_cc, sizeof after->c_cc);
}

static void same_modes(int fd, const struct termios *before) {
    struct termios after;
    assert_int_equal(tcgetattr(fd, &after), 0);
    same_modes_as(&after, before);
}

typedef struct Ending {
    const char *arguments, *shown; /* of the program; what it shows then */
    const char *line;              /* typed first */
    int deaf;                      /* seconds for which the terminal is not read after the signal */
    const char *keys;              /* then typed; may be NULL */
    int signal;                    /* then sent; may be 0 */
} Ending;

/* The terminal must outlive the program for its modes to be seen: a shell holds it. Returns what the shell said of the
 * end. */
static int ends_with_modes_restored(const Ending *e) {
    char command[256];
    snprintf(command, sizeof command, "sleep 0.2; '%s' --wire=memory %s & fg >/dev/null; echo \"[$?]\"; read wait",
             TWOMSL_PROGRAM, e->arguments ? e->arguments : "");
    const char *argv[] = {"/bin/sh", "-m", "-c", command, NULL};
    struct termios before, during;
    Term t;
    int status;
    term_open(&t, argv, NULL);
    assert_int_equal(tcgetattr(t.fd, &before), 0);
    term_expect(&t, e->shown ? e->shown : "Ctrl-D leaves.\n>");
    assert_int_equal(tcgetattr(t.fd, &during), 0);
    assert_int_not_equal(during.c_lflag, before.c_lflag); /* readline's modes */
    if (e->line) {
        term_type(&t, e->line);
        usleep(300000);
    }
    if (e->keys) term_type(&t, e->keys);
    pid_t program = tcgetpgrp(t.fd);
    if (e->signal) assert_int_equal(kill(-program, e->signal), 0);
    sleep((unsigned)e->deaf);
    term_expect(&t, "]\n");
    const char *said = strrchr(term_text(&t), '[');
    status = said ? atoi(said + 1) : -1;
    same_modes(t.fd, &before);
    term_type(&t, "\r");
    term_ended(&t);
    term_close(&t);
    return status;
}

static void restores_the_terminal(void **state) {
    (void)state;
    static const Ending endings[] = {
        {.signal = SIGTERM, .line = "half a line"},
        {.signal = SIGTERM, .line = "while true do end\r"},
        {.signal = SIGTERM, .line = "(('a'):rep(1000)):find(('.-'):rep(8) .. 'b')\r"},
        {.signal = SIGHUP, .line = "(('a'):rep(1000)):find(('.-'):rep(8) .. 'b')\r"},
        {.signal = SIGTERM, .line = "while true do pcall(pcall, error) end\r"},
        {.signal = SIGHUP, .line = "pause()\r"},
        {.signal = SIGTERM, .line = "\022search"},
        {.signal = SIGTERM, .arguments = "lesson open-three-way", .shown = "[Enter]"},
        {.signal = SIGHUP, .arguments = "lesson open-three-way", .shown = "[Enter]", .line = "half a line"},
        {.signal = SIGTERM, .line = "print(('x\\r'):rep(1e6))\r", .deaf = 3},
        {.signal = SIGTERM, .line = "\033[200~a paste without an end"},
        {.signal = SIGHUP, .line = "\033[200~a paste without an end"},
        {.signal = SIGHUP},
        {.signal = SIGABRT, .line = "half a line"},
    };
    assert_int_equal(ends_with_modes_restored(&(Ending){.keys = "\004"}), 0);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        int status = ends_with_modes_restored(&endings[i]);
        if (status != 128 + endings[i].signal) fail_msg("ending %zu: the shell saw %d", i, status);
    }
}

static void restores_the_terminal_after_a_crash(void **state) {
    (void)state;
    int status = ends_with_modes_restored(&(Ending){.signal = SIGSEGV, .line = "half a line"});
    assert_true(status == 128 + SIGSEGV || status == 1); /* 1: a sanitizer reports it */
}

static void stops_a_job_and_goes_on(void **state) {
    (void)state;
    char command[256];
    snprintf(command, sizeof command, "'%s' --wire=memory & fg >/dev/null; echo stopped; sleep 0.5; fg; echo \"[$?]\"",
             TWOMSL_PROGRAM);
    const char *argv[] = {"/bin/sh", "-m", "-c", command, NULL};
    struct termios before, stopped;
    Term t;
    term_open(&t, argv, NULL);
    assert_int_equal(tcgetattr(t.fd, &before), 0);
    term_expect(&t, "Ctrl-D leaves.\n>");
    term_type(&t, "for i = 1, 3e8 do end print('done')\r");
    term_expect(&t, "print('done')\n");
    usleep(100000);
    term_type(&t, "\032");
    term_shows(&t, "stopped");
    assert_int_equal(tcgetattr(t.fd, &stopped), 0);
    term_shows(&t, "done\n>");
    same_modes_as(&stopped, &before);
    term_type(&t, "\004");
    term_expect(&t, "[0]\n");
    term_close(&t);
}

static void stops_and_goes_on(void **state) {
    (void)state;
    char command[256];
    snprintf(command, sizeof command, "'%s' --wire=memory & fg >/dev/null; echo stopped; fg; echo \"[$?]\"",
             TWOMSL_PROGRAM);
    const char *argv[] = {"/bin/sh", "-m", "-c", command, NULL};
    Term t;
    term_open(&t, argv, NULL);
    term_expect(&t, "Ctrl-D leaves.\n>");
    term_type(&t, "6 *");
    term_expect(&t, "> 6 *");
    term_type(&t, "\032");
    term_shows(&t, "stopped");
    term_expect(&t, "> 6 *"); /* what was half typed comes back */
    term_type(&t, " 7\r");
    term_expect(&t, "> 6 * 7\n42\n>");
    term_type(&t, "\004");
    term_expect(&t, "[0]\n");
    term_close(&t);
}

static void ends_when_the_terminal_goes(void **state) {
    (void)state;
    Term t;
    open_prompt(&t);
    close(t.fd);
    t.fd = open("/dev/null", O_RDWR);
    assert_int_equal(term_ended(&t), -SIGHUP);
    term_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupts_a_search),
        cmocka_unit_test(interrupts_a_loop),
        cmocka_unit_test(interrupts_a_loop_of_pcall),
        cmocka_unit_test(interrupts_nested_pcalls),
        cmocka_unit_test(interrupts_a_coroutine),
        cmocka_unit_test(interrupts_coroutines_in_a_loop),
        cmocka_unit_test(interrupts_a_message_handler),
        cmocka_unit_test(interrupts_a_closing_variable),
        cmocka_unit_test(interrupts_the_showing_of_a_value),
        cmocka_unit_test(interrupts_a_pattern),
        cmocka_unit_test(interrupts_a_table_of_endless_length),
        cmocka_unit_test(interrupts_an_error_value),
        cmocka_unit_test(interrupts_output_that_is_not_read),
        cmocka_unit_test(interrupts_a_paste_without_an_end),
        cmocka_unit_test(clears_the_line_at_the_prompt),
        cmocka_unit_test(leaves_by_keys_in_a_row),
        cmocka_unit_test(interrupts_a_pause),
        cmocka_unit_test(restores_the_terminal),
        cmocka_unit_test(restores_the_terminal_after_a_crash),
        cmocka_unit_test(stops_and_goes_on),
        cmocka_unit_test(stops_a_job_and_goes_on),
        cmocka_unit_test(ends_when_the_terminal_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
