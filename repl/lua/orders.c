/* orders.c - standing orders: given on the wire, for packets that are not sent yet. */
#include "orders.h"

#include <string.h>

#include "act.h"
#include "arguments.h"
#include "handles.h"
#include "lists.h"
#include "raise.h"
#include "segments.h"
#include "values.h"

enum { DELAY_MOST = 86400 /* seconds */ };

/* It keeps what was ordered: an order that is done stands in no world any more. */
typedef struct OrderHandle {
    OrderView given;
    uint32_t step; /* the input that gave it */
} OrderHandle;

/* ---- Giving one ---- */

/* The names of its table, in the order in which their values are pushed; the first are those of OrderCondition. */
enum { ORDER_NTH = ORDER_CONDITIONS, ORDER_TIMES, ORDER_BY, ORDER_NAMES };
static const char *const names[] = {"from", "to",    "flags", "has",   "seq", "ack",
                                    "len",  "again", "nth",   "times", "by",  NULL};

static void read_end(lua_State *L, int index, const char *name, Endpoint *end) {
    bool has_port;
    if (!read_endpoint(L, index, end, &has_port) || (has_port && !end->port))
        lab_argument_error(
            L, 1, "%s must be a host (A), its name or its address, with or without a port (\"A:7777\"), not %s", name,
            lua_type(L, index) == LUA_TSTRING ? lab_literal(L, index) : kind_of_value(L, index));
}

static uint32_t text_bytes(lua_State *L, int index) {
    return (uint32_t)check_whole(L, index, 1, "len", 0, LIMIT_DATAGRAM);
}

/* A number, or {least, most}; {least}: no limit. */
static void read_len(lua_State *L, int index, Order *order) {
    if (!lua_istable(L, index)) {
        order->least = order->most = text_bytes(L, index);
        return;
    }
    lua_rawgeti(L, index, 1);
    order->least = text_bytes(L, lua_gettop(L));
    order->most = LIMIT_DATAGRAM;
    if (lua_rawgeti(L, index, 2) != LUA_TNIL) order->most = text_bytes(L, lua_gettop(L));
    if (order->most < order->least || lua_rawlen(L, index) > 2)
        lab_argument_error(L, 1, "len must be a number of bytes, or {least, most}, like {1, 536}");
    lua_pop(L, 2);
}

static void read_again(lua_State *L, int index, Order *order) {
    if (lua_type(L, index) != LUA_TBOOLEAN)
        lab_argument_error(L, 1, "again must be true (retransmissions) or false (what is sent first), not %s",
                           lab_literal(L, index));
    order->again = (uint8_t)lua_toboolean(L, index);
}

static void read_condition(lua_State *L, int index, OrderCondition condition, Order *order) {
    const char *name = names[condition];
    switch (condition) {
    case ORDER_FROM: read_end(L, index, name, &order->from); break;
    case ORDER_TO: read_end(L, index, name, &order->to); break;
    case ORDER_FLAGS: order->flags = segment_flags_at(L, index, name); break;
    case ORDER_HAS: order->has = segment_flags_at(L, index, name); break;
    case ORDER_SEQ: order->seq = seq_of((uint32_t)check_whole(L, index, 1, name, 0, UINT32_MAX)); break;
    case ORDER_ACK: order->ack = seq_of((uint32_t)check_whole(L, index, 1, name, 0, UINT32_MAX)); break;
    case ORDER_LEN: read_len(L, index, order); break;
    case ORDER_AGAIN: read_again(L, index, order); break;
    case ORDER_CONDITIONS: break;
    }
    order->conditions |= 1u << condition;
}

/* Reads the table at 2. */
static void read_order(lua_State *L, const char *verb, Order *order) {
    if (!lua_istable(L, 2)) {
        lab_argument_error(L, 1, "say which packets in a table: wire:%s{from=A, flags=\"ACK\", times=1}, not %s", verb,
                           kind_of_value(L, 2));
    }
    int first = push_named(L, 2, "an order has", names);
    bool delays = order->does == INPUT_DELAY;
    for (int i = 0; i < ORDER_CONDITIONS; i++)
        if (!lua_isnil(L, first + i)) read_condition(L, first + i, (OrderCondition)i, order);
    if (!lua_isnil(L, first + ORDER_NTH))
        order->nth = (uint32_t)check_whole(L, first + ORDER_NTH, 1, "nth", 1, UINT32_MAX);
    if (!lua_isnil(L, first + ORDER_TIMES))
        order->times = (uint32_t)check_whole(L, first + ORDER_TIMES, 1, "times", 1, UINT32_MAX);
    if (order->nth && order->times > 1) lab_argument_error(L, 1, "nth means one packet: leave out times, or nth");
    if (order->nth) order->times = 0;
    if (!delays && !lua_isnil(L, first + ORDER_BY)) lab_argument_error(L, 1, "by is for wire:delay{..., by=3} only");
    if (delays && lua_isnil(L, first + ORDER_BY))
        lab_argument_error(L, 1, "by is missing: how many seconds later, wire:delay{flags=\"SYN\", by=3}");
    if (delays) order->by = check_seconds(L, first + ORDER_BY, 1, "by", 0, DELAY_MOST);
}

