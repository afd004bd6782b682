/* trace.h - how the world writes a trace; how it is read is in ../trace.h. */
#ifndef TWOMSL_TRACE_TRACE_H
#define TWOMSL_TRACE_TRACE_H

#include "../engine.h"

/* A place for another event; it never moves. NULL: out of memory. */
Event *trace_append(Trace *trace);
/* Keeps the datagram that the newest event is about. False: out of memory. */
bool trace_attach(Trace *trace, const uint8_t *bytes, uint32_t length);

/* How much a trace holds, so that it can be cut back to that. */
typedef struct TraceMark {
    uint32_t count;
    size_t used;
} TraceMark;
TraceMark trace_mark(const Trace *trace);
void trace_back(Trace *trace, TraceMark mark);

#endif
