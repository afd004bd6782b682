/* kernel.c - Linux's own TCP as a peer inside the private network.
 *
 * An address of the kernel's own is never shielded: what is carried there reaches Linux's TCP. What Linux sends to a
 * shielded endpoint is received on a third raw socket, the listener. The shield drops the kernel's own copy of it, so
 * that the kernel does not answer.
 */
#include "raw.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTENER_BUFFER = 4 << 20 /* bytes: what the kernel may send between two calls of raw_receive() */ };

/* ---- Addresses of the kernel's own ---- */

bool raw_is_kernel(const RawWire *raw, Addr addr) {
    for (uint32_t i = 0; i < raw->kernel_count; i++)
        if (addr_eq(raw->kernels[i], addr)) return true;
    return false;
}

/* Where a raw socket's filter finds a field of the IP header. */
static uint32_t byte_of(FieldId field) { return field_info(field)->offset / 8; }

/* Lets the listener receive what is unmarked, from one of the kernel's addresses, and not to another of them. */
static bool filter_listener(const RawWire *raw) {
    const struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_filter code[2 * RAW_KERNELS + 8];
    uint32_t n = 0, kernels = raw->kernel_count;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RAW_MARK, 0, 1);
    code[n++] = drop;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, byte_of(FIELD_IP_DESTINATION));
    for (uint32_t i = 0; i < kernels; i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, addr_number(raw->kernels[i]),
                                                 (uint8_t)(2 * kernels - i), 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, byte_of(FIELD_IP_SOURCE));
    for (uint32_t i = 0; i < kernels; i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, addr_number(raw->kernels[i]),
                                                 (uint8_t)(kernels - i), 0);
    code[n++] = drop;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    struct sock_fprog filter = {.len = (unsigned short)n, .filter = code};
    return setsockopt(raw->listener, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

bool raw_kernel(RawWire *raw, Addr addr) {
    if (raw_is_kernel(raw, addr)) return true;
    errno = !addr_is_loopback(addr)              ? EADDRNOTAVAIL
            : shields_stand(&raw->shields, addr) ? EADDRINUSE
            : raw->kernel_count == RAW_KERNELS   ? ENOSPC
                                                 : 0;
    if (errno) return false;
    if (raw->listener < 0) {
        raw->listener = netns_socket(&raw->net, AF_INET, SOCK_RAW, IPPROTO_TCP);
        if (raw->listener < 0) return false;
        raw->diag = diag_open(&raw->net);
        int room =
            LISTENER_BUFFER; /* less without privilege; what does not fit is lost, and the kernel retransmits it */
        if (setsockopt(raw->listener, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
            setsockopt(raw->listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    }
    raw->kernels[raw->kernel_count++] = addr;
    if (filter_listener(raw)) return true;
    raw->kernel_count--;
    return false;
}

bool raw_guard(RawWire *raw, Endpoint endpoint) {
    errno = raw_is_kernel(raw, endpoint.addr) || endpoint.port == 0 ? EINVAL : 0;
    return !errno && shields_cover(&raw->shields, &raw->net, endpoint);
}

/* ---- What the kernel sends ---- */

int raw_kernel_fd(const RawWire *raw) { return raw->listener; }

ptrdiff_t raw_receive(RawWire *raw, uint8_t *out, size_t capacity, int milliseconds, bool *offloaded) {
    struct pollfd waiting = {.fd = raw->listener, .events = POLLIN};
    if (raw->listener < 0) {
        errno = ENOTCONN;
        return -1;
    }
    ssize_t got = recv(raw->listener, out, capacity, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN && milliseconds > 0 && poll(&waiting, 1, milliseconds) > 0)
        got = recv(raw->listener, out, capacity, MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (got < IPV4_HEADER) return 0;
    *offloaded = segment_complete_checksum(out, (size_t)got);
    return got;
}

/* ---- The kernel's side ---- */

int raw_socket(RawWire *raw, int domain, int type, int protocol) {
    return netns_socket(&raw->net, domain, type, protocol);
}

bool raw_setting(RawWire *raw, const char *name, const char *value) { return netns_setting(&raw->net, name, value); }
