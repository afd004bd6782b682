/* codec.c - bytes of an IPv4 datagram to a Segment and back, with both checksums (RFC 791 3.1, RFC 9293 3.1). */
#include <string.h>

#include "../engine.h"

enum {
    IP_HEADER = 20,
    TCP_HEADER = 20,
    PROTOCOL_TCP = 6,
    OPTIONS_MAX = 40,
    KIND_END = 0,
    KIND_NOP = 1,
    KIND_MSS = 2,
    KIND_WSCALE = 3,
    KIND_SACK_PERMITTED = 4,
    KIND_SACK = 5,
    KIND_TIMESTAMPS = 8
};

static uint16_t get16(const uint8_t *p) { return (uint16_t)((p[0] << 8) | p[1]); }
static uint32_t get32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}
static void put16(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}
static void put32(uint8_t *p, uint32_t value) {
    put16(p, value >> 16);
    put16(p + 2, value & 0xffff);
}

/* The ones' complement sum is the same in any byte order (RFC 1071 2), so words are added as they lie in memory, as
 * many at a time as the processor has hands for: 64 bits hold the sum of any datagram's halves. */
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

static uint16_t ip_checksum(const uint8_t *header, size_t length) {
    return (uint16_t)~sum_fold(sum_add(0, header, length));
}

/* The sum over pseudo-header and segment, the checksum field taken as it stands. */
static uint16_t tcp_sum(const uint8_t *datagram, size_t header, size_t length) {
    uint8_t pseudo[12] = {0};
    memcpy(pseudo, datagram + 12, 8);
    pseudo[9] = PROTOCOL_TCP;
    put16(pseudo + 10, (uint32_t)(length - header));
    return sum_fold(sum_add(sum_add(0, pseudo, sizeof pseudo), datagram + header, length - header));
}

