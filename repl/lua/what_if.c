/* what_if.c - rules() and differ(): what does otherwise than the standard, and what follows from it. */
#include <string.h>

#include "differ.h"
#include "library.h"
#include "profiles.h"
#include "raise.h"
#include "results.h"
#include "values.h"

/* ---- rules() ---- */

enum { LIST = 1, LINES, ENTRY }; /* the stack */

/* The value on top, which it pops, becomes a field of the entry; leaves it as it is written. */
static void keep_value(lua_State *L, const char *name) {
    lua_pushvalue(L, -1);
    lua_setfield(L, ENTRY, name);
    lab_literal(L, -1);
    lua_remove(L, -2);
}

/* The entry, and above it its value and the standard's as they are written: adds it to the list, and its line. */
static void keep_entry(lua_State *L, const char *host, const char *rule, const char *help) {
    enum { INDENT = 51 };
    int columns = columns_of_text(L);
    Text text = TEXT_EMPTY;
    text_add(&text, "%-6s %-19s %-11s %-11s ", host, rule, lua_tostring(L, -2), lua_tostring(L, -1));
    text_wrap(&text, help, INDENT, columns);
    push_text(L, &text);
    lua_rawseti(L, LINES, (lua_Integer)lua_rawlen(L, LINES) + 1);
    lua_pop(L, 2);
    table_string(L, "host", host);
    table_string(L, "rule", rule);
    table_string(L, "help", help);
    lua_rawseti(L, LIST, (lua_Integer)lua_rawlen(L, LIST) + 1);
}

static void add_host(lua_State *L, const HostView *view) {
    HostView standard = *view;
    for (int i = 0; i < HOST_RULE_COUNT; i++) standard.rules[i] = host_rule_standard((HostRule)i);
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        if (view->rules[i] == standard.rules[i]) continue;
        lua_createtable(L, 0, 5);
        push_rule_value(L, (HostRule)i, view);
        keep_value(L, "value");
        push_rule_value(L, (HostRule)i, &standard);
        keep_value(L, "standard");
        keep_entry(L, view->name, host_rule_info((HostRule)i)->name, host_rule_info((HostRule)i)->help);
    }
}

static void push_path_value(lua_State *L, PathRuleKind kind, int64_t value) {
    if (kind == PATH_RULE_BYTES) lua_pushinteger(L, value);
    else lua_pushnumber(L, (lua_Number)value / 1e6);
}

/* The standard says nothing of the path: what differs there is not as at the beginning. */
static void add_path(lua_State *L) {
    for (int i = 0; i < PATH_RULE_COUNT; i++) {
        const PathRuleInfo *info = path_rule_info((PathRule)i);
        int64_t value = world_path(world_of(L), (PathRule)i);
        if (value == info->standard) continue;
        lua_createtable(L, 0, 5);
        push_path_value(L, info->kind, value);
        keep_value(L, "value");
        push_path_value(L, info->kind, info->standard);
        keep_value(L, "standard");
        keep_entry(L, "wire", info->name, info->help);
    }
}

static int rules_word(lua_State *L) {
    HostView view;
    lua_settop(L, 0);
    lua_newtable(L);
    lua_newtable(L);
    for (HostId host = 0; world_host(world_of(L), host, &view); host++)
        if (!view.foreign) add_host(L, &view);
    add_path(L);
    lua_Integer count = (lua_Integer)lua_rawlen(L, LINES);
    Text text = TEXT_EMPTY;
    if (count == 0) text_add(&text, "everything is as the standard says");
    else text_add(&text, "%-6s %-19s %-11s %-11s What it changes\n", "Host", "Rule", "Value", "Standard");
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, LINES, i);
        text_add(&text, "%s\n", lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    lua_settop(L, LIST);
    push_printed(L, "rules", &text);
    return 1;
}

/* ---- differ() ---- */

