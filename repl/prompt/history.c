/* history.c - readline's history in a file of about HISTORY_LINES lines. Each line is appended at once: no crash loses
 * it, and several sessions share the file. */
#include "history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <readline/history.h>

enum { HISTORY_LINES = 1000, HISTORY_BYTES = 16 << 20 };

static char *history_path;

/* mkdir -p of the folders above the file; readable by their owner only, as XDG asks. */
static void make_folders(const char *path) {
    char *folder = strdup(path);
    for (char *slash = folder ? strchr(folder + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) break;
        *slash = '/';
    }
    free(folder);
}

/* Opens the file where it is one: what else may stand there, a pipe or a device, may block for ever. -1 and errno. */
static int open_file(const char *path, int flags) {
    struct stat about;
    int file = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    if (file < 0) return -1;
    bool good = fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size <= HISTORY_BYTES;
    if (good) return file;
    errno = S_ISREG(about.st_mode) ? EFBIG : S_ISDIR(about.st_mode) ? EISDIR : EINVAL;
    int reason = errno;
    close(file);
    errno = reason;
    return -1;
}

const char *history_open(const char *path) {
    using_history();
    stifle_history(HISTORY_LINES);
    if (!path) return NULL;
    make_folders(path);
    int file = open_file(path, O_RDWR);
    if (file < 0 && errno != ENOENT && errno != ENOTDIR)
        return errno == EINVAL || errno == ENXIO ? "it is not a file" : strerror(errno);
    if (file >= 0) close(file);
    history_path = strdup(path);
    if (file >= 0 && history_path) read_history(history_path);
    return NULL;
}

static void append_line(const char *line) {
    int file = history_path ? open_file(history_path, O_WRONLY | O_CREAT | O_APPEND) : -1;
    if (file < 0) return;
    struct iovec parts[] = {{(void *)(uintptr_t)line, strlen(line)}, {(void *)(uintptr_t) "\n", 1}};
    if (writev(file, parts, 2) < 0) history_path[0] = '\0'; /* a full disk: no history, and no more tries */
    close(file);
}

static void keep_line(const char *line) {
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (last && strcmp(last->line, line) == 0) return;
    add_history(line);
    append_line(line);
}

/* A chunk of several lines comes back as one line, so that it can be run again; where a comment would swallow the rest,
 * line by line. */
void history_keep(const char *chunk) {
    char *text = strdup(chunk);
    if (!text) return;
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\n", text[length - 1])) text[--length] = '\0';
    bool blank = length == 0 || text[0] == ' ';
    bool comment = strstr(text, "--") != NULL;
    for (char *line = blank ? NULL : text; line;) {
        char *newline = strchr(line, '\n');
        if (newline) *newline = comment ? '\0' : ' ';
        if (!newline || comment) keep_line(line);
        line = newline ? (comment ? newline + 1 : line) : NULL;
    }
    free(text);
}

void history_close(void) {
    if (history_path) history_truncate_file(history_path, HISTORY_LINES);
    free(history_path);
    history_path = NULL;
    clear_history();
}
