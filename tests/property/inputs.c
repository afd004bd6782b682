/* inputs.c - random inputs, valid or not: no assertion fails, a refused input changes nothing, and TCP's invariants
 * hold. */
#include "../growing.h"
#include "chaos.h"

enum { STEPS = 300, ENOUGH_PACKETS = 1500, ENOUGH_STORE = 256 << 20, CONNS = 4096 };

typedef struct Before {
    ConnView views[CONNS];
    uint32_t count;
    World *copy;
    uint64_t digest;
    uint32_t events;
} Before;
static Before before;

static void remember(const World *world, const Trace *trace) {
    static ConnId ids[CONNS];
    before.count = all_conns(world, ids, CONNS);
    for (uint32_t i = 0; i < before.count; i++) world_conn(world, ids[i], &before.views[i]);
    before.copy = world_copy(world);
    before.digest = world_digest(world);
    before.events = trace_count(trace);
}

static void untouched(const World *world, const Trace *trace, const Input *input, Status status) {
    if (world_digest(world) != before.digest)
        broken("%s was refused (%s) and changed the digest", call_name(input->kind), status_text(status));
    if (!world_same(world, before.copy))
        broken("%s was refused (%s) and left its mark", call_name(input->kind), status_text(status));
    if (trace_count(trace) != before.events)
        broken("%s was refused (%s) and is in the trace", call_name(input->kind), status_text(status));
}

/* ---- What holds after every step ---- */

static void events_make_sense(const Trace *trace) {
    uint32_t step = before.events < trace_count(trace) ? trace_at(trace, before.events).step : 0;
    for (uint32_t i = before.events; i < trace_count(trace); i++) {
        const Event e = trace_at(trace, i);
        if (e.index != i) broken("event %u says it is %u", i, e.index);
        if (e.cause != EVENT_NONE && e.cause >= i) broken("event %u has its cause ahead of it", i);
        if (e.rule == RULE_NONE) broken("event %u (%s) names no rule", i, event_kind_name(e.kind));
        if (e.step != step) broken("events of one input differ in their step");
        if (e.kind == EVENT_STATE && !arrow_find(e.from, e.to))
            broken("no arrow from %s to %s", state_name(e.from), state_name(e.to));
    }
}

/* The states before and after agree with the events between. */
static void states_follow_events(const World *world, const Trace *trace) {
    for (uint32_t i = 0; i < before.count; i++) {
        State state = before.views[i].state;
        ConnView now;
        for (uint32_t k = before.events; k < trace_count(trace); k++) {
            const Event e = trace_at(trace, k);
            if (e.kind != EVENT_STATE || !conn_eq(e.conn, before.views[i].id)) continue;
            if (e.from != state) broken("%s changes from %s", state_name(state), state_name(e.from));
            state = e.to;
        }
        if (world_conn(world, before.views[i].id, &now) && now.state != state)
            broken("%s, but the trace says %s", state_name(now.state), state_name(state));
    }
}

static bool knows_peer(const ConnView *view) {
    return !view->gone && view->state != STATE_SYN_SENT && view->state != STATE_LISTEN;
}

static void conn_is_sound(const World *world, const ConnView *view) {
    if (view->gone) {
        for (int i = 0; i < TIMER_COUNT; i++)
            if (view->timers[i] != MICROS_NEVER)
                broken("%s runs on in a connection that is gone", timer_name((TimerKind)i));
        return;
    }
    for (int i = 0; i < TIMER_COUNT; i++)
        if (view->timers[i] < world_now(world)) broken("%s is overdue", timer_name((TimerKind)i));
    if (view->state == STATE_LISTEN) return;
    if (view->state == STATE_CLOSED) broken("a record in CLOSED that is not gone");
    if (!seq_leq(view->iss, view->snd.una) || !seq_leq(view->snd.una, view->snd.nxt))
        broken("%s: ISS, SND.UNA, SND.NXT out of order", state_name(view->state));
    if (knows_peer(view) && !seq_lt(view->irs, view->rcv.nxt))
        broken("%s: IRS is not before RCV.NXT", state_name(view->state));
    for (uint32_t i = 0; i < view->pieces; i++) {
        Seq floor = i ? view->piece[i - 1].right : view->rcv.nxt;
        bool waits = i == 0 && (view->state == STATE_SYN_RCVD || view->state == STATE_FIN_WAIT_1) &&
                     seq_eq(floor, view->piece[i].left); /* came with the SYN */
        if ((!waits && !seq_lt(floor, view->piece[i].left)) || !seq_lt(view->piece[i].left, view->piece[i].right))
            broken("%s: piece %u is %u..%u, before it %u", state_name(view->state), i, view->piece[i].left.value,
                   view->piece[i].right.value, floor.value);
    }
    if (view->mss < 1) broken("an MSS of %u", view->mss);
    if (view->state == STATE_TIME_WAIT && view->timers[TIMER_TIME_WAIT] == MICROS_NEVER)
        broken("TIME_WAIT without its timer");
    bool flying = seq_lt(view->snd.una, view->snd.nxt);
    bool guarded = view->timers[TIMER_RETRANSMIT] != MICROS_NEVER || view->timers[TIMER_PERSIST] != MICROS_NEVER;
    if (flying && !guarded) broken("%s: something is unacknowledged and no timer runs", state_name(view->state));
}

