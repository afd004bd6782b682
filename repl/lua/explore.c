/* explore.c - what scripts/explore.lua (`twomsl explore`) needs beyond the vocabulary: JSON, files, reports. */
#include "command.h"
#include "modules.h"
#include "reports.h"
#include "ways.h"

static int open_json(lua_State *L) {
    lua_settop(L, 0);
    return module_open(L, "cjson");
}

static int open_io(lua_State *L) {
    module_open_io(L);
    return 1;
}

/* (f, aside, seconds): see reports_go_to(). */
static int report_to(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    bool aside = lua_toboolean(L, 2);
    double every = luaL_optnumber(L, 3, 0);
    lua_settop(L, 1);
    reports_go_to(L, aside, every);
    return 0;
}

/* (part, parts): of all explorations that do not say themselves which part they are. */
static int be_part(lua_State *L) {
    Lab *lab = lab_of(L);
    lab->part = (uint32_t)luaL_checkinteger(L, 1);
    lab->parts = (uint32_t)luaL_checkinteger(L, 2);
    return 0;
}

/* (path): a list of {call=, step=}. */
static int inputs_of(lua_State *L) {
    push_inputs(L, 1);
    return 1;
}

JobResult lab_explore(Lab *lab, int argc, char *const argv[]) {
    static const luaL_Reg machinery[] = {{"json", open_json}, {"io", open_io},       {"report_to", report_to},
                                         {"part", be_part},   {"inputs", inputs_of}, {NULL, NULL}};
    return command_run(lab, "explore", machinery, argc, argv);
}
