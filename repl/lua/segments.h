/* segments.h - a segment's fields in Lua: read one by one, and written as a table by edit and inject. */
#ifndef TWOMSL_LUA_SEGMENTS_H
#define TWOMSL_LUA_SEGMENTS_H

#include "running.h"

/* segment_push_seq() and its like: one function per field. */
#define SEGMENT_FIELD(name, help) void segment_push_##name(lua_State *L, const Segment *segment);
#include "segments.def"
/* The names of a table that says what a segment is, in the order in which their values are pushed. */
typedef enum SegmentName {
    SEGMENT_FROM,
    SEGMENT_TO,
    SEGMENT_FLAGS,
    SEGMENT_SEQ,
    SEGMENT_ACK,
    SEGMENT_WIN,
    SEGMENT_URG,
    SEGMENT_DATA,
    SEGMENT_OPTS,
    SEGMENT_SRC, /* the same as from and to: what a packet shows */
    SEGMENT_DST,
    SEGMENT_DELAY, /* only where it may be told */
    SEGMENT_NAMES
} SegmentName;
/* Pushes the values of the table at `index`; returns where that of SEGMENT_FROM stands. Another name is an error. */
int segment_push_fields(lua_State *L, int index, bool with_delay);
/* Changes the segment as the values from `first` on say. Its data then points into the string on the stack. Runs
 * nothing of the script, except to say what is wrong. */
void segment_read(lua_State *L, int first, Segment *segment);
/* Reads the flags "SYN,ACK" at `index`; raises where it is none. `name` is that of the field. */
uint8_t segment_flags_at(lua_State *L, int index, const char *name);
/* Encodes and pushes the datagram; raises where it is too long. */
const uint8_t *segment_push_datagram(lua_State *L, const Segment *segment, uint32_t *length);

/* bytes="...": a whole datagram. False: the table at `index` has none. */
bool segment_push_bytes(lua_State *L, int index, Input *input);

#endif
