/* help.c - help() and help(x), from the tables of the libraries. */
#include <stdio.h>
#include <string.h>

#include "library.h"
#include "raise.h"
#include "results.h"

/* ---- What carries a name: a word, a kind of object, methods, fields, a state ---- */

/* Everything that help() can speak of, one after the other. */
typedef struct Topic {
    const Library *library;
    const Word *word;     /* the topic is a word, */
    const Kind *kind;     /* a kind, */
    const Method *method; /* a method of the kind, */
    const Field *field;   /* or a field of the kind */
} Topic;

static const char *topic_name(const Topic *t) {
    if (t->word) return t->word->name;
    if (t->method) return t->method->name;
    return t->field ? t->field->name : t->kind->name;
}

/* Calls `each` for every topic until it returns true. */
static bool each_of_kind(const Library *library, const Kind *kind, bool (*each)(void *self, const Topic *t),
                         void *self) {
    Topic t = {0};
    t.library = library, t.kind = kind;
    if (each(self, &t)) return true;
    for (t.method = kind->methods; t.method && t.method->name; t.method++)
        if (each(self, &t)) return true;
    t.method = NULL;
    for (t.field = kind->fields; t.field && t.field->name; t.field++)
        if (each(self, &t)) return true;
    return false;
}

static bool each_topic(bool (*each)(void *self, const Topic *t), void *self) {
    for (const Library *const *library = libraries; *library; library++) {
        Topic t = {0};
        t.library = *library;
        for (t.word = (*library)->words; t.word && t.word->name; t.word++)
            if (each(self, &t)) return true;
        for (const Kind *const *kind = (*library)->kinds; kind && *kind; kind++)
            if (each_of_kind(*library, *kind, each, self)) return true;
    }
    return false;
}

/* ---- One topic ---- */

static void add_example(Text *text, const char *example) {
    text_add(text, "\n\n  > %s\n  > %s\n", help_before, example);
}

static void add_kind(lua_State *L, Text *text, const Kind *kind) {
    int columns = columns_of_text(L);
    text_add(text, "%s\n  ", kind->phrase);
    text_wrap(text, kind->help, 2, columns);
    text_add(text, "\n");
    for (const Field *field = kind->fields; field && field->name; field++) {
        text_add(text, "  %s.%-13s ", kind->letter, field->name);
        text_wrap(text, field->help, (int)strlen(kind->letter) + 17, columns);
        text_add(text, "\n");
    }
    for (const Method *method = kind->methods; method && method->name; method++) {
        text_add(text, "  %s\n      ", method->usage);
        text_wrap(text, method->help, 6, columns);
        text_add(text, "\n");
    }
    text_add(text, "\n  > %s\n  > print(%s)\n", help_before, kind->sample);
}

static void add_topic(lua_State *L, Text *text, const Topic *t) {
    int columns = columns_of_text(L);
    if (text->length) text_add(text, "\n");
    if (t->word) {
        text_add(text, "%s\n  ", t->word->usage);
        text_wrap(text, t->word->help, 2, columns);
        add_example(text, t->word->example);
    } else if (t->method) {
        text_add(text, "%s\n  ", t->method->usage);
        text_wrap(text, t->method->help, 2, columns);
        add_example(text, t->method->example);
    } else if (t->field) {
        text_add(text, "%s.%s\n  ", t->kind->letter, t->field->name);
        text_wrap(text, t->field->help, 2, columns);
        text_add(text, "\n\n  > %s\n  > print(%s.%s)\n", help_before, t->kind->sample, t->field->name);
    } else {
        add_kind(L, text, t->kind);
    }
}

static void add_state(Text *text, State state) {
    text_add(text, "%s%s: %s\n", text->length ? "\n" : "", state_name(state), state_summary(state));
    for (size_t i = 0; i < arrow_count(); i++) {
        const Arrow *arrow = arrow_at(i);
        if (arrow->from != state && arrow->to != state) continue;
        text_add(text, "  %-11s > %-11s  %s%s%s\n", state_name(arrow->from), state_name(arrow->to), arrow->event,
                 arrow->action[0] ? ", sends " : "", arrow->action);
    }
}

/* ---- Finding what is asked for ---- */

typedef struct Search {
    lua_State *L;
    const char *name;       /* topics of that name */
    lua_CFunction function; /* at index 1; NULL: it is none of ours */
    Text text;
} Search;

static bool add_named(void *self, const Topic *t) {
    Search *search = self;
    if (strcmp(topic_name(t), search->name) == 0) add_topic(search->L, &search->text, t);
    return false;
}

/* Whether it is the word or method that is the function at index 1. */
static bool find_function(void *self, const Topic *t) {
    Search *search = self;
    lua_State *L = search->L;
    bool is_it = t->method && t->method->call == search->function;
    if (t->word) {
        lua_getglobal(L, t->word->name);
        is_it = lua_rawequal(L, -1, 1);
        lua_pop(L, 1);
    }
    if (is_it) search->name = topic_name(t);
    return is_it;
}

typedef struct Names {
    const char *nearest;
    const char *word;
    size_t distance;
} Names;

static bool note_nearest(void *self, const Topic *t) {
    Names *names = self;
    size_t distance = lab_distance(names->word, topic_name(t), lab_slips(names->word));
    if (distance < names->distance) *names = (Names){topic_name(t), names->word, distance};
    return false;
}

