/* segment.c - what stands in every segment that goes out, and what may stand in one that comes in (RFC
 * 9293 3.1, 3.2, 3.7.1, 3.9.2). */
#include "segments.h"

/* ---- What goes out, read byte by byte ---- */

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }
static uint32_t get32(const uint8_t *p) { return get16(p) << 16 | get16(p + 2); }

static uint32_t folded(uint32_t sum, const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* MUST-2 */
static void check_sums(const uint8_t *b, size_t length) {
    assert_int_equal(folded(0, b, 20), 0xffff);
    assert_int_equal(folded(folded(6 + (uint32_t)length - 20, b + 12, 8), b + 20, length - 20), 0xffff);
}

enum { END, NOP, MSS, SCALE, PERMITTED, SACK, TIMESTAMPS = 8 };

/* MUST-65, MUST-68, MUST-69; what only a SYN may carry (RFC 2018 2, RFC 7323 2.2) stands on no other segment. Returns
 * the kinds seen. */
static uint32_t check_options(const uint8_t *p, size_t length, bool syn) {
    static const uint8_t own[] = {[MSS] = 4, [SCALE] = 3, [PERMITTED] = 2, [TIMESTAMPS] = 10};
    uint32_t kinds = 0;
    for (size_t i = 0; i < length;) {
        uint8_t kind = p[i];
        if (kind == END) {
            for (; i < length; i++) assert_int_equal(p[i], 0);
            break;
        }
        if (kind == NOP) {
            i++;
            continue;
        }
        assert_true(i + 1 < length && p[i + 1] >= 2 && i + p[i + 1] <= length);
        if (kind == SACK) assert_int_equal((p[i + 1] - 2) % 8, 0);
        else assert_true(kind < sizeof own && own[kind] == p[i + 1]);
        if (kind == MSS || kind == SCALE || kind == PERMITTED) assert_true(syn);
        assert_false(kinds >> kind & 1);
        kinds |= 1u << kind;
        i += p[i + 1];
    }
    return kinds;
}

/* Every segment that A has sent so far. Returns the kinds of options seen on SYNs in the low half, on others in the
 * high half. */
static uint32_t check_all_sent(void) {
    uint32_t index = 0, length, kinds = 0, count = 0;
    for (Event e; (e = event_after(&index, EVENT_SEND)).index != EVENT_NONE;) {
        const uint8_t *b = trace_bytes(lab.trace, e.index, &length);
        bool syn = b[33] & FLAG_SYN;
        size_t header = (size_t)(b[32] >> 4) * 4;
        check_sums(b, length);
        assert_int_equal(get32(b + 12), addr_number(ADDR_A)); /* MUST-45 */
        assert_true(header >= 20 && 20 + header <= length);
        kinds |= check_options(b + 40, header - 20, syn) << (syn ? 0 : 16);
        if (syn) assert_true(get16(b + 40) == 0x0204); /* MSS first (MUST-14, SHLD-5) */
        count++;
    }
    assert_true(count > 5);
    return kinds;
}

/* A life with a retransmitted SYN, data, a hole, a FIN and a RST. The peer offers whatever A does. */
static void lives(void) {
    Options answer = OPTIONS_NONE;
    answer.mss = 1460;
    answer.wscale = 2;
    answer.sack_permitted = answer.timestamps = true;
    connects();
    passes(SECOND);
    sends("SYN seq=0");
    arrives_with("SYN,ACK seq=0 ack=1", answer);
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    uint32_t stamp = look().timestamps;
    Options plain = stamp ? timestamp(1, 1) : OPTIONS_NONE;
    hands_over(100);
    sends("PSH,ACK seq=1 len=100");
    arrives_with("ACK seq=101 ack=101 len=3", plain);
    sends("ACK ack=1");
    arrives_with("ACK seq=201 ack=101 len=3", plain);
    sends("ACK ack=1");
    calls(INPUT_SHUTDOWN);
    sends("FIN,ACK seq=101");
    moves("ESTABLISHED > FIN_WAIT_1");
    calls(INPUT_ABORT);
    sends("RST seq=102");
    moves("FIN_WAIT_1 > CLOSED");
}

TEST(every_segment_is_well_formed) {
    for (int rules = 0; rules < 16; rules++) {
        bool stamps = rules & 1, sack = rules & 2, scale = rules & 4;
        afresh();
        option_rules(stamps, sack, scale);
        sets(HOST_RULE_option_order, rules >> 3);
        lives();
        uint32_t kinds = check_all_sent(), on_syn = kinds & 0xffff, later = kinds >> 16;
        assert_int_equal(on_syn, 1u << MSS | (uint32_t)scale << SCALE | (uint32_t)sack << PERMITTED |
                                     (uint32_t)stamps << TIMESTAMPS);
        assert_int_equal(later, (uint32_t)sack << SACK | (uint32_t)stamps << TIMESTAMPS);
    }
}

/* SHLD-5, MAY-3: in each SYN, whatever its value; in a SYN,ACK, one sent again, and a cookie. */
TEST(mss_is_in_every_syn) {
    for (int64_t mss = 536; mss <= 1460; mss += 924) {
        afresh();
        sets(HOST_RULE_mss, mss);
        connects();
        passes(SECOND);
        sends(line("SYN seq=0 mss=%d", (int)mss));
        arrives("SYN seq=0");
        sends(line("SYN,ACK seq=0 mss=%d", (int)mss));
        moves("SYN_SENT > SYN_RCVD");
        passes(2 * SECOND);
        sends(line("SYN,ACK seq=0 mss=%d", (int)mss));
    }
    afresh();
    sets(HOST_RULE_syncookies, 1);
    listens_with(1, false);
    arrives("SYN seq=0 port=1");
    assert_int_equal(takes_sent().options.mss, 1460);
    moves("LISTEN > SYN_RCVD");
    arrives("SYN seq=0 port=2");
    by_rule(RULE_COOKIE_SENT);
    assert_int_equal(takes_sent().options.mss, 1460);
}

/* MUST-67, SHLD-6, RFC 6691 2: what the path takes, less the fixed headers, options not counted. */
TEST(mss_fits_the_path) {
    static const uint32_t mtu[] = {576, 1500, 1400, 9000};
    for (size_t i = 0; i < sizeof mtu / sizeof *mtu; i++) {
        afresh();
        option_rules(true, true, true);
        sets(HOST_RULE_mss, 8960);
        stimulus();
        accepted_input((Input){.kind = INPUT_PATH, .path = PATH_MTU, .value = mtu[i]});
        sets(HOST_RULE_isn, X);
        stimulus();
        accepted_input((Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = PEER});
        moves("CLOSED > SYN_SENT");
        sends(line("SYN seq=0 mss=%u", mtu[i] - 40));
    }
}

/* MUST-16, RFC 6691 2: a segment's options take their place from its data: 12 bytes of timestamps, 12 more for a SACK
 * block. */
TEST(options_shorten_the_data) {
    Options answer = timestamp(1, 1);
    answer.mss = 1000;
    answer.sack_permitted = true;
    option_rules(true, true, false);
    connects();
    arrives_with("SYN,ACK seq=0 ack=1", answer);
    sends("ACK seq=1 ack=1");
    moves("SYN_SENT > ESTABLISHED");
    assert_int_equal(look().mss, 988);
    hands_over(988);
    sends("PSH,ACK seq=1 len=988");
    arrives_with("ACK seq=101 ack=989 len=10", timestamp(2, 1));
    sends_blocks("ACK seq=989 ack=1", EDGES({101, 111}));
    hands_over(988 + 976);
    Segment first = takes_sent(), second = takes_sent();
    assert_int_equal(first.data_length, 976);
    assert_int_equal(first.options.sack_count, 1);
    assert_int_equal(second.data_length, 976);
    sends_nothing();
    arrives_with("ACK seq=111 ack=2941", timestamp(3, 1));
    sends("PSH,ACK len=12");
}

/* MUST-48, MUST-49, SHLD-21, SHLD-22: told to IP as the host says, from the next segment on. */
TEST(ttl_and_diffserv) {
    sets(HOST_RULE_ttl, 7);
    sets(HOST_RULE_diffserv, 46);
    sets(HOST_RULE_isn, X);
    stimulus();
    lab.conn =
        accepted_input((Input){.kind = INPUT_CONNECT, .host = A, .local = {.port = PORT_A}, .remote = PEER})->conn;
    moves("CLOSED > SYN_SENT");
    Segment syn = takes_sent();
    assert_int_equal(syn.ttl, 7);
    assert_int_equal(syn.tos, 46 << 2);
    arrives("SYN,ACK seq=0 ack=1 mss=1460");
    moves("SYN_SENT > ESTABLISHED");
    assert_int_equal(takes_sent().tos, 46 << 2);
    sets(HOST_RULE_diffserv, 63);
    sets(HOST_RULE_ttl, 255);
    hands_over(10);
    Segment data = takes_sent();
    assert_int_equal(data.ttl, 255);
    assert_int_equal(data.tos, 63 << 2);
    arrives("SYN seq=0 port=9"); /* a RST from no connection too */
    Segment rst = takes_sent();
    assert_int_equal(rst.flags, FLAG_RST | FLAG_ACK);
    assert_int_equal(rst.ttl, 255);
    assert_int_equal(rst.tos, 63 << 2);
}

/* ---- Addresses ---- */

/* MUST-43 to MUST-45: a local address may be named; without one it is the host's, and it stays. */
TEST(local_address) {
    for (int named = 0; named < 2; named++) {
        afresh();
        sets(HOST_RULE_isn, X);
        stimulus();
        Input open = {
            .kind = INPUT_CONNECT, .host = A, .local = {named ? ADDR_A : ADDR_UNSPECIFIED, PORT_A}, .remote = PEER};
        lab.conn = accepted_input(open)->conn;
        moves("CLOSED > SYN_SENT");
        assert_true(endpoint_eq(takes_sent().src, LOCAL));
        assert_true(endpoint_eq(look().local, LOCAL));
        arrives("SYN,ACK seq=0 ack=1 mss=1460");
        moves("SYN_SENT > ESTABLISHED");
        assert_true(endpoint_eq(takes_sent().src, LOCAL));
    }
    Input elsewhere = {.kind = INPUT_CONNECT, .host = A, .local = {ADDR_B, 1}, .remote = PEER};
    refuses(elsewhere, STATUS_BAD_ADDRESS);
    elsewhere.kind = INPUT_LISTEN;
    refuses(elsewhere, STATUS_BAD_ADDRESS);
}

/* MUST-42: beside a connection of that port in SYN_SENT, and beside one in SYN_RCVD. */
TEST(listening_beside_what_opens) {
    connects();
    listens();
    afresh();
    opens_simultaneously();
    ConnId opening = lab.conn;
    listens();
    lab.conn = opening;
    arrives("ACK seq=1 ack=1");
    moves("SYN_RCVD > ESTABLISHED");
}

static Segment stranger(Addr src, Addr dst, uint8_t flags) {
    return (Segment){
        .src = {src, 9}, .dst = {dst, PORT_A}, .flags = flags, .window = 100, .ttl = 64, .options = OPTIONS_NONE};
}

static const uint32_t no_single_host[] = {0xffffffff, 0x7fffffff, 0xe0000001, 0xefffffff, 0x00000000, 0x00000005};
enum { NO_SINGLE_HOST = sizeof no_single_host / sizeof *no_single_host };

/* MUST-57: to everybody or to a group: silence, though a port of that number listens. */
TEST(to_no_single_host) {
    static const uint8_t flags[] = {FLAG_SYN, FLAG_ACK, FLAG_FIN | FLAG_ACK, FLAG_RST, 0};
    listens();
    for (size_t i = 0; i < NO_SINGLE_HOST; i++) {
        for (size_t k = 0; k < sizeof flags; k++) {
            Segment seg = stranger(ADDR_PEER, addr_of(no_single_host[i]), flags[k]);
            arrives_segment(&seg);
            sends_nothing();
        }
    }
    assert_int_equal(look().syn_queue, 0);
}

/* MUST-63, MUST-46: from no single host, and to none. */
TEST(from_no_single_host) {
    listens();
    for (size_t i = 0; i < NO_SINGLE_HOST; i++) {
        Segment seg = stranger(addr_of(no_single_host[i]), ADDR_A, FLAG_SYN);
        arrives_segment(&seg);
        by_rule(RULE_LISTEN_BAD_ADDRESS);
        if (no_single_host[i] == 0) continue;
        refuses((Input){.kind = INPUT_CONNECT, .host = A, .remote = {addr_of(no_single_host[i]), 80}},
                STATUS_BAD_ADDRESS);
    }
    assert_int_equal(look().syn_queue, 0);
}

/* ---- What comes in ---- */

/* MUST-1: above 32767 the window is no negative number. */
TEST(window_is_unsigned) {
    sets(HOST_RULE_congestion, 0);
    establishes_with(65000, 1000);
    assert_int_equal(look().snd.wnd, 65000);
    hands_over(65000);
    sends_segments(1, 64, 1000);
    sends("PSH,ACK seq=64001 len=1000");
}

/* MUST-5: any option may stand on any segment; what belongs on a SYN means nothing elsewhere. */
TEST(options_on_any_segment) {
    Options all = timestamp(77, 0);
    all.mss = 100;
    all.wscale = 9;
    all.sack_permitted = true;
    option_rules(true, true, true);
    establishes();
    arrives_with("ACK seq=1 ack=1 len=5 win=1000", all);
    ConnView v = look();
    assert_int_equal(v.unread, 5);
    assert_int_equal(v.snd.wnd, 1000);
    assert_int_equal(v.mss, 1460);
    assert_false(v.scaling || v.sacking || v.timestamps);
    arrives_with("FIN,ACK seq=6 ack=1", all);
    sends("ACK seq=1 ack=7");
    moves("ESTABLISHED > CLOSE_WAIT");
    arrives_with("RST seq=7", all);
    moves_failing("CLOSE_WAIT > CLOSED", STATUS_CONNECTION_RESET);
}

/* MUST-6, MUST-68: nobody knows these kinds; their length says where the next begins. */
TEST(unknown_options_are_skipped) {
    static const uint8_t unknown[] = {254, 3, 2, 30, 9, 4, 0, 0, 0, 0, 0, 0, 99, 2, 1, 1};
    listens();
    sets(HOST_RULE_isn, X);
    arrives_with_bytes("SYN seq=0 mss=700", unknown, sizeof unknown);
    sends("SYN,ACK seq=0 ack=1");
    moves("LISTEN > SYN_RCVD");
    newest();
    assert_int_equal(look().mss, 700);
    arrives_with_bytes("ACK seq=1 ack=1 len=9", unknown, sizeof unknown);
    moves("SYN_RCVD > ESTABLISHED");
    assert_int_equal(look().unread, 9);
}

/* MUST-7: the segment is dropped, the reason stands in the trace, nothing else happens. */
TEST(impossible_lengths_are_survived) {
    static const uint8_t impossible[][4] = {
        {2, 0, 5, 0}, {77, 0, 1, 1}, {77, 1, 1, 1}, {1, 1, 1, 255}, {77, 200, 1, 1}};
    establishes();
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        arrives_with_bytes("RST seq=1", impossible[i], 4);
        by_rule(RULE_PATH_MALFORMED);
        const Event last = trace_at(lab.trace, trace_count(lab.trace) - 1);
        assert_int_equal(last.kind, EVENT_DROP);
        assert_int_equal(last.reason, DROP_MALFORMED);
        in_state(STATE_ESTABLISHED);
    }
    arrives("ACK seq=1 ack=1 len=5");
    assert_int_equal(look().unread, 5);
}

