/* wire.h - what the files of engine/wire share: bytes in network order, where fields stand, checksums. */
#ifndef TWOMSL_WIRE_H
#define TWOMSL_WIRE_H

#include "../engine.h"

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)((p[0] << 8) | p[1]); }
static inline uint32_t get32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}
static inline void put16(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}
static inline void put32(uint8_t *p, uint32_t value) {
    put16(p, value >> 16);
    put16(p + 2, value & 0xffff);
}

/* The byte in its header that a field begins in: AT_TCP_WINDOW is 14. */
enum {
#define FIELD(id, filter, header, offset, width, name, brief, meaning) AT_##id = (offset) / 8,
#include "fields.def"
    AT_IP_FRAGMENTATION = AT_IP_RESERVED, /* the 16 bits of the IP flags and the fragment offset */
    AT_TCP_FLAGS = AT_TCP_CWR             /* the 8 bits that FLAG_FIN ... FLAG_CWR stand for */
};
enum { IP_DONT_FRAGMENT = 0x4000, IP_IS_FRAGMENT = 0x3fff /* MF, or an offset */ };

static inline unsigned ip_version(const uint8_t *ip) { return ip[AT_IP_VERSION] >> 4; }
/* In bytes. Below IPV4_HEADER: no IPv4 header. */
static inline size_t ip_header_length(const uint8_t *ip) { return (size_t)(ip[AT_IP_HEADER_LENGTH] & 15) * 4; }
static inline size_t tcp_header_length(const uint8_t *tcp) { return (size_t)(tcp[AT_TCP_OFFSET] >> 4) * 4; }

/* ---- checksum.c ---- */
/* The Internet checksum (RFC 1071) of bytes whose checksum field is zero; 0 over bytes whose checksum is right. */
uint16_t checksum_of(const uint8_t *bytes, size_t length);
/* The folded sum over pseudo-header and segment, the checksum field taken as it stands; 0xffff where it is right. */
uint16_t tcp_sum(const uint8_t *datagram, size_t header, size_t length);

/* ---- options.c ---- */
/* Reads a header's options (MUST-4). At any alignment (MUST-64); unknown kinds are skipped (MUST-6). False: one is
 * malformed (MUST-7); what stands before it has been read. */
bool tcp_options_read(Options *options, const uint8_t *bytes, size_t length);
/* Writes them; returns the bytes written, a multiple of four, at most OPTIONS_SCRATCH, which may be more than a header
 * holds. */
enum { OPTIONS_SCRATCH = 80 };
size_t tcp_options_write(uint8_t bytes[OPTIONS_SCRATCH], const Options *options);

/* ---- codec.c ---- */
/* Completes an IPv4 header of 20 bytes in which type of service, id and time to live stand. */
void put_ip(uint8_t *bytes, uint8_t protocol, size_t length, Addr src, Addr dst);

#endif
