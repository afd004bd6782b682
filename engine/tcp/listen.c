/* listen.c - a listener's two queues: half-open connections, and complete ones that wait for accept(). */
#include "mechanisms.h"

static uint32_t capacity(const Tcb *listener) { return listener->backlog ? listener->backlog : 1; }

bool syn_queue_full(const Tcb *listener) { return listener->syn_queue >= capacity(listener); }
bool accept_queue_full(const Tcb *listener) { return listener->accept_queue >= capacity(listener); }

void join_syn_queue(Tcb *tcbs, const Tcb *tcb) {
    Tcb *listener = tcb_at(tcbs, tcb->listener);
    if (listener) listener->syn_queue++;
}

void leave_syn_queue(Tcb *tcbs, const Tcb *tcb) {
    Tcb *listener = tcb_at(tcbs, tcb->listener);
    if (listener) listener->syn_queue--;
}

void join_accept_queue(Tcb *tcbs, Tcb *tcb) {
    Tcb *listener = tcb_at(tcbs, tcb->listener);
    if (!listener) return;
    Tcb *last = tcb_at(tcbs, listener->accept_tail);
    if (last) last->accept_next = tcb->id;
    else listener->accept_head = tcb->id;
    listener->accept_tail = tcb->id;
    listener->accept_queue++;
    tcb->waits = true;
}

void leave_accept_queue(Tcb *tcbs, Tcb *tcb) {
    Tcb *listener = tcb_at(tcbs, tcb->listener);
    if (!tcb->waits) return;
    tcb->waits = false;
    if (!listener) return;
    Tcb *before = NULL;
    for (ConnId id = listener->accept_head; conn_is(id) && !conn_eq(id, tcb->id); id = before->accept_next)
        before = tcb_at(tcbs, id);
    if (before) before->accept_next = tcb->accept_next;
    else listener->accept_head = tcb->accept_next;
    if (conn_eq(listener->accept_tail, tcb->id)) listener->accept_tail = before ? before->id : CONN_NONE;
    listener->accept_queue--;
}
