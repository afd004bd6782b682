/* helper.h - what is said between the program and the helper that holds the private network. */
#ifndef TWOMSL_LINK_HELPER_H
#define TWOMSL_LINK_HELPER_H

#include "refusal.h"

#include <pthread.h>

enum {
    SETTING_TEXT = 64,
    LO_MTU = 1500,      /* what people expect to see on a wire; grows with the largest datagram */
    SHIELD_LIMIT = 4096 /* endpoints shielded at once */
};

typedef enum HelperOp {
    HELPER_SOCKET, /* socket(domain, type, protocol): the reply carries it */
    HELPER_SHIELD, /* put a shield on addr:port into `slot`, in place of the one that is there */
    HELPER_SETTING /* write `value` to the network's setting net.ipv4.NAME */
} HelperOp;

typedef struct HelperRequest {
    HelperOp op;
    int domain, type, protocol;
    uint32_t slot;
    Endpoint endpoint;
    char name[SETTING_TEXT], value[SETTING_TEXT];
} HelperRequest;

/* The first reply comes unasked: the network is ready. */
typedef struct HelperReply {
    LinkStep step; /* STEP_DONE, or where it failed */
    int error;
    uint32_t shields; /* how many slots there are, at most SHIELD_LIMIT */
} HelperReply;

/* The whole life of the helper process: takes the mutex `life` for good, makes the network, serves requests, ends when
 * the other end of `control` is closed. */
_Noreturn void helper_run(int control, pid_t parent, pthread_mutex_t *life);

#endif
