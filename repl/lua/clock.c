/* clock.c - time and steps: one step is one thing that happens, whichever is due first. */
#include "act.h"
#include "arguments.h"
#include "events.h"
#include "handles.h"
#include "library.h"
#include "past.h"
#include "raise.h"

/* The condition that ends a walk. A walk may yield to the window after every step, so its state is in its arguments:
 * stack 1 is the function of run(f) or nil, 2 the step at which it began, 3 its bound, 4 how many steps it made, 5 how
 * many it may make. */
typedef enum Walk { WALK_RUN, WALK_UNTIL, WALK_SETTLE, WALK_COUNT, WALK_TIME, WALK_INSTANT } Walk;

enum {
    STEPS_MOST = 100000, /* of one call of run, settle or wait; or, where much exists at its beginning: */
    STEPS_FOR_EACH = 20  /* as many for each packet in flight and each record of a connection */
};

static uint32_t here(lua_State *L) { return session_step(lab_session_of(L)); }

static lua_Integer steps_most(lua_State *L) {
    lua_Integer things = (lua_Integer)world_packets(world_of(L)) + world_config(world_of(L))->conns;
    return things > STEPS_MOST / STEPS_FOR_EACH ? things * STEPS_FOR_EACH : STEPS_MOST;
}

static int too_long(lua_State *L, Walk walk) {
    Text next = TEXT_EMPTY;
    text_next(&next, world_of(L));
    push_text(L, &next);
    if (walk == WALK_TIME) {
        push_seconds(L, (Micros)lua_tointeger(L, 3) - world_now(world_of(L)));
        return luaL_error(
            L,
            "wait: stopped after %d steps with %f s to go; next %s. Wait again for the rest, or stop what "
            "goes on (close, abort, drop)",
            (int)lua_tointeger(L, 5), lua_tonumber(L, -1), lua_tostring(L, -2));
    }
    return luaL_error(L,
                      "stopped after %d steps: something goes on for ever; next %s. Stop it (close, abort, drop), or "
                      "walk with step(n) or wait(s)",
                      (int)lua_tointeger(L, 5), lua_tostring(L, -1));
}

/* What run(f) asks before every step. */
static bool holds(lua_State *L) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    bool is_true = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_true;
}

/* Somebody may have gone back meanwhile, to before it began. */
static int walked(lua_State *L) {
    uint32_t begin = (uint32_t)lua_tointeger(L, 2), end = here(L);
    push_steps(L, begin < end ? begin : end, end);
    return 1;
}

static void make_step(lua_State *L, const Input *next) {
    act_surely(L, next, "step");
    lua_pushinteger(L, lua_tointeger(L, 4) + 1);
    lua_replace(L, 4);
}

static bool goes_on(lua_State *L, Walk walk, const Input *next) {
    switch (walk) {
    case WALK_RUN: return world_busy(world_of(L));
    case WALK_SETTLE:
    case WALK_UNTIL: return true;
    case WALK_COUNT: return lua_tointeger(L, 4) < lua_tointeger(L, 3);
    case WALK_TIME: return next->at <= (Micros)lua_tointeger(L, 3);
    case WALK_INSTANT: return lua_tointeger(L, 4) == 0 || next->at <= world_now(world_of(L));
    }
    return false;
}

/* The last step was one of two hosts that answer each other without end, by the rule ack_acks. */
static bool in_a_storm(lua_State *L) {
    const Session *session = lab_session_of(L);
    const Trace *trace = session_trace(session);
    uint32_t step = here(L), from = step ? session_events_at(session, step - 1) : 0;
    for (uint32_t i = session_events(session); i-- > from;)
        if (trace_at(trace, i).rule == RULE_ORACLE_STORM) return true;
    return false;
}

/* The clock has nothing more to do before the moment at index 3: it moves there. */
static void pass_time(lua_State *L) {
    Input wait = {.kind = INPUT_WAIT, .at = (Micros)lua_tointeger(L, 3)};
    if (wait.at > MICROS_LATEST)
        luaL_error(L, "wait: the virtual clock ends at %f s", (lua_Number)(MICROS_LATEST / MICROS_PER_SECOND));
    if (wait.at > world_now(world_of(L))) act_surely(L, &wait, "wait");
}

