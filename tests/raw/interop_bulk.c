/* interop_bulk.c - a megabyte each way between our TCP and Linux's, with and without options, on a good path and a bad
 * one.
 *
 * Here time runs: while nothing else happens the world's clock follows the wall's, faster by SPEED, so that our timers
 * are short beside Linux's patience. What else the machine is busy with costs no time in the world.
 */
#include "interop.h"

enum { MEGABYTE = 1 << 20, CHUNK = 32768, SPEED = 10, TICK = 1 /* millisecond */, SECONDS = 40 };

typedef struct Bulk {
    Lab *lab;
    int fd;
    uint32_t ours_total, theirs_total; /* bytes to be sent by each */
    uint32_t ours_sent, ours_arrived, theirs_sent, theirs_arrived;
    bool spoilt; /* a byte was not the one that was sent */
    Micros now;
} Bulk;

/* What stands at an offset; the two directions differ. */
static uint8_t byte_at(uint32_t offset, bool ours) { return (uint8_t)(offset * 131 + offset / 257 + (ours ? 0 : 101)); }

static void fill(uint8_t *bytes, uint32_t offset, uint32_t count, bool ours) {
    for (uint32_t i = 0; i < count; i++) bytes[i] = byte_at(offset + i, ours);
}

static bool intact(const uint8_t *bytes, uint32_t offset, uint32_t count, bool ours) {
    for (uint32_t i = 0; i < count; i++)
        if (bytes[i] != byte_at(offset + i, ours)) return false;
    return true;
}

static uint32_t chunk_of(uint32_t left) { return left < CHUNK ? left : CHUNK; }

/* ---- The applications: each sends and reads what it can; true where anything went ---- */

static bool our_application(Bulk *bulk) {
    static uint8_t bytes[CHUNK];
    Session *session = bulk->lab->session;
    ConnView view;
    bool went = false;
    if (!our_end(bulk->lab, &view)) return false;
    uint32_t count = chunk_of(bulk->ours_total - bulk->ours_sent);
    if (count) {
        fill(bytes, bulk->ours_sent, count, true);
        Input send_some = {.kind = INPUT_SEND, .conn = view.id, .bytes = bytes, .length = count};
        if (session_do(session, &send_some) == STATUS_OK) {
            bulk->ours_sent += world_result(session_world(session))->count;
            went = true;
        }
    }
    count = (uint32_t)world_peek(session_world(session), view.id, bytes, sizeof bytes);
    if (count == 0) return went;
    if (!intact(bytes, bulk->theirs_arrived, count, false)) bulk->spoilt = true;
    bulk->theirs_arrived += count;
    must(bulk->lab, (Input){.kind = INPUT_RECV, .conn = view.id, .count = count});
    return true;
}

static bool their_application(Bulk *bulk) {
    static uint8_t bytes[CHUNK];
    uint32_t count = chunk_of(bulk->theirs_total - bulk->theirs_sent);
    fill(bytes, bulk->theirs_sent, count, false);
    ssize_t sent = count ? send(bulk->fd, bytes, count, MSG_NOSIGNAL) : 0;
    if (sent > 0) bulk->theirs_sent += (uint32_t)sent;
    ssize_t got = recv(bulk->fd, bytes, sizeof bytes, 0);
    if (got <= 0) return sent > 0;
    if (!intact(bytes, bulk->ours_arrived, (uint32_t)got, true)) bulk->spoilt = true;
    bulk->ours_arrived += (uint32_t)got;
    return true;
}

/* ---- Time ---- */

/* What is due by now happens; then the clock is at now. */
static bool live(Bulk *bulk) {
    Session *session = bulk->lab->session;
    Input next;
    bool went = false;
    for (int i = 0; i < 64 && world_next(session_world(session), &next) && next.at <= bulk->now; i++) {
        must(bulk->lab, next);
        went = true;
    }
    if (!went && bulk->now > world_now(session_world(session)))
        must(bulk->lab, (Input){.kind = INPUT_WAIT, .at = bulk->now});
    return went;
}

static void let_time_pass(Bulk *bulk) {
    const Micros most = 2 * TICK * 1000;
    Micros since = wall_clock();
    if (hear(bulk->lab, TICK)) return;
    Micros passed = wall_clock() - since;
    bulk->now += SPEED * (passed < most ? passed : most);
}

static bool done(const Bulk *bulk) {
    return bulk->ours_arrived == bulk->ours_total && bulk->theirs_arrived == bulk->theirs_total;
}

static void expect_alike(const Bulk *bulk) {
    State ours = our_state(bulk->lab);
    unsigned theirs = info_of(bulk->fd).tcpi_state;
    if (ours != STATE_ESTABLISHED || theirs != linux_number(STATE_ESTABLISHED))
        fail_msg("%s (ours) and state %u (Linux)", state_name(ours), theirs);
}

