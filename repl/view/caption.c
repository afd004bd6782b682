/* caption.c - one or two sentences on top: the lesson's text, else the rule that the last step followed. */
#include "view.h"

static double draw_badge(const View *view, Rect rect) {
    if (!view->scene->ahead) return 0;
    Short text;
    Language language = view->look->language;
    if (view->scene->ahead == 1) short_format(&text, "%s", word(language, WORD_PAST_ONE));
    else word_format(&text, language, WORD_PAST, view->scene->ahead);
    if (rect.w < 640) short_format(&text, "−%u", view->scene->ahead); /* where there is little room */
    Style bold = {FACE_BOLD, 13.5, INK_ON, 1}, small = {FACE_TEXT, 11.5, INK_ON, 1};
    double width = paint_width(view->paint, bold, text.s),
           below = rect.w < 640 ? 0 : paint_width(view->paint, small, view_word(view, WORD_PAST_ACT));
    if (below > width) width = below;
    Rect box = {rect.x + rect.w - width - 44, rect.y + 5, width + 28, rect.h - 10};
    paint_box(view->paint, box, 6, INK_YELLOW, 1);
    paint_text(view->paint, bold, box.x + 14, box.y + (below > 0 ? 17 : 27), ALIGN_LEFT, 0, text.s);
    if (below > 0)
        paint_text(view->paint, small, box.x + 14, box.y + 33, ALIGN_LEFT, 0, view_word(view, WORD_PAST_ACT));
    view_hit(view, box, ACT_LAST, 0, PACKET_NONE);
    return box.w + 34;
}

/* The virtual time, large, so that it is seen from afar. Returns the width it takes. */
static double draw_clock(const View *view, Rect rect) {
    Short text;
    Style large = {FACE_MONO, 30, INK_TEXT, 1}, unit = {FACE_TEXT, 14, INK_DIM, 1};
    short_moment(&text, view->scene->time);
    large = paint_fitting(view->paint, large, rect.w * 0.16, text.s);
    double seconds = paint_width(view->paint, unit, "s"), right = rect.x + rect.w - 16;
    paint_text(view->paint, unit, right, rect.y + rect.h / 2 + 11, ALIGN_RIGHT, 0, "s");
    double width = paint_text(view->paint, large, right - seconds - 8, rect.y + rect.h / 2 + 11, ALIGN_RIGHT, 0,
                              text.s);
    return width + seconds + 8 + 16;
}

void draw_caption(const View *view, Rect rect) {
    Paint *paint = view->paint;
    paint_panel(paint, rect);
    paint_box(paint, rect, 8, INK_PANEL, 1);
    const StageLook *look = view->look;
    bool titled = look->title && *look->title, narrow = rect.w < 760;
    Style title = {FACE_BOLD, 17, titled ? INK_TEXT : INK_DIM, 1};
    const char *name = narrow ? "" : titled ? look->title : "twomsl";
    double room = rect.w * 0.3,
           width = paint_text_in(paint, title, (Rect){rect.x + 16, rect.y, room, rect.h}, ALIGN_LEFT, name);
    double x = narrow ? rect.x - 8 : rect.x + 16 + width + 22, clock = draw_clock(view, rect);
    double right = clock + draw_badge(view, (Rect){rect.x, rect.y, rect.w - clock, rect.h});
    if (!narrow) paint_line(paint, x, rect.y + 14, x, rect.y + rect.h - 14, INK_LINE, 1, 1);
    Rect body = {x + 22, rect.y, rect.x + rect.w - right - x - 38, rect.h};
    bool said = look->caption && *look->caption;
    const Event why = trace_at(session_trace(view->session), view->scene->why);
    const RuleInfo *rule = why.index != EVENT_NONE ? rule_info(why.rule) : NULL;
    const char *text = said ? look->caption : rule ? rule->sentence : view_word(view, WORD_MOTTO);
    const char *section = !said && rule && !narrow ? rule->section : "";
    Style style = {FACE_TEXT, 15, said || rule ? INK_TEXT : INK_DIM, 1}, small = {FACE_TEXT, 12, INK_ACCENT, 1};
    double aside = *section ? paint_width(paint, small, section) + 18 : 0;
    double most = rect.h - 6, height = paragraph_height(paint, style, body.w - aside, text);
    while (height > most && style.size > 10) {
        style.size -= 1;
        height = paragraph_height(paint, style, body.w - aside, text);
    }
    if (height > most) height = most;
    paint_paragraph(paint, style, (Rect){body.x, rect.y + (rect.h - height) / 2, body.w - aside, most}, ALIGN_LEFT,
                    text);
    if (*section) paint_text_in(paint, small, body, ALIGN_RIGHT, section);
    if (!said && rule) view_hit(view, body, ACT_WHY, 0, PACKET_NONE);
}
