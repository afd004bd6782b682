/* fields.c - header fields by name, parts of a datagram, and raw options. The datagram is written by hand from the
 * layouts of RFC 791 3.1 and RFC 9293 3.1, each field with a value of its own. */
#include "lab.h"

static const uint8_t datagram[] = {
    0x46, 0xb9, 0x00, 0x33, /* version 4, header of 6 words, type of service; 51 bytes */
    0x12, 0x34, 0xb5, 0x67, /* id; reserved and MF, fragment offset 0x1567 */
    0x40, 0x06, 0xab, 0xcd, /* time to live, TCP, checksum */
    10,   0,    0,    1,    10,   0,    0,    2,    0x94, 4, 0, 0, /* addresses, the option router alert */
    0x1e, 0x61, 0x00, 0x50,                                        /* ports */
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,                /* sequence and acknowledgment number */
    0x6d, 0xaa, 0x11, 0x22,                                        /* 6 words, reserved 13, CWR URG PSH SYN, window */
    0x33, 0x44, 0x55, 0x66,                                        /* checksum, urgent pointer */
    0x02, 0x04, 0x05, 0xb4, 'a',  'b',  'c',                       /* mss 1460, data */
};

static void each_field(void **state) {
    (void)state;
    static const struct {
        const char *filter;
        uint32_t value;
    } wanted[FIELD_COUNT] = {
        {"ip.version", 4},
        {"ip.hdr_len", 6},
        {"ip.dsfield", 0xb9},
        {"ip.len", 51},
        {"ip.id", 0x1234},
        {"ip.flags.rb", 1},
        {"ip.flags.df", 0},
        {"ip.flags.mf", 1},
        {"ip.frag_offset", 0x1567},
        {"ip.ttl", 64},
        {"ip.proto", 6},
        {"ip.checksum", 0xabcd},
        {"ip.src", 0x0a000001},
        {"ip.dst", 0x0a000002},
        {"tcp.srcport", 7777},
        {"tcp.dstport", 80},
        {"tcp.seq", 0x01020304},
        {"tcp.ack", 0x05060708},
        {"tcp.hdr_len", 6},
        {"tcp.flags.res", 13},
        {"tcp.flags.cwr", 1},
        {"tcp.flags.ece", 0},
        {"tcp.flags.urg", 1},
        {"tcp.flags.ack", 0},
        {"tcp.flags.push", 1},
        {"tcp.flags.reset", 0},
        {"tcp.flags.syn", 1},
        {"tcp.flags.fin", 0},
        {"tcp.window_size_value", 0x1122},
        {"tcp.checksum", 0x3344},
        {"tcp.urgent_pointer", 0x5566},
    };
    for (int i = 0; i < FIELD_COUNT; i++) {
        assert_string_equal(field_info((FieldId)i)->filter, wanted[i].filter);
        uint32_t value = field_value(datagram, sizeof datagram, (FieldId)i);
        if (value != wanted[i].value) fail_msg("%s is 0x%x", wanted[i].filter, value);
    }
}

/* The fields of a header follow each other without a gap, and each says what it is. */
static void no_bit_is_left_out(void **state) {
    (void)state;
    static const struct {
        HeaderKind header;
        unsigned bits;
    } headers[] = {{HEADER_IPV4, IPV4_HEADER * 8}, {HEADER_TCP, TCP_HEADER_FIXED * 8}};
    for (size_t h = 0; h < 2; h++) {
        unsigned at = 0;
        for (int i = 0; i < FIELD_COUNT; i++) {
            const FieldInfo *info = field_info((FieldId)i);
            if (info->header != headers[h].header) continue;
            assert_int_equal(info->offset, at);
            assert_true(info->width > 0 && *info->name && *info->brief && *info->meaning);
            at += info->width;
        }
        assert_int_equal(at, headers[h].bits);
    }
}

/* The flags' fields say the same as the bits FLAG_FIN ... FLAG_CWR. */
static void flags(void **state) {
    (void)state;
    uint8_t bytes[100];
    for (int bit = 0; bit < 8; bit++) {
        Segment seg = {.src = LOCAL, .dst = PEER, .flags = (uint8_t)(1 << bit), .options = OPTIONS_NONE};
        size_t length = segment_encode(&seg, bytes, sizeof bytes);
        char text[FLAGS_TEXT];
        for (FieldId field = FIELD_TCP_CWR; field <= FIELD_TCP_FIN; field++) {
            bool named = strcmp(field_info(field)->name, flags_text(seg.flags, text)) == 0;
            assert_int_equal(field_value(bytes, length, field), named);
        }
    }
}

