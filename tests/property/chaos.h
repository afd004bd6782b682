/* chaos.h - random inputs of every kind, valid and invalid: calls, packets, time, settings, and forgeries aimed
 * at the edges of windows. */
#ifndef TWOMSL_TESTS_PROPERTY_CHAOS_H
#define TWOMSL_TESTS_PROPERTY_CHAOS_H

#include "seeds.h"

enum { CHAOS_BYTES = 80000, MANY = 512 };

static uint8_t chaos_bytes[CHAOS_BYTES]; /* what the last input points to */

/* ---- The object of an input ---- */

static inline uint32_t all_conns(const World *world, ConnId *ids, uint32_t capacity) {
    uint32_t count = 0;
    for (ConnId id = world_conn_after(world, HOST_NONE, CONN_NONE); conn_is(id) && count < capacity;
         id = world_conn_after(world, HOST_NONE, id))
        ids[count++] = id;
    return count;
}

/* Mostly one of the newest, sometimes one that does not exist. */
static inline ConnId some_conn(Chance *chance, const World *world) {
    static ConnId ids[4096];
    uint32_t count = all_conns(world, ids, 4096);
    if (count == 0 || one_in(chance, 40)) return (ConnId){draw(chance, 5), draw(chance, 50)};
    if (one_in(chance, 60)) return (ConnId){UINT32_MAX, UINT32_MAX};
    uint32_t back = one_in(chance, 3) ? draw(chance, count) : draw(chance, count < 6 ? count : 6);
    return ids[count - 1 - back];
}

static inline PacketId some_packet(Chance *chance, const World *world) {
    static PacketId ids[MANY];
    size_t count = world_packet_list(world, ids, MANY);
    if (count > MANY) count = MANY;
    if (count == 0 || one_in(chance, 40)) return (PacketId){draw(chance, 100), draw(chance, 3)};
    PacketId id = ids[one_in(chance, 2) ? 0 : draw(chance, (uint32_t)count)];
    if (one_in(chance, 50)) id.born++;
    if (one_in(chance, 20)) id.born = 0;
    return id;
}

static inline HostId some_host(Chance *chance, const World *world) {
    return one_in(chance, 60) ? draw(chance, 2) ? HOST_NONE : world_hosts(world) : draw(chance, world_hosts(world));
}

static inline Addr some_addr(Chance *chance) {
    static const uint32_t addrs[] = {0x7f000001, 0x7f000001, 0x7f000001, 0x7f000002, 0x7f000002,
                                     0x7f000002, 0x7f000003, 0x7f000009, 0x7f000064};
    static const uint32_t strange[] = {0, 1, 0xe0000001, 0xffffffff, 0x0a000001};
    return addr_of(one_in(chance, 25) ? ONE_OF(chance, strange) : ONE_OF(chance, addrs));
}

static inline uint16_t some_port(Chance *chance) {
    static const uint16_t ports[] = {80, 80, 80, 7777, 7777, 81, 7778, 0, 65535, 49152};
    return ONE_OF(chance, ports);
}

static inline Micros some_time(Chance *chance) {
    static const Micros times[] = {0,       1,        1000,      50000,      200000, 1000000,
                                   3000000, 60000000, 200000000, 7300000000, -1,     -50000};
    static const Micros absurd[] = {MICROS_NEVER,  MICROS_NEVER - 1, INT64_MIN,
                                    INT64_MAX / 2, INT64_MAX / 4,    -INT64_MAX / 2};
    return one_in(chance, 40) ? ONE_OF(chance, absurd) : ONE_OF(chance, times);
}

/* ---- Forgeries ---- */

static inline int32_t near_zero(Chance *chance) {
    static const int32_t offsets[] = {0,    0,     0,     0,     1,     -1,     2,       10,       -10,
                                      1460, -1460, 65534, 65535, 65536, -65535, 1 << 29, INT32_MIN};
    return ONE_OF(chance, offsets);
}

static inline Options some_options(Chance *chance) {
    Options options = OPTIONS_NONE;
    static const uint16_t sizes[] = {1, 64, 536, 1460, 9000, 65495, 65535};
    if (one_in(chance, 2)) options.mss = ONE_OF(chance, sizes);
    if (one_in(chance, 3)) options.wscale = (uint8_t)draw(chance, 20);
    if (one_in(chance, 3)) options.sack_permitted = true;
    if (one_in(chance, 3)) {
        options.timestamps = true;
        options.ts_value = (uint32_t)draw64(chance);
        options.ts_echo = (uint32_t)draw64(chance);
    }
    return options;
}

