/* lab.h - a small language for testing one TCP by hand.
 *
 * Host A is the TCP under test, at 127.0.0.1:7777. Its peer is the test, at 127.0.0.9:80, where no host is.
 *
 *     connects();                                     a SYN goes out, SYN_SENT
 *     arrives("SYN,ACK seq=0 ack=1");                 the peer's segment: seq counts from Y, ack from X
 *     sends("ACK seq=1 ack=1");                       A's answer: seq counts from X, ack from Y
 *     moves("SYN_SENT > ESTABLISHED");
 *
 * Whatever A sends, every change of state and every error must be named before the next stimulus: what a test does not
 * mention has not happened. A state is reached by inputs only.
 *
 * A segment is "FLAGS key=value ...": seq, ack ("#n" is absolute), win, mss, urg, len (bytes of a pattern), data, and
 * `port` for another peer. In sends() a key left out is not looked at, but len is 0 where neither len nor data stands
 * there.
 */
#ifndef TWOMSL_TESTS_UNIT_LAB_H
#define TWOMSL_TESTS_UNIT_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../engine/engine.h"

#define SECOND MICROS_PER_SECOND
#define MILLISECOND INT64_C(1000)

/* Both initial sequence numbers lie just before 0, so that wrapping is always near. */
enum { A = 0, B = 1, PORT_A = 7777, PORT_B = 80, STREAM = 1 << 20, TEXT = 256 };
#define X UINT32_C(0xfffffff0)
#define Y UINT32_C(0xffffd8ef)
#define ADDR_A ((Addr){UINT32_C(0x7f000001)})
#define ADDR_B ((Addr){UINT32_C(0x7f000002)})
#define ADDR_PEER ((Addr){UINT32_C(0x7f000009)})
#define LOCAL ((Endpoint){ADDR_A, PORT_A})
#define PEER ((Endpoint){ADDR_PEER, PORT_B})

static struct {
    World *world;
    Trace *trace;
    ConnId conn, listener;
    uint32_t mark;  /* events from here on belong to the last stimulus */
    uint32_t seen;  /* changes of state and errors before here have been named */
    uint32_t heard; /* what was sent before here has been named */
    uint32_t step;
    uint8_t handed[STREAM]; /* what the application gave to A */
    uint32_t handed_length, taken_length;
} lab;

/* ---- The world ---- */

static inline Config roomy(void) { return (Config){.conns = 128, .packets = 2048, .store = 16 << 20, .seed = 1}; }

static inline int lab_setup(void **state) {
    (void)state;
    memset(&lab, 0, sizeof lab);
    Config config = roomy();
    lab.world = world_new(&config);
    lab.trace = trace_new();
    return lab.world && lab.trace ? 0 : -1;
}

static inline void settled(void);
static inline int lab_teardown(void **state) {
    (void)state;
    world_free(lab.world);
    trace_free(lab.trace);
    lab.world = NULL;
    lab.trace = NULL;
    return 0;
}
/* A test of the language: when it ends, nothing may be left unnamed. */
#define lab_test(name) \
    { #name, name##_, lab_setup, lab_teardown, NULL }
#define TEST(name)                      \
    static void name(void);             \
    static void name##_(void **state) { \
        (void)state;                    \
        name();                         \
        settled();                      \
    }                                   \
    static void name(void)

static inline Status attempt(Input input) { return world_step(lab.world, &input, lab.trace); }

static inline const Result *accepted_input(Input input) {
    Status status = attempt(input);
    if (status != STATUS_OK) fail_msg("%s: %s", call_name(input.kind), status_text(status));
    return world_result(lab.world);
}

/* ---- What has happened ---- */

/* None left: its index is EVENT_NONE. */
static inline Event event_after(uint32_t *index, EventKind kind) {
    while (*index < trace_count(lab.trace) && trace_at(lab.trace, *index).kind != kind) ++*index;
    return trace_at(lab.trace, (*index)++);
}

