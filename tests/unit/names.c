/* names.c - one spelling for everything that has a name. */
#include "lab.h"

static void flags_to_text(void **state) {
    (void)state;
    static const struct {
        unsigned flags;
        const char *text;
    } table[] = {{0, "none"},
                 {FLAG_SYN, "SYN"},
                 {FLAG_ACK | FLAG_SYN, "SYN,ACK"},
                 {FLAG_FIN | FLAG_ACK, "FIN,ACK"},
                 {FLAG_RST, "RST"},
                 {FLAG_PSH | FLAG_ACK, "PSH,ACK"},
                 {255, "FIN,SYN,RST,PSH,ACK,URG,ECE,CWR"}};
    char text[FLAGS_TEXT];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(flags_text((uint8_t)table[i].flags, text), table[i].text);
}

static void flags_there_and_back(void **state) {
    (void)state;
    char text[FLAGS_TEXT];
    for (unsigned flags = 0; flags < 256; flags++) {
        uint8_t read = (uint8_t)~flags;
        assert_true(flags_parse(flags_text((uint8_t)flags, text), &read));
        assert_int_equal(read, flags);
    }
}

static void flags_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint8_t flags;
    } good[] = {{"syn", FLAG_SYN},
                {"Syn+aCK", FLAG_SYN | FLAG_ACK},
                {"ACK,SYN", FLAG_SYN | FLAG_ACK},
                {"syn, ack", FLAG_SYN | FLAG_ACK},
                {" fin ", FLAG_FIN},
                {"SYN,SYN", FLAG_SYN}};
    static const char *const bad[] = {"",        " ",        "SY",  "SYNN",    "SYN,",     ",SYN",
                                      "SYN ACK", "SYN,,ACK", "S",   "SYN;ACK", "none,SYN", "SYN,none",
                                      "NUL",     "Sxx",      "xYx", "xxN",     "SYN xACK"};
    uint8_t flags;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!flags_parse(good[i].text, &flags)) fail_msg("\"%s\"", good[i].text);
        assert_int_equal(flags, good[i].flags);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (flags_parse(bad[i], &flags)) fail_msg("\"%s\" was taken", bad[i]);
}

static void endpoints(void **state) {
    (void)state;
    char text[ENDPOINT_TEXT];
    Endpoint e;
    assert_string_equal(endpoint_text((Endpoint){{0x7f000001}, 7777}, text), "127.0.0.1:7777");
    assert_string_equal(endpoint_text(ENDPOINT_NONE, text), "0.0.0.0:0");
    assert_string_equal(endpoint_text((Endpoint){{UINT32_MAX}, 65535}, text), "255.255.255.255:65535");
    assert_true(endpoint_parse("127.0.0.2:80", &e));
    assert_true(endpoint_eq(e, (Endpoint){{0x7f000002}, 80}));
    assert_true(endpoint_parse("255.255.255.255:65535", &e));
    assert_true(endpoint_eq(e, (Endpoint){{UINT32_MAX}, 65535}));
    assert_true(endpoint_parse("0.0.0.0:0", &e));
    assert_true(endpoint_eq(e, ENDPOINT_NONE));
    static const char *const bad[] = {"",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      ":80",
                                      "127.0.0:80",
                                      "127.0.0.1.1:80",
                                      "256.0.0.1:80",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:99999999999",
                                      "127.0.0.1:-1",
                                      "127.0.0.1:80x",
                                      " 127.0.0.1:80",
                                      "127.0.0.1 :80",
                                      "a.b.c.d:80",
                                      "127..0.1:80",
                                      "1234.0.0.1:80",
                                      "127.0.0.1:4294967376",
                                      "127.0.0.00001:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (endpoint_parse(bad[i], &e)) fail_msg("\"%s\" was taken", bad[i]);
}