static int unknown(lua_State *L, const char *name) {
    Names names = {NULL, name, lab_slips(name) + 1};
    each_topic(note_nearest, &names);
    return lab_argument_error(L, 1, "there is no word '%s'%s%s%s; help() lists them", name,
                              names.nearest ? " (did you mean " : "", names.nearest ? names.nearest : "",
                              names.nearest ? "?)" : "");
}

/* ---- help() ---- */

static void add_line(lua_State *L, Text *text, const char *name, const char *help) {
    text_add(text, "  %-12s ", name);
    text_wrap(text, help, 15, columns_of_text(L));
    text_add(text, "\n");
}

static void add_all(lua_State *L, Text *text) {
    for (const Library *const *library = libraries; *library; library++) {
        text_add(text, "%s%s\n", library == libraries ? "" : "\n", (*library)->title);
        for (const Word *word = (*library)->words; word && word->name; word++)
            add_line(L, text, word->name, word->help);
        for (const Kind *const *kind = (*library)->kinds; kind && *kind; kind++) {
            char name[32];
            snprintf(name, sizeof name, (*kind)->fields ? "%s.NAME" : "%s[n]", (*kind)->letter);
            add_line(L, text, name, (*kind)->help);
            for (const Method *method = (*kind)->methods; method && method->name; method++)
                add_line(L, text, method->name, method->help);
        }
    }
    text_add(text, "\n");
    text_wrap(
        text,
        "help \"connect\" shows one with an example, help \"connection\" its fields. Fields, states and rules too: "
        "help \"cwnd\", help \"TIME_WAIT\", help \"msl\". A word keeps its meaning: assigning to it (check = 1) is "
        "an error. The file of a lesson has globals of its own.",
        0, columns_of_text(L));
    text_add(text, "\n");
}

/* The topic at the end of the list on top of the stack: name, usage, text, example, before, of (the kind). */
static bool append_topic(void *self, const Topic *t) {
    lua_State *L = self;
    if (t->kind && !t->method && !t->field) return false;
    lua_createtable(L, 0, 6);
    table_string(L, "name", topic_name(t));
    table_string(L, "before", help_before);
    if (t->kind) table_string(L, "of", t->kind->name);
    if (t->field) {
        lua_pushfstring(L, "%s.%s", t->kind->letter, t->field->name);
        lua_setfield(L, -2, "usage");
        lua_pushfstring(L, "print(%s.%s)", t->kind->sample, t->field->name);
        lua_setfield(L, -2, "example");
        table_string(L, "text", t->field->help);
    } else {
        table_string(L, "usage", t->word ? t->word->usage : t->method->usage);
        table_string(L, "text", t->word ? t->word->help : t->method->help);
        table_string(L, "example", t->word ? t->word->example : t->method->example);
    }
    table_append(L);
    return false;
}

/* Pushes the list of all topics, which prints as all of them. */
static int push_all(lua_State *L) {
    lua_newtable(L);
    each_topic(append_topic, L);
    Text text = TEXT_EMPTY;
    add_all(L, &text);
    push_printed(L, "help", &text);
    return 1;
}

/* The name of what stands at index 1; NULL: nothing that help knows. */
static const char *name_asked_for(lua_State *L) {
    const Kind *kind = kind_at(L, 1);
    if (kind) return kind->name;
    if (lua_type(L, 1) == LUA_TSTRING) return lua_tostring(L, 1);
    Search search = {.L = L, .function = lua_tocfunction(L, 1)};
    if (lua_isfunction(L, 1)) each_topic(find_function, &search);
    return search.name;
}

/* Pushes {name=}, which prints as the page of that name. */
static int push_page(lua_State *L, const char *name) {
    const Kind *kind = kind_at(L, 1);
    Search search = {.L = L, .name = name};
    lua_newtable(L);
    table_string(L, "name", name);
    if (kind) add_kind(L, &search.text, kind);
    else each_topic(add_named, &search);
    for (int i = 0; !kind && i < STATE_COUNT; i++)
        if (strcmp(state_name((State)i), name) == 0) add_state(&search.text, (State)i);
    if (search.text.length == 0 && !search.text.failed) return unknown(L, name);
    push_printed(L, "help", &search.text);
    return 1;
}

static int help(lua_State *L) {
    if (lua_isnone(L, 1)) return push_all(L);
    if (lua_isnil(L, 1)) return lab_argument_error(L, 1, "that is nil; put the word in quotes: help \"connect\"");
    const char *name = name_asked_for(L);
    if (!name) return lab_argument_error(L, 1, "no help for %s; help() lists the words", kind_of_value(L, 1));
    return push_page(L, name);
}

static bool append_name(void *self, const Topic *t) {
    lua_State *L = self;
    lua_pushstring(L, topic_name(t));
    table_append(L);
    return false;
}

static int names(lua_State *L) {
    lua_newtable(L);
    each_topic(append_name, L);
    for (int i = 0; i < STATE_COUNT; i++) {
        lua_pushstring(L, state_name((State)i));
        table_append(L);
    }
    return 1;
}

static const Word words[] = {
    {"help", help, "help([x])",
     "this; x is a word (\"connect\"), a function, an object, a field (\"cwnd\"), a rule (\"msl\") or a state "
     "(\"TIME_WAIT\")",
     "print(help \"step\")", names},
    {0}};
const Library help_library = {"Help", words, NULL, NULL};
