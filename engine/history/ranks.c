/* ranks.c - see ranks.h. */
#include "ranks.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

void ranks_free(Ranks *ranks) {
    free(ranks->nodes);
    free(ranks->heads);
    *ranks = (Ranks){0};
}

void ranks_clear(Ranks *ranks) {
    if (!ranks->room) return;
    memset(ranks->heads, 0, ranks->room * sizeof *ranks->heads);
    ranks->root = ranks->free = 0;
    ranks->fresh = 1;
}

size_t ranks_size(const Ranks *ranks) { return ranks->room * (sizeof *ranks->nodes + sizeof *ranks->heads); }
uint32_t ranks_count(const Ranks *ranks) { return ranks->room ? ranks->nodes[ranks->root].count : 0; }

/* ---- By number ---- */

static uint32_t hash(uint32_t x) {
    x = (x ^ x >> 16) * 0x7feb352d;
    x = (x ^ x >> 15) * 0x846ca68b;
    return x ^ x >> 16;
}

static uint32_t *head_of(const Ranks *ranks, uint32_t number) {
    return &ranks->heads[hash(number) & (ranks->room - 1)];
}

static void enter_hash(Ranks *ranks, uint32_t at) {
    uint32_t *head = head_of(ranks, ranks->nodes[at].id.id);
    ranks->nodes[at].next = *head;
    *head = at;
}

/* Room for another node. */
static bool reserve(Ranks *ranks) {
    if (ranks->free || (ranks->room && ranks->fresh < ranks->room)) return true;
    uint32_t room = ranks->room ? ranks->room * 2 : FIRST_ROOM; /* a power of two */
    RankNode *nodes = realloc(ranks->nodes, room * sizeof *nodes);
    if (nodes) ranks->nodes = nodes;
    uint32_t *heads = nodes ? realloc(ranks->heads, room * sizeof *heads) : NULL;
    if (!heads) return false;
    ranks->heads = heads;
    ranks->room = room;
    if (ranks->fresh == 0) nodes[ranks->fresh++] = (RankNode){0};
    memset(heads, 0, room * sizeof *heads);
    for (uint32_t at = 1; at < ranks->fresh; at++) enter_hash(ranks, at);
    return true;
}

/* ---- The tree ---- */

static bool before(const RankNode *a, const RankNode *b) {
    return a->due != b->due ? a->due < b->due : a->id.id < b->id.id;
}

static bool above(const RankNode *nodes, uint32_t a, uint32_t b) { return hash(nodes[a].id.id) > hash(nodes[b].id.id); }

static void recount(RankNode *nodes, uint32_t at) {
    nodes[at].count = 1 + nodes[nodes[at].left].count + nodes[nodes[at].right].count;
}

/* Splits a tree into what is before and what is after a node that is not in it. */
static void split(RankNode *nodes, uint32_t at, const RankNode *by, uint32_t *left, uint32_t *right) {
    if (!at) {
        *left = *right = 0;
        return;
    }
    if (before(&nodes[at], by)) {
        *left = at;
        split(nodes, nodes[at].right, by, &nodes[at].right, right);
    } else {
        *right = at;
        split(nodes, nodes[at].left, by, left, &nodes[at].left);
    }
    recount(nodes, at);
}

static uint32_t join(RankNode *nodes, uint32_t left, uint32_t right) {
    if (!left || !right) return left + right;
    uint32_t top = above(nodes, left, right) ? left : right;
    if (top == left) nodes[top].right = join(nodes, nodes[top].right, right);
    else nodes[top].left = join(nodes, left, nodes[top].left);
    recount(nodes, top);
    return top;
}

static uint32_t insert(RankNode *nodes, uint32_t at, uint32_t node) {
    if (!at || above(nodes, node, at)) {
        split(nodes, at, &nodes[node], &nodes[node].left, &nodes[node].right);
        at = node;
    } else if (before(&nodes[node], &nodes[at])) {
        nodes[at].left = insert(nodes, nodes[at].left, node);
    } else {
        nodes[at].right = insert(nodes, nodes[at].right, node);
    }
    recount(nodes, at);
    return at;
}

static uint32_t take_out(RankNode *nodes, uint32_t at, uint32_t node) {
    if (at == node) return join(nodes, nodes[at].left, nodes[at].right);
    if (before(&nodes[node], &nodes[at])) nodes[at].left = take_out(nodes, nodes[at].left, node);
    else nodes[at].right = take_out(nodes, nodes[at].right, node);
    recount(nodes, at);
    return at;
}

/* ---- Both ---- */

void ranks_remove(Ranks *ranks, uint32_t number) {
    if (!ranks->room) return;
    RankNode *nodes = ranks->nodes;
    uint32_t *link = head_of(ranks, number);
    while (*link && nodes[*link].id.id != number) link = &nodes[*link].next;
    uint32_t at = *link;
    if (!at) return;
    *link = nodes[at].next;
    ranks->root = take_out(nodes, ranks->root, at);
    nodes[at].next = ranks->free;
    ranks->free = at;
}

bool ranks_place(Ranks *ranks, PacketId id, Micros due) {
    ranks_remove(ranks, id.id);
    if (!reserve(ranks)) return false;
    uint32_t at = ranks->free;
    if (at) ranks->free = ranks->nodes[at].next;
    else at = ranks->fresh++;
    ranks->nodes[at] = (RankNode){.due = due, .id = id};
    enter_hash(ranks, at);
    ranks->root = insert(ranks->nodes, ranks->root, at);
    return true;
}

static uint32_t fill(const RankNode *nodes, uint32_t at, uint32_t from, PacketId *ids, uint32_t capacity) {
    if (!at || capacity == 0) return 0;
    uint32_t left = nodes[nodes[at].left].count, count = 0;
    if (from < left) count = fill(nodes, nodes[at].left, from, ids, capacity);
    if (from <= left && count < capacity) ids[count++] = nodes[at].id;
    from = from > left ? from - left - 1 : 0;
    return count + fill(nodes, nodes[at].right, from, ids + count, capacity - count);
}

uint32_t ranks_list(const Ranks *ranks, uint32_t from, PacketId *ids, uint32_t capacity) {
    return from < ranks_count(ranks) ? fill(ranks->nodes, ranks->root, from, ids, capacity) : 0;
}
