/* pieces.h - disjoint, non-adjacent ranges of the sequence space, in order: data kept out of order, data selectively
 * acknowledged. `store`: the store's bytes. */
#ifndef TWOMSL_PIECES_H
#define TWOMSL_PIECES_H

#include "../engine.h"
#include "store.h"

typedef struct Piece {
    Seq left, right; /* left .. right-1 */
    uint32_t stamp;  /* larger: changed later */
} Piece;

typedef struct Pieces {
    uint32_t block; /* of the store, PIECES_BYTES long, while there are any */
    uint32_t count, stamp;
} Pieces;
enum { PIECES_BYTES = 512 }; /* a power of two */
_Static_assert(PIECES_BYTES >= LIMIT_REASSEMBLY * sizeof(Piece), "a block takes all pieces");

/* Adds left .. right-1 and merges it with the pieces it touches. False where there is no room for another piece. */
bool pieces_add(Store *store, Pieces *pieces, Seq left, Seq right);
void pieces_drop_first(Store *store, Pieces *pieces);
void pieces_drop_last(Store *store, Pieces *pieces);
void pieces_clear(Store *store, Pieces *pieces);
/* Removes everything before `edge`. */
void pieces_trim(Store *store, Pieces *pieces, Seq edge);
bool pieces_cover(const uint8_t *store, const Pieces *pieces, Seq left, Seq right);
/* Valid until pieces are added or dropped. */
const Piece *pieces_at(const uint8_t *store, const Pieces *pieces, uint32_t i);
/* The sum of their lengths, in sequence numbers. */
uint32_t pieces_length(const uint8_t *store, const Pieces *pieces);

#endif
