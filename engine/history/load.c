/* load.c - bytes as a session again, see format.h. Nothing is believed: each record has its sum, each branch is played.
 */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "session_inside.h"

enum { MOST_NAMES = 256, MEMORY_MOST = 1 << 30 /* of a world, where the session has no limit */ };

typedef struct Loader {
    const uint8_t *bytes;
    size_t length, at;
    LoadReport *report;
    Session *fresh;
    uint32_t later;                       /* added to serial numbers, so that handles of before stay stale */
    uint16_t own[NAME_LISTS][MOST_NAMES]; /* numbers of the file to own ones */
    uint32_t names[NAME_LISTS];
    /* The record that was read last. */
    size_t begin;
    char letter;
    const uint8_t *next, *end;
    /* The branch that is being read. */
    Future branch;
    uint32_t step, steps;
    Expected expected;
    World *world; /* of a branch that was left; NULL: the present one */
    bool reading;
} Loader;

static bool wrong(Loader *l, LoadProblem problem) {
    if (l->report->problem == LOAD_GOOD) {
        l->report->problem = problem;
        l->report->byte = problem == LOAD_TRUNCATED ? l->length : l->begin;
        l->report->branch = l->branch.number;
        l->report->step = l->step + 1;
    }
    return false;
}

/* ---- Records ---- */

static bool next_record(Loader *l) {
    l->begin = l->at;
    if (l->length - l->at < RECORD_HEAD) return wrong(l, LOAD_TRUNCATED);
    const uint8_t *head = l->bytes + l->at;
    uint64_t length = get_fixed(head + 1, RECORD_HEAD - 1);
    if (l->length - l->at - RECORD_HEAD < length + RECORD_SUM) return wrong(l, LOAD_TRUNCATED);
    l->letter = (char)head[0];
    l->next = head + RECORD_HEAD;
    l->end = l->next + length;
    l->at += RECORD_HEAD + length + RECORD_SUM;
    bool sound = format_sum(0, head, RECORD_HEAD + length) == get_fixed(l->end, RECORD_SUM);
    return sound ? true : wrong(l, LOAD_DAMAGED);
}

static bool number(Loader *l, uint64_t most, uint64_t *value) {
    l->next = get_number_before(l->next, l->end, value);
    return l->next && *value <= most ? true : wrong(l, LOAD_DAMAGED);
}

static bool small(Loader *l, uint32_t *value) {
    uint64_t wide;
    if (!number(l, UINT32_MAX, &wide)) return false;
    *value = (uint32_t)wide;
    return true;
}

static bool unknown_name(Loader *l, const uint8_t *name, size_t length) {
    wrong(l, LOAD_UNKNOWN);
    if (length >= sizeof l->report->name) length = sizeof l->report->name - 1;
    for (size_t i = 0; i < length; i++) l->report->name[i] = name[i] >= ' ' && name[i] < 127 ? (char)name[i] : '?';
    l->report->name[length] = '\0';
    return false;
}

/* Members and kinds must be those of this version, in their order; of rules and timers it may know others. */
static bool read_name(Loader *l, NameList list, uint32_t index) {
    uint64_t length;
    if (!number(l, (uint64_t)(l->end - l->next), &length) || (size_t)(l->end - l->next) < length)
        return wrong(l, LOAD_DAMAGED);
    const char *name = (const char *)l->next, *own;
    l->next += length;
    uint32_t i = 0;
    while ((own = format_name(list, i)) && (strlen(own) != length || memcmp(own, name, length) != 0)) i++;
    l->own[list][index] = (uint16_t)i;
    if ((!own || i != index) && (list == NAMES_MEMBERS || list == NAMES_KINDS))
        return unknown_name(l, (const uint8_t *)name, length);
    if (!own) return unknown_name(l, (const uint8_t *)name, length);
    return true;
}

static bool read_names(Loader *l) {
    if (!next_record(l)) return false;
    if (l->letter != 'N') return wrong(l, LOAD_DAMAGED);
    for (int list = 0; list < NAME_LISTS; list++) {
        uint64_t count;
        if (!number(l, MOST_NAMES, &count)) return false;
        for (uint32_t i = 0; i < count; i++)
            if (!read_name(l, (NameList)list, i)) return false;
        l->names[list] = (uint32_t)count;
    }
    return l->names[NAMES_MEMBERS] && !format_name(NAMES_MEMBERS, l->names[NAMES_MEMBERS]) ? true
                                                                                           : wrong(l, LOAD_UNKNOWN);
}

static bool fits(const Loader *l, const Config *config) {
    size_t size = config_size(config), most = l->fresh && l->fresh->limit ? l->fresh->limit : MEMORY_MOST;
    return size && size <= most;
}

