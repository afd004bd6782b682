/* helper.c - the process that holds the private network.
 *
 * The program stays in the user's namespaces, where its display and its files are. This child moves into a new network
 * namespace and opens sockets there. It runs between fork() and _exit(): no malloc, no stdio streams.
 */
#include "helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int shields[SHIELD_LIMIT]; /* a descriptor each; 0: none */

/* ---- Signals and descriptors ---- */

/* Ctrl-C and Ctrl-Z are for the program; its handlers must not run here. */
static void reset_signals(void) {
    static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGPIPE};
    for (int signal_number = 1; signal_number < NSIG; signal_number++) signal(signal_number, SIG_DFL);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
}

static void close_between(unsigned low, unsigned high) {
    if (low > high || close_range(low, high, 0) == 0) return;
    struct rlimit limit; /* an old kernel */
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 65536) limit.rlim_cur = 65536;
    for (unsigned fd = low; fd <= high && fd < limit.rlim_cur; fd++) close((int)fd);
}

/* Keeps `control` and nothing else: a pipe that this process held open would never end for its reader. */
static int keep_only(int control) {
    int kept = fcntl(control, F_DUPFD_CLOEXEC, 3);
    if (kept < 0) return -1;
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) {
        if (null >= 0) dup2(null, fd);
        else close(fd);
    }
    close_between(3, (unsigned)kept - 1);
    close_between((unsigned)kept + 1, ~0U);
    return kept;
}

/* Descriptors for the shields; returns how many can be held. */
static uint32_t make_room(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
    rlim_t wanted = SHIELD_LIMIT + 16;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= wanted) return SHIELD_LIMIT;
    return limit.rlim_cur > 32 ? (uint32_t)limit.rlim_cur - 16 : 16;
}

/* ---- The network ---- */

static bool write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t wrote = write(fd, text, strlen(text));
    int error = errno;
    close(fd);
    errno = error;
    return wrote >= 0;
}

/* A network of its own needs no more where the user is privileged; else it needs a user namespace around it, with one's
 * own id mapped. */
static LinkStep enter_network(void) {
    if (unshare(CLONE_NEWNET) == 0) return STEP_DONE;
    if (errno != EPERM) return STEP_UNSHARE;
    unsigned uid = geteuid(), gid = getegid();
    prctl(PR_SET_DUMPABLE, 1); /* /proc/self belongs to root otherwise, after a setuid() */
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return STEP_UNSHARE;
    char map[64];
    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    if (!write_file("/proc/self/uid_map", map)) return STEP_UID_MAP;
    if (!write_file("/proc/self/setgroups", "deny")) return STEP_SETGROUPS; /* or gid_map is refused */
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    if (!write_file("/proc/self/gid_map", map)) return STEP_GID_MAP;
    return STEP_DONE;
}

/* All of 127.0.0.0/8 is local once lo is up. */
static LinkStep configure_lo(int any_socket) {
    struct ifreq lo = {.ifr_name = "lo"};
    lo.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
    if (ioctl(any_socket, SIOCSIFFLAGS, &lo) != 0) return STEP_LO_UP;
    lo = (struct ifreq){.ifr_name = "lo", .ifr_mtu = LO_MTU};
    if (ioctl(any_socket, SIOCSIFMTU, &lo) != 0) return STEP_LO_MTU;
    /* Without this Linux as a peer sends segments larger than the MTU. Not essential: an error is ignored. */
    struct ethtool_value off = {.cmd = ETHTOOL_STSO};
    lo = (struct ifreq){.ifr_name = "lo", .ifr_data = (char *)&off};
    ioctl(any_socket, SIOCETHTOOL, &lo);
    return STEP_DONE;
}

static LinkStep make_network(void) {
    LinkStep step = enter_network();
    if (step != STEP_DONE) return step;
    int any_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any_socket < 0) return STEP_LO_UP;
    step = configure_lo(any_socket);
    int error = errno;
    close(any_socket);
    errno = error;
    return step;
}

/* ---- Shields ---- */

/* A listening socket, so that the kernel does not answer RST, with a filter that drops every segment, so that it does
 * not answer otherwise. The filter is attached before listen(): no segment passes unfiltered. */
static int shield_open(Endpoint endpoint) {
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog filter = {.len = 1, .filter = &nothing};
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(endpoint.port), .sin_addr.s_addr = htonl(addr_number(endpoint.addr))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0 && listen(fd, 1) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int shield_put(uint32_t slot, Endpoint endpoint) {
    if (slot >= SHIELD_LIMIT) return EINVAL;
    if (shields[slot] > 0) close(shields[slot]);
    shields[slot] = 0;
    int fd = shield_open(endpoint);
    if (fd < 0) return errno;
    shields[slot] = fd;
    return 0;
}

/* ---- Requests ---- */

/* /proc/sys/net is that of the network its reader is in. */
static int change_setting(const HelperRequest *request) {
    char path[SETTING_TEXT + 32];
    snprintf(path, sizeof path, "/proc/sys/net/ipv4/%.*s", SETTING_TEXT - 1, request->name);
    return write_file(path, request->value) ? 0 : errno;
}

static bool send_reply(int control, const HelperReply *reply, int fd) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } ancillary = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)reply, .iov_len = sizeof *reply};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = ancillary.space;
        message.msg_controllen = sizeof ancillary.space;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    ssize_t sent;
    do sent = sendmsg(control, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *reply;
}

static bool serve(int control, const HelperRequest *request) {
    HelperReply reply = {0};
    int fd = -1;
    switch (request->op) {
    case HELPER_SOCKET:
        fd = socket(request->domain, request->type | SOCK_CLOEXEC, request->protocol);
        reply.error = fd < 0 ? errno : 0;
        break;
    case HELPER_SHIELD: reply.error = shield_put(request->slot, request->endpoint); break;
    case HELPER_SETTING: reply.error = change_setting(request); break;
    }
    bool sent = send_reply(control, &reply, fd);
    if (fd >= 0) close(fd);
    return sent;
}

_Noreturn void helper_run(int control, pid_t parent, pthread_mutex_t *life) {
    pthread_mutex_lock(life);
    reset_signals();
    prctl(PR_SET_NAME, "twomsl-net");
    HelperReply ready = {0};
    int kept = keep_only(control);
    if (kept < 0) {
        ready = (HelperReply){.step = STEP_DESCRIPTORS, .error = errno};
        send_reply(control, &ready, -1);
        _exit(1);
    }
    control = kept;
    (void)!chdir("/"); /* a mounted file system can be unmounted */
    ready.shields = make_room();
    ready.step = make_network();
    if (ready.step != STEP_DONE) ready.error = errno;
    /* After unshare(): a change of credentials clears it. The parent may have gone before. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || !send_reply(control, &ready, -1) || ready.step != STEP_DONE) _exit(1);
    for (;;) {
        HelperRequest request;
        ssize_t got = recv(control, &request, sizeof request, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got != (ssize_t)sizeof request || !serve(control, &request)) _exit(0);
    }
}
