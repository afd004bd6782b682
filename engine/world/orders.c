/* orders.c - standing orders: kept in the store, oldest first, and compared with each packet as it is sent. */
#include <string.h>

#include "world.h"

static OrderView *orders_of(Turn *turn) { return (OrderView *)(void *)store_block(&turn->store, turn->world->orders); }

const OrderView *orders_in(const World *world) {
    return (const OrderView *)(const void *)store_look(store_in(world), world->orders);
}

uint32_t world_orders(const World *world) { return world->order_count; }

bool world_order(const World *world, uint32_t nth, OrderView *view) {
    if (nth >= world->order_count) return false;
    *view = orders_in(world)[nth];
    return true;
}

uint32_t order_left(const OrderView *standing) {
    uint32_t last = standing->order.nth ? standing->order.nth : standing->order.times;
    return last ? last - standing->matched : 0;
}

/* ---- Giving and cancelling ---- */

static bool makes_sense(const Order *order) {
    switch (order->does) {
    case INPUT_DROP:
    case INPUT_HOLD:
    case INPUT_DUP:
    case INPUT_DELAY:
    case INPUT_CORRUPT: break;
    default: return false;
    }
    return order->conditions < 1u << ORDER_CONDITIONS && order->again <= 1 && !(order->nth && order->times) &&
           order->by >= 0 && order->by <= LATEST;
}

static void release(Turn *turn) {
    World *world = turn->world;
    if (world->orders) store_give(&turn->store, world->orders, world->orders_capacity);
    world->orders = world->orders_capacity = 0;
}

/* Room for one more. False: the store has none. */
static bool reserve(Turn *turn) {
    enum { FIRST = 512 };
    World *world = turn->world;
    if ((world->order_count + 1) * sizeof(OrderView) <= world->orders_capacity) return true;
    uint32_t capacity = world->orders_capacity ? 2 * world->orders_capacity : store_capacity(FIRST);
    uint32_t block = store_take(&turn->store, capacity);
    if (!block) return false;
    memcpy(store_block(&turn->store, block), orders_of(turn), world->order_count * sizeof(OrderView));
    release(turn);
    world->orders = block;
    world->orders_capacity = capacity;
    return true;
}

static Event *order_event(Turn *turn, const OrderView *standing, InputKind call) {
    Event *event = turn_event(turn, EVENT_SET, RULE_SETTING);
    event->host = HOST_NONE;
    event->call = call;
    event->setting = standing->id;
    event->value = call == INPUT_ORDER ? standing->order.does : standing->matched;
    return event;
}

Status order_give(Turn *turn, const Input *input, Result *result) {
    World *world = turn->world;
    OrderView standing = {.id = world->next_order_id, .born = turn->serial};
    if (!input->bytes || input->length != sizeof standing.order) return STATUS_BAD_ARGUMENT;
    memcpy(&standing.order, input->bytes, sizeof standing.order);
    if (!makes_sense(&standing.order)) return STATUS_BAD_ARGUMENT;
    if (world->order_count == LIMIT_ORDERS) return STATUS_LIMIT_ORDERS;
    if (!reserve(turn)) return STATUS_OK; /* the world is spent */
    standing.event = order_event(turn, &standing, INPUT_ORDER)->index;
    memcpy(&orders_of(turn)[world->order_count++], &standing, sizeof standing);
    world->next_order_id++;
    result->count = standing.id;
    return STATUS_OK;
}

static void remove_order(Turn *turn, uint32_t nth) {
    World *world = turn->world;
    OrderView *orders = orders_of(turn);
    world->order_count--;
    memmove(&orders[nth], &orders[nth + 1], (world->order_count - nth) * sizeof *orders);
    if (world->order_count == 0) release(turn);
}

Status order_cancel(Turn *turn, const Input *input) {
    World *world = turn->world;
    uint32_t nth = 0;
    while (nth < world->order_count && orders_in(world)[nth].id != input->count) nth++;
    if (nth == world->order_count) return STATUS_NO_ORDER;
    turn->cause = orders_in(world)[nth].event;
    order_event(turn, &orders_in(world)[nth], INPUT_CANCEL);
    remove_order(turn, nth);
    return STATUS_OK;
}

/* ---- Packets that are sent ---- */

static bool end_is(Endpoint wanted, Endpoint end) {
    return addr_eq(wanted.addr, end.addr) && (!wanted.port || wanted.port == end.port);
}

static bool holds(const Order *order, OrderCondition condition, const Segment *seg, bool again) {
    switch (condition) {
    case ORDER_FROM: return end_is(order->from, seg->src);
    case ORDER_TO: return end_is(order->to, seg->dst);
    case ORDER_FLAGS: return seg->flags == order->flags;
    case ORDER_HAS: return (seg->flags & order->has) == order->has;
    case ORDER_SEQ: return seq_eq(seg->seq, order->seq);
    case ORDER_ACK: return (seg->flags & FLAG_ACK) && seq_eq(seg->ack, order->ack);
    case ORDER_LEN: return seg->data_length >= order->least && seg->data_length <= order->most;
    case ORDER_AGAIN: return again == (order->again != 0);
    case ORDER_CONDITIONS: break;
    }
    return false;
}

static bool meets(const Order *order, const Segment *seg, bool again) {
    for (uint32_t condition = 0; condition < ORDER_CONDITIONS; condition++)
        if (order->conditions >> condition & 1 && !holds(order, (OrderCondition)condition, seg, again)) return false;
    return true;
}

uint32_t orders_for(Turn *turn, const Segment *seg, bool again, OrderView acting[LIMIT_ORDERS]) {
    World *world = turn->world;
    uint32_t count = 0;
    for (uint32_t nth = 0; nth < world->order_count;) {
        OrderView *standing = &orders_of(turn)[nth];
        bool endless = !standing->order.nth && !standing->order.times;
        if (!meets(&standing->order, seg, again)) {
            nth++;
            continue;
        }
        if (standing->matched < UINT32_MAX) standing->matched++;
        bool done = !endless && order_left(standing) == 0;
        if (!standing->order.nth || done) acting[count++] = *standing;
        if (done) remove_order(turn, nth);
        else nth++;
    }
    return count;
}

/* ---- In a search ---- */

void orders_without_time(World *world) {
    OrderView *orders = (OrderView *)(void *)world_place(world, world->store_at + (size_t)world->orders * STORE_UNIT);
    uint32_t kept = 0;
    for (uint32_t nth = 0; nth < world->order_count; nth++)
        if (orders[nth].order.does != INPUT_HOLD && orders[nth].order.does != INPUT_DELAY) orders[kept++] = orders[nth];
    world->order_count = kept;
}
