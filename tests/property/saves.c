/* saves.c - random sessions with branches, saved and loaded: the same branches, worlds, traces and bytes again; and
 * whatever is changed in the bytes is noticed, with the session as it was. */
#include "chaos.h"
#include "same.h"

enum { STEPS = 120 };

typedef struct Bytes {
    uint8_t *bytes;
    size_t length, most; /* most 0: no end */
} Bytes;

static bool take(void *self, const void *bytes, size_t length) {
    Bytes *all = self;
    if (all->most && all->length + length > all->most) return false;
    all->bytes = realloc(all->bytes, all->length + length);
    memcpy(all->bytes + all->length, bytes, length);
    all->length += length;
    return true;
}

static Bytes saved(const Session *session) {
    Bytes all = {0};
    if (!session_save(session, take, &all)) broken("it is not saved");
    return all;
}

static Session *some_session(Chance *chance, uint32_t steps) {
    Config config = {.conns = 1 + draw(chance, 4), .packets = 1 + draw(chance, 10), .store = 64, .seed = playing.seed};
    Session *session = session_new(&config, NULL);
    for (playing.step = 0; playing.step < steps; playing.step++) {
        if (one_in(chance, 12)) session_seek(session, draw(chance, session_steps(session) + 1));
        if (one_in(chance, 20)) session_go_to_branch(session, 1 + draw(chance, session_branches(session)));
        if (one_in(chance, 20)) session_name_branch(session, 1 + draw(chance, session_branches(session)), "lost ACK");
        if (world_packets(session_world(session)) > 200) continue;
        Input input = some_input(chance, session_world(session));
        session_do(session, &input);
    }
    session_seek(session, draw(chance, session_steps(session) + 1));
    return session;
}

static void same_branches(Session *one, Session *two) {
    Branch a, b;
    if (session_branches(one) != session_branches(two)) broken("another number of branches");
    for (uint32_t i = 0; session_branch(one, i, &a); i++) {
        session_branch(two, i, &b);
        if (a.number != b.number || a.origin != b.origin || a.began != b.began || a.steps != b.steps ||
            a.present != b.present || strcmp(a.name, b.name) != 0 || a.first.kind != b.first.kind)
            broken("branch %u is another", a.number);
        World *here = session_branch_world(one, a.number, a.steps),
              *there = session_branch_world(two, a.number, a.steps);
        if (!here || !there || world_digest(here) != world_digest(there)) broken("branch %u: another world", a.number);
        world_free(here);
        world_free(there);
    }
}

static void play_round_trip(Chance *chance) {
    Session *session = some_session(chance, STEPS), *other = session_new(&(Config){.seed = 7}, NULL);
    Bytes all = saved(session), again;
    LoadReport report;
    bool fresh = one_in(chance, 2);
    for (int i = 0; !fresh && i < 3; i++)
        session_do(other, &(Input){.kind = INPUT_CONNECT, .remote = {addr_of(0x7f000002), 80}});
    uint32_t epoch = session_epoch(other);
    if (!session_load(other, all.bytes, all.length, &report)) broken("not loaded: problem %d", (int)report.problem);
    if (session_epoch(other) == epoch) broken("the epoch is the same");
    if (session_step(other) != session_step(session) || session_steps(other) != session_steps(session))
        broken("another step");
    if (world_digest(session_world(other)) != world_digest(session_world(session))) broken("another world");
    if (trace_count(session_trace(other)) != trace_count(session_trace(session))) broken("another trace");
    uint32_t differs = fresh ? first_difference(session_trace(session), session_trace(other), 0) : EVENT_NONE;
    Input first;
    if (differs != EVENT_NONE && session_input(session, 0, &first) && first.serial == 1) broken("event %u", differs);
    same_branches(session, other);
    again = saved(other);
    if (again.length != all.length || memcmp(again.bytes, all.bytes, all.length) != 0) broken("saved again it differs");
    Input input = some_input(chance, session_world(other)); /* it goes on */
    session_do(other, &input);
    free(all.bytes);
    free(again.bytes);
    session_free(session);
    session_free(other);
}

/* Cut off, a bit flipped, something added, the disk full. */
static void play_damage(Chance *chance) {
    Session *session = some_session(chance, 20), *open = some_session(chance, 10);
    Bytes all = saved(session), before = saved(open), full = {.most = 1 + draw(chance, (uint32_t)all.length - 1)};
    LoadReport report;
    if (session_save(session, take, &full)) broken("the disk was full");
    for (size_t length = 0; length < all.length; length++) {
        if (session_load(open, all.bytes, length, &report)) broken("loaded, with %zu bytes", length);
        bool said = length == 0 ? report.problem == LOAD_FOREIGN : report.problem == LOAD_TRUNCATED;
        if (!said || (length && report.byte != length)) broken("%zu bytes: problem %d", length, (int)report.problem);
    }
    for (size_t at = 0; at < all.length; at++) {
        uint8_t bit = (uint8_t)(1 << draw(chance, 8));
        all.bytes[at] ^= bit;
        if (session_load(open, all.bytes, all.length, &report)) broken("loaded, with byte %zu changed", at);
        if (report.problem == LOAD_GOOD) broken("it does not say what is wrong");
        all.bytes[at] ^= bit;
    }
    take(&all, "x", 1);
    if (session_load(open, all.bytes, all.length, &report)) broken("loaded, with a byte behind it");
    Bytes after = saved(open);
    if (after.length != before.length || memcmp(after.bytes, before.bytes, after.length) != 0)
        broken("what was open has changed");
    free(all.bytes);
    free(full.bytes);
    free(before.bytes);
    free(after.bytes);
    session_free(session);
    session_free(open);
}

static void sessions_come_back(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(200), play_round_trip);
}
static void damage_is_told(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(10), play_damage);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sessions_come_back), cmocka_unit_test(damage_is_told)};
    return cmocka_run_group_tests_name("saves", tests, NULL, NULL);
}
