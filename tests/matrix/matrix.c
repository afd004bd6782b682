/* matrix.c - compares the engine's answer to each combination of state, segment and place with grid.txt.
 *
 *   matrix CELLS             compares; CELLS is what grid.awk prints
 *   matrix --wrong CELLS     CELLS has only wrong answers or states: each of them must be noticed
 *
 * States are reached by inputs only. A difference is told with its row's line.
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
    TEXT = 100,
    PEER_WINDOW = 4096,
    OUR_WINDOW = 8192
};
static const Endpoint peer = {{0x7f000001}, PEER_PORT}, ours = {{0x7f000002}, OUR_PORT};
enum { HOST_B = 1 };

typedef struct Lab {
    World *world;
    Trace *trace;
    ConnId listener, conn; /* conn: the connection under test; CONN_NONE in CLOSED */
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
    static const uint8_t text[TEXT];
    uint8_t bytes[256];
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
    lab->listener = lab->conn = world_result(lab->world)->conn;
}

static void listens_no_more(Lab *lab) { must(lab, (Input){.kind = INPUT_CLOSE, .conn = lab->listener}); }

static void connects(Lab *lab) {
    must(lab, (Input){.kind = INPUT_CONNECT, .host = HOST_B, .local = ours, .remote = peer});
    lab->conn = world_result(lab->world)->conn;
}

static void half_opens(Lab *lab) {
    arrives(lab, FLAG_SYN, PEER_ISN, 0, 0);
    lab->conn = world_conn_after(lab->world, HOST_B, lab->listener);
}

static void crosses(Lab *lab) { arrives(lab, FLAG_SYN, PEER_ISN, 0, 0); }
static void opens(Lab *lab) {
    arrives(lab, FLAG_ACK, PEER_ISN + 1, OUR_ISN + 1, 0);
    must(lab, (Input){.kind = INPUT_ACCEPT, .conn = lab->listener});
}
static void shuts(Lab *lab) { must(lab, (Input){.kind = INPUT_SHUTDOWN, .conn = lab->conn}); }
static void hears_ack_of_fin(Lab *lab) { arrives(lab, FLAG_ACK, PEER_ISN + 1, OUR_ISN + 2, 0); }
static void hears_fin(Lab *lab) { arrives(lab, FLAG_FIN | FLAG_ACK, PEER_ISN + 1, OUR_ISN + 1, 0); }
static void hears_fin_and_ack(Lab *lab) { arrives(lab, FLAG_FIN | FLAG_ACK, PEER_ISN + 1, OUR_ISN + 2, 0); }

/* By which state, and what happens there. */
static const struct Way {
    const char *name, *from;
    void (*happens)(Lab *lab);
    State state;
} ways[] = {
    {"closed", NULL, NULL, STATE_CLOSED},
    {"listen", "closed", listens, STATE_LISTEN},
    {"syn-sent", "closed", connects, STATE_SYN_SENT},
    {"syn-rcvd", "listen", half_opens, STATE_SYN_RCVD},
    {"syn-rcvd-active", "syn-sent", crosses, STATE_SYN_RCVD},
    {"established", "syn-rcvd", opens, STATE_ESTABLISHED},
    {"fin-wait-1", "established", shuts, STATE_FIN_WAIT_1},
    {"fin-wait-2", "fin-wait-1", hears_ack_of_fin, STATE_FIN_WAIT_2},
    {"close-wait", "established", hears_fin, STATE_CLOSE_WAIT},
    {"closing", "fin-wait-1", hears_fin, STATE_CLOSING},
    {"last-ack", "close-wait", shuts, STATE_LAST_ACK},
    {"time-wait", "fin-wait-2", hears_fin_and_ack, STATE_TIME_WAIT},
    {"time-wait-nobody-listens", "time-wait", listens_no_more, STATE_TIME_WAIT},
};

static const struct Way *way_to(const char *name) {
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, name) == 0) return &ways[i];
    fprintf(stderr, "matrix: no state %s\n", name);
    exit(1);
}

static void reach(Lab *lab, const struct Way *way) {
    if (way->from) reach(lab, way_to(way->from));
    if (way->happens) way->happens(lab);
    swallow(lab);
}

