/* scenes.h - a rule's scene: scripts/scenes.lua says how to come to it and plays it. */
#ifndef TWOMSL_LUA_SCENES_H
#define TWOMSL_LUA_SCENES_H

#include <lua.h>

/* Pushes the table of functions that scenes.lua gets as its argument. */
void scenes_push_machinery(lua_State *L);
/* Takes the function on top of the stack, which scenes.lua returns: it plays the scene of a rule. */
void scenes_keep(lua_State *L);

/* show(rule): the stack has the rule's name. */
int show_scene(lua_State *L);
/* Pushes the list of the names of rules. */
int scene_names(lua_State *L);

#endif