static void parts(void **state) {
    (void)state;
    DatagramParts whole = datagram_parts(datagram, sizeof datagram);
    assert_true(whole.ip && whole.tcp);
    assert_int_equal(whole.segment, 24);
    assert_int_equal(whole.options, 44);
    assert_int_equal(whole.options_length, 4);
    assert_int_equal(whole.data, 48);
    assert_int_equal(whole.data_length, 3);
    for (size_t length = 0; length <= sizeof datagram; length++) {
        uint8_t *exact = malloc(length + 1);
        assert_non_null(exact);
        memcpy(exact, datagram, length);
        DatagramParts got = datagram_parts(exact, length);
        assert_int_equal(got.ip, length >= 24);
        assert_int_equal(got.tcp, length >= 48);
        assert_int_equal(got.segment, got.ip ? 24 : 0);
        assert_int_equal(field_value(exact, length, FIELD_TCP_WINDOW), length >= 40 ? 0x1122 : 0);
        assert_int_equal(field_value(exact, length, FIELD_IP_DESTINATION), length >= 20 ? 0x0a000002 : 0);
        free(exact);
    }
    uint8_t bytes[sizeof datagram];
    static const struct {
        uint8_t at, value;
        bool ip;
    } broken[] = {{0, 0x66, false}, {0, 0x44, false}, {0, 0x4f, false},
                  {9, 17, true},    {36, 0x40, true}, {36, 0x80, true}};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        memcpy(bytes, datagram, sizeof bytes);
        bytes[broken[i].at] = broken[i].value;
        DatagramParts got = datagram_parts(bytes, broken[i].at == 0 ? 50 : sizeof bytes);
        assert_true(got.ip == broken[i].ip && !got.tcp && got.data == 0);
    }
}

/* ---- Raw options ---- */

static void walks(const uint8_t *bytes, size_t length, const char *wanted) {
    char got[200] = "";
    RawOption option;
    size_t at = 0;
    while (option_next(bytes, length, &at, &option)) {
        size_t n = strlen(got);
        n += (size_t)snprintf(got + n, sizeof got - n, "%s%s/%zu", n ? " " : "", option_info(option.kind)->brief,
                              option.size);
        for (size_t i = 0; i < option.count; i++)
            n += (size_t)snprintf(got + n, sizeof got - n, ",%u", option.values[i]);
        if (option.malformed) snprintf(got + n, sizeof got - n, "!");
    }
    assert_int_equal(at, length);
    assert_string_equal(got, wanted);
}
#define WALKS(wanted, ...) walks((const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__}, wanted)

static void options(void **state) {
    (void)state;
    WALKS("mss/4,1460 nop/1 wscale/3,7", 2, 4, 5, 0xb4, 1, 3, 3, 7);
    WALKS("sack_ok/2 ts/10,16909060,84281096 eol/1 eol/1", 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0);
    WALKS("sack/10,1,2", 5, 10, 0, 0, 0, 1, 0, 0, 0, 2);
    WALKS("unknown/5 mss/3 sack/2 sack/6 ts/9 sack_ok/3", 99, 5, 1, 2, 3, 2, 3, 9, 5, 2, 5, 6, 1, 2, 3, 4, 8, 9, 1, 2,
          3, 4, 5, 6, 7, 4, 3, 0);
    WALKS("nop/1 mss/3!", 1, 2, 1, 9);
    WALKS("mss/4!", 2, 0, 1, 9);
    WALKS("mss/3!", 2, 4, 9);
    WALKS("mss/1!", 2);
    walks((const uint8_t[]){0}, 0, "");
}

static void an_option_is_written(void **state) {
    (void)state;
    uint8_t bytes[40];
    const uint32_t values[] = {0x01020304, 0x05060708, 3, 4, 5, 6, 7, 8};
    static const struct {
        uint8_t kind;
        size_t count, size;
    } table[] = {{OPTION_END, 0, 1},
                 {OPTION_NOP, 0, 1},
                 {OPTION_MSS, 1, 4},
                 {OPTION_MSS, 0, 0},
                 {OPTION_MSS, 2, 0},
                 {OPTION_WSCALE, 1, 3},
                 {OPTION_SACK_PERMITTED, 0, 2},
                 {OPTION_SACK, 2, 10},
                 {OPTION_SACK, 8, 34},
                 {OPTION_SACK, 3, 0},
                 {OPTION_SACK, 0, 0},
                 {OPTION_TIMESTAMPS, 2, 10},
                 {OPTION_TIMESTAMPS, 1, 0},
                 {99, 0, 0},
                 {OPTION_NOP, 1, 0}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t size = option_encode(table[i].kind, values, table[i].count, bytes, sizeof bytes), at = 0;
        if (size != table[i].size) fail_msg("kind %u with %zu values: %zu", table[i].kind, table[i].count, size);
        if (!size) continue;
        assert_int_equal(option_encode(table[i].kind, values, table[i].count, bytes, size - 1), 0);
        RawOption option;
        assert_true(option_next(bytes, size, &at, &option) && at == size && option.count == table[i].count);
        for (size_t k = 0; k < option.count; k++)
            if (table[i].size == 10 || table[i].size == 34) assert_int_equal(option.values[k], values[k]);
    }
    for (uint8_t kind = 0; kind < 9; kind++)
        if (kind < 6 || kind == 8) assert_ptr_equal(option_find(option_info(kind)->brief), option_info(kind));
    assert_null(option_find("unknown"));
}

