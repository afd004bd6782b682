/* interop_open.c - opening a connection with Linux's own TCP, from either side; refusals; negotiation by the SYNs.
 */
#include "child.h"
#include "interop.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

/* ---- From either side ---- */

static void we_call_linux(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    assert_true(lab->heard >= 1);
    expect_no_oracle(lab);
    close(fd);
    lab_free(lab);
}

static void linux_calls_us(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_theirs_first(lab);
    assert_int_equal(kernel_error(fd), 0);
    expect_no_oracle(lab);
    close(fd);
    lab_free(lab);
}

/* One packet at a time, and after each both ends are where RFC 9293 Figure 6 has them. */
static void step_by_step(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int listener = kernel_listen(lab);
    assert_int_equal(raw_kernel_state(raw, lab->theirs, ENDPOINT_NONE), STATE_LISTEN);
    connect_ours(lab);
    assert_int_equal(our_state(lab), STATE_SYN_SENT);
    assert_int_equal(their_state(lab), STATE_CLOSED);
    assert_true(cross(lab)); /* SYN */
    assert_int_equal(our_state(lab), STATE_SYN_SENT);
    assert_int_equal(their_state(lab), STATE_SYN_RCVD);
    assert_true(hear(lab, PATIENCE));
    assert_int_equal(lab->last_heard.flags, FLAG_SYN | FLAG_ACK);
    assert_true(cross(lab)); /* SYN,ACK */
    assert_int_equal(our_state(lab), STATE_ESTABLISHED);
    assert_int_equal(their_state(lab), STATE_SYN_RCVD);
    assert_true(cross(lab)); /* ACK */
    assert_int_equal(their_state(lab), STATE_ESTABLISHED);
    assert_false(hear(lab, QUIET));
    close(listener);
    lab_free(lab);
}

static void both_call_at_once(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = kernel_socket(lab);
    kernel_connect(lab, fd);
    connect_ours(lab);
    assert_int_equal(our_state(lab), STATE_SYN_SENT);
    assert_int_equal(their_state(lab), STATE_SYN_SENT);
    assert_true(cross(lab)); /* our SYN; theirs is in flight */
    assert_int_equal(their_state(lab), STATE_SYN_RCVD);
    expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    assert_int_equal(kernel_error(fd), 0);
    send_ours(lab, "at once");
    expect_theirs(lab, fd, "at once");
    send_theirs(fd, "both");
    expect_ours(lab, "both");
    expect_no_oracle(lab);
    close(fd);
    lab_free(lab);
}

/* ---- Lost on the way ---- */

static void lose_next(Lab *lab) {
    PacketId id;
    assert_true(world_packet_list(session_world(lab->session), &id, 1) > 0);
    must(lab, (Input){.kind = INPUT_DROP, .packet = id});
}

static void our_syn_is_lost(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int listener = kernel_listen(lab);
    ConnId conn = connect_ours(lab);
    lose_next(lab);
    assert_int_equal(their_state(lab), STATE_CLOSED);
    must(lab, (Input){.kind = INPUT_TIMER, .conn = conn, .timer = TIMER_RETRANSMIT, .at = MICROS_NEVER});
    expect_states(lab, -1, STATE_ESTABLISHED, STATE_ESTABLISHED);
    close(listener);
    lab_free(lab);
}

/* Linux's SYN,ACK is lost, and our SYN comes again: it answers it again. */
static void their_syn_ack_is_lost(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int listener = kernel_listen(lab);
    ConnId conn = connect_ours(lab);
    assert_true(cross(lab));
    assert_true(hear(lab, PATIENCE));
    lose_next(lab);
    must(lab, (Input){.kind = INPUT_TIMER, .conn = conn, .timer = TIMER_RETRANSMIT, .at = MICROS_NEVER});
    expect_states(lab, -1, STATE_ESTABLISHED, STATE_ESTABLISHED);
    close(listener);
    lab_free(lab);
}

