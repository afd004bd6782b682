#include "display.h"

#include <SDL_syswm.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- Calls that come back ---- */

enum { TICK_MS = 250 };

static volatile sig_atomic_t health = DISPLAY_ANSWERS;
static volatile sig_atomic_t ticks_left; /* 0: no call is running */
static sigjmp_buf way_out;
static int patience_ms = DISPLAY_PATIENCE_MS;

static void leave(DisplayHealth why) {
    ticks_left = 0;
    health = why;
    siglongjmp(way_out, 1);
}

/* Ticks are counted, not one deadline set: after Ctrl-Z and fg, all the time in between is one tick. A call that takes
 * so long waits in poll(), from where a handler may jump. */
static void on_tick(int number) {
    (void)number;
    if (ticks_left > 0 && --ticks_left == 0) leave(DISPLAY_SILENT);
}

/* Called by Xlib, which ends the program if this returns. */
static int on_broken(void *display) {
    (void)display;
    if (ticks_left > 0) leave(DISPLAY_GONE);
    return 0;
}

/* SDL loads libX11 at run time, so the handler is set in the one that it will find; without X11, there is none. */
static void catch_broken(void) {
    const char *x = getenv("DISPLAY");
    void *library = x && *x ? SDL_LoadObject("libX11.so.6") : NULL, *function;
    if (!library || !(function = SDL_LoadFunction(library, "XSetIOErrorHandler"))) return;
    int (*(*set_handler)(int (*)(void *)))(void *) = NULL;
    memcpy(&set_handler, &function, sizeof set_handler);
    set_handler(on_broken);
}

/* A timer that signals this thread, not one of SDL's. */
static bool make_timer(timer_t *timer) {
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGVTALRM};
    sigemptyset(&action.sa_mask);
    event._sigev_un._tid = gettid();
    return sigaction(SIGVTALRM, &action, NULL) == 0 && timer_create(CLOCK_MONOTONIC, &event, timer) == 0;
}

static void set_timer(int ms) {
    static timer_t timer;
    static bool tried, made;
    if (!tried) {
        tried = true;
        catch_broken();
        made = make_timer(&timer);
    }
    const struct timespec every = {.tv_nsec = ms * 1000000L};
    if (made) timer_settime(timer, 0, &(struct itimerspec){every, every}, NULL);
}

bool display_try(void (*function)(void *argument), void *argument) {
    if (health != DISPLAY_ANSWERS) return false;
    set_timer(TICK_MS);
    if (sigsetjmp(way_out, 1) == 0) {
        ticks_left = patience_ms / TICK_MS;
        function(argument);
        ticks_left = 0;
    }
    set_timer(0);
    return health == DISPLAY_ANSWERS;
}

DisplayHealth display_health(void) { return (DisplayHealth)health; }
void display_is_gone(void) { health = DISPLAY_GONE; }

/* ---- What SDL does not tell ---- */

static int connection(SDL_Window *window) {
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

int display_fd(SDL_Window *window) {
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof peer;
    int fd = connection(window);
    bool far = fd >= 0 && getpeername(fd, (struct sockaddr *)&peer, &length) == 0 && peer.ss_family != AF_UNIX;
    patience_ms = far ? DISPLAY_FAR_PATIENCE_MS : DISPLAY_PATIENCE_MS;
    return fd;
}
