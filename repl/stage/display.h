/* display.h - the display's descriptor. Apart from the rest, because X11's header defines words that are ours. */
#ifndef TWOMSL_DISPLAY_H
#define TWOMSL_DISPLAY_H

#include <SDL.h>

/* For poll(): -1 where the driver has none. */
int display_fd(SDL_Window *window);

#endif
