/* commands.c - see commands.h. */
#include "commands.h"

#include <string.h>

/* ---- What is acted on ---- */

/* "A"; of the hosts made later no global has the name: host("C"). */
static bool add_host(Text *text, const World *world, HostId id) {
    HostView host;
    if (!world_host(world, id, &host)) return false;
    if (id < 2) text_add(text, "%s", host.name);
    else text_add(text, "host(\"%s\")", host.name);
    return true;
}

/* "A.conns[2]", which lists those that are not gone. */
static bool add_conn(Text *text, const World *world, ConnId conn) {
    ConnView view;
    int nth = 1;
    if (!world_conn(world, conn, &view) || view.gone || !add_host(text, world, view.host)) return false;
    for (ConnId id = world_conn_after(world, view.host, CONN_NONE); conn_is(id) && !conn_eq(id, conn);
         id = world_conn_after(world, view.host, id)) {
        ConnView before; /* those that have gone are not in the list */
        nth += world_conn(world, id, &before) && !before.gone;
    }
    text_add(text, ".conns[%d]", nth);
    return true;
}

/* "wire[2]" */
static bool add_packet(Text *text, const World *world, PacketId packet) {
    uint32_t count = world_packets(world), i = 0;
    PacketId *ids = text_array(NULL, 0, count, sizeof *ids);
    if (!ids) return false;
    world_packet_list(world, ids, count);
    while (i < count && ids[i].id != packet.id) i++;
    text_array_free(ids, count, sizeof *ids);
    text_add(text, "wire[%u]", i + 1);
    return i < count;
}

static void add_quoted(Text *text, const uint8_t *bytes, uint32_t length) {
    text_add(text, "\"");
    for (uint32_t i = 0; i < length; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\') text_add(text, "\\%c", bytes[i]);
        else if (bytes[i] >= 32 && bytes[i] < 127) text_add(text, "%c", bytes[i]);
        else text_add(text, "\\%03u", bytes[i]);
    }
    text_add(text, "\"");
}

static void add_seconds(Text *text, Micros time) { text_add(text, "%.15g", (double)time / 1e6); }

/* ---- Calls of a host ---- */

static bool add_opening(Text *text, const World *world, const Input *input) {
    char address[ADDR_TEXT];
    const char *on_fin = input->close_on_fin ? ", on_fin=\"close\"" : "";
    if (!add_host(text, world, input->host)) return false;
    if (input->kind == INPUT_CRASH) {
        text_add(text, ":crash()");
    } else if (input->kind == INPUT_LISTEN) {
        text_add(text, ":listen(%u, {backlog=%u%s})", input->local.port, input->count, on_fin);
    } else {
        text_add(text, ":connect(\"%s\", %u", addr_text(input->remote.addr, address), input->remote.port);
        if (input->local.port) text_add(text, ", {port=%u%s}", input->local.port, on_fin);
        else if (input->close_on_fin) text_add(text, ", {on_fin=\"close\"}");
        text_add(text, ")");
    }
    return true;
}

/* ---- Time ---- */

/* step() does what is due next. Of several timers that are due in the same instant it may be another one. */
static bool add_timer(Text *text, const World *world, const Input *input) {
    Input next;
    if (world_next(world, &next) && next.kind == INPUT_TIMER && conn_eq(next.conn, input->conn) &&
        next.timer == input->timer) {
        text_add(text, "step()");
        return true;
    }
    if (!add_conn(text, world, input->conn)) return false;
    text_add(text, ":fire(\"%s\")", timer_name(input->timer));
    return true;
}

static bool add_arrival(Text *text, const World *world, const Input *input) {
    bool later = input->at != MICROS_NEVER && input->at > world_now(world);
    if (!later && !add_packet(text, world, input->packet)) return false;
    text_add(text, later ? "step()" : ":deliver()");
    return true;
}

/* ---- Settings ---- */

static void add_rule_value(Text *text, HostRule rule, int64_t value) {
    const HostRuleInfo *info = host_rule_info(rule);
    if (rule == HOST_RULE_congestion) text_add(text, value ? "\"reno\"" : "false");
    else if (info->off && value == HOST_RULE_OFF) text_add(text, rule == HOST_RULE_isn ? "\"rfc6528\"" : "false");
    else if (info->kind == HR_SWITCH) text_add(text, value ? "true" : "false");
    else if (info->kind == HR_SECONDS) add_seconds(text, value);
    else if (info->kind == HR_MSL) text_add(text, "%.15g", (double)value / 1e3);
    else text_add(text, "%lld", (long long)value);
}

