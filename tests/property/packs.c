/* packs.c - worlds with equal packs behave alike for ever; the digest says the same as the pack; and what it remembers
 * is what it would find. */
#include "../growing.h"
#include "chaos.h"

enum { HISTORY = 120, ONWARD = 25, ROUNDS = 12, WORLDS = 40 };
static const Config roomy = {.hosts = LIMIT_HOSTS, .conns = 64, .packets = 256, .store = 512 << 10};

/* ---- Packs ---- */

typedef struct Packed {
    uint8_t *bytes;
    size_t length;
    uint64_t digest;
} Packed;

static Packed pack(const World *world) {
    Packed packed = {.length = world_pack(world, NULL, 0), .digest = world_digest(world)};
    packed.bytes = malloc(packed.length);
    if (!packed.bytes || world_pack(world, packed.bytes, packed.length) != packed.length) broken("no pack");
    return packed;
}

static bool same_pack(const Packed *a, const Packed *b) {
    bool same = a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
    if (same != (a->digest == b->digest))
        broken("packs %s, digests %s", same ? "equal" : "differ", same ? "differ" : "equal");
    return same;
}

static bool same_packs(const World *one, const World *two) {
    Packed a = pack(one), b = pack(two);
    bool same = same_pack(&a, &b);
    free(a.bytes);
    free(b.bytes);
    return same;
}

/* ---- The same input in another world ---- */

typedef struct Twins {
    World *world[2];
    Trace *trace[2];
    Micros apart; /* by how much the second one's clock is ahead */
} Twins;

static bool find_conn(const Twins *twins, ConnId *id) {
    ConnView one, two;
    if (!conn_is(*id)) return true;
    if (!world_conn(twins->world[0], *id, &one) || one.gone) return false;
    for (ConnId other = world_conn_after(twins->world[1], one.host, CONN_NONE); conn_is(other);
         other = world_conn_after(twins->world[1], one.host, other)) {
        if (!world_conn(twins->world[1], other, &two) || two.gone) continue;
        if (!endpoint_eq(one.local, two.local) || !endpoint_eq(one.remote, two.remote)) continue;
        *id = other;
        return true;
    }
    broken("a connection has no twin");
}

static bool same_datagram(const PacketView *a, const PacketView *b) {
    if (a->length != b->length) return false;
    uint8_t one[LIMIT_DATAGRAM], two[LIMIT_DATAGRAM];
    memcpy(one, a->bytes, a->length);
    memcpy(two, b->bytes, b->length);
    if (ip_checksum_right(one, a->length) && ip_checksum_right(two, b->length) &&
        a->length >= 20) /* not the IP header's id */
        for (int i = 4; i < 12; i == 5 ? i = 10 : i++) one[i] = two[i] = 0;
    return memcmp(one, two, a->length) == 0;
}

static bool same_packet(const PacketView *a, const PacketView *b, Micros apart) {
    bool due = a->due == MICROS_NEVER ? b->due == MICROS_NEVER : a->due + apart == b->due;
    return due && a->dies + apart == b->dies && a->from == b->from && a->to == b->to && a->held == b->held &&
           a->forged == b->forged && a->foreign == b->foreign && a->again == b->again &&
           conn_is(a->conn) == conn_is(b->conn) && same_datagram(a, b);
}

/* False where it has none, or more than one: then they may differ in what cannot be seen. */
static bool find_packet(const Twins *twins, PacketId *id) {
    static PacketId ids[2][1024];
    PacketView wanted, view;
    if (!world_packet(twins->world[0], *id, &wanted)) return false;
    uint32_t found[2] = {0, 0};
    for (int k = 0; k < 2; k++) {
        size_t count = world_packet_list(twins->world[k], ids[k], 1024);
        for (size_t i = 0; i < count; i++) {
            world_packet(twins->world[k], ids[k][i], &view);
            if (!same_packet(&wanted, &view, k ? twins->apart : 0)) continue;
            found[k]++;
            if (k) *id = ids[k][i];
        }
    }
    if (found[0] != found[1]) broken("%u packets here, %u there", found[0], found[1]);
    return found[1] == 1;
}

/* What the law leaves out: see world_pack(). */
static bool left_out(const World *world, const Input *input) {
    ConnView view;
    if (input->kind == INPUT_CORRUPT && input->count < 20) return true;
    bool ends = input->kind == INPUT_CLOSE || input->kind == INPUT_ABORT || input->kind == INPUT_SHUTDOWN;
    if (!ends || !world_conn(world, input->conn, &view) || view.state != STATE_LISTEN) return false;
    for (int i = PATH_LOSS; i <= PATH_CORRUPT; i++)
        if (world_path(world, (PathRule)i)) return true;
    return false;
}

