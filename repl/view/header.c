/* header.c - the selected packet's TCP header, bit by bit, as in RFC 9293 3.1. */
#include "view.h"

#include <string.h>

typedef struct Grid {
    double x, y, bit, row;
} Grid;

static void draw_field(const View *view, const Grid *grid, int line, int first, int bits, const char *name,
                       const char *value, Ink ink) {
    Paint *paint = view->paint;
    Rect cell = {grid->x + grid->bit * first, grid->y + grid->row * line, grid->bit * bits, grid->row};
    paint_fill(paint, rect_inset(cell, 0.75, 0.75), INK_RAISED, 1);
    Style small = {FACE_TEXT, 11, INK_DIM, 1}, bold = {FACE_MONO_BOLD, 12, ink, 1};
    double width = *value ? paint_width(paint, bold, value) : 0, room = cell.w - 16 - width;
    paint_text_in(paint, bold, (Rect){cell.x + 7, cell.y, cell.w - 14, cell.h}, *name ? ALIGN_RIGHT : ALIGN_CENTER,
                  value);
    if (*name && paint_width(paint, small, name) < room)
        paint_text_in(paint, small, (Rect){cell.x + 7, cell.y, room, cell.h}, ALIGN_LEFT, name);
}

/* Of the flags from the left, CWR first. */
static const char *flag_name(int index) { return field_info((FieldId)(FIELD_TCP_CWR + index))->name; }

static void draw_flags(const View *view, const Grid *grid, int line, int first, uint8_t flags) {
    Paint *paint = view->paint;
    double size = 10.5;
    for (int i = 0; i < 8; i++)
        size = paint_fitting(paint, (Style){FACE_BOLD, size, INK_ON, 1}, grid->bit - 3, flag_name(i)).size;
    for (int i = 0; i < 8; i++) {
        uint8_t bit = (uint8_t)(128u >> i);
        bool set = flags & bit;
        Rect cell = {grid->x + grid->bit * (first + i), grid->y + grid->row * line, grid->bit, grid->row};
        paint_fill(paint, rect_inset(cell, 0.75, 0.75), set ? flags_ink(bit, 0) : INK_RAISED, 1);
        Style style = {set ? FACE_BOLD : FACE_TEXT, size, set ? INK_ON : INK_DIM, 1};
        paint_text_in(paint, style, cell, ALIGN_CENTER, flag_name(i));
    }
}

static void options_words(const Options *options, const char *none, Short *text) {
    Short mss = {""}, scale = {""}, stamps = {""}, blocks = {""};
    if (options->mss) short_format(&mss, "MSS %u  ", (unsigned)options->mss);
    if (options->wscale != OPTION_NO_WSCALE) short_format(&scale, "WS %u  ", (unsigned)options->wscale);
    if (options->timestamps)
        short_format(&stamps, "TS %lu/%lu  ", (unsigned long)options->ts_value, (unsigned long)options->ts_echo);
    if (options->sack_count) short_format(&blocks, "SACK×%u", (unsigned)options->sack_count);
    short_format(text, "%.30s%.20s%s%.40s%.16s", mss.s, scale.s, options->sack_permitted ? "SACK ok  " : "", stamps.s,
                 blocks.s);
    for (size_t end = strlen(text->s); end && text->s[end - 1] == ' '; end--) text->s[end - 1] = 0;
    if (!*text->s) short_format(text, "%s", none);
}

static void data_words(const Segment *segment, const char *none, Short *text) {
    size_t length = segment->data_length, at = 0;
    if (!length) {
        short_format(text, "%s", none);
        return;
    }
    text->s[at++] = '"';
    for (size_t i = 0; i < length && at < 40; i++) {
        unsigned char byte = segment->data[i];
        text->s[at++] = byte >= 32 && byte < 127 ? (char)byte : '.';
    }
    text->s[at++] = '"';
    text->s[at] = 0;
}

static const Flight *chosen(const Scene *scene, const StageLook *look) {
    if (look->selected.id) {
        size_t index = story_flight(&scene->story, look->selected);
        if (index != SIZE_MAX && flight_seen(scene, &scene->story.flights[index])) return &scene->story.flights[index];
    }
    size_t begun = story_begun(&scene->story, scene->at.step);
    return begun ? &scene->story.flights[begun - 1] : NULL;
}

/* The datagram as it is at the playhead: it may have been corrupted on its way. */
static const uint8_t *datagram(const View *view, const Flight *flight, uint32_t *length) {
    FlightView fate;
    if (!flight_fate(view->scene, flight, &fate)) return NULL;
    return trace_bytes(session_trace(view->session), fate.content, length);
}

