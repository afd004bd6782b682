/* format.h - the format of saved sessions, for save.c and load.c.
 *
 * MAGIC, then the format's version as a number (trace/numbers.h), then records: a letter, the length of what it holds
 * (four bytes, the lowest first), that, and a CRC-32 of letter, length and content (likewise). In this order:
 *
 *   N  names: five lists (the members of an input, kinds of inputs, rules of hosts, rules of the path, timers), each
 * with its count and for each name its length and bytes. Rules and timers are found by their names. C  hosts,
 * connections, packets, store, seed: the world before the first step B  a branch: number, origin, began, parent, fork,
 * steps, length of its name, the name. The first is the present one; parents come before their children. Then its
 * inputs: I  first step, how many, the digest (eight bytes) of the world after them, the inputs as in records.c. An
 * order has its fields as numbers instead of its bytes. P  the present branch, the step, the newest number given, how
 * many were given up E  nothing; the file ends here
 */
#ifndef TWOMSL_FORMAT_H
#define TWOMSL_FORMAT_H

#include "../orders.h"
#include "../save.h"
#include "../trace/numbers.h"

#define MAGIC "2MSL\r\n\032\n" /* what text conversions would change */
enum {
    MAGIC_BYTES = 8,
    RECORD_HEAD = 5,
    RECORD_SUM = 4,
    DIGEST_BYTES = 8,
    BLOCK_STEPS = 1024,     /* inputs in a record, at most, */
    BLOCK_BYTES = 64 << 10, /* and about so many bytes */
    ORDER_NUMBERS = 16
};

typedef enum NameList {
    NAMES_MEMBERS,
    NAMES_KINDS,
    NAMES_HOST_RULES,
    NAMES_PATH_RULES,
    NAMES_TIMERS,
    NAME_LISTS
} NameList;

/* The name at `index`; NULL: there are no more. */
const char *format_name(NameList list, uint32_t index);
/* Goes on with a CRC-32 that begins with 0. */
uint32_t format_sum(uint32_t sum, const uint8_t *bytes, size_t length);

/* The fields of an order, in the order in which they are kept. */
void order_numbers(const Order *order, uint64_t numbers[ORDER_NUMBERS]);
Order order_of(const uint64_t numbers[ORDER_NUMBERS]);

static inline void put_fixed(uint8_t *to, uint64_t number, int bytes) {
    for (int i = 0; i < bytes; i++) to[i] = (uint8_t)(number >> 8 * i);
}
static inline uint64_t get_fixed(const uint8_t *from, int bytes) {
    uint64_t number = 0;
    for (int i = 0; i < bytes; i++) number |= (uint64_t)from[i] << 8 * i;
    return number;
}

#endif