/* The third segment is lost: Linux waits in SYN_RCVD, our data carries the ACK. */
static void our_ack_is_lost(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int listener = kernel_listen(lab);
    connect_ours(lab);
    assert_true(cross(lab));
    assert_true(hear(lab, PATIENCE));
    assert_true(cross(lab));
    lose_next(lab);
    assert_int_equal(our_state(lab), STATE_ESTABLISHED);
    assert_int_equal(their_state(lab), STATE_SYN_RCVD);
    send_ours(lab, "here");
    expect_states(lab, -1, STATE_ESTABLISHED, STATE_ESTABLISHED);
    int fd = kernel_accept(listener);
    expect_theirs(lab, fd, "here");
    close(listener);
    close(fd);
    lab_free(lab);
}

/* ---- Refused ---- */

static void linux_refuses(void **state) {
    (void)state;
    ConnView view;
    Lab *lab = lab_new();
    lab->aborts = true;
    connect_ours(lab);
    expect_states(lab, -1, STATE_CLOSED, STATE_CLOSED);
    assert_int_equal(lab->last_heard.flags, FLAG_RST | FLAG_ACK);
    assert_true(our_end(lab, &view));
    assert_int_equal(view.error, STATUS_CONNECTION_REFUSED);
    lab_free(lab);
}

static void we_refuse(void **state) {
    (void)state;
    Lab *lab = lab_new();
    lab->aborts = true;
    int fd = kernel_socket(lab);
    kernel_connect(lab, fd);
    assert_int_equal(their_state(lab), STATE_SYN_SENT);
    expect_states(lab, fd, STATE_CLOSED, STATE_CLOSED);
    assert_int_equal(kernel_error(fd), ECONNREFUSED);
    close(fd);
    lab_free(lab);
}

/* ---- What the SYNs agree on ---- */

typedef struct Offer {
    bool scaling, timestamps, sacking;
} Offer;

static Offer offer_of(unsigned bits) { return (Offer){bits & 1, bits & 2, bits & 4}; }

static void linux_offers(Offer offer) {
    if (raw_setting(raw, "tcp_window_scaling", offer.scaling ? "1" : "0") &&
        raw_setting(raw, "tcp_timestamps", offer.timestamps ? "1" : "0") &&
        raw_setting(raw, "tcp_sack", offer.sacking ? "1" : "0"))
        return;
    print_message("its settings cannot be changed here: %s\n", strerror(errno));
    skip();
}

static void expect_agreed(const Lab *lab, int fd, Offer offer) {
    ConnView view;
    struct tcp_info info = info_of(fd);
    assert_true(our_end(lab, &view));
    assert_int_equal(view.scaling, offer.scaling);
    assert_int_equal(view.timestamps, offer.timestamps);
    assert_int_equal(view.sacking, offer.sacking);
    assert_int_equal(!!(info.tcpi_options & TCPI_OPT_WSCALE), offer.scaling);
    assert_int_equal(!!(info.tcpi_options & TCPI_OPT_TIMESTAMPS), offer.timestamps);
    assert_int_equal(!!(info.tcpi_options & TCPI_OPT_SACK), offer.sacking);
    if (offer.scaling) {
        assert_int_equal(info.tcpi_rcv_wscale, view.snd_shift);
        assert_int_equal(info.tcpi_snd_wscale, view.rcv_shift);
    }
    assert_int_equal(info.tcpi_snd_mss, 1460 - (offer.timestamps ? 12 : 0));
}

/* Any offer of ours, any of Linux's, whoever calls: both have what both offered, and nothing else. */
static void both_must_offer(void **state) {
    (void)state;
    for (unsigned theirs = 0; theirs < 8; theirs++) {
        linux_offers(offer_of(theirs));
        for (unsigned ours = 0; ours < 16; ours++) {
            Lab *lab = lab_new();
            Offer offer = offer_of(ours);
            rule(lab, HOST_RULE_window_scale, offer.scaling);
            rule(lab, HOST_RULE_timestamps, offer.timestamps);
            rule(lab, HOST_RULE_sack, offer.sacking);
            rule(lab, HOST_RULE_recv_buffer, 1 << 20);
            int fd = ours & 8 ? open_ours_first(lab) : open_theirs_first(lab);
            expect_agreed(lab, fd, offer_of(ours & theirs));
            send_ours(lab, "to Linux");
            expect_theirs(lab, fd, "to Linux");
            send_theirs(fd, "from Linux");
            expect_ours(lab, "from Linux");
            expect_no_oracle(lab);
            close(fd);
            lab_free(lab);
        }
    }
    linux_offers(offer_of(7));
}

