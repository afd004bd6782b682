/* event.c - events and steps, one line each. */
#include "text.h"

static void add_route(Text *text, const World *world, const Event *event) {
    if (event->icmp_type) { /* it has no ports */
        text_host(text, world, world_host_by_addr(world, event->src.addr));
        text_add(text, " > ");
        text_host(text, world, world_host_by_addr(world, event->dst.addr));
        return;
    }
    text_endpoint(text, world, event->src);
    text_add(text, " > ");
    text_endpoint(text, world, event->dst);
}

static void add_segment(Text *text, const Event *event) {
    char flags[FLAGS_TEXT];
    if (event->icmp_type) {
        text_add(text, "ICMP %s", icmp_text(event->icmp_type, event->icmp_code));
        return;
    }
    text_add(text, "%s seq=%u", flags_text(event->flags, flags), event->seq.value);
    if (event->flags & FLAG_ACK) text_add(text, " ack=%u", event->ack.value);
    text_add(text, " win=%u", event->window);
    if (event->data_length) text_add(text, " len=%u", event->data_length);
    if (event->again) text_add(text, " again");
}

/* "#1  A:7777 > B:80  SYN seq=100 win=65535" */
static void add_packet(Text *text, const World *world, const Event *event) {
    text_add(text, "#%u  ", event->packet.id);
    add_route(text, world, event);
    text_add(text, "  ");
    add_segment(text, event);
}

/* The connection an event is about: "A:7777 > B:80", "B:80" of a listener, "" where there is none. */
static void add_conn(Text *text, const World *world, const Event *event) {
    if (addr_is_unspecified(event->src.addr)) return;
    if (!addr_is_unspecified(event->dst.addr)) add_route(text, world, event);
    else text_endpoint(text, world, event->src);
}

/* A host rule's value as one writes it in Lua, with its unit. */
static void add_rule_value(Text *text, HostRuleKind kind, bool off, int64_t value) {
    if (off && value == HOST_RULE_OFF) {
        text_add(text, "false");
        return;
    }
    switch (kind) {
    case HR_SECONDS:
        text_time(text, value);
        text_add(text, " s");
        break;
    case HR_MSL: text_add(text, "%g MSL", (double)value / 1000.0); break;
    case HR_SWITCH: text_add(text, "%s", value ? "true" : "false"); break;
    case HR_BYTES:
    case HR_COUNT:
    case HR_SEQ: text_add(text, "%lld", (long long)value); break;
    }
}

static void add_setting(Text *text, const World *world, const Event *event) {
    if (event->call == INPUT_RULE && event->setting < HOST_RULE_COUNT) {
        const HostRuleInfo *info = host_rule_info((HostRule)event->setting);
        text_add(text, "%s = ", info->name);
        if (event->setting == HOST_RULE_isn && event->value == HOST_RULE_OFF) text_add(text, "\"rfc6528\"");
        else add_rule_value(text, info->kind, info->off, event->value);
    } else if (event->call == INPUT_PATH && event->setting < PATH_RULE_COUNT) {
        const PathRuleInfo *info = path_rule_info((PathRule)event->setting);
        text_add(text, "%s = ", info->name);
        switch (info->kind) {
        case PATH_RULE_SECONDS: add_rule_value(text, HR_SECONDS, false, event->value); break;
        case PATH_RULE_PROBABILITY: text_add(text, "%g", (double)event->value / 1e6); break;
        case PATH_RULE_BYTES: text_add(text, "%lld", (long long)event->value); break;
        }
    } else if (event->call == INPUT_ORDER) {
        text_add(text, "order %u: %s", event->setting, call_name((InputKind)event->value));
    } else if (event->call == INPUT_CANCEL) {
        text_add(text, "order %u", event->setting);
    } else {
        text_add(text, "host ");
        text_host(text, world, event->host);
    }
}

static void add_call(Text *text, const World *world, const Event *event) {
    text_add(text, "%s", call_name(event->call));
    if (event->call == INPUT_SEND || event->call == INPUT_RECV) text_add(text, " %lld bytes", (long long)event->value);
    if (addr_is_unspecified(event->src.addr)) return;
    text_add(text, "  ");
    add_conn(text, world, event);
}

/* "ORACLE: A byte was delivered that no connection ever sent. (#9  A:7777 > B:80  ACK seq=1 ack=1 win=65535 len=6;
 * oracle.forged-byte) why(57) tells how it came". Brief: "(#9; oracle.forged-byte)". */
static void add_oracle(Text *text, const World *world, const Event *event, bool brief) {
    text_add(text, "ORACLE: %s (", rule_info(event->rule)->sentence);
    if (event->packet.id && brief) text_add(text, "#%u", event->packet.id);
    else if (event->packet.id) add_packet(text, world, event);
    else add_conn(text, world, event);
    text_add(text, "; %s) why(%u) tells how it came", rule_info(event->rule)->name, event->index + 1);
}

