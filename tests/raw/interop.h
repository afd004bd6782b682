/* interop.h - a lab in which Linux's own TCP is the peer: host A is ours, host K is the kernel's.
 *
 * After every packet that crosses, the two ends' states must be a pair that two TCPs can be in. The kernel runs in
 * real time: tests wait for the packets that must come, and never sleep.
 */
#ifndef TWOMSL_TESTS_RAW_INTEROP_H
#define TWOMSL_TESTS_RAW_INTEROP_H

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>

#include "watch.h"

#define ADDR_A ((Addr){0x7f000001})
#define ADDR_K ((Addr){0x7f000064})
enum { A = 0, PATIENCE = 3000 /* milliseconds */, QUIET = 30 };

typedef struct Lab {
    Session *session;
    HostId kernel;
    Endpoint ours, theirs; /* the two ends that are watched */
    bool aborts;           /* one end may be CLOSED while the other is still open */
    uint32_t heard, offloaded;
    Segment last_heard; /* without its data */
    uint8_t datagram[LIMIT_DATAGRAM];
} Lab;

static RawWire *raw;

/* ---- The lab ---- */

static inline const Result *must(Lab *lab, Input input) {
    Status status = session_do(lab->session, &input);
    if (status != STATUS_OK)
        fail_msg("%s: %s: %s", call_name(input.kind), status_text(status), session_link_error(lab->session));
    return world_result(session_world(lab->session));
}

static inline void rule(Lab *lab, HostRule which, int64_t value) {
    must(lab, (Input){.kind = INPUT_RULE, .host = A, .rule = which, .value = value});
}

static inline void options(Lab *lab, bool on) {
    rule(lab, HOST_RULE_window_scale, on);
    rule(lab, HOST_RULE_timestamps, on);
    rule(lab, HOST_RULE_sack, on);
}

/* Every test its own ports: the kernel's TIME_WAIT outlives a test. */
static inline uint16_t fresh_port(void) {
    static uint16_t port = 20000;
    return port++;
}

static inline Lab *lab_seeded(uint64_t seed) {
    static Link link;
    Lab *lab = calloc(1, sizeof *lab);
    assert_non_null(lab);
    link = raw_link(raw);
    lab->session = session_new(&(Config){.seed = seed}, &link);
    assert_non_null(lab->session);
    must(lab, (Input){.kind = INPUT_PATH, .path = PATH_LATENCY, .value = 0});
    lab->kernel = must(lab, (Input){.kind = INPUT_HOST,
                                    .bytes = (const uint8_t *)"K",
                                    .length = 1,
                                    .foreign = true,
                                    .local = {.addr = ADDR_K}})
                      ->host;
    lab->ours = (Endpoint){ADDR_A, fresh_port()};
    lab->theirs = (Endpoint){ADDR_K, fresh_port()};
    return lab;
}

static inline Lab *lab_new(void) { return lab_seeded(1); }

static inline void lab_free(Lab *lab) {
    session_free(lab->session);
    free(lab);
}

/* ---- Both ends ---- */

/* Our end as it is now: the youngest connection between the two watched ends; false: there was none. */
static inline bool our_end(const Lab *lab, ConnView *view) {
    *view = (ConnView){0};
    const World *world = session_world(lab->session);
    bool found = false;
    for (ConnId id = world_conn_after(world, A, CONN_NONE); conn_is(id); id = world_conn_after(world, A, id)) {
        ConnView one;
        if (!world_conn(world, id, &one) || !endpoint_eq(one.local, lab->ours) || !endpoint_eq(one.remote, lab->theirs))
            continue;
        *view = one;
        found = true;
    }
    return found;
}

static inline State our_state(const Lab *lab) {
    ConnView view;
    return our_end(lab, &view) ? view.state : STATE_CLOSED;
}

static inline ConnId our_conn(const Lab *lab) {
    ConnView view;
    return our_end(lab, &view) ? view.id : CONN_NONE;
}

static inline State their_state(const Lab *lab) { return raw_kernel_state(raw, lab->theirs, lab->ours); }

static inline struct tcp_info info_of(int fd) {
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    return info;
}

/* What two ends can be in at the same time, whatever is still under way between them. The order within a pair does not
 * matter. */
