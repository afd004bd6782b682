#include "fates.h"

#include <stdlib.h>
#include <string.h>

#include "story_parts.h"

typedef struct Reading {
    Fates *fates;
    const Story *story;
    uint32_t step, events;
    const ConnView *sender;
    bool mates;
} Reading;

void fates_free(Fates *fates) {
    free(fates->runs);
    *fates = FATES_EMPTY;
}

bool fates_mates(const ConnView *sender, const ConnView *receiver) {
    if (!receiver || receiver->gone || receiver->state <= STATE_SYN_SENT) return false; /* it has received no SYN */
    return endpoint_eq(receiver->remote, sender->local) && endpoint_eq(receiver->local, sender->remote) &&
           seq_eq(receiver->irs, sender->iss);
}

/* ---- Runs ---- */

static void insert_run(Fates *fates, size_t at, FateRun run) {
    fates->runs = story_grow(fates->runs, fates->count, &fates->room, sizeof *fates->runs);
    memmove(fates->runs + at + 1, fates->runs + at, (fates->count - at) * sizeof *fates->runs);
    fates->runs[at] = run;
    fates->count++;
}

/* Makes a run begin at `at`, which lies in the whole; returns its index. */
static size_t cut_at(Fates *fates, uint32_t at) {
    size_t i = 0;
    while (i < fates->count && fates->runs[i].end <= at) i++;
    if (i == fates->count || fates->runs[i].first == at) return i;
    insert_run(fates, i + 1, (FateRun){at, fates->runs[i].end, fates->runs[i].fate});
    fates->runs[i].end = at;
    return i + 1;
}

static void merge_runs(Fates *fates) {
    size_t count = 0;
    for (size_t i = 0; i < fates->count; i++) {
        if (count && fates->runs[count - 1].fate == fates->runs[i].fate)
            fates->runs[count - 1].end = fates->runs[i].end;
        else fates->runs[count++] = fates->runs[i];
    }
    fates->count = count;
}

/* The numbers from `seq` on are of this fate, where they are not of a better one. */
static void paint_fate(const Reading *r, Seq seq, uint32_t length, ByteFate fate) {
    Fates *fates = r->fates;
    Seq una = r->sender->snd.una;
    uint32_t sent = seq_distance(una, r->sender->snd.nxt);
    int64_t first = seq_lt(seq, una) ? -(int64_t)seq_distance(seq, una) : (int64_t)seq_distance(una, seq);
    int64_t end = first + length;
    if (first < 0) first = 0;
    if (end > sent) end = sent;
    if (first >= end) return;
    size_t from = cut_at(fates, (uint32_t)first), to = cut_at(fates, (uint32_t)end);
    for (size_t i = from; i < to; i++)
        if (fates->runs[i].fate < fate) fates->runs[i].fate = fate;
}

/* ---- Flights ---- */

static bool is_sent_by(const Reading *r, const Flight *flight) {
    if (flight->icmp_type || flight->stream == STREAM_NONE) return false;
    const Stream *stream = &r->story->streams.list[flight->stream];
    return endpoint_eq(stream->src, r->sender->local) && endpoint_eq(stream->dst, r->sender->remote);
}

/* The flight as it is; an edit may have changed what it carries, and to whom. */
static void read_flight(const Reading *r, const Flight *flight) {
    FlightView fate;
    if (!flights_view(r->story->model, (uint32_t)(flight - r->story->flights), r->events, &fate)) return;
    if (!conn_eq(fate.conn, r->sender->id)) return;
    if (!endpoint_eq(fate.src, r->sender->local) || !endpoint_eq(fate.dst, r->sender->remote)) return;
    const Event event = trace_at(r->story->trace, fate.edited ? fate.content : fate.first);
    uint32_t length = event.data_length + !!(event.flags & FLAG_SYN) + !!(event.flags & FLAG_FIN);
    if (fate.state == FLIGHT_UNDER_WAY || fate.state == FLIGHT_HELD)
        paint_fate(r, event.seq, length, fate.again ? FATE_AGAIN : FATE_FLYING);
    bool foreign = fate.state == FLIGHT_ARRIVED && fate.outcome == OUTCOME_NONE;
    if (!r->mates && (foreign || fate.outcome == OUTCOME_TAKEN || fate.outcome == OUTCOME_KEPT))
        paint_fate(r, event.seq, length, FATE_ARRIVED);
}

static bool reaches(const Reading *r, const Flight *flight) {
    return seq_gt(seq_add(flight->seq, flight->data_length + 2), r->sender->snd.una);
}

/* Those on their way; without a mate those that have arrived, too. */
static void read_way(const Reading *r, const Way *way) {
    size_t begun = way_begun(r->story, way, r->step), open = begun - way_ended(r->story, way, r->step);
    while (begun-- > 0 && (open > 0 || !r->mates)) {
        const Flight *flight = &r->story->flights[way->begun.at[begun]];
        bool ended = flight->ended < r->step;
        if (!ended) open--;
        if (is_sent_by(r, flight) && (!ended || (!r->mates && reaches(r, flight)))) read_flight(r, flight);
    }
}

/* ---- The receiver ---- */

static void read_receiver(const Reading *r, const ConnView *receiver) {
    Seq una = r->sender->snd.una;
    for (uint32_t i = 0; i < receiver->pieces; i++)
        paint_fate(r, receiver->piece[i].left, seq_distance(receiver->piece[i].left, receiver->piece[i].right),
                   FATE_KEPT);
    if (receiver->fin_kept) paint_fate(r, receiver->fin, 1, FATE_KEPT);
    if (seq_gt(receiver->rcv.nxt, una)) paint_fate(r, una, seq_distance(una, receiver->rcv.nxt), FATE_ARRIVED);
}

void fates_read(Fates *fates, const Story *story, uint32_t step, uint32_t events, const ConnView *sender,
                const ConnView *receiver) {
    Reading r = {fates, story, step, events, sender, fates_mates(sender, receiver)};
    uint32_t sent = seq_distance(sender->snd.una, sender->snd.nxt);
    fates->count = 0;
    if (!sent) return;
    insert_run(fates, 0, (FateRun){0, sent, FATE_LOST});
    for (size_t i = 0; i < story->way_count; i++)
        if (story->ways[i].from == sender->host) read_way(&r, &story->ways[i]);
    if (r.mates) read_receiver(&r, receiver);
    merge_runs(fates);
}
