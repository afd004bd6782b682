/* matrix.c - every state meets every class of segment, at the left edge of the window, at its right edge, and outside.
 *
 * Prints, for each class and place, the eleven rows of (new state, reply, rule), to be held against RFC 9293 3.10.7.
 * States are reached by inputs only. With the name of the golden file it compares; with --write it writes it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../engine/engine.h"

enum {
    PEER_PORT = 7777,
    OUR_PORT = 80,
    PEER_ISN = 1000,
    OUR_ISN = 5000,
    TEXT = 10,
    PEER_WINDOW = 4096,
    OUR_WINDOW = 8192
};
static const Endpoint peer = {{0x7f000001}, PEER_PORT}, ours = {{0x7f000002}, OUR_PORT};
enum { HOST_B = 1 };

typedef struct Lab {
    World *world;
    Trace *trace;
    ConnId conn; /* the connection under test; CONN_NONE in CLOSED */
} Lab;

static void must(Lab *lab, Input input) {
    Status status = world_step(lab->world, &input, lab->trace);
    if (status == STATUS_OK) return;
    fprintf(stderr, "matrix: %s: %s\n", call_name(input.kind), status_text(status));
    exit(1);
}

/* What our side has sent never arrives: the peer is this program. */
static void swallow(Lab *lab) {
    PacketId id;
    while (world_packet_list(lab->world, &id, 1) > 0) must(lab, (Input){.kind = INPUT_DROP, .packet = id});
}

static void arrives(Lab *lab, uint8_t flags, uint32_t seq, uint32_t ack, uint16_t length) {
    static const uint8_t text[TEXT] = "0123456789";
    uint8_t bytes[128];
    Segment seg = {.src = peer,
                   .dst = ours,
                   .seq = seq_of(seq),
                   .ack = seq_of(flags & FLAG_ACK ? ack : 0),
                   .flags = flags,
                   .window = PEER_WINDOW,
                   .ttl = 64,
                   .ip_id = 1,
                   .options = OPTIONS_NONE,
                   .data = text,
                   .data_length = length};
    size_t size = segment_encode(&seg, bytes, sizeof bytes);
    must(lab, (Input){.kind = INPUT_INJECT, .bytes = bytes, .length = (uint32_t)size, .value = 0});
    PacketId id = world_result(lab->world)->packet;
    must(lab, (Input){.kind = INPUT_DELIVER, .packet = id});
}

/* ---- Reaching the states ---- */

static void listens(Lab *lab) {
    must(lab, (Input){.kind = INPUT_LISTEN, .host = HOST_B, .local = ours, .count = 5});
    lab->conn = world_result(lab->world)->conn;
}

static void half_opens(Lab *lab) {
    listens(lab);
    arrives(lab, FLAG_SYN, PEER_ISN, 0, 0);
    lab->conn = world_conn_after(lab->world, HOST_B, lab->conn);
}

static void opens(Lab *lab) {
    half_opens(lab);
    arrives(lab, FLAG_ACK, PEER_ISN + 1, OUR_ISN + 1, 0);
}

static void closes(Lab *lab) { must(lab, (Input){.kind = INPUT_SHUTDOWN, .conn = lab->conn}); }
static void peer_closes(Lab *lab, uint32_t ack) { arrives(lab, FLAG_FIN | FLAG_ACK, PEER_ISN + 1, ack, 0); }

static void reach(Lab *lab, State state) {
    switch (state) {
    case STATE_CLOSED: break;
    case STATE_LISTEN: listens(lab); break;
    case STATE_SYN_SENT:
        must(lab, (Input){.kind = INPUT_CONNECT, .host = HOST_B, .local = ours, .remote = peer});
        lab->conn = world_result(lab->world)->conn;
        break;
    case STATE_SYN_RCVD: half_opens(lab); break;
    case STATE_ESTABLISHED: opens(lab); break;
    case STATE_FIN_WAIT_1:
        opens(lab);
        closes(lab);
        break;
    case STATE_FIN_WAIT_2:
        reach(lab, STATE_FIN_WAIT_1);
        arrives(lab, FLAG_ACK, PEER_ISN + 1, OUR_ISN + 2, 0);
        break;
    case STATE_CLOSE_WAIT:
        opens(lab);
        peer_closes(lab, OUR_ISN + 1);
        break;
    case STATE_CLOSING:
        reach(lab, STATE_FIN_WAIT_1);
        peer_closes(lab, OUR_ISN + 1);
        break;
    case STATE_LAST_ACK:
        reach(lab, STATE_CLOSE_WAIT);
        closes(lab);
        break;
    case STATE_TIME_WAIT:
        reach(lab, STATE_FIN_WAIT_2);
        peer_closes(lab, OUR_ISN + 2);
        break;
    case STATE_COUNT: break;
    }
    swallow(lab);
}

static Lab make(State state) {
    Lab lab = {.world = world_new(&(Config){.seed = 1}), .trace = trace_new(), .conn = CONN_NONE};
    must(&lab, (Input){.kind = INPUT_RULE, .host = HOST_B, .rule = HOST_RULE_isn, .value = OUR_ISN});
    must(&lab, (Input){.kind = INPUT_RULE, .host = HOST_B, .rule = HOST_RULE_recv_buffer, .value = OUR_WINDOW});
    reach(&lab, state);
    must(&lab, (Input){.kind = INPUT_RULE,
                       .host = HOST_B,
                       .rule = HOST_RULE_isn,
                       .value = OUR_ISN}); /* for a connection that begins now */
    return lab;
}

