/* value.c - the world as a value: made, copied, grown, compared. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_HOSTS = 4,
    DEFAULT_CONNS = 16,
    DEFAULT_PACKETS = 32,
    DEFAULT_STORE = 16 * 1024,
};

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

static size_t aligned(size_t n) { return (n + 63) & ~(size_t)63; }

static uint32_t power_of_two(uint32_t n) {
    uint32_t power = 1;
    while (power < n) power *= 2;
    return power;
}

static Config complete(const Config *config) {
    Config c = *config;
    if (c.hosts == 0) c.hosts = DEFAULT_HOSTS;
    if (c.hosts < 2) c.hosts = 2;
    if (c.conns == 0) c.conns = DEFAULT_CONNS;
    if (c.packets == 0) c.packets = DEFAULT_PACKETS;
    if (c.store == 0) c.store = DEFAULT_STORE;
    return c;
}

static bool within_limits(const Config *c) {
    return c->hosts <= LIMIT_HOSTS && c->conns <= LIMIT_CONNS && c->packets <= LIMIT_PACKETS;
}

/* The offsets of all parts for a complete config. */
static World layout(const Config *config) {
    World w = {.config = *config};
    w.tcb_mask = power_of_two(config->conns) - 1;
    w.packet_mask = power_of_two(config->packets) - 1;
    w.book.units = config->store / STORE_UNIT + 1;
    size_t at = aligned(sizeof(World));
    w.hosts_at = at;
    at = aligned(at + config->hosts * sizeof(Host));
    w.tcbs_at = at;
    at = aligned(at + (config->conns + (size_t)1) * sizeof(Tcb)); /* the last one is the scratch record */
    w.tcb_heads_at = at;
    at = aligned(at + (w.tcb_mask + 1) * sizeof(uint32_t));
    w.packets_at = at;
    at = aligned(at + config->packets * sizeof(Packet));
    w.packet_heads_at = at;
    at = aligned(at + (w.packet_mask + 1) * sizeof(uint32_t));
    w.agenda_at = at;
    at = aligned(at + ((size_t)config->conns + config->packets + 1) * sizeof(Due));
    w.store_at = at;
    at += (size_t)w.book.units * STORE_UNIT; /* as aligned as the store */
    w.hashes_at = at;
    w.bytes = at + (config->hosts + 2 * ((size_t)larger(config->conns, config->packets) + 1)) * sizeof(uint64_t);
    return w;
}

static World *allocate(const Config *config) {
    World w = layout(config);
    World *world = malloc(w.bytes);
    if (!world) return NULL;
    *world = w;
    memset(tcb_heads_of(world), 0xff, (w.tcb_mask + 1) * sizeof(uint32_t)); /* SLOT_NONE */
    memset(hashes_of(world), 0, w.bytes - w.hashes_at);
    memset(packet_heads_of(world), 0xff, (w.packet_mask + 1) * sizeof(uint32_t));
    return world;
}

World *world_new(const Config *config) {
    Config c = complete(config);
    if (!within_limits(&c)) return NULL;
    World *world = allocate(&c);
    if (!world) return NULL;
    world->oldest = world->newest = SLOT_NONE;
    world->packet_free = world->line_first = world->line_last = SLOT_NONE;
    world->next_packet = 1;
    world->next_order_id = 1;
    world->book.top = 1;
    uint64_t seed = mix64(c.seed + 1);
    for (int i = 0; i < 16; i++) {
        if (i % 8 == 0) seed = mix64(seed + UINT64_C(0x9e3779b97f4a7c15));
        world->secret[i] = (uint8_t)(seed >> i % 8 * 8);
    }
    world->random = mix64(seed);
    for (int i = 0; i < PATH_RULE_COUNT; i++) world->path[i] = path_rule_info((PathRule)i)->standard;
    add_host(world, "A");
    add_host(world, "B");
    return world;
}

void world_free(World *world) { free(world); }

/* A part of the block that is in use; the rest need not be copied. */
typedef struct Used {
    size_t at, bytes;
} Used;
enum { USED_PARTS = 5, HASHES_PART = USED_PARTS - 1 };

static void used(const World *world, Used parts[USED_PARTS]) {
    const size_t hashes = world->config.hosts + 2 * (size_t)larger(world->tcb_fresh, world->packet_fresh);
    const size_t ends[USED_PARTS] = {
        world->tcbs_at + world->tcb_fresh * sizeof(Tcb), world->packets_at + world->packet_fresh * sizeof(Packet),
        world->agenda_at + (world->agenda_count + (size_t)1) * sizeof(Due),
        world->store_at + (size_t)world->book.top * STORE_UNIT, world->hashes_at + hashes * sizeof(uint64_t)};
    const size_t starts[USED_PARTS] = {0, world->tcb_heads_at, world->packet_heads_at, world->store_at,
                                       world->hashes_at};
    for (int i = 0; i < USED_PARTS; i++) parts[i] = (Used){starts[i], ends[i] - starts[i]};
}

