/* search.c - explores some scenes of TCP with the engine alone, and prints what a person would see of each:
 *
 *   SCENE <tab> broken <tab> an oracle's rule, or what does not hold at rest <tab> moves to the nearest such point
 *   SCENE <tab> end    <tab> "complete", or what cut the search <tab> 0
 *   SCENE <tab> pair   <tab> states of A and B that are met together <tab> moves
 *   SCENE <tab> rest   <tab> how it is where nothing can happen any more <tab> moves
 *   SCENE <tab> rule   <tab> a rule that is followed somewhere <tab> moves
 *
 * Where a search is broken it ends there, and nothing else is printed of it. Link it with -Wl,--wrap=world_step_seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../engine/engine.h"

#define ADDR_A ((Addr){0x7f000001})
#define ADDR_B ((Addr){0x7f000002})
enum { A, B, PORT_A = 7777, PORT_B = 80, MOST_STATES = 100000, RESTS = 64, WORDS = 160 };

/* ---- The worlds in which the searches begin ---- */

static void give_up(const char *what) {
    fprintf(stderr, "search: %s\n", what);
    exit(2);
}

static void must(World *world, Input input) {
    Status status = world_step(world, &input, NULL);
    if (status != STATUS_OK) give_up(status_text(status));
}

static void rule(World *world, HostId host, HostRule rule, int64_t value) {
    must(world, (Input){.kind = INPUT_RULE, .host = host, .rule = rule, .value = value});
}

static void listen_on(World *world, HostId host, uint16_t port) {
    must(world, (Input){.kind = INPUT_LISTEN, .host = host, .local = {.port = port}, .count = 5});
}

static void connect_a(World *world) {
    must(world, (Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {ADDR_B, PORT_B}});
}

/* Until nothing is due within a second. */
static void run(World *world) {
    Input next;
    while (world_next(world, &next) && next.at < world_now(world) + MICROS_PER_SECOND) must(world, next);
}

static ConnView youngest(const World *world, HostId host, bool listener) {
    ConnView view, found = {.id = CONN_NONE};
    for (ConnId id = world_conn_after(world, host, CONN_NONE); conn_is(id); id = world_conn_after(world, host, id))
        if (world_conn(world, id, &view) && (view.state == STATE_LISTEN) == listener) found = view;
    return found;
}

/* Forged, and due in a minute: a search lets it arrive at any time. */
static void inject(World *world, Segment seg) {
    uint8_t bytes[128];
    seg.ttl = 64;
    seg.window = 1000;
    seg.options = OPTIONS_NONE;
    uint32_t length = (uint32_t)segment_encode(&seg, bytes, sizeof bytes);
    must(world, (Input){.kind = INPUT_INJECT, .bytes = bytes, .length = length, .value = 60 * MICROS_PER_SECOND});
}

static World *empty(void) {
    World *world = world_new(&(Config){.conns = 16, .packets = 32, .seed = 1});
    if (!world) give_up("no memory");
    return world;
}

/* A SYN and an ACK with text of an earlier connection are still under way to B, as is the SYN of this one. */
static World *opening(void) {
    World *world = empty();
    rule(world, A, HOST_RULE_isn, 1000);
    rule(world, B, HOST_RULE_isn, 5000);
    listen_on(world, B, PORT_B);
    Segment old = {.src = {ADDR_A, PORT_A}, .dst = {ADDR_B, PORT_B}, .seq = {500}, .flags = FLAG_SYN};
    inject(world, old);
    old.seq = seq_add(old.seq, 1);
    old.ack = seq_of(4000);
    old.flags = FLAG_ACK;
    old.data = (const uint8_t *)"old";
    old.data_length = 3;
    inject(world, old);
    must(world, (Input){.kind = INPUT_WAIT, .at = 1});
    connect_a(world);
    return world;
}

/* Neither listens, and both connect to the other. */
static World *crossing(void) {
    World *world = empty();
    connect_a(world);
    must(world, (Input){.kind = INPUT_CONNECT, .host = B, .local = {.port = PORT_B}, .remote = {ADDR_A, PORT_A}});
    return world;
}

