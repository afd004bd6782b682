/* values.c - how the prompt shows a value: words where it has some, tables in stable order, on one line where they fit.
 */
#include "values.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "environment.h"
#include "memory.h"

enum {
    SHOWN_WIDTH = 76,   /* columns of a table on one line */
    SHOWN_DEPTH = 5,    /* tables within tables */
    SHOWN_ITEMS = 100,  /* of one table */
    SHOWN_STRING = 200, /* bytes of a string in a table */
    SHOWN_TOTAL = 1 << 16,
    SORTED_KEYS = 10000 /* beyond, keys are shown as they come */
};

/* The text stands in a userdata, so that an error in a __tostring frees it. */
static int out_free(lua_State *L) {
    text_free(lua_touserdata(L, 1));
    return 0;
}

static Text *out_new(lua_State *L) {
    Text *out = lua_newuserdatauv(L, sizeof *out, 0);
    *out = TEXT_EMPTY;
    if (luaL_newmetatable(L, "twomsl.out")) {
        lua_pushcfunction(L, out_free);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return out;
}

typedef struct Shower {
    lua_State *L;
    Text *out;
    const void *parents[SHOWN_DEPTH];
    int depth;
    size_t stop; /* on one line: give up past this length; SIZE_MAX: broken lines */
} Shower;

static void put(Shower *s, const char *text, size_t length) {
    text_add_bytes(s->out, text, length);
    if (s->out->failed) memory_error(s->L);
}

static void put_string(Shower *s, const char *text) { put(s, text, strlen(text)); }

static bool is_full(const Shower *s) { return s->out->length > SHOWN_TOTAL || s->out->length > s->stop; }

static void put_newline(Shower *s) {
    put_string(s, "\n");
    for (int i = 0; i < s->depth; i++) put_string(s, "  ");
}

static void put_clean(Shower *s, const char *text, size_t length, bool quoted) {
    text_add_escaped(s->out, text, length, quoted);
    if (s->out->failed) memory_error(s->L);
}

static void put_quoted(Shower *s, const char *text, size_t length) {
    put_string(s, "\"");
    size_t cut = length > SHOWN_STRING ? SHOWN_STRING : length;
    while (cut < length && cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80) cut--;
    put_clean(s, text, cut, true);
    put_string(s, cut < length ? "\"..." : "\"");
}

/* ---- Keys in stable order: numbers, then strings, then the rest as it comes ---- */

typedef struct Key {
    int rank;
    lua_Number number;
    const char *string;
    lua_Integer place; /* in the list of keys */
} Key;

static int compare_keys(const void *a, const void *b) {
    const Key *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    if (x->rank == 0 && x->number < y->number) return -1;
    if (x->rank == 0 && x->number > y->number) return 1;
    if (x->rank == 1) return strcmp(x->string, y->string);
    return x->place < y->place ? -1 : 1;
}

/* Pushes a list of the keys of the table at `table` that are not 1..listed, sorted; returns how many. */
static lua_Integer push_keys(lua_State *L, int table, lua_Integer listed) {
    lua_Integer count = 0;
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && lua_tointeger(L, -2) <= listed) continue;
        lua_pushvalue(L, -2);
        lua_rawseti(L, -4, ++count);
    }
    if (count < 2 || count > SORTED_KEYS) return count;
    Key *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        int type = lua_rawgeti(L, -2, i);
        keys[i - 1] = (Key){type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : 2, 0, NULL, i};
        if (type == LUA_TNUMBER) keys[i - 1].number = lua_tonumber(L, -1);
        if (type == LUA_TSTRING) keys[i - 1].string = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    qsort(keys, (size_t)count, sizeof *keys, compare_keys);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -3, keys[i - 1].place);
        lua_rawseti(L, -2, i);
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
    return count;
}

/* ---- Values ---- */

static void show_value(Shower *s, int index);

static bool is_word(const char *text, size_t length) {
    if (length == 0 || isdigit((unsigned char)*text)) return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '_') return false;
    }
    return true;
}

static void show_key(Shower *s) {
    size_t length;
    if (lua_type(s->L, -1) == LUA_TSTRING) {
        const char *text = lua_tolstring(s->L, -1, &length);
        if (is_word(text, length)) {
            put(s, text, length);
            put_string(s, " = ");
            return;
        }
    }
    put_string(s, "[");
    show_value(s, lua_gettop(s->L));
    put_string(s, "] = ");
}

static void show_separator(Shower *s, bool first) {
    if (!first) put_string(s, s->stop == SIZE_MAX ? "," : ", ");
    if (s->stop == SIZE_MAX) put_newline(s);
}

