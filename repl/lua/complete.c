/* complete.c - what may stand at the end of a half-typed line. Runs no code of the user: names come from raw
 * tables and from the kinds of objects, whose fields change nothing when they are read. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "library.h"

enum { CHAIN = 256 }; /* bytes of "wire[1].flags" */

typedef struct Completion {
    const char *line;
    size_t start, end; /* the whole chain: "c.snd.u" */
    size_t word;       /* where its last name starts: "u" */
    char separator;    /* before the last name: '.', ':' or 0 */
    void (*found)(void *self, const char *completion);
    void *self;
} Completion;

static bool is_name(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* ---- Reading the line backwards ---- */

/* Where the quote opened that is open at `end`; (size_t)-1: none is. */
static size_t open_quote(const char *line, size_t end) {
    size_t open = (size_t)-1;
    for (size_t i = 0; i < end; i++) {
        if (open != (size_t)-1 && line[i] == '\\') i++;
        else if (open != (size_t)-1 && line[i] == line[open]) open = (size_t)-1;
        else if (open == (size_t)-1 && (line[i] == '"' || line[i] == '\'')) open = i;
        else if (open == (size_t)-1 && line[i] == '-' && line[i + 1] == '-') break;
    }
    return open;
}

/* Over a name or a "[...]" that ends at `end`; returns where it starts, or `end`. */
static size_t before_link(const char *line, size_t end) {
    size_t start = end;
    if (start > 0 && line[start - 1] == ']') {
        while (start > 0 && line[start - 1] != '[') start--;
        return start > 0 ? before_link(line, start - 1) : end;
    }
    while (start > 0 && is_name(line[start - 1])) start--;
    return start;
}

static Completion read_chain(const char *line, size_t end) {
    size_t word = end;
    while (word > 0 && is_name(line[word - 1])) word--;
    Completion c = {.line = line, .start = word, .end = end, .word = word};
    size_t at = word;
    while (at > 0 && (line[at - 1] == '.' || line[at - 1] == ':')) {
        size_t start = before_link(line, at - 1);
        if (at == word) c.separator = line[at - 1];
        c.start = start;
        if (start == at - 1) { /* what stands before cannot be followed: "f().", "1." */
            c.start = at;
            c.separator = '?';
            break;
        }
        at = start;
    }
    return c;
}

/* ---- Following the chain; all of this runs in a protected call ---- */

/* Replaces the value on top of the stack by its field, whose key is above it; only raw tables and objects of ours. */
static bool follow(lua_State *L) {
    if (lua_istable(L, -2)) lua_rawget(L, -2);
    else if (kind_at(L, -2)) lua_gettable(L, -2);
    else return false;
    lua_remove(L, -2);
    return !lua_isnil(L, -1);
}

/* Pushes the key in brackets that starts at `*at` ("[1]", "[\"x\"]"), and moves behind it. */
static bool push_bracket(lua_State *L, const Completion *c, size_t *at) {
    size_t start = *at + 1, end = start;
    while (end < c->word && c->line[end] != ']') end++;
    if (end >= c->word) return false;
    *at = end + 1;
    char quote = c->line[start];
    if ((quote == '"' || quote == '\'') && end - start >= 2 && c->line[end - 1] == quote) {
        lua_pushlstring(L, c->line + start + 1, end - start - 2);
        return true;
    }
    lua_pushlstring(L, c->line + start, end - start);
    if (!lua_stringtonumber(L, lua_tostring(L, -1))) return false;
    lua_remove(L, -2);
    return true;
}

/* Pushes what stands before the last separator. */
static bool push_owner(lua_State *L, const Completion *c) {
    size_t at = c->start;
    environment_push_names(L);
    while (at + 1 < c->word) {
        if (c->line[at] == '[') {
            if (!push_bracket(L, c, &at)) return false;
        } else {
            if (c->line[at] == '.') at++;
            size_t end = at;
            while (end < c->word && is_name(c->line[end])) end++;
            if (end == at) return false;
            lua_pushlstring(L, c->line + at, end - at);
            at = end;
        }
        if (!follow(L)) return false;
    }
    return true;
}

/* ---- The names ---- */

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Keeps the string on top of the stack where it starts with the word, and pops it. The table at `kept` keeps it alive.
 */
static void offer(lua_State *L, const Completion *c, int kept) {
    size_t length = c->end - c->word;
    if (lua_type(L, -1) != LUA_TSTRING) {
        lua_pop(L, 1);
        return;
    }
    const char *name = lua_tostring(L, -1);
    bool hidden = length == 0 && name[0] == '_';
    if (hidden || strncmp(name, c->line + c->word, length) != 0) lua_pop(L, 1);
    else lua_rawseti(L, kept, (lua_Integer)lua_rawlen(L, kept) + 1);
}

static void offer_keys(lua_State *L, const Completion *c, int table, int kept) {
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) continue;
        bool function = lua_isfunction(L, -1);
        if (c->separator == ':' && !function) continue;
        lua_pushfstring(L, "%s%s", lua_tostring(L, -2), function ? "(" : "");
        offer(L, c, kept);
    }
}

