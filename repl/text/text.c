/* text.c - a string that grows, and how wide it is on a terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* ---- Memory ---- */

/* Of the whole process, like the memory that it counts. */
static struct {
    size_t taken;
    bool lost;
    bool (*may_take)(void *self, size_t more);
    void *self;
} memory;

size_t text_memory(void) { return memory.taken; }

bool text_lost(void) {
    bool lost = memory.lost;
    memory.lost = false;
    return lost;
}

void text_on_growth(bool (*may_take)(void *self, size_t more), void *self) {
    memory.may_take = may_take;
    memory.self = self;
}

static void *resize(void *block, size_t old, size_t new) {
    if (memory.may_take && new > old && !memory.may_take(memory.self, new - old)) return NULL;
    void *moved = realloc(block, new);
    if (moved) memory.taken += new - old;
    return moved;
}

static size_t array_bytes(size_t count, size_t size) { return (count < 1 ? 1 : count) * size; }

void *text_array(void *array, size_t old, size_t count, size_t size) {
    if (count > SIZE_MAX / size) return NULL;
    return resize(array, array ? array_bytes(old, size) : 0, array_bytes(count, size));
}

void text_array_free(void *array, size_t count, size_t size) {
    if (array) memory.taken -= array_bytes(count, size);
    free(array);
}

const Flights *text_flights(const Session *session) {
    const Flights *flights = session_flights(session);
    if (flights) return flights;
    fputs("twomsl: out of memory\n", stderr);
    exit(1);
}

/* ---- Texts ---- */

void text_free(Text *text) {
    memory.taken -= text->capacity;
    free(text->bytes);
    *text = TEXT_EMPTY;
}

void text_cut(Text *text, size_t length) {
    if (length >= text->length) return;
    text->length = length;
    text->bytes[length] = '\0';
}

void text_clear(Text *text) { text_cut(text, 0); }

const char *text_string(const Text *text) { return text->bytes ? text->bytes : ""; }

/* Room for `more` bytes and the zero behind them. False: there is none; what is missing here must not be followed by
 * what fits again. */
