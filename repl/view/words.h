/* words.h - the window's words in the person's language. */
#ifndef TWOMSL_WORDS_H
#define TWOMSL_WORDS_H

#include "../text/language.h"

typedef enum Word {
#define WORD(id, en, zh_cn, zh_tw) WORD_##id,
#include "words.def"
    WORD_COUNT
} Word;

/* A word or sentence of words.def, never NULL. Those with a % are formats: word_format() fills them. */
const char *word(Language language, Word which);

/* A short text, made in place. What is longer is cut off. */
typedef struct Short {
    char s[128];
} Short;
/* Fills a format of words.def, whose arguments are those of its English text; returns text->s. */
const char *word_format(Short *text, Language language, Word which, ...);
/* The same for any format. */
const char *short_format(Short *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Microseconds as seconds with few digits, for lengths of time: "0.050", "6.12", "61.2", "120"; negative ones are 0. */
const char *short_seconds(Short *text, Micros time);
/* Microseconds as seconds with three decimals, for instants: "0.050". */
const char *short_moment(Short *text, Micros time);

#endif
