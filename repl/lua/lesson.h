/* lesson.h - what prelude.lua plays lessons with. */
#ifndef TWOMSL_LUA_LESSON_H
#define TWOMSL_LUA_LESSON_H

#include <lua.h>

/* Pushes the table of functions that prelude.lua gets as its argument. */
void lesson_push_machinery(lua_State *L);

#endif
