/* options.c - the options of a TCP header: each as it stands, and those we know as values (RFC 9293 3.1, RFC 7323 2.2
 * and 3.2, RFC 2018 2 and 3). */
#include <string.h>

#include "wire.h"

/* By kind; the gaps have no name. */
static const OptionInfo known[] = {
    [OPTION_END] = {OPTION_END, "tcp.options.eol", "eol", "end of options", 0, 0, 0},
    [OPTION_NOP] = {OPTION_NOP, "tcp.options.nop", "nop", "no operation", 0, 0, 0},
    [OPTION_MSS] = {OPTION_MSS, "tcp.options.mss_val", "mss", "max segment size", 2, 1, 1},
    [OPTION_WSCALE] = {OPTION_WSCALE, "tcp.options.wscale.shift", "wscale", "window scale", 1, 1, 1},
    [OPTION_SACK_PERMITTED] = {OPTION_SACK_PERMITTED, "tcp.options.sack_perm", "sack_ok", "SACK permitted", 0, 0, 0},
    [OPTION_SACK] = {OPTION_SACK, "tcp.options.sack", "sack", "SACK", 4, 2, 2 * SACK_BLOCKS},
    [OPTION_TIMESTAMPS] = {OPTION_TIMESTAMPS, "tcp.options.timestamp.tsval", "ts", "timestamps", 4, 2, 2},
};
enum { KNOWN = sizeof known / sizeof *known, KIND_AND_LENGTH = 2 };

static bool is_known(uint8_t kind) { return kind < KNOWN && known[kind].name; }

const OptionInfo *option_info(uint8_t kind) {
    static const OptionInfo unknown = {.filter = "tcp.options.unknown", .brief = "unknown", .name = "unknown option"};
    return is_known(kind) ? &known[kind] : &unknown;
}

const OptionInfo *option_find(const char *brief) {
    for (uint8_t kind = 0; kind < KNOWN; kind++)
        if (is_known(kind) && strcmp(known[kind].brief, brief) == 0) return &known[kind];
    return NULL;
}

static bool is_one_byte(uint8_t kind) { return kind == OPTION_END || kind == OPTION_NOP; }

/* Values come in groups of `least`: SACK's in pairs. */
static bool takes(const OptionInfo *info, size_t count) {
    return count >= info->least && count <= info->most && (info->least == 0 || count % info->least == 0);
}

static void read_values(RawOption *option) {
    const OptionInfo *info = option_info(option->kind);
    const uint8_t *body = option->bytes + KIND_AND_LENGTH;
    if (!info->value_bytes) return;
    size_t length = option->size - KIND_AND_LENGTH, count = length / info->value_bytes;
    if (length % info->value_bytes || !takes(info, count)) return;
    for (size_t i = 0; i < count; i++, body += info->value_bytes)
        option->values[i] = info->value_bytes == 4 ? get32(body) : info->value_bytes == 2 ? get16(body) : body[0];
    option->count = count;
}

bool option_next(const uint8_t *options, size_t length, size_t *at, RawOption *option) {
    if (*at >= length) return false;
    option->bytes = options + *at;
    option->kind = option->bytes[0];
    option->malformed = false;
    option->count = 0;
    size_t left = length - *at;
    option->size = is_one_byte(option->kind) ? 1 : left > 1 ? option->bytes[1] : 0;
    if (option->size == 0 || option->size > left || (!is_one_byte(option->kind) && option->size < KIND_AND_LENGTH)) {
        option->malformed = true;
        option->size = left;
    } else if (!is_one_byte(option->kind)) {
        read_values(option);
    }
    *at += option->size;
    return true;
}

/* Writes an option of a known kind; returns its size. Inline, so that the kind's row of the table is a constant. */
static inline size_t put(uint8_t *p, uint8_t kind, const uint32_t *values, size_t count) {
    size_t each = known[kind].value_bytes, size = KIND_AND_LENGTH + count * each;
    p[0] = kind;
    p[1] = (uint8_t)size;
    p += KIND_AND_LENGTH;
    for (size_t i = 0; i < count; i++, p += each) {
        if (each == 4) put32(p, values[i]);
        else if (each == 2) put16(p, values[i]);
        else p[0] = (uint8_t)values[i];
    }
    return size;
}

