/* codec.c - datagrams to segments and back. The datagrams are written by hand from the layouts of RFC 791 3.1 and RFC
 * 9293 3.1; the checksums are added up here in another way than in the engine. */
#include "lab.h"

/* RFC 1071, two bytes at a time in network order. */
static uint16_t ones_complement(const uint8_t *bytes, size_t length, uint32_t sum) {
    for (size_t i = 0; i < length; i += 2) sum += (uint32_t)bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0u);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static uint16_t tcp_sum(const uint8_t *datagram, size_t length) {
    size_t header = (size_t)(datagram[0] & 15) * 4;
    uint32_t pseudo = ones_complement(datagram + 12, 8, 6 + (uint32_t)(length - header));
    return ones_complement(datagram + header, length - header, pseudo);
}

/* Puts both checksums right. */
static void sign(uint8_t *datagram, size_t length) {
    size_t header = (size_t)(datagram[0] & 15) * 4;
    datagram[10] = datagram[11] = datagram[header + 16] = datagram[header + 17] = 0;
    uint16_t ip = (uint16_t)~ones_complement(datagram, header, 0), tcp = (uint16_t)~tcp_sum(datagram, length);
    datagram[10] = (uint8_t)(ip >> 8), datagram[11] = (uint8_t)ip;
    datagram[header + 16] = (uint8_t)(tcp >> 8), datagram[header + 17] = (uint8_t)tcp;
}

/* A SYN from 127.0.0.1:7777 to 127.0.0.2:80, seq 0x12345678, window 65535, mss 1460. Its checksums were added up apart
 * from both programs. */
static const uint8_t syn[44] = {
    0x45, 0x00, 0x00, 0x2c, 0x00, 0x01, 0x40, 0x00, 0x40, 0x06, 0x3c, 0xc8, 127, 0, 0, 1, 127, 0, 0, 2, /* IPv4 */
    0x1e, 0x61, 0x00, 0x50,                                                                             /* ports */
    0x12, 0x34, 0x56, 0x78,                                                                             /* seq */
    0x00, 0x00, 0x00, 0x00,                                                                             /* ack */
    0x60, 0x02, 0xff, 0xff, /* 24 bytes of header, SYN, window */
    0x12, 0xc6, 0x00, 0x00, /* checksum, urgent */
    0x02, 0x04, 0x05, 0xb4, /* mss 1460 */
};

static size_t copy_syn(uint8_t *bytes) {
    memcpy(bytes, syn, sizeof syn);
    return sizeof syn;
}

static void known_datagram(void **state) {
    (void)state;
    uint8_t bytes[44], written[100];
    copy_syn(bytes);
    sign(bytes, sizeof bytes);
    assert_memory_equal(bytes, syn, sizeof syn); /* the test adds up as the constant says */
    Segment seg;
    assert_int_equal(segment_decode(bytes, sizeof bytes, &seg), DECODE_OK);
    assert_true(endpoint_eq(seg.src, (Endpoint){{0x7f000001}, 7777}) &&
                endpoint_eq(seg.dst, (Endpoint){{0x7f000002}, 80}));
    assert_int_equal(seg.seq.value, 0x12345678);
    assert_int_equal(seg.ack.value, 0);
    assert_int_equal(seg.flags, FLAG_SYN);
    assert_int_equal(seg.window, 65535);
    assert_int_equal(seg.options.mss, 1460);
    assert_int_equal(seg.options.wscale, OPTION_NO_WSCALE);
    assert_int_equal(seg.data_length, 0);
    assert_int_equal(seg.ttl, 64);
    assert_int_equal(seg.ip_id, 1);
    assert_int_equal(segment_encode(&seg, written, sizeof written), sizeof bytes);
    assert_memory_equal(written, bytes, sizeof bytes);
}