/* MUST-3 */
TEST(a_wrong_checksum_is_silence) {
    uint8_t bytes[100];
    establishes();
    size_t length = write_arrival("ACK seq=1 ack=1 len=20", bytes, sizeof bytes);
    for (size_t at = 20; at < length; at++) {
        bytes[at] ^= 4;
        stimulus();
        PacketId packet = inject_now(bytes, length);
        accepted_input((Input){.kind = INPUT_DELIVER, .packet = packet});
        bytes[at] ^= 4;
        assert_int_equal(look().unread, 0);
        if (at != 32) by_rule(RULE_PATH_CHECKSUM); /* there the header's length */
    }
    arrives_bytes(bytes, length);
    assert_int_equal(look().unread, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        lab_test(every_segment_is_well_formed),
        lab_test(mss_is_in_every_syn),
        lab_test(mss_fits_the_path),
        lab_test(options_shorten_the_data),
        lab_test(ttl_and_diffserv),
        lab_test(local_address),
        lab_test(listening_beside_what_opens),
        lab_test(to_no_single_host),
        lab_test(from_no_single_host),
        lab_test(window_is_unsigned),
        lab_test(options_on_any_segment),
        lab_test(unknown_options_are_skipped),
        lab_test(impossible_lengths_are_survived),
        lab_test(a_wrong_checksum_is_silence),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
