/* oracles.c - random lives: who waits for ever is told so, once he does, and nobody else is; and no byte is taken for
 * lost, wrong or old where nothing was forged and no host forgot its connections. */
#include "chaos.h"

enum { A, B, CONNS = 64, STEPS = 150, MOST = 1000 };

static const Config roomy = {.conns = CONNS, .packets = 2048, .store = 4 << 20};

typedef struct Life {
    World *world;
    Trace *trace;
    Chance *chance;
    bool closed[CONNS]; /* by slot: close() was called */
    bool crashes;
    uint32_t told; /* events looked at */
} Life;

static bool tries(Life *life, const Input *input) {
    bool closes = input->kind == INPUT_CLOSE;
    bool done = world_step(life->world, input, life->trace) == STATUS_OK;
    if (done && closes && input->conn.slot < CONNS) life->closed[input->conn.slot] = true;
    return done;
}

static bool steps(Life *life) {
    Input next;
    return world_next(life->world, &next) && tries(life, &next);
}

/* ---- What is to be told ---- */

static bool has_timer(const ConnView *view, bool silent_too) {
    for (int i = 0; i < TIMER_COUNT; i++)
        if (view->timers[i] != MICROS_NEVER && (silent_too || (i != TIMER_TIME_WAIT && i != TIMER_FIN_WAIT_2)))
            return true;
    return false;
}

/* Nothing is left to happen: does it wait although both sides have finished? */
static bool waits_for_ever(const Life *life, const ConnView *view) {
    static ConnId ids[CONNS];
    if (view->gone || !life->closed[view->id.slot] || has_timer(view, true)) return false;
    uint32_t count = all_conns(life->world, ids, CONNS);
    for (uint32_t i = 0; i < count; i++) {
        ConnView other;
        if (!world_conn(life->world, ids[i], &other) || other.gone) continue;
        if (!endpoint_eq(other.local, view->remote) || !endpoint_eq(other.remote, view->local)) continue;
        return life->closed[other.id.slot] && !has_timer(&other, false);
    }
    return true;
}

static bool is_told(const Life *life, ConnId conn) {
    for (uint32_t i = 0; i < trace_count(life->trace); i++) {
        const Event event = trace_at(life->trace, i);
        if (event.rule == RULE_ORACLE_WAITS && conn_eq(event.conn, conn)) return true;
    }
    return false;
}

/* In a copy of the world, after all or much that can happen, it is still there. */
static void stays(const Life *life, ConnId conn) {
    World *copy = world_copy(life->world);
    Input next;
    ConnView view;
    for (int i = 0; i < MOST && world_next(copy, &next); i++)
        if (world_step(copy, &next, NULL) != STATUS_OK) broken("the rest cannot be played");
    if (!world_conn(copy, conn, &view) || view.gone) broken("conn %u does not wait for ever", conn.slot);
    world_free(copy);
}

static void hear(Life *life) {
    for (; life->told < trace_count(life->trace); life->told++) {
        const Event event = trace_at(life->trace, life->told);
        if (event.kind != EVENT_ORACLE || event.rule == RULE_ORACLE_STORM) continue;
        if (event.rule == RULE_ORACLE_WAITS) stays(life, event.conn);
        else if (!life->crashes) broken("%s", rule_info(event.rule)->name);
    }
}

/* ---- Lives ---- */

