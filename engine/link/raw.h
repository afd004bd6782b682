/* raw.h - the raw wire's state, shared by raw.c, kernel.c and diag.c. */
#ifndef TWOMSL_LINK_RAW_H
#define TWOMSL_LINK_RAW_H

#include "shield.h"

enum {
    RAW_MARK = 0x324d534c, /* "2MSL" */
    RAW_KERNELS = 8        /* addresses of the kernel's own */
};

struct RawWire {
    Netns net;
    int sender, receiver;
    int listener; /* receives what the kernel's TCP sends; -1 before raw_kernel() */
    int diag;     /* for sock_diag; -1: /proc/net/tcp is read instead */
    uint32_t mtu;
    uint32_t late; /* packets that carry() stopped waiting for and that have not arrived since */
    Addr kernels[RAW_KERNELS];
    uint32_t kernel_count;
    Shields shields;
};

/* A socket for sock_diag(7); -1 where the kernel has no such interface. */
int diag_open(const Netns *net);
/* Whether the address was given to the kernel by raw_kernel(). */
bool raw_is_kernel(const RawWire *raw, Addr addr);

#endif
