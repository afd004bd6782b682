/* typed.c - see typed.h. */
#include "typed.h"

#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS "0123456789"

/* Part of a line, without spaces around it. */
typedef struct Span {
    const char *text;
    size_t length;
} Span;

static Span trimmed(const char *text, size_t length) {
    while (length > 0 && strchr(" \t", *text)) {
        text++;
        length--;
    }
    while (length > 0 && strchr(" \t", text[length - 1])) length--;
    return (Span){text, length};
}

static bool is_word(Span span, const char *word) {
    return span.length == strlen(word) && memcmp(span.text, word, span.length) == 0;
}

bool typed_leave(const char *line) {
    Span all = trimmed(line, strlen(line));
    return is_word(all, "exit") || is_word(all, "quit");
}

/* The last name of names joined by . or :, which are all there is; empty: there is something else. */
static Span last_name(Span names) {
    const char *at = names.text, *end = names.text + names.length;
    for (;;) {
        size_t length = strspn(at, LETTERS DIGITS);
        if (length == 0 || strchr(DIGITS, *at)) return (Span){at, 0};
        if (at + length >= end) return (Span){at, (size_t)(end - at)};
        if (!strchr(".:", at[length])) return (Span){at, 0};
        at += length + 1;
    }
}

/* What help is asked for; empty: it is not asked for. */
static Span asked_for(Span line) {
    static const char help[] = "help ";
    if (line.length > 0 && line.text[line.length - 1] == '?') return trimmed(line.text, line.length - 1);
    if (line.length < sizeof help || memcmp(line.text, help, sizeof help - 1) != 0) return (Span){line.text, 0};
    return trimmed(line.text + sizeof help - 1, line.length - (sizeof help - 1));
}

/* A name may be a variable that holds an object; else, and after a dot, the word itself is meant. */
char *typed_help(const char *line) {
    Span what = asked_for(trimmed(line, strlen(line))), name = what.length > 0 ? last_name(what) : what;
    char *call = NULL;
    int length = (int)name.length;
    if (length == 0 || name.length > 100) return NULL;
    bool alone = name.text == what.text;
    int made = alone ? asprintf(&call, "help(%.*s == nil and \"%.*s\" or %.*s)", length, name.text, length, name.text,
                                length, name.text)
                     : asprintf(&call, "help \"%.*s\"", length, name.text);
    return made < 0 ? NULL : call;
}
