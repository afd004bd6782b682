/* lesson.c - say, ask, check, pause: the words of lessons, and their files. scripts/prelude.lua
 * plays it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lesson.h"

#include "arguments.h"
#include "environment.h"
#include "events.h"
#include "library.h"
#include "raise.h"
#include "results.h"

enum { PARAGRAPH = 80, NAME = 64, CHOICES_MOST = 100 };

/* ---- The user's language ---- */

/* Pushes the field of the table at `index`, without its metamethods: nothing of the script runs. Returns its type. */
static int raw_field(lua_State *L, int index, const char *name) {
    index = lua_absindex(L, index);
    lua_pushstring(L, name);
    return lua_rawget(L, index);
}

/* Pushes what the table at `index` says in the user's language; a string is itself. False: neither. */
static bool push_words(lua_State *L, int index) {
    index = lua_absindex(L, index);
    if (lua_type(L, index) == LUA_TSTRING) {
        lua_pushvalue(L, index);
        return true;
    }
    if (!lua_istable(L, index)) return false;
    const char *language = lab_of(L)->config.language;
    const char *order[] = {language ? language : "en", "zh_CN", "en"};
    bool is_chinese = strncmp(order[0], "zh", 2) == 0;
    for (size_t i = 0; i < 3; i++) {
        if (i == 1 && !is_chinese) continue;
        if (raw_field(L, index, order[i]) == LUA_TSTRING) return true;
        lua_pop(L, 1);
    }
    return false;
}

static void print_text(lua_State *L, Text *text) {
    push_text(L, text);
    size_t length;
    const char *bytes = lua_tolstring(L, -1, &length);
    lab_print(lab_of(L), bytes, length);
    lua_pop(L, 1);
}

static int paragraph_width(lua_State *L) {
    int columns = columns_of_text(L);
    return columns < PARAGRAPH ? columns : PARAGRAPH;
}

static void print_paragraph(lua_State *L, const char *words) {
    Text text = TEXT_EMPTY;
    text_wrap(&text, words, 0, paragraph_width(L));
    text_add(&text, "\n\n");
    print_text(L, &text);
}

static void caption(lua_State *L, const char *title, const char *words) {
    const LabPort *port = &lab_of(L)->config.port;
    if (port->caption) port->caption(port->self, title, words);
}

/* ---- Pace: a paragraph of a lesson waits until the one before has been read ---- */

/* Their addresses are keys of the registry: the thread in which a lesson plays (Ctrl-C ends the thread and with it the
 * lesson), and whether its last paragraph is still to be read. */
static const char playing_key = 'p', unread_key = 'u';

static void set_flag(lua_State *L, const char *key, bool value) {
    lua_pushboolean(L, value);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

static bool get_flag(lua_State *L, const char *key) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, key);
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static bool is_playing(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &playing_key);
    bool here = lua_tothread(L, -1) == L;
    lua_pop(L, 1);
    return here;
}

/* True: yield with lua_yieldk() first. */
static bool waits_for_reader(lua_State *L) {
    bool unread = is_playing(L) && get_flag(L, &unread_key);
    set_flag(L, &unread_key, false);
    return unread && lab_asks(L, "[Enter] ");
}

static int set_playing(lua_State *L) {
    if (lua_toboolean(L, 1)) lua_pushthread(L);
    else lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &playing_key);
    set_flag(L, &unread_key, false);
    return 0;
}

/* ---- say ---- */

/* Where a line of a step that is too long is broken: before the last of its parts (they stand three spaces apart) that
 * would still fit. */
static size_t break_at(const char *line, size_t length, int columns) {
    size_t at = length;
    while (at > 3 && text_columns(line, at) > columns) {
        at--;
        while (at > 3 && memcmp(line + at - 3, "   ", 3) != 0) at--;
    }
    return at > 3 ? at : length;
}

static void add_line(Text *text, const char *line, size_t length, const char *indent, int columns) {
    size_t cut = indent[0] ? break_at(line, length, columns) : length;
    size_t end = cut;
    while (end > 0 && line[end - 1] == ' ') end--;
    text_add(text, "%s%.*s\n", end ? indent : "", (int)end, line);
    if (cut < length) text_add(text, "%s       %.*s\n", indent, (int)(length - cut), line + cut);
}

