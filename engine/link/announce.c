/* announce.c - how another process of the same user finds a running lab.
 *
 * Each lab writes a file whose name has the lab's process id and whose content is the id of the process that holds its
 * network. A lab that was killed leaves its file behind: a file is valid only while the holder runs and is a child of
 * that lab's process.
 */
#include "refusal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRECTORY_TEXT = 512, PATH_TEXT = 640, DIRECTORIES = 2 };

static char announced[PATH_TEXT];
static pid_t announcer;

/* The directories for announcements, the preferred one first; false: there is no such directory. */
static bool directory(int which, char text[DIRECTORY_TEXT]) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int length;
    if (which == 0) {
        if (!runtime || runtime[0] != '/') return false;
        length = snprintf(text, DIRECTORY_TEXT, "%s/twomsl", runtime);
    } else {
        length = snprintf(text, DIRECTORY_TEXT, "/tmp/twomsl-%u", (unsigned)geteuid());
    }
    return length > 0 && length < DIRECTORY_TEXT;
}

/* Another user may have made it in /tmp: it must be a directory that belongs to this user and is open to no other. */
static bool is_private(const char *path) {
    struct stat info;
    if (lstat(path, &info) != 0) return false;
    if (S_ISDIR(info.st_mode) && info.st_uid == geteuid() && (info.st_mode & 077) == 0) return true;
    errno = EACCES;
    return false;
}

/* Written under another name and renamed: a reader must not see an empty file and take its lab for dead. */
static bool write_announcement(const char *directory_path, pid_t holder) {
    char aside[PATH_TEXT];
    if (mkdir(directory_path, 0700) != 0 && errno != EEXIST) return false;
    if (!is_private(directory_path)) return false;
    snprintf(announced, sizeof announced, "%s/lab-%d", directory_path, (int)getpid());
    snprintf(aside, sizeof aside, "%s/.lab-%d", directory_path, (int)getpid());
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool wrote = fd >= 0 && dprintf(fd, "%d\n", (int)holder) > 0 && rename(aside, announced) == 0;
    int error = errno;
    if (fd >= 0) close(fd);
    if (fd >= 0 && !wrote) unlink(aside);
    if (!wrote) announced[0] = '\0';
    errno = error;
    return wrote;
}

bool lab_announce(pid_t holder) {
    char path[DIRECTORY_TEXT];
    lab_withdraw();
    for (int i = 0; i < DIRECTORIES; i++) {
        if (!directory(i, path) || !write_announcement(path, holder)) continue;
        announcer = getpid();
        return true;
    }
    return false;
}

void lab_withdraw(void) {
    if (!announced[0] || announcer != getpid()) return; /* a forked child must not remove its parent's file */
    unlink(announced);
    announced[0] = '\0';
}

/* The parent of a process; -1 where the process has ended. */
static pid_t parent_of(pid_t pid) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t got = read(fd, line, sizeof line - 1);
    close(fd);
    line[got < 0 ? 0 : got] = '\0';
    char state = 'Z';
    int parent = -1;
    const char *after_name = strrchr(line, ')'); /* the name may hold anything */
    if (!after_name || sscanf(after_name, ") %c %d", &state, &parent) != 2 || state == 'Z') return -1;
    return parent;
}

/* Reads an announcement: the holder, or -1 where the file is none or its lab has ended. */
static pid_t living_holder(int folder, const char *name) {
    int lab = 0, end = 0, holder = 0;
    char line[32];
    if (sscanf(name, "lab-%d%n", &lab, &end) != 1 || name[end] || lab <= 0) return -1;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t got = read(fd, line, sizeof line - 1);
    close(fd);
    line[got < 0 ? 0 : got] = '\0';
    if (sscanf(line, "%d", &holder) != 1 || holder <= 0) return -1;
    return parent_of(holder) == lab ? holder : -1;
}

static bool later(struct timespec a, struct timespec b) {
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* The holder of the lab of a folder that started last and still runs; -1: none. Removes files of labs that ended. */
static pid_t youngest(DIR *folder) {
    pid_t best = -1;
    struct timespec since = {0, 0};
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        struct stat info;
        if (strncmp(entry->d_name, "lab-", 4) != 0 ||
            fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        pid_t holder = living_holder(dirfd(folder), entry->d_name);
        if (holder < 0) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        } else if (best < 0 || later(info.st_mtim, since)) {
            best = holder;
            since = info.st_mtim;
        }
    }
    return best;
}

pid_t lab_find(RawRefusal *refusal) {
    pid_t found = -1;
    for (int i = 0; i < DIRECTORIES && found < 0; i++) {
        char path[DIRECTORY_TEXT];
        if (!directory(i, path) || !is_private(path)) continue;
        DIR *folder = opendir(path);
        if (!folder) continue;
        found = youngest(folder);
        closedir(folder);
    }
    if (found < 0) refuse(refusal, STEP_FIND, ENOENT);
    return found;
}
