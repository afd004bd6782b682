/* wire.c - what goes into carry() comes out of it, lo sees it once, and the kernel does not answer. */
#include "watch.h"

#include <dirent.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>

#define ADDR_A ((Addr){0x7f000001})
#define ADDR_B ((Addr){0x7f000002})
enum { IP_HEADER = 20, RANDOM_SEGMENTS = 20000 };

static RawWire *raw;

static ptrdiff_t carry(const uint8_t *in, size_t length, uint8_t *out, char error[RAW_TEXT]) {
    Link link = raw_link(raw);
    error[0] = '\0';
    return link.carry(link.self, in, length, out, LIMIT_DATAGRAM, error, RAW_TEXT);
}

static size_t encode(Segment segment, uint8_t *bytes) {
    if (!segment.ttl) segment.ttl = 64;
    if (!segment.ip_id) segment.ip_id = 1;
    size_t length = segment_encode(&segment, bytes, LIMIT_DATAGRAM);
    assert_true(length > 0);
    return length;
}

static Segment a_to_b(uint8_t flags) {
    return (Segment){.src = {ADDR_A, 7777},
                     .dst = {ADDR_B, 80},
                     .seq = {100},
                     .ack = {200},
                     .flags = flags,
                     .window = 65535,
                     .options = OPTIONS_NONE};
}

/* ---- Bytes ---- */

static void carried_bytes_are_unchanged(void **state) {
    (void)state;
    static const uint8_t flags[] = {FLAG_SYN,
                                    FLAG_SYN | FLAG_ACK,
                                    FLAG_ACK,
                                    FLAG_ACK | FLAG_PSH,
                                    FLAG_FIN | FLAG_ACK,
                                    FLAG_RST,
                                    FLAG_RST | FLAG_ACK,
                                    0,
                                    255};
    static uint8_t in[LIMIT_DATAGRAM], out[LIMIT_DATAGRAM], seen[LIMIT_DATAGRAM];
    char error[RAW_TEXT];
    int watch = watch_open(raw_holder(raw));
    for (size_t i = 0; i < sizeof flags; i++) {
        Segment segment = a_to_b(flags[i]);
        segment.ip_id = (uint16_t)(i + 1);
        segment.tos = (uint8_t)(4 * i);
        segment.ttl = (uint8_t)(1 + i);
        if (flags[i] & FLAG_SYN) segment.options.mss = 1460;
        if (flags[i] & FLAG_PSH) segment.data = (const uint8_t *)"hello", segment.data_length = 5;
        size_t length = encode(segment, in);
        if (carry(in, length, out, error) != (ptrdiff_t)length) fail_msg("flags %d: %s", flags[i], error);
        assert_memory_equal(in, out, length);
        assert_int_equal(watch_next(watch, seen, sizeof seen), length);
        assert_memory_equal(in, seen, length);
        assert_int_equal(watch_next(watch, seen, sizeof seen), -1);
    }
    close(watch);
}

/* One endpoint on both sides (a connection to itself), any source, and datagrams up to the largest. */
static void any_size_and_address(void **state) {
    (void)state;
    static uint8_t in[LIMIT_DATAGRAM], out[LIMIT_DATAGRAM], data[LIMIT_DATAGRAM];
    static const uint16_t sizes[] = {0, 1, 1460, 1461, 9000, 40000, LIMIT_DATAGRAM - 40};
    const Addr sources[] = {ADDR_B, ADDR_A, addr_of(0x0a090909), addr_of(0xc0a80001)};
    char error[RAW_TEXT];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 31);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t k = 0; k < sizeof sources / sizeof *sources; k++) {
            Segment segment = a_to_b(FLAG_ACK);
            segment.src = (Endpoint){sources[k], 80};
            segment.data = data;
            segment.data_length = sizes[i];
            size_t length = encode(segment, in);
            if (carry(in, length, out, error) != (ptrdiff_t)length) fail_msg("%u bytes: %s", sizes[i], error);
            assert_memory_equal(in, out, length);
        }
    }
}

