/* lwip.c - Debian's lwIP at the same work.
 *
 * The library is built for threads (NO_SYS 0), but its core needs none before tcpip_init(): with lwip_init() alone one
 * thread calls the raw API, as lwIP's own documentation tells those who have no operating system. Two point-to-point
 * interfaces face each other; what one sends is copied, as lwIP's loopback does, and handed to the other when it is
 * delivered. Its clock is moved by calling its timer function; the time that takes is not charged to it.
 */
#include "bench.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lwip/init.h>
#include <lwip/ip4.h>
#include <lwip/netif.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>

enum {
    PORT = 80,
    CHUNK = 65535,
    FLYING = 1 << 16,
    TICKS_OF_TIME_WAIT = 2 * TCP_MSL / TCP_SLOW_INTERVAL + 2,
    MEMORY_QUEUED = 65535
};

static struct netif sides[2];

/* ---- The path between them ---- */

typedef struct Flying {
    struct pbuf *packet;
    struct netif *to;
} Flying;

static Flying flying[FLYING];
static uint32_t first, last; /* modulo FLYING */
static uint64_t delivered;

static err_t send_over(struct netif *from, struct pbuf *packet, const ip4_addr_t *to) {
    (void)to;
    struct pbuf *copy = pbuf_alloc(PBUF_RAW, packet->tot_len, PBUF_RAM);
    if (!copy || last - first == FLYING) give_up("lwIP's path", "no room");
    pbuf_copy(copy, packet);
    flying[last++ % FLYING] = (Flying){copy, from == &sides[0] ? &sides[1] : &sides[0]};
    return ERR_OK;
}

static bool deliver(void) {
    if (first == last) return false;
    Flying next = flying[first++ % FLYING];
    if (ip4_input(next.packet, next.to) != ERR_OK) give_up("lwIP", "a packet was refused");
    delivered++;
    return true;
}

static void drain(void) {
    while (deliver()) continue;
}

static err_t init_side(struct netif *side) {
    side->name[0] = 'p';
    side->name[1] = 'p';
    side->mtu = 1500;
    side->output = send_over;
    return ERR_OK;
}

static void begin(void) {
    static bool begun;
    if (begun) return;
    begun = true;
    lwip_init();
    for (int i = 0; i < 2; i++) {
        ip4_addr_t own, mask, other;
        IP4_ADDR(&own, 10, 0, i, 1);
        IP4_ADDR(&other, 10, 0, 1 - i, 1);
        IP4_ADDR(&mask, 255, 255, 255, 0);
        if (!netif_add(&sides[i], &own, &mask, &other, NULL, init_side, ip4_input)) give_up("lwIP", "no interface");
        netif_set_up(&sides[i]);
        netif_set_link_up(&sides[i]);
    }
}

/* TIME_WAIT passes. */
static void let_time_pass(void) {
    for (int i = 0; i < TICKS_OF_TIME_WAIT; i++) tcp_slowtmr();
}

/* ---- The applications ---- */

static uint8_t got[CHUNK];
static uint64_t bytes_taken;
static uint32_t accepted;
static struct tcp_pcb *newest; /* what was accepted last */
static bool answers;           /* the server, with a byte */
static bool reads;             /* otherwise what arrives stays where it is */
static struct pbuf **unread;
static size_t unread_count;

static void leave_unread(struct pbuf *packet) {
    unread = realloc(unread, (unread_count + 1) * sizeof *unread);
    if (!unread) give_up("lwIP", "no memory");
    unread[unread_count++] = packet;
}

static void drop_unread(void) {
    while (unread_count > 0) pbuf_free(unread[--unread_count]);
    free(unread);
    unread = NULL;
}

static void check(err_t error, const char *what) {
    if (error == ERR_OK) return;
    char number[16];
    snprintf(number, sizeof number, "error %d", error);
    give_up(what, number);
}

static err_t take(void *arg, struct tcp_pcb *pcb, struct pbuf *packet, err_t error) {
    (void)error;
    if (!packet) {
        if (arg) check(tcp_close(pcb), "lwIP's close"); /* the server closes after the client */
        return ERR_OK;
    }
    if (!reads) {
        leave_unread(packet);
        return ERR_OK;
    }
    pbuf_copy_partial(packet, got, packet->tot_len, 0);
    bytes_taken += packet->tot_len;
    tcp_recved(pcb, packet->tot_len);
    pbuf_free(packet);
    if (arg && answers)
        check(tcp_write(pcb, "x", 1, TCP_WRITE_FLAG_COPY), "lwIP's write"); /* it is sent when this segment is done */
    return ERR_OK;
}

static err_t welcome(void *arg, struct tcp_pcb *pcb, err_t error) {
    (void)arg;
    (void)error;
    accepted++;
    newest = pcb;
    tcp_arg(pcb, &accepted); /* a server: anything but NULL */
    tcp_recv(pcb, take);
    return ERR_OK;
}

static err_t opened(void *arg, struct tcp_pcb *pcb, err_t error) {
    (void)arg;
    (void)pcb;
    return error;
}

