/* objects.c - userdata with fields, methods and metamethods in separate tables, and errors that say what is known. */
#include "objects.h"

#include <math.h>
#include <string.h>

#include "raise.h"

const char help_before[] = "s = B:listen(80); c = A:connect(B, 80)";

/* The Kind stands in the metatable under this address, and is upvalue 1 of its metamethods. */
static const char kind_key;
static const Kind *upvalue_kind(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

void words_join(Text *text, const char *const *words) {
    for (size_t i = 0; words && words[i]; i++) text_add(text, "%s%s", i ? ", " : "", words[i]);
}

void push_seconds(lua_State *L, Micros time) { lua_pushnumber(L, (lua_Number)time / 1e6); }

const Field *kind_field(const Kind *kind, const char *name) {
    for (const Field *field = kind->fields; field && field->name; field++)
        if (strcmp(field->name, name) == 0) return field;
    return NULL;
}

const Kind *kind_at(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return NULL;
    lua_rawgetp(L, -1, &kind_key);
    const Kind *kind = lua_touserdata(L, -1);
    lua_pop(L, 2);
    return kind;
}

/* ---- Errors ---- */

/* The field or method whose name is nearest. */
static const char *nearest_name(const Kind *kind, const char *name) {
    const char *nearest = NULL;
    size_t best = lab_slips(name) + 1;
    for (const Field *field = kind->fields; field && field->name; field++) {
        size_t distance = lab_distance(name, field->name, lab_slips(name));
        if (distance < best) best = distance, nearest = field->name;
    }
    for (const Method *method = kind->methods; method && method->name; method++) {
        size_t distance = lab_distance(name, method->name, lab_slips(name));
        if (distance < best) best = distance, nearest = method->name;
    }
    return nearest;
}

/* "a connection has no field 'stat' (did you mean state?); it has: ..." */
int kind_unknown_field(lua_State *L, const Kind *kind, const char *name) {
    Text text = TEXT_EMPTY;
    const char *nearest = nearest_name(kind, name), *comma = "";
    text_add(&text, "%s has no field '%s'", kind->phrase, name);
    if (nearest) text_add(&text, " (did you mean %s?)", nearest);
    text_add(&text, "; it has: ");
    for (const Field *field = kind->fields; field && field->name; field++, comma = ", ")
        text_add(&text, "%s%s", comma, field->name);
    for (const Method *method = kind->methods; method && method->name; method++, comma = ", ")
        text_add(&text, "%s%s()", comma, method->name);
    push_text(L, &text);
    return luaL_error(L, "%s", lua_tostring(L, -1));
}

/* ---- Metamethods ---- */

/* (object, name): methods stand in upvalue 2. */
static int kind_index(lua_State *L) {
    const Kind *kind = upvalue_kind(L);
    lua_settop(L, 2);
    if (!object_at(L, 1, kind->name)) return luaL_error(L, "that is not %s", kind->phrase);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
    lua_settop(L, 2);
    const Field *field = lua_type(L, 2) == LUA_TSTRING ? kind_field(kind, lua_tostring(L, 2)) : NULL;
    if (field) return kind->read(L, field);
    if (kind->item && kind->item(L)) return 1;
    lua_settop(L, 2);
    const char *name = luaL_tolstring(L, 2, NULL);
    return kind->unknown ? kind->unknown(L, name) : kind_unknown_field(L, kind, name);
}

static int kind_newindex(lua_State *L) {
    const Kind *kind = upvalue_kind(L);
    if (!object_at(L, 1, kind->name)) return luaL_error(L, "that is not %s", kind->phrase);
    if (kind->set) return kind->set(L);
    const char *name = luaL_tolstring(L, 2, NULL);
    return luaL_error(L, "%s cannot be set: the fields of %s are read-only, they show what the engine holds", name,
                      kind->phrase);
}

/* next over the fields that are not nil: (object, name) */
static int kind_next(lua_State *L) {
    const Kind *kind = upvalue_kind(L);
    const char *last = lua_isnoneornil(L, 2) ? NULL : lua_tostring(L, 2);
    const Field *field = last ? kind_field(kind, last) : kind->fields;
    if (last && field) field++;
    for (; field && field->name; field++) {
        lua_pushstring(L, field->name);
        lua_pushvalue(L, -1);
        lua_gettable(L, 1);
        if (!lua_isnil(L, -1)) return 2;
        lua_pop(L, 2);
    }
    lua_pushnil(L);
    return 1;
}

static int kind_pairs(lua_State *L) {
    lua_pushlightuserdata(L, lua_touserdata(L, lua_upvalueindex(1)));
    lua_pushcclosure(L, kind_next, 1);
    lua_pushvalue(L, 1);
    return 2;
}

/* ---- Opening ---- */

void kind_push_names(lua_State *L, const Kind *kind) {
    lua_Integer count = 0;
    lua_newtable(L);
    for (const Field *field = kind->fields; field && field->name; field++) {
        lua_pushstring(L, field->name);
        lua_rawseti(L, -2, ++count);
    }
    for (const Method *method = kind->methods; method && method->name; method++) {
        lua_pushfstring(L, "%s(", method->name);
        lua_rawseti(L, -2, ++count);
    }
}

static void set_with_kind(lua_State *L, const Kind *kind, const char *name, lua_CFunction function) {
    lua_pushlightuserdata(L, (void *)(uintptr_t)kind);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

void kind_open(lua_State *L, const Kind *kind) {
    luaL_newmetatable(L, kind->name);
    if (kind->meta) luaL_setfuncs(L, kind->meta, 0);
    lua_pushlightuserdata(L, (void *)(uintptr_t)kind);
    lua_newtable(L);
    for (const Method *method = kind->methods; method && method->name; method++) {
        if (kind_field(kind, method->name)) continue; /* the field's value answers the call */
        lua_pushcfunction(L, method->call);
        lua_setfield(L, -2, method->name);
    }
    lua_pushcclosure(L, kind_index, 2);
    lua_setfield(L, -2, "__index");
    set_with_kind(L, kind, "__newindex", kind_newindex);
    if (kind->fields) set_with_kind(L, kind, "__pairs", kind_pairs);
    lua_pushlightuserdata(L, (void *)(uintptr_t)kind);
    lua_rawsetp(L, -2, &kind_key);
    lua_pushstring(L, kind->name);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

/* ---- Objects ---- */

void *object_push(lua_State *L, const char *kind, size_t size) {
    void *object = lua_newuserdatauv(L, size, 0);
    memset(object, 0, size);
    luaL_setmetatable(L, kind);
    return object;
}

void *object_at(lua_State *L, int index, const char *kind) { return luaL_testudata(L, index, kind); }

static const char *phrase_of(lua_State *L, const char *name) {
    luaL_getmetatable(L, name);
    lua_rawgetp(L, -1, &kind_key);
    const Kind *kind = lua_touserdata(L, -1);
    lua_pop(L, 2);
    return kind->phrase;
}

void *object_self(lua_State *L, const char *kind, const char *method) {
    void *object = object_at(L, 1, kind);
    if (!object) {
        luaL_error(L, "%s: it is called on %s, not on %s; write it with a colon: x:%s(...)", method, phrase_of(L, kind),
                   kind_of_value(L, 1), method);
    }
    return object;
}

const char *kind_of_value(lua_State *L, int index) {
    switch (lua_type(L, index)) {
    case LUA_TNONE:
    case LUA_TNIL: return "nothing";
    case LUA_TBOOLEAN: return lua_toboolean(L, index) ? "true" : "false";
    case LUA_TNUMBER: return "a number";
    case LUA_TSTRING: return "a string";
    case LUA_TTABLE: return "a table";
    case LUA_TFUNCTION: return "a function";
    default: break;
    }
    const Kind *kind = kind_at(L, index);
    return kind ? kind->phrase : lua_typename(L, lua_type(L, index));
}