/* ---- No answers of the kernel ---- */

static uint64_t dice = UINT64_C(20240229);

static uint32_t roll(uint32_t sides) {
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((dice >> 33) % sides);
}

static void put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint16_t ip_checksum(const uint8_t *header) {
    uint32_t sum = 0;
    for (int i = 0; i < IP_HEADER; i += 2) sum += (uint32_t)(header[i] << 8 | header[i + 1]);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* Any TCP header at all, bad data offsets and options too, over a right IP header; seven of eight with a right TCP
 * checksum. */
static size_t random_datagram(uint8_t *bytes) {
    size_t length = IP_HEADER + 20 + roll(8) * 4 + (roll(4) ? 0 : roll(1400));
    for (size_t i = IP_HEADER; i < length; i++) bytes[i] = (uint8_t)roll(256);
    static const uint8_t header[IP_HEADER] = {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 2};
    memcpy(bytes, header, IP_HEADER);
    bytes[15] = (uint8_t)(1 + roll(4));
    bytes[19] = (uint8_t)(1 + roll(4));
    put16(bytes + 2, (uint32_t)length);
    put16(bytes + 4, 1 + roll(65535));
    put16(bytes + 10, ip_checksum(bytes));
    put16(bytes + IP_HEADER, roll(65536));
    put16(bytes + IP_HEADER + 2, roll(2) ? 1 + roll(65535) : 1 + roll(20)); /* new endpoints, and the same again */
    if (roll(4)) bytes[IP_HEADER + 12] = 0x50;
    put16(bytes + IP_HEADER + 16, 0);
    put16(bytes + IP_HEADER + 16, segment_checksum(bytes, length) + (roll(8) ? 0u : 1u));
    return length;
}

/* More endpoints than there are shields. The watcher sees what was carried, in order, and nothing else: an
 * answer of the kernel would be seen. */
static void no_answer_to_random_segments(void **state) {
    (void)state;
    static uint8_t in[LIMIT_DATAGRAM], out[LIMIT_DATAGRAM], seen[LIMIT_DATAGRAM];
    char error[RAW_TEXT];
    int watch = watch_open(raw_holder(raw));
    for (int i = 0; i < RANDOM_SEGMENTS; i++) {
        size_t length = random_datagram(in);
        if (carry(in, length, out, error) != (ptrdiff_t)length) fail_msg("segment %d: %s", i, error);
        assert_memory_equal(in, out, length);
        assert_int_equal(watch_next(watch, seen, sizeof seen), length);
        assert_memory_equal(in, seen, length);
        if (watch_next(watch, seen, sizeof seen) >= 0) fail_msg("segment %d: the kernel answered", i);
    }
    close(watch);
}

static void carry_to(uint16_t port) {
    uint8_t in[128], out[LIMIT_DATAGRAM];
    char error[RAW_TEXT];
    Segment syn = a_to_b(FLAG_SYN);
    syn.dst = (Endpoint){{0x7f000033}, port};
    size_t length = encode(syn, in);
    if (carry(in, length, out, error) != (ptrdiff_t)length) fail_msg("port %u: %s", port, error);
}

static int bound_to(uint16_t port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000033)};
    int fd = socket_in(raw_holder(raw), AF_INET, SOCK_STREAM, 0);
    int error = bind(fd, (struct sockaddr *)&at, sizeof at) == 0 ? 0 : errno;
    close(fd);
    return error;
}

/* Where all are taken, the shield that was used least recently is replaced: one in use stays. */
static void the_least_recently_used_shield_goes(void **state) {
    (void)state;
    enum { MANY = 6000, OFTEN = 50 };
    for (uint16_t port = 1; port <= MANY; port++) {
        carry_to(port);
        if (port % OFTEN) continue;
        assert_int_equal(bound_to(1), EADDRINUSE);
        carry_to(1);
    }
    assert_int_equal(bound_to(MANY), EADDRINUSE);
    assert_int_equal(bound_to(2), 0);
}

