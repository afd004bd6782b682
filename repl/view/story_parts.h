/* story_parts.h - shared by the files that make a story: story.c, story_axis.c (time), story_flights.c (packets),
 * story_streams.c (where sequence numbers begin), story_open.c (which packets are next). */
#ifndef TWOMSL_STORY_PARTS_H
#define TWOMSL_STORY_PARTS_H

#include "story.h"

#define STORY_MARK_HEIGHT 20.0

void story_add_column(Story *story, HostId host);

/* The instant of this time, which is the last or comes after it. */
void story_reach(Story *story, Micros time);

/* An event that puts a packet in flight. */
void story_add_flight(Story *story, const Session *session, const Event *event);
/* An event about a packet that is, or was, in flight. */
void story_change_flight(Story *story, const Session *session, const Event *event, Row *row);
void story_clear_flights(Story *story);

/* The newest of these addresses and ports; STREAM_NONE. */
uint32_t streams_find(const Streams *streams, Endpoint src, Endpoint dst);
/* A SYN with this number was sent. */
uint32_t streams_begin(Streams *streams, Endpoint src, Endpoint dst, Seq iss);
void streams_clear(Streams *streams);

/* Room for one more item. Out of memory the picture would be wrong, so the program ends. */
void *story_grow(void *items, size_t count, size_t *room, size_t size);
void *story_resize(void *items, size_t count, size_t size);
/* The flight is in flight, and due then: puts it in, or where it belongs now. */
void open_put(Story *story, uint32_t flight, Micros due);
void open_remove(Story *story, uint32_t flight);
/* Fills up to `capacity` flights, the next to arrive first; returns how many. */
size_t open_first(const Story *story, uint32_t *list, size_t capacity);

#endif