/* Option bytes as they stand in a header, right after one another. */
static DecodeResult decode_options(const uint8_t *options, size_t length, Options *read) {
    static uint8_t bytes[100];
    memcpy(bytes, syn, 40);
    memset(bytes + 40, 0, sizeof bytes - 40);
    memcpy(bytes + 40, options, length);
    size_t padded = (length + 3) & ~(size_t)3;
    bytes[3] = (uint8_t)(40 + padded);
    bytes[32] = (uint8_t)((20 + padded) / 4 << 4);
    sign(bytes, 40 + padded);
    Segment seg;
    DecodeResult result = segment_decode(bytes, 40 + padded, &seg);
    *read = seg.options;
    return result;
}
#define OPTIONS(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static void options_one_by_one(void **state) {
    (void)state;
    Options o;
    assert_int_equal(decode_options(OPTIONS(2, 4, 0x02, 0x18), &o), DECODE_OK);
    assert_int_equal(o.mss, 536);
    assert_int_equal(decode_options(OPTIONS(3, 3, 7), &o), DECODE_OK);
    assert_int_equal(o.wscale, 7);
    assert_int_equal(decode_options(OPTIONS(4, 2), &o), DECODE_OK);
    assert_true(o.sack_permitted);
    assert_int_equal(decode_options(OPTIONS(8, 10, 1, 2, 3, 4, 5, 6, 7, 8), &o), DECODE_OK);
    assert_true(o.timestamps && o.ts_value == 0x01020304 && o.ts_echo == 0x05060708);
    assert_int_equal(decode_options(OPTIONS(5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0, 0, 0, 0, 0, 0, 9), &o), DECODE_OK);
    assert_int_equal(o.sack_count, 2);
    assert_int_equal(o.sack[0].left.value, 1);
    assert_int_equal(o.sack[0].right.value, 2);
    assert_int_equal(o.sack[1].left.value, 0xff000000);
    assert_int_equal(o.sack[1].right.value, 9);
    assert_int_equal(decode_options(OPTIONS(1, 1, 1, 1), &o), DECODE_OK);
    assert_int_equal(o.mss, 0);
}

/* MUST-6, MUST-64, and what follows the end of the list is not read (MUST-69). */
static void options_at_any_alignment(void **state) {
    (void)state;
    Options o;
    for (size_t nops = 0; nops < 20; nops++) {
        uint8_t bytes[40];
        memset(bytes, 1, sizeof bytes);
        memcpy(bytes + nops, (const uint8_t[]){2, 4, 5, 0xb4, 3, 3, 2}, 7);
        assert_int_equal(decode_options(bytes, nops + 7, &o), DECODE_OK);
        assert_int_equal(o.mss, 1460);
        assert_int_equal(o.wscale, 2);
    }
    assert_int_equal(decode_options(OPTIONS(99, 5, 2, 4, 7, 2, 4, 1, 0, 254, 2), &o), DECODE_OK);
    assert_int_equal(o.mss, 256);
    assert_int_equal(decode_options(OPTIONS(1, 0, 2, 4, 1, 0, 0, 0), &o), DECODE_OK);
    assert_int_equal(o.mss, 0);
    assert_int_equal(decode_options(OPTIONS(0, 2, 0, 7), &o), DECODE_OK);
}

/* MUST-7 */
static void options_with_impossible_lengths(void **state) {
    (void)state;
    Options o;
    assert_int_equal(decode_options(OPTIONS(2, 0, 5, 0xb4), &o), DECODE_OPTIONS);
    assert_int_equal(decode_options(OPTIONS(2, 1, 5, 0xb4), &o), DECODE_OPTIONS);
    assert_int_equal(decode_options(OPTIONS(2, 5, 5, 0xb4), &o), DECODE_OPTIONS);
    assert_int_equal(decode_options(OPTIONS(1, 1, 1, 2), &o), DECODE_OPTIONS);
    assert_int_equal(decode_options(OPTIONS(77, 255, 0, 0), &o), DECODE_OPTIONS);
    assert_int_equal(decode_options(OPTIONS(77, 0, 0, 0), &o), DECODE_OPTIONS);
}