/* For a connection, numbered as if its peer had sent it: near the edges of its windows. */
static inline void aim(Chance *chance, const ConnView *view, Segment *seg) {
    seg->src = view->remote;
    seg->dst = view->local;
    if (view->state == STATE_LISTEN) seg->src = (Endpoint){some_addr(chance), some_port(chance)};
    Seq bases[] = {view->rcv.nxt,
                   view->rcv.nxt,
                   view->rcv.nxt,
                   view->irs,
                   seq_add(view->rcv.nxt, view->rcv.wnd),
                   seq_sub(view->rcv.nxt, 1)};
    Seq acks[] = {view->snd.nxt,
                  view->snd.nxt,
                  view->snd.nxt,
                  view->snd.una,
                  view->iss,
                  seq_add(view->iss, 1),
                  seq_sub(view->snd.una, view->snd.wnd)};
    seg->seq = seq_add(ONE_OF(chance, bases), (uint32_t)near_zero(chance));
    seg->ack = ONE_OF(chance, acks);
    if (one_in(chance, 4)) seg->ack = seq_add(seg->ack, (uint32_t)near_zero(chance));
    if (one_in(chance, 2)) seg->options.timestamps = view->timestamps;
    for (uint32_t i = 0; i < 3 && one_in(chance, 3); i++) {
        Seq left = seq_add(view->snd.una, draw(chance, 4000));
        seg->options.sack[i] = (SackBlock){left, seq_add(left, draw(chance, 3000))};
        seg->options.sack_count = (uint8_t)(i + 1);
    }
}

static inline uint8_t some_flags(Chance *chance) {
    static const uint8_t flags[] = {FLAG_ACK,
                                    FLAG_ACK,
                                    FLAG_ACK,
                                    FLAG_SYN,
                                    FLAG_SYN,
                                    FLAG_SYN | FLAG_ACK,
                                    FLAG_RST,
                                    FLAG_RST | FLAG_ACK,
                                    FLAG_FIN | FLAG_ACK,
                                    FLAG_FIN | FLAG_ACK,
                                    FLAG_ACK | FLAG_URG,
                                    FLAG_SYN | FLAG_FIN | FLAG_ACK,
                                    0,
                                    FLAG_FIN,
                                    255};
    return ONE_OF(chance, flags);
}

static inline uint32_t forge_segment(Chance *chance, const World *world) {
    static uint8_t data[70000];
    static const uint16_t sizes[] = {0, 0, 0, 1, 10, 100, 1000, 1460, 5000, 65000};
    static const uint16_t windows[] = {0, 1, 100, 1460, 65535, 65535};
    Segment seg = {.src = {some_addr(chance), some_port(chance)},
                   .dst = {some_addr(chance), some_port(chance)},
                   .seq = {(uint32_t)draw64(chance)},
                   .ack = {(uint32_t)draw64(chance)},
                   .flags = some_flags(chance),
                   .window = ONE_OF(chance, windows),
                   .urgent = (uint16_t)draw(chance, 20),
                   .ttl = 64,
                   .ip_id = 9,
                   .options = OPTIONS_NONE,
                   .data = data,
                   .data_length = ONE_OF(chance, sizes)};
    if (one_in(chance, 2)) seg.options = some_options(chance);
    ConnView view;
    if (!one_in(chance, 8) && world_conn(world, some_conn(chance, world), &view)) aim(chance, &view, &seg);
    size_t length = segment_encode(&seg, chaos_bytes, LIMIT_DATAGRAM);
    return length ? (uint32_t)length
                  : (uint32_t)segment_encode(&(Segment){.options = OPTIONS_NONE}, chaos_bytes, LIMIT_DATAGRAM);
}

static inline uint32_t forge_icmp(Chance *chance, const World *world) {
    static const uint8_t types[] = {ICMP_UNREACHABLE,   ICMP_UNREACHABLE,       ICMP_SOURCE_QUENCH,
                                    ICMP_TIME_EXCEEDED, ICMP_PARAMETER_PROBLEM, 8};
    Icmp icmp = {.src = some_addr(chance),
                 .dst = some_addr(chance),
                 .type = ONE_OF(chance, types),
                 .code = (uint8_t)draw(chance, 7),
                 .about_src = {some_addr(chance), some_port(chance)},
                 .about_dst = {some_addr(chance), some_port(chance)}};
    ConnView view;
    if (!one_in(chance, 5) && world_conn(world, some_conn(chance, world), &view)) {
        icmp.dst = view.local.addr;
        icmp.about_src = view.local;
        icmp.about_dst = view.remote;
        icmp.about_seq = seq_add(view.snd.una, (uint32_t)near_zero(chance));
    }
    return (uint32_t)icmp_encode(&icmp, chaos_bytes, sizeof chaos_bytes);
}

