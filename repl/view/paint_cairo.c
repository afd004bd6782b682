/* paint_cairo.c - the device that draws through cairo and pango. */
#include "paint_cairo.h"

#include <assert.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#include "paint_device.h"

/* The one place that names fonts. Pango takes the first that has the glyph, and anything at all where none is
 * installed. */
#define FONT_TEXT "Inter, WenQuanYi Micro Hei, Noto Sans CJK SC, DejaVu Sans, sans-serif"
#define FONT_MONO "JetBrains Mono, WenQuanYi Micro Hei Mono, Noto Sans Mono CJK SC, DejaVu Sans Mono, monospace"

enum { CACHE_SIZE = 2048, CACHE_FULL = 1536 };

typedef struct CacheEntry {
    uint64_t key;
    char *text;
    PangoLayout *layout;
    double width, baseline;
} CacheEntry;

typedef struct Canvas {
    cairo_surface_t *surface; /* NULL: no target */
    cairo_t *cr;
    FILE *out; /* NULL: the target is somebody's pixels */
    PictureFormat format;
    const char *error;
    PangoContext *pango;
    CacheEntry cache[CACHE_SIZE];
    size_t cached;
} Canvas;

/* ---- Text that is laid out ---- */

static void cache_clear(Canvas *canvas) {
    for (size_t i = 0; i < CACHE_SIZE; i++) {
        CacheEntry *entry = &canvas->cache[i];
        if (!entry->layout) continue;
        g_object_unref(entry->layout);
        free(entry->text);
        *entry = (CacheEntry){0};
    }
    canvas->cached = 0;
}

static PangoContext *open_pango(void) {
    PangoContext *pango = pango_font_map_create_context(pango_cairo_font_map_get_default());
    /* Without hinting a text is equally wide at every scale, and equal on every machine. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(pango, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(pango, 96);
    pango_context_set_round_glyph_positions(pango, FALSE);
    return pango;
}

static PangoLayout *layout_new(Canvas *canvas, Font font, const char *text) {
    bool mono = font.face == FACE_MONO || font.face == FACE_MONO_BOLD;
    bool bold = font.face == FACE_BOLD || font.face == FACE_MONO_BOLD;
    PangoLayout *layout = pango_layout_new(canvas->pango);
    PangoFontDescription *description = pango_font_description_new();
    pango_font_description_set_family_static(description, mono ? FONT_MONO : FONT_TEXT);
    pango_font_description_set_weight(description, bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(description, font.size * PANGO_SCALE);
    pango_layout_set_font_description(layout, description);
    pango_font_description_free(description);
    /* Digits of equal width: a countdown must not tremble. No ligatures in what is code. */
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_font_features_new(mono ? "calt=0, liga=0" : "tnum=1"));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

