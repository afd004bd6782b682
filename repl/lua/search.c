/* search.c - explore, find, replay: every order in which things can happen from here. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "arguments.h"
#include "findings.h"
#include "handles.h"
#include "library.h"
#include "memory.h"
#include "raise.h"
#include "reports.h"
#include "together.h"
#include "ways.h"

/* ---- A search belongs to the collector, so that an error frees it ---- */

#define SEARCH "search in progress"

typedef struct Search {
    Explore *explore;
    lua_State *L;
    Lab *lab;
    ExploreConfig config;
    Input calls[EXPLORE_CALLS];
    int function;     /* of the script: where it stands on the stack; 0: none */
    bool failed;      /* its error is on top of the stack */
    bool interrupted; /* Ctrl-C */
    bool has_states[2];
    State states[2]; /* of A and B, for find{A=..., B=...} */
    struct timespec start;
    double seconds; /* 0: no limit */
    bool out_of_time, stopped;
    double shown, reported; /* when progress was */
    uint32_t part, parts;   /* of a swarm; 0: all of it */
    char broken[200];       /* what the check says */
} Search;

static int search_gc(lua_State *L) {
    Search *search = lua_touserdata(L, 1);
    explore_free(search->explore);
    search->explore = NULL;
    return 0;
}

/* ---- While it runs ---- */

static double seconds_passed(const Search *search) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - search->start.tv_sec) + (double)(now.tv_nsec - search->start.tv_nsec) / 1e9;
}

/* One line on the terminal, four times a second. */
static void show_progress(Search *search, const ExploreCounts *counts, double passed) {
    const LabPort *port = &search->lab->config.port;
    if (!port->progress || passed - search->shown < 0.25) return;
    search->shown = passed;
    Text text = TEXT_EMPTY;
    add_progress(&text, counts, passed);
    port->progress(port->self, text_string(&text));
    text_free(&text);
}

/* `counts` NULL: nobody has counted. */
static bool go_on(void *self, const ExploreCounts *counts) {
    Search *search = self;
    double passed = seconds_passed(search);
    if (search->lab->tick) search->lab->tick(search->lab->tick_self);
    if (counts) show_progress(search, counts, passed);
    if (counts && !report_progress(search->L, counts, passed, &search->reported)) search->failed = true;
    search->out_of_time = search->seconds > 0 && passed >= search->seconds;
    search->interrupted = search->lab->interrupted;
    return !search->out_of_time && !search->interrupted && !search->failed;
}

/* ---- What is looked for ---- */

/* Calls the script's function in the world of a point: it looks at that one instead of the lab's. */
static bool look_with_function(void *self, const World *world, const ExplorePoint *point) {
    Search *search = self;
    lua_State *L = search->L;
    (void)point;
    search->stopped = !go_on(self, NULL);
    if (search->stopped) return false;
    lua_pushvalue(L, search->function);
    search->lab->elsewhere = world;
    int status = lua_pcall(L, 0, 2, 0);
    search->lab->elsewhere = NULL;
    if (status != LUA_OK) {
        search->failed = true;
        return false;
    }
    bool yes = lua_toboolean(L, -2);
    bool ends = search->config.finds ? yes : !yes;
    if (ends && lua_type(L, -1) == LUA_TSTRING)
        snprintf(search->broken, sizeof search->broken, "%s", lua_tostring(L, -1));
    lua_pop(L, 2);
    return !ends;
}

static bool look_for_states(void *self, const World *world, const ExplorePoint *point) {
    const Search *search = self;
    (void)point;
    for (HostId host = 0; host < 2; host++)
        if (search->has_states[host] && explore_host_state(world, host) != search->states[host]) return true;
    return false;
}

/* ---- Options ---- */

enum {
    DROPS,
    DUPS,
    DELAYS,
    TIMERS,
    RESENDS,
    IN_ORDER,
    MAY,
    STATES,
    MEMORY,
    SECONDS,
    EXACT,
    CHECK,
    PART,
    PARTS,
    OPTIONS
};
static const char *const options[] = {
    [DROPS] = "drops",       [DUPS] = "dups",   [DELAYS] = "delays", [TIMERS] = "timers", [RESENDS] = "resends",
    [IN_ORDER] = "in_order", [MAY] = "may",     [STATES] = "states", [MEMORY] = "memory", [SECONDS] = "seconds",
    [EXACT] = "exact",       [CHECK] = "check", [PART] = "part",     [PARTS] = "parts",   [OPTIONS] = NULL};

