/* shield.h - which endpoints are shielded from the kernel's own TCP. */
#ifndef TWOMSL_LINK_SHIELD_H
#define TWOMSL_LINK_SHIELD_H

#include "netns.h"

enum { SHIELD_NONE = 0xffff, SHIELD_BUCKETS = 2 * SHIELD_LIMIT };

typedef struct Shields {
    uint32_t count;
    uint64_t uses; /* how often one was needed: the clock that tells which was not for longest */
    struct {
        Endpoint endpoint;
        uint64_t used;
        uint16_t next; /* in its bucket */
    } slots[SHIELD_LIMIT];
    uint16_t buckets[SHIELD_BUCKETS];
} Shields;

void shields_init(Shields *shields);
/* Makes sure that a shield stands on `endpoint`; where all slots are taken, the one that was not needed for longest
 * gives way. False and errno: EADDRINUSE where a program in the network owns the endpoint, EADDRNOTAVAIL where the
 * network has no such address. */
bool shields_cover(Shields *shields, const Netns *net, Endpoint endpoint);
/* Whether any endpoint of that address is shielded. */
bool shields_stand(const Shields *shields, Addr addr);

#endif
