/* seq.c - order on a circle of 2^32 numbers. */
#include "lab.h"

static const uint32_t interesting[] = {0,          1,          2,          255,        65535,      65536,
                                       0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
enum { INTERESTING = sizeof interesting / sizeof *interesting };

static uint64_t random_state = 1;
static uint32_t random32(void) {
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 32);
}

static void adding(void **state) {
    (void)state;
    assert_int_equal(seq_add(seq_of(0xffffffff), 1).value, 0);
    assert_int_equal(seq_add(seq_of(0xfffffff0), 0x20).value, 0x10);
    assert_int_equal(seq_sub(seq_of(0), 1).value, 0xffffffff);
    assert_int_equal(seq_sub(seq_of(5), 10).value, 0xfffffffb);
    assert_int_equal(seq_distance(seq_of(0xfffffff0), seq_of(0x10)), 0x20);
    assert_int_equal(seq_distance(seq_of(0x10), seq_of(0xfffffff0)), 0xffffffe0);
    assert_int_equal(seq_distance(seq_of(7), seq_of(7)), 0);
}

static void order_across_zero(void **state) {
    (void)state;
    assert_true(seq_lt(seq_of(0xffffffff), seq_of(0)));
    assert_false(seq_lt(seq_of(0), seq_of(0xffffffff)));
    assert_true(seq_gt(seq_of(10), seq_of(0xfffffff0)));
    assert_true(seq_leq(seq_of(0xfffffff0), seq_of(10)));
    assert_true(seq_geq(seq_of(10), seq_of(0xfffffff0)));
    assert_int_equal(seq_max(seq_of(0xfffffff0), seq_of(10)).value, 10);
    assert_int_equal(seq_min(seq_of(0xfffffff0), seq_of(10)).value, 0xfffffff0);
}

/* Less than half the circle apart, whatever number one starts from. */
static void order_everywhere(void **state) {
    (void)state;
    for (int i = 0; i < INTERESTING; i++)
        for (int j = 0; j < INTERESTING; j++) {
            Seq a = seq_of(interesting[i]);
            uint32_t ahead = interesting[j];
            Seq b = seq_add(a, ahead);
            assert_int_equal(seq_eq(a, b), ahead == 0);
            assert_int_equal(seq_lt(a, b), ahead > 0 && ahead < 0x80000000u);
            assert_int_equal(seq_leq(a, b), ahead < 0x80000000u);
            if (ahead == 0x80000000u) continue; /* opposite: nobody asks */
            assert_int_equal(seq_gt(a, b), ahead > 0x80000000u);
            assert_int_equal(seq_geq(a, b), ahead == 0 || ahead > 0x80000000u);
        }
}

static void windows(void **state) {
    (void)state;
    for (int i = 0; i < INTERESTING; i++) {
        Seq low = seq_of(interesting[i]);
        assert_false(seq_in(low, low, 0));
        assert_true(seq_in(low, low, 1));
        assert_false(seq_in(seq_add(low, 1), low, 1));
        assert_true(seq_in(seq_add(low, 65534), low, 65535));
        assert_false(seq_in(seq_add(low, 65535), low, 65535));
        assert_false(seq_in(seq_sub(low, 1), low, 65535));
        assert_false(seq_in(seq_add(low, 0x80000000u), low, 65535));
    }
}

static void what_holds_for_all(void **state) {
    (void)state;
    for (int i = 0; i < 200000; i++) {
        Seq a = seq_of(random32());
        uint32_t n = random32() >> (random32() % 32);
        Seq b = seq_add(a, n);
        assert_int_equal(seq_distance(a, b), n);
        assert_int_equal(seq_sub(b, n).value, a.value);
        if (n < 0x80000000u) {
            assert_int_equal(seq_max(a, b).value, b.value);
            assert_int_equal(seq_min(a, b).value, a.value);
            assert_true(seq_leq(a, b) && seq_geq(b, a));
            assert_int_equal(seq_lt(a, b), n != 0);
        }
        uint32_t size = random32() >> 1, at = random32();
        assert_int_equal(seq_in(seq_add(a, at), a, size), at < size);
        /* Order does not know where 0 is. */
        uint32_t turn = random32();
        assert_int_equal(seq_lt(a, b), seq_lt(seq_add(a, turn), seq_add(b, turn)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adding),  cmocka_unit_test(order_across_zero),  cmocka_unit_test(order_everywhere),
        cmocka_unit_test(windows), cmocka_unit_test(what_holds_for_all),
    };
    return cmocka_run_group_tests_name("seq", tests, NULL, NULL);
}
