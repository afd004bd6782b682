/* trace.h - how the world writes a trace; how it is read is in ../trace.h. */
#ifndef TWOMSL_TRACE_TRACE_H
#define TWOMSL_TRACE_TRACE_H

#include "../engine.h"

/* A place for another event, to be filled in; valid until the next one. NULL: out of memory. */
Event *trace_append(Trace *trace);
/* Keeps the datagram that the newest event is about, whose cause must be filled in. False: out of memory. */
bool trace_attach(Trace *trace, const uint8_t *bytes, uint32_t length);

#endif