/* The list on top of the stack. */
static void offer_list(lua_State *L, const Completion *c, int kept) {
    if (!lua_istable(L, -1)) return;
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, -1, i) == LUA_TSTRING) {
            size_t length;
            const char *name = lua_tolstring(L, -1, &length);
            bool method = length > 0 && name[length - 1] == '(';
            bool fits = !c->separator || c->separator == '"' || (c->separator == ':') == method;
            if (fits) {
                offer(L, c, kept);
                continue;
            }
        }
        lua_pop(L, 1);
    }
}

static void offer_fields(lua_State *L, const Completion *c, int owner, int kept) {
    if (lua_type(L, owner) == LUA_TSTRING) {
        lua_getglobal(L, LUA_STRLIBNAME);
        if (lua_istable(L, -1) && c->separator == ':') offer_keys(L, c, lua_gettop(L), kept);
        return;
    }
    const Kind *kind = kind_at(L, owner);
    if (kind) {
        kind_push_names(L, kind);
        offer_list(L, c, kept);
    }
    if (lua_istable(L, owner)) offer_keys(L, c, owner, kept);
}

static void offer_keywords(lua_State *L, const Completion *c, int kept) {
    static const char *const words[] = {"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
                                        "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
                                        "repeat",   "return", "then", "true", "until",  "while"};
    if (c->end == c->word) return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        lua_pushstring(L, words[i]);
        offer(L, c, kept);
    }
}

/* The word of that name. */
static const Word *find_word(const char *name, size_t length) {
    for (const Library *const *library = libraries; *library; library++)
        for (const Word *word = (*library)->words; word && word->name; word++)
            if (strlen(word->name) == length && memcmp(word->name, name, length) == 0) return word;
    return NULL;
}

/* lesson "op: what may stand in quotes after the word before the quote. */
static void offer_strings(lua_State *L, Completion *c, size_t quote, int kept) {
    size_t end = quote;
    while (end > 0 && (c->line[end - 1] == ' ' || c->line[end - 1] == '(')) end--;
    size_t start = end;
    while (start > 0 && is_name(c->line[start - 1])) start--;
    c->word = quote + 1;
    c->separator = '"';
    const Word *word = find_word(c->line + start, end - start);
    if (!word || !word->choices) return;
    lua_pushcfunction(L, word->choices);
    lua_call(L, 0, 1);
    offer_list(L, c, kept);
}

/* Gives the kept names in order, each once, as what stands from c->start on: readline replaces the whole word. */
static void give(lua_State *L, const Completion *c, int kept) {
    size_t count = (size_t)lua_rawlen(L, kept);
    if (count == 0) return;
    const char **names = lua_newuserdatauv(L, count * sizeof *names, 0);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, kept, (lua_Integer)i + 1);
        names[i] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(names[i - 1], names[i]) == 0) continue;
        lua_pushlstring(L, c->line + c->start, c->word - c->start);
        lua_pushstring(L, names[i]);
        lua_concat(L, 2);
        c->found(c->self, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
}

static int complete_protected(lua_State *L) {
    Completion *c = lua_touserdata(L, 1);
    lua_newtable(L);
    int kept = lua_gettop(L);
    size_t quote = open_quote(c->line, c->end);
    if (quote != (size_t)-1) {
        c->start = quote + 1;
        offer_strings(L, c, quote, kept);
    } else if (c->separator == '?') {
        return 0;
    } else if (c->separator) {
        if (push_owner(L, c)) offer_fields(L, c, lua_gettop(L), kept);
    } else {
        environment_push_names(L);
        offer_keys(L, c, lua_gettop(L), kept);
        offer_keywords(L, c, kept);
    }
    give(L, c, kept);
    return 0;
}

size_t lab_complete(Lab *lab, const char *line, size_t end, void (*found)(void *self, const char *completion),
                    void *self) {
    Completion c = read_chain(line, end);
    c.found = found;
    c.self = self;
    if (end - c.start > CHAIN || lab->job) return end;
    lua_pushcfunction(lab->main, complete_protected);
    lua_pushlightuserdata(lab->main, &c);
    if (lua_pcall(lab->main, 1, 0, 0) != LUA_OK) lua_pop(lab->main, 1); /* nothing to offer */
    return c.start;
}
