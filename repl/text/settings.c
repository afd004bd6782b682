/* settings.c - see settings.h. */
#include "settings.h"

static const char *const choices_of[][4] = {
#define CHOICES(...) \
    { __VA_ARGS__, NULL }
#define SWITCH \
    { NULL }
#define NUMBERS \
    { NULL }
#define SETTING(id, name, values, least, most, help) values,
#include "settings.def"
#undef SWITCH
#undef NUMBERS
};

#define SWITCH SETTING_SWITCH
#define NUMBERS SETTING_NUMBER
#undef CHOICES
#define CHOICES(...) SETTING_CHOICE
static const SettingInfo infos[] = {
#define SETTING(id, name, values, least, most, help) {name, values, choices_of[SETTING_##id], least, most},
#define PANEL(id, name, help) {"panels." name, SETTING_SWITCH, NULL, 0, 1},
#include "settings.def"
};

const SettingInfo *setting_info(StageSetting setting) { return &infos[setting]; }

void text_setting(Text *text, StageSetting setting, double value) {
    const SettingInfo *info = &infos[setting];
    text_add(text, "stage.%s = ", info->name);
    switch (info->kind) {
    case SETTING_SWITCH: text_add(text, "%s", value > 0 ? "true" : "false"); break;
    case SETTING_CHOICE: text_add(text, "\"%s\"", info->choices[(size_t)value]); break;
    case SETTING_NUMBER: text_add(text, "%g", value); break;
    }
}
