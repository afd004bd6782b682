/* checksum.c - the Internet checksum (RFC 1071) over an IPv4 header and a TCP segment (RFC 9293 3.1). */
#include <string.h>

#include "wire.h"

/* The ones' complement sum is the same in any byte order (RFC 1071 2 (B)), so words are added as they lie in memory,
 * several at a time: 64 bits hold the sum of any datagram's halves. */
static uint64_t sum_add(uint64_t sum, const uint8_t *bytes, size_t length) {
    uint64_t other = 0;
    for (; length >= 16; bytes += 16, length -= 16) {
        uint64_t words[2];
        memcpy(words, bytes, 16);
        sum += (words[0] & UINT32_MAX) + (words[0] >> 32);
        other += (words[1] & UINT32_MAX) + (words[1] >> 32);
    }
    sum += other;
    while (length >= 4) {
        uint32_t word;
        memcpy(&word, bytes, 4);
        sum += word;
        bytes += 4;
        length -= 4;
    }
    if (length > 0) {
        uint8_t rest[4] = {0};
        memcpy(rest, bytes, length);
        uint32_t word;
        memcpy(&word, rest, 4);
        sum += word;
    }
    return sum;
}

static uint16_t sum_fold(uint64_t sum) {
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    uint16_t folded = (uint16_t)sum;
    uint8_t bytes[2];
    memcpy(bytes, &folded, 2);
    return get16(bytes);
}

uint16_t checksum_of(const uint8_t *bytes, size_t length) { return (uint16_t)~sum_fold(sum_add(0, bytes, length)); }

static uint64_t pseudo_header_sum(const uint8_t *datagram, size_t segment_bytes) {
    uint8_t pseudo[12] = {0};
    memcpy(pseudo, datagram + AT_IP_SOURCE, 8);
    pseudo[9] = IP_PROTOCOL_TCP;
    put16(pseudo + 10, (uint32_t)segment_bytes);
    return sum_add(0, pseudo, sizeof pseudo);
}

uint16_t tcp_sum(const uint8_t *datagram, size_t header, size_t length) {
    return sum_fold(sum_add(pseudo_header_sum(datagram, length - header), datagram + header, length - header));
}

uint16_t segment_checksum(const uint8_t *datagram, size_t length) {
    DatagramParts parts = datagram_parts(datagram, length);
    if (!parts.ip || length - parts.segment < TCP_HEADER_FIXED) return 0;
    uint32_t sum = tcp_sum(datagram, parts.segment, length);
    uint32_t stands = get16(datagram + parts.segment + AT_TCP_CHECKSUM);
    /* Taking a term out of a ones' complement sum adds its complement. */
    sum += (uint16_t)~stands;
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

bool ip_checksum_right(const uint8_t *datagram, size_t length) {
    DatagramParts parts = datagram_parts(datagram, length);
    return parts.ip && checksum_of(datagram, parts.segment) == 0;
}

bool segment_complete_checksum(uint8_t *datagram, size_t length) {
    DatagramParts parts = datagram_parts(datagram, length);
    if (!parts.ip || length - parts.segment < TCP_HEADER_FIXED) return false;
    uint8_t *field = datagram + parts.segment + AT_TCP_CHECKSUM;
    uint16_t right = segment_checksum(datagram, length);
    uint16_t partial = sum_fold(pseudo_header_sum(datagram, length - parts.segment));
    if (get16(field) == right || get16(field) != partial) return false;
    put16(field, right);
    return true;
}
