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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Segment segment, again;
    Icmp icmp;
    static uint8_t bytes[LIMIT_DATAGRAM];
    icmp_decode(data, size, &icmp);
    DecodeResult result = segment_decode(data, size, &segment);
    if (result != DECODE_OK && result != DECODE_TCP_CHECKSUM && result != DECODE_OPTIONS) return 0;
    if (result != DECODE_OK) segment.options = OPTIONS_NONE;
    size_t length = segment_encode(&segment, bytes, sizeof bytes);
    if (length == 0) return 0; /* options that only fitted because they were packed */
    if (segment_decode(bytes, length, &again) != DECODE_OK) abort();
    same(&segment, &again);
    return 0;
}
