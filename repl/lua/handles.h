/* handles.h - pushing objects and finding them in arguments: below the libraries that say what such an object can do.
 */
#ifndef TWOMSL_LUA_HANDLES_H
#define TWOMSL_LUA_HANDLES_H

#include "objects.h"

/* The names of the kinds. */
#define HOST "host"
#define RULES "rules"
#define CONNECTION "connection"
#define SND "snd"
#define RCV "rcv"
#define PACKET "packet"
#define WIRE "wire"
#define ORDER "order"
#define EVENT "event"
#define STEP "step"
#define STEPS "steps"
#define STAGE "stage"
#define PANELS "panels"

typedef struct HostHandle {
    HostId id;
    char name[LIMIT_HOST_NAME + 1]; /* another host may get the number of one that was undone */
} HostHandle;
void push_host(lua_State *L, HostId host); /* nil for HOST_NONE */
/* False: the host does not exist at this point of the history. */
bool host_look(lua_State *L, const HostHandle *host, HostView *view);
HostId host_by_name(const World *world, const char *name, size_t length); /* HOST_NONE: there is none */

typedef struct RulesHandle {
    HostHandle host;
    ConnId conn; /* CONN_NONE: the host's */
} RulesHandle;
/* `conn` CONN_NONE: the host's; else what this connection does, of its own or as its host. */
void push_rules(lua_State *L, HostId host, ConnId conn);

typedef struct ConnHandle {
    ConnId id;
} ConnHandle;
void push_conn(lua_State *L, ConnId conn); /* nil for CONN_NONE */

typedef struct PacketHandle {
    PacketId id;
} PacketHandle;
void push_packet(lua_State *L, PacketId packet); /* nil for PACKET_NONE */
/* The packet at `index`; false where none stands there. */
bool packet_at(lua_State *L, int index, PacketId *packet);

/* An event object is a copy: it keeps what it says, whatever is undone later. */
void push_event(lua_State *L, const Event *event);

#endif
