/* raw.c - the raw wire: a datagram is sent on lo and received back from the kernel, in one call.
 *
 * Two sockets. The sender has IP_HDRINCL and a mark (SO_MARK). The receiver gets a copy of every TCP packet that lo
 * delivers, and its filter passes the marked ones: other programs' packets neither fill its queue nor are taken for
 * ours.
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
    RAW_TIMEOUT = 50 /* milliseconds; a packet takes some microseconds */
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
    raw->late = 0;
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
int raw_fd(const RawWire *raw) { return raw->net.control; }

/* ---- Carrying ---- */

typedef struct Datagram {
    const uint8_t *bytes;
    size_t length;
} Datagram;

static uint32_t value_of(Datagram datagram, FieldId field) {
    return field_value(datagram.bytes, datagram.length, field);
}

static Endpoint source(Datagram datagram) {
    return (Endpoint){addr_of(value_of(datagram, FIELD_IP_SOURCE)), (uint16_t)value_of(datagram, FIELD_TCP_SOURCE)};
}

static Endpoint destination(Datagram datagram) {
    return (Endpoint){addr_of(value_of(datagram, FIELD_IP_DESTINATION)),
                      (uint16_t)value_of(datagram, FIELD_TCP_DESTINATION)};
}

/* Why the kernel would not carry the datagram, or would change it. NULL: it carries it. */
static const char *refused_because(Datagram in) {
    DatagramParts parts = datagram_parts(in.bytes, in.length);
    if (in.length < IPV4_HEADER + TCP_HEADER_FIXED) return "the datagram is too short for an IPv4 and a TCP header";
    if (value_of(in, FIELD_IP_VERSION) != 4) return "the datagram is not IPv4";
    if (!parts.ip || parts.segment + TCP_HEADER_FIXED > in.length) return "the IP header length (IHL) is wrong";
    if (value_of(in, FIELD_IP_LENGTH) != in.length) return "the IP total length is not the datagram's length";
    if (value_of(in, FIELD_IP_MF) || value_of(in, FIELD_IP_FRAGMENT))
        return "the datagram is a fragment, which lo would keep back";
    if (value_of(in, FIELD_IP_PROTOCOL) != IP_PROTOCOL_TCP) return "the IP protocol is not TCP";
    if (addr_is_unspecified(source(in).addr)) return "the source address is 0.0.0.0, which the kernel would fill in";
    return NULL;
}

/* Whether this is the datagram that was sent, by what tells packets apart. The kernel fills in an id of 0. */
static bool is_same(Datagram in, Datagram out) {
    uint32_t id = value_of(in, FIELD_IP_ID);
    return in.length == out.length && value_of(in, FIELD_IP_HEADER_LENGTH) == value_of(out, FIELD_IP_HEADER_LENGTH) &&
           (id == 0 || id == value_of(out, FIELD_IP_ID)) && endpoint_eq(source(in), source(out)) &&
           endpoint_eq(destination(in), destination(out));
}

/* A packet that comes after its carry() gave up must not be taken for a later one. */
static void drop_late(RawWire *raw) {
    uint8_t byte;
    while (raw->late > 0 && recv(raw->receiver, &byte, 1, MSG_DONTWAIT) >= 0) raw->late--;
}

static bool fit_mtu(RawWire *raw, size_t length) {
    if (length <= raw->mtu) return true;
    struct ifreq lo = {.ifr_name = "lo", .ifr_mtu = (int)length};
    if (ioctl(raw->sender, SIOCSIFMTU, &lo) != 0) return false;
    raw->mtu = (uint32_t)length;
    return true;
}

static bool lo_is_up(const RawWire *raw) {
    struct ifreq lo = {.ifr_name = "lo"};
    return ioctl(raw->sender, SIOCGIFFLAGS, &lo) == 0 && (lo.ifr_flags & IFF_UP);
}

static bool send_out(const RawWire *raw, Datagram in) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(addr_number(destination(in).addr))};
    ssize_t sent;
    do sent = sendto(raw->sender, in.bytes, in.length, 0, (struct sockaddr *)&to, sizeof to);
    while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

