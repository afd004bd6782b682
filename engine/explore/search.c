/* search.c - the search: points wait in queues, one for each number of faults and of moves; batches of them are
 * expanded side by side, and what came of it is added in order, so that the number of workers changes nothing. Which
 * queue is next says the order of the search: the cheapest, or one that is drawn. */
#include <stdlib.h>
#include <string.h>

#include "expand.h"

enum { BATCH = 4096, DRAWN_BATCH = 64, SKETCH_BITS = 12, TOTALS = 2 * EXPLORE_FAULTS + UINT8_MAX + 1 };

typedef struct Layer {
    Queue *queues; /* by level */
    size_t count, room;
} Layer;

typedef struct Found {
    ExploreEnd end; /* EXPLORE_COMPLETE: nothing */
    uint32_t parent;
    MoveCode code;
    bool at_point; /* at `parent` itself */
    RuleId rule;
    uint32_t faults, level;
} Found;

struct Explore {
    ExploreConfig config;
    World *start;
    Table table;
    uint64_t watched[RULE_WORDS];
    Layer layers[TOTALS]; /* by number of faults */
    Worker *workers;
    uint32_t worker_count;
    Found found;
    uint32_t pairs[STATE_COUNT][STATE_COUNT];
    uint8_t sketch[EXPLORE_SKETCH];
    uint64_t random;
    uint32_t done, dead; /* points whose moves were tried; that one with fewer faults has made superfluous */
    uint8_t *packs;      /* of exact searches */
    size_t *pack_ends;
    size_t pack_room, pack_ends_room, queue_bytes;
    ExploreResult result;
    /* The batch that is expanded: */
    const Queue *queue;
    size_t from, to;
};

#define RESERVE(items, room, count, more) reserve((void **)(void *)&(items), &(room), (count), (more), sizeof *(items))

/* ---- Queues ---- */

static Queue *queue_at(Explore *explore, uint32_t faults, uint32_t level) {
    Layer *layer = &explore->layers[faults];
    if (level >= layer->count) {
        if (!RESERVE(layer->queues, layer->room, layer->count, level + 1 - layer->count)) return NULL;
        memset(layer->queues + layer->count, 0, (level + 1 - layer->count) * sizeof *layer->queues);
        layer->count = level + (size_t)1;
    }
    return &layer->queues[level];
}

static size_t queue_size(const Queue *queue) {
    return queue->room * sizeof *queue->items + queue->asleep.room * sizeof *queue->asleep.items;
}

static void queue_clear(Explore *explore, Queue *queue) {
    explore->queue_bytes -= queue_size(queue);
    free(queue->items);
    free(queue->asleep.items);
    *queue = (Queue){0};
}

static bool wait_in_queue(Explore *explore, uint32_t number, const Move *asleep, uint32_t count) {
    Point *point = &explore->table.points[number];
    Queue *queue = queue_at(explore, faults_total(point->faults), point->level);
    if (!queue) return false;
    size_t before = queue_size(queue);
    bool room = RESERVE(queue->items, queue->room, queue->count, 1) &&
                RESERVE(queue->asleep.items, queue->asleep.room, queue->asleep.count, count);
    explore->queue_bytes += queue_size(queue) - before;
    if (!room) return false;
    if (count) memcpy(queue->asleep.items + queue->asleep.count, asleep, count * sizeof *asleep);
    point->place = (uint32_t)queue->count;
    queue->items[queue->count++] = (Waiting){number, (uint32_t)queue->asleep.count, count};
    queue->asleep.count += count;
    return true;
}

static void leave_queue(Explore *explore, const Point *point) {
    queue_at(explore, faults_total(point->faults), point->level)->items[point->place].point = EXPLORE_NONE;
}

