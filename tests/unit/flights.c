/* flights.c - what became of each packet: every kind of life, as of every moment, across other futures. */
#include <time.h>

#include "../../engine/trace/trace.h"
#include "pair.h"

static Session *session;

static int setup(void **state) {
    (void)state;
    session = session_new(&(Config){.seed = 3}, NULL);
    return session ? 0 : -1;
}
static int teardown(void **state) {
    (void)state;
    session_free(session);
    session = NULL;
    return 0;
}

/* ---- A session in which A connects to B ---- */

static const Result *done(Input input) {
    Status status = session_do(session, &input);
    if (status != STATUS_OK) fail_msg("%s: %s", call_name(input.kind), status_text(status));
    return world_result(session_world(session));
}
static bool next(void) {
    Input input;
    return world_next(session_world(session), &input) && (done(input), true);
}
static void busy(void) {
    while (world_busy(session_world(session)) && next()) continue;
}
static void seek(uint32_t step) { assert_int_equal(session_seek(session, step), STATUS_OK); }
static PacketId youngest(void) {
    const Trace *trace = session_trace(session);
    PacketId packet = PACKET_NONE;
    for (uint32_t i = 0; i < session_events(session); i++) {
        const Event event = trace_at(trace, i);
        if (event.packet.id > packet.id) packet = event.packet;
    }
    return packet;
}
static void on(InputKind kind, PacketId packet) {
    done((Input){.kind = kind, .packet = packet, .count = CORRUPT_ANYWHERE});
}
static void delay(PacketId packet, Micros by) { done((Input){.kind = INPUT_DELAY, .packet = packet, .value = by}); }
static PacketId dup(PacketId packet) { return done((Input){.kind = INPUT_DUP, .packet = packet})->packet; }
static void path(PathRule rule, int64_t value) { done((Input){.kind = INPUT_PATH, .path = rule, .value = value}); }
static void says(ConnId conn, const char *text) {
    done((Input){.kind = INPUT_SEND, .conn = conn, .bytes = (const uint8_t *)text, .length = (uint32_t)strlen(text)});
}
static ConnId listens_on(uint16_t port) {
    return done((Input){.kind = INPUT_LISTEN, .host = B, .local = {.port = port}, .count = 5})->conn;
}
static ConnId connects_to(uint16_t port) {
    return done((Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = {ADDR_B, port}})->conn;
}
static ConnId opens(void) {
    listens_on(80);
    ConnId client = connects_to(80);
    busy();
    return client;
}

static const Flights *flights(void) {
    const Flights *up_to_date = session_flights(session);
    assert_non_null(up_to_date);
    return up_to_date;
}
static FlightView as_of(PacketId packet, uint32_t events) {
    FlightView view;
    uint32_t index = flights_find(flights(), packet);
    assert_int_not_equal(index, FLIGHT_NONE);
    assert_true(flights_view(flights(), index, events, &view));
    return view;
}
static FlightView of(PacketId packet) { return as_of(packet, session_events(session)); }
static Event event_of(uint32_t index) {
    const Event event = trace_at(session_trace(session), index);
    assert_int_equal(event.index, index);
    return event;
}

#define FLIGHTS_TEST(name)              \
    static void name(void);             \
    static void name##_(void **state) { \
        (void)state;                    \
        name();                         \
    }                                   \
    static void name(void)