static uint64_t text_key(Font font, double room, const char *text) {
    uint64_t hash = UINT64_C(14695981039346656037);
    uint32_t parts[3] = {(uint32_t)font.face, (uint32_t)lround(font.size * 64), (uint32_t)lround(room * 4)};
    for (size_t i = 0; i < 3; i++) hash = (hash ^ parts[i]) * UINT64_C(1099511628211);
    for (const char *c = text; *c; c++) hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

/* The line as it is laid out, at most `room` wide (0: as wide as it is). Laying out is slow, and nearly every text is
 * drawn again in the next picture. */
static const CacheEntry *text_cached(Canvas *canvas, Font font, double room, const char *text) {
    if (canvas->cached >= CACHE_FULL) cache_clear(canvas);
    uint64_t key = text_key(font, room, text);
    size_t slot = (size_t)(key % CACHE_SIZE);
    while (canvas->cache[slot].layout) {
        CacheEntry *entry = &canvas->cache[slot];
        if (entry->key == key && strcmp(entry->text, text) == 0) return entry;
        slot = (slot + 1) % CACHE_SIZE;
    }
    CacheEntry *entry = &canvas->cache[slot];
    entry->text = strdup(text);
    if (!entry->text) abort(); /* the same as everywhere in glib, which pango uses */
    entry->key = key;
    entry->layout = layout_new(canvas, font, text);
    if (room > 0) {
        pango_layout_set_width(entry->layout, (int)(room * PANGO_SCALE));
        pango_layout_set_ellipsize(entry->layout, PANGO_ELLIPSIZE_END);
    }
    PangoRectangle logical;
    pango_layout_get_extents(entry->layout, NULL, &logical);
    entry->width = (double)logical.width / PANGO_SCALE;
    entry->baseline = (double)pango_layout_get_baseline(entry->layout) / PANGO_SCALE;
    canvas->cached++;
    return entry;
}

/* ---- The device ---- */

/* The context to draw on: there is a target, or the caller has made a mistake. */
static cairo_t *context(void *self) {
    Canvas *canvas = self;
    assert(canvas->cr);
    return canvas->cr;
}

static void canvas_drop(Canvas *canvas) {
    if (canvas->cr) cairo_destroy(canvas->cr);
    if (canvas->surface) cairo_surface_destroy(canvas->surface);
    canvas->cr = NULL;
    canvas->surface = NULL;
    canvas->out = NULL;
}

static void canvas_free(void *self) {
    Canvas *canvas = self;
    canvas_drop(canvas);
    cache_clear(canvas);
    g_object_unref(canvas->pango);
    free(canvas);
}

/* A context of its own is the one state of cairo that is surely as it was at the beginning. */
static void canvas_begin(void *self) {
    Canvas *canvas = self;
    assert(canvas->surface);
    if (canvas->cr) cairo_destroy(canvas->cr);
    canvas->cr = cairo_create(canvas->surface);
}

static void canvas_save(void *self) { cairo_save(context(self)); }
static void canvas_restore(void *self) { cairo_restore(context(self)); }
static void canvas_translate(void *self, double dx, double dy) { cairo_translate(context(self), dx, dy); }
static void canvas_scale(void *self, double sx, double sy) { cairo_scale(context(self), sx, sy); }
static void canvas_rotate(void *self, double angle) { cairo_rotate(context(self), angle); }

static void canvas_clip(void *self, Rect rect) {
    cairo_t *cr = context(self);
    cairo_rectangle(cr, rect.x, rect.y, rect.w, rect.h);
    cairo_clip(cr);
}

static void canvas_move(void *self, double x, double y) { cairo_move_to(context(self), x, y); }
static void canvas_line(void *self, double x, double y) { cairo_line_to(context(self), x, y); }
static void canvas_close(void *self) { cairo_close_path(context(self)); }
static void canvas_rect(void *self, Rect rect) { cairo_rectangle(context(self), rect.x, rect.y, rect.w, rect.h); }

static void canvas_curve(void *self, double x1, double y1, double x2, double y2, double x, double y) {
    cairo_curve_to(context(self), x1, y1, x2, y2, x, y);
}

static void canvas_arc(void *self, double x, double y, double radius, double from, double to, bool joined) {
    cairo_t *cr = context(self);
    if (!joined) cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, radius, from, to);
}

static void set_colour(cairo_t *cr, Colour colour) {
    cairo_set_source_rgba(cr, colour.r, colour.g, colour.b, colour.alpha);
}

static void canvas_fill(void *self, Colour colour) {
    cairo_t *cr = context(self);
    set_colour(cr, colour);
    cairo_fill(cr);
}