/* ---- The segments ---- */

typedef struct Class {
    const char *name;
    uint8_t flags;
    uint16_t length;
} Class;

static const Class classes[] = {
    {"SYN", FLAG_SYN, 0},
    {"SYN,ACK", FLAG_SYN | FLAG_ACK, 0},
    {"ACK", FLAG_ACK, 0},
    {"ACK with data", FLAG_ACK | FLAG_PSH, TEXT},
    {"FIN,ACK", FLAG_FIN | FLAG_ACK, 0},
    {"RST", FLAG_RST, 0},
    {"RST,ACK", FLAG_RST | FLAG_ACK, 0},
    {"SYN,FIN", FLAG_SYN | FLAG_FIN, 0},
    {"no flags, data", 0, TEXT},
};

typedef enum Place { LEFT_EDGE, RIGHT_EDGE, OUTSIDE, PLACES } Place;
static const char *const place_names[PLACES] = {"at the left edge", "at the right edge", "outside the window"};

typedef struct Answer {
    State state;
    char reply[64];
    const char *rule;
} Answer;

/* Where the segment lands, for this connection; without a window, anywhere will do. */
static uint32_t seq_at(const Lab *lab, Place place) {
    ConnView view;
    uint32_t nxt = PEER_ISN, wnd = OUR_WINDOW;
    if (world_conn(lab->world, lab->conn, &view) && view.state != STATE_LISTEN && view.state != STATE_SYN_SENT) {
        nxt = view.rcv.nxt.value;
        wnd = view.rcv.wnd;
    }
    return place == LEFT_EDGE ? nxt : place == RIGHT_EDGE ? nxt + wnd - 1 : nxt + wnd;
}

static uint32_t ack_of(const Lab *lab) {
    ConnView view;
    return world_conn(lab->world, lab->conn, &view) && view.state != STATE_LISTEN ? view.snd.nxt.value : OUR_ISN + 1;
}

static void describe_reply(const Event *event, char *text, size_t size) {
    char flags[FLAGS_TEXT];
    snprintf(text, size, "%s seq=%" PRIu32, flags_text(event->flags, flags), event->seq.value);
    if (event->flags & FLAG_ACK) snprintf(text + strlen(text), size - strlen(text), " ack=%" PRIu32, event->ack.value);
}

static Answer meet(State state, const Class *class, Place place) {
    Lab lab = make(state);
    uint32_t before = trace_count(lab.trace);
    arrives(&lab, class->flags, seq_at(&lab, place), ack_of(&lab), class->length);
    Answer outcome = {.state = state, .rule = ""};
    RuleId last = RULE_NONE, decided = RULE_NONE;
    for (uint32_t i = before; i < trace_count(lab.trace); i++) {
        const Event *event = trace_at(lab.trace, i);
        if (event->kind == EVENT_STATE) outcome.state = event->to;
        if (event->kind == EVENT_SEND && !outcome.reply[0]) describe_reply(event, outcome.reply, sizeof outcome.reply);
        if (event->kind == EVENT_STATE || (event->kind == EVENT_IGNORE && !decided)) decided = event->rule;
        if (event->kind != EVENT_DELIVER && event->kind != EVENT_INJECT && event->kind != EVENT_ORACLE)
            last = event->rule;
    }
    outcome.rule = rule_info(decided ? decided : last)->name;
    if (!outcome.reply[0]) strcpy(outcome.reply, "-");
    world_free(lab.world);
    trace_free(lab.trace);
    return outcome;
}

/* ---- The table ---- */

static void print_matrix(FILE *out) {
    fprintf(out,
            "Our ISN is %d, the peer's %d, our window %d. Before the segment arrives ACK numbers are up to date.\n",
            OUR_ISN, PEER_ISN, OUR_WINDOW);
    for (size_t c = 0; c < sizeof classes / sizeof classes[0]; c++) {
        for (int place = 0; place < PLACES; place++) {
            fprintf(out, "\n%s %s\n", classes[c].name, place_names[place]);
            for (int state = 0; state < STATE_COUNT; state++) {
                Answer o = meet((State)state, &classes[c], (Place)place);
                fprintf(out, "  %-12s > %-12s %-34s %s\n", state_name((State)state), state_name(o.state), o.reply,
                        o.rule);
            }
        }
    }
}

static int compare(const char *path) {
    FILE *golden = fopen(path, "r"), *now = tmpfile();
    if (!golden || !now) {
        perror(path);
        return 1;
    }
    print_matrix(now);
    rewind(now);
    char expected[256], got[256];
    for (int line = 1;; line++) {
        char *e = fgets(expected, sizeof expected, golden), *g = fgets(got, sizeof got, now);
        if (!e && !g) break;
        if (e && g && strcmp(e, g) == 0) continue;
        printf("%s:%d differs\n  expected %s  got      %s(matrix --write %s writes it anew)\n", path, line,
               e ? e : "nothing\n", g ? g : "nothing\n", path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2) return compare(argv[1]);
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        FILE *out = fopen(argv[2], "w");
        if (!out) return 1;
        print_matrix(out);
        return fclose(out) != 0;
    }
    print_matrix(stdout);
    return 0;
}
