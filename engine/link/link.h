/* link.h - the impure rooms: the raw wire over loopback in a private network.
 *
 * The only part of the engine that talks to the operating system. The program opens a RawWire, gives its Link to a Session, and
 * every delivered packet then really crosses the kernel's loopback device, where tcpdump sees it.
 */
#ifndef TWOMSL_LINK_H
#define TWOMSL_LINK_H

#include <sys/types.h>

#include "../engine.h"

typedef struct RawWire RawWire;

enum { RAW_TEXT = 256 };

/* Where the system said no: the step ("unshare", "uid_map", "lo up", "raw socket" ...), its errno, and what a person can do about it. */
typedef struct RawRefusal {
    char step[RAW_TEXT];
    int error;
    char remedy[RAW_TEXT];
} RawRefusal;

/* Forks the helper that makes the private network, brings lo up, and opens what is needed. NULL: refused, and why. Leaves no process and no
 * descriptor behind where it fails. */
RawWire *raw_open(RawRefusal *refusal);
/* Ends the helper too. NULL is fine. */
void raw_close(RawWire *raw);
/* The link to give to session_new(). Valid as long as `raw`. */
Link raw_link(RawWire *raw);
/* The process that holds the private network, for setns() (twomsl attach, and tests that run tcpdump). */
pid_t raw_holder(const RawWire *raw);

/* Sixteen bytes from the system's random source; false where there is none. For seeds. */
bool entropy(void *bytes, size_t length);
/* Monotonic wall time, in microseconds. */
Micros wall_clock(void);

/* Runs argv in the network of the process `holder` (user and net namespace, with CAP_NET_RAW and CAP_NET_ADMIN kept across execve).
 * Only returns where it fails, with the step in `refusal`. */
void raw_attach_exec(pid_t holder, char *const argv[], RawRefusal *refusal);

#endif
