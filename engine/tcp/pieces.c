/* pieces.c - ranges of the sequence space: data kept out of order, data selectively acknowledged. A block of the store
 * holds them only while there are any: most connections lose no segment. */
#include <assert.h>

#include "pieces.h"

static Piece *table(Store *store, const Pieces *pieces) { return (Piece *)(void *)store_block(store, pieces->block); }

static const Piece *look(const uint8_t *store, const Pieces *pieces) {
    return (const Piece *)(const void *)store_look(store, pieces->block);
}

const Piece *pieces_at(const uint8_t *store, const Pieces *pieces, uint32_t i) {
    assert(i < pieces->count);
    return look(store, pieces) + i;
}

bool pieces_add(Store *store, Pieces *pieces, Seq left, Seq right) {
    if (pieces->count == 0) {
        pieces->block = store_take(store, PIECES_BYTES);
        if (!pieces->block) return false;
    }
    Piece *at = table(store, pieces);
    uint32_t from = 0;
    while (from < pieces->count && seq_lt(at[from].right, left)) from++;
    uint32_t to = from;
    while (to < pieces->count && seq_leq(at[to].left, right)) {
        left = seq_min(left, at[to].left);
        right = seq_max(right, at[to].right);
        to++;
    }
    if (from == to) {
        if (pieces->count == LIMIT_REASSEMBLY) return false;
        for (uint32_t i = pieces->count; i > from; i--) at[i] = at[i - 1];
        pieces->count++;
    } else {
        for (uint32_t i = to; i < pieces->count; i++) at[from + 1 + i - to] = at[i];
        pieces->count -= to - from - 1;
    }
    at[from] = (Piece){left, right, ++pieces->stamp};
    return true;
}

static void drop(Store *store, Pieces *pieces, uint32_t count) {
    pieces->count -= count;
    if (pieces->count == 0) store_give(store, pieces->block, PIECES_BYTES);
}

void pieces_drop_first(Store *store, Pieces *pieces) {
    Piece *at = table(store, pieces);
    for (uint32_t i = 1; i < pieces->count; i++) at[i - 1] = at[i];
    drop(store, pieces, 1);
}

void pieces_drop_last(Store *store, Pieces *pieces) { drop(store, pieces, 1); }

void pieces_clear(Store *store, Pieces *pieces) {
    if (pieces->count) drop(store, pieces, pieces->count);
}

void pieces_trim(Store *store, Pieces *pieces, Seq edge) {
    while (pieces->count > 0 && seq_leq(table(store, pieces)->right, edge)) pieces_drop_first(store, pieces);
    if (pieces->count > 0 && seq_lt(table(store, pieces)->left, edge)) table(store, pieces)->left = edge;
}

bool pieces_cover(const uint8_t *store, const Pieces *pieces, Seq left, Seq right) {
    for (uint32_t i = 0; i < pieces->count; i++)
        if (seq_leq(look(store, pieces)[i].left, left) && seq_leq(right, look(store, pieces)[i].right)) return true;
    return false;
}

uint32_t pieces_length(const uint8_t *store, const Pieces *pieces) {
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < pieces->count; i++)
        bytes += seq_distance(look(store, pieces)[i].left, look(store, pieces)[i].right);
    return bytes;
}
