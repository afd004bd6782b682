/* bench_engine.c - how fast the engine is, one line per figure, beside lwIP on the same work where that is installed.
 *
 *   bench_engine [SCALE]     SCALE 1 by default; smaller is shorter, as in the smoke run of the tests
 *
 * Not a timed test: the figures are for people, the exit status only says whether everything was carried. Each is the
 * best of several runs, ours and lwIP's in turn.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../engine/link/link.h"
#include "bench.h"

enum { MEGA = 1000000 };

static double scale = 1;
static int tries = 5;

static uint32_t scaled(double count) { return (uint32_t)(count * scale) + 1; }

static Took better(Took a, Took b) { return b.seconds < a.seconds || a.seconds == 0 ? b : a; }

/* One line: ours, lwIP's, and how many times as fast (or as small) ours is. */
static void say(const char *what, double mine, double theirs, const char *unit) {
    printf("%-46s %12.0f %-10s", what, mine, unit);
    if (theirs > 0) printf(" lwIP %12.0f   ours/lwIP %.2f", theirs, mine / theirs);
    printf("\n");
    fflush(stdout);
}

/* ---- Connections ---- */

typedef struct Pair {
    Took mine, theirs;
} Pair;

static Pair measure_connections(uint32_t at_once, uint32_t rounds, bool traced, bool both) {
    Pair best = {{0, 0}, {0, 0}};
    for (int i = 0; i < tries; i++) {
        best.mine = better(best.mine, ours.connections(at_once, rounds, traced));
        if (both && lwip() && (i == 0 || best.theirs.seconds < 2))
            best.theirs = better(best.theirs, lwip()->connections(at_once, rounds, traced));
    }
    return best;
}

/* Returns our seconds per segment. */
static double report_connections(uint32_t at_once, uint32_t rounds) {
    char what[80];
    Pair best = measure_connections(at_once, rounds, false, true);
    double count = (double)at_once * rounds;
    snprintf(what, sizeof what, "connections, %u open at once", at_once);
    say(what, count / best.mine.seconds, lwip() ? count / best.theirs.seconds : 0, "/s");
    snprintf(what, sizeof what, "  segments (%.1f each)", (double)best.mine.segments / count);
    say(what, (double)best.mine.segments / best.mine.seconds,
        lwip() ? (double)best.theirs.segments / best.theirs.seconds : 0, "/s");
    return best.mine.seconds / (double)best.mine.segments;
}

static void report_all_connections(void) {
    uint32_t many = scaled(9999);
    double one = report_connections(1, scaled(20000));
    report_connections(100, scaled(200));
    double crowd = report_connections(many, 3); /* the first round touches memory that nobody has used yet */
    printf("a segment among %u connections costs %.2f times one among 1\n", many, crowd / one);
    Took traced = measure_connections(1, scaled(20000), true, false).mine;
    say("connections, 1 open at once, with the trace", scaled(20000) / traced.seconds, 0, "/s");
}

/* ---- Bulk ---- */

static void report_bulk(void) {
    uint64_t bytes = scaled(100e6);
    Took mine = {0, 0}, traced = {0, 0}, theirs = {0, 0};
    for (int i = 0; i < tries; i++) {
        mine = better(mine, ours.bulk(bytes, false));
        if (lwip()) theirs = better(theirs, lwip()->bulk(bytes, false));
        traced = better(traced, ours.bulk(bytes, true));
    }
    say("bulk, checksums on", (double)bytes / mine.seconds / MEGA, lwip() ? (double)bytes / theirs.seconds / MEGA : 0,
        "MB/s");
    say("  segments", (double)mine.segments / mine.seconds, lwip() ? (double)theirs.segments / theirs.seconds : 0,
        "/s");
    say("bulk, checksums on, with the trace", (double)bytes / traced.seconds / MEGA, 0, "MB/s");
    say("  segments", (double)traced.segments / traced.seconds, 0, "/s");
}

/* ---- Steps ---- */

static void report_steps(void) {
    uint32_t connections = scaled(2000);
    Took memory = {0, 0}, wire = {0, 0}, bare = {0, 0};
    RawRefusal refusal;
    RawWire *raw = raw_open(&refusal);
    for (int i = 0; i < tries; i++) {
        memory = better(memory, steps(connections, NULL));
        if (!raw) continue;
        wire = better(wire, steps(connections, raw));
        bare = better(bare, bare_loop(raw, (uint32_t)wire.segments));
    }
    double by_memory = (double)memory.segments / memory.seconds;
    say("steps with history, over memory", by_memory, 0, "/s");
    if (!raw) {
        printf("steps over the raw wire: not measured, %s refused (%s)\n", refusal.step, refusal.remedy);
        return;
    }
    double by_wire = (double)wire.segments / wire.seconds, by_kernel = (double)bare.segments / bare.seconds;
    say("steps with history, over the raw wire", by_wire, 0, "/s");
    say("  a bare sendto+recv on the same loopback", by_kernel, 0, "/s");
    printf("  a raw step costs %.2f times the bare sendto+recv\n", by_kernel / by_wire);
    raw_close(raw);
}

/* ---- Histories ---- */

static void report_history(uint32_t count, bool waits) {
    History h = history(count, waits);
    printf("a history of %u %s: %.0f bytes a step, %.0f steps/s, its second half takes %.2f times the first,\n", count,
           waits ? "waits" : "steps with small segments", h.bytes, count / h.seconds, h.halves);
    printf("  at most %.2f ms to go back", h.seek * 1e3);
    if (!waits) printf(", %.0f ns to read an event into flights", h.flights * 1e9);
    printf("\n");
}

static void report_left(uint32_t count) {
    Left left = left_future(count);
    printf("a future of %u steps that was left: %.1f bytes a step; going to it takes %.2f times what making it took,\n",
           count, left.branch, left.go);
    printf("  a file %.1f bytes a step, %.0f ms to save, %.0f ms to load\n", left.file, left.save * 1e3,
           left.load * 1e3);
}

/* ---- Sizes and copies ---- */

static void report_memory(void) {
    uint32_t count = scaled(1000);
    say("bytes for each end of an idle connection", ours.memory(count, 0), lwip() ? lwip()->memory(count, 0) : 0,
        "bytes");
    say("  with 4096 bytes unread", ours.memory(count, 4096), lwip() ? lwip()->memory(count, 4096) : 0, "bytes");
}

static void report_copies(bool step) {
    double best = 0;
    uint64_t bytes = 0;
    for (int i = 0; i < tries; i++) {
        double rate = copies(scaled(100000), step, &bytes);
        if (rate > best) best = rate;
    }
    char what[80];
    snprintf(what, sizeof what,
             step ? "  with a step before the digest" : "copies with digest of a world of %llu bytes",
             (unsigned long long)bytes);
    say(what, best, 0, "/s");
}

int main(int argc, char **argv) {
    if (argc > 1) scale = strtod(argv[1], NULL);
    if (scale <= 0 || scale > 1000 || argc > 2) {
        fprintf(stderr, "usage: bench_engine [SCALE]: a number above 0, at most 1000\n");
        return 2;
    }
    if (scale < 1) tries = 1;
    if (!lwip()) printf("lwIP: not installed when this was built (Debian: liblwip-dev)\n");
    report_steps();
    report_all_connections();
    report_bulk();
    report_history(scaled(100e3), false);
    report_history(scaled(1e6), false);
    report_history(scaled(1e6), true);
    report_left(scaled(100e3));
    report_memory();
    report_copies(false);
    report_copies(true);
    return 0;
}
