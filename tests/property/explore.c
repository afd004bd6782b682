/* explore.c - the explorer meets what a plain search meets, point by point, and in as few faults and moves: nothing is
 * lost by leaving out moves that another order makes superfluous, by trying equal packets once, or by several workers.
 * And whoever walks a way that it has found gets there. */
#include "seeds.h"

enum { POINTS = 12000, HEADS = 1 << 15, CASES_HERE = 100 };

/* ---- A plain search: every packet, every order, whole worlds compared ---- */

/* What was used of the budget. */
typedef struct Spent {
    uint8_t drops, dups, delays;
    uint16_t calls;
    uint64_t resends;
} Spent;

typedef struct Node {
    World *world;
    uint8_t *pack;
    size_t length;
    uint64_t digest;
    Spent spent;
    Micros clock; /* where an initial sequence number may still come from it */
    uint32_t level, next;
    bool done;
} Node;

static struct {
    const ExploreConfig *config;
    Node nodes[POINTS];
    uint32_t heads[HEADS]; /* a node's number + 1 */
    uint32_t count;
    bool full;
} plain;

static uint32_t total(Spent spent) { return (uint32_t)(spent.drops + spent.dups + spent.delays); }
static bool within(Spent a, Spent b) { return a.drops <= b.drops && a.dups <= b.dups && a.delays <= b.delays; }
static bool same_spent(Spent a, Spent b) { return within(a, b) && within(b, a); }
static bool same_world(const Node *a, const Node *b) {
    return a->spent.calls == b->spent.calls && a->spent.resends == b->spent.resends && a->clock == b->clock &&
           a->length == b->length && memcmp(a->pack, b->pack, a->length) == 0;
}

static bool may_open(const World *world, Spent spent) {
    ConnView view;
    for (uint32_t i = 0; i < plain.config->call_count; i++)
        if (plain.config->calls[i].kind == INPUT_CONNECT && !(spent.calls & 1u << i)) return true;
    for (ConnId id = world_conn_after(world, HOST_NONE, CONN_NONE); conn_is(id);
         id = world_conn_after(world, HOST_NONE, id))
        if (world_conn(world, id, &view) && !view.gone && view.state == STATE_LISTEN) return true;
    return false;
}

static void add(const World *world, Spent spent, uint32_t level) {
    Node node = {.length = world_pack(world, NULL, 0), .spent = spent, .level = level, .digest = world_digest(world)};
    if (may_open(world, spent)) node.clock = world_now(world);
    uint32_t *head = &plain.heads[node.digest % HEADS];
    node.pack = malloc(node.length);
    if (!node.pack || world_pack(world, node.pack, node.length) != node.length) broken("no pack");
    for (uint32_t i = *head; i; i = plain.nodes[i - 1].next) {
        Node *other = &plain.nodes[i - 1];
        if (!same_spent(other->spent, spent) || !same_world(other, &node)) continue;
        if (level < other->level && other->done) broken("a shorter way was found too late");
        if (level < other->level) other->level = level;
        free(node.pack);
        return;
    }
    plain.full = plain.count == POINTS;
    if (plain.full) {
        free(node.pack);
        return;
    }
    node.world = world_copy(world);
    node.next = *head;
    plain.nodes[plain.count++] = node;
    *head = plain.count;
}

static void move(const Node *node, const Input *input, Spent spent) {
    const ExploreConfig *config = plain.config;
    if (spent.drops > config->drops || spent.dups > config->dups || spent.delays > config->delays) return;
    World *world = world_copy(node->world);
    Status status = world_step(world, input, NULL);
    if (world_spent(world)) broken("the plain search's world is too small");
    if (status == STATUS_OK) add(world, spent, node->level + 1);
    world_free(world);
}

/* Packets that were sent in this instant, but for one. */
static uint8_t delayed(const World *world, PacketId but, Micros until) {
    PacketId ids[256];
    PacketView view;
    uint8_t count = 0;
    if (plain.config->delays == EXPLORE_NO_LIMIT || until == world_now(world)) return 0;
    size_t flying = world_packet_list(world, ids, 256);
    for (size_t i = 0; i < flying; i++)
        if (world_packet(world, ids[i], &view) && view.sent == world_now(world) && view.id.id != but.id) count++;
    return count;
}