#define flights_test(name) \
    { #name, name##_, setup, teardown, NULL }

/* ---- What the receiving host makes of it ---- */

FLIGHTS_TEST(a_syn_is_taken_and_answered) {
    listens_on(80);
    ConnId client = connects_to(80);
    PacketId syn = youngest();
    FlightView view = of(syn);
    assert_int_equal(view.state, FLIGHT_UNDER_WAY);
    assert_true(conn_eq(view.conn, client));
    assert_true(endpoint_eq(view.src, (Endpoint){ADDR_A, PORT_A}) && endpoint_eq(view.dst, (Endpoint){ADDR_B, 80}));
    assert_int_equal(event_of(view.first).kind, EVENT_SEND);
    assert_int_equal(view.sent, 0);
    assert_int_equal(view.due, 50 * MILLISECOND);
    assert_int_equal(view.ended, MICROS_NEVER);
    assert_int_equal(view.outcome, OUTCOME_NONE);
    assert_int_equal(view.judged, EVENT_NONE);
    assert_true(next());
    view = of(syn);
    assert_int_equal(view.state, FLIGHT_ARRIVED);
    assert_int_equal(view.ended, 50 * MILLISECOND);
    assert_int_equal(view.outcome, OUTCOME_TAKEN);
    assert_int_equal(view.rule, RULE_LISTEN_SYN);
    assert_int_equal(view.answer.id, youngest().id);
    assert_int_equal(event_of(view.arrival).kind, EVENT_DELIVER);
    assert_int_equal(view.loss, EVENT_NONE);
}

FLIGHTS_TEST(bytes_are_taken_and_answered_later) {
    ConnId client = opens();
    says(client, "hello");
    PacketId data = youngest();
    assert_true(next());
    FlightView view = of(data);
    assert_int_equal(view.outcome, OUTCOME_TAKEN);
    assert_int_equal(view.rule, RULE_TEXT_IN_ORDER);
    assert_int_equal(view.bytes, 5);
    assert_int_equal(view.value, 5);
    assert_int_equal(view.answer.id, 0);
    assert_true(next()); /* the delayed ACK */
    assert_int_equal(of(data).answer.id, youngest().id);
}

FLIGHTS_TEST(bytes_are_kept_beyond_a_hole) {
    ConnId client = opens();
    says(client, "hello");
    PacketId first = youngest();
    done((Input){.kind = INPUT_RULE, .conn = client, .host = HOST_NONE, .rule = HOST_RULE_nagle, .value = 0});
    says(client, "world");
    PacketId second = youngest();
    on(INPUT_HOLD, first);
    assert_true(next());
    FlightView view = of(second);
    assert_int_equal(view.state, FLIGHT_ARRIVED);
    assert_int_equal(view.outcome, OUTCOME_KEPT);
    assert_int_equal(view.bytes, 0);
    assert_true(view.answer.id != 0);
    on(INPUT_RELEASE, first);
    on(INPUT_DELIVER, first);
    assert_int_equal(of(first).outcome, OUTCOME_TAKEN);
    assert_int_equal(of(first).bytes, 10);
    assert_int_equal(of(second).outcome, OUTCOME_KEPT);
}

FLIGHTS_TEST(nobody_listens) {
    connects_to(81);
    PacketId syn = youngest();
    assert_true(next());
    FlightView view = of(syn);
    assert_int_equal(view.state, FLIGHT_ARRIVED);
    assert_int_equal(view.rule, RULE_CLOSED_RESET);
    assert_int_equal(view.answer.id, youngest().id);
    assert_true(conn_eq(of(youngest()).conn, CONN_NONE));
}

/* ---- Losses, and what is not known ---- */

static void is_lost(PacketId packet, DropReason reason, bool arrived) {
    FlightView view = of(packet);
    assert_int_equal(view.state, FLIGHT_LOST);
    assert_int_equal(view.reason, reason);
    assert_int_equal(view.ended, world_now(session_world(session)));
    assert_int_equal(event_of(view.loss).kind, EVENT_DROP);
    assert_int_equal(view.arrival != EVENT_NONE, arrived);
    assert_int_equal(view.outcome, OUTCOME_NONE);
}

static void inject(Segment segment, bool malformed) {
    static uint8_t bytes[LIMIT_DATAGRAM];
    segment.options = OPTIONS_NONE;
    segment.options.mss = malformed ? 1000 : 0;
    segment.ttl = 64;
    size_t length = segment_encode(&segment, bytes, sizeof bytes);
    assert_true(length > 0);
    if (malformed) bytes[41] = 0; /* the option's length; the checksum is made right again */
    if (malformed) bytes[36] = bytes[37] = 0;
    uint16_t sum = segment_checksum(bytes, length);
    if (malformed) bytes[36] = (uint8_t)(sum >> 8), bytes[37] = (uint8_t)sum;
    done((Input){.kind = INPUT_INJECT, .bytes = bytes, .length = (uint32_t)length, .value = -1});
}

FLIGHTS_TEST(lost_for_every_reason) {
    listens_on(80);
    connects_to(80);
    PacketId syn = youngest(), copy = dup(syn), old = dup(syn);
    on(INPUT_DROP, syn);
    is_lost(syn, DROP_USER, false);
    done((Input){.kind = INPUT_CORRUPT, .packet = copy, .count = 24});
    on(INPUT_DELIVER, copy);
    is_lost(copy, DROP_CHECKSUM, true);
    on(INPUT_HOLD, old);
    while (of(old).state == FLIGHT_HELD) assert_true(next());
    is_lost(old, DROP_LIFETIME, false);

    Segment segment = {.src = {ADDR_A, 9}, .dst = {ADDR_PEER, 9}, .flags = FLAG_SYN};
    inject(segment, false);
    PacketId nowhere = youngest();
    on(INPUT_DELIVER, nowhere);
    is_lost(nowhere, DROP_NO_HOST, false);
    segment.dst = (Endpoint){ADDR_B, 80};
    inject(segment, true);
    PacketId malformed = youngest();
    on(INPUT_DELIVER, malformed);
    is_lost(malformed, DROP_MALFORMED, true);

    path(PATH_LOSS, 1000000);
    connects_to(82);
    is_lost(youngest(), DROP_LOSS, false);
    path(PATH_LOSS, 0);
}

/* A host whose TCP is outside: it sends what it likes, and what it makes of a segment is not known. */
FLIGHTS_TEST(foreign_packets) {
    const Addr foreign = {0x7f000064};
    done((Input){
        .kind = INPUT_HOST, .bytes = (const uint8_t *)"K", .length = 1, .foreign = true, .local = {.addr = foreign}});
    path(PATH_MTU, 576);
    static uint8_t bytes[LIMIT_DATAGRAM], data[1000];
    Segment segment = {.src = {foreign, 9}, .dst = {ADDR_B, 80}, .flags = FLAG_ACK, .ttl = 64};
    segment.options = OPTIONS_NONE;
    segment.data = data;
    for (segment.data_length = 0; segment.data_length <= sizeof data; segment.data_length += sizeof data) {
        uint32_t length = (uint32_t)segment_encode(&segment, bytes, sizeof bytes);
        done((Input){.kind = INPUT_INJECT, .foreign = true, .bytes = bytes, .length = length, .value = -1});
        if (segment.data_length) continue;
        assert_int_equal(of(youngest()).state, FLIGHT_UNDER_WAY);
        assert_false(of(youngest()).forged);
        on(INPUT_DELIVER, youngest());
    }
    is_lost(youngest(), DROP_TOO_BIG, false);
    on(INPUT_DELIVER, (PacketId){youngest().id - 1, 0}); /* B's RST to K */
    FlightView rst = of((PacketId){youngest().id - 1, 0});
    assert_int_equal(rst.state, FLIGHT_ARRIVED);
    assert_int_equal(rst.outcome, OUTCOME_NONE);
    assert_int_equal(rst.outcomes, 0);
}

/* ---- On the way ---- */

FLIGHTS_TEST(held_for_ever_and_released) {
    opens();
    connects_to(82);
    PacketId syn = youngest();
    on(INPUT_HOLD, syn);
    FlightView view = of(syn);
    assert_int_equal(view.state, FLIGHT_HELD);
    assert_int_equal(view.due, MICROS_NEVER);
    assert_int_equal(view.held, 1);
    delay(syn, SECOND);
    assert_int_equal(of(syn).state, FLIGHT_HELD);
    assert_int_equal(of(syn).delayed, SECOND);
    on(INPUT_RELEASE, syn);
    view = of(syn);
    assert_int_equal(view.state, FLIGHT_UNDER_WAY);
    assert_int_equal(view.due, view.sent + 50 * MILLISECOND + SECOND);
    delay(syn, -SECOND);
    assert_int_equal(of(syn).delayed, 0);
    assert_int_equal(of(syn).due, view.sent + 50 * MILLISECOND);
}

FLIGHTS_TEST(copies_of_copies_inherit) {
    listens_on(80);
    connects_to(80);
    PacketId syn = youngest(), plain = dup(syn);
    on(INPUT_CORRUPT, syn);
    PacketId broken = dup(syn);
    on(INPUT_HOLD, broken);
    PacketId held = dup(broken);
    assert_int_equal(of(syn).copies, 2);
    assert_int_equal(of(syn).copy_of, 0);
    assert_false(of(plain).corrupted);
    assert_int_equal(of(plain).copy_of, syn.id);
    assert_true(of(broken).corrupted);
    assert_int_equal(of(held).copy_of, broken.id);
    assert_true(of(held).corrupted);
    assert_int_equal(of(held).state, FLIGHT_HELD);
    assert_int_equal(of(held).held, 0);
    assert_int_equal(event_of(of(held).first).kind, EVENT_DUP);
    uint32_t length, same;
    const uint8_t *bytes = trace_bytes(session_trace(session), of(syn).content, &length);
    assert_int_equal(event_of(of(syn).content).kind, EVENT_CORRUPT);
    assert_memory_equal(bytes, trace_bytes(session_trace(session), of(held).content, &same), length);
    assert_int_equal(length, same);
    assert_int_equal(as_of(syn, of(syn).first + 1).copies, 0);
}

FLIGHTS_TEST(edited_and_forged) {
    opens();
    Segment segment = {.src = {ADDR_PEER, 5}, .dst = {ADDR_B, 80}, .flags = FLAG_RST};
    inject(segment, false);
    PacketId forged = youngest();
    assert_true(of(forged).forged && !of(forged).edited);
    static uint8_t bytes[100];
    segment.src.port = 6;
    segment.options = OPTIONS_NONE;
    segment.ttl = 64;
    uint32_t length = (uint32_t)segment_encode(&segment, bytes, sizeof bytes);
    done((Input){.kind = INPUT_EDIT, .packet = forged, .bytes = bytes, .length = length});
    FlightView view = of(forged);
    assert_true(view.edited && view.forged);
    assert_int_equal(view.src.port, 6);
    assert_int_equal(event_of(view.content).kind, EVENT_EDIT);
    assert_int_equal(as_of(forged, view.last).src.port, 5);
    PacketId copy = dup(forged);
    assert_true(of(copy).edited && of(copy).forged);
    on(INPUT_DELIVER, forged);
    assert_int_equal(of(forged).outcome, OUTCOME_REFUSED);
    assert_int_equal(of(forged).rule, RULE_LISTEN_RST);
    assert_int_equal(of(forged).answer.id, 0);
}

FLIGHTS_TEST(sent_again) {
    listens_on(80);
    connects_to(80);
    PacketId syn = youngest();
    on(INPUT_DROP, syn);
    assert_true(next());
    assert_false(of(syn).again);
    assert_true(of(youngest()).again);
}

/* What a packet's arrival caused belongs to it; what was lost on leaving belongs to the packet that was lost. */
FLIGHTS_TEST(an_answer_that_is_lost_at_once) {
    listens_on(80);
    connects_to(80);
    PacketId syn = youngest();
    path(PATH_LOSS, 1000000);
    assert_true(next());
    FlightView view = of(syn);
    assert_int_equal(view.state, FLIGHT_ARRIVED);
    assert_int_equal(view.outcome, OUTCOME_TAKEN);
    assert_int_equal(view.answer.id, youngest().id);
    is_lost(youngest(), DROP_LOSS, false);
    uint32_t list[16];
    size_t count = flights_events(flights(), flights_find(flights(), syn), session_events(session), list, 16);
    assert_in_range(count, 4, 16);
    for (size_t i = 0; i < count; i++) {
        if (i) assert_true(list[i] > list[i - 1]);
        assert_int_not_equal(event_of(list[i]).kind, EVENT_DROP);
    }
    assert_int_equal(flights_events(flights(), flights_find(flights(), syn), list[2], list, 0), 2);
}

/* ---- Outcomes: several judgments of one segment, in a trace written by hand ---- */

static Event *write_event(Trace *trace, EventKind kind, uint32_t cause) {
    uint32_t index = trace_count(trace);
    Event *event = trace_append(trace);
    assert_non_null(event);
    *event = (Event){.index = index, .cause = cause, .kind = kind, .time = index};
    return event;
}

static uint32_t write_packet(Trace *trace, EventKind kind, uint32_t cause, uint32_t id) {
    Event *event = write_event(trace, kind, cause);
    event->packet = (PacketId){id, 7};
    return event->index;
}

static FlightView judged(const Outcome *outcomes, size_t count) {
    Trace *trace = trace_new();
    Flights *model = flights_new(trace);
    uint32_t sent = write_packet(trace, EVENT_SEND, EVENT_NONE, 1);
    uint32_t arrival = write_packet(trace, EVENT_DELIVER, sent, 1);
    for (size_t i = 0; i < count; i++) {
        Event *event = write_event(trace, outcomes[i] < OUTCOME_ANSWERED ? EVENT_ACCEPT : EVENT_IGNORE, arrival);
        event->outcome = outcomes[i];
        event->rule = (RuleId)(i + 1);
        event->value = (int64_t)i + 1;
    }
    assert_true(flights_update(model));
    FlightView view;
    assert_true(flights_view(model, 0, trace_count(trace), &view));
    flights_free(model);
    trace_free(trace);
    return view;
}

FLIGHTS_TEST(the_best_outcome_counts) {
    for (Outcome best = OUTCOME_TAKEN; best < OUTCOME_COUNT; best++)
        for (Outcome other = best; other < OUTCOME_COUNT; other++) {
            FlightView view = judged((Outcome[]){other, best}, 2);
            assert_int_equal(view.outcome, best);
            assert_int_equal(view.rule, 2);
            assert_int_equal(view.value, 2);
            assert_int_equal(view.outcomes, 1u << best | 1u << other);
            view = judged((Outcome[]){best, other}, 2);
            assert_int_equal(view.outcome, best);
            assert_int_equal(view.rule, best == other ? 2 : 1);
        }
    FlightView third = judged((Outcome[]){OUTCOME_REFUSED, OUTCOME_REFUSED, OUTCOME_DUPLICATE_ACK}, 3);
    assert_int_equal(third.outcome, OUTCOME_DUPLICATE_ACK);
    assert_int_equal(third.value, 3);
    assert_int_equal(third.bytes, 0);
    assert_int_equal(judged((Outcome[]){OUTCOME_TAKEN, OUTCOME_TAKEN}, 2).bytes, 3);
}

FLIGHTS_TEST(the_first_answer_counts) {
    Trace *trace = trace_new();
    Flights *model = flights_new(trace);
    uint32_t sent = write_packet(trace, EVENT_INJECT, EVENT_NONE, 1);
    uint32_t arrival = write_packet(trace, EVENT_DELIVER, sent, 1);
    write_packet(trace, EVENT_SEND, arrival, 2);
    write_packet(trace, EVENT_SEND, arrival, 3);
    FlightView view;
    assert_true(flights_update(model) && flights_view(model, 0, EVENT_NONE, &view));
    assert_int_equal(view.answer.id, 2);
    assert_int_equal(view.outcome, OUTCOME_ANSWERED);
    write_event(trace, EVENT_ERROR, arrival)->rule = RULE_ICMP_SOFT; /* the application is told: it was of use */
    assert_true(flights_update(model) && flights_view(model, 0, EVENT_NONE, &view));
    assert_int_equal(view.outcome, OUTCOME_TAKEN);
    assert_int_equal(view.rule, RULE_ICMP_SOFT);
    flights_free(model);
    trace_free(trace);
}

/* ---- Moments ---- */

static void same(const FlightView *a, const FlightView *b) {
    assert_true(endpoint_eq(a->src, b->src) && endpoint_eq(a->dst, b->dst));
#define SAME(field) assert_int_equal(a->field, b->field)
    SAME(packet.id), SAME(packet.born), SAME(conn.slot), SAME(conn.generation);
    SAME(copy_of), SAME(again), SAME(forged);
    SAME(edited), SAME(corrupted), SAME(copies), SAME(held), SAME(delayed), SAME(state), SAME(sent), SAME(due);
    SAME(ended), SAME(reason), SAME(outcome), SAME(rule), SAME(value), SAME(outcomes), SAME(bytes), SAME(answer.id);
    SAME(first), SAME(content), SAME(arrival), SAME(loss), SAME(judged), SAME(last);
#undef SAME
}

static uint32_t random_below(uint32_t *seed, uint32_t bound) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % bound;
}