static bool reserve(Text *text, size_t more) {
    size_t need = text->length + more + 1;
    if (text->failed) return false;
    if (need <= text->capacity) return true;
    size_t capacity = text->capacity ? text->capacity : 128;
    while (capacity < need) capacity *= 2;
    char *bytes = resize(text->bytes, text->capacity, capacity);
    text->failed = !bytes;
    memory.lost |= !bytes;
    if (!bytes) return false;
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void text_add_bytes(Text *text, const char *bytes, size_t length) {
    if (!reserve(text, length)) return;
    if (length) memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add(Text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_add_list(text, format, arguments);
    va_end(arguments);
}

void text_add_list(Text *text, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    size_t room = text->capacity - text->length;
    int length = vsnprintf(text->bytes ? text->bytes + text->length : NULL, room, format, arguments);
    bool fits = length >= 0 && (size_t)length < room;
    if (!fits && length > 0 && reserve(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        fits = true;
    }
    if (fits && !text->failed) text->length += (size_t)length;
    if (text->bytes) text->bytes[text->length] = '\0';
    va_end(again);
}

/* ---- UTF-8 ---- */

uint32_t text_character(const char **bytes, const char *end) {
    unsigned char first = (unsigned char)*(*bytes)++;
    if (first < 0x80) return first;
    int more = first >= 0xf0 && first < 0xf8 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
    if (!more || first >= 0xf8) return 0xfffd;
    uint32_t character = first & (0x3fu >> more);
    const char *at = *bytes;
    for (int i = 0; i < more; i++, at++) {
        if (at == end || ((unsigned char)*at & 0xc0) != 0x80) return 0xfffd;
        character = character << 6 | ((unsigned char)*at & 0x3f);
    }
    *bytes = at;
    return character;
}

/* How many bytes of a UTF-8 character that does nothing to a terminal start here; 0: none does. */
static size_t harmless(const char *bytes, const char *end, bool quoted) {
    const char *at = bytes;
    uint32_t c = text_character(&at, end);
    bool line = !quoted && (c == '\n' || c == '\t'), control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    bool broken = c == 0xfffd && at - bytes != 3; /* U+FFFD itself takes three bytes */
    return (control && !line) || broken ? 0 : (size_t)(at - bytes);
}

void text_add_escaped(Text *text, const char *bytes, size_t length, bool quoted) {
    for (const char *at = bytes, *end = bytes + length; at < end && !text->failed;) {
        size_t size = harmless(at, end, quoted);
        unsigned char byte = (unsigned char)*at;
        if (quoted && (byte == '"' || byte == '\\')) text_add(text, "\\%c", byte);
        else if (size > 0) text_add_bytes(text, at, size);
        else if (byte == '\n' || byte == '\t' || byte == '\r')
            text_add(text, "\\%c", byte == '\n' ? 'n' : byte == '\t' ? 't' : 'r');
        else text_add(text, "\\x%02X", byte);
        at += size > 0 ? size : 1;
    }
}

void text_add_character(Text *text, uint32_t character) {
    char bytes[4];
    size_t length = 1;
    if (character < 0x80) {
        bytes[0] = (char)character;
    } else if (character < 0x800) {
        bytes[0] = (char)(0xc0 | character >> 6);
        bytes[1] = (char)(0x80 | (character & 0x3f));
        length = 2;
    } else if (character < 0x10000) {
        bytes[0] = (char)(0xe0 | character >> 12);
        bytes[1] = (char)(0x80 | (character >> 6 & 0x3f));
        bytes[2] = (char)(0x80 | (character & 0x3f));
        length = 3;
    } else {
        bytes[0] = (char)(0xf0 | character >> 18);
        bytes[1] = (char)(0x80 | (character >> 12 & 0x3f));
        bytes[2] = (char)(0x80 | (character >> 6 & 0x3f));
        bytes[3] = (char)(0x80 | (character & 0x3f));
        length = 4;
    }
    text_add_bytes(text, bytes, length);
}

/* East Asian Wide (UAX #11): the ranges of Chinese, Japanese, Korean and pictographs. */
static bool is_wide(uint32_t c) {
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
           (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

static bool is_combining(uint32_t c) {
    return (c >= 0x300 && c <= 0x36f) || c == 0x200b || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f);
}

static int width_of(uint32_t character) { return is_combining(character) ? 0 : is_wide(character) ? 2 : 1; }

int text_columns(const char *bytes, size_t length) {
    int width = 0;
    for (const char *at = bytes, *end = bytes + length; at < end;) width += width_of(text_character(&at, end));
    return width;
}

static int line_width(const Text *text) {
    size_t start = text->length;
    while (start > 0 && text->bytes[start - 1] != '\n') start--;
    return text->length ? text_columns(text->bytes + start, text->length - start) : 0;
}

void text_pad(Text *text, int column) {
    for (int at = line_width(text); at < column; at++) text_add_bytes(text, " ", 1);
}

/* Closing punctuation, which must not begin a line. */
static bool begins_no_line(uint32_t c) {
    switch (c) {
    case 0x3001:
    case 0x3002:
    case 0x300b:
    case 0x300d:
    case 0x300f:
    case 0x3011:
    case 0xff01:
    case 0xff09:
    case 0xff0c:
    case 0xff1a:
    case 0xff1b:
    case 0xff1f:
    case 0x201d:
    case 0x2019:
    case 0x2026:
    case 0x2014: return true;
    default: return false;
    }
}

/* Opening punctuation, which must not end a line. */
static bool ends_no_line(uint32_t c) {
    return c == 0x300a || c == 0x300c || c == 0x300e || c == 0x3010 || c == 0xff08 || c == 0x201c || c == 0x2018;
}

/* The end of the piece that must stay on one line: a word, or one Chinese character with its punctuation. */
static const char *piece_end(const char *at, const char *end) {
    uint32_t last = text_character(&at, end);
    while (at < end && *at != ' ' && *at != '\n') {
        const char *next = at;
        uint32_t character = text_character(&next, end);
        bool may_break = (is_wide(last) && !ends_no_line(last)) || is_wide(character);
        if (may_break && !begins_no_line(character) && !ends_no_line(last)) return at;
        at = next;
        last = character;
    }
    return at;
}

void text_wrap(Text *text, const char *paragraph, int indent, int columns) {
    const char *at = paragraph, *end = paragraph + strlen(paragraph);
    int column = line_width(text);
    bool fresh = true; /* nothing yet on this line */
    int spaces = 0;    /* to write before the next piece */
    while (at < end) {
        if (*at == ' ' || *at == '\n') {
            spaces++;
            at++;
            continue;
        }
        const char *stop = piece_end(at, end);
        int width = text_columns(at, (size_t)(stop - at));
        if (!fresh && column + spaces + width > columns) {
            text_add(text, "\n%*s", indent, "");
            column = indent;
            fresh = true;
        }
        if (!fresh) {
            text_add(text, "%*s", spaces, "");
            column += spaces;
        }
        text_add_bytes(text, at, (size_t)(stop - at));
        column += width;
        fresh = false;
        spaces = 0;
        at = stop;
    }
}