static void move_packets(const Node *node) {
    PacketId ids[256];
    PacketView view;
    size_t flying = world_packet_list(node->world, ids, 256);
    Input next;
    bool any = world_next(node->world, &next) && !plain.config->no_timers;
    for (size_t i = 0; i < flying; i++) {
        world_packet(node->world, ids[i], &view);
        Spent drop = node->spent, dup = node->spent;
        drop.drops++;
        dup.dups++;
        move(node, &(Input){.kind = INPUT_DELIVER, .packet = ids[i]}, node->spent);
        move(node, &(Input){.kind = INPUT_DROP, .packet = ids[i]}, drop);
        move(node, &(Input){.kind = INPUT_DUP, .packet = ids[i]}, dup);
        if (!any || view.dies > next.at) continue;
        drop.delays = (uint8_t)(drop.delays + delayed(node->world, ids[i], view.dies));
        move(node, &(Input){.kind = INPUT_EXPIRE, .packet = ids[i], .at = view.dies}, drop);
    }
}

static void move_timers(const Node *node) {
    Input next;
    ConnView view;
    const ExploreConfig *config = plain.config;
    if (config->no_timers || !world_next(node->world, &next)) return;
    for (ConnId id = world_conn_after(node->world, HOST_NONE, CONN_NONE); conn_is(id);
         id = world_conn_after(node->world, HOST_NONE, id)) {
        world_conn(node->world, id, &view);
        for (int i = 0; i < TIMER_COUNT && !view.gone; i++) {
            if (view.timers[i] != next.at) continue;
            Spent spent = node->spent;
            if (i == TIMER_RETRANSMIT && config->resends != EXPLORE_NO_LIMIT) {
                if ((spent.resends >> 4 * view.host & 15) == config->resends) continue;
                spent.resends += UINT64_C(1) << 4 * view.host;
            }
            spent.delays = (uint8_t)(spent.delays + delayed(node->world, PACKET_NONE, next.at));
            move(node, &(Input){.kind = INPUT_TIMER, .conn = id, .timer = (TimerKind)i, .at = next.at}, spent);
        }
    }
}

static ConnId youngest(const World *world, const Input *call) {
    ConnView view;
    ConnId found = CONN_NONE;
    for (ConnId id = world_conn_after(world, call->host, CONN_NONE); conn_is(id);
         id = world_conn_after(world, call->host, id))
        if (world_conn(world, id, &view) && !view.gone && (view.state == STATE_LISTEN) == (call->kind == INPUT_ACCEPT))
            found = id;
    return found;
}

static void move_calls(const Node *node) {
    bool open[2] = {true, true};
    for (uint32_t i = 0; i < plain.config->call_count; i++) {
        Input call = plain.config->calls[i];
        if (node->spent.calls & 1u << i) continue;
        bool turn = open[call.host];
        open[call.host] = !plain.config->in_order;
        if (!turn) continue;
        Spent spent = node->spent;
        spent.calls |= (uint16_t)(1u << i);
        if (call.kind != INPUT_CONNECT && call.kind != INPUT_CRASH) call.conn = youngest(node->world, &call);
        move(node, &call, spent);
    }
}

static void forget_plain(void) {
    for (uint32_t i = 0; i < plain.count; i++) {
        world_free(plain.nodes[i].world);
        free(plain.nodes[i].pack);
    }
    memset(plain.heads, 0, sizeof plain.heads);
    plain.count = 0;
    plain.full = false;
}

/* No packet arrives by itself: it would take as long as the path can make it, longer than any lives. So orders that
 * hold or delay packets make no difference. */
static void arrive_by_hand(World *world) {
    PacketId ids[256];
    PacketView view;
    OrderView order;
    Micros most = path_rule_info(PATH_LATENCY)->high;
    size_t flying = world_packet_list(world, ids, 256);
    world_step(world, &(Input){.kind = INPUT_PATH, .path = PATH_LATENCY, .value = most}, NULL);
    for (uint32_t i = world_orders(world); i-- > 0;)
        if (world_order(world, i, &order) && (order.order.does == INPUT_HOLD || order.order.does == INPUT_DELAY))
            world_step(world, &(Input){.kind = INPUT_CANCEL, .count = order.id}, NULL);
    for (size_t i = 0; i < flying; i++) {
        world_step(world, &(Input){.kind = INPUT_RELEASE, .packet = ids[i]}, NULL);
        world_packet(world, ids[i], &view);
        world_step(world, &(Input){.kind = INPUT_DELAY, .packet = ids[i], .value = view.sent + most - view.due}, NULL);
    }
}