static inline bool together(State one, State other) {
    static const State pairs[][2] = {
        {STATE_CLOSED, STATE_CLOSED},           {STATE_SYN_SENT, STATE_CLOSED},
        {STATE_SYN_SENT, STATE_SYN_RCVD},       {STATE_SYN_SENT, STATE_SYN_SENT},
        {STATE_SYN_RCVD, STATE_SYN_RCVD},       {STATE_ESTABLISHED, STATE_SYN_RCVD},
        {STATE_ESTABLISHED, STATE_ESTABLISHED}, {STATE_FIN_WAIT_1, STATE_SYN_RCVD},
        {STATE_FIN_WAIT_1, STATE_ESTABLISHED},  {STATE_FIN_WAIT_1, STATE_CLOSE_WAIT},
        {STATE_FIN_WAIT_1, STATE_LAST_ACK},     {STATE_FIN_WAIT_1, STATE_FIN_WAIT_1},
        {STATE_FIN_WAIT_1, STATE_CLOSING},      {STATE_FIN_WAIT_2, STATE_CLOSE_WAIT},
        {STATE_FIN_WAIT_2, STATE_LAST_ACK},     {STATE_CLOSING, STATE_CLOSING},
        {STATE_CLOSING, STATE_TIME_WAIT},       {STATE_LAST_ACK, STATE_TIME_WAIT},
        {STATE_LAST_ACK, STATE_CLOSED},         {STATE_TIME_WAIT, STATE_TIME_WAIT},
        {STATE_TIME_WAIT, STATE_CLOSED},        {STATE_TIME_WAIT, STATE_SYN_SENT},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if ((pairs[i][0] == one && pairs[i][1] == other) || (pairs[i][0] == other && pairs[i][1] == one)) return true;
    return false;
}

static inline void expect_together(const Lab *lab) {
    State ours = our_state(lab), theirs = their_state(lab);
    if (together(ours, theirs) || (lab->aborts && (ours == STATE_CLOSED || theirs == STATE_CLOSED))) return;
    fail_msg("no two TCPs can be in %s (ours) and %s (Linux)", state_name(ours), state_name(theirs));
}

/* ---- Packets ---- */

/* Takes what the kernel sent into flight, at most one, waiting up to `milliseconds`. What connections of earlier tests
 * still say is not for this lab. */
static inline bool hear(Lab *lab, int milliseconds) {
    bool offloaded;
    ptrdiff_t length;
    Segment seg;
    do {
        length = raw_receive(raw, lab->datagram, sizeof lab->datagram, milliseconds, &offloaded);
        if (length < 0) fail_msg("raw_receive: %s", strerror(errno));
        if (length == 0) return false;
        DecodeResult decoded = segment_decode(lab->datagram, (size_t)length, &seg);
        if (decoded != DECODE_OK) fail_msg("Linux sent what we cannot read: %s", decode_text(decoded));
    } while (!endpoint_eq(seg.dst, lab->ours) || !endpoint_eq(seg.src, lab->theirs));
    lab->last_heard = seg;
    lab->heard++;
    lab->offloaded += offloaded;
    must(lab, (Input){.kind = INPUT_INJECT, .foreign = true, .bytes = lab->datagram, .length = (uint32_t)length});
    return true;
}

static inline uint32_t in_flight(const Lab *lab) { return world_packets(session_world(lab->session)); }

/* The packet that is next arrives; held ones do not. False: there is none. */
static inline bool cross(Lab *lab) {
    PacketId id;
    PacketView view;
    if (world_packet_list(session_world(lab->session), &id, 1) == 0) return false;
    assert_true(world_packet(session_world(lab->session), id, &view));
    if (view.held) return false;
    must(lab, (Input){.kind = INPUT_DELIVER, .packet = id});
    return true;
}

/* One packet moves one bit: into flight, or to where it goes. Only checked pairs pass. */
static inline bool move(Lab *lab, int milliseconds) {
    if (!hear(lab, 0) && !cross(lab) && !hear(lab, milliseconds)) return false;
    expect_together(lab);
    return true;
}

/* Until nothing has moved for a while. */
static inline void settle(Lab *lab) {
    while (move(lab, QUIET)) continue;
}

static inline bool patient(Micros since) { return wall_clock() - since < PATIENCE * INT64_C(1000); }

/* How Linux numbers the states, as in /proc/net/tcp. */
static inline uint8_t linux_number(State state) {
    static const uint8_t numbers[STATE_COUNT] = {
        [STATE_CLOSED] = 7,      [STATE_LISTEN] = 10,    [STATE_SYN_SENT] = 2,   [STATE_SYN_RCVD] = 3,
        [STATE_ESTABLISHED] = 1, [STATE_FIN_WAIT_1] = 4, [STATE_FIN_WAIT_2] = 5, [STATE_CLOSE_WAIT] = 8,
        [STATE_CLOSING] = 11,    [STATE_LAST_ACK] = 9,   [STATE_TIME_WAIT] = 6};
    return numbers[state];
}

/* Both ends come to these states; where the kernel's application has the connection (`fd` not -1), it is told the same.
 */
static inline void expect_states(Lab *lab, int fd, State ours, State theirs) {
    Micros since = wall_clock();
    while ((our_state(lab) != ours || their_state(lab) != theirs || in_flight(lab)) && patient(since)) move(lab, 5);
    if (our_state(lab) != ours || their_state(lab) != theirs)
        fail_msg("%s (ours) and %s (Linux), not %s and %s", state_name(our_state(lab)), state_name(their_state(lab)),
                 state_name(ours), state_name(theirs));
    if (fd >= 0 && theirs != STATE_TIME_WAIT) assert_int_equal(info_of(fd).tcpi_state, linux_number(theirs));
}

/* ---- The kernel's application ---- */

static inline struct sockaddr_in address_of(Endpoint endpoint) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(endpoint.port), .sin_addr.s_addr = htonl(addr_number(endpoint.addr))};
}

static inline void set_option(int fd, int level, int option, int value) {
    assert_int_equal(setsockopt(fd, level, option, &value, sizeof value), 0);
}

