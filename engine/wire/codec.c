/* codec.c - bytes of an IPv4 datagram to a Segment and back, with both checksums (RFC 791 3.1, RFC 9293 3.1). */
#include <string.h>

#include "wire.h"

uint32_t segment_length(const Segment *segment) {
    return segment->data_length + ((segment->flags & FLAG_SYN) ? 1u : 0u) + ((segment->flags & FLAG_FIN) ? 1u : 0u);
}

void put_ip(uint8_t *bytes, uint8_t protocol, size_t length, Addr src, Addr dst) {
    bytes[AT_IP_VERSION] = 4 << 4 | IPV4_HEADER / 4;
    put16(bytes + AT_IP_LENGTH, (uint32_t)length);
    put16(bytes + AT_IP_FRAGMENTATION, IP_DONT_FRAGMENT);
    bytes[AT_IP_PROTOCOL] = protocol;
    put32(bytes + AT_IP_SOURCE, addr_number(src));
    put32(bytes + AT_IP_DESTINATION, addr_number(dst));
    put16(bytes + AT_IP_CHECKSUM, 0);
    put16(bytes + AT_IP_CHECKSUM, checksum_of(bytes, IPV4_HEADER));
}

/* What the datagram will be, 0 past a limit: its length. */
static size_t measure(size_t options_length, size_t data_length) {
    size_t length = IPV4_HEADER + TCP_HEADER_FIXED + options_length + data_length;
    return options_length > TCP_OPTIONS_MOST || length > LIMIT_DATAGRAM ? 0 : length;
}

size_t segment_size(const Segment *segment) {
    uint8_t options[OPTIONS_SCRATCH];
    if (segment->options.sack_count > SACK_BLOCKS) return 0;
    return measure(tcp_options_write(options, &segment->options), segment->data_length);
}

size_t segment_encode(const Segment *segment, uint8_t *bytes, size_t capacity) {
    uint8_t options[OPTIONS_SCRATCH];
    if (segment->options.sack_count > SACK_BLOCKS) return 0;
    return segment_encode_with(segment, options, tcp_options_write(options, &segment->options), bytes, capacity);
}

size_t segment_encode_with(const Segment *segment, const uint8_t *options, size_t options_length, uint8_t *bytes,
                           size_t capacity) {
    size_t padding = (TCP_OPTIONS_BOUNDARY - options_length % TCP_OPTIONS_BOUNDARY) % TCP_OPTIONS_BOUNDARY;
    size_t header = TCP_HEADER_FIXED + options_length + padding;
    size_t length = measure(options_length + padding, segment->data_length);
    if (length == 0 || length > capacity) return 0;

    memset(bytes, 0, IPV4_HEADER + TCP_HEADER_FIXED);
    bytes[AT_IP_TOS] = segment->tos;
    put16(bytes + AT_IP_ID, segment->ip_id);
    bytes[AT_IP_TTL] = segment->ttl;
    put_ip(bytes, IP_PROTOCOL_TCP, length, segment->src.addr, segment->dst.addr);

    uint8_t *tcp = bytes + IPV4_HEADER;
    put16(tcp + AT_TCP_SOURCE, segment->src.port);
    put16(tcp + AT_TCP_DESTINATION, segment->dst.port);
    put32(tcp + AT_TCP_SEQ, segment->seq.value);
    put32(tcp + AT_TCP_ACK, segment->ack.value);
    tcp[AT_TCP_OFFSET] = (uint8_t)(header / 4 << 4);
    tcp[AT_TCP_FLAGS] = segment->flags;
    put16(tcp + AT_TCP_WINDOW, segment->window);
    put16(tcp + AT_TCP_URGENT, segment->urgent);
    if (options_length) memcpy(tcp + TCP_HEADER_FIXED, options, options_length);
    if (padding) memset(tcp + TCP_HEADER_FIXED + options_length, OPTION_END, padding);
    if (segment->data_length) memcpy(tcp + header, segment->data, segment->data_length);
    put16(tcp + AT_TCP_CHECKSUM, (uint16_t)~tcp_sum(bytes, IPV4_HEADER, length));
    return length;
}

static void read_ip(Segment *segment, const uint8_t *ip) {
    segment->tos = ip[AT_IP_TOS];
    segment->ip_id = get16(ip + AT_IP_ID);
    segment->ttl = ip[AT_IP_TTL];
    segment->src.addr = addr_of(get32(ip + AT_IP_SOURCE));
    segment->dst.addr = addr_of(get32(ip + AT_IP_DESTINATION));
}

static void read_tcp(Segment *segment, const uint8_t *tcp) {
    segment->src.port = get16(tcp + AT_TCP_SOURCE);
    segment->dst.port = get16(tcp + AT_TCP_DESTINATION);
    segment->seq = seq_of(get32(tcp + AT_TCP_SEQ));
    segment->ack = seq_of(get32(tcp + AT_TCP_ACK));
    segment->flags = tcp[AT_TCP_FLAGS];
    segment->window = get16(tcp + AT_TCP_WINDOW);
    segment->urgent = get16(tcp + AT_TCP_URGENT);
}

DecodeResult segment_decode(const uint8_t *bytes, size_t length, Segment *segment) {
    *segment = (Segment){.options = OPTIONS_NONE};
    if (length < IPV4_HEADER) return DECODE_SHORT;
    size_t header = ip_header_length(bytes);
    if (ip_version(bytes) != 4 || header < IPV4_HEADER) return DECODE_NOT_IPV4;
    read_ip(segment, bytes);
    if (length < header || get16(bytes + AT_IP_LENGTH) != length) return DECODE_SHORT;
    if (checksum_of(bytes, header) != 0) return DECODE_IP_CHECKSUM;
    if (get16(bytes + AT_IP_FRAGMENTATION) & IP_IS_FRAGMENT) return DECODE_FRAGMENT;
    if (bytes[AT_IP_PROTOCOL] != IP_PROTOCOL_TCP) return DECODE_NOT_TCP;
    if (length < header + TCP_HEADER_FIXED) return DECODE_SHORT;

    const uint8_t *tcp = bytes + header;
    read_tcp(segment, tcp);
    size_t offset = tcp_header_length(tcp);
    if (offset < TCP_HEADER_FIXED || header + offset > length) return DECODE_SHORT;
    segment->data = tcp + offset;
    segment->data_length = (uint16_t)(length - header - offset);
    if (tcp_sum(bytes, header, length) != 0xffff) return DECODE_TCP_CHECKSUM;
    if (!tcp_options_read(&segment->options, tcp + TCP_HEADER_FIXED, offset - TCP_HEADER_FIXED)) return DECODE_OPTIONS;
    return DECODE_OK;
}

const char *decode_text(DecodeResult result) {
    switch (result) {
    case DECODE_OK: return "ok";
    case DECODE_SHORT: return "shorter than its headers say";
    case DECODE_NOT_IPV4: return "not IPv4";
    case DECODE_IP_CHECKSUM: return "wrong IP checksum";
    case DECODE_NOT_TCP: return "not TCP";
    case DECODE_FRAGMENT: return "a fragment";
    case DECODE_TCP_CHECKSUM: return "wrong TCP checksum";
    case DECODE_OPTIONS: return "an option's length is impossible";
    }
    return "?";
}