/* A move sleeps at a point only where it does on every shortest way to it. */
static void keep_common(Explore *explore, const Point *point, const Move *asleep, uint32_t count) {
    Queue *queue = queue_at(explore, faults_total(point->faults), point->level);
    Waiting *waiting = &queue->items[point->place];
    Move *moves = waiting->asleep_count ? queue->asleep.items + waiting->asleep_at : NULL;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < waiting->asleep_count; i++) {
        uint32_t k = 0;
        while (k < count && asleep[k].key != moves[i].key) k++;
        if (k < count) moves[kept++] = moves[i];
    }
    waiting->asleep_count = kept;
}

/* ---- Adding what a batch has found ---- */

static bool same_pack(const Explore *explore, uint32_t number, const uint8_t *pack, size_t length) {
    if (!explore->config.exact) return true;
    size_t start = number ? explore->pack_ends[number - 1] : 0;
    return explore->pack_ends[number] - start == length && memcmp(explore->packs + start, pack, length) == 0;
}

static bool keep_pack(Explore *explore, const uint8_t *pack, size_t length) {
    if (!explore->config.exact) return true;
    uint32_t number = explore->table.count;
    size_t start = number ? explore->pack_ends[number - 1] : 0;
    if (!RESERVE(explore->pack_ends, explore->pack_ends_room, number, 1)) return false;
    if (!RESERVE(explore->packs, explore->pack_room, start, length)) return false;
    if (length) memcpy(explore->packs + start, pack, length);
    explore->pack_ends[number] = start + length;
    return true;
}

/* True where the point is known with no more faults: nothing is to be added. */
static bool known(Explore *explore, const Candidate *candidate, const Move *asleep, const uint8_t *pack, uint32_t level,
                  bool *memory) {
    Table *table = &explore->table;
    uint64_t at = 0;
    for (uint32_t i; (i = table_next(table, candidate->print, &at)) != EXPLORE_NONE;) {
        Point *point = &table->points[i];
        if (!same_pack(explore, i, pack, candidate->pack_length)) continue;
        if (!faults_within(point->faults, candidate->faults)) {
            if (!point->done && faults_within(candidate->faults, point->faults)) explore->dead += point->done = true;
            continue;
        }
        if (point->faults != candidate->faults || point->done || point->level < level) return true;
        if (point->level == level) {
            keep_common(explore, point, asleep, candidate->asleep_count);
            return true;
        }
        leave_queue(explore, point); /* it waits, and this way to it is shorter */
        point->parent = candidate->parent;
        point->code = candidate->code;
        point->level = (uint16_t)level;
        *memory = wait_in_queue(explore, i, asleep, candidate->asleep_count);
        return true;
    }
    return false;
}

/* The number of leading zeros, and one, of a fingerprint says how many others there are likely to be. */
static void add_to_sketch(Explore *explore, uint64_t print) {
    uint8_t *most = &explore->sketch[print >> (64 - SKETCH_BITS)], rank = 1;
    for (uint64_t bits = print << SKETCH_BITS; rank <= 64 - SKETCH_BITS && !(bits >> 63); bits <<= 1) rank++;
    if (rank > *most) *most = rank;
}

static bool is_oracle(RuleId rule) { return strncmp(rule_info(rule)->name, "oracle.", 7) == 0; }

static void note_found(Explore *explore, const Candidate *candidate, uint32_t level) {
    uint32_t faults = faults_total(candidate->faults);
    const Found *best = &explore->found;
    bool better = best->end == EXPLORE_COMPLETE || faults < best->faults ||
                  (faults == best->faults && level < best->level);
    if (!better) return;
    explore->found = (Found){.end = candidate->rule == explore->config.goal ? EXPLORE_FOUND : EXPLORE_BROKEN,
                             .parent = candidate->parent,
                             .code = candidate->code,
                             .rule = candidate->rule,
                             .faults = faults,
                             .level = level};
}