/* False: there are too many points, or they lie too deep. */
static bool search_plainly(const World *start, const ExploreConfig *config) {
    enum { LEVELS = 400 };
    plain.config = config;
    World *world = world_grow(start, &(Config){.conns = 32, .packets = 256, .store = 256 << 10});
    arrive_by_hand(world);
    add(world, (Spent){0}, 0);
    world_free(world);
    for (uint32_t faults = 0; faults <= 3u * EXPLORE_FAULTS; faults++) {
        for (uint32_t level = 0; level < LEVELS; level++) {
            for (uint32_t i = 0; i < plain.count && !plain.full; i++) {
                Node *node = &plain.nodes[i];
                if (node->done || node->level != level || total(node->spent) != faults) continue;
                node->done = true;
                move_packets(node);
                move_timers(node);
                move_calls(node);
            }
        }
    }
    for (uint32_t i = 0; i < plain.count && !plain.full; i++) plain.full = !plain.nodes[i].done;
    return !plain.full;
}

/* ---- What both have met ---- */

typedef struct Met {
    uint64_t digest;
    ExplorePoint point;
} Met;
typedef struct MetList {
    Met items[POINTS];
    uint32_t count;
} MetList;

static int compare(const void *one, const void *two) {
    const Met *a = one, *b = two;
    if (a->digest != b->digest) return a->digest < b->digest ? -1 : 1;
    return memcmp(&a->point, &b->point, sizeof a->point);
}

static void meet(MetList *list, uint64_t digest, const ExplorePoint *point) {
    if (list->count == POINTS) broken("more points than the plain search has");
    Met *met = &list->items[list->count++];
    memset(met, 0, sizeof *met);
    met->digest = digest;
    met->point.depth = point->depth;
    met->point.drops = point->drops;
    met->point.dups = point->dups;
    met->point.delays = point->delays;
    met->point.calls = point->calls;
}

/* A point with fewer faults of some kind and no more of any other makes this one superfluous. */
static bool superfluous(const Node *node) {
    for (uint32_t i = plain.heads[node->digest % HEADS]; i; i = plain.nodes[i - 1].next) {
        const Node *other = &plain.nodes[i - 1];
        bool fewer = within(other->spent, node->spent) && !same_spent(other->spent, node->spent);
        if (fewer && same_world(other, node)) return true;
    }
    return false;
}

static void list_plain(MetList *list) {
    list->count = 0;
    for (uint32_t i = 0; i < plain.count; i++) {
        const Node *node = &plain.nodes[i];
        ExplorePoint point = {.depth = node->level,
                              .drops = node->spent.drops,
                              .dups = node->spent.dups,
                              .delays = node->spent.delays,
                              .calls = node->spent.calls};
        if (!superfluous(node)) meet(list, node->digest, &point);
    }
    qsort(list->items, list->count, sizeof *list->items, compare);
}

static MetList wanted, found;

static bool look(void *self, const World *world, const ExplorePoint *point) {
    meet(self, world_digest(world), point);
    return true;
}

/* Several workers, of which the last comes first. */
static void backwards(void *self, void (*work)(void *argument, uint32_t i), void *argument, uint32_t count) {
    (void)self;
    while (count-- > 0) work(argument, count);
}

/* ---- Ways ---- */

/* Walks to points drawn by chance in the world as it is. */
static void walk_ways(Chance *chance, const World *start, Explore *explore, const ExploreResult *result) {
    enum { LONGEST = 400, WAYS = 20 };
    static Input way[LONGEST];
    for (int i = 0; i < WAYS; i++) {
        uint32_t point = draw(chance, (uint32_t)result->counts.states);
        ExploreWalk walk = {way, explore_way(explore, point, way, LONGEST), 0};
        World *world = world_grow(start, &(Config){.conns = 32, .packets = 256, .store = 256 << 10});
        for (Input input; explore_walk(&walk, world, &input);) {
            Status status = world_step(world, &input, NULL);
            if (status != STATUS_OK) broken("move %zu of the way to point %u: %s", walk.at, point, status_text(status));
        }
        world_free(world);
    }
}

/* ---- Cases ---- */

typedef struct Case {
    Input calls[EXPLORE_CALLS];
    ExploreConfig config;
} Case;

