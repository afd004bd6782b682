/* seeds.h - many small cases, each from one seed. A failure prints the seed; SEED=n in the environment plays that case
 * alone, CASES=n plays n. */
#ifndef TWOMSL_TESTS_PROPERTY_SEEDS_H
#define TWOMSL_TESTS_PROPERTY_SEEDS_H

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../engine/engine.h"

typedef struct Chance {
    uint64_t state;
} Chance;

static struct {
    uint64_t seed;
    uint32_t step;
    const Trace *trace; /* its end is shown where something is broken */
} playing;

static inline uint64_t draw64(Chance *chance) {
    uint64_t x = chance->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}
/* 0 .. n-1 */
static inline uint32_t draw(Chance *chance, uint32_t n) { return (uint32_t)(draw64(chance) % n); }
static inline bool one_in(Chance *chance, uint32_t n) { return draw(chance, n) == 0; }
static inline bool percent(Chance *chance, uint32_t p) { return draw(chance, 100) < p; }
#define ONE_OF(chance, table) ((table)[draw((chance), (uint32_t)(sizeof(table) / sizeof *(table)))])

static inline void show_events(const Trace *trace, uint32_t count) {
    for (uint32_t i = trace_count(trace) > count ? trace_count(trace) - count : 0; i < trace_count(trace); i++) {
        const Event e = trace_at(trace, i);
        char flags[FLAGS_TEXT];
        fprintf(stderr, "%6u %12.6f host %d conn %u/%u %-8s %-24s", i, (double)e.time / 1e6, (int)e.host, e.conn.slot,
                e.conn.generation, event_kind_name(e.kind), rule_info(e.rule)->name);
        if (e.kind == EVENT_STATE) fprintf(stderr, " %s > %s", state_name(e.from), state_name(e.to));
        if (e.kind == EVENT_CALL) fprintf(stderr, " %s %" PRId64, call_name(e.call), e.value);
        if (e.packet.id)
            fprintf(stderr, " #%u %u>%u %s seq %u ack %u len %u win %u", e.packet.id, e.src.port, e.dst.port,
                    flags_text(e.flags, flags), e.seq.value, e.ack.value, e.data_length, e.window);
        fprintf(stderr, "\n");
    }
}

__attribute__((format(printf, 1, 2), noreturn)) static inline void broken(const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (playing.trace) show_events(playing.trace, 40);
    print_error("SEED=%" PRIu64 ", step %" PRIu32 ": %s\n", playing.seed, playing.step, text);
    fflush(NULL);
    _exit(1);
}

/* An assertion of the engine or a sanitizer's finding has its seed too. */
static inline void say_seed(int signal_number) {
    char text[80];
    int length = snprintf(text, sizeof text, "SEED=%" PRIu64 ", step %" PRIu32 "\n", playing.seed, playing.step);
    if (write(STDERR_FILENO, text, (size_t)length) < 0) _exit(3);
    signal(signal_number, SIG_DFL);
    if (playing.trace && signal_number == SIGABRT) show_events(playing.trace, 20);
    raise(signal_number);
}
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "abort_on_error=1:handle_abort=0"; }
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void) { return "abort_on_error=1:print_stacktrace=1"; }

/* A fifth of them under the sanitizers, where each takes ten times as long; the release build plays them all. */
static inline uint32_t fewer_if_sanitized(uint32_t count) {
#ifdef __SANITIZE_ADDRESS__
    return (count + 4) / 5;
#else
    return count;
#endif
}

static inline void play_cases(uint32_t count, void (*play)(Chance *chance)) {
    const char *seed = getenv("SEED"), *cases = getenv("CASES");
    if (cases) count = (uint32_t)strtoul(cases, NULL, 10);
    static const int fatal[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) signal(fatal[i], say_seed);
    uint64_t first = seed ? strtoull(seed, NULL, 10) : 1;
    if (seed) count = 1;
    for (uint64_t n = first; n < first + count; n++) {
        Chance chance = {n};
        playing.seed = n;
        playing.step = 0;
        playing.trace = NULL;
        play(&chance);
    }
}

#endif