static uint8_t read_budget(lua_State *L, int index, const char *what, uint8_t standard) {
    if (lua_isnil(L, index)) return standard;
    return (uint8_t)check_whole(L, index, 1, what, 0, EXPLORE_FAULTS);
}

/* true: any number, and they are no fault. */
static uint8_t read_delays(lua_State *L, int index) {
    if (lua_isboolean(L, index) && lua_toboolean(L, index)) return EXPLORE_NO_LIMIT;
    return read_budget(L, index, "delays", 1);
}

static bool read_flag(lua_State *L, int index, const char *what, bool standard) {
    if (lua_isnil(L, index)) return standard;
    if (lua_type(L, index) != LUA_TBOOLEAN)
        lab_argument_error(L, 1, "%s must be true or false, not %s", what, kind_of_value(L, index));
    return lua_toboolean(L, index);
}

/* ---- may = {{c, "close"}, {A, "connect", B, 80, {port=7777}}} ---- */

typedef struct Verb {
    const char *name;
    InputKind kind;
} Verb;
static const Verb verbs[] = {{"listen", INPUT_LISTEN}, {"connect", INPUT_CONNECT}, {"accept", INPUT_ACCEPT},
                             {"send", INPUT_SEND},     {"recv", INPUT_RECV},       {"shutdown", INPUT_SHUTDOWN},
                             {"close", INPUT_CLOSE},   {"abort", INPUT_ABORT},     {"crash", INPUT_CRASH}};

static int wrong_call(lua_State *L, lua_Integer nth, const char *what) {
    return lab_argument_error(
        L, 1,
        "may[%d] %s; each call is a list: {c, \"close\"}, {c, \"send\", \"text\"}, {c, \"recv\"}, "
        "{B, \"listen\", 80}, {A, \"connect\", B, 80, {port=7777}}; instead of a connection a "
        "host stands for its youngest one: {B, \"close\"}",
        (int)nth, what);
}

static InputKind read_verb(lua_State *L, lua_Integer nth, int index) {
    const char *name = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0) return verbs[i].kind;
    wrong_call(L, nth, "names no call: listen connect accept send recv shutdown close abort crash");
    return INPUT_NONE;
}

static void read_subject(lua_State *L, lua_Integer nth, int index, Input *input) {
    const HostHandle *host = object_at(L, index, HOST);
    const ConnHandle *conn = object_at(L, index, CONNECTION);
    HostView host_view;
    ConnView view;
    if (host && host_look(L, host, &host_view)) {
        input->host = host->id;
        return;
    }
    if (!conn || !world_conn(world_of(L), conn->id, &view)) {
        wrong_call(L, nth, "does not begin with a host or a connection that exists here");
        return;
    }
    input->host = view.host;
    input->conn = conn->id;
}

/* The call's list stands at `list`; its bytes stay in the table at `anchors`. */
static void read_call(lua_State *L, lua_Integer nth, int list, int anchors, Input *input) {
    static const char *const connect_options[] = {"port", NULL};
    bool has_port;
    int first = lua_gettop(L) + 1;
    if (!lua_istable(L, list)) wrong_call(L, nth, "is no list");
    luaL_checkstack(L, 8, "too many calls");
    for (int i = 1; i <= 5; i++) lua_rawgeti(L, list, i);
    *input = (Input){.kind = read_verb(L, nth, first + 1)};
    read_subject(L, nth, first, input);
    bool of_host = input->kind == INPUT_LISTEN || input->kind == INPUT_CONNECT || input->kind == INPUT_CRASH;
    if (of_host && conn_is(input->conn)) wrong_call(L, nth, "is a call of a host, not of a connection");
    switch ((int)input->kind) {
    case INPUT_LISTEN:
        input->local.port = check_port(L, first + 2, 1, "the port");
        input->count = 5;
        break;
    case INPUT_CONNECT:
        if (!read_endpoint(L, first + 2, &input->remote, &has_port) || has_port)
            wrong_call(L, nth, "connects to no host");
        input->remote.port = check_port(L, first + 3, 1, "the port");
        int port = push_options(L, first + 4, connect_options);
        if (!lua_isnil(L, port)) input->local.port = check_port(L, port, 1, "port");
        break;
    case INPUT_SEND: {
        size_t length = 0;
        if (lua_type(L, first + 2) != LUA_TSTRING) wrong_call(L, nth, "sends no string");
        input->bytes = (const uint8_t *)lua_tolstring(L, first + 2, &length);
        if (length == 0 || length > UINT16_MAX) wrong_call(L, nth, "must send 1 to 65535 bytes");
        input->length = (uint32_t)length;
        lua_pushvalue(L, first + 2);
        lua_rawseti(L, anchors, nth);
        break;
    }
    case INPUT_RECV:
        input->count = UINT32_MAX;
        if (!lua_isnil(L, first + 2))
            input->count = (uint32_t)check_whole(L, first + 2, 1, "how many bytes", 1, UINT32_MAX);
        break;
    default: break;
    }
    lua_settop(L, first - 1);
}

