/* packets.h - the kind of packets; wire.c opens it. */
#ifndef TWOMSL_LUA_PACKETS_H
#define TWOMSL_LUA_PACKETS_H

#include "objects.h"

extern const Kind packet_kind;

#endif