/* ---- SYN cookies, ECN ---- */

static void set_or_skip(const char *name, const char *value) {
    if (raw_setting(raw, name, value)) return;
    print_message("%s cannot be changed here: %s\n", name, strerror(errno));
    skip();
}

/* Linux keeps nothing of our SYN but the cookie that our ACK brings back. */
static void their_cookie(void **state) {
    (void)state;
    set_or_skip("tcp_syncookies", "2");
    for (unsigned ours = 0; ours < 8; ours++) {
        Offer offer = offer_of(ours);
        if (!offer.timestamps) offer.scaling = offer.sacking = false; /* it keeps them in the timestamp */
        Lab *lab = lab_new();
        options(lab, false);
        rule(lab, HOST_RULE_window_scale, offer.scaling);
        rule(lab, HOST_RULE_timestamps, offer.timestamps);
        rule(lab, HOST_RULE_sack, offer.sacking);
        int listener = kernel_listen(lab);
        connect_ours(lab);
        assert_true(cross(lab));
        assert_int_equal(their_state(lab), STATE_CLOSED);
        assert_true(hear(lab, PATIENCE));
        assert_true(cross(lab));
        assert_true(cross(lab));
        assert_int_equal(their_state(lab), STATE_ESTABLISHED);
        int fd = kernel_accept(listener);
        ConnView view;
        assert_true(our_end(lab, &view));
        assert_int_equal(view.scaling, offer.scaling);
        assert_int_equal(view.sacking, offer.sacking);
        send_ours(lab, "sweet");
        expect_theirs(lab, fd, "sweet");
        send_theirs(fd, "indeed");
        expect_ours(lab, "indeed");
        close(listener);
        close(fd);
        lab_free(lab);
    }
    raw_setting(raw, "tcp_syncookies", "1");
}

/* Our SYN queue is full: Linux gets a cookie, brings it back, and is let in. */
static void our_cookie(void **state) {
    (void)state;
    static uint8_t bytes[64];
    Lab *lab = lab_new();
    lab->aborts = true; /* it is open at Linux's end while ours remembers nothing */
    rule(lab, HOST_RULE_syncookies, 1);
    ConnId listener =
        must(lab, (Input){.kind = INPUT_LISTEN, .host = A, .local = {.port = lab->ours.port}, .count = 1})->conn;
    Segment stranger = {.src = {{0x7f000032}, 9},
                        .dst = lab->ours,
                        .flags = FLAG_SYN,
                        .window = 1000,
                        .ttl = 64,
                        .options = OPTIONS_NONE};
    uint32_t length = (uint32_t)segment_encode(&stranger, bytes, sizeof bytes);
    must(lab, (Input){.kind = INPUT_INJECT, .bytes = bytes, .length = length});
    assert_true(cross(lab)); /* fills the queue; its answer reaches nobody */
    assert_true(cross(lab));
    int fd = kernel_socket(lab);
    kernel_connect(lab, fd);
    assert_true(hear(lab, PATIENCE));
    assert_true(cross(lab));
    assert_int_equal(our_state(lab), STATE_CLOSED);
    assert_true(cross(lab));
    assert_int_equal(their_state(lab), STATE_ESTABLISHED);
    expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    assert_int_equal(info_of(fd).tcpi_snd_mss, 1460);
    must(lab, (Input){.kind = INPUT_ACCEPT, .conn = listener});
    send_theirs(fd, "sweet");
    expect_ours(lab, "sweet");
    send_ours(lab, "indeed");
    expect_theirs(lab, fd, "indeed");
    expect_no_oracle(lab);
    close(fd);
    lab_free(lab);
}