static void canvas_stroke(void *self, Colour colour, Pen pen) {
    cairo_t *cr = context(self);
    const double dash[2] = {pen.on, pen.off};
    set_colour(cr, colour);
    cairo_set_line_width(cr, pen.width);
    cairo_set_line_cap(cr, pen.round ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
    cairo_set_dash(cr, dash, pen.on > 0 ? 2 : 0, 0);
    cairo_stroke(cr);
}

static double canvas_text_width(void *self, Font font, const char *text) {
    return text_cached(self, font, 0, text)->width;
}

static void canvas_text(void *self, Font font, Colour colour, double x, double y, double room, const char *text) {
    cairo_t *cr = context(self);
    const CacheEntry *entry = text_cached(self, font, room, text);
    set_colour(cr, colour);
    cairo_move_to(cr, x, y - entry->baseline);
    pango_cairo_show_layout(cr, entry->layout);
    cairo_new_path(cr);
}

static Block canvas_paragraph(void *self, Font font, const Colour *colour, Rect rect, Align align, const char *text) {
    static const PangoAlignment alignments[] = {
        [ALIGN_LEFT] = PANGO_ALIGN_LEFT, [ALIGN_CENTER] = PANGO_ALIGN_CENTER, [ALIGN_RIGHT] = PANGO_ALIGN_RIGHT};
    PangoLayout *layout = layout_new(self, font, text);
    pango_layout_set_width(layout, (int)(rect.w * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout, 1.25f);
    pango_layout_set_alignment(layout, alignments[align]);
    PangoRectangle logical;
    pango_layout_get_extents(layout, NULL, &logical);
    if (logical.height > (rect.h + 1) * PANGO_SCALE) {
        pango_layout_set_height(layout, (int)(rect.h * PANGO_SCALE));
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
        pango_layout_get_extents(layout, NULL, &logical);
    }
    if (colour) {
        cairo_t *cr = context(self);
        set_colour(cr, *colour);
        cairo_move_to(cr, rect.x, rect.y);
        pango_cairo_show_layout(cr, layout);
        cairo_new_path(cr);
    }
    Block block = {(double)logical.x / PANGO_SCALE, (double)logical.width / PANGO_SCALE,
                   (double)logical.height / PANGO_SCALE, pango_layout_is_ellipsized(layout)};
    g_object_unref(layout);
    return block;
}

static const PaintDevice device = {
    .free = canvas_free,
    .begin = canvas_begin,
    .save = canvas_save,
    .restore = canvas_restore,
    .translate = canvas_translate,
    .scale = canvas_scale,
    .rotate = canvas_rotate,
    .clip = canvas_clip,
    .move = canvas_move,
    .line = canvas_line,
    .curve = canvas_curve,
    .arc = canvas_arc,
    .close = canvas_close,
    .rect = canvas_rect,
    .fill = canvas_fill,
    .stroke = canvas_stroke,
    .text_width = canvas_text_width,
    .text = canvas_text,
    .paragraph = canvas_paragraph,
};

Paint *paint_cairo_new(void) {
    Canvas *canvas = calloc(1, sizeof *canvas);
    if (!canvas) return NULL;
    canvas->pango = open_pango();
    canvas->error = "";
    return paint_new(&device, canvas);
}

/* ---- Targets ---- */

static Canvas *canvas_of(const Paint *paint) {
    void *self;
    const PaintDevice *of = paint_device(paint, &self);
    assert(of == &device);
    return self;
}

static bool note(Canvas *canvas, cairo_status_t status) {
    canvas->error = status == CAIRO_STATUS_SUCCESS ? "" : cairo_status_to_string(status);
    return status == CAIRO_STATUS_SUCCESS;
}

static bool set_target(Canvas *canvas, cairo_surface_t *surface) {
    canvas->surface = surface;
    return note(canvas, cairo_surface_status(surface));
}

bool paint_cairo_pixels(Paint *paint, void *pixels, int width, int height, int stride) {
    Canvas *canvas = canvas_of(paint);
    canvas_drop(canvas);
    return set_target(canvas, cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24, width, height, stride));
}

static cairo_status_t write_out(void *closure, const unsigned char *bytes, unsigned int length) {
    return fwrite(bytes, 1, length, closure) == length ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_surface_t *output_surface(FILE *out, PictureFormat format, int width, int height) {
    switch (format) {
    case PICTURE_PNG: return cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    case PICTURE_PDF: return cairo_pdf_surface_create_for_stream(write_out, out, width, height);
    case PICTURE_SVG: break;
    }
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(write_out, out, width, height);
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    return surface;
}

bool paint_cairo_output(Paint *paint, FILE *out, PictureFormat format, int width, int height) {
    Canvas *canvas = canvas_of(paint);
    canvas_drop(canvas);
    canvas->out = out;
    canvas->format = format;
    return set_target(canvas, output_surface(out, format, width, height));
}

void paint_cairo_page(Paint *paint) {
    Canvas *canvas = canvas_of(paint);
    if (canvas->surface) cairo_surface_show_page(canvas->surface);
}

bool paint_cairo_finish(Paint *paint) {
    Canvas *canvas = canvas_of(paint);
    if (!canvas->surface) return false;
    cairo_status_t status = canvas->cr ? cairo_status(canvas->cr) : CAIRO_STATUS_SUCCESS;
    if (canvas->cr) cairo_destroy(canvas->cr);
    canvas->cr = NULL;
    if (status == CAIRO_STATUS_SUCCESS && canvas->out && canvas->format == PICTURE_PNG)
        status = cairo_surface_write_to_png_stream(canvas->surface, write_out, canvas->out);
    cairo_surface_finish(canvas->surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(canvas->surface);
    if (status == CAIRO_STATUS_SUCCESS && canvas->out && fflush(canvas->out) != 0) status = CAIRO_STATUS_WRITE_ERROR;
    canvas_drop(canvas);
    return note(canvas, status);
}

const char *paint_cairo_error(const Paint *paint) { return canvas_of(paint)->error; }