uint16_t segment_checksum(const uint8_t *datagram, size_t length) {
    size_t header = (size_t)(datagram[0] & 15) * 4;
    if (length < header + TCP_HEADER) return 0;
    uint32_t sum = tcp_sum(datagram, header, length);
    uint32_t stands = get16(datagram + header + 16);
    /* Taking a term out of a ones' complement sum adds its complement. */
    sum += (uint16_t)~stands;
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint32_t segment_length(const Segment *segment) {
    return segment->data_length + ((segment->flags & FLAG_SYN) ? 1u : 0u) + ((segment->flags & FLAG_FIN) ? 1u : 0u);
}

/* ---- Options ---- */

static void read_option(Options *options, uint8_t kind, const uint8_t *body, size_t length) {
    if (kind == KIND_MSS && length == 2) options->mss = get16(body);
    if (kind == KIND_WSCALE && length == 1) options->wscale = body[0];
    if (kind == KIND_SACK_PERMITTED && length == 0) options->sack_permitted = true;
    if (kind == KIND_TIMESTAMPS && length == 8) {
        options->timestamps = true;
        options->ts_value = get32(body);
        options->ts_echo = get32(body + 4);
    }
    if (kind == KIND_SACK && length >= 8 && length <= 32 && length % 8 == 0) {
        options->sack_count = (uint8_t)(length / 8);
        for (size_t i = 0; i < options->sack_count; i++)
            options->sack[i] = (SackBlock){seq_of(get32(body + 8 * i)), seq_of(get32(body + 8 * i + 4))};
    }
}

/* At any alignment (MUST-64), unknown kinds skipped (MUST-6), bad lengths survived (MUST-7). */
static bool read_options(Options *options, const uint8_t *p, size_t length) {
    *options = OPTIONS_NONE;
    size_t i = 0;
    while (i < length && p[i] != KIND_END) {
        if (p[i] == KIND_NOP) {
            i++;
            continue;
        }
        if (i + 1 >= length || p[i + 1] < 2 || i + p[i + 1] > length) return false;
        read_option(options, p[i], p + i + 2, (size_t)p[i + 1] - 2);
        i += p[i + 1];
    }
    return true;
}

static size_t put_timestamps(uint8_t *p, const Options *options) {
    p[0] = KIND_TIMESTAMPS;
    p[1] = 10;
    put32(p + 2, options->ts_value);
    put32(p + 6, options->ts_echo);
    return 10;
}

static size_t put_sack(uint8_t *p, const Options *options) {
    p[0] = KIND_NOP;
    p[1] = KIND_NOP;
    p[2] = KIND_SACK;
    p[3] = (uint8_t)(2 + 8 * options->sack_count);
    for (size_t i = 0; i < options->sack_count; i++) {
        put32(p + 4 + 8 * i, options->sack[i].left.value);
        put32(p + 8 + 8 * i, options->sack[i].right.value);
    }
    return 4 + 8 * (size_t)options->sack_count;
}

static size_t put_scale(uint8_t *p, const Options *options) {
    if (options->wscale == OPTION_NO_WSCALE) return 0;
    const uint8_t scale[4] = {KIND_NOP, KIND_WSCALE, 3, options->wscale};
    memcpy(p, scale, 4);
    return 4;
}

/* The two share words: SACK-permitted stands where the NOPs before the timestamps would. Alone it is filled up before
 * it or, where it comes last, behind it. */
static size_t put_permitted_and_timestamps(uint8_t *p, const Options *options, bool last) {
    const uint8_t permitted[4] = {KIND_NOP, KIND_NOP, KIND_SACK_PERMITTED, 2},
                  alone[4] = {KIND_SACK_PERMITTED, 2, KIND_END, KIND_END};
    if (!options->timestamps) {
        memcpy(p, last ? alone : permitted, 4);
        return options->sack_permitted ? 4 : 0;
    }
    memcpy(p, options->sack_permitted ? permitted + 2 : permitted, 2);
    return 2 + put_timestamps(p + 2, options);
}

/* Returns the bytes written, a multiple of four, at most 72 (p must have room); what is past OPTIONS_MAX the caller
 * refuses. */
static size_t write_options(uint8_t *p, const Options *options) {
    size_t n = 0;
    if (options->mss) {
        p[n] = KIND_MSS;
        p[n + 1] = 4;
        put16(p + n + 2, options->mss);
        n += 4;
    }
    bool scale_first = options->order == OPTION_ORDER_MSS_SCALE_SACK_TS;
    if (scale_first) n += put_scale(p + n, options);
    n += put_permitted_and_timestamps(p + n, options, scale_first && !options->sack_count);
    if (!scale_first) n += put_scale(p + n, options);
    if (options->sack_count) n += put_sack(p + n, options);
    return n;
}

/* ---- The whole datagram ---- */

/* Completes an IP header in which type of service, id and time to live stand. */
static void put_ip(uint8_t *bytes, uint8_t protocol, size_t length, Addr src, Addr dst) {
    bytes[0] = 0x45;
    put16(bytes + 2, (uint32_t)length);
    put16(bytes + 6, 0x4000); /* do not fragment */
    bytes[9] = protocol;
    put32(bytes + 12, addr_number(src));
    put32(bytes + 16, addr_number(dst));
    put16(bytes + 10, 0);
    put16(bytes + 10, ip_checksum(bytes, IP_HEADER));
}

/* The datagram's length, and its options written down; 0 past a limit. */
static size_t measure(const Segment *segment, uint8_t options[80], size_t *options_length) {
    if (segment->options.sack_count > 4) return 0;
    *options_length = write_options(options, &segment->options);
    size_t length = IP_HEADER + TCP_HEADER + *options_length + segment->data_length;
    return *options_length > OPTIONS_MAX || length > LIMIT_DATAGRAM ? 0 : length;
}

size_t segment_size(const Segment *segment) {
    uint8_t options[80];
    size_t options_length;
    return measure(segment, options, &options_length);
}

size_t segment_encode(const Segment *segment, uint8_t *bytes, size_t capacity) {
    uint8_t options[80];
    size_t options_length;
    size_t length = measure(segment, options, &options_length);
    if (length == 0 || length > capacity) return 0;

    memset(bytes, 0, IP_HEADER + TCP_HEADER);
    bytes[1] = segment->tos;
    put16(bytes + 4, segment->ip_id);
    bytes[8] = segment->ttl;
    put_ip(bytes, PROTOCOL_TCP, length, segment->src.addr, segment->dst.addr);

    uint8_t *tcp = bytes + IP_HEADER;
    put16(tcp, segment->src.port);
    put16(tcp + 2, segment->dst.port);
    put32(tcp + 4, segment->seq.value);
    put32(tcp + 8, segment->ack.value);
    tcp[12] = (uint8_t)((TCP_HEADER + options_length) / 4 << 4);
    tcp[13] = segment->flags;
    put16(tcp + 14, segment->window);
    put16(tcp + 18, segment->urgent);
    memcpy(tcp + TCP_HEADER, options, options_length);
    if (segment->data_length) memcpy(tcp + TCP_HEADER + options_length, segment->data, segment->data_length);
    put16(tcp + 16, (uint16_t)~tcp_sum(bytes, IP_HEADER, length));
    return length;
}

static void read_tcp(Segment *segment, const uint8_t *tcp) {
    segment->src.port = get16(tcp);
    segment->dst.port = get16(tcp + 2);
    segment->seq = seq_of(get32(tcp + 4));
    segment->ack = seq_of(get32(tcp + 8));
    segment->flags = tcp[13];
    segment->window = get16(tcp + 14);
    segment->urgent = get16(tcp + 18);
}

DecodeResult segment_decode(const uint8_t *bytes, size_t length, Segment *segment) {
    *segment = (Segment){.options = OPTIONS_NONE};
    if (length < IP_HEADER) return DECODE_SHORT;
    size_t header = (size_t)(bytes[0] & 15) * 4;
    if (bytes[0] >> 4 != 4 || header < IP_HEADER) return DECODE_NOT_IPV4;
    segment->tos = bytes[1];
    segment->ip_id = get16(bytes + 4);
    segment->ttl = bytes[8];
    segment->src.addr = addr_of(get32(bytes + 12));
    segment->dst.addr = addr_of(get32(bytes + 16));
    if (length < header || get16(bytes + 2) != length) return DECODE_SHORT;
    if (ip_checksum(bytes, header) != 0) return DECODE_IP_CHECKSUM;
    if (get16(bytes + 6) & 0x3fff) return DECODE_FRAGMENT;
    if (bytes[9] != PROTOCOL_TCP) return DECODE_NOT_TCP;
    if (length < header + TCP_HEADER) return DECODE_SHORT;

    const uint8_t *tcp = bytes + header;
    read_tcp(segment, tcp);
    size_t data_at = (size_t)(tcp[12] >> 4) * 4;
    if (data_at < TCP_HEADER || header + data_at > length) return DECODE_SHORT;
    segment->data = tcp + data_at;
    segment->data_length = (uint16_t)(length - header - data_at);
    if (tcp_sum(bytes, header, length) != 0xffff) return DECODE_TCP_CHECKSUM;
    if (!read_options(&segment->options, tcp + TCP_HEADER, data_at - TCP_HEADER)) return DECODE_OPTIONS;
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

/* ---- ICMP errors: 8 bytes, then the IP header and 8 bytes of what they are about (RFC 792) ---- */

enum { PROTOCOL_ICMP = 1, ICMP_HEADER = 8, QUOTED = 8, ICMP_LENGTH = IP_HEADER + ICMP_HEADER + IP_HEADER + QUOTED };

size_t icmp_encode(const Icmp *icmp, uint8_t *bytes, size_t capacity) {
    if (capacity < ICMP_LENGTH) return 0;
    memset(bytes, 0, ICMP_LENGTH);
    put16(bytes + 4, 1);
    bytes[8] = 64;
    put_ip(bytes, PROTOCOL_ICMP, ICMP_LENGTH, icmp->src, icmp->dst);
    uint8_t *message = bytes + IP_HEADER, *quoted = message + ICMP_HEADER;
    message[0] = icmp->type;
    message[1] = icmp->code;
    put16(quoted + 4, 1);
    quoted[8] = 64;
    put_ip(quoted, PROTOCOL_TCP, IP_HEADER + TCP_HEADER, icmp->about_src.addr, icmp->about_dst.addr);
    put16(quoted + IP_HEADER, icmp->about_src.port);
    put16(quoted + IP_HEADER + 2, icmp->about_dst.port);
    put32(quoted + IP_HEADER + 4, icmp->about_seq.value);
    put16(message + 2, ip_checksum(message, ICMP_LENGTH - IP_HEADER));
    return ICMP_LENGTH;
}

static bool is_error(uint8_t type) {
    return type == ICMP_UNREACHABLE || type == ICMP_SOURCE_QUENCH || type == ICMP_TIME_EXCEEDED ||
           type == ICMP_PARAMETER_PROBLEM;
}

bool icmp_decode(const uint8_t *bytes, size_t length, Icmp *icmp) {
    if (length < ICMP_LENGTH || bytes[0] >> 4 != 4) return false;
    size_t header = (size_t)(bytes[0] & 15) * 4;
    if (header < IP_HEADER || header + ICMP_HEADER + IP_HEADER + QUOTED > length) return false;
    if (bytes[9] != PROTOCOL_ICMP || get16(bytes + 2) != length || ip_checksum(bytes, header) != 0) return false;
    const uint8_t *message = bytes + header, *quoted = message + ICMP_HEADER;
    if (ip_checksum(message, length - header) != 0 || !is_error(message[0])) return false;
    size_t inner = (size_t)(quoted[0] & 15) * 4;
    if (quoted[0] >> 4 != 4 || inner < IP_HEADER || header + ICMP_HEADER + inner + QUOTED > length ||
        quoted[9] != PROTOCOL_TCP)
        return false;
    *icmp = (Icmp){.src = addr_of(get32(bytes + 12)),
                   .dst = addr_of(get32(bytes + 16)),
                   .type = message[0],
                   .code = message[1],
                   .about_src = {addr_of(get32(quoted + 12)), get16(quoted + inner)},
                   .about_dst = {addr_of(get32(quoted + 16)), get16(quoted + inner + 2)},
                   .about_seq = seq_of(get32(quoted + inner + 4))};
    return true;
}

const char *icmp_text(uint8_t type, uint8_t code) {
    static const char *const unreachable[] = {"network unreachable", "host unreachable",     "protocol unreachable",
                                              "port unreachable",    "fragmentation needed", "source route failed"};
    switch (type) {
    case ICMP_UNREACHABLE:
        return code < sizeof unreachable / sizeof unreachable[0] ? unreachable[code] : "destination unreachable";
    case ICMP_SOURCE_QUENCH: return "source quench";
    case ICMP_TIME_EXCEEDED: return code == 0 ? "time to live exceeded" : "fragment reassembly time exceeded";
    case ICMP_PARAMETER_PROBLEM: return "parameter problem";
    default: return "ICMP";
    }
}