/* The order in the same place. */
static bool find_order(const Twins *twins, uint32_t *id) {
    OrderView view;
    for (uint32_t nth = 0; world_order(twins->world[0], nth, &view); nth++) {
        if (view.id != *id) continue;
        if (!world_order(twins->world[1], nth, &view)) broken("order %u here, none there", *id);
        *id = view.id;
        return true;
    }
    return false;
}

/* Orders are numbered like packets; how often one that never ends has acted is history. */
static bool same_setting(const Event *a, const Event *b) {
    if (a->rule == RULE_PATH_ORDER || a->call == INPUT_ORDER) return a->value == b->value;
    return a->call == INPUT_CANCEL || (a->value == b->value && a->setting == b->setting);
}

static bool translate(const Twins *twins, const Input *input, Input *other) {
    bool packet = input->kind >= INPUT_DELIVER && input->kind <= INPUT_EXPIRE && input->kind != INPUT_INJECT;
    *other = *input;
    if (left_out(twins->world[0], input)) return false;
    if (packet && !find_packet(twins, &other->packet)) return false;
    if (!packet && input->kind != INPUT_INJECT && !find_conn(twins, &other->conn)) return false;
    if (input->kind == INPUT_CANCEL && !find_order(twins, &other->count)) return false;
    if (input->at > 0 && input->at < INT64_MAX / 8) other->at += twins->apart;
    return true;
}

/* ---- The same events ---- */

static Micros relative(const Twins *twins, int which, Micros time) {
    return time == MICROS_NEVER ? time : time - world_now(twins->world[which]);
}

static bool same_event(const Twins *twins, const Event *a, const Event *b) {
    bool due = a->kind == EVENT_TIMER ? a->due == b->due : relative(twins, 0, a->due) == relative(twins, 1, b->due);
    if (a->due == 0 && b->due == 0) due = true;
    return due && relative(twins, 0, a->time) == relative(twins, 1, b->time) && a->kind == b->kind &&
           a->host == b->host && conn_is(a->conn) == conn_is(b->conn) && a->rule == b->rule && a->from == b->from &&
           a->to == b->to && a->timer == b->timer && a->call == b->call && a->error == b->error &&
           a->reason == b->reason && a->outcome == b->outcome && endpoint_eq(a->src, b->src) &&
           endpoint_eq(a->dst, b->dst) && a->flags == b->flags && a->again == b->again && a->window == b->window &&
           a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code && seq_eq(a->seq, b->seq) &&
           seq_eq(a->ack, b->ack) && a->data_length == b->data_length && same_setting(a, b);
}

/* One step's events; those of several connections may come in another order. */
static void same_events(const Twins *twins, const uint32_t from[2]) {
    static bool taken[1 << 14];
    uint32_t count = trace_count(twins->trace[0]) - from[0];
    if (trace_count(twins->trace[1]) - from[1] != count || count > sizeof taken) broken("another number of events");
    memset(taken, 0, sizeof taken);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t k = 0;
        const Event event = trace_at(twins->trace[0], from[0] + i);
        for (; k < count; k++) {
            const Event twin = trace_at(twins->trace[1], from[1] + k);
            if (!taken[k] && same_event(twins, &event, &twin)) break;
        }
        if (k == count) broken("event %u (%s) has no twin", i, rule_info(event.rule)->name);
        taken[k] = true;
    }
}

/* ---- The law ---- */

/* Where clocks are apart, no initial sequence number may come from them. */
static bool numbers_by_hand(Chance *chance, Twins *twins) {
    for (HostId host = 0; twins->apart && host < world_hosts(twins->world[0]); host++) {
        HostView view;
        world_host(twins->world[0], host, &view);
        Input input = {.kind = INPUT_RULE, .host = host, .rule = HOST_RULE_isn, .value = (uint32_t)draw64(chance)};
        for (int k = 0; k < 2 && !view.foreign; k++)
            if (world_step(twins->world[k], &input, twins->trace[k]) != STATUS_OK) return false;
    }
    return true;
}

/* Timestamps and cookies begin to read clocks that are apart. */
static bool sets_clocks(const Input *input) {
    return input->kind == INPUT_RULE && (input->rule == HOST_RULE_timestamps || input->rule == HOST_RULE_syncookies);
}

