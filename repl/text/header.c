/* header.c - a datagram bit by bit: the picture of the RFC with values in it, then each field with its meaning. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { BITS = 32 };

/* A datagram, and where its parts are. */
typedef struct Datagram {
    const uint8_t *bytes;
    size_t length;
    DatagramParts parts;
    Segment segment;
    DecodeResult decoded;
} Datagram;

static uint32_t value_of(const Datagram *datagram, FieldId field) {
    return field_value(datagram->bytes, datagram->length, field);
}

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

/* What stands in a field's box. */
static void add_field_box(Text *text, const Datagram *datagram, FieldId field) {
    const FieldInfo *info = field_info(field);
    uint32_t value = value_of(datagram, field);
    const char *name = info->width < 8 ? info->brief : info->name;
    if (info->width == 1) add_box(text, 1, value ? name : ".");
    else if (field == FIELD_TCP_RESERVED) add_box(text, info->width, name);
    else add_box_format(text, info->width, field == FIELD_TCP_CHECKSUM ? "%s 0x%04x" : "%s %u", name, value);
}

static void add_picture(Text *text, const Datagram *datagram) {
    text_add(text, " 0                   1                   2                   3\n");
    text_add(text, " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1\n");
    add_border(text);
    for (FieldId field = FIELD_TCP_SOURCE; field <= FIELD_TCP_URGENT; field++) {
        const FieldInfo *info = field_info(field);
        add_field_box(text, datagram, field);
        if ((info->offset + info->width) % BITS == 0) add_row_end(text);
    }
    const uint8_t *options = datagram->bytes + datagram->parts.options;
    for (size_t at = 0; at + 4 <= datagram->parts.options_length; at += 4) {
        const uint8_t *word = options + at;
        add_box_format(text, BITS, "%s %02x %02x %02x %02x", at ? "       " : "options", word[0], word[1], word[2],
                       word[3]);
        add_row_end(text);
    }
}

/* ---- The fields ---- */

