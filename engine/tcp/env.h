/* env.h - the environment of a connection: the data of the world that TCP's mechanisms read and do not change. */
#ifndef TWOMSL_ENV_H
#define TWOMSL_ENV_H

#include "tcb.h"

typedef struct Env {
    Micros now;
    uint32_t mtu;          /* bytes of the largest datagram the path takes */
    const Host *hosts;     /* by HostId */
    const uint8_t *store;  /* the store's bytes */
    const uint8_t *secret; /* sixteen secret bytes, for initial sequence numbers and SYN cookies */
} Env;

/* ---- rules.c ---- */
/* The connection's own rule, or its host's. */
int64_t tcb_rule(const Env *env, const Tcb *tcb, HostRule rule);
/* Sets the connection's own value of a rule. */
void own_rule_set(Store *store, Tcb *tcb, HostRule rule, int64_t value);
void own_rules_free(Store *store, Tcb *tcb);

#endif
