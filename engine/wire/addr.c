/* addr.c - addresses and endpoints as text. */
#include "../addr.h"

#include <stddef.h>

/* Writes a decimal number; returns the characters written. */
static size_t put_number(char *text, uint32_t value) {
    char digits[10];
    size_t n = 0;
    do digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    for (size_t i = 0; i < n; i++) text[i] = digits[n - 1 - i];
    return n;
}

static size_t put_addr(char *text, Addr addr) {
    size_t n = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        n += put_number(text + n, addr_number(addr) >> shift & 255);
        if (shift) text[n++] = '.';
    }
    return n;
}

const char *addr_text(Addr addr, char text[ADDR_TEXT]) {
    text[put_addr(text, addr)] = 0;
    return text;
}

const char *endpoint_text(Endpoint endpoint, char text[ENDPOINT_TEXT]) {
    size_t n = put_addr(text, endpoint.addr);
    text[n++] = ':';
    n += put_number(text + n, endpoint.port);
    text[n] = 0;
    return text;
}

/* Reads a decimal number up to `high`; returns the characters read, 0 where there is none. */
static size_t get_number(const char *text, uint32_t high, uint32_t *value) {
    size_t n = 0;
    uint32_t v = 0;
    while (text[n] >= '0' && text[n] <= '9' && n < 6) {
        v = v * 10 + (uint32_t)(text[n] - '0');
        n++;
    }
    *value = v;
    return v <= high ? n : 0;
}

static size_t get_addr(const char *text, Addr *addr) {
    size_t n = 0;
    uint32_t number = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t value;
        size_t digits = get_number(text + n, 255, &value);
        if (digits == 0 || digits > 3) return 0;
        number = number << 8 | value;
        n += digits;
        if (part < 3 && text[n++] != '.') return 0;
    }
    *addr = addr_of(number);
    return n;
}

bool addr_parse(const char *text, Addr *addr) {
    size_t n = get_addr(text, addr);
    return n > 0 && text[n] == 0;
}

bool endpoint_parse(const char *text, Endpoint *endpoint) {
    size_t n = get_addr(text, &endpoint->addr);
    if (n == 0 || text[n] != ':') return false;
    uint32_t port;
    size_t digits = get_number(text + n + 1, 65535, &port);
    endpoint->port = (uint16_t)port;
    return digits > 0 && digits <= 5 && text[n + 1 + digits] == 0;
}
