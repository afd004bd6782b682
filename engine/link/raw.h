/* raw.h - what the raw wire is made of: for raw.c, which carries, and kernel.c, where Linux's TCP is a peer. */
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
    int listener; /* hears the kernel's TCP; -1 while it has no address */
    int diag;     /* asks for the states of its connections; -1: the table in /proc must do */
    uint32_t mtu;
    uint32_t late; /* packets that carry() gave up and that have not come since */
    Addr kernels[RAW_KERNELS];
    uint32_t kernel_count;
    Shields shields;
};

/* A socket that asks the kernel about its connections, as ss does; -1 where it has no such interface. */
int diag_open(const Netns *net);
/* Whether that address is the kernel's own: never shielded. */
bool raw_is_kernel(const RawWire *raw, Addr addr);

#endif
