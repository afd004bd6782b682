#include "stage.h"

#include <SDL.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../view/paint_cairo.h"
#include "control.h"
#include "display.h"
#include "film.h"

enum {
    FRAME_MS = 16,
    TOAST_MS = 4000,
    PLAY_PAUSE_MS = 260,
    REST_MS = 200,
    RUSH_STEPS = 6,
    TITLE_BYTES = 256,
    CAPTION_BYTES = 2048
};

struct Stage {
    const Session *session;
    int width, height; /* asked for; 0: what fits */
    SDL_Window *window;
    SDL_Surface *surface; /* the window's pixels, until it changes its size; see get_surface() */
    SDL_Cursor *hand, *arrow;
    bool hand_shown;
    uint32_t *pixels; /* where the window's own are not 0x00rrggbb words; NULL until then */
    int pixels_w, pixels_h;
    Paint *paint;
    Scene *scene;
    Film film;
    Hits hits;
    StageLook look;
    Control control;
    double scroll; /* the ladder's, logical pixels; follows the playhead smoothly */
    char title[TITLE_BYTES], caption[CAPTION_BYTES], toast[160];
    Uint32 skip_until, toast_until, drawn_at, still_since;
    double cost; /* milliseconds the last frame took */
    bool paced;  /* since then, a job has asked whether it must wait for the picture */
    bool lagged; /* the picture had not caught up in the last frame */
    bool dirty, moving, hidden, fullscreen;
    bool closing; /* the person closes the window; without that, SDL's quit means that the display is gone */
    uint32_t seen_epoch, seen_step, seen_events;
    int fd;
    double density; /* device pixels per window coordinate */
};

/* ---- The display ---- */

static bool fail(char *error, size_t size, const char *why) {
    snprintf(error, size, "%s", why && *why ? why : "no display");
    for (char *c = error; *c; c++)
        if (*c == '\n') *c = ' ';
    return false;
}

static const char *illness(void) {
    return display_health() == DISPLAY_GONE ? "the display has gone" : "the display does not answer";
}

static void init_video(void *failed) {
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) *(bool *)failed = true;
}

static bool open_video(char *error, size_t size) {
    if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY") && !getenv("SDL_VIDEODRIVER"))
        return fail(error, size, "no display: neither DISPLAY nor WAYLAND_DISPLAY is set");
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1"); /* the click that gives the window the focus counts */
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint("SDL_VIDEO_WAYLAND_WMCLASS", "twomsl");
    SDL_SetHint("SDL_VIDEO_X11_WMCLASS", "twomsl");
    SDL_SetMainReady();
    bool failed = false;
    if (!display_try(init_video, &failed)) return fail(error, size, illness());
    if (failed) return fail(error, size, SDL_GetError());
    const char *driver = SDL_GetCurrentVideoDriver();
    if (driver && strcmp(driver, "x11") == 0) SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    if (driver && strcmp(driver, "offscreen") == 0) {
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
        return fail(error, size, "no display");
    }
    return true;
}

static void fit_display(int *width, int *height) {
    SDL_Rect room;
    if (*width > 0 && *height > 0) return;
    *width = 1280;
    *height = 800;
    if (SDL_GetDisplayUsableBounds(0, &room) != 0) return;
    if (room.w >= 2560 && room.h >= 1600) { /* so many pixels: they are small */
        *width = 2560;
        *height = 1600;
    }
    if (*width > room.w) *width = room.w;
    if (*height > room.h) *height = room.h;
}

/* Gets stage->surface, where it gets everything. */
static void create_window(void *self) {
    Stage *stage = self;
    int width = stage->width, height = stage->height;
    fit_display(&width, &height);
    Uint32 flags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI;
    stage->window = SDL_CreateWindow("twomsl", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, width, height, flags);
    if (!stage->window) return;
    SDL_SetWindowMinimumSize(stage->window, 640, 400);
    stage->surface = SDL_GetWindowSurface(stage->window);
    if (!stage->surface) return;
    stage->arrow = SDL_CreateSystemCursor(SDL_SYSTEM_CURSOR_ARROW);
    stage->hand = SDL_CreateSystemCursor(SDL_SYSTEM_CURSOR_HAND);
    stage->fd = display_fd(stage->window);
    SDL_StopTextInput();
}

