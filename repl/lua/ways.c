/* ways.c - a way that a search has found: shown step by step, walked, and written as a script. */
#include "ways.h"

#include <string.h>

#include "act.h"
#include "arguments.h"
#include "commands.h"
#include "events.h"
#include "memory.h"
#include "raise.h"
#include "scripts.h"

enum { ANCHORS = 1, WORDS, USER_VALUES = WORDS };

/* User values: what keeps the bytes of its calls; and a string with a line for each input, COMMAND <Tab> STEP. */
typedef struct Way {
    uint32_t step;   /* of the history: where it begins */
    uint64_t digest; /* of the world there */
    uint32_t length;
    Input inputs[];
} Way;

static const Way *way_self(lua_State *L) {
    const Way *way = object_at(L, 1, WAY);
    if (!way) luaL_error(L, "that is not a path: find{...} and explore{...} return paths");
    return way;
}

static void add_item(lua_State *L, Text *text, int list, size_t nth) {
    lua_rawgeti(L, list, (lua_Integer)nth);
    text_add(text, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
}

/* ---- Its steps, made in a world of its own ---- */

/* Pushes a line for each input of the way, walked from `begin`, which is freed. The list at `commands` has a command
 * for the first inputs; 0: there is none. */
static void push_words(lua_State *L, const Way *way, World *begin, int commands) {
    Text words = TEXT_EMPTY;
    World *world = begin;
    Trace *trace = trace_new();
    ExploreWalk walk = {way->inputs, way->length, 0};
    size_t given = commands ? lua_rawlen(L, commands) : 0;
    for (size_t at = 0; world && trace; at = walk.at) {
        Input input;
        uint32_t before = trace_count(trace);
        if (!explore_walk(&walk, world, &input)) break;
        if (at < given && walk.at > at) add_item(L, &words, commands, walk.at);
        else if (!add_command(&words, world, &input)) text_add(&words, "nil");
        text_add(&words, "\t");
        if (step_copy(&world, &input, trace) && trace_count(trace) > before)
            text_step(&words, world, trace, trace_at(trace, before).step, trace_count(trace));
        text_add(&words, "\n");
    }
    bool memory = world && trace;
    trace_free(trace);
    world_free(world);
    push_text(L, &words);
    if (!memory) memory_error(L);
}

/* Gives the way on top of the stack what it needs: it takes the commands' bytes from the table at `anchors`. */
static void finish_way(lua_State *L, World *begin, int anchors, int commands) {
    const Way *way = lua_touserdata(L, -1);
    lua_pushvalue(L, anchors);
    lua_setiuservalue(L, -2, ANCHORS);
    push_words(L, way, begin, commands);
    lua_setiuservalue(L, -2, WORDS);
    luaL_setmetatable(L, WAY);
}

void push_way(lua_State *L, Explore *explore, uint32_t point, int anchors) {
    bool found = point == EXPLORE_NONE;
    size_t length = found ? explore_found(explore, NULL, 0) : explore_way(explore, point, NULL, 0);
    Way *way = lua_newuserdatauv(L, sizeof *way + length * sizeof *way->inputs, USER_VALUES);
    const Session *session = lab_session_of(L);
    *way = (Way){session_step(session), world_digest(session_world(session)), (uint32_t)length};
    if (found) explore_found(explore, way->inputs, length);
    else explore_way(explore, point, way->inputs, length);
    finish_way(L, world_copy(world_of(L)), anchors, 0);
}

/* ---- From the beginning of the history ---- */

/* The endpoints say which connection is meant: its handle belongs to this history. */
static void name_conn(lua_State *L, uint32_t step, Input *input) {
    ConnView view;
    World *world = session_world_at(lab_session_of(L), step);
    if (!world) memory_error(L);
    if (world_conn(world, input->conn, &view)) {
        input->local = view.local;
        input->remote = view.remote;
    }
    world_free(world);
}

/* The input that made step `step`, as a way has it; the table at `anchors` keeps its bytes. */
static Input recorded(lua_State *L, uint32_t step, int anchors) {
    Input input = {0};
    session_input(lab_session_of(L), step, &input);
    input.serial = 0;
    if (input.kind == INPUT_DELIVER) input.bytes = NULL; /* what came out of the wire then */
    if (conn_is(input.conn)) name_conn(L, step, &input);
    if (!input.bytes) return input;
    lua_pushlstring(L, (const char *)input.bytes, input.length);
    input.bytes = (const uint8_t *)lua_tostring(L, -1);
    lua_rawseti(L, anchors, (lua_Integer)step + 1);
    return input;
}

int join_way(lua_State *L) {
    const Way *rest = object_at(L, 2, WAY);
    lua_settop(L, 2);
    lua_newtable(L); /* 3: anchors */
    uint32_t set_up = (uint32_t)lua_rawlen(L, 1), length = set_up + (rest ? rest->length : 0);
    World *begin = session_world_at(lab_session_of(L), 0);
    if (!begin) memory_error(L);
    uint64_t digest = world_digest(begin);
    world_free(begin);
    Way *way = lua_newuserdatauv(L, sizeof *way + length * sizeof *way->inputs, USER_VALUES);
    *way = (Way){0, digest, length};
    for (uint32_t i = 0; i < set_up; i++) way->inputs[i] = recorded(L, i, 3);
    if (rest) {
        memcpy(way->inputs + set_up, rest->inputs, rest->length * sizeof *rest->inputs);
        lua_getiuservalue(L, 2, ANCHORS);
        lua_setfield(L, 3, "rest");
    }
    finish_way(L, session_world_at(lab_session_of(L), 0), 3, 1);
    return 1;
}

lua_Integer way_length(lua_State *L, int index) {
    const Way *way = object_at(L, index, WAY);
    return way ? way->length : 0;
}

/* ---- Walking ---- */

/* Goes to the world where it begins: here, or where it was found. */
static void go_to_beginning(lua_State *L, const Way *way) {
    Session *session = lab_session_of(L);
    if (world_digest(session_world(session)) == way->digest) return;
    if (way->step <= session_steps(session)) {
        World *world = session_world_at(session, way->step);
        bool same = world && world_digest(world) == way->digest;
        world_free(world);
        if (same && session_seek(session, way->step) == STATUS_OK) return;
    }
    luaL_error(L, "replay: this path begins in a world that is no longer here: go back to where it was found (step %d)",
               (int)way->step);
}

/* Stack: the way, the step at which it begins, moves made. */
static int walk_on(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    const Way *way = way_self(L);
    for (;;) {
        if (lab_lags(L)) return lua_yieldk(L, 0, 0, walk_on);
        lab_poll(L);
        ExploreWalk walk = {way->inputs, way->length, (size_t)lua_tointeger(L, 3)};
        Input input;
        if (!explore_walk(&walk, world_of(L), &input)) break;
        act_surely(L, &input, "replay");
        lua_pushinteger(L, (lua_Integer)walk.at);
        lua_replace(L, 3);
    }
    uint32_t begin = (uint32_t)lua_tointeger(L, 2), end = session_step(lab_session_of(L));
    push_steps(L, begin < end ? begin : end, end);
    return 1;
}

int replay_way(lua_State *L) {
    const Way *way = way_self(L);
    lua_settop(L, 1);
    go_to_beginning(L, way);
    lua_pushinteger(L, session_step(lab_session_of(L)));
    lua_pushinteger(L, 0);
    return walk_on(L, LUA_OK, 0);
}

/* ---- The object ---- */

/* Pushes its words, which stay valid as long as the way. */
static const char *words_of(lua_State *L) {
    lua_getiuservalue(L, 1, WORDS);
    return lua_tostring(L, -1);
}

/* A delay comes before the move that needs it, and is no move itself. */
static bool is_move(const char *line) {
    const char *tab = strchr(line, '\t'), *delay = strstr(line, ":delay(");
    return !delay || delay > tab;
}

static const char *next_line(const char *line) { return strchr(line, '\n') + 1; }

static int way_item(lua_State *L) {
    lua_Integer nth;
    way_self(L);
    if (!is_whole(L, 2, &nth)) return 0;
    for (const char *line = words_of(L); nth > 0 && *line; line = next_line(line)) {
        if (!is_move(line) || --nth) continue;
        const char *step = strchr(line, '\t') + 1;
        lua_pushlstring(L, step, (size_t)(strchr(line, '\n') - step));
        return 1;
    }
    lua_pushnil(L);
    return 1;
}

void push_inputs(lua_State *L, int index) {
    lua_newtable(L);
    if (!object_at(L, index, WAY)) return;
    lua_getiuservalue(L, index, WORDS);
    lua_Integer count = 0;
    for (const char *line = lua_tostring(L, -1); *line; line = next_line(line)) {
        const char *step = strchr(line, '\t') + 1, *end = strchr(line, '\n');
        lua_createtable(L, 0, 2);
        lua_pushlstring(L, line, (size_t)(step - 1 - line));
        lua_setfield(L, -2, "call");
        lua_pushlstring(L, step, (size_t)(end - step));
        lua_setfield(L, -2, "step");
        lua_rawseti(L, -3, ++count);
    }
    lua_pop(L, 1);
}

static int way_len(lua_State *L) {
    lua_pushinteger(L, way_self(L)->length);
    return 1;
}

static int way_tostring(lua_State *L) {
    enum { SHOWN = 60 };
    const Way *way = way_self(L);
    uint32_t shown = 0;
    Text text = TEXT_EMPTY;
    if (way->length == 0) text_add(&text, "no step: it holds already");
    for (const char *line = words_of(L); *line && shown < SHOWN; line = next_line(line)) {
        const char *step = strchr(line, '\t') + 1;
        if (!is_move(line)) continue;
        if (shown++) text_add(&text, "\n");
        text_add_bytes(&text, step, (size_t)(strchr(line, '\n') - step));
    }
    if (way->length > SHOWN) text_add(&text, "\n... %u more", way->length - SHOWN);
    push_text(L, &text);
    return 1;
}

static int way_script(lua_State *L) {
    enum { COLUMN = 40 };
    Text text = TEXT_EMPTY;
    object_self(L, WAY, "script");
    for (const char *line = words_of(L); *line; line = next_line(line)) {
        const char *step = strchr(line, '\t') + 1, *end = strchr(line, '\n');
        text_add_bytes(&text, line, (size_t)(step - 1 - line));
        text_pad(&text, COLUMN);
        text_add(&text, " -- ");
        text_add_bytes(&text, step, (size_t)(end - step) + 1);
    }
    push_text(L, &text);
    return 1;
}

static const Method methods[] = {{"script", way_script, "path:script()", "the Lua that does it by hand, a string",
                                  "print(find{B=\"ESTABLISHED\"}:script())"},
                                 {0}};
static const luaL_Reg meta[] = {{"__tostring", way_tostring}, {"__len", way_len}, {NULL, NULL}};
const Kind way_kind = {.name = WAY,
                       .phrase = "a path",
                       .sample = "find{B=\"ESTABLISHED\"}",
                       .letter = "path",
                       .help = "a way that a search has found, with fewest faults and then fewest steps: #path steps, "
                               "path[1] .. path[#path] as lines; replay(path) walks it",
                       .item = way_item,
                       .methods = methods,
                       .meta = meta};
