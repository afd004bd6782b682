/* segments.h - beyond lab.h: options on any segment, raw datagrams, errors from the network. */
#ifndef TWOMSL_TESTS_UNIT_SEGMENTS_H
#define TWOMSL_TESTS_UNIT_SEGMENTS_H

#include "lab.h"

/* ---- Stimuli ---- */

static inline void arrives_bytes(const uint8_t *bytes, size_t length) {
    stimulus();
    assert_true(length > 0);
    accepted_input((Input){.kind = INPUT_DELIVER, .packet = inject_now(bytes, length)});
}

/* The peer's segment as lab.h writes it. Its data stays valid until the next call. */
static inline Segment peer_segment(const char *text) {
    static uint8_t bytes[LIMIT_DATAGRAM];
    Segment seg;
    size_t length = write_arrival(text, bytes, sizeof bytes);
    assert_int_equal(segment_decode(bytes, length, &seg), DECODE_OK);
    return seg;
}

static inline void arrives_segment(const Segment *seg) {
    static uint8_t bytes[LIMIT_DATAGRAM];
    arrives_bytes(bytes, segment_encode(seg, bytes, sizeof bytes));
}

/* An `mss` of the text stays where the options have none. */
static inline void arrives_with(const char *text, Options options) {
    Segment seg = peer_segment(text);
    if (!options.mss) options.mss = seg.options.mss;
    seg.options = options;
    arrives_segment(&seg);
}

static inline Options timestamp(uint32_t value, uint32_t echo) {
    Options options = OPTIONS_NONE;
    options.timestamps = true;
    options.ts_value = value;
    options.ts_echo = echo;
    return options;
}

/* Up to two blocks, counted from X; one where the second is empty. */
static inline Options blocks(uint32_t left, uint32_t right, uint32_t left2, uint32_t right2) {
    Options options = OPTIONS_NONE;
    options.sack[0] = (SackBlock){{X + left}, {X + right}};
    options.sack[1] = (SackBlock){{X + left2}, {X + right2}};
    options.sack_count = right2 > left2 ? 2 : 1;
    return options;
}

/* An option as bytes in front of the segment's own options; `length` a multiple of four. */
static inline void arrives_with_bytes(const char *text, const uint8_t *option, size_t length) {
    static uint8_t bytes[LIMIT_DATAGRAM], longer[LIMIT_DATAGRAM];
    size_t old = write_arrival(text, bytes, sizeof bytes);
    memcpy(longer, bytes, 40);
    memcpy(longer + 40, option, length);
    memcpy(longer + 40 + length, bytes + 40, old - 40);
    size_t total = old + length;
    longer[2] = (uint8_t)(total >> 8);
    longer[3] = (uint8_t)total;
    longer[32] = (uint8_t)(longer[32] + (length / 4 << 4));
    longer[10] = longer[11] = 0;
    uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2) sum += (uint32_t)longer[i] << 8 | longer[i + 1];
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    longer[10] = (uint8_t)(~sum >> 8);
    longer[11] = (uint8_t)~sum;
    uint16_t tcp = segment_checksum(longer, total);
    longer[36] = (uint8_t)(tcp >> 8);
    longer[37] = (uint8_t)tcp;
    arrives_bytes(longer, total);
}

/* A router says something about what A sent at `seq` (counted from X). */
static inline void network_reports(uint8_t type, uint8_t code, uint32_t seq) {
    uint8_t bytes[100];
    Icmp icmp = {.src = ADDR_PEER,
                 .dst = ADDR_A,
                 .type = type,
                 .code = code,
                 .about_src = LOCAL,
                 .about_dst = PEER,
                 .about_seq = {X + seq}};
    arrives_bytes(bytes, icmp_encode(&icmp, bytes, sizeof bytes));
}

/* ---- Expectations ---- */

/* The next segment that A has sent, whole; it counts as named. */
static inline Segment takes_sent(void) {
    Segment seg;
    if (!next_sent(&seg, true)) fail_msg("step %u: nothing was sent", lab.step);
    return seg;
}

/* What is behind the text: sends("..."), with these SACK blocks (counted from Y); a count of 0 means none. */
static inline void sends_blocks(const char *text, uint32_t count, const uint32_t (*edges)[2]) {
    Segment seg;
    if (!next_sent(&seg, false)) fail_msg("step %u: nothing was sent", lab.step);
    Options o = seg.options;
    sends(text);
    if (o.sack_count != count) fail_msg("step %u: %u blocks, not %u", lab.step, o.sack_count, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t left = o.sack[i].left.value - Y, right = o.sack[i].right.value - Y;
        if (left != edges[i][0] || right != edges[i][1])
            fail_msg("step %u: block %u is %u:%u, not %u:%u", lab.step, i, left, right, edges[i][0], edges[i][1]);
    }
}
#define EDGES(...) \
    (sizeof((const uint32_t[][2]){__VA_ARGS__}) / sizeof(uint32_t[2])), (const uint32_t[][2]) { __VA_ARGS__ }
#define NO_EDGES 0, NULL

static inline void option_rules(bool timestamps, bool sack, bool scale) {
    sets(HOST_RULE_timestamps, timestamps);
    sets(HOST_RULE_sack, sack);
    sets(HOST_RULE_window_scale, scale);
}

/* A whole new world in the middle of a test. */
static inline void afresh(void) {
    settled();
    lab_teardown(NULL);
    assert_int_equal(lab_setup(NULL), 0);
}

#endif
