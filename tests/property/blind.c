/* blind.c - an attacker that knows both endpoints of a connection but not its numbers cannot break it: RSTs, SYNs, FINs
 * and data at random places of the sequence space and inside the window, while bytes flow (RFC 5961). Only a RST at
 * exactly the expected number is left out: that one must work. */
#include "seeds.h"

enum { A = 0, B = 1, BYTES = 20000, MOST_STEPS = 20000, CHALLENGES = 10, PORT_A = 7777, PORT_B = 80 };
#define SECOND MICROS_PER_SECOND
static const Endpoint ends[2] = {{{0x7f000001}, PORT_A}, {{0x7f000002}, PORT_B}};

typedef struct Play {
    World *world;
    Trace *trace;
    Chance *chance;
    ConnId conn[2];
    uint32_t sent, got;
} Play;

static void must(Play *p, Input input) {
    Status status = world_step(p->world, &input, p->trace);
    if (status != STATUS_OK) broken("%s: %s", call_name(input.kind), status_text(status));
}

static ConnView look(const Play *p, int side) {
    ConnView view;
    if (!world_conn(p->world, p->conn[side], &view)) broken("a connection's record is lost");
    return view;
}

static void opens(Play *p) {
    must(p, (Input){.kind = INPUT_LISTEN, .host = B, .local = ends[B], .count = 1});
    ConnId listener = world_result(p->world)->conn;
    must(p, (Input){.kind = INPUT_CONNECT, .host = A, .local = ends[A], .remote = ends[B]});
    p->conn[A] = world_result(p->world)->conn;
    Input next;
    while (world_busy(p->world) && world_next(p->world, &next)) must(p, next);
    must(p, (Input){.kind = INPUT_ACCEPT, .conn = listener});
    p->conn[B] = world_result(p->world)->conn;
}

/* Anywhere, or inside the victim's window but not at its left edge. */
static Seq guess(Play *p, const ConnView *victim, bool rst) {
    if (one_in(p->chance, 3)) {
        Seq seq = seq_of((uint32_t)draw64(p->chance));
        if (!seq_eq(seq, victim->rcv.nxt)) return seq;
    }
    uint32_t offset = victim->rcv.wnd > 1 ? 1 + draw(p->chance, victim->rcv.wnd - 1) : 1;
    return seq_add(victim->rcv.nxt, rst ? offset : draw(p->chance, offset + 1));
}

/* Past everything sent, or so far back that it lies before the largest window: all but one ACK in ten thousand are. */
static Seq wrong_ack(Play *p, const ConnView *victim) {
    if (one_in(p->chance, 2)) return seq_add(victim->snd.nxt, 1 + draw(p->chance, 1u << 30));
    return seq_sub(victim->snd.una, 65536 + draw(p->chance, 1u << 30));
}

static void attack(Play *p) {
    static const uint8_t shapes[] = {
        FLAG_RST, FLAG_RST | FLAG_ACK, FLAG_SYN, FLAG_SYN | FLAG_ACK, FLAG_ACK | FLAG_PSH, FLAG_FIN | FLAG_ACK};
    uint8_t evil[64], bytes[256];
    int side = (int)draw(p->chance, 2);
    ConnView victim = look(p, side);
    if (victim.gone || victim.state == STATE_TIME_WAIT) return; /* RSTs in TIME_WAIT: RFC 1337 */
    memset(evil, '!', sizeof evil);
    uint8_t flags = ONE_OF(p->chance, shapes);
    bool carries = !(flags & (FLAG_RST | FLAG_SYN));
    Segment seg = {.src = ends[1 - side],
                   .dst = ends[side],
                   .seq = guess(p, &victim, flags & FLAG_RST),
                   .flags = flags,
                   .window = 1000,
                   .ttl = 64,
                   .ip_id = 1,
                   .options = OPTIONS_NONE,
                   .data = evil,
                   .data_length = (uint16_t)(carries ? draw(p->chance, sizeof evil) : 0)};
    if (flags & FLAG_ACK) seg.ack = wrong_ack(p, &victim);
    size_t length = segment_encode(&seg, bytes, sizeof bytes);
    must(p, (Input){.kind = INPUT_INJECT, .bytes = bytes, .length = (uint32_t)length, .value = 0});
    must(p, (Input){.kind = INPUT_DELIVER, .packet = world_result(p->world)->packet});
}

