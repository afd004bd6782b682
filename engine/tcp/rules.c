/* rules.c - the value of a rule for a connection: its own, or its host's. */
#include "env.h"

int64_t tcb_rule(const Env *env, const Tcb *tcb, HostRule rule) {
    if (tcb->own) {
        const OwnRules *own = (const OwnRules *)(const void *)store_look(env->store, tcb->own);
        if (own->set[rule]) return own->value[rule];
    }
    return env->hosts[tcb->host].rules[rule];
}

void own_rule_set(Store *store, Tcb *tcb, HostRule rule, int64_t value) {
    bool first = tcb->own == 0;
    if (first) tcb->own = store_take(store, sizeof(OwnRules));
    if (!tcb->own) return;
    OwnRules *own = (OwnRules *)(void *)store_block(store, tcb->own);
    if (first) *own = (OwnRules){0};
    own->set[rule] = true;
    own->value[rule] = value;
}

void own_rules_free(Store *store, Tcb *tcb) {
    if (tcb->own) store_give(store, tcb->own, sizeof(OwnRules));
    tcb->own = 0;
}