static void addresses(void **state) {
    (void)state;
    Addr addr;
    assert_true(addr_parse("127.0.0.9", &addr));
    assert_true(addr_eq(addr, addr_of(0x7f000009)));
    static const char *const bad[] = {"",          "127.0.0", "127.0.0.1 ", "127.0.0.1:80", "127.0.0.256",
                                      "1.2.3.4.5", "1.2.3.",  "x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (addr_parse(bad[i], &addr)) fail_msg("\"%s\" was taken", bad[i]);

    char text[ADDR_TEXT];
    assert_string_equal(addr_text(addr_of(0x7f000009), text), "127.0.0.9");
    assert_string_equal(addr_text(addr_of(UINT32_MAX), text), "255.255.255.255");
    assert_string_equal(addr_text(ADDR_UNSPECIFIED, text), "0.0.0.0");
}

static Addr read_addr(const char *text) {
    Addr addr;
    if (!addr_parse(text, &addr)) fail_msg("\"%s\" is no address", text);
    return addr;
}

/* The first and the last address of each kind, and their neighbours. */
static void kinds_of_addresses(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool unicast, loopback;
    } table[] = {
        {"0.0.0.0", false, false},        {"0.255.255.255", false, false},   {"1.0.0.0", true, false},
        {"126.255.255.255", true, false}, {"127.0.0.0", true, true},         {"127.0.0.1", true, true},
        {"127.255.255.254", true, true},  {"127.255.255.255", false, true},  {"128.0.0.0", true, false},
        {"223.255.255.255", true, false}, {"224.0.0.0", false, false},       {"239.255.255.255", false, false},
        {"240.0.0.0", false, false},      {"255.255.255.255", false, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Addr addr = read_addr(table[i].text);
        if (addr_is_unicast(addr) != table[i].unicast) fail_msg("%s: unicast", table[i].text);
        if (addr_is_loopback(addr) != table[i].loopback) fail_msg("%s: loopback", table[i].text);
        assert_int_equal(addr_is_unspecified(addr), i == 0);
    }
    Addr first = read_addr("127.0.0.255");
    assert_true(addr_eq(addr_add(first, 2), read_addr("127.0.1.1")));
    assert_int_equal(addr_distance(first, read_addr("127.0.1.1")), 2);
    assert_true(addr_distance(first, read_addr("127.0.0.254")) > INT32_MAX);
    Endpoint a = {first, 80}, b = {first, 81}, c = {addr_add(first, 1), 80};
    assert_true(endpoint_key(a) != endpoint_key(b) && endpoint_key(a) != endpoint_key(c));
}

/* Every name is there, is said, and is nobody else's. */
#define ALL_DIFFER(count, name_of)                                                   \
    for (int i = 0; i < (int)(count); i++) {                                         \
        assert_non_null(name_of(i));                                                 \
        assert_string_not_equal(name_of(i), "?");                                    \
        for (int j = 0; j < i; j++) assert_string_not_equal(name_of(i), name_of(j)); \
    }                                                                                \
    assert_string_equal(name_of(count), "?")

#define STATE_NAME(i) state_name((State)(i))
#define STATE_SUMMARY(i) state_summary((State)(i))
#define TIMER_NAME(i) timer_name((TimerKind)(i))
#define STATUS_NAME(i) status_text((Status)(i))
#define EVENT_NAME(i) event_kind_name((EventKind)(i))
#define CALL_NAME(i) call_name((InputKind)(i))
#define DROP_NAME(i) drop_text((DropReason)(i))
#define OUTCOME_NAME(i) outcome_name((Outcome)(i))
#define PATH_NAME(i) (path_rule_info((PathRule)(i)) ? path_rule_info((PathRule)(i))->name : "?")

static void names_differ(void **state) {
    (void)state;
    ALL_DIFFER(STATE_COUNT, STATE_NAME);
    ALL_DIFFER(STATE_COUNT, STATE_SUMMARY);
    ALL_DIFFER(TIMER_COUNT, TIMER_NAME);
    ALL_DIFFER(STATUS_COUNT, STATUS_NAME);
    ALL_DIFFER(EVENT_KINDS, EVENT_NAME);
    ALL_DIFFER(INPUT_KINDS, CALL_NAME);
    ALL_DIFFER(DROP_REASONS, DROP_NAME);
    ALL_DIFFER(PATH_RULE_COUNT, PATH_NAME);
    ALL_DIFFER(OUTCOME_COUNT, OUTCOME_NAME);
}

