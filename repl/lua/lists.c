/* lists.c - see lists.h. The metamethods have the block as upvalue 1. */
#include "lists.h"

#include <string.h>

#include "arguments.h"

static const List *own_list(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

static bool push_item(lua_State *L, const List *list, lua_Integer nth) {
    if (nth < 1 || nth > (lua_Integer)list->count) return false;
    list->item(L, list, (uint32_t)nth - 1);
    return true;
}

/* (table, key): a key that is not in the table itself. */
static int list_index(lua_State *L) {
    lua_Integer nth;
    if (!is_whole(L, 2, &nth) || !push_item(L, own_list(L), nth)) lua_pushnil(L);
    return 1;
}

static int list_len(lua_State *L) {
    lua_pushinteger(L, own_list(L)->count);
    return 1;
}

/* (table, last key): through the table, so that items which a script has put there count. */
static int list_next(lua_State *L) {
    lua_Integer nth = lua_tointeger(L, 2) + 1;
    lua_settop(L, 1);
    if (nth > (lua_Integer)own_list(L)->count) return 0;
    lua_pushinteger(L, nth);
    lua_geti(L, 1, nth);
    return 2;
}

static int list_pairs(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, list_next, 1);
    lua_pushvalue(L, 1);
    return 2;
}

static int list_tostring(lua_State *L) {
    const List *list = own_list(L);
    if (list->words) list->words(L, list);
    else lua_getiuservalue(L, lua_upvalueindex(1), 1);
    return 1;
}

void *list_push(lua_State *L, size_t size) {
    void *block = lua_newuserdatauv(L, size, 1);
    memset(block, 0, size);
    return block;
}

void list_says(lua_State *L, Text *text) {
    while (text->length && text->bytes[text->length - 1] == '\n') text_cut(text, text->length - 1);
    push_text(L, text);
    lua_setiuservalue(L, -2, 1);
}

void list_finish(lua_State *L, const char *name) {
    static const luaL_Reg meta[] = {{"__index", list_index},
                                    {"__len", list_len},
                                    {"__pairs", list_pairs},
                                    {"__tostring", list_tostring},
                                    {NULL, NULL}};
    lua_newtable(L);
    lua_createtable(L, 0, 5);
    lua_pushvalue(L, -3);
    luaL_setfuncs(L, meta, 1);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

/* ---- Moments: the serial number of an input is never given again ---- */

static uint32_t serial_of(lua_State *L, uint32_t step) {
    Input input;
    return step && session_input(lab_session_of(L), step - 1, &input) ? input.serial : 0;
}

Moment moment_now(lua_State *L) {
    uint32_t step = session_step(lab_session_of(L));
    return (Moment){step, serial_of(L, step)};
}

bool moment_exists(lua_State *L, Moment moment) { return serial_of(L, moment.step) == moment.serial; }

/* ---- Arguments ---- */

uint32_t lines_at(lua_State *L, int index, const char *what) {
    if (lua_isnoneornil(L, index)) return LINES_SHOWN;
    return (uint32_t)check_whole(L, index, 1, what, 1, LINES_MOST);
}