static ExploreEnd add_candidate(Explore *explore, const Worker *worker, const Candidate *candidate) {
    uint32_t level = explore->table.points[candidate->parent].level + 1u;
    const Move *asleep = candidate->asleep_count ? worker->asleep.items + candidate->asleep_at : NULL;
    const uint8_t *pack = candidate->pack_length ? worker->packs + candidate->pack_at : NULL;
    bool memory = true;
    if (candidate->rule) note_found(explore, candidate, level);
    if (level > UINT16_MAX) return EXPLORE_CUT_MEMORY;
    if (known(explore, candidate, asleep, pack, level, &memory)) return memory ? EXPLORE_COMPLETE : EXPLORE_CUT_MEMORY;
    uint64_t most = explore->config.states ? explore->config.states : UINT32_MAX - 1;
    if (explore->table.count >= most) return EXPLORE_CUT_STATES;
    if (!table_reserve(&explore->table, explore->config.memory) || !keep_pack(explore, pack, candidate->pack_length))
        return EXPLORE_CUT_MEMORY;
    add_to_sketch(explore, candidate->common);
    uint32_t number = table_add(&explore->table, candidate->print,
                                (Point){.parent = candidate->parent,
                                        .code = candidate->code,
                                        .faults = candidate->faults,
                                        .level = (uint16_t)level});
    return wait_in_queue(explore, number, asleep, candidate->asleep_count) ? EXPLORE_COMPLETE : EXPLORE_CUT_MEMORY;
}

/* What the search is at with these faults and moves is found already: nothing cheaper can be. */
static bool settled(const Explore *explore, uint32_t faults, uint32_t level) {
    const Found *found = &explore->found;
    if (found->end == EXPLORE_COMPLETE) return false;
    return found->faults < faults || (found->faults == faults && found->level <= level);
}

/* Of all parts of a batch before any candidate is added: so the counts of a search that is cut there, too, are those of
 * one worker. */
static void note_tried(Explore *explore, const Worker *worker, size_t from) {
    explore->result.counts.edges += worker->edges;
    explore->result.rests += worker->rests;
    for (size_t i = 0; i < worker->looked; i++) {
        uint8_t pair = worker->pairs[i];
        if (pair == UINT8_MAX) continue;
        uint32_t *first = &explore->pairs[pair >> 4][pair & 15];
        uint32_t number = explore->queue->items[from + i].point;
        explore->table.points[number].done = true;
        explore->done++;
        if (*first == EXPLORE_NONE) *first = number;
    }
}

/* EXPLORE_COMPLETE: go on. */
static ExploreEnd add_part(Explore *explore, const Worker *worker, size_t from, uint32_t faults, uint32_t level) {
    for (size_t i = 0; i < worker->candidate_count; i++) {
        ExploreEnd end = add_candidate(explore, worker, &worker->candidates[i]);
        if (settled(explore, faults, level + 1)) return explore->found.end;
        if (end != EXPLORE_COMPLETE) return end;
    }
    if (worker->stopped) {
        explore->found = (Found){.end = explore->config.finds ? EXPLORE_FOUND : EXPLORE_BROKEN,
                                 .parent = explore->queue->items[from + worker->looked - 1].point,
                                 .at_point = true,
                                 .faults = faults,
                                 .level = level};
        return explore->found.end;
    }
    if (worker->limit == STATUS_LIMIT_MEMORY) return EXPLORE_CUT_MEMORY;
    if (worker->limit && !explore->result.limit) explore->result.limit = worker->limit;
    return EXPLORE_COMPLETE;
}

/* ---- Running ---- */

static size_t start_of_part(const Explore *explore, uint32_t part) {
    return explore->from + (explore->to - explore->from) * part / explore->worker_count;
}

static void expand_part(void *argument, uint32_t part) {
    Explore *explore = argument;
    worker_expand(&explore->workers[part], explore->queue, start_of_part(explore, part),
                  start_of_part(explore, part + 1));
}

static void expand_batch(Explore *explore) {
    if (explore->worker_count > 1) {
        explore->config.together(explore->config.self, expand_part, explore, explore->worker_count);
        return;
    }
    expand_part(explore, 0);
}