static World *opened(void) {
    World *world = empty();
    rule(world, A, HOST_RULE_nagle, 0);
    listen_on(world, B, PORT_B);
    connect_a(world);
    run(world);
    return world;
}

/* A's first two ACKs of B's FIN are lost. TIME_WAIT lasts 2.4 s: the third FIN, after 3 s, finds it only where the
 * second one has restarted it. */
static World *lost_acks(void) {
    World *world = opened();
    Order order;
    memset(&order, 0, sizeof order);
    order.does = INPUT_DROP;
    order.conditions = 1u << ORDER_FROM | 1u << ORDER_ACK;
    order.from = (Endpoint){ADDR_A, 0};
    order.ack = seq_add(youngest(world, B, false).snd.nxt, 1);
    order.times = 2;
    must(world, (Input){.kind = INPUT_ORDER, .bytes = (const uint8_t *)&order, .length = sizeof order});
    rule(world, A, HOST_RULE_time_wait, 80);
    return world;
}

/* A has filled the window of B, which has read all and says so in a window update that is under way. */
static World *full_window(void) {
    uint8_t text[258];
    memset(text, 'x', sizeof text);
    World *world = empty();
    rule(world, B, HOST_RULE_recv_buffer, 256);
    listen_on(world, B, PORT_B);
    connect_a(world);
    run(world);
    must(world,
         (Input){.kind = INPUT_SEND, .conn = youngest(world, A, false).id, .bytes = text, .length = sizeof text});
    run(world);
    must(world, (Input){.kind = INPUT_RECV, .conn = youngest(world, B, false).id, .count = 256});
    return world;
}

/* Where a RST is lost, nobody waits for ever. */
static World *impatient(void) {
    World *world = opened();
    rule(world, A, HOST_RULE_fin_wait_2_timeout, MICROS_PER_SECOND);
    rule(world, B, HOST_RULE_fin_wait_2_timeout, MICROS_PER_SECOND);
    return world;
}

/* Segments that an attacker who sees nothing might send to B. */
static World *attacked(void) {
    World *world = opened();
    ConnView b = youngest(world, B, false);
    const struct {
        uint32_t seq, ack;
        uint8_t flags;
    } forged[] = {{10, 0, FLAG_RST}, {70000, 0, FLAG_RST}, {10, 0, FLAG_SYN}, {0, 1, FLAG_ACK}, {0, 0, 0}};
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++)
        inject(world, (Segment){.src = b.remote,
                                .dst = b.local,
                                .seq = seq_add(b.rcv.nxt, forged[i].seq),
                                .ack = seq_add(b.snd.nxt, forged[i].ack),
                                .flags = forged[i].flags});
    must(world, (Input){.kind = INPUT_WAIT, .at = world_now(world) + 1});
    return world;
}

static void call(World *world, InputKind kind, HostId host, const char *text) {
    must(world, (Input){.kind = kind,
                        .conn = youngest(world, host, false).id,
                        .bytes = (const uint8_t *)text,
                        .length = text ? (uint32_t)strlen(text) : 0});
    run(world);
}

/* A connection that ended with text and both FINs: B is in TIME_WAIT, and a copy of A's text is still under way. */
static World *ended(void) {
    World *world = opened();
    must(world,
         (Input){
             .kind = INPUT_SEND, .conn = youngest(world, A, false).id, .bytes = (const uint8_t *)"old", .length = 3});
    PacketId text;
    world_packet_list(world, &text, 1);
    must(world, (Input){.kind = INPUT_DUP, .packet = text});
    must(world, (Input){.kind = INPUT_DELAY, .packet = world_result(world)->packet, .value = 20 * MICROS_PER_SECOND});
    run(world);
    call(world, INPUT_SHUTDOWN, B, NULL);
    call(world, INPUT_SHUTDOWN, A, NULL);
    return world;
}

/* ---- What is explored ---- */

typedef struct Scene {
    const char *name;
    World *(*begin)(void);
    const Input *calls;
    uint32_t count;
    uint8_t drops, dups;
    /* What must hold at rest, but where `any`: each host has received this, and its connection is open, or ended
     * without an error. */
    bool any, open;
    const char *received[2];
} Scene;

