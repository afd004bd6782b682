/* lab.c - a whole lab over the raw wire: tcpdump sees exactly the packets that were stepped, and the trace is the one
 * that memory gives. */
#include "capture.h"

#include <net/if.h>
#include <sys/ioctl.h>

enum { A = 0, B = 1, PORT_A = 7777, PORT_B = 80 };

static RawWire *raw;

/* ---- Driving a session ---- */

static const Result *must(Session *session, const Input *input) {
    Status status = session_do(session, input);
    if (status != STATUS_OK)
        fail_msg("%s: %s: %s", call_name(input->kind), status_text(status), session_link_error(session));
    return world_result(session_world(session));
}

/* For scripts in which a connection may be lost: a call may be refused, but the wire must hold. */
static void attempt(Session *session, const Input *input) {
    if (session_do(session, input) == STATUS_LINK_FAILED)
        fail_msg("%s: %s", call_name(input->kind), session_link_error(session));
}

static void play(Session *session, bool to_the_end) {
    Input next;
    while ((to_the_end || world_busy(session_world(session))) && world_next(session_world(session), &next))
        must(session, &next);
}

static void send_text(Session *session, ConnId conn, const char *text) {
    must(session,
         &(Input){.kind = INPUT_SEND, .conn = conn, .bytes = (const uint8_t *)text, .length = (uint32_t)strlen(text)});
}

static void expect_text(Session *session, ConnId conn, const char *text) {
    uint8_t got[256];
    size_t length = world_peek(session_world(session), conn, got, sizeof got);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(got, text, length);
    must(session, &(Input){.kind = INPUT_RECV, .conn = conn, .count = (uint32_t)length});
}

static void expect_state(Session *session, ConnId conn, State state) {
    ConnView view;
    assert_true(world_conn(session_world(session), conn, &view));
    if (view.state != state) fail_msg("%s, not %s", state_name(view.state), state_name(state));
}

static ConnId open_both(Session *session, ConnId *server) {
    ConnId listener =
        must(session, &(Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = PORT_B}, .count = 5})->conn;
    ConnId client =
        must(session,
             &(Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {{0x7f000002}, PORT_B}})
            ->conn;
    play(session, false);
    *server = must(session, &(Input){.kind = INPUT_ACCEPT, .conn = listener})->conn;
    expect_state(session, client, STATE_ESTABLISHED);
    expect_state(session, *server, STATE_ESTABLISHED);
    return client;
}

/* Open, data both ways, four-way close, TIME_WAIT: the same on any wire. */
static void whole_life(Session *session) {
    ConnId server, client = open_both(session, &server);
    send_text(session, client, "hello, wire");
    play(session, false);
    expect_text(session, server, "hello, wire");
    send_text(session, server, "and back");
    play(session, false);
    expect_text(session, client, "and back");
    must(session, &(Input){.kind = INPUT_CLOSE, .conn = client});
    play(session, false);
    expect_state(session, client, STATE_FIN_WAIT_2);
    must(session, &(Input){.kind = INPUT_CLOSE, .conn = server});
    play(session, false);
    expect_state(session, client, STATE_TIME_WAIT);
    play(session, true);
}

/* Lost, doubled, late and damaged packets, retransmissions, a port where nobody listens, an abort, another size. */
static void rough_life(Session *session) {
    static char text[4001];
    memset(text, 'x', sizeof text - 1);
    static const struct {
        PathRule path;
        int64_t value;
    } roughness[] = {
        {PATH_LOSS, 100000}, {PATH_DUPLICATE, 100000}, {PATH_REORDER, 100000}, {PATH_CORRUPT, 50000}, {PATH_MTU, 4000}};
    ConnId server, client = open_both(session, &server);
    for (size_t i = 0; i < sizeof roughness / sizeof *roughness; i++)
        must(session, &(Input){.kind = INPUT_PATH, .path = roughness[i].path, .value = roughness[i].value});
    for (int i = 0; i < 10; i++) {
        attempt(
            session,
            &(Input){.kind = INPUT_SEND, .conn = client, .bytes = (const uint8_t *)text, .length = sizeof text - 1});
        play(session, false);
        ConnView view;
        assert_true(world_conn(session_world(session), server, &view));
        if (view.unread) attempt(session, &(Input){.kind = INPUT_RECV, .conn = server, .count = view.unread});
        attempt(session, &(Input){.kind = INPUT_SEND, .conn = server, .bytes = (const uint8_t *)"thanks", .length = 6});
        play(session, false);
    }
    must(session, &(Input){.kind = INPUT_CONNECT, .host = B, .remote = {{0x7f000001}, 9}});
    play(session, false);
    attempt(session, &(Input){.kind = INPUT_ABORT, .conn = client});
    play(session, true);
}

static Session *new_session(const Link *link, uint64_t seed) {
    Session *session = session_new(&(Config){.seed = seed}, link);
    assert_non_null(session);
    return session;
}

/* ---- tcpdump ---- */

