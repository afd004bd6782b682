/* objects.c - userdata with fields, methods and metamethods in separate tables, and errors that say what is known. */
#include <math.h>
#include <string.h>

#include "vocabulary.h"

/* The Kind of a metatable is kept under this key, and as upvalue of its metamethods. */
static const Kind *upvalue_kind(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

void words_join(Text *text, const char *const *words) {
    for (size_t i = 0; words && words[i]; i++) text_add(text, "%s%s", i ? ", " : "", words[i]);
}

void push_text(lua_State *L, Text *text) {
    lua_pushlstring(L, text_string(text), text->length);
    text_free(text);
}

/* "connection has no field 'stat' (did you mean state?); it has: ..." */
static int unknown_field(lua_State *L, const Kind *kind) {
    Text text = TEXT_EMPTY;
    const char *name = luaL_tolstring(L, 2, NULL);
    const char *nearest = kind->fields ? lab_nearest(name, kind->fields) : NULL;
    text_add(&text, "%s has no field '%s'", kind->phrase, name);
    if (nearest) text_add(&text, " (did you mean %s?)", nearest);
    text_add(&text, "; it has: ");
    words_join(&text, kind->fields);
    for (const luaL_Reg *method = kind->methods; method && method->name; method++)
        text_add(&text, ", %s()", method->name);
    push_text(L, &text);
    return luaL_error(L, "%s", lua_tostring(L, -1));
}

/* (object, name): methods stand in upvalue 2. */
static int kind_index(lua_State *L) {
    const Kind *kind = upvalue_kind(L);
    lua_settop(L, 2);
    if (!kind_test(L, 1, kind)) return luaL_error(L, "that is not %s", kind->phrase);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
    lua_settop(L, 2);
    if (kind->get(L)) return 1;
    lua_settop(L, 2);
    return unknown_field(L, kind);
}

static int kind_newindex(lua_State *L) {
    const Kind *kind = upvalue_kind(L);
    if (!kind_test(L, 1, kind)) return luaL_error(L, "that is not %s", kind->phrase);
    if (kind->set) return kind->set(L);
    const char *name = luaL_tolstring(L, 2, NULL);
    return luaL_error(L, "%s cannot be set: the fields of %s are read-only, they show what the engine holds", name,
                      kind->phrase);
}

/* next over the fields: (object, name) */
static int kind_next(lua_State *L) {
    const Kind *kind = upvalue_kind(L);
    const char *const *field = kind->fields;
    if (!lua_isnoneornil(L, 2)) {
        const char *last = lua_tostring(L, 2);
        while (*field && last && strcmp(*field, last) != 0) field++;
        if (*field) field++;
    }
    for (; *field; field++) {
        lua_pushstring(L, *field);
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

/* Methods say in their own words what they are: the prompt completes them with a parenthesis. */
static void set_completion(lua_State *L, const Kind *kind) {
    lua_Integer count = 0;
    lua_newtable(L);
    for (size_t i = 0; kind->fields && kind->fields[i]; i++) {
        lua_pushstring(L, kind->fields[i]);
        lua_rawseti(L, -2, ++count);
    }
    for (const luaL_Reg *method = kind->methods; method && method->name; method++) {
        lua_pushfstring(L, "%s(", method->name);
        lua_rawseti(L, -2, ++count);
    }
    lua_setfield(L, -2, LAB_FIELDS);
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
    if (kind->methods) luaL_setfuncs(L, kind->methods, 0);
    lua_pushcclosure(L, kind_index, 2);
    lua_setfield(L, -2, "__index");
    set_with_kind(L, kind, "__newindex", kind_newindex);
    if (kind->fields) set_with_kind(L, kind, "__pairs", kind_pairs);
    set_completion(L, kind);
    lua_pushstring(L, kind->name);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void *kind_push(lua_State *L, const Kind *kind, size_t size) {
    void *object = lua_newuserdatauv(L, size, 0);
    memset(object, 0, size);
    luaL_setmetatable(L, kind->name);
    return object;
}

void *kind_test(lua_State *L, int index, const Kind *kind) { return luaL_testudata(L, index, kind->name); }

void *kind_self(lua_State *L, const Kind *kind, const char *method) {
    void *object = kind_test(L, 1, kind);
    if (!object) {
        luaL_error(L, "%s: it is called on %s, not on %s; write it with a colon: x:%s(...)", method, kind->phrase,
                   kind_of_value(L, 1), method);
    }
    return object;
}

const char *kind_of_value(lua_State *L, int index) {
    static const Kind *const kinds[] = {&host_kind,  &conn_kind,  &packet_kind, &wire_kind,
                                        &rules_kind, &event_kind, &step_kind,   NULL};
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
    for (size_t i = 0; kinds[i]; i++)
        if (kind_test(L, index, kinds[i])) return kinds[i]->phrase;
    return lua_typename(L, lua_type(L, index));
}

void push_seconds(lua_State *L, Micros time) { lua_pushnumber(L, (lua_Number)time / 1e6); }

Micros check_seconds(lua_State *L, int index, int argument, const char *what, double least, double most) {
    int is_number;
    lua_Number seconds = lua_tonumberx(L, index, &is_number);
    if (!is_number || lua_type(L, index) != LUA_TNUMBER) {
        lab_argument_error(L, argument, "%s must be a number of seconds, not %s", what, kind_of_value(L, index));
    }
    if (!(seconds >= least && seconds <= most)) {
        lab_argument_error(L, argument, "%s must be %g to %g seconds, not %g", what, least, most, seconds);
    }
    return (Micros)llround(seconds * 1e6);
}

static int printed_tostring(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

void push_printed(lua_State *L, const char *name, Text *text) {
    while (text->length && text->bytes[text->length - 1] == '\n') text->bytes[--text->length] = '\0';
    lua_createtable(L, 0, 2);
    push_text(L, text);
    lua_pushcclosure(L, printed_tostring, 1);
    lua_setfield(L, -2, "__tostring");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2);
}