/* What becomes of the segment that has just arrived, or of a part of it. */
static void add_judgment(Text *text, const World *world, const Event *event) {
    switch (event->outcome) {
    case OUTCOME_KEPT: text_add(text, "keeps the segment"); break;
    case OUTCOME_ANSWERED: text_add(text, "does not use the segment, answers it"); break;
    case OUTCOME_WINDOW_UPDATE:
    case OUTCOME_DUPLICATE_ACK: text_outcome(text, LANGUAGE_EN, event->outcome, event->value, false); break;
    case OUTCOME_NONE:
    case OUTCOME_TAKEN:
    case OUTCOME_REFUSED:
    case OUTCOME_COUNT:
        if (event->kind == EVENT_IGNORE) text_add(text, "does not use the segment");
        else if (event->value > 0) text_add(text, "%lld bytes become readable", (long long)event->value);
        else text_add(text, "accepts the segment");
        break;
    }
    text_add(text, " (%s)  ", rule_info(event->rule)->name);
    if (event->kind == EVENT_ACCEPT) add_conn(text, world, event);
}

/* By which order, where one did it. */
static void add_order(Text *text, const Event *event) {
    if (event->rule == RULE_PATH_ORDER) text_add(text, "  (order %u)", event->setting);
}

/* Events about one packet, which stands behind the verb. */
static const char *const packet_verbs[EVENT_KINDS] = {
    [EVENT_SEND] = "sends",   [EVENT_DELIVER] = "receives", [EVENT_DROP] = "loses",
    [EVENT_DELAY] = "delays", [EVENT_HOLD] = "holds",       [EVENT_RELEASE] = "releases",
    [EVENT_EDIT] = "edits",   [EVENT_CORRUPT] = "corrupts", [EVENT_INJECT] = "injects",
};

static void add_packet_phrase(Text *text, const World *world, const Event *event) {
    text_add(text, "%s ", packet_verbs[event->kind]);
    add_packet(text, world, event);
    if (event->kind == EVENT_DROP) {
        text_add(text, "  (");
        text_drop(text, event->reason, event->setting);
        text_add(text, ")");
        return;
    }
    if (event->kind == EVENT_DELAY) {
        text_add(text, "  by ");
        text_time(text, event->value);
        text_add(text, " s");
    }
    add_order(text, event);
}

/* What an event says, without its time and host. */
static void add_phrase(Text *text, const World *world, const Event *event) {
    switch (event->kind) {
    case EVENT_SEND:
    case EVENT_DELIVER:
    case EVENT_DROP:
    case EVENT_DELAY:
    case EVENT_HOLD:
    case EVENT_RELEASE:
    case EVENT_CORRUPT:
    case EVENT_EDIT:
    case EVENT_INJECT: add_packet_phrase(text, world, event); break;
    case EVENT_DUP:
        text_add(text, "duplicates #%u as ", event->copy_of);
        add_packet(text, world, event);
        add_order(text, event);
        break;
    case EVENT_STATE:
        text_add(text, "%s > %s  ", state_name(event->from), state_name(event->to));
        add_conn(text, world, event);
        break;
    case EVENT_TIMER:
        text_add(text, "%s timer fires  ", timer_name(event->timer));
        add_conn(text, world, event);
        break;
    case EVENT_CALL: add_call(text, world, event); break;
    case EVENT_ERROR:
        text_add(text, "error: %s  ", status_text(event->error));
        add_conn(text, world, event);
        break;
    case EVENT_ORACLE: add_oracle(text, world, event, false); break;
    case EVENT_IGNORE:
    case EVENT_ACCEPT: add_judgment(text, world, event); break;
    case EVENT_SET:
        text_add(text, "%s ", event->call == INPUT_CANCEL ? "cancels" : event->call == INPUT_ORDER ? "gives" : "sets");
        add_setting(text, world, event);
        break;
    case EVENT_KINDS: break;
    }
}

static void trim(Text *text) {
    while (text->length && text->bytes[text->length - 1] == ' ') text->bytes[--text->length] = '\0';
}

void text_event(Text *text, const World *world, const Event *event) {
    text_time(text, event->time);
    text_add(text, "  ");
    if (event->host == HOST_NONE) text_add(text, "wire");
    else text_host(text, world, event->host);
    text_add(text, "  ");
    add_phrase(text, world, event);
    trim(text);
}

/* ---- A step: its first event, and what that caused ---- */

static bool same_step(const Trace *trace, uint32_t index, uint32_t step, uint32_t events) {
    return index < events && index < trace_count(trace) && trace_at(trace, index).step == step;
}

