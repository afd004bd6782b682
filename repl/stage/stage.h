/* stage.h - the window: SDL, keys, mouse, and the pace at which the picture follows the session. Reads the session,
 * never changes it: whatever a person does here becomes a line of Lua that is run as if typed.
 *
 * The only room that includes SDL.
 */
#ifndef TWOMSL_STAGE_H
#define TWOMSL_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "../../engine/engine.h"
#include "../text/settings.h"

typedef struct Stage Stage;

typedef struct StageConfig {
    const Session *session; /* not owned */
    double scale;           /* device pixels per logical pixel; 0: as large as fits the window */
    double speed;           /* 1: normal; 0 or less: 1 */
    bool present;           /* the lecture layout */
    const char *theme;      /* "dark" (default), "light" */
    const char *language;   /* "en", "zh_CN", "zh_TW" */
    int width, height;      /* of the window; 0: 1280x800, or 2560x1600 where the display has room */
    /* Runs a line of Lua as if typed: step(), back(), wire[2]:drop() ... */
    void (*command)(void *self, const char *line);
    /* Prints a line of Lua as if typed: what it does has been done, stage.theme = "light" */
    void (*echo)(void *self, const char *line);
    /* The lesson that waits for the person goes on (stage_waits()). */
    void (*go_on)(void *self);
    void *self; /* of all */
} StageConfig;

/* Opens the window and draws the first picture. NULL: no display, or one that does not answer within three seconds, and
 * why in `error` (one line). */
Stage *stage_open(const StageConfig *config, char *error, size_t error_size);
/* NULL is allowed. */
void stage_close(Stage *stage);

/* For poll(): the display's descriptor, or -1 where the driver has none (then call stage_pump() every 16 ms). */
int stage_fd(const Stage *stage);
/* Milliseconds until stage_pump() is to be called though nothing came from the display; -1: no need. */
int stage_timeout(const Stage *stage);
/* Handles the window's events and draws a frame where one is due, at most one in 16 ms. False: the person closed the
 * window, or it is lost. Comes back from a display that does not answer: within about three seconds, or fifteen where
 * it is beyond a network. */
bool stage_pump(Stage *stage);
/* Why the window is lost, though nobody closed it: "the display has gone", "the display does not answer"; NULL: it is
 * not. */
const char *stage_lost(const Stage *stage);
/* The session has to wait: the picture has not caught up. False while the window is hidden, and for the steps that a
 * long run, which is shown faster and faster, may be ahead of it. */
bool stage_lags(Stage *stage);
/* Title of the lesson and the caption's text; NULL leaves what stands there, "" clears it. Both are copied. */
void stage_caption(Stage *stage, const char *title, const char *text);
/* What is set of the window, and setting it; the picture follows. */
double stage_setting(const Stage *stage, StageSetting setting);
void stage_set(Stage *stage, StageSetting setting, double value);
/* Whether a lesson waits for the person: then a step in the window is go_on(), and other commands are refused. */
void stage_waits(Stage *stage, bool waits);

#endif
