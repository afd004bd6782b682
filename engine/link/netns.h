/* netns.h - the private network, as the program sees it: a helper process that opens sockets there. */
#ifndef TWOMSL_LINK_NETNS_H
#define TWOMSL_LINK_NETNS_H

#include "helper.h"

#include <pthread.h>

typedef struct Netns {
    pid_t holder;
    int control;
    pthread_mutex_t *life; /* in memory shared with the helper, which holds it as long as it lives */
    uint32_t shields;      /* slots */
} Netns;

/* Forks the helper and waits until its network is up. False: `refusal` says why; no process or descriptor is left. */
bool netns_open(Netns *net, RawRefusal *refusal);
/* Ends the helper and waits for it. */
void netns_close(Netns *net);
/* False: the helper has ended, and its shields with it. Makes no system call: it is called for every packet. */
bool netns_alive(const Netns *net);
/* A socket of the private network, close-on-exec; -1 and errno. */
int netns_socket(const Netns *net, int domain, int type, int protocol);
/* Puts a shield on `endpoint` into `slot` (below net->shields). False and errno: the slot is empty. */
bool netns_shield(const Netns *net, uint32_t slot, Endpoint endpoint);
/* Writes `value` to the network's setting net.ipv4.NAME. False and errno: ENOENT where there is none, EINVAL where the
 * kernel refuses the value. */
bool netns_setting(const Netns *net, const char *name, const char *value);

#endif
