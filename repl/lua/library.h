/* library.h - a library of the vocabulary: one table of words and the kinds of objects it brings. help(), completion
 * and the opening of the lab read these tables and no others. */
#ifndef TWOMSL_LUA_LIBRARY_H
#define TWOMSL_LUA_LIBRARY_H

#include "objects.h"

typedef struct Word {
    const char *name;
    lua_CFunction call;    /* NULL: a value that open() sets, or a function of prelude.lua or rfc.lua */
    const char *usage;     /* "step([n | p])" */
    const char *help;      /* what it does */
    const char *example;   /* Lua that runs after `help_before` */
    lua_CFunction choices; /* pushes a list of what may stand in quotes after it (lesson "op<Tab>); may be NULL */
} Word;

typedef struct Library {
    const char *title;          /* its heading in help() */
    const Word *words;          /* end with name NULL; may be NULL */
    const Kind *const *kinds;   /* end with NULL; may be NULL */
    void (*open)(lua_State *L); /* what is left to do; may be NULL */
} Library;

/* All of them, in the order of help(); ends with NULL. */
extern const Library *const libraries[];

extern const Library hosts_library, conns_library, packets_library, clock_library, history_library, look_library,
    search_library, what_if_library, stage_library, help_library, lesson_library, rfc_library;

#endif
