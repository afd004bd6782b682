/* host_rules.c - h.rules: what one host's TCP does, in the units people think in; and c.rules: what one connection does
 * otherwise. */
#include "host_rules.h"

#include <math.h>
#include <string.h>

#include "act.h"
#include "arguments.h"
#include "handles.h"
#include "raise.h"
#include "results.h"
#include "values.h"

static const char *const names[] = {
#define HOST_RULE(name, kind, off, def, low, high, help) #name,
#include "../../engine/tcp/host_rules.def"
    NULL};

/* How many units of what is kept make one of what people write: seconds are kept in microseconds. */
static double scale(HostRuleKind kind) {
    switch (kind) {
    case HR_SECONDS: return 1e6;
    case HR_MSL: return 1e3;
    case HR_BYTES:
    case HR_COUNT:
    case HR_SWITCH:
    case HR_SEQ: return 1;
    }
    return 1;
}

/* The object at index 1 and the rules in force there, a host's or a connection's; raises where that is not here. */
static const RulesHandle *rules_in_force(lua_State *L, HostView *view) {
    const RulesHandle *rules = object_at(L, 1, RULES);
    ConnView conn;
    if (!rules || !host_look(L, &rules->host, view))
        luaL_error(L, "that host does not exist at this point of the history");
    if (!conn_is(rules->conn)) return rules;
    if (!world_conn(world_of(L), rules->conn, &conn))
        luaL_error(L, "that connection does not exist at this point of the history, or its record serves another one");
    for (int i = 0; i < HOST_RULE_COUNT; i++) view->rules[i] = world_conn_rule(world_of(L), rules->conn, (HostRule)i);
    return rules;
}

static int find_rule(const char *name) {
    for (int i = 0; name && i < HOST_RULE_COUNT; i++)
        if (strcmp(names[i], name) == 0) return i;
    return -1;
}

static void set_seconds(lua_State *L, const char *name, int64_t value) {
    lua_pushinteger(L, value / 1000000);
    if (value % 1000000) {
        lua_pop(L, 1);
        push_seconds(L, value);
    }
    lua_setfield(L, -2, name);
}

/* keepalive is one word for three rules: {idle=7200, interval=75, probes=9} */
static void push_keepalive(lua_State *L, const HostView *view) {
    lua_newtable(L);
    set_seconds(L, "idle", view->rules[HOST_RULE_keepalive]);
    set_seconds(L, "interval", view->rules[HOST_RULE_keepalive_interval]);
    lua_pushinteger(L, view->rules[HOST_RULE_keepalive_probes]);
    lua_setfield(L, -2, "probes");
}

void push_rule_value(lua_State *L, HostRule rule, const HostView *view) {
    const HostRuleInfo *info = host_rule_info(rule);
    int64_t value = view->rules[rule];
    if (rule == HOST_RULE_keepalive && value != HOST_RULE_OFF) {
        push_keepalive(L, view);
        return;
    }
    if (rule == HOST_RULE_congestion && value) {
        lua_pushliteral(L, "reno");
        return;
    }
    if (info->off && value == HOST_RULE_OFF) {
        if (rule == HOST_RULE_isn) lua_pushliteral(L, "rfc6528");
        else lua_pushboolean(L, 0);
        return;
    }
    switch (info->kind) {
    case HR_SWITCH: lua_pushboolean(L, value != 0); break;
    case HR_BYTES:
    case HR_COUNT:
    case HR_SEQ: lua_pushinteger(L, value); break;
    case HR_SECONDS:
    case HR_MSL: {
        lua_Number number = (lua_Number)value / scale(info->kind);
        if (number == floor(number)) lua_pushinteger(L, (lua_Integer)number); /* 30 reads better than 30.0 */
        else lua_pushnumber(L, number);
        break;
    }
    }
}

/* The same values, as fields. */
typedef struct Look {
    const HostView *view;
    HostRule rule;
} Look;

static void push_field(lua_State *L, const void *look) {
    const Look *at = look;
    push_rule_value(L, at->rule, at->view);
}

static const Field fields[] = {
#define HOST_RULE(name, kind, off, def, low, high, help) {#name, push_field, help},
#include "../../engine/tcp/host_rules.def"
    {0}};

static int rules_read(lua_State *L, const Field *field) {
    HostView view;
    rules_in_force(L, &view);
    field->push(L, &(Look){&view, (HostRule)(field - fields)});
    return 1;
}