static void count(Explore *explore, uint32_t faults, uint32_t level) {
    ExploreCounts *counts = &explore->result.counts;
    counts->states = explore->table.count - explore->dead;
    counts->waiting = counts->states - explore->done;
    counts->faults = faults;
    if (level > counts->depth) counts->depth = level;
    counts->bytes = explore->table.bytes + explore->queue_bytes + explore->pack_room +
                    explore->pack_ends_room * sizeof *explore->pack_ends;
    for (uint32_t i = 0; i < explore->worker_count; i++) counts->bytes += worker_bytes(&explore->workers[i]);
}

static ExploreEnd run_batch(Explore *explore, const Queue *queue, size_t from, size_t to, uint32_t faults,
                            uint32_t level) {
    explore->queue = queue;
    explore->from = from;
    explore->to = to;
    expand_batch(explore);
    uint32_t parts = 0; /* up to the one that was stopped */
    do note_tried(explore, &explore->workers[parts], start_of_part(explore, parts));
    while (!explore->workers[parts++].stopped && parts < explore->worker_count);
    for (uint32_t i = 0; i < parts; i++) {
        ExploreEnd end = add_part(explore, &explore->workers[i], start_of_part(explore, i), faults, level);
        if (end != EXPLORE_COMPLETE) return end;
    }
    count(explore, faults, level);
    size_t most = explore->config.memory;
    if (most && explore->result.counts.bytes > most) return EXPLORE_CUT_MEMORY;
    if (explore->config.progress && !explore->config.progress(explore->config.self, &explore->result.counts))
        return EXPLORE_CUT_STOPPED;
    return EXPLORE_COMPLETE;
}

static ExploreEnd run_queue(Explore *explore, uint32_t faults, uint32_t level) {
    Queue queue = *queue_at(explore, faults, level); /* moves lead to other queues, which may move this one */
    for (size_t from = 0; from < queue.count; from += BATCH) {
        size_t to = from + BATCH < queue.count ? from + BATCH : queue.count;
        ExploreEnd end = run_batch(explore, &queue, from, to, faults, level);
        if (end != EXPLORE_COMPLETE) return end;
    }
    queue_clear(explore, queue_at(explore, faults, level));
    return EXPLORE_COMPLETE;
}

static ExploreEnd run_cheapest_first(Explore *explore) {
    for (uint32_t faults = 0; faults < TOTALS; faults++) {
        for (uint32_t level = 0; level < explore->layers[faults].count; level++) {
            if (settled(explore, faults, level)) return explore->found.end;
            ExploreEnd end = run_queue(explore, faults, level);
            if (end != EXPLORE_COMPLETE) return end;
        }
        if (settled(explore, faults + 1, 0)) return explore->found.end;
    }
    return EXPLORE_COMPLETE;
}

/* ---- Points in an order that is drawn ---- */

static uint64_t draw(Explore *explore, uint64_t below) {
    explore->random += UINT64_C(0x9e3779b97f4a7c15);
    return mix64(explore->random) % below;
}

/* Of as many queues as are drawn, the deepest. False: none waits. */
static bool draw_queue(Explore *explore, uint32_t *faults, uint32_t *level) {
    uint64_t waiting = 0, chosen[EXPLORE_DRAWS];
    for (uint32_t f = 0; f < TOTALS; f++)
        for (size_t l = 0; l < explore->layers[f].count; l++) waiting += explore->layers[f].queues[l].count > 0;
    if (waiting == 0) return false;
    for (uint32_t i = 0; i < explore->config.draws; i++) chosen[i] = draw(explore, waiting);
    uint64_t number = 0;
    bool any = false;
    for (uint32_t f = 0; f < TOTALS; f++) {
        for (uint32_t l = 0; l < explore->layers[f].count; l++) {
            if (explore->layers[f].queues[l].count == 0) continue;
            for (uint32_t i = 0; i < explore->config.draws; i++) {
                if (chosen[i] != number || (any && l <= *level)) continue;
                any = true;
                *faults = f;
                *level = l;
            }
            number++;
        }
    }
    return true;
}