static void some_rules(Life *life) {
    static const struct {
        HostRule rule;
        int64_t value;
    } some[] = {{HOST_RULE_fin_counts, 0},   {HOST_RULE_handshake, 2},      {HOST_RULE_fin_wait_2_timeout, 2000000},
                {HOST_RULE_syncookies, 1},   {HOST_RULE_rfc1337, 1},        {HOST_RULE_keepalive, 5000000},
                {HOST_RULE_delayed_ack, -1}, {HOST_RULE_challenge_ack, 0},  {HOST_RULE_time_wait, 1000},
                {HOST_RULE_sack, 1},         {HOST_RULE_recv_buffer, 2000}, {HOST_RULE_ack_acks, 1}};
    for (HostId host = A; host <= B; host++)
        for (uint32_t n = draw(life->chance, 4); n > 0; n--) {
            uint32_t i = draw(life->chance, sizeof some / sizeof *some);
            tries(life, &(Input){.kind = INPUT_RULE, .host = host, .rule = some[i].rule, .value = some[i].value});
        }
    static const int64_t losses[] = {0, 0, 100000};
    tries(life, &(Input){.kind = INPUT_PATH, .path = PATH_LOSS, .value = ONE_OF(life->chance, losses)});
}

static void calls(Life *life) {
    static const InputKind kinds[] = {INPUT_CONNECT, INPUT_SEND,  INPUT_SEND,  INPUT_RECV,    INPUT_ACCEPT,
                                      INPUT_CLOSE,   INPUT_CLOSE, INPUT_CLOSE, INPUT_SHUTDOWN};
    Input input = {.kind = ONE_OF(life->chance, kinds),
                   .host = draw(life->chance, 2),
                   .conn = some_conn(life->chance, life->world),
                   .local.port = one_in(life->chance, 2) ? 0 : 7777,
                   .count = 1,
                   .bytes = chaos_bytes};
    if (one_in(life->chance, 20)) input.kind = INPUT_ABORT;
    if (life->crashes && one_in(life->chance, 30)) input.kind = INPUT_CRASH;
    if (input.kind == INPUT_SEND) input.length = 1 + draw(life->chance, 3000);
    input.remote = (Endpoint){addr_of(0x7f000001 + draw(life->chance, 2)), one_in(life->chance, 4) ? 7777 : 80};
    ConnView view;
    if (input.kind == INPUT_RECV && world_conn(life->world, input.conn, &view)) input.count = view.unread;
    if (input.kind == INPUT_CLOSE && world_conn(life->world, input.conn, &view) && view.state == STATE_LISTEN) return;
    tries(life, &input);
}

static void meddles(Life *life) {
    static const InputKind kinds[] = {INPUT_DELIVER, INPUT_DROP, INPUT_DROP, INPUT_DUP, INPUT_HOLD, INPUT_RELEASE};
    tries(life, &(Input){.kind = ONE_OF(life->chance, kinds), .packet = some_packet(life->chance, life->world)});
}

static void lives(Chance *chance) {
    Config config = roomy;
    config.seed = draw64(chance);
    Life life = {.world = world_new(&config), .trace = trace_new(), .chance = chance, .crashes = one_in(chance, 2)};
    playing.trace = life.trace;
    some_rules(&life);
    for (HostId host = A; host <= B; host++)
        tries(&life,
              &(Input){
                  .kind = INPUT_LISTEN, .host = host, .local.port = 80, .count = 5, .close_on_fin = one_in(chance, 2)});
    for (playing.step = 0; playing.step < STEPS; playing.step++) {
        uint32_t which = draw(chance, 10);
        if (which < 6) steps(&life);
        else if (which < 8) calls(&life);
        else meddles(&life);
        hear(&life);
    }
    while (playing.step++ < STEPS + MOST && steps(&life)) hear(&life);
    bool rests = playing.step <= STEPS + MOST; /* where keep-alive probes or ACKs of ACKs go on, it never does */
    ConnView view;
    for (ConnId id = world_conn_after(life.world, HOST_NONE, CONN_NONE); conn_is(id) && rests;
         id = world_conn_after(life.world, HOST_NONE, id))
        if (world_conn(life.world, id, &view) && waits_for_ever(&life, &view) && !is_told(&life, id))
            broken("conn %u waits for ever, and nobody says so", id.slot);
    world_free(life.world);
    trace_free(life.trace);
}

static void who_waits_for_ever_is_told_so(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(1500), lives);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_waits_for_ever_is_told_so)};
    return cmocka_run_group_tests_name("oracles", tests, NULL, NULL);
}
