/* moves.c - what can happen next at a point of a search, in an order that is the same everywhere. */
#include "moves.h"

#include "../world/world.h"

static MoveCode code_of(MoveKind kind, uint32_t number) {
    return (MoveCode)((uint32_t)kind << MOVE_NUMBER_BITS | number);
}
static uint32_t number_of(MoveCode code) { return code & ((1u << MOVE_NUMBER_BITS) - 1); }

/* ---- The world of a search ---- */

/* No packet lives longer. */
static Micros never_by_itself(void) { return path_rule_info(PATH_LATENCY)->high; }

static Micros lifetime(const World *world, const Packet *packet) {
    return hosts_in(world)[packet->from == HOST_NONE ? 0 : packet->from].rules[HOST_RULE_msl];
}

void moves_prepare(World *world) {
    for (int rule = PATH_LOSS; rule <= PATH_CORRUPT; rule++) world->path[rule] = 0;
    world->path[PATH_LATENCY] = never_by_itself();
    orders_without_time(world);
    world->held_count = 0;
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        Packet *packet = &packets_of(world)[slot];
        if (!packet->id.id) continue;
        packet = touch_packet(world, slot);
        packet->held = false;
        packet->due = packet->dies - lifetime(world, packet) + never_by_itself();
        agenda_packet(world, packet);
    }
}

/* ---- Budget ---- */

static uint32_t resent(const Spent *spent, HostId host) { return spent->resends >> 4 * (host % 16) & 15; }

/* Packets that are delayed where time passes now: those sent since it last passed, but for the one that dies. */
static uint32_t delayed_packets(const World *world, const ExploreConfig *config, uint32_t dying) {
    uint32_t count = 0;
    if (config->delays == EXPLORE_NO_LIMIT || agenda_time(world) == world->now) return 0;
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        const Packet *packet = &packets_in(world)[slot];
        if (packet->id.id && slot != dying) count += packet->dies - lifetime(world, packet) == world->now;
    }
    return count;
}

Spent move_spend(const World *world, const ExploreConfig *config, Spent spent, MoveCode code) {
    uint32_t number = number_of(code);
    switch (move_kind(code)) {
    case MOVE_DROP:
    case MOVE_EXPIRE: spent.drops++; break;
    case MOVE_DUP: spent.dups++; break;
    case MOVE_CALL: spent.calls |= (uint16_t)(1u << number); break;
    case MOVE_TIMER:
        if (config->resends != EXPLORE_NO_LIMIT && number % TIMER_COUNT == TIMER_RETRANSMIT)
            spent.resends += UINT64_C(1) << 4 * (tcbs_in(world)[number / TIMER_COUNT].host % 16);
        break;
    case MOVE_DELIVER:
    case MOVE_KINDS: break;
    }
    uint32_t dying = move_kind(code) == MOVE_EXPIRE ? number : SLOT_NONE;
    if (move_takes_time(code)) spent.delays = (uint8_t)(spent.delays + delayed_packets(world, config, dying));
    return spent;
}

/* ---- Calls ---- */

static bool takes_conn(InputKind kind) {
    return kind == INPUT_ACCEPT || kind == INPUT_SEND || kind == INPUT_RECV || kind == INPUT_SHUTDOWN ||
           kind == INPUT_CLOSE || kind == INPUT_ABORT;
}

static ConnId youngest(const World *world, HostId host, bool listener) {
    for (uint32_t slot = world->newest; slot != SLOT_NONE; slot = tcbs_in(world)[slot].older) {
        const Tcb *tcb = &tcbs_in(world)[slot];
        if (tcb->host == host && !tcb->gone && (tcb->state == STATE_LISTEN) == listener) return tcb->id;
    }
    return CONN_NONE;
}

/* Fills in the connection; false: there is none. */
static bool call_now(const World *world, const Input *call, Input *input) {
    *input = *call;
    if (!takes_conn(call->kind)) return true;
    if (!conn_is(call->conn)) input->conn = youngest(world, call->host, call->kind == INPUT_ACCEPT);
    const Tcb *tcb = record_look(world, input->conn);
    if (!tcb) return false;
    if (call->kind == INPUT_RECV && call->count > tcb->recv_queue.length) input->count = tcb->recv_queue.length;
    return true;
}

