/* header.c - a header bit by bit: right ones, broken ones, and every prefix of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../repl/text/text.h"

static size_t datagram(uint8_t bytes[256]) {
    Segment segment = {.src = {{0x7f000001}, 7777},
                       .dst = {{0x7f000002}, 80},
                       .seq = {100},
                       .ack = {301},
                       .flags = FLAG_ACK | FLAG_PSH,
                       .window = 500,
                       .ttl = 64,
                       .options = OPTIONS_NONE,
                       .data = (const uint8_t *)"hello, \x01world",
                       .data_length = 13};
    segment.options.timestamps = true;
    segment.options.ts_value = 11;
    segment.options.ts_echo = 22;
    segment.options.sack_count = 1;
    segment.options.sack[0] = (SackBlock){{310}, {320}};
    size_t length = segment_encode(&segment, bytes, 256);
    assert_true(length > 40);
    return length;
}

static void says(const Text *text, const char *words) {
    if (!strstr(text_string(text), words)) fail_msg("no \"%s\" in:\n%s", words, text_string(text));
}

static void each_field_is_there(void **state) {
    (void)state;
    uint8_t bytes[256];
    Text text = TEXT_EMPTY;
    text_header(&text, bytes, datagram(bytes));
    static const char *const words[] = {"source port 7777",  "sequence number 100", "acknowledgment number 301",
                                        "window 500",        "|.|.|.|A|P|.|.|.|",   "PSH: hand the data",
                                        "verified: correct", "echoes 22",           "310-320",
                                        "Data, 13 bytes",    "hello, .world",       "127.0.0.1",
                                        "68 65 6c 6c 6f"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) says(&text, words[i]);
    assert_null(strstr(text_string(&text), "WRONG"));
    text_free(&text);
}

static void a_wrong_checksum_is_said(void **state) {
    (void)state;
    uint8_t bytes[256];
    size_t length = datagram(bytes);
    Text text = TEXT_EMPTY;
    bytes[length - 1] ^= 1;
    text_header(&text, bytes, length);
    says(&text, "verified: WRONG, should be 0x");
    says(&text, "Malformed datagram");
    text_clear(&text);
    bytes[8] ^= 1;
    text_header(&text, bytes, length);
    says(&text, "header checksum");
    says(&text, "verified: WRONG\n");
    text_free(&text);
}

static void broken_options_are_said(void **state) {
    (void)state;
    static const uint8_t broken[][4] = {{2, 0, 0, 0}, {2, 40, 0, 0}, {1, 1, 1, 8}, {5, 1, 0, 0}};
    for (size_t i = 0; i < 4; i++) {
        uint8_t bytes[256];
        Segment segment = {
            .src = {{0x7f000001}, 1}, .dst = {{0x7f000002}, 2}, .flags = FLAG_SYN, .options = OPTIONS_NONE};
        segment.options.mss = 1460;
        size_t length = segment_encode(&segment, bytes, sizeof bytes);
        memcpy(bytes + 40, broken[i], 4);
        Text text = TEXT_EMPTY;
        text_header(&text, bytes, length);
        says(&text, "invalid length");
        text_free(&text);
    }
}

/* Any bytes are described, and no line is too wide. */
static void any_bytes_can_be_shown(void **state) {
    (void)state;
    uint8_t bytes[256];
    size_t length = datagram(bytes);
    srand(1);
    for (int round = 0; round < 2000; round++) {
        uint8_t copy[256];
        size_t part = round < (int)length ? (size_t)round + 1 : length;
        uint8_t *exact = malloc(part); /* so that reading past it is seen */
        assert_non_null(exact);
        memcpy(copy, bytes, length);
        for (int i = 0; round >= (int)length && i < 3; i++) copy[(size_t)rand() % length] = (uint8_t)rand();
        memcpy(exact, copy, part);
        Text text = TEXT_EMPTY;
        text_header(&text, exact, part);
        assert_true(text.length > 0);
        for (const char *line = text.bytes; *line; line += strcspn(line, "\n") + 1)
            assert_true(text_columns(line, strcspn(line, "\n")) <= 82);
        text_free(&text);
        free(exact);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_is_there), cmocka_unit_test(a_wrong_checksum_is_said),
        cmocka_unit_test(broken_options_are_said), cmocka_unit_test(any_bytes_can_be_shown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
