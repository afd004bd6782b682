/* capture.h - tcpdump in the lab's network, and what it saw. */
#ifndef TWOMSL_TESTS_RAW_CAPTURE_H
#define TWOMSL_TESTS_RAW_CAPTURE_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "child.h"

enum { PCAP_HEADER = 24, PCAP_RECORD = 16, ETHERNET_HEADER = 14, CAPTURE = 1 << 20 };

typedef struct Capture {
    pid_t pid;
    int out, err;
    uint8_t bytes[CAPTURE]; /* a pcap file */
    size_t length;
    char said[4096];
    size_t said_length;
} Capture;

static inline uint32_t little32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The packets captured so far, and the datagram of the one at `wanted`. */
static inline size_t capture_packets(const Capture *capture, size_t wanted, const uint8_t **datagram, size_t *length) {
    size_t count = 0, at = PCAP_HEADER;
    while (at + PCAP_RECORD <= capture->length) {
        size_t size = little32(capture->bytes + at + 8);
        if (at + PCAP_RECORD + size > capture->length) break;
        if (count == wanted && datagram) {
            *datagram = capture->bytes + at + PCAP_RECORD + ETHERNET_HEADER;
            *length = size - ETHERNET_HEADER;
        }
        count++;
        at += PCAP_RECORD + size;
    }
    return count;
}

/* Reads for up to `milliseconds`; false: nothing came, or both ends are closed. */
static inline bool capture_read(Capture *capture, int milliseconds) {
    struct pollfd ends[2] = {{.fd = capture->out, .events = POLLIN}, {.fd = capture->err, .events = POLLIN}};
    if (capture->out < 0 && capture->err < 0) return false;
    if (poll(ends, 2, milliseconds) <= 0) return false;
    if (ends[0].revents) {
        ssize_t got = read(capture->out, capture->bytes + capture->length, CAPTURE - capture->length);
        if (got > 0) capture->length += (size_t)got;
        else close(capture->out), capture->out = -1;
    }
    if (ends[1].revents) {
        ssize_t got = read(capture->err, capture->said + capture->said_length,
                           sizeof capture->said - 1 - capture->said_length);
        if (got > 0) capture->said_length += (size_t)got;
        else close(capture->err), capture->err = -1;
        capture->said[capture->said_length] = '\0';
    }
    return true;
}

/* `body` execs tcpdump with -w -. Returns once it listens; false: it ended instead (see `said`). */
static inline bool capture_start(Capture *capture, void (*body)(const void *), const void *argument) {
    int out[2], err[2];
    memset(capture, 0, sizeof *capture);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    fflush(NULL);
    capture->pid = fork();
    if (capture->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(out[1], 1);
        dup2(err[1], 2);
        body(argument);
        _exit(1);
    }
    close(out[1]);
    close(err[1]);
    capture->out = out[0];
    capture->err = err[0];
    while (!strstr(capture->said, "listening on"))
        if (!capture_read(capture, 10000)) return false;
    return true;
}

/* Waits until `expected` packets were seen, then a little for more that should not come, and ends tcpdump. */
static inline void capture_end(Capture *capture, size_t expected) {
    while (capture_packets(capture, 0, NULL, NULL) < expected)
        if (!capture_read(capture, 3000)) break;
    while (capture_read(capture, 100)) continue;
    kill(capture->pid, SIGINT);
    while (capture_read(capture, 3000)) continue;
    waitpid(capture->pid, NULL, 0);
}

static inline void exec_judge(const void *argument) {
    const Capture *capture = argument;
    FILE *file = tmpfile();
    CHECK(file && fwrite(capture->bytes, 1, capture->length, file) == capture->length && fflush(file) == 0, "%s",
          strerror(errno));
    rewind(file);
    dup2(fileno(file), 0);
    execlp("tcpdump", "tcpdump", "-r", "-", "-n", "-vv", "-S", "-t", (char *)NULL);
    _exit(1);
}

static inline size_t occurrences(const char *text, const char *word) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word)) count++;
    return count;
}

#endif
