/* attach.c - another program joins the lab's network. */
#include "refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_ns(pid_t pid, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* setns() refuses the user namespace the caller is in: that of a lab that was started as root. */
static bool is_mine(int ns, const char *self) {
    struct stat theirs, mine;
    return fstat(ns, &theirs) == 0 && stat(self, &mine) == 0 && theirs.st_ino == mine.st_ino &&
           theirs.st_dev == mine.st_dev;
}

static LinkStep enter(int user, int net) {
    if (!is_mine(user, "/proc/self/ns/user") && setns(user, CLONE_NEWUSER) != 0) return STEP_SETNS;
    if (setns(net, CLONE_NEWNET) != 0) return STEP_SETNS;
    return STEP_DONE;
}

bool raw_join(pid_t holder, RawRefusal *refusal) {
    int user = open_ns(holder, "user");
    int net = user < 0 ? -1 : open_ns(holder, "net");
    LinkStep step = net < 0 ? STEP_OPEN_NS : enter(user, net);
    int error = errno;
    if (user >= 0) close(user);
    if (net >= 0) close(net);
    if (step == STEP_DONE) return true;
    refuse(refusal, step, error);
    return false;
}

/* execve() by an ordinary user keeps the ambient capabilities alone (capabilities(7)). */
static bool keep_capabilities(void) {
    static const unsigned kept[] = {CAP_NET_RAW, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE};
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0) return false;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) data[0].inheritable |= data[0].permitted & 1U << kept[i];
    if (syscall(SYS_capset, &header, data) != 0) return false;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (!(data[0].permitted & 1U << kept[i])) continue;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept[i], 0, 0) != 0) return false;
    }
    return true;
}

void raw_attach_exec(pid_t holder, char *const argv[], RawRefusal *refusal) {
    if (!raw_join(holder, refusal)) return;
    if (!keep_capabilities()) {
        refuse(refusal, STEP_CAPABILITIES, errno);
        return;
    }
    execvp(argv[0], argv);
    refuse(refusal, STEP_EXEC, errno);
    if (refusal) snprintf(refusal->step, sizeof refusal->step, "exec %.200s", argv[0]);
}