/* "ESTABLISHED > CLOSE_WAIT > LAST_ACK"; several connections are separated by commas. */
static inline void chain_text(char *text, size_t size) {
    Event last = {.index = EVENT_NONE};
    uint32_t index = lab.seen;
    size_t n = 0;
    text[0] = 0;
    for (Event e; (e = event_after(&index, EVENT_STATE)).index != EVENT_NONE; last = e) {
        bool first = last.index == EVENT_NONE, goes_on = !first && conn_eq(last.conn, e.conn) && last.to == e.from;
        if (!goes_on) n += (size_t)snprintf(text + n, size - n, "%s%s", first ? "" : ", ", state_name(e.from));
        n += (size_t)snprintf(text + n, size - n, " > %s", state_name(e.to));
        assert_true(n < size);
    }
}

/* `soft`: trouble that the application is told of and that ends nothing. */
static inline bool next_report(bool soft, Event *e) {
    uint32_t index = lab.seen;
    while ((*e = event_after(&index, EVENT_ERROR)).index != EVENT_NONE)
        if ((e->error == STATUS_DELIVERY_TROUBLE || (e->error == STATUS_UNREACHABLE && e->to != STATE_CLOSED)) == soft)
            return true;
    return false;
}
static inline bool next_error(Event *e) { return next_report(false, e); }

/* The oldest segment that A has sent and nobody has named yet; it moves past it where `take` is true. */
static inline bool next_sent(Segment *seg, bool take) {
    uint32_t index = lab.heard, length;
    for (Event e; (e = event_after(&index, EVENT_SEND)).index != EVENT_NONE;) {
        if (e.host != A) continue;
        const uint8_t *bytes = trace_bytes(lab.trace, e.index, &length);
        assert_non_null(bytes);
        assert_int_equal(segment_decode(bytes, length, seg), DECODE_OK);
        if (take) lab.heard = index;
        return true;
    }
    return false;
}

static inline void segment_text(const Segment *seg, char text[TEXT]) {
    char flags[FLAGS_TEXT];
    size_t n = (size_t)snprintf(text, TEXT, "%s seq=%d", flags_text(seg->flags, flags), (int)(seg->seq.value - X));
    if (seg->flags & FLAG_ACK) n += (size_t)snprintf(text + n, TEXT - n, " ack=%d", (int)(seg->ack.value - Y));
    if (seg->data_length) n += (size_t)snprintf(text + n, TEXT - n, " len=%u", seg->data_length);
    n += (size_t)snprintf(text + n, TEXT - n, " win=%u", seg->window);
    if (seg->options.mss) n += (size_t)snprintf(text + n, TEXT - n, " mss=%u", seg->options.mss);
    if (!endpoint_eq(seg->dst, PEER)) snprintf(text + n, TEXT - n, " port=%u", seg->dst.port);
}

static inline void settled(void) {
    char text[TEXT];
    Segment seg;
    if (next_sent(&seg, false)) {
        segment_text(&seg, text);
        fail_msg("step %u: sent, and not named: %s", lab.step, text);
    }
    chain_text(text, sizeof text);
    if (text[0]) fail_msg("step %u: moved, and not named: %s", lab.step, text);
    Event e;
    if (next_error(&e)) fail_msg("step %u: failed, and not named: %s", lab.step, status_text(e.error));
    if (next_report(true, &e)) fail_msg("step %u: reported, and not named: %s", lab.step, status_text(e.error));
}

/* The application is told of trouble: nothing was acknowledged for several retransmissions (SHLD-9). */
static inline void reports(Status status) {
    Event e;
    if (!next_report(true, &e) || e.error != status)
        fail_msg("step %u: no report of \"%s\"", lab.step, status_text(status));
    lab.seen = trace_count(lab.trace);
}
static inline void troubles(void) { reports(STATUS_DELIVERY_TROUBLE); }

/* The states gone through since the last stimulus: all of them, and no error with them. */
static inline void moves(const char *chain) {
    char text[TEXT];
    chain_text(text, sizeof text);
    if (strcmp(text, chain)) fail_msg("step %u: moves \"%s\", not \"%s\"", lab.step, text, chain);
    Event e;
    if (next_error(&e)) fail_msg("step %u: %s", lab.step, status_text(e.error));
    lab.seen = trace_count(lab.trace);
}