static void draw_title(const View *view, Rect rect, const Flight *flight, const Segment *segment, uint32_t length,
                       bool right) {
    Paint *paint = view->paint;
    Language language = view->look->language;
    char flags[FLAGS_TEXT], src[ENDPOINT_TEXT], dst[ENDPOINT_TEXT];
    Short text, bytes;
    double x = rect.x + 14, y = rect.y + 19;
    short_format(&text, "#%u  %s", flight->packet.id, flags_text(segment->flags, flags));
    x += paint_text(paint, (Style){FACE_BOLD, 13.5, flags_ink(segment->flags, segment->data_length), 1}, x, y,
                    ALIGN_LEFT, 0, text.s) +
         16;
    short_format(&text, "%s  →  %s", endpoint_text(segment->src, src), endpoint_text(segment->dst, dst));
    x += paint_text(paint, (Style){FACE_MONO, 11.5, INK_TEXT, 1}, x, y, ALIGN_LEFT, 0, text.s) + 16;
    short_format(&text, "%s · %s %s", word_format(&bytes, language, WORD_BYTES, length), word(language, WORD_CHECKSUM),
                 word(language, right ? WORD_CHECKSUM_RIGHT : WORD_CHECKSUM_WRONG));
    Style style = {FACE_TEXT, 11.5, right ? INK_DIM : INK_RED, 1};
    if (paint_width(paint, style, text.s) < rect.x + rect.w - 14 - x)
        paint_text(paint, style, rect.x + rect.w - 14, y, ALIGN_RIGHT, 0, text.s);
}

static void draw_grid(const View *view, Rect rect, const Segment *segment, const uint8_t *bytes, uint32_t length) {
    Grid grid = {rect.x, rect.y, rect.w / 32, rect.h / 6};
    Language language = view->look->language;
    Short text;
    draw_field(view, &grid, 0, 0, 16, word(language, WORD_SOURCE_PORT),
               short_format(&text, "%u", (unsigned)segment->src.port), INK_TEXT);
    draw_field(view, &grid, 0, 16, 16, word(language, WORD_DESTINATION_PORT),
               short_format(&text, "%u", (unsigned)segment->dst.port), INK_TEXT);
    draw_field(view, &grid, 1, 0, 32, word(language, WORD_SEQUENCE_NUMBER),
               short_format(&text, "%lu", (unsigned long)segment->seq.value), INK_TEXT);
    bool ack = segment->flags & FLAG_ACK;
    draw_field(view, &grid, 2, 0, 32, word(language, WORD_ACK_NUMBER),
               short_format(&text, "%lu", (unsigned long)segment->ack.value), ack ? INK_TEXT : INK_DIM);
    unsigned offset = field_value(bytes, length, FIELD_TCP_OFFSET),
             sum = field_value(bytes, length, FIELD_TCP_CHECKSUM);
    draw_field(view, &grid, 3, 0, 4, word(language, WORD_OFFSET), short_format(&text, "%u", offset), INK_TEXT);
    draw_field(view, &grid, 3, 4, 4, word(language, WORD_RESERVED),
               short_format(&text, "%u", (unsigned)field_value(bytes, length, FIELD_TCP_RESERVED)), INK_DIM);
    draw_flags(view, &grid, 3, 8, segment->flags);
    draw_field(view, &grid, 3, 16, 16, word(language, WORD_WINDOW),
               short_format(&text, "%u", (unsigned)segment->window), INK_TEXT);
    draw_field(view, &grid, 4, 0, 16, word(language, WORD_CHECKSUM), short_format(&text, "0x%04x", sum), INK_TEXT);
    draw_field(view, &grid, 4, 16, 16, word(language, WORD_URGENT),
               short_format(&text, "%u", (unsigned)segment->urgent), INK_DIM);
    options_words(&segment->options, word(language, WORD_NONE), &text);
    draw_field(view, &grid, 5, 0, 16, word(language, WORD_OPTIONS), text.s, INK_TEXT);
    data_words(segment, word(language, WORD_NONE), &text);
    draw_field(view, &grid, 5, 16, 16, word(language, WORD_DATA), text.s, segment->data_length ? INK_GREEN : INK_TEXT);
}

void draw_header(const View *view, Rect rect) {
    const Flight *flight = chosen(view->scene, view->look);
    uint32_t length = 0;
    const uint8_t *bytes = flight ? datagram(view, flight, &length) : NULL;
    bool segments = bytes && !flight->icmp_type;
    Rect inside = view_panel(view, rect, segments ? "" : view_word(view, WORD_PACKET));
    if (!segments) {
        const char *text = bytes ? icmp_text(flight->icmp_type, flight->icmp_code) : view_word(view, WORD_NO_PACKET);
        paint_text_in(view->paint, (Style){FACE_TEXT, 12, INK_DIM, 1}, inside, ALIGN_CENTER, text);
        return;
    }
    Segment segment;
    memset(&segment, 0, sizeof segment);
    segment.options = OPTIONS_NONE;
    DecodeResult result = segment_decode(bytes, length, &segment);
    draw_title(view, rect, flight, &segment, length, result == DECODE_OK);
    draw_grid(view, inside, &segment, bytes, length);
}