static void run(Bulk *bulk) {
    bulk->now = world_now(session_world(bulk->lab->session));
    Micros limit = wall_clock() + SECONDS * MICROS_PER_SECOND;
    while (!done(bulk) && !bulk->spoilt && wall_clock() < limit) {
        bool went = false;
        while (hear(bulk->lab, 0)) went = true; /* before the socket that hears it is full */
        went |= live(bulk);
        went |= our_application(bulk);
        went |= their_application(bulk);
        expect_alike(bulk);
        if (!went) let_time_pass(bulk);
    }
}

/* ---- The tests ---- */

static uint32_t sent_again(const Lab *lab) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < session_events(lab->session); i++) {
        const Event event = trace_at(session_trace(lab->session), i);
        count += event.kind == EVENT_SEND && event.again;
    }
    return count;
}

typedef struct Plan {
    bool with_options, linux_calls;
    int64_t loss; /* in millionths */
    bool rough;   /* packets also come twice, late, and damaged */
    uint32_t ours, theirs;
    uint64_t seed;
} Plan;

static Lab *lab_for(const Plan *plan) {
    Lab *lab = lab_seeded(plan->seed);
    options(lab, plan->with_options);
    rule(lab, HOST_RULE_recv_buffer, plan->with_options ? MEGABYTE : 65535);
    rule(lab, HOST_RULE_send_buffer, plan->with_options ? MEGABYTE : 65535);
    return lab;
}

static void make_path(Lab *lab, int64_t loss, bool rough) {
    const struct {
        PathRule path;
        int64_t value;
    } settings[] = {{PATH_LOSS, loss},
                    {PATH_LATENCY, rough ? 5000 : 0},
                    {PATH_DUPLICATE, rough ? 20000 : 0},
                    {PATH_REORDER, rough ? 50000 : 0},
                    {PATH_CORRUPT, rough ? 20000 : 0}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        must(lab, (Input){.kind = INPUT_PATH, .path = settings[i].path, .value = settings[i].value});
}

static void transfer(const Plan *plan) {
    Lab *lab = lab_for(plan);
    Bulk bulk = {.lab = lab, .ours_total = plan->ours, .theirs_total = plan->theirs};
    bulk.fd = plan->linux_calls ? open_theirs_first(lab) : open_ours_first(lab);
    make_path(lab, plan->loss, plan->rough);
    Micros since = wall_clock();
    run(&bulk);
    Micros took = wall_clock() - since;
    struct tcp_info info = info_of(bulk.fd);
    print_message("%u KiB out, %u KiB in, options %s, loss %d %%, seed %d: %d ms, sent again %u (ours) %u (Linux)\n",
                  bulk.ours_arrived / 1024, bulk.theirs_arrived / 1024, plan->with_options ? "on" : "off",
                  (int)(plan->loss / 10000), (int)plan->seed, (int)(took / 1000), sent_again(lab),
                  info.tcpi_total_retrans);
    if (bulk.spoilt) fail_msg("seed %d: a byte was not the one that was sent", (int)plan->seed);
    assert_int_equal(bulk.ours_arrived, plan->ours);
    assert_int_equal(bulk.theirs_arrived, plan->theirs);
    if (plan->loss && plan->ours) assert_true(sent_again(lab) > 0);
    if (plan->loss && plan->theirs) assert_true(info.tcpi_total_retrans > 0);
    if (!plan->loss) assert_int_equal(sent_again(lab), 0);
    make_path(lab, 0, false);
    close_ours(lab);
    expect_states(lab, bulk.fd, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
    close(bulk.fd);
    expect_states(lab, -1, STATE_TIME_WAIT, STATE_CLOSED);
    expect_no_oracle(lab);
    lab_free(lab);
}

/* All on a path that loses so much, seed after seed. */
static void every_way(bool with_options, int64_t loss, uint64_t seeds) {
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        transfer(&(Plan){.with_options = with_options, .loss = loss, .ours = MEGABYTE, .seed = seed});
        transfer(
            &(Plan){.with_options = with_options, .loss = loss, .theirs = MEGABYTE, .seed = seed, .linux_calls = true});
        transfer(
            &(Plan){.with_options = with_options, .loss = loss, .ours = MEGABYTE, .theirs = MEGABYTE, .seed = seed});
    }
}

static void with_options(void **state) {
    (void)state;
    every_way(true, 0, 1);
}

static void without_options(void **state) {
    (void)state;
    every_way(false, 0, 1);
}

static void with_options_under_loss(void **state) {
    (void)state;
    every_way(true, 50000, 2);
}

static void without_options_under_loss(void **state) {
    (void)state;
    every_way(false, 50000, 1);
}

static void on_a_rough_path(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 2; seed++)
        for (unsigned on = 0; on < 2; on++)
            transfer(&(Plan){.with_options = on,
                             .loss = 20000,
                             .rough = true,
                             .ours = MEGABYTE / 2,
                             .theirs = MEGABYTE / 2,
                             .seed = seed});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_options),
        cmocka_unit_test(without_options),
        cmocka_unit_test(with_options_under_loss),
        cmocka_unit_test(without_options_under_loss),
        cmocka_unit_test(on_a_rough_path),
    };
    return cmocka_run_group_tests(tests, interop_setup, interop_teardown);
}
