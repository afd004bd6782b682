#include "paint_record.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../repl/view/paint_device.h"

typedef struct Frame {
    double a, b, c, d, e, f; /* x' = a x + c y + e, y' = b x + d y + f */
    Rect clip;
} Frame;

typedef struct Record {
    const Paint *measure;
    Frame frame[PAINT_DEPTH + 1];
    size_t depth;
    Rect panel;
    int layer;
    size_t path; /* its first point */
    Point *points;
    size_t point_count, point_room;
    Drawn *drawn;
    size_t drawn_count, drawn_room;
} Record;

static const Rect everywhere = {-1e6, -1e6, 2e6, 2e6};

static void *grown(void *items, size_t count, size_t *room, size_t size) {
    if (count < *room) return items;
    *room = *room ? 2 * *room : 1024;
    void *more = realloc(items, *room * size);
    if (!more) abort();
    return more;
}

/* ---- State ---- */

static void record_free(void *self) {
    Record *record = self;
    free(record->points);
    free(record->drawn);
    free(record);
}

static void record_begin(void *self) {
    Record *record = self;
    record->depth = 0;
    record->frame[0] = (Frame){.a = 1, .d = 1, .clip = everywhere};
    record->panel = everywhere;
    record->layer = 0;
    record->path = record->point_count = record->drawn_count = 0;
}

static Frame *frame(Record *record) { return &record->frame[record->depth]; }

static void record_save(void *self) {
    Record *record = self;
    record->frame[record->depth + 1] = record->frame[record->depth];
    record->depth++;
}

static void record_restore(void *self) { ((Record *)self)->depth--; }

static void concat(void *self, double a, double b, double c, double d, double e, double f) {
    Frame *at = frame(self), was = *at;
    at->a = was.a * a + was.c * b;
    at->b = was.b * a + was.d * b;
    at->c = was.a * c + was.c * d;
    at->d = was.b * c + was.d * d;
    at->e = was.a * e + was.c * f + was.e;
    at->f = was.b * e + was.d * f + was.f;
}

static void record_translate(void *self, double dx, double dy) { concat(self, 1, 0, 0, 1, dx, dy); }
static void record_scale(void *self, double sx, double sy) { concat(self, sx, 0, 0, sy, 0, 0); }

static void record_rotate(void *self, double angle) {
    concat(self, cos(angle), sin(angle), -sin(angle), cos(angle), 0, 0);
}

static Point placed(Record *record, double x, double y) {
    const Frame *at = frame(record);
    return (Point){at->a * x + at->c * y + at->e, at->b * x + at->d * y + at->f};
}

static double scale_of(Record *record) { return hypot(frame(record)->a, frame(record)->b); }

static Rect placed_rect(Record *record, Rect rect) {
    assert(fabs(frame(record)->b) < 1e-9 && fabs(frame(record)->c) < 1e-9); /* clips and panels are not turned */
    Point from = placed(record, rect.x, rect.y), to = placed(record, rect.x + rect.w, rect.y + rect.h);
    return (Rect){from.x, from.y, to.x - from.x, to.y - from.y};
}

static void record_clip(void *self, Rect rect) {
    Record *record = self;
    Rect was = frame(record)->clip, more = placed_rect(record, rect);
    double x0 = fmax(was.x, more.x), y0 = fmax(was.y, more.y);
    double x1 = fmin(was.x + was.w, more.x + more.w), y1 = fmin(was.y + was.h, more.y + more.h);
    frame(record)->clip = (Rect){x0, y0, fmax(x1 - x0, 0), fmax(y1 - y0, 0)};
}

static void record_panel(void *self, Rect rect) { ((Record *)self)->panel = placed_rect(self, rect); }
static void record_layer(void *self, int layer) { ((Record *)self)->layer = layer; }

/* ---- Paths ---- */

static void record_line(void *self, double x, double y) {
    Record *record = self;
    record->points = grown(record->points, record->point_count, &record->point_room, sizeof *record->points);
    record->points[record->point_count++] = placed(record, x, y);
}

static void record_curve(void *self, double x1, double y1, double x2, double y2, double x, double y) {
    record_line(self, x1, y1); /* the box around its points is the box around the curve, or a larger one */
    record_line(self, x2, y2);
    record_line(self, x, y);
}

static void record_arc(void *self, double x, double y, double radius, double from, double to, bool joined) {
    enum { PIECES = 16 };
    (void)joined;
    for (int i = 0; i <= PIECES; i++) {
        double angle = from + (to - from) * i / PIECES;
        record_line(self, x + radius * cos(angle), y + radius * sin(angle));
    }
}

static void record_close(void *self) { (void)self; }

static void record_rect(void *self, Rect rect) {
    record_line(self, rect.x, rect.y);
    record_line(self, rect.x + rect.w, rect.y);
    record_line(self, rect.x + rect.w, rect.y + rect.h);
    record_line(self, rect.x, rect.y + rect.h);
}

/* ---- What is drawn ---- */

static Drawn *add(Record *record, DrawnKind kind, Colour colour) {
    record->drawn = grown(record->drawn, record->drawn_count, &record->drawn_room, sizeof *record->drawn);
    Drawn *drawn = &record->drawn[record->drawn_count++];
    memset(drawn, 0, sizeof *drawn); /* records are compared as bytes */
    drawn->kind = kind;
    drawn->clip = frame(record)->clip;
    drawn->panel = record->panel;
    drawn->layer = record->layer;
    drawn->alpha = colour.alpha;
    const double parts[3] = {colour.r, colour.g, colour.b};
    for (int i = 0; i < 3; i++) drawn->rgb = drawn->rgb << 8 | (uint32_t)lround(parts[i] * 255);
    return drawn;
}