static void exchange(Explore *explore, Queue *queue, size_t a, size_t b) {
    Waiting first = queue->items[a];
    queue->items[a] = queue->items[b];
    queue->items[b] = first;
    if (queue->items[a].point != EXPLORE_NONE) explore->table.points[queue->items[a].point].place = (uint32_t)a;
    if (first.point != EXPLORE_NONE) explore->table.points[first.point].place = (uint32_t)b;
}

/* Takes points that stand together, since their ways have much in common, from a random place of the queue. */
static ExploreEnd run_drawn(Explore *explore, uint32_t faults, uint32_t level) {
    Queue queue = *queue_at(explore, faults, level);
    size_t count = queue.count < DRAWN_BATCH ? queue.count : DRAWN_BATCH;
    size_t last = queue.count - count, from = (size_t)draw(explore, last + 1);
    for (size_t i = count; from < last && i-- > 0;) exchange(explore, &queue, from + i, last + i);
    ExploreEnd end = run_batch(explore, &queue, last, queue.count, faults, level);
    if (end != EXPLORE_COMPLETE) return end;
    Queue *left = queue_at(explore, faults, level);
    left->count = last;
    if (last == 0) queue_clear(explore, left);
    return explore->found.end;
}

static ExploreEnd run_in_drawn_order(Explore *explore) {
    for (uint32_t faults = 0, level = 0; draw_queue(explore, &faults, &level);) {
        ExploreEnd end = run_drawn(explore, faults, level);
        if (end != EXPLORE_COMPLETE) return end;
    }
    return EXPLORE_COMPLETE;
}

ExploreResult explore_run(Explore *explore) {
    ExploreResult *result = &explore->result;
    result->end = explore->config.draws ? run_in_drawn_order(explore) : run_cheapest_first(explore);
    if (result->end == EXPLORE_COMPLETE && result->limit) result->end = EXPLORE_CUT_WORLD;
    /* Also where a limit ended the search before it knew whether there is a cheaper way. */
    if (explore->found.end != EXPLORE_COMPLETE) {
        result->end = explore->found.end;
        result->rule = explore->found.rule;
    }
    result->counts.states = explore->table.count - explore->dead;
    result->counts.waiting = result->counts.states - explore->done;
    return *result;
}

/* ---- Creation ---- */

static World *start_world(const World *world, const ExploreConfig *config) {
    enum { CONNS = 8, PACKETS = 64, STORE = 64 << 10 };
    Config larger = *world_config(world);
    larger.conns = world->tcb_fresh + config->call_count + CONNS;
    larger.packets = world->packet_count + PACKETS;
    larger.store = world->book.top * STORE_UNIT + STORE;
    World *start = world_grow(world, &larger);
    if (!start) return NULL;
    moves_prepare(start);
    if (config->salt) world_salt(start, config->salt);
    return start;
}

static bool within_limits(const ExploreConfig *config) {
    bool delays = config->delays == EXPLORE_NO_LIMIT || config->delays <= EXPLORE_FAULTS;
    bool resends = config->resends == EXPLORE_NO_LIMIT || config->resends <= EXPLORE_FAULTS;
    return config->drops <= EXPLORE_FAULTS && config->dups <= EXPLORE_FAULTS && delays && resends &&
           config->call_count <= EXPLORE_CALLS && config->draws <= EXPLORE_DRAWS;
}

static void watch(Explore *explore) {
    for (int rule = 1; rule < RULE_COUNT; rule++)
        if ((is_oracle((RuleId)rule) && !explore->config.no_oracles) || rule == (int)explore->config.goal)
            explore->watched[rule / 64] |= UINT64_C(1) << rule % 64;
}

static bool add_root(Explore *explore) {
    Worker *worker = &explore->workers[0];
    const Frame *frame = &worker->frames[0];
    Candidate root = {0};
    if (!worker_identify(worker, frame->world, &frame->spent, &root)) return false;
    if (!keep_pack(explore, worker->packs, root.pack_length)) return false;
    add_to_sketch(explore, worker_common(worker, &frame->spent, root.print));
    return wait_in_queue(explore, table_add(&explore->table, root.print, (Point){0}), NULL, 0);
}

