/* reassembly.c - bytes that arrived ahead of a hole are kept (SHLD-31) in the receive ring, where they will be read. */
#include <assert.h>

#include "tcp.h"

/* Adds left..right to the pieces, merged and in order. False where there is no room for another piece. */
static bool remember(Tcb *tcb, Seq left, Seq right) {
    uint32_t from = 0;
    while (from < tcb->piece_count && seq_lt(tcb->pieces[from].right, left)) from++;
    uint32_t to = from;
    while (to < tcb->piece_count && seq_leq(tcb->pieces[to].left, right)) {
        left = seq_min(left, tcb->pieces[to].left);
        right = seq_max(right, tcb->pieces[to].right);
        to++;
    }
    if (from == to) {
        /* Full: bytes that can be read at once go before a piece that may be sent again. */
        if (tcb->piece_count == LIMIT_REASSEMBLY && !seq_eq(left, tcb->rcv.nxt)) return false;
        if (tcb->piece_count == LIMIT_REASSEMBLY) tcb->piece_count--;
        for (uint32_t i = tcb->piece_count; i > from; i--) tcb->pieces[i] = tcb->pieces[i - 1];
        tcb->piece_count++;
    } else {
        for (uint32_t i = to; i < tcb->piece_count; i++) tcb->pieces[from + 1 + i - to] = tcb->pieces[i];
        tcb->piece_count -= to - from - 1;
    }
    tcb->pieces[from] = (Piece){left, right};
    return true;
}

/* The first piece begins at rcv.nxt: its bytes can be read now. */
static uint32_t advance(Tcb *tcb) {
    uint32_t count = seq_distance(tcb->rcv.nxt, tcb->pieces[0].right);
    tcb->rcv.nxt = tcb->pieces[0].right;
    tcb->recv_queue.length += count;
    tcb->piece_count--;
    for (uint32_t i = 0; i < tcb->piece_count; i++) tcb->pieces[i] = tcb->pieces[i + 1];
    return count;
}

uint32_t reassemble(Turn *turn, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length) {
    assert(length > 0 && seq_leq(tcb->rcv.nxt, seq));
    uint32_t offset = tcb->recv_queue.length + seq_distance(tcb->rcv.nxt, seq);
    if (!remember(tcb, seq, seq_add(seq, length))) return 0;
    bytes_reserve(turn, &tcb->recv_queue, offset + length);
    bytes_write(turn, &tcb->recv_queue, offset, data, length);
    if (!seq_eq(tcb->pieces[0].left, tcb->rcv.nxt)) return 0;
    return advance(tcb);
}
