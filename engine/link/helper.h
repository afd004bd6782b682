/* helper.h - requests and replies between the program and the helper that holds the private network. */
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

/* The first reply is sent without a request, when the network is ready. */
typedef struct HelperReply {
    LinkStep step; /* STEP_DONE, or where it failed */
    int error;
    uint32_t shields; /* how many slots there are, at most SHIELD_LIMIT */
} HelperReply;

/* The helper process: locks `life` and keeps it, makes the network, serves requests, and ends when the other end of
 * `control` is closed or `parent` ends. */
_Noreturn void helper_run(int control, pid_t parent, pthread_mutex_t *life);

#endif
