/* shield.c - the table of shields; the helper holds the sockets. */
#include "shield.h"

static uint32_t bucket_of(Endpoint endpoint) {
    uint64_t mixed = endpoint_key(endpoint) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32) % SHIELD_BUCKETS;
}

void shields_init(Shields *shields) {
    shields->count = 0;
    shields->newest = shields->oldest = SHIELD_NONE;
    for (uint32_t i = 0; i < SHIELD_BUCKETS; i++) shields->buckets[i] = SHIELD_NONE;
}

static uint16_t find(const Shields *shields, Endpoint endpoint) {
    uint16_t slot = shields->buckets[bucket_of(endpoint)];
    while (slot != SHIELD_NONE && !endpoint_eq(shields->slots[slot].endpoint, endpoint))
        slot = shields->slots[slot].next;
    return slot;
}

static void bucket_add(Shields *shields, uint16_t slot) {
    uint16_t *bucket = &shields->buckets[bucket_of(shields->slots[slot].endpoint)];
    shields->slots[slot].next = *bucket;
    *bucket = slot;
}

static void bucket_remove(Shields *shields, uint16_t slot) {
    uint16_t *at = &shields->buckets[bucket_of(shields->slots[slot].endpoint)];
    while (*at != SHIELD_NONE && *at != slot) at = &shields->slots[*at].next;
    if (*at == slot) *at = shields->slots[slot].next;
}

/* ---- The order of last use ---- */

static void order_remove(Shields *shields, uint16_t slot) {
    uint16_t newer = shields->slots[slot].newer, older = shields->slots[slot].older;
    *(newer == SHIELD_NONE ? &shields->newest : &shields->slots[newer].older) = older;
    *(older == SHIELD_NONE ? &shields->oldest : &shields->slots[older].newer) = newer;
}

/* Puts a slot between two neighbours; SHIELD_NONE: at that end. */
static void order_add(Shields *shields, uint16_t slot, uint16_t newer, uint16_t older) {
    shields->slots[slot].newer = newer;
    shields->slots[slot].older = older;
    *(newer == SHIELD_NONE ? &shields->newest : &shields->slots[newer].older) = slot;
    *(older == SHIELD_NONE ? &shields->oldest : &shields->slots[older].newer) = slot;
}

bool shields_cover(Shields *shields, const Netns *net, Endpoint endpoint) {
    uint16_t slot = find(shields, endpoint);
    if (slot != SHIELD_NONE) {
        order_remove(shields, slot);
        order_add(shields, slot, SHIELD_NONE, shields->newest);
        return true;
    }
    bool fresh = shields->count < net->shields;
    slot = fresh ? (uint16_t)shields->count : shields->oldest;
    if (!fresh) {
        bucket_remove(shields, slot);
        shields->slots[slot].endpoint =
            ENDPOINT_NONE; /* should the slot stay empty, it is still the next to be taken */
    }
    if (!netns_shield(net, slot, endpoint)) return false;
    if (fresh) shields->count++;
    else order_remove(shields, slot);
    order_add(shields, slot, SHIELD_NONE, shields->newest);
    shields->slots[slot].endpoint = endpoint;
    bucket_add(shields, slot);
    return true;
}

bool shields_stand(const Shields *shields, Addr addr) {
    for (uint32_t i = 0; i < shields->count; i++)
        if (addr_eq(shields->slots[i].endpoint.addr, addr)) return true;
    return false;
}
