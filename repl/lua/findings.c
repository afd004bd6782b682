/* findings.c - see findings.h. */
#include "findings.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "results.h"
#include "ways.h"

/* ---- The table ---- */

/* That two of so many points, or more, have the same fingerprint of 64 bits by chance, and one was taken for the other:
 * at most n * (n - 1) / 2 pairs, each with 2^-64. */
static double odds_of_a_miss(const Findings *findings) {
    double points = (double)findings->result->counts.states;
    if (findings->config->exact) return 0;
    return fmin(1, points * (points - 1) / 2 / 18446744073709551616.0);
}

static void add_number(Text *text, const char *name, uint8_t number) {
    if (number == EXPLORE_NO_LIMIT) text_add(text, ", %s=true", name);
    else text_add(text, ", %s=%u", name, number);
}

/* The budget, as explore{} takes it. */
static void set_within(lua_State *L, const ExploreConfig *config) {
    Text text = TEXT_EMPTY;
    text_add(&text, "drops=%u, dups=%u", config->drops, config->dups);
    add_number(&text, "delays", config->delays);
    if (config->resends != EXPLORE_NO_LIMIT) add_number(&text, "resends", config->resends);
    if (config->no_timers) text_add(&text, ", timers=false");
    if (config->in_order) text_add(&text, ", in_order=true");
    push_text(L, &text);
    lua_setfield(L, -2, "within");
}

static int findings_tostring(lua_State *L);

void push_findings(lua_State *L, const Findings *findings) {
    const ExploreResult *result = findings->result;
    lua_createtable(L, 0, 16);
    table_whole(L, "states", (lua_Integer)result->counts.states);
    table_whole(L, "edges", (lua_Integer)result->counts.edges);
    table_whole(L, "depth", result->counts.depth);
    table_whole(L, "ends", (lua_Integer)result->rests);
    table_whole(L, "waiting", (lua_Integer)result->counts.waiting);
    table_whole(L, "memory", (lua_Integer)result->counts.bytes);
    lua_pushboolean(L, !findings->cut);
    lua_setfield(L, -2, "complete");
    table_string(L, "cut", findings->cut);
    set_within(L, findings->config);
    lua_pushnumber(L, odds_of_a_miss(findings));
    lua_setfield(L, -2, "odds");
    lua_pushnumber(L, findings->seconds);
    lua_setfield(L, -2, "seconds");
    if (findings->part) table_whole(L, "part", findings->part);
    if (findings->part) table_whole(L, "parts", findings->parts);
    if (luaL_newmetatable(L, "result of a search")) {
        lua_pushcfunction(L, findings_tostring);
        lua_setfield(L, -2, "__tostring");
        lua_pushliteral(L, "result");
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
}

void add_pairs_and_path(lua_State *L, const Findings *findings) {
    lua_newtable(L);
    for (int a = 0; a < STATE_COUNT; a++) {
        for (int b = 0; b < STATE_COUNT; b++) {
            uint32_t point = explore_pair(findings->explore, (State)a, (State)b);
            if (point == EXPLORE_NONE) continue;
            lua_pushfstring(L, "%s/%s", state_name((State)a), state_name((State)b));
            push_way(L, findings->explore, point, findings->anchors);
            lua_rawset(L, -3);
        }
    }
    lua_setfield(L, -2, "pairs");
    if (!findings->broken) return;
    table_string(L, "broken", findings->broken);
    push_way(L, findings->explore, EXPLORE_NONE, findings->anchors);
    lua_setfield(L, -2, "path");
}

/* ---- In words ---- */

/* "12.5 MB" */
static void add_bytes(Text *text, double bytes) {
    static const char *const units[] = {"kB", "MB", "GB"};
    int unit = 0;
    for (bytes /= 1e3; bytes >= 1e3 && unit < 2; unit++) bytes /= 1e3;
    text_add(text, "%.*f %s", bytes < 10, bytes, units[unit]);
}

static void add_rate(Text *text, double states, double seconds, double bytes) {
    text_add(text, "%.1f s, ", seconds);
    text_count(text, seconds > 0 ? (uint64_t)(states / seconds) : 0);
    text_add(text, " states a second, ");
    add_bytes(text, bytes);
}

void add_progress(Text *text, const ExploreCounts *counts, double seconds) {
    text_count(text, counts->states);
    text_add(text, " states, ");
    text_count(text, counts->waiting);
    text_add(text, " waiting, depth %u, %u fault%s; ", counts->depth, counts->faults, counts->faults == 1 ? "" : "s");
    add_rate(text, (double)counts->states, seconds, (double)counts->bytes);
}

/* What the table still says: a script may have changed it. */
typedef struct Told {
    const char *cut, *broken, *within;
    lua_Integer states, edges, depth, ends, waiting, steps, part, parts;
    lua_Number odds, seconds, memory;
    bool is_whole; /* of explore, not of find */
} Told;

static void push_raw(lua_State *L, const char *name) {
    lua_pushstring(L, name);
    lua_rawget(L, 1);
}

static lua_Number number_in(lua_State *L, const char *name) {
    push_raw(L, name);
    lua_Number number = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return number;
}

static lua_Integer count_in(lua_State *L, const char *name) {
    push_raw(L, name);
    lua_Integer count = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return count < 0 ? 0 : count;
}

/* The table keeps it. */
static const char *text_in(lua_State *L, const char *name) {
    push_raw(L, name);
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1);
    return text;
}