static void draw_case(Chance *chance, Case *drawn) {
    static const Input calls[] = {
        {.kind = INPUT_SEND, .host = 0, .bytes = (const uint8_t *)"x", .length = 1},
        {.kind = INPUT_SEND, .host = 1, .bytes = (const uint8_t *)"yz", .length = 2},
        {.kind = INPUT_RECV, .host = 0, .count = 1},
        {.kind = INPUT_RECV, .host = 1, .count = 1},
        {.kind = INPUT_CLOSE, .host = 0},
        {.kind = INPUT_CLOSE, .host = 1},
        {.kind = INPUT_SHUTDOWN, .host = 0},
        {.kind = INPUT_ABORT, .host = 1},
        {.kind = INPUT_ACCEPT, .host = 1},
        {.kind = INPUT_CRASH, .host = 1},
        {.kind = INPUT_CONNECT, .host = 1, .local = {.port = 80}, .remote = {{0x7f000001}, 7777}},
    };
    ExploreConfig *config = &drawn->config;
    uint32_t count = draw(chance, 4);
    for (uint32_t i = 0; i < count; i++) drawn->calls[i] = ONE_OF(chance, calls);
    *config = (ExploreConfig){.calls = drawn->calls, .call_count = count};
    config->drops = (uint8_t)draw(chance, 3);
    config->dups = (uint8_t)(draw(chance, 3) / 2);
    config->delays = (uint8_t)(one_in(chance, 3) ? EXPLORE_NO_LIMIT : draw(chance, 3));
    config->resends = (uint8_t)draw(chance, 3);
    if (one_in(chance, 6)) config->resends = EXPLORE_NO_LIMIT;
    config->no_timers = one_in(chance, 4);
    config->in_order = one_in(chance, 2);
    config->no_oracles = true;
}

/* What-if rules, options, and other values at the edges of what a rule may be. */
static void draw_rules(Chance *chance, World *world) {
    static const HostRule calm[] = {HOST_RULE_delayed_ack, HOST_RULE_nagle, HOST_RULE_timestamps, HOST_RULE_sack};
    bool what_if = one_in(chance, 2);
    for (HostId host = 0; host < 2; host++) {
        for (int i = 0; i < 2; i++) {
            Input input = {.kind = INPUT_RULE, .host = host, .rule = ONE_OF(chance, calm)};
            if (what_if) {
                input.rule = (HostRule)draw(chance, HOST_RULE_COUNT);
                const HostRuleInfo *info = host_rule_info(input.rule);
                const int64_t values[] = {info->low, info->high, HOST_RULE_OFF};
                input.value = info->kind == HR_SWITCH ? !info->initial : ONE_OF(chance, values);
            }
            world_step(world, &input, NULL);
        }
    }
}

/* Standing orders, mostly of few conditions and for few packets. */
static void draw_orders(Chance *chance, World *world) {
    static const uint32_t does[] = {INPUT_DROP, INPUT_DROP, INPUT_DUP, INPUT_CORRUPT, INPUT_HOLD, INPUT_DELAY};
    static const uint8_t flags[] = {FLAG_SYN, FLAG_SYN | FLAG_ACK, FLAG_ACK, FLAG_FIN | FLAG_ACK};
    for (uint32_t count = draw(chance, 3); count > 0; count--) {
        Order order;
        memset(&order, 0, sizeof order);
        order.does = ONE_OF(chance, does);
        order.conditions = draw(chance, 1u << ORDER_CONDITIONS) & draw(chance, 1u << ORDER_CONDITIONS);
        order.from.addr = order.to.addr = addr_of(0x7f000001 + draw(chance, 2));
        order.flags = ONE_OF(chance, flags);
        order.has = ONE_OF(chance, flags);
        order.most = draw(chance, 3);
        order.again = (uint8_t)draw(chance, 2);
        order.nth = one_in(chance, 2) ? 1 + draw(chance, 3) : 0;
        if (order.nth == 0) order.times = one_in(chance, 8) ? 0 : 1 + draw(chance, 2);
        Input input = {.kind = INPUT_ORDER, .bytes = (const uint8_t *)&order, .length = sizeof order};
        if (world_step(world, &input, NULL) != STATUS_OK) broken("an order is refused");
    }
}

static World *draw_world(Chance *chance) {
    World *world = world_new(&(Config){.seed = draw(chance, 1000)});
    draw_rules(chance, world);
    if (one_in(chance, 2)) draw_orders(chance, world);
    if (!one_in(chance, 4))
        world_step(world, &(Input){.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 2}, NULL);
    Input connect = {.kind = INPUT_CONNECT, .local = {.port = 7777}, .remote = {{0x7f000002}, 80}};
    world_step(world, &connect, NULL);
    Input next;
    for (uint32_t steps = draw(chance, 5); steps > 0 && world_next(world, &next); steps--)
        world_step(world, &next, NULL);
    if (one_in(chance, 3)) draw_orders(chance, world);
    return world;
}

static void hold_against_plain(const World *world, const ExploreConfig *config, const char *how) {
    found.count = 0;
    Explore *explore = explore_new(world, config);
    if (!explore) broken("no search");
    ExploreResult result = explore_run(explore);
    if (result.end != EXPLORE_COMPLETE) broken("%s: the search ends with %d", how, (int)result.end);
    if (result.counts.states != found.count || result.counts.waiting) broken("%s: it counts wrongly", how);
    qsort(found.items, found.count, sizeof *found.items, compare);
    for (uint32_t i = 0; i < found.count || i < wanted.count; i++) {
        if (i < found.count && i < wanted.count && compare(&found.items[i], &wanted.items[i]) == 0) continue;
        broken("%s: %u points, the plain search %u; the first that differs is %u", how, found.count, wanted.count, i);
    }
    explore_free(explore);
}