/* Bytes given as options stand there as they are, padded with ends of list. */
static void encoded_with_any_options(void **state) {
    (void)state;
    uint8_t bytes[200];
    static const uint8_t odd[41] = {1, 99, 4, 7, 8};
    Segment seg = {
        .src = LOCAL, .dst = PEER, .flags = FLAG_ACK, .options = OPTIONS_NONE, .data = odd, .data_length = 3};
    seg.options.mss = 5; /* does not count */
    for (size_t n = 0; n <= 40; n++) {
        size_t padded = (n + 3) / 4 * 4, length = segment_encode_with(&seg, odd, n, bytes, sizeof bytes);
        assert_int_equal(length, 43 + padded);
        Segment got;
        assert_true(segment_decode(bytes, length, &got) == DECODE_OK || (n >= 2 && n <= 4));
        assert_int_equal(got.data_length, 3);
        assert_memory_equal(bytes + 40, odd, n);
        for (size_t i = n; i < padded; i++) assert_int_equal(bytes[40 + i], 0);
        assert_int_equal(segment_encode_with(&seg, odd, n, bytes, length - 1), 0);
    }
    assert_int_equal(segment_encode_with(&seg, odd, 41, bytes, sizeof bytes), 0);
}

/* What TCP leaves room for is what is written; one SACK block more beside timestamps does not fit. */
static void sizes_of_options(void **state) {
    (void)state;
    for (uint8_t blocks = 0; blocks <= SACK_BLOCKS; blocks++) {
        for (int stamps = 0; stamps < 2; stamps++) {
            Segment seg = {.src = LOCAL, .dst = PEER, .flags = FLAG_ACK, .options = OPTIONS_NONE};
            seg.options.sack_count = blocks;
            seg.options.timestamps = stamps;
            size_t wanted = IPV4_HEADER + TCP_HEADER_FIXED + (stamps ? OPTION_TIMESTAMPS_BYTES : 0u);
            if (blocks) wanted += OPTION_SACK_BYTES + (size_t)OPTION_SACK_BLOCK_BYTES * blocks;
            if (stamps && blocks > SACK_BLOCKS_BESIDE_TIMESTAMPS) wanted = 0;
            assert_int_equal(segment_size(&seg), wanted);
        }
    }
    assert_int_equal(SACK_BLOCKS_BESIDE_TIMESTAMPS, 3);
}

/* ---- Checksums ---- */

static void completed_checksum(void **state) {
    (void)state;
    uint8_t right[100], bytes[100];
    Segment seg = {.src = LOCAL, .dst = PEER, .flags = FLAG_ACK, .ttl = 64, .options = OPTIONS_NONE};
    size_t length = segment_encode(&seg, right, sizeof right);
    assert_true(ip_checksum_right(right, length));
    memcpy(bytes, right, length);
    assert_false(segment_complete_checksum(bytes, length)); /* it is right */
    assert_memory_equal(bytes, right, length);
    uint32_t sum = 6 + (uint32_t)length - 20; /* protocol and length, then the addresses */
    for (size_t i = 12; i < 20; i += 2) sum += (uint32_t)right[i] << 8 | right[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    bytes[36] = (uint8_t)(sum >> 8), bytes[37] = (uint8_t)sum;
    assert_true(segment_complete_checksum(bytes, length));
    assert_memory_equal(bytes, right, length);
    bytes[37] ^= 1;
    assert_false(segment_complete_checksum(bytes, length)); /* it is wrong otherwise */
    assert_int_equal(bytes[37], right[37] ^ 1);
    assert_false(segment_complete_checksum(bytes, 39));
    bytes[8] ^= 1;
    assert_false(ip_checksum_right(bytes, length));
    assert_false(ip_checksum_right(right, 19));
    assert_int_equal(segment_checksum(right, 39), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field),
        cmocka_unit_test(no_bit_is_left_out),
        cmocka_unit_test(flags),
        cmocka_unit_test(parts),
        cmocka_unit_test(options),
        cmocka_unit_test(an_option_is_written),
        cmocka_unit_test(encoded_with_any_options),
        cmocka_unit_test(sizes_of_options),
        cmocka_unit_test(completed_checksum),
    };
    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