/* Anything: what is refused does not matter. */
static void does_something(uint32_t *seed, ConnId conn) {
    static const InputKind kinds[] = {INPUT_DROP,    INPUT_DUP,     INPUT_DELAY,  INPUT_HOLD,
                                      INPUT_RELEASE, INPUT_CORRUPT, INPUT_DELIVER};
    PacketId packets[64];
    size_t count = world_packet_list(session_world(session), packets, 64);
    uint32_t choice = random_below(seed, 16);
    Input input = {.kind = INPUT_SEND, .conn = conn, .bytes = (const uint8_t *)"abc", .length = 3};
    if (choice < 7 && count)
        input = (Input){.kind = kinds[choice],
                        .packet = packets[random_below(seed, (uint32_t)(count < 64 ? count : 64))],
                        .value = 100 * MILLISECOND,
                        .count = CORRUPT_ANYWHERE};
    else if (choice < 14 && !world_next(session_world(session), &input)) return;
    session_do(session, &input);
}

/* Read event by event, across other futures, the model is what a fresh one makes of the trace as it stands; and as of
 * any earlier moment it is what it was then. */
FLIGHTS_TEST(every_moment_stays_what_it_was) {
    for (uint32_t round = 0; round < 12; round++) {
        uint32_t seed = round;
        assert_int_equal(session_reset(session), STATUS_OK);
        path(PATH_DUPLICATE, 100000), path(PATH_CORRUPT, 50000);
        ConnId client = opens();
        for (int i = 0; i < 400; i++) {
            does_something(&seed, client);
            if (random_below(&seed, 3) == 0) flights();
            if (random_below(&seed, 10) == 0 && session_step(session) > 9)
                seek(session_step(session) - random_below(&seed, 9));
        }
        seek(session_steps(session));
        const Trace *trace = session_trace(session);
        uint32_t events = trace_count(trace);
        Trace *grows = trace_new();
        Flights *fresh = flights_new(grows);
        if (events < 100) fail_msg("round %u: %u events, %u flights", round, events, flights_count(flights(), events));
        for (uint32_t past = 1; past <= events; past++) {
            Event *event = trace_append(grows);
            assert_non_null(event);
            *event = trace_at(trace, past - 1);
            assert_true(flights_update(fresh));
            uint32_t count = flights_count(fresh, past);
            assert_int_equal(flights_count(flights(), past), count);
            for (uint32_t i = count > 12 ? count - 12 : 0; i < count; i++) {
                FlightView lived, seen;
                assert_true(flights_view(fresh, i, past, &lived) && flights_view(flights(), i, past, &seen));
                same(&lived, &seen);
                uint32_t one[64], other[64];
                size_t length = flights_events(fresh, i, past, one, 64);
                assert_int_equal(flights_events(flights(), i, past, other, 64), length);
                assert_memory_equal(one, other, (length < 64 ? length : 64) * sizeof *one);
            }
            FlightView view;
            assert_false(flights_view(flights(), count, past, &view));
        }
        flights_free(fresh);
        trace_free(grows);
    }
}

