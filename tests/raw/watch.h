/* watch.h - an independent view of the lab's lo: a packet socket that was opened in that network, read by the test.
 */
#ifndef TWOMSL_TESTS_RAW_WATCH_H
#define TWOMSL_TESTS_RAW_WATCH_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* after stdarg.h, stddef.h, stdint.h and setjmp.h */
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../engine/link/link.h"

enum { SKIPPED = 77 };

/* Opens the raw wire, or ends the test program as skipped. */
static inline RawWire *wire_or_skip(void) {
    RawRefusal refusal;
    RawWire *raw = raw_open(&refusal);
    if (raw) return raw;
    printf("the raw wire cannot be had here: %s: %s (%s)\n", refusal.step, strerror(refusal.error), refusal.remedy);
    exit(SKIPPED);
}

static inline bool pass_fd(int channel, int fd) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } ancillary = {0};
    char byte = 'w';
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = ancillary.space, .msg_controllen = sizeof ancillary.space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(channel, &message, MSG_NOSIGNAL) == 1;
}

static inline int take_fd(int channel) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } ancillary = {0};
    char byte;
    int fd = -1;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = ancillary.space, .msg_controllen = sizeof ancillary.space};
    if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != 1) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

/* A socket of the holder's network, made by a child that joins it. */
static inline int socket_in(pid_t holder, int domain, int type, int protocol) {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        RawRefusal refusal;
        int fd = raw_join(holder, &refusal) ? socket(domain, type, protocol) : -1;
        _exit(fd >= 0 && pass_fd(ends[1], fd) ? 0 : 1);
    }
    close(ends[1]);
    int fd = take_fd(ends[0]);
    close(ends[0]);
    waitpid(child, NULL, 0);
    assert_true(fd >= 0);
    return fd;
}

/* Every IPv4 packet that lo delivers, once. */
static inline int watch_open(pid_t holder) { return socket_in(holder, AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)); }

/* The next packet seen; -1: no more. lo has delivered before the sender's call returns. */
static inline ptrdiff_t watch_next(int watch, uint8_t *bytes, size_t capacity) {
    return recv(watch, bytes, capacity, MSG_DONTWAIT);
}

#endif
