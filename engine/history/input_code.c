/* input_code.c - the kind, a mask that says which numbers differ from those expected, and these numbers. */
#include "input_code.h"

#include <string.h>

static const Input *like(const Expected *expected, InputKind kind) {
    return expected->like[kind].kind == kind ? &expected->like[kind] : &expected->before;
}

uint8_t *code_input(const Expected *expected, const Input *input, uint8_t *to) {
    const Input *before = &expected->before, *r = like(expected, input->kind);
    uint8_t body[CODE_BYTES], *next = body;
    uint64_t mask = input->bytes != NULL, bit = 2;
#define NUMBER(member, type, value)                                                            \
    next = put_difference(next, &mask, bit, (uint64_t)input->member, (uint64_t)(type)(value)); \
    bit <<= 1;
#define ADDRESS(member, value)                                                               \
    next = put_difference(next, &mask, bit, addr_number(input->member), addr_number(value)); \
    bit <<= 1;
#include "input.def"
    *to++ = (uint8_t)input->kind;
    to = put_number(to, mask);
    memcpy(to, body, (size_t)(next - body));
    return to + (next - body);
}

const uint8_t *decode_input(const Expected *expected, const uint8_t *from, const uint8_t *end, Input *input) {
    if (from >= end || *from >= INPUT_KINDS) return NULL;
    const Input *before = &expected->before, *r = like(expected, (InputKind)*from);
    uint64_t mask, bit = 2, number;
    *input = (Input){.kind = (InputKind)*from};
    from = get_number_before(from + 1, end, &mask);
    if (!from) return NULL;
#define NUMBER(member, type, value)                                                        \
    from = get_difference_before(from, end, mask & bit, (uint64_t)(type)(value), &number); \
    if (!from) return NULL;                                                                \
    input->member = (type)number;                                                          \
    bit <<= 1;
#define ADDRESS(member, value)                                                        \
    from = get_difference_before(from, end, mask & bit, addr_number(value), &number); \
    if (!from) return NULL;                                                           \
    input->member = addr_of((uint32_t)number);                                        \
    bit <<= 1;
#include "input.def"
    if (mask & 1) input->bytes = from;
    return from;
}

void expect_after(Expected *expected, const Input *input) { expected->before = expected->like[input->kind] = *input; }