static inline uint32_t forge(Chance *chance, const World *world) {
    uint32_t length = one_in(chance, 8) ? forge_icmp(chance, world) : forge_segment(chance, world);
    if (one_in(chance, 15)) chaos_bytes[draw(chance, length)] ^= (uint8_t)(1 + draw(chance, 255));
    if (one_in(chance, 40)) length = draw(chance, length + 1);
    if (one_in(chance, 300)) length = CHAOS_BYTES;
    return length;
}

/* ---- Inputs ---- */

static inline void a_call(Chance *chance, const World *world, Input *input) {
    static const uint32_t lengths[] = {0, 1, 10, 500, 1460, 4000, 20000, 70000};
    static const uint32_t backlogs[] = {0, 1, 1, 2, 5, 65535, 65536, UINT32_MAX};
    static const InputKind kinds[] = {INPUT_LISTEN,   INPUT_CONNECT, INPUT_CONNECT, INPUT_ACCEPT, INPUT_ACCEPT,
                                      INPUT_SEND,     INPUT_SEND,    INPUT_SEND,    INPUT_RECV,   INPUT_RECV,
                                      INPUT_SHUTDOWN, INPUT_CLOSE,   INPUT_CLOSE,   INPUT_ABORT,  INPUT_CRASH};
    input->kind = ONE_OF(chance, kinds);
    if ((input->kind == INPUT_ABORT || input->kind == INPUT_CRASH) && !one_in(chance, 4)) input->kind = INPUT_SEND;
    input->host = some_host(chance, world);
    input->conn = some_conn(chance, world);
    input->local = (Endpoint){one_in(chance, 10) ? some_addr(chance) : ADDR_UNSPECIFIED, some_port(chance)};
    input->remote = (Endpoint){some_addr(chance), some_port(chance)};
    input->count = ONE_OF(chance, backlogs);
    input->close_on_fin = one_in(chance, 5);
    input->urgent = one_in(chance, 8);
    if (input->kind == INPUT_SEND) {
        input->bytes = one_in(chance, 60) ? NULL : chaos_bytes;
        input->length = ONE_OF(chance, lengths);
    }
    ConnView view;
    if (input->kind == INPUT_RECV && !one_in(chance, 8) && world_conn(world, input->conn, &view) && view.unread)
        input->count = one_in(chance, 2) ? view.unread : 1 + draw(chance, view.unread);
}

static inline void a_packet(Chance *chance, const World *world, Input *input) {
    static const InputKind kinds[] = {INPUT_DELIVER, INPUT_DELIVER, INPUT_DELIVER, INPUT_DROP,    INPUT_DROP,
                                      INPUT_DUP,     INPUT_DELAY,   INPUT_HOLD,    INPUT_RELEASE, INPUT_RELEASE,
                                      INPUT_CORRUPT, INPUT_EDIT,    INPUT_EXPIRE};
    input->kind = ONE_OF(chance, kinds);
    input->packet = some_packet(chance, world);
    input->value = some_time(chance);
    static const uint32_t offsets[] = {CORRUPT_ANYWHERE, CORRUPT_ANYWHERE, 0, 5, 20, 33, 39, 1000, 100000};
    input->count = ONE_OF(chance, offsets);
    bool brings = input->kind == INPUT_EDIT || (input->kind == INPUT_DELIVER && one_in(chance, 20));
    if (brings) {
        input->length = forge(chance, world);
        input->bytes = one_in(chance, 60) ? NULL : chaos_bytes;
    }
}

static inline void a_setting(Chance *chance, const World *world, Input *input) {
    static const InputKind kinds[] = {INPUT_RULE, INPUT_RULE, INPUT_RULE, INPUT_PATH, INPUT_HOST};
    input->kind = ONE_OF(chance, kinds);
    input->host = some_host(chance, world);
    input->rule = (HostRule)draw(chance, HOST_RULE_COUNT + (one_in(chance, 20) ? 5 : 0));
    input->path = (PathRule)draw(chance, PATH_RULE_COUNT + (one_in(chance, 20) ? 3 : 0));
    if (input->kind == INPUT_HOST) {
        static const char *const names[] = {"C", "D", "A", "", "a name of sixteen", "fifteen letters"};
        const char *name = ONE_OF(chance, names);
        input->length = (uint32_t)strlen(name);
        input->bytes = (const uint8_t *)name;
        input->foreign = one_in(chance, 4);
        input->local.addr = one_in(chance, 3) ? some_addr(chance) : addr_of(0x7f000064 + draw(chance, 3));
        return;
    }
    const HostRuleInfo *info = host_rule_info(input->rule);
    if (input->kind == INPUT_RULE && one_in(chance, 3)) input->conn = some_conn(chance, world);
    if (input->kind == INPUT_RULE && info) {
        int64_t low = info->low, high = info->high;
        int64_t values[] = {low,
                            high,
                            info->initial,
                            info->initial,
                            info->initial,
                            HOST_RULE_OFF,
                            low - 1,
                            high + 1,
                            low + (int64_t)(draw64(chance) % (uint64_t)(high - low + 1)),
                            low + (high - low) / 1000};
        input->value = info->kind == HR_SWITCH && !one_in(chance, 4) ? draw(chance, 2) : ONE_OF(chance, values);
        return;
    }
    static const int64_t values[] = {0, 0, 50000, 100000, 200000, 1000000, 104, 576, 1500, 65535, -1, INT64_MAX};
    input->value = ONE_OF(chance, values);
}