static void set_for(OtherRules *rules, HostId host, const RuleChanges *changes) {
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        if (!changes->set[i]) continue;
        rules->of[host].set[i] = true;
        rules->of[host].values[i] = changes->values[i];
    }
}

static void set_for_all(OtherRules *rules, const RuleChanges *changes) {
    for (HostId host = 0; host < LIMIT_HOSTS; host++) set_for(rules, host, changes);
}

/* The host of that name at index `name`, where the value at `value` is a table and no rule has one. */
static HostId host_named(lua_State *L, int name, int value) {
    size_t length;
    if (lua_type(L, name) != LUA_TSTRING || !lua_istable(L, value)) return HOST_NONE;
    const char *text = lua_tolstring(L, name, &length);
    return host_by_name(world_of(L), text, length);
}

/* {nagle=false, A={rto_min=0.2}}: for all hosts, and for one, which counts before that. */
static void read_rules(lua_State *L, int table, OtherRules *rules) {
    RuleChanges all = {0};
    bool any = false;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        any = true;
        if (host_named(L, lua_gettop(L) - 1, lua_gettop(L)) == HOST_NONE)
            read_rule_change(L, lua_gettop(L) - 1, lua_gettop(L), &all);
    }
    if (!any) lab_argument_error(L, 1, "say which rules are otherwise: differ{nagle=false}");
    set_for_all(rules, &all);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        HostId host = host_named(L, lua_gettop(L) - 1, lua_gettop(L));
        if (host == HOST_NONE) continue;
        RuleChanges one = {0};
        int of_host = lua_gettop(L);
        for (lua_pushnil(L); lua_next(L, of_host); lua_pop(L, 1))
            read_rule_change(L, lua_gettop(L) - 1, lua_gettop(L), &one);
        set_for(rules, host, &one);
    }
    snprintf(rules->name, sizeof rules->name, "with %s", lab_literal(L, table));
    lua_pop(L, 1);
}

static void read_profile_rules(lua_State *L, int index, OtherRules *rules) {
    RuleChanges changes = {0};
    read_profile(L, index, index, &changes);
    set_for_all(rules, &changes);
    snprintf(rules->name, sizeof rules->name, "as %s", lua_tostring(L, index));
}

static int differ_word(lua_State *L) {
    lua_settop(L, 2);
    OtherRules *rules = lua_newuserdatauv(L, 2 * sizeof *rules, 0);
    memset(rules, 0, 2 * sizeof *rules);
    strcpy(rules[0].name, "as it was");
    if (lua_istable(L, 1)) {
        read_rules(L, 1, &rules[1]);
    } else if (lua_type(L, 1) == LUA_TSTRING) {
        bool two = !lua_isnil(L, 2);
        if (two) read_profile_rules(L, 2, &rules[1]);
        read_profile_rules(L, 1, &rules[two ? 0 : 1]);
    } else {
        return lab_argument_error(L, 1,
                                  "it takes rules, differ{nagle=false}, or profiles, differ(\"linux\", \"freebsd\"), "
                                  "not %s",
                                  kind_of_value(L, 1));
    }
    return push_difference(L, rules);
}

static const Word words[] = {
    {"rules", rules_word, "rules()",
     "what differs from the standard, in all hosts, and what is not as at the beginning on the wire: a list with host, "
     "rule, value, standard, help. h.rules has all rules of a host",
     "A.rules.nagle = false; print(rules())", NULL},
    {"differ", differ_word, "differ{rule=value, A={rule=value}} | differ(profile [, profile])",
     "plays the history up to now a second time with other rules, or with two profiles, and returns the first event "
     "that is different: a and b (nil: nothing happens there), step, rule (of the hosts, which makes the difference), "
     "why_a, why_b, ladder_a, ladder_b; nil and a sentence where there is none. What the history does by hand and is "
     "refused in the other world is a difference",
     "run(); print(differ{handshake=2})", NULL},
    {0}};
const Library what_if_library = {"What if", words, NULL, NULL};
