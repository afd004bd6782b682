/* pieces.c - stretches of the sequence space: what was kept out of order, what the peer says it has. They lie in the
 * store, for as long as there are any: most connections never lose a segment. */
#include <assert.h>

#include "tcp.h"

static Piece *table(Turn *turn, const Pieces *pieces) { return (Piece *)(void *)turn_block(turn, pieces->block); }

const Piece *pieces_at(Turn *turn, const Pieces *pieces, uint32_t i) {
    assert(i < pieces->count);
    return table(turn, pieces) + i;
}

bool pieces_add(Turn *turn, Pieces *pieces, Seq left, Seq right) {
    if (pieces->count == 0) {
        pieces->block = turn_take(turn, PIECES_BYTES);
        if (!pieces->block) return false;
    }
    Piece *at = table(turn, pieces);
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

static void drop(Turn *turn, Pieces *pieces, uint32_t count) {
    pieces->count -= count;
    if (pieces->count == 0) turn_give(turn, pieces->block, PIECES_BYTES);
}

void pieces_drop_first(Turn *turn, Pieces *pieces) {
    Piece *at = table(turn, pieces);
    for (uint32_t i = 1; i < pieces->count; i++) at[i - 1] = at[i];
    drop(turn, pieces, 1);
}

void pieces_drop_last(Turn *turn, Pieces *pieces) { drop(turn, pieces, 1); }

void pieces_clear(Turn *turn, Pieces *pieces) {
    if (pieces->count) drop(turn, pieces, pieces->count);
}

void pieces_trim(Turn *turn, Pieces *pieces, Seq edge) {
    while (pieces->count > 0 && seq_leq(table(turn, pieces)->right, edge)) pieces_drop_first(turn, pieces);
    if (pieces->count > 0 && seq_lt(table(turn, pieces)->left, edge)) table(turn, pieces)->left = edge;
}

bool pieces_cover(Turn *turn, const Pieces *pieces, Seq left, Seq right) {
    for (uint32_t i = 0; i < pieces->count; i++)
        if (seq_leq(table(turn, pieces)[i].left, left) && seq_leq(right, table(turn, pieces)[i].right)) return true;
    return false;
}

uint32_t pieces_length(Turn *turn, const Pieces *pieces) {
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < pieces->count; i++)
        bytes += seq_distance(table(turn, pieces)[i].left, table(turn, pieces)[i].right);
    return bytes;
}
