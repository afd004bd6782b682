/* addr.h - IPv4 addresses and endpoints (an address with a port).
 *
 * An address is a struct, so that it is neither mixed up with other numbers nor computed with: what can be asked of it
 * is asked by name below. Only addr_of() and addr_number() know that it is a number of 32 bits.
 */
#ifndef TWOMSL_ENGINE_ADDR_H
#define TWOMSL_ENGINE_ADDR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Addr {
    uint32_t number; /* in host byte order: 0x7f000001 is 127.0.0.1 */
} Addr;

/* 0.0.0.0: no address, or any. */
#define ADDR_UNSPECIFIED ((Addr){0})

static inline Addr addr_of(uint32_t number) { return (Addr){number}; }
static inline uint32_t addr_number(Addr addr) { return addr.number; }
static inline bool addr_eq(Addr a, Addr b) { return a.number == b.number; }
static inline bool addr_is_unspecified(Addr addr) { return addr.number == 0; }

/* The address `n` places after `addr`: 127.0.0.1 and 2 make 127.0.0.3. */
static inline Addr addr_add(Addr addr, uint32_t n) { return (Addr){addr.number + n}; }
/* How many places `addr` lies after `first`; past 2^31 where it lies before it. */
static inline uint32_t addr_distance(Addr first, Addr addr) { return addr.number - first.number; }

/* 127.0.0.0/8 (RFC 1122 3.2.1.3 (g)). */
static inline bool addr_is_loopback(Addr addr) { return addr.number >> 24 == 127; }
/* One host, by the form of its address (RFC 1122 3.2.1.3): not "this network" (0.0.0.0/8), multicast (224.0.0.0/4),
 * reserved (240.0.0.0/4), limited broadcast, nor the broadcast address of loopback's network. */
static inline bool addr_is_unicast(Addr addr) {
    return addr.number >> 24 != 0 && addr.number < 0xe0000000u && addr.number != 0x7fffffffu;
}

enum { ADDR_TEXT = 16 };
/* Writes "127.0.0.1" to text; returns text. */
const char *addr_text(Addr addr, char text[ADDR_TEXT]);
/* Reads "127.0.0.1": four decimal numbers up to 255 of at most three digits; false where text is anything else. */
bool addr_parse(const char *text, Addr *addr);

typedef struct Endpoint {
    Addr addr;
    uint16_t port; /* in host byte order */
} Endpoint;

/* 0.0.0.0:0: the remote end of a listener, for one. */
#define ENDPOINT_NONE ((Endpoint){{0}, 0})

static inline bool endpoint_eq(Endpoint a, Endpoint b) { return addr_eq(a.addr, b.addr) && a.port == b.port; }
/* Address and port in one number, different for different endpoints, below 2^48: for tables and digests. */
static inline uint64_t endpoint_key(Endpoint endpoint) { return (uint64_t)endpoint.addr.number << 16 | endpoint.port; }

enum { ENDPOINT_TEXT = 24 };
/* Writes "127.0.0.1:7777" to text; returns text. */
const char *endpoint_text(Endpoint endpoint, char text[ENDPOINT_TEXT]);
/* Reads "127.0.0.1:7777", the port 0 to 65535; false where text is anything else. */
bool endpoint_parse(const char *text, Endpoint *endpoint);

#endif