/* The first event of a step, by bisection: steps never decrease along the trace. */
static uint32_t first_of(const Trace *trace, uint32_t step, uint32_t events) {
    uint32_t low = 0, high = events;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (trace_at(trace, middle).step < step) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* The packet of an event without its number: in a line about a step it is named once. */
static void add_route_and_segment(Text *text, const World *world, const Event *event) {
    add_route(text, world, event);
    text_add(text, "  ");
    add_segment(text, event);
}

/* `sends`: the step sends a segment, which names the connection. */
static void add_main(Text *text, const World *world, const Event *event, bool sends) {
    bool packet = event->kind == EVENT_DELIVER || event->kind == EVENT_SEND || event->kind == EVENT_DROP;
    if (packet) {
        add_route_and_segment(text, world, event);
        if (event->kind != EVENT_DROP) return;
        text_add(text, "   lost: ");
        text_drop(text, event->reason, event->setting);
        return;
    }
    if (event->host != HOST_NONE) {
        text_host(text, world, event->host);
        text_add(text, "  ");
    }
    if (event->kind == EVENT_TIMER && sends) text_add(text, "%s timer fires", timer_name(event->timer));
    else add_phrase(text, world, event);
    trim(text);
}

/* Another event of the step, where it belongs in the line; `timer`: a timer began the step. */
static void add_effect(Text *text, const World *world, const Event *event, bool timer) {
    switch (event->kind) {
    case EVENT_STATE:
        text_add(text, "   ");
        text_host(text, world, event->host);
        text_add(text, ": %s > %s", state_name(event->from), state_name(event->to));
        break;
    case EVENT_ERROR:
        text_add(text, "   ");
        text_host(text, world, event->host);
        text_add(text, ": %s", status_text(event->error));
        break;
    case EVENT_DROP:
        text_add(text, "   #%u lost: ", event->packet.id);
        text_drop(text, event->reason, event->setting);
        break;
    case EVENT_IGNORE:
    case EVENT_ACCEPT:
        if (event->kind == EVENT_ACCEPT && event->outcome <= OUTCOME_TAKEN) break; /* as a rule */
        text_add(text, "   ");
        text_host(text, world, event->host);
        text_add(text, ": ");
        text_outcome(text, LANGUAGE_EN, event->outcome, event->value, false);
        text_add(text, " (%s)", rule_info(event->rule)->name);
        break;
    case EVENT_ORACLE: text_add(text, "   ✗ %s", rule_info(event->rule)->name); break;
    case EVENT_SEND:
        if (!timer) break; /* the answer to a segment gets a line of its own when it arrives */
        text_add(text, "   ");
        add_route_and_segment(text, world, event);
        break;
    case EVENT_DUP:
    case EVENT_DELAY:
    case EVENT_HOLD:
    case EVENT_CORRUPT:
        if (event->rule == RULE_PATH_ORDER)
            text_add(text, "   #%u: %s by order %u", event->packet.id, event_kind_name(event->kind), event->setting);
        break;
    case EVENT_DELIVER:
    case EVENT_RELEASE:
    case EVENT_EDIT:
    case EVENT_INJECT:
    case EVENT_TIMER:
    case EVENT_CALL:
    case EVENT_SET:
    case EVENT_KINDS: break;
    }
}

void text_step(Text *text, const World *world, const Trace *trace, uint32_t step, uint32_t events) {
    uint32_t index = first_of(trace, step, events);
    if (!same_step(trace, index, step, events)) return;
    const Event first = trace_at(trace, index);
    bool sends = false;
    for (uint32_t i = index; same_step(trace, i, step, events); i++)
        sends = sends || trace_at(trace, i).kind == EVENT_SEND;
    text_time(text, first.time);
    text_add(text, "  ");
    add_main(text, world, &first, sends);
    bool timer = first.kind == EVENT_TIMER;
    for (index++; same_step(trace, index, step, events); index++) {
        const Event effect = trace_at(trace, index);
        add_effect(text, world, &effect, timer);
    }
}

void text_broken(Text *text, const World *world, const Trace *trace, uint32_t step, uint32_t events) {
    for (uint32_t index = first_of(trace, step, events); same_step(trace, index, step, events); index++) {
        const Event event = trace_at(trace, index);
        if (event.kind != EVENT_ORACLE) continue;
        text_add(text, "\n       ");
        text_host(text, world, event.host);
        text_add(text, "  ");
        add_oracle(text, world, &event, true);
    }
}

void text_next(Text *text, const World *world) {
    Input next;
    if (!world_next(world, &next)) {
        text_add(text, "nothing is left to happen");
        return;
    }
    text_add(text, "in ");
    text_time(text, next.at > world_now(world) ? next.at - world_now(world) : 0);
    text_add(text, " s: ");
    PacketView packet;
    ConnView conn;
    if (next.kind == INPUT_TIMER && world_conn(world, next.conn, &conn)) {
        text_add(text, "%s timer of ", timer_name(next.timer));
        text_endpoint(text, world, conn.local);
    } else if (world_packet(world, next.packet, &packet)) {
        text_add(text, next.kind == INPUT_EXPIRE ? "#%u expires: " : "#%u arrives: ", packet.id.id);
        text_endpoint(text, world, packet.segment.src);
        text_add(text, " > ");
        text_endpoint(text, world, packet.segment.dst);
        text_add(text, " ");
        text_segment(text, &packet.segment);
    } else {
        text_add(text, "%s", call_name(next.kind));
    }
}