static int unknown_rule(lua_State *L, const char *name) {
    Text text = TEXT_EMPTY;
    const char *nearest = lab_nearest(name, names);
    text_add(&text, "there is no rule '%s'", name);
    if (nearest) text_add(&text, " (did you mean %s?)", nearest);
    text_add(&text, "; the rules are: ");
    words_join(&text, names);
    push_text(L, &text);
    return luaL_error(L, "%s", lua_tostring(L, -1));
}

/* What a rule may be, in the words of its kind. */
static void say_range(Text *text, const HostRuleInfo *info, HostRule rule) {
    if (rule == HOST_RULE_congestion || rule == HOST_RULE_keepalive) {
        text_add(text,
                 rule == HOST_RULE_congestion ? "\"reno\" or false" : "false or {idle=7200, interval=75, probes=9}");
        return;
    }
    if (rule == HOST_RULE_isn) text_add(text, "\"rfc6528\" or ");
    else if (info->off) text_add(text, "false or ");
    double low = (double)info->low / scale(info->kind), high = (double)info->high / scale(info->kind);
    switch (info->kind) {
    case HR_SWITCH: text_add(text, "true or false"); break;
    case HR_SECONDS: text_add(text, "a number of seconds, %.10g to %.10g", low, high); break;
    case HR_MSL: text_add(text, "a multiple of the MSL, %.10g to %.10g", low, high); break;
    case HR_BYTES: text_add(text, "a whole number of bytes, %.10g to %.10g", low, high); break;
    case HR_COUNT:
    case HR_SEQ: text_add(text, "a whole number, %.10g to %.10g", low, high); break;
    }
}

static int wrong_value(lua_State *L, int index, const HostRuleInfo *info, HostRule rule) {
    Text text = TEXT_EMPTY;
    text_add(&text, "rules.%s must be ", info->name);
    say_range(&text, info, rule);
    push_text(L, &text);
    const char *must = lua_tostring(L, -1), *is = lab_literal(L, index);
    return luaL_error(L, "%s, not %s", must, is);
}

/* What stands at `index` as it is kept. False: it is not a value of the rule. */
static bool read_value(lua_State *L, int index, const HostRuleInfo *info, HostRule rule, int64_t *value) {
    int type = lua_type(L, index);
    if (rule == HOST_RULE_isn && type == LUA_TSTRING && strcmp(lua_tostring(L, index), "rfc6528") == 0) {
        *value = HOST_RULE_OFF;
        return true;
    }
    if (rule == HOST_RULE_congestion && type == LUA_TSTRING) {
        *value = 1;
        return strcmp(lua_tostring(L, index), "reno") == 0;
    }
    if (type == LUA_TBOOLEAN) {
        bool on = lua_toboolean(L, index);
        if (info->kind == HR_SWITCH) *value = on;
        else if (info->off && rule != HOST_RULE_isn) *value = on ? info->initial : HOST_RULE_OFF;
        else return false;
        return !on || info->kind == HR_SWITCH || info->initial != HOST_RULE_OFF;
    }
    if (type != LUA_TNUMBER) return false;
    lua_Number kept = lua_tonumber(L, index) * scale(info->kind);
    if (!(kept >= (lua_Number)info->low && kept <= (lua_Number)info->high)) return false;
    bool whole = info->kind != HR_SECONDS && info->kind != HR_MSL;
    if (whole && kept != floor(kept)) return false;
    *value = (int64_t)llround(kept);
    return true;
}

static int not_of_conn(lua_State *L, const char *name) {
    Text text = TEXT_EMPTY;
    text_add(&text, "rules.%s is one for the whole host: h.rules.%s; a connection may have its own", name, name);
    for (int i = 0, many = 0; i < HOST_RULE_COUNT; i++)
        if (host_rule_of_conn((HostRule)i) && strncmp(names[i], "keepalive_", 10) != 0)
            text_add(&text, "%s %s", many++ ? "," : "", names[i]);
    push_text(L, &text);
    return luaL_error(L, "%s", lua_tostring(L, -1));
}

static void read_rule(lua_State *L, const RulesHandle *rules, HostRule rule, int index, RuleChanges *changes) {
    const HostRuleInfo *info = host_rule_info(rule);
    if (conn_is(rules->conn) && !host_rule_of_conn(rule)) not_of_conn(L, info->name);
    if (!read_value(L, index, info, rule, &changes->values[rule])) wrong_value(L, index, info, rule);
    changes->set[rule] = true;
}