/* A known kind with a length that is possible but not its own is skipped. */
static void options_with_other_lengths(void **state) {
    (void)state;
    Options o;
    assert_int_equal(decode_options(OPTIONS(2, 3, 5, 2, 4, 1, 1, 0), &o), DECODE_OK);
    assert_int_equal(o.mss, 257);
    assert_int_equal(decode_options(OPTIONS(3, 2, 1, 1), &o), DECODE_OK);
    assert_int_equal(o.wscale, OPTION_NO_WSCALE);
    assert_int_equal(decode_options(OPTIONS(5, 11, 0, 0, 0, 1, 0, 0, 0, 2, 9, 1), &o), DECODE_OK);
    assert_int_equal(o.sack_count, 0);
    assert_int_equal(decode_options(OPTIONS(8, 4, 0, 0), &o), DECODE_OK);
    assert_false(o.timestamps);
}

static Segment example(unsigned i, const uint8_t *data) {
    Segment seg = {.src = {addr_of(0x0a000001 + i), (uint16_t)(1 + i * 7919)},
                   .dst = {addr_of(0xc0a80000 - i), (uint16_t)(65535 - i)},
                   .seq = {i * 0x9e3779b9},
                   .ack = {~i * 0x85ebca6b},
                   .flags = (uint8_t)(i * 37),
                   .window = (uint16_t)(i * 4099),
                   .urgent = (uint16_t)(i * 13),
                   .ttl = (uint8_t)(1 + i),
                   .tos = (uint8_t)(i * 3),
                   .ip_id = (uint16_t)(i * 977),
                   .options = OPTIONS_NONE,
                   .data = data,
                   .data_length = (uint16_t)(i % 33)};
    if (i & 1) seg.options.mss = (uint16_t)(64 + i);
    if (i & 2) seg.options.wscale = (uint8_t)(i % 15);
    if (i & 4) seg.options.sack_permitted = true;
    if (i & 8) seg.options.timestamps = true, seg.options.ts_value = i * 7, seg.options.ts_echo = ~i;
    seg.options.sack_count = (uint8_t)((i >> 4) % 5);
    for (unsigned b = 0; b < seg.options.sack_count; b++)
        seg.options.sack[b] = (SackBlock){{i + b * 10}, {i + b * 10 + 5}};
    return seg;
}

static void expect_same(const Segment *a, const Segment *b) {
    assert_true(endpoint_eq(a->src, b->src) && endpoint_eq(a->dst, b->dst));
    assert_true(seq_eq(a->seq, b->seq) && seq_eq(a->ack, b->ack));
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->window, b->window);
    assert_int_equal(a->urgent, b->urgent);
    assert_int_equal(a->ttl, b->ttl);
    assert_int_equal(a->tos, b->tos);
    assert_int_equal(a->ip_id, b->ip_id);
    const Options *x = &a->options, *y = &b->options;
    assert_int_equal(x->mss, y->mss);
    assert_int_equal(x->wscale, y->wscale);
    assert_int_equal(x->sack_permitted, y->sack_permitted);
    assert_int_equal(x->timestamps, y->timestamps);
    assert_int_equal(x->ts_value, y->ts_value);
    assert_int_equal(x->ts_echo, y->ts_echo);
    assert_int_equal(x->sack_count, y->sack_count);
    assert_memory_equal(x->sack, y->sack, x->sack_count * sizeof x->sack[0]);
    assert_int_equal(a->data_length, b->data_length);
    if (a->data_length) assert_memory_equal(a->data, b->data, a->data_length);
}

/* Every combination of options that fits, with odd and even amounts of data; the sums are right by the test's own
 * reckoning. */
