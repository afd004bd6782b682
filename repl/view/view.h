/* view.h - the picture: each view draws one panel of a Scene through paint.h. Views know nothing of SDL or
 * cairo; the same code draws windows, SVG, PDF and PNG.
 *
 * While drawing, views note what can be pressed and where (hits): what is drawn is what can be pressed.
 */
#ifndef TWOMSL_VIEW_H
#define TWOMSL_VIEW_H

#include <math.h>

#include "../text/settings.h"
#include "paint.h"
#include "scene.h"
#include "words.h"

/* Panels that can be hidden, in the order of settings.def. */
enum { PANEL_DIAGRAM = 1, PANEL_NUMBERS = 2, PANEL_TIMERS = 4, PANEL_SEQUENCE = 8, PANEL_HEADER = 16, PANEL_ALL = 31 };

/* What a press on a part of the picture asks for. */
typedef enum Action {
    ACT_NONE,
    ACT_STEP,  /* to the next instant */
    ACT_INPUT, /* one step */
    ACT_BACK,
    ACT_FIRST,
    ACT_LAST,
    ACT_FORWARD,
    ACT_PLAY,
    ACT_SLOWER,
    ACT_FASTER,
    ACT_SEEK,   /* to the step in Hit.value */
    ACT_PACKET, /* selects Hit.packet; Hit.value: 1 where it is in flight */
    ACT_WELCOME,
    ACT_WHY,
    ACT_DELIVER,
    ACT_DROP,
    ACT_DUP,
    ACT_HOLD,
    ACT_CORRUPT,
    ACT_DELAY,
    ACT_SHOW,
    ACT_DIAGRAM, /* the state diagram of host[Hit.value - 1], large, over the picture; or no more */
    ACT_HELP,
    ACT_CLOSE /* the panel that explains */
} Action;

typedef struct Hit {
    Rect rect; /* logical pixels */
    Action action;
    uint32_t value;
    PacketId packet;
} Hit;

/* What can be pressed; where several lie over each other, the last is on top. More than HITS are left out. */
enum { HITS = 1024 };
typedef struct Hits {
    Hit hit[HITS];
    size_t count;
    Rect line; /* the time line; w 0: not shown */
} Hits;

/* What belongs to the person who looks, not to the session. */
typedef struct StageLook {
    Theme theme;
    Language language;
    double scale;                /* device pixels per logical pixel; 0: as large as fits */
    unsigned panels;             /* those shown: PANEL_... */
    bool bare;                   /* without buttons and time line: for slides */
    bool present;                /* for a lecture: the ladder, two states, caption, clock and what comes next, large */
    const char *title, *caption; /* NULL or "": the caption is the rule that the last step followed */
    PacketId selected;           /* PACKET_NONE: none */
    bool absolute;               /* sequence numbers as on the wire, not counted from each stream's beginning */
    double scroll;               /* the ladder's, logical pixels from its top; NAN: follows the playhead */
    double speed;                /* 1: normal */
    bool playing;                /* steps follow each other by themselves */
    bool fullscreen;             /* the window fills the screen */
    bool waits;                  /* a lesson waits for the person */
    uint32_t diagram;            /* 1, 2: the state diagram of host[diagram - 1] lies large over the picture; 0: none */
    bool why;                    /* the panel that explains the selected packet, or the last step */
    double stretch, line_from;   /* the time line: so many times as wide; where what is shown of it begins, in units */
    bool help, menu;             /* what lies over the picture; menu: of the selected packet, at menu_x, menu_y */
    double menu_x, menu_y;
    bool dragging; /* the selected packet's arrival, by drag_y logical pixels down (later) or up */
    double drag_y;
    double pointer_x, pointer_y; /* logical pixels; negative: not over the window */
    const char *toast;           /* a short message over the picture; NULL */
} StageLook;
#define STAGE_LOOK \
    ((StageLook){.panels = PANEL_ALL, .scroll = NAN, .speed = 1, .stretch = 1, .pointer_x = -1, .pointer_y = -1})

/* What a person has set, by name. */
double look_get(const StageLook *look, StageSetting setting);
void look_set(StageLook *look, StageSetting setting, double value);

typedef enum LayoutForm {
    LAYOUT_FULL,   /* the hosts beside the ladder, with all that is known of them */
    LAYOUT_STRIPS, /* above it, name and state only: for narrow windows */
    LAYOUT_LECTURE /* beside it, name and state only */
} LayoutForm;

/* Where the panels are: logical pixels. w 0: not shown. */
typedef struct Layout {
    LayoutForm form;
    double scale, width, height; /* device pixels are `scale` times the logical size width x height */
    Rect caption, left, right, ladder, sequence, header, timeline;
} Layout;
/* Of a picture of width x height device pixels. What has no room at this scale is folded; a scale at which even the
 * rest would be cut off is reduced. */
