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
    Tcb *last = tcb_at(tcbs, listener->accept_before);
    if (last) last->accept_next = tcb->id;
    else listener->accept_next = tcb->id;
    tcb->accept_next = CONN_NONE;
    tcb->accept_before = listener->accept_before;
    listener->accept_before = tcb->id;
    listener->accept_queue++;
    tcb->waits = true;
}

void leave_accept_queue(Tcb *tcbs, Tcb *tcb) {
    Tcb *listener = tcb_at(tcbs, tcb->listener);
    if (!tcb->waits) return;
    tcb->waits = false;
    if (!listener) return;
    Tcb *before = tcb_at(tcbs, tcb->accept_before), *next = tcb_at(tcbs, tcb->accept_next);
    if (before) before->accept_next = tcb->accept_next;
    else listener->accept_next = tcb->accept_next;
    if (next) next->accept_before = tcb->accept_before;
    else listener->accept_before = tcb->accept_before;
    listener->accept_queue--;
}