static void show_items(Shower *s, int table) {
    lua_State *L = s->L;
    lua_Integer listed = (lua_Integer)lua_rawlen(L, table), shown = 0;
    for (lua_Integer i = 1; i <= listed && shown < SHOWN_ITEMS && !is_full(s); i++, shown++) {
        show_separator(s, shown == 0);
        lua_rawgeti(L, table, i);
        show_value(s, lua_gettop(L));
        lua_pop(L, 1);
    }
    lua_Integer keys = push_keys(L, table, listed), rest = listed - shown;
    lua_Integer key = 1;
    for (; key <= keys && shown < SHOWN_ITEMS && !is_full(s); key++, shown++) {
        show_separator(s, shown == 0);
        lua_rawgeti(L, -1, key);
        show_key(s);
        lua_rawget(L, table);
        show_value(s, lua_gettop(L));
        lua_pop(L, 1);
    }
    rest += keys - (key - 1);
    lua_pop(L, 1);
    if (rest <= 0) return;
    char more[48];
    snprintf(more, sizeof more, "... %lld more", (long long)rest);
    show_separator(s, shown == 0);
    put_string(s, more);
}

static size_t column(const Text *out, size_t at) {
    size_t start = at;
    while (start > 0 && out->bytes[start - 1] != '\n') start--;
    return at - start;
}

static void show_table(Shower *s, int table) {
    const void *self = lua_topointer(s->L, table);
    bool inside = s->depth >= SHOWN_DEPTH;
    for (int i = 0; i < s->depth && !inside; i++) inside = s->parents[i] == self;
    if (inside) {
        put_string(s, "{...}");
        return;
    }
    luaL_checkstack(s->L, 2 * LUA_MINSTACK, "tables too deep to show");
    s->parents[s->depth++] = self;
    size_t start = s->out->length, stop = s->stop;
    if (stop == SIZE_MAX) { /* try one line first */
        size_t used = column(s->out, start);
        s->stop = start + (used < SHOWN_WIDTH ? SHOWN_WIDTH - used : 0);
    }
    put_string(s, "{");
    show_items(s, table);
    put_string(s, "}");
    bool fits = s->out->length <= s->stop && !memchr(s->out->bytes + start, '\n', s->out->length - start);
    s->stop = stop;
    if (stop == SIZE_MAX && !fits) {
        text_cut(s->out, start);
        put_string(s, "{");
        show_items(s, table);
        s->depth--;
        put_newline(s);
        s->depth++;
        put_string(s, "}");
    }
    s->depth--;
}

/* The global name of a function, or "". */
static void function_name(lua_State *L, int function, char name[64]) {
    name[0] = '\0';
    environment_push_names(L);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || !lua_rawequal(L, -1, function)) continue;
        snprintf(name, 64, "%s", lua_tostring(L, -2));
    }
    lua_pop(L, 1);
}

static void show_function(Shower *s, int function) {
    char name[64], text[192];
    function_name(s->L, function, name);
    if (!name[0]) put_string(s, "a function");
    else if (s->depth > 0) put_string(s, name);
    else {
        snprintf(text, sizeof text, "a function: %s(...) calls it, help(%s) tells more", name, name);
        put_string(s, text);
    }
}

/* Words of the value's own; lines after the first are indented like the value. */
static void show_words(Shower *s, int index) {
    size_t length;
    const char *text = luaL_tolstring(s->L, index, &length);
    const char *end = text + length;
    while (s->depth > 0 && length > 0 && end[-1] == '\n') end--, length--;
    for (const char *line = text; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        put(s, line, (size_t)((newline ? newline : end) - line));
        if (newline) put_newline(s);
        line = newline ? newline + 1 : end;
    }
    lua_pop(s->L, 1);
}

static void show_value(Shower *s, int index) {
    size_t length;
    int type = lua_type(s->L, index);
    bool words = luaL_getmetafield(s->L, index, "__tostring") != LUA_TNIL;
    if (words) lua_pop(s->L, 1);
    if (type == LUA_TSTRING) {
        const char *text = lua_tolstring(s->L, index, &length);
        if (s->depth > 0) put_quoted(s, text, length);
        else put_clean(s, text, length, false);
    } else if (type == LUA_TTABLE && !words) {
        show_table(s, index);
    } else if (type == LUA_TFUNCTION && !words) {
        show_function(s, index);
    } else {
        show_words(s, index);
    }
}

static const char *show(lua_State *L, int index, size_t *length, bool quotes) {
    index = lua_absindex(L, index);
    luaL_checkstack(L, 2 * LUA_MINSTACK, "no room to show a value");
    Shower shower = {.L = L, .out = out_new(L), .stop = SIZE_MAX};
    size_t size = 0;
    const char *string = quotes && lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &size) : NULL;
    if (string) put_quoted(&shower, string, size);
    else show_value(&shower, index);
    lua_pushlstring(L, text_string(shower.out), shower.out->length);
    text_free(shower.out);
    lua_remove(L, -2);
    return lua_tolstring(L, -1, length);
}

const char *lab_readable(lua_State *L, int index, size_t *length) { return show(L, index, length, false); }

const char *lab_literal(lua_State *L, int index) { return show(L, index, NULL, true); }
