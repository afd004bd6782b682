/* view.h - the picture: each view draws one panel of a Scene through paint.h. Views know nothing of SDL or
 * cairo; the same code draws windows, SVG, PDF and PNG.
 *
 * While drawing, views note what can be pressed and where (hits): what is drawn is what can be pressed.
 */
#ifndef TWOMSL_VIEW_H
#define TWOMSL_VIEW_H

#include <math.h>

#include "paint.h"
#include "scene.h"
#include "words.h"

/* Panels that can be put away; the keys 1 to 5. */
enum { PANEL_DIAGRAM = 1, PANEL_NUMBERS = 2, PANEL_TIMERS = 4, PANEL_SEQUENCE = 8, PANEL_HEADER = 16, PANEL_ALL = 31 };

typedef enum Action {
    ACT_NONE,
    ACT_STEP,
    ACT_BACK,
    ACT_FIRST,
    ACT_LAST,
    ACT_FORWARD,
    ACT_PLAY,
    ACT_SLOWER,
    ACT_FASTER,
    ACT_SEEK,
    ACT_PACKET,
    ACT_WELCOME,
    ACT_WHY,
    ACT_DELIVER,
    ACT_DROP,
    ACT_DUP,
    ACT_HOLD,
    ACT_CORRUPT,
    ACT_DELAY,
    ACT_SHOW,
    ACT_HELP
} Action;

typedef struct Hit {
    Rect rect; /* logical pixels */
    Action action;
    uint32_t value; /* ACT_SEEK: the step */
    PacketId packet;
} Hit;

enum { HITS = 1024 };
typedef struct Hits {
    Hit hit[HITS];
    size_t count;
} Hits;

/* What belongs to the person looking, not to the session. */
typedef struct StageLook {
    Theme theme;
    Language language;
    double scale;                /* 0: as large as fits */
    unsigned panels;             /* PANEL_... */
    bool bare;                   /* without buttons and time line: for slides */
    const char *title, *caption; /* NULL or "": the picture explains itself */
    PacketId selected;
    double scroll; /* the ladder's; NAN: follows the playhead */
    double speed;
    bool playing, waits, help;
    bool menu;             /* of the selected packet */
    double menu_x, menu_y; /* logical */
    bool dragging;
    double drag_y;               /* logical: how far the arrival is dragged */
    double pointer_x, pointer_y; /* negative: not over the window */
    const char *toast;           /* a short message; NULL */
} StageLook;
#define STAGE_LOOK ((StageLook){.panels = PANEL_ALL, .scroll = NAN, .speed = 1, .pointer_x = -1, .pointer_y = -1})

typedef struct Layout {
    double scale, width, height; /* logical size is width x height; device pixels are `scale` times that */
    Rect caption, left, right, ladder, sequence, header, timeline; /* w 0: put away */
} Layout;
/* For a picture of so many device pixels. */
Layout layout_of(int width, int height, const StageLook *look);

typedef struct View {
    Paint *paint;
    const Scene *scene;
    const Session *session;
    const StageLook *look;
    Layout layout;
    Hits *hits; /* NULL: nobody presses */
} View;

void view_hit(const View *view, Rect rect, Action action, uint32_t value, PacketId packet);
bool view_hovers(const View *view, Rect rect);
const char *view_word(const View *view, Word which);
Ink state_ink(State state);
Ink flags_ink(uint8_t flags, uint32_t data_length);
/* A panel with its title, small and dim; returns what is left of it. */
Rect view_panel(const View *view, Rect rect, const char *title);

void draw_caption(const View *view, Rect rect);
void draw_host(const View *view, Rect rect, const HostScene *host);
void draw_diagram(const View *view, Rect rect, const HostScene *host);
void draw_numbers(const View *view, Rect rect, const HostScene *host);
void draw_timers(const View *view, Rect rect, const HostScene *host);
void draw_ladder(const View *view, Rect rect);
void draw_sequence(const View *view, Rect rect);
void draw_header(const View *view, Rect rect);
void draw_timeline(const View *view, Rect rect);
void draw_welcome(const View *view, Rect rect);
void draw_overlays(const View *view);

/* Where the ladder wants to be scrolled to; `height` is of its panel. */
double ladder_follow(const Scene *scene, double height);
/* Where a state's node stands in a diagram. */
Rect diagram_node(Rect rect, State state);
/* Where a packet is on the ladder (logical pixels), scrolled by `scroll`. */
void ladder_packet(const Scene *scene, Rect rect, double scroll, const Flight *flight, double *x, double *y);

/* "TIME_WAIT": a timer, as short as it stands under its arc. */
const char *timer_words(TimerKind timer);
/* How much later a packet arrives that is dragged down by so many logical pixels. */
double drag_seconds(double pixels);

/* The whole picture, `width` x `height` device pixels. `hits` may be NULL. */
void draw_stage(Paint *paint, int width, int height, const StageLook *look, const Session *session, const Scene *scene,
                Hits *hits);
/* The same for a caller who has a session and no scene: pictures for slides and tests. False: no memory. */
bool draw_session(Paint *paint, int width, int height, const StageLook *look, const Session *session, Playhead at);

#endif
