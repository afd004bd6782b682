/* pair.h - two hosts and the path between them, in one world: A connects to B, which listens on port 80. Uses lab.h's
 * world. */
#ifndef TWOMSL_TESTS_UNIT_PAIR_H
#define TWOMSL_TESTS_UNIT_PAIR_H

#include "lab.h"

typedef struct Pair {
    ConnId listener, client, server;
} Pair;

static inline ConnView view_of(ConnId id) {
    ConnView view;
    assert_true(world_conn(lab.world, id, &view));
    return view;
}

static inline void expect_state(ConnId id, State state) {
    if (view_of(id).state != state) fail_msg("%s, not %s", state_name(view_of(id).state), state_name(state));
}

/* The next thing happens; false where there is none. */
static inline bool step(void) {
    Input next;
    if (!world_next(lab.world, &next)) return false;
    accepted_input(next);
    return true;
}
static inline void steps(int count) {
    for (int i = 0; i < count; i++) assert_true(step());
}
/* Until nothing is in flight and nothing waits for an answer. */
static inline void runs_on(void) {
    while (world_busy(lab.world) && step()) continue;
}

static inline PacketId packet_at(size_t index) {
    PacketId ids[64];
    size_t count = world_packet_list(lab.world, ids, 64);
    assert_true(index < count && count <= 64);
    return ids[index];
}
static inline PacketView packet_view(PacketId id) {
    PacketView view;
    assert_true(world_packet(lab.world, id, &view));
    return view;
}
static inline Event last_event(void) {
    assert_true(trace_count(lab.trace) > 0);
    return trace_at(lab.trace, trace_count(lab.trace) - 1);
}

static inline ConnId listen_at(HostId host, uint16_t port, uint32_t backlog) {
    return accepted_input((Input){.kind = INPUT_LISTEN, .host = host, .local = {.port = port}, .count = backlog})->conn;
}
static inline ConnId connect_from(HostId host, uint16_t port, Addr addr, uint16_t to) {
    return accepted_input((Input){.kind = INPUT_CONNECT, .host = host, .local = {.port = port}, .remote = {addr, to}})
        ->conn;
}
static inline ConnId accept_at(ConnId listener) {
    return accepted_input((Input){.kind = INPUT_ACCEPT, .conn = listener})->conn;
}
static inline void call_on(InputKind kind, ConnId conn) { accepted_input((Input){.kind = kind, .conn = conn}); }
static inline void on_packet(InputKind kind, PacketId packet) {
    accepted_input((Input){.kind = kind, .packet = packet, .count = CORRUPT_ANYWHERE});
}
static inline uint32_t send_text(ConnId conn, const char *text) {
    return accepted_input(
               (Input){
                   .kind = INPUT_SEND, .conn = conn, .bytes = (const uint8_t *)text, .length = (uint32_t)strlen(text)})
        ->count;
}
static inline void set_rule(HostId host, HostRule rule, int64_t value) {
    accepted_input((Input){.kind = INPUT_RULE, .host = host, .rule = rule, .value = value});
}
static inline void set_path(PathRule path, int64_t value) {
    accepted_input((Input){.kind = INPUT_PATH, .path = path, .value = value});
}

static inline Pair open_pair(void) {
    Pair p = {.listener = listen_at(B, 80, 5)};
    p.client = connect_from(A, PORT_A, ADDR_B, 80);
    runs_on();
    p.server = accept_at(p.listener);
    expect_state(p.client, STATE_ESTABLISHED);
    expect_state(p.server, STATE_ESTABLISHED);
    return p;
}

/* Outside the language of lab.h nothing need be named. */
#define PAIR_TEST(name)                 \
    static void name(void);             \
    static void name##_(void **state) { \
        (void)state;                    \
        name();                         \
    }                                   \
    static void name(void)

#endif
