/* netns.c - forks the helper, sends it requests, ends it. */
#include "netns.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    HELPER_TIMEOUT = 5 /* seconds until the helper counts as stuck; it replies in less than a millisecond */
};

/* ---- Whether the helper lives ---- */

/* A robust mutex (pthread_mutexattr_setrobust(3)): when the helper, which owns it, ends, the kernel marks it, and the
 * next attempt to lock it returns EOWNERDEAD. NULL and errno. */
static pthread_mutex_t *life_new(void) {
    pthread_mutex_t *life = mmap(NULL, sizeof *life, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t kind;
    if (life == MAP_FAILED) return NULL;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(life, &kind);
    pthread_mutexattr_destroy(&kind);
    return life;
}

static void life_free(pthread_mutex_t *life) { munmap(life, sizeof *life); }

bool netns_alive(const Netns *net) {
    int tried = pthread_mutex_trylock(net->life);
    if (tried == EBUSY) return true;
    if (tried == EOWNERDEAD) pthread_mutex_unlock(net->life); /* unlocked inconsistent, it can never be locked again */
    return false;
}

/* ---- Requests ---- */

/* Receives one reply, and the descriptor that came with it (-1: none). False and errno. */
static bool receive_reply(int control, HelperReply *reply, int *fd) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } ancillary = {0};
    struct iovec part = {.iov_base = reply, .iov_len = sizeof *reply};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = ancillary.space, .msg_controllen = sizeof ancillary.space};
    ssize_t got;
    do got = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) errno = ETIMEDOUT;
    *fd = -1;
    struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header && header->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(header), sizeof *fd);
    if (got == (ssize_t)sizeof *reply) return true;
    if (got >= 0) errno = ESRCH; /* the helper has closed its end */
    return false;
}

static bool exchange(const Netns *net, const HelperRequest *request, HelperReply *reply, int *fd) {
    ssize_t sent;
    do sent = send(net->control, request, sizeof *request, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == EPIPE) errno = ESRCH;
    if (sent < 0) return false;
    if (!receive_reply(net->control, reply, fd)) {
        int error = errno;
        shutdown(net->control, SHUT_RDWR); /* a late reply must not be taken for the next one */
        errno = error;
        return false;
    }
    errno = reply->error;
    return reply->error == 0;
}

/* Signals stay blocked in the child until it has reset the program's handlers. */
static pid_t fork_helper(int control, int ours, pthread_mutex_t *life) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        close(ours);
        helper_run(control, parent, life);
    }
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return child;
}

/* Starts the helper, and fills in how to reach it. */
static LinkStep start_helper(Netns *net) {
    int ends[2];
    struct timeval timeout = {.tv_sec = HELPER_TIMEOUT};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return STEP_SOCKETPAIR;
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    pid_t child = fork_helper(ends[1], ends[0], net->life);
    int error = errno;
    close(ends[1]);
    net->holder = child;
    net->control = ends[0];
    if (child > 0) return STEP_DONE;
    close(ends[0]);
    errno = error;
    return STEP_FORK;
}

bool netns_open(Netns *net, RawRefusal *refusal) {
    *net = (Netns){.holder = -1, .control = -1, .life = life_new()};
    LinkStep step = net->life ? start_helper(net) : STEP_MEMORY;
    if (step != STEP_DONE) {
        refuse(refusal, step, errno);
        if (net->life) life_free(net->life);
        return false;
    }
    HelperReply ready = {0};
    int fd;
    if (!receive_reply(net->control, &ready, &fd)) ready = (HelperReply){.step = STEP_HELPER, .error = errno};
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
    kill(net->holder, SIGKILL); /* closing `control` ends it too, unless it is stuck */
    while (waitpid(net->holder, NULL, 0) < 0 && errno == EINTR) {
    }
    life_free(net->life);
    *net = (Netns){.holder = -1, .control = -1};
}

int netns_socket(const Netns *net, int domain, int type, int protocol) {
    HelperRequest request = {.op = HELPER_SOCKET, .domain = domain, .type = type, .protocol = protocol};
    HelperReply reply;
    int fd = -1;
    if (!exchange(net, &request, &reply, &fd)) return -1;
    if (fd < 0) errno = EMFILE; /* there was no room here for the descriptor that came */
    return fd;
}

bool netns_shield(const Netns *net, uint32_t slot, Endpoint endpoint) {
    HelperRequest request = {.op = HELPER_SHIELD, .slot = slot, .endpoint = endpoint};
    HelperReply reply;
    int fd;
    return exchange(net, &request, &reply, &fd);
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
    return exchange(net, &request, &reply, &fd);
}
