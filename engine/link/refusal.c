/* refusal.c - the remedy for each step and error. */
#include "refusal.h"

#include <errno.h>
#include <stdio.h>

static const char *const step_names[STEP_COUNT] = {
#define STEP_NAME(name, text) [STEP_##name] = text,
    STEP_TABLE(STEP_NAME)
#undef STEP_NAME
};

enum { ANY = 0 };

#define APPARMOR \
    "AppArmor restricts user namespaces: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root"

static const struct {
    LinkStep step;
    int error; /* ANY: whatever was not matched before */
    const char *text;
} remedies[] = {
    {STEP_UNSHARE, ENOSPC,
     "no network or user namespace is left: sudo sysctl user.max_user_namespaces=15000 user.max_net_namespaces=15000"},
    {STEP_UNSHARE, EPERM,
     "namespaces are forbidden here: sudo sysctl kernel.unprivileged_userns_clone=1, in a container --security-opt "
     "seccomp=unconfined "
     "(or --privileged), or run as root"},
    {STEP_UNSHARE, EACCES, APPARMOR},
    {STEP_UNSHARE, ANY, "this kernel makes no user or network namespaces"},
    {STEP_UID_MAP, ENOENT, "mount /proc"},
    /* Ubuntu 23.10 and later let unshare() pass and take the capabilities away. */
    {STEP_UID_MAP, ANY, APPARMOR},
    {STEP_SETGROUPS, ANY, APPARMOR},
    {STEP_GID_MAP, ANY, APPARMOR},
    {STEP_LO_UP, EPERM, APPARMOR},
    {STEP_RAW_SOCKET, EPERM, "raw sockets need CAP_NET_RAW: in a container --cap-add=NET_RAW, else run as root"},
    {STEP_RAW_SOCKET, EACCES, "a security module forbids raw sockets: allow them, or run as root"},
    {STEP_FILTER, EPERM,
     "socket filters are forbidden here: in a container --security-opt seccomp=unconfined, else run as root"},
    {STEP_MARK, EPERM, "socket marks need CAP_NET_ADMIN: in a container --cap-add=NET_ADMIN, else run as root"},
    {STEP_FORK, EAGAIN, "too many processes: end some, or raise ulimit -u"},
    {STEP_HELPER, ETIMEDOUT, "the kernel took too long to make a network: try again"},
    {STEP_OPEN_NS, ENOENT, "that lab has ended: start twomsl first, in another terminal"},
    {STEP_OPEN_NS, EACCES, "the lab belongs to another user: attach as that user"},
    {STEP_OPEN_NS, EPERM, "the lab belongs to another user: attach as that user"},
    {STEP_SETNS, EPERM, "the lab belongs to another user: attach as that user"},
    {STEP_CAPABILITIES, ANY, "the program needs CAP_NET_RAW and CAP_NET_ADMIN"},
    {STEP_EXEC, ENOENT, "no such program: check its name, or install it"},
    {STEP_EXEC, EACCES, "it is not there, or not a program one may run: check its name and $PATH, or install it"},
    {STEP_FIND, ANY, "no lab of this user runs on the raw wire: start twomsl first, in another terminal"},
};

static const char *remedy_for(LinkStep step, int error) {
    if (error == EMFILE || error == ENFILE) return "too many open files: raise ulimit -n";
    if (error == ENOMEM) return "out of memory: close other programs";
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
        if (remedies[i].step == step && (remedies[i].error == error || remedies[i].error == ANY))
            return remedies[i].text;
    return "the raw wire needs Linux with network namespaces";
}

void refuse(RawRefusal *refusal, LinkStep step, int error) {
    if (!refusal) return;
    const char *name = step > STEP_DONE && step < STEP_COUNT ? step_names[step] : "raw wire";
    snprintf(refusal->step, sizeof refusal->step, "%s", name);
    refusal->error = error;
    snprintf(refusal->remedy, sizeof refusal->remedy, "%s", remedy_for(step, error));
}
