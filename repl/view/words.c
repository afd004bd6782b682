#include "words.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const words[WORD_COUNT][LANGUAGE_COUNT] = {
#define WORD(id, en, zh_cn, zh_tw) {en, zh_cn, zh_tw},
#include "words.def"
};

const char *word(Language language, Word which) { return words[which][language]; }

/* The formats are ours, from words.def, and a test calls each with its arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
const char *word_format(Short *text, Language language, Word which, ...) {
    va_list args;
    va_start(args, which);
    vsnprintf(text->s, sizeof text->s, words[which][language], args);
    va_end(args);
    return text->s;
}
#pragma GCC diagnostic pop

const char *short_format(Short *text, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(text->s, sizeof text->s, format, args);
    va_end(args);
    return text->s;
}

const char *short_seconds(Short *text, Micros time) {
    double seconds = (double)time / (double)MICROS_PER_SECOND;
    if (seconds < 0) seconds = 0;
    if (seconds < 1) return short_format(text, "%.3f", seconds);
    if (seconds < 10) return short_format(text, "%.2f", seconds);
    if (seconds < 100) return short_format(text, "%.1f", seconds);
    return short_format(text, "%.0f", seconds);
}

const char *short_moment(Short *text, Micros time) {
    return short_format(text, "%.3f", (double)time / (double)MICROS_PER_SECOND);
}
