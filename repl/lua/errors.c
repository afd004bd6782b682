/* errors.c - the message shown when something went wrong: one line, with file and line, and a hint where we have
 * one. */
#include "errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "memory.h"
#include "raise.h"
#include "values.h"

const char *lab_error(const Lab *lab) { return lab->error ? lab->error : "out of memory"; }

void lab_say_error(Lab *lab, const char *format, ...) {
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) text = NULL;
    va_end(arguments);
    free(lab->error);
    lab->error = text;
}

/* The key of the table on top of the stack that is nearest to `word`, into `found`. */
static size_t nearest_key(lua_State *L, const char *word, size_t best, char found[LAB_WORD + 1]) {
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) continue;
        const char *key = lua_tostring(L, -2);
        size_t distance = lab_distance(word, key, lab_slips(word));
        bool wins = distance < best || (distance == best && found[0] && strcmp(key, found) < 0);
        if (distance > lab_slips(word) || !wins) continue;
        best = distance;
        snprintf(found, LAB_WORD + 1, "%s", key);
    }
    return best;
}

/* ---- Hints ---- */

typedef struct Hint {
    const char *text; /* what the message has in it */
    const char *hint;
} Hint;

static const char *table_hint(const char *word, const Hint *hints, size_t count, bool inside) {
    for (size_t i = 0; i < count; i++) {
        if (inside ? strstr(word, hints[i].text) != NULL : strcmp(word, hints[i].text) == 0) return hints[i].hint;
    }
    return NULL;
}

static const char *left_out_hint(const char *word) {
    static const Hint hints[] = {
        {"io", "scripts here reach no files; print() shows text"},
        {"require", "scripts here load no packages; dofile(\"NAME.lua\") runs a script beside this one"},
        {"package", "scripts here load no packages; dofile(\"NAME.lua\") runs a script beside this one"},
        {"exit", "Ctrl-D leaves"},
        {"quit", "Ctrl-D leaves"},
        {"sleep", "time is virtual here: wait(seconds)"},
        {"unpack", "Lua 5.4 says table.unpack"},
        {"loadstring", "Lua 5.4 says load"},
        {"setfenv", "Lua 5.4 has _ENV instead"},
    };
    return table_hint(word, hints, sizeof hints / sizeof *hints, false);
}

static const char *message_hint(const char *message) {
    static const Hint hints[] = {
        {"'integer index'", "nothing stands at that number"},
        {"near '!'", "Lua writes 'not' for ! and ~= for !="},
        {"near '+'", "Lua has no += and no ++: write x = x + 1"},
        {"near '&'", "Lua writes 'and' for &&"},
        {"near '|'", "Lua writes 'or' for ||"},
        {"'then' expected near '='", "== compares, = assigns"},
        {"near '?'", "help() lists the words"},
        {"stack overflow", "a function calls itself without an end"},
    };
    return table_hint(message, hints, sizeof hints / sizeof *hints, true);
}

/* "global 'NAME'" of a message, into `name`. */
static bool quoted_after(const char *message, const char *kind, char name[LAB_WORD + 1]) {
    const char *start = strstr(message, kind);
    if (!start) return false;
    start += strlen(kind);
    const char *end = strchr(start, '\'');
    if (!end || end == start || end - start > LAB_WORD) return false;
    snprintf(name, LAB_WORD + 1, "%.*s", (int)(end - start), start);
    return true;
}

/* The nearest function of Lua's own libraries, as "math.floor". */
static bool library_hint(lua_State *L, const char *name, char hint[2 * LAB_WORD]) {
    static const char *const libraries[] = {"string", "table", "math", "coroutine", "utf8", "os", NULL};
    size_t best = 2; /* one slip only: the library is not known */
    hint[0] = '\0';
    for (const char *const *library = libraries; *library; library++) {
        char found[LAB_WORD + 1] = "";
        environment_push_names(L);
        lua_pushstring(L, *library);
        lua_rawget(L, -2);
        if (lua_istable(L, -1)) {
            size_t distance = nearest_key(L, name, best, found);
            if (found[0]) snprintf(hint, 2 * LAB_WORD, "%s.%s", *library, found);
            best = found[0] ? distance : best;
        }
        lua_pop(L, 2);
    }
    return hint[0] != '\0';
}

/* Names that were local in lines typed earlier, in the registry under this address. */
static const char locals_key;

void lab_note_locals(lua_State *L, const char *line) {
    static const char word[] = "local ";
    line += strspn(line, " \t");
    if (strncmp(line, word, sizeof word - 1) != 0 || strncmp(line, "local function", 14) == 0) return;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &locals_key) != LUA_TTABLE) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &locals_key);
        lua_replace(L, -2);
    }
    for (const char *at = line + sizeof word - 1; *at;) {
        size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        lua_pushlstring(L, at, length);
        lua_pushboolean(L, true);
        lua_rawset(L, -3);
        at += length;
        at += strspn(at, " \t");
        if (*at != ',') break;
        at += 1 + strspn(at + 1, " \t");
    }
    lua_pop(L, 1);
}