static bool read_config(Loader *l, size_t limit) {
    Config config = {0};
    if (!next_record(l)) return false;
    bool good = l->letter == 'C' && small(l, &config.hosts) && small(l, &config.conns) && small(l, &config.packets) &&
                small(l, &config.store) && number(l, UINT64_MAX, &config.seed);
    if (!good || !config_size(&config)) return wrong(l, LOAD_DAMAGED);
    if (config_size(&config) > (limit ? limit : MEMORY_MOST)) return wrong(l, LOAD_NO_MEMORY);
    l->fresh = session_new(&config, NULL);
    if (!l->fresh) return wrong(l, LOAD_NO_MEMORY);
    session_limit(l->fresh, limit);
    futures_free(&l->fresh->futures);
    l->fresh->futures.held = true;
    return true;
}

/* ---- Branches ---- */

/* The one that was read has all its inputs. */
static bool finish_branch(Loader *l) {
    if (!l->reading) return true;
    if (l->step != l->steps) return wrong(l, LOAD_DAMAGED);
    Futures *futures = &l->fresh->futures;
    bool present = !l->world;
    records_fit(&l->branch.tail);
    if (l->branch.number) {
        if (futures->count == LIMIT_BRANCHES || futures_find(futures, l->branch.number)) return wrong(l, LOAD_DAMAGED);
        if (!futures_insert(futures, &l->branch)) return wrong(l, LOAD_NO_MEMORY);
    }
    if (present) futures->present = l->branch.number;
    l->branch = (Future){0};
    world_free(l->world);
    l->world = NULL;
    l->reading = false;
    return true;
}

static bool read_branch(Loader *l, bool present) {
    if (!finish_branch(l)) return false;
    Future *branch = &l->branch;
    uint64_t length;
    if (!small(l, &branch->number) || !small(l, &branch->origin) || !small(l, &branch->began) ||
        !small(l, &branch->parent) || !small(l, &branch->fork) || !small(l, &l->steps) ||
        !number(l, LIMIT_BRANCH_NAME, &length))
        return false;
    if ((uint64_t)(l->end - l->next) != length || memchr(l->next, 0, length) || branch->began > l->steps ||
        branch->fork > l->steps || (!branch->number && !present))
        return wrong(l, LOAD_DAMAGED);
    memcpy(branch->name, l->next, length);
    l->step = branch->fork;
    l->expected = (Expected){0};
    l->reading = true;
    if (present) return branch->parent || branch->fork ? wrong(l, LOAD_DAMAGED) : true;
    Session *fresh = l->fresh;
    Future *parent = futures_find(&fresh->futures, branch->parent);
    bool trunk = branch->parent == TRUNK;
    if (!trunk && (!parent || branch->parent == fresh->futures.present)) return wrong(l, LOAD_DAMAGED);
    if (branch->fork > (trunk ? fresh->journal.count : future_steps(parent))) return wrong(l, LOAD_DAMAGED);
    l->world = trunk ? session_world_at(fresh, branch->fork)
                     : session_branch_world(fresh, branch->parent, branch->fork);
    return l->world ? true : wrong(l, LOAD_NO_MEMORY);
}

/* ---- Inputs ---- */

static bool own_number(Loader *l, NameList list, uint32_t *value) {
    if (*value >= l->names[list]) return wrong(l, LOAD_DAMAGED);
    *value = l->own[list][*value];
    return true;
}

/* As it is in this version, and in this session. */
static bool translate(Loader *l, Input *input, Order *order) {
    uint32_t rule = input->rule, path = input->path, timer = input->timer;
    if (input->kind == INPUT_RULE && !own_number(l, NAMES_HOST_RULES, &rule)) return false;
    if (input->kind == INPUT_PATH && !own_number(l, NAMES_PATH_RULES, &path)) return false;
    if (input->kind == INPUT_TIMER && !own_number(l, NAMES_TIMERS, &timer)) return false;
    input->rule = (HostRule)rule;
    input->path = (PathRule)path;
    input->timer = (TimerKind)timer;
    if (input->serial > UINT32_MAX - 1 - l->later) return wrong(l, LOAD_DAMAGED);
    input->serial += l->later;
    if (input->packet.born) input->packet.born += l->later;
    if (input->conn.generation) input->conn.generation += l->later;
    if (input->kind != INPUT_ORDER) return true;
    uint64_t numbers[ORDER_NUMBERS];
    const uint8_t *from = input->bytes, *end = from ? from + input->length : NULL;
    for (int i = 0; i < ORDER_NUMBERS; i++)
        if (!from || !(from = get_number_before(from, end, &numbers[i]))) return wrong(l, LOAD_DAMAGED);
    *order = order_of(numbers);
    input->bytes = (const uint8_t *)order;
    input->length = sizeof *order;
    return true;
}

static bool play(Loader *l, const Input *input, const Config *growth) {
    if (growth && !fits(l, growth)) return wrong(l, LOAD_NO_MEMORY);
    Status status;
    if (!l->world) {
        status = session_append(l->fresh, input, growth);
    } else {
        status = growth ? grow_world(&l->world, growth) : STATUS_OK;
        if (status == STATUS_OK) status = world_step(l->world, input, NULL);
        if (status == STATUS_OK && !records_add(&l->branch.tail, &l->expected, input, growth))
            status = STATUS_LIMIT_MEMORY;
    }
    if (status == STATUS_OK) return true;
    return wrong(l, status == STATUS_LIMIT_MEMORY ? LOAD_NO_MEMORY : LOAD_REFUSED);
}

