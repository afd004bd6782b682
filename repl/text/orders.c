/* orders.c - standing orders in words, and packets that they dropped. */
#include "text.h"

void text_drop(Text *text, DropReason reason, uint32_t order) {
    if (reason == DROP_ORDER) text_add(text, "dropped by order %u", order);
    else text_add(text, "%s", drop_text(reason));
}

/* "A" or "A:7777", in quotes. */
static void add_end(Text *text, const World *world, const char *name, Endpoint end) {
    char address[ADDR_TEXT];
    HostId host = world_host_by_addr(world, end.addr);
    text_add(text, "%s=\"", name);
    if (end.port) text_endpoint(text, world, end);
    else if (host != HOST_NONE) text_host(text, world, host);
    else text_add(text, "%s", addr_text(end.addr, address));
    text_add(text, "\"");
}

static void add_condition(Text *text, const World *world, const Order *order, OrderCondition condition) {
    char flags[FLAGS_TEXT];
    switch (condition) {
    case ORDER_FROM: add_end(text, world, "from", order->from); break;
    case ORDER_TO: add_end(text, world, "to", order->to); break;
    case ORDER_FLAGS: text_add(text, "flags=\"%s\"", flags_text(order->flags, flags)); break;
    case ORDER_HAS: text_add(text, "has=\"%s\"", flags_text(order->has, flags)); break;
    case ORDER_SEQ: text_add(text, "seq=%u", order->seq.value); break;
    case ORDER_ACK: text_add(text, "ack=%u", order->ack.value); break;
    case ORDER_LEN:
        if (order->least == order->most) text_add(text, "len=%u", order->least);
        else text_add(text, "len={%u, %u}", order->least, order->most);
        break;
    case ORDER_AGAIN: text_add(text, "again=%s", order->again ? "true" : "false"); break;
    case ORDER_CONDITIONS: break;
    }
}

void text_order(Text *text, const World *world, const Order *order) {
    const char *comma = "";
    text_add(text, "wire:%s{", call_name((InputKind)order->does));
    for (uint32_t condition = 0; condition < ORDER_CONDITIONS; condition++) {
        if (!(order->conditions >> condition & 1)) continue;
        text_add(text, "%s", comma);
        add_condition(text, world, order, (OrderCondition)condition);
        comma = ", ";
    }
    if (order->nth) text_add(text, "%snth=%u", comma, order->nth), comma = ", ";
    if (order->times) text_add(text, "%stimes=%u", comma, order->times), comma = ", ";
    if (order->does == INPUT_DELAY) text_add(text, "%sby=%.12g", comma, (double)order->by / 1e6);
    text_add(text, "}");
}
