/* transfer.c - over the worst of paths, with any buffers and rules, bytes arrive once, in order and complete, and both
 * ends reach CLOSED. */
#include "../growing.h"
#include "seeds.h"

enum { A = 0, B = 1, MOST_BYTES = 60000, MOST_STEPS = 60000 };
#define SECOND MICROS_PER_SECOND

/* One side: the application's plan, and how far it has come. */
typedef struct Side {
    ConnId conn;
    uint32_t plan, sent, got; /* bytes */
    uint32_t chunk;           /* of one send */
    uint64_t key;             /* makes its stream */
    bool shut, half;          /* has closed; closes with shutdown() */
    State last;               /* before it was gone */
} Side;

typedef struct Play {
    World *world;
    Trace *trace;
    Chance *chance;
    Side side[2];
    ConnId listener;
    uint32_t told; /* events looked at */
} Play;

static uint8_t stream_byte(const Side *side, uint32_t at) {
    uint64_t x = (side->key + at / 8) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint8_t)((x ^ x >> 29) >> (at % 8) * 8);
}

static Status attempt(Play *p, const Input *input) {
    static const Config most = {.conns = LIMIT_CONNS, .packets = LIMIT_PACKETS, .store = 1u << 30};
    return step_growing(&p->world, input, p->trace, &most);
}

static void must(Play *p, Input input) {
    Status status = attempt(p, &input);
    if (status != STATUS_OK) broken("%s: %s", call_name(input.kind), status_text(status));
}

static ConnView look(const Play *p, const Side *side) {
    ConnView view = {.gone = true};
    if (conn_is(side->conn) && !world_conn(p->world, side->conn, &view)) broken("a connection's record is lost");
    return view;
}

/* ---- The two applications ---- */

static void app_sends(Play *p, Side *side) {
    static uint8_t bytes[MOST_BYTES];
    uint32_t length = side->plan - side->sent;
    if (length > side->chunk) length = 1 + draw(p->chance, side->chunk);
    for (uint32_t i = 0; i < length; i++) bytes[i] = stream_byte(side, side->sent + i);
    Input input = {.kind = INPUT_SEND, .conn = side->conn, .bytes = bytes, .length = length};
    Status status = attempt(p, &input);
    if (status == STATUS_OK) side->sent += world_result(p->world)->count;
    else if (status != STATUS_NO_RESOURCES) broken("send: %s", status_text(status));
}

static void app_reads(Play *p, Side *side, const Side *from, uint32_t unread) {
    static uint8_t bytes[1 << 21];
    uint32_t length = one_in(p->chance, 2) ? unread : 1 + draw(p->chance, unread);
    if (world_peek(p->world, side->conn, bytes, length) != length) broken("less can be read than is unread");
    for (uint32_t i = 0; i < length; i++)
        if (bytes[i] != stream_byte(from, side->got + i)) broken("byte %u is wrong", side->got + i);
    side->got += length;
    if (side->got > from->sent) broken("more was read than was sent");
    must(p, (Input){.kind = INPUT_RECV, .conn = side->conn, .count = length});
}

/* shutdown() ends one direction at any time; close() only when nothing is left to read, or it would lose bytes. */
static void app_closes(Play *p, Side *side, const ConnView *view, const Side *from) {
    bool all_read = view->remote_closed && side->got == from->plan;
    if (view->state == STATE_SYN_SENT) return; /* it would end there, and what was handed over with it */
    if (!side->half && !all_read) return;
    must(p, (Input){.kind = side->half ? INPUT_SHUTDOWN : INPUT_CLOSE, .conn = side->conn});
    side->shut = true;
}

static void app_turn(Play *p, int who) {
    Side *side = &p->side[who];
    const Side *from = &p->side[!who];
    if (who == B && !conn_is(side->conn)) {
        Input input = {.kind = INPUT_ACCEPT, .conn = p->listener};
        if (attempt(p, &input) == STATUS_OK) side->conn = world_result(p->world)->conn;
        return;
    }
    ConnView view = look(p, side);
    if (view.unread && !one_in(p->chance, 3)) app_reads(p, side, from, view.unread);
    else if (view.gone) return;
    else if (side->sent < side->plan) app_sends(p, side);
    else if (!side->shut) app_closes(p, side, &view, from);
}