static bool add_rule(Text *text, const World *world, const Input *input) {
    bool has = conn_is(input->conn) ? add_conn(text, world, input->conn) : add_host(text, world, input->host);
    if (!has) return false;
    text_add(text, ".rules.%s = ", host_rule_info(input->rule)->name);
    add_rule_value(text, input->rule, input->value);
    return true;
}

static bool add_setting(Text *text, const World *world, const Input *input) {
    if (input->kind == INPUT_RULE) return add_rule(text, world, input);
    if (input->kind == INPUT_HOST) {
        text_add(text, "host ");
        add_quoted(text, input->bytes, input->length);
        return !input->foreign;
    }
    const PathRuleInfo *info = path_rule_info(input->path);
    text_add(text, "wire.%s = ", info->name);
    if (info->kind == PATH_RULE_BYTES) text_add(text, "%lld", (long long)input->value);
    else add_seconds(text, input->value); /* millionths, too */
    return true;
}

static bool add_cancel(Text *text, const World *world, const Input *input) {
    OrderView view;
    uint32_t nth = 0;
    while (world_order(world, nth, &view) && view.id != input->count) nth++;
    text_add(text, "wire.orders[%u]:cancel()", nth + 1);
    return nth < world_orders(world);
}

/* ---- Segments ---- */

static void add_options(Text *text, const Options *o) {
    const char *comma = "";
    text_add(text, "opts={");
    if (o->mss) text_add(text, "mss=%u", o->mss), comma = ", ";
    if (o->wscale != OPTION_NO_WSCALE) text_add(text, "%swscale=%u", comma, o->wscale), comma = ", ";
    if (o->sack_permitted) text_add(text, "%ssack_ok=true", comma), comma = ", ";
    if (o->timestamps) text_add(text, "%sts={value=%u, echo=%u}", comma, o->ts_value, o->ts_echo), comma = ", ";
    for (uint8_t i = 0; i < o->sack_count; i++)
        text_add(text, "%s{%u, %u}",
                 i          ? ", "
                 : comma[0] ? ", sack={"
                            : "sack={",
                 o->sack[i].left.value, o->sack[i].right.value);
    text_add(text, o->sack_count ? "}}" : "}");
}

static bool same_options(const Options *a, const Options *b) {
    bool same = a->mss == b->mss && a->wscale == b->wscale && a->sack_permitted == b->sack_permitted &&
                a->timestamps == b->timestamps && a->sack_count == b->sack_count;
    if (same && a->timestamps) same = a->ts_value == b->ts_value && a->ts_echo == b->ts_echo;
    for (uint8_t i = 0; same && i < a->sack_count; i++)
        same = seq_eq(a->sack[i].left, b->sack[i].left) && seq_eq(a->sack[i].right, b->sack[i].right);
    return same;
}

/* The fields of `to` that differ from those of `from`. */
static void add_fields(Text *text, const Segment *from, const Segment *to) {
    const char *comma = "";
    char end[ENDPOINT_TEXT], flags[FLAGS_TEXT];
#define FIELD(differs, ...)          \
    if (differs) {                   \
        text_add(text, "%s", comma); \
        text_add(text, __VA_ARGS__); \
        comma = ", ";                \
    }
    FIELD(!endpoint_eq(from->src, to->src), "from=\"%s\"", endpoint_text(to->src, end))
    FIELD(!endpoint_eq(from->dst, to->dst), "to=\"%s\"", endpoint_text(to->dst, end))
    FIELD(from->flags != to->flags || from->flags == UINT8_MAX, "flags=\"%s\"", flags_text(to->flags, flags))
    FIELD(!seq_eq(from->seq, to->seq), "seq=%u", to->seq.value)
    FIELD(!seq_eq(from->ack, to->ack), "ack=%u", to->ack.value)
    FIELD(from->window != to->window, "win=%u", to->window)
    FIELD(from->urgent != to->urgent, "urg=%u", to->urgent)
    bool same_data = from->data_length == to->data_length &&
                     (!to->data_length || memcmp(from->data, to->data, to->data_length) == 0);
    FIELD(!same_data, "data=")
    if (!same_data) add_quoted(text, to->data, to->data_length);
    if (same_options(&from->options, &to->options)) return;
    text_add(text, "%s", comma);
    add_options(text, &to->options);
#undef FIELD
}