/* The same, and the application is told of an error. */
static inline void moves_failing(const char *chain, Status error) {
    char text[TEXT];
    chain_text(text, sizeof text);
    if (strcmp(text, chain)) fail_msg("step %u: moves \"%s\", not \"%s\"", lab.step, text, chain);
    Event told;
    if (!next_error(&told)) fail_msg("step %u: no error", lab.step);
    if (told.error != error)
        fail_msg("step %u: \"%s\", not \"%s\"", lab.step, status_text(told.error), status_text(error));
    ConnView view;
    assert_true(world_conn(lab.world, told.conn, &view));
    assert_int_equal(view.error, error);
    assert_true(view.gone);
    lab.seen = trace_count(lab.trace);
}

static inline uint32_t count_rule(RuleId rule, uint32_t from) {
    uint32_t count = 0;
    for (uint32_t i = from; i < trace_count(lab.trace); i++) count += trace_at(lab.trace, i).rule == rule;
    return count;
}
/* An event since the last stimulus names this rule. */
static inline void by_rule(RuleId rule) {
    if (!count_rule(rule, lab.mark)) fail_msg("step %u: nothing followed %s", lab.step, rule_info(rule)->name);
}
static inline void not_by_rule(RuleId rule) {
    if (count_rule(rule, lab.mark)) fail_msg("step %u: something followed %s", lab.step, rule_info(rule)->name);
}

static inline void stimulus(void) {
    settled();
    lab.step++;
    lab.mark = lab.seen = trace_count(lab.trace);
}

/* ---- Segments as text ---- */

typedef struct Wanted {
    Segment seg;
    bool seq, ack, win, mss, urg, len;
    const char *data;
    uint16_t port;
} Wanted;

static inline uint32_t number_of(const char *value, uint32_t base) {
    return value[0] == '#' ? (uint32_t)strtoul(value + 1, NULL, 0) : base + (uint32_t)strtol(value, NULL, 0);
}

static inline void read_key(Wanted *w, char *token, uint32_t seq_base, uint32_t ack_base) {
    char *value = strchr(token, '=');
    if (!value) fail_msg("no value: %s", token);
    *value++ = 0;
    if (!strcmp(token, "seq")) w->seq = true, w->seg.seq = seq_of(number_of(value, seq_base));
    else if (!strcmp(token, "ack")) w->ack = true, w->seg.ack = seq_of(number_of(value, ack_base));
    else if (!strcmp(token, "win")) w->win = true, w->seg.window = (uint16_t)atoi(value);
    else if (!strcmp(token, "mss")) w->mss = true, w->seg.options.mss = (uint16_t)atoi(value);
    else if (!strcmp(token, "urg")) w->urg = true, w->seg.urgent = (uint16_t)atoi(value);
    else if (!strcmp(token, "len")) w->len = true, w->seg.data_length = (uint16_t)atoi(value);
    else if (!strcmp(token, "data")) w->data = value, w->seg.data_length = (uint16_t)strlen(value);
    else if (!strcmp(token, "port")) w->port = (uint16_t)atoi(value);
    else fail_msg("no such key: %s", token);
}

/* `copy` is cut into its words. */
static inline Wanted read_segment(char *copy, uint32_t seq_base, uint32_t ack_base) {
    Wanted w = {.seg = {.options = OPTIONS_NONE, .ttl = 64}, .port = PORT_B};
    char *save = NULL, *token = strtok_r(copy, " ", &save);
    if (!token || !flags_parse(token, &w.seg.flags)) fail_msg("no flags: %s", copy);
    while ((token = strtok_r(NULL, " ", &save))) read_key(&w, token, seq_base, ack_base);
    return w;
}

/* The bytes of a stream: no two places near each other look alike. */
static inline uint8_t pattern(uint32_t at) { return (uint8_t)(at * 31 + (at >> 8) * 7 + (at >> 16)); }

/* ---- Stimuli ---- */

