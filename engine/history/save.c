/* save.c - a session as bytes, see format.h. */
#include <string.h>

#include "format.h"
#include "session_inside.h"

enum { HEAD_BYTES = 8 * NUMBER_BYTES + LIMIT_BRANCH_NAME, NAMES_BYTES = 8 << 10 };

typedef struct Saver {
    const Session *session;
    SaveWrite *write;
    void *self;
    uint32_t earlier; /* taken from serial numbers, which then begin with 1 */
} Saver;

/* What a record holds comes in two parts. */
static bool put_record(const Saver *saver, char letter, const uint8_t *head, size_t head_length, const uint8_t *body,
                       size_t length) {
    uint8_t begin[RECORD_HEAD] = {(uint8_t)letter}, sum[RECORD_SUM];
    put_fixed(begin + 1, head_length + length, RECORD_HEAD - 1);
    uint32_t crc = format_sum(format_sum(0, begin, sizeof begin), head, head_length);
    put_fixed(sum, format_sum(crc, body, length), RECORD_SUM);
    return saver->write(saver->self, begin, sizeof begin) && saver->write(saver->self, head, head_length) &&
           (!length || saver->write(saver->self, body, length)) && saver->write(saver->self, sum, sizeof sum);
}

static bool put_head(const Saver *saver, char letter, const uint8_t *head, const uint8_t *end) {
    return put_record(saver, letter, head, (size_t)(end - head), NULL, 0);
}

static bool put_names(const Saver *saver) {
    uint8_t bytes[NAMES_BYTES], *to = bytes;
    for (int list = 0; list < NAME_LISTS; list++) {
        uint32_t count = 0;
        while (format_name((NameList)list, count)) count++;
        to = put_number(to, count);
        for (uint32_t i = 0; i < count; i++) {
            const char *name = format_name((NameList)list, i);
            size_t length = strlen(name);
            if ((size_t)(bytes + sizeof bytes - to) < length + 2 * NUMBER_BYTES) return false;
            to = put_number(to, length);
            memcpy(to, name, length);
            to += length;
        }
    }
    return put_head(saver, 'N', bytes, to);
}

static bool put_config(const Saver *saver, const Config *config) {
    uint8_t bytes[HEAD_BYTES], *to = put_number(bytes, config->hosts);
    to = put_number(put_number(put_number(to, config->conns), config->packets), config->store);
    return put_head(saver, 'C', bytes, put_number(to, config->seed));
}

static bool put_branch(const Saver *saver, const Future *future, uint32_t steps) {
    uint8_t bytes[HEAD_BYTES], *to = put_number(bytes, future->number);
    to = put_number(put_number(put_number(to, future->origin), future->began), future->parent);
    to = put_number(put_number(put_number(to, future->fork), steps), strlen(future->name));
    memcpy(to, future->name, strlen(future->name));
    return put_head(saver, 'B', bytes, to + strlen(future->name));
}

/* ---- Inputs, from the journal or from a tail ---- */

typedef struct Line {
    const Session *session; /* NULL: from the reader */
    RecordReader reader;
    uint32_t step;
    Input input;
    const Config *growth;
} Line;

static bool line_next(Line *line) {
    if (line->session) {
        if (!session_input(line->session, line->step, &line->input)) return false;
        line->growth = journal_growth(&line->session->journal, line->step);
    } else {
        if (!records_next(&line->reader)) return false;
        line->input = line->reader.input;
        line->growth = line->reader.growth.hosts ? &line->reader.growth : NULL;
    }
    line->step++;
    return true;
}

static bool add_input(const Saver *saver, Records *block, Expected *expected, const Line *line) {
    uint8_t bytes[ORDER_NUMBERS * NUMBER_BYTES], *to = bytes;
    Input input = line->input;
    input.serial -= saver->earlier;
    if (input.packet.born) input.packet.born -= saver->earlier;
    if (input.conn.generation) input.conn.generation -= saver->earlier;
    if (input.kind == INPUT_ORDER) {
        Order order;
        uint64_t numbers[ORDER_NUMBERS];
        memcpy(&order, input.bytes, sizeof order);
        order_numbers(&order, numbers);
        for (int i = 0; i < ORDER_NUMBERS; i++) to = put_number(to, numbers[i]);
        input.bytes = bytes;
        input.length = (uint32_t)(to - bytes);
    }
    return records_add(block, expected, &input, line->growth);
}