/* A step, a ladder, a table: its lines, indented where there is room. */
static void print_indented(lua_State *L, const char *lines, bool is_picture) {
    int columns = paragraph_width(L) - 2;
    const char *indent = "  ";
    for (const char *at = lines; is_picture && *at;
         at += at[strcspn(at, "\n")] ? strcspn(at, "\n") + 1 : strcspn(at, "\n"))
        if (text_columns(at, strcspn(at, "\n")) > columns) indent = "";
    Text text = TEXT_EMPTY;
    for (const char *at = lines; *at;) {
        size_t length = strcspn(at, "\n");
        add_line(&text, at, length, indent, columns);
        at += length + (at[length] == '\n');
    }
    text_add(&text, "\n");
    print_text(L, &text);
}

/* Stack: 1 the words. */
static int say_words(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    set_flag(L, &unread_key, true);
    caption(L, NULL, lua_tostring(L, 1));
    print_paragraph(L, lua_tostring(L, 1));
    return 0;
}

static int say(lua_State *L) {
    bool is_value = luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL && lua_type(L, 1) != LUA_TSTRING;
    lua_settop(L, 1);
    if (is_value) {
        print_indented(L, luaL_tolstring(L, 1, NULL), lua_istable(L, 1));
        return 0;
    }
    if (!push_words(L, 1)) {
        return lab_argument_error(L, 1, "it takes text, say{en=\"...\"}, or something to show, say(step()), not %s",
                                  kind_of_value(L, 1));
    }
    lua_replace(L, 1);
    if (waits_for_reader(L)) return lua_yieldk(L, 0, 0, say_words);
    return say_words(L, LUA_OK, 0);
}

/* ---- ask: predict first, then see ---- */

/* Pushes the list of choices in the user's language: choices = {"a", {en="b", zh_CN=...}} or {en={...}, zh_CN={...}}.
 */
static lua_Integer push_choices(lua_State *L) {
    if (raw_field(L, 1, "choices") != LUA_TTABLE)
        lab_argument_error(L, 1, "choices is missing: choices={\"one\", \"two\"}");
    if (lua_rawlen(L, -1) == 0) {
        const char *language = lab_of(L)->config.language;
        const char *order[] = {language ? language : "en", language && strncmp(language, "zh", 2) == 0 ? "zh_CN" : "en",
                               "en"};
        int type = LUA_TNIL, choices = lua_gettop(L);
        for (size_t i = 0; i < 3 && type != LUA_TTABLE; i++) {
            type = raw_field(L, choices, order[i]);
            if (type != LUA_TTABLE) lua_pop(L, 1);
        }
        if (type != LUA_TTABLE)
            lab_argument_error(L, 1, "choices has no list in English: choices={en={\"one\", \"two\"}}");
        lua_remove(L, -2);
    }
    int list = lua_gettop(L);
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    if (count > CHOICES_MOST) lab_argument_error(L, 1, "choices has more than %d", CHOICES_MOST);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        if (!push_words(L, -1)) lab_argument_error(L, 1, "choice %d has no text", (int)i);
        lua_rawseti(L, -3, i);
        lua_pop(L, 1);
    }
    lua_remove(L, list);
    return count;
}

/* Stack: 1 the question, 2 the choices; `answer` is the right one. Prints the right answer, and whether it was given.
 */
static int tell_answer(lua_State *L, lua_Integer answer, const char *said) {
    bool is_chinese = lab_of(L)->config.language && strncmp(lab_of(L)->config.language, "zh", 2) == 0;
    lua_rawgeti(L, 2, answer);
    const char *right = lua_tostring(L, -1);
    bool answered = said && said[0], is_right = answered && strtol(said, NULL, 10) == answer;
    Text text = TEXT_EMPTY;
    if (is_right) text_add(&text, is_chinese ? "正确。" : "Right. ");
    else if (answered) text_add(&text, is_chinese ? "不对。" : "No. ");
    text_add(&text, "→ %d) ", (int)answer);
    size_t said_so_far = text.length;
    text_add(&text, "%s", right);
    caption(L, NULL, text_string(&text));
    text_cut(&text, said_so_far);
    text_wrap(&text, right, 5, paragraph_width(L));
    text_add(&text, "\n\n");
    print_text(L, &text);
    set_flag(L, &unread_key, true);
    if (answered) lua_pushboolean(L, is_right);
    else lua_pushnil(L);
    return 1;
}