/* Linux asks for ECN in its SYN; we do not speak it, and it does without. */
static void ecn_is_not_agreed_on(void **state) {
    (void)state;
    set_or_skip("tcp_ecn", "1");
    Lab *lab = lab_new();
    listen_ours(lab);
    int fd = kernel_socket(lab);
    kernel_connect(lab, fd);
    assert_true(hear(lab, PATIENCE));
    assert_int_equal(lab->last_heard.flags, FLAG_SYN | FLAG_ECE | FLAG_CWR);
    expect_states(lab, fd, STATE_ESTABLISHED, STATE_ESTABLISHED);
    assert_int_equal(info_of(fd).tcpi_options & TCPI_OPT_ECN, 0);
    send_theirs(fd, "plain");
    expect_ours(lab, "plain");
    raw_setting(raw, "tcp_ecn", "2");
    close(fd);
    lab_free(lab);
}

/* ---- What ss says ---- */

static void exec_ss(const void *argument) {
    char *argv[] = {"ss", "-tan", NULL};
    const pid_t *holder = argument;
    RawRefusal refusal;
    raw_attach_exec(*holder, argv, &refusal);
    fprintf(stderr, "%s: %s (%s)\n", refusal.step, strerror(refusal.error), refusal.remedy);
}

static void ss_shows_the_other_end(void **state) {
    (void)state;
    static Ran ss;
    char theirs[ENDPOINT_TEXT], ours[ENDPOINT_TEXT];
    pid_t holder = raw_holder(raw);
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    run_and_read(exec_ss, &holder, &ss);
    if (ss.status != 0) {
        print_message("ss: %s", ss.err);
        skip();
    }
    endpoint_text(lab->theirs, theirs);
    endpoint_text(lab->ours, ours);
    bool found = false;
    for (char *line = strtok(ss.out, "\n"); line; line = strtok(NULL, "\n"))
        found |= strncmp(line, "ESTAB", 5) == 0 && strstr(line, theirs) && strstr(line, ours);
    assert_true(found);
    close(fd);
    lab_free(lab);
}

/* ---- A kernel without the interface that ss uses ---- */

static void forbid_netlink(void) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args)), /* the low half, on little-endian machines */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0, "%s",
          strerror(errno));
}

static void check_state(RawWire *wire, uint16_t port, Endpoint remote, State expected) {
    State state = raw_kernel_state(wire, (Endpoint){ADDR_K, port}, remote);
    CHECK(state == expected, "%s, not %s", state_name(state), state_name(expected));
}

