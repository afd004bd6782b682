/* choices.c - the input that is due next, and all inputs possible now. */
#include "world.h"

/* A timer is to send an ACK, a retransmission or a probe on this connection, or an answer to a probe is outstanding. A
 * peer that keeps its window closed and answers each probe does not count: no user timer runs between answer and
 * probe. */
static bool busy(const Tcb *tcb) {
    if (timer_runs(tcb, TIMER_RETRANSMIT) || timer_runs(tcb, TIMER_DELAYED_ACK)) return true;
    if (timer_runs(tcb, TIMER_PERSIST)) return timer_runs(tcb, TIMER_USER) || tcb->snd.wnd > 0;
    return timer_runs(tcb, TIMER_KEEPALIVE) && tcb->keepalive_probes > 0;
}

bool world_busy(const World *world) {
    if (world->packet_count > world->held_count) return true;
    uint32_t first = agenda_first(world); /* mostly the timer of a connection that is busy: then none is searched for */
    if (first != SLOT_NONE && !(first & AGENDA_PACKET) && busy(&tcbs_in(world)[first])) return true;
    for (uint32_t slot = world->oldest; slot != SLOT_NONE; slot = tcbs_in(world)[slot].newer)
        if (busy(&tcbs_in(world)[slot])) return true;
    return false;
}

static TimerKind due_timer(const Tcb *tcb) {
    for (int i = 0; i < TIMER_COUNT; i++)
        if (tcb->timers[i] == tcb->deadline) return (TimerKind)i;
    return TIMER_COUNT;
}

bool world_next(const World *world, Input *input) {
    uint32_t item = agenda_first(world);
    if (item == SLOT_NONE) return false;
    if (item & AGENDA_PACKET) {
        const Packet *packet = &packets_in(world)[item & ~AGENDA_PACKET];
        bool arrives = !packet->held && packet->due <= packet->dies;
        *input = (Input){
            .kind = arrives ? INPUT_DELIVER : INPUT_EXPIRE, .packet = packet->id, .at = packet_time(packet)};
        return true;
    }
    const Tcb *tcb = &tcbs_in(world)[item];
    *input = (Input){.kind = INPUT_TIMER, .conn = tcb->id, .timer = due_timer(tcb), .at = tcb->deadline};
    return true;
}

size_t world_choices(const World *world, Input *inputs, size_t capacity) {
    size_t n = 0;
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        const Packet *packet = &packets_in(world)[slot];
        if (!packet->id.id || packet->held) continue;
        if (n < capacity) inputs[n] = (Input){.kind = INPUT_DELIVER, .packet = packet->id};
        n++;
    }
    for (uint32_t slot = world->oldest; slot != SLOT_NONE; slot = tcbs_in(world)[slot].newer) {
        const Tcb *tcb = &tcbs_in(world)[slot];
        for (int i = 0; i < TIMER_COUNT; i++) {
            if (!timer_runs(tcb, (TimerKind)i)) continue;
            if (n < capacity)
                inputs[n] = (Input){.kind = INPUT_TIMER, .conn = tcb->id, .timer = (TimerKind)i, .at = MICROS_NEVER};
            n++;
        }
    }
    return n;
}