size_t option_encode(uint8_t kind, const uint32_t *values, size_t count, uint8_t *bytes, size_t capacity) {
    const OptionInfo *info = option_info(kind);
    size_t size = is_one_byte(kind) ? 1 : KIND_AND_LENGTH + count * info->value_bytes;
    if (!is_known(kind) || !takes(info, count) || size > capacity) return 0;
    if (size > 1) return put(bytes, kind, values, count);
    bytes[0] = kind;
    return 1;
}

/* ---- Those a segment knows ---- */

static void take_option(Options *options, const RawOption *option) {
    switch (option->kind) {
    case OPTION_MSS:
        if (option->count) options->mss = (uint16_t)option->values[0];
        return;
    case OPTION_WSCALE:
        if (option->count) options->wscale = (uint8_t)option->values[0];
        return;
    case OPTION_SACK_PERMITTED:
        if (option->size == KIND_AND_LENGTH) options->sack_permitted = true;
        return;
    case OPTION_TIMESTAMPS:
        if (!option->count) return;
        options->timestamps = true;
        options->ts_value = option->values[0];
        options->ts_echo = option->values[1];
        return;
    case OPTION_SACK:
        if (!option->count) return;
        options->sack_count = (uint8_t)(option->count / 2);
        for (size_t i = 0; i < options->sack_count; i++)
            options->sack[i] = (SackBlock){seq_of(option->values[2 * i]), seq_of(option->values[2 * i + 1])};
        return;
    default: return;
    }
}

bool tcp_options_read(Options *options, const uint8_t *bytes, size_t length) {
    RawOption option;
    size_t at = 0;
    *options = OPTIONS_NONE;
    while (option_next(bytes, length, &at, &option) && option.kind != OPTION_END) {
        if (option.malformed) return false;
        take_option(options, &option);
    }
    return true;
}

static size_t put_padding(uint8_t *p, uint8_t kind, size_t count) {
    memset(p, kind, count);
    return count;
}

static size_t put_timestamps(uint8_t *p, const Options *options) {
    return put(p, OPTION_TIMESTAMPS, (const uint32_t[]){options->ts_value, options->ts_echo}, 2);
}

static size_t put_sack(uint8_t *p, const Options *options) {
    uint32_t edges[OPTION_VALUES];
    for (size_t i = 0; i < options->sack_count; i++) {
        edges[2 * i] = options->sack[i].left.value;
        edges[2 * i + 1] = options->sack[i].right.value;
    }
    size_t n = put_padding(p, OPTION_NOP, 2);
    return n + put(p + n, OPTION_SACK, edges, 2u * options->sack_count);
}

static size_t put_scale(uint8_t *p, const Options *options) {
    if (options->wscale == OPTION_NO_WSCALE) return 0;
    size_t n = put_padding(p, OPTION_NOP, 1);
    return n + put(p + n, OPTION_WSCALE, (const uint32_t[]){options->wscale}, 1);
}

/* SACK-permitted stands where the NOPs before the timestamps would, so that both fill three words. Alone it is padded
 * before it or, where it comes last, behind it. */
static size_t put_permitted_and_timestamps(uint8_t *p, const Options *options, bool last) {
    size_t n = 0;
    if (!options->timestamps && !options->sack_permitted) return 0;
    if (!options->timestamps && !last) n += put_padding(p, OPTION_NOP, 2);
    if (options->sack_permitted) n += put(p + n, OPTION_SACK_PERMITTED, NULL, 0);
    else n += put_padding(p, OPTION_NOP, 2);
    if (options->timestamps) return n + put_timestamps(p + n, options);
    return last ? n + put_padding(p + n, OPTION_END, 2) : n;
}

size_t tcp_options_write(uint8_t bytes[OPTIONS_SCRATCH], const Options *options) {
    size_t n = 0;
    if (options->mss) n += put(bytes, OPTION_MSS, (const uint32_t[]){options->mss}, 1);
    bool scale_first = options->order == OPTION_ORDER_MSS_SCALE_SACK_TS;
    if (scale_first) n += put_scale(bytes + n, options);
    n += put_permitted_and_timestamps(bytes + n, options, scale_first && !options->sack_count);
    if (!scale_first) n += put_scale(bytes + n, options);
    if (options->sack_count) n += put_sack(bytes + n, options);
    return n;
}