static void exec_tcpdump(const void *argument) {
    char *argv[] = {"tcpdump", "-i", "lo", "-n", "-U", "--immediate-mode", "-s", "0", "-w", "-", NULL};
    const pid_t *holder = argument;
    RawRefusal refusal;
    raw_attach_exec(*holder, argv, &refusal);
    fprintf(stderr, "%s: %s (%s)\n", refusal.step, strerror(refusal.error), refusal.remedy);
}

static Capture capture;

static void start_tcpdump(pid_t holder) {
    if (capture_start(&capture, exec_tcpdump, &holder)) return;
    if (!strstr(capture.said, "no such program")) fail_msg("tcpdump: %s", capture.said);
    print_message("tcpdump is not installed\n");
    skip();
}

static size_t delivered(const Session *session) {
    size_t count = 0;
    for (uint32_t i = 0; i < session_events(session); i++)
        count += trace_at(session_trace(session), i).kind == EVENT_DELIVER;
    return count;
}

/* Packet by packet the bytes of the trace, in the order in which they were delivered. */
static void expect_captured(const Session *session) {
    size_t seen = 0;
    for (uint32_t i = 0; i < session_events(session); i++) {
        uint32_t length;
        size_t captured_length = 0;
        const uint8_t *bytes, *captured = NULL;
        if (trace_at(session_trace(session), i).kind != EVENT_DELIVER) continue;
        bytes = trace_bytes(session_trace(session), i, &length);
        assert_non_null(bytes);
        capture_packets(&capture, seen, &captured, &captured_length);
        if (!captured) fail_msg("event %u was not seen on lo", i);
        assert_int_equal(captured_length, length);
        assert_memory_equal(captured, bytes, length);
        seen++;
    }
    assert_int_equal(capture_packets(&capture, 0, NULL, NULL), seen);
}

static void tcpdump_sees_what_was_stepped(void **state) {
    (void)state;
    static Ran judge;
    Link link = raw_link(raw);
    Session *session = new_session(&link, 1);
    assert_string_equal(session_wire(session), "raw");
    start_tcpdump(raw_holder(raw));
    whole_life(session);
    capture_end(&capture, delivered(session));
    expect_captured(session);
    run_and_read(exec_judge, &capture, &judge);
    size_t packets = delivered(session);
    if (occurrences(judge.out, "(correct)") != packets || occurrences(judge.out, "incorrect") ||
        occurrences(judge.out, "bad cksum"))
        fail_msg("of %zu packets:\n%s", packets, judge.out);
    assert_int_equal(occurrences(judge.out, "Flags [R"), 0);
    assert_int_equal(occurrences(judge.out, "Flags [S],"), 1);
    assert_int_equal(occurrences(judge.out, "Flags [S.],"), 1);
    assert_int_equal(occurrences(judge.out, "Flags [F.],"), 2);
    session_free(session);
}

/* Undoing sends nothing; doing again sends again. */
static void history_sends_nothing(void **state) {
    (void)state;
    uint8_t seen[LIMIT_DATAGRAM];
    size_t count = 0;
    Link link = raw_link(raw);
    Session *session = new_session(&link, 2);
    whole_life(session);
    int watch = watch_open(raw_holder(raw));
    for (uint32_t step = session_step(session); step-- > 0;) assert_int_equal(session_seek(session, step), STATUS_OK);
    assert_int_equal(session_seek(session, session_steps(session)), STATUS_OK);
    assert_int_equal(watch_next(watch, seen, sizeof seen), -1);
    assert_int_equal(session_seek(session, 0), STATUS_OK);
    whole_life(session);
    while (watch_next(watch, seen, sizeof seen) >= 0) count++;
    assert_int_equal(count, delivered(session));
    close(watch);
    session_free(session);
}

/* ---- The same on both wires ---- */

/* The first field in which two events differ; NULL: none. */
static const char *difference(const Event *a, const Event *b) {
#define SAME(field) \
    if (a->field != b->field) return #field
    SAME(index);
    SAME(cause);
    SAME(step);
    SAME(time);
    SAME(kind);
    SAME(host);
    SAME(conn.slot);
    SAME(conn.generation);
    SAME(packet.id);
    SAME(packet.born);
    SAME(rule);
    SAME(from);
    SAME(to);
    SAME(timer);
    SAME(call);
    SAME(error);
    SAME(reason);
    SAME(src.addr.number);
    SAME(src.port);
    SAME(dst.addr.number);
    SAME(dst.port);
    SAME(flags);
    SAME(again);
    SAME(window);
    SAME(seq.value);
    SAME(ack.value);
    SAME(data_length);
    SAME(due);
    SAME(value);
    SAME(setting);
    SAME(copy_of);
#undef SAME
    return NULL;
}

