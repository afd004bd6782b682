/* expand.c - trying all moves from a point: its world is made again from the nearest one on the way to it. */
#include "expand.h"

#include <stdlib.h>
#include <string.h>

bool reserve(void **items, size_t *room, size_t count, size_t more, size_t size) {
    if (count + more <= *room) return true;
    size_t grown = *room ? *room : 64;
    while (grown < count + more) grown += grown / 2;
    void *moved = realloc(*items, grown * size);
    if (!moved) return false;
    *items = moved;
    *room = grown;
    return true;
}

#define RESERVE(items, room, count, more) reserve((void **)(void *)&(items), &(room), (count), (more), sizeof *(items))

/* ---- The way to a point ---- */

static bool frame_reserve(Worker *worker, uint32_t level) {
    size_t room = worker->frame_room;
    if (level >= room && !RESERVE(worker->frames, room, level, 1)) return false;
    worker->frame_room = (uint32_t)room;
    for (; worker->frame_count <= level; worker->frame_count++) {
        World *world = world_copy(worker->frames[0].world);
        if (!world) return false;
        worker->frames[worker->frame_count] = (Frame){EXPLORE_NONE, world, {0}};
    }
    return true;
}

static bool chain_reserve(Worker *worker, uint32_t level) {
    size_t room = worker->chain_room;
    if (!RESERVE(worker->chain, room, level, 1)) return false;
    worker->chain_room = (uint32_t)room;
    return true;
}

const Frame *worker_visit(Worker *worker, uint32_t point) {
    const Point *points = worker->table->points;
    uint32_t level = points[point].level, length = 0;
    if (!frame_reserve(worker, level) || !chain_reserve(worker, level)) return NULL;
    for (uint32_t at = point; worker->frames[points[at].level].point != at; at = points[at].parent)
        worker->chain[length++] = at;
    while (length-- > 0) {
        const Point *next = &points[worker->chain[length]];
        const Frame *before = &worker->frames[next->level - 1];
        Frame *frame = &worker->frames[next->level];
        Input input = move_input(before->world, worker->config, next->code);
        frame->point = EXPLORE_NONE;
        frame->spent = move_spend(before->world, worker->config, before->spent, next->code);
        world_copy_into(frame->world, before->world);
        if (world_step(frame->world, &input, NULL) != STATUS_OK) return NULL;
        world_remember(frame->world);
        frame->point = worker->chain[length];
    }
    return &worker->frames[level];
}

/* ---- Moves from a point ---- */

static bool sleeps(const Move *asleep, size_t count, const Move *move) {
    for (size_t i = 0; i < count; i++)
        if (asleep[i].key == move->key) return !move->twin;
    return false;
}

static bool add_sleepers(Worker *worker, const Move *moves, size_t count, const Move *move) {
    if (!RESERVE(worker->asleep.items, worker->asleep.room, worker->asleep.count, count)) return false;
    for (size_t i = 0; i < count; i++)
        if (!moves[i].twin && moves_commute(&moves[i], move)) worker->asleep.items[worker->asleep.count++] = moves[i];
    return true;
}

static RuleId watched_rule(const Worker *worker, const uint64_t seen[RULE_WORDS]) {
    for (int i = 0; i < RULE_WORDS; i++) {
        uint64_t both = seen[i] & worker->watched[i];
        for (int bit = 0; both; bit++, both >>= 1)
            if (both & 1) return (RuleId)(i * 64 + bit);
    }
    return RULE_NONE;
}

/* It is known already, and not to be met in fewer moves from here. */
static bool is_old(const Worker *worker, uint64_t print, Faults faults, uint32_t level) {
    uint64_t at = 0;
    if (worker->config->exact) return false;
    for (uint32_t i; (i = table_next(worker->table, print, &at)) != EXPLORE_NONE;) {
        const Point *point = &worker->table->points[i];
        if (faults_within(point->faults, faults) && (point->done || point->level < level)) return true;
    }
    return false;
}

/* A connection may still be opened: its initial sequence number comes from the clock (RFC 6528 3), which the pack
 * leaves out. */