static Lab make(const struct Way *way) {
    Lab lab = {.world = world_new(&(Config){.seed = 1}), .trace = trace_new(), .conn = CONN_NONE};
    Input isn = {.kind = INPUT_RULE, .host = HOST_B, .rule = HOST_RULE_isn, .value = OUR_ISN};
    must(&lab, isn);
    must(&lab, (Input){.kind = INPUT_RULE, .host = HOST_B, .rule = HOST_RULE_recv_buffer, .value = OUR_WINDOW});
    reach(&lab, way);
    must(&lab, isn); /* for a connection that begins now */
    return lab;
}

/* ---- One combination ---- */

typedef struct Cell {
    int line;
    char state[32], segment[32], place[16], flags[8], ack[8], answer[16], after[32], rule[40];
    unsigned length;
} Cell;

/* Sequence numbers before the segment arrives, and the segment's. */
typedef struct Numbers {
    uint32_t una, nxt, rcv, window, seq, ack, end;
} Numbers;

static uint8_t flags_of(const char *text) {
    uint8_t flags = 0;
    for (; *text; text++) {
        const char *letter = strchr("FSRP.", *text);
        if (letter && *letter) flags |= (uint8_t)(1 << (letter - "FSRP."));
    }
    return flags;
}

static Numbers numbers_of(const Lab *lab, const Cell *cell, uint32_t offset) {
    Numbers n = {.una = OUR_ISN + 1, .nxt = OUR_ISN + 1, .rcv = PEER_ISN, .window = OUR_WINDOW};
    ConnView view;
    if (world_conn(lab->world, lab->conn, &view) && view.state != STATE_LISTEN) {
        n.una = view.snd.una.value;
        n.nxt = view.snd.nxt.value;
        if (view.state != STATE_SYN_SENT) n.rcv = view.rcv.nxt.value;
        if (view.state != STATE_SYN_SENT) n.window = view.rcv.wnd;
    }
    uint8_t flags = flags_of(cell->flags);
    uint32_t size = cell->length + !!(flags & FLAG_SYN) + !!(flags & FLAG_FIN);
    n.seq = n.rcv + offset;
    if (strcmp(cell->place, "before") == 0) n.seq = n.rcv - (size ? size : 1);
    if (strcmp(cell->place, "inside") == 0) n.seq = n.rcv + 1;
    if (strcmp(cell->place, "right-edge") == 0) n.seq = n.rcv + n.window - 1;
    if (strcmp(cell->place, "past") == 0) n.seq = n.rcv + n.window;
    n.end = n.seq + size;
    n.ack = n.una;
    if (strcmp(cell->ack, "all") == 0) n.ack = n.nxt;
    if (strcmp(cell->ack, "more") == 0) n.ack = n.nxt + 1;
    if (strcmp(cell->ack, "again") == 0) n.ack = n.una - 1;
    if (strcmp(cell->ack, "old") == 0) n.ack = n.una - PEER_WINDOW - 1;
    return n;
}

static void describe(char *text, size_t size, const char *flags, uint32_t seq, bool has_ack, uint32_t ack) {
    int length = snprintf(text, size, "%s seq=%" PRIu32, flags, seq);
    if (has_ack) snprintf(text + length, size - (size_t)length, " ack=%" PRIu32, ack);
}

static void expected_reply(const Cell *cell, Numbers n, char *text, size_t size) {
    const char *answer = cell->answer;
    if (strcmp(answer, "ACK") == 0) describe(text, size, "ACK", n.nxt, true, n.rcv);
    else if (strcmp(answer, "ACK-of-it") == 0) describe(text, size, "ACK", n.nxt, true, n.end);
    else if (strcmp(answer, "SYN,ACK") == 0) describe(text, size, answer, OUR_ISN, true, n.seq + 1);
    else if (strcmp(answer, "RST") == 0) describe(text, size, answer, n.ack, false, 0);
    else if (strcmp(answer, "RST,ACK") == 0) describe(text, size, answer, 0, true, n.end);
    else snprintf(text, size, "-"); /* nothing, or nothing yet */
}

typedef struct Got {
    State state;
    char reply[64];
    bool rule_named;
} Got;

