/* commands.h - an input as the line of Lua that makes it. */
#ifndef TWOMSL_LUA_COMMANDS_H
#define TWOMSL_LUA_COMMANDS_H

#include "../text/text.h"

/* Adds what one types in that world to make the input. False: there are no words for it (a host outside the lab, a
 * connection that is gone), and what was added counts for nothing. */
bool add_command(Text *text, const World *world, const Input *input);

#endif