/* A part of a swarm comes to the same points in another order. */
static void hold_against_part(const World *world, ExploreConfig config, Explore *whole, uint64_t salt) {
    uint8_t met[EXPLORE_SKETCH], met_by_part[EXPLORE_SKETCH];
    config.salt = salt;
    config.draws = (uint8_t)(1 << salt % 4);
    Explore *part = explore_new(world, &config);
    if (!part) broken("no search");
    if (explore_run(part).end != EXPLORE_COMPLETE) broken("a part of a swarm is not complete");
    explore_sketch(whole, met);
    explore_sketch(part, met_by_part);
    if (memcmp(met, met_by_part, sizeof met) != 0) broken("a part of a swarm has met other points");
    for (int a = 0; a < STATE_COUNT; a++)
        for (int b = 0; b < STATE_COUNT; b++)
            if ((explore_pair(whole, (State)a, (State)b) == EXPLORE_NONE) !=
                (explore_pair(part, (State)a, (State)b) == EXPLORE_NONE))
                broken("a part of a swarm has met other pairs of states");
    explore_free(part);
}

/* ---- Several workers count as one does, also where a search is cut ---- */

static ExploreResult count_with(const World *world, ExploreConfig config, uint32_t workers) {
    config.together = workers > 1 ? backwards : NULL;
    config.workers = workers;
    Explore *explore = explore_new(world, &config);
    if (!explore) broken("no search");
    ExploreResult result = explore_run(explore);
    explore_free(explore);
    result.counts.bytes = 0; /* each worker has worlds of its own */
    return result;
}

static void workers_agree(const World *world, ExploreConfig config) {
    for (int exact = 0; exact < 2; exact++) {
        config.exact = exact;
        ExploreResult one = count_with(world, config, 1);
        for (uint32_t workers = 2; workers <= 3; workers++) {
            ExploreResult more = count_with(world, config, workers);
            if (one.end != more.end) broken("it ends with %d, with %u workers %d", one.end, workers, more.end);
            if (one.rests != more.rests || memcmp(&one.counts, &more.counts, sizeof one.counts) != 0)
                broken("%" PRIu64 " points, %" PRIu64 " moves; with %u workers %" PRIu64 ", %" PRIu64,
                       one.counts.states, one.counts.edges, workers, more.counts.states, more.counts.edges);
        }
    }
}

static bool ends_at_depth(void *self, const World *world, const ExplorePoint *point) {
    (void)world;
    return point->depth < *(uint32_t *)self;
}

static void cut_searches(Chance *chance, const World *world, const Case *drawn) {
    ExploreConfig config = drawn->config;
    uint32_t depth = 1 + draw(chance, 6);
    config.states = 1 + draw(chance, 900);
    workers_agree(world, config);
    config.goal = (RuleId)(1 + draw(chance, RULE_COUNT - 1));
    workers_agree(world, config);
    config.look = ends_at_depth;
    config.self = &depth;
    workers_agree(world, config);
}

static uint32_t compared, skipped;

static void play(Chance *chance) {
    Case drawn;
    World *world = draw_world(chance);
    draw_case(chance, &drawn);
    ExploreConfig config = drawn.config;
    bool all = search_plainly(world, &config);
    compared += all;
    skipped += !all;
    if (all) {
        list_plain(&wanted);
        config.look = look;
        config.self = &found;
        hold_against_plain(world, &config, "one worker");
        config.exact = true;
        hold_against_plain(world, &config, "exact");
        config.exact = false;
        config.plain = true;
        hold_against_plain(world, &config, "all orders");
        config.plain = false;
        config.together = backwards;
        config.workers = 3;
        hold_against_plain(world, &config, "three workers");
        config.look = NULL;
        Explore *explore = explore_new(world, &config);
        ExploreResult result = explore_run(explore);
        if (result.end == EXPLORE_COMPLETE) walk_ways(chance, world, explore, &result);
        hold_against_part(world, config, explore, 1 + draw(chance, 1000));
        explore_free(explore);
    }
    forget_plain();
    cut_searches(chance, world, &drawn);
    world_free(world);
}

static void meets_the_same(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(CASES_HERE), play);
    print_message("%u searches compared, %u too large for the plain one\n", compared, skipped);
    assert_true(compared > skipped);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(meets_the_same)};
    return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
