#include "paint.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

/* The one place that names fonts. Pango takes the first that has the glyph, and anything at all where none is
 * installed. */
#define FONT_TEXT "Inter, WenQuanYi Micro Hei, Noto Sans CJK SC, DejaVu Sans, sans-serif"
#define FONT_MONO "JetBrains Mono, WenQuanYi Micro Hei Mono, Noto Sans Mono CJK SC, DejaVu Sans Mono, monospace"

enum { CACHE_SIZE = 2048, CACHE_FULL = 1536 };

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

typedef struct CacheEntry {
    uint64_t key;
    char *text;
    PangoLayout *layout;
    double width, baseline, height;
} CacheEntry;

struct Paint {
    cairo_t *cr;
    Theme theme;
    PangoContext *pango;
    CacheEntry cache[CACHE_SIZE];
    size_t cached;
    bool past;
    bool record;
    TextBox *boxes;
    size_t box_count, box_room;
    int layer;
    Rect panel;
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

/* ---- The brush ---- */

static void cache_clear(Paint *paint) {
    for (size_t i = 0; i < CACHE_SIZE; i++) {
        CacheEntry *entry = &paint->cache[i];
        if (!entry->layout) continue;
        g_object_unref(entry->layout);
        free(entry->text);
        *entry = (CacheEntry){0};
    }
    paint->cached = 0;
}

Paint *paint_new(void) {
    Paint *paint = calloc(1, sizeof *paint);
    if (!paint) return NULL;
    paint->pango = pango_font_map_create_context(pango_cairo_font_map_get_default());
    /* Without hinting a text is equally wide at every scale, and equal on every machine. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(paint->pango, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(paint->pango, 96);
    pango_context_set_round_glyph_positions(paint->pango, FALSE);
    return paint;
}

void paint_free(Paint *paint) {
    if (!paint) return;
    cache_clear(paint);
    g_object_unref(paint->pango);
    free(paint->boxes);
    free(paint);
}

void paint_begin(Paint *paint, cairo_t *cr, Theme theme) {
    paint->cr = cr;
    paint->theme = theme;
    paint->box_count = 0;
    paint->layer = 0;
    paint->past = false;
    paint->panel = (Rect){0, 0, 1e6, 1e6};
}

cairo_t *paint_cairo(const Paint *paint) { return paint->cr; }
Theme paint_theme(const Paint *paint) { return paint->theme; }
void paint_record(Paint *paint, bool record) { paint->record = record; }
void paint_layer(Paint *paint, int layer) { paint->layer = layer; }

size_t paint_boxes(const Paint *paint, const TextBox **boxes) {
    *boxes = paint->boxes;
    return paint->box_count;
}

void paint_panel(Paint *paint, Rect rect) {
    double x0 = rect.x, y0 = rect.y, x1 = rect.x + rect.w, y1 = rect.y + rect.h;
    cairo_user_to_device(paint->cr, &x0, &y0);
    cairo_user_to_device(paint->cr, &x1, &y1);
    paint->panel = (Rect){x0, y0, x1 - x0, y1 - y0};
}

static void source(Paint *paint, uint32_t from, uint32_t to, double amount, double alpha) {
    double c[3];
    for (int i = 0; i < 3; i++) c[i] = channel(from, 16 - 8 * i) * (1 - amount) + channel(to, 16 - 8 * i) * amount;
    cairo_set_source_rgba(paint->cr, c[0], c[1], c[2], alpha);
}

void paint_past(Paint *paint, bool past) { paint->past = past; }

void paint_ink(Paint *paint, Ink ink, double alpha) {
    const uint32_t *inks = palette[paint->theme];
    bool tinted = paint->past && (ink == INK_PANEL || ink == INK_RAISED || ink == INK_BACK);
    source(paint, inks[ink], inks[INK_PAST], tinted ? (ink == INK_BACK ? 1 : 0.45) : 0, alpha);
}

void paint_fill(Paint *paint, Rect rect, Ink ink, double alpha) {
    paint_ink(paint, ink, alpha);
    cairo_rectangle(paint->cr, rect.x, rect.y, rect.w, rect.h);
    cairo_fill(paint->cr);
}

void paint_round(Paint *paint, Rect r, double radius) {
    cairo_t *cr = paint->cr;
    double most = fmin(r.w, r.h) / 2;
    if (radius > most) radius = most;
    cairo_new_sub_path(cr);
    cairo_arc(cr, r.x + r.w - radius, r.y + radius, radius, -M_PI / 2, 0);
    cairo_arc(cr, r.x + r.w - radius, r.y + r.h - radius, radius, 0, M_PI / 2);
    cairo_arc(cr, r.x + radius, r.y + r.h - radius, radius, M_PI / 2, M_PI);
    cairo_arc(cr, r.x + radius, r.y + radius, radius, M_PI, 3 * M_PI / 2);
    cairo_close_path(cr);
}

void paint_box(Paint *paint, Rect rect, double radius, Ink fill, double alpha) {
    paint_ink(paint, fill, alpha);
    paint_round(paint, rect, radius);
    cairo_fill(paint->cr);
}

void paint_frame(Paint *paint, Rect rect, double radius, Ink ink, double width, double alpha) {
    paint_ink(paint, ink, alpha);
    cairo_set_line_width(paint->cr, width);
    paint_round(paint, rect_inset(rect, width / 2, width / 2), radius);
    cairo_stroke(paint->cr);
}

void paint_line(Paint *paint, double x0, double y0, double x1, double y1, Ink ink, double width, double alpha) {
    paint_ink(paint, ink, alpha);
    cairo_set_line_width(paint->cr, width);
    cairo_move_to(paint->cr, x0, y0);
    cairo_line_to(paint->cr, x1, y1);
    cairo_stroke(paint->cr);
}

void paint_head(Paint *paint, double x, double y, double dx, double dy, double size, Ink ink, double alpha) {
    double length = hypot(dx, dy);
    if (length < 1e-6) return;
    dx /= length;
    dy /= length;
    paint_ink(paint, ink, alpha);
    cairo_move_to(paint->cr, x, y);
    cairo_line_to(paint->cr, x - size * dx - size * 0.45 * -dy, y - size * dy - size * 0.45 * dx);
    cairo_line_to(paint->cr, x - size * dx + size * 0.45 * -dy, y - size * dy + size * 0.45 * dx);
    cairo_close_path(paint->cr);
    cairo_fill(paint->cr);
}

void paint_cross(Paint *paint, double x, double y, double size, Ink ink, double alpha) {
    paint_ink(paint, ink, alpha);
    cairo_save(paint->cr);
    cairo_set_line_width(paint->cr, size * 0.42);
    cairo_set_line_cap(paint->cr, CAIRO_LINE_CAP_ROUND);
    cairo_move_to(paint->cr, x - size, y - size);
    cairo_line_to(paint->cr, x + size, y + size);
    cairo_move_to(paint->cr, x + size, y - size);
    cairo_line_to(paint->cr, x - size, y + size);
    cairo_stroke(paint->cr);
    cairo_restore(paint->cr);
}

/* ---- Text ---- */

static PangoLayout *layout_new(Paint *paint, Style style, const char *text) {
    bool mono = style.face == FACE_MONO || style.face == FACE_MONO_BOLD;
    bool bold = style.face == FACE_BOLD || style.face == FACE_MONO_BOLD;
    PangoLayout *layout = pango_layout_new(paint->pango);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, mono ? FONT_MONO : FONT_TEXT);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    /* Digits of equal width: a countdown must not tremble. No ligatures in what is code. */
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_font_features_new(mono ? "calt=0, liga=0" : "tnum=1"));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

static uint64_t text_key(Style style, double room, const char *text) {
    uint64_t hash = UINT64_C(14695981039346656037);
    uint32_t parts[3] = {(uint32_t)style.face, (uint32_t)lround(style.size * 64), (uint32_t)lround(room * 4)};
    for (size_t i = 0; i < 3; i++) hash = (hash ^ parts[i]) * UINT64_C(1099511628211);
    for (const char *c = text; *c; c++) hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

/* The laid-out line, `room` wide at most (0: as wide as it is). Laying out is slow, and nearly every text is drawn
 * again in the next frame. */
static const CacheEntry *text_cached(Paint *paint, Style style, double room, const char *text) {
    if (paint->cached >= CACHE_FULL) cache_clear(paint);
    uint64_t key = text_key(style, room, text);
    size_t slot = (size_t)(key % CACHE_SIZE);
    while (paint->cache[slot].layout) {
        CacheEntry *entry = &paint->cache[slot];
        if (entry->key == key && strcmp(entry->text, text) == 0) return entry;
        slot = (slot + 1) % CACHE_SIZE;
    }
    CacheEntry *entry = &paint->cache[slot];
    entry->text = strdup(text);
    if (!entry->text) abort(); /* the same as everywhere in glib, which pango uses */
    entry->key = key;
    entry->layout = layout_new(paint, style, text);
    if (room > 0) {
        pango_layout_set_width(entry->layout, (int)(room * PANGO_SCALE));
        pango_layout_set_ellipsize(entry->layout, PANGO_ELLIPSIZE_END);
    }
    PangoRectangle logical;
    pango_layout_get_extents(entry->layout, NULL, &logical);
    entry->width = (double)logical.width / PANGO_SCALE;
    entry->height = (double)logical.height / PANGO_SCALE;
    entry->baseline = (double)pango_layout_get_baseline(entry->layout) / PANGO_SCALE;
    paint->cached++;
    return entry;
}

/* The box is the capital letters' height and a little: what must not touch, not the line's full leading. */
static void record_box(Paint *paint, Rect box, bool shortened, const char *text) {
    if (!paint->record || !*text) return;
    if (paint->box_count == paint->box_room) {
        size_t room = paint->box_room ? paint->box_room * 2 : 256;
        TextBox *boxes = realloc(paint->boxes, room * sizeof *boxes);
        if (!boxes) abort();
        paint->boxes = boxes;
        paint->box_room = room;
    }
    TextBox *entry = &paint->boxes[paint->box_count++];
    *entry = (TextBox){.layer = paint->layer, .panel = paint->panel, .shortened = shortened};
    for (int i = 0; i < 4; i++) {
        entry->x[i] = box.x + (i == 1 || i == 2 ? box.w : 0);
        entry->y[i] = box.y + (i >= 2 ? box.h : 0);
        cairo_user_to_device(paint->cr, &entry->x[i], &entry->y[i]);
    }
    strncpy(entry->text, text, sizeof entry->text - 1);
}

double paint_width(Paint *paint, Style style, const char *text) { return text_cached(paint, style, 0, text)->width; }

Style paint_fitting(Paint *paint, Style style, double room, const char *text) {
    while (style.size > 4 && paint_width(paint, style, text) > room) style.size -= 0.5;
    return style;
}

double paint_text(Paint *paint, Style style, double x, double y, Align align, double room, const char *text) {
    if (!*text) return 0;
    const CacheEntry *entry = text_cached(paint, style, 0, text);
    bool shortened = room > 0 && entry->width > room + 0.5;
    if (shortened) entry = text_cached(paint, style, room, text);
    double width = shortened ? room : entry->width;
    if (align == ALIGN_CENTER) x -= width / 2;
    if (align == ALIGN_RIGHT) x -= width;
    paint_ink(paint, style.ink, style.alpha > 0 ? style.alpha : 1);
    cairo_move_to(paint->cr, x, y - entry->baseline);
    pango_cairo_show_layout(paint->cr, entry->layout);
    record_box(paint, (Rect){x, y - style.size * 0.74, width, style.size * 0.92}, shortened, text);
    return width;
}

double paint_text_in(Paint *paint, Style style, Rect rect, Align align, const char *text) {
    double x = rect.x;
    if (align == ALIGN_CENTER) x += rect.w / 2;
    if (align == ALIGN_RIGHT) x += rect.w;
    return paint_text(paint, style, x, rect.y + rect.h / 2 + style.size * 0.355, align, rect.w, text);
}

static PangoLayout *paragraph(Paint *paint, Style style, double width, const char *text) {
    PangoLayout *layout = layout_new(paint, style, text);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout, 1.25f);
    return layout;
}

double paragraph_height(Paint *paint, Style style, double width, const char *text) {
    PangoLayout *layout = paragraph(paint, style, width, text);
    PangoRectangle logical;
    pango_layout_get_extents(layout, NULL, &logical);
    g_object_unref(layout);
    return (double)logical.height / PANGO_SCALE;
}

double paint_paragraph(Paint *paint, Style style, Rect rect, Align align, const char *text) {
    if (!*text) return 0;
    PangoLayout *layout = paragraph(paint, style, rect.w, text);
    PangoRectangle whole;
    pango_layout_get_extents(layout, NULL, &whole);
    if (whole.height > (int)(rect.h * PANGO_SCALE) + PANGO_SCALE) {
        pango_layout_set_height(layout, (int)(rect.h * PANGO_SCALE));
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    }
    if (align != ALIGN_LEFT)
        pango_layout_set_alignment(layout, align == ALIGN_CENTER ? PANGO_ALIGN_CENTER : PANGO_ALIGN_RIGHT);
    PangoRectangle logical;
    pango_layout_get_extents(layout, NULL, &logical);
    double height = (double)logical.height / PANGO_SCALE, width = (double)logical.width / PANGO_SCALE;
    double left = rect.x + (double)logical.x / PANGO_SCALE;
    paint_ink(paint, style.ink, style.alpha > 0 ? style.alpha : 1);
    cairo_move_to(paint->cr, rect.x, rect.y);
    pango_cairo_show_layout(paint->cr, layout);
    record_box(paint, (Rect){left, rect.y, width, height}, pango_layout_is_ellipsized(layout), text);
    g_object_unref(layout);
    return height;
}
