/* display.h - the display's descriptor. Apart from the rest, because the headers of X11 define names that are ours. */
#ifndef TWOMSL_DISPLAY_H
#define TWOMSL_DISPLAY_H

#include <SDL.h>

/* The descriptor of the connection to the display, for poll(); -1: the driver has none. */
int display_fd(SDL_Window *window);

#endif