static Told told_by(lua_State *L) {
    Told told = {.cut = text_in(L, "cut"),
                 .broken = text_in(L, "broken"),
                 .within = text_in(L, "within"),
                 .states = count_in(L, "states"),
                 .edges = count_in(L, "edges"),
                 .depth = count_in(L, "depth"),
                 .ends = count_in(L, "ends"),
                 .waiting = count_in(L, "waiting"),
                 .part = count_in(L, "part"),
                 .parts = count_in(L, "parts"),
                 .odds = number_in(L, "odds"),
                 .seconds = number_in(L, "seconds"),
                 .memory = number_in(L, "memory")};
    push_raw(L, "pairs");
    told.is_whole = lua_istable(L, -1);
    push_raw(L, "path");
    told.steps = way_length(L, -1);
    lua_pop(L, 2);
    return told;
}

/* NULL: the limit of a world, which `cut` names. */
static const char *how_to_go_on(const char *cut) {
    static const char *const known[][2] = {
        {"states", "its limit of states; states= may be larger, or the budget smaller"},
        {"memory", "its limit of memory; memory= and twomsl --memory=SIZE may be larger, or the budget smaller"},
        {"seconds", "its limit of time; seconds= may be larger, or the budget smaller"},
        {"interrupted", "Ctrl-C"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(cut, known[i][0]) == 0) return known[i][1];
    return NULL;
}

static void add_verdict(Text *text, const Told *told) {
    const char *within = told->within ? told->within : "?";
    if (told->broken) {
        text_add(text, "broken: %s\npath: %lld step%s; replay(r.path) walks it\n", told->broken, (long long)told->steps,
                 told->steps == 1 ? "" : "s");
    } else if (told->cut) {
        const char *how = how_to_go_on(told->cut);
        if (how) text_add(text, "not complete: cut by %s\n", how);
        else text_add(text, "not complete: in a world of it there was %s\n", told->cut);
    } else {
        text_add(text, "complete: every order within %s was tried%s\n", within,
                 told->is_whole ? ", and nothing is broken" : "");
    }
}

/* "1 in 79 trillion": two digits. */
static void add_odds(Text *text, const Told *told) {
    static const struct {
        double size;
        const char *name;
    } units[] = {{1, ""}, {1e6, " million"}, {1e9, " billion"}, {1e12, " trillion"}, {1e15, " quadrillion"}};
    double odds = told->odds;
    size_t unit = 0;
    if (odds <= 0) {
        text_add(text, "odds of a missed state: 0%s", told->states > 1 ? " (exact)" : "");
        return;
    }
    while (unit + 1 < sizeof units / sizeof *units && 1 / odds >= units[unit + 1].size) unit++;
    double one_in = 1 / odds / units[unit].size;
    text_add(text, "odds of a missed state: 1 in %.*f%s", one_in < 10, one_in, units[unit].name);
}

static void add_counts(Text *text, const Told *told) {
    text_count(text, (uint64_t)told->states);
    text_add(text, " states, ");
    text_count(text, (uint64_t)told->edges);
    text_add(text, " edges, depth %lld; ends: ", (long long)told->depth);
    text_count(text, (uint64_t)told->ends);
    text_add(text, ", waiting: ");
    text_count(text, (uint64_t)told->waiting);
    if (told->part) text_add(text, "; part %lld of %lld", (long long)told->part, (long long)told->parts);
    text_add(text, "\n");
}

/* What a script prints is the same each time; only who looks at a terminal is told how long it took. */
static int findings_tostring(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    Told told = told_by(L);
    Text text = TEXT_EMPTY;
    add_verdict(&text, &told);
    add_counts(&text, &told);
    add_odds(&text, &told);
    if (isatty(STDOUT_FILENO)) {
        text_add(&text, "\n");
        add_rate(&text, (double)told.states, told.seconds, told.memory);
    }
    push_text(L, &text);
    return 1;
}
