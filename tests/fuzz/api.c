/* api.c - arbitrary calls of the vocabulary, whatever their arguments do meanwhile: nothing is read that is not there,
 * and the lab works afterwards. What the bytes mean stands in api.lua; the names come from the libraries themselves. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../repl/lua/library.h"

enum { MEMORY = 16 << 20, BUDGET = 400000, TURNS = 50, PROGRAM_MOST = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t calls;

static void print_calls(void) { fprintf(stderr, "calls of the API: %" PRIu64 "\n", calls); }

/* ---- The program: names and input, then api.lua ---- */

static char program[PROGRAM_MOST];

static void add_name(const char *name) {
    strcat(program, "'");
    strcat(program, name);
    strcat(program, "',");
}

static void add_kind(const Kind *kind) {
    strcat(program, "{sample=[=[");
    strcat(program, kind->sample);
    strcat(program, "]=],fields={'text',");
    for (const Field *field = kind->fields; field && field->name; field++) add_name(field->name);
    strcat(program, "},methods={");
    for (const Method *method = kind->methods; method && method->name; method++) add_name(method->name);
    strcat(program, "}},");
}

static void write_program(void) {
    strcpy(program, help_before);
    strcat(program, " local words={");
    for (const Library *const *library = libraries; *library; library++)
        for (const Word *word = (*library)->words; word && word->name; word++) add_name(word->name);
    strcat(program, "} local kinds={");
    for (const Library *const *library = libraries; *library; library++)
        for (const Kind *const *kind = (*library)->kinds; kind && *kind; kind++) add_kind(*kind);
    strcat(program, "} local input=arg[1]:gsub('..', function(hex) return string.char(tonumber(hex, 16)) end) ");
    FILE *file = fopen(TWOMSL_SOURCE_DIR "/tests/fuzz/api.lua", "r");
    size_t used = strlen(program), length = file ? fread(program + used, 1, PROGRAM_MOST - used - 1, file) : 0;
    if (length == 0 || fclose(file) != 0) abort();
    program[used + length] = '\0';
}

/* ---- The program around the lab: decides by the first bytes of the input ---- */

typedef struct Around {
    Lab *lab;
    Session *session;
    uint8_t way;           /* bits: 1 there is a window, 2 somebody answers, 4 the window goes back meanwhile */
    uint32_t turns, ticks; /* left before the end; before Ctrl-C, 0: never */
} Around;

static void print(void *self, const char *text, size_t length) {
    (void)self;
    volatile char sum = 0;
    for (size_t i = 0; i < length; i++) sum = (char)(sum ^ text[i]); /* all of it can be read */
    if (length > 7 && memcmp(text, "\1calls\t", 7) == 0) calls += strtoul(text + 7, NULL, 10);
}

static bool lags(void *self) {
    Around *around = self;
    return (around->way & 1) && around->turns && --around->turns;
}

static bool pause_for_person(void *self, const char *why) {
    Around *around = self;
    return strlen(why) > 0 && (around->way & 2) && around->turns && --around->turns;
}

static void caption(void *self, const char *title, const char *text) {
    (void)self;
    if ((title && strlen(title) > SIZE_MAX / 2) || (text && strlen(text) > SIZE_MAX / 2)) abort();
}

static void tick(void *self) {
    Around *around = self;
    if (around->ticks && --around->ticks == 0) lab_interrupt(around->lab);
}

static void finish(Around *around, JobResult result) {
    while (result == JOB_WAITS) {
        if (around->way & 4) session_seek(around->session, session_step(around->session) / 2);
        lab_answer(around->lab, around->turns % 3 == 0 ? NULL : around->turns % 3 == 1 ? "1" : "what\033");
        if (around->turns == 0 || --around->turns == 0) lab_interrupt(around->lab);
        result = lab_continue(around->lab);
    }
    if (result == JOB_FAILED && strlen(lab_error(around->lab)) == 0) abort();
}

static void line(Around *around, const char *text) {
    around->turns = TURNS;
    finish(around, lab_line(around->lab, text, strlen(text), "=line"));
}

static void found(void *self, const char *completion) {
    (void)self;
    if (strlen(completion) == 0) abort();
}

static void must_work(Around *around) {
    static const char after[] =
        "reset() B:listen(80) local c = A:connect(B, 80) run() assert(c.state == 'ESTABLISHED')";
    around->way = around->ticks = 0;
    if (lab_chunk(around->lab, after, sizeof after - 1, "=after", 0, NULL) == JOB_DONE) return;
    fprintf(stderr, "%s\n", lab_error(around->lab));
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char hex[2 * 4096 + 1];
    if (!program[0]) {
        write_program();
        atexit(print_calls);
    }
    if (size < 4 || size > 4096) return 0;
    Around around = {.way = data[0] & 7, .turns = TURNS, .ticks = data[1] > 200 ? data[1] : 0};
    for (size_t i = 2; i < size; i++) snprintf(hex + 2 * (i - 2), 3, "%02x", data[i]);
    char error[256], *words[] = {hex, NULL};
    around.session = session_new(&(Config){.seed = 1}, NULL);
    LabConfig config = {.session = around.session,
                        .scripts = TWOMSL_SOURCE_DIR "/scripts",
                        .language = data[0] & 8 ? "zh_CN" : "en",
                        .memory = MEMORY,
                        .budget = BUDGET,
                        .port = {&around, print, lags, caption, pause_for_person}};
    around.lab = around.session ? lab_new(&config, error, sizeof error) : NULL;
    if (!around.lab) abort();
    lab_on_tick(around.lab, tick, &around);
    finish(&around, lab_chunk(around.lab, program, strlen(program), "=api", 1, words));
    line(&around, "print('\1calls', CALLS)");
    line(&around, "V");
    line(&around, "V[1], V[2], V[3]");
    line(&around, "error(V[1])");
    lab_complete(around.lab, "V[1].", 5, found, NULL);
    lab_complete(around.lab, "c:", 2, found, NULL);
    must_work(&around);
    if (size > 100 && calls == 0) abort(); /* api.lua itself is wrong */
    lab_free(around.lab);
    session_free(around.session);
    return 0;
}