static int walk_on(lua_State *L, int status, lua_KContext context) {
    (void)status;
    Walk walk = (Walk)context;
    for (;;) {
        if (walk != WALK_INSTANT && lab_lags(L)) return lua_yieldk(L, 0, context, walk_on);
        lab_poll(L);
        if (walk == WALK_UNTIL && holds(L)) {
            lua_pushboolean(L, 1);
            return 1;
        }
        Input next;
        bool any = world_next(world_of(L), &next);
        if (!any || !goes_on(L, walk, &next)) break;
        if (walk != WALK_COUNT && lua_tointeger(L, 4) >= lua_tointeger(L, 5)) return too_long(L, walk);
        make_step(L, &next);
        if (walk != WALK_COUNT && walk != WALK_TIME && in_a_storm(L)) break;
    }
    if (walk == WALK_UNTIL) {
        lua_pushboolean(L, 0);
        return 1;
    }
    if (walk == WALK_TIME) pass_time(L);
    return walked(L);
}

static int walk_from(lua_State *L, Walk walk, lua_Integer bound) {
    lua_settop(L, 1);
    lua_pushinteger(L, here(L));
    lua_pushinteger(L, bound);
    lua_pushinteger(L, 0);
    lua_pushinteger(L, steps_most(L));
    return walk_on(L, LUA_OK, walk);
}

/* ---- The words ---- */

static int step_packet(lua_State *L, PacketId packet) {
    PacketView view;
    if (!world_packet(world_of(L), packet, &view)) return packet_gone_error(L, packet, "step");
    Input input = {.kind = INPUT_DELIVER, .packet = packet};
    act_surely(L, &input, "step");
    push_step(L, here(L) - 1);
    return lab_catch_up(L, 1);
}

static int step(lua_State *L) {
    PacketId packet;
    if (lua_isnoneornil(L, 1)) {
        Input next;
        if (!world_next(world_of(L), &next)) {
            lua_pushnil(L);
            return 1;
        }
        act_surely(L, &next, "step");
        push_step(L, here(L) - 1);
        return lab_catch_up(L, 1);
    }
    if (packet_at(L, 1, &packet)) return step_packet(L, packet);
    lua_Integer count;
    if (!is_whole(L, 1, &count) || count < 1 || count > INT32_MAX) {
        return lab_argument_error(L, 1, "it takes nothing, how many steps (1 or more), or a packet, not %s",
                                  lua_type(L, 1) == LUA_TNUMBER ? luaL_tolstring(L, 1, NULL) : kind_of_value(L, 1));
    }
    return walk_from(L, WALK_COUNT, count);
}

static int run(lua_State *L) {
    if (lua_isnoneornil(L, 1)) return walk_from(L, WALK_RUN, 0);
    if (!lua_isfunction(L, 1)) {
        return lab_argument_error(
            L, 1, "it takes nothing or a function, run(function() return c.state == \"ESTABLISHED\" end), not %s",
            kind_of_value(L, 1));
    }
    return walk_from(L, WALK_UNTIL, 0);
}

static int settle(lua_State *L) { return walk_from(L, WALK_SETTLE, 0); }

/* The picture shows it as one. */
static int instant(lua_State *L) {
    walk_from(L, WALK_INSTANT, 0);
    return lab_catch_up(L, 1);
}

static int wait(lua_State *L) {
    Micros length = check_seconds(L, 1, 1, "the time", 0, 1e9);
    return walk_from(L, WALK_TIME, world_now(world_of(L)) + length);
}

static int now(lua_State *L) {
    push_seconds(L, world_now(world_of(L)));
    return 1;
}

static const Word words[] = {
    {"step", step, "step([n | p])", "does the next thing that happens and returns it; n steps; or delivers packet p",
     "print(step())", NULL},
    {"run", run, "run([f])",
     "goes on until nothing is in flight, nothing is to be sent again or acknowledged later, and no probe waits for "
     "its answer, or two hosts answer each other without end; with a function until it returns true",
     "print(run(function() return c.state == \"ESTABLISHED\" end))", NULL},
    {"settle", settle, "settle()", "goes on until nothing at all is left, through TIME_WAIT", "settle(); print(now())",
     NULL},
    {"instant", instant, "instant()",
     "does all that happens at the next moment of the virtual clock: every arrival and every timer that is due then",
     "print(instant())", NULL},
    {"wait", wait, "wait(s)", "lets s seconds pass, at most 100000 steps (more where much is in flight)",
     "wait(0.2); print(now())", NULL},
    {"now", now, "now()", "seconds of the virtual clock", "print(now())", NULL},
    {0}};
static const Kind *const kinds[] = {&step_kind, &steps_kind, NULL};
const Library clock_library = {"Time and steps", words, kinds, NULL};