/* The peer's datagram; returns its length. */
static inline size_t write_arrival(const char *text, uint8_t *bytes, size_t capacity) {
    char copy[TEXT];
    static uint8_t data[LIMIT_DATAGRAM];
    snprintf(copy, sizeof copy, "%s", text);
    Wanted w = read_segment(copy, Y, X);
    if (!w.win) w.seg.window = 65535;
    for (uint32_t i = 0; i < w.seg.data_length; i++)
        data[i] = w.data ? (uint8_t)w.data[i] : pattern(w.seg.seq.value - Y - 1 + i);
    w.seg.data = data;
    w.seg.ip_id = 1;
    w.seg.src = (Endpoint){ADDR_PEER, w.port};
    w.seg.dst = LOCAL;
    size_t length = segment_encode(&w.seg, bytes, capacity);
    assert_true(length > 0);
    return length;
}

static inline PacketId inject_now(const uint8_t *bytes, size_t length) {
    return accepted_input((Input){.kind = INPUT_INJECT, .bytes = bytes, .length = (uint32_t)length})->packet;
}

/* The peer's segment arrives. */
static inline void arrives(const char *text) {
    static uint8_t bytes[LIMIT_DATAGRAM];
    stimulus();
    PacketId packet = inject_now(bytes, write_arrival(text, bytes, sizeof bytes));
    accepted_input((Input){.kind = INPUT_DELIVER, .packet = packet});
}

/* The application's call on the connection under test. */
static inline void calls(InputKind kind) {
    stimulus();
    accepted_input((Input){.kind = kind, .conn = lab.conn});
}

static inline void refuses(Input input, Status status) {
    stimulus();
    uint64_t digest = world_digest(lab.world);
    Micros now = world_now(lab.world);
    Status got = attempt(input);
    if (got != status)
        fail_msg("step %u: %s: \"%s\", not \"%s\"", lab.step, call_name(input.kind), status_text(got),
                 status_text(status));
    assert_true(world_digest(lab.world) == digest);
    assert_int_equal(world_now(lab.world), now);
    assert_int_equal(trace_count(lab.trace), lab.mark);
}
static inline void call_refused(InputKind kind, Status status) {
    refuses((Input){.kind = kind, .conn = lab.conn}, status);
}

/* The application hands over `length` more bytes of its stream; returns how many were taken. */
static inline uint32_t hands_over(uint32_t length) {
    stimulus();
    uint8_t *at = lab.handed + lab.handed_length;
    assert_true(lab.handed_length + length <= STREAM);
    for (uint32_t i = 0; i < length; i++) at[i] = pattern(lab.handed_length + i + 1000);
    uint32_t taken =
        accepted_input((Input){.kind = INPUT_SEND, .conn = lab.conn, .bytes = at, .length = length})->count;
    lab.handed_length += taken;
    return taken;
}

/* The application takes `length` bytes: those of the peer's pattern. */
static inline void takes(uint32_t length) {
    static uint8_t bytes[STREAM];
    stimulus();
    assert_true(world_peek(lab.world, lab.conn, bytes, length) == length);
    for (uint32_t i = 0; i < length; i++)
        if (bytes[i] != pattern(lab.taken_length + i)) fail_msg("byte %u of the stream is wrong", lab.taken_length + i);
    lab.taken_length += length;
    accepted_input((Input){.kind = INPUT_RECV, .conn = lab.conn, .count = length});
}

static inline void sets(HostRule rule, int64_t value) {
    stimulus();
    accepted_input((Input){.kind = INPUT_RULE, .host = A, .rule = rule, .value = value});
}

/* Time passes; what is due happens on the way. */
static inline void passes(Micros time) {
    stimulus();
    Micros until = world_now(lab.world) + time;
    Input next;
    while (world_next(lab.world, &next) && next.at <= until) accepted_input(next);
    accepted_input((Input){.kind = INPUT_WAIT, .at = until});
}

/* ---- Expectations ---- */

static inline ConnView look(void) {
    ConnView view;
    assert_true(world_conn(lab.world, lab.conn, &view));
    return view;
}

