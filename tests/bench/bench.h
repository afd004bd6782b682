/* bench.h - the interface to a TCP under test, and the clock it is measured with. */
#ifndef TWOMSL_BENCH_H
#define TWOMSL_BENCH_H

#include <stdbool.h>
#include <stdint.h>

/* What some work took: seconds of processor time, and the segments that were delivered (or steps made, packets
 * carried). */
typedef struct Took {
    double seconds;
    uint64_t segments;
} Took;

/* Processor time of this process, kernel included: what else runs on the machine hardly counts. */
double seconds(void);
/* Says what could not be done and ends the program with status 1. */
_Noreturn void give_up(const char *what, const char *why);

/* ---- The work: the same for both ---- */

/* One TCP under test. */
typedef struct Stack {
    const char *name;
    /* `rounds` times: `at_once` connections are opened together, carry one byte each way, and are closed by the client,
     * the server after it. */
    Took (*connections)(uint32_t at_once, uint32_t rounds, bool traced);
    /* One connection, one direction, buffers of 65535 bytes, an application that hands over and takes as much as it
     * can. */
    Took (*bulk)(uint64_t bytes, bool traced);
    /* Bytes of memory for each of the two ends of `count` open connections: idle after a byte each way, or with
     * `queued` bytes that nobody reads. */
    double (*memory)(uint32_t count, uint32_t queued);
} Stack;

extern const Stack ours;
/* NULL where the program was built without lwIP. */
const Stack *lwip(void);

/* ---- Ours alone ---- */

/* Copies of a lesson's world per second, each with its digest; `bytes` a copy takes. `step`: each does a step first. */
double copies(uint32_t count, bool step, uint64_t *bytes);

/* ---- Steps: what one costs with its history, over memory and over loopback (steps.c) ---- */
typedef struct RawWire RawWire;

/* `raw` NULL: over memory. `segments`: steps. */
Took steps(uint32_t connections, RawWire *raw);
/* ---- Long histories (history.c) ---- */
typedef struct History {
    double bytes;   /* that a session keeps, each step, flights included */
    double seconds; /* for all steps */
    double halves;  /* the time of the second half of the steps, in times that of the first */
    double flights; /* seconds for each event that is read into flights */
    double seek;    /* seconds of the slowest of some leaps to and fro */
} History;

/* `count` steps of a connection that carries single bytes to and fro, or of waiting. */
History history(uint32_t count, bool waits);

/* A future of as many steps that was left, and the file that has it. */
typedef struct Left {
    double branch;     /* bytes that each of its steps takes while it is left */
    double go;         /* seconds to go to its end, as a part of the time that making it took */
    double file;       /* bytes of the file, each step */
    double save, load; /* seconds */
} Left;
Left left_future(uint32_t count);

/* A 40-byte datagram sent and received on loopback, as fast as the kernel can. */
Took bare_loop(RawWire *raw, uint32_t packets);

#endif
