/* loop_turn.c - the program's loop taken turn by turn, as a browser takes it, and what it waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../engine/link/link.h"
#include "../../repl/loop.h"

typedef struct Desk {
    Session *session;
    Lab *lab;
    char said[256];
    size_t length;
    int ready; /* how often the source was */
    int timeout, ends[2];
} Desk;

static void hear(void *self, const char *text, size_t length) {
    Desk *desk = self;
    assert_true(desk->length + length < sizeof desk->said);
    memcpy(desk->said + desk->length, text, length);
    desk->length += length;
}

static bool always(void *self, const char *why) {
    (void)self;
    (void)why;
    return true;
}

static void open_desk(Desk *desk, const Action *actions, size_t count, bool stay) {
    static const Config config = {.seed = 7};
    char error[256] = "";
    *desk = (Desk){.timeout = -1, .ends = {-1, -1}};
    desk->session = session_new(&config, NULL);
    loop_open(NULL, false);
    LabPort port = loop_port();
    port.self = desk;
    port.print = hear;
    port.pause = always; /* the program may wait for a user */
    desk->lab = lab_new(&(LabConfig){.session = desk->session, .scripts = TWOMSL_SOURCE_DIR "/scripts", .port = port},
                        error, sizeof error);
    if (!desk->lab) fail_msg("%s", error);
    loop_begin(&(LoopConfig){.lab = desk->lab, .actions = actions, .action_count = count, .stay = stay});
}

static void close_desk(Desk *desk) {
    loop_close();
    lab_free(desk->lab);
    session_free(desk->session);
}

/* As a browser does in each frame: until it waits. */
static LoopTurn turns(void) {
    LoopTurn turn;
    for (int i = 0; (turn = loop_turn()) == LOOP_AGAIN; i++) assert_true(i < 100);
    return turn;
}

static void test_actions_run_and_end(void **state) {
    (void)state;
    static const Action actions[] = {{.kind = ACTION_LINE, .text = "1 + 1", .name = "=test", .length = 5},
                                     {.kind = ACTION_LINE, .text = "A.name", .name = "=test", .length = 6}};
    Desk desk;
    open_desk(&desk, actions, 2, false);
    assert_int_equal(loop_turn(), LOOP_AGAIN);
    assert_string_equal(desk.said, "2\n");
    assert_int_equal(loop_turn(), LOOP_AGAIN);
    assert_int_equal(loop_turn(), LOOP_ENDED);
    assert_string_equal(desk.said, "2\nA\n");
    assert_int_equal(loop_end(), 0);
    close_desk(&desk);
}

static void test_failure_is_the_status(void **state) {
    (void)state;
    static const Action actions[] = {{.kind = ACTION_LINE, .text = "error('no')", .name = "=test", .length = 11},
                                     {.kind = ACTION_LINE, .text = "1 + 1", .name = "=test", .length = 5}};
    Desk desk;
    open_desk(&desk, actions, 2, false);
    assert_int_equal(turns(), LOOP_ENDED);
    assert_string_equal(desk.said, ""); /* what follows is not run */
    assert_int_equal(loop_end(), 1);
    close_desk(&desk);
}

static int pipe_fd(void *self) { return ((Desk *)self)->ends[0]; }
static int source_timeout(void *self) { return ((Desk *)self)->timeout; }

static void pipe_ready(void *self) {
    Desk *desk = self;
    char line[64];
    ssize_t length = read(desk->ends[0], line, sizeof line - 1);
    assert_true(length > 0);
    line[length] = '\0';
    desk->ready++;
    loop_command(NULL, line);
}

/* An added source: its input is handled in the next turn, and nothing else ends the wait. */
static void test_sources(void **state) {
    (void)state;
    Desk desk;
    open_desk(&desk, NULL, 0, true);
    assert_int_equal(pipe(desk.ends), 0);
    assert_true(
        loop_add_source((LoopSource){.fd = pipe_fd, .timeout = source_timeout, .ready = pipe_ready, .self = &desk}));
    assert_int_equal(turns(), LOOP_WAITS);
    assert_int_equal(write(desk.ends[1], "6 * 7", 5), 5);
    loop_wait();
    assert_int_equal(desk.ready, 1);
    assert_string_equal(desk.said, "");
    assert_int_equal(turns(), LOOP_WAITS);
    assert_string_equal(desk.said, "42\n");
    desk.timeout = 20; /* it needs a turn without input */
    Micros before = wall_clock();
    loop_wait();
    Micros waited = wall_clock() - before;
    assert_true(waited >= 19000 && waited < 10 * MICROS_PER_SECOND);
    assert_int_equal(desk.ready, 1);
    close(desk.ends[0]);
    close(desk.ends[1]);
    assert_int_equal(loop_end(), 0);
    close_desk(&desk);
}

static void test_too_many_sources(void **state) {
    (void)state;
    Desk desk;
    open_desk(&desk, NULL, 0, true);
    int added = 0;
    while (loop_add_source((LoopSource){.fd = pipe_fd, .self = &desk})) added++;
    assert_true(added >= 4 && added < 8); /* three are the loop's own */
    close_desk(&desk);
}

/* A line that pauses goes on when the person says so, and what is commanded meanwhile is done after it. */
static void test_go_on(void **state) {
    (void)state;
    static const Action actions[] = {
        {.kind = ACTION_LINE, .text = "pause() print('on')", .name = "=test", .length = 19}};
    Desk desk;
    open_desk(&desk, actions, 1, true);
    loop_go_on(NULL); /* nothing waits yet: nothing to go on with */
    assert_int_equal(turns(), LOOP_WAITS);
    loop_command(NULL, "1 + 1");
    assert_int_equal(turns(), LOOP_WAITS);
    assert_string_equal(desk.said, "");
    loop_go_on(NULL);
    assert_int_equal(turns(), LOOP_WAITS);
    assert_string_equal(desk.said, "on\n2\n");
    close_desk(&desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actions_run_and_end),
        cmocka_unit_test(test_failure_is_the_status),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_too_many_sources),
        cmocka_unit_test(test_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