static bool open_window(Stage *stage, char *error, size_t size) {
    if (!display_try(create_window, stage)) return fail(error, size, illness());
    return stage->surface ? true : fail(error, size, SDL_GetError());
}

Stage *stage_open(const StageConfig *config, char *error, size_t error_size) {
    Stage *stage = calloc(1, sizeof *stage);
    if (!stage) {
        fail(error, error_size, "out of memory");
        return NULL;
    }
    stage->session = config->session;
    stage->width = config->width;
    stage->height = config->height;
    stage->fd = -1;
    stage->density = 1;
    stage->look = STAGE_LOOK;
    stage->look.scale = config->scale;
    stage->look.present = config->present;
    stage->look.speed = config->speed > 0 ? config->speed : 1;
    stage->look.language = language_of(config->language);
    stage->look.theme = config->theme && strcmp(config->theme, "light") == 0 ? THEME_LIGHT : THEME_DARK;
    stage->control.look = &stage->look;
    stage->control.hits = &stage->hits;
    stage->control.notice = WORD_COUNT;
    stage->control.command = config->command;
    stage->control.echo = config->echo;
    stage->control.go_on = config->go_on;
    stage->control.self = config->self;
    if (!open_video(error, error_size)) {
        free(stage);
        return NULL;
    }
    stage->paint = paint_cairo_new();
    stage->scene = scene_new();
    bool memory = stage->paint && stage->scene;
    if (!memory) fail(error, error_size, "out of memory");
    stage->control.scene = stage->scene;
    if (!memory || !open_window(stage, error, error_size)) {
        stage_close(stage);
        return NULL;
    }
    film_jump(&stage->film, stage->session);
    stage->dirty = true;
    stage_pump(stage);
    return stage;
}

static void destroy_window(void *self) {
    Stage *stage = self;
    if (stage->hand) SDL_FreeCursor(stage->hand);
    if (stage->arrow) SDL_FreeCursor(stage->arrow);
    if (stage->window) SDL_DestroyWindow(stage->window);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
}

void stage_close(Stage *stage) {
    if (!stage) return;
    display_try(destroy_window, stage); /* where the display is lost, what SDL holds stays behind */
    free(stage->pixels);
    paint_free(stage->paint);
    scene_free(stage->scene);
    free(stage);
}

int stage_fd(const Stage *stage) { return stage->fd; }

const char *stage_lost(const Stage *stage) {
    (void)stage; /* there is one display */
    return display_health() == DISPLAY_ANSWERS ? NULL : illness();
}

/* ---- A frame ---- */

static void draw_pixels(Stage *stage, void *pixels, int width, int height, int stride) {
    if (paint_cairo_pixels(stage->paint, pixels, width, height, stride))
        draw_stage(stage->paint, width, height, &stage->look, stage->session, stage->scene, &stage->hits);
    paint_cairo_finish(stage->paint);
}

/* Straight into the window's pixels where they are 0x00rrggbb words, as on every desktop; else into pixels of our own
 * that SDL converts. */
static bool pixels_fit(const SDL_Surface *surface) {
    const SDL_PixelFormat *format = surface->format;
    return format->BytesPerPixel == 4 && format->Rmask == 0xff0000 && format->Gmask == 0xff00 &&
           format->Bmask == 0xff && surface->pitch % 4 == 0;
}

static void draw_converted(Stage *stage, SDL_Surface *surface) {
    int width = surface->w, height = surface->h, stride = width * 4;
    if (!stage->pixels || stage->pixels_w != width || stage->pixels_h != height) {
        free(stage->pixels);
        stage->pixels = calloc((size_t)width * (size_t)height, sizeof *stage->pixels);
        stage->pixels_w = width;
        stage->pixels_h = height;
    }
    if (!stage->pixels) return;
    draw_pixels(stage, stage->pixels, width, height, stride);
    SDL_ConvertPixels(width, height, SDL_PIXELFORMAT_RGB888, stage->pixels, stride, surface->format->format,
                      surface->pixels, surface->pitch);
}

static void get_surface(void *self) {
    Stage *stage = self;
    stage->surface = SDL_GetWindowSurface(stage->window);
}

static void show_surface(void *self) { SDL_UpdateWindowSurface(((Stage *)self)->window); }

