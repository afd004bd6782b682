/* reassembly.c - bytes that arrived ahead of a hole are kept (SHLD-31) in the receive ring, where they will be read. */
#include <assert.h>

#include "tcp.h"

/* The first piece begins at rcv.nxt: its bytes can be read now. */
static uint32_t advance(Tcb *tcb) {
    uint32_t count = seq_distance(tcb->rcv.nxt, tcb->kept.at[0].right);
    tcb->rcv.nxt = tcb->kept.at[0].right;
    tcb->recv_queue.length += count;
    pieces_drop_first(&tcb->kept);
    return count;
}

/* Full: bytes that can be read at once go before a piece that may be sent again. */
static bool keep(Tcb *tcb, Seq left, Seq right) {
    if (pieces_add(&tcb->kept, left, right)) return true;
    if (!seq_eq(left, tcb->rcv.nxt)) return false;
    tcb->kept.count--;
    return pieces_add(&tcb->kept, left, right);
}

void reassemble_later(Turn *turn, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length) {
    uint32_t offset = tcb->recv_queue.length + seq_distance(tcb->rcv.nxt, seq);
    if (!keep(tcb, seq, seq_add(seq, length))) return;
    bytes_reserve(turn, &tcb->recv_queue, offset + length);
    bytes_write(turn, &tcb->recv_queue, offset, data, length);
}

uint32_t reassemble_waiting(Tcb *tcb) {
    return tcb->kept.count > 0 && seq_eq(tcb->kept.at[0].left, tcb->rcv.nxt) ? advance(tcb) : 0;
}

uint32_t reassemble(Turn *turn, Tcb *tcb, Seq seq, const uint8_t *data, uint32_t length) {
    assert(length > 0 && seq_leq(tcb->rcv.nxt, seq));
    reassemble_later(turn, tcb, seq, data, length);
    return reassemble_waiting(tcb);
}
