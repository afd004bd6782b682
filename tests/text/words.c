/* words.c - strings that grow, widths, wrapping, and the small phrases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../repl/text/text.h"

static void is(Text *text, const char *expected) {
    assert_string_equal(text_string(text), expected);
    text_clear(text);
}

static void a_text_grows(void **state) {
    (void)state;
    Text text = TEXT_EMPTY;
    assert_string_equal(text_string(&text), "");
    for (int i = 0; i < 1000; i++) text_add(&text, "%03d ", i);
    assert_int_equal(text.length, 4000);
    assert_memory_equal(text.bytes + 3996, "999 ", 5);
    text_clear(&text);
    assert_string_equal(text_string(&text), "");
    text_free(&text);
    assert_null(text.bytes);
}

static void times(void **state) {
    (void)state;
    static const struct {
        Micros time;
        const char *text;
    } cases[] = {{0, "0.000"},
                 {50000, "0.050"},
                 {61250000, "61.250"},
                 {1, "0.000001"},
                 {1230, "0.00123"},
                 {1500000, "1.500"},
                 {-50000, "-0.050"},
                 {999999, "0.999999"},
                 {MICROS_NEVER, "never"},
                 {INT64_MIN, "-9223372036854.775808"}};
    Text text = TEXT_EMPTY;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text_time(&text, cases[i].time);
        is(&text, cases[i].text);
    }
    text_free(&text);
}

static void widths(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int width;
    } cases[] = {{"", 0},          {"abc", 3}, {"三次握手", 8}, {"├─▶│", 4},     {"é", 1},
                 {"e\xcc\x81", 1}, {"，", 2},  {"\xff\xfe", 2}, {"\xe4\xb8", 2}, {"🙂", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_columns(cases[i].text, strlen(cases[i].text)), cases[i].width);
}

static void characters_survive(void **state) {
    (void)state;
    static const uint32_t characters[] = {'a', 0x7f, 0x80, 0x7ff, 0x800, 0x4e09, 0xffff, 0x10000, 0x1f642, 0x10ffff};
    Text text = TEXT_EMPTY;
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        text_add_character(&text, characters[i]);
        const char *at = text_string(&text), *end = at + text.length;
        assert_int_equal(text_character(&at, end), characters[i]);
        assert_ptr_equal(at, end);
        text_clear(&text);
    }
    text_free(&text);
}

static void paragraphs(void **state) {
    (void)state;
    Text text = TEXT_EMPTY;
    text_wrap(&text, "one two three four", 2, 10);
    is(&text, "one two\n  three\n  four");
    text_add(&text, "> ");
    text_wrap(&text, "a b", 2, 80);
    is(&text, "> a b");
    text_wrap(&text, "averyveryverylongword x", 0, 5);
    is(&text, "averyveryverylongword\nx");
    text_wrap(&text, "0.050  A  sends", 0, 80);
    is(&text, "0.050  A  sends");
    text_wrap(&text, "三次握手，为什么？", 0, 9);
    is(&text, "三次握\n手，为什\n么？");
    text_wrap(&text, "说“好”。", 0, 5);
    is(&text, "说\n“好”。"); /* marks stay with what they mark, even where that is too wide */
    text_wrap(&text, "", 4, 10);
    is(&text, "");
    text_free(&text);
}

static void padding(void **state) {
    (void)state;
    Text text = TEXT_EMPTY;
    text_add(&text, "ab\n三");
    text_pad(&text, 4);
    text_add(&text, "|");
    text_pad(&text, 2);
    is(&text, "ab\n三  |");
    text_free(&text);
}

static void segments(void **state) {
    (void)state;
    Text text = TEXT_EMPTY;
    Segment segment = {.seq = {4294967295u}, .flags = FLAG_SYN, .window = 65535, .options = OPTIONS_NONE};
    text_segment(&text, &segment);
    is(&text, "SYN seq=4294967295 win=65535");
    segment.flags |= FLAG_ACK;
    segment.ack = seq_of(42);
    segment.options.mss = 1460;
    segment.options.wscale = 0;
    segment.options.sack_permitted = true;
    segment.options.timestamps = true;
    segment.options.ts_value = 7;
    text_segment(&text, &segment);
    is(&text, "SYN,ACK seq=4294967295 ack=42 win=65535 <mss 1460, wscale 0, sack ok, ts 7 echo 0>");
    Segment data = {.flags = FLAG_ACK | FLAG_URG, .urgent = 3, .data_length = 5, .options = OPTIONS_NONE};
    data.options.sack_count = 2;
    data.options.sack[1] = (SackBlock){{10}, {20}};
    text_segment(&text, &data);
    is(&text, "ACK,URG seq=0 ack=0 win=0 urg=3 len=5 <sack 0-0, sack 10-20>");
    text_free(&text);
}

static void endpoints(void **state) {
    (void)state;
    Text text = TEXT_EMPTY;
    World *world = world_new(&(Config){0});
    assert_non_null(world);
    text_endpoint(&text, world, (Endpoint){{0x7f000001}, 7777});
    text_add(&text, " ");
    text_endpoint(&text, world, (Endpoint){{0x0a000001}, 80});
    text_add(&text, " ");
    text_endpoint(&text, NULL, (Endpoint){{0x7f000001}, 0});
    text_add(&text, " ");
    text_host(&text, world, 1);
    text_host(&text, world, HOST_NONE);
    text_host(&text, world, 7);
    is(&text, "A:7777 10.0.0.1:80 127.0.0.1:0 B--");
    text_next(&text, world);
    is(&text, "nothing is left to happen");
    text_netstat(&text, world, 10);
    text_timers(&text, world, 10);
    is(&text, "no connections\nno timer runs\n");
    world_free(world);
    text_free(&text);
}

static void two_texts_side_by_side(void **state) {
    (void)state;
    Text text = TEXT_EMPTY;
    text_beside(&text, "head\n1\n2\n三\n4\n5\n", "head\n1\n2\nthree\n4\n", 6, 1, 1, 1);
    is(&text, "head      head\n2         2\n三     >> three\n4         4\n");
    text_beside(&text, "a\nb", "a\n", 3, 0, 0, 0);
    is(&text, "b   >>\n");
    text_beside(&text, "a\nb\n", "a\nb\n", 3, 0, 0, 0);
    is(&text, "a      a\nb      b\n");
    text_beside(&text, "", "", 3, 1, 1, 1);
    is(&text, "");
    text_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_grows),
        cmocka_unit_test(times),
        cmocka_unit_test(two_texts_side_by_side),
        cmocka_unit_test(widths),
        cmocka_unit_test(characters_survive),
        cmocka_unit_test(paragraphs),
        cmocka_unit_test(padding),
        cmocka_unit_test(segments),
        cmocka_unit_test(endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
