/* fates.c - what the picture says of each byte between SND.UNA and SND.NXT is what the engine knows of it, in random
 * histories and at any moment of their past. */
#include "../../repl/view/fates.h"
#include "../property/chaos.h"

enum { SESSIONS = 200, STEPS = 160, CHECK_EVERY = 5, PAST = 6, NUMBERS_MOST = 1 << 20 };

static uint8_t told[NUMBERS_MOST], known[NUMBERS_MOST];
static uint32_t seen[FATES], bare; /* numbers of each fate in all histories; those of connections without a mate */

/* ---- What the engine knows, number by number ---- */

static bool find_mate(const World *world, const ConnView *sender, ConnView *mate) {
    for (ConnId id = world_conn_after(world, HOST_NONE, CONN_NONE); conn_is(id);
         id = world_conn_after(world, HOST_NONE, id)) {
        if (!world_conn(world, id, mate) || mate->gone || mate->state < STATE_SYN_RCVD) continue;
        if (!endpoint_eq(mate->local, sender->remote) || !endpoint_eq(mate->remote, sender->local)) continue;
        if (seq_eq(mate->irs, sender->iss)) return true;
    }
    return false;
}

static void know(const ConnView *sender, Seq seq, uint32_t length, ByteFate fate) {
    uint32_t sent = seq_distance(sender->snd.una, sender->snd.nxt);
    for (uint32_t i = 0; i < length; i++) {
        uint32_t at = seq_distance(sender->snd.una, seq_add(seq, i));
        if (at < sent && known[at] < fate) known[at] = (uint8_t)fate;
    }
}

static void know_flights(const Session *session, const ConnView *sender, bool mates) {
    const Flights *flights = session_flights(session);
    uint32_t events = session_events(session), count = flights_count(flights, events);
    FlightView flight;
    PacketView packet;
    for (uint32_t i = 0; i < count; i++) {
        if (!flights_view(flights, i, events, &flight) || !conn_eq(flight.conn, sender->id)) continue;
        if (!endpoint_eq(flight.src, sender->local) || !endpoint_eq(flight.dst, sender->remote)) continue;
        const Event event = trace_at(session_trace(session), flight.edited ? flight.content : flight.first);
        uint32_t length = event.data_length + (event.flags & FLAG_SYN ? 1 : 0) + (event.flags & FLAG_FIN ? 1 : 0);
        bool flies = world_packet(session_world(session), flight.packet, &packet);
        if (flies != (flight.ended == MICROS_NEVER)) broken("#%u is in flight, or not", flight.packet.id);
        if (flies) know(sender, event.seq, length, packet.again ? FATE_AGAIN : FATE_FLYING);
        bool came = flight.state == FLIGHT_ARRIVED && !flight.outcomes;
        came |= flight.outcome == OUTCOME_TAKEN || flight.outcome == OUTCOME_KEPT;
        if (came && !mates) know(sender, event.seq, length, FATE_ARRIVED);
    }
}

static void know_receiver(const ConnView *sender, const ConnView *mate) {
    uint32_t sent = seq_distance(sender->snd.una, sender->snd.nxt);
    for (uint32_t i = 0; i < mate->pieces; i++)
        know(sender, mate->piece[i].left, seq_distance(mate->piece[i].left, mate->piece[i].right), FATE_KEPT);
    if (mate->fin_kept) know(sender, mate->fin, 1, FATE_KEPT);
    for (uint32_t i = 0; i < sent; i++)
        if (seq_lt(seq_add(sender->snd.una, i), mate->rcv.nxt)) known[i] = FATE_ARRIVED;
}

/* ---- What is told ---- */

static void spread(const Fates *fates, uint32_t sent) {
    uint32_t at = 0;
    for (size_t i = 0; i < fates->count; i++) {
        const FateRun *run = &fates->runs[i];
        if (run->first != at || run->end <= at || run->end > sent) broken("run %zu: %u-%u", i, run->first, run->end);
        if (i && run->fate == run[-1].fate) broken("runs %zu and %zu are one", i - 1, i);
        for (; at < run->end; at++) told[at] = (uint8_t)run->fate;
    }
    if (at != sent) broken("told up to %u of %u", at, sent);
}

static void compare_conn(const Session *session, const Story *story, Fates *fates, const ConnView *sender) {
    ConnView mate;
    uint32_t sent = seq_distance(sender->snd.una, sender->snd.nxt);
    if (sent > NUMBERS_MOST) broken("%u numbers are not acknowledged", sent);
    bool mates = find_mate(session_world(session), sender, &mate);
    memset(known, FATE_LOST, sent);
    know_flights(session, sender, mates);
    if (mates) know_receiver(sender, &mate);
    fates_read(fates, story, session_step(session), session_events(session), sender, mates ? &mate : NULL);
    spread(fates, sent);
    for (uint32_t i = 0; i < sent; i++) {
        if (told[i] != known[i])
            broken("conn %u/%u, UNA+%u of %u: told %u, known %u", sender->id.slot, sender->id.generation, i, sent,
                   told[i], known[i]);
        seen[known[i]]++;
        if (!mates) bare++;
    }
}

static void compare(const Session *session, const Story *story, Fates *fates) {
    const World *world = session_world(session);
    ConnView view;
    for (ConnId id = world_conn_after(world, HOST_NONE, CONN_NONE); conn_is(id);
         id = world_conn_after(world, HOST_NONE, id))
        if (world_conn(world, id, &view) && !view.gone && view.state > STATE_LISTEN)
            compare_conn(session, story, fates, &view);
}

/* ---- Histories ---- */

/* Two that talk to each other, so that there is something to lose. */
static void open(Session *session, Chance *chance) {
    Input inputs[] = {{.kind = INPUT_RULE, .rule = HOST_RULE_sack, .value = draw(chance, 2)},
                      {.kind = INPUT_PATH, .path = PATH_LOSS, .value = draw(chance, 300000)},
                      {.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 5},
                      {.kind = INPUT_CONNECT, .local = {.port = 7777}, .remote = {{0x7f000002}, 80}}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) session_do(session, &inputs[i]);
}

static void play(Chance *chance) {
    const Config config = {.seed = draw64(chance)};
    Session *session = session_new(&config, NULL);
    Story story = STORY_EMPTY;
    Fates fates = FATES_EMPTY;
    if (!session) broken("no memory");
    open(session, chance);
    for (playing.step = 0; playing.step < STEPS; playing.step++) {
        Input input = some_input(chance, session_world(session));
        session_do(session, &input);
        playing.trace = session_trace(session);
        if (playing.step % CHECK_EVERY) continue;
        story_update(&story, session);
        compare(session, &story, &fates);
    }
    story_update(&story, session);
    for (int i = 0; i < PAST; i++) {
        if (session_seek(session, draw(chance, session_steps(session) + 1)) != STATUS_OK) broken("no way back");
        compare(session, &story, &fates);
    }
    fates_free(&fates);
    story_free(&story);
    session_free(session);
}

static void test_fates_are_true(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(SESSIONS), play);
    if (getenv("SEED") || getenv("CASES")) return;
    for (int fate = 0; fate < FATES; fate++)
        if (!seen[fate]) fail_msg("no history had fate %d", fate);
    assert_true(bare > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fates_are_true)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