/* {idle=7200, interval=75, probes=9}: what is left out stays as it is; idle is two hours. */
static void read_keepalive(lua_State *L, const RulesHandle *rules, int table, RuleChanges *changes) {
    static const char *const parts[] = {"idle", "interval", "probes", NULL};
    static const HostRule part_rules[] = {HOST_RULE_keepalive, HOST_RULE_keepalive_interval,
                                          HOST_RULE_keepalive_probes};
    int first = push_named(L, table, "keepalive has", parts);
    if (lua_isnil(L, first)) {
        lua_pushinteger(L, 7200);
        lua_replace(L, first);
    }
    for (int i = 0; parts[i]; i++)
        if (!lua_isnil(L, first + i)) read_rule(L, rules, part_rules[i], first + i, changes);
    lua_settop(L, first - 1);
}

static void read_named(lua_State *L, const RulesHandle *rules, int name, int value, RuleChanges *changes) {
    int rule = lua_type(L, name) == LUA_TSTRING ? find_rule(lua_tostring(L, name)) : -1;
    if (rule < 0) unknown_rule(L, luaL_tolstring(L, name, NULL));
    if (rule == HOST_RULE_keepalive && lua_istable(L, value)) read_keepalive(L, rules, value, changes);
    else read_rule(L, rules, (HostRule)rule, value, changes);
}

static void apply(lua_State *L, const RulesHandle *rules, const RuleChanges *changes) {
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        if (!changes->set[i]) continue;
        Input input = {.kind = INPUT_RULE, .host = rules->host.id, .conn = rules->conn, .rule = (HostRule)i};
        input.value = changes->values[i];
        act_surely(L, &input, names[i]);
    }
}

void rules_assign(lua_State *L, const HostHandle *host, int table) {
    RulesHandle rules = {.host = *host, .conn = CONN_NONE};
    RuleChanges changes = {0};
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
        read_named(L, &rules, lua_gettop(L) - 1, lua_gettop(L), &changes);
    apply(L, &rules, &changes);
}

void read_rule_change(lua_State *L, int name, int value, RuleChanges *changes) {
    read_named(L, &(RulesHandle){.conn = CONN_NONE}, name, value, changes);
}

static int rules_set(lua_State *L) {
    HostView view;
    RuleChanges changes = {0};
    const RulesHandle *rules = rules_in_force(L, &view);
    read_named(L, rules, 2, 3, &changes);
    apply(L, rules, &changes);
    return 0;
}

/* The value is the string on top of the stack, which it pops. */
static void add_line(Text *text, lua_State *L, const HostView *view, HostRule rule) {
    const HostRuleInfo *info = host_rule_info(rule);
    text_add(text, "%s%-19s ", view->rules[rule] == host_rule_standard(rule) ? "  " : "* ", info->name);
    size_t before = text->length;
    text_add(text, "%s", lua_tostring(L, -1));
    text_add(text, "%*s", (int)(before + 11 > text->length ? before + 11 - text->length : 1), "");
    text_wrap(text, info->help, 33, columns_of_text(L));
    text_add(text, "\n");
    lua_pop(L, 1);
}

/* Pushes a list of the values as they are written, by rule. */
static void push_written_values(lua_State *L, const HostView *view) {
    lua_createtable(L, HOST_RULE_COUNT, 0);
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        push_rule_value(L, (HostRule)i, view);
        bool is_string = lua_type(L, -1) == LUA_TSTRING;
        const char *value = lab_readable(L, -1, NULL);
        lua_pushfstring(L, is_string ? "\"%s\"" : "%s", value);
        lua_rawseti(L, -4, i);
        lua_pop(L, 2);
    }
}

static int rules_tostring(lua_State *L) {
    HostView view;
    bool conn = conn_is(rules_in_force(L, &view)->conn);
    push_written_values(L, &view);
    Text text = TEXT_EMPTY;
    text_add(&text, "Rules of %s%s (* differs from the standard)\n", conn ? "a connection of " : "", view.name);
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        if (conn && !host_rule_of_conn((HostRule)i)) continue;
        lua_rawgeti(L, -1, i);
        add_line(&text, L, &view, (HostRule)i);
    }
    while (text.length && text.bytes[text.length - 1] == '\n') text_cut(&text, text.length - 1);
    push_text(L, &text);
    return 1;
}

static const luaL_Reg meta[] = {{"__tostring", rules_tostring}, {NULL, NULL}};
const Kind rules_kind = {.name = RULES,
                         .phrase = "rules of a host or a connection",
                         .sample = "A.rules",
                         .letter = "h.rules",
                         .help = "what a host's TCP does: h.rules.NAME = value, a number, true or false; * marks what "
                                 "differs from the standard. c.rules: what one connection does otherwise (nagle, "
                                 "keepalive, user_timeout ...)",
                         .read = rules_read,
                         .set = rules_set,
                         .unknown = unknown_rule,
                         .fields = fields,
                         .meta = meta};