static void draw_frame(Stage *stage) {
    SDL_Surface *surface = display_try(get_surface, stage) ? stage->surface : NULL;
    if (!surface || surface->w < 1 || surface->h < 1) return;
    int window_w = surface->w;
    SDL_GetWindowSize(stage->window, &window_w, NULL);
    stage->density = window_w > 0 ? (double)surface->w / window_w : 1;
    if (SDL_MUSTLOCK(surface) && SDL_LockSurface(surface) != 0) return;
    if (pixels_fit(surface)) draw_pixels(stage, surface->pixels, surface->w, surface->h, surface->pitch);
    else draw_converted(stage, surface);
    if (SDL_MUSTLOCK(surface)) SDL_UnlockSurface(surface);
    display_try(show_surface, stage);
    stage->control.layout = layout_of(surface->w, surface->h, &stage->look);
}

/* What the window shows, without menus and messages, as a PNG file. */
static bool write_picture(Stage *stage, const char *path) {
    int width = stage->surface ? stage->surface->w : 1280, height = stage->surface ? stage->surface->h : 800;
    FILE *out = fopen(path, "wb");
    if (!out) return false;
    StageLook look = stage->look;
    look.toast = NULL;
    look.menu = look.help = false;
    bool drawn = paint_cairo_output(stage->paint, out, PICTURE_PNG, width, height);
    if (drawn) draw_stage(stage->paint, width, height, &look, stage->session, stage->scene, NULL);
    bool written = paint_cairo_finish(stage->paint);
    return fclose(out) == 0 && written;
}

static void say_toast(Stage *stage, const char *text) {
    snprintf(stage->toast, sizeof stage->toast, "%s", text);
    stage->look.toast = stage->toast;
    stage->toast_until = SDL_GetTicks() + TOAST_MS;
    stage->dirty = true;
}

static void take_picture(Stage *stage) {
    char path[32];
    for (int i = 1; i < 10000; i++) {
        snprintf(path, sizeof path, "twomsl-%d.png", i);
        if (access(path, F_OK) != 0) break;
    }
    bool written = write_picture(stage, path);
    Short text;
    say_toast(stage,
              word_format(&text, stage->look.language, written ? WORD_PICTURE_SAVED : WORD_PICTURE_FAILED, path));
}

/* ---- Events ---- */

static Key key_of(const SDL_Keysym *sym) {
    enum { ALONE, SHIFT, ALT };
    static const struct {
        SDL_Keycode code;
        int with; /* ALONE: Shift does not matter where no line says so */
        Key key;
    } keys[] = {
        {SDLK_SPACE, SHIFT, KEY_INPUT},
        {SDLK_SPACE, ALONE, KEY_STEP},
        {SDLK_PAGEDOWN, ALONE, KEY_STEP},
        {SDLK_BACKSPACE, ALONE, KEY_BACK},
        {SDLK_PAGEUP, ALONE, KEY_BACK},
        {SDLK_LEFT, ALONE, KEY_LEFT},
        {SDLK_RIGHT, ALONE, KEY_RIGHT},
        {SDLK_HOME, ALONE, KEY_HOME},
        {SDLK_END, ALONE, KEY_END},
        {SDLK_p, ALONE, KEY_PLAY},
        {SDLK_PLUS, ALONE, KEY_FASTER},
        {SDLK_EQUALS, ALONE, KEY_FASTER},
        {SDLK_KP_PLUS, ALONE, KEY_FASTER},
        {SDLK_MINUS, ALONE, KEY_SLOWER},
        {SDLK_KP_MINUS, ALONE, KEY_SLOWER},
        {SDLK_d, ALONE, KEY_DROP},
        {SDLK_u, ALONE, KEY_DUP},
        {SDLK_h, ALONE, KEY_HOLD},
        {SDLK_x, ALONE, KEY_CORRUPT},
        {SDLK_RETURN, ALONE, KEY_DELIVER},
        {SDLK_KP_ENTER, ALONE, KEY_DELIVER},
        {SDLK_TAB, SHIFT, KEY_PREVIOUS},
        {SDLK_TAB, ALONE, KEY_NEXT},
        {SDLK_1, ALT, KEY_PANEL_1},
        {SDLK_2, ALT, KEY_PANEL_2},
        {SDLK_3, ALT, KEY_PANEL_3},
        {SDLK_4, ALT, KEY_PANEL_4},
        {SDLK_5, ALT, KEY_PANEL_5},
        {SDLK_f, ALONE, KEY_FULLSCREEN},
        {SDLK_F11, ALONE, KEY_FULLSCREEN},
        {SDLK_t, ALONE, KEY_THEME},
        {SDLK_r, ALONE, KEY_RELATIVE},
        {SDLK_F5, ALONE, KEY_LECTURE},
        {SDLK_l, ALONE, KEY_LANGUAGE},
        {SDLK_QUESTION, ALONE, KEY_HELP},
        {SDLK_SLASH, ALONE, KEY_HELP},
        {SDLK_F1, ALONE, KEY_HELP},
        {SDLK_F8, ALONE, KEY_PICTURE},
        {SDLK_q, ALONE, KEY_QUIT},
        {SDLK_ESCAPE, ALONE, KEY_ESCAPE},
        {SDLK_w, ALONE, KEY_WHY},
        {SDLK_RIGHTBRACKET, ALONE, KEY_WIDER},
        {SDLK_LEFTBRACKET, ALONE, KEY_NARROWER},
    };
    if (sym->mod & (KMOD_CTRL | KMOD_GUI)) return KEY_NONE;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].code != sym->sym || (keys[i].with == ALT) != ((sym->mod & KMOD_ALT) != 0)) continue;
        if (keys[i].with != SHIFT || sym->mod & KMOD_SHIFT) return keys[i].key;
    }
    return KEY_NONE;
}

