/* sandbox.c - Lua's own libraries, without what reaches outside the lab and with a bound where one call could run for
 * ever.
 *
 * Left out: io, package, require, os but for the clock, debug but for traceback, string.dump, binary chunks, finalizers
 * (__gc runs where no hook can stop it). */
#include "sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "memory.h"
#include "paths.h"
#include "patterns.h"
#include "running.h"
#include "tables.h"
#include "values.h"

/* The wrapped original is upvalue 1. */
static int call_original(lua_State *L) {
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L);
}

/* Replaces field `name` of the table on top of the stack by `wrapper`, which finds the original as its upvalue. */
static void wrap(lua_State *L, const char *name, lua_CFunction wrapper) {
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, wrapper, 1);
    lua_setfield(L, -2, name);
}

static void keep_only(lua_State *L, const char *library, const char *const *names) {
    lua_getglobal(L, library);
    lua_newtable(L);
    for (; *names; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
    lua_setglobal(L, library);
    lua_pop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getglobal(L, library);
    lua_setfield(L, -2, library);
    lua_pop(L, 1);
}

/* ---- string ---- */

static int bounded_rep(lua_State *L) {
    size_t length, separator;
    luaL_checklstring(L, 1, &length);
    lua_Integer count = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator);
    lua_Number total = (lua_Number)(length + separator) * (lua_Number)count;
    if (count <= 0 || length + separator == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (total > (lua_Number)memory_limit(lab_of(L))) {
        return luaL_error(L, "string.rep: the result would take %I MB; scripts may take %I MB",
                          (lua_Integer)(total / 1048576), (lua_Integer)(memory_limit(lab_of(L)) >> 20));
    }
    return call_original(L);
}

/* ---- base ---- */

/* A table without __tostring is shown with its contents: an address has no meaning to the user. */
static bool is_plain_table(lua_State *L, int index) {
    if (!lua_istable(L, index)) return false;
    if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL) return true;
    lua_pop(L, 1);
    return false;
}

static int print_values(lua_State *L) {
    luaL_Buffer line;
    int count = lua_gettop(L);
    luaL_buffinit(L, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1) luaL_addchar(&line, '\t');
        if (is_plain_table(L, i)) lab_readable(L, i, NULL);
        else luaL_tolstring(L, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_addchar(&line, '\n');
    luaL_pushresult(&line);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    lab_print(lab_of(L), text, length);
    return 0;
}

/* load(chunk, name, "t", env); load "x.2msl" */
static int load_text(lua_State *L) {
    if (names_file(L)) return load_file_named(L);
    if (lua_gettop(L) < 3) lua_settop(L, 3);
    lua_pushliteral(L, "t");
    lua_replace(L, 3);
    return call_original(L);
}

/* Like luaL_loadfilex(), for files alone: a pipe or a device may never end. */
static int load_file(lua_State *L, const char *path) {
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
        lua_pushfstring(L, "cannot open %s: %s", path, S_ISDIR(about.st_mode) ? strerror(EISDIR) : "it is not a file");
        return LUA_ERRFILE;
    }
    return luaL_loadfilex(L, path, "t");
}

static int load_script(lua_State *L) {
    bool with_env = !lua_isnone(L, 3);
    if (load_file(L, path_to_read(L)) != LUA_OK) {
        luaL_pushfail(L);
        lua_insert(L, -2);
        return 2;
    }
    if (with_env) {
        lua_pushvalue(L, 3);
        if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    }
    return 1;
}

static int script_done(lua_State *L, int status, lua_KContext base) {
    (void)status;
    return lua_gettop(L) - (int)base;
}

static int run_script(lua_State *L) {
    const char *path = path_to_read(L);
    int base = lua_gettop(L);
    if (load_file(L, path) != LUA_OK) return lua_error(L);
    lua_callk(L, 0, LUA_MULTRET, base, script_done);
    return script_done(L, LUA_OK, base);
}

static int set_metatable(lua_State *L) {
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "setmetatable: scripts have no finalizers: leave out __gc");
        lua_pop(L, 1);
    }
    return call_original(L);
}

/* A message handler runs where no hook can stop it, so after Ctrl-C it does not run at all. */
static int guarded_handler(lua_State *L) {
    if (lab_unwinds(lab_of(L))) return 1;
    return call_original(L);
}

static int xpcall_done(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    return lua_gettop(L);
}

static int guarded_xpcall(lua_State *L) {
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_replace(L, 2);
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_callk(L, count, LUA_MULTRET, 0, xpcall_done);
    return lua_gettop(L);
}

/* ---- coroutine ---- */

static int coroutine_ended(lua_State *L, int status, lua_KContext context) {
    (void)context;
    return status == LUA_OK || status == LUA_YIELD ? lua_gettop(L) : lua_error(L);
}

/* What the hook ends in a coroutine leaves hooks switched off there, and a variable's __close would then run without
 * end; behind a protected call, inside the coroutine, they are on again. Upvalue 1 is its function. */
static int coroutine_body(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    return coroutine_ended(L, lua_pcallk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, 0, coroutine_ended), 0);
}

/* create, wrap */
static int make_coroutine(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_pushcclosure(L, coroutine_body, 1);
    return call_original(L);
}

static void bound_coroutines(lua_State *L) {
    lua_getglobal(L, LUA_COLIBNAME);
    wrap(L, "create", make_coroutine);
    wrap(L, "wrap", make_coroutine);
    lua_pop(L, 1);
}

static void bound_base(lua_State *L) {
    lua_pushglobaltable(L);
    wrap(L, "load", load_text);
    wrap(L, "setmetatable", set_metatable);
    wrap(L, "xpcall", guarded_xpcall);
    lua_pop(L, 1);
    lua_register(L, "print", print_values);
    lua_register(L, "loadfile", load_script);
    lua_register(L, "dofile", run_script);
    lua_pushnil(L);
    lua_setglobal(L, "warn");
}

void lab_open_sandbox(lua_State *L) {
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},        {LUA_COLIBNAME, luaopen_coroutine}, {LUA_TABLIBNAME, luaopen_table},
        {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},    {LUA_UTF8LIBNAME, luaopen_utf8},
        {LUA_OSLIBNAME, luaopen_os},      {LUA_DBLIBNAME, luaopen_debug},
    };
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    static const char *const clock_words[] = {"clock", "date", "difftime", "time", NULL};
    static const char *const debug_words[] = {"traceback", NULL};
    keep_only(L, LUA_OSLIBNAME, clock_words);
    keep_only(L, LUA_DBLIBNAME, debug_words);
    bound_base(L);
    bound_coroutines(L);
    lua_getglobal(L, LUA_STRLIBNAME);
    wrap(L, "rep", bounded_rep);
    patterns_open(L);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    lua_getglobal(L, LUA_TABLIBNAME);
    tables_open(L);
    lua_pop(L, 2);
}
