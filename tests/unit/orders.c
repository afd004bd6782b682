/* orders.c - standing orders: which packets they meet, what they do, when they end, and what is packed of them. */
#include "pair.h"

static const uint32_t ACK_ONLY = 1u << ORDER_FLAGS;

static Status give(Order order) {
    return attempt((Input){.kind = INPUT_ORDER, .bytes = (const uint8_t *)&order, .length = sizeof order});
}

static uint32_t given(Order order) {
    Status status = give(order);
    if (status != STATUS_OK) fail_msg("%s", status_text(status));
    return world_result(lab.world)->count;
}

static Status cancel(uint32_t id) { return attempt((Input){.kind = INPUT_CANCEL, .count = id}); }

static OrderView only_order(void) {
    OrderView view;
    assert_int_equal(world_orders(lab.world), 1);
    assert_true(world_order(lab.world, 0, &view));
    return view;
}

static void syn_from(uint16_t port) { connect_from(A, port, ADDR_B, 80); }

PAIR_TEST(drops_the_nth) {
    given((Order){.does = INPUT_DROP, .conditions = 1u << ORDER_FROM, .from = {ADDR_A, 0}, .nth = 2});
    const uint32_t order = last_event().index;
    syn_from(1);
    assert_int_equal(world_packets(lab.world), 1);
    assert_int_equal(only_order().matched, 1);
    syn_from(2);
    assert_int_equal(world_packets(lab.world), 1);
    uint32_t index = 0;
    const Event lost = event_after(&index, EVENT_DROP);
    assert_int_equal(lost.reason, DROP_ORDER);
    assert_int_equal(lost.rule, RULE_PATH_ORDER);
    assert_int_equal(lost.setting, 1);
    assert_int_equal(lost.cause, order);
    assert_int_equal(world_orders(lab.world), 0);
    syn_from(3);
    assert_int_equal(world_packets(lab.world), 2);
}

PAIR_TEST(acts_so_often) {
    given((Order){.does = INPUT_DELAY, .times = 2, .by = 3 * SECOND});
    for (uint16_t port = 1; port <= 3; port++) syn_from(port);
    assert_int_equal(world_orders(lab.world), 0);
    Micros dues[3];
    for (uint32_t i = 0; i < 3; i++) dues[i] = packet_view(packet_at(i)).due;
    assert_int_equal(dues[0], 50 * MILLISECOND);
    assert_int_equal(dues[1], 50 * MILLISECOND + 3 * SECOND);
    assert_int_equal(dues[2], 50 * MILLISECOND + 3 * SECOND);
}

PAIR_TEST(all_conditions_hold) {
    const Order never[] = {
        {.conditions = 1u << ORDER_FROM, .from = {ADDR_B, 0}},
        {.conditions = 1u << ORDER_FROM, .from = {ADDR_A, 2}},
        {.conditions = 1u << ORDER_TO, .to = {ADDR_B, 81}},
        {.conditions = 1u << ORDER_FLAGS, .flags = FLAG_SYN | FLAG_ACK},
        {.conditions = 1u << ORDER_HAS, .has = FLAG_SYN | FLAG_ACK},
        {.conditions = 1u << ORDER_LEN, .least = 1, .most = 9},
        {.conditions = 1u << ORDER_AGAIN, .again = 1},
        {.conditions = 1u << ORDER_ACK}, /* it has no ACK */
        {.conditions = 1u << ORDER_FLAGS | 1u << ORDER_SEQ, .flags = FLAG_SYN, .seq = {7}},
    };
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        Order order = never[i];
        order.does = INPUT_DROP;
        given(order);
    }
    syn_from(1);
    assert_int_equal(world_packets(lab.world), 1);
    given(
        (Order){.does = INPUT_HOLD,
                .conditions = 1u << ORDER_FROM | 1u << ORDER_TO | 1u << ORDER_HAS | 1u << ORDER_LEN | 1u << ORDER_AGAIN,
                .from = {ADDR_A, 3},
                .to = {ADDR_B, 80},
                .has = FLAG_SYN});
    syn_from(3);
    assert_true(packet_view(packet_at(1)).held);
}

