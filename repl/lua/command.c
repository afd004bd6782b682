/* command.c - see command.h. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "job.h"

static int print_text(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    const LabPort *port = &lab_of(L)->config.port;
    port->print(port->self, text, length);
    return 0;
}

static int fail(lua_State *L) {
    lab_of(L)->failed = true;
    return 0;
}

static int misuse(lua_State *L) {
    lab_of(L)->misused = true;
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    return lua_error(L);
}

bool lab_misused(const Lab *lab) { return lab->misused; }

JobResult command_run(Lab *lab, const char *name, const luaL_Reg *machinery, int argc, char *const argv[]) {
    static const luaL_Reg common[] = {{"print", print_text}, {"fail", fail}, {"misuse", misuse}, {NULL, NULL}};
    lua_State *L = lab->main;
    lua_pushfstring(L, "%s/%s.lua", lab->config.scripts ? lab->config.scripts : ".", name);
    char *path = strdup(lua_tostring(L, -1));
    lua_pop(L, 1);
    environment_push_own(L);
    luaL_newlib(L, common);
    luaL_setfuncs(L, machinery, 0);
    lua_pushfstring(L, "%s_machinery", name);
    lua_insert(L, -2);
    lua_settable(L, -3);
    lua_pop(L, 1);
    JobResult result = path ? lab_own_file(lab, path, argc, argv) : JOB_FAILED;
    free(path);
    return result;
}
