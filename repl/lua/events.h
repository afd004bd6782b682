/* events.h - events and steps in Lua: copies that keep what they say, whatever is undone later. */
#ifndef TWOMSL_LUA_EVENTS_H
#define TWOMSL_LUA_EVENTS_H

#include "objects.h"

extern const Kind event_kind, step_kind, steps_kind;
bool event_same(const Event *a, const Event *b);
/* The event at `index`: an event, a step (its main event), or a number as e.index counts. False: neither. */
bool event_at(lua_State *L, int index, Event *event);
/* Pushes what the input number `step` brought. */
void push_step(lua_State *L, uint32_t step);
/* Pushes steps [from, to) as one value: prints as lines. */
void push_steps(lua_State *L, uint32_t from, uint32_t to);

#endif
