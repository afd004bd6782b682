/* objects.h - userdata that stand for things of the world. One table, a Kind, says everything about one kind of object:
 * reading a field, the error for an unknown one, pairs(), help() and completion read it.
 *
 * All of them hold a handle, never a pointer: what they stand for may be gone or undone, and every use asks the world
 * again.
 */
#ifndef TWOMSL_LUA_OBJECTS_H
#define TWOMSL_LUA_OBJECTS_H

#include "memory.h"

typedef struct Field {
    const char *name;
    void (*push)(lua_State *L, const void *view); /* pushes its value; `view` comes from Kind.read */
    const char *help;
} Field;

typedef struct Method {
    const char *name;
    lua_CFunction call;
    const char *usage;   /* "c = A:connect(B, 80)" */
    const char *help;    /* what it does */
    const char *example; /* Lua that runs after `help_before` and prints something */
} Method;

typedef struct Kind {
    const char *name;                               /* "connection"; of handles.h */
    const char *phrase;                             /* "a connection", "the wire" */
    const char *sample;                             /* an expression that is one, after `help_before` */
    const char *letter;                             /* how help() calls one: "c" */
    const char *help;                               /* what it is */
    int (*read)(lua_State *L, const Field *field);  /* (object): looks it up and calls field->push; returns 1 */
    int (*item)(lua_State *L);                      /* __index of other keys: returns 0 where unknown; may be NULL */
    int (*set)(lua_State *L);                       /* __newindex; NULL: "fields are read-only" */
    int (*unknown)(lua_State *L, const char *name); /* raises the error for an unknown name; may be NULL */
    const Field *fields;                            /* end with name NULL; may be NULL */
    const Method *methods;                          /* end with name NULL; may be NULL */
    const luaL_Reg *meta;                           /* more metamethods: __tostring, __eq ...; may be NULL */
} Kind;

/* Lua that runs before every example of help(). */
extern const char help_before[];

void kind_open(lua_State *L, const Kind *kind);
/* The field of that name; NULL: there is none. */
const Field *kind_field(const Kind *kind, const char *name);
/* The kind of the object at `index`; NULL: no object of ours. */
const Kind *kind_at(lua_State *L, int index);
/* Pushes a list of the names of fields, and of methods with "(", for completion. */
void kind_push_names(lua_State *L, const Kind *kind);
/* Raises the error for the unknown field `name` of an object of this kind. */
int kind_unknown_field(lua_State *L, const Kind *kind, const char *name);

/* Pushes a new object of the kind of that name. */
void *object_push(lua_State *L, const char *kind, size_t size);
/* The object at `index`, or NULL where it is not of that kind. */
void *object_at(lua_State *L, int index, const char *kind);
/* Checks argument 1 of a method: "write it with a colon". */
void *object_self(lua_State *L, const char *kind, const char *method);

/* "a string", "a number", "a connection", "nothing": what the value at index is, for messages. */
const char *kind_of_value(lua_State *L, int index);
/* Adds "listen, connect, crash" to text. */
void words_join(Text *text, const char *const *words);
void push_seconds(lua_State *L, Micros time);

#endif
