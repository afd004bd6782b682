/* branches.c - futures that were left, and the way to them. */
#include <string.h>

#include "session_inside.h"

/* ---- Leaving the present future ---- */

static bool take_tail(const Session *session, Records *tail) {
    Expected expected = {0};
    Input input;
    for (uint32_t step = session->step; session_input(session, step, &input); step++) {
        if (records_add(tail, &expected, &input, journal_growth(&session->journal, step))) continue;
        records_free(tail);
        return false;
    }
    records_fit(tail);
    return true;
}

/* The present future ends here, and what comes after is kept. */
static Status leave_here(Session *session) {
    Records tail = {0};
    if (session->futures.present != TRUNK) {
        if (!take_tail(session, &tail)) return STATUS_LIMIT_MEMORY;
        futures_leave(&session->futures, session->step, &tail);
    }
    session_cut(session);
    return STATUS_OK;
}

Status session_leave(Session *session) {
    if (session->step == session->journal.count && session->futures.present != TRUNK) return STATUS_OK;
    return futures_reserve(&session->futures) ? leave_here(session) : STATUS_LIMIT_MEMORY;
}

void session_branched(Session *session) {
    Futures *futures = &session->futures;
    if (futures->present == TRUNK) futures->present = futures_add(futures)->number;
}

/* ---- Going to another ---- */

/* The trunk ends at this step. */
static Status retreat(Session *session, uint32_t step) {
    if (session->step == step && session->journal.count == step && session->futures.present == TRUNK) return STATUS_OK;
    Status status = session_seek(session, step);
    return status == STATUS_OK ? leave_here(session) : status;
}

/* The trunk goes on with the future's tail up to its step `until`. */
static Status follow(Session *session, const Future *future, uint32_t until) {
    RecordReader reader;
    records_open(&reader, &future->tail);
    while (session->step < until && records_next(&reader)) {
        Status status = session_append(session, &reader.input, reader.growth.hosts ? &reader.growth : NULL);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static Status enter(Session *session, uint32_t number) {
    Futures *futures = &session->futures;
    for (;;) {
        uint32_t until;
        Future *to = futures_find(futures, number), *next = futures_way(futures, to, &until);
        Status status = retreat(session, next->fork);
        if (status == STATUS_OK) status = follow(session, next, until);
        if (status != STATUS_OK) return status;
        if (next == to) {
            futures_enter(futures, to);
            return STATUS_OK;
        }
        if (!futures_shorten(futures, next, until)) return STATUS_LIMIT_MEMORY;
    }
}

Status session_go_to_branch(Session *session, uint32_t number) {
    Futures *futures = &session->futures;
    const uint32_t present = futures->present, step = session->step;
    if (!futures_find(futures, number)) return STATUS_BAD_ARGUMENT;
    if (number == present) return session_seek(session, session->journal.count);
    futures->held = true;
    Status status = enter(session, number);
    bool left = futures->present != present;
    if (status != STATUS_OK && (!left || (present != TRUNK && enter(session, present) == STATUS_OK)))
        session_seek(session, step);
    futures->held = false;
    return status;
}

/* ---- Looking ---- */

uint32_t session_branches(const Session *session) { return session->futures.count; }
uint32_t session_branches_lost(const Session *session) { return session->futures.given_up; }

/* The input that makes step `step` of a future's line. */
static bool input_of(const Session *session, const Future *future, uint32_t step, Input *input) {
    while (future && future->number != session->futures.present && future->fork > step)
        future = futures_find(&session->futures, future->parent);
    if (!future || future->number == session->futures.present) return session_input(session, step, input);
    RecordReader reader;
    records_open(&reader, &future->tail);
    for (uint32_t at = future->fork; records_next(&reader); at++) {
        if (at < step) continue;
        *input = reader.input;
        return true;
    }
    return false;
}

bool session_branch(const Session *session, uint32_t nth, Branch *branch) {
    const Futures *futures = &session->futures;
    if (nth >= futures->count) return false;
    const Future *future = &futures->list[nth];
    *branch = (Branch){.number = future->number, .name = future->name, .origin = future->origin};
    branch->present = future->number == futures->present;
    branch->steps = branch->present ? session->journal.count : future_steps(future);
    branch->began = future->began;
    if (future->origin) input_of(session, future, future->began, &branch->first);
    branch->first.bytes = NULL;
    return true;
}

Status session_name_branch(Session *session, uint32_t number, const char *name) {
    Future *future = futures_find(&session->futures, number);
    if (!future || strlen(name) > LIMIT_BRANCH_NAME) return STATUS_BAD_ARGUMENT;
    memcpy(future->name, name, strlen(name) + 1);
    return STATUS_OK;
}

/* Does the inputs of its tail from `from` up to before `to` again. */
static World *follow_on(World *world, const Future *future, uint32_t from, uint32_t to) {
    RecordReader reader;
    records_open(&reader, &future->tail);
    for (uint32_t step = future->fork; world && step < to && records_next(&reader); step++) {
        if (step < from) continue;
        bool grown = !reader.growth.hosts || grow_world(&world, &reader.growth) == STATUS_OK;
        if (grown && world_step(world, &reader.input, NULL) == STATUS_OK) continue;
        world_free(world);
        return NULL;
    }
    return world;
}

World *session_branch_world(const Session *session, uint32_t number, uint32_t step) {
    const Futures *futures = &session->futures;
    if (number == futures->present) return session_world_at(session, step);
    Future *to = futures_find(futures, number);
    if (!to || step > future_steps(to)) return NULL;
    const Future *way[LIMIT_BRANCHES + 1];
    uint32_t count = 0;
    for (const Future *at = to; at; at = futures_find(futures, at->parent)) way[count++] = at;
    uint32_t at = way[count - 1]->fork < step ? way[count - 1]->fork : step;
    World *world = session_world_at(session, at);
    while (count-- > 0 && world) {
        uint32_t until = count > 0 && way[count - 1]->fork < step ? way[count - 1]->fork : step;
        if (until <= at) continue;
        world = follow_on(world, way[count], at, until);
        at = until;
    }
    return world;
}
