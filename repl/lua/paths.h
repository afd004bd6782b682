/* paths.h - which files a script may open: those in its own folder or below; a person at the prompt any. */
#ifndef TWOMSL_LUA_PATHS_H
#define TWOMSL_LUA_PATHS_H

#include "running.h"

/* The path of the file to read whose name is argument 1; it may be pushed. Raises where it may not be opened. One that
 * does not exist is let through: whoever opens it says so. */
const char *path_to_read(lua_State *L);
/* The path of the file to write whose name is argument 1; it may be pushed. Raises where it may not be written. */
const char *path_to_write(lua_State *L);

#endif