/* The watcher does see answers: the same network answers with a RST where there is no shield. */
static void an_unshielded_endpoint_answers(void **state) {
    (void)state;
    uint8_t in[128], seen[256];
    int watch = watch_open(raw_holder(raw)), bare = socket_in(raw_holder(raw), AF_INET, SOCK_RAW, IPPROTO_RAW);
    Segment segment = a_to_b(FLAG_SYN);
    segment.dst = (Endpoint){{0x7f000009}, 9999};
    size_t length = encode(segment, in);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(addr_number(segment.dst.addr))};
    assert_int_equal(sendto(bare, in, length, 0, (struct sockaddr *)&to, sizeof to), length);
    assert_int_equal(watch_next(watch, seen, sizeof seen), length);
    ptrdiff_t got = watch_next(watch, seen, sizeof seen);
    assert_true(got > 0);
    Segment answer;
    assert_int_equal(segment_decode(seen, (size_t)got, &answer), DECODE_OK);
    assert_int_equal(answer.flags, FLAG_RST | FLAG_ACK);
    assert_true(endpoint_eq(answer.src, segment.dst));
    close(bare);
    close(watch);
}

/* While another program floods the network, its packets are neither taken for ours nor do they crowd ours out of the
 * queue. */
static void traffic_of_other_programs_is_ignored(void **state) {
    (void)state;
    uint8_t in[128], out[LIMIT_DATAGRAM];
    char error[RAW_TEXT];
    int bare = socket_in(raw_holder(raw), AF_INET, SOCK_RAW, IPPROTO_RAW);
    Segment segment = a_to_b(FLAG_ACK);
    segment.seq.value = 4711;
    size_t length = encode(segment, in);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(addr_number(ADDR_B))};
    pid_t flood = fork();
    if (flood == 0)
        for (;;) (void)!sendto(bare, in, length, 0, (struct sockaddr *)&to, sizeof to);
    for (uint32_t i = 0; i < 5000; i++) {
        segment.seq.value = i;
        length = encode(segment, in);
        ptrdiff_t got = carry(in, length, out, error);
        if (got != (ptrdiff_t)length || memcmp(in, out, length) != 0) {
            kill(flood, SIGKILL);
            fail_msg("packet %u: %s", i, error[0] ? error : "another packet came out");
        }
    }
    kill(flood, SIGKILL);
    waitpid(flood, NULL, 0);
    close(bare);
}

/* ---- What it refuses ---- */

static void refused(const uint8_t *in, size_t length, const char *words) {
    static uint8_t out[LIMIT_DATAGRAM];
    char error[RAW_TEXT];
    assert_int_equal(carry(in, length, out, error), -1);
    if (!strstr(error, words)) fail_msg("expected \"%s\" in \"%s\"", words, error);
}

static void what_cannot_be_carried_is_said(void **state) {
    (void)state;
    uint8_t good[128], bad[128];
    size_t length = encode(a_to_b(FLAG_SYN), good);
    const struct {
        size_t at;
        uint8_t value;
        const char *words;
    } changes[] = {{0, 0x65, "not IPv4"},
                   {0, 0x44, "IHL"},
                   {0, 0x4f, "IHL"},
                   {3, 41, "total length"},
                   {6, 0x20, "fragment"},
                   {9, 17, "not TCP"},
                   {16, 10, "no such address"},
                   {19, 0, ""}};
    for (size_t i = 0; i + 1 < sizeof changes / sizeof *changes; i++) {
        memcpy(bad, good, length);
        bad[changes[i].at] = changes[i].value;
        refused(bad, length, changes[i].words);
    }
    refused(good, 39, "too short");
    refused(good, 0, "too short");
    memcpy(bad, good, length);
    memset(bad + 12, 0, 4);
    refused(bad, length, "0.0.0.0");
    memcpy(bad, good, length);
    bad[22] = bad[23] = 0;
    refused(bad, length, "port 0");
    uint8_t out[8];
    char error[RAW_TEXT];
    Link link = raw_link(raw);
    assert_int_equal(link.carry(link.self, good, length, out, sizeof out, error, sizeof error), -1);
    assert_non_null(strstr(error, "no room"));
}