static void read_calls(lua_State *L, int may, int anchors, Search *search) {
    if (lua_isnil(L, may)) return;
    if (!lua_istable(L, may))
        lab_argument_error(L, 1, "may must be a list of calls, {{c, \"close\"}}, not %s", kind_of_value(L, may));
    lua_Unsigned count = lua_rawlen(L, may);
    if (count > EXPLORE_CALLS) lab_argument_error(L, 1, "may has %d calls; at most %d", (int)count, EXPLORE_CALLS);
    for (lua_Integer i = 1; i <= (lua_Integer)count; i++) {
        lua_rawgeti(L, may, i);
        read_call(L, i, lua_gettop(L), anchors, &search->calls[i - 1]);
        lua_pop(L, 1);
    }
    search->config.calls = search->calls;
    search->config.call_count = (uint32_t)count;
}

/* The options stand at `index`, or nothing. Leaves what it needs on the stack. */
/* Returns where the first of them stands. */
static int read_options(lua_State *L, int index, int anchors, Search *search) {
    ExploreConfig *config = &search->config;
    int first = push_options(L, index, options);
    config->drops = read_budget(L, first + DROPS, "drops", 0);
    config->dups = read_budget(L, first + DUPS, "dups", 0);
    config->delays = read_delays(L, first + DELAYS);
    config->resends = read_budget(L, first + RESENDS, "resends", EXPLORE_NO_LIMIT);
    config->no_timers = !read_flag(L, first + TIMERS, "timers", true);
    config->in_order = read_flag(L, first + IN_ORDER, "in_order", false);
    config->exact = read_flag(L, first + EXACT, "exact", false);
    read_calls(L, first + MAY, anchors, search);
    if (!lua_isnil(L, first + STATES))
        config->states = (uint64_t)check_whole(L, first + STATES, 1, "states", 1, UINT32_MAX - 1);
    config->memory = memory_left(search->lab) + 1; /* 0 would be no limit */
    if (!lua_isnil(L, first + MEMORY)) {
        size_t memory = (size_t)check_whole(L, first + MEMORY, 1, "memory", 1, INT64_MAX);
        if (memory < config->memory) config->memory = memory;
    }
    if (!lua_isnil(L, first + SECONDS))
        search->seconds = (double)check_seconds(L, first + SECONDS, 1, "seconds", 0.001, 1e6) / 1e6;
    if (lua_isnil(L, first + CHECK)) return first;
    if (!lua_isfunction(L, first + CHECK))
        lab_argument_error(L, 1, "check must be a function that returns true, or false and a sentence, not %s",
                           kind_of_value(L, first + CHECK));
    search->function = first + CHECK;
    return first;
}

