/* codec.c - arbitrary bytes as a datagram: decoding reads nothing outside, and what decodes encodes to the same
 * segment. */
#include <stdlib.h>
#include <string.h>

#include "../../engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const Segment *a, const Segment *b) {
    bool equal = endpoint_eq(a->src, b->src) && endpoint_eq(a->dst, b->dst) && seq_eq(a->seq, b->seq) &&
                 seq_eq(a->ack, b->ack) && a->flags == b->flags && a->window == b->window && a->urgent == b->urgent &&
                 a->data_length == b->data_length && a->options.mss == b->options.mss &&
                 a->options.sack_count == b->options.sack_count && a->options.timestamps == b->options.timestamps &&
                 a->options.wscale == b->options.wscale;
    if (!equal || (a->data_length && memcmp(a->data, b->data, a->data_length) != 0)) abort();
}

/* Each field can be read, the parts lie one behind the other, and the options fill their place. */
static void look(const uint8_t *data, size_t size) {
    DatagramParts parts = datagram_parts(data, size);
    RawOption option;
    size_t at = 0;
    for (int field = 0; field < FIELD_COUNT; field++) {
        unsigned width = field_info((FieldId)field)->width;
        if (width < 32 && field_value(data, size, (FieldId)field) >> width) abort();
    }
    if (!parts.tcp) return;
    if (parts.options + parts.options_length != parts.data || parts.data + parts.data_length != size) abort();
    while (option_next(data + parts.options, parts.options_length, &at, &option))
        if (option.size == 0 || option.count > OPTION_VALUES) abort();
    if (at != parts.options_length) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Segment segment, again;
    Icmp icmp;
    static uint8_t bytes[LIMIT_DATAGRAM];
    icmp_decode(data, size, &icmp);
    look(data, size);
    DecodeResult result = segment_decode(data, size, &segment);
    if (result != DECODE_OK && result != DECODE_TCP_CHECKSUM && result != DECODE_OPTIONS) return 0;
    if (result != DECODE_OK) segment.options = OPTIONS_NONE;
    size_t length = segment_encode(&segment, bytes, sizeof bytes);
    if (length == 0) return 0; /* options that only fitted because they were packed */
    if (segment_decode(bytes, length, &again) != DECODE_OK) abort();
    same(&segment, &again);
    return 0;
}