static bool put_block(const Saver *saver, Records *block, uint32_t end, const World *world) {
    uint8_t head[HEAD_BYTES], *to = put_number(put_number(head, end - block->count), block->count);
    put_fixed(to, world_digest(world), DIGEST_BYTES);
    bool put = put_record(saver, 'I', head, (size_t)(to + DIGEST_BYTES - head), block->bytes, block->length);
    block->length = block->count = 0;
    return put;
}

/* `world` is the one before the line's first input, and freed. */
static bool put_inputs(const Saver *saver, Line *line, World *world) {
    Records block = {0};
    Expected expected = {0};
    bool good = world != NULL;
    while (good && line_next(line)) {
        good = add_input(saver, &block, &expected, line) &&
               (!line->growth || grow_world(&world, line->growth) == STATUS_OK) &&
               world_step(world, &line->input, NULL) == STATUS_OK;
        if (!good || (block.count < BLOCK_STEPS && block.length < BLOCK_BYTES)) continue;
        good = put_block(saver, &block, line->step, world);
        expected = (Expected){0};
    }
    if (good && block.count) good = put_block(saver, &block, line->step, world);
    records_free(&block);
    world_free(world);
    return good;
}

static World *first_world(const Session *session) { return world_from(session->snapshots.list[0].image); }

static bool put_present(const Saver *saver) {
    const Session *session = saver->session;
    const Future *present = futures_find(&session->futures, session->futures.present);
    Line line = {.session = session};
    return put_branch(saver, present ? present : &(Future){0}, session->journal.count) &&
           put_inputs(saver, &line, first_world(session));
}

static bool put_left(const Saver *saver, const Future *future) {
    Line line = {.step = future->fork};
    records_open(&line.reader, &future->tail);
    return put_branch(saver, future, future_steps(future)) &&
           put_inputs(saver, &line, session_branch_world(saver->session, future->number, future->fork));
}

/* Parents before children: in rounds, each of which puts the children of those of the round before. */
static bool put_all_left(const Saver *saver) {
    const Futures *futures = &saver->session->futures;
    bool put[LIMIT_BRANCHES] = {false};
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < futures->count; i++) {
            const Future *future = &futures->list[i], *parent = futures_find(futures, future->parent);
            if (put[i] || future->number == futures->present || (parent && !put[parent - futures->list])) continue;
            put[i] = more = true;
            if (!put_left(saver, future)) return false;
        }
    }
    return true;
}

static bool put_place(const Saver *saver) {
    const Futures *futures = &saver->session->futures;
    uint8_t bytes[HEAD_BYTES], *to = put_number(put_number(bytes, futures->present), saver->session->step);
    return put_head(saver, 'P', bytes, put_number(put_number(to, futures->newest), futures->given_up));
}

/* The serial number before all that are kept: that of a first step is the lowest. */
static uint32_t serial_before(const Session *session) {
    Input input;
    uint32_t lowest = session_input(session, 0, &input) ? input.serial : UINT32_MAX;
    for (uint32_t i = 0; i < session->futures.count; i++) {
        const Future *future = &session->futures.list[i];
        RecordReader reader;
        records_open(&reader, &future->tail);
        if (future->fork == 0 && records_next(&reader) && reader.input.serial < lowest) lowest = reader.input.serial;
    }
    return lowest == UINT32_MAX ? 0 : lowest - 1;
}

bool session_save(const Session *session, SaveWrite *write, void *self) {
    const Saver saver = {session, write, self, serial_before(session)};
    uint8_t begin[MAGIC_BYTES + NUMBER_BYTES];
    memcpy(begin, MAGIC, MAGIC_BYTES);
    const uint8_t *end = put_number(begin + MAGIC_BYTES, SAVE_VERSION);
    World *first = first_world(session);
    bool good = first && write(self, begin, (size_t)(end - begin)) && put_names(&saver) &&
                put_config(&saver, world_config(first));
    world_free(first);
    return good && put_present(&saver) && put_all_left(&saver) && put_place(&saver) &&
           put_head(&saver, 'E', begin, begin);
}
