/* patterns.c - our pattern matcher against Lua's own, in one Lua state: patterns.lua compares them. Also: a search that
 * takes for ever reports its work all the time, so that it can be stopped. */
#include "../../repl/lua/patterns.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>

#include "../../repl/lua/running.h"

enum { BUDGET = 10 * 1000 * 1000 };

static uint64_t spent, budget;

/* In place of the one in job.c. */
void lab_spend(lua_State *L, uint64_t instructions) {
    spent += instructions;
    if (spent > budget) {
        lua_pushliteral(L, "stopped");
        lua_error(L);
    }
}

static lua_State *open_state(void) {
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    luaL_openlibs(L);
    lua_newtable(L);
    patterns_open(L);
    lua_setglobal(L, "ours");
    spent = 0;
    budget = UINT64_MAX;
    return L;
}

static void agrees_with_the_host(void **state) {
    (void)state;
    lua_State *L = open_state();
    const char *seed = getenv("SEED");
    lua_pushinteger(L, seed ? atoll(seed) : 1);
    lua_setglobal(L, "seed");
    if (luaL_dofile(L, TWOMSL_SOURCE_DIR "/tests/property/patterns.lua")) fail_msg("%s", lua_tostring(L, -1));
    lua_close(L);
}

static void stops(const char *code) {
    lua_State *L = open_state();
    budget = BUDGET;
    assert_int_equal(luaL_loadstring(L, code), LUA_OK);
    int status = lua_pcall(L, 0, 0, 0);
    if (status == LUA_OK) fail_msg("%s: came to an end after %llu steps", code, (unsigned long long)spent);
    assert_string_equal(lua_tostring(L, -1), "stopped");
    lua_close(L);
}

static void reports_its_work(void **state) {
    (void)state;
    stops("ours.find(('a'):rep(1000), ('.-'):rep(8) .. 'b')");
    stops("ours.find(('a'):rep(1000), ('a*'):rep(8) .. 'b')");
    stops("ours.find(('a'):rep(1000), ('a?'):rep(500) .. 'b')");
    stops("ours.match(('a'):rep(300000), '.-b')");
    stops("ours.match(('a'):rep(300000), 'a+b')");
    stops("ours.match(('('):rep(300000), '%b()')");
    stops("ours.gsub(('a'):rep(300000), '%a*b', '')");
    stops("ours.gsub(('a'):rep(300000), '[ab]-[cd]', '')");
    stops("for _ in ours.gmatch(('a'):rep(1000), ('.-'):rep(8) .. 'b') do end");
    stops("ours.match(('a'):rep(100000), '(a*)%1b')");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_the_host), cmocka_unit_test(reports_its_work)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
