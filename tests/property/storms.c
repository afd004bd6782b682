/* storms.c - whatever is forged into a connection, its two TCPs do not answer each other's empty segments for ever. */
#include "seeds.h"

enum { A = 0, B = 1, PORT_A = 7777, PORT_B = 80, FORGERIES = 6, QUIET_STEPS = 400 };

typedef struct Play {
    World *world;
    Trace *trace;
    Chance *chance;
    ConnId conn[2];
} Play;

static void must(Play *p, Input input) {
    Status status = world_step(p->world, &input, p->trace);
    if (status != STATUS_OK) broken("%s: %s", call_name(input.kind), status_text(status));
}

static bool look(const Play *p, int side, ConnView *view) {
    return world_conn(p->world, p->conn[side], view) && !view->gone;
}

static void sets(Play *p, HostId host, HostRule rule, int64_t value) {
    must(p, (Input){.kind = INPUT_RULE, .host = host, .rule = rule, .value = value});
}

static void rules_by_chance(Play *p) {
    static const HostRule switches[] = {HOST_RULE_timestamps, HOST_RULE_sack, HOST_RULE_window_scale};
    static const int64_t buffers[] = {256, 1000, 3000, 65535}, delays[] = {1000, 50000, 400000, 2000000, 9000000};
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        int64_t on = draw(p->chance, 2);
        for (HostId host = A; host <= B; host++) sets(p, host, switches[i], on);
    }
    for (HostId host = A; host <= B; host++) {
        sets(p, host, HOST_RULE_recv_buffer, ONE_OF(p->chance, buffers));
        if (one_in(p->chance, 3)) sets(p, host, HOST_RULE_challenge_ack, 0);
        if (one_in(p->chance, 3)) sets(p, host, HOST_RULE_delayed_ack, HOST_RULE_OFF);
        if (one_in(p->chance, 4)) sets(p, host, HOST_RULE_keepalive, 5 * MICROS_PER_SECOND);
    }
    must(p, (Input){.kind = INPUT_PATH, .path = PATH_LATENCY, .value = ONE_OF(p->chance, delays)});
}

static void opens(Play *p) {
    must(p, (Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = PORT_B}, .count = 1});
    ConnId listener = world_result(p->world)->conn;
    HostView b;
    if (!world_host(p->world, B, &b)) broken("no host B");
    must(p,
         (Input){
             .kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {.addr = b.addr, .port = PORT_B}});
    p->conn[A] = world_result(p->world)->conn;
    Input next, accept = {.kind = INPUT_ACCEPT, .conn = listener};
    for (int i = 0; world_step(p->world, &accept, p->trace) != STATUS_OK; i++) {
        if (i == QUIET_STEPS || !world_next(p->world, &next)) broken("the connection does not open");
        must(p, next);
    }
    p->conn[B] = world_result(p->world)->conn;
}

/* A forged segment of the peer, with numbers in the window or near its edges. */
static void forge(Play *p, int side) {
    static const uint8_t flags[] = {FLAG_ACK, FLAG_ACK, FLAG_FIN | FLAG_ACK, FLAG_SYN | FLAG_ACK, FLAG_SYN, FLAG_RST};
    static const uint32_t offsets[] = {0, 0, 0, 0, 1, 2, 100, UINT32_MAX, 70000};
    static const uint16_t windows[] = {0, 0, 1, 500, 65535};
    static const uint8_t text[200];
    static uint8_t bytes[400];
    ConnView view;
    if (!look(p, side, &view)) return;
    Segment seg = {.src = view.remote,
                   .dst = view.local,
                   .seq = seq_add(view.rcv.nxt, ONE_OF(p->chance, offsets)),
                   .ack = seq_add(view.snd.nxt, ONE_OF(p->chance, offsets)),
                   .flags = ONE_OF(p->chance, flags),
                   .window = ONE_OF(p->chance, windows),
                   .ttl = 64,
                   .options = OPTIONS_NONE,
                   .data = text,
                   .data_length = (uint16_t)(one_in(p->chance, 2) ? draw(p->chance, sizeof text) : 0)};
    if (seg.flags & FLAG_RST && !one_in(p->chance, 4)) seg.flags = FLAG_ACK;
    if (view.timestamps) {
        seg.options.timestamps = true;
        seg.options.ts_value = (uint32_t)(world_now(p->world) / 1000) + (one_in(p->chance, 2) ? 1u << 30 : 1u);
    }
    uint32_t length = (uint32_t)segment_encode(&seg, bytes, sizeof bytes);
    must(p, (Input){.kind = INPUT_INJECT, .bytes = bytes, .length = length, .value = 0});
    must(p, (Input){.kind = INPUT_DELIVER, .packet = world_result(p->world)->packet});
}

static void call_by_chance(Play *p) {
    static const uint8_t text[3000];
    static const InputKind kinds[] = {INPUT_SEND, INPUT_SEND, INPUT_RECV, INPUT_RECV, INPUT_SHUTDOWN, INPUT_CLOSE};
    int side = (int)draw(p->chance, 2);
    Input input = {.kind = ONE_OF(p->chance, kinds), .conn = p->conn[side]};
    ConnView view;
    if (!look(p, side, &view)) return;
    if (input.kind == INPUT_RECV) input.count = view.unread;
    if (input.kind == INPUT_SEND) input.bytes = text, input.length = 1 + draw(p->chance, sizeof text);
    world_step(p->world, &input, p->trace); /* may be refused */
}

static void check_oracle(const Play *p, uint32_t *seen) {
    for (; *seen < trace_count(p->trace); ++*seen) {
        const Event event = trace_at(p->trace, *seen);
        if (event.kind == EVENT_ORACLE && event.rule == RULE_ORACLE_STORM) broken("a storm");
    }
}

static void stays_quiet(Chance *chance) {
    Play p = {.world = world_new(&(Config){.seed = draw64(chance), .packets = 256, .store = 1 << 18}),
              .trace = trace_new(),
              .chance = chance};
    uint32_t seen = 0;
    playing.trace = p.trace;
    rules_by_chance(&p);
    opens(&p);
    for (int i = 0; i < FORGERIES; i++) {
        forge(&p, (int)draw(chance, 2));
        if (one_in(chance, 2)) call_by_chance(&p);
        Input next;
        for (uint32_t n = draw(chance, 5); n > 0 && world_next(p.world, &next); n--) must(&p, next);
    }
    Input next;
    for (playing.step = 0; playing.step < QUIET_STEPS && world_next(p.world, &next); playing.step++) must(&p, next);
    check_oracle(&p, &seen);
    world_free(p.world);
    trace_free(p.trace);
    playing.trace = NULL;
}

static void no_storm(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(3000), stays_quiet);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_storm)};
    return cmocka_run_group_tests_name("storms", tests, NULL, NULL);
}
