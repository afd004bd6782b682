/* vocabulary.h - what the files of the vocabulary share: the values of Lua that stand for things of the world, and how
 * they are made and checked.
 *
 * All of them hold a handle, never a pointer: what they stand for may be gone or undone, and every use asks the world
 * again.
 */
#ifndef TWOMSL_LAB_VOCABULARY_H
#define TWOMSL_LAB_VOCABULARY_H

#include "../text/text.h"
#include "libs.h"

static inline const World *world_of(lua_State *L) { return session_world(lab_session_of(L)); }

/* ---- act.c: changing the world ---- */
/* Does the input as one step of the history. Raises an error where a limit is reached or the raw wire fails; any other
 * status is returned. */
Status act(lua_State *L, const Input *input);
/* The same, where a refusal can only be a mistake of the caller: raises "WHAT: <status>". */
void act_surely(lua_State *L, const Input *input, const char *what);
const Result *act_result(lua_State *L);

/* ---- objects.c: kinds of userdata ---- */
typedef struct Kind {
    const char *name;          /* "connection": its metatable's name too */
    const char *phrase;        /* "a connection", "the wire" */
    int (*get)(lua_State *L);  /* __index of fields: (object, name); pushes one value, or returns 0 where unknown */
    int (*set)(lua_State *L);  /* __newindex; NULL: "fields are read-only" */
    const luaL_Reg *methods;   /* may be NULL */
    const luaL_Reg *meta;      /* more metamethods: __tostring, __eq ...; may be NULL */
    const char *const *fields; /* names, ends with NULL: for errors, completion, pairs */
} Kind;
void kind_open(lua_State *L, const Kind *kind);
void *kind_push(lua_State *L, const Kind *kind, size_t size);
/* The object at `index`, or NULL. */
void *kind_test(lua_State *L, int index, const Kind *kind);
/* Checks argument 1 of a method: "call it with a colon". */
void *kind_self(lua_State *L, const Kind *kind, const char *method);
/* "a string", "a number", "a connection", "nothing": what the value at index is, for messages. */
const char *kind_of_value(lua_State *L, int index);
/* Adds "listen, connect, crash" to text. */
void words_join(Text *text, const char *const *words);
/* Pushes text as a string and frees it. */
void push_text(lua_State *L, Text *text);
void push_seconds(lua_State *L, Micros time);
/* Seconds at `index` as microseconds; raises where it is no number or past `most` seconds. `what` names it in the
 * message. */
Micros check_seconds(lua_State *L, int index, int argument, const char *what, double least, double most);
/* Makes the table at the top print as `text` (which it frees). */
void push_printed(lua_State *L, const char *name, Text *text);

/* ---- hosts.c ---- */
extern const Kind host_kind;
void push_host(lua_State *L, HostId host); /* nil for HOST_NONE */
HostId host_at(lua_State *L, int index);   /* HOST_NONE where no host stands there */
/* "A", "B" or an address at `index`, with or without ":port". False: neither. */
bool read_endpoint(lua_State *L, int index, Endpoint *endpoint, bool *has_port);
/* True where the options table at `index` is there; raises where it has a name that is not `allowed` (ends with NULL).
 */
bool options_at(lua_State *L, int index, const char *const *allowed);
/* ---- profiles.c ---- */
int host_profile(lua_State *L);
/* ---- host_rules.c ---- */
extern const Kind rules_kind;
/* `conn` CONN_NONE: the host's; else what this connection does, of its own or as its host. */
void push_rules(lua_State *L, HostId host, ConnId conn);
/* Sets the rule whose name stands at `name` to what stands at `value`. */
void rules_assign(lua_State *L, HostId host, int name, int value);

/* ---- conns.c ---- */
extern const Kind conn_kind, snd_kind, rcv_kind;
void push_conn(lua_State *L, ConnId conn); /* nil for CONN_NONE */

/* ---- packets.c, segments.c ---- */
extern const Kind packet_kind, wire_kind; /* wire.c */
void push_packet(lua_State *L, PacketId packet);
/* The packet at `index`; false where none stands there. */
bool packet_at(lua_State *L, int index, PacketId *packet);
/* What the packet at hand is or was: from the world, or when it has gone, from the event that sent it. */
typedef struct PacketPast {
    PacketView view;
    bool in_flight;
} PacketPast;
/* Raises where the packet does not exist at this point of the history. */
void packet_past(lua_State *L, PacketId packet, PacketPast *past);
/* Raises "packet 3 is no longer in flight: delivered at 0.050 s". Does not return. */
int packet_gone_error(lua_State *L, PacketId packet, const char *verb);
/* Pushes a field of a segment (seq, ack, flags ...); false where there is none of that name. */
bool segment_push_field(lua_State *L, const Segment *segment, const char *name);
extern const char *const segment_fields[];
/* Changes the segment as the table at `index` says: from, to, flags, seq, ack, win, urg, data, opts. Another name is an
 * error unless it is `also` (may be NULL). The segment's data then points into a string of that table. */
void segment_read_table(lua_State *L, int index, Segment *segment, const char *also);
/* Encodes and pushes the datagram as a string; raises where it is too long. */
const uint8_t *segment_push_datagram(lua_State *L, const Segment *segment, uint32_t *length);

/* ---- events.c ---- */
extern const Kind event_kind, step_kind, steps_kind;
void push_event(lua_State *L, const Event *event);
bool event_same(const Event *a, const Event *b);
/* The event at `index`: an event, a step (its main event), or a number as e.index counts. NULL: neither. */
const Event *event_at(lua_State *L, int index);
/* Pushes what the input number `step` brought. */
void push_step(lua_State *L, uint32_t step);
/* Pushes steps [from, to) as one value: prints as lines. */
void push_steps(lua_State *L, uint32_t from, uint32_t to);

/* ---- help_words.c: what help() says ---- */
typedef struct Word {
    const char *name;    /* "connect" */
    const char *usage;   /* how it is written: "c = A:connect(B, 80)" */
    const char *text;    /* what it does */
    const char *example; /* lines of Lua that run after the two lines every example begins with; NULL: a heading */
} Word;
extern const Word help_words[]; /* ends with name NULL */

/* ---- look.c ---- */
int look_columns(lua_State *L); /* how wide text may be */
/* Set a field of the table at the top of the stack; a host by its name, an endpoint as "127.0.0.1:80". */
void table_string(lua_State *L, const char *name, const char *value);
void table_whole(lua_State *L, const char *name, lua_Integer value);
void table_seconds(lua_State *L, const char *name, Micros time);
void table_end(lua_State *L, const char *name, Endpoint endpoint);
void table_host(lua_State *L, const char *name, HostId host);
void table_append(lua_State *L); /* the value at the top to the list below it */

/* ---- flights.c: what became of packets ---- */
/* The packet's flight as of now; false: the packet does not exist at this point of the history. */
bool flight_of(lua_State *L, PacketId packet, FlightView *flight);
/* Pushes p.fate: a table that prints as one sentence. */
void push_fate(lua_State *L, const FlightView *flight);

#endif