static HostId host_of_call(const World *world, const Input *input) {
    return takes_conn(input->kind) ? record_look(world, input->conn)->host : input->host;
}

/* ---- The list ---- */

typedef struct List {
    Move *moves;
    size_t count;
} List;

static void add(List *list, MoveKind kind, uint32_t number, HostId host, uint32_t age, PacketKey key) {
    if (list->count < MOVES_MOST && number < MOVES_MOST)
        list->moves[list->count++] = (Move){code_of(kind, number),     host, false, age, key.bare + (uint64_t)kind,
                                            key.whole + (uint64_t)kind};
    else list->count = MOVES_MOST + 1;
}

static void add_packets(List *list, const World *world, const ExploreConfig *config, const Spent *spent) {
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        const Packet *packet = &packets_in(world)[slot];
        if (!packet->id.id) continue;
        PacketKey key = packet_key(world, slot);
        /* The first to die comes first; a lifetime is at most some hours. */
        uint32_t age = (uint32_t)((packet->dies - world->now) >> 8);
        add(list, MOVE_DELIVER, slot, packet->to, age, key);
        if (spent->drops < config->drops) add(list, MOVE_DROP, slot, HOST_NONE, age, key);
        if (spent->dups < config->dups) add(list, MOVE_DUP, slot, HOST_NONE, age, key);
    }
}

/* A call of the same host must be made before it. */
static bool comes_later(const ExploreConfig *config, const Spent *spent, uint32_t call) {
    for (uint32_t i = 0; config->in_order && i < call; i++)
        if (config->calls[i].host == config->calls[call].host && !(spent->calls & 1u << i)) return true;
    return false;
}

static void add_calls(List *list, const World *world, const ExploreConfig *config, const Spent *spent) {
    Input input;
    for (uint32_t i = 0; i < config->call_count; i++) {
        if (spent->calls & 1u << i || comes_later(config, spent, i)) continue;
        if (!call_now(world, &config->calls[i], &input)) continue;
        add(list, MOVE_CALL, i, host_of_call(world, &input), i, (PacketKey){mix64(i + 1), mix64(i + 1)});
    }
}

static void add_timers(List *list, const World *world, const ExploreConfig *config, const Spent *spent, uint32_t slot) {
    const Tcb *tcb = &tcbs_in(world)[slot];
    for (uint32_t i = 0; i < TIMER_COUNT; i++) {
        if (tcb->timers[i] != agenda_time(world)) continue;
        bool limited = i == TIMER_RETRANSMIT && config->resends != EXPLORE_NO_LIMIT;
        if (limited && resent(spent, tcb->host) >= config->resends) continue;
        uint64_t key = mix64(mix64(endpoint_key(tcb->local)) + endpoint_key(tcb->remote)) + i * MOVE_KINDS;
        add(list, MOVE_TIMER, slot * TIMER_COUNT + i, tcb->host, i, (PacketKey){key, key});
    }
}

/* Time passes to what is due first: all that is due in that instant, in any order. */
static void add_time(List *list, const World *world, const ExploreConfig *config, const Spent *spent) {
    Micros next = agenda_time(world);
    if (config->no_timers || next == MICROS_NEVER) return;
    for (uint32_t slot = 0; slot < world->packet_fresh; slot++) {
        const Packet *packet = &packets_in(world)[slot];
        if (!packet->id.id || packet->dies != next || spent->drops == config->drops) continue;
        if (spent->delays + delayed_packets(world, config, slot) <= config->delays)
            add(list, MOVE_EXPIRE, slot, HOST_NONE, 0, packet_key(world, slot));
    }
    if (spent->delays + delayed_packets(world, config, SLOT_NONE) > config->delays) return;
    for (uint32_t slot = world->oldest; slot != SLOT_NONE; slot = tcbs_in(world)[slot].newer)
        if (tcbs_in(world)[slot].deadline == next) add_timers(list, world, config, spent, slot);
}

