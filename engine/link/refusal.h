/* refusal.h - the steps at which the system can refuse the raw wire, and the remedies. */
#ifndef TWOMSL_LINK_REFUSAL_H
#define TWOMSL_LINK_REFUSAL_H

#include "link.h"

#define STEP_TABLE(X)                                   \
    X(SOCKETPAIR, "socketpair")                         \
    X(FORK, "fork")                                     \
    X(HELPER, "network helper")                         \
    X(DESCRIPTORS, "descriptors of the network helper") \
    X(UNSHARE, "unshare")                               \
    X(SETGROUPS, "setgroups")                           \
    X(UID_MAP, "uid_map")                               \
    X(GID_MAP, "gid_map")                               \
    X(LO_UP, "lo up")                                   \
    X(LO_MTU, "lo mtu")                                 \
    X(RAW_SOCKET, "raw socket")                         \
    X(MARK, "socket mark")                              \
    X(FILTER, "socket filter")                          \
    X(MEMORY, "memory")                                 \
    X(OPEN_NS, "open the lab's network")                \
    X(SETNS, "setns")                                   \
    X(CAPABILITIES, "capabilities")                     \
    X(EXEC, "exec")                                     \
    X(FIND, "find a running lab")

typedef enum LinkStep {
    STEP_DONE,
#define STEP_ENUM(name, text) STEP_##name,
    STEP_TABLE(STEP_ENUM)
#undef STEP_ENUM
        STEP_COUNT
} LinkStep;

/* Fills `refusal` (NULL is fine) with the step's name, `error` and the remedy. */
void refuse(RawRefusal *refusal, LinkStep step, int error);

#endif