size_t world_bytes(const World *world) {
    Used parts[USED_PARTS];
    used(world, parts);
    size_t bytes = 0;
    for (int i = 0; i < USED_PARTS; i++) bytes += parts[i].bytes;
    return bytes;
}

size_t config_size(const Config *config) {
    Config c = complete(config);
    return within_limits(&c) ? layout(&c).bytes : 0;
}

size_t world_size(const World *world) { return world->bytes; }

void world_save(const World *world, void *image) {
    Used parts[USED_PARTS];
    used(world, parts);
    uint8_t *to = image;
    for (int i = 0; i < USED_PARTS; to += parts[i++].bytes) memcpy(to, world_look(world, parts[i].at), parts[i].bytes);
}

void world_load(World *world, const void *image) {
    Used parts[USED_PARTS];
    used(image, parts); /* it begins with the struct */
    const uint8_t *from = image;
    for (int i = 0; i < USED_PARTS; from += parts[i++].bytes)
        memcpy(world_place(world, parts[i].at), from, parts[i].bytes);
}

World *world_from(const void *image) {
    const World *saved = image; /* its parts are elsewhere */
    World *world = malloc(saved->bytes);
    if (world) world_load(world, image);
    return world;
}

void world_copy_into(World *copy, const World *world) {
    Used parts[USED_PARTS];
    used(world, parts);
    for (int i = 0; i < USED_PARTS; i++)
        memcpy(world_place(copy, parts[i].at), world_look(world, parts[i].at), parts[i].bytes);
}

World *world_copy(const World *world) {
    World *copy = malloc(world->bytes);
    if (copy) world_copy_into(copy, world);
    return copy;
}

/* What is remembered of hashes is no difference. */
bool world_same(const World *a, const World *b) {
    Used of_a[USED_PARTS], of_b[USED_PARTS];
    used(a, of_a);
    used(b, of_b);
    for (int i = 0; i < HASHES_PART; i++) {
        if (of_a[i].at != of_b[i].at || of_a[i].bytes != of_b[i].bytes) return false;
        if (memcmp(world_look(a, of_a[i].at), world_look(b, of_b[i].at), of_a[i].bytes) != 0) return false;
    }
    return true;
}

static void rehash(World *world) {
    for (uint32_t slot = world->oldest; slot != SLOT_NONE; slot = tcbs_of(world)[slot].newer) {
        Tcb *tcb = &tcbs_of(world)[slot];
        if (!tcb->gone) record_hash(world, tcb);
    }
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        Packet *packet = &packets_of(world)[slot];
        if (packet->id.id) packet_hash(world, packet);
    }
}

World *world_grow(const World *world, const Config *config) {
    if (world->spent) return NULL;
    Config c = {.hosts = larger(config->hosts, world->config.hosts),
                .conns = larger(config->conns, world->config.conns),
                .packets = larger(config->packets, world->config.packets),
                .store = larger(config->store, world->config.store),
                .seed = world->config.seed};
    if (!within_limits(&c)) return NULL;
    World *grown = allocate(&c);
    if (!grown) return NULL;
    World places = *grown;
    *grown = *world;
    grown->config = c;
    grown->bytes = places.bytes;
    grown->hosts_at = places.hosts_at;
    grown->tcbs_at = places.tcbs_at;
    grown->tcb_heads_at = places.tcb_heads_at;
    grown->packets_at = places.packets_at;
    grown->packet_heads_at = places.packet_heads_at;
    grown->agenda_at = places.agenda_at;
    grown->store_at = places.store_at;
    grown->hashes_at = places.hashes_at;
    grown->tcb_mask = places.tcb_mask;
    grown->packet_mask = places.packet_mask;
    grown->book.units = places.book.units;
    memcpy(hosts_of(grown), hosts_in(world), world->host_count * sizeof(Host));
    memcpy(tcbs_of(grown), tcbs_in(world), world->tcb_fresh * sizeof(Tcb));
    memcpy(packets_of(grown), packets_in(world), world->packet_fresh * sizeof(Packet));
    memcpy(agenda_of(grown), agenda_in(world), (world->agenda_count + 1) * sizeof(Due));
    memcpy(store_of(grown).bytes, store_look(store_in(world), 0), (size_t)world->book.top * STORE_UNIT);
    rehash(grown);
    return grown;
}
