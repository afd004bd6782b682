/* pieces.c - stretches of the sequence space: what was kept out of order, what the peer says it has. */
#include "tcp.h"

bool pieces_add(Pieces *pieces, Seq left, Seq right) {
    Piece *at = pieces->at;
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

void pieces_drop_first(Pieces *pieces) {
    pieces->count--;
    for (uint32_t i = 0; i < pieces->count; i++) pieces->at[i] = pieces->at[i + 1];
}

void pieces_trim(Pieces *pieces, Seq edge) {
    while (pieces->count > 0 && seq_leq(pieces->at[0].right, edge)) pieces_drop_first(pieces);
    if (pieces->count > 0 && seq_lt(pieces->at[0].left, edge)) pieces->at[0].left = edge;
}

bool pieces_cover(const Pieces *pieces, Seq left, Seq right) {
    for (uint32_t i = 0; i < pieces->count; i++)
        if (seq_leq(pieces->at[i].left, left) && seq_leq(right, pieces->at[i].right)) return true;
    return false;
}