static void states_from_the_table(const void *argument) {
    (void)argument;
    forbid_netlink();
    RawRefusal refusal;
    RawWire *wire = raw_open(&refusal);
    CHECK(wire && raw_kernel(wire, ADDR_K), "%s", strerror(errno));
    CHECK(raw_socket(wire, AF_NETLINK, SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT, "%s", strerror(errno));
    int listener = raw_socket(wire, AF_INET, SOCK_STREAM, 0),
        caller = raw_socket(wire, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in here = address_of((Endpoint){ADDR_K, 80}), calls = address_of((Endpoint){ADDR_K, 81});
    struct sockaddr_in ours = address_of((Endpoint){ADDR_A, 9}), theirs = here;
    check_state(wire, 80, ENDPOINT_NONE, STATE_CLOSED);
    CHECK(bind(listener, (struct sockaddr *)&here, sizeof here) == 0 && listen(listener, 1) == 0, "%s",
          strerror(errno));
    check_state(wire, 80, ENDPOINT_NONE, STATE_LISTEN);
    CHECK(bind(caller, (struct sockaddr *)&calls, sizeof calls) == 0 && raw_guard(wire, (Endpoint){ADDR_A, 9}), "%s",
          strerror(errno));
    CHECK(connect(caller, (struct sockaddr *)&ours, sizeof ours) != 0 && errno == EINPROGRESS, "%s", strerror(errno));
    check_state(wire, 81, (Endpoint){ADDR_A, 9}, STATE_SYN_SENT);
    close(caller);
    caller = raw_socket(wire, AF_INET, SOCK_STREAM, 0);
    CHECK(bind(caller, (struct sockaddr *)&calls, sizeof calls) == 0, "%s", strerror(errno));
    CHECK(connect(caller, (struct sockaddr *)&theirs, sizeof theirs) == 0, "%s", strerror(errno));
    check_state(wire, 81, (Endpoint){ADDR_K, 80}, STATE_ESTABLISHED);
    shutdown(caller, SHUT_WR);
    check_state(wire, 80, (Endpoint){ADDR_K, 81}, STATE_CLOSE_WAIT);
    raw_close(wire);
}

static void states_without_sock_diag(void **state) {
    (void)state;
    assert_int_equal(in_child(states_from_the_table, NULL), 0);
}

/* ---- The raw wire ---- */

/* Their checksums were never finished by a card: we finished them, and said so. */
static void checksums_are_completed(void **state) {
    (void)state;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    assert_true(lab->heard > 0);
    assert_int_equal(lab->offloaded, lab->heard);
    close(fd);
    lab_free(lab);
}

static void bad_arguments_are_refused(void **state) {
    (void)state;
    assert_false(raw_kernel(raw, addr_of(0x0a000001)));
    assert_int_equal(errno, EADDRNOTAVAIL);
    assert_true(raw_kernel(raw, ADDR_K)); /* again: it is already */
    assert_false(raw_guard(raw, (Endpoint){ADDR_K, 80}));
    assert_int_equal(errno, EINVAL);
    assert_false(raw_setting(raw, "tcp_no_such_thing", "1"));
    assert_int_equal(errno, ENOENT);
    assert_false(raw_setting(raw, "../../kernel/hostname", "x"));
    assert_int_equal(errno, EINVAL);
    assert_false(raw_setting(raw, "tcp_sack", "perhaps"));
    assert_int_equal(errno, EINVAL);
    assert_int_equal(raw_kernel_state(raw, (Endpoint){ADDR_K, 1}, (Endpoint){ADDR_A, 1}), STATE_CLOSED);
}

static Status attempt(Lab *lab, Input input) { return session_do(lab->session, &input); }

/* Its TCP is not ours: it takes no calls, and only what really comes from it passes for its own. */
static void a_foreign_host_takes_no_calls(void **state) {
    (void)state;
    HostView view;
    uint8_t bytes[64];
    Lab *lab = lab_new();
    const uint8_t *name = (const uint8_t *)"L";
    assert_true(world_host(session_world(lab->session), lab->kernel, &view));
    assert_true(view.foreign);
    assert_true(addr_eq(view.addr, ADDR_K));
    assert_int_equal(attempt(lab, (Input){.kind = INPUT_LISTEN, .host = lab->kernel, .local = {.port = 80}}),
                     STATUS_FOREIGN_HOST);
    assert_int_equal(attempt(lab, (Input){.kind = INPUT_CONNECT, .host = lab->kernel, .remote = lab->ours}),
                     STATUS_FOREIGN_HOST);
    assert_int_equal(attempt(lab, (Input){.kind = INPUT_CRASH, .host = lab->kernel}), STATUS_FOREIGN_HOST);
    assert_int_equal(attempt(lab, (Input){.kind = INPUT_RULE, .host = lab->kernel, .rule = HOST_RULE_nagle}),
                     STATUS_FOREIGN_HOST);
    const Addr bad[] = {ADDR_A, addr_add(ADDR_A, LIMIT_HOSTS - 1), ADDR_K, addr_of(0x0a000001), ADDR_UNSPECIFIED};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(
            attempt(lab,
                    (Input){.kind = INPUT_HOST, .bytes = name, .length = 1, .foreign = true, .local = {bad[i], 0}}),
            STATUS_BAD_ADDRESS);
    Segment from_ours = {.src = lab->ours, .dst = lab->theirs, .flags = FLAG_SYN, .ttl = 64, .options = OPTIONS_NONE};
    uint32_t length = (uint32_t)segment_encode(&from_ours, bytes, sizeof bytes);
    assert_int_equal(attempt(lab, (Input){.kind = INPUT_INJECT, .foreign = true, .bytes = bytes, .length = length}),
                     STATUS_BAD_ADDRESS);
    assert_int_equal(attempt(lab, (Input){.kind = INPUT_INJECT, .foreign = true, .bytes = bytes, .length = 10}),
                     STATUS_BAD_DATAGRAM);
    lab_free(lab);
}

/* The next segment between the lab's two ends that lo delivered; connections of earlier tests may still be talking.
 * False: no more. */
static bool watch_lab(const Lab *lab, int watch, Segment *seg) {
    static uint8_t seen[LIMIT_DATAGRAM];
    ptrdiff_t length;
    while ((length = watch_next(watch, seen, sizeof seen)) > 0) {
        segment_decode(seen, (size_t)length, seg);
        if (endpoint_eq(seg->src, lab->ours) && endpoint_eq(seg->dst, lab->theirs)) return true;
        if (endpoint_eq(seg->src, lab->theirs) && endpoint_eq(seg->dst, lab->ours)) return true;
    }
    return false;
}

/* The lab's history goes back and forth without a packet; the kernel's does not. */
static void history_sends_nothing_to_linux(void **state) {
    (void)state;
    Segment seen;
    Lab *lab = lab_new();
    int fd = open_ours_first(lab);
    send_theirs(fd, "remember");
    expect_ours(lab, "remember");
    settle(lab);
    uint32_t steps = session_steps(lab->session);
    uint64_t digest = world_digest(session_world(lab->session));
    int watch = watch_open(raw_holder(raw));
    for (uint32_t step = steps; step-- > 0;) assert_int_equal(session_seek(lab->session, step), STATUS_OK);
    assert_int_equal(our_state(lab), STATE_CLOSED);
    assert_int_equal(their_state(lab), STATE_ESTABLISHED);
    assert_int_equal(session_seek(lab->session, steps), STATUS_OK);
    assert_int_equal(our_state(lab), STATE_ESTABLISHED);
    assert_int_equal(world_digest(session_world(lab->session)), digest);
    assert_false(watch_lab(lab, watch, &seen));
    close(watch);
    close(fd);
    lab_free(lab);
}

/* lo carries each packet once, in the order of the steps: what Linux sends is not sent again when it arrives at ours.
 */
static void each_packet_crosses_once(void **state) {
    (void)state;
    Segment seg;
    Lab *lab = lab_new();
    int watch = watch_open(raw_holder(raw));
    int fd = open_ours_first(lab);
    for (int i = 0; i < 3; i++) {
        static const uint8_t flags[] = {FLAG_SYN, FLAG_SYN | FLAG_ACK, FLAG_ACK};
        assert_true(watch_lab(lab, watch, &seg));
        assert_int_equal(seg.flags, flags[i]);
        assert_true(endpoint_eq(seg.src, i == 1 ? lab->theirs : lab->ours));
    }
    assert_false(watch_lab(lab, watch, &seg));
    close(watch);
    close(fd);
    lab_free(lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(we_call_linux),
        cmocka_unit_test(linux_calls_us),
        cmocka_unit_test(step_by_step),
        cmocka_unit_test(both_call_at_once),
        cmocka_unit_test(our_syn_is_lost),
        cmocka_unit_test(their_syn_ack_is_lost),
        cmocka_unit_test(our_ack_is_lost),
        cmocka_unit_test(linux_refuses),
        cmocka_unit_test(we_refuse),
        cmocka_unit_test(both_must_offer),
        cmocka_unit_test(their_cookie),
        cmocka_unit_test(our_cookie),
        cmocka_unit_test(ecn_is_not_agreed_on),
        cmocka_unit_test(ss_shows_the_other_end),
        cmocka_unit_test(states_without_sock_diag),
        cmocka_unit_test(checksums_are_completed),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(a_foreign_host_takes_no_calls),
        cmocka_unit_test(history_sends_nothing_to_linux),
        cmocka_unit_test(each_packet_crosses_once),
    };
    return cmocka_run_group_tests(tests, interop_setup, interop_teardown);
}