static uint8_t byte_at(uint32_t at) { return (uint8_t)('a' + at % 26 + at / 1000 % 3); }

static void transfers(Play *p) {
    uint8_t bytes[1024];
    uint32_t length = 1 + draw(p->chance, sizeof bytes);
    if (length > BYTES - p->sent) length = BYTES - p->sent;
    for (uint32_t i = 0; i < length; i++) bytes[i] = byte_at(p->sent + i);
    Input input = {.kind = INPUT_SEND, .conn = p->conn[A], .bytes = bytes, .length = length};
    if (length > 0 && world_step(p->world, &input, p->trace) == STATUS_OK) p->sent += world_result(p->world)->count;
    size_t unread = world_peek(p->world, p->conn[B], bytes, sizeof bytes);
    if (unread == 0) return;
    for (uint32_t i = 0; i < unread; i++)
        if (bytes[i] != byte_at(p->got + i)) broken("byte %u is not the one sent", p->got + i);
    must(p, (Input){.kind = INPUT_RECV, .conn = p->conn[B], .count = (uint32_t)unread});
    p->got += (uint32_t)unread;
}

/* Ten in five seconds for each end; a span may begin in the middle of one, so one more is allowed. */
static void check_throttle(const Play *p) {
    uint32_t answers = 0;
    for (uint32_t i = 0; i < trace_count(p->trace); i++) {
        const Event event = trace_at(p->trace, i);
        bool challenge = event.rule == RULE_RST_CHALLENGE || event.rule == RULE_SYN_CHALLENGE ||
                         event.rule == RULE_ACK_OUT_OF_RANGE || event.rule == RULE_ACK_TOO_FAR;
        if (event.kind == EVENT_SEND && challenge) answers++;
        if (event.kind == EVENT_ORACLE) broken("%s", rule_info(event.rule)->sentence);
    }
    uint32_t spans = (uint32_t)(world_now(p->world) / (5 * SECOND)) + 2;
    if (answers > 2 * CHALLENGES * spans) broken("%u challenges in %u spans of five seconds", answers, spans);
}

static void survives(Chance *chance) {
    Play p = {.world = world_new(&(Config){.seed = draw64(chance), .packets = 512, .store = 1 << 20}),
              .trace = trace_new(),
              .chance = chance};
    playing.trace = p.trace;
    opens(&p);
    uint32_t steps = 0;
    Input next;
    for (; p.got < BYTES && steps < MOST_STEPS; steps++) {
        if (one_in(chance, 2)) attack(&p);
        if (one_in(chance, 2)) transfers(&p);
        if (world_next(p.world, &next)) must(&p, next);
    }
    if (p.got < BYTES) broken("%u of %d bytes after %u steps", p.got, BYTES, steps);
    must(&p, (Input){.kind = INPUT_CLOSE, .conn = p.conn[A]});
    for (bool closed = false; world_next(p.world, &next) && steps < MOST_STEPS; steps++) {
        if (one_in(chance, 4)) attack(&p);
        if (!closed && look(&p, B).state == STATE_CLOSE_WAIT) {
            must(&p, (Input){.kind = INPUT_CLOSE, .conn = p.conn[B]});
            closed = true;
        }
        if (world_next(p.world, &next)) must(&p, next);
    }
    for (int side = 0; side < 2; side++) {
        ConnView end = look(&p, side);
        if (end.state != STATE_CLOSED || end.error != STATUS_OK)
            broken("side %d ends in %s: %s", side, state_name(end.state), status_text(end.error));
    }
    check_throttle(&p);
    world_free(p.world);
    trace_free(p.trace);
}

static void blind_attacks_break_nothing(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(60), survives);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(blind_attacks_break_nothing)};
    return cmocka_run_group_tests_name("blind", tests, NULL, NULL);
}