FLIGHTS_TEST(another_future) {
    listens_on(80);
    connects_to(80);
    PacketId syn = youngest();
    uint32_t step = session_step(session), events = session_events(session);
    assert_true(next());
    PacketId answer = youngest();
    assert_int_equal(of(syn).state, FLIGHT_ARRIVED);
    seek(step);
    assert_int_equal(of(syn).state, FLIGHT_UNDER_WAY); /* as of now */
    assert_int_equal(as_of(syn, EVENT_NONE).state, FLIGHT_ARRIVED);
    assert_int_equal(flights_count(flights(), session_events(session)), 1);
    on(INPUT_DROP, syn);
    assert_int_equal(of(syn).state, FLIGHT_LOST);
    assert_int_equal(of(syn).outcome, OUTCOME_NONE);
    assert_int_equal(of(syn).answer.id, 0);
    assert_int_equal(flights_find(flights(), answer), FLIGHT_NONE);
    assert_true(next()); /* the SYN again: it carries the number of the answer that was undone */
    PacketId again = youngest();
    assert_int_equal(again.id, answer.id);
    assert_int_equal(flights_find(flights(), answer), FLIGHT_NONE);
    assert_int_equal(flights_find(flights(), (PacketId){again.id, 0}), flights_find(flights(), again));
    assert_int_equal(as_of(syn, events).state, FLIGHT_UNDER_WAY);
    assert_int_equal(session_reset(session), STATUS_OK);
    assert_int_equal(flights_count(flights(), EVENT_NONE), 0);
    assert_int_equal(flights_find(flights(), syn), FLIGHT_NONE);
}

