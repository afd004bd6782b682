/* segment.h - TCP segments and ICMP errors, as values and as datagrams. */
#ifndef TWOMSL_ENGINE_SEGMENT_H
#define TWOMSL_ENGINE_SEGMENT_H

#include "fields.h"
#include "names.h"
#include "tcp/seq.h"
#include "addr.h"

typedef struct SackBlock {
    Seq left, right;
} SackBlock;
typedef struct Options {
    uint16_t mss;   /* 0: absent */
    uint8_t wscale; /* OPTION_NO_WSCALE: absent */
    bool sack_permitted;
    bool timestamps;
    uint32_t ts_value, ts_echo;
    uint8_t sack_count; /* 0..SACK_BLOCKS */
    SackBlock sack[SACK_BLOCKS];
    uint8_t order; /* OPTION_ORDER_...: how a SYN's options are laid out */
} Options;
#define OPTION_NO_WSCALE UINT8_C(255)
enum { OPTION_ORDER_MSS_SACK_TS_SCALE, OPTION_ORDER_MSS_SCALE_SACK_TS };
#define OPTIONS_NONE ((Options){.wscale = OPTION_NO_WSCALE})

typedef struct Segment {
    Endpoint src, dst;
    Seq seq, ack;
    uint8_t flags;
    uint16_t window; /* as on the wire, unscaled */
    uint16_t urgent;
    uint8_t ttl, tos;
    uint16_t ip_id;
    Options options;
    const uint8_t *data; /* points into the datagram it was decoded from, or to what is to be encoded */
    uint16_t data_length;
} Segment;

/* How many sequence numbers it takes: data, SYN and FIN (RFC 9293 3.4). */
uint32_t segment_length(const Segment *segment);

typedef enum DecodeResult {
    DECODE_OK,
    DECODE_SHORT, /* fewer bytes than the headers say */
    DECODE_NOT_IPV4,
    DECODE_IP_CHECKSUM,
    DECODE_NOT_TCP,
    DECODE_FRAGMENT,
    DECODE_TCP_CHECKSUM, /* RFC 9293 MUST-3 */
    DECODE_OPTIONS       /* an option's length runs past the header, or is 0 or 1 (MUST-7) */
} DecodeResult;
const char *decode_text(DecodeResult result);

/* Reads one IPv4 datagram of `length` bytes. Fills `segment` as far as it got, also where it fails; on
 * DECODE_TCP_CHECKSUM and DECODE_OPTIONS everything but the options is valid. segment->data points into bytes. */
DecodeResult segment_decode(const uint8_t *bytes, size_t length, Segment *segment);
/* The length of the datagram that segment_encode() writes; 0 past a limit. */
size_t segment_size(const Segment *segment);
/* Writes the datagram with both checksums; returns its length, or 0 where `capacity` or a limit is exceeded. */
size_t segment_encode(const Segment *segment, uint8_t *bytes, size_t capacity);
/* The same with these bytes as its options, whatever they are, padded to a multiple of four with OPTION_END. */
size_t segment_encode_with(const Segment *segment, const uint8_t *options, size_t options_length, uint8_t *bytes,
                           size_t capacity);

/* The checksum that the TCP segment of a datagram should have (RFC 9293 3.1), whatever stands in the field; 0 where the
 * datagram has no whole TCP header. */
uint16_t segment_checksum(const uint8_t *datagram, size_t length);
/* A sender whose network card computes checksums leaves the folded sum of the pseudo-header in the field. Where that
 * stands, writes the real checksum in its place and returns true. */
bool segment_complete_checksum(uint8_t *datagram, size_t length);
/* Whether the IPv4 header's own checksum is right; false where there is no whole IPv4 header. */
bool ip_checksum_right(const uint8_t *datagram, size_t length);

/* An ICMP error about a segment, as a datagram (RFC 792, RFC 9293 3.9.2.2). */
typedef struct Icmp {
    Addr src, dst; /* who reports, to whom */
    uint8_t type, code;
    Endpoint about_src, about_dst; /* the segment it quotes */
    Seq about_seq;
} Icmp;
enum { ICMP_UNREACHABLE = 3, ICMP_SOURCE_QUENCH = 4, ICMP_TIME_EXCEEDED = 11, ICMP_PARAMETER_PROBLEM = 12 };
enum {
    ICMP_CODES = 6,    /* no type has a code from here on that has a name */
    ICMP_DATAGRAM = 56 /* bytes that icmp_encode() writes */
};
/* False where the datagram is no ICMP error about TCP, or its checksums are wrong. */
bool icmp_decode(const uint8_t *bytes, size_t length, Icmp *icmp);
/* Returns the bytes written (ICMP_DATAGRAM), or 0 where `capacity` is less. */
size_t icmp_encode(const Icmp *icmp, uint8_t *bytes, size_t capacity);
/* "destination unreachable: port unreachable" */
const char *icmp_text(uint8_t type, uint8_t code);

#endif