static void go_on(Chance *chance, Twins *twins) {
    for (uint32_t step = 0; step < ONWARD; step++) {
        if (world_now(twins->world[1]) > INT64_MAX / 16 || !numbers_by_hand(chance, twins))
            return; /* the end of time */
        Input input = some_input(chance, twins->world[0]), other;
        if ((twins->apart && sets_clocks(&input)) || !translate(twins, &input, &other)) continue;
        uint32_t from[2] = {trace_count(twins->trace[0]), trace_count(twins->trace[1])};
        Status one = world_step(twins->world[0], &input, twins->trace[0]);
        Status two = world_step(twins->world[1], &other, twins->trace[1]);
        if (world_spent(twins->world[0]) || world_spent(twins->world[1])) return;
        if (one != two) broken("%s: \"%s\", but \"%s\"", call_name(input.kind), status_text(one), status_text(two));
        same_events(twins, from);
        if (!same_packs(twins->world[0], twins->world[1]))
            broken("%s: the packs differ afterwards", call_name(input.kind));
    }
}

/* ---- Two ways that may lead to the same world ---- */

static bool does(World *world, Input input) { return world_step(world, &input, NULL) == STATUS_OK; }

static bool does_both(Chance *chance, World *one, World *two) {
    Input a = some_input(chance, one), b;
    static uint8_t bytes[CHAOS_BYTES];
    if (a.bytes) a.bytes = memcpy(bytes, a.bytes, a.length <= CHAOS_BYTES ? a.length : 0);
    if (a.length > CHAOS_BYTES) return false;
    b = some_input(chance, one);
    return does(one, a) && does(one, b) && does(two, b) && does(two, a);
}

/* Two packets arrive, now or in the other order. */
static bool delivers_two(Chance *chance, World *one, World *two) {
    PacketId a = some_packet(chance, one), b = some_packet(chance, one);
    return does(one, (Input){.kind = INPUT_DELIVER, .packet = a}) &&
           does(one, (Input){.kind = INPUT_DELIVER, .packet = b}) &&
           does(two, (Input){.kind = INPUT_DELIVER, .packet = b}) &&
           does(two, (Input){.kind = INPUT_DELIVER, .packet = a});
}

static bool doubles(Chance *chance, World *one, World *two) {
    PacketId packet = some_packet(chance, one);
    Input dup = {.kind = INPUT_DUP, .packet = packet};
    if (!does(one, dup) || !does(two, dup)) return false;
    return does(one, (Input){.kind = INPUT_DROP, .packet = packet}) &&
           does(two, (Input){.kind = INPUT_DROP, .packet = world_result(two)->packet});
}

static bool holds_for_nothing(Chance *chance, World *one, World *two) {
    PacketId packet = some_packet(chance, one);
    (void)two;
    return does(one, (Input){.kind = INPUT_HOLD, .packet = packet}) &&
           does(one, (Input){.kind = INPUT_RELEASE, .packet = packet});
}

/* The same bytes, but nobody sent them. */
static bool forges_the_same(Chance *chance, World *one, World *two) {
    static uint8_t bytes[LIMIT_DATAGRAM];
    PacketView view;
    (void)two;
    if (!world_packet(one, some_packet(chance, one), &view) || view.held || view.forged) return false;
    memcpy(bytes, view.bytes, view.length);
    Input inject = {.kind = INPUT_INJECT, .bytes = bytes, .length = view.length, .value = view.due - world_now(one)};
    return does(one, (Input){.kind = INPUT_DROP, .packet = view.id}) && does(one, inject);
}

static bool waits(Chance *chance, World *one, World *two) {
    static const Micros times[] = {1, 1000, 60000000, 7300000000, 400000000000};
    (void)one;
    return does(two, (Input){.kind = INPUT_WAIT, .at = world_now(two) + ONE_OF(chance, times)});
}

/* A connection that came and went. */
static bool comes_and_goes(Chance *chance, World *one, World *two) {
    Input connect = {.kind = INPUT_CONNECT, .local = {.port = 5}, .remote = {addr_of(0x7f000063), 9}};
    (void)two;
    (void)chance;
    if (!does(one, (Input){.kind = INPUT_RULE, .rule = HOST_RULE_isn, .value = 77}) || !does(one, connect))
        return false;
    ConnId conn = world_result(one)->conn;
    PacketId ids[1024];
    for (size_t i = 0, count = world_packet_list(one, ids, 1024); i < count && i < 1024; i++) {
        PacketView view;
        if (world_packet(one, ids[i], &view) && conn_eq(view.conn, conn))
            does(one, (Input){.kind = INPUT_DROP, .packet = ids[i]});
    }
    HostView host;
    world_host(two, 0, &host);
    return does(one, (Input){.kind = INPUT_ABORT, .conn = conn}) &&
           does(one, (Input){.kind = INPUT_RULE, .rule = HOST_RULE_isn, .value = host.rules[HOST_RULE_isn]});
}

static bool (*const ways[])(Chance *chance, World *one,
                            World *two) = {does_both, does_both,         delivers_two,    delivers_two, delivers_two,
                                           doubles,   holds_for_nothing, forges_the_same, waits,        comes_and_goes};
