/* segments.h - a segment's fields in Lua: read one by one, and written as a table by edit and inject. */
#ifndef TWOMSL_LUA_SEGMENTS_H
#define TWOMSL_LUA_SEGMENTS_H

#include "running.h"

/* segment_push_seq() and its like: one function per field. */
#define SEGMENT_FIELD(name, help) void segment_push_##name(lua_State *L, const Segment *segment);
#include "segments.def"
/* Changes the segment as the table at `index` says: from, to, flags, seq, ack, win, urg, data, opts. Another name is an
 * error unless it is `also` (may be NULL). The segment's data then points into a string of that table. */
void segment_read_table(lua_State *L, int index, Segment *segment, const char *also);
/* Encodes and pushes the datagram as a string; raises where it is too long. */
const uint8_t *segment_push_datagram(lua_State *L, const Segment *segment, uint32_t *length);

#endif