static void add_path(Record *record, DrawnKind kind, Colour colour, Pen pen) {
    size_t first = record->path;
    record->path = record->point_count;
    if (first == record->point_count) return;
    Drawn *drawn = add(record, kind, colour);
    drawn->first = first;
    drawn->points = record->point_count - first;
    drawn->width = pen.width * scale_of(record);
    drawn->dash = pen.on * scale_of(record);
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9, half = drawn->width / 2;
    for (size_t i = first; i < record->point_count; i++) {
        x0 = fmin(x0, record->points[i].x - half);
        y0 = fmin(y0, record->points[i].y - half);
        x1 = fmax(x1, record->points[i].x + half);
        y1 = fmax(y1, record->points[i].y + half);
    }
    const Point corners[4] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
    memcpy(drawn->corner, corners, sizeof corners);
}

static void record_fill(void *self, Colour colour) { add_path(self, DRAWN_FILL, colour, (Pen){0}); }
static void record_stroke(void *self, Colour colour, Pen pen) { add_path(self, DRAWN_STROKE, colour, pen); }

static void add_text(Record *record, DrawnKind kind, Colour colour, double size, Rect box, bool shortened,
                     const char *text) {
    Drawn *drawn = add(record, kind, colour);
    drawn->shortened = shortened;
    drawn->size = size * scale_of(record);
    for (int i = 0; i < 4; i++)
        drawn->corner[i] = placed(record, box.x + (i == 1 || i == 2 ? box.w : 0), box.y + (i >= 2 ? box.h : 0));
    strncpy(drawn->text, text, sizeof drawn->text - 1);
}

/* ---- Text ---- */

/* In parts of the font's size, about those of Inter and JetBrains Mono; what is not ASCII is as wide as it is high. */
static double letter_width(Face face, unsigned char c) {
    bool bold = face == FACE_BOLD || face == FACE_MONO_BOLD;
    if (c >= 0xe0) return 1;
    if (face == FACE_MONO || face == FACE_MONO_BOLD) return 0.6;
    double width = strchr("il.,:;'|!", c) ? 0.28 : strchr("mwMW%@", c) ? 0.9 : c >= 'A' && c <= 'Z' ? 0.68 : 0.57;
    if (c == ' ' || c == 'f' || c == 't' || c == 'r' || c == 'j' || c == 'I') width = 0.35;
    return bold ? width * 1.04 : width;
}

static double record_text_width(void *self, Font font, const char *text) {
    const Record *record = self;
    void *other = NULL;
    if (record->measure) {
        const PaintDevice *device = paint_device(record->measure, &other);
        return device->text_width(other, font, text);
    }
    double width = 0;
    for (; *text; text++)
        if (((unsigned char)*text & 0xc0) != 0x80) width += letter_width(font.face, (unsigned char)*text) * font.size;
    return width;
}

/* The box is the capital letters' height and a little: what must not touch, not the line's full leading. */
static void record_text(void *self, Font font, Colour colour, double x, double y, double room, const char *text) {
    double width = room > 0 ? room : record_text_width(self, font, text);
    Rect box = {x, y - font.size * 0.74, width, font.size * 0.92};
    add_text(self, DRAWN_TEXT, colour, font.size, box, room > 0, text);
}

static Block lay_out(void *self, Font font, Rect rect, Align align, const char *text) {
    Record *record = self;
    void *other = NULL;
    if (record->measure) {
        const PaintDevice *device = paint_device(record->measure, &other);
        return device->paragraph(other, font, NULL, rect, align, text);
    }
    /* Lines break at words, so each may stay one word short. */
    double whole = record_text_width(self, font, text), line = font.size * 1.25;
    double lines = whole <= rect.w ? 1 : ceil(whole / fmax(rect.w - 4 * font.size, 1));
    bool shortened = lines * line > rect.h + 1;
    if (shortened) lines = fmax(floor(rect.h / line), 1);
    double width = fmin(whole, rect.w), left = align == ALIGN_LEFT ? 0 : rect.w - width;
    return (Block){align == ALIGN_CENTER ? left / 2 : left, width, lines * line, shortened};
}

static Block record_paragraph(void *self, Font font, const Colour *colour, Rect rect, Align align, const char *text) {
    Block block = lay_out(self, font, rect, align, text);
    Rect box = {rect.x + block.left, rect.y, block.width, block.height};
    if (colour) add_text(self, DRAWN_PARAGRAPH, *colour, font.size, box, block.shortened, text);
    return block;
}

/* ---- For the tests ---- */

static const PaintDevice device = {
    .free = record_free,
    .begin = record_begin,
    .save = record_save,
    .restore = record_restore,
    .translate = record_translate,
    .scale = record_scale,
    .rotate = record_rotate,
    .clip = record_clip,
    .move = record_line,
    .line = record_line,
    .curve = record_curve,
    .arc = record_arc,
    .close = record_close,
    .rect = record_rect,
    .fill = record_fill,
    .stroke = record_stroke,
    .text_width = record_text_width,
    .text = record_text,
    .paragraph = record_paragraph,
    .panel = record_panel,
    .layer = record_layer,
};

Paint *record_new(const Paint *measure) {
    Record *record = calloc(1, sizeof *record);
    if (!record) return NULL;
    record->measure = measure;
    return paint_new(&device, record);
}

static const Record *record_of(const Paint *paint) {
    void *self;
    const PaintDevice *of = paint_device(paint, &self);
    assert(of == &device);
    return self;
}

const Drawn *record_drawn(const Paint *paint, size_t *count) {
    *count = record_of(paint)->drawn_count;
    return record_of(paint)->drawn;
}

const Point *record_point(const Paint *paint, size_t index) {
    assert(index < record_of(paint)->point_count);
    return &record_of(paint)->points[index];
}

size_t record_depth(const Paint *paint) { return record_of(paint)->depth; }
