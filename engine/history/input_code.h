/* input_code.h - inputs in few bytes: each as what is different from what is expected after those before it
 * (input.def). */
#ifndef TWOMSL_INPUT_CODE_H
#define TWOMSL_INPUT_CODE_H

#include "../engine.h"
#include "../trace/numbers.h"

/* What was coded before: the last input, and the last of each kind; all zero at first. */
typedef struct Expected {
    Input before;
    Input like[INPUT_KINDS];
} Expected;

enum { CODE_BYTES = 24 * NUMBER_BYTES /* at most, without the bytes that an input brings */ };

/* Writes the input without its bytes; returns what comes after it. */
uint8_t *code_input(const Expected *expected, const Input *input, uint8_t *to);
/* Fills an input; where it brings bytes, `bytes` is not NULL, and they have to be found by the caller. Returns what
 * comes after it; NULL: this is no input, or it ends before. */
const uint8_t *decode_input(const Expected *expected, const uint8_t *from, const uint8_t *end, Input *input);
/* The input was coded: the next is compared with it. */
void expect_after(Expected *expected, const Input *input);

#endif
