/* rfc.c - rfc(): what its script, scripts/rfc.lua, needs beyond the vocabulary, and its place in help and completion.
 */
#include "rfc.h"

#include "lesson.h"
#include "library.h"
#include "raise.h"
#include "../text/language.h"
#include "results.h"

enum { NAMES_MOST = 1000 };

/* (name): what the file scripts/rfc/NAME.lua returns. It is data: the file has no globals. */
static int load(lua_State *L) {
    lua_pushfstring(L, "%s/rfc/%s.lua", lab_of(L)->config.scripts, luaL_checkstring(L, 1));
    if (luaL_loadfilex(L, lua_tostring(L, -1), "t") != LUA_OK) return lua_error(L);
    lua_newtable(L);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    lua_call(L, 0, 1);
    return 1;
}

/* The rules of engine/tcp/rules.def: {name=, section=, sentence=} each. */
static int rules(lua_State *L) {
    Language language = language_of(lab_of(L)->config.language);
    lua_createtable(L, RULE_COUNT - 1, 0);
    for (int i = 1; i < RULE_COUNT; i++) {
        const RuleInfo *info = rule_info((RuleId)i);
        lua_createtable(L, 0, 3);
        table_string(L, "name", info->name);
        table_string(L, "section", info->section);
        table_string(L, "sentence", translated(language, info->sentence));
        table_append(L);
    }
    return 1;
}

/* (head, words, indent): the words broken into lines behind `head`, the further lines after `indent` spaces. */
static int paragraph(lua_State *L) {
    Text text = TEXT_EMPTY;
    const char *words = luaL_checkstring(L, 2);
    lua_Integer indent = luaL_checkinteger(L, 3);
    text_add(&text, "%s", luaL_checkstring(L, 1));
    text_wrap(&text, words, (int)indent, columns_of_text(L));
    push_text(L, &text);
    return 1;
}

/* (table, lines): makes the table print as these lines. */
static int printed(lua_State *L) {
    Text text = TEXT_EMPTY;
    lua_Integer count = luaL_len(L, 2);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 2, i);
        text_add(&text, "%s\n", lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    lua_settop(L, 1);
    push_printed(L, "rfc", &text);
    return 1;
}

/* (word, list): the nearest of the list; nil where none is near. */
static int nearest(lua_State *L) {
    const char *names[NAMES_MOST + 1] = {NULL};
    size_t count = 0;
    for (lua_Integer n = luaL_len(L, 2); count < NAMES_MOST && (lua_Integer)count < n; count++) {
        lua_rawgeti(L, 2, (lua_Integer)count + 1);
        names[count] = lua_tostring(L, -1);
        lua_pop(L, 1); /* the list keeps it */
    }
    lua_pushstring(L, lab_nearest(luaL_checkstring(L, 1), names));
    return 1;
}

static int kind(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushstring(L, kind_of_value(L, 1));
    return 1;
}

static const luaL_Reg machinery[] = {{"load", load},       {"rules", rules},     {"words", lesson_words},
                                     {"printed", printed}, {"nearest", nearest}, {"paragraph", paragraph},
                                     {"kind", kind},       {NULL, NULL}};

void rfc_push_machinery(lua_State *L) { luaL_newlib(L, machinery); }

/* Its address is a key of the registry. */
static const char names_key = 'n';

void rfc_keep_names(lua_State *L) { lua_rawsetp(L, LUA_REGISTRYINDEX, &names_key); }

static int names(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key) == LUA_TFUNCTION) lua_call(L, 0, 1);
    return 1;
}

static const Word words[] = {
    {"rfc", NULL, "rfc([x])",
     "what the standards ask for, and what carries it out: a requirement (\"MUST-31\"), a section (\"3.10.7.4\", \"RFC "
     "5961 3.2\"), a rule (\"rst.challenge\") or a series (\"MUST\"); rfc() lists the series",
     "print(rfc \"MUST-31\")", names},
    {0}};
const Library rfc_library = {"The standard", words, NULL, NULL};