/* A window's right edge never moves back, SND.UNA and RCV.NXT never do. */
static void only_forward(const ConnView *then, const ConnView *now) {
    if (now->gone || !knows_peer(then)) return;
    Seq edge_then = seq_add(then->rcv.nxt, then->rcv.wnd), edge_now = seq_add(now->rcv.nxt, now->rcv.wnd);
    if (seq_lt(now->rcv.nxt, then->rcv.nxt)) broken("RCV.NXT moved back");
    if (seq_lt(edge_now, edge_then))
        broken("%s: the window's edge moved back by %u", state_name(now->state), seq_distance(edge_now, edge_then));
    if (seq_lt(now->snd.una, then->snd.una)) broken("SND.UNA moved back");
    if (seq_lt(now->snd.nxt, then->snd.nxt)) broken("SND.NXT moved back");
}

/* A listener's two numbers are those of the connections that wait there. */
static void queues_are_counted(const World *world) {
    static ConnId ids[CONNS];
    static ConnView views[CONNS];
    uint32_t count = all_conns(world, ids, CONNS);
    for (uint32_t i = 0; i < count; i++) world_conn(world, ids[i], &views[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (views[i].state != STATE_LISTEN || views[i].gone) continue;
        uint32_t half_open = 0;
        for (uint32_t k = 0; k < count; k++)
            half_open += conn_eq(views[k].listener, views[i].id) && !views[k].gone && views[k].state == STATE_SYN_RCVD;
        if (half_open != views[i].syn_queue)
            broken("%u half-open connections, %u in the queue", half_open, views[i].syn_queue);
    }
}

static void packets_are_sound(const World *world) {
    static PacketId ids[MANY];
    size_t count = world_packet_list(world, ids, MANY);
    if (count != world_packets(world)) broken("%zu packets are listed, %u are counted", count, world_packets(world));
    Micros last = 0;
    for (size_t i = 0; i < count && i < MANY; i++) {
        PacketView view;
        if (!world_packet(world, ids[i], &view)) broken("a packet that is listed is not there");
        if (view.due < last) broken("packets are not in order of arrival");
        last = view.due;
        if (view.due < world_now(world) || view.dies < world_now(world)) broken("packet %u is overdue", view.id.id);
    }
    Input next;
    if (world_next(world, &next) && next.at < world_now(world)) broken("what is next lies in the past");
}

static void sound(const World *world, const Trace *trace) {
    static ConnId ids[CONNS];
    events_make_sense(trace);
    states_follow_events(world, trace);
    uint32_t count = all_conns(world, ids, CONNS);
    for (uint32_t i = 0; i < count; i++) {
        ConnView now;
        if (!world_conn(world, ids[i], &now)) broken("a connection that is listed is not there");
        conn_is_sound(world, &now);
    }
    for (uint32_t i = 0; i < before.count; i++) {
        ConnView now;
        if (world_conn(world, before.views[i].id, &now)) only_forward(&before.views[i], &now);
    }
    queues_are_counted(world);
    packets_are_sound(world);
}

/* ---- The case ---- */

static void play_inputs(Chance *chance) {
    Config config = {.hosts = 2,
                     .conns = 1 + draw(chance, 8),
                     .packets = 1 + draw(chance, 40),
                     .store = 1 << (10 + draw(chance, 8)),
                     .seed = playing.seed};
    const Config most = {.hosts = LIMIT_HOSTS, .conns = CONNS, .packets = ENOUGH_PACKETS, .store = ENOUGH_STORE};
    World *world = world_new(&config);
    Trace *trace = trace_new();
    playing.trace = trace;
    for (uint32_t step = 0; step < STEPS; step++) {
        playing.step = step;
        Input input = some_input(chance, world);
        remember(world, trace);
        Status status = step_growing(&world, &input, trace, &most);
        if (status != STATUS_OK) untouched(world, trace, &input, status);
        world_free(before.copy);
        if (status == STATUS_OK) sound(world, trace);
    }
    world_free(world);
    trace_free(trace);
}

static void random_inputs_keep_the_invariants(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(150), play_inputs);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_inputs_keep_the_invariants)};
    return cmocka_run_group_tests_name("inputs", tests, NULL, NULL);
}
