/* raw.h - what the raw wire is made of: for raw.c, which carries, and kernel.c, where Linux's TCP is a peer. */
#ifndef TWOMSL_LINK_RAW_H
#define TWOMSL_LINK_RAW_H

#include "shield.h"

enum {
    RAW_MARK = 0x324d534c, /* "2MSL" */
    RAW_KERNELS = 8,       /* addresses of the kernel's own */
    IP_HEADER = 20,
    TCP_HEADER = 20,
    TCP_PROTOCOL = 6
};

struct RawWire {
    Netns net;
    int sender, receiver;
    int listener;          /* hears the kernel's TCP; -1 while it has no address */
    uint32_t mtu;
    uint32_t kernels[RAW_KERNELS];
    uint32_t kernel_count;
    Shields shields;
};

/* Whether that address is the kernel's own: never shielded. */
bool raw_is_kernel(const RawWire *raw, uint32_t addr);

#endif