FLIGHTS_TEST(moments_by_time) {
    listens_on(80);
    connects_to(80);
    uint32_t sent = session_events(session);
    assert_int_equal(flights_until(flights(), -1), 0);
    assert_int_equal(flights_until(flights(), 0), sent);
    assert_true(next());
    assert_int_equal(flights_until(flights(), 50 * MILLISECOND - 1), sent);
    assert_int_equal(flights_until(flights(), 50 * MILLISECOND), session_events(session));
    assert_int_equal(flights_until(flights(), MICROS_NEVER), session_events(session));
}

/* Numbers may begin anywhere and have gaps: a trace need not have seen every packet. */
FLIGHTS_TEST(packets_are_found_by_number) {
    Trace *trace = trace_new();
    Flights *model = flights_new(trace);
    static const uint32_t ids[] = {4, 5, 9, 10, 40, 41, 42, 1000};
    enum { COUNT = sizeof ids / sizeof *ids };
    for (size_t i = 0; i < COUNT; i++) write_packet(trace, EVENT_SEND, EVENT_NONE, ids[i]);
    assert_int_equal(flights_find(model, (PacketId){4, 0}), FLIGHT_NONE);
    assert_true(flights_update(model));
    uint32_t index = 0;
    for (uint32_t id = 0; id < 1100; id++) {
        bool known = index < COUNT && ids[index] == id;
        assert_int_equal(flights_find(model, (PacketId){id, 0}), known ? index : FLIGHT_NONE);
        assert_int_equal(flights_find(model, (PacketId){id, 7}), known ? index : FLIGHT_NONE);
        assert_int_equal(flights_find(model, (PacketId){id, 6}), FLIGHT_NONE);
        index += known;
    }
    flights_free(model);
    trace_free(trace);
}

