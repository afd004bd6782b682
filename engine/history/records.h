/* records.h - inputs one after another as bytes, and where the world grew before one: what is kept of a future that was
 * left, and what a file holds. */
#ifndef TWOMSL_RECORDS_H
#define TWOMSL_RECORDS_H

#include "input_code.h"

typedef struct Records {
    uint8_t *bytes;
    size_t length, room;
    uint32_t count; /* of inputs */
} Records;

void records_free(Records *records);

/* Writing. The Expected of a new writer is zero, as is that of the one who reads them. `growth` NULL: the world did not
 * grow. False: no memory; what was added before stays. */
bool records_add(Records *records, Expected *expected, const Input *input, const Config *growth);
/* Gives back what is more room than needed. */
void records_fit(Records *records);

/* Reading. Starts with `next` and `end` of the bytes, all else zero. */
typedef struct RecordReader {
    const uint8_t *next, *end;
    Expected expected;
    Input input;   /* its bytes lie in those that are read */
    Config growth; /* hosts 0: the world did not grow before it */
} RecordReader;

static inline void records_open(RecordReader *reader, const Records *records) {
    *reader = (RecordReader){.next = records->bytes, .end = records->bytes};
    if (records->length) reader->end += records->length;
}
/* Reads the next input. False: there is none, or the bytes are no input (then `next` is not `end`). */
bool records_next(RecordReader *reader);

#endif
