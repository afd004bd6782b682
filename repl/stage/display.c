#include "display.h"

#include <SDL_syswm.h>
#include <string.h>

int display_fd(SDL_Window *window) {
    SDL_SysWMinfo info;
    SDL_VERSION(&info.version);
    if (!SDL_GetWindowWMInfo(window, &info)) return -1;
#if defined(SDL_VIDEO_DRIVER_X11)
    if (info.subsystem == SDL_SYSWM_X11) return ConnectionNumber(info.info.x11.display);
#endif
#if defined(SDL_VIDEO_DRIVER_WAYLAND)
    if (info.subsystem == SDL_SYSWM_WAYLAND) {
        void *library = SDL_LoadObject("libwayland-client.so.0"); /* SDL holds it already */
        if (!library) return -1;
        int (*get_fd)(struct wl_display *) = NULL;
        void *function = SDL_LoadFunction(library, "wl_display_get_fd");
        memcpy(&get_fd, &function, sizeof get_fd);
        return get_fd ? get_fd(info.info.wl.display) : -1;
    }
#endif
    return -1;
}