/* ---- Cost ---- */

/* Seconds of reading `count` events one by one, with a question after each. */
static double reading(uint32_t count) {
    Trace *trace = trace_new();
    Flights *model = flights_new(trace);
    clock_t begin = clock();
    for (uint32_t id = 1; trace_count(trace) < count; id++) {
        uint32_t sent = write_packet(trace, EVENT_SEND, EVENT_NONE, id);
        assert_true(flights_update(model));
        uint32_t arrival = write_packet(trace, EVENT_DELIVER, sent, id);
        assert_true(flights_update(model));
        write_event(trace, EVENT_ACCEPT, arrival)->outcome = OUTCOME_TAKEN;
        assert_true(flights_update(model));
        FlightView view;
        assert_true(flights_view(model, flights_find(model, (PacketId){id, 7}), EVENT_NONE, &view));
        assert_int_equal(view.outcome, OUTCOME_TAKEN);
    }
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    flights_free(model);
    trace_free(trace);
    return seconds;
}

/* Sixteen times the events take sixteen times as long, not 256 times. */
FLIGHTS_TEST(each_event_costs_the_same) {
    double few = reading(25000), many = reading(400000);
    if (many > 64 * few + 0.05) fail_msg("25000 events: %g s, 400000 events: %g s", few, many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        flights_test(a_syn_is_taken_and_answered),
        flights_test(bytes_are_taken_and_answered_later),
        flights_test(bytes_are_kept_beyond_a_hole),
        flights_test(nobody_listens),
        flights_test(lost_for_every_reason),
        flights_test(foreign_packets),
        flights_test(held_for_ever_and_released),
        flights_test(copies_of_copies_inherit),
        flights_test(edited_and_forged),
        flights_test(sent_again),
        flights_test(an_answer_that_is_lost_at_once),
        flights_test(the_best_outcome_counts),
        flights_test(the_first_answer_counts),
        flights_test(every_moment_stays_what_it_was),
        flights_test(another_future),
        flights_test(moments_by_time),
        flights_test(packets_are_found_by_number),
        flights_test(each_event_costs_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
