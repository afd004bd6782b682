/* header.c - a datagram bit by bit: the picture of the RFC with values in it, then each field with its meaning. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { IP_HEADER = 20, TCP_HEADER = 20, BITS = 32 };

static unsigned get16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }

/* ---- The picture: rows of 32 bits, two columns of text per bit ---- */

static void add_border(Text *text) {
    for (int i = 0; i < BITS; i++) text_add(text, "+-");
    text_add(text, "+\n");
}

/* One box `bits` wide with its words in the middle; what does not fit is left out. */
static void add_box(Text *text, int bits, const char *words) {
    int room = bits * 2 - 1, width = text_columns(words, strlen(words));
    if (width > room) {
        words = "";
        width = 0;
    }
    int left = (room - width) / 2;
    text_add(text, "|%*s%s%*s", left, "", words, room - width - left, "");
}

static void add_row_end(Text *text) {
    text_add(text, "|\n");
    add_border(text);
}

static void add_box_format(Text *text, int bits, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add_box_format(Text *text, int bits, const char *format, ...) {
    char words[80];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    add_box(text, bits, words);
}

static void add_picture(Text *text, const uint8_t *tcp, unsigned options) {
    text_add(text, " 0                   1                   2                   3\n");
    text_add(text, " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1\n");
    add_border(text);
    add_box_format(text, 16, "source port %u", get16(tcp));
    add_box_format(text, 16, "destination port %u", get16(tcp + 2));
    add_row_end(text);
    add_box_format(text, 32, "sequence number %u", get32(tcp + 4));
    add_row_end(text);
    add_box_format(text, 32, "acknowledgment number %u", get32(tcp + 8));
    add_row_end(text);
    add_box_format(text, 4, "offs %u", tcp[12] >> 4);
    add_box(text, 4, "rsrvd");
    for (int bit = 7; bit >= 0; bit--) add_box(text, 1, tcp[13] >> bit & 1 ? &"F\0S\0R\0P\0A\0U\0E\0C"[bit * 2] : ".");
    add_box_format(text, 16, "window %u", get16(tcp + 14));
    add_row_end(text);
    add_box_format(text, 16, "checksum 0x%04x", get16(tcp + 16));
    add_box_format(text, 16, "urgent pointer %u", get16(tcp + 18));
    add_row_end(text);
    for (unsigned at = 0; at + 4 <= options; at += 4) {
        const uint8_t *word = tcp + TCP_HEADER + at;
        add_box_format(text, 32, "%s %02x %02x %02x %02x", at ? "       " : "options", word[0], word[1], word[2],
                       word[3]);
        add_row_end(text);
    }
}

/* ---- The fields ---- */

static void add_field(Text *text, const char *name, const char *meaning, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void add_field(Text *text, const char *name, const char *meaning, const char *format, ...) {
    char value[80];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    text_add(text, "  %-18s%-17s ", name, value);
    text_wrap(text, meaning, 38, 80);
    while (text->length && text->bytes[text->length - 1] == ' ') text->bytes[--text->length] = '\0';
    text_add(text, "\n");
}

static void add_ip(Text *text, const uint8_t *ip, size_t length) {
    char src[ENDPOINT_TEXT], dst[ENDPOINT_TEXT];
    snprintf(src, sizeof src, "%u.%u.%u.%u", ip[12], ip[13], ip[14], ip[15]);
    snprintf(dst, sizeof dst, "%u.%u.%u.%u", ip[16], ip[17], ip[18], ip[19]);
    unsigned header = (ip[0] & 15u) * 4u;
    uint32_t sum = 0;
    for (unsigned i = 0; i + 1 < header && i + 1 < length; i += 2) sum += get16(ip + i);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    text_add(text, "IPv4 header, %u bytes\n", header);
    add_field(text, "version", "", "%u", ip[0] >> 4);
    add_field(text, "total length", "header and what it carries, in bytes", "%u", get16(ip + 2));
    add_field(text, "identification", "", "%u", get16(ip + 4));
    add_field(text, "time to live", "hops left before a router drops it", "%u", ip[8]);
    add_field(text, "protocol", ip[9] == 6 ? "TCP" : ip[9] == 1 ? "ICMP" : "not TCP", "%u", ip[9]);
    add_field(text, "header checksum", sum == 0xffff ? "verified: correct" : "verified: WRONG", "0x%04x",
              get16(ip + 10));
    add_field(text, "source", "", "%s", src);
    add_field(text, "destination", "", "%s", dst);
}

static void add_flags(Text *text, uint8_t flags) {
    static const char *const meanings[8] = {
        "FIN: no more data comes from the sender",      "SYN: synchronize, the sequence number is the initial one",
        "RST: there is no such connection, or no more", "PSH: hand the data to the application",
        "ACK: the acknowledgment number counts",        "URG: the urgent pointer counts",
        "ECE: congestion was seen (RFC 3168)",          "CWR: the congestion window was reduced (RFC 3168)"};
    char names[FLAGS_TEXT];
    bool first = true;
    for (int bit = 0; bit < 8; bit++) {
        if (!(flags >> bit & 1)) continue;
        if (first) add_field(text, "flags", meanings[bit], "%s", flags_text(flags, names));
        else add_field(text, "", meanings[bit], "%s", "");
        first = false;
    }
    if (first) add_field(text, "flags", "no flag is set", "%s", "none");
}

static void add_tcp(Text *text, const uint8_t *datagram, size_t length, const Segment *segment) {
    const uint8_t *tcp = datagram + (datagram[0] & 15u) * 4u;
    char meaning[96];
    text_add(text, "TCP header, %u bytes\n", (tcp[12] >> 4) * 4u);
    add_field(text, "source port", "", "%u", segment->src.port);
    add_field(text, "destination port", "", "%u", segment->dst.port);
    add_field(text, "sequence number",
              segment->flags & FLAG_SYN ? "the initial sequence number: the SYN takes it"
              : segment_length(segment) ? "of the first byte (or FIN) in this segment"
                                        : "the next number it will send; this segment takes none",
              "%u", segment->seq.value);
    if (segment->flags & FLAG_ACK)
        snprintf(meaning, sizeof meaning, "everything before it has arrived; this is expected next");
    else snprintf(meaning, sizeof meaning, "does not count: ACK is not set");
    add_field(text, "acknowledgment", meaning, "%u", segment->ack.value);
    snprintf(meaning, sizeof meaning, "the header takes %u bytes", (tcp[12] >> 4) * 4u);
    add_field(text, "data offset", meaning, "%u", tcp[12] >> 4);
    add_flags(text, segment->flags);
    add_field(text, "window", "bytes the sender of this segment can take (unscaled)", "%u", segment->window);
    uint16_t right = segment_checksum(datagram, length);
    if (get16(tcp + 16) == right) snprintf(meaning, sizeof meaning, "verified: correct");
    else snprintf(meaning, sizeof meaning, "verified: WRONG, should be 0x%04x", right);
    add_field(text, "checksum", meaning, "0x%04x", get16(tcp + 16));
    add_field(text, "urgent pointer",
              segment->flags & FLAG_URG ? "urgent data ends that far behind the sequence number"
                                        : "does not count: URG is not set",
              "%u", segment->urgent);
}

/* ---- Options: read here once more from the bytes, so that unknown and broken ones are shown too ---- */

static const char *option_name(uint8_t kind) {
    switch (kind) {
    case 0: return "end of options";
    case 1: return "no operation";
    case 2: return "max segment size";
    case 3: return "window scale";
    case 4: return "SACK permitted";
    case 5: return "SACK";
    case 8: return "timestamps";
    default: return "unknown option";
    }
}

static void add_option(Text *text, const uint8_t *option, unsigned length) {
    char meaning[96];
    snprintf(meaning, sizeof meaning, "kind %u, %u byte%s", option[0], length, length == 1 ? ": padding" : "s");
    switch (option[0]) {
    case 2:
        if (length == 4) snprintf(meaning, sizeof meaning, "bytes of data the sender takes in one segment");
        add_field(text, option_name(2), meaning, "%u", length == 4 ? get16(option + 2) : 0);
        return;
    case 3:
        if (length == 3) snprintf(meaning, sizeof meaning, "windows are multiplied by 2^%u", option[2]);
        add_field(text, option_name(3), meaning, "%u", length == 3 ? option[2] : 0);
        return;
    case 5:
        for (unsigned at = 2; at + 8 <= length; at += 8)
            add_field(text, at == 2 ? option_name(5) : "", "kept out of order: left and right edge", "%u-%u",
                      get32(option + at), get32(option + at + 4));
        return;
    case 8:
        if (length != 10) break;
        snprintf(meaning, sizeof meaning, "the sender's clock; it echoes %u", get32(option + 6));
        add_field(text, option_name(8), meaning, "%u", get32(option + 2));
        return;
    default: break;
    }
    add_field(text, option_name(option[0]), meaning, "%s", "");
}

static void add_options(Text *text, const uint8_t *options, unsigned length) {
    text_add(text, "Options, %u bytes\n", length);
    for (unsigned at = 0; at < length;) {
        uint8_t kind = options[at];
        unsigned size = kind < 2 ? 1 : at + 1 < length ? options[at + 1] : 0;
        if (size == 0 || (kind >= 2 && size < 2) || at + size > length) {
            add_field(text, option_name(kind), "its length makes no sense: the segment is dropped", "%s", "");
            return;
        }
        add_option(text, options + at, size);
        if (kind == 0) return;
        at += size;
    }
}

static void add_payload(Text *text, const uint8_t *data, size_t length) {
    text_add(text, "Data, %zu byte%s\n", length, length == 1 ? "" : "s");
    for (size_t at = 0; at < length; at += 16) {
        text_add(text, "  %04zx ", at);
        for (size_t i = at; i < at + 16; i++) {
            if (i < length) text_add(text, " %02x", data[i]);
            else text_add(text, "   ");
        }
        text_add(text, "  ");
        for (size_t i = at; i < at + 16 && i < length; i++) text_add(text, "%c", isprint(data[i]) ? data[i] : '.');
        text_add(text, "\n");
    }
}

static void add_icmp(Text *text, const Icmp *icmp) {
    char end[ENDPOINT_TEXT];
    text_add(text, "ICMP error, %s\n", icmp_text(icmp->type, icmp->code));
    add_field(text, "type", "", "%u", icmp->type);
    add_field(text, "code", icmp_text(icmp->type, icmp->code), "%u", icmp->code);
    add_field(text, "about, from", "the segment it quotes", "%s", endpoint_text(icmp->about_src, end));
    add_field(text, "about, to", "", "%s", endpoint_text(icmp->about_dst, end));
    add_field(text, "about, seq", "must be in flight, or nobody believes it", "%u", icmp->about_seq.value);
}

void text_header(Text *text, const uint8_t *datagram, size_t length) {
    Segment segment;
    DecodeResult result = segment_decode(datagram, length, &segment);
    bool ip = length >= IP_HEADER && datagram[0] >> 4 == 4 && (datagram[0] & 15u) >= 5 &&
              (datagram[0] & 15u) * 4u <= length;
    unsigned start = ip ? (datagram[0] & 15u) * 4u : 0;
    bool tcp = ip && datagram[9] == 6 && length >= start + TCP_HEADER;
    unsigned header = tcp ? (datagram[start + 12] >> 4) * 4u : 0;
    tcp = tcp && header >= TCP_HEADER && start + header <= length;
    if (tcp) add_picture(text, datagram + start, header - TCP_HEADER);
    if (ip) add_ip(text, datagram, length);
    if (tcp) {
        add_tcp(text, datagram, length, &segment);
        if (header > TCP_HEADER) add_options(text, datagram + start + TCP_HEADER, header - TCP_HEADER);
        if (length > start + header) add_payload(text, datagram + start + header, length - start - header);
        else text_add(text, "No data\n");
    }
    Icmp icmp;
    if (ip && icmp_decode(datagram, length, &icmp)) {
        add_icmp(text, &icmp);
        return;
    }
    if (result != DECODE_OK) text_add(text, "This datagram is broken: %s\n", decode_text(result));
    if (!tcp && length) add_payload(text, datagram, length);
}
