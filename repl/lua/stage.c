/* stage.c - stage and stage.panels: what can be set of the window. Without a window fields are nil, and setting one
 * says that there is none: a script that sets the stage runs in a terminal too. */
#include <math.h>
#include <string.h>

#include "handles.h"
#include "library.h"
#include "raise.h"
#include "results.h"

static const Kind stage_kind, panels_kind;

#define NO_WINDOW "there is no window: twomsl --window opens one where there is a display"

static double window_get(lua_State *L, StageSetting setting) {
    const LabPort *port = &lab_of(L)->config.port;
    return port->setting ? port->setting(port->self, setting) : NAN;
}

/* nil where there is no window. */
static void push_setting(lua_State *L, const void *view) {
    const StageSetting setting = *(const StageSetting *)view;
    const SettingInfo *info = setting_info(setting);
    const double value = window_get(L, setting);
    if (isnan(value)) {
        lua_pushnil(L);
        return;
    }
    switch (info->kind) {
    case SETTING_SWITCH: lua_pushboolean(L, value > 0); break;
    case SETTING_CHOICE: lua_pushstring(L, info->choices[(size_t)value]); break;
    case SETTING_NUMBER: lua_pushnumber(L, value); break;
    }
}

static void push_panels(lua_State *L, const void *view) {
    (void)view;
    object_push(L, PANELS, 1);
}

static const Field stage_fields[] = {
#define SETTING(id, name, values, least, most, help) {name, push_setting, help},
#include "../text/settings.def"
    {"panels", push_panels, "which panels are shown: stage.panels.diagram = false"}, {0}};
static const Field panel_fields[] = {
#define PANEL(id, name, help) {name, push_setting, help},
#include "../text/settings.def"
    {0}};

static int stage_read(lua_State *L, const Field *field) {
    const StageSetting setting = (StageSetting)(field - stage_fields);
    field->push(L, &setting);
    return 1;
}

static int panels_read(lua_State *L, const Field *field) {
    const StageSetting setting = (StageSetting)(SETTING_FIRST_PANEL + (field - panel_fields));
    field->push(L, &setting);
    return 1;
}

/* ---- StageSetting ---- */

static int wrong_value(lua_State *L, const SettingInfo *info, int index) {
    const char *got = lua_type(L, index) == LUA_TSTRING || lua_type(L, index) == LUA_TNUMBER
                          ? luaL_tolstring(L, index, NULL)
                          : kind_of_value(L, index);
    switch (info->kind) {
    case SETTING_SWITCH:
        return luaL_error(L, "stage.%s must be true or false, not %s", info->name, kind_of_value(L, index));
    case SETTING_CHOICE: {
        Text text = TEXT_EMPTY;
        words_join(&text, info->choices);
        push_text(L, &text);
        const char *nearest = lab_nearest(got, info->choices);
        return luaL_error(L, "stage.%s must be one of %s, not %s%s%s%s", info->name, lua_tostring(L, -1), got,
                          nearest ? " (did you mean " : "", nearest ? nearest : "", nearest ? "?)" : "");
    }
    case SETTING_NUMBER:
        return luaL_error(L, "stage.%s must be a number from %f to %f, not %s", info->name, info->least, info->most,
                          got);
    }
    return 0;
}

static bool read_value(lua_State *L, const SettingInfo *info, int index, double *value) {
    switch (info->kind) {
    case SETTING_SWITCH: *value = lua_toboolean(L, index); return lua_isboolean(L, index);
    case SETTING_CHOICE:
        for (int i = 0; lua_type(L, index) == LUA_TSTRING && info->choices[i]; i++) {
            *value = i;
            if (strcmp(info->choices[i], lua_tostring(L, index)) == 0) return true;
        }
        return false;
    case SETTING_NUMBER:
        *value = lua_tonumber(L, index);
        return lua_type(L, index) == LUA_TNUMBER && *value >= info->least && *value <= info->most;
    }
    return false;
}

static int set(lua_State *L, StageSetting setting) {
    const SettingInfo *info = setting_info(setting);
    const LabPort *port = &lab_of(L)->config.port;
    double value;
    if (!read_value(L, info, 3, &value)) return wrong_value(L, info, 3);
    if (port->set && !isnan(window_get(L, setting))) {
        port->set(port->self, setting, value);
        return 0;
    }
    lua_pushfstring(L, "stage.%s: " NO_WINDOW "\n", info->name);
    void (*say)(void *self, const char *text, size_t length) = port->aside ? port->aside : port->print;
    if (say) say(port->self, lua_tostring(L, -1), (size_t)lua_rawlen(L, -1));
    return 0;
}

/* (object, name, value) */
static int set_field(lua_State *L, const Kind *kind, StageSetting first) {
    const char *name = luaL_tolstring(L, 2, NULL);
    const Field *field = kind_field(kind, name);
    if (!field) return kind_unknown_field(L, kind, name);
    if (field->push == push_panels) return luaL_error(L, "set one of them: stage.panels.diagram = false");
    return set(L, (StageSetting)((int)first + (int)(field - kind->fields)));
}

static int stage_set(lua_State *L) { return set_field(L, &stage_kind, SETTING_THEME); }
static int panels_set(lua_State *L) { return set_field(L, &panels_kind, SETTING_FIRST_PANEL); }

/* ---- Printing: the lines that make the window as it is ---- */

static int print_settings(lua_State *L, StageSetting first, StageSetting past) {
    Text text = TEXT_EMPTY;
    for (StageSetting i = first; i < past; i++) {
        const double value = window_get(L, i);
        if (isnan(value)) break;
        if (text.length) text_add(&text, "\n");
        text_setting(&text, i, value);
    }
    if (!text.length) text_add(&text, NO_WINDOW);
    push_text(L, &text);
    return 1;
}

static int stage_tostring(lua_State *L) { return print_settings(L, SETTING_THEME, SETTING_COUNT); }
static int panels_tostring(lua_State *L) { return print_settings(L, SETTING_FIRST_PANEL, SETTING_COUNT); }

static const luaL_Reg stage_meta[] = {{"__tostring", stage_tostring}, {NULL, NULL}};
static const luaL_Reg panels_meta[] = {{"__tostring", panels_tostring}, {NULL, NULL}};
static const Kind stage_kind = {
    .name = STAGE,
    .phrase = "the window",
    .sample = "stage",
    .letter = "stage",
    .help = "the window: stage.theme = \"light\". A key that changes one prints its line. nil where "
            "there is no window",
    .read = stage_read,
    .set = stage_set,
    .fields = stage_fields,
    .meta = stage_meta};
static const Kind panels_kind = {.name = PANELS,
                                 .phrase = "stage.panels",
                                 .sample = "stage.panels",
                                 .letter = "stage.panels",
                                 .help = "the panels of the window: true where one is shown, as far as there is room",
                                 .read = panels_read,
                                 .set = panels_set,
                                 .fields = panel_fields,
                                 .meta = panels_meta};

static void open(lua_State *L) {
    object_push(L, STAGE, 1);
    lua_setglobal(L, "stage");
}

static const Word words[] = {
    {"stage", NULL, "stage", "the window, and what can be set of it", "print(stage.theme)", NULL}, {0}};
static const Kind *const kinds[] = {&stage_kind, &panels_kind, NULL};
const Library stage_library = {"The window", words, kinds, open};
