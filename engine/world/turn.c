/* turn.c - what TCP asks of the world during a turn: events, hosts, bytes. Records are in records.c, packets in path.c.
 */
#include "world.h"

Event *turn_event(Turn *turn, EventKind kind, RuleId rule) {
    Event *event = turn->trace ? trace_append(turn->trace) : turn->unread;
    if (!event) { /* out of memory */
        run_out(turn->world, STATUS_LIMIT_MEMORY);
        event = turn->unread;
    }
    uint32_t index = turn->world->events++;
    if (turn->trace)
        *event = (Event){.cause = turn->cause, .step = turn->step, .time = turn->now, .kind = kind, .rule = rule};
    event->index = index;
    return event;
}

Event *turn_note(Turn *turn, const Tcb *tcb, EventKind kind, RuleId rule) {
    Event *event = turn_event(turn, kind, rule);
    if (!turn->trace) return event;
    event->host = tcb->host;
    event->conn = tcb->id;
    event->from = event->to = tcb->state;
    event->src = tcb->local;
    event->dst = tcb->remote;
    return event;
}

Host *turn_host(Turn *turn, HostId id) { return &hosts_of(turn->world)[id]; }
uint32_t turn_take(Turn *turn, uint32_t capacity) { return store_take(turn->world, capacity); }
void turn_give(Turn *turn, uint32_t block, uint32_t capacity) { store_give(turn->world, block, capacity); }
uint8_t *turn_block(Turn *turn, uint32_t block) { return store_block(turn->world, block); }
const uint8_t *turn_secret(Turn *turn) { return turn->world->secret; }
