/* look.c - what a person has set of the picture, by name. */
#include "view.h"

double look_get(const StageLook *look, StageSetting setting) {
    switch (setting) {
    case SETTING_THEME: return look->theme == THEME_LIGHT;
    case SETTING_LANG: return look->language;
    case SETTING_PRESENT: return look->present;
    case SETTING_FULLSCREEN: return look->fullscreen;
    case SETTING_ABSOLUTE: return look->absolute;
    case SETTING_PLAYING: return look->playing;
    case SETTING_SPEED: return look->speed;
    case SETTING_SCALE: return look->scale;
    case SETTING_ZOOM: return look->diagram;
    case SETTING_STRETCH: return look->stretch;
    case SETTING_DIAGRAM:
    case SETTING_NUMBERS:
    case SETTING_TIMERS:
    case SETTING_SEQUENCE:
    case SETTING_HEADER: return look->panels >> (setting - SETTING_FIRST_PANEL) & 1;
    case SETTING_COUNT: break;
    }
    return 0;
}

static void set_panel(StageLook *look, unsigned panel, bool shown) {
    look->panels = shown ? look->panels | panel : look->panels & ~panel;
}

void look_set(StageLook *look, StageSetting setting, double value) {
    bool on = value > 0;
    switch (setting) {
    case SETTING_THEME: look->theme = on ? THEME_LIGHT : THEME_DARK; break;
    case SETTING_LANG: look->language = (Language)value; break;
    case SETTING_PRESENT: look->present = on; break;
    case SETTING_FULLSCREEN: look->fullscreen = on; break;
    case SETTING_ABSOLUTE: look->absolute = on; break;
    case SETTING_PLAYING: look->playing = on; break;
    case SETTING_SPEED: look->speed = value; break;
    case SETTING_SCALE: look->scale = value; break;
    case SETTING_ZOOM: look->diagram = (uint32_t)value; break;
    case SETTING_STRETCH: look->stretch = value; break;
    case SETTING_DIAGRAM:
    case SETTING_NUMBERS:
    case SETTING_TIMERS:
    case SETTING_SEQUENCE:
    case SETTING_HEADER: set_panel(look, 1u << (setting - SETTING_FIRST_PANEL), on); break;
    case SETTING_COUNT: break;
    }
}