/* The first part goes from the cheapest to the dearest point, as without parts; the others ever deeper first. */
static void read_part(lua_State *L, int first, Search *search) {
    enum { PARTS_MOST = 1000000, DEPTHS = 4 };
    static const uint8_t draws[DEPTHS] = {1, 2, 4, 8};
    ExploreConfig *config = &search->config;
    bool has_part = !lua_isnil(L, first + PART), has_parts = !lua_isnil(L, first + PARTS);
    search->part = search->lab->part;
    search->parts = search->lab->parts;
    if (has_part != has_parts)
        lab_argument_error(L, 1, "part and parts belong together: explore{part=2, parts=8} is the second of eight");
    if (has_parts) search->parts = (uint32_t)check_whole(L, first + PARTS, 1, "parts", 1, PARTS_MOST);
    if (has_part) search->part = (uint32_t)check_whole(L, first + PART, 1, "part", 1, search->parts);
    if (!search->part) return;
    config->salt = world_seed(world_of(L)) + search->part * UINT64_C(0x9e3779b97f4a7c15);
    if (search->part > 1) config->draws = draws[(search->part - 2) % DEPTHS];
}

/* ---- Running ---- */

static Search *push_search(lua_State *L) {
    Search *search = lua_newuserdatauv(L, sizeof *search, 0);
    *search = (Search){.L = L, .lab = lab_of(L)};
    search->config.self = search;
    search->config.progress = go_on;
    if (luaL_newmetatable(L, SEARCH)) {
        lua_pushcfunction(L, search_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return search;
}

static ExploreResult run_search(lua_State *L, Search *search) {
    ExploreConfig *config = &search->config;
    if (search->lab->elsewhere) luaL_error(L, "a check only looks: it cannot search");
    if (search->function) config->look = look_with_function;
    if (!search->function) {
        config->together = work_together;
        config->workers = work_places();
    }
    clock_gettime(CLOCK_MONOTONIC, &search->start);
    search->explore = explore_new(world_of(L), config);
    if (!search->explore) luaL_error(L, "no memory for a search; twomsl --memory=256M allows more");
    ExploreResult result = explore_run(search->explore);
    if (search->lab->config.port.progress) search->lab->config.port.progress(search->lab->config.port.self, NULL);
    search->interrupted = search->lab->interrupted;
    if (search->interrupted) search->lab->interrupted = 0; /* what was found so far is the answer */
    if (search->failed && !search->interrupted) lua_error(L);
    if (search->failed || search->stopped) result.end = EXPLORE_CUT_STOPPED;
    return result;
}

static const char *cut_name(const Search *search, const ExploreResult *result) {
    switch (result->end) {
    case EXPLORE_CUT_STATES: return "states";
    case EXPLORE_CUT_MEMORY: return "memory";
    case EXPLORE_CUT_STOPPED: return search->out_of_time ? "seconds" : "interrupted";
    case EXPLORE_CUT_WORLD: return status_text(result->limit);
    case EXPLORE_BROKEN: return "broken";
    case EXPLORE_FOUND: return "found";
    case EXPLORE_COMPLETE: break;
    }
    return NULL;
}

/* ---- The words ---- */

static const char *sentence_of_break(const Search *search, const ExploreResult *result) {
    if (result->end != EXPLORE_BROKEN) return NULL;
    if (result->rule) return rule_info(result->rule)->sentence;
    return search->broken[0] ? search->broken : "the check returned false";
}

static Findings findings_of(const Search *search, const ExploreResult *result, int anchors) {
    return (Findings){.explore = search->explore,
                      .config = &search->config,
                      .result = result,
                      .cut = cut_name(search, result),
                      .broken = sentence_of_break(search, result),
                      .seconds = seconds_passed(search),
                      .part = search->part,
                      .parts = search->parts,
                      .anchors = anchors};
}

/* A command ends with Ctrl-C, at the prompt only the search does. */
static void report(lua_State *L, const Search *search, const char *kind, const Findings *findings) {
    report_findings(L, kind, findings);
    if (search->interrupted && search->lab->reports) lab_interrupt(search->lab);
}

static int explore_word(lua_State *L) {
    lua_settop(L, 1);
    lua_newtable(L); /* 2: anchors */
    Search *search = push_search(L);
    read_part(L, read_options(L, 1, 2, search), search);
    ExploreResult result = run_search(L, search);
    Findings findings = findings_of(search, &result, 2);
    push_findings(L, &findings);
    add_pairs_and_path(L, &findings);
    report(L, search, "explore", &findings);
    return 1;
}

static void read_states(lua_State *L, Search *search) {
    static const char *const hosts[] = {"A", "B", NULL};
    int first = push_named(L, 1, "a pair of states has", hosts);
    for (int host = 0; host < 2; host++) {
        if (lua_isnil(L, first + host)) continue;
        const char *name = lua_type(L, first + host) == LUA_TSTRING ? lua_tostring(L, first + host) : "";
        for (int i = 0; i < STATE_COUNT && !search->has_states[host]; i++) {
            search->has_states[host] = strcmp(state_name((State)i), name) == 0;
            search->states[host] = (State)i;
        }
        if (!search->has_states[host])
            lab_argument_error(L, 1, "%s must be a state, like \"CLOSING\", not %s", hosts[host],
                               lua_type(L, first + host) == LUA_TSTRING ? name : kind_of_value(L, first + host));
    }
    if (!search->has_states[0] && !search->has_states[1])
        lab_argument_error(L, 1, "say which states: find{A=\"CLOSING\", B=\"CLOSING\"}");
}

static int find_word(lua_State *L) {
    lua_settop(L, 2);
    lua_newtable(L); /* 3: anchors */
    Search *search = push_search(L);
    int first = read_options(L, 2, 3, search);
    if (search->function)
        return lab_argument_error(L, 2, "find has no check: its first argument says what it looks for");
    if (!lua_isnil(L, first + PART) || !lua_isnil(L, first + PARTS))
        return lab_argument_error(L, 2, "find has no parts: explore{part=2, parts=8} does");
    search->config.finds = true;
    search->config.no_oracles = true;
    if (lua_isfunction(L, 1)) search->function = 1;
    else if (lua_type(L, 1) == LUA_TSTRING) search->config.goal = check_rule(L, 1, lua_tostring(L, 1));
    else if (lua_istable(L, 1)) read_states(L, search);
    else
        return lab_argument_error(L, 1,
                                  "it takes a function, the name of a rule, or states: find{A=\"CLOSING\", "
                                  "B=\"CLOSING\"}, not %s",
                                  kind_of_value(L, 1));
    if (lua_istable(L, 1)) search->config.look = look_for_states;
    ExploreResult result = run_search(L, search);
    bool found = result.end == EXPLORE_FOUND;
    if (found) push_way(L, search->explore, EXPLORE_NONE, 3);
    else luaL_pushfail(L);
    Findings findings = findings_of(search, &result, 3);
    push_findings(L, &findings);
    if (found) {
        lua_pushvalue(L, -2);
        lua_setfield(L, -2, "path");
    }
    report(L, search, "find", &findings);
    if (found) lua_pop(L, 1);
    return found ? 1 : 2;
}

static const Word words[] = {
    {"explore", explore_word,
     "explore{drops=, dups=, delays=, timers=, resends=, may=, in_order=, check=, states=, memory=, seconds=, exact=, "
     "part=, parts=}",
     "tries every order from here: any packet in flight may arrive next, after any delay up to MSL; up to `drops` are "
     "lost, `dups` doubled, and `delays` (1; true: any number, which resends= keeps finite) still under way when a "
     "timer fires; each "
     "call of `may` is made once, at any point. Returns states, edges, depth, ends (where nothing can follow), "
     "waiting; "
     "complete: nothing was left out of `within`, the budget; cut: why something was; broken and path where an oracle "
     "or `check` says no; pairs of states with the path to each; odds that a state was missed, since two states may "
     "have the same fingerprint (`exact` compares them). `part` of `parts` searches in another order with other "
     "fingerprints, and its paths are not the shortest: `twomsl explore --merge` joins them",
     "print(explore{drops=1}.complete)", NULL},
    {"find", find_word, "find(f | rule | {A=state, B=state} [, options])",
     "the path with fewest faults, then fewest steps, to a world in which f() is true, the rule is followed, or A and "
     "B "
     "are in these states; nil and {states=, complete=} where there is none. Options are those of explore",
     "print(find{A=\"ESTABLISHED\", B=\"SYN_RCVD\"})", NULL},
    {"replay", replay_way, "replay(path)", "walks a path that find or explore returned, step by step",
     "print(replay(find{B=\"ESTABLISHED\"}))", NULL},
    {0}};
static const Kind *const kinds[] = {&way_kind, NULL};
const Library search_library = {"Searching", words, kinds, NULL};
