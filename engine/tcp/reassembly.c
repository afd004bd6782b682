/* reassembly.c - bytes beyond a hole are kept (SHLD-31) in the receive ring, at the place where they will be read. */
#include <assert.h>

#include "mechanisms.h"

static uint32_t advance(Tcb *tcb, uint32_t count) {
    tcb->rcv.nxt = seq_add(tcb->rcv.nxt, count);
    tcb->recv_queue.length += count;
    return count;
}

/* Where the table is full, bytes that are next in order replace the last piece, which the peer will retransmit. */
static bool keep(Store *store, Tcb *tcb, Seq left, Seq right) {
    if (pieces_add(store, &tcb->kept, left, right)) return true;
    if (!seq_eq(left, tcb->rcv.nxt) || tcb->kept.count == 0) return false;
    pieces_drop_last(store, &tcb->kept);
    return pieces_add(store, &tcb->kept, left, right);
}

static void put(Store *store, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length) {
    uint32_t offset = tcb->recv_queue.length + seq_distance(tcb->rcv.nxt, seq);
    bytes_reserve(store, &tcb->recv_queue, offset + length);
    bytes_write(store, &tcb->recv_queue, offset, data, length);
}

void reassemble_later(Store *store, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length) {
    if (keep(store, tcb, seq, seq_add(seq, length))) put(store, tcb, seq, data, length);
}

uint32_t reassemble_waiting(Store *store, Tcb *tcb) {
    if (tcb->kept.count == 0) return 0;
    Piece piece = *pieces_at(store->bytes, &tcb->kept, 0);
    if (!seq_eq(piece.left, tcb->rcv.nxt)) return 0;
    pieces_drop_first(store, &tcb->kept);
    return advance(tcb, seq_distance(piece.left, piece.right));
}

uint32_t reassemble(Store *store, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length) {
    assert(length > 0 && seq_leq(tcb->rcv.nxt, seq));
    if (tcb->kept.count == 0 && seq_eq(seq, tcb->rcv.nxt)) {
        put(store, tcb, seq, data, length);
        return advance(tcb, length);
    }
    reassemble_later(store, tcb, seq, data, length);
    return reassemble_waiting(store, tcb);
}