static void round_trip(void **state) {
    (void)state;
    uint8_t data[64], bytes[200];
    int written = 0, refused = 0;
    for (unsigned i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 91 + 3);
    for (unsigned i = 0; i < 512; i++) {
        Segment seg = example(i, data), read;
        size_t length = segment_encode(&seg, bytes, sizeof bytes);
        if (!length) {
            refused++;
            assert_true(seg.options.sack_count >= 2); /* nothing else runs past forty bytes */
            continue;
        }
        written++;
        assert_int_equal(ones_complement(bytes, 20, 0), 0xffff);
        assert_int_equal(tcp_sum(bytes, length), 0xffff);
        assert_int_equal(segment_checksum(bytes, length), bytes[36] << 8 | bytes[37]);
        assert_int_equal(segment_decode(bytes, length, &read), DECODE_OK);
        expect_same(&seg, &read);
    }
    assert_true(written > 300 && refused > 0);
}

static void every_truncation(void **state) {
    (void)state;
    uint8_t data[32] = {9}, *copy;
    uint8_t bytes[200];
    for (unsigned i = 0; i < 64; i++) {
        Segment seg = example(i, data), read;
        size_t length = segment_encode(&seg, bytes, sizeof bytes);
        if (!length) continue;
        for (size_t cut = 0; cut < length; cut++) {
            copy = malloc(cut ? cut : 1); /* so that reading past the end is seen */
            memcpy(copy, bytes, cut);
            assert_int_equal(segment_decode(copy, cut, &read), DECODE_SHORT);
            free(copy);
        }
        bytes[length] = 0;
        assert_int_equal(segment_decode(bytes, length + 1, &read), DECODE_SHORT);
    }
}