/* In the order in which they were given; all count a packet that one of them drops. */
PAIR_TEST(several) {
    given((Order){.does = INPUT_DUP});
    given((Order){.does = INPUT_CORRUPT});
    given((Order){.does = INPUT_DROP, .nth = 1});
    given((Order){.does = INPUT_HOLD, .nth = 2});
    syn_from(1);
    assert_int_equal(world_packets(lab.world), 1); /* the copy, made before the damage */
    PacketView copy = packet_view(packet_at(0));
    assert_int_equal(copy.copy_of, 1);
    assert_false(copy.corrupted);
    syn_from(2);
    assert_int_equal(world_packets(lab.world), 3);
    assert_true(packet_view(packet_at(2)).held && packet_view(packet_at(2)).corrupted);
    assert_int_equal(world_orders(lab.world), 2);
}

PAIR_TEST(cancelled) {
    uint32_t first = given((Order){.does = INPUT_DROP}), second = given((Order){.does = INPUT_HOLD});
    assert_int_equal(first, 1);
    assert_int_equal(second, 2);
    syn_from(1);
    assert_int_equal(cancel(first), STATUS_OK);
    assert_int_equal(last_event().call, INPUT_CANCEL);
    assert_int_equal(last_event().value, 1);
    assert_int_equal(only_order().id, second);
    assert_int_equal(cancel(first), STATUS_NO_ORDER);
    syn_from(2);
    assert_true(packet_view(packet_at(0)).held);
    assert_int_equal(cancel(second), STATUS_OK);
    assert_int_equal(given((Order){.does = INPUT_DROP}), 3);
}

PAIR_TEST(limits_and_nonsense) {
    const Order wrong[] = {
        {.does = INPUT_SEND},
        {.does = INPUT_DROP, .nth = 1, .times = 1},
        {.does = INPUT_DROP, .conditions = 1u << ORDER_CONDITIONS},
        {.does = INPUT_DROP, .again = 2},
        {.does = INPUT_DELAY, .by = -1},
        {.does = INPUT_DELAY, .by = MICROS_LATEST + 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) assert_int_equal(give(wrong[i]), STATUS_BAD_ARGUMENT);
    Order order = {.does = INPUT_DROP};
    const uint8_t *bytes = (const uint8_t *)&order;
    assert_int_equal(attempt((Input){.kind = INPUT_ORDER, .bytes = bytes, .length = 8}), STATUS_BAD_ARGUMENT);
    for (int i = 0; i < LIMIT_ORDERS; i++) given(order);
    assert_int_equal(give(order), STATUS_LIMIT_ORDERS);
    assert_int_equal(world_spent(lab.world), STATUS_OK);
    assert_int_equal(cancel(1), STATUS_OK);
    given(order);
}

/* Orders that will do the same are packed alike, whatever their numbers and however they came to it. */
PAIR_TEST(packed) {
    const uint64_t without = world_digest(lab.world);
    const size_t bytes = world_bytes(lab.world);
    uint32_t first = given((Order){.does = INPUT_DROP, .conditions = ACK_ONLY, .flags = FLAG_ACK, .nth = 2});
    const uint64_t second = world_digest(lab.world);
    assert_true(second != without);
    assert_int_equal(cancel(first), STATUS_OK);
    assert_true(world_digest(lab.world) == without);
    given((Order){.does = INPUT_DROP, .conditions = ACK_ONLY, .flags = FLAG_ACK, .times = 2});
    assert_true(world_digest(lab.world) != second);
    assert_int_equal(cancel(2), STATUS_OK);
    given((Order){.does = INPUT_DROP, .conditions = ACK_ONLY, .flags = FLAG_ACK, .nth = 2});
    assert_true(world_digest(lab.world) == second);
    World *grown = world_grow(lab.world, &(Config){.packets = 999});
    assert_true(world_digest(grown) == second);
    world_free(grown);
    assert_int_equal(cancel(3), STATUS_OK);
    assert_true(world_bytes(lab.world) <= bytes + 512); /* a block that is free again */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(drops_the_nth), lab_test(acts_so_often), lab_test(all_conditions_hold),
        lab_test(several),       lab_test(cancelled),     lab_test(limits_and_nonsense),
        lab_test(packed),
    };
    return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
