#include "records.h"

#include "scene.h"

void records_clear(Records *records) {
    if (records->world) world_free(records->world);
    records->world = NULL;
    records->count = 0;
}

static void read_record(const Records *records, const World *world, Record *record) {
    ConnView view;
    for (int side = 0; side < 2; side++) {
        bool known = world_conn(world, records->conns[side], &view) && !view.gone;
        for (int i = 0; i < TIMER_COUNT; i++) record->timers[side][i] = known ? view.timers[i] : MICROS_NEVER;
    }
}

static bool begin(Records *records, const Session *session, uint32_t first) {
    records_clear(records);
    records->world = session_world_at(session, first);
    if (!records->world) return false;
    records->first = first;
    records->count = 1;
    read_record(records, records->world, &records->record[0]);
    return true;
}

/* The world after one more step. */
static bool go_on(Records *records, const Session *session) {
    Input input;
    uint32_t step = records->first + records->count - 1;
    if (!session_input(session, step, &input)) return false;
    if (world_step(records->world, &input, NULL) != STATUS_OK) { /* it had to grow there */
        world_free(records->world);
        records->world = session_world_at(session, step + 1);
    }
    if (!records->world) return false;
    read_record(records, records->world, &records->record[records->count++]);
    return true;
}

bool records_update(Records *records, const Session *session, const ConnId conns[2], uint32_t first, uint32_t last) {
    if (world_bytes(session_world(session)) > SHELF_BYTES) {
        records_clear(records);
        return false;
    }
    if (last >= first + RECORDS) first = last + 1 - RECORDS;
    bool same = records->world && records->epoch == session_epoch(session) && conn_eq(records->conns[0], conns[0]) &&
                conn_eq(records->conns[1], conns[1]);
    bool reaches = same && first >= records->first && last < records->first + RECORDS;
    records->epoch = session_epoch(session);
    for (int side = 0; side < 2; side++) records->conns[side] = conns[side];
    if (!reaches && !begin(records, session, first)) return false;
    while (records->first + records->count <= last)
        if (!go_on(records, session)) return false;
    return true;
}