/* ---- The path and the rules ---- */

static void choose_rules(Play *p, HostId host, bool rough) {
    static const int64_t buffers[] = {256, 500, 1000, 4096, 65535, 65535, 200000, 1000000};
    static const int64_t sizes[] = {64, 100, 536, 1460, 1460, 9000, 65495};
    static const int64_t delays[] = {HOST_RULE_OFF, 200000, 200000, 499999, 1000};
    /* Without congestion control each lost segment waits for a timeout of its own. */
    bool congestion = !one_in(p->chance, 6), patient = congestion && one_in(p->chance, 2);
    const struct {
        HostRule rule;
        int64_t value;
    } rules[] = {{HOST_RULE_isn, one_in(p->chance, 2) ? (int64_t)(UINT32_MAX - draw(p->chance, 40000)) : HOST_RULE_OFF},
                 {HOST_RULE_mss, ONE_OF(p->chance, sizes)},
                 {HOST_RULE_send_buffer, ONE_OF(p->chance, buffers)},
                 {HOST_RULE_recv_buffer, ONE_OF(p->chance, buffers)},
                 {HOST_RULE_delayed_ack, ONE_OF(p->chance, delays)},
                 {HOST_RULE_nagle, draw(p->chance, 2)},
                 {HOST_RULE_window_scale, draw(p->chance, 2)},
                 {HOST_RULE_timestamps, draw(p->chance, 2)},
                 {HOST_RULE_sack, draw(p->chance, 2)},
                 {HOST_RULE_challenge_ack, draw(p->chance, 2)},
                 {HOST_RULE_congestion, congestion},
                 {HOST_RULE_rto_max, (patient ? 60 : 4) * SECOND},
                 {HOST_RULE_time_wait, 8000},
                 {HOST_RULE_user_timeout, 86400 * SECOND},
                 {HOST_RULE_syn_timeout, 86400 * SECOND}};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (!rough && rules[i].rule == HOST_RULE_time_wait) continue;
        must(p, (Input){.kind = INPUT_RULE, .host = host, .rule = rules[i].rule, .value = rules[i].value});
    }
}

static void choose_path(Play *p, bool rough) {
    static const int64_t few[] = {0, 0, 10000, 50000, 100000, 150000};
    static const int64_t latencies[] = {0, 1000, 50000, 50000, 400000};
    static const int64_t mtus[] = {104, 576, 1500, 1500, 9000, 65535};
    must(p, (Input){.kind = INPUT_PATH, .path = PATH_LATENCY, .value = ONE_OF(p->chance, latencies)});
    must(p, (Input){.kind = INPUT_PATH, .path = PATH_MTU, .value = ONE_OF(p->chance, mtus)});
    for (PathRule rule = PATH_LOSS; rough && rule <= PATH_CORRUPT; rule++)
        must(p, (Input){.kind = INPUT_PATH, .path = rule, .value = ONE_OF(p->chance, few)});
}

/* Changes by hand: now and then a packet is dropped, duplicated, delayed, or held for a while. */
static void meddle(Play *p) {
    PacketId ids[8];
    static const InputKind kinds[] = {INPUT_DROP,    INPUT_DUP,     INPUT_DELAY,  INPUT_HOLD,
                                      INPUT_RELEASE, INPUT_CORRUPT, INPUT_DELIVER};
    size_t count = world_packet_list(p->world, ids, 8);
    if (count == 0) return;
    Input input = {.kind = ONE_OF(p->chance, kinds),
                   .packet = ids[draw(p->chance, count < 8 ? (uint32_t)count : 8)],
                   .value = (int64_t)draw(p->chance, 2000000),
                   .count = CORRUPT_ANYWHERE};
    PacketView view;
    /* Two flips can cancel out in the checksum: then a wrong byte is no fault of TCP. */
    if (input.kind == INPUT_CORRUPT && world_packet(p->world, input.packet, &view) && view.corrupted) return;
    Status status = attempt(p, &input);
    if (status != STATUS_OK && status != STATUS_BAD_ARGUMENT)
        broken("%s: %s", call_name(input.kind), status_text(status));
}