static void a_port_that_another_program_has(void **state) {
    (void)state;
    uint8_t in[128], out[LIMIT_DATAGRAM];
    char error[RAW_TEXT];
    int other = socket_in(raw_holder(raw), AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(4444), .sin_addr.s_addr = htonl(addr_number(ADDR_B))};
    assert_int_equal(bind(other, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(other, 1), 0);
    Segment segment = a_to_b(FLAG_SYN);
    segment.dst.port = 4444;
    size_t length = encode(segment, in);
    refused(in, length, "127.0.0.2:4444: a program in the lab's network has this port");
    close(other);
    if (carry(in, length, out, error) != (ptrdiff_t)length) fail_msg("still refused: %s", error);
}

/* ---- The helper ---- */

static int open_descriptors(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder)) count++;
    closedir(folder);
    return count;
}

static void nothing_is_left_behind(void **state) {
    (void)state;
    int before = open_descriptors();
    for (int i = 0; i < 20; i++) {
        RawRefusal refusal;
        RawWire *another = raw_open(&refusal);
        assert_non_null(another);
        pid_t holder = raw_holder(another);
        raw_close(another);
        assert_int_equal(kill(holder, 0), -1);
        assert_int_equal(errno, ESRCH);
    }
    assert_int_equal(open_descriptors(), before);
    raw_close(NULL);
}

/* The helper keeps no descriptor of ours open, and ignores the terminal's Ctrl-C. */
static void the_helper_shares_nothing(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    RawRefusal refusal;
    RawWire *another = raw_open(&refusal);
    assert_non_null(another);
    close(ends[1]);
    struct pollfd reader = {.fd = ends[0], .events = POLLIN};
    assert_int_equal(poll(&reader, 1, 1000), 1);
    assert_true(reader.revents & POLLHUP); /* nobody holds the other end */
    close(ends[0]);
    pid_t holder = raw_holder(another);
    assert_int_not_equal(getpgid(holder), getpgid(0));
    static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGHUP};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) assert_int_equal(kill(holder, ignored[i]), 0);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_int_equal(waitpid(holder, NULL, WNOHANG | WUNTRACED), 0);
    for (int fd = 0; fd < 3; fd++) {
        char path[64], target[64] = {0};
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)holder, fd);
        assert_true(readlink(path, target, sizeof target - 1) > 0);
        assert_string_equal(target, "/dev/null");
    }
    raw_close(another);
}

