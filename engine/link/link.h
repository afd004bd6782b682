/* link.h - the raw wire over loopback in a private network, the wall clock, and random bytes.
 *
 * The only part of the engine that talks to the operating system. The program opens a RawWire, gives its Link to a
 * Session, and every delivered packet then really crosses the kernel's loopback device, where tcpdump sees it.
 */
#ifndef TWOMSL_LINK_H
#define TWOMSL_LINK_H

#include <sys/types.h>

#include "../engine.h"

typedef struct RawWire RawWire;

enum { RAW_TEXT = 256 };

/* Why the system refused: the step ("unshare", "uid_map", "lo up", "raw socket" ...), its errno, and what a person can
 * do about it. */
typedef struct RawRefusal {
    char step[RAW_TEXT];
    int error;
    char remedy[RAW_TEXT];
} RawRefusal;

/* Forks the helper that makes the private network, brings lo up, and opens the sockets. NULL: refused; `refusal` (NULL
 * is fine) says why, and no process and no descriptor is left behind. Call it from the main thread, early: the helper
 * ends when the thread that made it does. */
RawWire *raw_open(RawRefusal *refusal);
/* Ends the helper too. NULL is fine. */
void raw_close(RawWire *raw);
/* The link to give to session_new(). Valid as long as `raw`.
 *
 * carry() takes a whole IPv4 datagram with a TCP segment for an address that the private network has (127.0.0.0/8).
 * What the kernel hands back is the same datagram: it rewrites the IP total length and header checksum, and an IP id of
 * 0. It fails, with the reason in `error`, for what the kernel would not carry (a bad IP header, a fragment), for port
 * 0 as destination (no socket can be bound there to keep the kernel from answering RST), and where another program in
 * the network owns the destination. LINK_GONE: the helper has ended, or lo is down. */
Link raw_link(RawWire *raw);
/* The process that holds the private network, for setns() (twomsl attach, and tests that run tcpdump). */
pid_t raw_holder(const RawWire *raw);
/* Becomes readable when the helper has ended, for poll(). */
int raw_fd(const RawWire *raw);

/* ---- Linux's own TCP as a peer (kernel.c) ---- */

/* Gives `addr` to the kernel: what is carried there reaches Linux's TCP. It must be in 127.0.0.0/8, and nothing may
 * have been carried there before. False and errno: EADDRNOTAVAIL, EADDRINUSE, ENOSPC past eight addresses, or why no
 * socket could be had. */
bool raw_kernel(RawWire *raw, Addr addr);
/* Keeps the kernel from answering for `endpoint`, which is ours; needed before a socket of the kernel's connects to it.
 * (carry() does so for the source of what it carries to the kernel.) False and errno: EADDRINUSE where a program in the
 * network has it, EINVAL where it is no endpoint of ours. */
bool raw_guard(RawWire *raw, Endpoint endpoint);
/* The next segment that the kernel's TCP sent from an address of its own to one that is not: a whole datagram of that
 * length. 0: none came within `milliseconds`; -1 and errno: the socket failed, ENOTCONN before raw_kernel().
 * `offloaded`: Linux had left its checksum to a network card that lo does not have; it is right now. */
ptrdiff_t raw_receive(RawWire *raw, uint8_t *out, size_t capacity, int milliseconds, bool *offloaded);
/* Becomes readable when raw_receive() has something, for poll(); -1 before raw_kernel(). */
int raw_kernel_fd(const RawWire *raw);
/* A socket inside the network, for the application on the kernel's side: to be bound to an address of the kernel's own
 * before it connects. -1 and errno. */
int raw_socket(RawWire *raw, int domain, int type, int protocol);
/* Sets net.ipv4.NAME in the network ("tcp_timestamps", "0"). False and errno: ENOENT where this kernel has no such
 * setting (or shares it among all networks), EINVAL where it refuses the value, EROFS where /proc/sys may not be
 * written. */
bool raw_setting(RawWire *raw, const char *name, const char *value);
/* The state of the kernel's end, as netstat would show it; `remote` ENDPOINT_NONE asks for a listener. STATE_CLOSED:
 * there is none. */
State raw_kernel_state(const RawWire *raw, Endpoint local, Endpoint remote);

/* Fills `bytes` from the system's random source; false where there is none. For seeds. */
bool entropy(void *bytes, size_t length);
/* Monotonic wall time, in microseconds. */
Micros wall_clock(void);

/* ---- Other programs in the lab's network ---- */

/* Moves this process, which must have one thread, into the network of the process `holder` (user and net namespace).
 * False: `refusal`. */
bool raw_join(pid_t holder, RawRefusal *refusal);
/* Runs argv in that network, with CAP_NET_RAW, CAP_NET_ADMIN and CAP_NET_BIND_SERVICE kept across execve.
 * Only returns where it fails, with the step in `refusal`. */
void raw_attach_exec(pid_t holder, char *const argv[], RawRefusal *refusal);

/* Lets other processes of the same user find this lab: writes $XDG_RUNTIME_DIR/twomsl/lab-PID (or
 * /tmp/twomsl-UID/lab-PID). False: no such file could be written, errno says why; the lab works, only `twomsl attach`
 * will not find it. */
bool lab_announce(pid_t holder);
/* Takes the announcement back; does nothing in a process that did not announce. */
void lab_withdraw(void);
/* The holder of this user's lab that started last and still lives; -1: there is none, `refusal`. Those in
 * $XDG_RUNTIME_DIR come before those in /tmp. Clears away what dead labs left. */
pid_t lab_find(RawRefusal *refusal);

#endif
