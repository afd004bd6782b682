/* icmp.c - ICMP errors (RFC 792): a header of 8 bytes, then the IP header and the first 8 bytes of the segment they are
 * about. */
#include <string.h>

#include "wire.h"

enum {
    ICMP_HEADER = 8,
    AT_ICMP_TYPE = 0,
    AT_ICMP_CODE = 1,
    AT_ICMP_CHECKSUM = 2,
    QUOTED = 8 /* of the segment: its ports and sequence number */
};

_Static_assert(ICMP_DATAGRAM == IPV4_HEADER + ICMP_HEADER + IPV4_HEADER + QUOTED, "what icmp_encode() writes");

size_t icmp_encode(const Icmp *icmp, uint8_t *bytes, size_t capacity) {
    if (capacity < ICMP_DATAGRAM) return 0;
    memset(bytes, 0, ICMP_DATAGRAM);
    put16(bytes + AT_IP_ID, 1);
    bytes[AT_IP_TTL] = 64;
    put_ip(bytes, IP_PROTOCOL_ICMP, ICMP_DATAGRAM, icmp->src, icmp->dst);
    uint8_t *message = bytes + IPV4_HEADER, *quoted = message + ICMP_HEADER;
    message[AT_ICMP_TYPE] = icmp->type;
    message[AT_ICMP_CODE] = icmp->code;
    put16(quoted + AT_IP_ID, 1);
    quoted[AT_IP_TTL] = 64;
    put_ip(quoted, IP_PROTOCOL_TCP, IPV4_HEADER + TCP_HEADER_FIXED, icmp->about_src.addr, icmp->about_dst.addr);
    put16(quoted + IPV4_HEADER + AT_TCP_SOURCE, icmp->about_src.port);
    put16(quoted + IPV4_HEADER + AT_TCP_DESTINATION, icmp->about_dst.port);
    put32(quoted + IPV4_HEADER + AT_TCP_SEQ, icmp->about_seq.value);
    put16(message + AT_ICMP_CHECKSUM, checksum_of(message, ICMP_DATAGRAM - IPV4_HEADER));
    return ICMP_DATAGRAM;
}

static bool is_error(uint8_t type) {
    return type == ICMP_UNREACHABLE || type == ICMP_SOURCE_QUENCH || type == ICMP_TIME_EXCEEDED ||
           type == ICMP_PARAMETER_PROBLEM;
}

bool icmp_decode(const uint8_t *bytes, size_t length, Icmp *icmp) {
    if (length < ICMP_DATAGRAM || ip_version(bytes) != 4) return false;
    size_t header = ip_header_length(bytes);
    if (header < IPV4_HEADER || header + ICMP_HEADER + IPV4_HEADER + QUOTED > length) return false;
    if (bytes[AT_IP_PROTOCOL] != IP_PROTOCOL_ICMP || get16(bytes + AT_IP_LENGTH) != length ||
        checksum_of(bytes, header) != 0)
        return false;
    const uint8_t *message = bytes + header, *quoted = message + ICMP_HEADER;
    if (checksum_of(message, length - header) != 0 || !is_error(message[AT_ICMP_TYPE])) return false;
    size_t inner = ip_header_length(quoted);
    if (ip_version(quoted) != 4 || inner < IPV4_HEADER || header + ICMP_HEADER + inner + QUOTED > length ||
        quoted[AT_IP_PROTOCOL] != IP_PROTOCOL_TCP)
        return false;
    *icmp = (Icmp){
        .src = addr_of(get32(bytes + AT_IP_SOURCE)),
        .dst = addr_of(get32(bytes + AT_IP_DESTINATION)),
        .type = message[AT_ICMP_TYPE],
        .code = message[AT_ICMP_CODE],
        .about_src = {addr_of(get32(quoted + AT_IP_SOURCE)), get16(quoted + inner + AT_TCP_SOURCE)},
        .about_dst = {addr_of(get32(quoted + AT_IP_DESTINATION)), get16(quoted + inner + AT_TCP_DESTINATION)},
        .about_seq = seq_of(get32(quoted + inner + AT_TCP_SEQ))};
    return true;
}

const char *icmp_text(uint8_t type, uint8_t code) {
    static const char *const unreachable[ICMP_CODES] = {"network unreachable",  "host unreachable",
                                                        "protocol unreachable", "port unreachable",
                                                        "fragmentation needed", "source route failed"};
    switch (type) {
    case ICMP_UNREACHABLE: return code < ICMP_CODES ? unreachable[code] : "destination unreachable";
    case ICMP_SOURCE_QUENCH: return "source quench";
    case ICMP_TIME_EXCEEDED: return code == 0 ? "time to live exceeded" : "fragment reassembly time exceeded";
    case ICMP_PARAMETER_PROBLEM: return "parameter problem";
    default: return "ICMP";
    }
}
