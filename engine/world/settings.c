/* settings.c - inputs that add hosts and change the rules of hosts, connections and the path. */
#include <string.h>

#include "world.h"

enum { FIRST_EPHEMERAL = 49152 };
static const Addr first_addr = {0x7f000001};

const PathRuleInfo *path_rule_info(PathRule rule) {
    static const PathRuleInfo infos[] = {
#define PATH_RULE(id, name, kind, def, low, high, usage, help) {#name, kind, def, low, high, help},
#include "path_rules.def"
    };
    return (unsigned)rule < PATH_RULE_COUNT ? &infos[rule] : NULL;
}

void add_host(World *world, const char *name) {
    Host *host = touch_host(world, world->host_count);
    memset(host, 0, sizeof *host);
    memcpy(host->name, name, strlen(name));
    host->addr = addr_add(first_addr, world->host_count);
    host->ephemeral = FIRST_EPHEMERAL;
    for (int i = 0; i < HOST_RULE_COUNT; i++) host->rules[i] = host_rule_info((HostRule)i)->initial;
    world->host_count++;
}

static Status set_for_conn(Turn *turn, const Input *input) {
    Tcb *tcb = live_record(turn->world, input->conn);
    if (!tcb) return STATUS_NO_CONNECTION;
    if (tcb->state == STATE_LISTEN) return STATUS_A_LISTENER;
    if (!host_rule_of_conn(input->rule)) return STATUS_BAD_ARGUMENT;
    Event *event = turn_note(turn, tcb, EVENT_SET, RULE_SETTING);
    event->call = INPUT_RULE;
    event->setting = input->rule;
    event->value = input->value;
    turn->cause = event->index;
    set_rule(turn, tcb, input->rule, input->value);
    return STATUS_OK;
}

static uint32_t changed(Turn *turn, HostId host, InputKind call, uint32_t setting, int64_t value) {
    Event *event = turn_event(turn, EVENT_SET, RULE_SETTING);
    event->host = host;
    event->call = call;
    event->setting = setting;
    event->value = value;
    return event->index;
}

/* On loopback, not in use, and outside the addresses reserved for the laboratory's own hosts. */
static bool foreign_addr(const World *world, Addr addr) {
    return addr_is_loopback(addr) && addr_distance(first_addr, addr) >= LIMIT_HOSTS &&
           world_host_by_addr(world, addr) == HOST_NONE;
}

Status setting_host(Turn *turn, const Input *input, Result *result) {
    World *world = turn->world;
    char name[LIMIT_HOST_NAME + 1] = {0};
    if (!input->bytes || input->length == 0 || input->length > LIMIT_HOST_NAME) return STATUS_BAD_ARGUMENT;
    memcpy(name, input->bytes, input->length);
    if (strlen(name) != input->length) return STATUS_BAD_ARGUMENT;
    for (uint32_t i = 0; i < world->host_count; i++)
        if (strcmp(hosts_of(world)[i].name, name) == 0) return STATUS_NAME_TAKEN;
    if (input->foreign && !foreign_addr(world, input->local.addr)) return STATUS_BAD_ADDRESS;
    if (world->host_count == world->config.hosts) {
        run_out(world, STATUS_LIMIT_HOSTS);
        return STATUS_LIMIT_HOSTS;
    }
    add_host(world, name);
    result->host = world->host_count - 1;
    if (input->foreign) {
        hosts_of(world)[result->host].addr = input->local.addr;
        hosts_of(world)[result->host].foreign = true;
    }
    changed(turn, result->host, INPUT_HOST, 0, 0);
    return STATUS_OK;
}

Status setting_rule(Turn *turn, const Input *input) {
    const HostRuleInfo *info = host_rule_info(input->rule);
    if (!info) return STATUS_BAD_ARGUMENT;
    bool off = info->off && input->value == HOST_RULE_OFF;
    if (!off && (input->value < info->low || input->value > info->high)) return STATUS_BAD_ARGUMENT;
    if (conn_is(input->conn)) return set_for_conn(turn, input);
    touch_host(turn->world, input->host)->rules[input->rule] = input->value;
    turn->cause = changed(turn, input->host, INPUT_RULE, input->rule, input->value);
    if (input->rule == HOST_RULE_keepalive) keepalive_rules(turn, input->host);
    return STATUS_OK;
}

Status setting_path(Turn *turn, const Input *input) {
    const PathRuleInfo *info = path_rule_info(input->path);
    if (!info || input->value < info->low || input->value > info->high) return STATUS_BAD_ARGUMENT;
    turn->world->path[input->path] = input->value;
    changed(turn, HOST_NONE, INPUT_PATH, input->path, input->value);
    return STATUS_OK;
}
