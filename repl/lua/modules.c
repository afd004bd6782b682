/* modules.c - see modules.h. */
#include "modules.h"

#include <lauxlib.h>
#include <lualib.h>

static void forget_global(lua_State *L, const char *name) {
    lua_pushnil(L);
    lua_setglobal(L, name);
}

static void forget_loaded(lua_State *L, const char *name) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushnil(L);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

/* The package library stands at `package`. */
static int find_module(lua_State *L, int package, const char *name) {
    lua_getfield(L, package, "searchpath");
    lua_pushstring(L, name);
    lua_getfield(L, package, "cpath");
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2)) return 2;
    lua_pop(L, 1);
    lua_getfield(L, package, "loadlib");
    lua_insert(L, -2);
    lua_pushfstring(L, "luaopen_%s", name);
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2)) return 2;
    lua_pop(L, 1);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    return 1;
}

int module_open(lua_State *L, const char *name) {
    luaL_requiref(L, LUA_LOADLIBNAME, luaopen_package, 0);
    forget_global(L, "require"); /* the package library sets it by itself */
    forget_global(L, LUA_LOADLIBNAME);
    forget_loaded(L, LUA_LOADLIBNAME);
    return find_module(L, lua_gettop(L), name);
}

void module_open_io(lua_State *L) {
    luaL_requiref(L, LUA_IOLIBNAME, luaopen_io, 0);
    forget_loaded(L, LUA_IOLIBNAME);
}