static bool read_inputs(Loader *l) {
    uint32_t first, count;
    if (!l->reading || !small(l, &first) || !small(l, &count) || l->end - l->next < DIGEST_BYTES)
        return wrong(l, LOAD_DAMAGED);
    if (first != l->step || count > l->steps - l->step) return wrong(l, LOAD_DAMAGED);
    uint64_t digest = get_fixed(l->next, DIGEST_BYTES);
    RecordReader reader = {.next = l->next + DIGEST_BYTES, .end = l->end};
    for (; count > 0; count--) {
        if (!records_next(&reader)) return wrong(l, LOAD_DAMAGED);
        Input input = reader.input;
        Order order;
        if (!translate(l, &input, &order) || !play(l, &input, reader.growth.hosts ? &reader.growth : NULL))
            return false;
        l->step++;
    }
    if (reader.next != reader.end) return wrong(l, LOAD_DAMAGED);
    l->step--;
    if (world_digest(l->world ? l->world : l->fresh->world) != digest) return wrong(l, LOAD_OTHER_WORLD);
    l->step++;
    return true;
}

/* ---- The whole ---- */

static bool read_place(Loader *l) {
    uint32_t present, step;
    Futures *futures = &l->fresh->futures;
    if (!finish_branch(l) || !small(l, &present) || !small(l, &step) || !small(l, &futures->newest) ||
        !small(l, &futures->given_up))
        return wrong(l, LOAD_DAMAGED);
    bool good = present == futures->present && step <= l->fresh->journal.count &&
                (!futures->count || futures->newest >= futures->list[futures->count - 1].number);
    if (!good || futures->newest == UINT32_MAX) return wrong(l, LOAD_DAMAGED);
    bool room = session_room(l->fresh, 0) && session_seek(l->fresh, step) == STATUS_OK;
    futures->held = false;
    return room ? true : wrong(l, LOAD_NO_MEMORY);
}

static bool read_end(Loader *l) {
    if (!next_record(l)) return false;
    return l->letter == 'E' && l->next == l->end && l->at == l->length ? true : wrong(l, LOAD_DAMAGED);
}

static bool read_records(Loader *l) {
    for (bool first = true;; first = false) {
        if (!next_record(l)) return false;
        bool good;
        switch (l->letter) {
        case 'B': good = read_branch(l, first); break;
        case 'I': good = read_inputs(l); break;
        case 'P': return !first && read_place(l) ? read_end(l) : wrong(l, LOAD_DAMAGED);
        default: return wrong(l, LOAD_UNKNOWN);
        }
        if (!good) return false;
    }
}

static bool read_begin(Loader *l) {
    uint64_t version;
    size_t whole = l->length < MAGIC_BYTES ? l->length : MAGIC_BYTES;
    if (!whole || memcmp(l->bytes, MAGIC, whole) != 0) return wrong(l, LOAD_FOREIGN);
    const uint8_t *begin = l->bytes + whole, *after = get_number_before(begin, l->bytes + l->length, &version);
    if (!after) return wrong(l, l->length < MAGIC_BYTES + NUMBER_BYTES ? LOAD_TRUNCATED : LOAD_DAMAGED);
    l->report->version = version > UINT32_MAX ? UINT32_MAX : (uint32_t)version;
    if (version != SAVE_VERSION) return wrong(l, version > SAVE_VERSION ? LOAD_NEWER : LOAD_DAMAGED);
    l->at = (size_t)(after - l->bytes);
    return true;
}

/* The session takes what is in the fresh one, and keeps its wire, its limit and its epochs. */
static void adopt(Session *session, Session *fresh) {
    Session old = *session;
    *session = *fresh;
    session->link = old.link;
    session->linked = old.linked;
    memcpy(session->link_error, old.link_error, sizeof old.link_error);
    session->limit = old.limit;
    session->epoch = old.epoch + 1;
    if (session->serial < old.serial) session->serial = old.serial;
    *fresh = old;
}

bool session_load(Session *session, const uint8_t *bytes, size_t length, LoadReport *report) {
    *report = (LoadReport){0};
    Loader *l = calloc(1, sizeof *l);
    if (!l) {
        report->problem = LOAD_NO_MEMORY;
        return false;
    }
    *l = (Loader){.bytes = bytes, .length = length, .report = report, .later = session->serial};
    bool good = read_begin(l) && read_names(l) && read_config(l, session->limit) && read_records(l);
    if (good) adopt(session, l->fresh);
    records_free(&l->branch.tail);
    world_free(l->world);
    session_free(l->fresh);
    free(l);
    return good;
}
