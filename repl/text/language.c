/* language.c - translations by their English sentence, as gettext keeps them. */
#include "language.h"

#include <string.h>

static const char *const names[LANGUAGE_COUNT] = {"en", "zh_CN", "zh_TW"};

static const char *const translations[][LANGUAGE_COUNT] = {
#define TRANSLATION(en, zh_cn, zh_tw) {en, zh_cn, zh_tw},
#include "translations.def"
};
enum { TRANSLATIONS = sizeof translations / sizeof *translations };

Language language_of(const char *name) {
    if (!name) return LANGUAGE_EN;
    for (Language i = LANGUAGE_EN; i < LANGUAGE_COUNT; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0) return i;
    return LANGUAGE_EN;
}

const char *language_name(Language language) { return names[language]; }

const char *translated(Language language, const char *english) {
    for (size_t i = 0; language != LANGUAGE_EN && i < TRANSLATIONS; i++)
        if (strcmp(translations[i][LANGUAGE_EN], english) == 0) return translations[i][language];
    return english;
}

/* A test compares the conversions of each translated format with those of the English one. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void text_add_translated(Text *text, Language language, const char *english, ...) {
    va_list arguments;
    va_start(arguments, english);
    text_add_list(text, translated(language, english), arguments);
    va_end(arguments);
}
#pragma GCC diagnostic pop

const char *translation_at(size_t index, Language language) {
    return index < TRANSLATIONS ? translations[index][language] : NULL;
}