static void add_line(Text *text, const char *name, const char *meaning, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void add_line(Text *text, const char *name, const char *meaning, const char *format, ...) {
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

/* A field with this meaning, its value as a decimal number. */
static void add_field(Text *text, const Datagram *datagram, FieldId field, const char *meaning) {
    add_line(text, field_info(field)->name, meaning, "%u", value_of(datagram, field));
}

static void add_address(Text *text, const Datagram *datagram, FieldId field) {
    char addr[ADDR_TEXT];
    add_line(text, field_info(field)->name, "", "%s", addr_text(addr_of(value_of(datagram, field)), addr));
}

static void add_ip(Text *text, const Datagram *datagram) {
    uint32_t protocol = value_of(datagram, FIELD_IP_PROTOCOL);
    text_add(text, "IPv4 header, %zu bytes\n", datagram->parts.segment);
    add_field(text, datagram, FIELD_IP_VERSION, "");
    add_field(text, datagram, FIELD_IP_LENGTH, field_info(FIELD_IP_LENGTH)->meaning);
    add_field(text, datagram, FIELD_IP_ID, "");
    add_field(text, datagram, FIELD_IP_TTL, field_info(FIELD_IP_TTL)->meaning);
    add_field(text, datagram, FIELD_IP_PROTOCOL,
              protocol == IP_PROTOCOL_TCP    ? "TCP"
              : protocol == IP_PROTOCOL_ICMP ? "ICMP"
                                             : "not TCP");
    add_line(text, field_info(FIELD_IP_CHECKSUM)->name,
             ip_checksum_right(datagram->bytes, datagram->length) ? "verified: correct" : "verified: WRONG", "0x%04x",
             value_of(datagram, FIELD_IP_CHECKSUM));
    add_address(text, datagram, FIELD_IP_SOURCE);
    add_address(text, datagram, FIELD_IP_DESTINATION);
}

/* The flags that are set, the lowest bit first. */
static void add_flags(Text *text, const Datagram *datagram) {
    char names[FLAGS_TEXT], meaning[96];
    bool first = true;
    for (FieldId field = FIELD_TCP_FIN; field >= FIELD_TCP_CWR; field--) {
        const FieldInfo *info = field_info(field);
        if (!value_of(datagram, field)) continue;
        snprintf(meaning, sizeof meaning, "%s: %s", info->name, info->meaning);
        add_line(text, first ? "flags" : "", meaning, "%s", first ? flags_text(datagram->segment.flags, names) : "");
        first = false;
    }
    if (first) add_line(text, "flags", "no flag is set", "%s", "none");
}

static void add_tcp(Text *text, const Datagram *datagram) {
    const Segment *segment = &datagram->segment;
    size_t header = datagram->parts.data - datagram->parts.segment;
    char meaning[96];
    text_add(text, "TCP header, %zu bytes\n", header);
    add_field(text, datagram, FIELD_TCP_SOURCE, "");
    add_field(text, datagram, FIELD_TCP_DESTINATION, "");
    add_field(text, datagram, FIELD_TCP_SEQ,
              segment->flags & FLAG_SYN ? "the initial sequence number: the SYN takes it"
              : segment_length(segment) ? "of the first byte (or FIN) in this segment"
                                        : "the next number it will send; this segment takes none");
    add_line(text, "acknowledgment",
             segment->flags & FLAG_ACK ? field_info(FIELD_TCP_ACK)->meaning : "does not count: ACK is not set", "%u",
             value_of(datagram, FIELD_TCP_ACK));
    snprintf(meaning, sizeof meaning, "the header takes %zu bytes", header);
    add_field(text, datagram, FIELD_TCP_OFFSET, meaning);
    add_flags(text, datagram);
    add_field(text, datagram, FIELD_TCP_WINDOW, field_info(FIELD_TCP_WINDOW)->meaning);
    uint32_t stands = value_of(datagram, FIELD_TCP_CHECKSUM);
    uint16_t right = segment_checksum(datagram->bytes, datagram->length);
    if (stands == right) snprintf(meaning, sizeof meaning, "verified: correct");
    else snprintf(meaning, sizeof meaning, "verified: WRONG, should be 0x%04x", right);
    add_line(text, field_info(FIELD_TCP_CHECKSUM)->name, meaning, "0x%04x", stands);
    add_field(text, datagram, FIELD_TCP_URGENT,
              segment->flags & FLAG_URG ? field_info(FIELD_TCP_URGENT)->meaning : "does not count: URG is not set");
}

/* ---- Options, unknown and malformed ones too ---- */

/* An option that says one number. */
static void add_number(Text *text, const RawOption *option, const char *meaning) {
    add_line(text, option_info(option->kind)->name, meaning, "%u", option->values[0]);
}

static void add_option(Text *text, const RawOption *option) {
    const char *name = option_info(option->kind)->name;
    char meaning[96];
    if (option->malformed) {
        add_line(text, name, "invalid length: the segment is dropped", "%s", "");
    } else if (option->count == 0) {
        snprintf(meaning, sizeof meaning, "kind %u, %zu byte%s", option->kind, option->size,
                 option->size == 1 ? ": padding" : "s");
        add_line(text, name, meaning, "%s", "");
    } else if (option->kind == OPTION_MSS) {
        add_number(text, option, "bytes of data the sender takes in one segment");
    } else if (option->kind == OPTION_WSCALE) {
        snprintf(meaning, sizeof meaning, "windows are multiplied by 2^%u", option->values[0]);
        add_number(text, option, meaning);
    } else if (option->kind == OPTION_TIMESTAMPS) {
        snprintf(meaning, sizeof meaning, "the sender's clock; it echoes %u", option->values[1]);
        add_number(text, option, meaning);
    } else {
        for (size_t i = 0; i < option->count; i += 2)
            add_line(text, i == 0 ? name : "", "kept out of order: left and right edge", "%u-%u", option->values[i],
                     option->values[i + 1]);
    }
}

static void add_options(Text *text, const uint8_t *options, size_t length) {
    RawOption option = {.kind = OPTION_NOP};
    size_t at = 0;
    text_add(text, "Options, %zu bytes\n", length);
    while (option.kind != OPTION_END && option_next(options, length, &at, &option)) add_option(text, &option);
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
    add_line(text, "type", "", "%u", icmp->type);
    add_line(text, "code", icmp_text(icmp->type, icmp->code), "%u", icmp->code);
    add_line(text, "about, from", "the segment it quotes", "%s", endpoint_text(icmp->about_src, end));
    add_line(text, "about, to", "", "%s", endpoint_text(icmp->about_dst, end));
    add_line(text, "about, seq", "must be sent and unacknowledged, or the error is ignored", "%u",
             icmp->about_seq.value);
}

void text_header(Text *text, const uint8_t *bytes, size_t length) {
    Datagram datagram = {.bytes = bytes, .length = length, .parts = datagram_parts(bytes, length)};
    const DatagramParts *parts = &datagram.parts;
    datagram.decoded = segment_decode(bytes, length, &datagram.segment);
    if (parts->tcp) add_picture(text, &datagram);
    if (parts->ip) add_ip(text, &datagram);
    if (parts->tcp) {
        add_tcp(text, &datagram);
        if (parts->options_length) add_options(text, bytes + parts->options, parts->options_length);
        if (parts->data_length) add_payload(text, bytes + parts->data, parts->data_length);
        else text_add(text, "No data\n");
    }
    Icmp icmp;
    if (icmp_decode(bytes, length, &icmp)) {
        add_icmp(text, &icmp);
        return;
    }
    if (datagram.decoded != DECODE_OK) text_add(text, "Malformed datagram: %s\n", decode_text(datagram.decoded));
    if (!parts->tcp && length) add_payload(text, bytes, length);
}
