/* display.h - the connection to the display, which may break or fall silent at any moment.
 *
 * Xlib ends the program where the connection breaks, and waits for ever where the server does not answer. So each call
 * that may talk to the display goes through display_try(), which comes back in both cases. What the libraries held then
 * (their locks, half a request) is never touched again: from there on every try fails at once.
 *
 * Apart from stage.c, because the headers of X11 define names that are ours.
 */
#ifndef TWOMSL_DISPLAY_H
#define TWOMSL_DISPLAY_H

#include <SDL.h>
#include <stdbool.h>

typedef enum DisplayHealth {
    DISPLAY_ANSWERS,
    DISPLAY_GONE,  /* the connection broke */
    DISPLAY_SILENT /* a call took longer than is reasonable */
} DisplayHealth;
/* A frame may be four megabytes: once the window is open, a display beyond a network has more time. */
enum { DISPLAY_PATIENCE_MS = 3000, DISPLAY_FAR_PATIENCE_MS = 15000 };

/* Calls function(argument), which may use SDL and must not allocate or lock anything of ours: it may be left in the
 * middle. False: it was, or an earlier one; nothing of SDL's video may be called any more. */
bool display_try(void (*function)(void *argument), void *argument);
DisplayHealth display_health(void);
/* SDL found that the connection broke (Wayland). */
void display_is_gone(void);

/* The descriptor of the connection to the display, for poll(); -1: the driver has none. Sets how long calls may take
 * from here on. */
int display_fd(SDL_Window *window);

#endif