static bool may_open(const World *world, const ExploreConfig *config, const Spent *spent) {
    for (uint32_t i = 0; i < config->call_count; i++) {
        InputKind kind = config->calls[i].kind;
        if ((kind == INPUT_CONNECT || kind == INPUT_LISTEN) && !(spent->calls & 1u << i)) return true;
    }
    for (uint32_t slot = world->oldest; slot != SLOT_NONE; slot = tcbs_in(world)[slot].newer)
        if (tcbs_in(world)[slot].state == STATE_LISTEN && !tcbs_in(world)[slot].gone) return true;
    return false;
}

/* What a point has besides the pack of its world and its faults. */
typedef struct Beside {
    uint64_t calls, resends, clock;
} Beside;

static Beside beside(const Worker *worker, const World *world, const Spent *spent) {
    bool clock = may_open(world, worker->config, spent);
    return (Beside){spent->calls, spent->resends, clock ? (uint64_t)world->now + 1 : 0};
}

static uint64_t print_of(const World *world, const Beside *more) {
    uint64_t print = mix64(world_digest(world) + more->calls * UINT64_C(0x9e3779b97f4a7c15));
    return mix64(mix64(print + more->resends) + more->clock);
}

static bool write_pack(Worker *worker, const World *world, const Beside *more, Candidate *candidate) {
    candidate->pack_at = worker->pack_length;
    for (;;) {
        size_t room = worker->pack_room - worker->pack_length;
        size_t packed = world_pack(world, room ? worker->packs + worker->pack_length : NULL, room);
        if (packed == 0) return false;
        candidate->pack_length = packed + sizeof *more;
        if (candidate->pack_length <= room) break;
        if (!RESERVE(worker->packs, worker->pack_room, worker->pack_length, candidate->pack_length)) return false;
    }
    worker->pack_length += candidate->pack_length;
    memcpy(worker->packs + worker->pack_length - sizeof *more, more, sizeof *more);
    return true;
}

bool worker_identify(Worker *worker, const World *world, const Spent *spent, Candidate *candidate) {
    Beside more = beside(worker, world, spent);
    candidate->print = print_of(world, &more);
    candidate->faults = faults_of(*spent);
    return !worker->config->exact || write_pack(worker, world, &more, candidate);
}

uint64_t worker_common(Worker *worker, const Spent *spent, uint64_t print) {
    if (worker->config->salt == 0) return print;
    Beside more = beside(worker, worker->scratch, spent);
    world_salt(worker->scratch, 0);
    return print_of(worker->scratch, &more);
}

static bool is_limit(Status status) {
    return status == STATUS_LIMIT_HOSTS || status == STATUS_LIMIT_CONNS || status == STATUS_LIMIT_PACKETS ||
           status == STATUS_LIMIT_STORE || status == STATUS_LIMIT_MEMORY;
}

/* The moves of the point that were tried before, and those that sleep there. */
typedef struct Others {
    const Move *asleep;
    size_t asleep_count;
    const Move *tried;
    size_t tried_count;
} Others;

static bool add_candidate(Worker *worker, Candidate candidate, const Move *move, const Others *others) {
    if (!RESERVE(worker->candidates, worker->candidate_room, worker->candidate_count, 1)) return false;
    candidate.asleep_at = (uint32_t)worker->asleep.count;
    if (!worker->config->plain) {
        if (!add_sleepers(worker, others->asleep, others->asleep_count, move)) return false;
        if (!add_sleepers(worker, others->tried, others->tried_count, move)) return false;
    }
    candidate.asleep_count = (uint32_t)worker->asleep.count - candidate.asleep_at;
    worker->candidates[worker->candidate_count++] = candidate;
    return true;
}

/* False: the world does not take it. */
static bool try_move(Worker *worker, const Frame *frame, const Move *move, const Others *others) {
    uint64_t seen[RULE_WORDS] = {0};
    Input input = move_input(frame->world, worker->config, move->code);
    world_copy_into(worker->scratch, frame->world);
    Status status = world_step_seen(worker->scratch, &input, seen);
    if (status != STATUS_OK) {
        if (is_limit(status)) worker->limit = status;
        return false;
    }
    worker->edges++;
    Spent spent = move_spend(frame->world, worker->config, frame->spent, move->code);
    uint32_t level = worker->table->points[frame->point].level + 1u;
    Candidate candidate = {.parent = frame->point, .code = move->code, .rule = watched_rule(worker, seen)};
    bool memory = worker_identify(worker, worker->scratch, &spent, &candidate);
    if (memory && !candidate.rule && is_old(worker, candidate.print, candidate.faults, level)) return true;
    candidate.common = worker_common(worker, &spent, candidate.print);
    if (!memory || !add_candidate(worker, candidate, move, others)) worker->limit = STATUS_LIMIT_MEMORY;
    return true;
}

