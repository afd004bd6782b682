/* fields.c - header fields by name, and where the parts of a datagram begin. */
#include "wire.h"

const FieldInfo *field_info(FieldId field) {
    static const FieldInfo fields[FIELD_COUNT] = {
#define FIELD(id, filter, header, offset, width, name, brief, meaning) \
    [FIELD_##id] = {filter, HEADER_##header, offset, width, name, brief, meaning},
#include "fields.def"
    };
    return &fields[field];
}

DatagramParts datagram_parts(const uint8_t *datagram, size_t length) {
    DatagramParts parts = {0};
    if (length < IPV4_HEADER || ip_version(datagram) != 4) return parts;
    size_t header = ip_header_length(datagram);
    if (header < IPV4_HEADER || header > length) return parts;
    parts.ip = true;
    parts.segment = header;
    if (datagram[AT_IP_PROTOCOL] != IP_PROTOCOL_TCP || length - header < TCP_HEADER_FIXED) return parts;
    size_t offset = tcp_header_length(datagram + header);
    if (offset < TCP_HEADER_FIXED || offset > length - header) return parts;
    parts.tcp = true;
    parts.options = header + TCP_HEADER_FIXED;
    parts.options_length = offset - TCP_HEADER_FIXED;
    parts.data = header + offset;
    parts.data_length = length - parts.data;
    return parts;
}

uint32_t field_value(const uint8_t *datagram, size_t length, FieldId field) {
    const FieldInfo *info = field_info(field);
    size_t start = info->header == HEADER_TCP ? datagram_parts(datagram, length).segment : 0;
    size_t end = info->offset + info->width;
    if (start + (end + 7) / 8 > length || (info->header == HEADER_TCP && start == 0)) return 0;
    uint64_t bits = 0;
    for (size_t at = info->offset / 8; at < (end + 7) / 8; at++) bits = bits << 8 | datagram[start + at];
    return (uint32_t)(bits >> ((8 - end % 8) % 8) & ((UINT64_C(1) << info->width) - 1));
}
