/* lesson.h - what prelude.lua plays lessons with. */
#ifndef TWOMSL_LUA_LESSON_H
#define TWOMSL_LUA_LESSON_H

#include <lua.h>

/* Pushes the table of functions that prelude.lua gets as its argument. */
void lesson_push_machinery(lua_State *L);
/* A function of it, (x): what x, {en=, zh_CN=, zh_TW=} or text, says in the user's language; nil: x is neither. */
int lesson_words(lua_State *L);

#endif