static void expand(Worker *worker, const Frame *frame, const Move *asleep, size_t asleep_count) {
    Move *moves = worker->moves;
    size_t count = moves_list(frame->world, worker->config, &frame->spent, moves), tried = 0;
    if (count > MOVES_MOST) {
        worker->limit = STATUS_LIMIT_PACKETS;
        return;
    }
    bool rests = true;
    for (size_t i = 0; i < count; i++) {
        Move move = moves[i];
        if (sleeps(asleep, asleep_count, &move)) {
            rests = false;
            continue;
        }
        Others others = {asleep, asleep_count, moves, tried};
        if (world_orders(frame->world)) others = (Others){0}; /* they count packets: the order of moves matters */
        if (!try_move(worker, frame, &move, &others)) continue;
        moves[tried++] = move;
        rests = false;
    }
    worker->rests += rests;
}

static bool look(const Worker *worker, const Frame *frame, uint32_t number) {
    const ExploreConfig *config = worker->config;
    const Spent *spent = &frame->spent;
    ExplorePoint point = {.number = number,
                          .depth = worker->table->points[number].level,
                          .drops = spent->drops,
                          .dups = spent->dups,
                          .delays = spent->delays,
                          .calls = spent->calls};
    return !config->look || config->look(config->self, frame->world, &point);
}

void worker_expand(Worker *worker, const Queue *queue, size_t from, size_t to) {
    worker->candidate_count = worker->asleep.count = worker->pack_length = worker->looked = 0;
    worker->edges = worker->rests = 0;
    worker->stopped = false;
    worker->limit = STATUS_OK;
    if (!RESERVE(worker->pairs, worker->pairs_room, 0, to - from)) worker->limit = STATUS_LIMIT_MEMORY;
    for (size_t i = from; i < to && worker->limit != STATUS_LIMIT_MEMORY && !worker->stopped; i++) {
        const Waiting *waiting = &queue->items[i];
        worker->pairs[worker->looked++] = UINT8_MAX;
        if (waiting->point == EXPLORE_NONE || worker->table->points[waiting->point].done) continue;
        const Frame *frame = worker_visit(worker, waiting->point);
        if (!frame) {
            worker->limit = STATUS_LIMIT_MEMORY;
            break;
        }
        worker->pairs[worker->looked - 1] = (uint8_t)(explore_host_state(frame->world, 0) << 4 |
                                                      explore_host_state(frame->world, 1));
        worker->stopped = !look(worker, frame, waiting->point);
        if (worker->stopped) continue;
        expand(worker, frame, waiting->asleep_count ? queue->asleep.items + waiting->asleep_at : NULL,
               waiting->asleep_count);
    }
}

/* ---- Creation ---- */

bool worker_open(Worker *worker, const World *start) {
    worker->scratch = world_copy(start);
    worker->moves = malloc((MOVES_MOST + 1) * sizeof *worker->moves);
    if (!worker->scratch || !worker->moves) return false;
    size_t room = 0;
    if (!RESERVE(worker->frames, room, 0, 1)) return false;
    worker->frame_room = (uint32_t)room;
    World *world = world_copy(start);
    if (!world) return false;
    world_remember(world);
    worker->frames[0] = (Frame){0, world, {0}};
    worker->frame_count = 1;
    return true;
}

void worker_free(Worker *worker) {
    for (uint32_t i = 0; i < worker->frame_count; i++) world_free(worker->frames[i].world);
    free(worker->frames);
    world_free(worker->scratch);
    free(worker->moves);
    free(worker->chain);
    free(worker->candidates);
    free(worker->asleep.items);
    free(worker->packs);
    free(worker->pairs);
}

size_t worker_bytes(const Worker *worker) {
    return (worker->frame_count + (size_t)1) * worker->scratch->bytes + worker->frame_room * sizeof *worker->frames +
           MOVES_MOST * sizeof *worker->moves + worker->candidate_room * sizeof *worker->candidates +
           worker->asleep.room * sizeof *worker->asleep.items + worker->pack_room + worker->pairs_room +
           worker->chain_room * sizeof *worker->chain;
}
