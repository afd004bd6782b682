/* raw.c - the raw wire: a datagram goes out on lo and comes back from the kernel, in the same call.
 *
 * Two sockets. One sends with IP_HDRINCL and marks what it sends; the other gets a copy of every TCP packet that lo
 * delivers, and its filter lets only marked ones through: whatever else runs in the network, it neither fills the queue
 * nor is taken for ours.
 */
#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    RAW_PATIENCE = 50, /* milliseconds for a packet that takes 7 microseconds */
    TCP_FLAGS_AT = 13
};

/* ---- Opening ---- */

static LinkStep open_sockets(RawWire *raw) {
    raw->sender = netns_socket(&raw->net, AF_INET, SOCK_RAW,
                               IPPROTO_RAW); /* IPPROTO_RAW: IP_HDRINCL, and receives nothing */
    if (raw->sender < 0) return STEP_RAW_SOCKET;
    raw->receiver = netns_socket(&raw->net, AF_INET, SOCK_RAW, IPPROTO_TCP);
    if (raw->receiver < 0) return STEP_RAW_SOCKET;
    struct sock_filter only_ours[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RAW_MARK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog filter = {.len = sizeof only_ours / sizeof *only_ours, .filter = only_ours};
    if (setsockopt(raw->receiver, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) return STEP_FILTER;
    uint32_t mark = RAW_MARK;
    if (setsockopt(raw->sender, SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0) return STEP_MARK;
    return STEP_DONE;
}

RawWire *raw_open(RawRefusal *refusal) {
    RawWire *raw = malloc(sizeof *raw);
    if (!raw) {
        refuse(refusal, STEP_MEMORY, ENOMEM);
        return NULL;
    }
    raw->sender = raw->receiver = raw->listener = raw->diag = -1;
    raw->mtu = LO_MTU;
    raw->kernel_count = 0;
    shields_init(&raw->shields);
    if (!netns_open(&raw->net, refusal)) {
        free(raw);
        return NULL;
    }
    LinkStep step = open_sockets(raw);
    if (step == STEP_DONE) return raw;
    refuse(refusal, step, errno);
    raw_close(raw);
    return NULL;
}

void raw_close(RawWire *raw) {
    if (!raw) return;
    if (raw->sender >= 0) close(raw->sender);
    if (raw->receiver >= 0) close(raw->receiver);
    if (raw->listener >= 0) close(raw->listener);
    if (raw->diag >= 0) close(raw->diag);
    netns_close(&raw->net);
    free(raw);
}

pid_t raw_holder(const RawWire *raw) { return raw->net.holder; }

/* ---- Carrying ---- */

static uint16_t word_at(const uint8_t *bytes, size_t offset) {
    return (uint16_t)(bytes[offset] << 8 | bytes[offset + 1]);
}

static Addr addr_at(const uint8_t *bytes, size_t offset) {
    return addr_of((uint32_t)word_at(bytes, offset) << 16 | word_at(bytes, offset + 2));
}

static size_t header_length(const uint8_t *datagram) { return (size_t)(datagram[0] & 15) * 4; }

static Endpoint destination(const uint8_t *datagram) {
    return (Endpoint){addr_at(datagram, 16), word_at(datagram, header_length(datagram) + 2)};
}

/* What the kernel would not carry, or would change more than it may. NULL: nothing. */
static const char *unfit(const uint8_t *in, size_t length) {
    if (length < IP_HEADER + TCP_HEADER) return "the datagram is too short for an IPv4 and a TCP header";
    if (in[0] >> 4 != 4) return "the datagram is not IPv4";
    if (header_length(in) < IP_HEADER || header_length(in) + TCP_HEADER > length)
        return "the IP header length (IHL) is wrong";
    if (word_at(in, 2) != length) return "the IP total length is not the datagram's length";
    if (word_at(in, 6) & 0x3fff) return "the datagram is a fragment, which lo would keep back";
    if (in[9] != TCP_PROTOCOL) return "the IP protocol is not TCP";
    if (addr_is_unspecified(addr_at(in, 12))) return "the source address is 0.0.0.0, which the kernel would fill in";
    return NULL;
}

/* The kernel rewrites an id of 0; all else that tells packets apart must be the same. */
static bool is_ours(const uint8_t *in, size_t length, const uint8_t *out, size_t out_length) {
    if (out_length != length || header_length(out) != header_length(in)) return false;
    if (word_at(in, 4) != 0 && word_at(in, 4) != word_at(out, 4)) return false;
    return memcmp(in + 12, out + 12, 8) == 0 && memcmp(in + header_length(in), out + header_length(in), 4) == 0;
}

/* What came late, after its carry() had given up, must not pass for the next. */
static void drain(const RawWire *raw) {
    uint8_t byte;
    while (recv(raw->receiver, &byte, 1, MSG_DONTWAIT) >= 0) {
    }
}

static bool fit_mtu(RawWire *raw, size_t length) {
    if (length <= raw->mtu) return true;
    struct ifreq lo = {.ifr_name = "lo", .ifr_mtu = (int)length};
    if (ioctl(raw->sender, SIOCSIFMTU, &lo) != 0) return false;
    raw->mtu = (uint32_t)length;
    return true;
}

static bool send_out(const RawWire *raw, const uint8_t *in, size_t length) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(addr_number(destination(in).addr))};
    ssize_t sent;
    do sent = sendto(raw->sender, in, length, 0, (struct sockaddr *)&to, sizeof to);
    while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

/* The bytes received, or -1 and errno: ETIMEDOUT where the packet did not come back. */
static ptrdiff_t receive_back(const RawWire *raw, const uint8_t *in, size_t length, uint8_t *out, size_t capacity) {
    Micros deadline = wall_clock() + RAW_PATIENCE * 1000;
    for (;;) {
        ssize_t got = recv(raw->receiver, out, capacity, MSG_DONTWAIT);
        if (got >= 0 && is_ours(in, length, out, (size_t)got)) return got;
        if (got >= 0 || errno == EINTR) continue;
        if (errno != EAGAIN) return -1;
        Micros left = deadline - wall_clock();
        if (left <= 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        struct pollfd waiting = {.fd = raw->receiver, .events = POLLIN};
        poll(&waiting, 1, (int)(left / 1000) + 1);
    }
}

static ptrdiff_t fail(char *error, size_t error_size, const char *step, Endpoint endpoint, const char *why) {
    char text[ENDPOINT_TEXT];
    snprintf(error, error_size, "%s %s: %s", step, endpoint_text(endpoint, text), why);
    return -1;
}

static const char *shield_trouble(int error) {
    if (error == EADDRINUSE) return "a program in the lab's network has this port: end it, or use another port";
    if (error == EADDRNOTAVAIL) return "the lab's network has no such address (it has 127.0.0.0/8)";
    if (error == ESRCH) return "the helper that holds the lab's network has ended: start again";
    return strerror(error);
}

static Endpoint source(const uint8_t *datagram) {
    return (Endpoint){addr_at(datagram, 12), word_at(datagram, header_length(datagram))};
}

/* The end that must not be the kernel's: where the datagram goes; on its way to the kernel, where the answer goes. Port
 * 0: none. */
static Endpoint ours_of(const RawWire *raw, const uint8_t *in) {
    Endpoint to = destination(in), from = source(in);
    if (!raw_is_kernel(raw, to.addr)) return to;
    return raw_is_kernel(raw, from.addr) ? ENDPOINT_NONE : from;
}

static ptrdiff_t carry(void *self, const uint8_t *in, size_t length, uint8_t *out, size_t capacity, char *error,
                       size_t error_size) {
    RawWire *raw = self;
    const char *trouble = unfit(in, length);
    if (!trouble && capacity < length) trouble = "no room for the datagram that comes back";
    if (trouble) {
        snprintf(error, error_size, "%s", trouble);
        return -1;
    }
    Endpoint to = destination(in), ours = ours_of(raw, in);
    bool reset = in[header_length(in) + TCP_FLAGS_AT] & FLAG_RST; /* nobody answers an RST */
    if (to.port == 0 && !reset && !raw_is_kernel(raw, to.addr))
        return fail(error, error_size, "to", to, "port 0 cannot be kept from the kernel, which would answer RST");
    if (!netns_alive(&raw->net)) return fail(error, error_size, "to", to, shield_trouble(ESRCH));
    if (ours.port != 0 && !shields_cover(&raw->shields, &raw->net, ours))
        return fail(error, error_size, "shield", ours, shield_trouble(errno));
    drain(raw);
    if (!fit_mtu(raw, length)) return fail(error, error_size, "mtu for", to, strerror(errno));
    if (!send_out(raw, in, length)) return fail(error, error_size, "send to", to, strerror(errno));
    ptrdiff_t got = receive_back(raw, in, length, out, capacity);
    if (got >= 0) return got;
    return fail(error, error_size, "receive at", to,
                errno == ETIMEDOUT ? "the packet did not come back from lo" : strerror(errno));
}

Link raw_link(RawWire *raw) { return (Link){.self = raw, .carry = carry, .kind = "raw"}; }
