/* paint.c - what all devices have in common: the palettes, the state, and figures made of paths. */
#include "paint_device.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const uint32_t palette[2][INK_COUNT] = {
    [THEME_DARK] =
        {
            [INK_BACK] = 0x101418,
            [INK_PANEL] = 0x161b21,
            [INK_RAISED] = 0x222a33,
            [INK_LINE] = 0x323c47,
            [INK_TEXT] = 0xeef2f6,
            [INK_DIM] = 0xa9b4c0,
            [INK_FAINT] = 0x6f7c8a,
            [INK_ACCENT] = 0x56b4e9,
            [INK_GREY] = 0x9aa6b2,
            [INK_SKY] = 0x56b4e9,
            [INK_ORANGE] = 0xe69f00,
            [INK_GREEN] = 0x1fb58a,
            [INK_PURPLE] = 0xcc79a7,
            [INK_RED] = 0xee7733,
            [INK_YELLOW] = 0xf0e442,
            [INK_ON] = 0x101418,
            [INK_PAST] = 0x2a2412,
        },
    [THEME_LIGHT] =
        {
            [INK_BACK] = 0xeef1f4,
            [INK_PANEL] = 0xffffff,
            [INK_RAISED] = 0xe7ebef,
            [INK_LINE] = 0xc4ccd4,
            [INK_TEXT] = 0x12161a,
            [INK_DIM] = 0x4a5662,
            [INK_FAINT] = 0x7d8a97,
            [INK_ACCENT] = 0x0063a0,
            [INK_GREY] = 0x5a6672,
            [INK_SKY] = 0x0069a6,
            [INK_ORANGE] = 0x8f5f00,
            [INK_GREEN] = 0x00734f,
            [INK_PURPLE] = 0x9a3d74,
            [INK_RED] = 0xb64300,
            [INK_YELLOW] = 0x736800,
            [INK_ON] = 0xffffff,
            [INK_PAST] = 0xf4e7c0,
        },
};

/* What paint_save() keeps besides the device's own state. */
typedef struct PaintState {
    double opacity;
    double on, off; /* dash */
    bool round_ends;
} PaintState;

struct Paint {
    const PaintDevice *device;
    void *self;
    Theme theme;
    bool past;
    PaintState state[PAINT_DEPTH + 1];
    size_t depth;
};

Rect rect_inset(Rect rect, double dx, double dy) {
    return (Rect){rect.x + dx, rect.y + dy, rect.w - 2 * dx, rect.h - 2 * dy};
}

bool rect_has(Rect rect, double x, double y) {
    return x >= rect.x && y >= rect.y && x < rect.x + rect.w && y < rect.y + rect.h;
}

uint32_t ink_rgb(Theme theme, Ink ink) { return palette[theme][ink]; }

static double channel(uint32_t rgb, int shift) { return (double)((rgb >> shift) & 255u) / 255.0; }

