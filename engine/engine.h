/* engine.h - the public face of the engine: everything outside engine/ includes only this (and link/link.h).
 *
 * A World is a value. An Input is the only thing that changes it. Every change appends Events to a Trace,
 * each naming the rule of the standard it followed and the event that caused it. Everything people see
 * reads those events (trace.h) and the views (views.h).
 *
 * Units: times are microseconds of the world's virtual clock, sizes are bytes, addresses and ports are in
 * host byte order. Nothing here blocks, reads a clock, or draws randomness from outside the world.
 */
#ifndef TWOMSL_ENGINE_H
#define TWOMSL_ENGINE_H

#include "names.h"
#include "rules.h"
#include "segment.h"
#include "input.h"
#include "views.h"
#include "orders.h"
#include "trace.h"
#include "session.h"
#include "save.h"
#include "explore.h"

#endif
