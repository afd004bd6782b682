/* environment.c - see environment.h. Three kinds of tables: the words; the globals of scripts, which find the words by
 * __index; and `own`, the globals of the lab's Lua, with copies of Lua's libraries. */
#include "environment.h"

#include "running.h"

/* Their addresses are keys of the registry. */
static const char words_key = 'w', own_key = 'o';

static void push_words(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &words_key); }

/* Copies every field of the table at `from` to the table at `to`, without metamethods. */
static void copy_fields(lua_State *L, int from, int to) {
    from = lua_absindex(L, from);
    to = lua_absindex(L, to);
    for (lua_pushnil(L); lua_next(L, from); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, to);
    }
}

void environment_push_names(lua_State *L) {
    lua_newtable(L);
    push_words(L);
    copy_fields(L, -1, -2);
    lua_pop(L, 1);
    lua_pushglobaltable(L);
    copy_fields(L, -1, -2);
    lua_pop(L, 1);
}

/* ---- Words keep their values ---- */

/* Raises where the key at `key` is a word. */
static void refuse_word(lua_State *L, int key) {
    key = lua_absindex(L, key);
    push_words(L);
    lua_pushvalue(L, key);
    bool is_word = lua_rawget(L, -2) != LUA_TNIL;
    lua_pop(L, 2);
    if (is_word)
        luaL_error(L, "%s is a word of the lab and keeps its meaning: give the variable another name",
                   lua_tostring(L, key));
}

/* (table, key, value): __newindex of every table of globals. */
static int guard(lua_State *L) {
    if (!lua_isnil(L, 2)) refuse_word(L, 2);
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 0;
}

static bool is_guarded(lua_State *L, int index) {
    if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
    lua_pushliteral(L, "__newindex");
    lua_rawget(L, -2);
    bool guarded = lua_tocfunction(L, -1) == guard;
    lua_pop(L, 2);
    return guarded;
}

static int guarded_rawset(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    if (is_guarded(L, 1)) refuse_word(L, 2);
    lua_rawset(L, 1);
    return 1;
}

/* ---- Tables of globals ---- */

static int next_field(lua_State *L) {
    lua_settop(L, 2);
    if (lua_next(L, 1)) return 2;
    lua_pushnil(L);
    return 1;
}

/* pairs(_G): globals and words. */
static int pairs_of_globals(lua_State *L) {
    lua_pushcfunction(L, next_field);
    environment_push_names(L);
    return 2;
}

/* Pushes a new table of globals whose __index is the table on top of the stack. */
static void push_globals_over(lua_State *L) {
    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, guard);
    lua_setfield(L, -2, "__newindex");
    lua_pushliteral(L, "the globals of a lesson");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

/* Replaces each library in the table on top of the stack by a copy. */
static void copy_libraries(lua_State *L) {
    static const char *const libraries[] = {LUA_STRLIBNAME,  LUA_TABLIBNAME, LUA_MATHLIBNAME, LUA_COLIBNAME,
                                            LUA_UTF8LIBNAME, LUA_OSLIBNAME,  LUA_DBLIBNAME,   NULL};
    for (const char *const *name = libraries; *name; name++) {
        lua_getfield(L, -1, *name);
        lua_newtable(L);
        copy_fields(L, -2, -1);
        lua_setfield(L, -3, *name);
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    lua_setfield(L, -2, LUA_GNAME);
}

/* s:format() finds copies that no script reaches, so that it goes on whatever becomes of the table `string`; what a
 * script adds to that table (string.trim) is a method all the same. */
static void protect_strings(lua_State *L) {
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_getglobal(L, LUA_STRLIBNAME);
    lua_newtable(L);
    copy_fields(L, -2, -1);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setfield(L, -3, "__index");
    lua_pushliteral(L, "the methods of strings");
    lua_setfield(L, -3, "__metatable");
    lua_pop(L, 3);
}

/* While the libraries of the lab are opened: what they set becomes a word. */
static void gather_words(lua_State *L, int globals) {
    globals = lua_absindex(L, globals);
    lua_createtable(L, 0, 2);
    push_words(L);
    lua_setfield(L, -2, "__index");
    push_words(L);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, globals);
}

void environment_open(lua_State *L) {
    lua_register(L, "rawset", guarded_rawset);
    protect_strings(L);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &words_key);
    lua_pushglobaltable(L);
    lua_newtable(L);
    copy_fields(L, -2, -1);
    copy_libraries(L);
    gather_words(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &own_key);
    gather_words(L, -1);
    lua_pop(L, 1);
}

void environment_seal(lua_State *L) {
    lua_pushcfunction(L, guard);
    lua_pushglobaltable(L);
    lua_getmetatable(L, -1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, pairs_of_globals);
    lua_setfield(L, -2, "__pairs");
    lua_pushliteral(L, "the globals of the lab");
    lua_setfield(L, -2, "__metatable");
    environment_push_own(L);
    lua_getmetatable(L, -1);
    lua_pushvalue(L, -5);
    lua_setfield(L, -2, "__newindex");
    lua_pushliteral(L, "the globals of the lab");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 5);
}

/* ---- Chunks ---- */

void environment_set(lua_State *L) {
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1); /* a chunk without globals has no environment */
}

void environment_push_own(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &own_key); }

void environment_push_lesson(lua_State *L) {
    environment_push_own(L);
    push_globals_over(L);
    copy_libraries(L); /* what a lesson does to them is its own */
}
