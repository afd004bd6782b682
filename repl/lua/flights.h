/* flights.h - what became of packets, as data: p.fate and ladder(). */
#ifndef TWOMSL_LUA_FLIGHTS_H
#define TWOMSL_LUA_FLIGHTS_H

#include "running.h"

/* Pushes p.fate: a table that prints as one sentence. */
void push_fate(lua_State *L, const FlightView *flight);
/* The word ladder(). */
int flights_ladder(lua_State *L);

#endif
