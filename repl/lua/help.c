/* help.c - help() and help(x). */
#include <string.h>

#include "vocabulary.h"

static const char before[] = "s = B:listen(80); c = A:connect(B, 80)";

/* ---- Finding what is asked for ---- */

static const Word *find_word(const char *name) {
    for (const Word *word = help_words; word->name; word++)
        if (word->example && strcmp(word->name, name) == 0) return word;
    static const char *const aliases[][2] = {{"B", "A"}, {"kind", "wire"}};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i][0], name) == 0) return find_word(aliases[i][1]);
    return NULL;
}

/* The field of which object carries that name: "iss" is explained with the connection. */
static const Word *find_field(const char *name) {
    static const struct {
        const Kind *kind;
        const char *word;
    } places[] = {{&conn_kind, "connection"},
                  {&snd_kind, "connection"},
                  {&packet_kind, "packet"},
                  {&host_kind, "A"},
                  {&event_kind, "trace"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (const char *const *field = places[i].kind->fields; *field; field++)
            if (strcmp(*field, name) == 0) return find_word(places[i].word);
    return NULL;
}

/* The name of the global function at `index`, or NULL. */
static const char *global_name(lua_State *L, int index) {
    for (const Word *word = help_words; word->name; word++) {
        lua_getglobal(L, word->name);
        bool same = lua_rawequal(L, -1, index);
        lua_pop(L, 1);
        if (same) return word->name;
    }
    return NULL;
}

/* A method taken from its object: help(c.send). */
static const char *method_name(lua_State *L, int index) {
    static const Kind *const kinds[] = {&host_kind, &conn_kind, &packet_kind, &wire_kind};
    lua_CFunction function = lua_tocfunction(L, index);
    for (size_t i = 0; function && i < sizeof kinds / sizeof *kinds; i++)
        for (const luaL_Reg *method = kinds[i]->methods; method->name; method++)
            if (method->func == function) return method->name;
    return NULL;
}

static const char *name_of_object(lua_State *L, int index) {
    static const struct {
        const Kind *kind;
        const char *word;
    } objects[] = {{&host_kind, "A"},         {&conn_kind, "connection"}, {&snd_kind, "connection"},
                   {&rcv_kind, "connection"}, {&rules_kind, "rules"},     {&wire_kind, "wire"},
                   {&packet_kind, "packet"},  {&event_kind, "trace"},     {&step_kind, "step"},
                   {&steps_kind, "run"}};
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        if (kind_test(L, index, objects[i].kind)) return objects[i].word;
    if (lua_type(L, index) == LUA_TSTRING) return lua_tostring(L, index);
    const char *name = global_name(L, index);
    return name ? name : method_name(L, index);
}

/* ---- Saying it ---- */

static void add_word(lua_State *L, Text *text, const Word *word) {
    int columns = look_columns(L);
    text_add(text, "%s\n  ", word->usage);
    text_wrap(text, word->text, 2, columns);
    text_add(text, "\n\n  > %s\n  > ", before);
    text_add(text, "%s\n", word->example);
}

static void add_state(lua_State *L, Text *text, State state) {
    (void)L;
    text_add(text, "%s: %s\n", state_name(state), state_summary(state));
    for (size_t i = 0; i < arrow_count(); i++) {
        const Arrow *arrow = arrow_at(i);
        if (arrow->from != state && arrow->to != state) continue;
        text_add(text, "  %-11s > %-11s  %s%s%s\n", state_name(arrow->from), state_name(arrow->to), arrow->event,
                 arrow->action[0] ? ", sends " : "", arrow->action);
    }
}

static void add_rule(lua_State *L, Text *text, HostRule rule) {
    const HostRuleInfo *info = host_rule_info(rule);
    text_add(text, "h.rules.%s\n  ", info->name);
    text_wrap(text, info->help, 2, look_columns(L));
    text_add(text, "\n\n  > print(A.rules.%s)\n", info->name);
}

static bool add_named(lua_State *L, Text *text, const char *name) {
    const Word *word = find_word(name);
    if (word) {
        add_word(L, text, word);
        /* one word may have two meanings: wire.corrupt, p:corrupt() */
        for (const Word *other = word + 1; other->name; other++) {
            if (!other->example || strcmp(other->name, word->name) != 0) continue;
            text_add(text, "\n");
            add_word(L, text, other);
        }
        return true;
    }
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        if (strcmp(host_rule_info((HostRule)i)->name, name) != 0) continue;
        add_rule(L, text, (HostRule)i);
        return true;
    }
    for (int i = 0; i < STATE_COUNT; i++) {
        if (strcmp(state_name((State)i), name) != 0) continue;
        add_state(L, text, (State)i);
        return true;
    }
    word = find_field(name);
    if (word) add_word(L, text, word);
    return word != NULL;
}

static int unknown(lua_State *L, const char *name) {
    enum { NAMES = 128 };
    const char *names[NAMES];
    size_t count = 0;
    for (const Word *word = help_words; word->name && count < NAMES - 1; word++)
        if (word->example) names[count++] = word->name;
    names[count] = NULL;
    const char *nearest = lab_nearest(name, names);
    return lab_argument_error(L, 1, "there is no word '%s'%s%s%s; help() lists them", name,
                              nearest ? " (did you mean " : "", nearest ? nearest : "", nearest ? "?)" : "");
}

static void add_all(lua_State *L, Text *text) {
    int columns = look_columns(L);
    for (const Word *word = help_words; word->name; word++) {
        if (!word->example) {
            text_add(text, "%s%s\n", word == help_words ? "" : "\n", word->name);
            continue;
        }
        text_add(text, "  %-11s ", word->name);
        text_wrap(text, word->text, 14, columns);
        text_add(text, "\n");
    }
    text_add(text, "\n");
    text_wrap(
        text,
        "help \"connect\" shows one with an example. Fields, states and rules too: help \"snd\", help "
        "\"TIME_WAIT\", help \"msl\". A word keeps its meaning: assigning to it (check = 1) is an error. The file of "
        "a lesson has globals of its own.",
        0, columns);
    text_add(text, "\n");
}

/* help() as data: each word with its usage, text and example. */
static void push_words(lua_State *L) {
    lua_Integer count = 0;
    lua_newtable(L);
    for (const Word *word = help_words; word->name; word++) {
        if (!word->example) continue;
        lua_createtable(L, 0, 5);
        table_string(L, "name", word->name);
        table_string(L, "usage", word->usage);
        table_string(L, "text", word->text);
        table_string(L, "example", word->example);
        table_string(L, "before", before);
        lua_rawseti(L, -2, ++count);
    }
}

static int help(lua_State *L) {
    Text text = TEXT_EMPTY;
    if (lua_isnone(L, 1)) {
        add_all(L, &text);
        push_words(L);
    } else if (lua_isnil(L, 1)) {
        return lab_argument_error(L, 1, "that is nil; put the word in quotes: help \"connect\"");
    } else {
        const char *name = name_of_object(L, 1);
        if (!name) return lab_argument_error(L, 1, "no help for %s; help() lists the words", kind_of_value(L, 1));
        if (!add_named(L, &text, name)) return unknown(L, name);
        lua_newtable(L);
        table_string(L, "name", name);
    }
    push_printed(L, "help", &text);
    return 1;
}

static int completions(lua_State *L) {
    lua_Integer count = 0;
    lua_newtable(L);
    for (const Word *word = help_words; word->name; word++) {
        if (!word->example) continue;
        lua_pushstring(L, word->name);
        lua_rawseti(L, -2, ++count);
    }
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        lua_pushstring(L, host_rule_info((HostRule)i)->name);
        lua_rawseti(L, -2, ++count);
    }
    for (int i = 0; i < STATE_COUNT; i++) {
        lua_pushstring(L, state_name((State)i));
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

int lab_open_help(lua_State *L) {
    lua_register(L, "help", help);
    lua_pushcfunction(L, completions);
    lab_complete_strings(L, "help");
    return 0;
}
