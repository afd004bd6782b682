/* shield.c - the table of shields; the sockets themselves are the helper's. */
#include "shield.h"

static uint32_t bucket_of(Endpoint endpoint) {
    uint64_t mixed = endpoint_key(endpoint) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32) % SHIELD_BUCKETS;
}

void shields_init(Shields *shields) {
    shields->count = 0;
    shields->uses = 0;
    for (uint32_t i = 0; i < SHIELD_BUCKETS; i++) shields->buckets[i] = SHIELD_NONE;
}

static uint16_t find(const Shields *shields, Endpoint endpoint) {
    uint16_t slot = shields->buckets[bucket_of(endpoint)];
    while (slot != SHIELD_NONE && !endpoint_eq(shields->slots[slot].endpoint, endpoint))
        slot = shields->slots[slot].next;
    return slot;
}

static void unlink_slot(Shields *shields, uint16_t slot) {
    uint16_t *at = &shields->buckets[bucket_of(shields->slots[slot].endpoint)];
    while (*at != SHIELD_NONE && *at != slot) at = &shields->slots[*at].next;
    if (*at == slot) *at = shields->slots[slot].next;
}

static uint16_t oldest(const Shields *shields) {
    uint16_t slot = 0;
    for (uint16_t i = 1; i < shields->count; i++)
        if (shields->slots[i].used < shields->slots[slot].used) slot = i;
    return slot;
}

bool shields_cover(Shields *shields, const Netns *net, Endpoint endpoint) {
    uint16_t slot = find(shields, endpoint);
    shields->uses++;
    if (slot != SHIELD_NONE) {
        shields->slots[slot].used = shields->uses;
        return true;
    }
    bool fresh = shields->count < net->shields;
    slot = fresh ? (uint16_t)shields->count : oldest(shields);
    if (!fresh) {
        unlink_slot(shields, slot);
        shields->slots[slot].endpoint = ENDPOINT_NONE;
        shields->slots[slot].used = 0; /* should it stay empty, it is the next to be taken */
    }
    if (!netns_shield(net, slot, endpoint)) return false;
    if (fresh) shields->count++;
    uint16_t *bucket = &shields->buckets[bucket_of(endpoint)];
    shields->slots[slot].endpoint = endpoint;
    shields->slots[slot].used = shields->uses;
    shields->slots[slot].next = *bucket;
    *bucket = slot;
    return true;
}

bool shields_stand(const Shields *shields, Addr addr) {
    for (uint32_t i = 0; i < shields->count; i++)
        if (addr_eq(shields->slots[i].endpoint.addr, addr)) return true;
    return false;
}