static void push_order(lua_State *L, const OrderView *view, uint32_t step) {
    OrderHandle *handle = object_push(L, ORDER, sizeof *handle);
    handle->given = *view;
    handle->step = step;
}

static int give(lua_State *L, InputKind does) {
    Order order;
    OrderView view;
    object_self(L, WIRE, call_name(does));
    memset(&order, 0, sizeof order); /* its gaps are part of the history, too */
    order.does = does;
    read_order(L, call_name(does), &order);
    Input input = {.kind = INPUT_ORDER, .bytes = (const uint8_t *)&order, .length = sizeof order};
    Status status = act(L, &input);
    if (status != STATUS_OK) luaL_error(L, "%s: %s", call_name(does), status_text(status));
    world_order(world_of(L), world_orders(world_of(L)) - 1, &view);
    push_order(L, &view, session_step(lab_session_of(L)) - 1);
    return 1;
}

int order_drop(lua_State *L) { return give(L, INPUT_DROP); }
int order_hold(lua_State *L) { return give(L, INPUT_HOLD); }
int order_dup(lua_State *L) { return give(L, INPUT_DUP); }
int order_delay(lua_State *L) { return give(L, INPUT_DELAY); }
int order_corrupt(lua_State *L) { return give(L, INPUT_CORRUPT); }

/* ---- As it is now ---- */

typedef struct OrderNow {
    OrderView view;
    bool stands, cancelled;
} OrderNow;

static bool find_standing(const World *world, const OrderView *given, OrderView *view) {
    for (uint32_t nth = 0; world_order(world, nth, view); nth++)
        if (view->id == given->id && view->born == given->born) return true;
    *view = *given;
    return false;
}

/* Of one that stands no longer: the trace tells of its end, if it was cancelled. */
static void find_end(lua_State *L, OrderNow *now) {
    const Trace *trace = session_trace(lab_session_of(L));
    uint32_t count = session_events(lab_session_of(L));
    const Order *order = &now->view.order;
    now->view.matched = order->nth ? order->nth : order->times;
    for (uint32_t i = now->view.event; i < count; i++) {
        const Event event = trace_at(trace, i);
        if (event.kind != EVENT_SET || event.call != INPUT_CANCEL || event.setting != now->view.id) continue;
        now->cancelled = true;
        now->view.matched = (uint32_t)event.value;
        return;
    }
}

/* False: it does not exist at this point of the history. */
static bool look(lua_State *L, const OrderHandle *handle, OrderNow *now) {
    Input input;
    const Session *session = lab_session_of(L);
    *now = (OrderNow){.view = handle->given};
    now->stands = find_standing(world_of(L), &handle->given, &now->view);
    if (now->stands) return true;
    bool given = handle->step < session_step(session) && session_input(session, handle->step, &input) &&
                 input.serial == handle->given.born;
    if (given) find_end(L, now);
    return given;
}

static void look_surely(lua_State *L, const OrderHandle *handle, OrderNow *now) {
    if (!look(L, handle, now))
        luaL_error(L, "order %d does not exist at this point of the history", (int)handle->given.id);
}

static int order_cancel(lua_State *L) {
    OrderNow now;
    const OrderHandle *handle = object_self(L, ORDER, "cancel");
    look_surely(L, handle, &now);
    if (!now.stands)
        return luaL_error(L, "cancel: order %d %s already", (int)now.view.id,
                          now.cancelled ? "was cancelled" : "is done");
    Input input = {.kind = INPUT_CANCEL, .count = now.view.id};
    act_surely(L, &input, "cancel");
    return 0;
}

/* ---- Fields: each gets the OrderNow ---- */

static void push_end(lua_State *L, Endpoint end) {
    char text[ENDPOINT_TEXT];
    lua_pushstring(L, end.port ? endpoint_text(end, text) : addr_text(end.addr, text));
}

static void push_flags(lua_State *L, uint8_t flags) {
    char text[FLAGS_TEXT];
    lua_pushstring(L, flags_text(flags, text));
}

static void push_span(lua_State *L, const Order *order) {
    if (order->least == order->most) {
        lua_pushinteger(L, order->least);
        return;
    }
    lua_createtable(L, 2, 0);
    lua_pushinteger(L, order->least);
    lua_rawseti(L, -2, 1);
    lua_pushinteger(L, order->most);
    lua_rawseti(L, -2, 2);
}

static void push_count(lua_State *L, uint32_t count) {
    if (count) lua_pushinteger(L, count);
    else lua_pushnil(L);
}

#define GETTER(name, push)                                     \
    static void push_##name(lua_State *L, const void *order) { \
        const OrderNow *now = order;                           \
        push;                                                  \
    }
#define CONDITION(name, condition, push) \
    GETTER(name, if (now->view.order.conditions >> (condition)&1) push; else lua_pushnil(L))