static void expect_same(const Session *first, const Session *second, uint64_t seed) {
    for (uint32_t i = 0; i < session_events(first) && i < session_events(second); i++) {
        uint32_t first_length = 0, second_length = 0;
        const Event one = trace_at(session_trace(first), i), other = trace_at(session_trace(second), i);
        const char *field = difference(&one, &other);
        if (field) fail_msg("seed %d: event %u differs in %s", (int)seed, i, field);
        const uint8_t *first_bytes = trace_bytes(session_trace(first), i, &first_length);
        const uint8_t *second_bytes = trace_bytes(session_trace(second), i, &second_length);
        if (!first_bytes != !second_bytes || first_length != second_length ||
            (first_bytes && memcmp(first_bytes, second_bytes, first_length) != 0))
            fail_msg("seed %d: event %u differs in its bytes", (int)seed, i);
    }
    if (session_events(first) != session_events(second))
        fail_msg("seed %d: %u and %u events", (int)seed, session_events(first), session_events(second));
    if (world_digest(session_world(first)) != world_digest(session_world(second)))
        fail_msg("seed %d: the worlds differ", (int)seed);
}

static void on_both(void (*life)(Session *), uint64_t seed) {
    Link link = raw_link(raw);
    Session *over_raw = new_session(&link, seed), *in_memory = new_session(NULL, seed);
    assert_string_equal(session_wire(in_memory), "memory");
    life(over_raw);
    life(in_memory);
    assert_true(session_events(over_raw) > 20);
    expect_same(over_raw, in_memory, seed);
    session_free(over_raw);
    session_free(in_memory);
}

static void both_wires_give_the_same_trace(void **state) {
    (void)state;
    on_both(whole_life, 3);
    for (uint64_t seed = 10; seed < 30; seed++) on_both(rough_life, seed);
}

/* ---- A wire that fails ---- */

static char said[RAW_TEXT];
static int times_said;

static void note_gone(void *self, const char *why) {
    assert_non_null(self);
    snprintf(said, sizeof said, "%s", why);
    times_said++;
}

static void kill_the_helper(RawWire *wire) {
    kill(raw_holder(wire), SIGKILL);
    struct pollfd end = {.fd = raw_fd(wire), .events = POLLIN};
    assert_int_equal(poll(&end, 1, 5000), 1);
}

static void put_lo_down(RawWire *wire) {
    struct ifreq lo = {.ifr_name = "lo"};
    int any_socket = raw_socket(wire, AF_INET, SOCK_DGRAM, 0);
    assert_true(any_socket >= 0);
    assert_int_equal(ioctl(any_socket, SIOCSIFFLAGS, &lo), 0);
    close(any_socket);
}

static void close_the_sockets(RawWire *wire) {
    (void)wire;
    for (int fd = 3; fd < 256; fd++) { /* all raw sockets of this process, those of `raw` too */
        int protocol;
        socklen_t size = sizeof protocol;
        if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 &&
            (protocol == IPPROTO_RAW || protocol == IPPROTO_TCP))
            close(fd);
    }
}

/* A connection that was opened over the raw wire has the same history, and can be closed, in memory. */
static void goes_on_in_memory(void (*lose)(RawWire *wire), int before, const char *why) {
    RawRefusal refusal;
    RawWire *another = raw_open(&refusal);
    assert_non_null(another);
    Link link = raw_link(another);
    link.gone = note_gone;
    times_said = 0;
    Session *session = new_session(&link, 4), *in_memory = new_session(NULL, 4);
    const Input listen = {.kind = INPUT_LISTEN, .host = B, .local = {.port = PORT_B}, .count = 5},
                connect = {
                    .kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {{0x7f000002}, PORT_B}};
    must(session, &listen), must(in_memory, &listen);
    must(session, &connect), must(in_memory, &connect);
    Input next;
    for (int i = 0; world_next(session_world(session), &next); i++) {
        if (i == before) lose(another);
        must(session, &next), must(in_memory, &next);
    }
    assert_string_equal(session_wire(session), "memory");
    assert_int_equal(times_said, 1);
    if (!strstr(said, why)) fail_msg("\"%s\" does not say \"%s\"", said, why);
    expect_same(session, in_memory, 4);
    assert_int_equal(session_seek(session, 0), STATUS_OK);
    assert_int_equal(session_seek(session, session_steps(session)), STATUS_OK);
    assert_int_equal(session_reset(session), STATUS_OK);
    whole_life(session);
    session_free(session);
    session_free(in_memory);
    raw_close(another);
}

static void goes_on_in_memory_where_the_helper_has_ended(void **state) {
    (void)state;
    for (int before = 0; before < 3; before++) goes_on_in_memory(kill_the_helper, before, "helper");
}

static void goes_on_in_memory_where_lo_is_down(void **state) {
    (void)state;
    for (int before = 0; before < 3; before++) goes_on_in_memory(put_lo_down, before, strerror(ENETDOWN));
}

static void goes_on_in_memory_where_the_sockets_are_closed(void **state) {
    (void)state;
    goes_on_in_memory(close_the_sockets, 1, strerror(EBADF));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcpdump_sees_what_was_stepped),
        cmocka_unit_test(history_sends_nothing),
        cmocka_unit_test(both_wires_give_the_same_trace),
        cmocka_unit_test(goes_on_in_memory_where_the_helper_has_ended),
        cmocka_unit_test(goes_on_in_memory_where_lo_is_down),
        cmocka_unit_test(goes_on_in_memory_where_the_sockets_are_closed), /* last: it closes those of `raw` too */
    };
    raw = wire_or_skip();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    raw_close(raw);
    return failed;
}
