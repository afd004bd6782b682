/* shield.h - which endpoints are shielded from the kernel's own TCP: for each the helper holds a socket that keeps the
 * kernel from answering. */
#ifndef TWOMSL_LINK_SHIELD_H
#define TWOMSL_LINK_SHIELD_H

#include "netns.h"

enum { SHIELD_NONE = 0xffff, SHIELD_BUCKETS = 2 * SHIELD_LIMIT };

typedef struct Shields {
    uint32_t count;
    uint16_t newest, oldest; /* the ends of a list in order of last use */
    struct {
        Endpoint endpoint;
        uint16_t next; /* in its bucket */
        uint16_t newer, older;
    } slots[SHIELD_LIMIT];
    uint16_t buckets[SHIELD_BUCKETS];
} Shields;

void shields_init(Shields *shields);
/* Makes sure that `endpoint` has a shield; where all slots are taken, it replaces the least recently used one. False
 * and errno: EADDRINUSE where a program in the network owns the endpoint, EADDRNOTAVAIL where the network has no such
 * address, ESRCH where the helper has ended. */
bool shields_cover(Shields *shields, const Netns *net, Endpoint endpoint);
/* Whether any endpoint of that address is shielded. */
bool shields_stand(const Shields *shields, Addr addr);

#endif
