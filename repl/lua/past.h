/* past.h - what exists, and packets as they are or were: one that is no longer in flight is found in the flights of the
 * trace. */
#ifndef TWOMSL_LUA_PAST_H
#define TWOMSL_LUA_PAST_H

#include "objects.h"

/* Raises where there is no memory for them. */
const Flights *flights_at(lua_State *L);
/* The host's connections, valid until the next change. Raises where there is no memory for them. */
HostConns conns_of(lua_State *L, HostId host);
/* The packet's flight as of now; false: the packet does not exist at this point of the history. */
bool flight_of(lua_State *L, PacketId packet, FlightView *flight);

typedef struct PacketPast {
    PacketView view;
    bool in_flight;
} PacketPast;
/* Raises where the packet does not exist at this point of the history. */
void packet_past(lua_State *L, PacketId packet, PacketPast *past);
/* Raises "packet 3 does not exist at this point of the history". Does not return. */
int packet_not_here_error(lua_State *L, PacketId packet);
/* Raises "packet 3 is no longer in flight: delivered at 0.050 s". Does not return. */
int packet_gone_error(lua_State *L, PacketId packet, const char *verb);

#endif
