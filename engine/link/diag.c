/* diag.c - the state of the kernel's end of a connection.
 *
 * sock_diag(7), which ss uses too, looks up one connection. Where the kernel was built without it, /proc/net/tcp tells
 * the same, but the kernel walks through all its hash buckets to write it.
 */
#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Linux counts them from 1, in this order (include/net/tcp_states.h). */
static State state_of(unsigned number) {
    static const State states[] = {STATE_CLOSED,     STATE_ESTABLISHED, STATE_SYN_SENT,  STATE_SYN_RCVD,
                                   STATE_FIN_WAIT_1, STATE_FIN_WAIT_2,  STATE_TIME_WAIT, STATE_CLOSED,
                                   STATE_CLOSE_WAIT, STATE_LAST_ACK,    STATE_LISTEN,    STATE_CLOSING,
                                   STATE_SYN_RCVD};
    return number < sizeof states / sizeof *states ? states[number] : STATE_CLOSED;
}

/* ---- sock_diag ---- */

typedef struct Request {
    struct nlmsghdr header;
    struct inet_diag_req_v2 about;
} Request;

typedef union Reply {
    struct nlmsghdr header;
    char space[8192];
} Reply;

/* Sends a request; returns the reply, which lies in `reply`. NULL: there was none, or it is incomplete. */
static const struct nlmsghdr *exchange(int diag, Request *request, Reply *reply) {
    ssize_t length;
    request->header.nlmsg_len = sizeof *request;
    request->header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    do length = send(diag, request, sizeof *request, 0);
    while (length < 0 && errno == EINTR);
    if (length < 0) return NULL;
    do length = recv(diag, reply, sizeof *reply, 0);
    while (length < 0 && errno == EINTR);
    return length >= (ssize_t)sizeof reply->header && reply->header.nlmsg_len <= (size_t)length ? &reply->header : NULL;
}

/* A dump of the connections in no state is empty; an error means that the interface is missing. */
int diag_open(const Netns *net) {
    Request request = {.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                       .about = {.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP}};
    struct timeval timeout = {.tv_sec = 1};
    Reply reply;
    int diag = netns_socket(net, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
    if (diag < 0) return -1;
    setsockopt(diag, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    const struct nlmsghdr *header = exchange(diag, &request, &reply);
    if (header && header->nlmsg_type == NLMSG_DONE) return diag;
    close(diag);
    return -1;
}

static State state_by_diag(int diag, Endpoint local, Endpoint remote) {
    Request request = {.header.nlmsg_flags = NLM_F_REQUEST,
                       .about = {.sdiag_family = AF_INET,
                                 .sdiag_protocol = IPPROTO_TCP,
                                 .idiag_states = UINT32_MAX,
                                 .id = {.idiag_sport = htons(local.port),
                                        .idiag_dport = htons(remote.port),
                                        .idiag_src = {htonl(addr_number(local.addr))},
                                        .idiag_dst = {htonl(addr_number(remote.addr))},
                                        .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};
    Reply reply;
    const struct nlmsghdr *header = exchange(diag, &request, &reply);
    if (!header || header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
        header->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
        return STATE_CLOSED;
    struct inet_diag_msg found;
    memcpy(&found, NLMSG_DATA(header), sizeof found);
    /* Where there is no such connection the kernel returns the listener. */
    bool same = found.id.idiag_dport == htons(remote.port) && found.id.idiag_dst[0] == htonl(addr_number(remote.addr));
    return same ? state_of(found.idiag_state) : STATE_CLOSED;
}

/* ---- /proc/net/tcp ---- */

static State state_by_table(pid_t holder, Endpoint local, Endpoint remote) {
    char path[64], line[512];
    State found = STATE_CLOSED;
    snprintf(path, sizeof path, "/proc/%d/net/tcp", (int)holder);
    FILE *table = fopen(path, "re");
    if (!table) return STATE_CLOSED;
    while (fgets(line, sizeof line, table)) {
        unsigned local_addr, local_port, remote_addr, remote_port, number;
        if (sscanf(line, " %*u: %x:%x %x:%x %x", &local_addr, &local_port, &remote_addr, &remote_port, &number) != 5)
            continue;
        Endpoint here = {addr_of(ntohl(local_addr)), (uint16_t)local_port},
                 there = {addr_of(ntohl(remote_addr)), (uint16_t)remote_port};
        if (!endpoint_eq(here, local) || !endpoint_eq(there, remote)) continue;
        found = state_of(number);
        if (found != STATE_TIME_WAIT) break; /* a new incarnation is preferred to the old one */
    }
    fclose(table);
    return found;
}

State raw_kernel_state(const RawWire *raw, Endpoint local, Endpoint remote) {
    if (raw->diag >= 0) return state_by_diag(raw->diag, local, remote);
    return state_by_table(raw->net.holder, local, remote);
}
