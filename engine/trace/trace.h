/* trace.h - how the world writes a trace; how it is read is in ../trace.h. */
#ifndef TWOMSL_TRACE_TRACE_H
#define TWOMSL_TRACE_TRACE_H

#include "../engine.h"

/* A place for another event. Room was reserved: it stays where it is until the next reservation. */
Event *trace_append(Trace *trace);
/* Keeps the datagram that the newest event is about. */
void trace_attach(Trace *trace, const uint8_t *bytes, uint32_t length);
/* Room for so many more events, and for so many bytes of datagrams in all. False: no memory, or past the limit. */
bool trace_reserve(Trace *trace, uint32_t events, size_t bytes);

#endif