static struct tcp_pcb *listen_at(void) {
    struct tcp_pcb *pcb = tcp_new();
    if (!pcb) give_up("lwIP", "no connection");
    check(tcp_bind(pcb, &sides[1].ip_addr, PORT), "lwIP's bind");
    tcp_bind_netif(pcb, &sides[1]);
    pcb = tcp_listen_with_backlog(pcb, 255);
    if (!pcb) give_up("lwIP", "no listener");
    tcp_accept(pcb, welcome);
    return pcb;
}

static struct tcp_pcb *connect_one(void) {
    struct tcp_pcb *pcb = tcp_new();
    if (!pcb) give_up("lwIP", "no connection");
    tcp_bind_netif(pcb, &sides[0]);
    tcp_recv(pcb, take);
    check(tcp_connect(pcb, &sides[1].ip_addr, PORT, opened), "lwIP's connect");
    return pcb;
}

static void send_byte(struct tcp_pcb *pcb) {
    check(tcp_write(pcb, "x", 1, TCP_WRITE_FLAG_COPY), "lwIP's write");
    check(tcp_output(pcb), "lwIP's output");
}

static void start_over(void) {
    begin();
    delivered = bytes_taken = accepted = 0;
    answers = reads = true;
}

/* ---- Connections ---- */

static void exchange(struct tcp_pcb **clients, uint32_t count) {
    uint64_t before = bytes_taken;
    for (uint32_t i = 0; i < count; i++) send_byte(clients[i]);
    drain();
    if (bytes_taken - before != 2 * (uint64_t)count) give_up("lwIP", "bytes are missing");
}

static Took connections(uint32_t at_once, uint32_t rounds, bool traced) {
    (void)traced;
    start_over();
    struct tcp_pcb *listener = listen_at(), **clients = malloc(at_once * sizeof *clients);
    if (!clients) give_up("lwIP", "no memory");
    Took took = {0, 0};
    for (uint32_t i = 0; i < rounds; i++) {
        double start = seconds();
        for (uint32_t k = 0; k < at_once; k++) clients[k] = connect_one();
        drain();
        exchange(clients, at_once);
        for (uint32_t k = 0; k < at_once; k++) check(tcp_close(clients[k]), "lwIP's close");
        drain();
        took.seconds += seconds() - start;
        let_time_pass();
        if (tcp_active_pcbs || tcp_tw_pcbs) give_up("lwIP", "a connection is left");
    }
    if (accepted != at_once * rounds) give_up("lwIP", "connections are missing");
    took.segments = delivered;
    free(clients);
    check(tcp_close(listener), "lwIP's close");
    return took;
}

/* ---- Bulk ---- */

static uint32_t send_some(struct tcp_pcb *pcb, const uint8_t *data, uint64_t most) {
    uint32_t room = tcp_sndbuf(pcb), length = most < room ? (uint32_t)most : room;
    if (length == 0 || tcp_write(pcb, data, (u16_t)length, TCP_WRITE_FLAG_COPY) != ERR_OK) return 0;
    check(tcp_output(pcb), "lwIP's output");
    return length;
}

static Took bulk(uint64_t bytes, bool traced) {
    (void)traced;
    start_over();
    answers = false;
    static uint8_t data[CHUNK];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7);
    struct tcp_pcb *listener = listen_at(), *client = connect_one();
    drain();
    delivered = 0;
    uint64_t sent = 0;
    double start = seconds();
    while (bytes_taken < bytes) {
        if (sent < bytes) sent += send_some(client, data, bytes - sent);
        if (!deliver()) tcp_tmr(); /* a delayed ACK */
    }
    Took took = {seconds() - start, delivered};
    check(tcp_close(client), "lwIP's close");
    drain();
    let_time_pass();
    check(tcp_close(listener), "lwIP's close");
    return took;
}

/* ---- Memory ---- */

static size_t in_use(void) { return mallinfo2().uordblks; }

static double memory(uint32_t count, uint32_t queued) {
    start_over();
    static const uint8_t data[MEMORY_QUEUED];
    struct tcp_pcb *listener = listen_at(), **clients = malloc(count * sizeof *clients);
    if (!clients || queued > MEMORY_QUEUED) give_up("lwIP", "no memory");
    size_t before = in_use();
    for (uint32_t i = 0; i < count; i++) {
        answers = reads = true;
        clients[i] = connect_one();
        drain();
        exchange(&clients[i], 1);
        if (!queued) continue;
        reads = false;
        send_some(clients[i], data, queued);
        send_some(newest, data, queued);
        drain();
    }
    for (int i = 0; i < 4; i++) { /* delayed ACKs */
        tcp_fasttmr();
        drain();
    }
    double each = (double)(in_use() - before - unread_count * sizeof *unread) / (2.0 * count);
    drop_unread();
    for (uint32_t i = 0; i < count; i++) tcp_abort(clients[i]);
    drain();
    free(clients);
    check(tcp_close(listener), "lwIP's close");
    return each;
}

static const Stack stack = {"lwIP", connections, bulk, memory};
const Stack *lwip(void) { return &stack; }
