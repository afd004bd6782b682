/* format.c - see format.h. */
#include "format.h"

const char *format_name(NameList list, uint32_t index) {
#define NUMBER(member, type, expected) #member,
#define ADDRESS(member, expected) #member,
    static const char *const members[] = {
#include "input.def"
        NULL};
    switch (list) {
    case NAMES_MEMBERS: return members[index];
    case NAMES_KINDS: return index < INPUT_KINDS ? call_name((InputKind)index) : NULL;
    case NAMES_HOST_RULES: return index < HOST_RULE_COUNT ? host_rule_info((HostRule)index)->name : NULL;
    case NAMES_PATH_RULES: return index < PATH_RULE_COUNT ? path_rule_info((PathRule)index)->name : NULL;
    case NAMES_TIMERS: return index < TIMER_COUNT ? timer_name((TimerKind)index) : NULL;
    case NAME_LISTS: break;
    }
    return NULL;
}

uint32_t format_sum(uint32_t sum, const uint8_t *bytes, size_t length) {
    sum = ~sum;
    for (size_t i = 0; i < length; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (UINT32_C(0xedb88320) & (0 - (sum & 1)));
    }
    return ~sum;
}

void order_numbers(const Order *order, uint64_t numbers[ORDER_NUMBERS]) {
    const uint64_t fields[ORDER_NUMBERS] = {order->does,
                                            order->conditions,
                                            addr_number(order->from.addr),
                                            order->from.port,
                                            addr_number(order->to.addr),
                                            order->to.port,
                                            order->seq.value,
                                            order->ack.value,
                                            order->least,
                                            order->most,
                                            order->flags,
                                            order->has,
                                            order->again,
                                            order->nth,
                                            order->times,
                                            (uint64_t)order->by};
    for (int i = 0; i < ORDER_NUMBERS; i++) numbers[i] = fields[i];
}

Order order_of(const uint64_t numbers[ORDER_NUMBERS]) {
    return (Order){.does = (uint32_t)numbers[0],
                   .conditions = (uint32_t)numbers[1],
                   .from = {addr_of((uint32_t)numbers[2]), (uint16_t)numbers[3]},
                   .to = {addr_of((uint32_t)numbers[4]), (uint16_t)numbers[5]},
                   .seq = {(uint32_t)numbers[6]},
                   .ack = {(uint32_t)numbers[7]},
                   .least = (uint32_t)numbers[8],
                   .most = (uint32_t)numbers[9],
                   .flags = (uint8_t)numbers[10],
                   .has = (uint8_t)numbers[11],
                   .again = (uint8_t)numbers[12],
                   .nth = (uint32_t)numbers[13],
                   .times = (uint32_t)numbers[14],
                   .by = (Micros)numbers[15]};
}