static double logical(const Stage *stage, int window) {
    return stage->control.layout.scale > 0 ? window * stage->density / stage->control.layout.scale : window;
}

static void on_window(Stage *stage, const SDL_WindowEvent *event) {
    switch (event->event) {
    case SDL_WINDOWEVENT_CLOSE: stage->control.quit = stage->closing = true; break;
    case SDL_WINDOWEVENT_SIZE_CHANGED: stage->surface = NULL; break;
    case SDL_WINDOWEVENT_MINIMIZED:
    case SDL_WINDOWEVENT_HIDDEN: stage->hidden = true; break;
    case SDL_WINDOWEVENT_RESTORED:
    case SDL_WINDOWEVENT_SHOWN:
    case SDL_WINDOWEVENT_MAXIMIZED: stage->hidden = false; break;
    case SDL_WINDOWEVENT_LEAVE: stage->look.pointer_x = stage->look.pointer_y = -1; break;
    default: break;
    }
    stage->dirty = true;
}

static void on_event(Stage *stage, const SDL_Event *event) {
    Control *control = &stage->control;
    switch (event->type) {
    case SDL_QUIT:
        control->quit = true;
        if (!stage->closing) display_is_gone();
        break;
    case SDL_WINDOWEVENT: on_window(stage, &event->window); break;
    case SDL_KEYDOWN: {
        Key key = key_of(&event->key.keysym);
        bool often = key == KEY_QUIT || key == KEY_FULLSCREEN || key == KEY_PICTURE || key == KEY_THEME ||
                     key == KEY_RELATIVE || key == KEY_LECTURE || key == KEY_HELP || key == KEY_PLAY;
        if (event->key.repeat && film_lags(&stage->film, stage->session))
            break; /* a repeated key waits until the picture has caught up */
        if (key != KEY_NONE && !(event->key.repeat && often)) control_key(control, key);
        break;
    }
    case SDL_MOUSEBUTTONDOWN: {
        double x = logical(stage, event->button.x), y = logical(stage, event->button.y);
        if (event->button.button == SDL_BUTTON_LEFT || event->button.button == SDL_BUTTON_RIGHT)
            control_press(control, x, y, event->button.button == SDL_BUTTON_RIGHT);
        break;
    }
    case SDL_MOUSEBUTTONUP:
        if (event->button.button == SDL_BUTTON_LEFT)
            control_release(control, logical(stage, event->button.x), logical(stage, event->button.y));
        break;
    case SDL_MOUSEMOTION:
        control_move(control, logical(stage, event->motion.x), logical(stage, event->motion.y));
        break;
    case SDL_MOUSEWHEEL:
        control_wheel(control, event->wheel.preciseY != 0 ? (double)event->wheel.preciseY : event->wheel.y);
        break;
    default: return;
    }
    stage->dirty = true;
}

static void set_cursor(void *cursor) { SDL_SetCursor(cursor); }

