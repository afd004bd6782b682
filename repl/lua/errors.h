/* errors.h - the messages shown when a job fails. */
#ifndef TWOMSL_LUA_ERRORS_H
#define TWOMSL_LUA_ERRORS_H

#include "running.h"

/* Message handler of every job: gives error values that are no strings a position. */
int lab_message_handler(lua_State *L);
/* Makes the error value on top of the stack (status LUA_ERR...) the lab's last error. Leaves the stack as it is. */
void lab_describe(Lab *lab, lua_State *L, int status);
/* Keeps the names that a typed line makes local: a later line that misses them gets a hint. */
void lab_note_locals(lua_State *L, const char *line);
/* Sets the lab's last error. */
void lab_say_error(Lab *lab, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
