/* prompt_output.c - the prompt room alone: what is printed while a line is half typed stands above it and garbles
 * nothing. */
#include "../../repl/prompt/prompt.h"
#include "terminal.h"

static bool left;

static void take_line(void *self, const char *text) {
    (void)self;
    left = text == NULL;
    if (!text) return;
    prompt_print("got ", 4);
    prompt_print(text, strlen(text));
    prompt_print("\n", 1);
}

static size_t complete_nothing(void *self, const char *line, size_t end,
                               void (*found)(void *place, const char *completion), void *place) {
    (void)self;
    (void)line;
    (void)found;
    (void)place;
    return end;
}

/* Another program: a prompt that prints a line of its own every 20 ms, twelve times. */
static int run_prompt(void) {
    prompt_open(&(PromptConfig){.line = take_line, .complete = complete_nothing});
    int printed = 0;
    while (!left) {
        prompt_show("> ");
        struct pollfd source = {.fd = STDIN_FILENO, .events = POLLIN};
        if (poll(&source, 1, printed < 12 ? 20 : -1) > 0) {
            prompt_read();
            continue;
        }
        char text[32];
        int length = snprintf(text, sizeof text, "news %d\n", ++printed);
        prompt_print(text, (size_t)length);
        if (printed == 6) prompt_print("no newline", 10);
        if (printed == 8) prompt_error("an error");
    }
    prompt_close();
    return 0;
}

static const char *own_path;

static void prints_above_what_is_typed(void **state) {
    (void)state;
    const char *argv[] = {own_path, "--prompt", NULL};
    Term t;
    term_open(&t, argv, NULL);
    term_expect(&t, ">");
    term_type(&t, "half ");
    usleep(50000);
    term_type(&t, "typed\033[D\033[D");
    term_expect(&t, "news 12\n> half typed");
    term_type(&t, "!\r");
    term_expect(&t, "> half typ!ed\ngot half typ!ed\n>");
    /* each line once, in order, and the half-typed line nowhere among them */
    const char *at = term_text(&t);
    for (int i = 1; i <= 12; i++) {
        char news[48];
        snprintf(news, sizeof news,
                 i == 7   ? "\nno newline\nnews %d\n"
                 : i == 9 ? "\nan error\nnews %d\n"
                          : "news %d\n",
                 i);
        const char *found = strstr(at, news);
        if (!found) fail_msg("%s does not stand behind\n%s", news, at);
        at = found + strlen(news) - 1;
    }
    assert_null(strstr(term_text(&t), "> half typed"));
    term_type(&t, "\004");
    assert_int_equal(term_ended(&t), 0);
    term_close(&t);
}

int main(int argc, char **argv) {
    if (argc > 1) return run_prompt();
    own_path = argv[0];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_above_what_is_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
