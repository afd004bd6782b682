/* xserver.h - an X server without a screen, of the test's own. */
#ifndef TWOMSL_TESTS_XSERVER_H
#define TWOMSL_TESTS_XSERVER_H

#include "terminal.h"

#include <sys/prctl.h>

typedef struct XServer {
    pid_t pid;
    char display[32]; /* "DISPLAY=:99" */
    char folder[64];  /* with the screen, as an X window dump that is always current: Xvfb_screen0 */
} XServer;

static inline bool have(const char *program) {
    char command[128];
    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
    return system(command) == 0;
}

static inline void xserver_start(XServer *server, int width, int height) {
    int ends[2];
    assert_non_null(mkdtemp(strcpy(server->folder, "/tmp/twomsl-window-XXXXXX")));
    assert_int_equal(pipe(ends), 0);
    server->pid = fork();
    if (server->pid == 0) {
        char screen[32], fd[16];
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        snprintf(screen, sizeof screen, "%dx%dx24", width, height);
        snprintf(fd, sizeof fd, "%d", ends[1]);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        execlp("Xvfb", "Xvfb", "-displayfd", fd, "-screen", "0", screen, "-fbdir", server->folder, "-nolisten", "tcp",
               (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    char number[8] = "";
    ssize_t length = read(ends[0], number, sizeof number - 1);
    close(ends[0]);
    if (length <= 0) fail_msg("Xvfb does not start");
    number[strcspn(number, "\n")] = '\0';
    snprintf(server->display, sizeof server->display, "DISPLAY=:%s", number);
}

/* What a server that was killed leaves behind is removed, too. */
static inline void xserver_end(XServer *server) {
    char path[96];
    const char *number = server->display + strlen("DISPLAY=:");
    if (server->pid > 0) {
        kill(server->pid, SIGCONT);
        kill(server->pid, SIGTERM);
        waitpid(server->pid, NULL, 0);
    }
    snprintf(path, sizeof path, "%s/Xvfb_screen0", server->folder);
    unlink(path);
    rmdir(server->folder);
    if (server->pid > 0) return;
    snprintf(path, sizeof path, "/tmp/.X%s-lock", number);
    unlink(path);
    snprintf(path, sizeof path, "/tmp/.X11-unix/X%s", number);
    unlink(path);
}

/* As by kill -9. */
static inline void xserver_kill(XServer *server) {
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

#endif
