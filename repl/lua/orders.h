/* orders.h - standing orders: given on the wire, for packets that are not sent yet. */
#ifndef TWOMSL_LUA_ORDERS_H
#define TWOMSL_LUA_ORDERS_H

#include "objects.h"

extern const Kind order_kind;
/* Methods of the wire: wire:drop{from=A, flags="ACK", times=1} and its like; each returns the order. */
int order_drop(lua_State *L);
int order_hold(lua_State *L);
int order_dup(lua_State *L);
int order_delay(lua_State *L);
int order_corrupt(lua_State *L);
/* Pushes the list of those that stand. */
void push_orders(lua_State *L);

#endif
