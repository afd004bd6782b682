/* words.h - the window's words in the person's language. */
#ifndef TWOMSL_WORDS_H
#define TWOMSL_WORDS_H

#include "../text/language.h"

typedef enum Word {
#define WORD(id, en, zh_cn, zh_tw) WORD_##id,
#include "words.def"
    WORD_COUNT
} Word;

/* Never NULL. Words with a % are formats: word_format() fills them. */
const char *word(Language language, Word which);

/* A short text, made in place: word_format(text, language, WORD_BYTES, n). Never overflows. */
typedef struct Short {
    char s[128];
} Short;
const char *word_format(Short *text, Language language, Word which, ...);
const char *short_format(Short *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "0.050", "61.25", "120": seconds, as many digits as one can read at a glance. */
const char *short_seconds(Short *text, Micros time);
/* "0.050": three digits always, for moments. */
const char *short_moment(Short *text, Micros time);

#endif