static Got got_from(const Lab *lab, uint32_t from, State before, const Cell *cell) {
    Got got = {.state = before, .reply = "-", .rule_named = strcmp(cell->rule, "-") == 0};
    uint32_t replies = 0;
    for (uint32_t i = from; i < trace_count(lab->trace); i++) {
        const Event event = trace_at(lab->trace, i);
        if (event.kind == EVENT_STATE) got.state = event.to;
        if (strcmp(rule_info(event.rule)->name, cell->rule) == 0) got.rule_named = true;
        if (event.kind != EVENT_SEND) continue;
        char flags[FLAGS_TEXT];
        describe(got.reply, sizeof got.reply, flags_text(event.flags, flags), event.seq.value, event.flags & FLAG_ACK,
                 event.ack.value);
        if (++replies > 1) snprintf(got.reply, sizeof got.reply, "%" PRIu32 " segments", replies);
    }
    return got;
}

/* RCV.NXT afterwards, where the connection had one before and is still there. */
static bool taken_as_told(const Lab *lab, const Cell *cell, Numbers n) {
    ConnView view;
    if (way_to(cell->state)->state < STATE_SYN_RCVD || !world_conn(lab->world, lab->conn, &view) || view.gone)
        return true;
    if (view.state == STATE_LISTEN) return true;
    return view.rcv.nxt.value == (strncmp(cell->answer, "ACK-of-it", 9) == 0 ? n.end : n.rcv);
}

static bool agrees(const Cell *cell, uint32_t offset) {
    const struct Way *way = way_to(cell->state);
    State after = strcmp(cell->after, "same") == 0  ? way->state
                  : strcmp(cell->after, "new") == 0 ? STATE_SYN_RCVD
                                                    : way_to(cell->after)->state;
    Lab lab = make(way);
    Numbers n = numbers_of(&lab, cell, offset);
    uint32_t from = trace_count(lab.trace);
    arrives(&lab, flags_of(cell->flags), n.seq, n.ack, (uint16_t)cell->length);
    Got got = got_from(&lab, from, way->state, cell);
    char reply[64];
    expected_reply(cell, n, reply, sizeof reply);
    bool taken = taken_as_told(&lab, cell, n);
    bool good = got.state == after && strcmp(got.reply, reply) == 0 && got.rule_named && taken;
    if (!good)
        printf("grid.txt:%d: %s meets %s %s\n  expected %s, %s, rule %s\n  got      %s, %s%s%s\n", cell->line,
               cell->state, cell->segment, cell->place, state_name(after), reply, cell->rule, state_name(got.state),
               got.reply, got.rule_named ? "" : ", another rule", taken ? "" : ", another RCV.NXT");
    world_free(lab.world);
    trace_free(lab.trace);
    return good;
}

/* ---- All of them ---- */

/* Where SEG.SEQ does not count, three of them stand for all. */
static bool agrees_anywhere(const Cell *cell) {
    if (strcmp(cell->place, "any") != 0) return agrees(cell, 0);
    bool left = agrees(cell, 0), right = agrees(cell, OUR_WINDOW - 1), past = agrees(cell, OUR_WINDOW);
    return left && right && past;
}

static bool read_cell(FILE *cells, Cell *cell) {
    return fscanf(cells, "%d %31s %31s %15s %7s %u %7s %15s %31s %39s", &cell->line, cell->state, cell->segment,
                  cell->place, cell->flags, &cell->length, cell->ack, cell->answer, cell->after, cell->rule) == 10;
}

int main(int argc, char **argv) {
    bool wrong = argc == 3 && strcmp(argv[1], "--wrong") == 0;
    FILE *cells = argc == 2 || wrong ? fopen(argv[argc - 1], "r") : NULL;
    if (!cells) {
        fprintf(stderr, "usage: matrix [--wrong] CELLS\n");
        return 2;
    }
    unsigned count = 0, good = 0, pending = 0;
    for (Cell cell; read_cell(cells, &cell); count++) {
        if (cell.state[0] == '?') pending++;
        else good += agrees_anywhere(&cell);
    }
    bool whole = feof(cells);
    fclose(cells);
    printf("%u combinations: %u as the table says, %u not, %u not expected yet\n", count, good, count - good - pending,
           pending);
    if (!whole || count < 500) return 1;
    return wrong ? good > 0 : good + pending < count;
}
