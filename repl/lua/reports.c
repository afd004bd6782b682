/* reports.c - see reports.h. */
#include "reports.h"

#include <stdio.h>

#include "results.h"

/* The registry keeps the function of explore.lua that is called with each report under this address. */
static const char reports_key;

/* ---- Reporting ---- */

static void set_seed(lua_State *L) {
    lua_pushfstring(L, "%I", (LUAI_UACINT)world_seed(world_of(L)));
    lua_setfield(L, -2, "seed");
}

/* The world in which a search begins, so that nobody joins parts of different searches. */
static void set_start(lua_State *L) {
    char digits[17];
    snprintf(digits, sizeof digits, "%016llx", (unsigned long long)world_digest(world_of(L)));
    table_string(L, "start", digits);
}

/* The registers of the sketch, a character each: "0" is 0. */
static void set_sketch(lua_State *L, const Explore *explore) {
    luaL_Buffer buffer;
    char *text = luaL_buffinitsize(L, &buffer, EXPLORE_SKETCH);
    explore_sketch(explore, (uint8_t *)text);
    for (int i = 0; i < EXPLORE_SKETCH; i++) text[i] = (char)(text[i] + '0');
    luaL_pushresultsize(&buffer, EXPLORE_SKETCH);
    lua_setfield(L, -2, "met");
}

/* Where the script made the call: "hunt.lua:5". */
static void set_where(lua_State *L) {
    size_t length;
    luaL_where(L, 1);
    const char *where = lua_tolstring(L, -1, &length);
    lua_pushlstring(L, where, length > 2 ? length - 2 : 0); /* without ": " */
    lua_remove(L, -2);
    lua_setfield(L, -2, "where");
}

void report_findings(lua_State *L, const char *kind, const Findings *findings) {
    Lab *lab = lab_of(L);
    if (!lab->reports) return;
    lab->searches++;
    luaL_checkstack(L, 8, "too deep");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &reports_key);
    lua_pushvalue(L, -2);
    lua_createtable(L, 0, 5);
    table_string(L, "kind", kind);
    set_where(L);
    set_seed(L);
    set_start(L);
    set_sketch(L, findings->explore);
    lua_call(L, 2, 0);
}

bool report_progress(lua_State *L, const ExploreCounts *counts, double passed, double *reported) {
    const Lab *lab = lab_of(L);
    if (lab->reports_every <= 0 || passed - *reported < lab->reports_every) return true;
    *reported = passed;
    luaL_checkstack(L, 8, "too deep");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &reports_key);
    lua_createtable(L, 0, 8);
    table_whole(L, "states", (lua_Integer)counts->states);
    table_whole(L, "edges", (lua_Integer)counts->edges);
    table_whole(L, "waiting", (lua_Integer)counts->waiting);
    table_whole(L, "depth", counts->depth);
    table_whole(L, "faults", counts->faults);
    table_whole(L, "memory", (lua_Integer)counts->bytes);
    lua_pushnumber(L, passed);
    lua_setfield(L, -2, "seconds");
    lua_createtable(L, 0, 1);
    table_string(L, "kind", "progress");
    return lua_pcall(L, 2, 0, 0) == LUA_OK;
}

void reports_go_to(lua_State *L, bool aside, double every) {
    Lab *lab = lab_of(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &reports_key);
    lab->reports = true;
    lab->print_aside = aside;
    lab->reports_every = every;
}

uint32_t lab_searches(const Lab *lab) { return lab->searches; }