static void every_bit(void **state) {
    (void)state;
    uint8_t data[32] = {1, 2, 3}, bytes[200];
    for (unsigned i = 0; i < 64; i++) {
        Segment seg = example(i, data), read;
        size_t length = segment_encode(&seg, bytes, sizeof bytes);
        for (size_t bit = 0; bit < length * 8; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (segment_decode(bytes, length, &read) == DECODE_OK) fail_msg("segment %u: bit %zu goes unseen", i, bit);
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

/* What stands there is neither TCP nor whole: said by its name. */
static void what_is_wrong(void **state) {
    (void)state;
    uint8_t b[60];
    Segment seg;
    size_t n = copy_syn(b);
    b[9] = 17;
    sign(b, n);
    assert_int_equal(segment_decode(b, n, &seg), DECODE_NOT_TCP);
    n = copy_syn(b);
    b[6] = 0x20; /* more fragments */
    sign(b, n);
    assert_int_equal(segment_decode(b, n, &seg), DECODE_FRAGMENT);
    n = copy_syn(b);
    b[7] = 1; /* an offset */
    sign(b, n);
    assert_int_equal(segment_decode(b, n, &seg), DECODE_FRAGMENT);
    n = copy_syn(b);
    b[0] = 0x65;
    assert_int_equal(segment_decode(b, n, &seg), DECODE_NOT_IPV4);
    n = copy_syn(b);
    b[0] = 0x44;
    assert_int_equal(segment_decode(b, n, &seg), DECODE_NOT_IPV4);
    n = copy_syn(b);
    b[8]++;
    assert_int_equal(segment_decode(b, n, &seg), DECODE_IP_CHECKSUM);
    n = copy_syn(b);
    b[43]++;
    assert_int_equal(segment_decode(b, n, &seg), DECODE_TCP_CHECKSUM);
    assert_int_equal(seg.seq.value, 0x12345678); /* all but the options is there */
    n = copy_syn(b);
    b[32] = 0x40; /* a TCP header of 16 bytes */
    sign(b, n);
    assert_int_equal(segment_decode(b, n, &seg), DECODE_SHORT);
    n = copy_syn(b);
    b[32] = 0x70; /* a TCP header past the end */
    sign(b, n);
    assert_int_equal(segment_decode(b, n, &seg), DECODE_SHORT);
    for (int i = 0; i <= DECODE_OPTIONS; i++) {
        assert_true(decode_text((DecodeResult)i)[0] != 0);
        for (int j = 0; j < i; j++) assert_string_not_equal(decode_text((DecodeResult)i), decode_text((DecodeResult)j));
    }
}

/* IP options are stepped over (MUST-50). */
static void ip_options(void **state) {
    (void)state;
    uint8_t b[52] = {0};
    memcpy(b, syn, 20);
    b[0] = 0x47;
    b[3] = 52;
    memcpy(b + 20, (const uint8_t[]){0x94, 4, 0, 0, 1, 1, 1, 0}, 8); /* router alert, padding */
    memcpy(b + 28, syn + 20, 24);
    sign(b, sizeof b);
    Segment seg;
    assert_int_equal(segment_decode(b, sizeof b, &seg), DECODE_OK);
    assert_int_equal(seg.src.port, 7777);
    assert_int_equal(seg.options.mss, 1460);
    assert_int_equal(segment_checksum(b, sizeof b), b[44] << 8 | b[45]);
    b[44] ^= 0x55;
    assert_int_not_equal(segment_checksum(b, sizeof b), b[44] << 8 | b[45]);
}

static void no_room(void **state) {
    (void)state;
    static uint8_t data[LIMIT_DATAGRAM], bytes[LIMIT_DATAGRAM + 1];
    Segment seg = {.flags = FLAG_ACK, .options = OPTIONS_NONE, .data = data, .data_length = 65495}, read;
    assert_int_equal(segment_encode(&seg, bytes, sizeof bytes), 65535);
    assert_int_equal(segment_decode(bytes, 65535, &read), DECODE_OK);
    assert_int_equal(segment_encode(&seg, bytes, 65534), 0);
    seg.data_length = 65496;
    assert_int_equal(segment_encode(&seg, bytes, sizeof bytes), 0);
    seg.data_length = 0;
    assert_int_equal(segment_encode(&seg, bytes, 39), 0);
    assert_int_equal(segment_encode(&seg, bytes, 40), 40);
    seg.options.sack_count = 5;
    assert_int_equal(segment_encode(&seg, bytes, sizeof bytes), 0);
    seg.options.sack_count = 4;
    assert_int_equal(segment_encode(&seg, bytes, sizeof bytes), 40 + 36);
}

/* Bytes by chance: whatever is said of them, nothing is read that is not there. */
static void noise(void **state) {
    (void)state;
    uint64_t random = 99;
    int good = 0;
    for (int i = 0; i < 200000; i++) {
        uint8_t *b = malloc(100);
        for (int k = 0; k < 100; k++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            b[k] = (uint8_t)(random >> 40);
        }
        size_t length = (size_t)b[99] % 100;
        uint8_t *exact = malloc(length ? length : 1);
        if (i % 2 && length >= 40) { /* nearly a datagram: only its options and data are by chance */
            memcpy(b, syn, 36);
            b[3] = (uint8_t)length;
            b[32] = (uint8_t)(b[98] << 4);
            sign(b, length);
        }
        memcpy(exact, b, length);
        Segment seg;
        DecodeResult result = segment_decode(exact, length, &seg);
        good += result == DECODE_OK;
        if (result == DECODE_OK) {
            assert_true(seg.data + seg.data_length == exact + length);
            assert_true(seg.options.sack_count <= 4);
        }
        free(exact);
        free(b);
    }
    assert_true(good > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_datagram),
        cmocka_unit_test(options_one_by_one),
        cmocka_unit_test(options_at_any_alignment),
        cmocka_unit_test(options_with_impossible_lengths),
        cmocka_unit_test(options_with_other_lengths),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_bit),
        cmocka_unit_test(what_is_wrong),
        cmocka_unit_test(ip_options),
        cmocka_unit_test(no_room),
        cmocka_unit_test(noise),
    };
    return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