static bool was_local(lua_State *L, const char *name) {
    bool was = false;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &locals_key) == LUA_TTABLE) {
        lua_pushstring(L, name);
        was = lua_rawget(L, -2) != LUA_TNIL;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return was;
}

/* Writes the hint for a message to `hint`, or "". */
static void find_hint(lua_State *L, const char *message, char *hint, size_t size) {
    char name[LAB_WORD + 1], found[LAB_WORD + 1] = "", library[2 * LAB_WORD];
    hint[0] = '\0';
    bool is_nil = strstr(message, "a nil value (") != NULL;
    if (is_nil && quoted_after(message, "global '", name)) {
        const char *left_out = left_out_hint(name);
        if (left_out) {
            snprintf(hint, size, "%s", left_out);
            return;
        }
        environment_push_names(L);
        nearest_key(L, name, lab_slips(name) + 1, found);
        lua_pop(L, 1);
        if (was_local(L, name)) snprintf(hint, size, "leave out 'local': it lives for one line");
        else if (found[0]) snprintf(hint, size, "did you mean %s?", found);
        else snprintf(hint, size, "no %s here: help() lists the words", name);
        return;
    }
    if (is_nil && !strstr(message, "'integer index'") &&
        (quoted_after(message, "field '", name) || quoted_after(message, "method '", name))) {
        if (library_hint(L, name, library)) snprintf(hint, size, "did you mean %s?", library);
        return;
    }
    const char *known = message_hint(message);
    if (known) snprintf(hint, size, "%s", known);
}

/* ---- Error values ---- */

int lab_message_handler(lua_State *L) {
    if (lab_unwinds(lab_of(L))) return 1;
    if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL && lua_type(L, 1) != LUA_TSTRING) {
        luaL_tolstring(L, 1, NULL);
        lua_replace(L, 1);
    }
    lua_settop(L, 1);
    bool empty = lua_isnil(L, 1) || (lua_type(L, 1) == LUA_TSTRING && lua_rawlen(L, 1) == 0);
    if (lua_type(L, 1) == LUA_TSTRING && !empty) return 1;
    lua_Debug place;
    const char *where = "";
    for (int level = 1; lua_getstack(L, level, &place); level++) {
        lua_getinfo(L, "Sl", &place);
        if (place.currentline <= 0) continue;
        where = lua_pushfstring(L, "%s:%d: ", place.short_src, place.currentline);
        break;
    }
    const char *value = lab_readable(L, 1, NULL);
    lua_pushfstring(L, "%serror: %s", where, empty ? "raised without a message" : value);
    return 1;
}

/* Makes the text the last error; frees it. */
static void say_text(Lab *lab, Text *text) {
    lab_say_error(lab, "%s", text->failed ? "out of memory" : text_string(text));
    text_free(text);
}

enum { MESSAGE_MOST = 1 << 14 }; /* bytes of a script's message that are shown */

/* As it may be written to a terminal: without control characters, and not endless. */
static void say_message(Lab *lab, const char *lead, const char *message, size_t length, const char *hint) {
    Text text = TEXT_EMPTY;
    size_t shown = length < MESSAGE_MOST ? length : MESSAGE_MOST;
    while (shown < length && ((unsigned char)message[shown] & 0xc0) == 0x80) shown--;
    text_add(&text, "%s", lead);
    text_add_escaped(&text, message, shown, false);
    if (shown < length) text_add(&text, "... (%zu bytes more)", length - shown);
    if (hint[0]) text_add(&text, "; %s", hint);
    say_text(lab, &text);
}

/* A script's message may have several lines; ours are one. Syntax errors in typed text: Lua's message is good, its
 * "[string ...]" is not. */
static int describe_protected(lua_State *L) {
    char hint[4 * LAB_WORD];
    size_t length;
    const char *message = lua_tolstring(L, 1, &length);
    if (!message) message = lab_readable(L, 1, &length);
    find_hint(L, message, hint, sizeof hint);
    /* "twomsl:1: ..." comes from the program's own chunks: the line number means nothing to the user */
    static const char own[] = "twomsl:1: ";
    size_t skip = strncmp(message, own, sizeof own - 1) == 0 ? sizeof own - 1 : 0;
    say_message(lab_of(L), skip ? "twomsl: " : "", message + skip, length - skip, hint);
    return 0;
}

void lab_describe(Lab *lab, lua_State *L, int status) {
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    size_t limit = lab->limit;
    lab->limit = 0;
    if (status == LUA_ERRMEM || strcmp(text, "not enough memory") == 0) {
        Text message = TEXT_EMPTY;
        memory_describe(lab, &message);
        say_text(lab, &message);
    } else {
        lua_pushcfunction(L, describe_protected);
        lua_pushvalue(L, -2);
        if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
            say_message(lab, "", text, strlen(text), "");
            lua_pop(L, 1);
        }
    }
    lab->limit = limit;
}