#define TEXT(text) .bytes = (const uint8_t *)(text), .length = sizeof(text) - 1
#define CALLS(list) list, sizeof(list) / sizeof *(list)

static const Input sends[] = {{.kind = INPUT_SEND, .host = A, TEXT("ab")},
                              {.kind = INPUT_SEND, .host = A, TEXT("cd")},
                              {.kind = INPUT_SEND, .host = B, TEXT("x")}};
static const Input ends[] = {{.kind = INPUT_SEND, .host = A, TEXT("ab")},
                             {.kind = INPUT_SHUTDOWN, .host = A},
                             {.kind = INPUT_SHUTDOWN, .host = B}};
static const Input one_send[] = {{.kind = INPUT_SEND, .host = A, TEXT("ab")}};
static const Input closes[] = {
    {.kind = INPUT_SEND, .host = B, TEXT("x")}, {.kind = INPUT_CLOSE, .host = A}, {.kind = INPUT_CLOSE, .host = B}};
static const Input again[] = {{.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {ADDR_B, PORT_B}},
                              {.kind = INPUT_SEND, .host = A, TEXT("new")}};

static const Scene scenes[] = {
    {"opening", opening, NULL, 0, .drops = 1, .dups = 1, .open = true},
    {"crossing", crossing, NULL, 0, .drops = 1, .dups = 1, .open = true},
    {"text", opened, CALLS(sends), .drops = 2, .dups = 1, .open = true, .received = {"x", "abcd"}},
    {"closing", opened, CALLS(ends), .drops = 2, .received = {"", "ab"}},
    {"lost ACKs", lost_acks, CALLS(ends), .received = {"", "ab"}},
    {"window", full_window, CALLS(one_send), .drops = 2, .dups = 1, .open = true, .received = {"", "xxab"}},
    {"attack", attacked, CALLS(one_send), .drops = 1, .open = true, .received = {"", "ab"}},
    {"unread", impatient, CALLS(closes), .drops = 1, .any = true},
    {"again", ended, CALLS(again), .drops = 1, .dups = 1, .open = true, .received = {"", "new"}},
};

/* ---- What is seen ---- */

typedef struct Rest {
    char words[WORDS];
    uint32_t depth;
} Rest;

static struct {
    const Scene *scene;
    uint32_t depth; /* of the point that is looked at */
    uint32_t rules[RULE_COUNT];
    Rest rests[RESTS];
    uint32_t rest_count;
    char broken[WORDS];
} seen;

/* One bit for each rule that a step of the explorer follows. */
Status __real_world_step_seen(World *world, const Input *input, uint64_t *rules);
Status __wrap_world_step_seen(World *world, const Input *input, uint64_t *rules);
Status __wrap_world_step_seen(World *world, const Input *input, uint64_t *rules) {
    Status status = __real_world_step_seen(world, input, rules);
    for (int i = 1; status == STATUS_OK && i < RULE_COUNT; i++)
        if (rules[i / 64] >> i % 64 & 1 && !seen.rules[i]) seen.rules[i] = seen.depth + 1;
    return status;
}

static bool may_call(const World *world, const Input *of_scene) {
    Input input = *of_scene;
    if (input.kind != INPUT_CONNECT) input.conn = youngest(world, input.host, false).id;
    World *copy = world_copy(world);
    if (!copy) give_up("no memory");
    bool taken = world_step(copy, &input, NULL) == STATUS_OK;
    world_free(copy);
    return taken;
}

static bool rests(const World *world, const ExplorePoint *point) {
    Input next;
    if (world_packets(world) || world_next(world, &next)) return false;
    for (uint32_t i = 0; i < seen.scene->count; i++)
        if (!(point->calls >> i & 1) && may_call(world, &seen.scene->calls[i])) return false;
    return true;
}

static bool is_right(const World *world, HostId host) {
    uint8_t bytes[16];
    ConnView view = youngest(world, host, false);
    const char *wanted = seen.scene->received[host] ? seen.scene->received[host] : "";
    if (view.unread != strlen(wanted) || view.error != STATUS_OK) return false;
    if (world_peek(world, view.id, bytes, sizeof bytes) != strlen(wanted)) return false;
    if (memcmp(bytes, wanted, strlen(wanted)) != 0) return false;
    return seen.scene->open ? view.state == STATE_ESTABLISHED : view.gone;
}