static bool begin(Explore *explore) {
    const ExploreConfig *config = &explore->config;
    explore->worker_count = config->together && config->workers > 1 ? config->workers : 1;
    explore->workers = calloc(explore->worker_count, sizeof *explore->workers);
    if (!explore->workers || !table_open(&explore->table)) return false;
    for (uint32_t i = 0; i < explore->worker_count; i++) {
        Worker *worker = &explore->workers[i];
        worker->config = config;
        worker->table = &explore->table;
        worker->watched = explore->watched;
        if (!worker_open(worker, explore->start)) return false;
    }
    return add_root(explore);
}

Explore *explore_new(const World *world, const ExploreConfig *config) {
    if (!within_limits(config) || world_spent(world)) return NULL;
    Explore *explore = calloc(1, sizeof *explore);
    if (!explore) return NULL;
    explore->config = *config;
    if (config->draws) explore->config.plain = true; /* moves sleep soundly only where the shortest ways come first */
    explore->random = config->salt;
    memset(explore->pairs, 0xff, sizeof explore->pairs);
    watch(explore);
    explore->start = start_world(world, config);
    if (explore->start && begin(explore)) return explore;
    explore_free(explore);
    return NULL;
}

void explore_free(Explore *explore) {
    if (!explore) return;
    for (int i = 0; i < TOTALS; i++) {
        for (size_t level = 0; level < explore->layers[i].count; level++)
            queue_clear(explore, &explore->layers[i].queues[level]);
        free(explore->layers[i].queues);
    }
    for (uint32_t i = 0; explore->workers && i < explore->worker_count; i++) worker_free(&explore->workers[i]);
    free(explore->workers);
    table_free(&explore->table);
    free(explore->packs);
    free(explore->pack_ends);
    world_free(explore->start);
    free(explore);
}

/* ---- What was found ---- */

State explore_host_state(const World *world, HostId host) {
    State state = STATE_CLOSED;
    for (uint32_t slot = world->newest; slot != SLOT_NONE; slot = tcbs_in(world)[slot].older) {
        const Tcb *tcb = &tcbs_in(world)[slot];
        if (tcb->host != host || tcb->gone) continue;
        if (tcb->state != STATE_LISTEN) return tcb->state;
        state = STATE_LISTEN;
    }
    return state;
}

void explore_sketch(const Explore *explore, uint8_t registers[EXPLORE_SKETCH]) {
    memcpy(registers, explore->sketch, sizeof explore->sketch);
}

uint32_t explore_pair(const Explore *explore, State a, State b) { return explore->pairs[a][b]; }

/* The input that leads from a point on; `kind` INPUT_NONE: no memory. */
static Input input_from(Explore *explore, uint32_t point, MoveCode code) {
    const Frame *frame = worker_visit(&explore->workers[0], point);
    return frame ? move_on_way(frame->world, &explore->config, code) : (Input){.kind = INPUT_NONE};
}

size_t explore_way(Explore *explore, uint32_t state, Input *inputs, size_t capacity) {
    const Point *points = explore->table.points;
    if (state >= explore->table.count) return 0;
    uint32_t length = points[state].level;
    for (uint32_t at = state, level = length; level > 0; at = points[at].parent, level--) {
        Input input = input_from(explore, points[at].parent, points[at].code);
        if (!input.kind) return 0;
        if (level <= capacity) inputs[level - 1] = input;
    }
    return length;
}

size_t explore_found(Explore *explore, Input *inputs, size_t capacity) {
    const Found *found = &explore->found;
    if (found->end == EXPLORE_COMPLETE) return 0;
    size_t length = explore_way(explore, found->parent, inputs, capacity);
    if (found->at_point) return length;
    Input last = input_from(explore, found->parent, found->code);
    if (!last.kind) return 0;
    if (length < capacity) inputs[length] = last;
    return length + 1;
}