GETTER(id, lua_pushinteger(L, now->view.id))
GETTER(does, lua_pushstring(L, call_name((InputKind)now->view.order.does)))
CONDITION(from, ORDER_FROM, push_end(L, now->view.order.from))
CONDITION(to, ORDER_TO, push_end(L, now->view.order.to))
CONDITION(exactly, ORDER_FLAGS, push_flags(L, now->view.order.flags))
CONDITION(has, ORDER_HAS, push_flags(L, now->view.order.has))
CONDITION(seq, ORDER_SEQ, lua_pushinteger(L, now->view.order.seq.value))
CONDITION(ack, ORDER_ACK, lua_pushinteger(L, now->view.order.ack.value))
CONDITION(len, ORDER_LEN, push_span(L, &now->view.order))
CONDITION(again, ORDER_AGAIN, lua_pushboolean(L, now->view.order.again))
GETTER(nth, push_count(L, now->view.order.nth))
GETTER(times, push_count(L, now->view.order.times))
GETTER(by, if (now->view.order.does == INPUT_DELAY) push_seconds(L, now->view.order.by); else lua_pushnil(L))
GETTER(matched, lua_pushinteger(L, now->view.matched))
GETTER(done, lua_pushboolean(L, !now->stands))

static const Field fields[] = {{"id", push_id, "its number, counted from 1"},
                               {"does", push_does, "\"drop\", \"hold\", \"dup\", \"delay\" or \"corrupt\""},
                               {"from", push_from, "condition: the sender's address, with its port where that counts"},
                               {"to", push_to, "condition: the receiver's"},
                               {"flags", push_exactly, "condition: exactly these flags"},
                               {"has", push_has, "condition: these flags, among others"},
                               {"seq", push_seq, "condition: SEG.SEQ"},
                               {"ack", push_ack, "condition: SEG.ACK"},
                               {"len", push_len, "condition: bytes of data, a number or {least, most}"},
                               {"again", push_again, "condition: true: a retransmission, false: none"},
                               {"nth", push_nth, "only the nth packet that meets the conditions"},
                               {"times", push_times, "it acts so often; nil: for ever"},
                               {"by", push_by, "of a delay: seconds"},
                               {"matched", push_matched, "how many packets have met its conditions"},
                               {"done", push_done, "true: it has acted as often as it was to act, or was cancelled"},
                               {0}};

static int order_read(lua_State *L, const Field *field) {
    OrderNow now;
    look_surely(L, object_at(L, 1, ORDER), &now);
    field->push(L, &now);
    return 1;
}

static void add_order(lua_State *L, Text *text, const OrderHandle *handle) {
    OrderNow now;
    bool exists = look(L, handle, &now);
    text_add(text, "order %u  ", handle->given.id);
    text_order(text, world_of(L), &handle->given.order);
    if (!exists) text_add(text, "  (does not exist at this point of the history)");
    else text_add(text, "  matched %u%s", now.view.matched, now.stands ? "" : now.cancelled ? ", cancelled" : ", done");
}

static int order_tostring(lua_State *L) {
    Text text = TEXT_EMPTY;
    const OrderHandle *handle = object_at(L, 1, ORDER);
    if (!handle) return luaL_error(L, "not an order");
    add_order(L, &text, handle);
    push_text(L, &text);
    return 1;
}

static int order_eq(lua_State *L) {
    const OrderHandle *a = object_at(L, 1, ORDER), *b = object_at(L, 2, ORDER);
    lua_pushboolean(L, a && b && a->given.id == b->given.id && a->given.born == b->given.born);
    return 1;
}

/* ---- wire.orders ---- */

typedef struct OrderList {
    List list;
    OrderHandle orders[];
} OrderList;

static void push_item(lua_State *L, const List *list, uint32_t nth) {
    const OrderHandle *handle = &((const OrderList *)list)->orders[nth];
    push_order(L, &handle->given, handle->step);
}

void push_orders(lua_State *L) {
    const World *world = world_of(L);
    uint32_t count = world_orders(world);
    OrderList *orders = list_push(L, sizeof *orders + count * sizeof orders->orders[0]);
    Text text = TEXT_EMPTY;
    orders->list = (List){.count = count, .item = push_item};
    for (uint32_t nth = 0; nth < count; nth++) {
        OrderHandle *handle = &orders->orders[nth];
        world_order(world, nth, &handle->given);
        handle->step = trace_at(session_trace(lab_session_of(L)), handle->given.event).step;
        add_order(L, &text, handle);
        text_add(&text, "\n");
    }
    if (count == 0) text_add(&text, "no standing order");
    list_says(L, &text);
    list_finish(L, "orders");
}

static const Method methods[] = {{"cancel", order_cancel, "o:cancel()", "it stands no longer",
                                  "o = wire:hold{from=B}; o:cancel(); print(o.done, #wire.orders)"},
                                 {0}};
static const luaL_Reg meta[] = {{"__tostring", order_tostring}, {"__eq", order_eq}, {NULL, NULL}};
const Kind order_kind = {.name = ORDER,
                         .phrase = "an order",
                         .sample = "wire:drop{flags=\"RST\"}",
                         .letter = "o",
                         .help = "a standing order for packets that are not sent yet, given with wire:drop{...}, hold, "
                                 "dup, delay or corrupt; back() takes it back, too",
                         .read = order_read,
                         .fields = fields,
                         .methods = methods,
                         .meta = meta};