/* The bytes received, or -1 and errno: ETIMEDOUT where the packet did not come back. */
static ptrdiff_t receive_back(RawWire *raw, Datagram in, uint8_t *out, size_t capacity) {
    Micros deadline = wall_clock() + RAW_TIMEOUT * 1000;
    for (;;) {
        ssize_t got = recv(raw->receiver, out, capacity, MSG_DONTWAIT);
        if (got >= 0 && is_same(in, (Datagram){out, (size_t)got})) return got;
        if (got >= 0 && raw->late > 0) raw->late--;
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

static const char *trouble(int number) {
    if (number == EADDRINUSE) return "a program in the lab's network has this port: end it, or use another port";
    if (number == EADDRNOTAVAIL) return "the lab's network has no such address (it has 127.0.0.0/8)";
    if (number == ESRCH) return "the helper that holds the lab's network has ended";
    return strerror(number);
}

/* Whether it is not this packet alone: the helper, a socket, lo or its addresses are gone. */
static bool is_gone(int number, Addr addr) {
    switch (number) {
    case ESRCH:
    case EBADF:
    case ENOTSOCK:
    case ENODEV:
    case ENETDOWN: return true;
    case ENETUNREACH:
    case EADDRNOTAVAIL: return addr_is_loopback(addr);
    default: return false;
    }
}

static ptrdiff_t system_failed(char *error, size_t error_size, const char *step, Endpoint endpoint, int number) {
    ptrdiff_t failed = fail(error, error_size, step, endpoint, trouble(number));
    return is_gone(number, endpoint.addr) ? LINK_GONE : failed;
}

/* The endpoint that needs a shield: the destination or, where that is the kernel's own, the source, to which the kernel
 * will answer. Port 0: none. */
static Endpoint ours_of(const RawWire *raw, Datagram in) {
    Endpoint to = destination(in), from = source(in);
    if (!raw_is_kernel(raw, to.addr)) return to;
    return raw_is_kernel(raw, from.addr) ? ENDPOINT_NONE : from;
}

static ptrdiff_t carry(void *self, const uint8_t *bytes, size_t length, uint8_t *out, size_t capacity, char *error,
                       size_t error_size) {
    RawWire *raw = self;
    Datagram in = {bytes, length};
    const char *trouble = refused_because(in);
    if (!trouble && capacity < length) trouble = "no room for the datagram that comes back";
    if (trouble) {
        snprintf(error, error_size, "%s", trouble);
        return -1;
    }
    Endpoint to = destination(in), ours = ours_of(raw, in);
    bool reset = value_of(in, FIELD_TCP_RST); /* an RST is never answered */
    if (to.port == 0 && !reset && !raw_is_kernel(raw, to.addr))
        return fail(error, error_size, "to", to, "port 0 cannot be kept from the kernel, which would answer RST");
    if (!netns_alive(&raw->net)) return system_failed(error, error_size, "to", to, ESRCH);
    if (ours.port != 0 && !shields_cover(&raw->shields, &raw->net, ours)) {
        int number = errno == ETIMEDOUT ? ESRCH : errno; /* a helper that is stuck is asked no more */
        return system_failed(error, error_size, "shield", ours, number);
    }
    drop_late(raw);
    if (!fit_mtu(raw, length)) return system_failed(error, error_size, "mtu for", to, errno);
    if (!send_out(raw, in)) return system_failed(error, error_size, "send to", to, errno);
    ptrdiff_t got = receive_back(raw, in, out, capacity);
    if (got >= 0) return got;
    raw->late++;
    if (errno == ETIMEDOUT && !lo_is_up(raw)) errno = ENETDOWN;
    if (errno == ETIMEDOUT) return fail(error, error_size, "receive at", to, "the packet did not come back from lo");
    return system_failed(error, error_size, "receive at", to, errno);
}

Link raw_link(RawWire *raw) { return (Link){.self = raw, .carry = carry, .kind = "raw"}; }
