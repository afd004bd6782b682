/* control.h - keys and mouse of the window: each becomes a line of Lua, or changes what the person looks at and says
 * the line that does so. Knows nothing of SDL. */
#ifndef TWOMSL_CONTROL_H
#define TWOMSL_CONTROL_H

#include "../view/view.h"

/* What keys and mouse act on. */
typedef struct Control {
    StageLook *look;
    const Scene *scene;
    const Hits *hits; /* of the picture that is shown */
    Layout layout;    /* of it */
    /* Runs a line of Lua as if typed; not called while a lesson waits. May be NULL. */
    void (*command)(void *self, const char *line);
    /* Prints a line of Lua that says what has been done already. May be NULL. */
    void (*echo)(void *self, const char *line);
    void (*go_on)(void *self); /* the lesson that waits goes on; may be NULL */
    void *self;                /* of all */
    bool quit, picture, skip;  /* requests: the stage carries them out and clears them; skip: the film */
    Word notice;               /* a message to show for a while; WORD_COUNT: none. The stage clears it */
    /* For control.c alone. */
    uint32_t branch; /* the newest future that was seen; 0: none yet */
    bool pressed;    /* the left button is down on a packet */
    bool sliding;    /* ... on the time line */
    uint32_t sought; /* the step last sought by sliding */
    double press_x, press_y;
} Control;

typedef enum Key {
    KEY_NONE,
    KEY_STEP,  /* to the next instant */
    KEY_INPUT, /* one step */
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
    KEY_RELATIVE,
    KEY_LECTURE,
    KEY_LANGUAGE,
    KEY_WHY,
    KEY_WIDER, /* the time line */
    KEY_NARROWER,
    KEY_HELP,
    KEY_PICTURE,
    KEY_QUIT,
    KEY_ESCAPE
} Key;

/* Coordinates are logical pixels. */
void control_key(Control *control, Key key);
/* A button goes down; `menu`: the right one. */
void control_press(Control *control, double x, double y, bool menu);
void control_move(Control *control, double x, double y);
/* The left button goes up. */
void control_release(Control *control, double x, double y);
/* The wheel turns by so many lines, up is positive: scrolls the ladder; over the time line, makes that wider. */
void control_wheel(Control *control, double lines);
/* To be called when the session has changed. True: acting in the past has begun another future, as `text` says. */
bool control_future(Control *control, const Session *session, Short *text);
/* While playing: commands the next step. `busy`: see world_busy(). False: there is nothing to play, and playing has
 * ended. */
bool control_play(Control *control, bool busy);

#endif