/* A socket at the kernel's end, that does not block. */
static inline int kernel_socket(Lab *lab) {
    int fd = raw_socket(raw, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    struct sockaddr_in here = address_of(lab->theirs);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0) fail_msg("bind: %s", strerror(errno));
    return fd;
}

static inline int kernel_listen(Lab *lab) {
    int fd = kernel_socket(lab);
    assert_int_equal(listen(fd, 5), 0);
    return fd;
}

static inline int kernel_accept(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) fail_msg("accept: %s", strerror(errno));
    return fd;
}

static inline void kernel_connect(Lab *lab, int fd) {
    struct sockaddr_in there = address_of(lab->ours);
    assert_true(raw_guard(raw, lab->ours));
    if (connect(fd, (struct sockaddr *)&there, sizeof there) == 0 || errno != EINPROGRESS)
        fail_msg("connect: %s", strerror(errno));
}

/* What became of a connection that was under way. */
static inline int kernel_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    return error;
}

/* ---- The usual beginnings ---- */

static inline ConnId connect_ours(Lab *lab) {
    return must(lab,
                (Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = lab->ours.port}, .remote = lab->theirs})
        ->conn;
}

static inline ConnId listen_ours(Lab *lab) {
    return must(lab, (Input){.kind = INPUT_LISTEN, .host = A, .local = {.port = lab->ours.port}, .count = 5})->conn;
}

/* We connect to a listener of Linux's; returns its application's end. */
static inline int open_ours_first(Lab *lab) {
    int listener = kernel_listen(lab);
    connect_ours(lab);
    expect_states(lab, -1, STATE_ESTABLISHED, STATE_ESTABLISHED);
    int fd = kernel_accept(listener);
    close(listener);
    expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    return fd;
}

/* Linux connects to a listener of ours. */
static inline int open_theirs_first(Lab *lab) {
    ConnId listener = listen_ours(lab);
    int fd = kernel_socket(lab);
    kernel_connect(lab, fd);
    expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    must(lab, (Input){.kind = INPUT_ACCEPT, .conn = listener});
    return fd;
}

static inline void close_ours(Lab *lab) { must(lab, (Input){.kind = INPUT_CLOSE, .conn = our_conn(lab)}); }

static inline void send_ours(Lab *lab, const char *text) {
    must(lab, (Input){.kind = INPUT_SEND,
                      .conn = our_conn(lab),
                      .bytes = (const uint8_t *)text,
                      .length = (uint32_t)strlen(text)});
}

/* Waits until so many bytes can be read, takes them, and holds them against `text`. */
static inline void expect_ours(Lab *lab, const char *text) {
    uint8_t got[4096];
    Micros since = wall_clock();
    size_t wanted = strlen(text);
    while (world_peek(session_world(lab->session), our_conn(lab), got, sizeof got) < wanted && patient(since))
        move(lab, 5);
    size_t length = world_peek(session_world(lab->session), our_conn(lab), got, sizeof got);
    assert_int_equal(length, wanted);
    assert_memory_equal(got, text, length);
    must(lab, (Input){.kind = INPUT_RECV, .conn = our_conn(lab), .count = (uint32_t)length});
}

static inline void send_theirs(int fd, const char *text) {
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static inline void expect_theirs(Lab *lab, int fd, const char *text) {
    char got[4096];
    size_t length = 0;
    Micros since = wall_clock();
    while (length < strlen(text) && patient(since)) {
        ssize_t count = recv(fd, got + length, sizeof got - length, 0);
        if (count > 0) length += (size_t)count;
        else move(lab, 5);
    }
    assert_int_equal(length, strlen(text));
    assert_memory_equal(got, text, length);
}

/* The other side has closed: nothing more comes. */
static inline void expect_end_theirs(int fd) {
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

static inline void expect_end_ours(Lab *lab) {
    Input recv_one = {.kind = INPUT_RECV, .conn = our_conn(lab), .count = 1};
    assert_int_equal(session_do(lab->session, &recv_one), STATUS_END_OF_DATA);
}

/* ---- Around all tests of a program ---- */

static inline int interop_setup(void **state) {
    (void)state;
    raw = wire_or_skip();
    if (!raw_kernel(raw, ADDR_K)) fail_msg("raw_kernel: %s", strerror(errno));
    /* No metrics of earlier connections, and no pacing by the real clock. */
    raw_setting(raw, "tcp_no_metrics_save", "1");
    raw_setting(raw, "tcp_invalid_ratelimit", "0"); /* it answers every probe, not two a second */
    raw_setting(raw, "tcp_congestion_control", "reno");
    return 0;
}

static inline int interop_teardown(void **state) {
    (void)state;
    raw_close(raw);
    return 0;
}

/* No connection of a test, however it ended, may have broken an invariant. */
static inline void expect_no_oracle(const Lab *lab) {
    const Trace *trace = session_trace(lab->session);
    for (uint32_t i = 0; i < session_events(lab->session); i++)
        if (trace_at(trace, i).kind == EVENT_ORACLE)
            fail_msg("event %u: %s", i, rule_info(trace_at(trace, i).rule)->sentence);
}

#endif
