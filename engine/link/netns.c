/* netns.c - forks the helper, asks it, ends it. */
#include "netns.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    HELPER_PATIENCE = 5000
}; /* milliseconds until the helper is taken for stuck; it answers in less than one, a busy machine in some */

/* Receives one reply, and the descriptor that came with it (-1: none). False and errno. */
static bool hear(int control, HelperReply *reply, int *fd) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } ancillary = {0};
    struct iovec part = {.iov_base = reply, .iov_len = sizeof *reply};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = ancillary.space, .msg_controllen = sizeof ancillary.space};
    struct pollfd waiting = {.fd = control, .events = POLLIN};
    int ready;
    do ready = poll(&waiting, 1, HELPER_PATIENCE);
    while (ready < 0 && errno == EINTR);
    if (ready == 0) errno = ETIMEDOUT;
    if (ready <= 0) return false;
    ssize_t got;
    do got = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    *fd = -1;
    struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header && header->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(header), sizeof *fd);
    if (got == (ssize_t)sizeof *reply) return true;
    if (got >= 0) errno = ESRCH; /* its end is closed */
    return false;
}

static bool ask(const Netns *net, const HelperRequest *request, HelperReply *reply, int *fd) {
    ssize_t sent;
    do sent = send(net->control, request, sizeof *request, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == EPIPE) errno = ESRCH;
    if (sent < 0) return false;
    if (!hear(net->control, reply, fd)) {
        int error = errno;
        shutdown(net->control, SHUT_RDWR); /* a late reply must not pass for the next one: the network counts as gone */
        errno = error;
        return false;
    }
    errno = reply->error;
    return reply->error == 0;
}

/* No handler of the program may run in the child before the child has put them off. */
static pid_t fork_helper(int control, int ours) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        close(ours);
        helper_run(control, parent);
    }
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return child;
}

bool netns_open(Netns *net, RawRefusal *refusal) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        refuse(refusal, STEP_SOCKETPAIR, errno);
        return false;
    }
    pid_t child = fork_helper(ends[1], ends[0]);
    int error = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        refuse(refusal, STEP_FORK, error);
        return false;
    }
    *net = (Netns){.holder = child, .control = ends[0]};
    HelperReply ready = {0};
    int fd;
    if (!hear(net->control, &ready, &fd)) ready = (HelperReply){.step = STEP_HELPER, .error = errno};
    if (ready.step == STEP_DONE) {
        net->shields = ready.shields;
        return true;
    }
    netns_close(net);
    refuse(refusal, ready.step, ready.error);
    return false;
}

void netns_close(Netns *net) {
    close(net->control);
    kill(net->holder, SIGKILL); /* it would end by itself, but a stuck one must not keep us */
    while (waitpid(net->holder, NULL, 0) < 0 && errno == EINTR) {
    }
    *net = (Netns){.holder = -1, .control = -1};
}

bool netns_alive(const Netns *net) {
    char byte;
    return recv(net->control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

int netns_socket(const Netns *net, int domain, int type, int protocol) {
    HelperRequest request = {.op = HELPER_SOCKET, .domain = domain, .type = type, .protocol = protocol};
    HelperReply reply;
    int fd = -1;
    if (!ask(net, &request, &reply, &fd)) return -1;
    return fd;
}

bool netns_shield(const Netns *net, uint32_t slot, Endpoint endpoint) {
    HelperRequest request = {.op = HELPER_SHIELD, .slot = slot, .endpoint = endpoint};
    HelperReply reply;
    int fd;
    return ask(net, &request, &reply, &fd);
}

bool netns_setting(const Netns *net, const char *name, const char *value) {
    HelperRequest request = {.op = HELPER_SETTING};
    HelperReply reply;
    int fd;
    errno = EINVAL;
    if (strlen(name) >= sizeof request.name || strlen(value) >= sizeof request.value) return false;
    if (!name[0] || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name)) return false;
    strcpy(request.name, name);
    strcpy(request.value, value);
    return ask(net, &request, &reply, &fd);
}
