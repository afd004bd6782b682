/* lists.h - tables whose items are made when they are looked at: a list of a million events costs a few bytes.
 *
 * Such a list reads like any table (#t, t[i], ipairs, pairs, table.sort) and prints as text. Its block holds what the
 * items are made from; an item is made anew each time. */
#ifndef TWOMSL_LUA_LISTS_H
#define TWOMSL_LUA_LISTS_H

#include "objects.h"

/* What prints shows a screen, unless more is asked for. */
enum { LINES_SHOWN = 50, LINES_MOST = 10000 };

/* The first member of a block. */
typedef struct List {
    uint32_t count;
    void (*item)(lua_State *L, const struct List *list, uint32_t index); /* pushes item `index`, from 0 */
    /* Pushes the list in words; NULL: the text that list_says() kept. */
    void (*words)(lua_State *L, const struct List *list);
} List;

/* Pushes a block of `size` zero bytes. */
void *list_push(lua_State *L, size_t size);
/* Keeps the text (and frees it) as what the list on top prints. */
void list_says(lua_State *L, Text *text);
/* Makes the block on top a list; `name` is its kind in messages. */
void list_finish(lua_State *L, const char *name);

/* A moment of the history that a list tells of. */
typedef struct Moment {
    uint32_t step, serial;
} Moment;
Moment moment_now(lua_State *L);
/* It lies in the present history, or in the future of the present moment. */
bool moment_exists(lua_State *L, Moment moment);

/* How many lines to show: the number at `index`, 1 to LINES_MOST; LINES_SHOWN where there is none. `what`: "how many
 * rows". */
uint32_t lines_at(lua_State *L, int index, const char *what);

#endif