/* Not one of the numbers that were offered: a slip, to be asked again. */
static bool is_slip(lua_State *L, const char *said) {
    char *end = NULL;
    if (!said || !said[0]) return false;
    long number = strtol(said, &end, 10);
    return end == said || end[strspn(end, " )")] != '\0' || number < 1 || number > (long)lua_rawlen(L, 2);
}

static int answered(lua_State *L, int status, lua_KContext answer) {
    (void)status;
    const char *said = lab_answered(L);
    if (!is_slip(L, said)) return tell_answer(L, (lua_Integer)answer, said);
    Text text = TEXT_EMPTY;
    text_add(&text, "1 .. %d?\n", (int)lua_rawlen(L, 2));
    print_text(L, &text);
    if (lab_asks(L, "? ")) return lua_yieldk(L, 0, answer, answered);
    return tell_answer(L, (lua_Integer)answer, NULL);
}

/* Stack: 1 the question, 2 the choices. */
static int put_question(lua_State *L, int status, lua_KContext answer) {
    (void)status;
    Text text = TEXT_EMPTY, question = TEXT_EMPTY;
    text_add(&question, "%s", lua_tostring(L, 1));
    text_wrap(&text, lua_tostring(L, 1), 0, paragraph_width(L));
    lua_Integer count = (lua_Integer)lua_rawlen(L, 2);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 2, i);
        text_add(&text, "\n  %d) ", (int)i);
        text_wrap(&text, lua_tostring(L, -1), 5, paragraph_width(L));
        text_add(&question, "%s%d) %s", i == 1 ? "\n" : "    ", (int)i, lua_tostring(L, -1));
    }
    text_add(&text, "\n");
    caption(L, NULL, text_string(&question));
    text_free(&question);
    print_text(L, &text);
    lua_settop(L, 2);
    if (lab_asks(L, "? ")) return lua_yieldk(L, 0, answer, answered);
    return tell_answer(L, (lua_Integer)answer, NULL);
}

static int ask(lua_State *L) {
    if (!lua_istable(L, 1))
        return lab_argument_error(L, 1, "it takes ask{en=\"...\", choices={\"...\"}, answer=1}, not %s",
                                  kind_of_value(L, 1));
    lua_settop(L, 1);
    lua_Integer count = push_choices(L), answer = 0;
    raw_field(L, 1, "answer");
    if (!is_whole(L, 3, &answer) || answer < 1 || answer > count)
        return lab_argument_error(L, 1, "answer must be the number of the right choice, 1 to %d", (int)count);
    if (!push_words(L, 1)) return lab_argument_error(L, 1, "the question is missing: ask{en=\"...\"}");
    lua_replace(L, 1);
    lua_settop(L, 2);
    if (waits_for_reader(L)) return lua_yieldk(L, 0, (lua_KContext)answer, put_question);
    return put_question(L, LUA_OK, (lua_KContext)answer);
}

/* ---- check, pause ---- */

static int check(lua_State *L) {
    if (lua_isnone(L, 1))
        return lab_argument_error(L, 1,
                                  "it takes a condition and what it says: check(c.state == \"LISTEN\", \"B listens\")");
    bool holds = lua_toboolean(L, 1);
    if (lua_isnoneornil(L, 2)) lua_pushliteral(L, "check");
    else if (!push_words(L, 2))
        return lab_argument_error(L, 2, "the text must be a string or {en=\"...\"}, not %s", kind_of_value(L, 2));
    const char *words = lua_tostring(L, -1);
    Text text = TEXT_EMPTY;
    text_add(&text, "  %s ", holds ? "✓" : "✗");
    text_wrap(&text, words, 4, paragraph_width(L));
    text_add(&text, "\n\n");
    print_text(L, &text);
    if (holds) return 0;
    lab_of(L)->failed = true;
    return luaL_error(L, "check failed: %s", words);
}

static int pause_lesson(lua_State *L) {
    set_flag(L, &unread_key, false);
    return lab_pause(L, "[Enter] ");
}

/* ---- The files ---- */