static double luminance(uint32_t rgb) {
    double sum = 0;
    static const double weight[3] = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
        double c = channel(rgb, 16 - 8 * i);
        sum += weight[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

double ink_contrast(uint32_t one, uint32_t two) {
    double a = luminance(one), b = luminance(two);
    return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

/* ---- Pictures and state ---- */

Paint *paint_new(const PaintDevice *device, void *self) {
    Paint *paint = calloc(1, sizeof *paint);
    if (!paint) {
        device->free(self);
        return NULL;
    }
    paint->device = device;
    paint->self = self;
    paint->state[0].opacity = 1;
    return paint;
}

void paint_free(Paint *paint) {
    if (!paint) return;
    paint->device->free(paint->self);
    free(paint);
}

const PaintDevice *paint_device(const Paint *paint, void **self) {
    *self = paint->self;
    return paint->device;
}

void paint_begin(Paint *paint, Theme theme) {
    paint->theme = theme;
    paint->past = false;
    paint->depth = 0;
    paint->state[0] = (PaintState){.opacity = 1};
    paint->device->begin(paint->self);
}

void paint_past(Paint *paint, bool past) { paint->past = past; }

void paint_panel(Paint *paint, Rect rect) {
    if (paint->device->panel) paint->device->panel(paint->self, rect);
}

void paint_layer(Paint *paint, int layer) {
    if (paint->device->layer) paint->device->layer(paint->self, layer);
}

static PaintState *state(Paint *paint) { return &paint->state[paint->depth]; }

void paint_save(Paint *paint) {
    assert(paint->depth < PAINT_DEPTH);
    paint->state[paint->depth + 1] = paint->state[paint->depth];
    paint->depth++;
    paint->device->save(paint->self);
}

void paint_restore(Paint *paint) {
    assert(paint->depth > 0);
    paint->depth--;
    paint->device->restore(paint->self);
}

void paint_translate(Paint *paint, double dx, double dy) { paint->device->translate(paint->self, dx, dy); }
void paint_scale(Paint *paint, double sx, double sy) { paint->device->scale(paint->self, sx, sy); }
void paint_rotate(Paint *paint, double angle) { paint->device->rotate(paint->self, angle); }
void paint_clip(Paint *paint, Rect rect) { paint->device->clip(paint->self, rect); }
void paint_opacity(Paint *paint, double opacity) { state(paint)->opacity *= opacity; }
void paint_round_ends(Paint *paint, bool round) { state(paint)->round_ends = round; }

void paint_dash(Paint *paint, double on, double off) {
    state(paint)->on = on;
    state(paint)->off = off;
}

static Colour colour_of(Paint *paint, Ink ink, double alpha) {
    const uint32_t *inks = palette[paint->theme];
    bool tinted = paint->past && (ink == INK_PANEL || ink == INK_RAISED || ink == INK_BACK);
    double c[3], amount = !tinted ? 0 : ink == INK_BACK ? 1 : 0.45;
    for (int i = 0; i < 3; i++) {
        int shift = 16 - 8 * i;
        c[i] = channel(inks[ink], shift) * (1 - amount) + channel(inks[INK_PAST], shift) * amount;
    }
    return (Colour){c[0], c[1], c[2], alpha * state(paint)->opacity};
}

/* ---- Paths ---- */

void path_move(Paint *paint, double x, double y) { paint->device->move(paint->self, x, y); }
void path_line(Paint *paint, double x, double y) { paint->device->line(paint->self, x, y); }
void path_close(Paint *paint) { paint->device->close(paint->self); }
void path_rect(Paint *paint, Rect rect) { paint->device->rect(paint->self, rect); }

void path_curve(Paint *paint, double x1, double y1, double x2, double y2, double x, double y) {
    paint->device->curve(paint->self, x1, y1, x2, y2, x, y);
}

void path_arc(Paint *paint, double x, double y, double radius, double from, double to) {
    paint->device->arc(paint->self, x, y, radius, from, to, false);
}

void path_round(Paint *paint, Rect r, double radius) {
    const PaintDevice *device = paint->device;
    double most = fmin(r.w, r.h) / 2;
    if (radius > most) radius = most;
    device->arc(paint->self, r.x + r.w - radius, r.y + radius, radius, -M_PI / 2, 0, false);
    device->arc(paint->self, r.x + r.w - radius, r.y + r.h - radius, radius, 0, M_PI / 2, true);
    device->arc(paint->self, r.x + radius, r.y + r.h - radius, radius, M_PI / 2, M_PI, true);
    device->arc(paint->self, r.x + radius, r.y + radius, radius, M_PI, 3 * M_PI / 2, true);
    device->close(paint->self);
}

void path_fill(Paint *paint, Ink ink, double alpha) { paint->device->fill(paint->self, colour_of(paint, ink, alpha)); }

void path_stroke(Paint *paint, Ink ink, double width, double alpha) {
    const PaintState *now = state(paint);
    paint->device->stroke(paint->self, colour_of(paint, ink, alpha), (Pen){width, now->on, now->off, now->round_ends});
}

/* ---- Figures ---- */

void paint_fill(Paint *paint, Rect rect, Ink ink, double alpha) {
    path_rect(paint, rect);
    path_fill(paint, ink, alpha);
}

void paint_box(Paint *paint, Rect rect, double radius, Ink ink, double alpha) {
    path_round(paint, rect, radius);
    path_fill(paint, ink, alpha);
}

void paint_frame(Paint *paint, Rect rect, double radius, Ink ink, double width, double alpha) {
    path_round(paint, rect_inset(rect, width / 2, width / 2), radius);
    path_stroke(paint, ink, width, alpha);
}

void paint_line(Paint *paint, double x0, double y0, double x1, double y1, Ink ink, double width, double alpha) {
    path_move(paint, x0, y0);
    path_line(paint, x1, y1);
    path_stroke(paint, ink, width, alpha);
}

void paint_disc(Paint *paint, double x, double y, double radius, Ink ink, double alpha) {
    path_arc(paint, x, y, radius, 0, 2 * M_PI);
    path_fill(paint, ink, alpha);
}

void paint_head(Paint *paint, double x, double y, double dx, double dy, double size, Ink ink, double alpha) {
    double length = hypot(dx, dy);
    if (length < 1e-6) return;
    dx /= length;
    dy /= length;
    path_move(paint, x, y);
    path_line(paint, x - size * dx - size * 0.45 * -dy, y - size * dy - size * 0.45 * dx);
    path_line(paint, x - size * dx + size * 0.45 * -dy, y - size * dy + size * 0.45 * dx);
    path_close(paint);
    path_fill(paint, ink, alpha);
}

void paint_cross(Paint *paint, double x, double y, double size, Ink ink, double alpha) {
    const PaintState *now = state(paint);
    path_move(paint, x - size, y - size);
    path_line(paint, x + size, y + size);
    path_move(paint, x + size, y - size);
    path_line(paint, x - size, y + size);
    Pen pen = {size * 0.42, now->on, now->off, true};
    paint->device->stroke(paint->self, colour_of(paint, ink, alpha), pen);
}

/* ---- Text ---- */

static Font font_of(Style style) { return (Font){style.face, style.size}; }
static Colour style_colour(Paint *paint, Style style) {
    return colour_of(paint, style.ink, style.alpha > 0 ? style.alpha : 1);
}

double paint_width(Paint *paint, Style style, const char *text) {
    return paint->device->text_width(paint->self, font_of(style), text);
}

Style paint_fitting(Paint *paint, Style style, double room, const char *text) {
    while (style.size > 4 && paint_width(paint, style, text) > room) style.size -= 0.5;
    return style;
}

double paint_text(Paint *paint, Style style, double x, double y, Align align, double room, const char *text) {
    if (!*text) return 0;
    double whole = paint_width(paint, style, text);
    bool shortened = room > 0 && whole > room + 0.5;
    double width = shortened ? room : whole;
    if (align == ALIGN_CENTER) x -= width / 2;
    if (align == ALIGN_RIGHT) x -= width;
    paint->device->text(paint->self, font_of(style), style_colour(paint, style), x, y, shortened ? room : 0, text);
    return width;
}

double paint_text_in(Paint *paint, Style style, Rect rect, Align align, const char *text) {
    double x = rect.x;
    if (align == ALIGN_CENTER) x += rect.w / 2;
    if (align == ALIGN_RIGHT) x += rect.w;
    return paint_text(paint, style, x, rect.y + rect.h / 2 + style.size * 0.355, align, rect.w, text);
}

double paint_paragraph(Paint *paint, Style style, Rect rect, Align align, const char *text) {
    if (!*text) return 0;
    Colour colour = style_colour(paint, style);
    return paint->device->paragraph(paint->self, font_of(style), &colour, rect, align, text).height;
}

double paragraph_height(Paint *paint, Style style, double width, const char *text) {
    Rect rect = {0, 0, width, 1e6};
    return paint->device->paragraph(paint->self, font_of(style), NULL, rect, ALIGN_LEFT, text).height;
}
