/* language.h - the languages people read, and the translations of the engine's sentences. */
#ifndef TWOMSL_TEXT_LANGUAGE_H
#define TWOMSL_TEXT_LANGUAGE_H

#include "text.h"

/* "zh_CN.UTF-8" is LANGUAGE_ZH_CN; anything unknown, and NULL, is English. */
Language language_of(const char *name);
const char *language_name(Language language); /* "zh_CN" */

/* An English sentence of the engine or of this room in another language; itself where it has no translation. */
const char *translated(Language language, const char *english);
/* text_add() with the translation of an English format, which takes the same arguments. */
void text_add_translated(Text *text, Language language, const char *english, ...) __attribute__((format(printf, 3, 4)));

/* The translations, for tests: row `index` of the table, in `language`; NULL past the end. */
const char *translation_at(size_t index, Language language);

#endif