static bool is_plain_name(const char *name) {
    return name[0] && strlen(name) < NAME && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

/* The names of the lessons, sorted. */
static int lesson_names(lua_State *L) {
    lua_Integer count = 0;
    lua_newtable(L);
    lua_pushfstring(L, "%s/lessons", lab_of(L)->config.scripts ? lab_of(L)->config.scripts : ".");
    DIR *folder = opendir(lua_tostring(L, -1));
    lua_pop(L, 1);
    if (!folder) return 1;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char name[NAME];
        size_t length = strlen(entry->d_name);
        if (length < 5 || length - 4 >= NAME || strcmp(entry->d_name + length - 4, ".lua") != 0) continue;
        snprintf(name, sizeof name, "%.*s", (int)(length - 4), entry->d_name);
        if (!is_plain_name(name)) continue;
        lua_pushstring(L, name);
        lua_rawseti(L, -2, ++count);
    }
    closedir(folder);
    return 1;
}

/* The chunk of a lesson's file; nil where there is none of that name, an error where it is no Lua. */
static int load_lesson(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    if (!is_plain_name(name)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushfstring(L, "%s/lessons/%s.lua", lab_of(L)->config.scripts ? lab_of(L)->config.scripts : ".", name);
    const char *path = lua_tostring(L, -1);
    if (access(path, F_OK) != 0) {
        lua_pushnil(L);
        return 1;
    }
    if (luaL_loadfilex(L, path, "t") != LUA_OK) return lua_error(L);
    environment_push_lesson(L);
    environment_set(L);
    return 1;
}

/* (title): a heading, underlined. */
static int heading(lua_State *L) {
    size_t length;
    const char *title = luaL_checklstring(L, 1, &length);
    Text text = TEXT_EMPTY;
    text_add(&text, "%s\n", title);
    for (int i = text_columns(title, length); i > 0; i--) text_add(&text, "═");
    text_add(&text, "\n\n");
    print_text(L, &text);
    caption(L, title, "");
    return 0;
}

int lesson_words(lua_State *L) {
    lua_settop(L, 1);
    if (!push_words(L, 1)) lua_pushnil(L);
    return 1;
}

/* (list, text): makes the list print as text. */
static int printed(lua_State *L) {
    Text text = TEXT_EMPTY;
    text_add(&text, "%s", luaL_checkstring(L, 2));
    lua_settop(L, 1);
    push_printed(L, "lessons", &text);
    return 1;
}

/* (from, to): the steps between two moments, to be shown. */
static int steps_between(lua_State *L) {
    push_steps(L, (uint32_t)luaL_checkinteger(L, 1), (uint32_t)luaL_checkinteger(L, 2));
    return 1;
}

/* What prelude.lua plays lessons with. */
static const luaL_Reg machinery[] = {{"names", lesson_names},  {"load", load_lesson}, {"heading", heading},
                                     {"words", lesson_words},  {"printed", printed},  {"steps", steps_between},
                                     {"playing", set_playing}, {NULL, NULL}};

void lesson_push_machinery(lua_State *L) { luaL_newlib(L, machinery); }

static const Word words[] = {
    {"lessons", NULL, "lessons()", "the lessons there are", "print(lessons())", NULL},
    {"lesson", NULL, "lesson \"NAME\" or lesson{name=, title={en=}, run=function(play) ... end}",
     "plays a lesson; or, in a file of scripts/lessons, is one", "print(type(lesson))", lesson_names},
    {"say", say, "say{en=\"...\", zh_CN=\"...\"}",
     "tells a paragraph in the user's language, or shows a step or a picture",
     "say{en=\"First the SYN.\"}; say(step())", NULL},
    {"ask", ask, "ask{en=\"...\", choices={\"...\", \"...\"}, answer=1}",
     "asks before it shows; returns whether the answer was right",
     "ask{en=\"Who sends first?\", choices={\"A\", \"B\"}, answer=1}", NULL},
    {"check", check, "check(cond, text)",
     "states a fact of the lesson; where it is false the lesson fails, and the program with status 1",
     "check(c.state == \"SYN_SENT\", \"A has sent its SYN\")", NULL},
    {"pause", pause_lesson, "pause()", "waits for the user", "pause()", NULL},
    {0}};
const Library lesson_library = {"Lessons", words, NULL, NULL};
