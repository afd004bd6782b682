/* fields.h - what stands where in a datagram: header fields by name (RFC 791 3.1, RFC 9293 3.1), and raw options.
 *
 * engine/wire is the only place that counts the bytes of a header; everything else asks here.
 */
#ifndef TWOMSL_ENGINE_FIELDS_H
#define TWOMSL_ENGINE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lengths in bytes. */
enum {
    IPV4_HEADER = 20,      /* without options */
    TCP_HEADER_FIXED = 20, /* without options */
    TCP_OPTIONS_MOST = 40,
    TCP_OPTIONS_BOUNDARY = 4 /* options are filled up to a multiple of this */
};
enum { IP_PROTOCOL_ICMP = 1, IP_PROTOCOL_TCP = 6 };

/* ---- Fields ---- */

typedef enum HeaderKind { HEADER_IPV4, HEADER_TCP } HeaderKind;

typedef enum FieldId {
#define FIELD(id, filter, header, offset, width, name, brief, meaning) FIELD_##id,
#include "wire/fields.def"
    FIELD_COUNT
} FieldId;

typedef struct FieldInfo {
    const char *filter; /* Wireshark's name of it: "tcp.window_size_value" */
    HeaderKind header;
    uint16_t offset, width; /* in bits, from the header's first */
    const char *name;       /* the RFC's, in lower case; a flag's in capitals */
    const char *brief;      /* for narrow boxes */
    const char *meaning;    /* in plain words; the key of its translation */
} FieldInfo;
const FieldInfo *field_info(FieldId field);

/* Reads a field of a datagram; 0 where the datagram ends before it. An IPv4 field is read from the first bytes,
 * whatever they are, and a TCP field from what stands behind a whole IPv4 header (0 where there is none), whatever that
 * is. */
uint32_t field_value(const uint8_t *datagram, size_t length, FieldId field);

/* ---- Parts ---- */

/* Byte offsets in a datagram. */
typedef struct DatagramParts {
    bool ip;              /* a whole IPv4 header stands there */
    bool tcp;             /* behind it a whole TCP header, with its options */
    size_t segment;       /* where the TCP segment begins; 0 without `ip` */
    size_t options, data; /* where TCP's options and its data begin; 0 without `tcp` */
    size_t options_length, data_length;
} DatagramParts;
/* By the lengths in the headers alone: checksums may be wrong. */
DatagramParts datagram_parts(const uint8_t *datagram, size_t length);

/* ---- TCP's options ---- */

enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_WSCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMPS = 8,
    SACK_BLOCKS = 4,                /* most in one segment: 40 bytes hold no more (RFC 2018 3) */
    OPTION_VALUES = 2 * SACK_BLOCKS /* most values in one option: the edges of these blocks */
};
/* Bytes that segment_encode() writes for these, with the padding before them. */
enum {
    OPTION_TIMESTAMPS_BYTES = 12,
    OPTION_SACK_BYTES = 4, /* and for each block: */
    OPTION_SACK_BLOCK_BYTES = 8,
    SACK_BLOCKS_BESIDE_TIMESTAMPS = (TCP_OPTIONS_MOST - OPTION_TIMESTAMPS_BYTES - OPTION_SACK_BYTES) /
                                    OPTION_SACK_BLOCK_BYTES
};

typedef struct OptionInfo {
    uint8_t kind;
    const char *filter;  /* Wireshark's name of it, or of its first value: "tcp.options.mss_val" */
    const char *brief;   /* "mss" */
    const char *name;    /* "max segment size"; the key of its translation */
    uint8_t value_bytes; /* how long each value is; 0: it has none */
    uint8_t least, most; /* how many values it may have, in multiples of the least */
} OptionInfo;
/* "unknown option" for other kinds; never NULL. */
const OptionInfo *option_info(uint8_t kind);
/* NULL: no option has that brief name. */
const OptionInfo *option_find(const char *brief);

/* One option as it stands in a header. */
typedef struct RawOption {
    uint8_t kind;
    bool malformed;       /* its length is below 2 or past the end (MUST-7): what follows cannot be read */
    const uint8_t *bytes; /* kind, length, and the rest */
    size_t size;
    size_t count; /* values, where the kind is known and the size right for it; otherwise 0 */
    uint32_t values[OPTION_VALUES];
} RawOption;
/* Reads the option at `*at` and moves on. False at the end of the bytes. The padding behind an OPTION_END is read too:
 * who wants only the list stops there. */
bool option_next(const uint8_t *options, size_t length, size_t *at, RawOption *option);
/* Writes an option; returns its size, or 0 where `capacity` is less, or the option cannot have that many values. */
size_t option_encode(uint8_t kind, const uint32_t *values, size_t count, uint8_t *bytes, size_t capacity);

#endif