static inline void check_data(const Wanted *w, const Segment *got, const char *text) {
    if (w->data && memcmp(w->data, got->data, got->data_length))
        fail_msg("step %u: other data than in \"%s\"", lab.step, text);
    if (w->data || !endpoint_eq(got->src, LOCAL) || !got->data_length) return;
    uint32_t at = got->seq.value - X - 1 + ((got->flags & FLAG_SYN) ? 1 : 0);
    assert_true(at + got->data_length <= lab.handed_length);
    if (memcmp(lab.handed + at, got->data, got->data_length))
        fail_msg("step %u: not the bytes handed over: \"%s\"", lab.step, text);
}

/* The next segment that A has sent. */
static inline void sends(const char *text) {
    char copy[TEXT], got[TEXT];
    Segment seg;
    snprintf(copy, sizeof copy, "%s", text);
    Wanted w = read_segment(copy, X, Y);
    if (!next_sent(&seg, true)) fail_msg("step %u: nothing was sent, not \"%s\"", lab.step, text);
    segment_text(&seg, got);
    bool same = seg.flags == w.seg.flags && seg.data_length == w.seg.data_length && seg.dst.port == w.port &&
                (!w.seq || seq_eq(seg.seq, w.seg.seq)) && (!w.ack || seq_eq(seg.ack, w.seg.ack)) &&
                (!w.win || seg.window == w.seg.window) && (!w.mss || seg.options.mss == w.seg.options.mss) &&
                (!w.urg || seg.urgent == w.seg.urgent);
    if (!same) fail_msg("step %u: \"%s\" was sent, not \"%s\"", lab.step, got, text);
    check_data(&w, &seg, text);
}

static inline void sends_nothing(void) {
    char text[TEXT];
    Segment seg;
    if (!next_sent(&seg, false)) return;
    segment_text(&seg, text);
    fail_msg("step %u: \"%s\" was sent", lab.step, text);
}

/* Full segments from `from` on, one after the other. */
static inline void sends_segments(uint32_t from, uint32_t count, uint32_t size) {
    char text[TEXT];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "ACK seq=%u len=%u", from + i * size, size);
        sends(text);
    }
}

static inline void in_state(State state) {
    if (look().state != state) fail_msg("step %u: %s, not %s", lab.step, state_name(look().state), state_name(state));
}

static inline void runs(TimerKind timer, Micros time) {
    Micros at = look().timers[timer];
    if (at == MICROS_NEVER) fail_msg("step %u: %s does not run", lab.step, timer_name(timer));
    if (at - world_now(lab.world) != time)
        fail_msg("step %u: %s fires in %lld us, not %lld", lab.step, timer_name(timer),
                 (long long)(at - world_now(lab.world)), (long long)time);
}
static inline void runs_not(TimerKind timer) {
    if (look().timers[timer] != MICROS_NEVER) fail_msg("step %u: %s runs", lab.step, timer_name(timer));
}
static inline void no_timer_runs(void) {
    for (int i = 0; i < TIMER_COUNT; i++) runs_not((TimerKind)i);
}

/* ---- Ways into a state ---- */

static inline void connects(void) {
    sets(HOST_RULE_isn, X);
    stimulus();
    lab.conn =
        accepted_input((Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = PEER})->conn;
    moves("CLOSED > SYN_SENT");
    sends("SYN seq=0");
}

/* With the window and the largest segment of the peer's choice. */
static inline void establishes_with(uint32_t window, uint32_t mss) {
    char text[TEXT];
    snprintf(text, sizeof text, "SYN,ACK seq=0 ack=1 win=%u mss=%u", window, mss);
    connects();
    arrives(text);
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
}
static inline void establishes(void) { establishes_with(65535, 1460); }

static inline void listens_with(uint32_t backlog, bool close_on_fin) {
    stimulus();
    lab.listener = accepted_input((Input){.kind = INPUT_LISTEN,
                                          .host = A,
                                          .local = {.port = PORT_A},
                                          .count = backlog,
                                          .close_on_fin = close_on_fin})
                       ->conn;
    lab.conn = lab.listener;
    moves("CLOSED > LISTEN");
}
static inline void listens(void) { listens_with(5, false); }

