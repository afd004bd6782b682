/* command.h - commands of the program (`twomsl drill`, `twomsl explore`) that are scripts of the lab's own. */
#ifndef TWOMSL_LUA_COMMAND_H
#define TWOMSL_LUA_COMMAND_H

#include "running.h"

/* Runs scripts/NAME.lua with these arguments. It finds `machinery`, which ends with name NULL, in the global
 * NAME_machinery and takes it out of there, with three functions more:
 *   print(text)       as it stands
 *   fail()            the exit status will be 1
 *   misuse(message)   wrong usage: raises the message, the exit status will be 2 */
JobResult command_run(Lab *lab, const char *name, const luaL_Reg *machinery, int argc, char *const argv[]);

#endif
