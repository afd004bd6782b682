/* steps.c - what a step costs with its history: over memory, over loopback, and what the kernel alone takes for as many
 * datagrams. */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../engine/engine.h"
#include "../../engine/link/link.h"

enum {
    PORT = 80,
    BARE_PROTOCOL = 253 /* for experiments, RFC 3692: no TCP of the kernel's listens in */,
    DATAGRAM = 40
};

static void must(Session *session, const Input *input, const char *what) {
    Status status = session_do(session, input);
    if (status == STATUS_OK) return;
    give_up(what, status == STATUS_LINK_FAILED ? session_link_error(session) : status_text(status));
}

/* Does all that is in flight, or (all) all that is due; returns how many packets were delivered. */
static uint32_t drain(Session *session, bool all) {
    Input next;
    uint32_t count = 0;
    while ((all || world_packets(session_world(session)) > 0) && world_next(session_world(session), &next)) {
        must(session, &next, "a step");
        count += next.kind == INPUT_DELIVER;
    }
    return count;
}

Took steps(uint32_t connections, RawWire *raw) {
    Link link;
    if (raw) link = raw_link(raw);
    Session *session = session_new(&(Config){.seed = 1}, raw ? &link : NULL);
    if (!session) give_up("a session", status_text(STATUS_LIMIT_MEMORY));
    Took took = {0, 0};
    double start = seconds();
    must(session, &(Input){.kind = INPUT_LISTEN, .host = 1, .local = {.port = PORT}, .count = 5, .close_on_fin = true},
         "listen");
    for (uint32_t i = 0; i < connections; i++) {
        must(session,
             &(Input){.kind = INPUT_CONNECT, .host = 0, .remote = {.addr = {INADDR_LOOPBACK + 1}, .port = PORT}},
             "connect");
        ConnId client = world_result(session_world(session))->conn;
        took.segments += drain(session, false);
        must(session, &(Input){.kind = INPUT_CLOSE, .conn = client}, "close");
        took.segments += drain(session, true);
    }
    took.seconds = seconds() - start;
    session_free(session);
    return took;
}

/* A raw socket in the lab's network that sends whole datagrams to itself. */
static int bare_socket(RawWire *raw) {
    const struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 8)};
    int fd = raw_socket(raw, AF_INET, SOCK_RAW, BARE_PROTOCOL), on = 1;
    if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&own, sizeof own) != 0)
        give_up("a raw socket", strerror(errno));
    return fd;
}

Took bare_loop(RawWire *raw, uint32_t packets) {
    int fd = bare_socket(raw);
    const struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 8)};
    uint8_t out[DATAGRAM] = {0x45, [6] = 0x40, [8] = 64, [9] = BARE_PROTOCOL, [12] = 127, 0, 0, 9, 127, 0, 0, 9},
            in[DATAGRAM];
    double start = seconds();
    for (uint32_t i = 0; i < packets; i++) {
        if (sendto(fd, out, sizeof out, 0, (const struct sockaddr *)&to, sizeof to) != DATAGRAM ||
            recv(fd, in, sizeof in, MSG_DONTWAIT) != DATAGRAM)
            give_up("the bare loop", strerror(errno));
    }
    Took took = {seconds() - start, packets};
    close(fd);
    return took;
}
