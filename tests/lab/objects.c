/* objects.c - the table of each kind of object is complete: every field can be read, is explained by help() and offered
 * by completion; so is every method, and every word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../repl/lua/lab.h"

static char *printed;

static void print(void *self, const char *text, size_t length) {
    (void)self;
    size_t before = printed ? strlen(printed) : 0;
    printed = realloc(printed, before + length + 1);
    assert_non_null(printed);
    memcpy(printed + before, text, length);
    printed[before + length] = '\0';
}

static Lab *open_lab(void) {
    char error[256] = "";
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    LabConfig config = {.session = session, .scripts = TWOMSL_SOURCE_DIR "/scripts", .port = {.print = print}};
    Lab *lab = lab_new(&config, error, sizeof error);
    if (!lab) fail_msg("%s", error);
    return lab;
}

static void close_lab(Lab *lab) {
    Session *session = lab_session(lab);
    lab_free(lab);
    session_free(session);
    free(printed);
    printed = NULL;
}

/* What the code prints. */
static const char *run(Lab *lab, const char *code) {
    free(printed);
    printed = NULL;
    if (lab_chunk(lab, code, strlen(code), "=test", 0, NULL) != JOB_DONE) fail_msg("%s: %s", code, lab_error(lab));
    return printed ? printed : "";
}

typedef struct Wanted {
    const char *completion;
    bool found;
} Wanted;

static void note(void *self, const char *completion) {
    Wanted *wanted = self;
    if (strcmp(completion, wanted->completion) == 0) wanted->found = true;
}

static void completes(Lab *lab, const char *line, const char *completion) {
    Wanted wanted = {completion, false};
    lab_complete(lab, line, strlen(line), note, &wanted);
    if (!wanted.found) fail_msg("'%s' does not complete to '%s'", line, completion);
}

/* One line per field, method and word: what it belongs to, its name, whether it is a method, an expression that is one.
 */
static const char list_code[] =
    "for _, word in ipairs(help()) do"
    "  assert(#word.text > 2 and word.usage:find(word.name, 1, true), word.name)"
    "  local method = word.of and word.usage:find('[:(]') ~= nil and not word.usage:find('^[%a.]+%.%a+$')"
    "  print(word.of or 'word', word.name, method and 'method' or 'field')"
    "end";

static const struct {
    const char *kind, *variable, *code;
} samples[] = {{"host", "A", ""},
               {"rules", "A.rules", ""},
               {"connection", "c", "c = A:connect(B, 80)"},
               {"snd", "c.snd", ""},
               {"rcv", "c.rcv", ""},
               {"packet", "wire[1]", ""},
               {"wire", "wire", ""},
               {"order", "o", "o = wire:drop{nth=99}"},
               {"event", "e", "e = trace()[1]"},
               {"step", "t", "t = c:abort() and step()"},
               {"branch", "b", "b = branches()[1]"},
               {"stage", "stage", ""},
               {"panels", "stage.panels", ""},
               {"path", "w", "w = find{A='CLOSED'}"}};

static const char *variable_of(const char *kind) {
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (strcmp(samples[i].kind, kind) == 0) return samples[i].variable;
    fail_msg("no sample of the kind %s", kind);
    return NULL;
}

static void every_name_completes(void **state) {
    (void)state;
    Lab *lab = open_lab();
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) run(lab, samples[i].code);
    run(lab, "A:connect(B, 81)");
    char *list = strdup(run(lab, list_code));
    size_t fields = 0, words = 0;
    for (char *line = strtok(list, "\n"); line; line = strtok(NULL, "\n")) {
        char kind[32], name[32], what[32], begun[96], whole[96];
        assert_int_equal(sscanf(line, "%31[^\t]\t%31[^\t]\t%31s", kind, name, what), 3);
        bool is_word = strcmp(kind, "word") == 0, method = strcmp(what, "method") == 0;
        if (is_word) {
            bool value = strcmp(name, "A") == 0 || strcmp(name, "B") == 0 || strcmp(name, "wire") == 0 ||
                         strcmp(name, "stage") == 0;
            snprintf(begun, sizeof begun, "%.*s", (int)strlen(name) - 1, name);
            snprintf(whole, sizeof whole, "%s%s", name, value ? "" : "(");
            if (!*begun) continue;
        } else {
            const char *separator = method ? ":" : ".", *variable = variable_of(kind);
            snprintf(begun, sizeof begun, "%s%s%.1s", variable, separator, name);
            snprintf(whole, sizeof whole, "%s%s%s%s", variable, separator, name, method ? "(" : "");
        }
        completes(lab, begun, whole);
        snprintf(begun, sizeof begun, "help \"%.1s", name);
        completes(lab, begun, name);
        *(is_word ? &words : &fields) += 1;
    }
    completes(lab, "rfc(\"MUST-6", "MUST-66");
    completes(lab, "rfc \"rst.ch", "rst.challenge");
    completes(lab, "rfc('3.10.7", "3.10.7.4");
    completes(lab, "rfc \"RFC 59", "RFC 5961 3.2");
    if (fields < 130 || words < 25) fail_msg("%zu fields, %zu words", fields, words);
    free(list);
    close_lab(lab);
}

/* pairs() shows what is not nil; reading any other name names them all. */
static void unknown_names_are_told(void **state) {
    (void)state;
    Lab *lab = open_lab();
    for (size_t i = 0; i + 1 < sizeof samples / sizeof *samples; i++) {
        char code[512];
        run(lab, samples[i].code);
        snprintf(code, sizeof code,
                 "local x = %s local ok, message = pcall(function() return x.xyzzy end) assert(not ok) "
                 "for name in pairs(x) do assert(message:find(name, 1, true), message .. ' lacks ' .. name) end",
                 samples[i].variable);
        run(lab, code);
    }
    close_lab(lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_name_completes),
                                       cmocka_unit_test(unknown_names_are_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
