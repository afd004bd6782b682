/* history.c - back, forward, seek, steps, branches, reset: going to another moment is no input, so nothing is lost by
 * looking back. */
#include "act.h"
#include "arguments.h"
#include "branches.h"
#include "files.h"
#include "library.h"
#include "raise.h"

/* Returns where we are, or nil where that is the end of the way. */
static int moved(lua_State *L, uint32_t before, const char *end) {
    uint32_t after = session_step(lab_session_of(L));
    if (after == before) {
        luaL_pushfail(L);
        lua_pushstring(L, end);
        return 2;
    }
    lua_pushinteger(L, after);
    return lab_catch_up(L, 1);
}

static void go(lua_State *L, uint32_t step, const char *verb) {
    act_may_go(L, verb);
    Status status = session_seek(lab_session_of(L), step);
    if (status != STATUS_OK) luaL_error(L, "cannot go to step %d: %s", (int)step, status_text(status));
}

/* How many steps: 1 where nothing is said. */
static uint32_t count_at(lua_State *L, const char *verb) {
    if (lua_isnoneornil(L, 1)) return 1;
    lua_Integer count;
    if (!is_whole(L, 1, &count) || count < 0) {
        lab_argument_error(L, 1, "how many steps must be a whole number, %s(1), not %s", verb,
                           lua_type(L, 1) == LUA_TNUMBER ? luaL_tolstring(L, 1, NULL) : kind_of_value(L, 1));
    }
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

static int back(lua_State *L) {
    uint32_t count = count_at(L, "back"), before = session_step(lab_session_of(L));
    go(L, count < before ? before - count : 0, "back");
    return moved(L, before, "this is the beginning");
}

static int forward(lua_State *L) {
    const Session *session = lab_session_of(L);
    uint32_t count = count_at(L, "forward"), before = session_step(session), left = session_steps(session) - before;
    go(L, before + (count < left ? count : left), "forward");
    return moved(L, before, "this is the newest step; step() goes on");
}

static int seek(lua_State *L) {
    const Session *session = lab_session_of(L);
    lua_Integer step = check_whole(L, 1, 1, "the step", 0, session_steps(session));
    go(L, (uint32_t)step, "seek");
    lua_pushinteger(L, step);
    return lab_catch_up(L, 1);
}

/* Where we are, and how many steps there are with those that were undone. */
static int steps(lua_State *L) {
    lua_pushinteger(L, session_step(lab_session_of(L)));
    lua_pushinteger(L, session_steps(lab_session_of(L)));
    return 2;
}

static int reset(lua_State *L) {
    static const char *const names[] = {"seed", NULL};
    int options = push_options(L, 1, names);
    act_may_go(L, "reset");
    if (!lua_isnil(L, options)) {
        lua_Integer seed = check_whole(L, options, 1, "seed", LUA_MININTEGER, LUA_MAXINTEGER);
        session_seed(lab_session_of(L), (uint64_t)seed);
    }
    Status status = session_reset(lab_session_of(L));
    if (status != STATUS_OK) return luaL_error(L, "reset: %s", status_text(status));
    return 0;
}

static const Word words[] = {
    {"back", back, "back([n])",
     "undoes the last n steps; a new action after it starts a new future, and the one left is kept as a branch. Lua "
     "variables keep their values",
     "run(); back(); print(steps())", NULL},
    {"forward", forward, "forward([n])", "redoes what back() undid", "run(); back(2); forward(); print(steps())", NULL},
    {"seek", seek, "seek(k)", "goes to the moment after k steps", "run(); seek(2); print(c.state)", NULL},
    {"steps", steps, "steps()", "how many steps were made up to here, and with those that were undone",
     "print(steps())", NULL},
    {"branches", list_branches, "branches()",
     "the futures of this history: the present one, marked *, and those that were left when something else was done "
     "after "
     "back(), each with its number, its name, its steps and what it begins with; branches()[1].name = \"lost ACK\"",
     "wire[1]:drop(); back(); step(); print(branches())", NULL},
    {"branch", go_to_branch, "branch(n | name)",
     "goes to the newest step of another future; the present one is kept as a branch. The wire carries nothing again",
     "wire[1]:drop(); back(); step(); branch(1); print(#wire)", NULL},
    {"save", save_file, "save \"x.2msl\"",
     "writes the whole history with its branches to a file; load \"x.2msl\" brings it back. save \"x.lua\" writes the "
     "present history as a script that makes it again. Returns how many bytes it has. A script writes only beside "
     "itself or below",
     "print(pcall(save, \"x.doc\"))", NULL},
    {"load", NULL, "load \"x.2msl\"",
     "brings back the history that save \"x.2msl\" wrote, in place of the one that is open, and returns its step. A "
     "file "
     "that is damaged or made by a newer version is an error, and what is open stays. Any other string is Lua: "
     "load(chunk [, name, \"t\", env]) returns it as a function",
     "print(pcall(load, \"none.2msl\"))", NULL},
    {"reset", reset, "reset([{seed=5}])",
     "starts afresh: an empty history without branches, standard rules; from this seed, a whole number, come the "
     "initial "
     "sequence numbers and all chance",
     "reset(); print(now(), steps())", NULL},
    {0}};
static const Kind *const kinds[] = {&branch_kind, NULL};
const Library history_library = {"History", words, kinds, NULL};