enum { WAYS = sizeof ways / sizeof *ways };
static uint32_t met[WAYS]; /* how often equal worlds were reached so */

/* A connection over which both sides send, and what they agree on. */
static void opens(Chance *chance, World *world) {
    static const HostRule rules[] = {HOST_RULE_sack, HOST_RULE_timestamps, HOST_RULE_congestion, HOST_RULE_nagle,
                                     HOST_RULE_syncookies};
    static const uint8_t bytes[6000] = {1, 2, 3};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        for (HostId host = 0; host < 2 && one_in(chance, 2); host++)
            does(world, (Input){.kind = INPUT_RULE, .host = host, .rule = rules[i], .value = draw(chance, 2)});
    does(world, (Input){.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 2});
    does(world, (Input){.kind = INPUT_CONNECT, .local = {.port = 7777}, .remote = {addr_of(0x7f000002), 80}});
    Input next;
    while (world_packets(world) && world_next(world, &next) && does(world, next)) {
    }
    for (ConnId id = world_conn_after(world, HOST_NONE, CONN_NONE); conn_is(id);
         id = world_conn_after(world, HOST_NONE, id))
        does(world, (Input){.kind = INPUT_SEND, .conn = id, .bytes = bytes, .length = 1 + draw(chance, 6000)});
}

static World *some_world(Chance *chance, Trace *trace) {
    Config config = roomy;
    config.seed = playing.seed;
    World *world = world_new(&config);
    uint32_t history = draw(chance, HISTORY);
    if (!one_in(chance, 4)) opens(chance, world);
    for (playing.step = 0; playing.step < history; playing.step++) {
        Input input = some_input(chance, world);
        World *before = world_copy(world);
        world_step(world, &input, trace);
        if (world_spent(world) || world_packets(world) > 100) {
            world_free(world);
            return before;
        }
        world_free(before);
    }
    return world;
}

static void play_pairs(Chance *chance) {
    Trace *trace = trace_new();
    World *world = some_world(chance, trace);
    playing.trace = trace;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t way = draw(chance, WAYS);
        Twins twins = {.world = {world_copy(world), world_copy(world)}, .trace = {trace_new(), trace_new()}};
        bool done = ways[way](chance, twins.world[0], twins.world[1]);
        bool good = !world_spent(twins.world[0]) && !world_spent(twins.world[1]);
        twins.apart = world_now(twins.world[1]) - world_now(twins.world[0]);
        playing.trace = twins.trace[0];
        if (done && good && same_packs(twins.world[0], twins.world[1])) {
            met[way]++;
            go_on(chance, &twins);
        }
        playing.trace = NULL;
        for (int k = 0; k < 2; k++) {
            world_free(twins.world[k]);
            trace_free(twins.trace[k]);
        }
    }
    world_free(world);
    trace_free(trace);
}

static void equal_packs_behave_alike(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(250), play_pairs);
    for (int way = 0; way < WAYS && !getenv("SEED") && !getenv("CASES"); way++) {
        bool forges = ways[way] == forges_the_same; /* a forgery is never the same */
        if (forges != (met[way] == 0)) broken("way %d was met %u times", way, met[way]);
    }
}

/* ---- The digest, and what it remembers ---- */

/* From scratch: a grown copy remembers nothing. */
static uint64_t digest_anew(const World *world) {
    World *fresh = world_grow(world, world_config(world));
    if (!fresh) broken("no copy");
    uint64_t digest = world_digest(fresh);
    world_free(fresh);
    return digest;
}

static void play_remembering(Chance *chance) {
    Config config = {.seed = playing.seed, .conns = 8};
    const Config most = {.hosts = LIMIT_HOSTS, .conns = 512, .packets = 2048, .store = 64 << 20};
    World *world = world_new(&config);
    Packed seen[WORLDS];
    uint32_t count = 0;
    for (playing.step = 0; playing.step < 2 * HISTORY; playing.step++) {
        Input input = some_input(chance, world);
        if (!one_in(chance, 4)) world_remember(world);
        step_growing(&world, &input, NULL, &most);
        if (world_digest(world) != digest_anew(world)) broken("%s: a hash is out of date", call_name(input.kind));
        if (count < WORLDS && one_in(chance, 4)) seen[count++] = pack(world);
    }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < i; k++) same_pack(&seen[i], &seen[k]);
    while (count > 0) free(seen[--count].bytes);
    world_free(world);
}

static void remembered_hashes_are_right(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(100), play_remembering);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_packs_behave_alike),
                                       cmocka_unit_test(remembered_hashes_are_right)};
    return cmocka_run_group_tests_name("packs", tests, NULL, NULL);
}
