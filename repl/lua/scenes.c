/* scenes.c - see scenes.h. */
#include "scenes.h"

#include "arguments.h"
#include "lesson.h"
#include "results.h"
#include "ways.h"

/* Its address is a key of the registry. */
static const char play_key = 'p';

/* (rule): does the newest step follow it? */
static int follows(lua_State *L) {
    const Session *session = lab_session_of(L);
    const Trace *trace = session_trace(session);
    RuleId rule = check_rule(L, 1, luaL_checkstring(L, 1));
    uint32_t step = session_step(session), end = session_events(session);
    uint32_t first = step ? session_events_at(session, step - 1) : end;
    bool found = false;
    for (uint32_t i = first; i < end && !found; i++) found = trace_at(trace, i).rule == rule;
    lua_pushboolean(L, found);
    return 1;
}

void scenes_push_machinery(lua_State *L) {
    static const luaL_Reg machinery[] = {
        {"follows", follows}, {"join", join_way}, {"words", lesson_words}, {NULL, NULL}};
    luaL_newlib(L, machinery);
}

void scenes_keep(lua_State *L) { lua_rawsetp(L, LUA_REGISTRYINDEX, &play_key); }

static int played(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    return lua_gettop(L) - 1;
}

int show_scene(lua_State *L) {
    check_rule(L, 1, lua_tostring(L, 1));
    if (lab_of(L)->elsewhere) return luaL_error(L, "a check only looks: it cannot play a scene");
    lua_settop(L, 1);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &play_key) != LUA_TFUNCTION) return luaL_error(L, "scenes are not installed");
    lua_pushvalue(L, 1);
    lua_callk(L, 1, LUA_MULTRET, 0, played);
    return played(L, LUA_OK, 0);
}

int scene_names(lua_State *L) {
    lua_createtable(L, RULE_COUNT - 1, 0);
    for (int i = 1; i < RULE_COUNT; i++) {
        lua_pushstring(L, rule_info((RuleId)i)->name);
        table_append(L);
    }
    return 1;
}
