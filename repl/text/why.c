/* why.c - why an event happened: its rule in words, then its causes, back to the first. */
#include "text.h"

enum {
    WIDTH = 80,
    CHAIN_SHOWN = 16, /* causes that are printed; of a longer chain the middle is left out */
    CHAIN_LAST = 3    /* of those, the ones at the far end */
};

static void add_rule(Text *text, const Event *event, int indent) {
    const RuleInfo *rule = rule_info(event->rule);
    if (!rule->sentence[0]) return;
    Text paragraph = TEXT_EMPTY;
    text_add(&paragraph, "%s", rule->sentence);
    if (rule->section[0]) text_add(&paragraph, " (%s)", rule->section);
    text_add(text, "%*s", indent, "");
    text_wrap(text, text_string(&paragraph), indent, WIDTH);
    text_add(text, "\n");
    text_free(&paragraph);
}

static void add_link(Text *text, const World *world, const Event *event, int indent, const char *lead, RuleId said) {
    Text line = TEXT_EMPTY;
    text_event(&line, world, event);
    text_add(text, "%*s%s", indent, "", lead);
    text_wrap(text, text_string(&line), indent + 4, WIDTH);
    text_add(text, "\n");
    text_free(&line);
    if (event->rule != said) add_rule(text, event, indent + 4);
}

/* The causes of an event, back to the first; `said`: the rule that the lines above have told. */
static void add_causes(Text *text, const World *world, const Trace *trace, Event event, RuleId said) {
    uint32_t causes = 0;
    for (Event at = event; at.cause != EVENT_NONE && at.cause < at.index; at = trace_at(trace, at.cause)) causes++;
    for (uint32_t i = 1; i <= causes; i++) {
        event = trace_at(trace, event.cause);
        bool skipped = causes > CHAIN_SHOWN && i > CHAIN_SHOWN - CHAIN_LAST && i <= causes - CHAIN_LAST;
        if (skipped) {
            if (i == causes - CHAIN_LAST) text_add(text, "  ... %u causes between ...\n", causes - CHAIN_SHOWN);
            continue;
        }
        add_link(text, world, &event, 2, "because: ", said);
        said = event.rule;
    }
}

/* What a timer did in the step that it began. */
static void add_effects(Text *text, const World *world, const Trace *trace, const Event *timer) {
    RuleId said = timer->rule;
    for (uint32_t i = timer->index + 1; i < trace_count(trace) && trace_at(trace, i).step == timer->step; i++) {
        const Event event = trace_at(trace, i);
        add_link(text, world, &event, 2, "then: ", said);
        said = event.rule;
    }
}

Event text_main_event(const Session *session, uint32_t step) {
    const Trace *trace = session_trace(session);
    const uint32_t first = step ? session_events_at(session, step) : 0, past = session_events_at(session, step + 1);
    Event main = trace_at(trace, first), last = trace_at(trace, past - 1);
    bool chosen = main.kind == EVENT_TIMER;
    if (!chosen) main = last;
    for (uint32_t i = first; i < past; i++) {
        const Event event = trace_at(trace, i);
        if (event.kind == EVENT_ORACLE) return event;
        if (event.kind != EVENT_STATE || chosen) continue;
        main = event;
        chosen = true;
    }
    return main;
}

void text_why(Text *text, const World *world, const Trace *trace, uint32_t index) {
    const Event event = trace_at(trace, index);
    if (event.index == EVENT_NONE) {
        text_add(text, "nothing has happened yet\n");
        return;
    }
    add_link(text, world, &event, 0, "", RULE_NONE);
    if (event.kind == EVENT_TIMER) add_effects(text, world, trace, &event);
    add_causes(text, world, trace, event, event.rule);
}

void text_why_timer(Text *text, const World *world, const Trace *trace, const ConnView *conn, TimerKind timer,
                    const Event *cause) {
    text_time(text, world_now(world));
    text_add(text, "  ");
    text_host(text, world, conn->host);
    text_add(text, "  %s timer of ", timer_name(timer));
    text_endpoint(text, world, conn->local);
    text_add(text, " > ");
    text_endpoint(text, world, conn->remote);
    text_add(text, " fires in ");
    text_time(text, conn->timers[timer] - world_now(world));
    text_add(text, " s, ");
    text_time(text, conn->timer_lengths[timer]);
    text_add(text, " s after its start\n");
    add_link(text, world, cause, 2, "because: ", RULE_NONE);
    add_causes(text, world, trace, *cause, cause->rule);
}