/* ---- Checks ---- */

static void watch_events(Play *p) {
    for (; p->told < trace_count(p->trace); p->told++) {
        const Event e = trace_at(p->trace, p->told);
        if (e.kind == EVENT_ORACLE) broken("oracle: %s", rule_info(e.rule)->name);
        for (int i = 0; i < 2; i++)
            if (e.kind == EVENT_STATE && e.to == STATE_CLOSED && conn_eq(e.conn, p->side[i].conn))
                p->side[i].last = e.from;
    }
}

/* After all data was acknowledged an end may still be reset: its last ACK was lost so often that the other side has
 * deleted its record. */
static void judge(const Play *p) {
    for (int i = 0; i < 2; i++) {
        const Side *side = &p->side[i];
        ConnView view = look(p, side);
        if (!conn_is(side->conn)) broken("the connection never opened");
        if (!view.gone) broken("%c ends in %s", 'A' + i, state_name(view.state));
        if (side->got != p->side[!i].plan) broken("%c got %u of %u bytes", 'A' + i, side->got, p->side[!i].plan);
        if (view.error != STATUS_OK && side->last != STATE_LAST_ACK && side->last != STATE_CLOSING)
            broken("%c: %s in %s", 'A' + i, status_text(view.error), state_name(side->last));
    }
}

static bool finished(const Play *p) {
    for (int i = 0; i < 2; i++) {
        ConnView view = look(p, &p->side[i]);
        if (!conn_is(p->side[i].conn) || !view.gone || view.unread) return false;
    }
    return true;
}

static void open_both(Play *p) {
    must(p, (Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = 80}, .count = 1 + draw(p->chance, 3)});
    p->listener = world_result(p->world)->conn;
    must(p, (Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = 7777}, .remote = {{0x7f000002}, 80}});
    p->side[A].conn = world_result(p->world)->conn;
}

static void plan(Play *p) {
    static const uint32_t plans[] = {0, 1, 100, 3000, 20000, MOST_BYTES};
    static const uint32_t chunks[] = {1, 50, 1460, 5000, MOST_BYTES};
    for (int i = 0; i < 2; i++) {
        Side *side = &p->side[i];
        side->plan = ONE_OF(p->chance, plans);
        side->chunk = ONE_OF(p->chance, chunks);
        if (side->plan / side->chunk > 400) side->plan = 400 * side->chunk;
        side->key = draw64(p->chance);
        side->half = true;
    }
    if (one_in(p->chance, 3)) p->side[draw(p->chance, 2)].half = false; /* waits for the other's end, then close() */
}

/* Does the next step; where it is far ahead, both applications run before it. */
static void world_turn(Play *p, const Input *next) {
    bool long_pause = next->at - world_now(p->world) > SECOND;
    must(p, *next);
    for (int i = 0; long_pause && i < 6; i++)
        if (!one_in(p->chance, 3)) app_turn(p, i % 2);
}

static void play_transfer(Chance *chance) {
    bool rough = !one_in(chance, 4), by_hand = one_in(chance, 3);
    Play p = {.chance = chance, .trace = trace_new()};
    p.world = world_new(&(Config){.seed = playing.seed});
    playing.trace = p.trace;
    choose_rules(&p, A, rough);
    choose_rules(&p, B, rough);
    choose_path(&p, rough);
    plan(&p);
    open_both(&p);
    uint32_t eagerness = 2 + draw(chance, 8);
    while (!finished(&p)) {
        Input next;
        playing.step++;
        if (playing.step > MOST_STEPS) broken("no end: %.3f s", (double)world_now(p.world) / 1e6);
        if (world_now(p.world) > 86400 * SECOND) broken("it takes a day");
        if (by_hand && one_in(chance, 20)) meddle(&p);
        if (one_in(chance, eagerness)) app_turn(&p, (int)draw(chance, 2));
        else if (world_next(p.world, &next)) world_turn(&p, &next);
        else app_turn(&p, (int)draw(chance, 2));
        watch_events(&p);
    }
    judge(&p);
    world_free(p.world);
    trace_free(p.trace);
}

static void bytes_arrive(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(800), play_transfer);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_arrive)};
    return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
