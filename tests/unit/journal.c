/* journal.c - inputs are read as they were written, in any order, and after cuts at any place. */
#include "../../engine/history/journal.h"
#include "pair.h"
#include "wild.h"

static uint8_t bytes[70000];

static Input wild_input(const Input *last) {
    Input i = *last;
    i.kind = (InputKind)(wild(last->kind) % INPUT_KINDS), i.serial = (uint32_t)wild(last->serial);
    i.at = (Micros)wild((uint64_t)last->at), i.host = (HostId)wild(last->host);
    i.conn = (ConnId){(uint32_t)wild(last->conn.slot), (uint32_t)wild(last->conn.generation)};
    i.packet = (PacketId){(uint32_t)wild(last->packet.id), (uint32_t)wild(last->packet.born)};
    i.local = (Endpoint){addr_of((uint32_t)wild(addr_number(last->local.addr))), (uint16_t)wild(last->local.port)};
    i.remote = (Endpoint){addr_of((uint32_t)wild(addr_number(last->remote.addr))), (uint16_t)wild(last->remote.port)};
    i.count = (uint32_t)wild(last->count), i.value = (int64_t)wild((uint64_t)last->value);
    i.urgent = wild(last->urgent) % 2, i.close_on_fin = wild(last->close_on_fin) % 2, i.foreign = wild(1) % 2;
    i.timer = (TimerKind)(wild(last->timer) % TIMER_COUNT), i.rule = (HostRule)(wild(last->rule) % HOST_RULE_COUNT);
    i.path = (PathRule)(wild(last->path) % PATH_RULE_COUNT);
    i.bytes = wild(0) % 3 ? NULL : bytes + wild(0) % 100;
    i.length = wild(0) % 40 ? (uint32_t)(wild(5) % 50) : 60000;
    return i;
}

static void same_input(const Input *a, const Input *b) {
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->serial, b->serial);
    assert_int_equal(a->at, b->at);
    assert_int_equal(a->host, b->host);
    assert_true(conn_eq(a->conn, b->conn) && a->packet.id == b->packet.id && a->packet.born == b->packet.born);
    assert_true(endpoint_eq(a->local, b->local) && endpoint_eq(a->remote, b->remote));
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->value, b->value);
    assert_true(a->urgent == b->urgent && a->close_on_fin == b->close_on_fin && a->foreign == b->foreign);
    assert_true(a->timer == b->timer && a->rule == b->rule && a->path == b->path);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->bytes != NULL, b->bytes != NULL);
    if (a->bytes) assert_memory_equal(a->bytes, b->bytes, a->length);
}

static void inputs_are_what_was_written(void **state) {
    (void)state;
    enum { INPUTS = 1000 };
    static Input inputs[INPUTS];
    static uint32_t events[INPUTS];
    Journal journal;
    assert_true(journal_init(&journal));
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7);
    for (uint32_t round = 0; round < 60; round++) {
        wild_seed = round;
        for (uint32_t i = journal.count; i < INPUTS; i++) {
            inputs[i] = wild_input(i ? &inputs[i - 1] : &(Input){.kind = INPUT_WAIT});
            events[i] = (i ? events[i - 1] : 0) + (uint32_t)(wild(3) % 100);
            assert_true(journal_add(&journal, &inputs[i], events[i]));
        }
        for (uint32_t i = 0; i < 2 * INPUTS; i++) {
            uint32_t step = i < INPUTS ? i : i * 7919 % INPUTS;
            Input got;
            assert_int_equal(journal_read(&journal, step, &got), events[step]);
            same_input(&got, &inputs[step]);
            assert_int_equal(journal_events(&journal, step + 1), events[step]);
        }
        journal_cut(&journal, round < 40 ? INPUTS - 20 - round : (uint32_t)(wild(0) % INPUTS));
        assert_int_equal(journal_events(&journal, INPUTS), journal.count ? events[journal.count - 1] : 0);
    }
    journal_cut(&journal, 0);
    assert_true(journal_size(&journal) < 10000);
    journal_free(&journal);
}

static void growths_are_found_by_step(void **state) {
    (void)state;
    Journal journal;
    assert_true(journal_init(&journal));
    for (uint32_t i = 0; i < 100; i++) {
        if (i % 10 == 3) assert_true(journal_grows(&journal, &(Config){.hosts = i}));
        assert_true(journal_add(&journal, &(Input){.kind = INPUT_WAIT, .at = i}, 0));
    }
    journal_cut(&journal, 53);
    for (uint32_t i = 0; i < 100; i++) {
        const Config *config = journal_growth(&journal, i);
        assert_int_equal(config ? config->hosts : 0, i % 10 == 3 && i < 53 ? i : 0);
    }
    journal_free(&journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_are_what_was_written),
        cmocka_unit_test(growths_are_found_by_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
