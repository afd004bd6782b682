/* orders.h - standing orders: what the path does to packets that are not sent yet. They are part of the world. */
#ifndef TWOMSL_ENGINE_ORDERS_H
#define TWOMSL_ENGINE_ORDERS_H

#include "input.h"
#include "tcp/seq.h"

/* Conditions: those whose bit (1 << condition) is set in `conditions` must all hold. */
typedef enum OrderCondition {
    ORDER_FROM,  /* sent from this address, and this port where it is not 0 */
    ORDER_TO,    /* likewise */
    ORDER_FLAGS, /* exactly these flags */
    ORDER_HAS,   /* these flags, and others or not */
    ORDER_SEQ,
    ORDER_ACK,
    ORDER_LEN,   /* so many bytes of text, from `least` to `most` */
    ORDER_AGAIN, /* 1: a retransmission, 0: none */
    ORDER_CONDITIONS
} OrderCondition;

/* The bytes of INPUT_ORDER. */
typedef struct Order {
    uint32_t does;       /* INPUT_DROP, INPUT_HOLD, INPUT_DUP, INPUT_DELAY or INPUT_CORRUPT */
    uint32_t conditions; /* a bit for each */
    Endpoint from, to;
    Seq seq, ack;
    uint32_t least, most;
    uint8_t flags, has, again;
    uint32_t nth;   /* it acts on the nth packet that meets the conditions, and is done; 0: on each */
    uint32_t times; /* it acts so often, and is done; 0: for ever. Not together with nth */
    Micros by;      /* INPUT_DELAY: how much later, 0 to MICROS_LATEST */
} Order;

typedef struct OrderView {
    Order order;
    uint32_t id;      /* its number, from 1 in the order in which they were given */
    uint32_t born;    /* the serial number of the input that gave it: tells apart those of different futures */
    uint32_t event;   /* the event that gave it */
    uint32_t matched; /* so many packets have met its conditions */
} OrderView;

/* Those that stand, at most LIMIT_ORDERS; one that is done or cancelled stands no longer. */
uint32_t world_orders(const World *world);
/* The one in place `nth`, from 0, oldest first. False: there is none. */
bool world_order(const World *world, uint32_t nth, OrderView *view);

#endif