static int compare(const Move *a, const Move *b) {
    MoveKind kind_a = move_kind(a->code), kind_b = move_kind(b->code);
    if (kind_a != kind_b) return kind_a < kind_b ? -1 : 1;
    if (a->age != b->age) return a->age < b->age ? -1 : 1;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    if (a->whole != b->whole) return a->whole < b->whole ? -1 : 1;
    return a->code < b->code ? -1 : a->code > b->code;
}

/* Shell's sort: there are mostly few, and the engine has no other. */
static void sort(Move *moves, size_t count) {
    for (size_t gap = count < 24 ? 1 : count / 3; gap > 0; gap = gap == 2 ? 1 : gap / 3) {
        for (size_t i = gap; i < count; i++) {
            Move move = moves[i];
            size_t k = i;
            for (; k >= gap && compare(&move, &moves[k - gap]) < 0; k -= gap) moves[k] = moves[k - gap];
            moves[k] = move;
        }
    }
}

size_t moves_list(const World *world, const ExploreConfig *config, const Spent *spent, Move moves[MOVES_MOST]) {
    List list = {moves, 0};
    add_packets(&list, world, config, spent);
    add_calls(&list, world, config, spent);
    add_time(&list, world, config, spent);
    if (list.count > MOVES_MOST) return list.count;
    sort(moves, list.count);
    size_t kept = 0;
    for (size_t i = 0; i < list.count; i++) {
        Move *last = kept ? &moves[kept - 1] : NULL;
        if (last && last->key == moves[i].key && last->whole == moves[i].whole) continue;
        if (last && last->key == moves[i].key) last->twin = moves[i].twin = true;
        moves[kept++] = moves[i];
    }
    return kept;
}

/* ---- What a move is ---- */

Input move_input(const World *world, const ExploreConfig *config, MoveCode code) {
    static const InputKind kinds[MOVE_KINDS] = {[MOVE_DELIVER] = INPUT_DELIVER,
                                                [MOVE_TIMER] = INPUT_TIMER,
                                                [MOVE_EXPIRE] = INPUT_EXPIRE,
                                                [MOVE_DROP] = INPUT_DROP,
                                                [MOVE_DUP] = INPUT_DUP};
    uint32_t number = number_of(code);
    Input input = {.kind = kinds[move_kind(code)]};
    switch (move_kind(code)) {
    case MOVE_CALL: call_now(world, &config->calls[number], &input); break;
    case MOVE_TIMER:
        input.conn = tcbs_in(world)[number / TIMER_COUNT].id;
        input.timer = (TimerKind)(number % TIMER_COUNT);
        input.at = tcbs_in(world)[number / TIMER_COUNT].timers[input.timer];
        break;
    case MOVE_EXPIRE: input.at = packets_in(world)[number].dies; /* fall through */
    case MOVE_DELIVER:
    case MOVE_DROP:
    case MOVE_DUP: input.packet = packets_in(world)[number].id; break;
    case MOVE_KINDS: break;
    }
    return input;
}

Input move_on_way(const World *world, const ExploreConfig *config, MoveCode code) {
    Input input = move_input(world, config, code);
    bool names_conn = input.kind == INPUT_TIMER || takes_conn(input.kind);
    if (!names_conn) return input;
    const Tcb *tcb = record_look(world, input.conn);
    input.local = tcb->local;
    input.remote = tcb->remote;
    return input;
}

/* Moves of different hosts touch different connections; a packet lost or doubled is no other one. Faults come out of
 * one budget, so that one may make another impossible. */
bool moves_commute(const Move *a, const Move *b) {
    if (move_takes_time(a->code) || move_takes_time(b->code)) return false;
    if (move_is_fault(a->code) && move_is_fault(b->code)) return false;
    if (a->host != HOST_NONE && a->host == b->host) return false;
    bool packets = move_kind(a->code) != MOVE_CALL && move_kind(b->code) != MOVE_CALL;
    return !packets || a->key - move_kind(a->code) != b->key - move_kind(b->code);
}