static inline void some_waiting(Chance *chance, const World *world, Input *input) {
    Input next;
    input->kind = INPUT_WAIT;
    input->at = some_time(chance);
    if (input->at < INT64_MAX / 8 && input->at > 0) input->at += world_now(world);
    if (one_in(chance, 2) && world_next(world, &next)) input->at = next.at - draw(chance, 3) + 1;
    if (!one_in(chance, 3)) return;
    input->kind = INPUT_TIMER;
    input->conn = some_conn(chance, world);
    input->timer = (TimerKind)draw(chance, TIMER_COUNT + (one_in(chance, 20) ? 2 : 0));
    ConnView view;
    if (one_in(chance, 2)) input->at = MICROS_NEVER;
    else if ((unsigned)input->timer < TIMER_COUNT && world_conn(world, input->conn, &view))
        input->at = view.timers[input->timer];
}

static inline void an_order(Chance *chance, const World *world, Input *input) {
    static Order order;
    static const InputKind kinds[] = {INPUT_DROP, INPUT_HOLD, INPUT_DUP, INPUT_DELAY, INPUT_CORRUPT, INPUT_SEND};
    OrderView view;
    input->kind = INPUT_CANCEL;
    input->count = draw(chance, 9);
    if (one_in(chance, 2) && world_order(world, draw(chance, 4), &view)) input->count = view.id;
    if (one_in(chance, 3)) return;
    input->kind = INPUT_ORDER;
    input->bytes = one_in(chance, 60) ? NULL : (const uint8_t *)&order;
    input->length = (uint32_t)sizeof order - one_in(chance, 60);
    memset(&order, 0, sizeof order);
    order.does = kinds[draw(chance, one_in(chance, 20) ? 6 : 5)];
    order.conditions = draw(chance, 1u << ORDER_CONDITIONS) & draw(chance, 1u << ORDER_CONDITIONS);
    if (one_in(chance, 40)) order.conditions = UINT32_MAX;
    order.from = (Endpoint){some_addr(chance), one_in(chance, 2) ? 0 : some_port(chance)};
    order.to = (Endpoint){some_addr(chance), one_in(chance, 2) ? 0 : some_port(chance)};
    order.flags = some_flags(chance);
    order.has = some_flags(chance);
    order.least = draw(chance, 2);
    order.most = draw(chance, 2000);
    order.again = (uint8_t)draw(chance, one_in(chance, 20) ? 3 : 2);
    order.nth = one_in(chance, 3) ? draw(chance, 5) : 0;
    order.times = one_in(chance, 2) ? draw(chance, 4) : 0;
    order.by = some_time(chance);
}

/* The bytes that an input points to are valid until the next one is made. */
static inline Input some_input(Chance *chance, const World *world) {
    Input input = {.kind = INPUT_NONE};
    uint32_t which = draw(chance, 100);
    if (which < 40 && world_next(world, &input)) return input;
    if (which < 62) a_call(chance, world, &input);
    else if (which < 76) a_packet(chance, world, &input);
    else if (which < 88) {
        input.kind = INPUT_INJECT;
        input.length = forge(chance, world);
        input.bytes = one_in(chance, 80) ? NULL : chaos_bytes;
        input.value = one_in(chance, 4) ? some_time(chance) : 0;
        input.foreign = one_in(chance, 12);
    } else if (which < 92) a_setting(chance, world, &input);
    else if (which < 94) an_order(chance, world, &input);
    else if (which < 99) some_waiting(chance, world, &input);
    else {
        input.kind = (InputKind)draw(chance, INPUT_KINDS + 2);
        input.host = HOST_NONE;
    }
    return input;
}

#endif