/* netstat's words, in the RFC's order. */
static void eleven_states(void **state) {
    (void)state;
    static const char *const names[] = {"CLOSED",     "LISTEN",     "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1",
                                        "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",  "LAST_ACK", "TIME_WAIT"};
    assert_int_equal(STATE_COUNT, 11);
    for (int i = 0; i < STATE_COUNT; i++) assert_string_equal(state_name((State)i), names[i]);
}

static void arrows(void **state) {
    (void)state;
    for (size_t i = 0; i < arrow_count(); i++) {
        const Arrow *arrow = arrow_at(i);
        assert_ptr_equal(arrow_find(arrow->from, arrow->to), arrow); /* none stands twice */
        assert_true(arrow->event[0] != 0 && arrow->action != NULL);
    }
    assert_null(arrow_at(arrow_count()));
    assert_null(arrow_find(STATE_CLOSED, STATE_ESTABLISHED));
    assert_null(arrow_find(STATE_TIME_WAIT, STATE_ESTABLISHED));
    assert_null(arrow_find(STATE_ESTABLISHED, STATE_ESTABLISHED));
}

static void rules(void **state) {
    (void)state;
    assert_string_equal(rule_info(RULE_NONE)->name, "");
    assert_string_equal(rule_info(RULE_COUNT)->name, "");
    for (int i = 1; i < RULE_COUNT; i++) {
        const RuleInfo *rule = rule_info((RuleId)i);
        assert_true(rule->name[0] != 0);
        size_t length = strlen(rule->sentence);
        assert_true(length > 20);
        if (rule->sentence[length - 1] != '.') fail_msg("%s: not a sentence", rule->name);
        if (strncmp(rule->section, "RFC ", 4) && i != RULE_SETTING) fail_msg("%s: no section", rule->name);
        for (int j = 1; j < i; j++) assert_string_not_equal(rule->name, rule_info((RuleId)j)->name);
    }
    assert_string_equal(rule_info(RULE_LISTEN_SYN)->name, "listen.syn");
    assert_string_equal(rule_info(RULE_LISTEN_SYN)->section, "RFC 9293 3.10.7.2");
}

static void host_rules(void **state) {
    (void)state;
    assert_null(host_rule_info(HOST_RULE_COUNT));
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        const HostRuleInfo *info = host_rule_info((HostRule)i);
        bool off = info->off && info->initial == HOST_RULE_OFF;
        assert_true(info->low <= info->high);
        if (!off && (info->initial < info->low || info->initial > info->high))
            fail_msg("%s: its default is out of range", info->name);
        assert_true(info->help[0] != 0);
    }
    assert_int_equal(host_rule_info(HOST_RULE_msl)->initial, 30 * SECOND);
    assert_int_equal(host_rule_standard(HOST_RULE_msl), 120 * SECOND); /* RFC 9293 3.4.2 */
    for (int i = 0; i < HOST_RULE_COUNT; i++)
        if (i != HOST_RULE_msl) assert_int_equal(host_rule_standard((HostRule)i), host_rule_info((HostRule)i)->initial);
    assert_int_equal(host_rule_info(HOST_RULE_time_wait)->initial, 2000);
}

static void lengths(void **state) {
    (void)state;
    Segment seg = {.data_length = 10};
    assert_int_equal(segment_length(&seg), 10);
    seg.flags = FLAG_SYN | FLAG_FIN | FLAG_ACK | FLAG_PSH | FLAG_RST;
    assert_int_equal(segment_length(&seg), 12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_to_text),
        cmocka_unit_test(flags_there_and_back),
        cmocka_unit_test(flags_as_people_write_them),
        cmocka_unit_test(endpoints),
        cmocka_unit_test(addresses),
        cmocka_unit_test(kinds_of_addresses),
        cmocka_unit_test(names_differ),
        cmocka_unit_test(eleven_states),
        cmocka_unit_test(arrows),
        cmocka_unit_test(rules),
        cmocka_unit_test(host_rules),
        cmocka_unit_test(lengths),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
