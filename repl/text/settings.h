/* settings.h - what a person can set of the window, and the line of Lua that sets it: for the prompt and for keys. */
#ifndef TWOMSL_TEXT_SETTINGS_H
#define TWOMSL_TEXT_SETTINGS_H

#include "text.h"

typedef enum StageSetting {
#define SETTING(id, name, values, least, most, help) SETTING_##id,
#define PANEL(id, name, help) SETTING_##id,
#include "settings.def"
    SETTING_COUNT,
    SETTING_FIRST_PANEL = SETTING_DIAGRAM
} StageSetting;

typedef enum SettingKind {
    SETTING_SWITCH, /* 0 or 1 */
    SETTING_CHOICE, /* the place of a name in `choices` */
    SETTING_NUMBER
} SettingKind;

typedef struct SettingInfo {
    const char *name; /* "theme", "panels.diagram" */
    SettingKind kind;
    const char *const *choices; /* ends with NULL; NULL where it is no choice */
    double least, most;
} SettingInfo;

const SettingInfo *setting_info(StageSetting setting);
/* Adds the line that gives it this value: stage.theme = "light" */
void text_setting(Text *text, StageSetting setting, double value);

#endif
