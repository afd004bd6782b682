/* raise.c - see raise.h. */
#include "raise.h"

#include <stdarg.h>
#include <string.h>

#include "memory.h"

/* ---- Nearest words ---- */

size_t lab_distance(const char *a, const char *b, size_t most) {
    size_t row[LAB_WORD + 1], before[LAB_WORD + 1] = {0}, old[LAB_WORD + 1];
    size_t la = strlen(a), lb = strlen(b);
    if (la > LAB_WORD || lb > LAB_WORD || la > lb + most || lb > la + most) return most + 1;
    for (size_t j = 0; j <= lb; j++) row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        memcpy(old, before, sizeof old);
        memcpy(before, row, sizeof before);
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < best) best = before[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            /* two letters the wrong way round are one slip */
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && old[j - 2] + 1 < best) best = old[j - 2] + 1;
            row[j] = best;
        }
    }
    return row[lb] <= most ? row[lb] : most + 1;
}

size_t lab_slips(const char *word) {
    size_t length = strlen(word);
    return length < 2 ? 0 : length <= 4 ? 1 : 2;
}

const char *lab_nearest(const char *word, const char *const *words) {
    const char *nearest = NULL;
    size_t best = lab_slips(word) + 1;
    for (; *words; words++) {
        size_t distance = lab_distance(word, *words, lab_slips(word));
        if (distance < best) {
            best = distance;
            nearest = *words;
        }
    }
    return nearest;
}

/* ---- Raising ---- */

/* The name by which the running C function was called: "connect"; NULL where it has none, or was called by a
 * metamethod: "newindex" says nothing. */
static const char *called_name(lua_State *L) {
    lua_Debug call;
    if (!lua_getstack(L, 0, &call)) return NULL;
    lua_getinfo(L, "n", &call);
    return strcmp(call.namewhat, "metamethod") == 0 ? NULL : call.name;
}

int lab_argument_error(lua_State *L, int arg, const char *format, ...) {
    va_list arguments;
    const char *name = called_name(L);
    luaL_where(L, 1);
    if (name) lua_pushfstring(L, "%s: ", name);
    else if (arg > 0) lua_pushfstring(L, "argument %d: ", arg);
    else lua_pushliteral(L, "");
    Text text = TEXT_EMPTY;
    va_start(arguments, format);
    text_add_list(&text, format, arguments);
    va_end(arguments);
    push_text(L, &text);
    lua_concat(L, 3);
    return lua_error(L);
}

int lab_refuse(lua_State *L, Status status) {
    luaL_pushfail(L);
    lua_pushstring(L, status_text(status));
    return 2;
}
