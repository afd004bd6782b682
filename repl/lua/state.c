/* state.c - the lab's Lua state: memory, libraries, prelude. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "errors.h"
#include "lesson.h"
#include "library.h"
#include "memory.h"
#include "rfc.h"
#include "running.h"
#include "sandbox.h"
#include "scenes.h"

static int panic(lua_State *L) {
    const char *message = lua_tostring(L, -1);
    fprintf(stderr, "twomsl: error outside of any job: %s\n", message ? message : "not a string");
    return 0; /* and Lua aborts */
}

/* Runs a file of the vocabulary with what it needs; pushes what it returns. */
static void run_own(lua_State *L, const char *name, void (*push_machinery)(lua_State *L)) {
    lua_pushfstring(L, "%s/%s.lua", lab_of(L)->config.scripts, name);
    if (luaL_loadfilex(L, lua_tostring(L, -1), "t") != LUA_OK) lua_error(L);
    lua_remove(L, -2);
    environment_push_own(L);
    environment_set(L);
    push_machinery(L);
    lua_call(L, 1, 1);
}

/* The part of the vocabulary that is written in Lua. */
static void load_own(lua_State *L) {
    run_own(L, "prelude", lesson_push_machinery);
    lua_pop(L, 1);
    run_own(L, "rfc", rfc_push_machinery);
    rfc_keep_names(L);
    run_own(L, "scenes", scenes_push_machinery);
    scenes_keep(L);
}

static void open_library(lua_State *L, const Library *library) {
    for (const Kind *const *kind = library->kinds; kind && *kind; kind++) kind_open(L, *kind);
    for (const Word *word = library->words; word && word->name; word++)
        if (word->call) lua_register(L, word->name, word->call);
    if (library->open) library->open(L);
}

static int open_all(lua_State *L) {
    const Lab *lab = lab_of(L);
    lab_open_sandbox(L);
    environment_open(L);
    for (const Library *const *library = libraries; *library; library++) open_library(L, *library);
    if (lab->config.scripts) load_own(L);
    environment_seal(L);
    return 0;
}

/* Runs with the same seed are equal, the scripts' own random numbers too. */
static int seed_random(lua_State *L) {
    const World *world = session_world(lab_session_of(L));
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "randomseed");
    lua_pushinteger(L, (lua_Integer)world_seed(world));
    lua_call(L, 1, 0);
    return 0;
}

Lab *lab_new(const LabConfig *config, char *error, size_t error_size) {
    Lab *lab = calloc(1, sizeof *lab);
    if (lab) lab->config = *config;
    lua_State *L = lab ? lua_newstate(memory_allocate, lab) : NULL;
    if (!L) {
        snprintf(error, error_size, "out of memory");
        free(lab);
        return NULL;
    }
    lab->main = L;
    memory_counts_texts(lab);
    memcpy(lua_getextraspace(L), &lab, sizeof(Lab *));
    lua_atpanic(L, panic);
    lua_sethook(L, lab_hook, LUA_MASKCOUNT, HOOK_COUNT);
    lua_pushcfunction(L, open_all);
    int status = lua_pcall(L, 0, 0, 0);
    if (status == LUA_OK) {
        lua_pushcfunction(L, seed_random);
        status = lua_pcall(L, 0, 0, 0);
    }
    if (status != LUA_OK) {
        const char *message = lua_tostring(L, -1);
        if (status == LUA_ERRMEM) message = "out of memory";
        snprintf(error, error_size, "%s", message ? message : "the vocabulary did not load");
        lab_free(lab);
        return NULL;
    }
    return lab;
}

void lab_free(Lab *lab) {
    if (!lab) return;
    memory_counts_texts(NULL);
    lua_close(lab->main);
    free(lab->answer);
    free(lab->error);
    free(lab->prompt);
    free(lab->folder);
    free(lab);
}

Session *lab_session(const Lab *lab) { return lab->config.session; }

bool lab_failed(const Lab *lab) { return lab->failed; }

void lab_on_tick(Lab *lab, void (*tick)(void *self), void *self) {
    lab->tick = tick;
    lab->tick_self = self;
}