static void show_cursor(Stage *stage) {
    bool hand = false;
    for (size_t i = 0; !hand && i < stage->hits.count; i++)
        hand = rect_has(stage->hits.hit[i].rect, stage->look.pointer_x, stage->look.pointer_y);
    if (hand == stage->hand_shown) return;
    stage->hand_shown = hand;
    display_try(set_cursor, hand ? stage->hand : stage->arrow);
}

static void turn_fullscreen(void *self) {
    const Stage *stage = self;
    SDL_SetWindowFullscreen(stage->window, stage->look.fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
}

static void do_requests(Stage *stage) {
    Control *control = &stage->control;
    if (stage->fullscreen != stage->look.fullscreen) display_try(turn_fullscreen, stage);
    stage->fullscreen = stage->look.fullscreen;
    if (control->picture) take_picture(stage);
    control->picture = false;
    if (control->skip) stage->skip_until = SDL_GetTicks() + REST_MS;
    control->skip = false;
    if (control->notice != WORD_COUNT) say_toast(stage, word(stage->look.language, control->notice));
    control->notice = WORD_COUNT;
}

/* ---- Time ---- */

/* A packet that arrived or was lost before the last step is no longer selected. */
static void drop_selection(Stage *stage) {
    const Story *story = &stage->scene->story;
    size_t index = stage->look.selected.id ? story_flight(story, stage->look.selected) : SIZE_MAX;
    if (index == SIZE_MAX || story->flights[index].ended == STEP_NEVER) return;
    if (story->flights[index].ended + 1 < stage->seen_step) stage->look.selected = PACKET_NONE;
}

static void watch_session(Stage *stage) {
    uint32_t epoch = session_epoch(stage->session), step = session_step(stage->session),
             events = trace_count(session_trace(stage->session));
    if (epoch == stage->seen_epoch && step == stage->seen_step && events == stage->seen_events) return;
    stage->seen_epoch = epoch;
    stage->seen_step = step;
    stage->seen_events = events;
    scene_remember(stage->scene, stage->session);
    stage->look.scroll = NAN;
    stage->dirty = true;
    drop_selection(stage);
    Short text;
    if (control_future(&stage->control, stage->session, &text)) say_toast(stage, text.s);
}

/* Scrolls the ladder towards the playhead. True: it still moves. */
static bool glide(Stage *stage, double seconds) {
    double height = stage->control.layout.ladder.h;
    if (!isnan(stage->look.scroll)) { /* the person scrolls */
        stage->scroll = stage->look.scroll;
        return false;
    }
    double target = height > 0 ? ladder_follow(stage->scene, height) : 0, before = stage->scroll;
    stage->scroll += (target - stage->scroll) * (1 - exp(-seconds * 9));
    if (fabs(target - stage->scroll) < 0.4 || fabs(target - stage->scroll) > 3000) stage->scroll = target;
    return fabs(stage->scroll - before) > 1e-6;
}

/* The film is skipped, from the key End on until the session rests. */
static bool stage_skips(const Stage *stage) { return !SDL_TICKS_PASSED(SDL_GetTicks(), stage->skip_until); }

static void move_on(Stage *stage, double seconds) {
    story_update(&stage->scene->story, stage->session);
    bool lagged = film_lags(&stage->film, stage->session);
    bool rested = !stage->lagged && SDL_GetTicks() - stage->still_since > REST_MS;
    if (rested || stage->look.playing) film_rest(&stage->film);
    bool skips = stage_skips(stage);
    if (skips && lagged) stage->skip_until = SDL_GetTicks() + REST_MS;
    if (stage->hidden || skips) film_jump(&stage->film, stage->session);
    else film_move(&stage->film, stage->session, &stage->scene->story, seconds, stage->look.speed);
    scene_update(stage->scene, stage->session, stage->film.at);
    bool glides = glide(stage, seconds);
    bool lags = film_lags(&stage->film, stage->session);
    stage->moving = lags || glides;
    stage->lagged = lags;
    if (lagged && !lags) stage->still_since = SDL_GetTicks();
    if (lagged) stage->look.line_from = timeline_follow(stage->scene, &stage->look);
    if (lagged || glides) stage->dirty = true;
    if (stage->look.toast && SDL_TICKS_PASSED(SDL_GetTicks(), stage->toast_until)) {
        stage->look.toast = NULL;
        stage->dirty = true;
    }
    if (!stage->look.playing || lags) return;
    Uint32 pause = (Uint32)(PLAY_PAUSE_MS / stage->look.speed);
    if (SDL_GetTicks() - stage->still_since < pause) return;
    control_play(&stage->control, world_busy(session_world(stage->session)));
    stage->still_since = SDL_GetTicks();
    stage->dirty = true;
}

/* A script that makes steps without waiting for the picture keeps nine tenths of the time. */
static Uint32 frame_ms(const Stage *stage) {
    bool rushes = !stage->paced && session_step(stage->session) > stage->film.at.step + RUSH_STEPS;
    return rushes ? (Uint32)fmin(fmax(FRAME_MS, 9 * stage->cost), 500) : FRAME_MS;
}

static void pump(void *nothing) {
    (void)nothing;
    SDL_PumpEvents();
}

bool stage_pump(Stage *stage) {
    SDL_Event event;
    if (!display_try(pump, NULL)) return false;
    while (SDL_PeepEvents(&event, 1, SDL_GETEVENT, SDL_FIRSTEVENT, SDL_LASTEVENT) > 0) on_event(stage, &event);
    if (stage->control.quit) return false;
    do_requests(stage);
    watch_session(stage);
    Uint32 now = SDL_GetTicks();
    if (!stage->dirty && !stage->moving && !stage->look.playing && !stage->look.toast &&
        !film_lags(&stage->film, stage->session))
        return true;
    if (stage->drawn_at && now - stage->drawn_at < frame_ms(stage)) return true;
    /* After standing still, motion starts with the time of one frame, not with all the time since. */
    double seconds = stage->moving && stage->drawn_at ? fmin((now - stage->drawn_at) / 1000.0, 0.1) : FRAME_MS / 1000.0;
    Uint64 begin = SDL_GetPerformanceCounter();
    stage->drawn_at = now;
    stage->paced = false;
    move_on(stage, seconds);
    if (!stage->dirty || stage->hidden) return true;
    stage->dirty = false;
    double person = stage->look.scroll;
    stage->look.scroll = stage->scroll;
    draw_frame(stage);
    stage->look.scroll = person;
    show_cursor(stage);
    stage->cost = (double)(SDL_GetPerformanceCounter() - begin) * 1000 / (double)SDL_GetPerformanceFrequency();
    return display_health() == DISPLAY_ANSWERS;
}

int stage_timeout(const Stage *stage) {
    /* Drawing also reads from the display: an event that came meanwhile is in SDL's queue, where poll() does not see
     * it. */
    if (!display_try(pump, NULL) || SDL_HasEvents(SDL_FIRSTEVENT, SDL_LASTEVENT)) return 0;
    Uint32 now = SDL_GetTicks(), since = now - stage->drawn_at;
    bool moves = stage->moving || stage->dirty || film_lags(&stage->film, stage->session);
    if (stage->hidden && !film_lags(&stage->film, stage->session)) moves = false;
    Uint32 pause = frame_ms(stage);
    if (moves || stage->look.playing) return since >= pause ? 0 : (int)(pause - since);
    if (stage->look.toast) return SDL_TICKS_PASSED(now, stage->toast_until) ? 0 : (int)(stage->toast_until - now) + 1;
    return -1;
}

bool stage_lags(Stage *stage) {
    stage->paced = true;
    return !stage->hidden && !stage_skips(stage) && film_holds(&stage->film, stage->session);
}

/* ---- For the program ---- */

static void keep(char *place, size_t size, const char *text) {
    if (!text) return;
    snprintf(place, size, "%s", text);
}

void stage_caption(Stage *stage, const char *title, const char *text) {
    keep(stage->title, sizeof stage->title, title);
    keep(stage->caption, sizeof stage->caption, text);
    stage->look.title = stage->title;
    stage->look.caption = stage->caption;
    stage->dirty = true;
}

double stage_setting(const Stage *stage, StageSetting setting) { return look_get(&stage->look, setting); }

void stage_set(Stage *stage, StageSetting setting, double value) {
    look_set(&stage->look, setting, value);
    if (setting == SETTING_STRETCH) stage->look.line_from = timeline_follow(stage->scene, &stage->look);
    stage->dirty = true;
}

void stage_waits(Stage *stage, bool waits) {
    stage->look.waits = waits;
    stage->dirty = true;
}