/* lab.conn becomes the newest connection. */
static inline void newest(void) {
    for (ConnId id = world_conn_after(lab.world, A, CONN_NONE); conn_is(id); id = world_conn_after(lab.world, A, id))
        lab.conn = id;
}

static inline void receives_syn_with(bool close_on_fin) {
    listens_with(5, close_on_fin);
    sets(HOST_RULE_isn, X);
    arrives("SYN seq=0 mss=1460");
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
}
static inline void receives_syn(void) { receives_syn_with(false); }

/* An active open that met the peer's: SYN_RCVD, but no listener behind it. */
static inline void opens_simultaneously(void) {
    connects();
    arrives("SYN seq=0 mss=1460");
    sends("SYN,ACK seq=0 ack=1");
    moves("SYN_SENT > SYN_RCVD");
}

static inline void enters_fin_wait_1(void) {
    establishes();
    calls(INPUT_SHUTDOWN);
    sends("FIN,ACK seq=1 ack=1");
    moves("ESTABLISHED > FIN_WAIT_1");
}
static inline void enters_fin_wait_2(void) {
    enters_fin_wait_1();
    arrives("ACK seq=1 ack=2");
    moves("FIN_WAIT_1 > FIN_WAIT_2");
}
static inline void enters_close_wait(void) {
    establishes();
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK seq=1 ack=2");
    moves("ESTABLISHED > CLOSE_WAIT");
}
static inline void enters_closing(void) {
    enters_fin_wait_1();
    arrives("FIN,ACK seq=1 ack=1");
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_1 > CLOSING");
}
static inline void enters_last_ack(void) {
    enters_close_wait();
    calls(INPUT_SHUTDOWN);
    sends("FIN,ACK seq=1 ack=2");
    moves("CLOSE_WAIT > LAST_ACK");
}
static inline void enters_time_wait(void) {
    enters_fin_wait_2();
    arrives("FIN,ACK seq=1 ack=2");
    sends("ACK seq=2 ack=2");
    moves("FIN_WAIT_2 > TIME_WAIT");
}

/* The seven synchronized states, and what SND.UNA, SND.NXT and RCV.NXT are there (counted from X and Y). */
typedef struct Place {
    const char *name;
    void (*reach)(void);
    State state;
    uint32_t una, nxt, expected;
} Place;
static const Place places[] __attribute__((unused)) = {
    {"ESTABLISHED", establishes, STATE_ESTABLISHED, 1, 1, 1},
    {"FIN_WAIT_1", enters_fin_wait_1, STATE_FIN_WAIT_1, 1, 2, 1},
    {"FIN_WAIT_2", enters_fin_wait_2, STATE_FIN_WAIT_2, 2, 2, 1},
    {"CLOSE_WAIT", enters_close_wait, STATE_CLOSE_WAIT, 1, 1, 2},
    {"CLOSING", enters_closing, STATE_CLOSING, 1, 2, 2},
    {"LAST_ACK", enters_last_ack, STATE_LAST_ACK, 1, 2, 2},
    {"TIME_WAIT", enters_time_wait, STATE_TIME_WAIT, 2, 2, 2},
};
enum { PLACES = sizeof places / sizeof *places };

/* Does `what` in a fresh world for each synchronized state. */
static inline void everywhere(void (*what)(const Place *place)) {
    for (size_t i = 0; i < PLACES; i++) {
        lab_teardown(NULL);
        assert_int_equal(lab_setup(NULL), 0);
        places[i].reach();
        what(&places[i]);
        settled();
    }
}

/* A segment or expectation with numbers put in. */
__attribute__((format(printf, 1, 2))) static inline const char *line(const char *format, ...) {
    static char lines[4][TEXT];
    static int at;
    at = (at + 1) % 4;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(lines[at], TEXT, format, arguments);
    va_end(arguments);
    return lines[at];
}

#endif
