/* running.c - see running.h. */
#include "running.h"

#include <stdlib.h>
#include <string.h>

enum { POLL_COST = 100 /* instructions that one round of a loop in C counts as */ };

Lab *lab_of(lua_State *L) {
    Lab *lab = NULL;
    memcpy(&lab, lua_getextraspace(L), sizeof lab);
    return lab;
}

void lab_print(Lab *lab, const char *text, size_t length) {
    const LabPort *port = &lab->config.port;
    void (*print)(void *self, const char *text, size_t length) = lab->print_aside ? port->aside : port->print;
    if (print) print(port->self, text, length);
}

/* ---- Interrupts and the budget ---- */

bool lab_unwinds(const Lab *lab) { return lab->interrupted || lab->exhausted; }

/* The job is to end, and no pcall may go on instead. */
static bool must_stop(const Lab *lab) { return lab->running && lab_unwinds(lab); }

static void stop(lua_State *L) {
    lua_pushliteral(L, "interrupted");
    lua_error(L);
}

static void look(lua_State *L) {
    Lab *lab = lab_of(L);
    lab->look_at = lab->spent + HOOK_COUNT;
    if (lab->config.budget && lab->spent > lab->config.budget) lab->exhausted = true;
    if (must_stop(lab)) stop(L);
    if (lab->tick) lab->tick(lab->tick_self);
}

/* Runs every HOOK_COUNT instructions of every thread. Ctrl-C is sticky: while it is pending each further instruction
 * fails too, so that pcall and the script's own coroutines unwind as well. */
void lab_hook(lua_State *L, lua_Debug *activation) {
    (void)activation;
    Lab *lab = lab_of(L);
    lab->spent += (uint64_t)lua_gethookcount(L);
    bool over = lab->config.budget && lab->spent > lab->config.budget;
    int count = must_stop(lab) || over ? 1 : HOOK_COUNT;
    if (lua_gethookcount(L) != count) lua_sethook(L, lab_hook, LUA_MASKCOUNT, count);
    look(L);
}

bool lab_interrupt(Lab *lab) {
    if (!lab->job) return false;
    lab->interrupted = 1;
    /* Async-signal-safe. Other threads of the script notice when their own count is up. */
    if (lab->running) lua_sethook(lab->job, lab_hook, LUA_MASKCOUNT, 1);
    return true;
}

void lab_poll(lua_State *L) {
    lab_of(L)->spent += POLL_COST;
    look(L);
}

void lab_spend(lua_State *L, uint64_t instructions) {
    Lab *lab = lab_of(L);
    lab->spent += instructions;
    if (lab->spent >= lab->look_at) look(L);
}

/* ---- Waiting ---- */

static bool may_wait(lua_State *L) {
    const Lab *lab = lab_of(L);
    return L == lab->job && lua_isyieldable(L);
}

bool lab_lags(lua_State *L) {
    const LabPort *port = &lab_of(L)->config.port;
    return port->lags && may_wait(L) && port->lags(port->self);
}

static int caught_up(lua_State *L, int status, lua_KContext results) {
    (void)status;
    if (lab_lags(L)) return lua_yieldk(L, 0, results, caught_up);
    return (int)results;
}

int lab_catch_up(lua_State *L, int results) { return caught_up(L, LUA_OK, results); }

bool lab_asks(lua_State *L, const char *prompt) {
    Lab *lab = lab_of(L);
    const LabPort *port = &lab->config.port;
    if (!port->pause || !may_wait(L) || !port->pause(port->self, prompt)) return false;
    free(lab->answer);
    free(lab->prompt);
    lab->answer = NULL;
    lab->prompt = strdup(prompt ? prompt : "");
    lab->asks = true;
    return true;
}

const char *lab_answered(lua_State *L) { return lab_of(L)->answer; }

static int paused(lua_State *L, int status, lua_KContext context) {
    (void)L;
    (void)status;
    (void)context;
    return 0;
}

int lab_pause(lua_State *L, const char *prompt) {
    if (lab_asks(L, prompt)) return lua_yieldk(L, 0, 0, paused);
    return 0;
}