/* What is in the braces of inject and edit: the fields, or all bytes where the fields do not give the datagram again
 * (a damaged one, an ICMP error). */
static void add_datagram(Text *text, const Segment *from, const Input *input) {
    Segment to;
    uint8_t bytes[LIMIT_DATAGRAM];
    bool same = segment_decode(input->bytes, input->length, &to) == DECODE_OK;
    to.ttl = from->ttl, to.tos = from->tos, to.ip_id = from->ip_id; /* no words change these */
    to.options.order = same_options(&from->options, &to.options) ? from->options.order : 0;
    same = same && segment_encode(&to, bytes, sizeof bytes) == input->length &&
           memcmp(bytes, input->bytes, input->length) == 0;
    if (same) {
        add_fields(text, from, &to);
    } else {
        text_add(text, "bytes=");
        add_quoted(text, input->bytes, input->length);
    }
}

static bool add_inject(Text *text, const Input *input) {
    const Segment fresh = {.window = UINT16_MAX, .ttl = 64, .flags = UINT8_MAX, .options = OPTIONS_NONE};
    text_add(text, "wire:inject{");
    add_datagram(text, &fresh, input);
    if (input->value >= 0) {
        text_add(text, ", delay=");
        add_seconds(text, input->value);
    }
    text_add(text, "}");
    return !input->foreign;
}

static bool add_edit(Text *text, const World *world, const Input *input) {
    PacketView view;
    if (!world_packet(world, input->packet, &view) || !add_packet(text, world, input->packet)) return false;
    text_add(text, ":edit{");
    add_datagram(text, &view.segment, input);
    text_add(text, "}");
    return true;
}

/* ---- All ---- */

static bool add_conn_call(Text *text, const World *world, const Input *input) {
    if (!add_conn(text, world, input->conn)) return false;
    text_add(text, ":%s(", call_name(input->kind));
    if (input->kind == INPUT_SEND) add_quoted(text, input->bytes, input->length);
    if (input->kind == INPUT_SEND && input->urgent) text_add(text, ", {urgent=true}");
    if (input->kind == INPUT_RECV && input->count < UINT32_MAX) text_add(text, "%u", input->count);
    text_add(text, ")");
    return true;
}

static bool add_fault(Text *text, const World *world, const Input *input) {
    if (!add_packet(text, world, input->packet)) return false;
    text_add(text, ":%s(", call_name(input->kind));
    if (input->kind == INPUT_DELAY) text_add(text, "%.6f", (double)input->value / 1e6);
    if (input->kind == INPUT_CORRUPT && input->count != CORRUPT_ANYWHERE) text_add(text, "%u", input->count);
    text_add(text, ")");
    return true;
}

static bool add_order(Text *text, const World *world, const Input *input) {
    Order order;
    memcpy(&order, input->bytes, sizeof order);
    text_order(text, world, &order);
    return true;
}

bool add_command(Text *text, const World *world, const Input *input) {
    switch (input->kind) {
    case INPUT_LISTEN:
    case INPUT_CONNECT:
    case INPUT_CRASH: return add_opening(text, world, input);
    case INPUT_ACCEPT:
    case INPUT_SEND:
    case INPUT_RECV:
    case INPUT_SHUTDOWN:
    case INPUT_CLOSE:
    case INPUT_ABORT: return add_conn_call(text, world, input);
    case INPUT_DROP:
    case INPUT_DUP:
    case INPUT_DELAY:
    case INPUT_HOLD:
    case INPUT_RELEASE:
    case INPUT_CORRUPT: return add_fault(text, world, input);
    case INPUT_EDIT: return add_edit(text, world, input);
    case INPUT_DELIVER: return add_arrival(text, world, input);
    case INPUT_EXPIRE: text_add(text, "step()"); return true;
    case INPUT_TIMER: return add_timer(text, world, input);
    case INPUT_WAIT:
        text_add(text, "wait(");
        add_seconds(text, input->at - world_now(world));
        text_add(text, ")");
        return true;
    case INPUT_INJECT: return add_inject(text, input);
    case INPUT_HOST:
    case INPUT_RULE:
    case INPUT_PATH: return add_setting(text, world, input);
    case INPUT_ORDER: return add_order(text, world, input);
    case INPUT_CANCEL: return add_cancel(text, world, input);
    case INPUT_NONE:
    case INPUT_KINDS: break;
    }
    return false;
}
