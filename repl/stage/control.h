/* control.h - keys and mouse of the window: each press becomes a line of Lua, or changes how the person looks. */
#ifndef TWOMSL_CONTROL_H
#define TWOMSL_CONTROL_H

#include "../view/view.h"

/* What the window is besides what it shows. */
typedef struct Control {
    StageLook *look;
    const Scene *scene;
    const Hits *hits;
    Layout layout;
    void (*command)(void *self, const char *line);
    void (*go_on)(void *self);      /* the lesson that waits */
    void *self;                     /* of both */
    bool quit, fullscreen, picture; /* asked for: the window does it and clears them */
    Word notice;                    /* WORD_COUNT: none; else the window shows it for a while and clears it */
    bool pressed;                   /* the left button is down on a packet */
    bool sliding;                   /* ... on the time line */
    uint32_t sought;                /* where it went last */
    double press_x, press_y;
} Control;

typedef enum Key {
    KEY_NONE,
    KEY_STEP,
    KEY_BACK,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_PLAY,
    KEY_FASTER,
    KEY_SLOWER,
    KEY_DROP,
    KEY_DUP,
    KEY_HOLD,
    KEY_CORRUPT,
    KEY_DELIVER,
    KEY_NEXT,
    KEY_PREVIOUS,
    KEY_PANEL_1,
    KEY_PANEL_2,
    KEY_PANEL_3,
    KEY_PANEL_4,
    KEY_PANEL_5,
    KEY_FULLSCREEN,
    KEY_THEME,
    KEY_LANGUAGE,
    KEY_HELP,
    KEY_PICTURE,
    KEY_QUIT,
    KEY_ESCAPE
} Key;

void control_key(Control *control, Key key);
void control_press(Control *control, double x, double y, bool menu);
void control_move(Control *control, double x, double y);
void control_release(Control *control, double x, double y);
void control_wheel(Control *control, double lines);
/* Says the line that steps while the film plays; false where there is nothing to play. */
bool control_play(Control *control, bool busy);

#endif