static size_t describe(const World *world, HostId host, char *words, size_t room) {
    ConnView view = youngest(world, host, false);
    int length = snprintf(words, room, "%s %s, %u bytes", host == A ? "A" : "B",
                          conn_is(view.id) ? state_name(view.state) : "none", view.unread);
    if (view.error == STATUS_OK) return (size_t)length;
    return (size_t)(length + snprintf(words + length, room - (size_t)length, ", %s", status_text(view.error)));
}

static bool look(void *self, const World *world, const ExplorePoint *point) {
    (void)self;
    char words[WORDS];
    seen.depth = point->depth;
    if (!rests(world, point)) return true;
    size_t length = describe(world, A, words, WORDS / 2 - 4);
    memcpy(words + length, "; ", 2);
    describe(world, B, words + length + 2, WORDS / 2);
    if (!seen.scene->any && (!is_right(world, A) || !is_right(world, B))) {
        snprintf(seen.broken, WORDS, "at rest: %.150s", words);
        return false;
    }
    for (uint32_t i = 0; i < seen.rest_count; i++)
        if (strcmp(seen.rests[i].words, words) == 0) return true;
    if (seen.rest_count == RESTS) give_up("too many rests");
    seen.rests[seen.rest_count].depth = point->depth;
    strcpy(seen.rests[seen.rest_count++].words, words);
    return true;
}

/* ---- Telling ---- */

static void tell(const char *kind, const char *what, size_t depth) {
    printf("%s\t%s\t%s\t%zu\n", seen.scene->name, kind, what, depth);
}

static void tell_pairs(Explore *explore) {
    char words[WORDS];
    for (int a = 0; a < STATE_COUNT; a++) {
        for (int b = 0; b < STATE_COUNT; b++) {
            uint32_t number = explore_pair(explore, (State)a, (State)b);
            snprintf(words, WORDS, "%s/%s", state_name((State)a), state_name((State)b));
            if (number != EXPLORE_NONE) tell("pair", words, explore_way(explore, number, NULL, 0));
        }
    }
}

static void tell_all(Explore *explore, const ExploreResult *result) {
    static const char *const words[] = {[EXPLORE_COMPLETE] = "complete",
                                        [EXPLORE_CUT_STATES] = "too many states",
                                        [EXPLORE_CUT_MEMORY] = "no memory",
                                        [EXPLORE_CUT_WORLD] = "no room in a world"};
    if (result->end == EXPLORE_BROKEN) {
        tell("broken", result->rule ? rule_info(result->rule)->name : seen.broken, explore_found(explore, NULL, 0));
        return;
    }
    tell("end", words[result->end], 0);
    tell_pairs(explore);
    for (uint32_t i = 0; i < seen.rest_count; i++) tell("rest", seen.rests[i].words, seen.rests[i].depth);
    for (int i = 1; i < RULE_COUNT; i++)
        if (seen.rules[i]) tell("rule", rule_info((RuleId)i)->name, seen.rules[i]);
}

static void explore_scene(const Scene *scene) {
    memset(&seen, 0, sizeof seen);
    seen.scene = scene;
    World *world = scene->begin();
    ExploreConfig config = {.drops = scene->drops,
                            .dups = scene->dups,
                            .resends = EXPLORE_NO_LIMIT,
                            .calls = scene->calls,
                            .call_count = scene->count,
                            .in_order = true,
                            .states = MOST_STATES,
                            .look = look};
    Explore *explore = explore_new(world, &config);
    if (!explore) give_up("no memory");
    ExploreResult result = explore_run(explore);
    fprintf(stderr, "%s: %u states, %u edges\n", scene->name, (unsigned)result.counts.states,
            (unsigned)result.counts.edges);
    tell_all(explore, &result);
    fflush(stdout);
    explore_free(explore);
    world_free(world);
}

int main(void) {
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) explore_scene(&scenes[i]);
    return EXIT_SUCCESS;
}
