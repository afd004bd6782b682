/* beside.c - two texts side by side, and where they begin to differ. */
#include <string.h>

#include "text.h"

/* The line that begins at `*at`, of `*length` bytes; moves on to the next. False: there are no more. */
static bool next_line(const char **at, const char **line, size_t *length) {
    *line = *at;
    *length = strcspn(*at, "\n");
    if (!**at) return false;
    *at += *length + ((*at)[*length] == '\n');
    return true;
}

/* The number of the first line that differs; -1: none does. */
static int first_difference(const char *left, const char *right) {
    const char *a, *b;
    size_t m, n;
    for (int line = 0;; line++) {
        bool more = next_line(&left, &a, &m), others = next_line(&right, &b, &n);
        if (!more && !others) return -1;
        if (more != others || m != n || memcmp(a, b, m) != 0) return line;
    }
}

static void add_pair(Text *text, const char *a, size_t m, const char *b, size_t n, int width, const char *between) {
    text_add_bytes(text, a, m);
    for (int column = text_columns(a, m); column < width; column++) text_add(text, " ");
    text_add(text, "%s", between);
    text_add_bytes(text, b, n);
    while (text->length && text->bytes[text->length - 1] == ' ') text_cut(text, text->length - 1);
    text_add(text, "\n");
}

void text_beside(Text *text, const char *left, const char *right, int width, int head, int before, int after) {
    const char *a, *b;
    size_t m, n;
    int differs = first_difference(left, right);
    for (int line = 0;; line++) {
        bool more = next_line(&left, &a, &m), others = next_line(&right, &b, &n);
        if (!more && !others) return;
        bool near = differs < 0 || (line >= differs - before && line <= differs + after);
        if (line < head || near) add_pair(text, a, m, b, n, width, line == differs ? " >> " : "    ");
    }
}