/* The helper ends with a killed program; this test becomes its parent and waits for it. */
static void the_helper_ends_with_its_program(void **state) {
    (void)state;
    int ends[2];
    pid_t holder = -1;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t child = fork();
    if (child == 0) {
        RawRefusal refusal;
        RawWire *mine = raw_open(&refusal);
        holder = mine ? raw_holder(mine) : -1;
        if (write(ends[1], &holder, sizeof holder) < 0) _exit(1);
        for (;;) pause();
    }
    assert_int_equal(read(ends[0], &holder, sizeof holder), sizeof holder);
    assert_true(holder > 0);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    pid_t reaped = 0;
    for (int i = 0; i < 200 && reaped == 0; i++) {
        reaped = waitpid(holder, NULL, WNOHANG);
        if (reaped == 0) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    assert_int_equal(reaped, holder);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    close(ends[0]);
    close(ends[1]);
}

/* Without the helper its shields are gone: an error, rather than answers of the kernel. */
static void a_lost_helper_is_said(void **state) {
    (void)state;
    uint8_t in[128], out[LIMIT_DATAGRAM];
    char error[RAW_TEXT];
    RawRefusal refusal;
    RawWire *another = raw_open(&refusal);
    assert_non_null(another);
    Link link = raw_link(another);
    size_t length = encode(a_to_b(FLAG_SYN), in);
    assert_int_equal(link.carry(link.self, in, length, out, sizeof out, error, sizeof error), length);
    kill(raw_holder(another), SIGKILL);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_int_equal(link.carry(link.self, in, length, out, sizeof out, error, sizeof error), LINK_GONE);
    assert_non_null(strstr(error, "has ended"));
    raw_close(another);
}

/* lo, up, of a wire's usual size; and nothing that leads out. */
static void the_network_has_lo_alone(void **state) {
    (void)state;
    RawRefusal refusal;
    RawWire *another = raw_open(&refusal);
    assert_non_null(another);
    int any = socket_in(raw_holder(another), AF_INET, SOCK_DGRAM, 0);
    struct ifreq lo = {.ifr_name = "lo"};
    assert_int_equal(ioctl(any, SIOCGIFFLAGS, &lo), 0);
    assert_true(lo.ifr_flags & IFF_UP);
    assert_int_equal(ioctl(any, SIOCGIFMTU, &lo), 0);
    assert_int_equal(lo.ifr_mtu, 1500);
    struct ifreq found[8];
    struct ifconf all = {.ifc_len = sizeof found, .ifc_req = found};
    assert_int_equal(ioctl(any, SIOCGIFCONF, &all), 0);
    assert_int_equal(all.ifc_len, sizeof found[0]);
    struct sockaddr_in outside = {.sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(0x08080808)};
    assert_int_equal(connect(any, (struct sockaddr *)&outside, sizeof outside), -1);
    assert_int_equal(errno, ENETUNREACH);
    close(any);
    raw_close(another);
}

static void how_long_it_takes(void **state) {
    (void)state;
    static uint8_t in[128], out[LIMIT_DATAGRAM];
    char error[RAW_TEXT];
    RawRefusal refusal;
    Micros start = wall_clock();
    RawWire *another = raw_open(&refusal);
    Micros opened = wall_clock();
    assert_non_null(another);
    raw_close(another);
    size_t length = encode(a_to_b(FLAG_SYN), in);
    Micros before = wall_clock();
    for (int i = 0; i < 1000; i++) assert_int_equal(carry(in, length, out, error), length);
    Micros after = wall_clock();
    print_message("opened in %d us, a packet crosses in %d ns\n", (int)(opened - start), (int)(after - before));
    assert_true(opened - start < 500000); /* generous: sanitizers, busy machines */
}

static void clocks_and_dice(void **state) {
    (void)state;
    uint8_t a[16] = {0}, b[16] = {0};
    assert_true(entropy(a, sizeof a));
    assert_true(entropy(b, sizeof b));
    assert_memory_not_equal(a, b, sizeof a);
    Micros before = wall_clock();
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    assert_true(wall_clock() - before >= 2000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carried_bytes_are_unchanged),
        cmocka_unit_test(any_size_and_address),
        cmocka_unit_test(no_answer_to_random_segments),
        cmocka_unit_test(the_least_recently_used_shield_goes),
        cmocka_unit_test(an_unshielded_endpoint_answers),
        cmocka_unit_test(traffic_of_other_programs_is_ignored),
        cmocka_unit_test(what_cannot_be_carried_is_said),
        cmocka_unit_test(a_port_that_another_program_has),
        cmocka_unit_test(nothing_is_left_behind),
        cmocka_unit_test(the_helper_shares_nothing),
        cmocka_unit_test(the_helper_ends_with_its_program),
        cmocka_unit_test(a_lost_helper_is_said),
        cmocka_unit_test(the_network_has_lo_alone),
        cmocka_unit_test(how_long_it_takes),
        cmocka_unit_test(clocks_and_dice),
    };
    raw = wire_or_skip();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    raw_close(raw);
    return failed;
}
