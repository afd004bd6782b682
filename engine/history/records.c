/* records.c - an input is coded as in the journal; before it, where the world grew, GROWS and the new size. */
#include "records.h"

#include <stdlib.h>
#include <string.h>

enum { GROWS = 255, LEAST_ROOM = 64, SIZES = 4 };
_Static_assert((int)INPUT_KINDS <= (int)GROWS, "no kind of input is GROWS");

void records_free(Records *records) {
    free(records->bytes);
    *records = (Records){0};
}

static bool reserve(Records *records, size_t more) {
    if (records->room - records->length >= more) return true;
    size_t room = records->room ? records->room : LEAST_ROOM;
    while (room - records->length < more) room *= 2;
    uint8_t *bytes = realloc(records->bytes, room);
    if (!bytes) return false;
    records->bytes = bytes;
    records->room = room;
    return true;
}

static uint8_t *put_growth(uint8_t *to, const Config *growth) {
    *to++ = GROWS;
    to = put_number(put_number(to, growth->hosts), growth->conns);
    return put_number(put_number(to, growth->packets), growth->store);
}

bool records_add(Records *records, Expected *expected, const Input *input, const Config *growth) {
    uint32_t brings = input->bytes ? input->length : 0;
    if (!reserve(records, 1 + SIZES * NUMBER_BYTES + CODE_BYTES + (size_t)brings)) return false;
    uint8_t *to = records->bytes + records->length;
    if (growth) to = put_growth(to, growth);
    to = code_input(expected, input, to);
    if (brings) memcpy(to, input->bytes, brings);
    records->length = (size_t)(to - records->bytes) + brings;
    records->count++;
    expect_after(expected, input);
    return true;
}

void records_fit(Records *records) {
    uint8_t *bytes = records->length ? realloc(records->bytes, records->length) : NULL;
    if (!bytes) return;
    records->bytes = bytes;
    records->room = records->length;
}

/* A size fits 32 bits; that of hosts is not zero. */
static const uint8_t *get_size(const uint8_t *from, const uint8_t *end, uint32_t *size) {
    uint64_t number;
    from = from ? get_number_before(from, end, &number) : NULL;
    if (!from || number > UINT32_MAX) return NULL;
    *size = (uint32_t)number;
    return from;
}

static const uint8_t *get_growth(const uint8_t *from, const uint8_t *end, Config *growth) {
    from = get_size(get_size(from, end, &growth->hosts), end, &growth->conns);
    from = get_size(get_size(from, end, &growth->packets), end, &growth->store);
    return growth->hosts ? from : NULL;
}

bool records_next(RecordReader *reader) {
    const uint8_t *from = reader->next;
    reader->growth = (Config){0};
    if (from < reader->end && *from == GROWS) from = get_growth(from + 1, reader->end, &reader->growth);
    if (from) from = decode_input(&reader->expected, from, reader->end, &reader->input);
    if (!from) return false;
    if (reader->input.bytes) {
        if ((size_t)(reader->end - from) < reader->input.length) return false;
        reader->input.bytes = from;
        from += reader->input.length;
    }
    reader->next = from;
    expect_after(&reader->expected, &reader->input);
    return true;
}
