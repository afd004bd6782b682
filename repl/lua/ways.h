/* ways.h - a way that a search has found: inputs that lead from one world to another. */
#ifndef TWOMSL_LUA_WAYS_H
#define TWOMSL_LUA_WAYS_H

#include "objects.h"

#define WAY "path"
extern const Kind way_kind;

/* Pushes the way to a point, or (EXPLORE_NONE) to what ended the search; nil where there is no memory for it. The table
 * at `anchors` keeps the bytes of its calls. */
void push_way(lua_State *L, Explore *explore, uint32_t point, int anchors);
/* (commands, [path]): pushes the path from the beginning of the history, whose first steps were made by the commands,
 * one for each step or "" where the one before made it too, and which goes on with the other path. */
int join_way(lua_State *L);
/* Steps of the way at `index`; 0: it is none. */
lua_Integer way_length(lua_State *L, int index);
/* Pushes a list of its inputs, delays too: {call="wire[1]:drop()", step="what happens then"}. */
void push_inputs(lua_State *L, int index);
/* The word replay(). */
int replay_way(lua_State *L);

#endif