Layout layout_of(int width, int height, const StageLook *look);

/* What a view draws from, and on. Views change nothing but `paint` and `hits`. */
typedef struct View {
    Paint *paint;
    const Scene *scene;
    const Session *session;
    const StageLook *look;
    Layout layout;
    Hits *hits; /* NULL: nobody presses */
} View;

/* ---- What views have in common ---- */

/* Notes that a press on `rect` asks for the action. */
void view_hit(const View *view, Rect rect, Action action, uint32_t value, PacketId packet);
/* The pointer is over `rect`. */
bool view_hovers(const View *view, Rect rect);
/* A word in the person's language. */
const char *view_word(const View *view, Word which);
/* The colour of a state, the same wherever the state is shown. */
Ink state_ink(State state);
/* The colour of a segment with these flags and so many bytes of data. */
Ink flags_ink(uint8_t flags, uint32_t data_length);
/* Draws an empty panel with its title, small and dim (NULL: none); returns the room inside. */
Rect view_panel(const View *view, Rect rect, const char *title);

/* ---- The views: each draws its part of the scene into a rectangle of logical pixels ---- */

/* The lesson's title, the caption, the mark of the past. */
void draw_caption(const View *view, Rect rect);
/* One host: name, state, and the three views below. */
void draw_host(const View *view, Rect rect, const HostScene *host);
/* One host where there is little room: its name and state, and what that means. */
void draw_strip(const View *view, Rect rect, const HostScene *host);
/* The same for a lecture: large, in a column. */
void draw_column(const View *view, Rect rect, const HostScene *host);
/* The state diagram: the state it is in, the way that led there, the last transition. At 600x700 and larger its arrows
 * are labelled. */
void draw_diagram(const View *view, Rect rect, const HostScene *host);
/* The same of the host that look->diagram says, as large as the window allows, over the picture. */
void draw_large_diagram(const View *view);
/* The variables of the TCB; those that the last step changed stand out. */
void draw_numbers(const View *view, Rect rect, const HostScene *host);
/* The running timers that fire first, as rings that shrink, with the seconds left. */
void draw_timers(const View *view, Rect rect, const HostScene *host);
/* Time, hosts and packets. */
void draw_ladder(const View *view, Rect rect);
/* The sequence space of both directions. */
void draw_sequence(const View *view, Rect rect);
/* The header of the selected packet, or of the last one sent. */
void draw_header(const View *view, Rect rect);
/* Buttons, what happens next, and the time line with every event. */
void draw_timeline(const View *view, Rect rect);
/* Where what is shown of a widened time line begins, so that the playhead is in it: units, for StageLook.line_from. */
double timeline_follow(const Scene *scene, const StageLook *look);
/* Widens the time line by a factor; what is at `x` of `line` stays there. */
void timeline_stretch(const Scene *scene, StageLook *look, Rect line, double x, double factor);
/* Why the selected packet was sent, or the last step happened: what why() says, over the lower half. */
void draw_why(const View *view);
/* What to type into an empty lab, over the ladder. */
void draw_welcome(const View *view, Rect rect);
/* The tip of the time line, the menu, the help, short messages: on top of all. */
void draw_overlays(const View *view);

/* The ladder's scroll (logical pixels) at which the playhead and what is on its way are in sight; `height` is that of
 * the ladder's panel. */
double ladder_follow(const Scene *scene, double height);
/* Where a state's node stands in a diagram drawn into `rect`. */
Rect diagram_node(Rect rect, State state);
/* Where a packet is on a ladder drawn into `rect` and scrolled by `scroll`: logical pixels. */
void ladder_packet(const Scene *scene, Rect rect, double scroll, const Flight *flight, double *x, double *y);

/* A timer's name, as short as it stands beside its ring: "TIME_WAIT". */
const char *timer_words(TimerKind timer);
/* The colour of a timer, the same wherever it is shown. */
Ink timer_ink(TimerKind timer);
/* How many seconds later the selected packet arrives where it is dragged to; 0: that cannot be said. */
double drag_seconds(const Scene *scene, const StageLook *look);

/* ---- The whole picture ---- */

/* Draws it as large as width x height device pixels, from paint_begin() on. `hits` (may be NULL) is made anew. */
void draw_stage(Paint *paint, int width, int height, const StageLook *look, const Session *session, const Scene *scene,
                Hits *hits);
/* The same for a caller who has a session and no scene: pictures for slides and tests. False: no memory. */
bool draw_session(Paint *paint, int width, int height, const StageLook *look, const Session *session, Playhead at);

#endif
