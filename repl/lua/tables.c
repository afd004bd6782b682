/* tables.c - table.insert, remove, concat, move and sort run in C from the first element to the last, where no hook
 * looks at Ctrl-C. Lua's own would go on for ever where __len claims any length or a range is endless; here a range has
 * a limit, and every element counts as work done. */
#include "tables.h"

#include "running.h"

enum { RANGE_MOST = 10000000 };

/* The original is upvalue 1. */
static int call_original(lua_State *L) {
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L);
}

static bool has_length_of_its_own(lua_State *L) {
    if (!lua_istable(L, 1) || luaL_getmetafield(L, 1, "__len") == LUA_TNIL) return false;
    lua_pop(L, 1);
    return true;
}

static void check_range(lua_State *L, const char *name, lua_Integer first, lua_Integer last) {
    if (last < first || (lua_Unsigned)last - (lua_Unsigned)first < RANGE_MOST) return;
    luaL_error(L, "table.%s: elements %I to %I are too many: at most %d at once", name, first, last, RANGE_MOST);
}

/* The length of the table at index 1, which its __len says. */
static lua_Integer length_of(lua_State *L, const char *name) {
    lua_Integer length = luaL_len(L, 1);
    check_range(L, name, 1, length);
    return length;
}

/* t[to] = t[from] of the table at index 1. */
static void move_one(lua_State *L, lua_Integer from, lua_Integer to) {
    lab_spend(L, 1);
    lua_geti(L, 1, from);
    lua_seti(L, 1, to);
}

/* Tables, and what acts as one by its metamethods. */
static void check_table(lua_State *L) {
    if (lua_istable(L, 1)) return;
    bool acts_as_one = luaL_getmetafield(L, 1, "__index") != LUA_TNIL && luaL_getmetafield(L, 1, "__len") != LUA_TNIL;
    if (!acts_as_one) luaL_checktype(L, 1, LUA_TTABLE);
    lua_pop(L, 2);
}

static int insert(lua_State *L) {
    check_table(L);
    lua_Integer end = length_of(L, "insert") + 1, position = end;
    int count = lua_gettop(L);
    if (count != 2 && count != 3) return luaL_error(L, "wrong number of arguments to 'insert'");
    if (count == 3) position = luaL_checkinteger(L, 2);
    luaL_argcheck(L, position >= 1 && position <= end, 2, "position out of bounds");
    for (lua_Integer i = end; i > position; i--) move_one(L, i - 1, i);
    lua_seti(L, 1, position);
    return 0;
}

/* Without a position, or with that of the last element or the one behind it, nothing moves. */
static int remove_one(lua_State *L) {
    check_table(L);
    lua_Integer length = length_of(L, "remove"), position = luaL_optinteger(L, 2, length);
    bool fits = position == length || (position >= 1 && position <= length + 1);
    luaL_argcheck(L, fits, 2, "position out of bounds");
    lua_geti(L, 1, position);
    for (lua_Integer i = position; i < length; i++) move_one(L, i + 1, i);
    lua_pushnil(L);
    lua_seti(L, 1, position > length ? position : length);
    return 1;
}

/* Adds element i of the table at index 1 to the buffer. */
static void add_element(lua_State *L, luaL_Buffer *out, lua_Integer i) {
    lab_spend(L, 1);
    lua_geti(L, 1, i);
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1), (LUAI_UACINT)i);
    luaL_addvalue(out);
}

static int concat(lua_State *L) {
    luaL_Buffer out;
    size_t length;
    check_table(L);
    lua_settop(L, 4);
    const char *separator = luaL_optlstring(L, 2, "", &length);
    lua_Integer first = luaL_optinteger(L, 3, 1);
    lua_Integer last = lua_isnil(L, 4) ? luaL_len(L, 1) : luaL_checkinteger(L, 4);
    check_range(L, "concat", first, last);
    luaL_buffinit(L, &out);
    for (lua_Integer i = first; i <= last; i++) {
        add_element(L, &out, i);
        if (i == last) break; /* there may be no i + 1 */
        luaL_addlstring(&out, separator, length);
    }
    luaL_pushresult(&out);
    return 1;
}

/* (from, first, last, at [, to]) */
static int move(lua_State *L) {
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
    check_range(L, "move", first, last);
    return call_original(L);
}

/* Copies elements 1 to length between the tables at `from` and `to`. */
static void copy(lua_State *L, int from, int to, lua_Integer length) {
    for (lua_Integer i = 1; i <= length; i++) {
        lab_spend(L, 1);
        lua_geti(L, from, i);
        lua_seti(L, to, i);
    }
}

/* The order of sort without a function, counted. */
static int is_less(lua_State *L) {
    lab_spend(L, 1);
    lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
    return 1;
}

/* A table with __len is sorted as a copy: sort would ask for its length a second time. */
static int sort(lua_State *L) {
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_pushcfunction(L, is_less);
        lua_replace(L, 2);
    }
    if (!has_length_of_its_own(L)) return call_original(L);
    lua_Integer length = length_of(L, "sort");
    lua_newtable(L);
    copy(L, 1, 3, length);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 0);
    copy(L, 3, 1, length);
    return 0;
}

void tables_open(lua_State *L) {
    static const luaL_Reg functions[] = {{"insert", insert}, {"remove", remove_one}, {"concat", concat},
                                         {"move", move},     {"sort", sort},         {NULL, NULL}};
    for (const luaL_Reg *f = functions; f->name; f++) {
        lua_getfield(L, -1, f->name); /* the original, for those that call it */
        lua_pushcclosure(L, f->func, 1);
        lua_setfield(L, -2, f->name);
    }
}
