/* results.h - what words return: tables with fields that print as text. */
#ifndef TWOMSL_LUA_RESULTS_H
#define TWOMSL_LUA_RESULTS_H

#include "objects.h"

/* How wide text may be: as the terminal is now; 80 where text goes elsewhere. */
int columns_of_text(lua_State *L);

/* Set a field of the table at the top of the stack; a host by its name, an endpoint as "127.0.0.1:80". */
void table_string(lua_State *L, const char *name, const char *value);
void table_whole(lua_State *L, const char *name, lua_Integer value);
void table_seconds(lua_State *L, const char *name, Micros time);
void table_end(lua_State *L, const char *name, Endpoint endpoint);
void table_host(lua_State *L, const char *name, HostId host);
void table_append(lua_State *L); /* the value at the top to the list below it */

/* Makes the table at the top print as `text` (which it frees). */
void push_printed(lua_State *L, const char *name, Text *text);

#endif
